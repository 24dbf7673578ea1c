"""Wall-clock times of a zone to UTC: whole days at a time, row by row only in hours that repeat or do not exist."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import TableError
from khcn.engines.energy.types import DAY_MS, Millis

_EPOCH: Final = datetime(1970, 1, 1)
_HALVES: Final = (np.timedelta64(14, "D"), np.timedelta64(196, "D"))  # mid January, mid July
MINUTE_MS: Final = 60_000


def zone_of(name: str) -> ZoneInfo:
    """Return the zone. Raises TableError (``bad-zone``)."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise TableError("bad-zone", zone=name) from error


def local_to_utc(wall: Millis, zone: str) -> tuple[Millis, NDArray[np.int64], NDArray[np.int64]]:
    """Return (UTC ms, rows in a repeated hour, rows in an hour that does not exist).

    ``wall``: local ms in the order in which they were written. The first pass through a repeated hour is the earlier
    one (PEP 495 fold 0), what comes after time went back is the later; a time that does not exist moves forward.
    """
    place = zone_of(zone)
    days, at = np.unique(wall // DAY_MS, return_inverse=True)
    first = np.array([_offset(place, int(day) * DAY_MS, 0) for day in days], np.int64)
    last = np.array([_offset(place, (int(day) + 1) * DAY_MS, 0) for day in days], np.int64)
    offsets = first[at]
    odd = np.flatnonzero((first != last)[at])
    none = np.empty(0, np.int64)
    if not len(odd):
        return wall - offsets, none, none
    minutes, place_of = np.unique(wall[odd] // MINUTE_MS, return_inverse=True)
    early = np.array([_offset(place, int(minute) * MINUTE_MS, 0) for minute in minutes], np.int64)[place_of]
    late = np.array([_offset(place, int(minute) * MINUTE_MS, 1) for minute in minutes], np.int64)[place_of]
    offsets[odd] = early
    repeated, missing = odd[early > late], odd[early < late]
    second = _second_pass(wall, repeated)
    offsets[repeated[second]] = late[early > late][second]
    return wall - offsets, repeated, missing


def _second_pass(wall: Millis, repeated: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of the ``repeated`` rows (positions in ``wall``) belong to the later pass."""
    second = np.zeros(len(repeated), bool)
    if not len(repeated):
        return second
    steps = np.diff(wall)
    backwards = bool(len(steps)) and np.count_nonzero(steps < 0) > np.count_nonzero(steps > 0)
    same_is_next = (
        np.count_nonzero(steps == 0) <= 2
    )  # hourly data repeat 01:00 once; several series repeat it always
    order = range(len(repeated) - 1, -1, -1) if backwards else range(len(repeated))
    later = False
    previous = -1
    for index in order:
        row = int(repeated[index])
        if previous < 0 or abs(row - previous) != 1:
            later = False
        else:
            step = int(wall[row] - wall[previous])
            later = later or step < 0 or (step == 0 and bool(same_is_next))
        second[index] = later
        previous = row
    return second


def not_moved(wall: Millis, missing: NDArray[np.int64], repeated: NDArray[np.int64]) -> bool:
    """Whether the clock that wrote ``wall`` never moved: it wrote hours that do not exist, and none of them twice."""
    again = np.diff(wall[repeated]) < 0 if len(repeated) > 1 else np.zeros(0, bool)
    inside = missing[(missing > 0) & (missing < len(wall) - 1)]
    even = (wall[inside + 1] - wall[inside] > 0) & (wall[inside] - wall[inside - 1] > 0)
    return bool(len(even) and even.all() and not again.any())


def standard_to_utc(wall: Millis, zone: str) -> Millis:
    """Return UTC for a clock that keeps the zone's standard time all year: the smaller offset of its year."""
    place = zone_of(zone)
    years, at = np.unique(wall.astype("datetime64[ms]").astype("datetime64[Y]"), return_inverse=True)
    offsets = [
        min(
            _offset(place, int((year + half).astype("datetime64[ms]").astype(np.int64)), 0)
            for half in _HALVES
        )
        for year in years
    ]
    return np.asarray(wall - np.array(offsets, np.int64)[at])


def utc_to_wall(ms: Millis, zone: str) -> Millis:
    """Return local wall-clock ms for UTC ``ms``: quarter hours share an offset (every real zone changes on one)."""
    place = zone_of(zone)
    quarters, at = np.unique(ms // (15 * MINUTE_MS), return_inverse=True)
    offsets = np.empty(len(quarters), np.int64)
    for index, quarter in enumerate(quarters.tolist()):
        moment = datetime.fromtimestamp(quarter * 900, UTC).astimezone(place)
        offset = moment.utcoffset() or timedelta()
        offsets[index] = offset // timedelta(milliseconds=1)
    return ms + offsets[at]


def _offset(place: ZoneInfo, wall_ms: int, fold: int) -> int:
    moment = (_EPOCH + timedelta(milliseconds=wall_ms)).replace(fold=fold)
    return (place.utcoffset(moment) or timedelta()) // timedelta(milliseconds=1)
