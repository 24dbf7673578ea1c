"""Demo markets: halls that do not exist, with thirteen months of simulated counts and one film that is really counted.

Names are recognisable as made up. Loaded through services; loading again changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from khcn.core.demo import Progress
from khcn.engines.flow.simulate import DemoMarket, demo_minutes
from khcn.markets.enums import EventKind, ReviewSource
from khcn.markets.models import Camera, CameraTrouble, Gate, GateHour, GateReview, Market, MarketDay, Zone
from khcn.markets.rules.hours import OpenSpan
from khcn.markets.rules.packing import STAY_BINS
from khcn.markets.selectors.demo_layout import demo_drawn
from khcn.markets.services.boxes import box_default
from khcn.markets.services.bulk import Span, camera_minutes_load, gate_minutes_load, zone_minutes_load
from khcn.markets.services.cameras import camera_create
from khcn.markets.services.demo_clips import demo_clip_wanted
from khcn.markets.services.events import event_add, lunar_events_ensure
from khcn.markets.services.layouts import layout_save
from khcn.markets.services.rebalancing import occupancy_rebalance
from khcn.markets.services.reviews import review_record
from khcn.markets.services.rollups import rollups_derive
from khcn.markets.services.venues import hours_set, market_create
from khcn.orgs.enums import PartyKind
from khcn.orgs.models import Membership, Party, Unit
from khcn.orgs.services.parties import party_create

DAYS: Final = 395  # thirteen months
ZONE_DAYS: Final = 70  # zones and cameras
REBALANCED: Final = 200  # days of markets at once; the worker does the rest
SEED: Final = 2026
OPENS, CLOSES = time(3), time(19, 30)
OPEN_HOURS: Final = range(3, 20)
HOUR = timedelta(hours=1)
STAY_SHARES: Final = (0.18, 0.16, 0.2, 0.14, 0.15, 0.1, 0.05, 0.02, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Hall:
    """One made-up market. ``seat``: the demo person in whose unit it lies; ``gates``: names, one camera for two."""

    key: str
    name: str
    address: str
    seat: str
    capacity: int
    gates: tuple[str, ...]
    stalls: tuple[str, ...] = ()


HALLS: Final = (
    Hall(
        "cho-mau-an-phu", "Chợ Mẫu An Phú (minh họa)", "Số 00 đường Ví Dụ", "quanlycho", 420,
        ("Cửa chính", "Cửa bên", "Cửa sau"),
        ("Sạp trái cây số 01 (minh họa)", "Sạp trái cây số 02 (minh họa)", "Sạp rau số 03 (minh họa)",
         "Sạp hàng khô số 04 (minh họa)"),
    ),
    Hall("cho-thu-ben-do", "Chợ Thử Bến Đò (minh họa)", "Số 00 đường Thử Nghiệm", "baocao", 260,
         ("Cửa chính", "Cửa bên")),
    Hall("cho-vi-du-cay-me", "Chợ Ví Dụ Cây Me (minh họa)", "Số 00 hẻm Minh Họa", "daumoi", 220,
         ("Cửa chính", "Cửa bên")),
)  # fmt: skip


def load_demo(progress: Progress) -> None:
    """Load what is missing of the demo markets."""
    now = timezone.now()
    first = timezone.localtime(now).date() - timedelta(days=DAYS)
    simulation = _Simulation(first)
    lunar_events_ensure(now)
    for number, hall in enumerate(HALLS, start=1):
        seat = (
            Membership.objects.filter(user__username=hall.seat).select_related("unit").order_by("pk").first()
        )
        if seat is None:
            continue
        market = Market.objects.filter(key=hall.key).first() or _found(hall, seat.unit, first, now)
        if not MarketDay.objects.filter(market=market).exists():
            progress(_("Chợ mẫu: %(name)s") % {"name": hall.name})
            counts = simulation.market(number, len(hall.gates))
            _fill(market, counts, now)
            _note(market, counts, now)
    occupancy_rebalance(now, limit=REBALANCED)
    camera = Camera.objects.filter(market__key=HALLS[0].key).order_by("pk").first()
    if camera is not None:
        demo_clip_wanted(camera)


class _Simulation:
    """The minutes of the halls, made when asked for (the generator makes markets one after another)."""

    def __init__(self, first: date) -> None:
        self._first, self._running = first, dict[int, Iterator[DemoMarket]]()

    def market(self, number: int, gates: int) -> DemoMarket:
        """Return market ``number``; numbers must be asked for in growing order."""
        if gates not in self._running:
            self._running[gates] = demo_minutes(
                SEED, DAYS + 1, start=self._first, markets=len(HALLS), gates=gates, zones=4
            )
        return next(market for market in self._running[gates] if market.number == number)


@transaction.atomic
def _found(hall: Hall, unit: Unit, first: date, now: datetime) -> Market:
    """Make a market with its hours, cameras, drawings and stalls."""
    market = market_create(
        actor=None,
        key=hall.key,
        name=hall.name,
        unit=unit,
        now=now,
        values={"address": hall.address, "capacity": hall.capacity, "is_public": True, "public_minimum": 10},
    )
    spans = [OpenSpan(day, OPENS, CLOSES) for day in range(7)]
    hours_set(actor=None, market=market, spans=spans, valid_from=None, now=now)
    box = box_default(unit=unit, now=now)
    since = datetime.combine(first, time(), timezone.get_current_timezone())
    for number, names in enumerate((hall.gates[:2], hall.gates[2:]), start=1):
        if not names:
            continue
        camera = camera_create(
            actor=None,
            market=market,
            box=box,
            addresses=[],
            key=f"{hall.key}-camera-{number}",
            now=now,
            values={
                "name": _("Camera lối chính") if number == 1 else _("Camera cửa sau"),
                "place": _("Trên cột, cao 3,5 m"),
                "purpose": _("Đếm lượt khách để sắp xếp lối đi và giờ vệ sinh; không nhận diện ai."),
                "sign_text": _("Khu vực có camera đếm lượt khách. Không lưu hình, không nhận mặt."),
                "sign_placed_on": first,
                "controller": unit.name,
                "contact": _("Ban quản lý chợ (minh họa)"),
            },
        )
        drawn = demo_drawn(names, zones=number == 1)
        layout_save(
            actor=None,
            camera=camera,
            drawn=drawn.rows,
            width=drawn.width,
            height=drawn.height,
            based_on=0,
            now=since,
        )
    _stalls(hall, market, unit, now)
    return market


def _stalls(hall: Hall, market: Market, unit: Unit, now: datetime) -> None:
    zones = list(Zone.objects.filter(market=market, kind="stalls").order_by("pk"))
    for number, name in enumerate(hall.stalls):
        stall = Party.objects.filter(name=name).first() or party_create(
            actor=None, today=now.date(), kind=PartyKind.MARKET_STALL, name=name, ward=unit
        )
        if zones:
            zones[number * len(zones) // len(hall.stalls)].parties.add(stall)


def _fill(market: Market, counts: DemoMarket, now: datetime) -> None:
    """Write the minutes until now, then derive."""
    start = datetime.combine(counts.start.date(), time(), timezone.get_current_timezone())
    until = int((now - start) / timedelta(minutes=1))
    hours = np.array(
        [h for h in range(counts.true_in.size // 60) if h % 24 in OPEN_HOURS and h * 60 < until], np.intp
    )
    past = np.arange(counts.true_in.size) < until
    for number, gate in enumerate(Gate.objects.filter(market=market).order_by("pk")):
        span = Span(start, counts.measured[number] & past, hours)
        gate_minutes_load(gate, span, counts.count_in[number], counts.count_out[number])
    recent = hours[hours >= hours.max(initial=0) - ZONE_DAYS * 24]
    seen = Span(start, counts.zones_measured & past, recent)
    for number, zone in enumerate(Zone.objects.filter(market=market).order_by("pk")):
        entries = counts.entries[number].astype(np.int64)
        zone_minutes_load(zone, seen, counts.person_s[number], entries, _stays(entries))
    for camera in Camera.objects.filter(market=market).order_by("pk"):
        share = counts.person_s.sum(axis=0) if camera.zones.exists() else counts.occupancy * 6.0
        camera_minutes_load(camera, seen, share, _heat(camera))
        _outages(camera, seen, until)
        Camera.objects.filter(pk=camera.pk).update(last_minute_at=start + timedelta(minutes=until - 1))
    rollups_derive(market, [start + int(hour) * HOUR for hour in hours])


def _stays(entries: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return finished stays by length (bins, minutes): shares of the entries, the rest in the commonest bin."""
    found = np.floor(np.array(STAY_SHARES)[:, None] * entries).astype(np.int64)
    found[2] += entries - found.sum(axis=0)
    return found[:STAY_BINS]


