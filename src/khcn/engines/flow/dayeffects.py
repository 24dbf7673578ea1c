"""What holidays, Tết, lunar market days and named events do to a day, learned from the past of the series itself.

A day is cut into six blocks of four hours. The effect of a past special day is the log ratio of each block to the median
of the same weekday over the six weeks before it, so only the past is used. Effects are pooled by name, and a name seen
rarely leans towards its family (all holidays on workdays, neighbouring days of Tết, nothing).
"""

from collections.abc import Sequence
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
        self._weekend = np.array([day.weekday() >= 5 for day in self._dates])
        self._ratios = self._learn(series.values, days)
        self._special_days = np.flatnonzero(self._named & ~np.isnan(self._ratios).any(axis=1))

    def day_of(self, index: int) -> int:
        """Number of the day that holds hour ``index`` of the series."""
        return (self._lead + index) // 24

    def _learn(self, values: Array, days: int) -> Array:
        grid = np.full(days * 24, np.nan)
        grid[self._lead : self._lead + values.size] = values
        blocks: Array = grid.reshape(days, BLOCKS, BLOCK_HOURS).sum(axis=2)
        usual = np.where(self._named[:, None], np.nan, blocks)
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
        return ratios

    def factors(self, at: int, first: int, count: int) -> Array:
        """Multipliers of ``count`` hours from hour ``first``, as known at hour ``at``; 1 on usual days."""
        begin, end = self.day_of(first), self.day_of(first + count - 1) + 1
        logs = np.zeros((end - begin, BLOCKS))
        named = [day for day in range(begin, end) if self._named[day]]
        if named:
            known = self._special_days[self._special_days < self.day_of(at)]
            for day in named:
                logs[day - begin] = self._effect(day, known)
        hours = np.repeat(logs, BLOCK_HOURS, axis=1).reshape(-1)
        start = self._lead + first - begin * 24
        return np.asarray(np.exp(hours[start : start + count]), dtype=np.float64)

    def clean(self, values: Array, at: int, weeks: int) -> Array:
        """The hours before ``at`` (at most ``weeks`` weeks) as if all days were usual; special days are NaN."""
        first = max(at - weeks * 168, 0)
        days = (self._lead + np.arange(first, at)) // 24
        plain: Array = values[first:at] / self.factors(at, first, at - first)
        plain[self._masked[days]] = np.nan
        return plain

    def _effect(self, day: int, known: NDArray[np.intp]) -> Array:
        kind = self.kinds[day] or ""
        family = kind.partition(":")[0]
        nothing = np.zeros(BLOCKS)
        if family == "lunar":
            return self._sure([d for d in known if self.kinds[d] == kind])
        if family == "holiday":
            alike = [d for d in known if self._family(d) == family and self._weekend[d] == self._weekend[day]]
            general = self._pooled(alike, nothing)
            return self._pooled([d for d in alike if self.kinds[d] == kind], general)
        if family == "tet":
            offset = int(kind.partition(":")[2])
            near = [d for d in known if self._tet(d) is not None and abs((self._tet(d) or 0) - offset) == 1]
            same_side = [d for d in near if ((self._tet(d) or 0) > 0) == (offset > 0)]
            general = self._pooled(same_side, nothing)
            return self._pooled([d for d in known if self.kinds[d] == kind], general)
        return self._pooled([d for d in known if self.kinds[d] == kind], nothing)

    def _family(self, day: int) -> str:
        return (self.kinds[day] or "").partition(":")[0]

    def _tet(self, day: int) -> int | None:
        family, _, name = (self.kinds[day] or "").partition(":")
        return int(name) if family == "tet" else None

    def _pooled(self, days: Sequence[int], towards: Array) -> Array:
        """Mean effect of ``days``, leaning on ``towards`` as on one more day."""
        if not days:
            return towards
        return np.asarray((self._ratios[days].sum(axis=0) + towards) / (len(days) + 1), dtype=np.float64)

    def _sure(self, days: Sequence[int]) -> Array:
        """Mean effect of frequent days, only where it stands out of their spread."""
        if len(days) < 4:
            return np.zeros(BLOCKS)
        rows = self._ratios[days]
        mean, error = rows.mean(axis=0), rows.std(axis=0, ddof=1) / np.sqrt(len(days))
        return np.asarray(np.where(np.abs(mean) > 2 * error, mean, 0.0), dtype=np.float64)
