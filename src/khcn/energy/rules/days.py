"""Local days of a site as moments: a day may have 92 or 100 quarters of an hour where clocks change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from khcn.engines.energy.types import STEP_MS

HOUR_MS: Final = 3_600_000
DEFAULT_ZONE: Final = "Asia/Ho_Chi_Minh"
_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """Return the IANA zone; one that is not known is taken as the usual one (forms refuse it before)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(DEFAULT_ZONE)


@lru_cache(maxsize=20_000)
def day_start_ms(day: date, zone: str) -> int:
    """Return the moment at which a local day begins, ms since 1970 UTC."""
    return round(datetime.combine(day, time(), tzinfo=zone_of(zone)).timestamp() * 1000)


def day_end_ms(day: date, zone: str) -> int:
    """Return the moment at which a local day ends."""
    return day_start_ms(day + _DAY, zone)


def day_steps(day: date, zone: str) -> int:
    """Return how many quarters of an hour a local day has."""
    return (day_end_ms(day, zone) - day_start_ms(day, zone)) // STEP_MS


def day_of_ms(ms: int, zone: str) -> date:
    """Return the local day of a moment."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone_of(zone)).date()


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield every day from ``first`` to ``last``, both included."""
    for number in range((last - first).days + 1):
        yield first + number * _DAY


def days_touched(start_ms: int, end_ms: int, zone: str) -> list[date]:
    """Return the local days that overlap [``start_ms``, ``end_ms``)."""
    return list(days_between(day_of_ms(start_ms, zone), day_of_ms(max(start_ms, end_ms - 1), zone)))


def moment_of(ms: int) -> datetime:
    """Return the aware moment of ``ms``."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def ms_of(moment: datetime) -> int:
    """Return milliseconds since 1970 UTC."""
    return round(moment.timestamp() * 1000)


def month_start(day: date) -> date:
    """Return the first day of the month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """Return the last day of the month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - _DAY
