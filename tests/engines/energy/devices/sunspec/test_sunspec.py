"""SunSpec: discovery wherever it hides, every trap of values, and the driver on top."""

import time

import pytest

from khcn.engines.energy.devices.faulty_wire import FaultyWire
from khcn.engines.energy.devices.modbus.bus import Place, bus_at
from khcn.engines.energy.devices.modbus.simulator import ModbusSimulator, SimulatedRegisters
from khcn.engines.energy.devices.protocol import DeviceConfig, make_driver, probe
from khcn.engines.energy.devices.sunspec.discover import Header, discover, read_model, walk
from khcn.engines.energy.devices.sunspec.models import decode_model
from khcn.engines.energy.devices.sunspec.readings import readings_of
from khcn.engines.energy.devices.sunspec.simulator import SunSpecDevice, sunspec_image
from khcn.engines.energy.errors import DeviceError

COMMON = (1, {"Mn": "HCMC-Test", "Md": "SIM-50K", "SN": "SN0009", "Vr": "2.1", "DA": 1})
INVERTER = (
    103,
    {"A_SF": -2, "A": 72.16, "AphA": 24.05, "V_SF": -1, "PhVphA": 230.9, "W_SF": 1, "W": 49870, "Hz_SF": -2,
     "Hz": 50.01, "WH_SF": 0, "WH": 123_456_789, "DCW_SF": 1, "DCW": 51000, "Tmp_SF": 0, "TmpCab": 41, "St": 4,
     "PF_SF": -2, "PF": 98.5},
)  # fmt: skip
METER = (
    203,
    {
        "W_SF": 1,
        "W": -12500,
        "TotWh_SF": 0,
        "TotWhExp": 4_567_890,
        "TotWhImp": 98_765_432,
        "V_SF": -1,
        "PhVphA": 231.1,
    },
)
NOW = {
    "ac_power": 12.3,
    "ac_energy": 4321.5,
    "voltage_l1": 230.4,
    "frequency": 50.02,
    "state": 4.0,
    "current_l1": 17.8,
}


def served(models, *, base=40_000, unit=1):
    return SimulatedRegisters(unit, {"holding": sunspec_image(models, base=base)})


def found_at(port, **options):
    bus = bus_at(Place("127.0.0.1", port))
    try:
        return discover(bus, **{"timeout_s": 0.4, "limit_s": 10, **options})
    finally:
        bus.release()


@pytest.mark.parametrize(("base", "unit"), [(40_000, 1), (0, 1), (50_000, 1), (40_000, 126), (0, 3)])
def test_a_device_is_found_at_every_usual_place(base, unit):
    with ModbusSimulator([served([COMMON, INVERTER, METER], base=base, unit=unit)]) as server:
        found = found_at(server.port)
    assert (found.unit, found.base, [model.id for model in found.models]) == (unit, base, [1, 103, 203])
    assert found.identity() == {
        "manufacturer": "HCMC-Test",
        "model": "SIM-50K",
        "serial": "SN0009",
        "version": "2.1",
    }
    assert not found.problems
    points = found.model(103).points
    assert (points["W"], points["A"], points["Hz"], points["WH"]) == (49870.0, 72.16, 50.01, 123_456_789)
    assert points["TmpSnk"] is None and points["VA"] is None and points["AphB"] is None
    assert found.model(203).points["W"] == -12500.0


def test_its_values_become_our_metrics():
    with ModbusSimulator([served([COMMON, INVERTER, METER])]) as server:
        found = found_at(server.port)
    read = {one.metric: one.value for one in readings_of(found.models, device="d", now_ms=5)}
    assert read["ac_power"] == 49.87 and read["ac_energy"] == 123_456.789 and read["dc_power"] == 51.0
    assert (
        read["grid_power"] == -12.5
        and read["import_energy"] == 98_765.432
        and read["export_energy"] == 4567.89
    )
    assert read["power_factor"] == 0.985 and read["voltage_l1"] == 230.9, (
        "the inverter's voltage, not its meter's"
    )
    assert read["state"] == 4 and read["cabinet_temperature"] == 41


def raw(model_id, points):
    image = sunspec_image([(model_id, points)], base=0)
    return [image[at] for at in range(2, len(image) - 2)]


