"""The way to the centre: at least once, whatever answers or does not."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from khcn.engines.energy.collect.centre import Centre
from khcn.engines.energy.collect.clock import ClockWatch
from khcn.engines.energy.collect.delivery import ASIDE_IN_A_ROW, Delivery
from khcn.engines.energy.collect.hiding import Hider
from khcn.engines.energy.collect.outbox import Outbox
from khcn.engines.energy.errors import SpoolError
from khcn.engines.energy.types import Sample
from tests.engines.energy.collect.support import Sent, StandIn, Turned, keyed, sample

pytestmark = pytest.mark.nodb


@pytest.fixture
def centre() -> Iterator[StandIn]:
    made = StandIn()
    yield made
    made.close()


class Site:
    """An outbox and its delivery to a stand-in centre, by a clock that the test turns."""

    def __init__(self, folder: Path, centre: StandIn, **more: Any) -> None:
        self.turned = Turned(wall_ms=int(time.time() * 1000))
        self.box = Outbox(folder / "box", clock=self.turned.clock)
        self.watch = ClockWatch(self.turned.clock)
        key = folder / "token"
        key.write_text(centre.token + "\n")
        self.key = key
        self.sender = Centre(centre.address, key, self.watch, timeout_s=more.pop("timeout_s", 5))
        self.delivery = Delivery(self.box, self.sender, self.watch, rng=random.Random(1), **more)
        self.made: list[Sample] = []
        right = self.turned.wall_ms - self.turned.mono_ms  # the centre's clock goes on with ours and is right
        centre.now = lambda: (right + self.turned.mono_ms) / 1000

    def read(self, count: int) -> None:
        at = len(self.made)
        fresh = [sample(k, ts=self.turned.wall_ms + k) for k in range(at, at + count)]
        self.made += fresh
        assert self.box.append(fresh)

    def drive(self, seconds: float, most: int = 200) -> list[float]:
        waits, until = [], self.turned.mono_ms + seconds * 1000
        while self.turned.mono_ms < until and len(waits) < most:
            waits.append(self.delivery.step())
            self.turned.on(waits[-1])
        return waits


def test_a_good_day(tmp_path: Path, centre: StandIn) -> None:
    site = Site(tmp_path, centre, most=40, status=lambda: {"ok": True})
    site.read(100)
    site.drive(30)
    assert centre.held == keyed(site.made) and site.box.queued() == 0
    life, *batches = centre.bodies[:4]
    assert (life["series"], life["first"], life["seq"]) == ([], 1, 0)  # the first word is a sign of life
    assert [(one["first"], one["seq"]) for one in batches] == [(1, 40), (41, 80), (81, 100)]
    assert batches[0]["status"] == {"ok": True} and batches[0]["instance"] == site.box.instance
    assert batches[0]["sent_at"].endswith("+00:00")
    report = site.delivery.report()
    assert report["readings"] == 100 and report["error"] == "" and report["duplicates"] == 0


def test_an_hour_without_a_net(tmp_path: Path, centre: StandIn) -> None:
    site = Site(tmp_path, centre)
    site.drive(10)
    centre.mode = "refuse"
    for _ in range(60):
        site.read(10)
        site.drive(60)
    assert not centre.held and site.delivery.fails > 20
    assert site.box.status()["oldest_s"] >= 3500
    centre.mode = "ok"
    site.drive(300)
    assert centre.held == keyed(site.made) and len(site.made) == 600


@pytest.mark.parametrize(
    "mode", ["500", "503", "refuse", "half", "cut", "401", "404", "409", "html", "redirect", "429"]
)
def test_whatever_goes_wrong_it_comes_again(tmp_path: Path, centre: StandIn, mode: str) -> None:
    site = Site(tmp_path, centre, most=30)
    site.drive(1)
    site.read(100)
    centre.plan.extend([mode, mode, "ok", mode])
    site.drive(2000)
    assert centre.held == keyed(site.made) and site.box.status()["aside"] == 0
    assert site.delivery.error == ""


def test_a_batch_committed_but_unanswered_is_sent_again_and_changes_nothing(
    tmp_path: Path, centre: StandIn
) -> None:
    site = Site(tmp_path, centre)
    site.drive(1)
    site.read(10)
    centre.plan.append("cut")
    site.delivery.step()
    assert len(centre.held) == 10 and site.box.queued() == 10
    site.drive(30)
    assert site.box.queued() == 0 and site.delivery.report()["duplicates"] == 10
    assert centre.held == keyed(site.made)


def test_a_centre_that_stalls_is_left(tmp_path: Path, centre: StandIn) -> None:
    site = Site(tmp_path, centre, timeout_s=0.2)
    site.drive(1)
    site.read(5)
    centre.plan.append("stall")
    begun = time.monotonic()
    assert site.delivery.step() > 0 and time.monotonic() - begun < 3
    centre.release.set()
    site.drive(30)
    assert centre.held == keyed(site.made)


def test_waits_grow_have_jitter_and_an_end(tmp_path: Path, centre: StandIn) -> None:
    site = Site(tmp_path, centre, first_wait_s=2, longest_wait_s=120)
    centre.mode = "500"
    waits = site.drive(3000, most=40)
    assert 1 <= waits[0] <= 2 and 60 <= waits[-1] <= 120 and max(waits) <= 120
    assert all(a <= 2.0 * 2**n for n, a in enumerate(waits[:8])) and len(set(waits[-10:])) == 10


@pytest.mark.parametrize(("mode", "least"), [("429:90", 90), ("401", 60), ("409", 60), ("429:nonsense", 1)])
def test_the_centre_may_ask_for_a_wait(tmp_path: Path, centre: StandIn, mode: str, least: float) -> None:
    site = Site(tmp_path, centre)
    site.drive(1)
    site.read(1)
    centre.plan.append(mode)
    wait = site.delivery.step()
    assert least <= wait <= max(2.0, least * 1.1)


def test_a_retry_after_as_a_date(tmp_path: Path, centre: StandIn) -> None:
    site = Site(tmp_path, centre)
    assert site.sender._after("Fri, 01 Jan 2100 00:00:00 GMT") == 3600
    assert site.sender._after("Fri, 01 Jan 2010 00:00:00 GMT") == 0
    assert site.sender._after("-3") == site.sender._after("nan") == 0


def test_too_large_goes_in_halves(tmp_path: Path, centre: StandIn) -> None:
    site = Site(tmp_path, centre)
    site.read(1000)
    centre.limit = 70
    site.drive(100)
    assert centre.held == keyed(site.made) and site.box.status()["aside"] == 0


def test_one_reading_too_large_by_itself_does_not_block(tmp_path: Path) -> None:
    turned, sent = Turned(), Sent(limit=0)
    box = Outbox(tmp_path, clock=turned.clock)
    box.append([sample(1)])
    delivery = Delivery(box, sent, ClockWatch(turned.clock))
    for _ in range(3):
        delivery.step()
    assert box.queued() == 0 and box.status()["aside"] == 1


def test_a_poisoned_reading_is_set_aside_and_the_others_pass(tmp_path: Path) -> None:
    turned, sent = Turned(), Sent(poison=lambda row: row.v == 77)
    box = Outbox(tmp_path, clock=turned.clock)
    box.append([sample(k) for k in range(200)])
    delivery = Delivery(box, sent, ClockWatch(turned.clock))
    for _ in range(60):
        delivery.step()
    assert {key[2] for key in sent.held} == {sample(k).ts_ms for k in range(200) if k != 77}
    ((why, value),) = box._read("SELECT why, v FROM aside", ())
    assert value == 77 and "422" in why and delivery.totals.set_aside_here == 1
    sent.poison = None
    assert box.requeue() == 1
    turned.on(60)
    delivery.step()
    assert len(sent.held) == 200


def test_a_centre_that_refuses_everything_does_not_empty_the_outbox(tmp_path: Path) -> None:
    """When nothing passes any more the fault is the centre's: setting aside slows down to a reading now and then."""
    turned, sent = Turned(), Sent(poison=lambda row: True)
    box = Outbox(tmp_path, clock=turned.clock)
    box.append([sample(k) for k in range(2000)])
    delivery = Delivery(box, sent, ClockWatch(turned.clock), longest_wait_s=120)
    until = turned.mono_ms + 3_600_000
    while turned.mono_ms < until:
        turned.on(delivery.step() + 0.01)
    assert box.status()["aside"] < ASIDE_IN_A_ROW + 100
    sent.poison = None
    for _ in range(20):
        turned.on(delivery.step())
    while box.requeue():
        delivery.step()
    for _ in range(20):
        turned.on(delivery.step())
    assert len(sent.held) == 2000


