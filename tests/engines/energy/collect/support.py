"""A stand-in centre that can fail in every way, a clock to turn, devices that remember what they gave."""

import gzip
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from khcn.engines.energy.collect.centre import Ack, LaterError, RejectedError, TooLargeError
from khcn.engines.energy.collect.clock import Clock
from khcn.engines.energy.collect.rows import Batch
from khcn.engines.energy.types import Sample

NOW = 1_795_000_000_000  # 2026-11-18
Known = dict[tuple[str, str, int], float | None]


@dataclass
class Turned:
    """A clock that a test turns; ``clock`` is what the collector sees."""

    wall_ms: int = NOW
    mono_ms: int = 5_000_000
    boot: str = "boot-1"

    def __post_init__(self) -> None:
        self.clock = Clock(lambda: self.wall_ms, lambda: self.mono_ms, self.boot)

    def on(self, seconds: float) -> None:
        self.wall_ms += int(seconds * 1000)
        self.mono_ms += int(seconds * 1000)

    def set(self, wall_ms: int) -> None:
        self.wall_ms = wall_ms


def sample(k: int, *, device: str = "inv-1", metric: str = "ac_power", ts: int | None = None) -> Sample:
    return Sample(device, metric, NOW + k * 1000 if ts is None else ts, float(k))


def keyed(samples: list[Sample]) -> Known:
    return {(one.device, one.metric, one.ts_ms): one.value for one in samples}


@dataclass
class Sent:
    """A sender without a network: keeps readings by their key like the real centre; ``mode`` says how it fails."""

    held: Known = field(default_factory=dict)
    problems: dict[tuple[str, str, int], str] = field(default_factory=dict)
    mode: str = ""
    limit: int = 10**9
    poison: Callable[[Any], bool] | None = None
    batches: list[Batch] = field(default_factory=list)
    statuses: list[Any] = field(default_factory=list)

    def send(self, batch: Batch, status: Any) -> Ack:
        if self.mode == "down":
            raise LaterError("no route")
        if self.mode == "oops":
            raise RuntimeError("a fault of ours, password=mat-khau")
        if len(batch.readings) > self.limit:
            raise TooLargeError("HTTP 413")
        if self.poison is not None and any(self.poison(row) for row in batch.readings):
            raise RejectedError("HTTP 422: bad")
        self.batches.append(batch)
        self.statuses.append(status)
        before = len(self.held)
        for row in batch.readings:
            self.held.setdefault((row.device, row.metric, row.ts), row.v)
            if row.p:
                self.problems[row.device, row.metric, row.ts] = row.p
        if self.mode == "answer lost":
            raise TimeoutError("no answer")
        kept = len(self.held) - before
        return Ack(batch.last, {"duplicates": len(batch.readings) - kept})


class StandIn:
    """A centre on loopback. ``plan``: how the next posts end (then ``mode``); what it committed is in ``held``."""

    def __init__(self) -> None:
        self.held: Known = {}
        self.plan: deque[str] = deque()
        self.mode = "ok"
        self.limit = 10**9
        self.now: Callable[[], float] = time.time
        self.skew_s = 0.0
        self.token = "khcnco_bi-mat"
        self.config: dict[str, Any] | None = None
        self.bodies: list[dict[str, Any]] = []
        self.results: dict[str, Any] = {}
        self.asked: list[str] = []
        self.release = threading.Event()
        self._guard = threading.Lock()
        centre = self

        # each way to answer ends the handler: `return self._say(...)`
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # noqa: RET503
                centre.asked.append(self.path)
                if not self._welcome():
                    return None
                if centre.mode == "500":
                    return self._say(500, {"detail": "down"})
                document = centre.config or {"devices": []}
                tag = f'"{hash(json.dumps(document, sort_keys=True))}"'
                if self.headers.get("If-None-Match") == tag:
                    return self._say(304, None)
                self._say(200, document, ETag=tag)

            def do_POST(self) -> None:  # noqa: RET503
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                if not self._welcome():
                    return None
                body = json.loads(gzip.decompress(raw))
                if "/tests/" in self.path:
                    centre.results[self.path.rsplit("/", 1)[1]] = body
                    return self._say(200, {})
                with centre._guard:
                    mode = centre.plan.popleft() if centre.plan else centre.mode
                    count = sum(len(one["t"]) for one in body["series"])
                    if mode == "refuse":
                        return self._cut()
                    if mode == "stall":
                        centre.release.wait(20)
                        return self._cut()
                    if mode in {"500", "503", "401", "404", "409", "400", "422"}:
                        return self._say(int(mode), {"detail": f"câu {mode}"})
                    if mode.startswith("429"):
                        return self._say(429, {}, **{"Retry-After": mode[4:] or "7"})
                    if mode == "html":
                        return self._say(200, "<html>cổng wifi</html>")
                    if mode == "redirect":
                        return self._say(302, {}, Location="http://127.0.0.1:1/elsewhere")
                    if count > centre.limit:
                        return self._say(413, {})
                    if mode == "half":  # power lost before the commit
                        return self._cut()
                    kept = centre.commit(body)
                    if mode == "cut":  # power lost after the commit
                        return self._cut()
                self._say(
                    200,
                    {"seq": body["seq"], "repeated": False, "readings": count, "kept": kept,
                     "duplicates": count - kept, "set_aside": 0, "notes": []},
                )  # fmt: skip

            def _welcome(self) -> bool:
                if self.headers.get("Authorization") == f"Bearer {centre.token}":
                    return True
                self._say(401, {"detail": "khóa sai"})
                return False

            def _cut(self) -> None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

            def _say(self, status: int, body: Any, **headers: str) -> None:
                data = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response_only(status)
                now = centre.now() + centre.skew_s
                self.send_header("Date", formatdate(now, usegmt=True))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=lambda: self._server.serve_forever(0.02), daemon=True).start()

    def commit(self, body: dict[str, Any]) -> int:
        before = len(self.held)
        self.bodies.append(body)
        for one in body["series"]:
            for t, v in zip(one["t"], one["v"], strict=True):
                self.held.setdefault((one["device"], one["metric"], t), v)
        return len(self.held) - before

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()


class Meter:
    """A device on loopback with a memory: gives reading k again and again until told that k was taken.

    Speaks lines: ``?`` -> ``k``; ``+k`` (taken) -> ``ok``. Lives in the test's process, so it survives a kill of the
    collector, as a real one does.
    """

    def __init__(self, most: int) -> None:
        self.most, self.taken = most, 0
        self._guard = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rw") as file:
            try:
                for line in file:
                    with self._guard:
                        if line.startswith("+"):
                            assert int(line[1:]) <= self.taken
                            self.taken = max(self.taken, int(line[1:]) + 1)
                            file.write("ok\n")
                        else:
                            file.write(f"{self.taken if self.taken < self.most else -1}\n")
                    file.flush()
            except OSError:
                return

    def close(self) -> None:
        self._server.close()
