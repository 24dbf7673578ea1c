"""What a survey of faults is given: the interval series of every device of one site, on one grid of times."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from khcn.engines.energy.types import STEP_MS, Flags, Millis, Values


class DeviceKind(StrEnum):
    """What a device measures, as far as faults go."""

    INVERTER = "inverter"  # kWh produced in the interval
    METER = "meter"  # kWh produced by the whole site (production meter)
    PYRANOMETER = "pyranometer"  # mean W/m2 on the plane of the modules


@dataclass(frozen=True, slots=True)
class DeviceSeries:
    """One device. ``kwh``: energy of each interval of the site's grid (mean W/m2 for a pyranometer), nan = unknown.

    ``flags``: :class:`~khcn.engines.energy.types.Quality` bits of each interval. ``rated_kw``: AC rating, ``kwp``: DC
    power of the modules behind it; None when not known. ``name``: what people call it.
    ``usual_kwh``: what the model says for the modules behind it, for siblings whose roofs face elsewhere.
    """

    key: str
    kind: DeviceKind
    kwh: Values
    flags: Flags
    rated_kw: float | None = None
    kwp: float | None = None
    name: str = ""
    usual_kwh: Values | None = None


@dataclass(frozen=True, slots=True)
class SiteSeries:
    """One site. ``ms``: starts of consecutive intervals of ``step_ms``, the same grid for every device.

    ``expected_kwh``: what the model says for the whole site in each interval, nan = not modelled; ``sun_elevation``:
    degrees at the middle of each interval (None: computed from latitude and longitude; without those, daylight is
    learnt from the series). ``now_ms``: when the survey is made; a fault that lasts up to the last data is ongoing.
    """

    zone: str
    latitude: float | None
    longitude: float | None
    ms: Millis
    devices: Sequence[DeviceSeries]
    now_ms: int
    step_ms: int = STEP_MS
    expected_kwh: Values | None = None
    sun_elevation: Values | None = None
