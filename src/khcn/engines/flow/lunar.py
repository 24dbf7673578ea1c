"""The lunar calendar of market days: day and month, the 1st and the 15th, the distance to Tết.

Conversion by ``vnlunar`` (tables of Hồ Ngọc Đức, 1800-2199: the published Vietnamese calendar).
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

import vnlunar

MARKET_DAYS: Final = (1, 15)  # offerings are bought for the first and the fifteenth
TET_BEFORE: Final = 21  # days of shopping before Tết that differ from usual days
TET_AFTER: Final = 14  # days after Tết until markets are as usual


@dataclass(frozen=True, slots=True)
class LunarDay:
    """One day of the lunar calendar; ``leap``: the month is a leap month."""

    day: int
    month: int
    year: int
    leap: bool = False


@lru_cache(maxsize=40_000)
def lunar_day(day: date) -> LunarDay:
    """Return the lunar date of ``day``."""
    found = vnlunar.get_lunar_date(day.day, day.month, day.year)
    return LunarDay(found["day"], found["month"], found["year"], bool(found["leap"]))


def is_market_day(day: date) -> bool:
    """Whether ``day`` is the 1st or the 15th of a lunar month."""
    return lunar_day(day).day in MARKET_DAYS


@lru_cache(maxsize=512)
def tet(year: int) -> date:
    """Return the first day of the lunar year that begins in the solar ``year`` (mùng một Tết)."""
    found = vnlunar.get_solar_date(1, 1, year)
    return date(found["year"], found["month"], found["day"])


def days_to_tet(day: date) -> int:
    """Days from ``day`` to the nearest mùng một Tết: positive before it, 0 on it, negative after it."""
    return min(((tet(year) - day).days for year in (day.year - 1, day.year, day.year + 1)), key=abs)


def tet_offset(day: date) -> int | None:
    """:func:`days_to_tet` inside the season of Tết (21 days before to 14 after), else None."""
    days = days_to_tet(day)
    return days if -TET_AFTER <= days <= TET_BEFORE else None
