"""Comparisons: two periods of one market, or several markets over one period, like for like."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import Q

from khcn.engines.flow.compare import Comparison, compare_markets, compare_periods
from khcn.markets.models import Market
from khcn.markets.selectors.figures import calendar_of, events_between, hours_between, hours_on, series_of

LONGEST: Final = 186  # days of one period
MOST_MARKETS: Final = 5


@dataclass(frozen=True, slots=True)
class MarketPair:
    """One market against the first of the comparison."""

    market: Market
    comparison: Comparison


def periods_compared(market: Market, first: tuple[date, date], second: tuple[date, date]) -> Comparison:
    """Compare ``first`` with ``second`` of one market, weekday by weekday, common hours only."""
    begin, end = min(first[0], second[0]) - timedelta(days=3), max(first[1], second[1]) + timedelta(days=3)
    condition = Q(day__gte=first[0], day__lte=first[1]) | Q(
        day__gte=second[0] - timedelta(days=3), day__lte=second[1] + timedelta(days=3)
    )
    hours = hours_on([market.pk], condition).get(market.pk, [])
    calendar = calendar_of(events_between([market.pk], begin, end), begin, end)
    return compare_periods(series_of(hours, begin, end), first=first, second=second, calendar=calendar)


def markets_compared(markets: list[Market], period: tuple[date, date]) -> list[MarketPair]:
    """Compare the other markets with the first one over the same days and common hours."""
    first, others = markets[0], markets[1:]
    basis = series_of(hours_between(first, *period), *period)
    calendar = calendar_of(events_between([row.pk for row in markets], *period), *period)
    return [
        MarketPair(
            other,
            compare_markets(
                series_of(hours_between(other, *period), *period), basis, period=period, calendar=calendar
            ),
        )
        for other in others
    ]
