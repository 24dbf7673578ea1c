"""Everything one market page shows, in a fixed number of queries over derived rows and bounded sums."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from khcn.engines.flow.accuracy import Accuracy
from khcn.engines.flow.calendar import Calendar
from khcn.markets.enums import UNFINISHED_ALERTS
from khcn.markets.models import Alert, Market
from khcn.markets.selectors.figures import (
    LOOK_BACK_WEEKS,
    Day,
    EventSpan,
    Hour,
    Today,
    calendar_of,
    completeness_between,
    days_between,
    events_between,
    hours_on,
    open_weeks,
    today_of,
    usual_days,
)
from khcn.markets.selectors.places import (
    Counting,
    GateFigures,
    ZoneFigures,
    accuracy_of,
    counting_of,
    gate_figures,
    gates_of,
    reviews_of,
    visitor_zones_of,
    window_of,
    zone_figures,
)

PATTERN_WEEKS: Final = 8
YEAR: Final = timedelta(days=370)  # whole weeks across one year
RECENT: Final = timedelta(days=60)
WEEK: Final = "7-ngay"
TODAY: Final = "hom-nay"


@dataclass(frozen=True, slots=True)
class MarketFigures:
    """One market now and in the last year. ``span``: the days over which gates and zones are summed up."""

    market: Market
    now: datetime
    today: Today
    pattern: tuple[Hour, ...]
    days: dict[date, Day]
    events: tuple[EventSpan, ...]
    calendar: Calendar
    span: tuple[date, date]
    gates: tuple[GateFigures, ...]
    zones: tuple[ZoneFigures, ...]
    accuracy: Accuracy
    checked: tuple[int, int]
    counting: Counting
    alerts: tuple[Alert, ...]

    @property
    def day(self) -> date:
        """Today."""
        return self.today.day

    def completeness(self, days: int) -> float:
        """Return the share measured over the last ``days`` whole days (since the first measured day at most)."""
        last = self.day - timedelta(days=1)
        first = self.day - timedelta(days=days)
        if self.days:
            first = max(first, min(self.days))
        return completeness_between(self.days, first, last)


def span_of(key: str, today: date) -> tuple[date, date]:
    """Return the days of a choice on the page: today, or the last seven whole days."""
    if key == TODAY:
        return today, today
    return today - timedelta(days=7), today - timedelta(days=1)


def pattern_days(today: date) -> Q:
    """Return the days that the page reads hours of: eight weeks, and the same weekday further back."""
    recent = today - timedelta(weeks=PATTERN_WEEKS)
    return Q(day__gte=recent, day__lte=today) | usual_days(today)


def market_figures(market: Market, now: datetime, *, span: str = WEEK) -> MarketFigures:
    """Return the figures of a market's page."""
    today = timezone.localtime(now).date()
    begin = today - timedelta(weeks=LOOK_BACK_WEEKS)
    hours = hours_on([market.pk], pattern_days(today)).get(market.pk, [])
    days = {row.day: row for row in days_between([market.pk], today - YEAR, today).get(market.pk, [])}
    events = events_between([market.pk], today - YEAR, today + timedelta(days=14))
    calendar = calendar_of(events, today - YEAR, today + timedelta(days=14))
    week = open_weeks([market.pk], events)[market.pk]
    reviews = reviews_of(Q(gate__market=market), now)
    chosen = span_of(span, today)
    gates = gates_of(market)
    entrances = [gate for gate in gates if gate.is_entrance]
    pattern = tuple(hour for hour in hours if today - timedelta(weeks=PATTERN_WEEKS) <= hour.day < today)
    return MarketFigures(
        market=market,
        now=now,
        today=today_of(hours, now=now, calendar=calendar, week=week, first=begin),
        pattern=pattern,
        days=days,
        events=tuple(events),
        calendar=calendar,
        span=chosen,
        gates=tuple(gate_figures(gates, window_of(*chosen), reviews)),
        zones=tuple(zone_figures(visitor_zones_of(market), window_of(*chosen))),
        accuracy=accuracy_of(review for gate in entrances for review in reviews.get(gate.pk, ())),
        checked=(sum(gate.pk in reviews for gate in entrances), len(entrances)),
        counting=counting_of(market),
        alerts=tuple(
            Alert.objects.filter(market=market, state__in=UNFINISHED_ALERTS).select_related("zone", "camera")[
                :5
            ]
        ),
    )
