"""What is hidden cannot be worked out: checked by linear algebra, not by the rules that hid it."""

import numpy as np
import pytest

from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.suppress import suppress, suppress_table

NAN = float("nan")


@pytest.mark.parametrize(
    ("name", "cells", "shown", "total"),
    [
        ("nothing small", [10, 0, 20], [10, 0, 20], 30),
        ("one small cell takes the next smallest with it", [3, 40, 9, 50], [None, 40, None, 50], 102),
        ("two small cells that hide each other", [4, 40, 4], [None, 40, None], 48),
        ("two ones would show: 1 + 1 = 2", [1, 1, 40, 9], [None, None, 40, None], 51),
        ("a small sum is hidden too", [1, 2, 0], [None, None, 0], None),
        ("one small cell alone", [3, 0, 0], [None, 0, 0], None),
        ("not measured stays not measured", [3, None, 12, 30], [None, None, None, 30], 45),
        ("zeros stay", [0, 0], [0, 0], 0),
        ("nothing", [], [], 0),
    ],
)
def test_a_day_with_its_sum(name, cells, shown, total):
    found = suppress(cells, k=5)
    assert list(found.cells) == shown, name
    assert found.total == total, name


def test_hidden_is_told_from_not_measured():
    assert suppress([3, None, 12, 30]).hidden == (True, False, True, False)


def solvable(table, hidden):
    """Cells that follow from the others: unit vectors in the row space of the sums, columns of hidden cells only."""
    rows, columns = table.shape
    at = {(int(r), int(c)): n for n, (r, c) in enumerate(np.argwhere(hidden))}
    equations = []
    for r in range(rows):
        equations.append([sign(r, c, rows, columns) if (r, c) in at else 0 for c in range(columns)])
    matrix = np.zeros((rows + columns, len(at)))
    for (r, c), n in at.items():
        matrix[r, n] = -1 if c == columns - 1 else 1
        matrix[rows + c, n] = -1 if r == rows - 1 else 1
    rank = np.linalg.matrix_rank(matrix)
    return [
        cell
        for cell, n in at.items()
        if np.linalg.matrix_rank(np.vstack((matrix, np.eye(len(at))[n]))) == rank
    ]


def sign(r, c, rows, columns):
    return -1 if c == columns - 1 else 1


@pytest.mark.parametrize("seed", range(25))
def test_no_hidden_cell_of_a_table_follows_from_the_sums(seed):
    dice = np.random.default_rng(seed)
    cells = dice.poisson(dice.choice([1.0, 8.0, 60.0], size=(6, 14))).astype(float)
    found = suppress_table(cells, k=5)
    full = np.zeros((7, 15))
    full[:-1, :-1], full[:-1, -1], full[-1, :-1], full[-1, -1] = (
        cells,
        cells.sum(1),
        cells.sum(0),
        cells.sum(),
    )
    hidden = np.zeros((7, 15), dtype=bool)
    hidden[:-1, :-1], hidden[:-1, -1], hidden[-1, :-1] = found.hidden, found.hidden_rows, found.hidden_columns
    hidden[-1, -1] = found.hidden_total
    assert not ((full > 0) & (full < 5) & ~hidden).any()
    assert solvable(full, hidden) == []
    shown = np.where(hidden, np.nan, full)
    assert np.array_equal(np.nan_to_num(found.cells, nan=-1), np.nan_to_num(shown[:-1, :-1], nan=-1))
    assert hidden.mean() < 0.75 or full[:-1, :-1].mean() < 10  # it does not hide everything


def test_a_big_table_is_left_alone():
    cells = np.full((3, 4), 50.0)
    found = suppress_table(cells)
    assert not found.hidden.any() and found.total == 600 and found.rows.tolist() == [200] * 3


def test_one_small_cell_in_a_table_hides_a_rectangle():
    cells = np.full((3, 4), 50.0)
    cells[1, 2] = 2
    found = suppress_table(cells)
    hidden = int(found.hidden.sum()) + int(found.hidden_rows.sum()) + int(found.hidden_columns.sum())
    assert hidden == 4 and found.hidden[1, 2]


def test_a_row_alone_needs_no_columns():
    found = suppress_table(np.array([[3.0, 40, 9], [50, 60, 70]]), columns=False)
    assert found.hidden.tolist() == [[True, False, True], [False, False, False]]
    assert np.isnan(found.columns).all() and found.rows.tolist() == [52, 180]


def test_a_threshold_of_one_hides_nothing_and_is_refused():
    with pytest.raises(FlowError, match="từ 2"):
        suppress([1, 2], k=1)
