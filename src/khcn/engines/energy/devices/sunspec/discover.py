"""Finding a SunSpec device's models: base register, unit id, and the chain of models, in limited time.

The walk reads through our own Modbus bus (time limits, one client, clear faults), not through pysunspec2's blocking
client: that one waits for ever on a device that drips, and takes a late answer for the answer to another question.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from khcn.engines.energy.devices.modbus.bus import Bus
from khcn.engines.energy.devices.protocol import Notice
from khcn.engines.energy.devices.sunspec.models import SunSpecModel, decode_model
from khcn.engines.energy.errors import DeviceError

BASES: Final = (40_000, 0, 50_000)
UNITS: Final = (1, 126, 3, 2, 247, 0)  # usual; SMA speaks SunSpec at 126
_MARK: Final = [0x5375, 0x6E53]  # "SunS"
_END: Final = 0xFFFF
_MOST_MODELS: Final = 100
_LONGEST: Final = 120  # registers a question: below the protocol's 125, as some devices ask
_SHORT: Final = 30
_PASSING: Final = {"device-exception", "device-timeout", "device-unit-silent", "device-busy"}

Read = Callable[[int, int], list[int]]
"""(address, count) -> registers. Raises DeviceError."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where a model begins (at its id) and how many registers follow its id and length."""

    id: int
    address: int
    length: int


@dataclass(frozen=True, slots=True)
class Discovery:
    """A SunSpec device. ``problems``: what is odd, though the rest can be used."""

    unit: int
    base: int
    models: tuple[SunSpecModel, ...]
    problems: tuple[Notice, ...] = field(default=())

    def model(self, *ids: int) -> SunSpecModel | None:
        """Return the first model whose id is one of ``ids``."""
        return next((model for model in self.models if model.id in ids), None)

    def identity(self) -> dict[str, str]:
        """Return manufacturer, model, serial and version of the common model."""
        common = self.model(1)
        names = {"manufacturer": "Mn", "model": "Md", "serial": "SN", "version": "Vr"}
        found = {} if common is None else {name: common.points.get(point) for name, point in names.items()}
        return {name: str(value) for name, value in found.items() if value is not None}


def discover(
    bus: Bus,
    *,
    unit: int | None = None,
    bases: Sequence[int] = BASES,
    timeout_s: float = 3.0,
    limit_s: float = 60.0,
) -> Discovery:
    """Find and read every model of the device on ``bus``. Raises DeviceError.

    ``unit`` None tries the usual ones. ``timeout_s`` is for one answer, ``limit_s`` for everything.
    """
    until = time.monotonic() + limit_s
    with bus.held():
        place = find_base(
            bus, (unit,) if unit is not None else UNITS, bases, timeout_s=timeout_s, until=until
        )
        read = reader(bus, place[0], timeout_s=timeout_s, until=until)
        headers, problems = walk(read, place[1])
        models = []
        for header in headers:
            try:
                models.append(read_model(read, header))
            except DeviceError as error:
                if error.code not in _PASSING:
                    raise
                problems.append(Notice("device-sunspec-chain", {"register": header.address}))
                if error.code == "device-timeout":
                    break
    if not models:
        raise DeviceError("device-sunspec-empty", host=bus.place.host, port=bus.place.port)
    return Discovery(place[0], place[1], tuple(models), tuple(problems))


def find_base(
    bus: Bus, units: Sequence[int], bases: Sequence[int], *, timeout_s: float, until: float
) -> tuple[int, int]:  # fmt: skip
    """Return (unit id, base register) where "SunS" stands. Raises DeviceError ``device-not-sunspec`` and others."""
    heard, silence, closed = False, None, 0
    for unit in units:
        read = reader(bus, unit, timeout_s=timeout_s, until=until)
        for base in bases:
            try:
                found = read(base, 2)
            except DeviceError as error:
                if error.code == "device-closed":
                    # Some devices hang up on a question they do not like: ask the next one afresh, not for ever.
                    closed += 1
                    if closed >= len(bases):
                        raise
                    continue
                if error.code not in _PASSING:
                    raise
                heard = heard or error.code != "device-timeout"
                silence = error if error.code == "device-timeout" else silence
                if error.code in {"device-timeout", "device-unit-silent"} and len(units) > 1:
                    break  # nobody has this number
                continue
            heard = True
            if found == _MARK:
                return unit, base
    if not heard and silence is not None:
        raise silence
    raise DeviceError(
        "device-not-sunspec", host=bus.place.host, port=bus.place.port,
        bases=", ".join(map(str, bases)), units=", ".join(map(str, units)),
    )  # fmt: skip


def walk(read: Read, base: int) -> tuple[list[Header], list[Notice]]:
    """Return the models from ``base`` on and what is odd about the chain."""
    headers: list[Header] = []
    at = base + 2
    while len(headers) < _MOST_MODELS and at < 0xFFFF:
        try:
            model_id = read(at, 1)[0]
            length = 0 if model_id == _END else read(at + 1, 1)[0]
        except DeviceError as error:
            if error.code not in _PASSING:
                raise
            return headers, [Notice("device-sunspec-chain", {"register": at})]
        if model_id == _END:
            return headers, []
        if model_id == 0 or length in (0, _END) or at + 2 + length > 65535:
            return headers, [Notice("device-sunspec-chain", {"register": at})]
        headers.append(Header(model_id, at, length))
        at += 2 + length
    return headers, [Notice("device-sunspec-chain", {"register": at})]


def read_model(read: Read, header: Header) -> SunSpecModel:
    """Read one model again. Raises DeviceError ``device-sunspec-moved`` when another one stands there."""
    try:
        registers = _stretch(read, header, _LONGEST)
    except DeviceError as error:
        if error.code != "device-exception" or header.length + 2 <= _SHORT:
            raise
        registers = _stretch(read, header, _SHORT)  # a device that answers short questions only
    if registers[:2] != [header.id, header.length]:
        raise DeviceError("device-sunspec-moved", register=header.address)
    return decode_model(header.id, header.address, registers)


def _stretch(read: Read, header: Header, longest: int) -> list[int]:
    registers: list[int] = []
    while len(registers) < header.length + 2:
        registers += read(header.address + len(registers), min(longest, header.length + 2 - len(registers)))
    return registers


def reader(bus: Bus, unit: int, *, timeout_s: float, until: float) -> Read:
    """Return what reads holding registers of ``unit`` and gives up at ``until`` (of ``time.monotonic``)."""

    def read(address: int, count: int) -> list[int]:
        left = until - time.monotonic()
        if left <= 0:
            where = {"host": bus.place.host, "port": bus.place.port}
            raise DeviceError("device-slow", **where)
        return bus.read("holding", address, count, unit=unit, timeout_s=min(timeout_s, max(0.1, left)))

    return read
