"""Units over time: who carries on whose work on a day, which units a group stands for, whose figures a unit carries.

Only dates decide; nothing here needs a duty to have run. The past never changes: asked for 30 June it answers what was
true on 30 June, whatever was decided later.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.db.models import QuerySet

from khcn.orgs.models import Unit, UnitSuccession

EventKind = Literal["opened", "code", "code_ended", "from", "to", "split_off", "ended"]


def _edges(on: date, *, defaults_only: bool = False) -> list[tuple[int, int]]:
    rows = UnitSuccession.objects.filter(effective_date__lte=on).order_by("effective_date", "pk")
    if defaults_only:
        rows = rows.filter(is_default=True)
    return list(rows.values_list("predecessor_id", "successor_id"))


def _closure(start: Iterable[int], steps: dict[int, list[int]]) -> list[int]:
    """Return ``start`` and everything reached from it, in the order met; a circle ends where it began."""
    found: dict[int, None] = {}
    waiting = list(start)
    while waiting:
        pk = waiting.pop(0)
        if pk not in found:
            found[pk] = None
            waiting.extend(steps[pk])
    return list(found)


def units_on(units: Iterable[Unit], on: date) -> list[Unit]:
    """Return the units that ``units`` stand for on the day ``on``, each once, in the order of a list.

    A group stands for its members; a unit that has ended for those that carry on its work; a unit that was split and
    lives on for itself and what came out of it. A unit that had not begun yet stands for nothing.
    """
    members: dict[int, list[int]] = defaultdict(list)
    links = Unit.members.through.objects.filter(from_unit__kind__is_group=True).order_by("pk")
    for group_id, member_id in links.values_list("from_unit_id", "to_unit_id"):
        members[group_id].append(member_id)
    after: dict[int, list[int]] = defaultdict(list)
    for predecessor_id, successor_id in _edges(on):
        after[predecessor_id].append(successor_id)
    found = _closure(_closure([unit.pk for unit in units], members), after)
    rows = Unit.objects.filter(pk__in=found, kind__is_group=False).in_force(on).select_related("kind")
    return list(rows.alphabetical())


def members_on(group: Unit, on: date) -> list[Unit]:
    """Return the units that a group stands for on the day ``on`` (see :func:`units_on`)."""
    return units_on([group], on)


def carrier_on(unit: Unit, on: date) -> Unit | None:
    """Return the one unit that carries on ``unit``'s open work on the day ``on``: itself while in force.

    Follows the default successors; ``None`` when nobody was named or the unit had not begun yet.
    """
    after = dict(_edges(on, defaults_only=True))
    seen: set[int] = set()
    current: Unit | None = unit
    while current is not None and current.pk not in seen:
        if current.in_force(on):
            return current
        seen.add(current.pk)
        following = after.get(current.pk)
        current = Unit.objects.filter(pk=following).first() if following else None
    return None


def carried_unit_ids(unit_id: int, on: date) -> frozenset[int]:
    """Return the units whose recorded figures count for ``unit_id`` on the day ``on``: itself and the ended units whose
    default successor it is, through any number of decisions.

    Every ended unit is carried by exactly one unit, so a total over the units in force counts each row once.
    """
    before: dict[int, list[int]] = defaultdict(list)
    rows = UnitSuccession.objects.filter(effective_date__lte=on, is_default=True, predecessor_ends=True)
    for predecessor_id, successor_id in rows.order_by("pk").values_list("predecessor_id", "successor_id"):
        before[successor_id].append(predecessor_id)
    return frozenset(_closure([unit_id], before))


@dataclass(frozen=True, slots=True)
class UnitEvent:
    """One point in the life of a unit. ``other``: the unit on the other side; ``code``: of the list ``scheme``."""

    on: date
    kind: EventKind
    other: Unit | None = None
    code: str = ""
    scheme: str = ""
    move: UnitSuccession | None = None


_ORDER = {"code_ended": 0, "to": 1, "split_off": 2, "ended": 3, "opened": 4, "from": 5, "code": 6}


def unit_events(unit: Unit) -> list[UnitEvent]:
    """Return what happened to a unit, oldest first: begin, decisions, codes by date, end. An end is the day after."""
    day = timedelta(days=1)
    events = [UnitEvent(unit.valid_from, "opened")] if unit.valid_from else []
    if unit.valid_to:
        events.append(UnitEvent(unit.valid_to + day, "ended"))
    for code in unit.codes.all():
        scheme = str(code.get_scheme_display())
        if code.valid_from:
            events.append(UnitEvent(code.valid_from, "code", code=code.code, scheme=scheme))
        if code.valid_to:
            events.append(UnitEvent(code.valid_to + day, "code_ended", code=code.code, scheme=scheme))
    moves = UnitSuccession.objects.select_related("predecessor", "successor", "decision")
    events += [
        UnitEvent(m.effective_date, "from", m.predecessor, move=m) for m in moves.filter(successor=unit)
    ]
    for move in moves.filter(predecessor=unit):
        kind: EventKind = "to" if move.predecessor_ends else "split_off"
        events.append(UnitEvent(move.effective_date, kind, move.successor, move=move))
    return sorted(events, key=lambda event: (event.on, _ORDER[event.kind]))


def decided_units(on: date) -> QuerySet[Unit]:
    """Return the units in force on a day that are no groups, in the order of a list."""
    return (
        Unit.objects.in_force(on).filter(kind__is_group=False).select_related("kind", "parent").alphabetical()
    )
