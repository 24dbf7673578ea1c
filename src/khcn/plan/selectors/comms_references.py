"""How other rooms link to communication work: title and address for those who may read it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.core.numbers import number_vi
from khcn.core.references import Reference, Resolved
from khcn.plan.models import EventPart, Outreach, OutsideEvent
from khcn.plan.permissions import acting
from khcn.plan.selectors.comms_events import events_for

OUTREACH = Outreach._meta.label_lower
EVENT = OutsideEvent._meta.label_lower
PART = EventPart._meta.label_lower


def _numbers(ids: Iterable[str]) -> list[int]:
    return [int(one) for one in ids if one.isascii() and one.isdigit() and len(one) < 19]


def resolve_outreach(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these entries."""
    rows = Outreach.objects.visible_to(user).filter(pk__in=_numbers(ids)).select_related("unit")
    found = {}
    for row in rows:
        title = _("%(channel)s, %(day)s, %(unit)s: %(count)s lượt") % {
            "channel": row.get_channel_display(), "day": date_vi(row.happened_on), "unit": row.unit.label,
            "count": number_vi(row.count),
        }  # fmt: skip
        if row.people is not None:
            title += ", " + _("%(people)s người") % {"people": number_vi(row.people)}
        address = reverse("plan-desk:outreach", args=[row.pk])
        found[str(row.pk)] = Resolved(Reference(OUTREACH, str(row.pk)), title, address)
    return found


def resolve_events(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these events."""
    rows = events_for(user, timezone.localdate()).filter(pk__in=_numbers(ids))
    return {
        str(row.pk): Resolved(
            Reference(EVENT, str(row.pk)), f"{row.title} ({date_vi(row.starts_on)})", reverse("plan-desk:event", args=[row.pk])
        )
        for row in rows
    }  # fmt: skip


def resolve_parts(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these units' parts."""
    reach = acting(user)
    rows = EventPart.objects.filter(pk__in=_numbers(ids)).select_related("event", "unit")
    if not reach.everything:
        rows = rows.filter(unit_id__in=reach.units)
    return {
        str(row.pk): Resolved(
            Reference(PART, str(row.pk)),
            f"{row.unit.label}: {row.event.title} ({row.get_state_display()})",
            reverse("plan-desk:event", args=[row.event_id]),
        )
        for row in rows
    }
