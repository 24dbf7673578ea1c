"""Ranking and sharing out: the same whatever the order, even loads, the published tie-break."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.programmes.enums import PhaseKind
from khcn.programmes.rules.contest_assignment import assign
from khcn.programmes.rules.contest_phases import JUROR_MAY, is_step
from khcn.programmes.rules.contest_scoring import (
    MEAN,
    CriterionRule,
    Rubric,
    Sheet,
    juror_total,
    mean,
    median,
    ranking,
)

D = Decimal
RUBRIC = Rubric((CriterionRule("a", "A", D(10), D(2)), CriterionRule("b", "B", D(10))), tie_break=("a",))


def sheets(**entries: list[tuple[str, str]]) -> list[Sheet]:
    return [
        Sheet(entry, f"j{n}", {"a": D(a), "b": D(b)})
        for entry, rows in entries.items()
        for n, (a, b) in enumerate(rows)
    ]


def ranks(rubric: Rubric, rows: list[Sheet]) -> dict[str, int | None]:
    return {one.entry: one.rank for one in ranking(rubric, {row.entry for row in rows}, rows)}


def test_totals_middle_and_rounding() -> None:
    assert juror_total(RUBRIC, {"a": D("7.5"), "b": D(4)}) == D("19.000")
    assert median([D(1), D(2), D(4), D(9)]) == D("3.000")
    assert mean([D(1), D(1), D(2)]) == D("1.333")
    for wrong in ({"a": D(1)}, {"a": D(11), "b": D(1)}, {"a": D(-1), "b": D(1)}):
        with pytest.raises(ValueError):
            juror_total(RUBRIC, wrong)


def test_ties_fall_by_criterion_then_lowest_total_then_share_and_skip() -> None:
    rows = sheets(x=[("5", "4")], y=[("4", "6")], z=[("4", "6")], last=[("1", "1")])
    assert ranks(RUBRIC, rows) == {"x": 1, "y": 2, "z": 2, "last": 4}
    spread = sheets(x=[("4", "0"), ("4", "4"), ("4", "8")], y=[("4", "2"), ("4", "4"), ("4", "8")])
    assert ranks(RUBRIC, spread) == {"y": 1, "x": 2}


def test_minimum_and_pass_total_take_the_rank_away() -> None:
    rubric = Rubric(
        (CriterionRule("a", "A", D(10), D(2), D(5)), CriterionRule("b", "B", D(10))), pass_total=D(15)
    )
    found = {
        one.entry: one
        for one in ranking(
            rubric, ["x", "y", "z", "w"], sheets(x=[("4", "9")], y=[("6", "9")], z=[("5", "1")])
        )
    }
    assert (found["x"].failed, found["y"].rank, found["z"].failed, found["w"].failed) == (
        ("a",),
        1,
        ("total",),
        ("no-sheet",),
    )


POINTS = st.integers(0, 40).map(lambda n: D(n) / 4)


@given(
    st.lists(st.lists(st.tuples(POINTS, POINTS), min_size=1, max_size=4), min_size=1, max_size=6),
    st.randoms(),
    st.booleans(),
)
def test_order_of_sheets_never_matters(grid, chance, use_mean) -> None:  # type: ignore[no-untyped-def]
    rubric = Rubric(RUBRIC.criteria, MEAN if use_mean else "median", ("b", "a"))
    rows = [
        Sheet(f"e{e}", f"j{j}", {"a": a, "b": b})
        for e, line in enumerate(grid)
        for j, (a, b) in enumerate(line)
    ]
    names = [f"e{e}" for e in range(len(grid))]
    first = ranking(rubric, names, rows)
    chance.shuffle(rows)
    chance.shuffle(names)
    assert ranking(rubric, names, rows) == first
    assert all(one.result >= two.result for one, two in pairwise(first))
    assert first[0].rank == 1


@given(st.integers(1, 20), st.integers(1, 6), st.integers(1, 4), st.integers(0, 9))
def test_loads_are_even_without_conflicts(entries: int, jurors: int, wanted: int, seed: int) -> None:
    values = {
        "entries": range(entries),
        "jurors": range(jurors),
        "blocked": (),
        "wanted": wanted,
        "seed": seed,
    }
    pairs = assign(**values, held=())
    assert pairs == assign(**values, held=())
    loads = [sum(juror == one for juror, _ in pairs) for one in range(jurors)]
    assert max(loads) - min(loads) <= 1
    assert all(sum(entry == one for _, entry in pairs) == min(wanted, jurors) for one in range(entries))
    assert assign(**values, held=pairs) == []


@given(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 9))))
def test_conflicts_are_kept(blocked: set[tuple[int, int]]) -> None:
    pairs = assign(entries=range(10), jurors=range(5), blocked=blocked, held=(), wanted=3, seed=1)
    assert not set(pairs) & blocked
    for entry in range(10):
        free = 5 - sum(one == entry for _, one in blocked)
        assert sum(one == entry for _, one in pairs) == min(3, free)


def test_phases_go_one_step_and_scores_only_while_judging() -> None:
    assert is_step(PhaseKind.OPEN, PhaseKind.CHECKING)
    assert is_step(PhaseKind.CHECKING, PhaseKind.OPEN)
    assert not is_step(PhaseKind.OPEN, PhaseKind.JUDGING)
    assert not is_step(PhaseKind.JUDGING, PhaseKind.COUNCIL)
    assert not is_step(PhaseKind.DONE, PhaseKind.COUNCIL)
    assert [one for one, may in JUROR_MAY.items() if may.score] == [PhaseKind.JUDGING]
