"""An hourly series in local time, and the calendar that goes with it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.flow.errors import FlowError

Array = NDArray[np.float64]
HOUR: Final = timedelta(hours=1)
MAX_HOURS: Final = 40 * 366 * 24  # forty years: more is a wrong date somewhere


def wall(moment: datetime) -> datetime:
    """Return the whole hour of ``moment`` on the wall clock of its own zone, without zone."""
    return moment.replace(tzinfo=None, minute=0, second=0, microsecond=0, fold=0)


@dataclass(frozen=True, slots=True)
class HourlySeries:
    """Counts per hour: ``values[i]`` belongs to the hour that starts at ``start + i`` hours (local, naive)."""

    start: datetime
    values: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", wall(self.start))
        object.__setattr__(self, "values", np.asarray(self.values, dtype=np.float64))

    def __len__(self) -> int:
        return int(self.values.size)

    @property
    def end(self) -> datetime:
        """The end (exclusive) of the last hour."""
        return self.start + len(self) * HOUR

    @property
    def missing(self) -> int:
        """Hours not measured."""
        return int(np.isnan(self.values).sum())

    def times(self) -> list[datetime]:
        """The start of each hour."""
        return [self.start + i * HOUR for i in range(len(self))]

    def index(self, moment: datetime) -> int:
        """Position of the hour that holds ``moment``; may lie outside the series."""
        return (wall(moment) - self.start) // HOUR

    def window(self, begin: datetime, end: datetime) -> "HourlySeries":
        """The hours from ``begin`` to ``end`` (exclusive); hours outside the series are NaN."""
        first, last = self.index(begin), self.index(end)
        values = np.full(max(last - first, 0), np.nan)
        low, high = max(first, 0), min(last, len(self))
        if high > low:
            values[low - first : high - first] = self.values[low:high]
        return HourlySeries(wall(begin), values)

    def day(self, day: date) -> Array:
        """The 24 hours of one day."""
        begin = datetime(day.year, day.month, day.day)
        return self.window(begin, begin + 24 * HOUR).values

    @classmethod
    def from_points(cls, points: Iterable[tuple[datetime, float | None]]) -> "HourlySeries":
        """Put points in order; hours without a point are NaN, hours with several (clock set back) their mean.

        Aware times are read on the wall clock of their own zone. Raises FlowError ``empty`` or ``span``.
        """
        sums: dict[datetime, tuple[float, int]] = {}
        for moment, value in points:
            total, count = sums.get(hour := wall(moment), (0.0, 0))
            known = value is not None and np.isfinite(value)
            sums[hour] = (total + float(value), count + 1) if known and value is not None else (total, count)
        if not sums:
            raise FlowError("empty")
        start, last = min(sums), max(sums)
        hours = (last - start) // HOUR + 1
        if hours > MAX_HOURS:
            raise FlowError("span", first=f"{start:%d/%m/%Y}", last=f"{last:%d/%m/%Y}")
        values = np.full(hours, np.nan)
        for hour, (total, count) in sums.items():
            if count:
                values[(hour - start) // HOUR] = total / count
        return cls(start, values)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
