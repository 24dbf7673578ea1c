"""Hours and days of a market, derived from the hours of its entrances; made anew only where something changed.

Ingest leaves a :class:`DirtyHour` for every hour it touched, in its own transaction. :func:`rollups_refresh` takes
these marks away *before* it reads the counts: a batch that commits later leaves its mark again (it locks the row it
finds, so it never believes in a mark that is just being taken away).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from khcn.markets.models import (
    DirtyHour,
    Gate,
    GateHour,
    Layout,
    Market,
    MarketDay,
    MarketHour,
)
from khcn.markets.rules.hours import OpenWeek
from khcn.markets.selectors.venues import open_week

HOUR = timedelta(hours=1)
HOURS_AT_ONCE = 2000


def rollups_refresh(now: datetime, *, market_ids: Collection[int] | None = None) -> int:
    """Derive every hour that was marked; return how many. Any number of workers may call this at once."""
    marked = DirtyHour.objects.order_by()
    if market_ids is not None:
        marked = marked.filter(market_id__in=market_ids)
    done = 0
    for market_id in sorted(marked.values_list("market_id", flat=True).distinct()):
        while taken := _refresh(market_id):
            done += taken
            if taken < HOURS_AT_ONCE:
                break
    return done


def _refresh(market_id: int) -> int:
    """Take the marks of one market away and derive their hours, in one transaction."""
    with transaction.atomic():
        market = Market.objects.select_for_update(no_key=True).get(pk=market_id)
        marks = list(
            DirtyHour.objects.select_for_update().filter(market_id=market_id).order_by("hour")[:HOURS_AT_ONCE]
        )
        if not marks:
            return 0
        DirtyHour.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
        _derive(market, [mark.hour for mark in marks])
        return len(marks)


def rollups_mark(pairs: Iterable[tuple[int, datetime]]) -> None:
    """Mark hours (market id, hour) to be derived, in the caller's transaction."""
    rows = [DirtyHour(market_id=market_id, hour=hour) for market_id, hour in sorted(set(pairs))]
    # update, not ignore: the row lock keeps a refresh from taking away a mark that this transaction relies on
    DirtyHour.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, update_fields=["hour"], unique_fields=["market", "hour"]
    )


def rollups_derive(market: Market, hours: Iterable[datetime]) -> None:
    """Derive the given hours of a market and the days they lie in, at once (bulk loads, changed entrances)."""
    wanted = sorted(set(hours))
    for first in range(0, len(wanted), HOURS_AT_ONCE):
        with transaction.atomic():
            locked = Market.objects.select_for_update(no_key=True).get(pk=market.pk)
            _derive(locked, wanted[first : first + HOURS_AT_ONCE])


def market_rederive(*, market: Market, first: datetime | None = None, last: datetime | None = None) -> int:
    """Mark all hours of a market (from ``first`` to ``last``) again: an entrance was added, named or left out."""
    rows = GateHour.objects.filter(gate__market=market)
    if first is not None:
        rows = rows.filter(hour__gte=first)
    if last is not None:
        rows = rows.filter(hour__lte=last)
    hours = set(rows.order_by().values_list("hour", flat=True).distinct())
    rollups_mark((market.pk, hour) for hour in hours)
    return len(hours)


class _Entrances:
    """Which entrances ought to have counted in an hour."""

    def __init__(self, market: Market) -> None:
        gates = list(Gate.objects.filter(market=market, is_entrance=True))
        self.ids = {gate.pk for gate in gates}
        self._active = [gate for gate in gates if gate.active]
        drawn: dict[int, list[tuple[datetime, datetime | None, set[str]]]] = defaultdict(list)
        layouts = Layout.objects.filter(camera_id__in={gate.camera_id for gate in gates})
        for row in layouts.values_list("camera_id", "valid_from", "valid_to", "drawing"):
            keys = {str(item.get("id")) for item in row[3].get("gates") or ()}
            drawn[row[0]].append((row[1], row[2], keys))
        self._drawn = drawn

    def expected(self, hour: datetime) -> set[int]:
        """Return the active entrances that a layout in force in ``hour`` has (all, of a camera without layouts)."""
        return {gate.pk for gate in self._active if self._counted(gate, hour)}

    def _counted(self, gate: Gate, hour: datetime) -> bool:
        spans = self._drawn.get(gate.camera_id)
        if not spans:
            return True
        return any(
            start < hour + HOUR and (end is None or end > hour) and gate.key in keys
            for start, end, keys in spans
        )


