"""What is wrong or unusual at a market now: worked out from counts and reports, nothing is written here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

import numpy as np
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from khcn.core.dates import datetime_vi
from khcn.core.numbers import number_vi
from khcn.engines.flow.alerts import Alert as FlowAlert
from khcn.engines.flow.alerts import crowding, quiet, quiet_hours
from khcn.markets.enums import VISITOR_ZONES, AlertKind
from khcn.markets.models import Box, Camera, CameraTrouble, Market, MarketHour, Zone
from khcn.markets.selectors.counts import MinuteFlow, minute_flow, zone_occupancy
from khcn.markets.selectors.figures import calendar_of, events_between, hours_between, series_of
from khcn.markets.selectors.venues import open_week

TROUBLE_FOR: Final = timedelta(minutes=5)
SILENT_FOR: Final = timedelta(minutes=15)
CONFLICT_FOR: Final = timedelta(minutes=30)
COMPLETE: Final = (
    0.9  # share of today's minutes so far that must be measured before anything is said about crowding
)
LOOK_BACK: Final = timedelta(weeks=20)
QUIET_AGE: Final = timedelta(hours=3)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that holds now. ``thing`` names what it is about: "market", "zone:7", "camera:3", "box:1"."""

    kind: AlertKind
    thing: str
    started_at: datetime
    title: str
    detail: str
    value: float | None = None
    limit: float | None = None
    zone_id: int | None = None
    camera_id: int | None = None
    box_id: int | None = None


def alarms_now(market: Market, now: datetime) -> list[Alarm]:
    """Return what holds at ``market`` now."""
    return [*_crowding(market, now), *_quiet(market, now), *_cameras(market, now), *_boxes(market, now)]


def _crowding(market: Market, now: datetime) -> Iterator[Alarm]:
    start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = max(1, int((now - start) / HOUR) + 1)
    minutes = int((now - start) / MINUTE)
    zones = list(Zone.objects.filter(market=market, active=True, capacity__gt=0, kind__in=VISITOR_ZONES))
    if zones:
        people = zone_occupancy(zones, start, hours)
        for zone in zones:
            held = _still_on(
                crowding(people[zone.pk][:minutes], start=start, capacity=zone.capacity),
                start,
                people[zone.pk][:minutes],
            )
            if held is not None:
                yield _crowded(held, f"zone:{zone.pk}", zone.name, zone_id=zone.pk)
    usual = None if market.capacity else _usual_top(market, now)
    if not market.capacity and usual is None:
        return
    flow = minute_flow(market, start, hours)
    inside = running_occupancy(flow, minutes)
    if inside is None:
        return
    held = _still_on(crowding(inside, start=start, capacity=market.capacity, usual_p99=usual), start, inside)
    if held is not None:
        yield _crowded(held, "market", market.name)


def running_occupancy(flow: MinuteFlow, minutes: int) -> NDArray[np.float64] | None:
    """Return people inside by the minute so far today, never below none; ``None`` when too little was measured."""
    reported = np.flatnonzero(flow.measured[:minutes] > 0)
    if not reported.size:
        return None
    first, last = int(reported[0]), int(reported[-1]) + 1
    if flow.known[first:last].mean() < COMPLETE:
        return None
    people = np.full(minutes, np.nan)
    inside = 0.0
    for place in range(first, last):
        if flow.known[place]:
            inside = max(0.0, inside + flow.ins[place] - flow.outs[place])
            people[place] = inside
    return people


def _still_on(alerts: list[FlowAlert], start: datetime, people: NDArray[np.float64]) -> FlowAlert | None:
    """Return the alert that lasts until now; minutes that have not come in yet do not end one, an hour of them does."""
    known = np.flatnonzero(~np.isnan(people))
    if not known.size or people.size - int(known[-1]) > 60:
        return None
    running = [alert for alert in alerts if alert.ended is None]
    return running[0] if running else None


def _crowded(alert: FlowAlert, thing: str, name: str, *, zone_id: int | None = None) -> Alarm:
    return Alarm(
        kind=AlertKind.CROWDING,
        thing=thing,
        started_at=alert.started,
        title=_("%(name)s đang quá đông") % {"name": name},
        detail=_("Khoảng %(people)s người, ngưỡng là %(limit)s. Hãy kiểm tra lối đi và điều tiết khách.")
        % {"people": number_vi(round(alert.peak)), "limit": number_vi(round(alert.limit))},
        value=alert.peak,
        limit=alert.limit,
        zone_id=zone_id,
    )


def _usual_top(market: Market, now: datetime) -> float | None:
    """Return what 99 of 100 measured hours of the last weeks stay below; ``None`` with less than 200 of them."""
    tops = MarketHour.objects.filter(
        market=market, hour__gte=now - LOOK_BACK, hour__lt=now - 24 * HOUR, occupancy_peak__isnull=False
    ).values_list("occupancy_peak", flat=True)
    values = np.array(list(tops), np.float64)
    return float(np.quantile(values, 0.99)) * 1.2 if values.size >= 200 else None


