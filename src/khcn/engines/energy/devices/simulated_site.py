"""A site that does not exist, with one truth behind all its devices: sky, roofs, load, and every counter of it.

Whatever is asked of a :class:`SimulatedSite`, in whatever steps, comes from the same sky: the inverters' counters are
the integral of their power, the meter's import and export follow from load minus production, and two runs with one
seed are equal to the last digit. The physics is simple on purpose (Haurwitz clear sky, Erbs split, isotropic sky, Ross
cell temperature, linear power coefficient): believable, not a yield estimate; the planner does those.

Times before ``since_ms`` are refused; counters start there.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from khcn.engines.energy.devices.simulated_sky import NODE_MS, Sky, cell_temperature, load_shape
from khcn.engines.energy.types import DAY_MS, Millis, Values

Series = dict[tuple[str, str], Values]


class FaultKind(StrEnum):
    """What can be broken on purpose."""

    OUTAGE = "outage"  # no production, the device is still there
    COMMUNICATION_GAP = "communication_gap"  # production goes on, nothing is heard
    UNDERPERFORMANCE = "underperformance"  # ``size``: share of power left
    SHADING = "shading"  # ``size``: share of power left before 09:30 local time
    SOILING = "soiling"  # ``size``: share lost a day, washed off at the end
    COUNTER_RESET = "counter_reset"  # the counter starts again from 0 at ``start_ms``
    STALE = "stale"  # the last values are repeated


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one device from ``start_ms`` until ``end_ms``."""

    device: str
    kind: FaultKind
    start_ms: int
    end_ms: int
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class InverterSpec:
    """An inverter with its own roof."""

    key: str
    kwp: float
    rated_kw: float
    tilt_deg: float = 10.0
    azimuth_deg: float = 180.0
    losses: float = 0.10
    efficiency: float = 0.975
    start_kwh: float = 0.0


@dataclass(frozen=True, slots=True)
class SiteSpec:
    """A whole site. ``load_kind``: school, office, market, health or constant; ``load_kw``: its usual peak."""

    key: str = "demo"
    inverters: tuple[InverterSpec, ...] = (
        InverterSpec("inv-1", 30.0, 27.0, azimuth_deg=180.0),
        InverterSpec("inv-2", 30.0, 27.0, azimuth_deg=90.0),
    )
    meter: str | None = "meter-1"
    weather: str | None = "weather-1"
    load_kind: str = "school"
    load_kw: float = 40.0
    night_kw: float = 3.0
    latitude: float = 10.7769
    longitude: float = 106.7009
    utc_offset_h: float = 7.0
    seed: int = 1
    since_ms: int = 1_767_200_400_000  # 01/01/2026 00:00 +07:00
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteReadings:
    """What the devices say at the times ``t``: (device, metric) -> values in canonical units, nan for silence."""

    t: Millis
    series: Series = field(default_factory=dict)

    def devices(self) -> tuple[str, ...]:
        """Return the names of the devices in order."""
        return tuple(dict.fromkeys(device for device, _ in self.series))


