"""Everything one market page shows, in a fixed number of queries over derived rows and bounded sums."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count, F, FloatField, Q, Sum
from django.utils import timezone

from khcn.engines.flow.accuracy import Accuracy
from khcn.engines.flow.calendar import Calendar
from khcn.markets.enums import UNFINISHED_ALERTS
from khcn.markets.models import Alert, Market, MarketDay
from khcn.markets.selectors.figures import (
    LOOK_BACK_WEEKS,
    Day,
    EventSpan,
    Today,
    by_weekday_and_hour,
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
class Past:
    """The whole days before today: what they were (by day), and the mean visitors by hour of the week in eight weeks.

    ``stamp`` changes when any of these days changes.
    """

    stamp: tuple[object, ...]
    days: dict[date, Day]
    pattern: dict[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class MarketFigures:
    """One market now and in the last year. ``span``: the days over which gates and zones are summed up."""

    market: Market
    now: datetime
    today: Today
    past: Past
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

    @property
    def days(self) -> dict[date, Day]:
        """The measured days of the last year, today left out."""
        return self.past.days

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


_kept: dict[int, Past] = {}
KEPT_MARKETS: Final = 64


def past_of(market: Market, today: date) -> Past:
    """Return the past of a market; a process keeps it until one of its days is derived anew (one query tells)."""
    days = MarketDay.objects.filter(market=market, day__gte=today - YEAR, day__lt=today)
    sums = days.aggregate(
        Count("pk"), Sum("count_in"), Sum("count_out"), Sum("completeness"), Sum("busiest_hour"),
        weighted=Sum(F("count_in") * F("pk"), output_field=FloatField()),
    )  # fmt: skip
    stamp = (market.pk, today, *sums.values())
    kept = _kept.get(market.pk)
    if kept is not None and kept.stamp == stamp:
        return kept
    last, recent = today - timedelta(days=1), today - timedelta(weeks=PATTERN_WEEKS)
    rows = days_between([market.pk], today - YEAR, last).get(market.pk, [])
    hours = hours_on([market.pk], Q(day__gte=recent, day__lte=last)).get(market.pk, [])
    found = Past(stamp, {row.day: row for row in rows}, by_weekday_and_hour(hours))
    while len(_kept) >= KEPT_MARKETS:
        _kept.pop(next(iter(_kept)), None)
    _kept[market.pk] = found
    return found


def market_figures(market: Market, now: datetime, *, span: str = WEEK) -> MarketFigures:
    """Return the figures of a market's page."""
    today = timezone.localtime(now).date()
    begin = today - timedelta(weeks=LOOK_BACK_WEEKS)
    hours = hours_on([market.pk], usual_days(today)).get(market.pk, [])
    past = past_of(market, today)
    events = events_between([market.pk], today - YEAR, today + timedelta(days=14))
    calendar = calendar_of(events, today - YEAR, today + timedelta(days=14))
    week = open_weeks([market.pk], events)[market.pk]
    reviews = reviews_of(Q(gate__market=market), now)
    chosen = span_of(span, today)
    gates = gates_of(market)
    entrances = [gate for gate in gates if gate.is_entrance]
    return MarketFigures(
        market=market,
        now=now,
        today=today_of(hours, now=now, calendar=calendar, week=week, first=begin),
        past=past,
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
