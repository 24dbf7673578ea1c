"""The year of training by unit, topic and position: people, trained, hours, share that meets what is mandatory. No names."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from khcn.orgs.models import Unit
from khcn.programmes.models.training import TrainingPosition, TrainingPost, TrainingTopic
from khcn.programmes.models.training_more import TrainingRecord
from khcn.programmes.permissions import reach_of
from khcn.programmes.permissions_training import can_read_summary, sees_all
from khcn.programmes.selectors.training_needs import Counts, homes, needs_table


@dataclass(slots=True)
class Sum:
    """What happened in a year for one unit, topic or position, and how people stand at its end."""

    name: str
    people: int = 0
    trained: int = 0
    records: int = 0
    hours: Decimal = Decimal(0)
    lacking: int = 0
    bound: int = 0
    meeting: int = 0
    who: set[int] = field(default_factory=set)

    @property
    def share(self) -> float | None:
        """The share of people who meet what is mandatory, 0 to 1."""
        return self.meeting / self.bound if self.bound else None


@dataclass(frozen=True, slots=True)
class Summary:
    """A year: all together, then by unit, topic and title of the position."""

    year: int
    day: date
    total: Sum
    units: list[Sum]
    topics: list[Sum]
    positions: list[Sum]


def last_day(year: int, today: date) -> date:
    """Return the day on which a year is judged: its last, or today while it runs."""
    return min(date(year, 12, 31), today)


def readable_units(user: Any, today: date) -> Collection[int] | None:
    """Return the units whose figures ``user`` reads; ``None``: all; empty: none."""
    if user is None:
        return None
    reach = reach_of(user, today)
    if sees_all(reach) or reach.leader or reach.superior:
        return None
    return reach.units if can_read_summary(reach) else ()


def year_summary(user: Any, year: int, today: date, *, unit: Collection[int] | None = None) -> Summary:
    """Return the year as ``user`` may read it (of some units only). Eight queries, however many people and records."""
    allowed, day = readable_units(user, today), last_day(year, today)
    units = allowed if unit is None else (unit if allowed is None else set(unit) & set(allowed))
    table, home = needs_table(None, day, units=units), homes(day)
    names = dict(Unit.objects.order_by().values_list("pk", "name"))
    total = _stand(Sum(""), table.total)
    by_unit = {pk: _stand(Sum(names.get(pk, "")), counts) for pk, counts in table.by_unit.items()}
    titles = {
        pk: (folded, title)
        for pk, folded, title in TrainingPosition.objects.order_by().values_list(
            "pk", "folded_title", "title"
        )
    }
    by_title: dict[str, Sum] = {}
    for pk, counts in table.by_position.items():
        folded, title = titles[pk]
        _stand(by_title.setdefault(folded, Sum(title)), counts)
    by_topic = {one.pk: Sum(one.name) for one in TrainingTopic.objects.order_by("sort_key", "pk")}
    for pk, counts in table.by_topic.items():
        _stand(by_topic[pk], counts)
    holders = _positions_of(day, units)
    rows = TrainingRecord.objects.standing().filter(held_on__gte=date(year, 1, 1), held_on__lte=day)
    if units is not None:
        rows = rows.filter(unit_id__in=list(units))
    for person_id, unit_id, topic_id, hours in rows.order_by().values_list(
        "person_id", "unit_id", "topic_id", "hours"
    ):
        carrier = home.get(unit_id, unit_id)
        sums = [total, by_unit.setdefault(carrier, Sum(names.get(carrier, ""))), by_topic[topic_id]]
        folded = titles[holders[person_id]][0] if person_id in holders else ""
        if folded in by_title:
            sums.append(by_title[folded])
        for one in sums:
            one.records += 1
            one.hours += hours or 0
            one.who.add(person_id)
    for one in (total, *by_unit.values(), *by_title.values(), *by_topic.values()):
        one.trained = len(one.who)
    order = {
        pk: place
        for place, pk in enumerate(
            Unit.objects.order_by("order", "sort_key", "pk").values_list("pk", flat=True)
        )
    }
    return Summary(
        year, day, total, [by_unit[pk] for pk in sorted(by_unit, key=lambda pk: order.get(pk, 0))],
        [one for one in by_topic.values() if one.people or one.records], sorted(by_title.values(), key=lambda one: (-one.people, one.name)),
    )  # fmt: skip


def _stand(one: Sum, counts: Counts) -> Sum:
    one.people += counts.people
    one.lacking += counts.lacking
    one.bound += counts.bound
    one.meeting += counts.meeting
    return one


def _positions_of(day: date, units: Collection[int] | None) -> dict[int, int]:
    rows = TrainingPost.objects.current(day)
    if units is not None:
        rows = rows.filter(unit_id__in=list(units))
    return dict(rows.order_by("pk").values_list("person_id", "position_id"))


def trained_by_unit(start: date, end: date) -> dict[int, set[int]]:
    """Return who was trained in a period, by the unit of that day."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = TrainingRecord.objects.standing().filter(held_on__gte=start, held_on__lte=end).order_by()
    for unit_id, person_id in rows.values_list("unit_id", "person_id"):
        found[unit_id].add(person_id)
    return found
