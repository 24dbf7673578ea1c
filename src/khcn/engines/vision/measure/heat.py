"""Where people are: seconds of presence in 32 x 18 cells of the picture, and the same on the floor."""

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.layout import Ground
from khcn.engines.vision.measure.geometry import Floor
from khcn.engines.vision.types import Size

Array = NDArray[np.float64]
COLUMNS, ROWS = 32, 18


def cells_of(feet: Array, source: Size) -> NDArray[np.intp]:
    """Return column and row (n, 2) of foot points (n, 2); points outside the picture belong to its edge."""
    share = np.asarray(feet, np.float64).reshape(-1, 2) / [source.width, source.height]
    return np.clip((share * [COLUMNS, ROWS]).astype(np.intp), 0, [COLUMNS - 1, ROWS - 1])


class Heat:
    """Sums seconds per cell: ``seconds`` is (18, 32), row by row from the top."""

    def __init__(self, source: Size) -> None:
        self.source = source
        self.seconds: Array = np.zeros((ROWS, COLUMNS))

    def add(self, feet: Array, dt: float) -> None:
        """Add ``dt`` seconds for everybody who stands at ``feet`` (n, 2)."""
        cells = cells_of(feet, self.source)
        np.add.at(self.seconds, (cells[:, 1], cells[:, 0]), dt)

    def cells(self) -> dict[str, float]:
        """Return the cells in which anybody was, as "column,row" -> seconds."""
        rows, columns = np.nonzero(self.seconds)
        return {
            f"{column},{row}": float(self.seconds[row, column])
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        }


def read_cells(cells: dict[str, float]) -> Array:
    """Return the (18, 32) array of "column,row" -> seconds; unknown cells are left out."""
    found = np.zeros((ROWS, COLUMNS))
    for name, seconds in cells.items():
        column, _, row = name.partition(",")
        if column.isdigit() and row.isdigit() and int(column) < COLUMNS and int(row) < ROWS:
            found[int(row), int(column)] += seconds
    return found


def to_floor(
    seconds: Array, ground: Ground, source: Size, *, cell_m: float, around_m: float = 0.0
) -> tuple[Array, tuple[float, float]]:
    """Project picture cells to the floor.

    ``seconds``: (18, 32); ``cell_m``: side of a floor cell in metres; ``around_m``: margin around the four points.
    Each picture cell is spread over nine points, so that near cells do not leave holes. Presence outside the margin or
    beyond the horizon is left out. Returns seconds by floor cell (rows, columns) and the metres of its first corner.
    """
    corners = np.asarray(ground.metres, np.float64)
    low, high = corners.min(axis=0) - around_m, corners.max(axis=0) + around_m
    shape = np.maximum(np.ceil((high - low) / cell_m - 1e-9).astype(int), 1)[::-1]
    floor = Floor(ground)
    found = np.zeros((int(shape[0]), int(shape[1])))
    size = np.array([source.width / COLUMNS, source.height / ROWS])
    rows, columns = np.nonzero(seconds)
    for shift in ((x, y) for y in (1 / 6, 0.5, 5 / 6) for x in (1 / 6, 0.5, 5 / 6)):
        spots = floor.place((np.stack([columns, rows], axis=1) + shift) * size)
        cells = np.floor((spots - low) / cell_m)
        ok = np.isfinite(cells).all(axis=1) & (cells >= 0).all(axis=1) & (cells < shape[::-1]).all(axis=1)
        at = cells[ok].astype(int)
        np.add.at(found, (at[:, 1], at[:, 0]), seconds[rows[ok], columns[ok]] / 9)
    return found, (float(low[0]), float(low[1]))