@pytest.mark.parametrize("model_id", [101, 102, 103, 111, 112, 113, 160, 201, 202, 203, 204, 701])
def test_models_decode_with_nothing_implemented(model_id):
    model = decode_model(model_id, 40_002, raw(model_id, {}))
    measured = [
        name for name in model.points if name in {"W", "A", "Hz", "WH", "VA", "DCW", "TotWhImp", "TotWhInj"}
    ]
    assert all(model.points[name] is None for name in measured)
    assert model.points["ID"] == model_id and model.points["L"] == model.length > 0
    for one in readings_of([model], device="d", now_ms=1):
        assert one.value is None and one.problem == "reading-not-implemented"


def test_floats_without_a_value_are_none_not_nan():
    model = decode_model(113, 0, raw(113, {"W": 1234.5, "WH": 5_000_000.0}))
    assert model.points["W"] == 1234.5 and model.points["Hz"] is None
    read = {one.metric: one.value for one in readings_of([model], device="d", now_ms=1)}
    assert read["ac_power"] == 1.2345 and read["ac_energy"] == 5000.0


def test_a_value_without_its_scale_is_no_value():
    registers = raw(*INVERTER)
    registers[registers.index(4987) + 1] = 0x8000  # W_SF not implemented
    assert decode_model(103, 0, registers).points["W"] is None
    registers[registers.index(4987) + 1] = 300  # no scale factor is 10^300
    assert decode_model(103, 0, registers).points["W"] is None


def test_strings_of_an_mppt_extension_are_added_unless_one_is_silent():
    def module(watts):
        return [0, *[0] * 8, 100, 6000, watts, 0, 100, 0, 0, 0, 0, 0, 0]

    head = [160, 8 + 20 * 2, 0, 0, 1, 0, 0, 0, 2, 0]  # DCW_SF 1
    both = decode_model(160, 0, [*head, *module(120), *module(140)])
    assert [one.value for one in readings_of([both], device="d", now_ms=1) if one.metric == "dc_power"] == [
        2.6
    ]
    one_silent = decode_model(160, 0, [*head, *module(120), *module(0xFFFF)])
    assert not [one for one in readings_of([one_silent], device="d", now_ms=1) if one.metric == "dc_power"]


@pytest.mark.parametrize("count", [0xFFFF, 500, 3])
def test_a_count_of_groups_that_cannot_be_does_not_fill_the_memory(count):
    registers = [160, 48, 0, 0, 1, 0, 0, 0, count, 0, *[0] * 40]
    begun = time.process_time()
    model = decode_model(160, 0, registers)
    assert model.points["N"] in {count, None} and time.process_time() - begun < 1


def test_lengths_other_than_the_tables_decode_as_far_as_they_go():
    old = raw(*COMMON)[:-1]
    old[1] = 65
    assert decode_model(1, 0, old).points["SN"] == "SN0009", "model 1 of 65 registers is as old as SunSpec"
    longer = [*raw(*INVERTER), 1, 2, 3]
    longer[1] = 53
    assert decode_model(103, 0, longer).points["W"] == 49870.0
    shorter = raw(*INVERTER)[:30]
    shorter[1] = 28
    assert decode_model(103, 0, shorter).points["W"] == 49870.0
    assert decode_model(103, 0, shorter).points["St"] is None


def test_models_of_the_makers_own_are_passed_over():
    image = sunspec_image([COMMON], base=40_000)
    end = max(image) - 1
    image.update(dict(enumerate([64_900, 3, 7, 8, 9, *raw(*INVERTER), 0xFFFF, 0], end)))
    with ModbusSimulator([SimulatedRegisters(1, {"holding": image})]) as server:
        found = found_at(server.port)
    assert [model.id for model in found.models] == [1, 64_900, 103]
    assert found.models[1].points == {} and found.models[2].points["W"] == 49870.0


def test_an_end_mark_without_a_length_and_a_chain_that_breaks():
    image = sunspec_image([COMMON, INVERTER])
    last = max(image)
    del image[last]
    with ModbusSimulator([SimulatedRegisters(1, {"holding": image})]) as server:
        assert not found_at(server.port).problems
    del image[last - 1]
    with ModbusSimulator([SimulatedRegisters(1, {"holding": image})]) as server:
        found = found_at(server.port)
    assert [model.id for model in found.models] == [1, 103]
    assert [one.code for one in found.problems] == ["device-sunspec-chain"]
    for odd in (0, 0xFFFE):
        image[last - 1], image[last] = 5, odd
        with ModbusSimulator([SimulatedRegisters(1, {"holding": image})]) as server:
            assert [one.code for one in found_at(server.port).problems] == ["device-sunspec-chain"]


