"""How well things are measured: what is missing, what was doubtful, what could not be taken in, who is silent."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Avg, Count, Min, Q, QuerySet, Sum
from django.utils import timezone

from khcn.energy.enums import Driver
from khcn.energy.models import (
    Channel,
    Collector,
    Device,
    IntervalDay,
    MeterReplacement,
    QualityEvent,
    SetAside,
    Site,
    SiteDay,
)
from khcn.energy.permissions import reach_of
from khcn.energy.rules.days import days_between
from khcn.energy.selectors.overview import LIVE_DRIVERS, silent_after, visible_sites

DAYS: Final = 35
RECENT: Final = 7
MOST_ROWS: Final = 50
MOST_EVENTS: Final = 1000
DECISION: Final = "replaced-meter?"
CLOCK_LIMIT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class ChannelDays:
    """One channel over the days of the page: share measured by day; a day without a row has nothing.

    ``since``: its first day ever; before it nothing was to be measured.
    """

    channel: Channel
    shares: dict[date, float]
    flags: Counter[int]
    since: date | None = None

    def share(self, days: Sequence[date]) -> float:
        """Return the mean share over days."""
        return sum(self.shares.get(day, 0.0) for day in days) / len(days) if days else 0.0


@dataclass(frozen=True, slots=True)
class EventGroup:
    """What was noticed of one device under one code: the latest time, how often, and on how many channels."""

    latest: QualityEvent
    count: int
    channels: int


@dataclass(frozen=True, slots=True)
class SiteQuality:
    """The quality of one site over the days ``first`` to ``last``."""

    site: Site
    first: date
    last: date
    channels: tuple[ChannelDays, ...]
    events: tuple[EventGroup, ...]
    decisions: tuple[QualityEvent, ...]
    set_aside: tuple[SetAside, ...]
    set_aside_more: int
    devices: tuple[Device, ...]
    silent: tuple[Device, ...]
    twins: tuple[tuple[Device, ...], ...]
    clocks: tuple[Collector, ...]
    replacements: tuple[MeterReplacement, ...]

    @property
    def days(self) -> list[date]:
        """The days of the page."""
        return list(days_between(self.first, self.last))


def site_quality(site: Site, now: datetime, *, last: date, flag_counts: Any) -> SiteQuality:
    """Return the quality of a site. ``flag_counts`` reads the stored counts by quality bit."""
    first = last - timedelta(days=DAYS - 1)
    channels = Channel.objects.filter(device__site=site).select_related("device")
    ids = {channel.pk: channel for channel in channels.order_by("device__name", "pk")}
    begun = dict(
        IntervalDay.objects.filter(channel__device__site=site)
        .values_list("channel_id")
        .annotate(first=Min("day"))
        .order_by()
    )
    found = {pk: ChannelDays(one, {}, Counter(), _since(one, begun.get(pk))) for pk, one in ids.items()}
    rows = IntervalDay.objects.filter(channel__device__site=site, day__gte=first, day__lte=last)
    for channel_id, day, measured, expected, flags in rows.values_list(
        "channel_id", "day", "measured", "expected", "flags"
    ):
        one = found[channel_id]
        one.shares[day] = min(1.0, measured / expected) if expected else 0.0
        one.flags.update(flag_counts(flags or {}))
    events = QualityEvent.objects.filter(channel__device__site=site).select_related("channel__device")
    aside = SetAside.objects.filter(device__site=site, done_at=None).select_related("device")
    today = timezone.localtime(now).date()
    devices = list(
        Device.objects.filter(site=site).in_force(today).select_related("collector", "system", "site")
    )
    return SiteQuality(
        site=site,
        first=first,
        last=last,
        channels=tuple(found.values()),
        events=_grouped(
            events.filter(ends_at__date__gte=first, starts_at__date__lte=last).exclude(
                code=DECISION, done_at=None
            )[:MOST_EVENTS]
        ),
        decisions=tuple(events.filter(code=DECISION, done_at=None)),
        set_aside=tuple(aside[:MOST_ROWS]),
        set_aside_more=max(0, aside.count() - MOST_ROWS),
        devices=tuple(devices),
        silent=tuple(device for device in devices if is_silent(device, now)),
        twins=twins_of(devices),
        clocks=tuple(
            row
            for row in {device.collector for device in devices if device.collector}
            if row.clock_skew_s is not None and abs(row.clock_skew_s) > CLOCK_LIMIT_S
        ),
        replacements=tuple(
            MeterReplacement.objects.filter(channel__device__site=site)
            .select_related("channel__device")
            .order_by("-at")[:MOST_ROWS]
        ),
    )  # fmt: skip


def _since(channel: Channel, first: date | None) -> date | None:
    known = [day for day in (channel.device.valid_from, first) if day is not None]
    return max(known) if known else None


def _grouped(events: Iterable[QualityEvent]) -> tuple[EventGroup, ...]:
    """Return events by device and code, the latest group first; ``events`` come latest first."""
    groups: dict[tuple[int, str], list[QualityEvent]] = {}
    for event in events:
        groups.setdefault((event.channel.device_id, event.code), []).append(event)
    return tuple(
        EventGroup(group[0], len(group), len({event.channel_id for event in group}))
        for group in groups.values()
    )


def is_silent(device: Device, now: datetime) -> bool:
    """Whether a device that should speak has not for long."""
    if device.driver not in LIVE_DRIVERS:
        return False
    return device.heard_at is None or now - device.heard_at > silent_after(now)


def twins_of(devices: Sequence[Device]) -> tuple[tuple[Device, ...], ...]:
    """Return devices that say the same serial number: one of them is recorded wrongly, or both send for one."""
    by_serial: dict[str, list[Device]] = defaultdict(list)
    for device in devices:
        if device.serial.strip():
            by_serial[device.serial.strip().casefold()].append(device)
    return tuple(tuple(group) for group in by_serial.values() if len(group) > 1)


@dataclass(slots=True)
class QualityLine:
    """One site in the list of all: the last week and what waits for somebody."""

    site: Site
    completeness: float | None = None
    decisions: int = 0
    events: int = 0
    set_aside: int = 0
    silent: int = 0
    troubled: int = 0
    clocks: int = 0
    devices: int = 0

    @property
    def waits(self) -> int:
        """How many things a person should look at."""
        return self.decisions + self.silent + self.troubled + self.clocks + bool(self.set_aside)


@dataclass(frozen=True, slots=True)
class QualityOfAll:
    """All sites of the reader, and what came from nobody known."""

    lines: tuple[QualityLine, ...]
    strays: tuple[SetAside, ...]
    twins: tuple[tuple[Device, ...], ...] = field(default=())


def quality_of_all(user: Any, now: datetime) -> QualityOfAll:
    """Return the quality of every site that a person reads; the number of queries does not grow with the sites."""
    today = timezone.localtime(now).date()
    lines = {site.pk: QualityLine(site) for site in visible_sites(user, today)}
    week = SiteDay.objects.filter(site_id__in=lines, day__gte=today - timedelta(days=RECENT), day__lt=today)
    for row in week.values("site_id").annotate(share=Avg("completeness"), days=Count("pk")).order_by():
        lines[row["site_id"]].completeness = row["share"] * min(1.0, row["days"] / RECENT)
    _count_waiting(lines)
    devices = list(
        Device.objects.filter(site_id__in=lines).in_force(today).select_related("collector", "site")
    )
    for device in devices:
        line = lines[device.site_id]
        line.devices += device.driver != Driver.MANUAL
        line.silent += is_silent(device, now)
        line.troubled += bool(device.trouble)
        skew = device.collector.clock_skew_s if device.collector else None
        line.clocks += skew is not None and abs(skew) > CLOCK_LIMIT_S
    order = sorted(
        lines.values(), key=lambda line: (-line.waits, line.completeness is None, line.completeness or 0)
    )
    return QualityOfAll(tuple(order), tuple(strays_for(user)[:MOST_ROWS]), twins_of(devices))  # fmt: skip


def _count_waiting(lines: dict[int, QualityLine]) -> None:
    """Count what waits for a person at each site (two queries)."""
    waiting = QualityEvent.objects.filter(channel__device__site_id__in=lines, done_at=None)
    counted = waiting.values_list("channel__device__site_id").annotate(
        decisions=Count("pk", filter=Q(code=DECISION)), events=Count("pk")
    )
    for site_id, decisions, events in counted.order_by():
        lines[site_id].decisions, lines[site_id].events = decisions, events - decisions
    aside = SetAside.objects.filter(device__site_id__in=lines, done_at=None)
    kept = aside.values_list("device__site_id").annotate(readings=Sum("readings"))
    for site_id, readings in kept.order_by():
        lines[site_id].set_aside = readings or 0


def strays_for(user: Any) -> QuerySet[SetAside]:
    """Return what came from devices that nobody knows: of the own units' collectors, or all for who reads everything."""
    rows = SetAside.objects.filter(device=None, done_at=None).select_related("collector")
    reach = reach_of(user)
    return rows if reach.everything else rows.filter(collector__unit_id__in=reach.units)


def event_for(user: Any, pk: int) -> QualityEvent | None:
    """Return one event of a site that a person reads."""
    event = QualityEvent.objects.select_related("channel__device__site__unit").filter(pk=pk).first()
    if event is None:
        return None
    reach = reach_of(user)
    site = event.channel.device.site
    return event if reach.everything or site.unit_id in reach.units else None


def set_aside_for(user: Any, pk: int) -> SetAside | None:
    """Return what was set aside, when it is of a site or a collector that a person reads."""
    row = SetAside.objects.select_related("device__site", "collector").filter(pk=pk).first()
    if row is None:
        return None
    reach = reach_of(user)
    if reach.everything:
        return row
    unit_id = row.device.site.unit_id if row.device else row.collector.unit_id if row.collector else None
    return row if unit_id in reach.units else None
