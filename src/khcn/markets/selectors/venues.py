"""When markets are open, in the plain form that rules work with."""

from datetime import date, timedelta

from khcn.markets.enums import EventKind
from khcn.markets.models import Market, MarketEvent, OpeningHours
from khcn.markets.rules.hours import OpenSpan, OpenWeek


def open_week(market: Market) -> OpenWeek:
    """Return the opening hours of a market, with its days of closure (two queries)."""
    rows = OpeningHours.objects.filter(market=market)
    spans = [OpenSpan(row.weekday, row.opens, row.closes, row.valid_from, row.valid_to) for row in rows]
    closures = MarketEvent.objects.filter(kind=EventKind.CLOSURE, market=market) | MarketEvent.objects.filter(
        kind=EventKind.CLOSURE, market=None
    )
    closed: set[date] = set()
    for event in closures:
        days = min((event.ends_on - event.starts_on).days, 3660)
        closed |= {event.starts_on + timedelta(days=n) for n in range(days + 1)}
    return OpenWeek(tuple(spans), frozenset(closed))
