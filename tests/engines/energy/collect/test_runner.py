"""A whole collector in one process: devices in every kind of trouble, none of which is another's."""

import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from khcn.engines.energy.collect import lanes
from khcn.engines.energy.collect.centre import Centre
from khcn.engines.energy.collect.clock import Clock
from khcn.engines.energy.collect.config import CollectorConfig, parse
from khcn.engines.energy.collect.lanes import TokenBucket
from khcn.engines.energy.collect.runner import Collector, CollectorSettings
from khcn.engines.energy.devices.protocol import DeviceConfig, Notice, Pace, ProbeResult, register_driver
from khcn.engines.energy.errors import DeviceError
from khcn.engines.energy.types import Sample
from khcn.engines.health import HealthServer
from tests.engines.energy.collect.support import StandIn

pytestmark = pytest.mark.nodb

NOON = 1_795_060_800_000  # 2026-11-19 04:00 UTC: eleven o'clock at the site
SPEED = 60.0


class Made:
    """A polled driver that does what ``options["does"]`` says."""

    pushes = False
    made: list["Made"] = []

    def __init__(self, config: DeviceConfig) -> None:
        self.config, self.closed, self.polls = config, 0, 0
        self.pace = Pace(
            every_s=float(config.options.get("every_s", 10)), sleeps=bool(config.options.get("sleeps"))
        )
        self.does = str(config.options.get("does", "well"))
        if self.does == "cannot":
            raise DeviceError("device-address", field="host", expected="x")
        Made.made.append(self)

    def poll(self, now_ms: int) -> list[Sample]:
        self.polls += 1
        if self.does == "hangs":
            time.sleep(float(self.config.options.get("seconds", 30)))
        if self.does == "fails":
            raise DeviceError("device-timeout", host="h", port=1, seconds="3", unit=1)
        if self.does == "crashes":
            raise ZeroDivisionError("password=mat-khau")
        if self.does == "first-fails" and self.polls < 3:
            raise DeviceError("device-timeout", host="h", port=1, seconds="3", unit=1)
        if self.does == "many":
            return [Sample(self.config.key, "ac_power", now_ms - k * 1000, 1.0) for k in range(25_000)]
        ts = 946_684_800_000 + self.polls if self.does == "clock" else now_ms
        return [Sample(self.config.key, "ac_power", ts, 1.0), Sample(self.config.key, "ac_energy", ts, 2.0)]

    def identity(self) -> dict[str, str]:
        return {"manufacturer": "M", "serial": str(self.config.options.get("serial", self.config.key))}

    def listen(self, sink: Any, clock: Any) -> None:
        pass

    def state(self) -> str:
        return ""

    def close(self) -> None:
        self.closed += 1


class Pushed(Made):
    """A driver that delivers from a thread of its own."""

    pushes = True

    def listen(self, sink: Callable[[list[Sample]], None], clock: Callable[[], int]) -> None:
        self.errors: list[Exception] = []

        def talk() -> None:
            k = 0
            while not self.closed and k < int(self.config.options.get("count", 10**9)):
                k += 1
                try:
                    sink([Sample(self.config.key, "ac_power", clock() + k, float(k))])
                except Exception as error:
                    self.errors.append(error)
                if self.does != "floods":
                    time.sleep(0.01)

        if self.does != "silent":
            threading.Thread(target=talk, daemon=True).start()


class Kind:
    def __init__(self, driver: type[Made]) -> None:
        self.driver = driver

    def make(self, config: DeviceConfig) -> Any:
        return self.driver(config)

    def probe(self, config: DeviceConfig, *, timeout_s: float, now_ms: int) -> ProbeResult:
        if config.options.get("does") == "crashes":
            raise ZeroDivisionError("x")
        return ProbeResult(
            True, {"serial": "S1"}, (Sample(config.key, "ac_power", now_ms, float("inf")),), {"ac_power": "00 01"},
            (Notice("device-timeout", {"host": "h", "port": 1, "seconds": "3", "unit": 1}),), (), 12,
        )  # fmt: skip


@pytest.fixture(autouse=True)
def drivers() -> Iterator[None]:
    Made.made = []
    register_driver("made", Kind(Made))
    register_driver("pushed", Kind(Pushed))
    yield


@pytest.fixture
def centre() -> Iterator[StandIn]:
    made = StandIn()
    yield made
    made.close()


def fast_clock(start: int = NOON) -> Clock:
    begun = time.monotonic()
    return Clock(
        lambda: start + int((time.monotonic() - begun) * 1000 * SPEED),
        lambda: int((time.monotonic() - begun) * 1000 * SPEED),
        "boot",
    )