def test_what_is_not_sunspec_is_told():
    zeros = SimulatedRegisters(1, {"holding": dict.fromkeys(range(40_000, 40_010), 0)})
    with ModbusSimulator([zeros]) as server:
        with pytest.raises(DeviceError) as caught:
            found_at(server.port)
        assert caught.value.code == "device-not-sunspec" and "40000" in str(caught.value)
    empty = {40_000: 0x5375, 40_001: 0x6E53, 40_002: 0xFFFF, 40_003: 0}
    with ModbusSimulator([SimulatedRegisters(1, {"holding": empty})]) as server:
        with pytest.raises(DeviceError) as caught:
            found_at(server.port)
        assert caught.value.code == "device-sunspec-empty"


@pytest.mark.parametrize(
    ("mode", "codes"),
    [
        ("silent", {"device-timeout"}), ("drop", {"device-closed"}), ("garble", {"device-garbled"}),
        ("drip", {"device-garbled", "device-timeout", "device-slow"}),
    ],
)  # fmt: skip
def test_bad_wires_end_in_time_with_a_sentence(mode, codes):
    good = ModbusSimulator([served([COMMON, INVERTER])])
    with good as server, FaultyWire(("127.0.0.1", server.port), mode=mode) as wire:
        begun = time.monotonic()
        with pytest.raises(DeviceError) as caught:
            found_at(wire.port, limit_s=4)
        assert caught.value.code in codes and str(caught.value)
        assert time.monotonic() - begun < 6


def test_a_device_that_answers_short_questions_only():
    image = sunspec_image([COMMON, INVERTER, METER])
    asked: list[int] = []

    def read(address, count):
        asked.append(count)
        if count > 32:
            raise DeviceError("device-exception", register=address, exception=3, meaning="")
        return [image[at] for at in range(address, address + count)]

    headers, problems = walk(read, 40_000)
    models = [read_model(read, header) for header in headers]
    assert [model.id for model in models] == [1, 103, 203] and not problems and max(asked) > 32
    assert models[1].points["W"] == 49870.0
    with pytest.raises(DeviceError) as caught:
        read_model(read, Header(103, headers[1].address + 1, 20))
    assert caught.value.code == "device-sunspec-moved"


def test_a_device_that_hangs_up_on_what_it_does_not_like():
    class Hanging(FaultyWire):
        def _answer(self, sink, data):
            if data[7] & 0x80:
                raise OSError("hung up")
            sink.sendall(data)

    good = ModbusSimulator([served([COMMON, INVERTER], base=50_000)])
    with good as server, Hanging(("127.0.0.1", server.port)) as wire:
        found = found_at(wire.port)
    assert found.base == 50_000 and found.model(103) is not None


def test_the_driver_reads_only_what_it_needs_and_finds_again_what_moved():
    device = SunSpecDevice(lambda: NOW, meter=lambda: {"grid_power": 3.2, "import_energy": 77.5})
    with ModbusSimulator([device]) as server:
        driver = make_driver(
            DeviceConfig("d", "sunspec", "", {"host": "127.0.0.1", "port": server.port}, {}, 20.0)
        )
        first = {one.metric: one.value for one in driver.poll(1)}
        again = {one.metric: one.value for one in driver.poll(2)}
        assert first["ac_power"] == 12.3 and first["ac_energy"] == 4321.5 and first["grid_power"] == 3.2
        assert first == again and driver.found.models
        device.fault = "night"
        assert {one.problem for one in driver.poll(3)} == {"reading-not-implemented"} and driver.poll(4) == []
        device.fault = ""
        device._sources.reverse()  # new firmware: the meter's model now comes first
        moved = {one.metric: one.value for one in driver.poll(5)}
        assert moved["ac_power"] == 12.3 and [model.id for model in driver.found.models] == [1, 203, 103]
        driver.close()


def test_a_probe_tells_who_answered_and_what_to_try():
    device = SunSpecDevice(lambda: NOW, identity={"Mn": "Maker", "SN": "77"})
    with ModbusSimulator([device]) as server:
        address = {"host": "127.0.0.1", "port": server.port}
        good = probe(DeviceConfig("d", "sunspec", "", address), timeout_s=3, now_ms=1)
        assert good.ok and good.identity["manufacturer"] == "Maker" and good.raw["models"] == [1, 103]
        bad = probe(DeviceConfig("d", "sunspec", "", {**address, "unit": 9}), timeout_s=3, now_ms=1)
        assert not bad.ok and bad.problems[0].code == "device-not-sunspec"
        assert "device-try-unit" in [one.code for one in bad.suggestions]