def test_a_changed_token_is_taken_up(tmp_path: Path, centre: StandIn) -> None:
    site = Site(tmp_path, centre)
    site.drive(1)
    site.read(5)
    centre.token = "khcnco_moi"
    site.drive(200)
    assert not centre.held and site.delivery.http_status == 401
    site.key.write_text("khcnco_moi")
    site.drive(200)
    assert centre.held == keyed(site.made)


def test_signs_of_life_while_nothing_is_read(tmp_path: Path, centre: StandIn) -> None:
    site = Site(tmp_path, centre, life_s=60)
    site.drive(300)
    assert 5 <= len(centre.bodies) <= 6 and not any(one["series"] for one in centre.bodies)


def test_a_clock_that_is_off_is_said_and_given_time(tmp_path: Path, centre: StandIn) -> None:
    centre.skew_s = 3600
    site = Site(tmp_path, centre)
    site.read(1)
    site.drive(100)
    assert site.watch.status()["wrong"] and abs(site.watch.skew_ms() or 0) > 3_590_000
    assert not centre.held  # NTP may still set the clock
    site.drive(300)
    assert centre.held == keyed(site.made)  # it did not: the reading goes as it was stamped


def test_a_clock_that_ntp_sets_in_time_puts_the_readings_right(tmp_path: Path, centre: StandIn) -> None:
    """A box that took its last shutdown for now (three hours late) and gets a network."""
    site = Site(tmp_path, centre)
    right = site.turned.wall_ms
    site.turned.set(right - 3 * 3_600_000)
    site.read(1)
    site.drive(20)
    assert not centre.held
    site.turned.set(site.turned.wall_ms + 3 * 3_600_000)
    site.drive(20)
    assert [abs(key[2] - right) < 2000 for key in centre.held] == [True]


