"""What the rooms of the energy engine hand each other: readings, channels, interval series, events, findings.

Times are whole milliseconds since 1970-01-01 UTC (``ms``), energies kWh, powers kW, irradiance W/m2, temperatures
degrees Celsius, money VND as ``Decimal``. Arrays are numpy, one dimension, equal length. ``nan`` is "no value"; it is
never zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

STEP_MS: Final = 15 * 60 * 1000
DAY_MS: Final = 24 * 3600 * 1000

Millis = NDArray[np.int64]
Values = NDArray[np.float64]
Flags = NDArray[np.uint8]


class Quality(IntFlag):
    """What is known of an interval. ``MISSING`` (no bit) means nothing is known; ``MEASURED`` alone is plain good.

    Bits add up: an interval after a reset is ``MEASURED | RESET``; one whose energy is known only as its share of a
    gap is ``INTERPOLATED``; a held-back reading leaves ``OUT_OF_RANGE`` (without ``MEASURED`` nothing else covers it).
    """

    MISSING = 0
    MEASURED = 1
    INTERPOLATED = 2
    RESET = 4
    ROLLOVER = 8
    REPLACED = 16
    STALE = 32
    OUT_OF_RANGE = 64
    LATE = 128


class ChannelKind(StrEnum):
    """How a channel's values are to be understood."""

    COUNTER = "counter"  # cumulative register, kWh since some beginning
    DAILY_COUNTER = "daily_counter"  # kWh since midnight (or since wake-up: inverters differ)
    POWER = "power"  # samples in kW
    GAUGE = "gauge"  # samples whose mean counts: W/m2, V, A, Hz, degrees
    STATE = "state"  # codes whose last value counts


@dataclass(frozen=True, slots=True)
class Channel:
    """One series of a device, in canonical units (scale, sign and word order are the driver's work, done before).

    ``resolution``: smallest step of the register, kWh; ``modulus``: value at which the register wraps to 0, kWh
    (None: not known, so a big drop is a reset or a replacement, never a rollover); ``rated_kw``: most power that can
    flow through (for the limit on increments; None: no limit known); ``lowest``/``highest``: limits of plausible
    values (gauges and power); ``stale_after_s``: an unchanged power or gauge longer than this in daylight is stale;
    ``zone``: IANA zone that cuts days.
    """

    key: str
    kind: ChannelKind
    zone: str = "Asia/Ho_Chi_Minh"
    resolution: float = 0.01
    modulus: float | None = None
    rated_kw: float | None = None
    lowest: float | None = None
    highest: float | None = None
    stale_after_s: float | None = None
    longest_gap_s: float = 7200.0


@dataclass(frozen=True, slots=True)
class Event:
    """Something noticed in readings: ``kind`` is a code of :mod:`.intervals.messages`, ``params`` fill its sentence."""

    kind: str
    start_ms: int
    end_ms: int
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intervals:
    """Consecutive intervals of ``step_ms`` from ``start_ms`` (a multiple of the step).

    ``values``: kWh in the interval (COUNTER, DAILY_COUNTER, POWER) or the mean (GAUGE) or the last (STATE); nan when
    missing. ``flags``: :class:`Quality` bits of each. ``events``: what was noticed on the way.
    """

    start_ms: int
    values: Values
    flags: Flags
    events: tuple[Event, ...] = ()
    step_ms: int = STEP_MS

    @property
    def end_ms(self) -> int:
        """End of the last interval."""
        return self.start_ms + self.step_ms * len(self.values)


class FindingKind(StrEnum):
    """Faults by name."""

    OUTAGE = "outage"
    COMMUNICATION_GAP = "communication_gap"
    UNDERPERFORMANCE = "underperformance"
    CLIPPING = "clipping"
    STALE = "stale"
    INTERPOLATED = "interpolated"
    OUTLIER = "outlier"
    NIGHT_PRODUCTION = "night_production"
    SHADING = "shading"
    SOILING = "soiling"
    TIME_SHIFT = "time_shift"
    PHASE_SHIFT = "phase_shift"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. ``loss_kwh`` is an estimate of energy not produced (None: cannot be said; 0.0: nothing was lost).

    ``devices``: keys of the devices concerned; ``evidence``: series that show it, ready for a chart and JSON:
    ``{"t": [ms, ...], "measured": [...], "expected": [...], "unit": "kW"}``; ``params`` fill the sentence of ``code``
    in :mod:`.faults.messages`.
    """

    kind: FindingKind
    start_ms: int
    end_ms: int
    code: str
    params: Mapping[str, Any]
    devices: tuple[str, ...] = ()
    loss_kwh: float | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """One value as a driver gives it, in the canonical unit of its metric (:mod:`.metrics`).

    ``value`` None with ``problem`` set: the device said "not implemented", or nonsense; what it said is in ``raw``.
    """

    device: str
    metric: str
    ts_ms: int
    value: float | None
    problem: str = ""
    raw: str = ""
