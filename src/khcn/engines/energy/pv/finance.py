"""Money of a plan: what the sun's kWh save, how long the price takes to come back, what it is worth today.

Every assumption stands in :class:`Terms` and is printed with the result.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Terms:
    """Assumptions, shares a year unless said. ``replacement``: share of the price for new inverters in year ``replaced_in``."""

    years: int = 20
    discount: float = 0.08
    degradation: float = 0.005
    upkeep: float = 0.01
    price_growth: float = 0.0
    replacement: float = 0.1
    replaced_in: int = 12

    def as_json(self) -> dict[str, Any]:
        """Return the assumptions by name."""
        return asdict(self)


@dataclass(frozen=True)
class Worth:
    """``payback_years``: price over the first year's savings (simple); ``payback_cash_years``: with upkeep, wear and
    replacement, None when the money does not come back within the years; ``npv_vnd``: net present value.
    """

    payback_years: float | None
    payback_cash_years: float | None
    npv_vnd: float
    cash: tuple[float, ...]


def worth(price_vnd: float, savings_vnd: float, terms: Terms) -> Worth:
    """Return what an investment of ``price_vnd`` that saves ``savings_vnd`` in its first year is worth."""
    cash = [-price_vnd]
    for year in range(1, terms.years + 1):
        saved = savings_vnd * (1 - terms.degradation) ** (year - 1) * (1 + terms.price_growth) ** (year - 1)
        spent = price_vnd * terms.upkeep
        if year == terms.replaced_in:
            spent += price_vnd * terms.replacement
        cash.append(saved - spent)
    npv = sum(flow / (1 + terms.discount) ** year for year, flow in enumerate(cash))
    simple = price_vnd / savings_vnd if savings_vnd > 0 and price_vnd > 0 else None
    return Worth(simple, _back(cash), npv, tuple(cash))


def _back(cash: list[float]) -> float | None:
    """Return the last moment at which the sum of the money turns from below zero, None when it stays there."""
    total, found = 0.0, None
    for year, flow in enumerate(cash):
        before, total = total, total + flow
        if year and before < 0 <= total:
            found = year - 1 + (-before / flow if flow > 0 else 1.0)
        elif total < 0:
            found = None
    return found
