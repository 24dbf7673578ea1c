"""One HTTP GET that a hostile server can neither hold up, nor fill up, nor send elsewhere.

The name is resolved once by the caller's ``guard`` and the connection goes to exactly that address, so that a name that
changes its mind between check and use (DNS rebinding) gains nothing. Every redirect passes the same guard.
"""

import email.utils
import http.client
import io
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from khcn.engines.oai.errors import HarvestError
from khcn.engines.oai.limits import MIB, Limits

Guard = Callable[[str, int], Sequence[str]]
"""(host, port) -> addresses that may be connected to; raises ``HarvestError("refused_address" | "no_host")``."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 65_536
_PORTS: Final = {"http": 80, "https": 443}
_MAX_ADDRESS: Final = 8_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: unpacked bytes, the media type as said, the address that answered in the end, the status."""

    body: bytes
    content_type: str
    url: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str


class Fetcher:
    """Gets answers within limits. ``sleep`` and the clocks are handed in by tests."""

    def __init__(
        self,
        *,
        guard: Guard,
        limits: Limits | None = None,
        agent: str = "khcn-harvester",
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Any] = time.sleep,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.sleep = sleep
        self._guard, self._agent, self._clock, self._now = guard, agent, clock, now
        self._context = context
        self._last = -1e9

    def get(self, url: str) -> Answer:
        """Return the answer of ``url``, following redirects. :raises HarvestError: for everything else."""
        self._be_polite()
        deadline = self._clock() + self.limits.answer_s
        address = url
        for _hop in range(self.limits.redirects + 1):
            found = self._once(address, deadline)
            if isinstance(found, Answer):
                return found
            _check_step(address, found)
            address = found
        raise HarvestError("redirects", limit=self.limits.redirects)

    def _be_polite(self) -> None:
        rest = self._last + self.limits.pause_s - self._clock()
        if rest > 0:
            self.sleep(rest)
        self._last = self._clock()

    def _once(self, url: str, deadline: float) -> Answer | str:
        """Return the answer, or the address it leads on to."""
        target = _target(url)
        stream = self._connect(target, deadline)
        try:
            return self._exchange(stream, target, url, deadline)
        except HarvestError:
            raise
        except TimeoutError:
            raise HarvestError("slow", seconds=round(self.limits.answer_s)) from None
        except (http.client.HTTPException, OSError, ValueError):
            raise HarvestError("cut") from None
        finally:
            stream.close()

    def _exchange(self, stream: socket.socket, target: _Target, url: str, deadline: float) -> Answer | str:
        wire = _Wire(stream, self._clock, deadline, self.limits.idle_s)
        wire.send(self._request(target))
        response = http.client.HTTPResponse(wire, method="GET")  # type: ignore[arg-type]  # only makefile is used
        response.begin()
        if response.status in _REDIRECTS:
            place = response.getheader("Location") or ""
            if not place:
                raise HarvestError("http", status=response.status)
            return urljoin(url, place)
        if response.status in {429, 503}:
            wait = self._retry_after(response.getheader("Retry-After"))
            if wait is not None:
                raise HarvestError("busy", wait_s=wait, seconds=round(wait), status=response.status)
            raise HarvestError("http", status=response.status)
        if response.status >= 500 or response.status < 200:
            raise HarvestError("http", status=response.status)
        body = self._body(response)
        return Answer(body, response.getheader("Content-Type") or "", url, response.status)

    def _request(self, target: _Target) -> bytes:
        host = f"[{target.host}]" if ":" in target.host else target.host
        shown = host if target.port == _PORTS[target.scheme] else f"{host}:{target.port}"
        lines = (
            f"GET {target.path} HTTP/1.1",
            f"Host: {shown}",
            f"User-Agent: {self._agent}",
            "Accept: text/xml, application/xml;q=0.9, */*;q=0.1",
            "Accept-Encoding: gzip, deflate",
            "Connection: close",
        )
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")

    def _connect(self, target: _Target, deadline: float) -> socket.socket:
        """Connect to one of the addresses that the guard gave, and to nothing else."""
        for address in self._guard(target.host, target.port):
            left = min(self.limits.connect_s, deadline - self._clock())
            if left <= 0:
                raise HarvestError("slow", seconds=round(self.limits.answer_s))
            try:
                plain = socket.create_connection((address, target.port), timeout=left)
            except OSError:
                continue
            if target.scheme == "http":
                return plain
            return self._secure(plain, target)
        raise HarvestError("connect", host=target.host)

    def _secure(self, plain: socket.socket, target: _Target) -> socket.socket:
        context = self._context or ssl.create_default_context()
        try:
            return context.wrap_socket(plain, server_hostname=target.host)
        except ssl.SSLCertVerificationError:
            plain.close()
            raise HarvestError("tls", host=target.host) from None
        except OSError:
            plain.close()
            raise HarvestError("connect", host=target.host) from None

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        """Read and unpack; never hold more than the limit, whatever the server says of its size."""
        limit = self.limits.max_bytes
        said = response.getheader("Content-Length") or ""
        expected = int(said) if said.isascii() and said.isdigit() and len(said) < 16 else None
        if response.chunked:
            expected = None
        if expected is not None and expected > limit:
            raise HarvestError("too_large", limit=limit // MIB)
        unpack = _Unpacker(response.getheader("Content-Encoding") or "", limit)
        came = 0
        while chunk := response.read1(_CHUNK):
            came += len(chunk)
            if came > limit:
                raise HarvestError("too_large", limit=limit // MIB)
            unpack.feed(chunk)
        if expected is not None and came < expected:
            raise HarvestError("cut")
        return unpack.finish()

    def _retry_after(self, said: str | None) -> float | None:
        """Return the seconds that the server asks to wait (number or date), ``None`` when it does not say."""
        said = (said or "").strip()
        if said.isascii() and said.isdigit():
            return float(min(int(said[:9]), 30 * 86_400))
        try:
            moment = email.utils.parsedate_to_datetime(said)
        except (TypeError, ValueError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return min(max(0.0, (moment - self._now()).total_seconds()), 30 * 86_400.0)


class _Wire:
    """A socket whose every read ends at the deadline, also when the server sends one byte at a time."""

    def __init__(
        self, stream: socket.socket, clock: Callable[[], float], deadline: float, idle_s: float
    ) -> None:
        self._stream, self._clock, self._deadline, self._idle_s = stream, clock, deadline, idle_s

    def left(self) -> float:
        left = min(self._deadline - self._clock(), self._idle_s)
        if left <= 0:
            raise TimeoutError
        return left

    def send(self, data: bytes) -> None:
        self._stream.settimeout(self.left())
        self._stream.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Tap(self, self._stream), _CHUNK)


class _Tap(io.RawIOBase):
    def __init__(self, wire: _Wire, stream: socket.socket) -> None:
        super().__init__()
        self._wire, self._stream = wire, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._stream.settimeout(self._wire.left())
        return self._stream.recv_into(buffer)


class _Unpacker:
    """Gunzips piece by piece, so that a bomb is found before it goes off."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._kind = encoding.strip().lower()
        if self._kind not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise HarvestError("packed_badly")
        self._packed = self._kind not in {"", "identity"}
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0
        self._machine: Any = zlib.decompressobj(47) if self._packed else None
        self._started = False

    def feed(self, chunk: bytes) -> None:
        if not self._packed:
            self._keep(chunk)
            return
        if not self._started:
            self._started = True
            if self._kind == "deflate" and (chunk[0] & 0x0F) != 8:
                self._machine = zlib.decompressobj(-15)  # servers that take "deflate" by its word
        try:
            while chunk:
                self._keep(self._machine.decompress(chunk, self._limit - self._size + 1))
                chunk = self._machine.unconsumed_tail
                if self._machine.eof:
                    chunk = self._machine.unused_data.lstrip(b"\0")
                    if chunk[:2] != b"\x1f\x8b":
                        return
                    self._machine = zlib.decompressobj(47)
        except zlib.error:
            raise HarvestError("packed_badly") from None

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            raise HarvestError("too_large", limit=self._limit // MIB)
        self._pieces.append(piece)

    def finish(self) -> bytes:
        if self._packed and self._started and not self._machine.eof:
            raise HarvestError("cut")
        return b"".join(self._pieces)


def _target(url: str) -> _Target:
    """Return the parts of an address that may be asked. :raises HarvestError: for any other."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
        plain = host if ":" in host else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise HarvestError("bad_address", address=url[:200]) from None
    path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    path = "".join(char if " " < char < "\x7f" else _escaped(char) for char in path)
    bad = (
        parts.scheme not in _PORTS or not plain or "@" in parts.netloc or port == 0
        or len(path) > _MAX_ADDRESS or any(char <= " " or char == "\x7f" for char in plain)
    )  # fmt: skip
    if bad:
        raise HarvestError("bad_address", address=url[:200])
    return _Target(parts.scheme, plain, port or _PORTS[parts.scheme], path)


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


def _check_step(here: str, there: str) -> None:
    """A redirect may stay or become safer, never less safe."""
    if here.startswith("https:") and not there.startswith("https:"):
        raise HarvestError("redirect_down")


def check_address(url: str) -> tuple[str, int]:
    """Return (host, port) of an address that a source may have. :raises HarvestError: when it cannot be used."""
    target = _target(url)
    return target.host, target.port
