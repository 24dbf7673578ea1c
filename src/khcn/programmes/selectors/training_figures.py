"""What training gives to reports: people trained, completions, hours, the share that meets what is mandatory; no names."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khcn.core.actors import Actor
from khcn.core.indicators import Figure, Period
from khcn.core.references import Reference
from khcn.programmes.models.training_more import TrainingRecord
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_training import sees_all
from khcn.programmes.selectors.training_needs import needs_table

KIND: Final = TrainingRecord._meta.label_lower
MOST_SOURCES: Final = 200
Row = tuple[int, int, int, Decimal]  # unit, person, record, hours


def _records(period: Period) -> list[Row]:
    rows = (
        TrainingRecord.objects.standing()
        .filter(held_on__gte=period.start, held_on__lte=period.end)
        .order_by("pk")
    )
    return [
        (unit, person, pk, hours or Decimal(0))
        for unit, person, pk, hours in rows.values_list("unit_id", "person_id", "pk", "hours")
    ]


def _people(rows: Sequence[Row]) -> Decimal:
    return Decimal(len({person for _unit, person, _pk, _hours in rows}))


def _count(rows: Sequence[Row]) -> Decimal:
    return Decimal(len(rows))


def _hours(rows: Sequence[Row]) -> Decimal:
    return sum((hours for _unit, _person, _pk, hours in rows), Decimal(0))


@dataclass(frozen=True, slots=True)
class TrainingIndicator:
    """One figure over the records of a period, of the unit that people belonged to on that day."""

    title: str | Promise
    unit: str | Promise
    add: Callable[[Sequence[Row]], Decimal]

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the figure over ``period``, of the given units, or of all that ``reader`` may read."""
        rows, allowed = _records(period), _allowed(unit_ids, reader)
        return self._figure(rows if allowed is None else [row for row in rows if row[0] in allowed])

    def figures(
        self, *, period: Period, groups: Mapping[int, Sequence[int]], reader: Actor
    ) -> Mapping[int, Figure]:
        """Return the figure for each group of units; one query for all of them."""
        by_unit: dict[int, list[Row]] = defaultdict(list)
        for row in _records(period):
            by_unit[row[0]].append(row)
        return {
            key: self._figure([row for unit in dict.fromkeys(units) for row in by_unit.get(unit, ())])
            for key, units in groups.items()
        }

    def _figure(self, rows: Sequence[Row]) -> Figure:
        return Figure(
            self.add(rows), sources=tuple(Reference(KIND, str(row[2])) for row in rows[:MOST_SOURCES])
        )


@dataclass(frozen=True, slots=True)
class MeetingIndicator:
    """The share of people (percent) who hold all that their position makes mandatory, on the last day of the period."""

    title: str | Promise
    unit: str | Promise

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the share; nothing where nothing is mandatory for anybody."""
        return _share([needs_table(None, period.end, units=_allowed(unit_ids, reader)).total])

    def figures(
        self, *, period: Period, groups: Mapping[int, Sequence[int]], reader: Actor
    ) -> Mapping[int, Figure]:
        """Return the share for each group of units; a few queries for all of them."""
        by_unit = needs_table(None, period.end).by_unit
        return {
            key: _share([by_unit[unit] for unit in dict.fromkeys(units) if unit in by_unit])
            for key, units in groups.items()
        }


def _share(counts: Iterable[object]) -> Figure:
    rows = list(counts)
    bound = sum(getattr(one, "bound", 0) for one in rows)
    meeting = sum(getattr(one, "meeting", 0) for one in rows)
    return Figure((Decimal(100 * meeting) / bound).quantize(Decimal("0.1"))) if bound else Figure(None)


def _allowed(unit_ids: Sequence[int] | None, reader: Actor) -> Collection[int] | None:
    if unit_ids is not None:
        return frozenset(unit_ids)
    reach = acting(reader)
    return None if sees_all(reach) or reach.leader or reach.superior else reach.units


PEOPLE: Final = _("người")
INDICATORS: Final[Mapping[str, TrainingIndicator | MeetingIndicator]] = {
    "training.people": TrainingIndicator(_("Số người được bồi dưỡng"), PEOPLE, _people),
    "training.records": TrainingIndicator(_("Số lượt hoàn thành bồi dưỡng"), _("lượt"), _count),
    "training.hours": TrainingIndicator(_("Số tiết, giờ bồi dưỡng"), _("giờ"), _hours),
    "training.meeting": MeetingIndicator(_("Tỷ lệ người đáp ứng yêu cầu bồi dưỡng"), "%"),
}
