"""Reads of a market's figures: hours and days in bounded spans, as plain values, and what they say about today.

Everything of a page comes from the derived rows (``MarketHour``, ``MarketDay``) and bounded sums over ``GateHour`` and
``ZoneHour``: never from minutes. An hour without a row was not measured, which is not zero.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Q
from django.utils import timezone

from khcn.core.models.calendar import CalendarDay
from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.series import HourlySeries
from khcn.engines.flow.usual import TodayAgainstUsual, today_against_usual
from khcn.markets.enums import EventKind
from khcn.markets.models import Market, MarketDay, MarketEvent, MarketHour, OpeningHours
from khcn.markets.rules.hours import OpenSpan, OpenWeek

COMPARABLE: Final = (
    0.8  # share of an hour (or day) that must have been measured for it to stand beside others
)
USUAL_WEEKS: Final = 8
LOOK_BACK_WEEKS: Final = 12  # weeks read for eight comparable days
_NAMED = frozenset({EventKind.TET, EventKind.HOLIDAY})
_LEFT_OUT = frozenset({EventKind.LUNAR})  # the lunar calendar is worked out, not typed in


@dataclass(frozen=True, slots=True)
class Hour:
    """One measured hour of a market, by local day and hour."""

    day: date
    hour: int
    count_in: int
    count_out: int
    completeness: float
    occupancy: float | None = None
    peak: float | None = None

    @property
    def comparable(self) -> bool:
        """Whether enough of the hour was measured to stand beside others."""
        return self.completeness >= COMPARABLE


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a market with anything measured."""

    day: date
    count_in: int
    count_out: int
    completeness: float
    peak: float | None
    busiest_hour: int | None
    drift: int

    @property
    def comparable(self) -> bool:
        """Whether enough of the day was measured to stand beside others."""
        return self.completeness >= COMPARABLE


@dataclass(frozen=True, slots=True)
class EventSpan:
    """An event, as charts and comparisons need it."""

    pk: int
    market_id: int | None
    kind: str
    title: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Today:
    """A market today. ``count_in`` None: nothing measured yet; ``completeness``: of the finished measured hours.

    ``inside``: people inside now, an estimate (in minus out since the morning, put right every night); ``usual``: the
    same hours of comparable days.
    """

    day: date
    now: datetime
    hours: tuple[Hour, ...]
    count_in: int | None
    count_out: int | None
    inside: int | None
    completeness: float | None
    usual: TodayAgainstUsual

    @property
    def last_hour(self) -> Hour | None:
        """The newest hour with anything measured."""
        return self.hours[-1] if self.hours else None


def hours_on(market_ids: Collection[int], days: Q) -> dict[int, list[Hour]]:
    """Return the measured hours of markets on the days that ``days`` (conditions on ``MarketHour``) picks, in order."""
    found: dict[int, list[Hour]] = defaultdict(list)
    rows = MarketHour.objects.filter(days, market_id__in=market_ids).order_by("hour")
    for row in rows.values_list(
        "market_id",
        "day",
        "local_hour",
        "count_in",
        "count_out",
        "completeness",
        "occupancy",
        "occupancy_peak",
    ):
        found[row[0]].append(Hour(*row[1:]))
    return found


def hours_between(market: Market | int, first: date, last: date) -> list[Hour]:
    """Return the measured hours of one market from ``first`` to ``last``, both included."""
    pk = market if isinstance(market, int) else market.pk
    return hours_on([pk], Q(day__gte=first, day__lte=last)).get(pk, [])


def days_between(market_ids: Collection[int], first: date, last: date) -> dict[int, list[Day]]:
    """Return the measured days of markets, oldest first."""
    found: dict[int, list[Day]] = defaultdict(list)
    rows = MarketDay.objects.filter(market_id__in=market_ids, day__gte=first, day__lte=last).order_by("day")
    for row in rows.values_list(
        "market_id", "day", "count_in", "count_out", "completeness", "occupancy_peak", "busiest_hour", "drift"
    ):
        found[row[0]].append(Day(*row[1:]))
    return found


def series_of(hours: Iterable[Hour], first: date, last: date, *, whole: bool = True) -> HourlySeries:
    """Return visitors per hour from ``first`` to ``last`` (both included), NaN where not measured.

    ``whole``: hours measured for less than :data:`COMPARABLE` of the time count as not measured.
    """
    values = np.full(((last - first).days + 1) * 24, np.nan)
    for hour in hours:
        place = (hour.day - first).days * 24 + hour.hour
        if 0 <= place < values.size and (hour.comparable or not whole):
            values[place] = hour.count_in
    return HourlySeries(datetime(first.year, first.month, first.day), values)


def events_between(market_ids: Collection[int], first: date, last: date) -> list[EventSpan]:
    """Return the events of the markets, and those of all markets, that touch the span; oldest first."""
    rows = MarketEvent.objects.filter(
        Q(market_id__in=market_ids) | Q(market=None), starts_on__lte=last, ends_on__gte=first
    ).order_by("starts_on", "pk")
    return [
        EventSpan(*row)
        for row in rows.values_list("pk", "market_id", "kind", "title", "starts_on", "ends_on")
    ]


