"""Hiding small cells in public tables, so that nobody can single out a few visitors, not even by arithmetic.

A cell from 1 to k - 1 is hidden (primary). A hidden cell could be worked out from the sums beside it, so more cells are
hidden (complementary) until, over rows, columns and their sums together:

* no hidden cell follows from the published figures: seen as a graph (rows and columns joined by hidden cells) every
  hidden cell lies on a cycle, which is exactly the condition for two-way tables;
* in each line with hidden cells, what they add up to leaves room for any of them to reach k (so that "small" itself
  does not show).

Zeros stay: an empty or closed hour tells of nobody. Sums are hidden when they are small or needed for protection.
Publish finished hours only, and the same hiding every time: two versions of a table must not be comparable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.series import Array

K: Final = 5
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A row of cells with its sum. None: hidden or not measured (``hidden`` tells which)."""

    cells: tuple[float | None, ...]
    total: float | None
    hidden: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class SuppressedTable:
    """A table with row sums, column sums and grand total; NaN where hidden or not measured."""

    cells: Array
    rows: Array
    columns: Array
    total: float
    hidden: Mask  # of cells
    hidden_rows: NDArray[np.bool_]
    hidden_columns: NDArray[np.bool_]
    hidden_total: bool


def suppress(cells: Sequence[float | None], *, k: int = K) -> Suppressed:
    """Hide the small cells of one row that is published with its sum (hours of a day). Raises FlowError ``threshold``."""
    values = np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    table = suppress_table(values.reshape(1, -1), k=k, columns=False)
    shown = tuple(None if np.isnan(value) else float(value) for value in table.cells[0])
    total = None if np.isnan(table.rows[0]) else float(table.rows[0])
    return Suppressed(shown, total, tuple(bool(flag) for flag in table.hidden[0]))


def suppress_table(cells: Array, *, k: int = K, columns: bool = True) -> SuppressedTable:
    """Hide the small cells of a table (rows x columns, NaN not measured) published with its sums.

    ``columns`` False: column sums are not published (rows stand alone). Raises FlowError ``threshold``.
    """
    if k < 2:
        raise FlowError("threshold", k=k)
    values = np.asarray(cells, dtype=np.float64)
    if not columns:
        return _alone(values, k)
    full = _with_sums(values)
    hidden = (full > 0) & (full < k)
    while (more := _next(full, hidden, k)) is not None:
        hidden[more] = True
    out = np.where(hidden, np.nan, full)
    return SuppressedTable(
        out[:-1, :-1], out[:-1, -1], out[-1, :-1], float(out[-1, -1]),
        hidden[:-1, :-1], hidden[:-1, -1], hidden[-1, :-1], bool(hidden[-1, -1]),
    )  # fmt: skip


def _alone(values: Array, k: int) -> SuppressedTable:
    """Rows with their sums and nothing across."""
    hidden = (values > 0) & (values < k)
    sums = np.nansum(values, axis=1) if values.size else np.zeros(values.shape[0])
    hide_sum = (sums > 0) & (sums < k)
    for row in range(values.shape[0]):
        while not hide_sum[row] and not _safe(values[row][hidden[row]], k):
            spare = np.flatnonzero((values[row] > 0) & ~hidden[row])
            if not spare.size:
                hide_sum[row] = True
                break
            hidden[row, spare[np.argmin(values[row][spare])]] = True
    rows = np.where(hide_sum, np.nan, sums)
    none = np.zeros(values.shape[1], dtype=np.bool_)
    empty = np.full(values.shape[1], np.nan)
    return SuppressedTable(
        np.where(hidden, np.nan, values), rows, empty, float("nan"), hidden, hide_sum, none, False
    )


def _safe(hidden: Array, k: int) -> bool:
    """Whether the sum of the hidden cells of a line (each at least 1) lets any of them be k or more."""
    return not hidden.size or (hidden.size > 1 and float(hidden.sum()) - (hidden.size - 1) >= k)


def _with_sums(values: Array) -> Array:
    """The table with its sums as last row and column; a sum over nothing measured is NaN."""
    full = np.full((values.shape[0] + 1, values.shape[1] + 1), np.nan)
    full[:-1, :-1] = values
    known = ~np.isnan(values)
    full[:-1, -1] = np.where(known.any(axis=1), np.nansum(values, axis=1), np.nan)
    full[-1, :-1] = np.where(known.any(axis=0), np.nansum(values, axis=0), np.nan)
    full[-1, -1] = np.nansum(values) if known.any() else np.nan
    return full


def _next(full: Array, hidden: Mask, k: int) -> tuple[int, int] | None:
    """The next cell to hide, or None when the table is safe."""
    for axis in (0, 1):
        values, flags = (full, hidden) if axis == 0 else (full.T, hidden.T)
        crossed: NDArray[np.bool_] = np.asarray(flags.any(axis=0), dtype=np.bool_)
        for line in range(values.shape[0]):
            # the sum is a figure like the others: a hidden sum leaves no equation that binds the cells alone
            if _safe(values[line][flags[line]], k):
                continue
            if (spare := _cheapest(values[line], flags[line], crossed)) is not None:
                return (line, spare) if axis == 0 else (spare, line)
    for row, column in _bridges(hidden):
        options = [
            (full[row, c], row, c) for c in range(full.shape[1]) if full[row, c] > 0 and not hidden[row, c]
        ]
        options += [
            (full[r, column], r, column)
            for r in range(full.shape[0])
            if full[r, column] > 0 and not hidden[r, column]
        ]
        if options:
            return min(options)[1:]
    return None


def _cheapest(values: Array, flags: NDArray[np.bool_], crossed: NDArray[np.bool_]) -> int | None:
    """The smallest cell that can be hidden; first where the crossing line has hidden cells anyway (they protect it)."""
    spare = [int(at) for at in np.flatnonzero((values > 0) & ~flags)]
    return min(spare, key=lambda at: (not crossed[at], values[at]), default=None)


def _bridges(hidden: Mask) -> list[tuple[int, int]]:
    """Hidden cells on no cycle of the graph rows - columns: each of them can be worked out."""
    found = []
    edges = [(int(r), int(c)) for r, c in np.argwhere(hidden)]
    for edge in edges:
        reached, todo = {("r", edge[0])}, [("r", edge[0])]
        while todo:
            side, number = todo.pop()
            for row, column in edges:
                if (row, column) == edge:
                    continue
                here, there = (("r", row), ("c", column)) if side == "r" else (("c", column), ("r", row))
                if here == (side, number) and there not in reached:
                    reached.add(there)
                    todo.append(there)
        if ("c", edge[1]) not in reached:
            found.append(edge)
    return found
