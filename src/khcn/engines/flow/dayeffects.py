"""What holidays, Tết, lunar market days and named events do to a day, learned from the past of the series itself.

A day is cut into six blocks of four hours. The effect of a past special day is the log ratio of each block to the median
of the same weekday over the six weeks before it, so only the past is used. Effects are pooled by name, and a name seen
rarely leans towards its family (all holidays on workdays, neighbouring days of Tết, nothing).

Tết must have shown itself in the series before it counts: a street that does not keep it is not treated as if it did.
Before the first Tết of a series only the days around it are left out.
"""

from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.series import Array, HourlySeries

BLOCKS: Final = 6
BLOCK_HOURS: Final = 24 // BLOCKS
BASE_WEEKS: Final = 6
SMALL: Final = 2.0  # visitors added to both sides of a ratio
# mean log ratio of the first days of Tết that makes it count: a third fewer, or more than twice as many
TET_SHOWS: Final = (-0.35, 0.8)
TET_CORE: Final = (-2, 0)  # days whose ratio tells whether it shows
SURE: Final = 2.5  # standard errors from which on an effect of lunar market days counts
LEAST: Final = 0.05  # and no less than this log ratio
FIRST_TET: Final = (-4, 2)  # days left out while it is not known whether it shows
LIMIT: Final = 2.5  # log ratio beyond which a block says "closed" or "once in a life", not more


