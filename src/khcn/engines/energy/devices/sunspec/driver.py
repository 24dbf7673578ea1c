"""The SunSpec driver: finds the models once, then reads those that hold our metrics.

Options: ``timeout_s`` (one answer), ``every_s``, and those of :mod:`khcn.engines.energy.devices.roles`.
"""

import time

from khcn.engines.energy.devices.address import modbus_place, seconds, whole
from khcn.engines.energy.devices.modbus.bus import Bus, bus_at
from khcn.engines.energy.devices.protocol import Clock, DeviceConfig, Notice, Pace, ProbeResult, Sink, pace_of
from khcn.engines.energy.devices.quiet import Quiet
from khcn.engines.energy.devices.roles import in_role
from khcn.engines.energy.devices.sunspec.discover import (
    BASES,
    Discovery,
    Header,
    discover,
    read_model,
    reader,
)
from khcn.engines.energy.devices.sunspec.models import SunSpecModel
from khcn.engines.energy.devices.sunspec.readings import MAPPED, readings_of
from khcn.engines.energy.errors import DeviceError
from khcn.engines.energy.types import Sample

_READ = frozenset((*MAPPED, 160))


class SunSpecDriver:
    """One SunSpec device."""

    pushes = False

    def __init__(self, config: DeviceConfig) -> None:
        self.config = config
        self.place = modbus_place(config.address)
        given = config.address.get("unit")
        self.unit = None if given is None or given == "" else whole(config.address, "unit", 0, 255, 1)
        base = config.address.get("base")
        self.bases = (
            BASES if base is None or base == "" else (whole(config.address, "base", 0, 65_535, 40_000),)
        )
        self.timeout_s = seconds(config.options, "timeout_s", 3.0)
        self.pace: Pace = pace_of(config, Pace(every_s=60.0, sleeps=True))
        self.found: Discovery | None = None
        self._bus: Bus | None = None
        self._trouble = ""
        self._quiet = Quiet()

    def poll(self, now_ms: int) -> list[Sample]:
        """Read the device once. Raises DeviceError."""
        try:
            models = self._models()
        except DeviceError as error:
            self._trouble = error.code
            raise
        self._trouble = ""
        samples = self._quiet.heard(readings_of(models, device=self.config.key, now_ms=now_ms))
        return in_role(samples, self.config.options)

    def discover(self, *, limit_s: float = 60.0) -> Discovery:
        """Find the models (again). Raises DeviceError."""
        self.found = discover(
            self._opened(), unit=self.unit, bases=self.bases, timeout_s=self.timeout_s, limit_s=limit_s
        )
        return self.found

    def identity(self) -> dict[str, str]:
        """Return manufacturer, model, serial and version, once the models are found."""
        return self.found.identity() if self.found is not None else {}

    def listen(self, sink: Sink, clock: Clock) -> None:
        """Do nothing: this driver is asked."""

    def state(self) -> str:
        """Return the code of the last trouble, "" when the last question was answered."""
        return self._trouble

    def close(self) -> None:
        """Free the connection."""
        if self._bus is not None:
            self._bus.release()
            self._bus = None

    def _opened(self) -> Bus:
        if self._bus is None:
            self._bus = bus_at(self.place)
        return self._bus

    def _models(self) -> list[SunSpecModel]:
        bus = self._opened()
        if self.found is None:
            return list(self.discover().models)
        read = reader(bus, self.found.unit, timeout_s=self.timeout_s, until=time.monotonic() + 60.0)
        try:
            with bus.held():
                return [
                    read_model(read, Header(model.id, model.address, model.length))
                    for model in self.found.models
                    if model.id in _READ
                ]
        except DeviceError as error:
            if error.code in {"device-sunspec-moved", "device-exception"}:
                # New firmware or another machine at this address: what was found no longer holds.
                self.found = None
                return list(self.discover().models)
            raise


def make(config: DeviceConfig) -> SunSpecDriver:
    """Return the driver of a device. Raises DeviceError for an address that cannot work."""
    return SunSpecDriver(config)


def probe(config: DeviceConfig, *, timeout_s: float, now_ms: int) -> ProbeResult:
    """Find the device's models and say what they hold."""
    begun = time.monotonic()
    driver = make(config)
    driver.timeout_s = min(driver.timeout_s, max(0.2, timeout_s / 3))
    try:
        found = driver.discover(limit_s=timeout_s)
    except DeviceError as error:
        advice = []
        if error.code in {"device-timeout", "device-not-sunspec", "device-unit-silent"}:
            advice.append(Notice("device-try-unit"))
        if error.code in {"device-timeout", "device-closed"}:
            advice.append(Notice("device-one-client"))
        if error.code in {"device-timeout", "device-unreachable"}:
            advice.append(Notice("device-asleep"))
        took = round((time.monotonic() - begun) * 1000)
        return ProbeResult(
            False, problems=(Notice(error.code, error.params),), suggestions=tuple(advice), took_ms=took
        )
    finally:
        driver.close()
    points = in_role(readings_of(found.models, device=config.key, now_ms=now_ms), config.options)
    ok = any(sample.value is not None for sample in points)
    problems = found.problems if ok else (*found.problems, Notice("device-nothing-usable"))
    raw = {"unit": found.unit, "base": found.base, "models": [model.id for model in found.models]}
    return ProbeResult(
        ok, found.identity(), tuple(points), raw, problems, took_ms=round((time.monotonic() - begun) * 1000)
    )
