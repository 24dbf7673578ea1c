"""Clocks: a device whose day lies earlier or later than that of its siblings, or than the sun's.

A device set to the wrong zone or summer time shows the right shape at the wrong time. Against siblings the same clouds
cancel out, so a quarter of an hour shows; alone, only the ends of production tell (see :mod:`.shifts`).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.faults.ground import Ground
from khcn.engines.energy.faults.series import Mask, series_of
from khcn.engines.energy.faults.shifts import day_ends, jumps_of, noon_course
from khcn.engines.energy.faults.siblings import spells_of
from khcn.engines.energy.faults.tell import finding
from khcn.engines.energy.types import DAY_MS, Finding, FindingKind, Values

_LEAST: Final = 22.0  # minutes against siblings
_GROSS: Final = 100.0  # minutes: no orientation explains it
_LEAST_DAYS: Final = 3
_ALONE_LATE: Final = 100.0
_FITTING: Final = 0.7  # what a moved clock leaves of the difference to the siblings when it is moved back


def find_clocks(ground: Ground) -> tuple[list[Finding], NDArray[np.bool_]]:
    """Return shifted clocks and the intervals (inverters x intervals) that they spoil."""
    found: list[Finding] = []
    spoiled = np.zeros(ground.kwh.shape, bool)
    centres = np.vstack([_centres(ground, row) for row in range(len(ground.inverters))])
    for row, first, end, minutes in _odd_ones(centres):
        places = np.flatnonzero((ground.day >= first) & (ground.day < end))
        if not _fits(ground, row, places, minutes):
            continue
        spoiled[row, places] = True
        span = (int(places[0]), int(places[-1]) + 1)
        found.append(_tell(ground, [row], span, minutes, lasting=ground.days <= end))
    sound = [row for row in range(len(ground.inverters)) if not spoiled[row].any()]
    if sound:
        alone = _alone(ground, sound)
        found += alone
        for one in alone:
            inside = (ground.site.ms >= one.start_ms) & (ground.site.ms < one.end_ms)
            spoiled[np.ix_(np.array(sound), np.flatnonzero(inside))] = True
    return found, spoiled


def _centres(ground: Ground, row: int) -> Values:
    """Return the minute at which production of each day has its centre, on the circle of the day."""
    kwh = np.where(ground.usable[row], ground.kwh[row], np.nan)
    known = np.isfinite(kwh)
    weight = np.where(known, np.clip(kwh, 0, None), 0)
    angle = 2 * np.pi * ground.minute / 1440
    total = np.bincount(ground.day, weight, ground.days)
    east = np.bincount(ground.day, weight * np.sin(angle), ground.days)
    north = np.bincount(ground.day, weight * np.cos(angle), ground.days)
    share = np.bincount(ground.day, known & ground.bright, ground.days) / np.maximum(
        np.bincount(ground.day, ground.bright, ground.days), 1
    )
    good = (share > 0.9) & (total > 0.3 * ground.power[row])
    centre = (np.arctan2(east, north) / (2 * np.pi) * 1440) % 1440
    return np.where(good, centre, np.nan)


def _odd_ones(centres: Values) -> list[tuple[int, int, int, int]]:
    """Return (inverter, first day, past the last, minutes), the oddest first; each then no longer confuses its siblings."""
    centres = centres.copy()
    out: list[tuple[int, int, int, int]] = []
    for _ in range(3 * len(centres)):
        if len(centres) < 2:
            break
        spells = [(row, *spell) for row in range(len(centres)) for spell in _against_siblings(centres, row)]
        if not spells:
            break
        odd = max(spells, key=lambda one: (abs(one[3]) * min(one[2] - one[1], 30), -one[0]))
        out.append(odd)
        centres[odd[0], odd[1] : odd[2]] = np.nan
    return out


def _around(values: Values) -> Values:
    """Return minutes brought to -720..720."""
    return np.asarray((values + 720) % 1440 - 720, np.float64)


def _against_siblings(centres: Values, row: int) -> list[tuple[int, int, int]]:
    """Return (first day, past the last, minutes) of spells away from the usual difference to the siblings."""
    others = np.delete(centres, row, axis=0)
    some = np.isfinite(others).any(axis=0)
    reference = np.full(centres.shape[1], np.nan)
    reference[some] = np.nanmedian(others[:, some], axis=0)
    away = _around(centres[row] - reference)
    known = np.flatnonzero(np.isfinite(away))
    if len(known) < 2 * _LEAST_DAYS:
        return []
    values = away[known]
    usual = float(np.median(values[: max(10, len(values) // 3)]))
    if abs(usual) > _GROSS:
        usual = 0.0
    middle = np.array([np.median(values[max(0, i - 1) : i + 2]) for i in range(len(values))]) - usual
    noise = 1.4826 * float(np.median(np.abs(np.diff(values)))) if len(values) > 3 else 0.0
    bad: Mask = np.abs(middle) > max(_LEAST, 5 * noise)
    out = []
    for first, end in spells_of(bad, 1, _LEAST_DAYS):
        minutes = float(np.median(values[first:end])) - usual
        # with two inverters, the one whose day does not fit the sun is the wrong one: decided by who moved first
        if len(centres) == 2 and not _moved(centres[row], known[first], known[end - 1] + 1):
            continue
        last = centres.shape[1] if end == len(known) else int(known[end - 1]) + 1
        out.append((int(known[first]), last, _rounded(minutes)))
    return out


def _fits(ground: Ground, row: int, places: NDArray[np.int64], minutes: int) -> bool:
    """Return whether moving the clock back makes a spell resemble the siblings.

    The centre of a day also moves when only its morning or evening is lost (a shadow, a late start); a clock moves all
    of the day, clouds and both ends.
    """
    shares = np.where(ground.usable, ground.kwh, np.nan) / ground.power[:, None]
    own, others = shares[row], np.delete(shares, row, axis=0)
    some = np.isfinite(others).any(axis=0)
    usual = np.full(len(own), np.nan)
    usual[some] = np.nanmedian(others[:, some], axis=0)
    outside = np.ones(len(own), bool)
    outside[places] = False
    usual *= _usual_course(ground, own, usual, outside)
    moved = np.interp(np.arange(len(own)) + minutes * 60_000 / ground.site.step_ms, np.arange(len(own)), own)
    return _unlike(moved[places], usual[places]) < _FITTING * _unlike(own[places], usual[places])


def _usual_course(ground: Ground, own: Values, others: Values, use: Mask) -> Values:
    """Return own over others by time of day on the other days, 1 where they are too few: roofs that face elsewhere."""
    slots = round(24 / ground.hours)
    slot = np.minimum((ground.minute / 60 / ground.hours).astype(int), slots - 1)
    use = np.asarray(use & np.isfinite(own) & np.isfinite(others), bool)
    top, bottom = (np.bincount(slot[use], one[use], slots) for one in (own, others))
    enough = (np.bincount(slot[use], minlength=slots) >= 2 * _LEAST_DAYS) & (bottom > 0.01 * bottom.max())
    return np.asarray(np.where(enough, top / np.where(enough, bottom, 1.0), 1.0)[slot], np.float64)


def _unlike(values: Values, usual: Values) -> float:
    """Return how far values lie from their best multiple of the usual, as a share."""
    known = np.isfinite(values) & np.isfinite(usual)
    total = float(usual[known].sum())
    if total <= 0:
        return np.inf
    scale = float(values[known].sum()) / total
    return float(np.abs(values[known] - scale * usual[known]).sum()) / max(scale * total, 1e-9)


def _moved(centres: Values, first: int, end: int) -> bool:
    """Return whether this inverter's own day moved between outside and inside the spell."""
    outside = np.concatenate([centres[max(0, first - 15) : first], centres[end : end + 15]])
    inside = centres[first : min(end, first + 15)]
    if not np.isfinite(outside).any():
        return abs(float(np.nanmedian(inside)) - 720) > 60
    return bool(
        abs(float(_around(np.array([np.nanmedian(inside) - np.nanmedian(outside)]))[0])) > 0.6 * _LEAST
    )