def days_off(first: date, last: date) -> dict[date, str]:
    """Return the public days off of the working calendar (one query)."""
    rows = CalendarDay.objects.filter(date__gte=first, date__lte=last, working=False)
    return dict(rows.values_list("date", "name"))


def calendar_of(
    events: Iterable[EventSpan], first: date, last: date, *, off: Mapping[date, str] | None = None
) -> Calendar:
    """Return the special days of a market: its events, and the public days off (``off``: already read)."""
    named = dict(days_off(first, last) if off is None else off)
    others: dict[date, str] = {}
    for event in events:
        if event.kind in _LEFT_OUT:
            continue
        target = named if event.kind in _NAMED else others
        begin, end = max(event.first, first), min(event.last, last)
        for number in range((end - begin).days + 1):
            target[begin + timedelta(days=number)] = event.title
    return Calendar(holidays=named, events=others)


def today_of(
    hours: Sequence[Hour], *, now: datetime, calendar: Calendar, week: OpenWeek, first: date | None = None
) -> Today:
    """Return what is known about today from the hours of today and of the weeks before (``now``: aware).

    ``week``: opening hours, by which completeness is weighed.
    """
    local = timezone.localtime(now)
    today = local.date()
    mine = tuple(hour for hour in hours if hour.day == today)
    begin = first or today - timedelta(weeks=LOOK_BACK_WEEKS)
    usual = today_against_usual(
        series_of(hours, begin, today), now=local.replace(tzinfo=None), weeks=USUAL_WEEKS, calendar=calendar
    )
    return Today(
        day=today,
        now=now,
        hours=mine,
        count_in=sum(hour.count_in for hour in mine) if mine else None,
        count_out=sum(hour.count_out for hour in mine) if mine else None,
        inside=_inside(mine),
        completeness=_completeness(mine, week, local),
        usual=usual,
    )


def _completeness(hours: Sequence[Hour], week: OpenWeek, local: datetime) -> float | None:
    """Share of today's finished open hours that was measured; an hour without a row counts 0."""
    minutes = week.open_minutes_by_hour(local.date())[: local.hour]
    known = {hour.hour: hour.completeness for hour in hours}
    if sum(minutes):
        return sum(known.get(hour, 0.0) * open_ for hour, open_ in enumerate(minutes)) / sum(minutes)
    return hours[-1].completeness if hours else None  # before opening: whatever was measured


def open_weeks(market_ids: Collection[int], events: Iterable[EventSpan]) -> dict[int, OpenWeek]:
    """Return the opening hours of markets (one query), with the closures among ``events``."""
    spans: dict[int, list[OpenSpan]] = defaultdict(list)
    for row in OpeningHours.objects.filter(market_id__in=market_ids):
        spans[row.market_id].append(
            OpenSpan(row.weekday, row.opens, row.closes, row.valid_from, row.valid_to)
        )
    closed: dict[int, set[date]] = defaultdict(set)
    for event in events:
        if event.kind == EventKind.CLOSURE:
            days = {
                event.first + timedelta(days=n) for n in range(min((event.last - event.first).days, 3660) + 1)
            }
            for pk in market_ids if event.market_id is None else [event.market_id]:
                closed[pk] |= days
    return {pk: OpenWeek(tuple(spans[pk]), frozenset(closed[pk])) for pk in market_ids}


def _inside(hours: Sequence[Hour]) -> int | None:
    """People inside after the last measured hour: never below none."""
    if not hours:
        return None
    people = 0
    for hour in hours:
        people = max(0, people + hour.count_in - hour.count_out)
    return people


def usual_days(today: date, weeks: int = LOOK_BACK_WEEKS) -> Q:
    """Return the condition for today and the same weekday of the weeks before."""
    return Q(day__in=[today - timedelta(weeks=number) for number in range(weeks + 1)])


def by_weekday_and_hour(hours: Iterable[Hour]) -> dict[tuple[int, int], float]:
    """Return the mean visitors of each hour of the week (weekday 0 to 6, hour) over the well measured hours."""
    sums: dict[tuple[int, int], list[int]] = defaultdict(list)
    for hour in hours:
        if hour.comparable:
            sums[hour.day.weekday(), hour.hour].append(hour.count_in)
    return {place: sum(values) / len(values) for place, values in sums.items()}


def completeness_between(days: Mapping[date, Day], first: date, last: date) -> float:
    """Return the share of the open hours from ``first`` to ``last`` that was measured; a day without a row counts 0."""
    total = (last - first).days + 1
    found = [
        days[day].completeness for number in range(total) if (day := first + timedelta(days=number)) in days
    ]
    return sum(found) / total if total > 0 else 0.0


def visible_markets(user: Any, on: date) -> list[Market]:
    """Return the markets in force whose figures ``user`` reads, in Vietnamese order."""
    return list(Market.objects.visible_to(user).in_force(on).select_related("unit"))
