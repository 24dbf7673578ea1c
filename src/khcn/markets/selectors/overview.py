"""The overview: every market that somebody reads, today against usual, in a fixed number of queries."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from khcn.markets.enums import AlertState
from khcn.markets.models import Alert, Market
from khcn.markets.selectors.figures import (
    LOOK_BACK_WEEKS,
    Day,
    Today,
    calendar_of,
    days_between,
    days_off,
    events_between,
    hours_on,
    open_weeks,
    today_of,
    usual_days,
    visible_markets,
)

TREND_DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class MarketLine:
    """One market of the overview; ``trend``: visitors of the last days, None where not (well) measured."""

    market: Market
    today: Today
    trend: tuple[float | None, ...]
    open_alerts: int


def overview(user: Any, now: datetime) -> list[MarketLine]:
    """Return the markets in the reader's reach: those with open alerts first, then by name."""
    today = timezone.localtime(now).date()
    markets = visible_markets(user, today)
    if not markets:
        return []
    ids = [market.pk for market in markets]
    begin = today - timedelta(weeks=LOOK_BACK_WEEKS)
    hours = hours_on(ids, usual_days(today))
    days = days_between(ids, today - timedelta(days=TREND_DAYS), today - timedelta(days=1))
    events = events_between(ids, begin, today)
    alerts = Counter(
        Alert.objects.filter(market_id__in=ids, state=AlertState.OPEN).values_list("market_id", flat=True)
    )
    off = days_off(begin, today)
    weeks = open_weeks(ids, events)
    lines = []
    for market in markets:
        mine = [event for event in events if event.market_id in (None, market.pk)]
        calendar = calendar_of(mine, begin, today, off=off)
        lines.append(
            MarketLine(
                market=market,
                today=today_of(hours.get(market.pk, []), now=now, calendar=calendar, week=weeks[market.pk]),
                trend=_trend(days.get(market.pk, []), today - timedelta(days=TREND_DAYS)),
                open_alerts=alerts[market.pk],
            )
        )
    return sorted(lines, key=lambda line: line.open_alerts == 0)


def _trend(days: list[Day], first: Any) -> tuple[float | None, ...]:
    known = {day.day: float(day.count_in) for day in days if day.comparable}
    return tuple(known.get(first + timedelta(days=number)) for number in range(TREND_DAYS))
