"""The flows of a site: production, import, export and load on one grid, put together from its devices by their roles.

Meters at the PV output go before inverters. What a site uses is production + import - export. Each device gives the
first of its series that knows anything of the day: the counter before the power before the counter of the day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.energy.enums import DeviceKind, MeterRole
from khcn.energy.models import Channel, Device, IntervalDay, Site
from khcn.energy.rules.days import days_between
from khcn.energy.selectors.series import Grid, fitted, stored_days
from khcn.engines.energy.devices.sun import sun_path
from khcn.engines.energy.types import STEP_MS, Flags, Quality, Values

# series by what is wanted; "+" and "-" take one sign of a signed power
INVERTER: Final = ("ac_energy", "ac_power", "ac_energy_today")
PRODUCTION: Final = ("ac_energy", "ac_power", "export_energy", "import_energy", "ac_energy_today")
IMPORT: Final = ("import_energy", "import_power", "grid_power+")
EXPORT: Final = ("export_energy", "export_power", "grid_power-")
LOAD: Final = ("load_energy", "load_power", "import_energy", "import_power", "grid_power+")
ARRAY: Final = ("dc_energy", "dc_power")
SUN: Final = ("poa_irradiance",)
WARM: Final = ("module_temperature",)
DAYLIGHT_DEG: Final = 5.0
KNOWN: Final = int(Quality.MEASURED | Quality.INTERPOLATED)


@dataclass(frozen=True, slots=True)
class Series:
    """kWh (or means) of each interval, nan unknown; flags; share of the sources that were measured in each."""

    values: Values
    flags: Flags
    share: Values

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where something is known."""
        return np.isfinite(self.values)


@dataclass(frozen=True, slots=True)
class Flows:
    """What flowed at a site. Missing parts are ``None``; ``load`` is reckoned unless ``load_measured``.

    ``no_export_meter``: export was taken as zero because nothing measures it. ``daylight``: intervals in which a PV
    system can produce; ``by_system``/``by_device``: production of each, by primary key.
    """

    grid: Grid
    daylight: NDArray[np.bool_]
    production: Series | None = None
    imported: Series | None = None
    exported: Series | None = None
    load: Series | None = None
    array: Series | None = None
    poa: Series | None = None
    module_temperature: Series | None = None
    load_measured: bool = False
    no_export_meter: bool = False
    by_system: dict[int, Series] = field(default_factory=dict)
    by_device: dict[int, Series] = field(default_factory=dict)

    @property
    def self_consumed(self) -> Values | None:
        """Production that stayed on the site, kWh an interval."""
        if self.production is None:
            return None
        if self.exported is not None:
            return np.maximum(self.production.values - self.exported.values, 0.0)
        if self.load is not None and self.load_measured:
            return np.asarray(np.minimum(self.production.values, self.load.values))
        return None


def site_flows(site: Site, first: date, last: date) -> Flows:
    """Return the flows of ``site`` from ``first`` to ``last``, local days, both included (three queries)."""
    grid = Grid(first, last, site.zone)
    reader = _Reader(site, grid)
    daylight = daylight_of(site, grid)
    inverters = reader.devices(lambda d: d.kind == DeviceKind.INVERTER and d.role != MeterRole.LOAD)
    meters = reader.devices(lambda d: d.kind != DeviceKind.INVERTER and d.role == MeterRole.PRODUCTION)
    by_device = {device.pk: reader.read([device], INVERTER) for device in inverters}
    by_meter = {device.pk: reader.read([device], PRODUCTION) for device in meters}
    by_system: dict[int, Series] = {}
    parts: list[Series] = []
    systems = {device.system_id for device in (*inverters, *meters)}
    whole = [by_meter[device.pk] for device in meters if device.system_id is None]
    for system_id in sorted(systems, key=lambda pk: pk or 0):
        measured = [by_meter[d.pk] for d in meters if d.system_id == system_id]
        counted = [by_device[d.pk] for d in inverters if d.system_id == system_id]
        found = summed(_only(measured)) or summed(_only(counted))
        if found is None:
            continue
        if system_id is not None:
            by_system[system_id] = _asleep(found, daylight, grid)
        parts.append(found)
    production = summed(_only(whole)) or summed(parts)
    production = _asleep(production, daylight, grid) if production else None
    grids = reader.devices(lambda d: d.role == MeterRole.GRID)
    imported, exported = reader.read(grids, IMPORT), reader.read(grids, EXPORT)
    load = reader.read(reader.devices(lambda d: d.role == MeterRole.LOAD), LOAD)
    weather = reader.devices(lambda d: d.kind == DeviceKind.WEATHER)
    assumed = exported is None and imported is not None
    if assumed and imported is not None:
        exported = Series(np.where(imported.known, 0.0, np.nan), imported.flags, imported.share)
    measured_load = load is not None
    if load is None:
        load = _balance(production, imported, exported)
    return Flows(
        grid, daylight, production, imported, exported, load,
        reader.read(inverters, ARRAY), reader.read(weather, SUN, mean=True), reader.read(weather, WARM, mean=True),
        measured_load, assumed, by_system, {pk: one for pk, one in by_device.items() if one is not None},
    )  # fmt: skip


def device_series(site: Site, device: Device, names: Sequence[str], grid: Grid) -> Series | None:
    """Return one device's series over a grid: the first of ``names`` that it knows, day by day (two queries)."""
    return _Reader(site, grid, only=device).read([device], names)


