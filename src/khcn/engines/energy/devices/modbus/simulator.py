"""A device that does not exist but answers Modbus TCP: any template's registers, or any register image.

``faults``: ``night`` (every value "not implemented", as SMA does in the dark), ``all_ones`` (every register 65535),
``busy`` (exception 6), ``refuse`` (exception 4), ``wrong_words`` (two-register values the other way round), ``zero``
(every register 0: an inverter waking up). Wire faults are made by :class:`..faulty_wire.FaultyWire`.
"""

import asyncio
import math
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from khcn.engines.energy.devices.modbus.plan import plan_blocks
from khcn.engines.energy.devices.modbus.registers import NOT_IMPLEMENTED, encode, encode_text
from khcn.engines.energy.devices.modbus.template import Template
from khcn.engines.energy.devices.units import to_canonical
from khcn.engines.energy.metrics import metric_of

Registers = Mapping[int, int]
"""Address -> register."""
Values = Callable[[], Mapping[str, float | None]]
"""The values of a device now: metric -> value in its own unit."""
FAULTS: Final = ("", "night", "all_ones", "busy", "refuse", "wrong_words", "zero")


class SimulatedRegisters:
    """The registers of one unit; override :meth:`registers` or give ``image``."""

    def __init__(self, unit: int, image: Mapping[str, Registers]) -> None:
        self.unit, self.image, self.fault = unit, image, ""

    def areas(self) -> dict[str, list[tuple[int, int]]]:
        """Return the (address, count) areas of each kind that exist."""
        return {kind: _runs(table) for kind, table in self.image.items()}

    def registers(self, kind: str) -> Registers:
        """Return all registers of ``kind`` now."""
        return self.image.get(kind, {})


class TemplateDevice(SimulatedRegisters):
    """A device of ``template`` whose values come from ``values``."""

    def __init__(
        self, template: Template, values: Values, *, unit: int | None = None, serial: str = "SIM-0001"
    ) -> None:
        super().__init__(template.wire.unit if unit is None else unit, {})
        self.template, self._values = template, values
        self._texts = {
            "manufacturer": template.maker,
            "model": template.name,
            "serial": serial,
            "version": "1.0",
        }

    def areas(self) -> dict[str, list[tuple[int, int]]]:
        """Return the areas that one question may ask for: small gaps between points answer 0, as most devices do."""
        areas: dict[str, dict[int, int]] = {}
        for block in plan_blocks(self.template.points, self.template.wire):
            areas.setdefault(block.kind, {}).update(
                dict.fromkeys(range(block.address, block.address + block.count), 0)
            )
        for text in self.template.identity:
            areas.setdefault(text.kind, {}).update(
                dict.fromkeys(range(text.address, text.address + text.count), 0)
            )
        return {kind: _runs(table) for kind, table in areas.items()}

    def registers(self, kind: str) -> Registers:
        """Return the registers of the template with the values of now."""
        table: dict[int, int] = {}
        now = self._values()
        for point in self.template.points:
            if point.kind != kind:
                continue
            words = point.words
            if self.fault == "wrong_words":
                words = "high_first" if words == "low_first" else "low_first"
            value = None if self.fault == "night" else now.get(point.metric)
            raw = self._raw(point.metric, value, point.unit, point.scale * point.sign)
            if raw is None:
                raw = float((point.none or NOT_IMPLEMENTED[point.type] or (float("nan"),))[0])
            for at, one in enumerate(encode(raw, point.type, words=words, octets=point.octets)):
                table[point.address + at] = one
        for text in self.template.identity:
            if text.kind == kind:
                for at, one in enumerate(encode_text(self._texts[text.name], text.count)):
                    table.setdefault(text.address + at, one)
        return table

    @staticmethod
    def _raw(metric: str, value: float | None, unit: str, scale: float) -> float | None:
        if value is None or math.isnan(value):
            return None
        factor = to_canonical(1.0, unit, metric_of(metric).unit) or 1.0
        return value / factor / scale


