"""Data entry of prices: every public, business and household price so far is a known ratio of the average price."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from khcn.engines.energy.kpi.clean import Note
from khcn.engines.energy.money.tables import Band, DecisionRow, Group, RatioRow, Tables

PRESENT: Final = "2014"  # the structure that decisions so far follow
_DONG: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class RatioCheck:
    """``ok`` None: no ratio is known, so nothing can be said. ``note`` is the sentence; ``expected`` the right price;
    ``matches`` other decisions whose average price gives this price."""

    ok: bool | None
    note: Note
    expected: Decimal | None = None
    matches: tuple[str, ...] = ()


def price_ratio_check(
    price: Decimal, *, decision: DecisionRow, group: Group, voltage: str, band: Band, tables: Tables
) -> RatioCheck:
    """Check that ``price`` is round(ratio x average price of ``decision``).

    When it is not, say which other decision's average it does match (a price entered under the wrong decision), or
    whether it follows the structure that comes next.
    """
    ratio = _ratio_of(tables.ratios, PRESENT, group, voltage, band)
    if ratio is None:
        return RatioCheck(None, Note("money-ratio-unknown", {}))
    expected = expected_price(ratio, decision.average_vnd)
    said: dict[str, object] = {
        "price": _plain(price), "ratio": _plain(ratio), "average": _plain(decision.average_vnd),
        "expected": _plain(expected), "decision": decision.document,
    }  # fmt: skip
    if price == expected:
        return RatioCheck(True, Note("money-ratio-ok", said), expected)
    others = tuple(
        other.document
        for other in tables.decisions
        if other.document != decision.document and price == expected_price(ratio, other.average_vnd)
    )
    if others:
        return RatioCheck(
            False, Note("money-ratio-other", {**said, "other": ", ".join(others)}), expected, others
        )
    for row in tables.ratios:
        same = (row.group, row.voltage, row.band) == (group, voltage, band) and row.structure != PRESENT
        if same and price == expected_price(row.ratio, decision.average_vnd):
            said |= {"structure": row.structure, "ratio": _plain(row.ratio)}
            return RatioCheck(False, Note("money-ratio-new", said), expected)
    return RatioCheck(False, Note("money-ratio-wrong", said), expected)


def expected_price(ratio: Decimal, average: Decimal) -> Decimal:
    """Return ratio x average, rounded half up to the dong."""
    return (ratio * average).quantize(_DONG, ROUND_HALF_UP)


def prices_of_average(
    average: Decimal, *, tables: Tables, structure: str = PRESENT
) -> list[tuple[RatioRow, Decimal]]:
    """Return every price that follows from an average price: to fill in a new decision for an official to check."""
    return [(row, expected_price(row.ratio, average)) for row in tables.ratios if row.structure == structure]


def _ratio_of(
    rows: Sequence[RatioRow], structure: str, group: Group, voltage: str, band: Band
) -> Decimal | None:
    for row in rows:
        if (row.structure, row.group, row.voltage, row.band) == (structure, group, voltage, band):
            return row.ratio
    return None


def _plain(value: Decimal) -> str:
    """Write a number the Vietnamese way: 2.103,1159."""
    text = f"{value.normalize():,f}"
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")