def daylight_of(site: Site, grid: Grid) -> NDArray[np.bool_]:
    """Return in which intervals the sun stands high enough; without a place, from half past six to half past five."""
    middle = grid.start_ms + STEP_MS // 2 + np.arange(grid.size, dtype=np.int64) * STEP_MS
    if site.latitude is None or site.longitude is None:
        hours = np.concatenate(
            [np.arange(_size(grid, day)) / 4 for day in days_between(grid.first, grid.last)]
        )
        return np.asarray((hours >= 6.5) & (hours < 17.5))
    path = sun_path(middle, float(site.latitude), float(site.longitude))
    return np.asarray(path.elevation > DAYLIGHT_DEG)


def summed(parts: Sequence[Series]) -> Series | None:
    """Return the sum of series; unknown where all are unknown, and measured only where all are."""
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    values = np.stack([part.values for part in parts])
    known = np.isfinite(values).any(axis=0)
    total = np.where(known, np.nansum(np.where(np.isfinite(values), values, 0.0), axis=0), np.nan)
    marks = np.stack([part.flags for part in parts])
    flags = np.bitwise_or.reduce(marks, axis=0)
    whole = (marks & int(Quality.MEASURED) != 0).all(axis=0)
    flags = np.where(whole, flags, flags & ~np.uint8(int(Quality.MEASURED))).astype(np.uint8)
    return Series(total, flags, np.mean([part.share for part in parts], axis=0))


def _only(parts: Iterable[Series | None]) -> list[Series]:
    return [part for part in parts if part is not None]


def _size(grid: Grid, day: date) -> int:
    place = grid.place(day)
    return int(place.stop - place.start)


def _asleep(series: Series, daylight: NDArray[np.bool_], grid: Grid) -> Series:
    """Take an inverter that says nothing at night as producing nothing: that is no gap. A day without a word is one."""
    night = ~daylight & ~series.known
    if not night.any():
        return series
    for day in days_between(grid.first, grid.last):
        place = grid.place(day)
        if not series.known[place].any():
            night[place] = False
    return Series(np.where(night, 0.0, series.values), series.flags, np.where(night, 1.0, series.share))


def _balance(production: Series | None, imported: Series | None, exported: Series | None) -> Series | None:
    if imported is None or exported is None:
        return None
    made = production.values if production is not None else np.zeros(len(imported.values))
    load = np.maximum(made + imported.values - exported.values, 0.0)
    share = np.minimum(imported.share, production.share if production is not None else 1.0)
    return Series(load, imported.flags, share)


class _Reader:
    """Devices of a site with their stored days in a range."""

    def __init__(self, site: Site, grid: Grid, *, only: Device | None = None) -> None:
        self._grid = grid
        self._days = list(days_between(grid.first, grid.last))
        self._channels: dict[int, dict[str, Channel]] = defaultdict(dict)
        devices: dict[int, Device] = {}
        rows = Channel.objects.filter(device__site=site, counts=True).select_related("device").order_by("pk")
        if only is not None:
            rows = rows.filter(device=only)
        wanted = {
            name.rstrip("+-")
            for names in (PRODUCTION, IMPORT, EXPORT, LOAD, ARRAY, SUN, WARM)
            for name in names
        }
        for channel in rows:
            if channel.metric in wanted:
                devices[channel.device_id] = channel.device
                self._channels[channel.device_id][channel.metric] = channel
        self._devices = list(devices.values())
        ids = [one.pk for held in self._channels.values() for one in held.values()]
        self._stored: dict[tuple[int, date], IntervalDay] = stored_days(ids, grid.first, grid.last)

    def devices(self, chosen: Callable[[Device], bool]) -> list[Device]:
        """Return the devices that are in force at some day of the range and for which ``chosen`` holds."""
        return [
            device
            for device in self._devices
            if chosen(device)
            and (device.valid_from is None or device.valid_from <= self._grid.last)
            and (device.valid_to is None or device.valid_to >= self._grid.first)
        ]

    def read(self, devices: Iterable[Device], names: Sequence[str], *, mean: bool = False) -> Series | None:
        """Return the sum (or mean) over devices of the first of ``names`` that each knows, day by day."""
        parts = _only(self._device(device, names) for device in devices)
        found = summed(parts)
        if found is None or not mean or len(parts) == 1:
            return found
        many = np.isfinite(np.stack([part.values for part in parts])).sum(axis=0)
        return Series(found.values / np.maximum(many, 1), found.flags, found.share)

    def _device(self, device: Device, names: Sequence[str]) -> Series | None:
        held = self._channels[device.pk]
        candidates = [(held[name.rstrip("+-")], name[-1]) for name in names if name.rstrip("+-") in held]
        if not candidates:
            return None
        size = self._grid.size
        values, flags = np.full(size, np.nan), np.zeros(size, np.uint8)
        for day in self._days:
            if not device.in_force(day):
                continue
            for channel, sign in candidates:
                row = self._stored.get((channel.pk, day))
                if row is None or row.total is None:
                    continue
                place = self._grid.place(day)
                found, marks = fitted(row.packed, place.stop - place.start)
                values[place] = _signed(found, sign)
                flags[place] = marks
                break
        share = (flags & KNOWN != 0).astype(np.float64)
        return Series(values, flags, share)


def _signed(values: Values, sign: str) -> Values:
    if sign == "+":
        return np.asarray(np.maximum(values, 0.0))
    if sign == "-":
        return np.asarray(np.maximum(-values, 0.0))
    return values
