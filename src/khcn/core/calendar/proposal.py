"""What the ``holidays`` library proposes for a year in Vietnam.

A proposal only: the days of Tết and the swaps with Saturdays are decided anew each year, so people edit the
result.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

import holidays


@dataclass(frozen=True, order=True)
class ProposedDay:
    """One day that differs from Monday to Friday."""

    date: date
    working: bool
    name: str


@cache
def propose(year: int) -> tuple[ProposedDay, ...]:
    """Return the exceptions of a year, by date: holidays, days given off, Saturdays worked for them."""
    calendar = holidays.country_holidays("VN", years=year, language="vi")
    off = [ProposedDay(day, False, name) for day, name in calendar.items() if day.year == year]
    made_up = [
        ProposedDay(day, True, "Ngày làm bù")
        for day in getattr(calendar, "weekend_workdays", ())
        if day.year == year
    ]
    return tuple(sorted(off + made_up))
