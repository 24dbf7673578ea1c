"""A site's time zone was wrong: its intervals are moments and stay, only the days that they are cut into change.

Raw readings of older days are gone by then, so the stored intervals themselves are cut anew. Days and months of the site
follow in the worker; days that were priced keep the terms of their date.
"""

from datetime import date, datetime

import numpy as np
from django.db import transaction

from khcn.core.tasks import enqueue_on_commit
from khcn.energy.models import Channel, IntervalDay, Site, SiteDay, SystemDay
from khcn.energy.rules.days import day_of_ms, days_between
from khcn.energy.selectors.channels import is_energy
from khcn.energy.selectors.series import Grid, fitted
from khcn.energy.services.derive import day_row, days_upsert
from khcn.energy.services.figures import figures_derive
from khcn.engines.energy.types import STEP_MS


@transaction.atomic
def site_rezone(*, site: Site, old_zone: str, now: datetime) -> int:
    """Cut the intervals of all channels of ``site`` into days of its zone; return how many channels were cut.

    Called by whoever changes the zone, in the same transaction; the site's days and months follow in the worker.
    """
    from khcn.energy.tasks import site_figures_task  # noqa: PLC0415  # tasks call this module

    if site.zone == old_zone:
        return 0
    done = 0
    for channel in Channel.objects.select_for_update(no_key=True).filter(device__site=site).order_by("pk"):
        done += _recut(channel, old_zone, site.zone, now)
    if done:
        enqueue_on_commit(site_figures_task, site.pk)
    return done


def _recut(channel: Channel, old_zone: str, zone: str, now: datetime) -> int:
    rows = {row.day: row for row in IntervalDay.objects.filter(channel=channel)}
    if not rows:
        return 0
    old = Grid(min(rows), max(rows), old_zone)
    values, flags = np.full(old.size, np.nan), np.zeros(old.size, np.uint8)
    for day, row in rows.items():
        place = old.place(day)
        values[place], flags[place] = fitted(row.packed, place.stop - place.start)
    end_ms = old.start_ms + old.size * STEP_MS
    new = Grid(day_of_ms(old.start_ms, zone), day_of_ms(end_ms - 1, zone), zone)
    shift = (old.start_ms - new.start_ms) // STEP_MS
    whole, marks = np.full(new.size, np.nan), np.zeros(new.size, np.uint8)
    whole[shift : shift + old.size], marks[shift : shift + old.size] = values, flags
    energy = is_energy(channel.metric)
    made = []
    for day in days_between(new.first, new.last):
        part = new.place(day)
        if marks[part].any() or np.isfinite(whole[part]).any():
            made.append(day_row(channel.pk, day, whole[part], marks[part], energy=energy, now=now))
    kept = {row.day for row in made}
    IntervalDay.objects.filter(channel=channel, day__in=[day for day in rows if day not in kept]).delete()
    days_upsert(made)
    return 1


def site_figures(site_id: int, now: datetime) -> int:
    """Derive every day of a site again; return how many."""
    site = Site.objects.get(pk=site_id)
    held: set[date] = set(
        IntervalDay.objects.filter(channel__device__site=site).values_list("day", flat=True)
    )
    held |= set(SiteDay.objects.filter(site=site).values_list("day", flat=True))
    held |= set(SystemDay.objects.filter(system__site=site).values_list("day", flat=True))
    return figures_derive(site, sorted(held), now)