def _derive(market: Market, hours: list[datetime]) -> None:
    entrances = _Entrances(market)
    found: dict[datetime, list[tuple[int, int, int, float]]] = defaultdict(list)
    for start in range(0, len(hours), 500):
        rows = GateHour.objects.filter(gate_id__in=entrances.ids, hour__in=hours[start : start + 500])
        for gate_id, hour, ins, outs, measured in rows.values_list(
            "gate_id", "hour", "count_in", "count_out", "measured_s"
        ):
            if measured > 0:
                found[hour].append((gate_id, ins, outs, measured))
    rows_new = [
        _market_hour(market, hour, found[hour], entrances.expected(hour)) for hour in hours if hour in found
    ]
    MarketHour.objects.bulk_create(
        rows_new,
        batch_size=500,
        update_conflicts=True,
        update_fields=["day", "local_hour", "count_in", "count_out", "completeness"],
        unique_fields=["market", "hour"],
    )
    gone = [hour for hour in hours if hour not in found]
    for start in range(0, len(gone), 500):
        MarketHour.objects.filter(market=market, hour__in=gone[start : start + 500]).delete()
    _derive_days(market, sorted({timezone.localtime(hour).date() for hour in hours}))


def _market_hour(
    market: Market, hour: datetime, counts: list[tuple[int, int, int, float]], expected: set[int]
) -> MarketHour:
    local = timezone.localtime(hour)
    gates = expected | {row[0] for row in counts}
    measured = sum(min(row[3], 3600.0) for row in counts)
    return MarketHour(
        market=market,
        hour=hour,
        day=local.date(),
        local_hour=local.hour,
        count_in=sum(row[1] for row in counts),
        count_out=sum(row[2] for row in counts),
        completeness=round(measured / (3600.0 * len(gates)), 4),
    )


def _derive_days(market: Market, days: list[date]) -> None:
    week = open_week(market)
    by_day: dict[date, list[MarketHour]] = defaultdict(list)
    for start in range(0, len(days), 300):
        for row in MarketHour.objects.filter(market=market, day__in=days[start : start + 300]):
            by_day[row.day].append(row)
    MarketDay.objects.bulk_create(
        [_market_day(market, day, by_day[day], week) for day in days if day in by_day],
        batch_size=500,
        update_conflicts=True,
        update_fields=["count_in", "count_out", "completeness", "busiest_hour", "drift", "rebalanced_at"],
        unique_fields=["market", "day"],
    )
    gone = [day for day in days if day not in by_day]
    MarketDay.objects.filter(market=market, day__in=gone).delete()


def _market_day(market: Market, day: date, hours: list[MarketHour], week: OpenWeek) -> MarketDay:
    """Sum up one day. ``rebalanced_at`` is emptied: what is inside was worked out from older counts."""
    ins, outs = sum(row.count_in for row in hours), sum(row.count_out for row in hours)
    busiest = max(hours, key=lambda row: (row.count_in, -row.local_hour))
    return MarketDay(
        market=market,
        day=day,
        count_in=ins,
        count_out=outs,
        completeness=day_completeness(day, {row.local_hour: row.completeness for row in hours}, week),
        busiest_hour=busiest.local_hour if busiest.count_in else None,
        drift=ins - outs,
        rebalanced_at=None,
    )


def day_completeness(day: date, by_hour: dict[int, float], week: OpenWeek) -> float:
    """Return the share of a day's open hours that was measured, 0 to 1; hours count by the minutes they are open."""
    minutes = week.open_minutes_by_hour(day)
    if not any(minutes):  # closed by its hours, counted all the same
        minutes = [60 if hour in by_hour else 0 for hour in range(24)]
    total = sum(minutes)
    return round(sum(by_hour.get(hour, 0.0) * open_ for hour, open_ in enumerate(minutes)) / total, 4)
