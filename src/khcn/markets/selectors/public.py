"""What the public may know: hours with small cells hidden, and never a sum that holds a hidden cell.

Every published figure is a sum of published cells. So nothing hidden follows from the figures beside it, nor from two
versions of the page (before and after an hour has ended, or late figures have come). Only finished hours are shown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from khcn.markets.models import Camera, Market, MarketHour
from khcn.markets.selectors.figures import Hour, hours_on

DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class PublicHour:
    """One finished hour. ``count`` None: hidden because it is small (``hidden``), or too little of it was measured."""

    day: date
    hour: int
    count: int | None
    hidden: bool


@dataclass(frozen=True, slots=True)
class PublicMarket:
    """A listed market. ``visitors``: sum of today's published hours, None when there is none; ``since_hidden``: hours
    left out of it because they are small.
    """

    market: Market
    hours: tuple[PublicHour, ...]
    days: tuple[tuple[date, int | None], ...]
    today: date

    def of_day(self, day: date) -> list[PublicHour]:
        """Return the hours of one day."""
        return [hour for hour in self.hours if hour.day == day]

    @property
    def visitors(self) -> int | None:
        """Visitors of today that may be told."""
        return published_sum(self.of_day(self.today))


def is_small(count: int, minimum: int) -> bool:
    """Whether a count may not be told: from 1 to just under the threshold. An empty hour tells of nobody."""
    return 0 < count < minimum


def published(hours: Iterable[Hour], market: Market, now: datetime) -> list[PublicHour]:
    """Return the finished hours as the public sees them."""
    local = timezone.localtime(now)
    found = []
    for hour in hours:
        if hour.day > local.date() or (hour.day == local.date() and hour.hour >= local.hour):
            continue
        small = is_small(hour.count_in, market.public_minimum) or is_small(
            hour.count_out, market.public_minimum
        )
        shown = None if small or not hour.comparable else hour.count_in
        found.append(PublicHour(hour.day, hour.hour, shown, small))
    return found


def published_sum(hours: Iterable[PublicHour]) -> int | None:
    """Return the sum of what is published; None when nothing is."""
    known = [hour.count for hour in hours if hour.count is not None]
    return sum(known) if known else None


def public_markets(now: datetime) -> list[PublicMarket]:
    """Return the listed markets with today's published hours (two queries)."""
    today = timezone.localtime(now).date()
    markets = list(Market.objects.listed().in_force(today).select_related("unit"))
    hours = hours_on([market.pk for market in markets], Q(day=today)) if markets else {}
    return [
        PublicMarket(market, tuple(published(hours.get(market.pk, ()), market, now)), (), today)
        for market in markets
    ]


def public_market(key: str, now: datetime) -> PublicMarket | None:
    """Return one listed market with its last four weeks; None when there is no such public page."""
    today = timezone.localtime(now).date()
    market = Market.objects.listed().in_force(today).select_related("unit").filter(key=key).first()
    if market is None:
        return None
    first = today - timedelta(days=DAYS)
    rows = hours_on([market.pk], Q(day__gte=first, day__lte=today)).get(market.pk, [])
    hours = published(rows, market, now)
    by_day: dict[date, list[PublicHour]] = {}
    for hour in hours:
        by_day.setdefault(hour.day, []).append(hour)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return PublicMarket(
        market, tuple(hours), tuple((day, published_sum(by_day.get(day, ()))) for day in days), today
    )


def public_cameras(market: Market) -> list[Camera]:
    """Return the cameras in use with what the law wants people to know; no address, no picture."""
    return list(
        Camera.objects.filter(market=market, active=True)
        .only("name", "place", "purpose", "sign_text", "controller", "contact", "market")
        .order_by("name")
    )


def visitors_today(on: datetime) -> int | None:
    """Return the visitors of all listed markets in the finished hours of the day of ``on``.

    Small hours are left out; None when nothing may be told (no market, nothing measured yet).
    """
    known = [market.visitors for market in public_markets(on) if market.visitors is not None]
    return sum(known) if known else None


def open_data_rows(market: Market, first: date, last: date, now: datetime) -> Iterator[PublicHour]:
    """Yield the published hours of a market for the open-data file."""
    rows = MarketHour.objects.filter(market=market, day__gte=first, day__lte=last).order_by("hour")
    values = rows.values_list("day", "local_hour", "count_in", "count_out", "completeness")
    for row in values.iterator(chunk_size=2000):
        yield from published([Hour(*row)], market, now)
