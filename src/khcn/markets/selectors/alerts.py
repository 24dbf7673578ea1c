"""Reads of alerts and events."""

from datetime import date
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, When

from khcn.markets.enums import AlertState, EventKind
from khcn.markets.models import Alert, Market, MarketEvent

STATES = ("chua-xem", "dang-dien-ra", "tat-ca")


def alerts_for(user: Any, *, market: str = "", state: str = "tat-ca") -> QuerySet[Alert]:
    """Return the alerts of the reader's markets, open first, then the latest."""
    rows = Alert.objects.visible_to(user)
    if market:
        rows = rows.filter(market__key=market)
    if state == "chua-xem":
        rows = rows.filter(state=AlertState.OPEN)
    elif state == "dang-dien-ra":
        rows = rows.exclude(state=AlertState.OVER)
    order = Case(
        When(state=AlertState.OPEN, then=0),
        When(state=AlertState.SEEN, then=1),
        default=2,
        output_field=IntegerField(),
    )
    found: QuerySet[Alert] = rows.select_related("market", "zone", "camera", "box", "seen_by").order_by(
        order, "-started_at", "-pk"
    )
    return found


def open_alerts(user: Any) -> int:
    """Return how many alerts nobody has seen."""
    return int(Alert.objects.visible_to(user).filter(state=AlertState.OPEN).count())


def events_of(market: Market, *, since: date | None = None) -> QuerySet[MarketEvent]:
    """Return the events of a market and of all markets, the latest first; lunar market days are no news."""
    rows = MarketEvent.objects.filter(Q(market=market) | Q(market=None)).exclude(kind=EventKind.LUNAR)
    return rows.filter(ends_on__gte=since) if since else rows
