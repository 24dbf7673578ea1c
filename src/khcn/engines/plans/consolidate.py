"""Figures of many units become one: exact totals, with every row behind them.

A missing figure is not zero: it counts neither in a total nor among the units that gave one. A ratio is never the mean
of ratios: numerators and denominators are added up over the units that gave both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final, Literal

Aggregate = Literal["sum", "mean", "max", "last", "ratio"]
PLACES: Final = Decimal("0.0001")  # what a quotient is rounded to; sums are exact
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of a number form. ``numerator``/``denominator``: codes, for the aggregate ``ratio`` (in percent)."""

    code: str
    title: str
    unit: str = ""
    group: str = ""
    task: str = ""
    aggregate: Aggregate = "sum"
    numerator: str = ""
    denominator: str = ""
    decimals: int = 0
    target: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What one unit reports for one measure. ``computed``: what recorded activity says; ``sources``: "kind:id" rows."""

    unit: int
    code: str
    value: Decimal | None
    computed: Decimal | None = None
    reason: str = ""
    note: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """One total. ``units``: how many gave a figure; ``source_rows``: recorded rows behind those figures;
    ``taken_from``: the one unit whose figure it is (largest, last).
    """

    measure: Measure
    value: Decimal | None
    units: int
    source_rows: int
    rows: tuple[Row, ...]
    taken_from: int | None = None


def consolidate(
    measures: Sequence[Measure],
    rows: Iterable[Row],
    *,
    receiver: int | None = None,
    newest: Sequence[int] = (),
) -> list[Total]:
    """Return a total for every measure, in their order; rows of unknown measures are left out.

    :param receiver: the unit that consolidates, whose own figure is the one of the aggregate ``last``.
    :param newest: units by the moment they reported, the last one first: whose figure it is when the receiver has none.
    """
    by_code: dict[str, list[Row]] = {measure.code: [] for measure in measures}
    for row in rows:
        if row.code in by_code:
            by_code[row.code].append(row)
    preferred = [*([receiver] if receiver is not None else []), *newest]
    with localcontext(_EXACT):
        return [_total(measure, by_code, preferred) for measure in measures]


def _total(measure: Measure, by_code: Mapping[str, list[Row]], preferred: Sequence[int]) -> Total:
    if measure.aggregate == "ratio":
        return _ratio(measure, by_code)
    rows = by_code[measure.code]
    given = [(row, row.value) for row in rows if row.value is not None]
    value: Decimal | None = None
    chosen: Row | None = None
    if given:
        values = [number for _row, number in given]
        if measure.aggregate == "max":
            value = max(values)
            chosen = next(row for row, number in given if number == value)
        elif measure.aggregate == "last":
            chosen = _last([row for row, _number in given], preferred)
            value = chosen.value
        else:
            value = sum(values, Decimal(0))
            if measure.aggregate == "mean":
                value = (value / len(values)).quantize(PLACES)
    return Total(
        measure=measure,
        value=value,
        units=len({row.unit for row, _number in given}),
        source_rows=sum(len(row.sources) for row, _number in given),
        rows=tuple(rows),
        taken_from=chosen.unit if chosen else None,
    )


def _last(rows: Sequence[Row], preferred: Sequence[int]) -> Row:
    of_unit = {row.unit: row for row in rows}
    return next((of_unit[unit] for unit in preferred if unit in of_unit), rows[-1])


def _ratio(measure: Measure, by_code: Mapping[str, list[Row]]) -> Total:
    """Add up both sides over the units that gave both; each unit's own share stands in its row."""
    above = {row.unit: row for row in by_code.get(measure.numerator, ()) if row.value is not None}
    below = {row.unit: row for row in by_code.get(measure.denominator, ()) if row.value is not None}
    both = [unit for unit in above if unit in below]
    rows = [_share_row(measure, above[unit], below[unit]) for unit in both]
    whole = sum((below[unit].value or Decimal(0) for unit in both), Decimal(0))
    part = sum((above[unit].value or Decimal(0) for unit in both), Decimal(0))
    return Total(
        measure=measure,
        value=_percent(part, whole),
        units=len(both),
        source_rows=sum(len(row.sources) for row in rows),
        rows=tuple(rows),
    )


def _share_row(measure: Measure, above: Row, below: Row) -> Row:
    sources = tuple(dict.fromkeys((*above.sources, *below.sources)))
    share = _percent(above.value or Decimal(0), below.value or Decimal(0))
    return Row(unit=above.unit, code=measure.code, value=share, computed=share, sources=sources)


def _percent(part: Decimal, whole: Decimal) -> Decimal | None:
    return None if whole == 0 else (part * 100 / whole).quantize(PLACES)


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is no longer what it was. ``before``/``after`` None: not given then, or now."""

    unit: int
    code: str
    before: Decimal | None
    after: Decimal | None


def differences(before: Iterable[Row], after: Iterable[Row]) -> list[Difference]:
    """Return what differs between two sets of rows, unit by unit and measure by measure, in the order first met."""
    old = {(row.unit, row.code): row.value for row in before}
    new = {(row.unit, row.code): row.value for row in after}
    return [
        Difference(unit, code, old.get((unit, code)), new.get((unit, code)))
        for unit, code in dict.fromkeys((*old, *new))
        if old.get((unit, code)) != new.get((unit, code))
    ]


def change(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    """Return how much more than then; ``None`` when one of them is missing."""
    return None if now is None or then is None else now - then


def share(value: Decimal | None, target: Decimal | None) -> Decimal | None:
    """Return which share of a target was reached (1 is all); ``None`` without a figure or a target above zero."""
    if value is None or target is None or target <= 0:
        return None
    with localcontext(_EXACT):
        return (value / target).quantize(PLACES)
