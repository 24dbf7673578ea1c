"""Warm worker processes for untrusted files.

Starting Python costs more than reading a small file, so a worker serves many requests; it is replaced after a
number of them, when it has grown, and always after a failure that may have left it unwell. A worker is the leader
of its own process group: killing the group also ends LibreOffice or tesseract that it started.
"""

import atexit
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import khcn
from khcn.engines.documents.types import ExtractionError, Limits

Event = dict[str, Any]
_MAX_LINE: Final = 96 * 1024 * 1024
_PREFIX: Final = "khcn-documents-"
# Settings of the machine that programs need; everything else (secrets included) stays behind.
_PASSED: Final = ("PATH", "TESSDATA_PREFIX", "LD_LIBRARY_PATH", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "TZ")
_UNWELL: Final = frozenset({"memory", "disk_full", "bomb"})


class WorkerGone(Exception):
    """The worker ended or was killed before it answered; ``reason`` is ``timeout`` or ``crashed``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Worker:
    """One child process. Not thread-safe: the pool lends it to one caller at a time."""

    def __init__(self, home: Path) -> None:
        self.served = 0
        self._home = home
        home.mkdir(parents=True, exist_ok=True)
        read_end, write_end = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-m", "khcn.engines.documents.worker", str(write_end)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(write_end,),
                cwd=home,
                env=_environment(home),
                start_new_session=True,
            )
        except OSError:
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        self._events = read_end
        self._buffer = bytearray()

    @property
    def pid(self) -> int:
        """Process id, which is also the id of the process group."""
        return self._process.pid

    def request(self, message: Event, seconds: float, on_event: Callable[[Event], None]) -> Event:
        """Send one request and return its ``done`` or ``error`` event. Raises ``WorkerGone``."""
        self.served += 1
        deadline = time.monotonic() + seconds
        assert self._process.stdin is not None  # noqa: S101  (a pipe was asked for above)
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerGone("crashed", str(error)) from error
        while True:
            event = self._next_event(deadline)
            if event["event"] in ("done", "error"):
                return event
            on_event(event)

    def _next_event(self, deadline: float) -> Event:
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            ready, _, _ = select.select([self._events], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise WorkerGone("timeout")
            chunk = os.read(self._events, 1 << 20)
            if not chunk or len(self._buffer) > _MAX_LINE:
                raise WorkerGone("crashed", f"ended with {self._process.poll()}")
            self._buffer += chunk
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        event: Event = json.loads(line)
        return event

    @property
    def resident_bytes(self) -> int:
        """Memory the worker holds now, 0 when that cannot be told."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")

    def kill(self) -> None:
        """End the worker and everything it started; leave nothing behind."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process.wait()
        with contextlib.suppress(OSError):
            os.close(self._events)
        shutil.rmtree(self._home, ignore_errors=True)


def _environment(home: Path) -> dict[str, str]:
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
    environment.update(
        LANG="C.UTF-8",
        LC_ALL="C.UTF-8",
        HOME=str(home),
        TMPDIR=str(home),
        OMP_THREAD_LIMIT="1",
        PYTHONPATH=str(Path(khcn.__file__).resolve().parent.parent),
        PYTHONUTF8="1",
        # No program that a worker starts has business on the network.
        http_proxy="http://127.0.0.1:9",
        https_proxy="http://127.0.0.1:9",
    )
    return environment


class WorkerPool:
    """Lends workers. Thread-safe. Use as a context manager, or ``close()`` it.

    ``size`` workers at most (0 = one per core); each is replaced after ``recycle_after`` requests or when it holds
    more than ``recycle_bytes``.
    """

    def __init__(
        self, size: int = 0, *, recycle_after: int = 200, recycle_bytes: int = 400 * 1024 * 1024
    ) -> None:
        self.size = size or available_cores()
        self._recycle_after = recycle_after
        self._recycle_bytes = recycle_bytes
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._count = 0
        self._number = 0
        self._closed = False
        self._owner = os.getpid()
        self._free = threading.Condition()
        _sweep_stale()
        self._home = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        atexit.register(self.close)

    def __enter__(self) -> "WorkerPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the workers that live now."""
        with self._free:
            return tuple(sorted(worker.pid for worker in self._all))

    def run(
        self,
        job: str,
        path: Path,
        *,
        limits: Limits,
        seconds: float | None = None,
        name: str = "",
        options: dict[str, Any] | None = None,
        page: int = 1,
        on_event: Callable[[Event], None] = lambda _: None,
    ) -> Event:
        """Run one job on one file and return its ``done`` event. Raises ``ExtractionError``."""
        allowed = limits.max_seconds if seconds is None else seconds
        try:
            worker, scratch = self._borrow()
        except OSError as error:
            raise ExtractionError(
                "disk_full" if error.errno in (28, 122) else "crashed", detail=str(error)
            ) from error
        message = {
            "job": job, "path": str(path.absolute()), "name": name or path.name, "page": page,
            "limits": asdict(limits), "options": options or {}, "scratch": str(scratch),
        }  # fmt: skip
        well = False
        try:
            event = worker.request(message, allowed, on_event)
            well = event["event"] == "done" or event["code"] not in _UNWELL
        except WorkerGone as gone:
            params = {"seconds": round(allowed)} if gone.reason == "timeout" else {}
            raise ExtractionError(gone.reason, detail=gone.detail, **params) from gone
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            self._give_back(worker, well=well)
        if event["event"] == "error":
            raise ExtractionError(event["code"], detail=event["detail"], **event["params"])
        return event

    def _borrow(self) -> tuple[Worker, Path]:
        with self._free:
            while not self._idle and self._count >= self.size:
                self._free.wait()
            if self._closed:
                raise RuntimeError("the pool is closed")
            self._number += 1
            number = self._number
            worker = self._idle.pop() if self._idle else None
            self._count += worker is None
        try:
            if worker is None:
                worker = Worker(self._home / f"worker-{number}")
                with self._free:
                    self._all.add(worker)
            scratch = self._home / f"job-{number}"
            scratch.mkdir(mode=0o700)
        except BaseException:
            self._give_back(worker, well=False)
            raise
        return worker, scratch

    def _give_back(self, worker: Worker | None, *, well: bool) -> None:
        if worker is not None:
            keep = (
                well
                and not self._closed
                and worker.served < self._recycle_after
                and worker.resident_bytes < self._recycle_bytes
            )
            if keep:
                with self._free:
                    self._idle.append(worker)
                    self._free.notify()
                return
            worker.kill()
        with self._free:
            if worker is not None:
                self._all.discard(worker)
            self._count -= 1
            self._free.notify()

    def close(self) -> None:
        """End all workers and remove all temporary files. In a forked child this does nothing."""
        if os.getpid() != self._owner:
            return
        with self._free:
            if self._closed:
                return
            self._closed = True
            workers, self._idle = list(self._all), []
            self._free.notify_all()
        for worker in workers:
            worker.kill()
        shutil.rmtree(self._home, ignore_errors=True)
        atexit.unregister(self.close)


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))


def _sweep_stale() -> None:
    """Remove folders left by processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        pid = folder.name.removeprefix(_PREFIX).split("-")[0]
        try:
            mine = folder.stat().st_uid == os.getuid() and not folder.is_symlink()
        except OSError:
            continue
        if mine and pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)


_default: WorkerPool | None = None
_default_lock = threading.Lock()


def default_pool() -> WorkerPool:
    """The pool of this process, made at first use (and again after a fork)."""
    global _default  # noqa: PLW0603  (one pool a process is the point)
    with _default_lock:
        if _default is None or _default._owner != os.getpid() or _default._closed:
            _default = WorkerPool()
        return _default
