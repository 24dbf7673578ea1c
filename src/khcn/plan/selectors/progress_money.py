"""Sums of a plan's money, from the lines of its estimates."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from khcn.plan.models import BudgetLine, Plan
from khcn.plan.selectors.money import IN_FORCE


@dataclass(frozen=True, slots=True)
class MoneySums:
    """Whole dong. ``lines`` 0 means that nothing was estimated: that is not zero dong."""

    lines: int
    estimated: Decimal
    allocated: Decimal
    committed: Decimal
    paid: Decimal
    settled: Decimal

    @property
    def paid_share(self) -> float | None:
        """Share of the allocation that was paid, 0 to 1; ``None`` when nothing was allocated."""
        return float(self.paid / self.allocated) if self.allocated else None


def money_sums(plan: Plan) -> MoneySums:
    """Return what was estimated, allocated, committed, paid and settled for ``plan``, with one query."""
    names = ("estimated", "allocated", "committed", "paid", "settled")
    rows = BudgetLine.objects.filter(estimate__plan=plan, estimate__state__in=IN_FORCE).order_by()
    counted: Any = list(
        rows.values("estimate__plan").annotate(**{f"sum_{name}": Sum(name) for name in names}, n=Count("pk"))
    )
    found = counted[0] if counted else {}
    return MoneySums(
        lines=int(found.get("n") or 0),
        **{name: Decimal(found.get(f"sum_{name}") or 0) for name in names},
    )
