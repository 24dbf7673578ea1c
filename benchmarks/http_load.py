"""A small HTTP load: N keep-alive readers over raw sockets, latencies in milliseconds.

Written to cost little beside the server on a two-core machine: no parsing but the status line and Content-Length.
Only loopback addresses are ever asked.
"""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """What a load measured."""

    requests: int
    seconds: float
    p50_ms: float
    p95_ms: float
    errors: int

    @property
    def per_second(self) -> float:
        """Requests a second over all readers."""
        return self.requests / self.seconds if self.seconds else 0.0


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the sorted values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Reader:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sock: socket.socket | None = None
        self.buffer = b""

    def get(self, path: str) -> tuple[int, int]:
        """Ask for one page; return (status, bytes of body)."""
        if self.sock is None:
            self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.buffer = b""
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept-Language: vi\r\n\r\n"
        self.sock.sendall(request.encode())
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        status = int(head[9:12])
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(self.buffer) < length:
            self._more()
        self.buffer = self.buffer[length:]
        return status, length

    def _more(self) -> None:
        assert self.sock is not None
        data = self.sock.recv(262144)
        if not data:
            self.sock = None
            raise ConnectionError("closed")
        self.buffer += data


def load(port: int, paths: Sequence[str], *, readers: int, seconds: float, warm_up: float = 1.0) -> Load:
    """Let ``readers`` ask for ``paths`` in turn for ``seconds`` after a warm-up."""
    start = time.perf_counter() + warm_up
    end = start + seconds
    times: list[float] = []
    errors = 0
    lock = threading.Lock()

    def read(offset: int) -> None:
        nonlocal errors
        reader, mine, bad, at = Reader(port), [], 0, offset
        while (before := time.perf_counter()) < end:
            try:
                status, _ = reader.get(paths[at % len(paths)])
                bad += status >= 400
            except OSError:
                reader, bad = Reader(port), bad + 1
            if before >= start:
                mine.append((time.perf_counter() - before) * 1000)
            at += 7
        with lock:
            times.extend(mine)
            errors += bad

    threads = [threading.Thread(target=read, args=(index * 31,)) for index in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(len(times), seconds, quantile(times, 0.5), quantile(times, 0.95), errors)
