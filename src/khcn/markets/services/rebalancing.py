"""How many people were inside: worked out after the day is over, when in and out must agree.

Every counter misses some, so in minus out drifts; at the end of the day the hall is empty and the drift is known.
:mod:`khcn.engines.flow.rebalance` spreads it over the day. A day that changes later is done again.
"""

import logging
from datetime import date, datetime, time, timedelta
from typing import Final

import numpy as np
from django.db import transaction
from django.utils import timezone

from khcn.engines.flow.rebalance import Rebalanced, rebalance_day
from khcn.markets.models import Market, MarketDay, MarketHour
from khcn.markets.selectors.counts import MinuteFlow, minute_flow

logger = logging.getLogger("khcn.markets")

ENOUGH: Final = (
    0.8  # share of the reported minutes that every entrance must have measured for a day to be worked out
)
HOUR_ENOUGH: Final = 30  # measured minutes from which on an hour has an occupancy
AT_ONCE: Final = 3000


def occupancy_rebalance(now: datetime) -> int:
    """Work out every past day that waits for it; return how many. Idempotent; a periodic duty."""
    today = timezone.localtime(now).date()
    waiting = MarketDay.objects.filter(day__lt=today, rebalanced_at=None).order_by("market_id", "day")
    done = 0
    for market_id, day in waiting.values_list("market_id", "day")[:AT_ONCE]:
        try:
            done += _rebalance(market_id, day, now)
        except Exception:  # one odd day must not keep the others from theirs
            logger.exception("rebalancing of market %s on %s failed", market_id, day)
    return done


@transaction.atomic
def _rebalance(market_id: int, day: date, now: datetime) -> int:
    market = Market.objects.select_for_update(no_key=True).get(pk=market_id)
    row = MarketDay.objects.filter(market=market, day=day, rebalanced_at=None).first()
    if row is None:
        return 0
    zone = timezone.get_current_timezone()
    start = datetime.combine(day, time(), zone)
    hours = round((datetime.combine(day + timedelta(days=1), time(), zone) - start) / timedelta(hours=1))
    flow = minute_flow(market, start, hours)
    found = _worked_out(flow)
    for hour in MarketHour.objects.filter(market=market, day=day):
        first = int((hour.hour - start) / timedelta(minutes=1))
        mean, peak = _of_hour(found, first)
        if (hour.occupancy, hour.occupancy_peak) != (mean, peak):
            hour.occupancy, hour.occupancy_peak = mean, peak
            hour.save(update_fields=["occupancy", "occupancy_peak"])
    row.occupancy_peak = _top(found.occupancy) if found is not None else None
    row.drift = round(found.drift) if found is not None else row.count_in - row.count_out
    row.rebalanced_at = now
    row.save(update_fields=["occupancy_peak", "drift", "rebalanced_at"])
    return 1


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
