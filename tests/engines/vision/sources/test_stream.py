"""The patience of a live source, told with a clock that we turn by hand."""

import random

import numpy as np
import pytest

from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.sources.address import Address
from khcn.engines.vision.sources.reader import Cost, Ended, Message, Sample
from khcn.engines.vision.sources.spec import SourceSpec, camera
from khcn.engines.vision.sources.stream import LiveSource, Lost
from khcn.engines.vision.types import Frame, Size

pytestmark = pytest.mark.nodb

SUB, MAIN = "rtsp://u:pw@10.0.0.2/sub", "rtsp://u:pw@10.0.0.2/main"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Script:
    """Readers that do what is written: a float is a sample at that time, a string an error."""

    def __init__(self, clock: Clock, *lives: list[float | str]) -> None:
        self.clock, self.lives, self.opened, self.closed = clock, list(lives), list[str](), 0

    def open(self, spec: SourceSpec, size_for: object, address: Address) -> "Script.Life":
        self.opened.append(address.raw.rpartition("/")[2])
        return Script.Life(self, self.lives.pop(0) if self.lives else ["source-unreachable"])

    class Life:
        def __init__(self, script: "Script", lines: list[float | str]) -> None:
            self.script, self.lines, self.cost = script, list(lines), Cost(cpu_s=1.0, dropped=2)

        def next(self, timeout: float | None = None) -> Message | None:
            if not self.lines:
                return Ended("")
            line = self.lines.pop(0)
            if isinstance(line, str):
                raise SourceError(line, name="x", seconds=1, why="", status=1)
            self.script.clock.now = line
            return Sample(Frame(line, np.zeros((2, 2, 3), np.uint8), Size(2, 2)), False, False)

        def may_idle(self, allowed: bool) -> None: ...

        def close(self) -> None:
            self.script.closed += 1


def source(clock: Clock, script: Script) -> LiveSource:
    return LiveSource(
        camera([SUB, MAIN]), lambda s: s, monotonic=clock, opener=script.open, rng=random.Random(1)
    )


def until_lost(live: LiveSource) -> Lost:
    for _ in range(100):
        event = live.poll()
        if isinstance(event, Lost):
            return event
    raise AssertionError("never lost")


def live_on(live: LiveSource, clock: Clock) -> None:
    """Until the connection is lost, and past the wait."""
    lost = until_lost(live)
    clock.now += lost.wait_s + 1


def test_waits_grow_with_jitter_and_never_exceed_a_minute() -> None:
    clock = Clock()
    script = Script(clock)
    live = source(clock, script)
    waits = []
    for _ in range(12):
        waits.append(until_lost(live).wait_s)
        assert live.poll() is None and len(script.opened) == len(waits)  # not before its time
        clock.now += waits[-1] + 0.001
    assert all(0.5 * 2**n <= wait <= 2**n for n, wait in enumerate(waits[:6]))
    assert all(30 <= wait <= 60 for wait in waits[7:]) and len(set(waits)) == len(waits)
    assert script.closed == script.opened.__len__()


def test_the_main_stream_when_the_sub_stream_fails_and_back_again() -> None:
    clock = Clock()
    script = Script(clock, ["source-not-found"], [1100.0, 1101.0], [1300.0])
    live = source(clock, script)
    for _ in range(3):
        live_on(live, clock)
    assert script.opened == ["sub", "main", "sub"]


def test_a_steady_connection_earns_a_short_wait() -> None:
    clock = Clock()
    script = Script(clock, *[["source-unreachable"]] * 6, [2000.0, 2040.0, "source-hangs"])
    live = source(clock, script)
    for _ in range(6):
        live_on(live, clock)
    assert until_lost(live).wait_s <= 1.0
    assert live.cost.cpu_s == 7.0 and live.cost.dropped == 14  # of all readers, the dead ones too


def test_moments_seen_already_are_left_out() -> None:
    clock = Clock()
    script = Script(clock, [1100.0, 1100.2, "source-hangs"], [1100.1, 1100.2, 1100.4])
    live = source(clock, script)
    seen = []
    for _ in range(12):
        event = live.poll()
        if isinstance(event, Sample):
            seen.append(event.frame.t)
        if isinstance(event, Lost):
            clock.now += event.wait_s + 1
    assert seen == [1100.0, 1100.2, 1100.4]


def test_messages_hide_the_password() -> None:
    clock = Clock()
    live = source(clock, Script(clock, [1001.0]))
    assert "pw" not in until_lost(live).message
