"""What every device driver is: how it is described, asked, listened to, tried out and left in peace.

A *polled* driver (``modbus``, ``sunspec``, ``files``) is asked with ``poll(now_ms)``; a *pushed* one (``mqtt``)
delivers to a sink from its own thread after ``listen``. Drivers hold no clock: the time comes in. All values leave a
driver in canonical units (:mod:`khcn.engines.energy.metrics`); a value that cannot be used leaves as a ``Sample`` with
``value=None``, a ``problem`` (a code of :mod:`.messages`) and what the device said in ``raw``. A device that cannot be
asked at all raises :class:`~khcn.engines.energy.errors.DeviceError`, whose sentence says what a technician should do.

The libraries of the wire (pymodbus, pysunspec2, paho) are imported when a driver is first used, never before.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, runtime_checkable

from khcn.engines.energy.errors import DeviceError
from khcn.engines.energy.types import Sample

Sink = Callable[[list[Sample]], None]
"""Takes samples and returns when they are safe (a pushed driver acknowledges its message only then)."""
Clock = Callable[[], int]
"""The time now, ms since 1970 UTC."""

PAYLOAD: Final = "payload"
"""The ``metric`` of a sample that stands for a whole message which could not be read."""
RAW_LIMIT: Final = 500
"""Characters of what a device said that a sample keeps in ``raw``."""


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """One device of a site, as the register of devices describes it.

    ``driver``: a name of :data:`DRIVERS`. ``template``: the register template (modbus) or payload format (mqtt).
    ``address``: where it is: modbus and sunspec ``{"host", "port", "unit", "framer"}`` (sunspec also ``"base"``),
    mqtt ``{"host", "port", "username", "password" | "password_file", "tls", "ca_file", "topic"}``, files
    ``{"folder", "pattern"}``. ``options``: what the driver's own documentation lists (for example ``fields``,
    ``flip_sign``, ``timeout_s``, ``every_s``). ``rated_kw``: most power that can flow. ``zone``: IANA zone of times
    that a device gives without one.
    """

    key: str
    driver: str
    template: str = ""
    address: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    rated_kw: float | None = None
    zone: str = "Asia/Ho_Chi_Minh"

    def __repr__(self) -> str:
        """Describe the device without its password."""
        shown = {name: "***" if name == "password" else value for name, value in self.address.items()}
        return f"DeviceConfig(key={self.key!r}, driver={self.driver!r}, template={self.template!r}, address={shown!r})"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a device wants to be asked, in seconds.

    After a failure wait ``retry_s``, doubled each time up to ``longest_s``. ``sleeps``: an inverter that is off at
    night: a failure then is no fault and the device is asked every ``night_s``.
    """

    every_s: float = 60.0
    retry_s: float = 5.0
    longest_s: float = 300.0
    night_s: float = 900.0
    sleeps: bool = False

    def wait_s(self, failures: int, *, night: bool = False) -> float:
        """Return the seconds until the next question after ``failures`` failures in a row."""
        if not failures:
            return self.every_s
        if night and self.sleeps:
            return self.night_s
        return min(self.longest_s, self.retry_s * 2.0 ** min(failures - 1, 20))

    def is_fault(self, failures: int, *, night: bool) -> bool:
        """Return whether ``failures`` in a row say that something is wrong (a sleeping inverter is not)."""
        return failures >= 3 and not (night and self.sleeps)