class DayEffects:
    """Effects of one series, askable as of any hour of it (``at``: index; nothing after it is used)."""

    def __init__(self, series: HourlySeries, calendar: Calendar, *, horizon: int) -> None:
        first = series.start.date()
        self._lead = series.start.hour
        days = (self._lead + len(series) + horizon) // 24 + 2
        self._dates = [first + timedelta(days=number) for number in range(days)]
        self.kinds = [calendar.kind(day) for day in self._dates]
        self._named = np.array([kind is not None for kind in self.kinds])
        self._masked = np.array([calendar.special(day) for day in self._dates])
        self._only_tet = np.array([calendar.only_tet(day) for day in self._dates])
        self._offsets = np.array([_offset(kind) for kind in self.kinds])
        self._weekend = np.array([day.weekday() >= 5 for day in self._dates])
        self._ratios, self._day_ratios = self._learn(series.values, days)
        self._groups = self._group()
        self._known: dict[tuple[int, str], Array] = {}
        self._tet: dict[int, bool | None] = {}

    def day_of(self, index: int) -> int:
        """Number of the day that holds hour ``index`` of the series."""
        return (self._lead + index) // 24

    def _learn(self, values: Array, days: int) -> tuple[Array, Array]:
        grid = np.full(days * 24, np.nan)
        grid[self._lead : self._lead + values.size] = values
        blocks: Array = grid.reshape(days, BLOCKS, BLOCK_HOURS).sum(axis=2)
        usual = np.where(self._masked[:, None], np.nan, blocks)
        past = np.full((BASE_WEEKS, days, BLOCKS), np.nan)
        for week in range(1, BASE_WEEKS + 1):
            past[week - 1, 7 * week :] = usual[: max(days - 7 * week, 0)]
        enough = (~np.isnan(past)).sum(axis=0) >= 2
        ordered = np.sort(past, axis=0)  # NaN last
        count = (~np.isnan(past)).sum(axis=0)
        low = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0)[None], axis=0)[0]
        high = np.take_along_axis(ordered, np.minimum(count // 2, BASE_WEEKS - 1)[None], axis=0)[0]
        base = np.where(enough, (low + high) / 2, np.nan)
        with np.errstate(invalid="ignore"):
            ratios: Array = np.clip(np.log((blocks + SMALL) / (base + SMALL)), -LIMIT, LIMIT)
            whole: Array = np.log((blocks.sum(axis=1) + SMALL) / (base.sum(axis=1) + SMALL))
        return ratios - self._drift(whole)[:, None], whole

    def _drift(self, whole: Array) -> Array:
        """Where the level stood against its past, from the usual days of the week before: no merit of the day."""
        days = whole.size
        usual = np.where(self._named, np.nan, whole)
        before = np.full((7, days), np.nan)
        for back in range(1, 8):
            before[back - 1, back:] = usual[: max(days - back, 0)]
        count = (~np.isnan(before)).sum(axis=0)
        sums = np.nansum(before, axis=0)
        return np.asarray(np.where(count >= 3, sums / np.maximum(count, 1), 0.0), dtype=np.float64)

    def _tet_shows(self, today: int) -> bool | None:
        """Whether earlier days of Tết were unlike others; None when none was measured before ``today``."""
        if today not in self._tet:
            core = (self._offsets >= TET_CORE[0]) & (self._offsets <= TET_CORE[1])
            seen = self._day_ratios[:today][core[:today]]
            seen = seen[~np.isnan(seen)]
            low, high = TET_SHOWS
            self._tet[today] = not low <= float(seen.mean()) <= high if seen.size else None
        return self._tet[today]

    def factors(self, at: int, first: int, count: int) -> Array:
        """Multipliers of ``count`` hours from hour ``first``, as known at hour ``at``; 1 on usual days."""
        begin, end = self.day_of(first), self.day_of(first + count - 1) + 1
        logs = np.zeros((end - begin, BLOCKS))
        today = self.day_of(at)
        for day in range(begin, end):
            if self._named[day]:
                logs[day - begin] = self._effect(day, today)
        hours = np.repeat(logs, BLOCK_HOURS, axis=1).reshape(-1)
        start = self._lead + first - begin * 24
        return np.asarray(np.exp(hours[start : start + count]), dtype=np.float64)

    def clean(self, values: Array, at: int, weeks: int) -> Array:
        """The hours before ``at`` (at most ``weeks`` weeks) as if all days were usual; special days are NaN."""
        first = max(at - weeks * 168, 0)
        days = (self._lead + np.arange(first, at)) // 24
        plain: Array = values[first:at] / self.factors(at, first, at - first)
        plain[self._left_out(self.day_of(at))[days]] = np.nan
        return plain

    def _left_out(self, today: int) -> NDArray[np.bool_]:
        """Days that say nothing about usual days, as known on the morning of ``today``."""
        shows = self._tet_shows(today)
        if shows:
            return self._masked
        if shows is None:
            near = (self._offsets >= FIRST_TET[0]) & (self._offsets <= FIRST_TET[1])
            return np.asarray(self._masked & (~self._only_tet | near), dtype=np.bool_)
        return np.asarray(self._masked & ~self._only_tet, dtype=np.bool_)

    def _group(self) -> dict[str, NDArray[np.intp]]:
        """Special days that have a ratio, by kind; holidays by workday and weekend, and all of them together."""
        usable = np.flatnonzero(self._named & ~np.isnan(self._ratios).any(axis=1))
        groups: dict[str, list[int]] = {}
        for day in usable.tolist():
            for name in self._names(day):
                groups.setdefault(name, []).append(day)
        return {name: np.array(days) for name, days in groups.items()}

    def _names(self, day: int) -> tuple[str, ...]:
        kind = self.kinds[day] or ""
        if kind.startswith("holiday:"):
            side = "weekend" if self._weekend[day] else "workday"
            return f"{kind}@{side}", f"holiday@{side}"
        return (kind,)

    def _before(self, name: str, today: int) -> Array:
        """Ratios of the group's days before ``today``: shape (days, BLOCKS)."""
        days = self._groups.get(name)
        if days is None:
            return np.zeros((0, BLOCKS))
        return self._ratios[days[: int(np.searchsorted(days, today))]]

    def _effect(self, day: int, today: int) -> Array:
        """Log effect on ``day`` as known on the morning of ``today``."""
        names = self._names(day)
        key = (today, names[0])
        if key not in self._known:
            self._known[key] = self._work_out(names, today)
        return self._known[key]

    def _work_out(self, names: tuple[str, ...], today: int) -> Array:
        family, _, name = names[0].partition(":")
        towards = np.zeros(BLOCKS)
        if family == "lunar":
            return _sure(self._before(names[0], today))
        if family == "holiday":
            towards = _pooled(self._before(names[1], today), towards)
        if family == "tet":
            if not self._tet_shows(today):
                return towards
            sides = [int(name) - 1, int(name) + 1]
            near = [self._before(f"tet:{side}", today) for side in sides if (side > 0) == (int(name) > 0)]
            towards = _pooled(np.concatenate(near), towards) if near else towards
        return _pooled(self._before(names[0], today), towards)


def _offset(kind: str | None) -> float:
    """Days to Tết of a kind "tet:N"; NaN for others."""
    return float(kind[4:]) if kind is not None and kind.startswith("tet:") else float("nan")


def _pooled(rows: Array, towards: Array) -> Array:
    """Mean effect, leaning on ``towards`` as on one more day."""
    return np.asarray((rows.sum(axis=0) + towards) / (len(rows) + 1), dtype=np.float64)


def _sure(rows: Array) -> Array:
    """Median effect of frequent days, only where it stands out of their spread."""
    if len(rows) < 4:
        return np.zeros(BLOCKS)
    middle = np.median(rows, axis=0)
    spread = 1.4826 * np.median(np.abs(rows - middle), axis=0)
    error = 1.2533 * spread / np.sqrt(len(rows))  # of a median
    return np.asarray(
        np.where(np.abs(middle) > np.maximum(SURE * error, LEAST), middle, 0.0), dtype=np.float64
    )
