"""Whatever happens in whatever order, the centre ends with exactly what was promised to the devices."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from khcn.engines.energy.collect.clock import ClockWatch
from khcn.engines.energy.collect.delivery import Delivery
from khcn.engines.energy.collect.outbox import Outbox
from tests.engines.energy.collect.support import Known, Sent, Turned, keyed, sample

pytestmark = pytest.mark.nodb


class CollectorModel(RuleBasedStateMachine):
    """The outbox and the delivery against a plain dictionary of what was promised."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="khcn-outbox-"))
        self.turned, self.sent = Turned(), Sent()
        self.promised: Known = {}
        self.offered: Known = {}
        self.in_memory: Known = {}
        self.aside: set[Any] = set()
        self.k = self.lives = 0
        self.box = self.open()

    def open(self) -> Outbox:
        box = Outbox(self.root / f"life-{self.lives}", clock=self.turned.clock, most_waiting=60, keep_hours=1)
        watch = ClockWatch(self.turned.clock)
        self.delivery = Delivery(box, self.sent, watch, most=7, first_wait_s=1, longest_wait_s=4)
        return box

    @rule(count=st.integers(1, 25), device=st.sampled_from(["inv-1", "inv-2", "công tơ"]))
    def read(self, count: int, device: str) -> None:
        samples = [sample(self.k + n, device=device) for n in range(count)]
        self.k += count
        self.offered |= keyed(samples)
        if self.box.append(samples):
            self.promised |= keyed(samples) | self.in_memory
            self.in_memory = {}
        elif not self.box.status()["lost"]:
            self.in_memory |= keyed(samples)

    @rule(steps=st.integers(1, 8), mode=st.sampled_from(["", "", "down", "oops", "answer lost"]))
    def deliver(self, steps: int, mode: str) -> None:
        self.sent.mode = mode
        for _ in range(steps):
            self.turned.on(self.delivery.step() + 0.1)
        self.settle()

    @rule(limit=st.integers(1, 4))
    def a_centre_that_takes_only_small_batches(self, limit: int) -> None:
        self.sent.limit, self.sent.mode = limit, ""
        for _ in range(4):
            self.delivery.step()
        self.sent.limit = 10**9
        self.settle()

    @rule(rest=st.integers(0, 12))
    def a_centre_that_refuses_some(self, rest: int) -> None:
        self.sent.mode = ""
        self.sent.poison = lambda row: int(row.v) % 13 == rest
        for _ in range(6):
            self.delivery.step()
        self.sent.poison = None
        self.settle()

    @rule()
    def killed_and_begun_again(self) -> None:
        """What a kill -9 leaves is what stands on disk at that moment."""
        before, self.lives = self.root / f"life-{self.lives}", self.lives + 1
        shutil.copytree(before, self.root / f"life-{self.lives}", ignore=shutil.ignore_patterns("lock"))
        self.box.close = lambda: None  # type: ignore[method-assign]
        self.box._drop_connections()
        self.box._closed = True
        self.box._shelf.close()
        shutil.rmtree(before)
        self.in_memory = {}
        self.box = self.open()

    @precondition(lambda self: not self.full())
    @rule()
    def disk_fills_up(self) -> None:
        def refuse(_upto: int) -> None:
            raise OSError(28, "No space left on device")

        self.box._shelf.reserve = refuse  # type: ignore[method-assign]

    @precondition(lambda self: self.full())
    @rule()
    def disk_has_room_again(self) -> None:
        self.heal()

    @rule(seconds=st.integers(1, 7200))
    def time_passes(self, seconds: int) -> None:
        self.turned.on(seconds)
        self.box.tidy()
        self.box.flush()
        self.settle()

    def full(self) -> bool:
        return "reserve" in vars(self.box._shelf)

    def heal(self) -> None:
        if self.full():
            del self.box._shelf.reserve  # type: ignore[attr-defined]

    def settle(self) -> None:
        if not self.box.status()["in_memory"]:
            self.promised |= self.in_memory
            self.in_memory = {}

    def set_aside(self) -> Known:
        rows = self.box._read("SELECT device, metric, ts, v FROM aside", ())
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    @invariant()
    def nothing_promised_is_nowhere(self) -> None:
        rows = self.box._read("SELECT device, metric, ts, v FROM reading WHERE n > ?", (self.box.acked,))
        waiting = {(row[0], row[1], row[2]): row[3] for row in rows}
        there = self.sent.held | waiting | self.set_aside()
        assert {key: there.get(key, "nowhere") for key in self.promised} == self.promised

    @invariant()
    def numbers_have_no_gaps(self) -> None:
        ((count, low, high),) = self.box._read("SELECT count(*), min(n), max(n) FROM reading", ())
        assert count == 0 or count == high - low + 1

    def teardown(self) -> None:
        try:
            self.heal()
            self.sent.mode, self.sent.poison, self.sent.limit = "", None, 10**9
            for _ in range(400):
                self.turned.on(self.delivery.step() + 1)
                if not self.box.status()["queued"] and not self.box.status()["in_memory"]:
                    break
            self.settle()
            lost_with_a_kill = set(self.offered) - set(self.promised)
            held = self.sent.held | self.set_aside()
            assert {key: v for key, v in held.items() if key not in lost_with_a_kill} == self.promised
            assert {key: self.offered.get(key) for key in held} == held  # nothing that no device said
        finally:
            self.box.close()
            shutil.rmtree(self.root, ignore_errors=True)


TestCollectorModel = CollectorModel.TestCase
TestCollectorModel.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
