"""Months of readings at once, from arrays: for demo sites and for history brought from elsewhere.

Readings become intervals by the engine as always, but no raw hours are kept: they would be too old anyway. Days that
exist are written over.
"""

from datetime import datetime

import numpy as np

from khcn.energy.models import Channel, QualityEvent
from khcn.energy.rules.days import day_start_ms, day_steps, days_touched, moment_of
from khcn.energy.selectors.channels import engine_channel, follows_the_sun, is_energy, sun_profile
from khcn.energy.services.derive import day_row, days_upsert
from khcn.engines.energy.types import STEP_MS, Millis, Values

RECENT_EVENTS = 200


def history_load(channel: Channel, t: Millis, v: Values, now: datetime) -> int:
    """Derive and write the days of a channel from its readings (``t`` rising ms, ``v`` nan: silence); return how many."""
    from khcn.engines.energy.intervals.derive import derive  # noqa: PLC0415  # for the worker and commands

    device, site = channel.device, channel.device.site
    known = np.isfinite(v)
    if not known.any():
        return 0
    t, v = t[known], v[known]
    days = days_touched(int(t[0]), int(t[-1]), site.zone)
    start = day_start_ms(days[0], site.zone)
    end = day_start_ms(days[-1], site.zone) + day_steps(days[-1], site.zone) * STEP_MS
    profile = sun_profile(site) if follows_the_sun(channel, device) else None
    found = derive(engine_channel(channel, device, site), t, v, start_ms=start, end_ms=end, profile=profile)
    energy, rows, place = is_energy(channel.metric), [], 0
    for day in days:
        size = day_steps(day, site.zone)
        values, flags = found.values[place : place + size], found.flags[place : place + size]
        place += size
        if flags.any() or np.isfinite(values).any():
            rows.append(day_row(channel.pk, day, values, flags, energy=energy, now=now))
    days_upsert(rows)
    events = sorted(found.events, key=lambda event: event.start_ms)[-RECENT_EVENTS:]
    QualityEvent.objects.bulk_create(
        [
            QualityEvent(
                channel=channel, code=event.kind, starts_at=moment_of(event.start_ms),
                ends_at=moment_of(event.end_ms), params=dict(event.params),
            )
            for event in events
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return len(rows)
