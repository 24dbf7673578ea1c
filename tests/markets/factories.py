"""Short stories about markets begin here: one call makes a market, a camera, a gate, hours of counts. Plain ORM."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from khcn.engines.text.collate import sort_key
from khcn.markets.models import (
    Box,
    Camera,
    CameraHour,
    Gate,
    GateHour,
    Layout,
    Market,
    MarketDay,
    MarketHour,
    OpeningHours,
    Zone,
    ZoneHour,
)
from khcn.markets.rules.packing import HourMinutes, Kind, centi
from khcn.orgs.models import Unit
from tests.orgs.factories import make_unit

_number = count(1)
HOUR = timedelta(hours=1)
NOW = datetime(2026, 3, 16, 3, 0, tzinfo=UTC)  # a Monday, 10:00 in Viet Nam
Counts = tuple[int, int] | Callable[[datetime], tuple[int, int]]


def make_market(name: str = "", *, unit: Unit | None = None, hours: bool = True, **fields: Any) -> Market:
    """Return a market that is open from 06:00 to 18:00 every day (``hours=False``: no opening hours)."""
    number = next(_number)
    name = name or f"Chợ Thử {number}"
    fields.setdefault("key", f"cho-thu-{number}")
    fields.setdefault("is_public", True)
    market = Market.objects.create(name=name, unit=unit or make_unit(), sort_key=sort_key(name), **fields)
    if hours:
        OpeningHours.objects.bulk_create(
            OpeningHours(market=market, weekday=day, opens=time(6), closes=time(18)) for day in range(7)
        )
    return market


def make_box(name: str = "", *, unit: Unit | None = None, **fields: Any) -> Box:
    """Return a counting box without a token."""
    number = next(_number)
    fields.setdefault("key", f"may-{number}")
    return Box.objects.create(name=name or f"Máy {number}", unit=unit or make_unit(), **fields)


def make_camera(market: Market | None = None, *, box: Box | None = None, **fields: Any) -> Camera:
    """Return a camera of 1280 x 720 of a market, without an address."""
    number = next(_number)
    fields.setdefault("key", f"camera-{number}")
    fields.setdefault("name", f"Camera {number}")
    fields.setdefault("frame_width", 1280)
    fields.setdefault("frame_height", 720)
    return Camera.objects.create(market=market or make_market(), box=box, **fields)


def make_gate(camera: Camera | None = None, **fields: Any) -> Gate:
    """Return an entrance seen by a camera. Without a layout: see :func:`make_layout`."""
    camera = camera or make_camera()
    number = next(_number)
    fields.setdefault("key", f"cua-{number}")
    fields.setdefault("name", f"Cửa {number}")
    return Gate.objects.create(market=camera.market, camera=camera, **fields)


def make_zone(camera: Camera | None = None, **fields: Any) -> Zone:
    """Return a zone seen by a camera."""
    camera = camera or make_camera()
    number = next(_number)
    fields.setdefault("key", f"khu-{number}")
    fields.setdefault("name", f"Khu {number}")
    return Zone.objects.create(market=camera.market, camera=camera, **fields)


def make_layout(camera: Camera, *, since: datetime | None = None, **fields: Any) -> Layout:
    """Draw every gate (an upright line) and zone (a square) of the camera, in force since ``since`` (five years)."""
    drawing = {
        "gates": [
            {"id": gate.key, "points": [[200 + 20 * n, 100], [200 + 20 * n, 600]], "direction": "in"}
            for n, gate in enumerate(camera.gates.all())
        ],
        "zones": [
            {
                "id": zone.key,
                "polygon": [[400, 100 + n], [800, 100 + n], [800, 500 + n], [400, 500 + n]],
                "kind": zone.kind,
            }
            for n, zone in enumerate(camera.zones.all())
        ],
        "exclusions": [],
        "frame": [camera.frame_width or 1280, camera.frame_height or 720],
    }
    start = since or NOW - timedelta(days=5 * 366)
    last = camera.layouts.order_by("-version").first()
    if last is not None and last.valid_to is None:
        last.valid_to = start
        last.save(update_fields=["valid_to"])
    fields.setdefault("drawing", drawing)
    return Layout.objects.create(
        camera=camera,
        version=(last.version if last else 0) + 1,
        frame_width=camera.frame_width or 1280,
        frame_height=camera.frame_height or 720,
        valid_from=start,
        **fields,
    )


def packed(kind: Kind, minutes: Iterable[int] = range(60), **values: int) -> HourMinutes:
    """Return an hour whose given minutes all hold ``values`` (names of the kind's columns)."""
    hour = HourMinutes(kind)
    for minute in minutes:
        hour.put(minute, values)
    return hour


def _spread(total: int, minutes: int) -> list[int]:
    """Return ``total`` spread evenly over so many minutes."""
    return [total * (n + 1) // minutes - total * n // minutes for n in range(minutes)]


def gate_hour(gate: Gate, hour: datetime, count_in: int, count_out: int, *, minutes: int = 60) -> GateHour:
    """Return an unsaved hour of a gate whose counts are spread over its first ``minutes`` minutes."""
    packing = HourMinutes(Kind.GATE)
    pairs = zip(_spread(count_in, minutes), _spread(count_out, minutes), strict=True)
    for minute, (ins, outs) in enumerate(pairs):
        packing.put(minute, {"count_in": ins, "count_out": outs, "measured_cs": 6000})
    return GateHour(gate=gate, hour=hour, layout=1, minutes=packing.pack(), **packing.sums())


def zone_hour(
    zone: Zone, hour: datetime, *, person_s: float = 3600, entries: int = 60, peak: int = 3
) -> ZoneHour:
    """Return an unsaved, fully measured hour of a zone."""
    packing = HourMinutes(Kind.ZONE)
    for minute, number in enumerate(_spread(entries, 60)):
        values = {"person_cs": centi(person_s / 60), "entries": number, "peak": peak, "measured_cs": 6000}
        packing.put(minute, {**values, "stay_4": number})
    return ZoneHour(zone=zone, hour=hour, layout=1, minutes=packing.pack(), **packing.sums())


def camera_hour(
    camera: Camera, hour: datetime, *, person_s: float = 7200, peak: int = 6, **fields: Any
) -> CameraHour:
    """Return an unsaved, fully measured hour of a camera, all presence in the middle of the picture."""
    packing = packed(Kind.CAMERA, person_cs=centi(person_s / 60), peak=peak, measured_cs=6000)
    fields.setdefault("heat", {"16,9": person_s})
    return CameraHour(camera=camera, hour=hour, minutes=packing.pack(), **{**packing.sums(), **fields})


def fill_hours(
    market: Market,
    first: datetime,
    hours: int,
    counts: Counts = (60, 60),
    *,
    zones: bool = False,
    skip: Callable[[datetime], bool] = lambda hour: False,
) -> None:
    """Give every entrance of ``market`` the ``counts`` (in, out) in ``hours`` hours from ``first`` (UTC, whole hour).

    ``counts`` may be a function of the hour; ``skip``: hours in which nothing was measured. ``zones``: cameras and
    zones too. The rows of the market (hours and days) are derived from them as the product does it.
    """
    from khcn.markets.services.rollups import rollups_derive  # services come after the first stories

    gates = list(Gate.objects.filter(market=market, is_entrance=True))
    moments = [first + n * HOUR for n in range(hours)]
    moments = [moment for moment in moments if not skip(moment)]
    rows: list[GateHour] = []
    for moment in moments:
        ins, outs = counts(moment) if callable(counts) else counts
        rows += [gate_hour(gate, moment, ins, outs) for gate in gates]
    GateHour.objects.bulk_create(rows, batch_size=2000)
    if zones:
        cameras = list(Camera.objects.filter(market=market))
        CameraHour.objects.bulk_create([camera_hour(c, m) for m in moments for c in cameras], batch_size=2000)
        places = list(Zone.objects.filter(market=market))
        ZoneHour.objects.bulk_create([zone_hour(z, m) for m in moments for z in places], batch_size=2000)
    rollups_derive(market, moments)


def local_day(moment: datetime) -> date:
    """Return the day on the wall clock of Viet Nam."""
    return timezone.localtime(moment).date()


def market_totals(market: Market) -> tuple[int, int]:
    """Return (in, out) over all derived hours, to compare with the days."""
    rows = MarketHour.objects.filter(market=market)
    days = MarketDay.objects.filter(market=market)
    total = (sum(r.count_in for r in rows), sum(r.count_out for r in rows))
    assert total == (sum(d.count_in for d in days), sum(d.count_out for d in days))
    return total
