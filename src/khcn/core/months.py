"""Months of the calendar."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month of a day."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def before(self) -> "Month":
        """The month before."""
        return Month.of(self.first - timedelta(days=1))

    @property
    def after(self) -> "Month":
        """The month after."""
        return Month.of(self.last + timedelta(days=1))

    @property
    def year_before(self) -> "Month":
        """The same month a year ago."""
        return Month(self.year - 1, self.month)

    @property
    def words(self) -> str:
        """The month as tables write it."""
        return f"{self.month:02d}/{self.year}"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def month_of(text: str | None) -> Month | None:
    """Read ``2026-10``; None for anything else."""
    year, _dash, month = (text or "").partition("-")
    if len(year) == 4 and len(month) == 2 and f"{year}{month}".isascii() and f"{year}{month}".isdigit():
        found = Month(int(year), int(month))
        if 2000 <= found.year <= 2100 and 1 <= found.month <= 12:
            return found
    return None


def months_between(first: Month, last: Month) -> list[Month]:
    """Return the months from ``first`` to ``last``, both included."""
    found = []
    while first <= last:
        found.append(first)
        first = first.after
    return found
