"""The Modbus driver against a real server on a real socket, on good wires and bad ones."""

import socket
import threading
import time

import pytest

from khcn.engines.energy.devices.faulty_wire import FaultyWire
from khcn.engines.energy.devices.modbus import bus as bus_module
from khcn.engines.energy.devices.modbus.simulator import ModbusSimulator, SimulatedRegisters, TemplateDevice
from khcn.engines.energy.devices.modbus.template import find_template, template_names
from khcn.engines.energy.devices.protocol import DeviceConfig, make_driver, probe
from khcn.engines.energy.errors import DeviceError

QUICK = {"timeout_s": 0.4}
VALUES = {
    "ac_power": 23.4, "ac_energy": 12345.6, "ac_energy_today": 45.6, "dc_power": 24.1, "dc_energy": 13000.5,
    "voltage_l1": 231.2, "voltage_l2": 230.1, "voltage_l3": 229.9, "current_l1": 33.5, "current_l2": 33.4,
    "current_l3": 33.6, "frequency": 50.0, "cabinet_temperature": 41.5, "state": 4.0, "grid_power": -12.5,
    "import_energy": 98765.4, "export_energy": 4567.8, "dc_voltage": 612.5, "dc_current": 39.2,
    "apparent_power": 13.2, "reactive_power": 1.5, "power_factor": 0.95,
}  # fmt: skip


def quick(name):
    """Return a template without the patience that real devices want."""
    text = (find_template.__globals__["_FOLDER"] / f"{name}.toml").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("connect_wait_s", "gap_ms"))]
    return {**QUICK, "template_text": "\n".join(lines)}


def config(port, name="sma", **options):
    return DeviceConfig(
        "d", "modbus", name, {"host": "127.0.0.1", "port": port}, {**quick(name), **options}, 30.0
    )


@pytest.fixture
def sma():
    device = TemplateDevice(find_template("sma"), lambda: VALUES)
    with ModbusSimulator([device]) as server:
        yield device, server


@pytest.mark.parametrize("name", template_names())
def test_every_template_reads_back_what_its_simulator_serves(name):
    template = find_template(name)
    with ModbusSimulator([TemplateDevice(template, lambda: VALUES)]) as server:
        found = probe(config(server.port, name), timeout_s=2, now_ms=7)
    assert found.ok and not found.problems, [str(one) for one in found.problems]
    assert found.identity["manufacturer"] == template.maker
    by_metric = {sample.metric: sample for sample in found.points}
    for point in template.points:
        step = abs(point.scale) * {"W": 1e-3, "Wh": 1e-3, "VA": 1e-3, "var": 1e-3}.get(point.unit, 1)
        assert by_metric[point.metric].value == pytest.approx(VALUES[point.metric], abs=step, rel=1e-6), point
        assert by_metric[point.metric].ts_ms == 7


def test_at_night_nothing_is_a_number_and_it_is_said_once(sma):
    device, server = sma
    driver = make_driver(config(server.port))
    assert all(sample.value is not None for sample in driver.poll(1))
    device.fault = "night"
    first, second, later = driver.poll(60_000), driver.poll(120_000), driver.poll(4_000_000)
    assert first and {sample.problem for sample in first} == {"reading-not-implemented"}
    assert all(sample.value is None and sample.raw for sample in first)
    assert second == [] and later, "a lasting state is told once an hour"
    device.fault = ""
    assert {sample.problem for sample in driver.poll(4_060_000)} == {""}
    driver.close()


def test_all_ones_are_never_energy(sma):
    device, server = sma
    device.fault = "all_ones"
    driver = make_driver(config(server.port))
    usable = {sample.metric: sample.value for sample in driver.poll(1) if sample.value is not None}
    driver.close()
    assert not {"ac_energy", "voltage_l1", "frequency"} & set(usable)
    assert abs(usable.get("ac_power", 0.0)) < 0.01, "-1 W is a number; 4 GW is not"


def test_a_wrong_word_order_is_seen_and_named(sma):
    device, server = sma
    device.fault = "wrong_words"
    found = probe(config(server.port), timeout_s=2, now_ms=1)
    assert "device-wrong-template" in [one.code for one in found.problems]
    assert "device-word-order" in [one.code for one in found.suggestions]


def test_a_slow_group_is_read_now_and_then(sma):
    _, server = sma
    driver = make_driver(config(server.port))
    counts = [len(driver.poll(moment)) for moment in range(1, 12)]
    driver.close()
    assert counts[0] > counts[1] == counts[2] and counts[10] == counts[0]


def test_registers_that_a_device_refuses_do_not_cost_the_others():
    template = find_template("schneider-iem3000")
    image = dict(TemplateDevice(template, lambda: VALUES).registers("holding"))
    for at in range(0x0C87, 0x0C8B):
        del image[at]  # iEM3155 without an export counter
    with ModbusSimulator([SimulatedRegisters(1, {"holding": image})]) as server:
        driver = make_driver(config(server.port, "schneider-iem3000"))
        first = {sample.metric: sample for sample in driver.poll(1)}
        second = {sample.metric: sample for sample in driver.poll(2)}
        driver.close()
    assert first["export_energy"].problem == "reading-refused" and first[
        "import_energy"
    ].value == pytest.approx(98765.4)
    assert "export_energy" not in second and "import_energy" in second


