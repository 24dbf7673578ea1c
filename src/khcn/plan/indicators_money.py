"""Money of the plan as indicators: what was allocated and what was paid in a period, confirmed by finance."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.actors import Actor
from khcn.core.indicators import Figure, Indicator, Period
from khcn.core.references import reference_to
from khcn.plan.enums import EntryKind, EntryState
from khcn.plan.models import BudgetLine, MoneyEntry

MOST_SOURCES = 200


@dataclass(frozen=True, slots=True)
class MoneyIndicator:
    """The sum of confirmed entries of one kind that lie in the period, in dong."""

    title: str | Promise
    unit: str | Promise
    kind: EntryKind

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the sum; None when the units have no budget line at all; sources: the lines it came from."""
        lines = BudgetLine.objects.visible_to(reader)
        if unit_ids is not None:
            lines = lines.filter(unit_id__in=list(unit_ids))
        if not lines.exists():
            return Figure(None, note=_("Chưa có dòng dự toán nào."))
        entries = MoneyEntry.objects.filter(
            line__in=lines, kind=self.kind, state=EntryState.CONFIRMED,
            happened_on__gte=period.start, happened_on__lte=period.end,
        )  # fmt: skip
        total = entries.aggregate(total=Sum("amount"))["total"]
        waiting = MoneyEntry.objects.filter(
            line__in=lines, kind=self.kind, state=EntryState.PROPOSED,
            happened_on__gte=period.start, happened_on__lte=period.end,
        ).aggregate(total=Sum("amount"))["total"]  # fmt: skip
        note = (
            _("Còn %(amount)s đồng chờ tài chính xác nhận, chưa tính.")
            % {"amount": f"{waiting:,}".replace(",", ".")}
            if waiting
            else ""
        )
        sources = BudgetLine.objects.filter(pk__in=entries.values("line_id")).order_by("pk")[:MOST_SOURCES]
        return Figure(Decimal(total or 0), note=note, sources=tuple(reference_to(line) for line in sources))


INDICATORS: dict[str, Indicator] = {
    "budget_allocated_vnd": MoneyIndicator(
        gettext_lazy("Kinh phí được giao trong kỳ"), gettext_lazy("đồng"), EntryKind.ALLOCATION
    ),
    "budget_disbursed_vnd": MoneyIndicator(
        gettext_lazy("Kinh phí đã giải ngân trong kỳ"), gettext_lazy("đồng"), EntryKind.DISBURSEMENT
    ),
}