class SimulatedSite:
    """The site that ``spec`` describes. Truth is kept at nodes of five minutes and is linear in between."""

    def __init__(self, spec: SiteSpec) -> None:
        self.spec = spec
        self._sky = Sky(spec.seed, spec.latitude, spec.longitude, spec.utc_offset_h)
        self._first = spec.since_ms - spec.since_ms % NODE_MS
        self._nodes: Millis = np.zeros(0, dtype=np.int64)
        self._power: Series = {}
        self._energy: Series = {}

    def readings(self, start_ms: int, end_ms: int, step_s: float = 60.0) -> SiteReadings:
        """Return what all devices say at ``start_ms``, ``start_ms + step``, ... before ``end_ms``.

        Raises ValueError for times before the site began or an empty step.
        """
        if start_ms < self.spec.since_ms or step_s <= 0:
            raise ValueError(f"times from {self.spec.since_ms} on, a step above 0")
        t = np.arange(start_ms, end_ms, round(step_s * 1000), dtype=np.int64)
        return self.readings_at(t)

    def readings_at(self, t: Millis) -> SiteReadings:
        """Return what all devices say at the rising times ``t``."""
        if len(t):
            self._reach(int(t[-1]) + NODE_MS)
        series: Series = {}
        for inverter in self.spec.inverters:
            series.update(self._inverter(inverter, t))
        if self.spec.meter is not None:
            series.update(self._meter(self.spec.meter, t))
        if self.spec.weather is not None:
            series.update(self._weather(self.spec.weather, t))
        for fault in self.spec.faults:
            _spoil(series, fault, t)
        return SiteReadings(t, series)

    def true_energy_kwh(self, device: str, metric: str, start_ms: int, end_ms: int) -> float:
        """Return the energy that really flowed from ``start_ms`` to ``end_ms``, whatever the device said."""
        self._reach(end_ms + NODE_MS)
        edges = self._counter(device, metric, np.array([start_ms, end_ms], dtype=np.int64))
        return float(edges[1] - edges[0])

    def _inverter(self, inverter: InverterSpec, t: Millis) -> Series:
        key = inverter.key
        power, dc = self._at(key, "ac_power", t), self._at(key, "dc_power", t)
        energy = inverter.start_kwh + self._counter(key, "ac_energy", t)
        offset = round(self.spec.utc_offset_h * 3_600_000)
        midnight = np.maximum((t + offset) // DAY_MS * DAY_MS - offset, self._first)
        today = self._counter(key, "ac_energy", t) - self._counter(key, "ac_energy", midnight)
        awake = self._sky.elevation(t) > 0.0
        volts = self._sky.grid_voltage(t)
        amps = power * 1000 / (np.sqrt(3.0) * 400.0 * volts / 230.0)
        air = self._sky.air_temperature(t)
        dc_volts = np.where(dc > 0, 620.0 - 0.9 * (air - 25) + 8 * self._sky.noise(t, 5), 0.0)
        found = {
            "ac_power": np.round(power, 3), "ac_energy": np.floor(energy * 100) / 100,
            "ac_energy_today": np.floor(today * 100) / 100, "dc_power": np.round(dc, 3),
            "dc_voltage": np.round(dc_volts, 1),
            "dc_current": np.round(np.divide(dc * 1000, dc_volts, out=np.zeros_like(dc), where=dc_volts > 0), 2),
            "voltage_l1": np.round(volts, 1), "voltage_l2": np.round(volts + 0.4, 1),
            "voltage_l3": np.round(volts - 0.5, 1), "current_l1": np.round(amps, 2), "current_l2": np.round(amps, 2),
            "current_l3": np.round(amps, 2), "frequency": np.round(self._sky.frequency(t), 2),
            "cabinet_temperature": np.round(air + 25 * power / inverter.rated_kw, 1),
            "state": np.where(power > 0, 4.0, 2.0),
        }  # fmt: skip
        return {(key, metric): np.where(awake, values, np.nan) for metric, values in found.items()}

    def _meter(self, key: str, t: Millis) -> Series:
        grid = self._at(key, "grid_power", t)
        volts = self._sky.grid_voltage(t)
        amps = np.abs(grid) * 1000 / (np.sqrt(3.0) * 400.0 * volts / 230.0 * 0.95)
        return {
            (key, "grid_power"): np.round(grid, 3),
            (key, "import_energy"): np.floor(self._counter(key, "import_energy", t) * 100) / 100,
            (key, "export_energy"): np.floor(self._counter(key, "export_energy", t) * 100) / 100,
            (key, "voltage_l1"): np.round(volts, 1), (key, "voltage_l2"): np.round(volts + 0.4, 1),
            (key, "voltage_l3"): np.round(volts - 0.5, 1), (key, "current_l1"): np.round(amps, 2),
            (key, "current_l2"): np.round(amps * 1.02, 2), (key, "current_l3"): np.round(amps * 0.97, 2),
            (key, "frequency"): np.round(self._sky.frequency(t), 2),
            (key, "power_factor"): np.full(len(t), 0.95),
        }  # fmt: skip

    def _weather(self, key: str, t: Millis) -> Series:
        poa = self._at(key, "poa_irradiance", t)
        air = self._sky.air_temperature(t)
        return {
            (key, "poa_irradiance"): np.round(poa, 1),
            (key, "ghi"): np.round(self._at(key, "ghi", t), 1),
            (key, "ambient_temperature"): np.round(air, 1),
            (key, "module_temperature"): np.round(cell_temperature(air, poa), 1),
        }

    def _at(self, device: str, metric: str, t: Millis) -> Values:
        return np.interp(t, self._nodes, self._power[device, metric])

    def _counter(self, device: str, metric: str, t: Millis) -> Values:
        """Return the exact integral of the linear power from the first node to each time, kWh."""
        power, total = self._power[device, _power_of(metric)], self._energy[device, metric]
        at = np.clip((t - self._first) // NODE_MS, 0, len(self._nodes) - 2)
        share = (t - self._nodes[at]) / NODE_MS
        left, right = power[at], power[at + 1]
        if metric in {"import_energy", "export_energy"}:
            # A node-to-node change of sign is counted by its net at this grid; both counters never run together.
            left, right = _side(left, metric), _side(right, metric)
        inside = (left + (right - left) * share / 2) * share * NODE_MS / 3_600_000
        return total[at] + inside

    def _reach(self, until_ms: int) -> None:
        """Reckon the truth up to ``until_ms``, in whole days, adding to what is already there."""
        if len(self._nodes) and until_ms <= self._nodes[-1]:
            return
        days = max(1, -(-(until_ms - self._first) // DAY_MS))
        self._nodes = self._first + np.arange(days * (DAY_MS // NODE_MS) + 2, dtype=np.int64) * NODE_MS
        nodes, spec = self._nodes, self.spec
        total = np.zeros(len(nodes))
        for inverter in spec.inverters:
            dc, ac = self._production(inverter)
            self._power[inverter.key, "dc_power"], self._power[inverter.key, "ac_power"] = dc, ac
            self._energy[inverter.key, "ac_energy"] = _integral(ac)
            total = total + ac
        if spec.meter is not None:
            load = load_shape(self._sky, nodes, spec.load_kind, spec.load_kw, spec.night_kw)
            grid = load - total
            self._power[spec.meter, "grid_power"] = grid
            for metric in ("import_energy", "export_energy"):
                self._energy[spec.meter, metric] = _integral(_side(grid, metric))
        if spec.weather is not None:
            first = spec.inverters[0] if spec.inverters else InverterSpec("", 1, 1)
            self._power[spec.weather, "ghi"] = self._sky.ghi(nodes)
            self._power[spec.weather, "poa_irradiance"] = self._sky.plane(
                nodes, first.tilt_deg, first.azimuth_deg
            )

    def _production(self, inverter: InverterSpec) -> tuple[Values, Values]:
        nodes = self._nodes
        poa = self._sky.plane(nodes, inverter.tilt_deg, inverter.azimuth_deg)
        heat = cell_temperature(self._sky.air_temperature(nodes), poa)
        dc = inverter.kwp * poa / 1000 * (1 - 0.0035 * (heat - 25)) * (1 - inverter.losses)
        for fault in self.spec.faults:
            if fault.device == inverter.key:
                dc = dc * _left(fault, nodes, self.spec.utc_offset_h)
        dc = np.where(dc > 0.004 * inverter.rated_kw, dc, 0.0)
        return dc, np.minimum(dc * inverter.efficiency, inverter.rated_kw)


def _power_of(metric: str) -> str:
    return {"ac_energy": "ac_power"}.get(metric, "grid_power")


def _side(grid: Values, metric: str) -> Values:
    return np.maximum(grid, 0.0) if metric == "import_energy" else np.maximum(-grid, 0.0)


def _integral(power: Values) -> Values:
    steps = (power[1:] + power[:-1]) / 2 * (NODE_MS / 3_600_000)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _left(fault: Fault, t: Millis, offset_h: float) -> Values:
    """Return the share of power that ``fault`` leaves at each node."""
    inside = (t >= fault.start_ms) & (t < fault.end_ms)
    match fault.kind:
        case FaultKind.OUTAGE:
            share = np.zeros(len(t))
        case FaultKind.UNDERPERFORMANCE:
            share = np.full(len(t), fault.size)
        case FaultKind.SHADING:
            minute = (t // 60_000 + round(offset_h * 60)) % 1440
            share = np.where(minute < 570, fault.size, 1.0)
        case FaultKind.SOILING:
            share = np.maximum(0.3, 1 - fault.size * (t - fault.start_ms) / DAY_MS)
        case _:
            share = np.ones(len(t))
    return np.where(inside, share, 1.0)


def _spoil(series: Series, fault: Fault, t: Millis) -> None:
    """Change what the device of ``fault`` says, not what is true."""
    inside = (t >= fault.start_ms) & (t < fault.end_ms)
    for (device, metric), values in series.items():
        if device != fault.device or not inside.any():
            continue
        if fault.kind is FaultKind.COMMUNICATION_GAP:
            values[inside] = np.nan
        elif fault.kind is FaultKind.STALE:
            before = np.flatnonzero(~inside & (t < fault.start_ms) & np.isfinite(values))
            values[inside] = values[before[-1]] if len(before) else np.nan
        elif fault.kind is FaultKind.COUNTER_RESET and metric.endswith("_energy"):
            known = np.flatnonzero((t >= fault.start_ms) & np.isfinite(values))
            if len(known):
                values[known] = np.round(values[known] - values[known[0]], 2)