@pytest.mark.parametrize(
    ("fault", "code"), [("busy", "device-busy"), ("refuse", "device-exception")]
)  # fmt: skip
def test_exception_codes_have_sentences(sma, fault, code):
    device, server = sma
    device.fault = fault
    driver = make_driver(config(server.port))
    with pytest.raises(DeviceError) as caught:
        driver.poll(1)
    assert caught.value.code == code == driver.state() and str(caught.value)
    device.fault = ""
    assert driver.poll(2) and driver.state() == ""
    driver.close()


def test_a_unit_that_is_not_behind_the_gateway(sma):
    _, server = sma
    wrong = DeviceConfig(
        "d", "modbus", "sma", {"host": "127.0.0.1", "port": server.port, "unit": 9}, quick("sma")
    )
    found = probe(wrong, timeout_s=1, now_ms=1)
    assert [one.code for one in found.problems] == ["device-unit-silent"]
    assert "device-try-unit" in [one.code for one in found.suggestions]


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("silent", "device-timeout"),
        ("drop", "device-closed"),
        ("garble", "device-garbled"),
        ("drip", "device-garbled"),
    ],
)
def test_bad_wires_are_told_apart_and_end_in_time(sma, mode, code):
    _, server = sma
    with FaultyWire(("127.0.0.1", server.port), mode=mode) as wire:
        driver = make_driver(config(wire.port))
        begun = time.monotonic()
        with pytest.raises(DeviceError) as caught:
            driver.poll(1)
        assert caught.value.code == code and time.monotonic() - begun < 3
        wire.mode = "good"
        assert driver.poll(2), "the next question starts afresh"
        driver.close()


def test_a_device_that_hangs_up_when_idle_is_asked_afresh(sma):
    _, server = sma
    with FaultyWire(("127.0.0.1", server.port)) as wire:
        driver = make_driver(config(wire.port))
        for moment in range(3):
            assert driver.poll(moment)
            wire.hang_up()
            time.sleep(0.05)
        assert wire.connections == 3
        driver.close()


def test_a_slow_device_is_waited_for(sma):
    _, server = sma
    with FaultyWire(("127.0.0.1", server.port), mode="slow", delay_s=0.1) as wire:
        driver = make_driver(config(wire.port))
        assert driver.poll(1)
        driver.close()


def test_nobody_there_refused_and_no_such_name():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for address, code in (
        ({"host": "127.0.0.1", "port": port}, "device-refused"),
        ({"host": "khong-co-may-nay.invalid"}, "device-name"),
        ({"host": "a" * 70 + ".vn"}, "device-name"),
    ):
        found = probe(DeviceConfig("d", "modbus", "sma", address, QUICK), timeout_s=0.5, now_ms=1)
        assert [one.code for one in found.problems] == [code]


def test_devices_at_one_address_share_one_connection():
    meters = [TemplateDevice(find_template("eastron-sdm"), lambda: VALUES, unit=unit) for unit in (1, 2, 3)]
    with ModbusSimulator(meters) as server, FaultyWire(("127.0.0.1", server.port), mode="one_client") as wire:
        drivers = [
            make_driver(
                DeviceConfig(f"m{unit}", "modbus", "eastron-sdm", {"host": "127.0.0.1", "port": wire.port, "unit": unit},
                             quick("eastron-sdm"))
            )
            for unit in (1, 2, 3)
        ]  # fmt: skip
        results: list[int] = []
        threads = [
            threading.Thread(target=lambda one=one: results.append(len(one.poll(1))))
            for one in drivers
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) == 9 and all(results) and wire.connections == 1
        for driver in drivers:
            driver.close()
    assert not [place for place in bus_module._BUSES if place.port == wire.port], (
        "the last one closes the bus"
    )


def test_rtu_frames_over_tcp_are_asked_as_such():
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def gateway():
            client, _ = listener.accept()
            with client:
                heard.append(client.recv(64))
                answer = bytes.fromhex("01040443160000")  # 150.0
                client.sendall(answer + _crc(answer))

        thread = threading.Thread(target=gateway, daemon=True)
        thread.start()
        where = {"host": "127.0.0.1", "port": port, "framer": "rtu"}
        text = '[template]\nname="x"\nmaker="x"\nkind="meter"\ncertainty="S1"\nsource="x"\n[[point]]\nmetric="grid_power"\n'
        text += 'address=0x34\ntype="f32"\nkind="input"\nunit="W"\n'
        driver = make_driver(DeviceConfig("d", "modbus", "x", where, {**QUICK, "template_text": text}))
        samples = driver.poll(1)
        driver.close()
        thread.join(2)
    assert heard[0] == bytes.fromhex("010400340002") + _crc(bytes.fromhex("010400340002"))
    assert [sample.value for sample in samples] == [0.15]


def _crc(data):
    crc = 0xFFFF
    for one in data:
        crc ^= one
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "little")


def test_a_device_that_speaks_sunspec_is_told_so():
    from khcn.engines.energy.devices.sunspec.simulator import SunSpecDevice

    with ModbusSimulator([SunSpecDevice(lambda: VALUES, unit=1)]) as server:
        found = probe(config(server.port, "huawei-sun2000"), timeout_s=1, now_ms=1)
    assert not found.ok and "device-try-sunspec" in [one.code for one in found.suggestions]
