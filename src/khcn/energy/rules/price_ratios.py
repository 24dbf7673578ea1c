"""The check of a price table: every price is its ratio times the average price, rounded to whole VND.

The ratios of one structure hold over several decisions, so a price that was copied from another decision shows: it fits
that decision's average. Source: energy-facts 4.2 (the check found such an error in a public code base).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from khcn.engines.energy.money.checks import expected_price


@dataclass(frozen=True, slots=True)
class Average:
    """The average price of another decision."""

    document: str
    vnd: Decimal


def fits(price: Decimal, ratio: Decimal, average: Decimal) -> bool:
    """Whether a price is its ratio times the average."""
    return price == expected_price(ratio, average)


def decision_that_fits(price: Decimal, ratio: Decimal, others: Iterable[Average]) -> str:
    """Return the document of the other decision to which the price belongs; "" when it fits none."""
    return next((other.document for other in others if fits(price, ratio, other.vnd)), "")
