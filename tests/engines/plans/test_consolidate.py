"""Totals of rows: exact, missing is not zero, each with the rows behind it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.plans.consolidate import (
    Difference,
    Measure,
    Row,
    Total,
    change,
    consolidate,
    differences,
    share,
)

D = Decimal


def row(unit: int, value: str | None, *, code: str = "a", sources: int = 0) -> Row:
    return Row(
        unit,
        code,
        None if value is None else D(value),
        sources=tuple(f"x:{unit}-{n}" for n in range(sources)),
    )


def total(rows: list[Row], **measure: str) -> Total:
    made = Measure("a", "A", **measure)  # type: ignore[arg-type]
    return consolidate([made], rows)[0]


@pytest.mark.parametrize(
    ("aggregate", "values", "value", "units"),
    [
        ("sum", ["1", "2", "3.5"], "6.5", 3),
        ("sum", ["1", None, "0"], "1", 2),
        ("sum", [None, None], None, 0),
        ("sum", [], None, 0),
        ("sum", ["0.1"] * 10, "1.0", 10),
        ("sum", ["99999999999999999.9999", "0.0001"], "100000000000000000", 2),
        ("mean", ["1", "2", None], "1.5", 2),
        ("mean", ["1", "1", "2"], "1.3333", 3),
        ("mean", ["1", "2", "2"], "1.6667", 3),
        ("max", ["3", None, "7", "7"], "7", 3),
        ("max", ["-3", None], "-3", 1),
        ("last", ["3", None, "7"], "7", 2),
    ],
)
def test_totals(aggregate: str, values: list[str | None], value: str | None, units: int) -> None:
    found = total([row(unit, text) for unit, text in enumerate(values)], aggregate=aggregate)
    assert (found.value, found.units) == (None if value is None else D(value), units)


def test_largest_tells_whose_it_is() -> None:
    assert total([row(4, "3"), row(9, "8"), row(5, "8")], aggregate="max").taken_from == 9


def test_last_is_the_receivers_own_else_the_newest() -> None:
    rows = [row(1, "10"), row(2, "20"), row(3, None)]
    measure = [Measure("a", "A", aggregate="last")]
    assert consolidate(measure, rows, receiver=1, newest=[2, 1])[0].value == 10
    assert consolidate(measure, rows, receiver=3, newest=[2, 1])[0].taken_from == 2
    assert consolidate(measure, rows, receiver=None, newest=[3, 1, 2])[0].taken_from == 1


def test_ratio_adds_both_sides_over_units_that_gave_both() -> None:
    rows = [
        row(1, "1", code="good", sources=1), row(1, "2", code="all", sources=2),
        row(2, "9", code="good"), row(2, "10", code="all", sources=3),
        row(3, "5", code="good", sources=9),  # does not say of how many
        row(4, None, code="good"), row(4, "100", code="all", sources=9),
    ]  # fmt: skip
    measures = [Measure("good", "g"), Measure("all", "a"),
                Measure("share", "s", aggregate="ratio", numerator="good", denominator="all")]  # fmt: skip
    found = consolidate(measures, rows)[2]
    assert (found.value, found.units, found.source_rows) == (
        D("83.3333"),
        2,
        5,
    )  # a row behind both sides counts once
    assert [(one.unit, one.value) for one in found.rows] == [(1, D("50.0000")), (2, D("90.0000"))]


def test_ratio_of_nothing_is_missing() -> None:
    rows = [row(1, "0", code="good"), row(1, "0", code="all")]
    measures = [Measure("share", "s", aggregate="ratio", numerator="good", denominator="all"),
                Measure("good", "g"), Measure("all", "a")]  # fmt: skip
    assert consolidate(measures, rows)[0].value is None


def test_source_rows_of_missing_figures_do_not_count() -> None:
    assert total([row(1, "1", sources=3), row(2, None, sources=5)]).source_rows == 3


def test_rows_of_other_forms_are_left_out() -> None:
    assert total([row(1, "1"), row(1, "5", code="strange")]).value == 1


def test_differences() -> None:
    before = [row(1, "1"), row(2, "2"), row(3, None), row(4, "4")]
    after = [row(1, "1.0"), row(2, "3"), row(3, "5"), row(5, "0"), row(6, None)]
    assert differences(before, after) == [
        Difference(2, "a", D(2), D(3)),
        Difference(3, "a", None, D(5)),
        Difference(4, "a", D(4), None),
        Difference(5, "a", None, D(0)),
    ]


@pytest.mark.parametrize(
    ("value", "target", "reached"),
    [("5", "10", "0.5"), ("1", "3", "0.3333"), (None, "10", None), ("5", None, None), ("5", "0", None)],
)
def test_share_of_a_target(value: str | None, target: str | None, reached: str | None) -> None:
    def number(text: str | None) -> Decimal | None:
        return None if text is None else D(text)

    assert share(number(value), number(target)) == number(reached)


def test_change_needs_both() -> None:
    assert change(D(5), D(7)) == -2
    assert change(None, D(7)) is None


amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=4, allow_nan=False)
rows_of_units = st.dictionaries(
    st.integers(1, 60), st.none() | st.lists(amounts, min_size=0, max_size=6), max_size=40
)


@given(rows_of_units)
def test_total_is_the_sum_over_units_and_over_source_rows(recorded: dict[int, list[Decimal] | None]) -> None:
    """A unit without records gives no figure; one with records gives their sum, whatever their number."""
    rows = [
        Row(unit, "a", None if parts is None else sum(parts, D(0)),
            sources=tuple(f"r:{unit}-{n}" for n in range(len(parts or []))))
        for unit, parts in recorded.items()
    ]  # fmt: skip
    found = total(rows)
    given_parts = [parts for parts in recorded.values() if parts is not None]
    every_row = [part for parts in given_parts for part in parts]
    if not given_parts:
        assert found.value is None
    else:
        assert found.value == sum((one.value for one in found.rows if one.value is not None), D(0))
        assert found.value == sum(every_row, D(0))
    assert (found.units, found.source_rows) == (len(given_parts), len(every_row))


@given(st.dictionaries(st.integers(1, 30), st.none() | amounts), st.randoms())
def test_the_order_of_rows_does_not_matter(values: dict[int, Decimal | None], shuffle: object) -> None:
    rows = [Row(unit, "a", value) for unit, value in values.items()]
    mixed = list(rows)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]
    for aggregate in ("sum", "mean", "max"):
        assert total(rows, aggregate=aggregate).value == total(mixed, aggregate=aggregate).value


@given(
    st.dictionaries(st.integers(1, 20), st.none() | amounts),
    st.dictionaries(st.integers(1, 20), st.none() | amounts),
)
def test_differences_lead_from_one_to_the_other(
    before: dict[int, Decimal | None], after: dict[int, Decimal | None]
) -> None:
    old, new = ([Row(unit, "a", value) for unit, value in side.items()] for side in (before, after))
    state = {unit: value for unit, value in before.items() if value is not None}
    for one in differences(old, new):
        assert state.get(one.unit) == one.before
        state[one.unit] = one.after  # type: ignore[assignment]
    assert {unit: value for unit, value in state.items() if value is not None} == {
        unit: value for unit, value in after.items() if value is not None
    }
