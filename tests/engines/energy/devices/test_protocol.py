"""How drivers are found, paced and kept from telling secrets; every sentence fits its code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from khcn.engines.energy.devices import messages
from khcn.engines.energy.devices.protocol import (
    DRIVERS,
    DeviceConfig,
    Driver,
    Notice,
    Pace,
    ProbeResult,
    driver_names,
    make_driver,
    pace_of,
    probe,
    register_driver,
    without_local_files,
)
from khcn.engines.energy.errors import DeviceError

ADDRESSES = {
    "modbus": ("sma", {"host": "192.0.2.1"}),
    "sunspec": ("", {"host": "192.0.2.1"}),
    "mqtt": ("tasmota", {"host": "192.0.2.1", "topic": "tele/a/SENSOR"}),
    "files": ("", {"folder": "/nowhere"}),
}


@pytest.mark.parametrize("name", list(DRIVERS))
def test_every_driver_keeps_the_protocol_and_touches_nothing_until_asked(name):
    template, address = ADDRESSES[name]
    driver = make_driver(DeviceConfig("d", name, template, address))
    assert isinstance(driver, Driver)
    assert driver.state() == "" and driver.pushes == (name == "mqtt")
    driver.close()
    driver.close()


def test_unknown_drivers_and_bad_addresses_have_sentences():
    with pytest.raises(DeviceError, match="zigbee"):
        make_driver(DeviceConfig("d", "zigbee"))
    for name, field in (("modbus", "host"), ("sunspec", "host"), ("mqtt", "host"), ("files", "folder")):
        found = probe(DeviceConfig("d", name, ADDRESSES[name][0], {}), timeout_s=1, now_ms=0)
        assert not found.ok and found.problems[0].code == "device-address"
        assert field in str(found.problems[0])


@pytest.mark.parametrize("port", [0, 70_000, "x", True, 1.5, [1]])
def test_ports_and_units_are_checked(port):
    with pytest.raises(DeviceError, match="port"):
        make_driver(DeviceConfig("d", "modbus", "sma", {"host": "h", "port": port}))
    with pytest.raises(DeviceError, match="unit"):
        make_driver(DeviceConfig("d", "modbus", "sma", {"host": "h", "unit": 256}))


@pytest.mark.parametrize("odd", [[], {}, [1], {"a": 1}, None, "", 5, 1.5, True, "x" * 2000, "a b", "\n"])
@pytest.mark.parametrize("name", list(DRIVERS))
def test_addresses_of_any_form_never_crash(name, odd):
    template, address = ADDRESSES[name]
    for field in (
        "host",
        "port",
        "unit",
        "base",
        "framer",
        "topic",
        "tls",
        "username",
        "folder",
        "pattern",
        "ca_file",
    ):
        options = {"every_s": odd, "timeout_s": odd, "least_s": odd, "channel": odd, "settle_s": odd}
        config = DeviceConfig("d", name, template, {**address, field: odd}, options)
        try:
            make_driver(config).close()
        except DeviceError as error:
            assert str(error)


def test_numbers_typed_as_text_are_taken():
    assert make_driver(DeviceConfig("d", "modbus", "sma", {"host": "h", "port": "1502"})).place.port == 1502


def test_a_driver_of_ones_own_can_be_registered():
    class Kind:
        @staticmethod
        def make(config):
            return config

        @staticmethod
        def probe(config, *, timeout_s, now_ms):
            return ProbeResult(True)

    register_driver("own-test", Kind)
    assert "own-test" in driver_names()
    assert probe(DeviceConfig("d", "own-test"), now_ms=0).ok


def test_back_off_doubles_and_a_sleeping_inverter_is_no_fault():
    pace = Pace(every_s=60, retry_s=5, longest_s=300, night_s=900, sleeps=True)
    assert [pace.wait_s(n) for n in (0, 1, 2, 3, 7, 500)] == [60, 5, 10, 20, 300, 300]
    assert pace.wait_s(3, night=True) == 900 and not pace.is_fault(50, night=True)
    assert pace.is_fault(3, night=False) and not pace.is_fault(2, night=False)
    assert Pace(sleeps=False).is_fault(3, night=True)


@pytest.mark.parametrize(("said", "every"), [(30, 30.0), (0, 60.0), (True, 60.0), ("5", 60.0), (1e9, 60.0)])
def test_the_pace_follows_the_option_within_reason(said, every):
    assert pace_of(DeviceConfig("d", "x", options={"every_s": said}), Pace()).every_s == every


def test_passwords_never_show():
    config = DeviceConfig("d", "mqtt", "plain", {"host": "h", "password": "s3cret"})
    assert "s3cret" not in repr(config) and "s3cret" not in f"{config}"


def test_a_test_from_the_centre_reads_no_local_file():
    config = DeviceConfig(
        "d", "mqtt", "plain", {"host": "h", "password_file": "/etc/shadow", "ca_file": "/x"}
    )
    assert dict(without_local_files(config).address) == {"host": "h"}
    modbus = DeviceConfig("d", "modbus", "x", {"host": "h"}, {"templates_folder": "/etc", "every_s": 5})
    assert dict(without_local_files(modbus).options) == {"every_s": 5}
    afar = probe(DeviceConfig("d", "files", "", {"folder": "/etc"}), now_ms=0, local_files=False)
    assert [one.code for one in afar.problems] == ["device-local-only"]
    with pytest.raises(DeviceError, match="máy thu thập"):
        without_local_files(DeviceConfig("d", "files", "", {"folder": "/etc"}))


def test_every_code_that_is_used_has_a_sentence_and_every_sentence_is_used():
    folder = Path(messages.__file__).parent
    source = "\n".join(
        path.read_text("utf-8") for path in (*folder.rglob("*.py"), *_deeds()) if path.name != "messages.py"
    )
    used = set(
        re.findall(r'"((?:device|mqtt|files|reading|payload|push|simulate|template)-[a-z-]+)"', source)
    )
    assert used <= set(messages.DEVICES), used - set(messages.DEVICES)
    assert set(messages.DEVICES) <= used, set(messages.DEVICES) - used


def _deeds():
    from khcn.energy.deeds import main

    return [Path(main.__file__).with_name(name) for name in ("simulate.py", "sunspec.py")]


def test_sentences_are_vietnamese_and_end():
    for code, sentence in messages.DEVICES.items():
        assert sentence.rstrip().endswith((".", "%(reason)s", "%(detail)s")), code
        assert any("À" <= sign <= "ỹ" for sign in sentence), code
    assert str(Notice("device-refused", {"host": "h", "port": 5})).startswith("h từ chối cổng 5")


def test_describing_devices_loads_no_library_of_the_wire():
    code = (
        "import sys\n"
        "from khcn.engines.energy.devices.protocol import DeviceConfig, make_driver\n"
        "for name, template, address in ("
        "('modbus', 'sma', {'host': 'h'}), ('sunspec', '', {'host': 'h'}),"
        "('mqtt', 'tasmota', {'host': 'h', 'topic': 't'}), ('files', '', {'folder': '/x'})):\n"
        "    make_driver(DeviceConfig('d', name, template, address)).close()\n"
        "heavy = {'pymodbus', 'sunspec2', 'paho', 'pandas', 'openpyxl', 'serial', 'django', 'pvlib'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    source = Path(messages.__file__).parents[4]
    found = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(source)},
    )
    assert found.stdout.strip() == "[]", found.stderr
