"""Readings as they came, what a site does at this moment, and how its days flowed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from khcn.energy.enums import DeviceKind, MeterRole
from khcn.energy.models import Channel, Device, ReadingHour, Site
from khcn.energy.rules.days import HOUR_MS, moment_of, ms_of
from khcn.energy.rules.packing import HourReadings, unpack_hour
from khcn.energy.selectors.flows import Series, site_flows
from khcn.engines.energy.types import Flags, Millis, Values

STALE_AFTER: Final = timedelta(minutes=10)
_QUARTERS_AN_HOUR: Final = 4


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of a channel in order of time: one for each time. ``problems``: code by place; ``batch``: of each."""

    t: Millis
    v: Values
    problems: Mapping[int, str]
    raws: Mapping[int, str]
    batch: Millis


def readings_of(channel_id: int, start_ms: int, end_ms: int) -> Readings:
    """Return the readings of a channel in [``start_ms``, ``end_ms``)."""
    first = moment_of(start_ms // HOUR_MS * HOUR_MS)
    rows = ReadingHour.objects.filter(channel_id=channel_id, hour__gte=first, hour__lt=moment_of(end_ms))
    return joined_hours(
        [
            (ms_of(hour), unpack_hour(raw))
            for hour, raw in rows.order_by("hour").values_list("hour", "packed")
        ],
        start_ms,
        end_ms,
    )


def joined_hours(hours: list[tuple[int, HourReadings]], start_ms: int, end_ms: int) -> Readings:
    """Put hours (start in ms, readings) together, oldest first."""
    t: list[Millis] = []
    v: list[Values] = []
    b: list[Millis] = []
    problems: dict[int, str] = {}
    raws: dict[int, str] = {}
    place = 0
    for start, hour in hours:
        one = hour.ordered()
        at = start + one.t.astype(np.int64)
        inside = (at >= start_ms) & (at < end_ms)
        if not inside.any():
            continue
        skipped = int(np.argmax(inside))
        if one.p.any():
            for number in np.flatnonzero(inside & (one.p > 0)).tolist():
                problems[place + number - skipped] = one.codes[int(one.p[number])]
        for number, said in one.raws.items():
            if inside[number]:
                raws[place + number - skipped] = said
        t.append(at[inside])
        v.append(one.v[inside])
        b.append(one.b[inside])
        place += int(inside.sum())
    if not t:
        none = np.zeros(0, np.int64)
        return Readings(none, np.zeros(0), {}, {}, none)
    return Readings(np.concatenate(t), np.concatenate(v), problems, raws, np.concatenate(b))


@dataclass(frozen=True, slots=True)
class Power:
    """Mean power of each quarter of an hour, kW, nan unknown. ``share``: part of the sources that were measured."""

    kw: Values
    flags: Flags
    share: Values


@dataclass(frozen=True, slots=True)
class SitePower:
    """One local day of a site. Missing flows are ``None``; ``load_measured`` False: reckoned from the others."""

    day: date
    start_ms: int
    step_ms: int
    production: Power | None
    load: Power | None
    imported: Power | None
    exported: Power | None
    load_measured: bool
    no_export_meter: bool
    by_device: dict[int, Power] = field(default_factory=dict)

    @property
    def minutes(self) -> list[int]:
        """Minutes since the day began, of each interval."""
        size = next(
            (len(one.kw) for one in (self.production, self.imported, self.load) if one is not None), 96
        )
        return [number * self.step_ms // 60_000 for number in range(size)]


def site_day_power(site: Site, day: date) -> SitePower:
    """Return production, load, import and export of a site on one local day."""
    flows = site_flows(site, day, day)
    return SitePower(
        day,
        flows.grid.start_ms,
        900_000,
        _power(flows.production),
        _power(flows.load),
        _power(flows.imported),
        None if flows.no_export_meter else _power(flows.exported),
        flows.load_measured,
        flows.no_export_meter,
        {pk: Power(s.values * _QUARTERS_AN_HOUR, s.flags, s.share) for pk, s in flows.by_device.items()},
    )


def _power(series: Series | None) -> Power | None:
    if series is None:
        return None
    return Power(series.values * _QUARTERS_AN_HOUR, series.flags, series.share)


@dataclass(frozen=True, slots=True)
class LiveNow:
    """The flow picture of this moment, kW; ``grid_kw`` positive: taken from the grid; ``None``: not known.

    ``age_s``: of the oldest value used; ``stale``: too old to be called now; ``devices``: silent ones by key.
    """

    at: datetime | None
    pv_kw: float | None
    grid_kw: float | None
    load_kw: float | None
    battery_kw: float | None
    battery_soc: float | None
    age_s: float | None
    stale: bool
    silent: tuple[str, ...] = ()


def live_now(site: Site, now: datetime) -> LiveNow:
    """Return what flows at ``site`` now, from the latest values of its devices (one query)."""
    rows = Channel.objects.filter(device__site=site, counts=True, last_at__isnull=False).select_related(
        "device"
    )
    held: dict[int, dict[str, Channel]] = {}
    devices: dict[int, Device] = {}
    for channel in rows:
        if channel.device.in_force(now.date()):
            held.setdefault(channel.device_id, {})[channel.metric] = channel
            devices[channel.device_id] = channel.device
    live = _Live(now, held)
    inverters = [
        pk for pk, d in devices.items() if d.kind == DeviceKind.INVERTER and d.role != MeterRole.LOAD
    ]
    meters = [
        pk for pk, d in devices.items() if d.kind != DeviceKind.INVERTER and d.role == MeterRole.PRODUCTION
    ]
    grids = [pk for pk, d in devices.items() if d.role == MeterRole.GRID]
    pv = live.total(meters, ("ac_power", "import_power", "export_power", "grid_power"))
    pv = abs(pv) if pv is not None else live.total(inverters, ("ac_power",), asleep=True)
    grid = live.total(grids, ("grid_power",))
    if grid is None:
        taken, given = live.total(grids, ("import_power",)), live.total(grids, ("export_power",))
        grid = taken - (given or 0.0) if taken is not None else None
    load = live.total(
        [pk for pk, d in devices.items() if d.role == MeterRole.LOAD], ("load_power", "import_power")
    )
    battery = live.total(list(devices), ("battery_power",))
    if load is None and grid is not None:
        load = max(0.0, (pv or 0.0) + grid + (battery or 0.0))
    at = min(live.used, default=None)
    age = (now - at).total_seconds() if at else None
    newest = max(live.used, default=None)
    stale = newest is None or now - newest > STALE_AFTER
    silent = tuple(sorted(devices[pk].key for pk in live.silent))
    return LiveNow(
        at, pv, grid, load, battery, live.total(list(devices), ("battery_soc",)), age, stale, silent
    )


class _Live:
    """Latest values that are young enough to be added up."""

    def __init__(self, now: datetime, held: Mapping[int, Mapping[str, Channel]]) -> None:
        self._now, self._held = now, held
        self.used: list[datetime] = []
        self.silent: set[int] = set()

    def total(self, devices: list[int], names: tuple[str, ...], *, asleep: bool = False) -> float | None:
        """Return the sum of the first known of ``names`` over devices; an old value counts only if nothing is young."""
        young: list[float] = []
        old: list[tuple[datetime, float]] = []
        for pk in devices:
            channel = next((self._held[pk][name] for name in names if name in self._held[pk]), None)
            if channel is None or channel.last_at is None or channel.last_value is None:
                continue
            if self._now - channel.last_at > STALE_AFTER:
                self.silent.add(pk)
                old.append((channel.last_at, channel.last_value))
            else:
                young.append(channel.last_value)
                self.used.append(channel.last_at)
        if young:
            return float(sum(young))
        if old and not asleep:
            self.used += [at for at, _value in old]
            return float(sum(value for _at, value in old))
        if old:
            self.used += [at for at, _value in old]
            return 0.0
        return None