@pytest.mark.parametrize("wall", [5_000_000, 2_240_000_000_000])
def test_a_box_in_1970_or_2040_asks_the_centre_for_the_time(
    tmp_path: Path, centre: StandIn, wall: int
) -> None:
    site = Site(tmp_path, centre)
    right = site.turned.wall_ms
    site.turned.set(wall)
    site.read(3)
    site.drive(20)
    assert len(centre.held) == 3 and all(abs(key[2] - right) < 3000 for key in centre.held)
    assert site.watch.status()["wrong"]


def test_errors_tell_no_secret(tmp_path: Path) -> None:
    turned, sent = Turned(), Sent(mode="oops")
    box = Outbox(tmp_path, clock=turned.clock)
    box.append([sample(1)])
    hide = Hider()
    hide.know(["mat-khau"])
    delivery = Delivery(box, sent, ClockWatch(turned.clock), hide=hide)
    delivery.step()
    assert "mat-khau" not in delivery.error and "***" in delivery.error


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://khcn.example.vn", "collect-centre-plain"),
        ("ftp://x", "collect-centre-address"),
        ("https://a:b@c", "collect-centre-address"),
        ("khcn", "collect-centre-address"),
    ],
)
def test_addresses_that_cannot_be(tmp_path: Path, address: str, code: str) -> None:
    key = tmp_path / "key"
    key.write_text("x")
    with pytest.raises(SpoolError) as caught:
        Centre(address, key, ClockWatch(Turned().clock))
    assert caught.value.code == code and str(caught.value)


@pytest.mark.parametrize("text", ["", "  \n", "a b", "khóa"])
def test_tokens_that_cannot_be(tmp_path: Path, text: str) -> None:
    key = tmp_path / "key"
    key.write_text(text)
    with pytest.raises(SpoolError) as caught:
        Centre("https://khcn.example.vn", key, ClockWatch(Turned().clock))
    assert caught.value.code == "collect-token"