@runtime_checkable
class Driver(Protocol):
    """One device on the wire. A driver is used by one thread at a time; ``close`` may be called twice."""

    config: DeviceConfig
    pace: Pace
    pushes: bool

    def poll(self, now_ms: int) -> list[Sample]:
        """Ask a polled device once. Raises DeviceError. A pushed driver gives an empty list."""
        ...

    def listen(self, sink: Sink, clock: Clock) -> None:
        """Start delivery of a pushed driver to ``sink`` (from another thread) until ``close``; returns at once.

        Connection losses are repaired by the driver itself. A polled driver does nothing.
        """
        ...

    def state(self) -> str:
        """Return "" when all is well, else the code of what is wrong with the connection now."""
        ...

    def close(self) -> None:
        """Stop and free the connection."""
        ...


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a live test found: the ``code`` of a sentence of :mod:`.messages` and its values."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        from khcn.engines.energy.messages import sentence  # noqa: PLC0415  # messages know every room

        return sentence(self.code, self.params)


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a live test of a device showed. ``ok``: it answered and at least one value is usable.

    ``identity``: manufacturer, model, serial, version as far as the device tells. ``points``: samples as they would
    be stored. ``raw``: name -> what came over the wire, for the technician. ``problems`` say what is wrong,
    ``suggestions`` what to try.
    """

    ok: bool
    identity: Mapping[str, str] = field(default_factory=dict)
    points: tuple[Sample, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Notice, ...] = ()
    suggestions: tuple[Notice, ...] = ()
    took_ms: int = 0


class DriverKind(Protocol):
    """What a driver's module offers: it makes drivers and tries a device out."""

    def make(self, config: DeviceConfig) -> Driver:
        """Return a driver that is not yet connected. Raises DeviceError for a description that cannot work."""
        ...

    def probe(self, config: DeviceConfig, *, timeout_s: float, now_ms: int) -> ProbeResult:
        """Try the device once. Never raises DeviceError: what is wrong is in the result."""
        ...


# name -> module that offers ``make`` and ``probe``
DRIVERS: Final[dict[str, str]] = {
    "mqtt": "khcn.engines.energy.devices.mqtt.driver",
    "modbus": "khcn.engines.energy.devices.modbus.driver",
    "sunspec": "khcn.engines.energy.devices.sunspec.driver",
    "files": "khcn.engines.energy.devices.files.driver",
}
_REGISTERED: Final[dict[str, DriverKind]] = {}


def register_driver(name: str, kind: DriverKind) -> None:
    """Add a driver of your own (or, in tests, a pretended one) under ``name``."""
    _REGISTERED[name] = kind


def driver_names() -> tuple[str, ...]:
    """Return the names of all drivers."""
    return tuple(dict.fromkeys((*DRIVERS, *_REGISTERED)))


def driver_kind(name: str) -> DriverKind:
    """Return what makes drivers of ``name``. Raises DeviceError ``device-driver-unknown``."""
    if name in _REGISTERED:
        return _REGISTERED[name]
    if name not in DRIVERS:
        raise DeviceError("device-driver-unknown", driver=name, known=", ".join(driver_names()))
    kind: DriverKind = importlib.import_module(DRIVERS[name])
    return kind


def make_driver(config: DeviceConfig) -> Driver:
    """Return the driver of one device, not yet connected. Raises DeviceError for a description that cannot work."""
    return driver_kind(config.driver).make(config)


def probe(
    config: DeviceConfig, *, timeout_s: float = 10.0, now_ms: int, local_files: bool = True
) -> ProbeResult:
    """Try a device out for at most about ``timeout_s``: the wizard's live test. Never raises DeviceError.

    ``local_files`` False: on a machine whose files the asker must not see (:func:`without_local_files`).
    """
    try:
        if not local_files:
            config = without_local_files(config)
        return driver_kind(config.driver).probe(config, timeout_s=timeout_s, now_ms=now_ms)
    except DeviceError as error:
        return ProbeResult(ok=False, problems=(Notice(error.code, error.params),))


def without_local_files(config: DeviceConfig) -> DeviceConfig:
    """Return ``config`` fit to be tried from the centre: nothing in it may name a file of this machine.

    A test asked for in a browser must not read our files (a folder, a password file sent to a stranger's broker).
    Raises DeviceError ``device-local-only`` for a driver that reads a folder.
    """
    if config.driver == "files":
        raise DeviceError("device-local-only", driver=config.driver)
    local = {"password_file", "ca_file", "folder"}
    address = {name: value for name, value in config.address.items() if name not in local}
    options = {name: value for name, value in config.options.items() if name != "templates_folder"}
    return replace(config, address=address, options=options)


def pace_of(config: DeviceConfig, default: Pace) -> Pace:
    """Return ``default`` with the device's own ``every_s`` in place, if it has one."""
    every = config.options.get("every_s")
    if not isinstance(every, int | float) or isinstance(every, bool) or not 1 <= every <= 86_400:
        return default
    return Pace(float(every), default.retry_s, default.longest_s, default.night_s, default.sleeps)
