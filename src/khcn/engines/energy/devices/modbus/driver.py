"""The Modbus TCP driver: asks the registers of a template, decodes them, tells what cannot be used.

Options of a device: ``timeout_s``, ``every_s``, ``template_text`` or ``templates_folder`` (own templates), and those of
:mod:`khcn.engines.energy.devices.roles`.
"""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from khcn.engines.energy.devices.address import modbus_place, seconds, whole
from khcn.engines.energy.devices.modbus.bus import ILLEGAL, Bus, bus_at
from khcn.engines.energy.devices.modbus.plan import Block, plan_blocks
from khcn.engines.energy.devices.modbus.registers import decode, decode_text
from khcn.engines.energy.devices.modbus.template import Point, Template, find_template
from khcn.engines.energy.devices.protocol import Clock, DeviceConfig, Notice, Pace, ProbeResult, Sink, pace_of
from khcn.engines.energy.devices.quiet import Quiet
from khcn.engines.energy.devices.roles import in_role
from khcn.engines.energy.devices.units import scaled, to_canonical
from khcn.engines.energy.errors import DeviceError
from khcn.engines.energy.metrics import metric_of
from khcn.engines.energy.types import ChannelKind, Sample

_RETRY_REFUSED = 200  # questions until a refused register is tried again
_HEADROOM = 1.3  # an inverter may briefly give more than its plate says


@dataclass(frozen=True, slots=True)
class Reading:
    """One point as it came: its registers and what they mean."""

    point: Point
    registers: tuple[int, ...]
    value: float | None
    problem: str


def interpret(point: Point, registers: Iterable[int], *, rated_kw: float | None = None) -> Reading:
    """Return what ``registers`` say for ``point``, in the metric's own unit."""
    held = tuple(registers)
    raw = decode(held, point.type, words=point.words, octets=point.octets)
    if isinstance(raw, float) and math.isinf(raw):
        return Reading(point, held, None, "reading-not-finite")
    if raw in point.none or math.isnan(raw):
        return Reading(point, held, None, "reading-not-implemented")
    metric = metric_of(point.metric)
    value = to_canonical(scaled(raw, point.scale) * point.sign, point.unit, metric.unit)
    if value is None:
        return Reading(point, held, None, "reading-unit")
    low = point.lowest if point.lowest is not None else metric.lowest
    high = point.highest if point.highest is not None else metric.highest
    if rated_kw and metric.kind is ChannelKind.POWER:
        edge = rated_kw * _HEADROOM
        low, high = (
            max(-edge, low if low is not None else -edge),
            min(edge, high if high is not None else edge),
        )
    if metric.kind in {ChannelKind.COUNTER, ChannelKind.DAILY_COUNTER} and low is None:
        low = 0.0
    if (low is not None and value < low) or (high is not None and value > high):
        return Reading(point, held, None, "reading-out-of-range")
    return Reading(point, held, value, "")


class ModbusDriver:
    """One device described by a template."""

    pushes = False

    def __init__(self, config: DeviceConfig, template: Template) -> None:
        self.config, self.template = config, template
        wire = template.wire
        self.place = modbus_place(config.address, port=wire.port)
        self.unit = whole(config.address, "unit", 0, 255, wire.unit)
        self.timeout_s = seconds(config.options, "timeout_s", wire.timeout_s)
        self.pace: Pace = pace_of(config, Pace(every_s=wire.every_s, sleeps=template.sleeps))
        self._bus: Bus | None = None
        self._asked = 0
        self._apart: set[Block] = set()
        self._refused: dict[Point, int] = {}
        self._trouble = ""
        self._quiet = Quiet()

    def poll(self, now_ms: int) -> list[Sample]:
        """Ask the device once. Raises DeviceError when nothing at all could be read."""
        slow = self._asked % self.template.wire.slow_every == 0
        self._asked += 1
        points = [point for point in self.template.points if slow or point.group == "fast"]
        try:
            readings = self.ask(point for point in points if self._due(point))
        except DeviceError as error:
            self._trouble = error.code
            raise
        self._trouble = ""
        samples = self._quiet.heard(self._sample(reading, now_ms) for reading in readings)
        return in_role(samples, self.config.options)

    def ask(self, points: Iterable[Point]) -> list[Reading]:
        """Return the readings of ``points``; a refused register is a reading with a problem. Raises DeviceError."""
        if self._bus is None:
            wire = self.template.wire
            self._bus = bus_at(self.place, connect_wait_s=wire.connect_wait_s, gap_ms=wire.gap_ms)
        readings: list[Reading] = []
        refusal: DeviceError | None = None
        with self._bus.held() as bus:
            for block in plan_blocks(points, self.template.wire):
                for part in self._parts(block):
                    try:
                        readings += self._read(bus, part)
                    except DeviceError as error:
                        if error.code != "device-exception":
                            raise
                        refusal = error
                        readings += self._refuse(bus, part, error)
        if refusal is not None and not any(reading.registers for reading in readings):
            raise refusal
        return readings

    def identity(self) -> dict[str, str]:
        """Return what the device says of itself; nothing that it refuses to say."""
        found = {"manufacturer": self.template.maker}
        if self._bus is not None:
            for text in self.template.identity:
                try:
                    held = self._bus.read(
                        text.kind, text.address, text.count, unit=self.unit, timeout_s=self.timeout_s
                    )
                except DeviceError:
                    continue
                said = decode_text(held, octets=text.octets)
                if said:
                    found[text.name] = said
        return found

    def speaks_sunspec(self) -> bool:
        """Return whether SunSpec's mark stands where it usually does: then no template is needed."""
        try:
            return self._bus is not None and self._bus.read(
                "holding", 40_000, 2, unit=self.unit, timeout_s=self.timeout_s
            ) == [0x5375, 0x6E53]
        except DeviceError:
            return False

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

    def _due(self, point: Point) -> bool:
        return self._asked >= self._refused.get(point, 0)

    def _parts(self, block: Block) -> tuple[Block, ...]:
        if block in self._apart:
            return tuple(Block(block.kind, one.address, one.count, (one,)) for one in block.points)
        return (block,)

    def _read(self, bus: Bus, block: Block) -> list[Reading]:
        held = bus.read(block.kind, block.address, block.count, unit=self.unit, timeout_s=self.timeout_s)
        return [
            interpret(
                point, held[point.address - block.address :][: point.count], rated_kw=self.config.rated_kw
            )
            for point in block.points
        ]

    def _refuse(self, bus: Bus, block: Block, error: DeviceError) -> list[Reading]:
        """Handle a refused question: ask its points one by one from now on, or leave the single one in peace."""
        if len(block.points) > 1 and error.params.get("exception") in ILLEGAL:
            self._apart.add(block)
            readings: list[Reading] = []
            for part in self._parts(block):
                try:
                    readings += self._read(bus, part)
                except DeviceError as single:
                    if single.code != "device-exception":
                        raise
                    readings += self._refuse(bus, part, single)
            return readings
        if error.params.get("exception") in ILLEGAL:
            self._refused.update(dict.fromkeys(block.points, self._asked + _RETRY_REFUSED))
        return [Reading(point, (), None, "reading-refused") for point in block.points]

    def _sample(self, reading: Reading, now_ms: int) -> Sample:
        raw = ""
        if reading.problem:
            raw = f"{reading.point.kind} {reading.point.address}: " + " ".join(
                f"{one:04X}" for one in reading.registers
            )
        return Sample(
            self.config.key, reading.point.metric, now_ms, reading.value, reading.problem, raw.strip()
        )