def _heat(camera: Camera) -> dict[str, float]:
    """Return shares of presence by cell of the 32 x 18 grid: two clouds where people stand and walk."""
    rng = np.random.default_rng([SEED, camera.pk])
    spots = np.concatenate(
        [rng.normal((11, 11), (2.2, 1.8), (500, 2)), rng.normal((19, 9), (2.8, 2.2), (700, 2))]
    )
    cells, counts = np.unique(np.clip(np.rint(spots), 0, (31, 17)).astype(int), axis=0, return_counts=True)
    kept = counts >= 6
    total = float(counts[kept].sum())
    return {
        f"{x},{y}": float(n) / total
        for (x, y), n in zip(cells[kept].tolist(), counts[kept].tolist(), strict=True)
    }


def _outages(camera: Camera, span: Span, until: int) -> None:
    """Note the longer breaks of the camera in open hours as trouble."""
    first = int(span.hours.min(initial=0)) * 60
    down = np.flatnonzero(~span.measured[first:until]) + first
    for run in np.split(down, np.flatnonzero(np.diff(down) > 1) + 1):
        if run.size >= 5:
            start = span.start + timedelta(minutes=int(run[0]))
            CameraTrouble.objects.get_or_create(
                camera=camera, kind="offline", started_at=start,
                defaults={"ended_at": start + timedelta(minutes=int(run.size))},
            )  # fmt: skip


