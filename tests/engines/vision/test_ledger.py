"""Which minute is which when connections break and clocks are set."""

from datetime import UTC, datetime, timedelta

import pytest

from khcn.engines.vision.ledger import Ledger, WallClock, merged, minute_from_json
from khcn.engines.vision.minutes import CameraMinute, GateMinute, ZoneMinute

pytestmark = pytest.mark.nodb

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def part(measured: float, ins: int, *, at: datetime = NOON, **more: object) -> CameraMinute:
    return CameraMinute(
        "c", at, measured, measured * 2, 3, 1, (GateMinute("A", ins, 1),),
        (ZoneMinute("K", measured, 2, 3, (1, 0, 1)),), {"1,2": measured}, **more,
    )  # fmt: skip


def test_two_parts_of_a_minute_are_added() -> None:
    ledger = Ledger()
    assert ledger.add(part(20, 4)) == part(20, 4)
    whole = ledger.add(part(30, 5, health=("offline",)))
    assert (whole.measured_s, whole.person_s, whole.gates[0]) == (50, 100, GateMinute("A", 9, 2))
    assert whole.zones[0] == ZoneMinute("K", 50, 4, 3, (2, 0, 2)) and whole.heat == {"1,2": 50}
    assert whole.health == ("offline",)
    assert ledger.add(part(5, 1, at=NOON + timedelta(minutes=1))).measured_s == 5


def test_an_hour_lived_twice_keeps_everybody_and_at_most_sixty_seconds() -> None:
    whole = merged(part(60, 7), part(60, 8))
    assert whole.gates[0].count_in == 15 and whole.measured_s == 60
    assert whole.person_s / whole.measured_s == pytest.approx(2)


def test_the_wire_form_comes_back() -> None:
    assert minute_from_json(part(20, 4, health=("dark",)).as_json()) == part(20, 4, health=("dark",))


@pytest.mark.parametrize("step", [-3600, -5, 5, 3600])
def test_a_step_of_the_wall_clock_is_seen_once(step: int) -> None:
    mono, wall = [100.0], [NOON]
    clock = WallClock(lambda: wall[0], lambda: mono[0])
    mono[0], wall[0] = 160.0, NOON + timedelta(seconds=60.4)
    assert clock.stepped() == 0.0  # jitter
    wall[0] += timedelta(seconds=step)
    assert clock.stepped() == pytest.approx(step + 0.4) and clock.stepped() == 0.0
    assert clock.at(160.0) == wall[0]
