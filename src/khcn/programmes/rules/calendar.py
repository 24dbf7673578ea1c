"""Days of recurring sessions and of a programme held again in another year: no database, no clock."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

MOST: Final = 60  # sessions of one recurrence
LONGEST: Final = 400  # days from the first to the last


class Every(StrEnum):
    """How often."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Planned:
    """A day of a recurrence; ``holiday``: it is left out."""

    day: date
    holiday: bool = False


def same_weekday(day: date, years: int) -> date:
    """Return the day of another year that has the same weekday and lies nearest to the same date."""
    try:
        there = day.replace(year=day.year + years)
    except ValueError:  # 29 February
        there = date(day.year + years, 2, 28)
    back = (there.weekday() - day.weekday()) % 7
    return there - timedelta(days=back if back <= 3 else back - 7)


def recurring(first: date, every: Every) -> Iterator[date]:
    """Yield the days of a recurrence without end; a month keeps its "second Tuesday" (the last where there is no fifth)."""
    if every != Every.MONTH:
        step = timedelta(days=7 if every == Every.WEEK else 14)
        day = first
        while True:
            yield day
            day += step
    place = (first.day - 1) // 7
    year, month = first.year, first.month
    while True:
        yield _nth(year, month, first.weekday(), place)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _nth(year: int, month: int, weekday: int, place: int) -> date:
    begin = date(year, month, 1)
    day = 1 + (weekday - begin.weekday()) % 7 + 7 * place
    return date(year, month, day if day <= monthrange(year, month)[1] else day - 7)


def planned_days(
    first: date, every: Every, *, until: date | None, count: int | None, is_off: Callable[[date], bool]
) -> list[Planned]:
    """Return the days until a date or for ``count`` sessions; holidays are shown and do not count.

    Ends anyway after :data:`MOST` sessions or :data:`LONGEST` days.
    """
    most = min(count or MOST, MOST)
    last = min(until or date.max, first + timedelta(days=LONGEST))
    found: list[Planned] = []
    for day in recurring(first, every):
        if day > last or sum(not one.holiday for one in found) >= most:
            return found
        found.append(Planned(day, is_off(day)))
    return found
