"""Figures of the library for reports: works published, views and downloads of a unit's works."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from khcn.core.actors import Actor
from khcn.core.indicators import Figure, Indicator, Period
from khcn.core.references import Reference
from khcn.library.enums import WorkState
from khcn.library.models import UsageDay, Work

MOST_SOURCES = 300
WORK = Work._meta.label_lower


def _works(unit_ids: Sequence[int] | None, reader: Actor) -> QuerySet[Work]:
    """Return the works of some units that ``reader`` may see; ``None``: the system, which sees all."""
    works: QuerySet[Work] = Work.objects.all() if reader is None else Work.objects.visible_to(reader)
    return works if unit_ids is None else works.filter(owner_unit_id__in=list(unit_ids))


@dataclass(frozen=True, slots=True)
class PublishedIndicator:
    """Works of the units that were published in the period and still are."""

    title: str | Promise
    unit: str | Promise

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return how many; 0 when none was."""
        works = _published(_works(unit_ids, reader), period).order_by("-published_at", "-pk")
        sources = tuple(Reference(WORK, str(pk)) for pk in works.values_list("pk", flat=True)[:MOST_SOURCES])
        return Figure(Decimal(works.count()), sources=sources)

    def figures(
        self, *, period: Period, groups: Mapping[int, Sequence[int]], reader: Actor
    ) -> Mapping[int, Figure]:
        """Return how many for each group of units, in one query."""
        wanted = {unit for units in groups.values() for unit in units}
        rows = _published(_works(sorted(wanted), reader), period).order_by("-published_at", "-pk")
        by_unit: dict[int, list[int]] = defaultdict(list)
        for pk, unit in rows.values_list("pk", "owner_unit_id"):
            by_unit[unit or 0].append(pk)
        found = {key: [pk for unit in units for pk in by_unit.get(unit, ())] for key, units in groups.items()}
        return {
            key: Figure(
                Decimal(len(pks)), sources=tuple(Reference(WORK, str(pk)) for pk in pks[:MOST_SOURCES])
            )
            for key, pks in found.items()
        }


def _published(works: QuerySet[Work], period: Period) -> QuerySet[Work]:
    zone = timezone.get_current_timezone()
    start = datetime.combine(period.start, time(), zone)
    end = datetime.combine(period.end + timedelta(days=1), time(), zone)
    return works.filter(state=WorkState.PUBLISHED, published_at__gte=start, published_at__lt=end)


@dataclass(frozen=True, slots=True)
class UsageIndicator:
    """Views or downloads of the units' works in the period; ``None`` before counting began."""

    title: str | Promise
    unit: str | Promise
    counted: Literal["views", "downloads", "unique_views", "unique_downloads"]

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the sum, its sources the works most used."""
        rows = self._rows(_works(unit_ids, reader), period)
        return self._answer(list(rows.values_list("work_id", "total")))

    def figures(
        self, *, period: Period, groups: Mapping[int, Sequence[int]], reader: Actor
    ) -> Mapping[int, Figure]:
        """Return the sum for each group of units, in one query."""
        wanted = {unit for units in groups.values() for unit in units}
        by_unit: dict[int, list[tuple[int, int]]] = defaultdict(list)
        rows = self._rows(_works(sorted(wanted), reader), period)
        for work, unit, total in rows.values_list("work_id", "work__owner_unit_id", "total"):
            by_unit[unit or 0].append((work, total))
        return {
            key: self._answer([row for unit in units for row in by_unit.get(unit, ())])
            for key, units in groups.items()
        }

    def _rows(self, works: QuerySet[Work], period: Period) -> Any:
        used = UsageDay.objects.filter(work__in=works, day__gte=period.start, day__lte=period.end)
        grouped = used.order_by().values("work_id", "work__owner_unit_id").annotate(total=Sum(self.counted))
        return grouped.filter(total__gt=0).order_by("-total", "work_id")

    @staticmethod
    def _answer(rows: list[tuple[int, int]]) -> Figure:
        if not rows:
            return Figure(None)
        top = sorted(rows, key=lambda row: (-row[1], row[0]))[:MOST_SOURCES]
        return Figure(
            Decimal(sum(total for _work, total in rows)),
            sources=tuple(Reference(WORK, str(work)) for work, _total in top),
        )


INDICATORS: dict[str, Indicator] = {
    "library.items_published": PublishedIndicator(
        gettext_lazy("Tài liệu đã đăng ở thư viện trực tuyến"), gettext_lazy("tài liệu")
    ),
    "library.views": UsageIndicator(
        gettext_lazy("Lượt xem tài liệu ở thư viện trực tuyến"), gettext_lazy("lượt"), "views"
    ),
    "library.downloads": UsageIndicator(
        gettext_lazy("Lượt tải tài liệu ở thư viện trực tuyến"), gettext_lazy("lượt"), "downloads"
    ),
    "library.unique_views": UsageIndicator(
        gettext_lazy("Lượt xem tài liệu ở thư viện trực tuyến, mỗi người mỗi giờ tính một lần"),
        gettext_lazy("lượt"),
        "unique_views",
    ),
    "library.unique_downloads": UsageIndicator(
        gettext_lazy("Lượt tải tài liệu ở thư viện trực tuyến, mỗi người mỗi giờ tính một lần"),
        gettext_lazy("lượt"),
        "unique_downloads",
    ),
}
