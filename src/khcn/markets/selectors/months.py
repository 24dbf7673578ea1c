"""Reads of one month of a market: for the report and the short text that people pass on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from khcn.core.months import Month
from khcn.engines.flow.accuracy import Accuracy
from khcn.engines.flow.compare import Comparison
from khcn.markets.models import Market, MarketDay
from khcn.markets.selectors.compare import periods_compared
from khcn.markets.selectors.figures import (
    Day,
    EventSpan,
    Hour,
    completeness_between,
    days_between,
    events_between,
    hours_between,
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


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """A month of a market. ``total``: visitors counted, None when no day was measured; ``missing``: days without any
    measured hour; ``against``: beside the month before, like for like.
    """

    market: Market
    month: Month
    days: dict[date, Day]
    hours: tuple[Hour, ...]
    events: tuple[EventSpan, ...]
    gates: tuple[GateFigures, ...]
    zones: tuple[ZoneFigures, ...]
    accuracy: Accuracy
    counting: Counting
    completeness: float
    against: Comparison

    @property
    def total(self) -> int | None:
        """Visitors counted in the month."""
        return sum(row.count_in for row in self.days.values()) if self.days else None

    @property
    def missing(self) -> list[date]:
        """Days without any measured hour."""
        length = (self.month.last - self.month.first).days + 1
        wanted = (self.month.first + timedelta(days=number) for number in range(length))
        return [day for day in wanted if day not in self.days]

    @property
    def partial(self) -> list[date]:
        """Days that were measured, but not enough to stand beside others."""
        return [day for day, row in self.days.items() if not row.comparable]

    @property
    def busiest(self) -> Day | None:
        """The day with most visitors."""
        return max(self.days.values(), key=lambda row: row.count_in, default=None)


def month_figures(market: Market, month: Month, now: datetime) -> MonthFigures:
    """Return everything a month's report says."""
    window = window_of(month.first, month.last)
    days = {row.day: row for row in days_between([market.pk], month.first, month.last).get(market.pk, [])}
    reviews = reviews_of(Q(gate__market=market), now)
    gates = gates_of(market)
    entrances = [gate for gate in gates if gate.is_entrance]
    return MonthFigures(
        market=market,
        month=month,
        days=days,
        hours=tuple(hours_between(market, month.first, month.last)),
        events=tuple(events_between([market.pk], month.first, month.last)),
        gates=tuple(gate_figures(gates, window, reviews)),
        zones=tuple(zone_figures(visitor_zones_of(market), window)),
        accuracy=accuracy_of(review for gate in entrances for review in reviews.get(gate.pk, ())),
        counting=counting_of(market),
        completeness=completeness_between(days, month.first, month.last),
        against=periods_compared(market, (month.first, month.last), (month.before.first, month.before.last)),
    )


def months_with_figures(market: Market, today: date, most: int = 24) -> list[Month]:
    """Return the finished months with anything measured, the latest first."""
    days = MarketDay.objects.filter(market=market, day__lt=today.replace(day=1)).values_list("day", flat=True)
    months = sorted({(day.year, day.month) for day in days}, reverse=True)
    return [Month(*pair) for pair in months[:most]]
