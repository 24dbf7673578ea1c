"""One Modbus TCP connection per address, shared by every device behind it, asked one question at a time.

Many inverters accept a single client, and meters behind one RS485 gateway must take turns, so all drivers of this
process that name the same host and port use one :class:`Bus`. After any trouble the connection is closed: a late
answer can then never be taken for the answer to another question.
"""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from khcn.engines.energy.errors import DeviceError

_MEANINGS: Final = {
    1: "không hỗ trợ lệnh đọc này", 2: "không có thanh ghi này", 3: "số thanh ghi không hợp lệ",
    4: "thiết bị gặp lỗi", 5: "đã nhận, đang xử lý", 6: "đang bận", 10: "không có đường tới thiết bị",
    11: "thiết bị sau cổng không trả lời",
}  # fmt: skip
ILLEGAL: Final = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bus is: ``framer`` is ``socket`` (Modbus TCP) or ``rtu`` (RTU frames over TCP, cheap gateways)."""

    host: str
    port: int = 502
    framer: str = "socket"


@dataclass(slots=True)
class Bus:
    """The connection to one :class:`Place`. Use :func:`bus_at`; close by :meth:`release`."""

    place: Place
    users: int = 0
    connect_wait_s: float = 0.0
    gap_ms: int = 0
    _client: Any = None
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _heard: bool = False
    _asked_at: float = 0.0

    def read(self, kind: str, address: int, count: int, *, unit: int, timeout_s: float) -> list[int]:
        """Return ``count`` registers of ``kind`` (``holding`` or ``input``) of the device ``unit``. Raises DeviceError."""
        with self._lock:
            idle = self._client is not None
            try:
                return self._ask(kind, address, count, unit, timeout_s)
            except DeviceError as error:
                if error.code != "device-closed" or not idle:
                    raise
            # Many devices hang up a connection that was idle for a minute: that is no trouble, ask afresh.
            return self._ask(kind, address, count, unit, timeout_s)

    def _ask(self, kind: str, address: int, count: int, unit: int, timeout_s: float) -> list[int]:
        client = self._connected(timeout_s)
        self._rest()
        self._heard = False
        client.comm_params.timeout_connect = timeout_s
        try:
            ask = client.read_holding_registers if kind == "holding" else client.read_input_registers
            answer = ask(address, count=count, device_id=unit)
        except Exception as error:
            self.disconnect()
            raise self._trouble(error, unit, timeout_s) from error
        finally:
            self._asked_at = time.monotonic()
        if answer.isError():
            raise self._refusal(answer, address, unit, timeout_s)
        registers = [int(one) for one in answer.registers]
        if len(registers) != count:
            self.disconnect()
            raise DeviceError("device-garbled", host=self.place.host, port=self.place.port)
        return registers

    @contextmanager
    def held(self) -> Iterator["Bus"]:
        """Keep other devices of the bus waiting while several questions belong together."""
        with self._lock:
            yield self

    def disconnect(self) -> None:
        """Close the connection; the next question opens it again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def release(self) -> None:
        """Say that one user needs the bus no longer; the last one closes it."""
        with _REGISTER_LOCK:
            self.users -= 1
            if self.users <= 0:
                _BUSES.pop(self.place, None)
                self.disconnect()

    def _connected(self, timeout_s: float) -> Any:
        if self._client is not None and self._client.connected:
            return self._client
        opened = self._open(timeout_s)
        from pymodbus import FramerType  # noqa: PLC0415  # only a process that talks Modbus loads it
        from pymodbus.client import ModbusTcpClient  # noqa: PLC0415

        logging.getLogger("pymodbus.logging").setLevel(
            logging.CRITICAL
        )  # every fault is told by our own sentence
        client = ModbusTcpClient(
            self.place.host, port=self.place.port, timeout=timeout_s, retries=0,
            framer=FramerType.RTU if self.place.framer == "rtu" else FramerType.SOCKET, trace_packet=self._trace,
        )  # fmt: skip
        client.socket = opened
        self._client = client
        if self.connect_wait_s:
            time.sleep(self.connect_wait_s)  # Huawei answers nothing in the first second
        return client

    def _open(self, timeout_s: float) -> socket.socket:
        where = {"host": self.place.host, "port": self.place.port}
        try:
            opened = socket.create_connection((self.place.host, self.place.port), timeout=timeout_s)
        except ConnectionRefusedError as error:
            raise DeviceError("device-refused", **where) from error
        except (socket.gaierror, UnicodeError) as error:
            raise DeviceError("device-name", host=self.place.host) from error
        except (OSError, OverflowError, ValueError) as error:
            raise DeviceError("device-unreachable", **where) from error
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def _rest(self) -> None:
        wait = self._asked_at + self.gap_ms / 1000 - time.monotonic()
        if 0 < wait <= self.gap_ms / 1000:
            time.sleep(wait)

    def _trace(self, sending: bool, data: bytes) -> bytes:
        self._heard = self._heard or (not sending and bool(data))
        return data

    def _trouble(self, error: Exception, unit: int, timeout_s: float) -> DeviceError:
        from pymodbus.exceptions import ConnectionException  # noqa: PLC0415

        where = {"host": self.place.host, "port": self.place.port}
        if isinstance(error, ConnectionException | ConnectionError):
            return DeviceError("device-closed", **where)
        if self._heard:
            return DeviceError("device-garbled", **where)
        return DeviceError("device-timeout", **where, seconds=f"{timeout_s:g}", unit=unit)

    def _refusal(self, answer: Any, address: int, unit: int, timeout_s: float) -> DeviceError:
        code = int(getattr(answer, "exception_code", 0) or 0)
        where = {"host": self.place.host, "port": self.place.port}
        if code in {10, 11}:
            return DeviceError("device-unit-silent", **where, unit=unit, exception=code)
        if code in {5, 6}:
            return DeviceError("device-busy", exception=code)
        if not code:
            self.disconnect()
            return DeviceError("device-timeout", **where, seconds=f"{timeout_s:g}", unit=unit)
        meaning = _MEANINGS.get(code, "không rõ")
        return DeviceError("device-exception", register=address, exception=code, meaning=meaning)


_BUSES: Final[dict[Place, Bus]] = {}
_REGISTER_LOCK: Final = threading.Lock()


def bus_at(place: Place, *, connect_wait_s: float = 0.0, gap_ms: int = 0) -> Bus:
    """Return the bus of ``place`` for one more user, who must :meth:`Bus.release` it. Opens nothing yet."""
    with _REGISTER_LOCK:
        bus = _BUSES.setdefault(place, Bus(place))
        bus.users += 1
        # Devices behind one gateway share its patience: the most patient wins.
        bus.connect_wait_s = max(bus.connect_wait_s, connect_wait_s)
        bus.gap_ms = max(bus.gap_ms, gap_ms)
        return bus
