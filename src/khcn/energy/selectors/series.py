"""Interval series as they are stored: days of channels, put together on one grid of quarters of an hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from khcn.energy.models import Channel, IntervalDay, SiteDay, SiteMonth, SystemDay
from khcn.energy.models.sites import Site, System
from khcn.energy.rules.days import day_end_ms, day_start_ms, day_steps, month_start
from khcn.energy.rules.packing import unpack_day
from khcn.engines.energy.types import STEP_MS, Flags, Values

DAY_FIELDS = (
    "day", "production_kwh", "import_kwh", "export_kwh", "load_kwh", "self_consumed_kwh", "expected_kwh", "lost_kwh",
    "availability", "savings_vnd", "surplus_vnd", "cost_vnd", "co2_kg", "peak_kw", "poa_kwh_m2", "completeness",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayIntervals:
    """Intervals of one channel: ``values`` kWh (or means), nan unknown; ``flags``: Quality bits of each."""

    start_ms: int
    step_ms: int
    values: Values
    flags: Flags
    total: float | None = None
    measured: int = 0
    expected: int = 96


def day_intervals(channels: Iterable[Channel], day: date) -> dict[int, DayIntervals]:
    """Return the intervals of ``channels`` on one local day (that of their site), by channel id; empty days too."""
    wanted = {channel.pk: channel for channel in channels}
    rows = {row.channel_id: row for row in IntervalDay.objects.filter(channel_id__in=wanted, day=day)}
    found = {}
    for pk, channel in wanted.items():
        zone = channel.device.site.zone
        count, row = day_steps(day, zone), rows.get(pk)
        values, flags = fitted(row.packed if row else b"", count)
        found[pk] = DayIntervals(
            day_start_ms(day, zone), STEP_MS, values, flags,
            row.total if row else None, row.measured if row else 0, count,
        )  # fmt: skip
    return found


def fitted(packed: Any, count: int) -> tuple[Values, Flags]:
    """Return a stored day as exactly ``count`` intervals."""
    values, flags = unpack_day(packed)
    if len(values) == count:
        return values, flags
    whole, marks = np.full(count, np.nan), np.zeros(count, np.uint8)
    size = min(count, len(values))
    whole[:size], marks[:size] = values[:size], flags[:size]
    return whole, marks


@dataclass(frozen=True, slots=True)
class Grid:
    """Quarters of an hour of the local days ``first`` to ``last`` of one zone."""

    first: date
    last: date
    zone: str

    @property
    def start_ms(self) -> int:
        """Begin of the first day."""
        return day_start_ms(self.first, self.zone)

    @property
    def size(self) -> int:
        """How many intervals."""
        return (day_end_ms(self.last, self.zone) - self.start_ms) // STEP_MS

    def place(self, day: date) -> slice:
        """Return where a day lies."""
        begin = (day_start_ms(day, self.zone) - self.start_ms) // STEP_MS
        return slice(begin, begin + day_steps(day, self.zone))


def stored_days(channel_ids: Iterable[int], first: date, last: date) -> dict[tuple[int, date], IntervalDay]:
    """Return the stored days of channels from ``first`` to ``last`` (one query)."""
    rows = IntervalDay.objects.filter(channel_id__in=list(channel_ids), day__gte=first, day__lte=last)
    return {(row.channel_id, row.day): row for row in rows}


def daily(owner: Channel | Site | System, first: date, last: date) -> list[dict[str, Any]]:
    """Return one row for each stored day from ``first`` to ``last``, oldest first.

    Of a channel: ``day total peak_kw measured expected completeness``; of a site or system: what its days hold.
    """
    if isinstance(owner, Channel):
        rows = IntervalDay.objects.filter(channel=owner, day__gte=first, day__lte=last).order_by("day")
        return [
            {**row, "completeness": row["measured"] / max(1, row["expected"])}
            for row in rows.values("day", "total", "peak_kw", "measured", "expected")
        ]
    if isinstance(owner, Site):
        days = SiteDay.objects.filter(site=owner, day__gte=first, day__lte=last).order_by("day")
        return list(days.values(*DAY_FIELDS))
    of_system = {
        "day", "production_kwh", "expected_kwh", "lost_kwh", "availability", "peak_kw", "poa_kwh_m2", "completeness",
    }  # fmt: skip
    ours = SystemDay.objects.filter(system=owner, day__gte=first, day__lte=last).order_by("day")
    return list(ours.values(*[name for name in DAY_FIELDS if name in of_system]))


def month_totals(sites: Iterable[Site], first: date, last: date) -> dict[int, dict[date, dict[str, Any]]]:
    """Return sums by month of each site from ``first``'s month to ``last``'s: site id -> month -> figures."""
    found: dict[int, dict[date, dict[str, Any]]] = {}
    rows = SiteMonth.objects.filter(
        site__in=[site.pk for site in sites], month__gte=month_start(first), month__lte=last
    ).order_by("month")
    for row in rows:
        found.setdefault(row.site_id, {})[row.month] = month_figures(row)
    return found


def month_figures(row: SiteMonth) -> dict[str, Any]:
    """Return the figures of a stored month as one mapping."""
    return {
        **row.figures,
        "production_kwh": row.production_kwh,
        "savings_vnd": row.savings_vnd,
        "co2_kg": row.co2_kg,
        "completeness": row.completeness,
    }