def device(
    key: str, does: str = "well", *, driver: str = "made", host: str = "", **options: Any
) -> dict[str, Any]:
    address = {"host": host, "port": 502, "unit": options.pop("unit", 1)} if host else {}
    return {
        "key": key,
        "driver": driver,
        "address": address,
        "options": {"does": does, **options},
        "poll_s": 10,
    }


class Running:
    """A collector in a thread, sixty times as fast as the world."""

    def __init__(
        self,
        folder: Path,
        devices: list[dict[str, Any]] | None = None,
        centre: StandIn | None = None,
        **more: Any,
    ) -> None:
        clock = more.pop("clock", None) or fast_clock()
        make = None
        if centre is not None:
            (folder / "token").write_text(centre.token)
            centre.now = lambda: clock.wall() / 1000
            make = lambda watch: Centre(centre.address, folder / "token", watch, timeout_s=3)  # noqa: E731
        config = parse({"devices": devices}) if devices is not None else None
        self.settings = CollectorSettings(folder / "spool", **{"speed": SPEED, "status_s": 5.0, **more})
        self.collector = Collector(self.settings, config=config, centre=make, clock=clock)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.collector.run, args=(self.stop,), daemon=True)
        self.thread.start()

    def until(self, holds: Callable[[], Any], seconds: float = 90.0) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, json.dumps(self.collector.status(), ensure_ascii=False, indent=1)
            time.sleep(0.02)

    def device(self, key: str) -> dict[str, Any]:
        return next((one for one in self.collector.status()["devices"] if one["key"] == key), {})

    def codes(self, key: str) -> list[str]:
        return [one["code"] for one in self.device(key).get("problems", [])]

    def end(self) -> float:
        begun = time.monotonic()
        self.stop.set()
        self.thread.join(60)
        assert not self.thread.is_alive()
        return time.monotonic() - begun


def test_every_trouble_is_its_own_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "SILENT_MS", 60_000)
    run = Running(
        tmp_path,
        [
            device("good", host="a"), device("fails", "fails", host="b"), device("crashes", "crashes", host="c"),
            device("cannot", "cannot"), device("clock", "clock", host="d"), device("later", "first-fails", host="e"),
            device("quiet", "silent", driver="pushed"), {**device("form"), "rated_kw": "x"},
        ],
    )  # fmt: skip
    run.until(lambda: run.device("good").get("readings", 0) >= 6 and run.device("later").get("state") == "ok")
    run.until(lambda: run.device("fails")["failures"] >= 3 and run.device("clock")["readings"])
    assert run.device("good")["state"] == "ok" and run.codes("good") == []
    assert run.device("fails")["state"] == "failing" and run.codes("fails") == ["device-timeout"]
    assert run.codes("crashes") == ["collect-failed"] and run.codes("cannot") == ["device-address"]
    assert run.codes("clock") == ["collect-clock"] and run.device("form")["state"] == "misconfigured"
    run.until(lambda: run.device("quiet")["state"] == "silent", 30)
    status = run.collector.status()
    assert status["ok"] is False and "mat-khau" not in json.dumps(status, ensure_ascii=False)
    for one in status["devices"]:
        for problem in one["problems"]:
            assert problem["text"] != problem["code"] and "%" not in problem["text"]
    assert run.end() < 2
    kept = json.loads((tmp_path / "spool" / "status.json").read_text())
    assert {one["key"] for one in kept["devices"]} == {one["key"] for one in status["devices"]}
    assert all(made.closed for made in Made.made)


def test_all_well_says_so(tmp_path: Path) -> None:
    run = Running(tmp_path, [device("a"), device("b", driver="pushed")])
    run.until(lambda: run.device("a").get("readings") and run.device("b").get("readings"))
    assert run.collector.status()["ok"] is True
    server = HealthServer(run.collector.status)
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/health") as answer:
        assert answer.status == 200 and json.loads(answer.read())["outbox"]["lost"] == 0
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/other")
    server.close()
    run.end()


