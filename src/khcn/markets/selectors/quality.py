"""Reads of data quality: how much of each day every camera measured, what went wrong, which batches came late."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from khcn.markets.models import Batch, Box, Camera, CameraHour, CameraTrouble, Market
from khcn.markets.rules.hours import OpenWeek
from khcn.markets.selectors.figures import Day, days_between
from khcn.markets.selectors.places import window_of
from khcn.markets.selectors.venues import open_week

DAYS: Final = 14
TROUBLE_DAYS: Final = timedelta(days=30)
LATE: Final = timedelta(minutes=15)
MOST: Final = 40


@dataclass(frozen=True, slots=True)
class CameraQuality:
    """One camera: share of the open time measured by day (None: nothing measured), seconds lost by reason."""

    camera: Camera
    by_day: dict[date, float]
    lost: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a market is measured. ``late``: batches whose newest minute was old when they came."""

    first: date
    last: date
    cameras: tuple[CameraQuality, ...]
    days: dict[date, Day]
    troubles: tuple[CameraTrouble, ...]
    boxes: tuple[Box, ...]
    late: tuple[Batch, ...]

    def all_days(self) -> list[date]:
        """Return the days of the report, oldest first."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


def quality_of(market: Market, now: datetime, *, last: date | None = None) -> Quality:
    """Return the quality of the fourteen days up to ``last`` (yesterday when left out)."""
    last = last or timezone.localtime(now).date() - timedelta(days=1)
    first = last - timedelta(days=DAYS - 1)
    cameras = list(Camera.objects.filter(market=market, active=True).select_related("box").order_by("name"))
    boxes = {camera.box_id: camera.box for camera in cameras if camera.box is not None}
    troubles = CameraTrouble.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=now - TROUBLE_DAYS), camera__market=market
    ).select_related("camera")
    return Quality(
        first=first,
        last=last,
        cameras=tuple(_cameras(cameras, first, last, open_week(market))),
        days={row.day: row for row in days_between([market.pk], first, last).get(market.pk, [])},
        troubles=tuple(troubles.order_by("-started_at", "-pk")[:MOST]),
        boxes=tuple(boxes.values()),
        late=tuple(_late(list(boxes), first, now)),
    )


def _cameras(cameras: Sequence[Camera], first: date, last: date, week: OpenWeek) -> list[CameraQuality]:
    begin, end = window_of(first, last)
    measured: dict[int, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    lost: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    total: dict[date, float] = {}
    minutes: dict[date, list[int]] = {}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        minutes[day] = week.open_minutes_by_hour(day)
        total[day] = float(sum(minutes[day]))
    rows = CameraHour.objects.filter(camera__in=[row.pk for row in cameras], hour__gte=begin, hour__lt=end)
    for pk, hour, seconds, reasons in rows.values_list("camera_id", "hour", "measured_s", "lost"):
        local = timezone.localtime(hour)
        measured[pk][local.date()] += min(seconds / 3600, 1.0) * minutes[local.date()][local.hour]
        for reason, missing in (reasons or {}).items():
            lost[pk][reason] += missing
    return [
        CameraQuality(
            camera,
            {day: value / total[day] for day, value in measured[camera.pk].items() if total[day]},
            dict(lost[camera.pk]),
        )
        for camera in cameras
    ]


def _late(boxes: list[int | None], first: date, now: datetime) -> list[Batch]:
    """Return the batches that came late, the latest first: they re-derive the hours they touch."""
    if not boxes:
        return []
    begin, _end = window_of(first, first)
    rows = Batch.objects.filter(box__in=boxes, received_at__gte=begin, last_minute__isnull=False)
    found = []
    for batch in rows.select_related("box").defer("notes").order_by("-received_at")[:2000]:
        if batch.last_minute is not None and batch.received_at - batch.last_minute > LATE:
            found.append(batch)
            if len(found) == MOST:
                break
    return found
