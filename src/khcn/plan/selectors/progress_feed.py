"""What a unit's calendar feed holds, and whose secret address it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Q

from khcn.core.api.tokens import token_digest
from khcn.orgs.models import Unit
from khcn.plan.enums import ITEM_COUNTED, ITEM_OPEN
from khcn.plan.models import FeedToken, UnitReport, WorkItem
from khcn.plan.permissions import reach_of

BACK: Final = timedelta(days=90)  # what was due longer ago leaves the calendar, unless it is still open
MOST: Final = 1000
MARK: Final = "khcnlich_"


@dataclass(frozen=True, slots=True)
class Feed:
    """What one unit's calendar shows on a day."""

    unit: Unit
    items: Sequence[WorkItem]
    reports: Sequence[UnitReport]


def feed_units(user: Any, on: date) -> frozenset[int]:
    """Return the units whose calendar a person may have: those of the own unit roles."""
    reach = reach_of(user, on)
    return reach.reporting | reach.heading


def feed_token(text: str, on: date) -> FeedToken | None:
    """Return the token behind a secret address, while its person still has a role in the unit; else ``None``."""
    if not text.startswith(MARK) or len(text) > 100:
        return None
    rows = FeedToken.objects.select_related("user", "unit").filter(
        digest=token_digest(text), ended_at__isnull=True
    )
    token = rows.first()
    if token is None or not token.user.is_active or token.unit_id not in feed_units(token.user, on):
        return None
    return token


def feed_of(unit: Unit, on: date) -> Feed:
    """Return what the calendar of ``unit`` holds: days of its items, and of the reports it owes."""
    since = on - BACK
    items = (
        WorkItem.objects.filter(unit=unit, due__isnull=False, state__in=ITEM_COUNTED)
        .filter(Q(state__in=ITEM_OPEN) | Q(due__gte=since))
        .select_related("task", "plan", "unit")
        .order_by("due", "pk")
    )
    reports = (
        UnitReport.objects.filter(unit=unit, excused="", period__due__gte=since)
        .select_related("period__regime", "unit")
        .order_by("period__due", "pk")
    )
    return Feed(unit, list(items[:MOST]), list(reports[:MOST]))


def feed_tokens(user: Any) -> dict[int, FeedToken]:
    """Return a person's working addresses by unit."""
    rows = FeedToken.objects.filter(user=user, ended_at__isnull=True).order_by("made_at")
    return {row.unit_id: row for row in rows}
