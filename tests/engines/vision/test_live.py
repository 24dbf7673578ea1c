"""Cameras day and night, with clocks turned by hand and cameras made of lines in a test."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from khcn.engines.health import HealthServer
from khcn.engines.vision.box import BoxRunner
from khcn.engines.vision.layout import parse_layout
from khcn.engines.vision.ledger import Ledger
from khcn.engines.vision.live import CameraConfig, CameraRunner
from khcn.engines.vision.minutes import CameraMinute
from khcn.engines.vision.sources.reader import Cost, Sample
from khcn.engines.vision.sources.spec import camera
from khcn.engines.vision.sources.stream import Event, Lost
from khcn.engines.vision.spool import Ack, Batch, Forwarder, Spool
from khcn.engines.vision.types import Detections, Frame, Hints, Size
from tests.engines.vision.sources.clips import BlockDetector, clip, picture

pytestmark = pytest.mark.nodb

LAYOUT = parse_layout({"gates": [{"id": "A", "points": [[80, 120], [80, 0]]}], "frame": [160, 120]})
START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SPEC = camera(["rtsp://u:b1-mat@10.0.0.9/sub"], fps=5)
PICTURES = {at: picture(at / 5, 160, 120) for at in range(40)}  # one walk of eight seconds, again and again


class World:
    """The clock on the wall, the clock that only runs on, and a camera: what happens is a list of moments."""

    def __init__(self) -> None:
        self.mono, self.wall_off, self.connections, self.cost, self.waiting_s = (
            500.0,
            timedelta(0),
            1,
            Cost(),
            0.0,
        )
        self.events: Iterator[Event | None] = iter(())

    def monotonic(self) -> float:
        return self.mono

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.mono - 500) + self.wall_off

    def poll(self, timeout: float = 1.0) -> Event | None:
        return next(self.events)

    def may_idle(self, allowed: bool) -> None: ...

    def close(self) -> None: ...

    def pictures(self, seconds: float) -> Iterator[Event | None]:
        for _ in range(round(seconds * 5)):
            self.mono = round(self.mono + 0.2, 3)
            at = round((self.mono - 500) * 5) % 40
            yield Sample(Frame(self.mono, PICTURES[at], Size(160, 120)), False, False)

    def nothing(self, seconds: float) -> Iterator[Event | None]:
        yield Lost("source-hangs", "rtsp://***@10.0.0.9/sub", 1.0)
        for _ in range(round(seconds)):
            self.mono += 1
            yield None


def run(world: World, *parts: Iterator[Event | None], ledger: Ledger | None = None) -> list[CameraMinute]:
    """Live through the parts; return every minute that was handed on, in order."""
    found: list[CameraMinute] = []
    runner = CameraRunner(
        CameraConfig("c", SPEC, LAYOUT, 4), BlockDetector, found.append, ledger=ledger,
        wall=world.wall, monotonic=world.monotonic, source=lambda spec, size_for: world,
    )  # fmt: skip
    for part in parts:
        world.events = part
        try:
            while True:
                runner.step()
        except StopIteration:
            pass
        except RuntimeError as error:  # a generator's StopIteration on its way through a frame
            assert isinstance(error.__cause__, StopIteration)
    runner.close()
    return found


def by_minute(minutes: list[CameraMinute]) -> dict[str, CameraMinute]:
    """What the centre holds: the last report of each minute."""
    return {f"{minute.start:%H:%M}": minute for minute in minutes}


def crossed(minutes: list[CameraMinute]) -> int:
    return sum(gate.count_in + gate.count_out for one in by_minute(minutes).values() for gate in one.gates)


def test_minutes_of_a_good_camera() -> None:
    found = run(World(), World.pictures(world := World(), 0.0)) or []
    assert found == []
    found = run(world, world.pictures(180))
    held = by_minute(found)
    assert list(held) == ["12:00", "12:01", "12:02"] or list(held) == ["12:00", "12:01", "12:02", "12:03"]
    assert held["12:01"].measured_s == pytest.approx(60, abs=0.3) and held["12:01"].layout == 4
    assert crossed(found) in {22, 23} and held["12:01"].health == ()


def test_a_lost_connection_is_a_gap_never_a_zero() -> None:
    world = World()
    found = run(world, world.pictures(90), world.nothing(200), world.pictures(90))
    held = by_minute(found)
    assert held["12:01"].measured_s == pytest.approx(30, abs=0.5)
    for label in ("12:02", "12:03"):  # nothing measured, and the reason
        assert held[label].measured_s == 0 and held[label].health == ("offline",) and held[label].gates == ()
    assert held["12:05"].measured_s == pytest.approx(60, abs=3)
    assert crossed(found) in range(20, 24)


def test_parts_of_one_minute_are_added_up() -> None:
    world = World()
    found = run(world, world.pictures(20), world.nothing(10), world.pictures(25))
    assert by_minute(found)["12:00"].measured_s == pytest.approx(45, abs=1)
    assert crossed(found) in {5, 6}


def test_a_restart_in_the_middle_of_a_minute(tmp_path: Path) -> None:
    world, ledger = World(), Ledger()
    first = run(world, world.pictures(24), ledger=ledger)
    second = run(world, world.pictures(24), ledger=Ledger(first))
    assert by_minute(second)["12:00"].measured_s == pytest.approx(48, abs=1)
    assert crossed(second) in {5, 6}


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_loses_nobody_and_says_so(hours: int) -> None:
    world = World()

    def set_clock() -> Iterator[Event | None]:
        world.wall_off += timedelta(hours=hours)
        yield from world.pictures(160)

    found = run(world, world.pictures(160), set_clock())
    assert crossed(found) in range(38, 42)
    assert any("clock" in minute.health for minute in found)
    assert all(minute.measured_s <= 60.5 for minute in found)
    assert f"{12 + hours}:03" in by_minute(found)


def test_a_clock_set_back_adds_to_minutes_that_were_used_already() -> None:
    world = World()

    def set_back() -> Iterator[Event | None]:
        world.wall_off -= timedelta(minutes=2)
        yield from world.pictures(118)

    found = run(world, world.pictures(120), set_back())
    held = by_minute(found)
    assert crossed(found) in range(28, 32) and held["12:01"].measured_s <= 60.01
    assert sum(gate.count_in + gate.count_out for gate in held["12:01"].gates) >= 13


# -- many cameras --------------------------------------------------------------------------------------------------


def until(true: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.1)


class Breaks(BlockDetector):
    """Fails on its twentieth frame."""

    def detect(self, frame: Frame, hints: Hints) -> Detections:
        if self.runs == 20:
            raise RuntimeError("inference failed at rtsp://u:b1-mat@10.0.0.9/x")
        return super().detect(frame, hints)


def test_one_bad_camera_harms_no_other(tmp_path: Path) -> None:
    clip(tmp_path / "a.mp4", seconds=10, fps=10)
    layout = parse_layout({"gates": [{"id": "A", "points": [[160, 240], [160, 0]]}]})
    centre: list[Batch] = []

    def send(batch: Batch) -> Ack:
        centre.append(batch)
        return Ack(batch.last)

    spool = Spool(tmp_path / "spool")
    cameras = [
        CameraConfig("good", camera([str(tmp_path / "a.mp4")], fps=5), layout),
        CameraConfig("gone", camera(["rtsp://u:b1-mat@127.0.0.1:9/x"], open_s=1), layout),
        CameraConfig("breaks", camera([str(tmp_path / "a.mp4")], fps=5), layout),
    ]
    box = BoxRunner(
        cameras,
        lambda c: Breaks() if c.id == "breaks" else BlockDetector(),
        spool,
        forwarder=Forwarder(spool, send),
    )
    server = HealthServer(box.status)
    stop = threading.Event()
    thread = threading.Thread(target=box.run, args=(stop,))
    thread.start()

    def seen() -> dict[str, dict[str, Any]]:
        return {one["camera"]: one for one in box.status()["cameras"]}

    until(lambda: len(seen()) == 3 and seen()["good"]["frames"] > 30 and seen()["breaks"]["failures"] > 0)
    until(lambda: seen()["gone"]["error_code"] != "")
    with pytest.raises(HTTPError) as caught:
        urlopen(f"http://127.0.0.1:{server.port}/health", timeout=5)
    shown = caught.value.read().decode()
    assert caught.value.code == 503 and "b1-mat" not in shown
    document = json.loads(shown)
    assert set(document["troubled"]) >= {"gone"} and document["cameras_wanted"] == 3
    assert (
        seen()["good"]["fps"] > 2 and seen()["good"]["failures"] == 0 and seen()["good"]["model"] == "block"
    )
    box.change(cameras[:1])
    until(lambda: set(seen()) == {"good"})
    stop.set()
    thread.join(20)
    server.close()
    held = spool.recent()
    assert {one["camera"] for one in held} >= {"good", "gone"}
    assert sum(one["measured_s"] for one in held if one["camera"] == "good") > 3
    assert all(one["measured_s"] == 0 for one in held if one["camera"] == "gone")


def test_a_thread_that_hangs_in_native_code_is_noticed(tmp_path: Path) -> None:
    now = [0.0]
    box = BoxRunner([], lambda c: BlockDetector(), Spool(tmp_path), monotonic=lambda: now[0])
    runner = CameraRunner(
        CameraConfig("c", SPEC, LAYOUT), BlockDetector, lambda m: None, monotonic=lambda: now[0]
    )
    box._running["c"] = (runner, threading.current_thread(), threading.Event())
    assert box.stuck() == []
    now[0] = 500.0
    assert box.stuck() == ["c"] and box.status()["ok"] is False
