"""Times written as numbers: Excel serials, seconds, milliseconds, microseconds since 1970, or yyyymmddhhmm."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.table.notes import Note
from khcn.engines.energy.types import DAY_MS, Millis

EXCEL_EPOCH_MS: Final = -25_569 * DAY_MS  # day 0 of Excel's calendar as every program but Lotus counts it
MOST_NUMBERS: Final = 0.5
# kind -> (lowest, highest, ms in one, ms of zero): 1990..2100 for counts since 1970, 1982..2118 for Excel
_KINDS: Final[dict[str, tuple[float, float, float, int]]] = {
    "epoch_s": (6.3e8, 4.2e9, 1000.0, 0),
    "epoch_ms": (6.3e11, 4.2e12, 1.0, 0),
    "epoch_us": (6.3e14, 4.2e15, 1e-3, 0),
    "epoch_ns": (6.3e17, 4.2e18, 1e-6, 0),
    "excel": (30_000.0, 80_000.0, float(DAY_MS), EXCEL_EPOCH_MS),
}


@dataclass(frozen=True, slots=True)
class Walls:
    """Wall-clock ms as written (before the zone): ``valid`` rows, ``offset`` ms to UTC where the text has one.

    ``utc``: the kind of writing itself is UTC (seconds since 1970), so the zone never applied. ``shown``: column to
    quote in notes when several were joined.
    """

    wall: Millis
    valid: NDArray[np.bool_]
    format: str
    offset: NDArray[np.float64] | None = None
    notes: list[Note] = field(default_factory=list)
    utc: bool = False
    shown: str = ""


def read_serials(cells: Sequence[Any], kind: str = "") -> Walls | None:
    """Return the times when the column is numbers of one ``kind`` ("": found out), else None."""
    values = _floats(cells)
    there = np.isfinite(values)
    if not there.any() or there.mean() <= MOST_NUMBERS:
        return None
    middle = float(np.median(values[there]))
    kind = kind or _kind(middle, values[there])
    if not kind:
        return None
    _, high, each, zero = _KINDS[kind]
    # A clock in 1970 or 2040 is still a time; a blank, a total or a status code is not.
    valid = there & (values > -high) & (values < high * 2) & ((values != 0) | (kind != "excel"))
    wall = np.zeros(len(values), np.int64)
    wall[valid] = np.round(values[valid] * each).astype(np.int64) + zero
    if kind == "excel":
        wall = (wall + 50) // 100 * 100 * valid  # a serial with five decimals is good to half a second
        wall = _whole_seconds(wall)
        return Walls(wall, valid, kind)
    return Walls(wall, valid, kind, np.where(valid, 0.0, np.nan), utc=True)


def _whole_seconds(wall: Millis) -> Millis:
    near = (wall + 500) // 1000 * 1000
    return near if np.abs(wall - near).max(initial=0) <= 500 else wall


def _kind(middle: float, values: NDArray[np.float64]) -> str:
    for kind, (low, high, _, _) in _KINDS.items():
        if low <= middle < high and not (kind == "epoch_s" and _looks_written(values)):
            return kind
    return ""


def _looks_written(values: NDArray[np.float64]) -> bool:
    """Whether ten-digit numbers are yyyymmddhh rather than seconds: month, day and hour fit in every one of them."""
    whole = values.astype(np.int64)
    month, day, hour = whole // 10_000 % 100, whole // 100 % 100, whole % 100
    fits = (
        (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (hour <= 24) & (whole // 1_000_000 >= 1970)
    )
    return bool(fits.all()) and len(whole) > 3


def _floats(cells: Sequence[Any]) -> NDArray[np.float64]:
    out = np.full(len(cells), math.nan)
    misses = 0
    for at, cell in enumerate(cells):
        if isinstance(cell, bool) or cell is None or cell == "":
            continue
        try:
            out[at] = float(str(cell).replace(",", ".")) if isinstance(cell, str) else float(cell)
        except (ValueError, TypeError):
            misses += 1
            if misses > 50 and misses > 0.6 * (at + 1):
                return np.full(len(cells), math.nan)
    return out
