"""Intervals from readings: what is marked is derived anew, and only what the new readings can change.

One channel is one transaction: its marks are taken away *before* its readings are read, so what comes in meanwhile
leaves a new mark. Days whose raw readings are gone already are only filled where nothing was measured.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from django.db import connection, transaction

from khcn.energy.models import (
    Batch,
    Channel,
    IntervalDay,
    MeterReplacement,
    QualityEvent,
    ReadingHour,
    Touched,
)
from khcn.energy.rules.days import HOUR_MS, day_start_ms, day_steps, days_touched, moment_of, ms_of
from khcn.energy.rules.packing import pack_day, unpack_hour
from khcn.energy.selectors.channels import engine_channel, follows_the_sun, is_energy, sun_profile
from khcn.energy.selectors.series import fitted
from khcn.energy.selectors.telemetry import Readings, joined_hours
from khcn.engines.energy.metrics import Meaning, metric_of
from khcn.engines.energy.types import (
    DAY_MS,
    STEP_MS,
    ChannelKind,
    Event,
    Flags,
    Intervals,
    Millis,
    Quality,
    Values,
)
from khcn.engines.energy.types import Channel as EngineChannel

logger = logging.getLogger("khcn.energy")
CHANNELS_AT_ONCE: Final = 2_000
# how far readings can matter to each other, by kind of channel
MARGIN_MS: Final = {
    ChannelKind.COUNTER: 2 * DAY_MS,
    ChannelKind.DAILY_COUNTER: 2 * DAY_MS,
    ChannelKind.POWER: DAY_MS // 2,
    ChannelKind.GAUGE: DAY_MS // 2,
    ChannelKind.STATE: DAY_MS // 4,
}
_BITS: Final = tuple(int(bit) for bit in Quality if bit)
LONGEST_AT_ONCE_MS: Final = 400 * DAY_MS


@dataclass(slots=True)
class DeriveReport:
    """What one run did. ``days``: changed local days by site, for the figures; ``failed``: channels with odd data."""

    channels: int = 0
    intervals: int = 0
    failed: int = 0
    days: dict[int, set[date]] = field(default_factory=lambda: defaultdict(set))


def intervals_derive(
    now: datetime, *, limit: int = CHANNELS_AT_ONCE, site_id: int | None = None
) -> DeriveReport:
    """Derive everything that is marked; any number of workers may call this at once."""
    report = DeriveReport()
    marked = Touched.objects.order_by()
    if site_id is not None:
        marked = marked.filter(channel__device__site_id=site_id)
    for channel_id in sorted(marked.values_list("channel_id", flat=True).distinct())[:limit]:
        try:
            _derive_channel(channel_id, now, report)
        except Exception:  # one channel's odd data must not hold up the others; its marks stay
            logger.exception("intervals of channel %s failed", channel_id)
            report.failed += 1
    return report


@transaction.atomic
def _derive_channel(channel_id: int, now: datetime, report: DeriveReport) -> None:
    Channel.objects.select_for_update(no_key=True).get(pk=channel_id)
    channel = Channel.objects.select_related("device__site").get(pk=channel_id)
    marks = list(Touched.objects.filter(channel_id=channel_id).order_by("pk"))
    if not marks:
        return
    Touched.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
    work = _Work(channel, now)
    spans = _joined([(ms_of(mark.starts_at), ms_of(mark.ends_at)) for mark in marks])
    for start, end in spans:
        work.span(start, end)
    work.write(report)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join spans that lie within a day of each other; cut what is longer than a year."""
    found: list[list[int]] = []
    for start, end in sorted(spans):
        if found and start - found[-1][1] <= DAY_MS:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([start, end])
    pieces = []
    for start, end in found:
        for first in range(start, end + 1, LONGEST_AT_ONCE_MS):
            pieces.append((first, min(end, first + LONGEST_AT_ONCE_MS - 1)))
    return pieces