def _note(market: Market, counts: DemoMarket, now: datetime) -> None:
    """Add events that the simulation knows, and reviews of gates by hand."""
    day = counts.start.date()
    flood = np.flatnonzero(counts.causes.flood)
    if flood.size:
        begin, end = day + timedelta(days=int(flood[0])), day + timedelta(days=int(flood[-1]))
        event_add(
            actor=None, market=None, kind=EventKind.FLOOD, title=_("Triều cường ngập đường (minh họa)"),
            starts_on=begin, ends_on=end, now=now,
        )  # fmt: skip
    for number in np.flatnonzero(counts.causes.rain)[-12:].tolist():
        on = day + timedelta(days=number)
        if on <= now.date():
            event_add(
                actor=None, market=None, kind=EventKind.RAIN, title=_("Mưa lớn (minh họa)"), starts_on=on, ends_on=on,
                now=now,
            )  # fmt: skip
    _reviews(market, counts.causes.recall, now)


def _reviews(market: Market, recall: float, now: datetime) -> None:
    rng = np.random.default_rng([SEED, market.pk])
    for gate in Gate.objects.filter(market=market).order_by("pk"):
        if GateReview.objects.filter(gate=gate).exists():
            continue
        whole = GateHour.objects.filter(gate=gate, measured_s=3600, count_in__gte=20, hour__lt=now - 2 * HOUR)
        for row in whole.order_by("-hour")[3:60:9]:
            true = [max(0, round(n / recall + rng.normal(0, 0.8))) for n in (row.count_in, row.count_out)]
            review_record(
                actor=None, gate=gate, source=ReviewSource.SLIT_SCAN, started_at=row.hour, ended_at=row.hour + HOUR,
                true_in=true[0], true_out=true[1], now=now, note=_("Kiểm thử (minh họa)"),
            )  # fmt: skip
