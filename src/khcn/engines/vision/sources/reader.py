"""One reader process, seen from its owner: start, messages with a deadline, and a watchdog that kills it.

A decoder can block for ever on a dead stream, crash or eat memory; all of that stays in the child. Credentials reach
it through a pipe, never through the command line, which every user of the machine may read.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.sources.address import Address
from khcn.engines.vision.sources.spec import SourceSpec
from khcn.engines.vision.sources.wire import LENGTHS, MOST_HEADER, MOST_PAYLOAD
from khcn.engines.vision.types import Frame, Size

SOURCE_ROOT = Path(__file__).resolve().parents[4]
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from khcn.engines.vision.sources.child import main; main()"
)  # fmt: skip
START_S = 20.0  # a loaded box takes long to start Python and PyAV
SizeFor = Callable[[Size], Size]


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source turned out to be. ``duration`` in seconds (``None``: a stream, or unknown)."""

    codec: str
    format: str
    size: Size
    rate: float | None
    duration: float | None
    audio: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One frame. ``quiet``: a keyframe of a scene that stands still, the frames between were not looked at; ``warm``:
    lies before the place where the run goes on, for warming up only."""

    frame: Frame
    quiet: bool
    warm: bool


@dataclass(frozen=True, slots=True)
class Resized:
    """The source's pictures have another size from ``t`` on."""

    was: Size
    now: Size
    t: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The source came to its end; ``why`` is empty for a clean one."""

    why: str


@dataclass(slots=True)
class Cost:
    """What the reader process did: seconds of processor, peak MB, and its counters."""

    cpu_s: float = 0.0
    peak_mb: float = 0.0
    dropped: int = 0
    errors: int = 0
    repairs: int = 0
    packets: int = 0
    seconds: float = 0.0
    idle: bool = False


Message = SourceInfo | Sample | Resized | Ended


class Reader:
    """A running reader process. Use as a context manager; ``close`` always kills what is left.

    ``size_for``: returns the working size for a source size (``Detector.working_size``).
    """

    def __init__(
        self,
        spec: SourceSpec,
        size_for: SizeFor,
        *,
        address: Address | None = None,
        start: float | None = None,
        origin: float | None = None,
    ) -> None:
        self.spec = spec
        self.address = address or spec.addresses[0]
        self.size_for = size_for
        self.cost = Cost()
        self.info: SourceInfo | None = None
        self.frames = 0
        self.origin: float | None = None  # timestamp of t = 0, while timestamps can be trusted
        self._process = self._spawn()
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("pipes were asked for")
        self._in: IO[bytes] = self._process.stdin
        self._out: IO[bytes] = self._process.stdout
        self._heard = time.monotonic()
        self._opened = False
        self._tell(spec.wire(self.address, start=start, origin=origin))

    @property
    def pid(self) -> int:
        """Return the process id of the child."""
        return self._process.pid

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _spawn(self) -> subprocess.Popen[bytes]:
        env = {
            key: os.environ[key]
            for key in ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT")
            if key in os.environ
        }
        env |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", BOOT, str(SOURCE_ROOT)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, bufsize=0,
        )  # fmt: skip
        with contextlib.suppress(OSError, ImportError, AttributeError):
            import fcntl  # noqa: PLC0415  # only where there is one

            fcntl.fcntl(process.stdout or 0, 1031, 1 << 20)  # F_SETPIPE_SZ: a whole picture at once
        return process

    def _tell(self, order: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self._in.write(json.dumps(order).encode() + b"\n")

    def may_idle(self, allowed: bool) -> None:
        """Allow or forbid that keyframes alone are decoded while nothing moves."""
        self._tell({"idle": allowed})

    def close(self) -> None:
        """Kill the child, whatever it is doing."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        for pipe in (self._in, self._out):
            with contextlib.suppress(OSError):
                pipe.close()
        self._process.wait()

    def next(self, timeout: float | None = None) -> Message | None:
        """Return the next message, or ``None`` after ``timeout`` seconds without one.

        Raises:
            SourceError: the source cannot be read, the child died, or it was silent for too long and was killed.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if end is None else end - time.monotonic()
            if left is not None and left < 0 and not self._ready(0):
                self._watch()
                return None
            if not self._ready(min(1.0, left) if left is not None else 1.0):
                self._watch()
                continue
            header, payload = self._message()
            self._heard = time.monotonic()
            found = self._take(header, payload)
            if found is not None:
                return found

    def _ready(self, wait: float) -> bool:
        return bool(select.select([self._out], [], [], max(0.0, wait))[0])

    def _watch(self) -> None:
        """Kill a child that has said nothing for too long."""
        patience = self.spec.silence_s if self._opened else self.spec.open_s + START_S
        if time.monotonic() - self._heard > patience:
            self.close()
            raise SourceError("source-hangs", name=self.address.shown, seconds=round(patience))

    def _message(self) -> tuple[dict[str, Any], bytearray]:
        lengths = LENGTHS.unpack(self._exactly(LENGTHS.size))
        if lengths[0] > MOST_HEADER or lengths[1] > MOST_PAYLOAD:
            self.close()
            raise SourceError("source-crashed", name=self.address.shown, status="?")
        header = json.loads(self._exactly(lengths[0]))
        return header, self._exactly(lengths[1])

    def _exactly(self, count: int) -> bytearray:
        """Read ``count`` bytes; a child that stops in the middle is killed too."""
        found = bytearray(count)
        view, fd = memoryview(found), self._out.fileno()
        while view:
            if not self._ready(self.spec.silence_s):
                self.close()
                raise SourceError("source-hangs", name=self.address.shown, seconds=round(self.spec.silence_s))
            got = os.readv(fd, [view])
            if not got:
                self._died()
            view = view[got:]
        return found

    def _died(self) -> None:
        status = self._process.wait()
        self.close()
        code = "source-limits" if status in {-signal.SIGXCPU, -signal.SIGKILL} else "source-crashed"
        raise SourceError(code, name=self.address.shown, status=status)

    def _take(self, header: dict[str, Any], payload: bytearray) -> Message | None:
        kind = header["k"]
        if "cpu" in header:
            self._count(header)
        if kind == "frame":
            return self._sample(header, payload)
        if kind == "open":
            self._opened = True
            size = Size(max(1, header["width"]), max(1, header["height"]))
            self.info = SourceInfo(
                header["codec"], header["format"], size, header["rate"], header["duration"], header["audio"]
            )
            return self.info
        if kind == "size":
            return self._resize(header)
        if kind == "error":
            self.close()
            params = {"name": self.address.shown, "why": "", **header["params"]}
            raise SourceError(header["code"], **params)
        return Ended(str(header.get("why", ""))) if kind == "end" else None

    def _resize(self, header: dict[str, Any]) -> Message | None:
        now = Size(*header["size"])
        wanted = self.size_for(now)
        self._tell({"size": [wanted.width, wanted.height]})
        return Resized(Size(*header["was"]), now, header["t"]) if header["was"] else None

    def _sample(self, header: dict[str, Any], payload: bytearray) -> Sample:
        self.frames += 1
        self.origin = header["origin"]
        image = np.frombuffer(payload, np.uint8).reshape(header["shape"])
        frame = Frame(header["t"], image, Size(*header["source"]), header["i"])
        return Sample(frame, header["quiet"], header["warm"])

    def _count(self, header: dict[str, Any]) -> None:
        self.cost = Cost(
            header["cpu"], header["rss"], header["dropped"], header["errors"], header["repairs"],
            header["packets"], header["seconds"], header["idle"],
        )  # fmt: skip
