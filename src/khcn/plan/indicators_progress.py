"""Figures that the plan itself records: sessions held and the people at them, items done. For reports, and for targets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from khcn.core.actors import Actor
from khcn.core.indicators import Figure, Indicator, Period
from khcn.core.references import Reference
from khcn.plan.enums import EvidenceKind, ItemState
from khcn.plan.models import Evidence, WorkItem
from khcn.plan.permissions import acting

MOST_SOURCES = 200
ITEM = WorkItem._meta.label_lower


def _units(rows: QuerySet[Any], unit_ids: Sequence[int] | None, reader: Actor) -> QuerySet[Any]:
    """Keep rows of the units asked about; with no unit named, of all that the reader may read."""
    if unit_ids is not None:
        return rows.filter(unit_id__in=list(unit_ids))
    reach = acting(reader)
    return rows if reach.everything else rows.filter(unit_id__in=reach.units)


def _sessions(period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> QuerySet[Evidence]:
    rows = Evidence.objects.filter(
        kind=EvidenceKind.SESSION, removed_at__isnull=True, held_on__range=(period.start, period.end)
    )
    return _units(rows, unit_ids, reader)


def _held(period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> tuple[int, list[int]]:
    items = list(_sessions(period, unit_ids, reader).values_list("item_id", flat=True))
    return len(items), items


def _people(period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> tuple[int, list[int]]:
    rows = _sessions(period, unit_ids, reader)
    return rows.aggregate(total=Sum("people"))["total"] or 0, list(rows.values_list("item_id", flat=True))


def _done(period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> tuple[int, list[int]]:
    rows = WorkItem.objects.filter(state=ItemState.DONE, done_on__range=(period.start, period.end))
    items = list(_units(rows, unit_ids, reader).values_list("pk", flat=True))
    return len(items), items


@dataclass(frozen=True, slots=True)
class WorkIndicator:
    """One figure over work items; its sources are the items."""

    title: str | Promise
    unit: str | Promise
    work_out: Callable[[Period, Sequence[int] | None, Actor], tuple[int, list[int]]]

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the count; 0 means that nothing was recorded, which is what these figures are about."""
        value, items = self.work_out(period, unit_ids, reader)
        sources = [Reference(ITEM, str(pk)) for pk in dict.fromkeys(items)]
        return Figure(Decimal(value), sources=tuple(sources[:MOST_SOURCES]))


PROGRESS_INDICATORS: dict[str, Indicator] = {
    "plan.sessions_held": WorkIndicator(
        gettext_lazy("Buổi đã tổ chức theo kế hoạch"), gettext_lazy("buổi"), _held
    ),
    "plan.session_people": WorkIndicator(
        gettext_lazy("Lượt người dự các buổi"), gettext_lazy("lượt người"), _people
    ),
    "plan.items_done": WorkIndicator(
        gettext_lazy("Việc của kế hoạch đã hoàn thành"), gettext_lazy("việc"), _done
    ),
}
