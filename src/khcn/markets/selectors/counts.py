"""Minutes of a market, unpacked: what alerts, rebalancing and exports work with."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from khcn.markets.models import GateHour, Market, Zone, ZoneHour
from khcn.markets.rules.packing import Kind, unpack

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
GateRow = tuple[int, datetime, bytes | memoryview]  # gate, hour, packed minutes
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MinuteFlow:
    """Minutes of a market from ``start``: people in and out over its entrances, NaN where an entrance is missing.

    ``measured``: share of the entrances that were measured in each minute, 0 to 1.
    """

    start: datetime
    ins: Array
    outs: Array
    measured: Array

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which minutes were measured at every entrance."""
        return ~np.isnan(self.ins)


def minute_flow(market: Market, start: datetime, hours: int) -> MinuteFlow:
    """Return the minutes of ``hours`` whole hours. A minute counts when every entrance that reports was measured.

    An entrance that reported nothing in the whole span is left out: it may not have existed yet.
    """
    return _flow(_gate_rows(market, start, start + hours * HOUR), start, hours)


def day_flows(market: Market, days: Sequence[date]) -> dict[date, MinuteFlow]:
    """Return the minutes of whole local days, all read at once."""
    if not days:
        return {}
    starts = {day: datetime.combine(day, time(), timezone.get_current_timezone()) for day in days}
    ends = {day: datetime.combine(day + DAY, time(), timezone.get_current_timezone()) for day in days}
    rows: dict[date, list[GateRow]] = defaultdict(list)
    for row in _gate_rows(market, min(starts.values()), max(ends.values())):
        rows[timezone.localtime(row[1]).date()].append(row)
    return {day: _flow(rows[day], starts[day], round((ends[day] - starts[day]) / HOUR)) for day in days}


def _gate_rows(market: Market, start: datetime, end: datetime) -> Iterable[GateRow]:
    rows = GateHour.objects.filter(gate__market=market, gate__is_entrance=True, hour__gte=start, hour__lt=end)
    return rows.values_list("gate_id", "hour", "minutes").iterator(chunk_size=2000)


def _flow(rows: Iterable[GateRow], start: datetime, hours: int) -> MinuteFlow:
    by_gate: dict[int, tuple[Array, Array]] = {}
    for gate_id, hour, raw in rows:
        ins, outs = by_gate.setdefault(gate_id, (np.full(hours * 60, np.nan), np.full(hours * 60, np.nan)))
        minutes = unpack(Kind.GATE, raw)
        first = (hour - start) // MINUTE
        ins[first : first + 60][minutes.present] = minutes.column("count_in")[minutes.present]
        outs[first : first + 60][minutes.present] = minutes.column("count_out")[minutes.present]
    if not by_gate:
        nothing = np.full(hours * 60, np.nan)
        return MinuteFlow(start, nothing, nothing.copy(), np.zeros(hours * 60))
    ins, outs = (np.stack([pair[side] for pair in by_gate.values()]) for side in (0, 1))
    return MinuteFlow(start, ins.sum(axis=0), outs.sum(axis=0), (~np.isnan(ins)).mean(axis=0))


def zone_occupancy(zones: Sequence[Zone], start: datetime, hours: int) -> dict[int, Array]:
    """Return people in each zone by the minute (mean over its measured seconds), NaN where not measured."""
    found = {zone.pk: np.full(hours * 60, np.nan) for zone in zones}
    rows = ZoneHour.objects.filter(zone__in=list(found), hour__gte=start, hour__lt=start + hours * HOUR)
    for zone_id, hour, raw in rows.values_list("zone_id", "hour", "minutes"):
        minutes = unpack(Kind.ZONE, raw)
        measured = minutes.column("measured_cs")
        known = minutes.present & (measured > 0)
        first = (hour - start) // MINUTE
        found[zone_id][first : first + 60][known] = minutes.column("person_cs")[known] / measured[known]
    return found
