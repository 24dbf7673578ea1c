"""How many people were inside: worked out after the day is over, when in and out must agree.

Every counter misses some, so in minus out drifts; at the end of the day the hall is empty and the drift is known.
:mod:`khcn.engines.flow.rebalance` spreads it over the day. A day that changes later is done again.
"""

import logging
from collections import defaultdict
from datetime import date, datetime
from typing import Final

import numpy as np
from django.db import transaction
from django.utils import timezone

from khcn.engines.flow.rebalance import Rebalanced, rebalance_day
from khcn.markets.models import Market, MarketDay, MarketHour
from khcn.markets.selectors.counts import MINUTE, MinuteFlow, day_flows

logger = logging.getLogger("khcn.markets")

ENOUGH: Final = (
    0.8  # share of the reported minutes that every entrance must have measured for a day to be worked out
)
HOUR_ENOUGH: Final = 30  # measured minutes from which on an hour has an occupancy
AT_ONCE: Final = 3000
CHUNK: Final = 31  # days of one market in one transaction


def occupancy_rebalance(now: datetime, *, limit: int = AT_ONCE) -> int:
    """Work out past days that wait for it, the newest first; return how many. Idempotent; a periodic duty."""
    today = timezone.localtime(now).date()
    waiting: dict[int, list[date]] = defaultdict(list)
    rows = MarketDay.objects.filter(day__lt=today, rebalanced_at=None).order_by("-day", "market_id")
    for market_id, day in rows.values_list("market_id", "day")[:limit]:
        waiting[market_id].append(day)
    done = 0
    for market_id, days in waiting.items():
        for first in range(0, len(days), CHUNK):
            try:
                done += _rebalance(market_id, days[first : first + CHUNK], now)
            except Exception:  # one odd day must not keep the others from theirs
                logger.exception("rebalancing of market %s from %s failed", market_id, days[first])
    return done


@transaction.atomic
def _rebalance(market_id: int, days: list[date], now: datetime) -> int:
    market = Market.objects.select_for_update(no_key=True).get(pk=market_id)
    waiting = {
        row.day: row for row in MarketDay.objects.filter(market=market, day__in=days, rebalanced_at=None)
    }
    hours: dict[date, list[MarketHour]] = defaultdict(list)
    for hour in MarketHour.objects.filter(market=market, day__in=list(waiting)):
        hours[hour.day].append(hour)
    flows = day_flows(market, list(waiting))
    changed: list[MarketHour] = []
    for day, row in waiting.items():
        flow = flows[day]
        found = _worked_out(flow)
        for hour in hours[day]:
            mean, peak = _of_hour(found, int((hour.hour - flow.start) / MINUTE))
            if (hour.occupancy, hour.occupancy_peak) != (mean, peak):
                hour.pk, hour.occupancy, hour.occupancy_peak = None, mean, peak
                changed.append(hour)
        row.occupancy_peak = _top(found.occupancy) if found is not None else None
        row.drift = round(found.drift) if found is not None else row.count_in - row.count_out
        row.pk, row.rebalanced_at = None, now
    # Upserts of rows that exist: several times faster than bulk_update, and the market's lock keeps them existing.
    MarketHour.objects.bulk_create(
        changed, batch_size=500, update_conflicts=True, update_fields=["occupancy", "occupancy_peak"],
        unique_fields=["market", "hour"],
    )  # fmt: skip
    MarketDay.objects.bulk_create(
        waiting.values(), batch_size=500, update_conflicts=True,
        update_fields=["occupancy_peak", "drift", "rebalanced_at"], unique_fields=["market", "day"],
    )  # fmt: skip
    return len(waiting)


def _worked_out(flow: MinuteFlow) -> Rebalanced | None:
    """Rebalance from the first to the last reported minute; ``None`` when too much of it was not measured."""
    reported = np.flatnonzero(flow.measured > 0)
    if not reported.size:
        return None
    first, last = int(reported[0]), int(reported[-1]) + 1
    if flow.known[first:last].mean() < ENOUGH:
        return None
    ins, outs = np.full(flow.ins.size, 0.0), np.full(flow.outs.size, 0.0)
    ins[first:last], outs[first:last] = flow.ins[first:last], flow.outs[first:last]
    return rebalance_day(ins, outs)


def _of_hour(found: Rebalanced | None, first: int) -> tuple[float | None, float | None]:
    if found is None:
        return None, None
    people = found.occupancy[first : first + 60]
    known = people[~np.isnan(people)]
    if known.size < HOUR_ENOUGH:
        return None, None
    return round(float(known.mean()), 2), round(float(known.max()), 2)


def _top(people: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float | None:
    known = people[~np.isnan(people)]
    return round(float(known.max()), 2) if known.size else None
