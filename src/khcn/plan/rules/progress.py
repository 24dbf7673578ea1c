"""Pure rules of progress: moves between states, the percentage, and lateness. No database, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from khcn.core.calendar.rules import WorkingCalendar
from khcn.plan.enums import ITEM_OPEN, ItemState, PercentRule, TaskLevel

SOON: Final = 5  # working days: what is due within them counts as due soon
WHOLE: Final = 100
HALF: Final = 50

MOVES: Final[Mapping[str, frozenset[str]]] = {
    ItemState.TODO: frozenset({ItemState.TODO, ItemState.DOING, ItemState.DONE}),
    ItemState.DOING: frozenset({ItemState.TODO, ItemState.DOING, ItemState.DONE}),
    ItemState.DONE: frozenset({ItemState.TODO, ItemState.DOING, ItemState.DONE}),
}
"""What a unit may enter. A slip of the finger may be put right until the head has confirmed; what was dropped from the
plan or handed over moves no more."""


class Standing(StrEnum):
    """How an item stands against its last day."""

    LATE = "late"
    SOON = "soon"
    OPEN = "open"
    DONE = "done"
    DONE_LATE = "done_late"
    OUT = "out"  # dropped or handed over


@dataclass(frozen=True, slots=True)
class Facts:
    """What a percentage is worked out from.

    ``typed``: what the unit says, 0 to 100; ``value``/``target``: of the indicator; a missing value is not zero.
    """

    rule: str
    state: str
    typed: int = 0
    steps_done: int = 0
    steps: int = 0
    value: Decimal | None = None
    target: Decimal | None = None


def may_move(old: str, new: str, *, confirmed: bool = False) -> bool:
    """Return whether a unit may set ``new`` on an item in state ``old``; a confirmed end stays until it is reopened."""
    if old == ItemState.DONE and confirmed and new != ItemState.DONE:
        return False
    return new in MOVES.get(old, frozenset())


def follows_report(rule: str, level: str) -> bool:
    """Return whether the state of an item follows the unit's report, so that nobody sets it by hand."""
    return rule == PercentRule.REPORT or level == TaskLevel.REPORT


def percent_of(facts: Facts) -> int:
    """Return the percentage of an item by its rule, 0 to 100, rounded down so that 100 means all of it."""
    if facts.rule == PercentRule.STEPS:
        return _share(facts.steps_done, facts.steps) if facts.steps else _by_state(facts.state)
    if facts.rule == PercentRule.INDICATOR:
        if not facts.target or facts.target <= 0:
            return _by_state(facts.state)
        return _share(max(facts.value or Decimal(0), Decimal(0)), facts.target)
    if facts.rule == PercentRule.TYPED:
        return WHOLE if facts.state == ItemState.DONE else min(max(facts.typed, 0), WHOLE - 1)
    return _by_state(facts.state)  # by state, and by report: the report sets the state


def _by_state(state: str) -> int:
    return {ItemState.DOING.value: HALF, ItemState.DONE.value: WHOLE}.get(str(state), 0)


def _share(done: Decimal | int, whole: Decimal | int) -> int:
    return min(WHOLE, int(done * WHOLE // whole))


def is_late(state: str, due: date | None, on: date) -> bool:
    """Return whether an open item's last day is before ``on``: the last day itself is still in time."""
    return state in ITEM_OPEN and due is not None and due < on


def working_days_late(due: date, on: date, calendar: WorkingCalendar) -> int:
    """Return how many working days of ``on`` and before lie after ``due``; 0 on a weekend right after it."""
    return max(0, calendar.working_days_between(due, on))


def working_days_left(due: date, on: date, calendar: WorkingCalendar) -> int:
    """Return how many working days are left after ``on`` up to ``due``; 0 on the last day."""
    return max(0, calendar.working_days_between(on, due))


def soon_until(on: date, calendar: WorkingCalendar) -> date:
    """Return the last day that counts as soon on ``on``."""
    return calendar.add_working_days(on, SOON)


def standing_of(state: str, due: date | None, done_on: date | None, on: date, soon: date) -> Standing:
    """Return how an item stands on ``on``; ``soon`` as :func:`soon_until` gives it."""
    if state == ItemState.DONE:
        late = due is not None and done_on is not None and done_on > due
        return Standing.DONE_LATE if late else Standing.DONE
    if state not in ITEM_OPEN:
        return Standing.OUT
    if is_late(state, due, on):
        return Standing.LATE
    return Standing.SOON if due is not None and due <= soon else Standing.OPEN


def on_time_share(on_time: int, late: int) -> Decimal | None:
    """Return the share (0 to 1) of items in time among those that could already be judged; ``None``: none yet.

    ``on_time``: done by their last day; ``late``: done after it, or open although it has passed.
    """
    judged = on_time + late
    return None if not judged else Decimal(on_time) / judged
