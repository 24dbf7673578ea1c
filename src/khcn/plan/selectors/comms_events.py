"""Reads of others' events and of the units' parts in them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from khcn.plan.enums import PartState
from khcn.plan.models import EventPart, OutsideEvent
from khcn.plan.permissions import acting


def events_for(user: Any, on: date, *, state: str = "", kind: str = "") -> QuerySet[OutsideEvent]:
    """Return the events that ``user`` may read with their counts: all for inside readers, the own units' for others."""
    reach = acting(user, on)
    rows = OutsideEvent.objects.all() if reach.plans else OutsideEvent.objects.none()
    if not reach.everything:
        rows = rows.filter(parts__unit_id__in=reach.units)
    if kind:
        rows = rows.filter(kind=kind)
    if state == "cho":
        rows = rows.filter(Q(parts__state=PartState.INVITED, ends_on__gte=on))
    elif state == "sap":
        rows = rows.filter(ends_on__gte=on)
    elif state == "qua":
        rows = rows.filter(ends_on__lt=on)
    ids = rows.values("pk")
    standing = ~Q(parts__state=PartState.HANDED)
    counted = OutsideEvent.objects.filter(pk__in=ids).annotate(
        invited=Count("parts", filter=standing),
        waiting=Count("parts", filter=Q(parts__state=PartState.INVITED)),
        sent=Sum("parts__nominated", filter=standing),
        came=Sum("parts__attended", filter=standing),
        won=Sum("parts__awards", filter=standing),
    )
    return counted.order_by("-starts_on", "title")


def visible_event(user: Any, pk: int, on: date) -> OutsideEvent | None:
    """Return an event that ``user`` may read."""
    return events_for(user, on).filter(pk=pk).first()


@dataclass(frozen=True, slots=True)
class PartLine:
    """One unit's part, and whether the reader writes it."""

    part: EventPart
    own: bool


def parts_of(user: Any, event: OutsideEvent, on: date) -> list[PartLine]:
    """Return the parts of an event that ``user`` may read, the own ones first."""
    reach = acting(user, on)
    rows = event.parts.select_related("unit", "event").order_by("unit__order", "unit__sort_key", "pk")
    if not reach.everything:
        rows = rows.filter(unit_id__in=reach.units)
    mine = reach.reporting | reach.heading
    lines = [
        PartLine(
            part,
            (part.unit_id in mine or reach.officer)
            and part.state != PartState.HANDED
            and part.unit.in_force(on),
        )
        for part in rows
    ]
    return sorted(lines, key=lambda line: line.part.unit_id not in mine)


def open_parts(unit_ids: Collection[int]) -> int:
    """Return how many invitations wait for an answer of these units."""
    return EventPart.objects.filter(unit_id__in=unit_ids, state=PartState.INVITED).count() if unit_ids else 0