def _rounded(minutes: float) -> int:
    for unit, room in ((60, 12.0), (30, 7.0), (15, 7.6)):
        near = unit * round(minutes / unit)
        if near and abs(minutes - near) <= room:
            return int(near)
    return round(minutes)


def _alone(ground: Ground, rows: list[int]) -> list[Finding]:
    """Return shifts of the whole site's clock: jumps of its noon, or a noon that is hours off the sun's."""
    total = np.where(ground.usable[rows], ground.kwh[rows], np.nan).sum(axis=0)
    series = series_of(ground.site.ms, total / ground.hours, step_ms=ground.site.step_ms)
    if len(series) < 10 * 40 or series.scale <= 0:
        return []
    days, path = noon_course(day_ends(series), series.step_minutes)
    if not len(path):
        return []
    jumps = jumps_of(days, path)
    found: list[Finding] = []
    offset, start = 0, -1
    for day, minutes in [*jumps, (np.inf, 0)]:
        place = _place(ground, day)
        if offset and start >= 0 and place > start:
            found.append(_tell(ground, rows, (start, place), offset, lasting=place >= len(ground.site.ms)))
        offset, start = offset + minutes, place
        if abs(offset) < 10:
            offset = 0
    late = _late(ground, path)
    if not jumps and late is not None and abs(late) > _ALONE_LATE:
        whole = (0, len(ground.site.ms))
        found.append(_tell(ground, rows, whole, 30 * round(late / 30), lasting=True, zone=True))
    return found


def _place(ground: Ground, day: float) -> int:
    if not np.isfinite(day):
        return len(ground.site.ms)
    # the day of a noon in UTC; the shift came in the night before
    noon = int(day) * DAY_MS + DAY_MS // 2
    local = int(np.searchsorted(ground.site.ms, noon))
    wanted = ground.day[min(local, len(ground.day) - 1)]
    return int(np.searchsorted(ground.day, wanted))


def _late(ground: Ground, path: Values) -> float | None:
    if ground.site.longitude is None:
        return None
    expected = 720.0 - 4.0 * ground.site.longitude
    return float(_around(np.array([np.median(path) - expected]))[0])


def _tell(
    ground: Ground, rows: list[int], span: tuple[int, int], minutes: int, *, lasting: bool, zone: bool = False
) -> Finding:
    gross = zone or abs(minutes) >= 2 * 60
    kind = FindingKind.PHASE_SHIFT if gross else FindingKind.TIME_SHIFT
    code = "fault-clock-late" if minutes > 0 else "fault-clock-early"
    return finding(ground, kind, span, rows, code=code, loss=0.0, lasting=lasting, minutes=abs(minutes))