def make(config: DeviceConfig) -> ModbusDriver:
    """Return the driver of a device. Raises DeviceError for an address or a template that cannot work."""
    return ModbusDriver(config, find_template(config.template, config.options))


def probe(config: DeviceConfig, *, timeout_s: float, now_ms: int) -> ProbeResult:
    """Ask everything of the template once and say what it means."""
    begun = time.monotonic()
    driver = make(replace(config, options={**config.options, "timeout_s": max(0.1, min(timeout_s, 120.0))}))
    try:
        readings = driver.ask(driver.template.points)
        identity = driver.identity()
        problems, suggestions = _judge(readings, driver)
        if problems and driver.speaks_sunspec():
            suggestions.append(Notice("device-try-sunspec"))
    except DeviceError as error:
        advice = _advice(error.code, driver.template)
        if error.code == "device-exception" and driver.speaks_sunspec():
            advice = (*advice, Notice("device-try-sunspec"))
        return ProbeResult(
            ok=False, problems=(Notice(error.code, error.params),), suggestions=advice,
            took_ms=round((time.monotonic() - begun) * 1000),
        )  # fmt: skip
    finally:
        driver.close()
    points = in_role([driver._sample(reading, now_ms) for reading in readings], config.options)
    raw = {reading.point.metric: " ".join(f"{one:04X}" for one in reading.registers) for reading in readings}
    return ProbeResult(
        any(sample.value is not None for sample in points), identity, tuple(points), raw, tuple(problems),
        tuple(suggestions), round((time.monotonic() - begun) * 1000),
    )  # fmt: skip


def _advice(code: str, template: Template) -> tuple[Notice, ...]:
    found = []
    if code in {"device-timeout", "device-unit-silent"}:
        found.append(Notice("device-try-unit"))
    if code in {"device-timeout", "device-closed"}:
        found.append(Notice("device-one-client"))
    if template.sleeps and code in {"device-timeout", "device-unreachable", "device-unit-silent"}:
        found.append(Notice("device-asleep"))
    return tuple(found)


def _judge(readings: list[Reading], driver: ModbusDriver) -> tuple[list[Notice], list[Notice]]:
    problems: list[Notice] = []
    suggestions: list[Notice] = []
    known = [reading for reading in readings if reading.registers]
    out = [reading for reading in known if reading.problem == "reading-out-of-range"]
    if not any(reading.value is not None for reading in readings):
        problems.append(Notice("device-nothing-usable"))
        if driver.template.sleeps and not out:
            suggestions.append(Notice("device-asleep"))
    if len(out) >= 2 or (out and len(out) == len(known)):
        problems.append(Notice("device-wrong-template", {"bad": len(out), "total": len(known)}))
    swapped = [_swapped(reading, driver.config.rated_kw) for reading in out if len(reading.registers) > 1]
    if swapped and all(reading.value is not None for reading in swapped):
        suggestions.append(Notice("device-word-order"))
    return problems, suggestions


def _swapped(reading: Reading, rated_kw: float | None) -> Reading:
    other = "high_first" if reading.point.words == "low_first" else "low_first"
    return interpret(replace(reading.point, words=other), reading.registers, rated_kw=rated_kw)