def _quiet(market: Market, now: datetime) -> Iterator[Alarm]:
    local = timezone.localtime(now)
    if not open_week(market).is_open(local.date(), local.time()):
        return
    today = local.date()
    first = today - LOOK_BACK
    series = series_of(hours_between(market, first, today), first, today)
    calendar = calendar_of(events_between([market.pk], first, today), first, today)
    wall = local.replace(tzinfo=None)
    begin = datetime.combine(today, time())
    open_minutes = open_week(market).open_minutes_by_hour(today)
    judged = [
        hour
        for hour in quiet_hours(series, begin=begin, now=wall, calendar=calendar)
        if open_minutes[hour.start.hour] == 60
    ]
    running = [alert for alert in quiet(judged) if alert.ended is None]
    if not running or wall - judged[-1].start > QUIET_AGE:
        return
    alert = running[-1]
    yield Alarm(
        kind=AlertKind.QUIET,
        thing="market",
        started_at=timezone.make_aware(alert.started),
        title=_("vắng khách bất thường"),
        detail=_(
            "%(count)s lượt khách trong giờ vắng nhất, thường ngày khoảng %(usual)s. Hãy xem có cửa nào bị chặn "
            "hay việc gì đang xảy ra."
        )
        % {"count": number_vi(round(alert.peak)), "usual": number_vi(round(alert.limit))},
        value=alert.peak,
        limit=alert.limit,
    )


def _cameras(market: Market, now: datetime) -> Iterator[Alarm]:
    troubles = CameraTrouble.objects.filter(
        camera__market=market, camera__active=True, ended_at=None, started_at__lte=now - TROUBLE_FOR
    ).select_related("camera")
    told: set[int] = set()
    for trouble in troubles.order_by("started_at"):
        if trouble.camera_id in told:
            continue
        told.add(trouble.camera_id)
        yield Alarm(
            kind=AlertKind.CAMERA,
            thing=f"camera:{trouble.camera_id}",
            started_at=trouble.started_at,
            title=_("camera %(name)s có vấn đề") % {"name": trouble.camera.name},
            detail=_(
                "%(what)s từ %(since)s. Số đếm của khoảng này được coi là không đo. Hãy cho người kiểm tra camera."
            )
            % {"what": trouble.get_kind_display(), "since": datetime_vi(trouble.started_at)},
            camera_id=trouble.camera_id,
        )
    silent = Camera.objects.filter(
        market=market,
        active=True,
        box__isnull=False,
        last_minute_at__lt=now - SILENT_FOR,
        box__last_seen_at__gte=now - SILENT_FOR,
    ).exclude(pk__in=told)
    for camera in silent:
        since = camera.last_minute_at or now
        yield Alarm(
            kind=AlertKind.CAMERA,
            thing=f"camera:{camera.pk}",
            started_at=since,
            title=_("camera %(name)s không gửi số liệu") % {"name": camera.name},
            detail=_(
                "Máy đếm vẫn chạy nhưng không có số liệu của camera này từ %(since)s. Hãy kiểm tra dây mạng và nguồn."
            )
            % {"since": datetime_vi(since)},
            camera_id=camera.pk,
        )


def _boxes(market: Market, now: datetime) -> Iterator[Alarm]:
    mine = Q(cameras__market=market, cameras__active=True)
    for box in Box.objects.filter(mine, last_seen_at__isnull=False).distinct():
        if box.conflict_at is not None and now - box.conflict_at < CONFLICT_FOR:
            yield Alarm(
                kind=AlertKind.BOX,
                thing=f"conflict:{box.pk}",
                started_at=box.conflict_at,
                title=_("hai máy đếm trùng mã"),
                detail=_(
                    "Có hai máy cùng mang mã “%(key)s”. Số liệu của máy đến sau chưa được nhận. Hãy tắt máy thừa, hoặc "
                    "chọn “Nhận máy này” ở trang Máy đếm nếu máy mới thay máy cũ."
                )
                % {"key": box.key},
                box_id=box.pk,
            )
        seen = box.last_seen_at or now
        if now - seen > SILENT_FOR:
            yield Alarm(
                kind=AlertKind.BOX,
                thing=f"box:{box.pk}",
                started_at=seen,
                title=_("máy đếm im lặng"),
                detail=_(
                    "Không nghe tin từ máy đếm “%(name)s” từ %(since)s. Số liệu vẫn được giữ trong máy và sẽ gửi lại khi "
                    "có mạng. Hãy kiểm tra nguồn điện và đường mạng."
                )
                % {"name": box.name, "since": datetime_vi(seen)},
                box_id=box.pk,
            )