def test_polls_keep_to_the_clock_without_drift(tmp_path: Path) -> None:
    run = Running(tmp_path, [device("a")])
    run.until(lambda: run.device("a").get("readings", 0) >= 30)
    run.end()
    box = replace(run.settings).folder
    from khcn.engines.energy.collect.outbox import Outbox

    kept = Outbox(box)
    batch = kept.batch(most=10_000)
    kept.close()
    assert batch is not None
    times = sorted({row.ts for row in batch.readings})[1:]
    late = [ts % 10_000 for ts in times]
    assert max(late) < 5_000  # at each whole ten seconds, late by what sixtyfold speed makes of a few ms
    slots = [ts // 10_000 for ts in times]
    assert len(set(slots)) == len(slots) and slots[-1] - slots[0] <= len(slots) * 1.5


def test_a_device_that_hangs_is_given_up_and_its_neighbours_go_on(tmp_path: Path) -> None:
    run = Running(
        tmp_path, [device("hangs", "hangs", host="gw", seconds=3, unit=2), device("beside", host="gw"), device("far", host="x")],
        stuck_s=30,
    )  # fmt: skip
    run.until(lambda: run.codes("hangs") == ["collect-stuck"])
    run.until(lambda: run.device("beside")["readings"] >= 4 and run.device("far")["readings"] >= 8)
    hanging = [one for one in threading.enumerate() if one.name == "lane gw:502"]
    assert len(hanging) <= 5  # three given up at most, the one at work, one on its way out
    assert run.end() < 2


def test_a_device_that_floods_is_limited_and_harms_nobody(tmp_path: Path) -> None:
    run = Running(
        tmp_path, [device("flood", "floods", driver="pushed", most_per_minute=60), device("calm", driver="pushed"),
                   device("asked")],
    )  # fmt: skip
    run.until(lambda: run.device("asked").get("readings", 0) >= 20 and run.device("calm")["readings"] >= 50)
    flood = run.device("flood")
    assert flood["excess"] > flood["readings"] and run.codes("flood") == ["collect-flood"]
    minutes = run.collector.clock.mono() / 60_000
    assert flood["readings"] <= 60 * (minutes + 1.5)
    assert run.device("calm")["excess"] == 0 and run.collector.status()["outbox"]["lost"] == 0
    run.end()


def test_two_devices_that_are_one_are_told(tmp_path: Path) -> None:
    run = Running(
        tmp_path, [device("a", host="x", serial="S9"), device("b", host="y", serial="S9"), device("c", host="z"),
                   device("d", driver="made") | {"address": {"host": "q", "unit": 3}},
                   device("e", driver="made") | {"address": {"host": "Q", "unit": 3}}],
    )  # fmt: skip
    run.until(lambda: run.codes("a") == ["collect-twin"] and run.codes("b") == ["collect-twin"])
    assert "S9" in run.device("a")["problems"][0]["text"] and "“b”" in run.device("a")["problems"][0]["text"]
    assert run.codes("c") == [] and run.codes("d") == run.codes("e") == ["collect-same-address"]
    run.end()


def test_an_inverter_sleeps_at_night_without_complaint(tmp_path: Path) -> None:
    run = Running(
        tmp_path,
        [device("sleeps", "fails", sleeps=True), device("meter", "fails")],
        clock=fast_clock(NOON + 43_200_000),
    )
    run.until(lambda: run.device("sleeps").get("failures") and run.device("meter").get("failures", 0) >= 3)
    assert run.device("sleeps")["state"] == "asleep" and run.device("meter")["state"] == "failing"
    assert run.device("sleeps")["failures"] <= 2  # asked seldom
    run.end()


def test_a_poll_of_many_readings_goes_in_pieces(tmp_path: Path) -> None:
    run = Running(tmp_path, [device("history", "many", every_s=3600)])
    run.until(lambda: run.collector.status()["outbox"]["queued"] >= 25_000)
    assert run.collector.status()["outbox"]["lost"] == 0
    run.end()


def test_a_folder_is_asked_on_only_when_its_readings_are_safe(tmp_path: Path) -> None:
    """The folder driver takes the next question for a receipt; a full disk must not make it forget a file."""
    folder = tmp_path / "exports"
    folder.mkdir()
    rows = [
        f"2026-11-19 {hour:02d}:{minute:02d},{hour * 60 + minute}"
        for hour in range(24)
        for minute in range(0, 60, 5)
    ]
    (folder / "day.csv").write_text("Time,Total yield (kWh)\n" + "\n".join(rows) + "\n")
    os.utime(folder / "day.csv", (NOON / 1000 - 3600,) * 2)  # it has not grown for an hour
    one = {
        "key": "portal", "driver": "files", "address": {"folder": str(folder)}, "poll_s": 5,
        "options": {"settle_s": 0, "columns": {"ac_energy": "Total yield (kWh)"}, "time": "Time"},
    }  # fmt: skip
    run = Running(tmp_path, [], status_s=1)

    def full(_upto: int) -> None:
        raise OSError(28, "No space left on device")

    shelf = run.collector.outbox._shelf
    shelf.reserve = full  # type: ignore[method-assign]
    run.collector.take_over(parse({"devices": [one]}))
    run.until(lambda: run.collector.status()["outbox"]["in_memory"] == len(rows))
    time.sleep(0.5)
    assert not (folder / ".khcn-files.json").exists() and run.device("portal")["readings"] == len(rows)
    del shelf.reserve  # type: ignore[attr-defined]
    run.until((folder / ".khcn-files.json").exists)
    assert run.collector.status()["outbox"]["queued"] == len(rows)
    run.end()


# -- with a centre ---------------------------------------------------------------------------------------------


def test_devices_come_from_the_centre_and_change(tmp_path: Path, centre: StandIn) -> None:
    centre.config = {"collector": "truong-a", "devices": [device("a", host="x"), device("b", host="y")]}
    run = Running(tmp_path, centre=centre, reload_s=5)
    run.until(lambda: run.device("a").get("readings") and run.device("b").get("readings"))
    first = [one for one in Made.made if one.config.key == "a"]
    centre.config = {"collector": "truong-a", "devices": [device("a", host="x"), device("c", host="z")]}
    run.until(lambda: run.device("c").get("readings"))
    assert run.device("b") == {} and [one for one in Made.made if one.config.key == "a"] == first
    run.until(lambda: any(key[0] == "c" for key in centre.held))
    assert run.collector.status()["collector"] == "truong-a"
    status = centre.bodies[-1]["status"]
    assert {one["key"] for one in status["devices"]} == {"a", "c"} and "outbox" in status
    run.end()
    centre.config = {"devices": [], "nonsense": True}


def test_without_a_net_it_begins_with_what_it_knew(tmp_path: Path, centre: StandIn) -> None:
    centre.config = {"devices": [device("a", host="x", password="mat-khau")]}
    run = Running(tmp_path, centre=centre, reload_s=5)
    run.until(lambda: centre.held)
    run.end()
    centre.mode = "500"
    before = len(centre.held)
    again = Running(tmp_path, centre=centre, reload_s=5)
    again.until(lambda: again.device("a").get("readings", 0) >= 4)
    status = again.collector.status()
    assert status["config"]["from"] == "cache" and "HTTP 500" in status["config"]["problem"]
    assert len(centre.held) == before and not status["ok"]
    centre.mode = "ok"
    again.until(lambda: len(centre.held) > before, 20)
    again.end()


def test_a_rubbish_configuration_changes_nothing(tmp_path: Path, centre: StandIn) -> None:
    centre.config = {"devices": [device("a", host="x")]}
    run = Running(tmp_path, centre=centre, reload_s=5)
    run.until(lambda: run.device("a").get("readings"))
    centre.config = {"devices": "?"}
    run.until(lambda: run.collector.status()["config"]["problem"])
    held = run.device("a")["readings"]
    run.until(lambda: run.device("a")["readings"] > held)
    run.end()


def test_live_tests_are_made_in_the_devices_own_lane_and_reported_once(
    tmp_path: Path, centre: StandIn
) -> None:
    centre.config = {
        "devices": [device("a", host="x")],
        "tests": [
            {"id": "7", "device": device("thu", host="x")},
            {"id": "8", "device": device("thu", "crashes")},
        ],
    }
    run = Running(tmp_path, centre=centre, reload_s=5)
    run.until(lambda: {"7", "8"} <= set(centre.results))
    found = centre.results["7"]
    assert found["ok"] and found["identity"] == {"serial": "S1"} and found["raw"] == {"ac_power": "00 01"}
    assert found["points"][0]["value"] is None  # JSON knows no infinity
    assert found["problems"][0]["code"] == "device-timeout" and found["problems"][0]["text"].endswith(".")
    assert centre.results["8"]["ok"] is False
    asked = len(centre.asked)
    run.until(lambda: len(centre.asked) > asked + 3)
    assert sum(1 for one in Made.made if one.config.key == "thu") == 0
    run.until(lambda: run.device("a")["readings"] >= 4)  # the lane goes on
    run.end()


def test_an_unreachable_centre_never_holds_up_the_end(tmp_path: Path, centre: StandIn) -> None:
    centre.mode = "stall"
    run = Running(tmp_path, [device("a")], centre=centre)
    run.until(lambda: run.device("a").get("readings"))
    time.sleep(0.3)
    assert run.end() < 2
    assert run.collector.last_status["outbox"]["queued"] > 0


def test_a_bucket_lets_through_what_it_may() -> None:
    now = [0]
    bucket = TokenBucket(60, lambda: now[0])
    assert bucket.take(100) == 30 and bucket.take(1) == 0
    now[0] = 10_000
    assert bucket.take(100) == 10
    now[0] = 5_000  # no clock runs backwards, but should it
    assert bucket.take(5) == 0
    now[0] = 10_000_000
    assert bucket.take(100) == 30


def test_no_devices_at_all(tmp_path: Path) -> None:
    run = Running(tmp_path, [])
    run.until((tmp_path / "spool" / "status.json").exists)
    assert run.collector.status()["ok"] and run.end() < 2
    assert CollectorConfig().devices == ()
