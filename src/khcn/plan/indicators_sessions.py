"""Figures from sessions that units recorded as evidence of their work: how many classes, visits ..., how many people.

A session counts for an indicator when the task it belongs to names that indicator. People count only where the task
names one figure of people: who came to a class of teachers and pupils cannot be told apart, so the unit types it.
Nothing recorded is no zero: a unit that keeps its sessions elsewhere types its figures without giving reasons.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khcn.core.actors import Actor
from khcn.core.indicators import BulkIndicator, Figure, Indicator, Period
from khcn.core.references import Reference
from khcn.plan.enums import EvidenceKind
from khcn.plan.models import Evidence, WorkItem
from khcn.plan.permissions import acting

MOST_SOURCES: Final = 300
ITEM: Final = WorkItem._meta.label_lower
PEOPLE: Final = frozenset(
    {
        "people_trained", "teachers_trained", "pupils_trained", "officials_trained", "officials_attending", "attendees",
        "pupils_attending", "people_attending", "visitors",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SessionIndicator:
    """One figure over recorded sessions; its sources are the work items they stand under."""

    title: str | Promise
    unit: str | Promise
    code: str

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the figure of some units together; ``None`` when nothing was recorded."""
        rows = _rows(period, unit_ids, reader)
        return _answer([(item, count) for _unit, item, count in self._counted(rows)])

    def figures(
        self, *, period: Period, groups: Mapping[int, Sequence[int]], reader: Actor
    ) -> Mapping[int, Figure]:
        """Return the figure of each group of units, in one query."""
        wanted = sorted({unit for units in groups.values() for unit in units})
        by_unit: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for unit, item, count in self._counted(_rows(period, wanted, reader)):
            by_unit[unit].append((item, count))
        return {
            key: _answer([row for unit in units for row in by_unit.get(unit, ())])
            for key, units in groups.items()
        }

    def _counted(self, rows: QuerySet[Evidence]) -> Iterator[tuple[int, int, int]]:
        """Yield (unit, work item, how many) of the sessions that count here."""
        people = self.code in PEOPLE
        for unit, item, came, codes in rows.values_list(
            "unit_id", "item_id", "people", "item__task__indicators"
        ):
            if self.code not in codes:
                continue
            if not people:
                yield unit, item, 1
            elif came is not None and len(PEOPLE.intersection(codes)) == 1:
                yield unit, item, came


@dataclass(frozen=True, slots=True)
class TotalIndicator:
    """The sum of other indicators, where people may come by two ways: to a unit's own class, or to somebody else's."""

    title: str | Promise
    unit: str | Promise
    parts: Sequence[Indicator]

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the sum of what is known; ``None`` when no part knows anything."""
        return _total([part.figure(period=period, unit_ids=unit_ids, reader=reader) for part in self.parts])

    def figures(
        self, *, period: Period, groups: Mapping[int, Sequence[int]], reader: Actor
    ) -> Mapping[int, Figure]:
        """Return the sum for each group of units."""
        found: dict[int, list[Figure]] = defaultdict(list)
        for part in self.parts:
            if isinstance(part, BulkIndicator):
                for key, figure in part.figures(period=period, groups=groups, reader=reader).items():
                    found[key].append(figure)
            else:
                for key, units in groups.items():
                    found[key].append(part.figure(period=period, unit_ids=units, reader=reader))
        return {key: _total(found[key]) for key in groups}


def _total(figures: Sequence[Figure]) -> Figure:
    known = [figure for figure in figures if figure.value is not None]
    if not known:
        return Figure(None, note=" ".join(dict.fromkeys(figure.note for figure in figures if figure.note)))
    sources = tuple(dict.fromkeys(one for figure in known for one in figure.sources))[:MOST_SOURCES]
    note = " ".join(dict.fromkeys(figure.note for figure in known if figure.note))
    return Figure(
        sum((figure.value or Decimal(0) for figure in known), Decimal(0)), note=note, sources=sources
    )


def _rows(period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> QuerySet[Evidence]:
    rows = Evidence.objects.filter(
        kind=EvidenceKind.SESSION, removed_at__isnull=True, held_on__range=(period.start, period.end)
    ).order_by("-held_on", "-pk")
    if unit_ids is not None:
        return rows.filter(unit_id__in=list(unit_ids))
    reach = acting(reader)
    return rows if reach.everything else rows.filter(unit_id__in=reach.units)


def _answer(rows: Sequence[tuple[int, int]]) -> Figure:
    if not rows:
        return Figure(None)
    items = list(dict.fromkeys(item for item, _count in rows))
    sources = tuple(Reference(ITEM, str(pk)) for pk in items[:MOST_SOURCES])
    return Figure(Decimal(sum(count for _item, count in rows)), sources=sources)


def _one(code: str, title: str | Promise, unit: str | Promise) -> tuple[str, Indicator]:
    return f"plan.session.{code}", SessionIndicator(title, unit, code)


SESSION_INDICATORS: dict[str, Indicator] = dict(
    [
        _one("classes", _("Lớp tập huấn, bồi dưỡng đã ghi"), _("lớp")),
        _one("sessions", _("Buổi phổ biến pháp luật đã ghi"), _("buổi")),
        _one("activities", _("Hoạt động đã ghi"), _("hoạt động")),
        _one("visits", _("Chuyến tham quan đã ghi"), _("chuyến")),
        _one("exhibitions", _("Triển lãm, buổi gặp gỡ đã ghi"), _("cuộc")),
        _one("contests", _("Cuộc thi đã ghi"), _("cuộc")),
        _one("people_trained", _("Người được tập huấn đã ghi"), _("người")),
        _one("teachers_trained", _("Giáo viên được tập huấn đã ghi"), _("người")),
        _one("attendees", _("Người dự buổi phổ biến pháp luật đã ghi"), _("lượt người")),
        _one("pupils_attending", _("Học sinh tham gia đã ghi"), _("học sinh")),
        _one("visitors", _("Khách đến triển lãm đã ghi"), _("lượt người")),
    ]
)