class _Work:
    """One channel being derived: days that changed, in memory until the end."""

    def __init__(self, channel: Channel, now: datetime) -> None:
        self._channel, self._now = channel, now
        self._device, self._site = channel.device, channel.device.site
        self._zone = self._site.zone
        self._engine: EngineChannel = engine_channel(channel, self._device, self._site)
        self._profile = sun_profile(self._site) if follows_the_sun(channel, self._device) else None
        # an inverter that sleeps says nothing of its volts: nobody has to look at that
        self._sleeps = metric_of(channel.metric).meaning is Meaning.HEALTH
        self._replaced = [
            ms_of(at) for at in MeterReplacement.objects.filter(channel=channel).values_list("at", flat=True)
        ]
        self._raw_from = ms_of(channel.raw_from) if channel.raw_from is not None else -(1 << 60)
        self._days: dict[date, tuple[Values, Flags]] = {}
        self._before: dict[date, bytes] = {}
        self._events: list[tuple[int, int, Sequence[Event]]] = []

    def span(self, start: int, end: int) -> None:
        """Derive what readings in [``start``, ``end``] can change."""
        from khcn.engines.energy.intervals.derive import derive  # noqa: PLC0415  # for the worker
        from khcn.engines.energy.intervals.late import touched  # noqa: PLC0415

        margin = MARGIN_MS[self._engine.kind]
        readings = self._load(start - 2 * margin, end + 2 * margin + 1)
        if not len(readings.t):
            return
        new = (readings.t >= start) & (readings.t <= end)
        windows = touched(
            self._engine,
            readings.t[new],
            readings.t[~new],
            values_new=readings.v[new],
            values_known=readings.v[~new],
        )
        if any(start <= at <= end for at in self._replaced):
            windows = _grown([*windows, (start - margin, end + margin)])
        for low, high in windows:
            # mostly what is loaded already reaches far enough
            inside = start - 2 * margin <= low - margin and high + margin <= end + 2 * margin + 1
            around = readings if inside else self._load(low - margin, high + margin)
            found = derive(
                self._engine,
                around.t,
                around.v,
                start_ms=low,
                end_ms=high,
                replacements=self._replaced,
                arrived_ms=self._arrived(around),
                profile=self._profile,
            )
            self._place(found, int(around.t[0]) if len(around.t) else high)
            self._events.append((low, high, found.events))

    def _load(self, start: int, end: int) -> Readings:
        """Return the readings in a window, and the nearest ones outside when they lie further away."""
        rows = ReadingHour.objects.filter(channel=self._channel)
        first, last = moment_of(start // HOUR_MS * HOUR_MS), moment_of(end)
        inside = list(
            rows.filter(hour__gte=first, hour__lt=last).order_by("hour").values_list("hour", "packed")
        )
        before = rows.filter(hour__lt=first).order_by("-hour").values_list("hour", "packed")[:2]
        after = rows.filter(hour__gte=last).order_by("hour").values_list("hour", "packed")[:2]
        hours = [*reversed(before), *inside, *after]
        return joined_hours([(ms_of(hour), unpack_hour(raw)) for hour, raw in hours], -(1 << 60), 1 << 60)

    def _arrived(self, readings: Readings) -> Millis:
        """Return when each reading came in; what a file brought, and what is not known any more, was never late."""
        ids = np.unique(readings.batch)
        live = Batch.objects.filter(pk__in=ids.tolist()).exclude(source__startswith="import:")
        moments = {pk: ms_of(at) for pk, at in live.values_list("pk", "received_at")}
        known = np.array([moments.get(int(pk), -1) for pk in ids], np.int64)
        arrived = known[np.searchsorted(ids, readings.batch)]
        return np.asarray(np.where(arrived < 0, readings.t, arrived))

    def _place(self, found: Intervals, first_reading: int) -> None:
        """Put intervals into the days they lie in. What is known of the time before any reading is left alone."""
        for day in days_touched(found.start_ms, found.end_ms, self._zone):
            values, flags = self._day(day)
            begin = day_start_ms(day, self._zone)
            low = max(found.start_ms, begin)
            high = min(found.end_ms, begin + len(values) * STEP_MS)
            into = slice((low - begin) // STEP_MS, (high - begin) // STEP_MS)
            out = slice((low - found.start_ms) // STEP_MS, (high - found.start_ms) // STEP_MS)
            starts = low + np.arange(into.stop - into.start, dtype=np.int64) * STEP_MS
            fresh = (starts >= first_reading) | np.isfinite(found.values[out]) | ~np.isfinite(values[into])
            gone = starts < self._raw_from  # what was measured by readings that were removed stays
            fresh &= ~gone | ((flags[into] & int(Quality.MEASURED) == 0) & np.isfinite(found.values[out]))
            values[into] = np.where(fresh, found.values[out], values[into])
            flags[into] = np.where(fresh, found.flags[out], flags[into])

    def _day(self, day: date) -> tuple[Values, Flags]:
        held = self._days.get(day)
        if held is None:
            row = IntervalDay.objects.filter(channel=self._channel, day=day).values_list("packed", flat=True)
            self._before[day] = bytes(row.first() or b"")
            held = fitted(self._before[day], day_steps(day, self._zone))
            self._days[day] = held
        return held

    def write(self, report: DeriveReport) -> None:
        """Write the days and events that changed."""
        energy = is_energy(self._channel.metric)
        rows = [
            day_row(self._channel.pk, day, values, flags, energy=energy, now=self._now)
            for day, (values, flags) in sorted(self._days.items())
            if flags.any() or np.isfinite(values).any() or self._before[day]
        ]
        rows = [row for row in rows if row.packed != self._before[row.day]]
        days_upsert(rows)
        for low, high, events in self._events:
            told = [event for event in events if event.kind != "missing" or not self._sleeps]
            _events_write(self._channel.pk, low, high, told)
        report.channels += 1
        report.intervals += sum(row.expected for row in rows)
        if rows:
            report.days[self._site.pk] |= {row.day for row in rows}


def _grown(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for low, high in sorted(windows):
        begin, end = low // STEP_MS * STEP_MS, -(-high // STEP_MS) * STEP_MS
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def day_row(
    channel_id: int, day: date, values: Values, flags: Flags, *, energy: bool, now: datetime
) -> IntervalDay:
    """Return the row of a day: total (kWh, or the mean), highest power (or value), counts by quality bit."""
    known = values[np.isfinite(values)]
    total: float | None = None
    peak: float | None = None
    if len(known):
        total = float(known.sum()) if energy else float(known.mean())
        peak = float(known.max()) * (3_600_000 / STEP_MS if energy else 1.0)
    # nearly every day has one or two combinations of flags
    kinds = [(value, count) for value, count in enumerate(np.bincount(flags).tolist()) if value and count]
    counts = {bit: sum(count for value, count in kinds if value & bit) for bit in _BITS}
    return IntervalDay(
        channel_id=channel_id,
        day=day,
        total=total,
        peak_kw=peak,
        measured=counts[int(Quality.MEASURED)],
        expected=len(values),
        flags={str(bit): count for bit, count in counts.items() if count},
        packed=pack_day(values, flags),
        derived_at=now,
    )


def days_upsert(rows: Iterable[IntervalDay]) -> None:
    """Write days of channels over those that are there."""
    IntervalDay.objects.bulk_create(
        list(rows),
        batch_size=100 if connection.vendor == "sqlite" else 1000,
        update_conflicts=True,
        update_fields=["total", "peak_kw", "measured", "expected", "flags", "packed", "derived_at"],
        unique_fields=["channel", "day"],
    )


def _events_write(channel_id: int, low: int, high: int, events: Sequence[Event]) -> None:
    """Make the events that begin in a window fit what the engine noticed; what a person settled stays settled."""
    begin, end = moment_of(low), moment_of(high)
    held = {
        (row.code, row.starts_at): row
        for row in QualityEvent.objects.filter(channel_id=channel_id, starts_at__gte=begin, starts_at__lt=end)
    }
    wanted: dict[tuple[str, datetime], Event] = {}
    for event in events:
        if low <= event.start_ms < high:
            wanted[event.kind, moment_of(event.start_ms)] = event
    gone = [row.pk for key, row in held.items() if key not in wanted and row.done_at is None]
    QualityEvent.objects.filter(pk__in=gone).delete()
    fresh = []
    for (code, at), event in wanted.items():
        row = held.get((code, at))
        params = {name: _plain(value) for name, value in event.params.items()}
        if row is None:
            fresh.append(
                QualityEvent(
                    channel_id=channel_id,
                    code=code,
                    starts_at=at,
                    ends_at=moment_of(event.end_ms),
                    params=params,
                )
            )
        elif row.ends_at != moment_of(event.end_ms) or row.params != params:
            row.ends_at, row.params = moment_of(event.end_ms), params
            row.save(update_fields=["ends_at", "params"])
    QualityEvent.objects.bulk_create(fresh, ignore_conflicts=True)


def _plain(value: Any) -> Any:
    """Return a value that JSON columns take."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)