class ModbusSimulator:
    """A Modbus TCP server of several units in a thread of its own. A unit that is not there answers exception 11."""

    def __init__(
        self, devices: Iterable[SimulatedRegisters], *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.devices, self.host = tuple(devices), host
        with socket.create_server((host, port)) as probe:  # a free port; the server takes it over at once
            self.port: int = probe.getsockname()[1]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready, self._thread = threading.Event(), threading.Thread(target=self._run, daemon=True)
        self._server: Any = None
        self._failure: BaseException | None = None

    def start(self) -> "ModbusSimulator":
        """Serve until :meth:`close`. Raises RuntimeError when the port cannot be taken."""
        self._thread.start()
        self._ready.wait(10)
        if self._failure is not None or not self._ready.is_set():
            raise RuntimeError(f"Modbus simulator on port {self.port}: {self._failure}")
        return self

    def close(self) -> None:
        """Stop serving."""
        loop, server = self._loop, self._server
        if loop is not None and server is not None and loop.is_running():
            asyncio.run_coroutine_threadsafe(server.shutdown(), loop).result(5)
            self._thread.join(5)

    def __enter__(self) -> "ModbusSimulator":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failure = error
            self._ready.set()

    async def _serve(self) -> None:
        from pymodbus.server import ModbusTcpServer  # noqa: PLC0415  # only who simulates loads the server

        self._loop = asyncio.get_running_loop()
        self._server = ModbusTcpServer(
            [*(_sim_device(device) for device in self.devices), _nobody(self.devices)],
            address=(self.host, self.port),
        )
        await self._server.serve_forever(background=True)
        self._ready.set()
        await self._server.serving


def _sim_device(device: SimulatedRegisters) -> Any:
    from pymodbus.constants import ExcCodes  # noqa: PLC0415
    from pymodbus.simulator import SimDevice  # noqa: PLC0415

    async def answer(*request: Any) -> Any:
        function, start, address, count, current, written = request
        if written is not None:
            return ExcCodes.ILLEGAL_FUNCTION
        if device.fault in {"busy", "refuse"}:
            return ExcCodes.DEVICE_BUSY if device.fault == "busy" else ExcCodes.DEVICE_FAILURE
        table = device.registers("input" if function == 4 else "holding")
        for at in range(address, address + count):
            value = {"all_ones": 0xFFFF, "zero": 0}.get(device.fault, table.get(at, 0))
            current[at - start] = value
        return None

    return SimDevice(id=device.unit, simdata=_blocks(device.areas()), action=answer)


def _nobody(devices: Iterable[SimulatedRegisters]) -> Any:
    """Return what answers for every unit that is not there: a gateway's "no answer from the device"."""
    from pymodbus.constants import ExcCodes  # noqa: PLC0415
    from pymodbus.simulator import SimDevice  # noqa: PLC0415

    async def answer(*_: Any) -> Any:
        return ExcCodes.GATEWAY_NO_RESPONSE

    whole = {kind: [(0, 65_535)] for kind in ("holding", "input")}
    return SimDevice(id=0, simdata=_blocks(whole), action=answer)


def _blocks(areas: Mapping[str, list[tuple[int, int]]]) -> Any:
    from pymodbus.simulator import DataType, SimData  # noqa: PLC0415

    def block(kind: str) -> list[Any]:
        return [
            SimData(address, count=count, values=0, datatype=DataType.REGISTERS)
            for address, count in areas.get(kind, ()) or [(0, 1)]
        ]

    bits = [SimData(0, count=1, values=[False] * 16, datatype=DataType.BITS)]
    return (bits, list(bits), block("holding"), block("input"))


def _runs(table: Registers) -> list[tuple[int, int]]:
    """Return the (address, count) runs of neighbouring registers."""
    runs: list[tuple[int, int]] = []
    for address in sorted(table):
        if runs and address == runs[-1][0] + runs[-1][1]:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((address, 1))
    return runs
