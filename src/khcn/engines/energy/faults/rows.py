"""What is wrong with the rows of one series of power, without being told which fault to look for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from khcn.engines.energy.faults.clipping import clipped_rows
from khcn.engines.energy.faults.interpolated import interpolated_rows, machine_made
from khcn.engines.energy.faults.outliers import outlier_rows
from khcn.engines.energy.faults.series import Mask, Series, series_of, with_daylight
from khcn.engines.energy.faults.shifts import Shift, day_ends, noon_course, shifts_of
from khcn.engines.energy.faults.stale import stale_rows
from khcn.engines.energy.types import Millis, Values


@dataclass(frozen=True, slots=True)
class RowFaults:
    """Zero-based row numbers of each fault, ascending, and the shifts of the clock."""

    stale: tuple[int, ...]
    interpolated: tuple[int, ...]
    clipping: tuple[int, ...]
    outlier: tuple[int, ...]
    shifts: tuple[Shift, ...]
    noon_minute: float | None = (
        None  # mean solar noon by the file's clock at the end, equation of time removed
    )

    def document(self) -> dict[str, Any]:
        """Return the JSON of ``khcn energy faults``."""
        return {
            "rows": {
                "stale": list(self.stale),
                "interpolated": list(self.interpolated),
                "clipping": list(self.clipping),
                "outlier": list(self.outlier),
            },
            "shifts": [{"date": one.date.isoformat(), "minutes": one.minutes} for one in self.shifts],
        }


def find_faults(
    ms: Millis, values: Values, valid: Mask | None = None, *, step_ms: int | None = None
) -> RowFaults:
    """Find faulty rows of a series of power (any unit, any step up to an hour).

    ``ms``: times of the rows in any order, ``valid``: rows whose time could be read (None: all), nan values: missing.
    A row has at most one fault: a value stuck for hours is stale even when it lies at a limit.
    """
    series = series_of(ms, values, valid, step_ms=step_ms)
    if len(series) < 5 or series.scale <= 0:
        return RowFaults((), (), (), (), ())
    series = with_daylight(series, machine_made(series))
    clipped = clipped_rows(series)
    stale = stale_rows(series, clipped)
    interpolated = interpolated_rows(series) & ~stale
    clipped &= ~(stale | interpolated)
    outlier = outlier_rows(series, stale | interpolated | clipped)
    days, noons = noon_course(day_ends(series, stale | interpolated | outlier), series.step_minutes)
    return RowFaults(
        stale=_rows(series, stale),
        interpolated=_rows(series, interpolated),
        clipping=_rows(series, clipped),
        outlier=_rows(series, outlier),
        shifts=tuple(shifts_of(days, noons)),
        noon_minute=float(noons[-1]) if len(noons) else None,
    )


def _rows(series: Series, mask: Mask) -> tuple[int, ...]:
    found: Sequence[int] = np.sort(series.rows[mask]).tolist()
    return tuple(found)
