"""A whole simulated site on the wire: what its drivers read is what the site says, over every transport."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from khcn.energy.deeds.main import main
from khcn.energy.deeds.simulate import site_of
from khcn.engines.energy.devices.mqtt.hub import Broker
from khcn.engines.energy.devices.protocol import DeviceConfig, make_driver
from khcn.engines.energy.devices.push import parse_push
from khcn.engines.energy.devices.push.simulator import Pusher
from khcn.engines.energy.devices.simulated_plant import LiveSite, Outlets, Plant, Transport
from khcn.engines.energy.devices.simulated_site import FaultKind, InverterSpec, SiteSpec
from khcn.engines.energy.errors import SpecError
from tests.engines.energy.devices.broker import TestBroker

NOON = SiteSpec().since_ms + 5 * 3_600_000 + 7 * 3_600_000


def clock():
    return time.time_ns() // 1_000_000


class Centre(HTTPServer):
    """A centre that takes pushes, after refusing some."""

    def __init__(self, refuse=0):
        self.bodies, self.tokens, self.refuse = [], [], refuse
        centre = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                taken = centre.refuse <= 0
                centre.refuse -= 1
                if taken:
                    centre.bodies.append(body)
                    centre.tokens.append(self.headers["Authorization"])
                self.send_response(200 if taken else 503)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/push"


@pytest.fixture
def centre():
    running = Centre()
    yield running
    running.shutdown()
    running.server_close()


def test_every_transport_tells_the_same_truth(centre):
    spec = SiteSpec(inverters=(InverterSpec("inv-1", 30, 27), InverterSpec("inv-2", 30, 27)))
    still = clock()  # the site's time stands while we compare
    live = LiveSite(spec, lambda: still, start_ms=NOON)
    transports = {"inv-2": Transport("modbus", "sungrow-sg"), "weather-1": Transport("push")}
    with TestBroker() as broker:
        outlets = Outlets(0, Broker("127.0.0.1", broker.port), centre.url, "token-1", 0.2)
        heard: dict[str, dict[str, float]] = {}

        def sink(samples):
            for one in samples:
                heard.setdefault(one.device, {})[one.metric] = one.value

        with Plant(live, outlets, clock, transports) as plant:
            drivers = [make_driver(config) for config in plant.configs]
            for driver in drivers:
                driver.listen(sink, clock)
                sink(driver.poll(clock()))
            until = time.monotonic() + 60
            while ("meter-1" not in heard or not centre.bodies) and time.monotonic() < until:
                time.sleep(0.05)
            for driver in drivers:
                driver.close()
    assert plant.pushed == ["weather-1"] and {config.driver for config in plant.configs} == {
        "sunspec",
        "modbus",
        "mqtt",
    }
    for device in ("inv-1", "inv-2", "meter-1"):
        truth = live.values(device)
        for metric in ("ac_power", "ac_energy", "grid_power", "import_energy", "export_energy", "voltage_l1"):
            if metric in heard[device] and metric in truth:
                coarse = (
                    0.6 if device == "inv-2" and metric == "ac_energy" else 0.011
                )  # SunGrow counts whole kWh
                assert heard[device][metric] == pytest.approx(truth[metric], abs=coarse), (device, metric)
    assert heard["inv-1"]["ac_power"] > 0 and "grid_power" in heard["meter-1"]
    pushed = parse_push(centre.bodies[0], received_ms=clock())
    assert not pushed.problems and centre.tokens[0] == "Bearer token-1"
    assert {one.metric: one.value for one in pushed.samples}["poa_irradiance"] == live.values("weather-1")[
        "poa_irradiance"
    ]


def test_a_push_that_is_not_taken_is_sent_again():
    centre = Centre(refuse=2)
    pusher = Pusher(centre.url, "t")
    pusher.add("d", {"ac_power": 1.0, "nothing": None}, 5)
    assert [pusher.send(), pusher.send()] == [503, 503] and pusher.last_trouble == "HTTP 503"
    pusher.add("d", {"ac_power": 2.0}, 6)
    assert pusher.send() == 200 and pusher.sent == 2 and pusher.send() == 200
    assert [item["t"] for item in json.loads(centre.bodies[0])["readings"]] == [5, 6]
    centre.shutdown()
    centre.server_close()
    pusher.add("d", {"ac_power": 3.0}, 7)
    assert pusher.send() == 0 and pusher.last_trouble
    with pytest.raises(ValueError, match="HTTP"):
        Pusher("file:///etc/passwd", "t")


def test_simulated_time_runs_as_fast_as_asked():
    at = [clock()]
    live = LiveSite(SiteSpec(), lambda: at[0], start_ms=NOON, speed=600.0)
    before = live.values("inv-1")["ac_energy"]
    at[0] += 6_000  # an hour of the site
    assert live.now_ms() == NOON + 3_600_000
    assert live.values("inv-1")["ac_energy"] - before == pytest.approx(
        live.site.true_energy_kwh("inv-1", "ac_energy", NOON, NOON + 3_600_000), abs=0.02
    )


def run(capsys, *arguments):
    status = main(["simulate", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def test_the_command_prints_addresses_that_answer(tmp_path, capsys):
    spec = tmp_path / "site.json"
    spec.write_text(
        json.dumps(
            {
                "key": "truong-a", "inverters": [{"key": "a", "kwp": 20}, {"key": "b", "kwp": 20}], "weather": None,
                "meter": "m", "load_kind": "office", "start": "2026-03-02T11:00",
                "transports": {"b": {"driver": "modbus", "template": "solis"}},
                "faults": [{"device": "b", "kind": "outage", "hours": 5}],
            }
        )
    )  # fmt: skip
    config = tmp_path / "devices.json"
    answers: dict[str, dict[str, float | None]] = {}

    def ask():
        until = time.monotonic() + 60
        while not config.exists() and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.1)
        for device in json.loads(config.read_text())["devices"]:
            driver = make_driver(DeviceConfig(**device))
            answers[device["key"]] = {one.metric: one.value for one in driver.poll(1)}
            driver.close()

    asker = threading.Thread(target=ask)
    asker.start()
    status, out, err = run(capsys, "--spec", str(spec), "--seconds", "4", "--config", str(config), "--json")
    asker.join()
    lines = [json.loads(line) for line in out.splitlines()]
    assert (status, err) == (0, "") and [line["key"] for line in lines[:-1]] == ["a", "b", "m"]
    assert lines[-1]["site"] == "truong-a" and lines[-1]["devices"] == 3
    assert lines[1]["driver"] == "modbus" and lines[1]["rated_kw"] == 18.0 and lines[1]["address"]["port"] > 0
    assert answers["a"]["ac_power"] > 1 and answers["b"]["ac_power"] == 0 and answers["m"]["grid_power"] > -20


@pytest.mark.parametrize(
    ("site", "told"),
    [
        ({"inverters": 5}, "inverters"), ({"inverters": [{}]}, "key"), ({"load_kw": "x"}, "load_kw"), ({"x": 1}, "x"),
        ({"inverters": [{"key": "a"}, {"key": "a"}]}, "trùng"), ({"inverters": [{"key": "a", "kwp": -1}]}, "kwp"),
        ({"faults": [{"kind": "fire"}]}, "outage"), ({"meter": 5}, "meter"), ({"start": "hôm qua"}, "start"),
        ({"transports": {"inv-1": {"driver": "carrier-pigeon"}}}, "transports.inv-1"),
        ({"transports": {"nobody": {"driver": "modbus", "template": "sma"}}}, "nobody"),
        ({"transports": {"inv-1": {"driver": "mqtt", "template": "json"}}}, "--broker"),
    ],
)  # fmt: skip
def test_a_site_that_cannot_be_is_told(tmp_path, capsys, site, told):
    spec = tmp_path / "site.json"
    spec.write_text(json.dumps(site))
    status, _, err = run(capsys, "--spec", str(spec), "--seconds", "0.2", "--json")
    assert status == 1 and told in err


@pytest.mark.parametrize(
    ("options", "told"),
    [(("--speed", "0"), "--speed"), (("--broker", "x:y"), "--broker"), (("--push", "ftp://x"), "--push"),
     (("--start", "x"), "start"), (("--token-file", "/no/such"), "/no/such")],
)  # fmt: skip
def test_options_that_cannot_be_are_told(capsys, options, told):
    status, _, err = run(capsys, "--seconds", "0.2", *options)
    assert status == 1 and told in err


def test_faults_of_a_site_begin_when_it_says():
    spec = site_of(
        {"faults": [{"device": "inv-1", "kind": "soiling", "after_hours": 2, "hours": 3, "size": 0.1}]}, NOON
    )
    (fault,) = spec.faults
    assert (fault.kind, fault.start_ms, fault.end_ms) == (
        FaultKind.SOILING,
        NOON + 7_200_000,
        NOON + 18_000_000,
    )
    with pytest.raises(SpecError):
        site_of({"faults": [{"kind": 5}]}, NOON)
