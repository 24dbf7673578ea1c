"""Local days and months: which one a moment belongs to, and how long it is. Zones come from the tzdata package."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.types import DAY_MS, Millis

DEFAULT_ZONE: Final = "Asia/Ho_Chi_Minh"
_EPOCH: Final = date(1970, 1, 1)
_QUARTER_MS: Final = 15 * 60 * 1000  # every change of an offset in tzdata falls on a quarter of an hour

Days = NDArray[np.int64]


@cache
def zone_of(name: str) -> ZoneInfo:
    """Return the IANA zone. Raises SpecError (``kpi-zone``)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SpecError("kpi-zone", zone=name) from error


def local_ms(ms: Millis, zone: str) -> Millis:
    """Return wall-clock milliseconds (as if the local clock were UTC) of moments ``ms``."""
    tz = zone_of(zone)
    if not len(ms):
        return ms.astype(np.int64)
    days, place = np.unique(ms // DAY_MS, return_inverse=True)
    first = np.array([_offset_ms(int(day) * DAY_MS, tz) for day in days], dtype=np.int64)
    last = np.array([_offset_ms((int(day) + 1) * DAY_MS - 1, tz) for day in days], dtype=np.int64)
    offsets = first[place]
    changing = np.flatnonzero((first != last)[place])
    if len(changing):  # only days on which the clock changes are looked at by the quarter of an hour
        quarters, where = np.unique(ms[changing] // _QUARTER_MS, return_inverse=True)
        fine = np.array([_offset_ms(int(one) * _QUARTER_MS, tz) for one in quarters], dtype=np.int64)
        offsets[changing] = fine[where]
    return ms + offsets


def local_days(ms: Millis, zone: str) -> Days:
    """Return the local day of each moment, as days since 1970-01-01."""
    return local_ms(ms, zone) // DAY_MS


def day_name(day: int) -> str:
    """Return ``YYYY-MM-DD``."""
    return day_date(day).isoformat()


def day_date(day: int) -> date:
    """Return the date of a day number."""
    return _EPOCH + timedelta(days=int(day))


def day_start_ms(day: int, zone: str) -> int:
    """Return the moment at which a local day begins."""
    begin = datetime.combine(day_date(day), time(), tzinfo=zone_of(zone))
    return round(begin.timestamp() * 1000)


def day_length_ms(day: int, zone: str) -> int:
    """Return how long a local day lasts: 23, 24 or 25 hours where clocks change."""
    return day_start_ms(day + 1, zone) - day_start_ms(day, zone)


def months_of(days: Days) -> Days:
    """Return the month of each day number, as months since 1970-01."""
    months: Days = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months


def month_name(month: int) -> str:
    """Return ``YYYY-MM``."""
    return f"{1970 + month // 12:04d}-{month % 12 + 1:02d}"


def _offset_ms(ms: int, tz: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(ms / 1000, UTC).astimezone(tz).utcoffset()
    return round(offset.total_seconds() * 1000) if offset is not None else 0
