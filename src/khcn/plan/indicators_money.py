"""Money of the plan as indicators, confirmed by finance: what a budget year was allocated, what a period paid."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.actors import Actor
from khcn.core.indicators import Figure, Indicator, Period
from khcn.core.numbers import number_vi
from khcn.core.references import Reference
from khcn.plan.enums import EntryKind, EntryState
from khcn.plan.models import BudgetLine, MoneyEntry

MOST_SOURCES: Final = 200
_EVERYBODY: Final = 0


@dataclass(frozen=True, slots=True)
class MoneyIndicator:
    """The sum of confirmed entries of one kind, in dong.

    Payments: those that lie in the period. Allocations: what stands on the lines of the budget year in which the period
    ends, up to that day, so that a second half-year is not "without money" because it was all allocated in January.
    """

    title: str | Promise
    unit: str | Promise
    kind: EntryKind

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the sum; None when the units have no budget line at all; sources: the lines it came from."""
        lines = self._lines(period, reader)
        if unit_ids is not None:
            lines = lines.filter(unit_id__in=list(unit_ids))
        units = dict.fromkeys(lines.order_by().values_list("pk", flat=True), _EVERYBODY)
        return self._figures(period, units).get(_EVERYBODY, _nothing())

    def figures(
        self, *, period: Period, groups: Mapping[int, Sequence[int]], reader: Actor
    ) -> Mapping[int, Figure]:
        """Return the sum for each group of units, in two queries for all of them."""
        unit_ids = {unit for units in groups.values() for unit in units}
        rows = self._lines(period, reader).filter(unit_id__in=unit_ids).order_by()
        by_unit: dict[int, list[int]] = defaultdict(list)
        for line, unit in rows.values_list("pk", "unit_id"):
            by_unit[unit].append(line)
        lines = {line: unit for unit, held in by_unit.items() for line in held}
        known = self._figures(period, lines)
        return {
            key: _joined([known[unit] for unit in units if unit in known]) for key, units in groups.items()
        }

    def _lines(self, period: Period, reader: Actor) -> QuerySet[BudgetLine]:
        lines = BudgetLine.objects.visible_to(reader)
        return lines.filter(estimate__year=period.end.year) if self.kind == EntryKind.ALLOCATION else lines

    def _figures(self, period: Period, owners: Mapping[int, int]) -> dict[int, Figure]:
        """Return the sums by owner of the lines given (line: owner)."""
        entries = MoneyEntry.objects.filter(kind=self.kind, happened_on__lte=period.end)
        if self.kind != EntryKind.ALLOCATION:
            entries = entries.filter(happened_on__gte=period.start)
        counted = entries.filter(state__in=[EntryState.CONFIRMED, EntryState.PROPOSED]).order_by()
        totals: dict[int, Decimal] = {owner: Decimal(0) for owner in owners.values()}
        waiting: dict[int, Decimal] = defaultdict(Decimal)
        sources: dict[int, list[Reference]] = defaultdict(list)
        for line, state, amount in (
            counted.values_list("line_id", "state").annotate(total=Sum("amount")).order_by("line_id")
        ):
            if line not in owners:
                continue
            owner = owners[line]
            if state == EntryState.PROPOSED:
                waiting[owner] += amount
                continue
            totals[owner] += amount
            sources[owner].append(Reference(BudgetLine._meta.label_lower, str(line)))
        return {
            owner: Figure(total, note=_note(waiting[owner]), sources=tuple(sources[owner][:MOST_SOURCES]))
            for owner, total in totals.items()
        }


def _note(waiting: Decimal) -> str:
    if not waiting:
        return ""
    return _("Còn %(amount)s đồng chờ tài chính xác nhận, chưa tính.") % {"amount": number_vi(waiting, 0)}


def _nothing() -> Figure:
    return Figure(None, note=_("Chưa có dòng dự toán nào."))


def _joined(figures: Sequence[Figure]) -> Figure:
    if not figures:
        return _nothing()
    if len(figures) == 1:
        return figures[0]
    total = sum((figure.value or Decimal(0) for figure in figures), Decimal(0))
    sources = tuple(source for figure in figures for source in figure.sources)[:MOST_SOURCES]
    return Figure(
        total, note=" ".join(figure.note for figure in figures if figure.note)[:400], sources=sources
    )


INDICATORS: dict[str, Indicator] = {
    "budget_allocated_vnd": MoneyIndicator(
        gettext_lazy("Kinh phí được giao trong năm"), gettext_lazy("đồng"), EntryKind.ALLOCATION
    ),
    "budget_disbursed_vnd": MoneyIndicator(
        gettext_lazy("Kinh phí đã giải ngân trong kỳ"), gettext_lazy("đồng"), EntryKind.DISBURSEMENT
    ),
}
