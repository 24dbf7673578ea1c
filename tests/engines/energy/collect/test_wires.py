"""The real command with real drivers: Modbus TCP and MQTT on this machine, a broker that restarts, and its memory."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from khcn.engines.energy.devices.modbus.simulator import ModbusSimulator, TemplateDevice
from khcn.engines.energy.devices.modbus.template import find_template
from tests.engines.energy.collect.support import StandIn
from tests.engines.energy.collect.test_process import begin
from tests.engines.energy.collect.wires import BrokerThread, Publisher, free_port

pytestmark = pytest.mark.nodb
MOST_MB = 80


@pytest.fixture
def centre() -> Iterator[StandIn]:
    made = StandIn()
    yield made
    made.close()


def wait(holds: Callable[[], Any], child: subprocess.Popen[str], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert child.poll() is None and time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.slow  # a broker that restarts is found again after its clients have waited: up to a minute on a busy machine
def test_modbus_and_mqtt_through_a_broker_that_restarts(tmp_path: Path, centre: StandIn) -> None:
    truth = {"ac_power": 41.25, "ac_energy": 120_345.67}
    inverter = TemplateDevice(find_template("huawei-sun2000"), lambda: truth, serial="HV-77")
    broker = BrokerThread(free_port()).start()
    publisher = Publisher(broker.port)
    child = None
    with ModbusSimulator([inverter]) as simulator:
        mqtt = {"host": "127.0.0.1", "port": broker.port, "topic": "truong/cong-to"}
        fields = {"import_energy": {"path": "kwh", "unit": "kWh"}}
        config = {
            "devices": [
                {"key": "inv-1", "driver": "modbus", "template": "huawei-sun2000", "poll_s": 1,
                 "address": {"host": "127.0.0.1", "port": simulator.port, "unit": 1}},
                {"key": "cong-to", "driver": "mqtt", "template": "json", "address": mqtt,
                 "options": {"fields": fields, "time_path": "t", "least_s": 0}},
                # a meter: an inverter that does not answer would be asleep when these tests run in the evening
                {"key": "hong", "driver": "modbus", "template": "eastron-sdm", "poll_s": 1,
                 "address": {"host": "127.0.0.1", "port": free_port(), "unit": 1}},
            ]
        }  # fmt: skip
        (tmp_path / "site.json").write_text(json.dumps(config))
        (tmp_path / "token").write_text(centre.token)
        command = ["-m", "khcn.cli", "energy", "collect", "--config", tmp_path / "site.json", "--centre", centre.address,
                   "--token-file", tmp_path / "token", "--folder", tmp_path / "spool", "--health-port", 0, "--json"]  # fmt: skip
        child = begin(command, stderr=subprocess.PIPE)
        try:

            def values(device: str, metric: str) -> set[float | None]:
                return {v for (d, m, _t), v in list(centre.held.items()) if (d, m) == (device, metric)}

            first = _say_until_heard(publisher, lambda: values("cong-to", "import_energy"), child, 0)
            wait(lambda: values("inv-1", "ac_power"), child)
            assert values("inv-1", "ac_power") == {41.25} and values("inv-1", "ac_energy") == {120_345.67}
            broker.stop()
            held = len(_of(centre, "inv-1"))
            wait(lambda: len(_of(centre, "inv-1")) > held + 4, child)  # the others go on meanwhile
            broker.start()
            last = _say_until_heard(publisher, lambda: values("cong-to", "import_energy"), child, first)
            said = set(range(last - 20, last))
            for k in sorted(said):
                assert publisher.say("truong/cong-to", reading(k))
            wait(lambda: {float(k) for k in said} <= values("cong-to", "import_energy"), child)
            memory = _peak_mb(child.pid)
            child.send_signal(signal.SIGTERM)
            begun = time.monotonic()
            out, err = child.communicate(timeout=10)
            assert child.returncode == 0 and time.monotonic() - begun < 5, err
            status = json.loads(out)
            states = {one["key"]: one["state"] for one in status["devices"]}
            assert states == {"inv-1": "ok", "cong-to": "ok", "hong": "failing"}
            assert status["devices"][0]["identity"]["serial"] == "HV-77"
            assert "Traceback" not in err and status["outbox"]["lost"] == 0
            assert memory < MOST_MB, f"{memory} MB with Modbus, MQTT and delivery at work"
        finally:
            child.kill()
            publisher.close()
            broker.stop()


def reading(k: int) -> dict[str, float]:
    """A meter says when it read: what a busy collector hears within one millisecond is still two readings."""
    time.sleep(0.002)
    return {"kwh": k, "t": time.time()}


def _say_until_heard(
    publisher: Publisher, heard: Callable[[], set[float | None]], child: subprocess.Popen[str], before: int
) -> int:
    """Count up until the centre has one of the numbers; return the next number."""
    k, end = before, time.monotonic() + 180
    while not {float(n) for n in range(before, k)} & heard():
        assert child.poll() is None and time.monotonic() < end
        publisher.say("truong/cong-to", reading(k))
        k += 1
        time.sleep(0.1)
    return k + 30


def _of(centre: StandIn, device: str) -> list[Any]:
    return [key for key in list(centre.held) if key[0] == device]


def _peak_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    raise AssertionError("no VmHWM")
