"""The reader process: opens one source, decodes, hands the chosen frames over. Nothing it does can harm its owner.

Started by :mod:`.reader` with one JSON order on standard input; messages go to standard output. It cannot write
files (``RLIMIT_FSIZE`` is 0) and leaves no core dump, so no picture can reach a disk from here.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from khcn.engines.vision.sources.address import scrub
from khcn.engines.vision.sources.opening import MOST_PIXELS, code_of, open_container
from khcn.engines.vision.sources.packets import Packets, Stop
from khcn.engines.vision.sources.quiet import Stillness, cells
from khcn.engines.vision.sources.timing import Bucket, LiveClock, Sampler, Timeline
from khcn.engines.vision.sources.wire import Outbox

WARM_S = 30.0  # seconds before the point of return that are decoded to warm up
STAT_S = 2.0
BROKEN_OFF = frozenset({"source-not-video", "source-ended", "source-failed", "source-unreachable"})


def limit(order: dict[str, Any]) -> None:
    """Bound memory, processor time and files; die with the owner."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = order["memory_mb"] << 20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    if order["cpu_s"]:
        resource.setrlimit(resource.RLIMIT_CPU, (order["cpu_s"], order["cpu_s"] + 2))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def peak_mb() -> float:
    """Return this process's own peak of resident memory (ru_maxrss would count the owner's, inherited by exec)."""
    with contextlib.suppress(OSError), Path("/proc/self/status").open(encoding="ascii") as lines:
        for line in lines:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Orders:
    """What the owner says while we run: the size it wants, and whether keyframes may do."""

    def __init__(self) -> None:
        self.size: tuple[int, int] | None = None
        self.may_idle = True
        self._given = threading.Condition()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        for line in sys.stdin.buffer:
            order = json.loads(line)
            with self._given:
                if "size" in order:
                    self.size = (int(order["size"][0]), int(order["size"][1]))
                if "idle" in order:
                    self.may_idle = bool(order["idle"])
                self._given.notify_all()
        os._exit(0)  # the owner is gone

    def wait_size(self) -> tuple[int, int]:
        """Wait for the working size."""
        with self._given:
            self._given.wait_for(lambda: self.size is not None)
            return self.size or (1, 1)

    def forget_size(self) -> None:
        """Before the owner is asked again."""
        self.size = None


class Session:
    """One connection: packets in, chosen pictures out."""

    def __init__(self, order: dict[str, Any], out: Outbox, orders: Orders) -> None:
        self.order, self.out, self.orders = order, out, orders
        self.live: bool = order["live"]
        self.timeline = Timeline(origin=order["origin"])
        self.clock = LiveClock()
        self.sampler = Sampler(order["fps"])
        self.bucket = Bucket(rate=2 * order["fps"], burst=max(4.0, 4 * order["fps"]))
        self.stillness = Stillness()
        self.scaler = VideoReformatter()
        self.source: tuple[int, int] | None = None
        self.index, self.packets = -1, 0
        self.given = self.skipped = self.errors = self.streak = self.corrupt = 0
        self.idle = False
        self.start: float | None = order["start"]
        self.started = time.monotonic()
        self.said = self.started
        self.t = 0.0

    # -- pictures ----------------------------------------------------------------------------------------------

    def picture(self, frame: VideoFrame, pts: float | None, arrival: float, *, key: bool = False) -> None:
        """Hand one decoded frame over when its time has come."""
        if not key:
            self.index += 1
        if frame.is_corrupt and self.given:
            self.corrupt += 1
            return
        t = self.time_of(pts, arrival)
        if not self.due(t, key=key):
            return
        image = self.scaled(frame)
        still = self.stillness.see(t, cells(image)) if not key else True
        self.hand_over(t, image, quiet=key)
        if still and not key and not self.idle and self.order["idle"] and self.orders.may_idle:
            self.idle = True

    def time_of(self, pts: float | None, arrival: float) -> float:
        """Return media time (recordings) or the monotonic moment of capture (live)."""
        self.t = self.clock.at(pts, arrival) if self.live else self.timeline.at(pts)
        return self.t

    def due(self, t: float, *, key: bool) -> bool:
        """Return whether the frame at ``t`` is wanted."""
        if not self.sampler.wants(t) and not key:
            return False
        if self.live and not self.bucket.take(time.monotonic()):
            self.skipped += 1
            return False
        return True

    def scaled(self, frame: VideoFrame) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Return the frame in BGR at the working size, asking for that size when the source's changed."""
        if self.source != (frame.width, frame.height):
            if frame.width * frame.height > MOST_PIXELS:
                raise Stop("source-too-big", width=frame.width, height=frame.height)
            was, self.source = self.source, (frame.width, frame.height)
            self.orders.forget_size()
            self.out.send({"k": "size", "size": self.source, "was": was, "t": self.t})
            self.orders.wait_size()
            self.stillness = Stillness()
        width, height = self.orders.wait_size()
        scaled = self.scaler.reformat(
            frame, width=width, height=height, format="bgr24", interpolation="BILINEAR", threads=1
        )
        return np.ascontiguousarray(scaled.to_ndarray())

    def hand_over(self, t: float, image: np.ndarray[Any, np.dtype[np.uint8]], *, quiet: bool) -> None:
        """Send one picture."""
        self.given += 1
        header = {
            "k": "frame",
            "t": t,
            "i": self.index,
            "shape": image.shape,
            "source": self.source,
            "quiet": quiet,
            "warm": self.start is not None and t <= self.start + 1e-9,
            "origin": None if self.timeline.offset else self.timeline.origin,
        }
        self.out.send(header, image.tobytes(), frame=True)

    # -- packets -----------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Read the source to its end."""
        if self.order["scheme"] == "test":
            self.run_test()
            return
        again = True
        while again:
            with open_container(self.order) as container:
                self.read(container)
            again = self.live and self.order["loop"]

    def read(self, container: Any) -> None:
        """Decode one container."""
        if not container.streams.video:
            raise Stop("source-no-picture")
        stream = container.streams.video[0]
        codec = stream.codec_context
        codec.thread_count = self.order["threads"]
        codec.thread_type = "SLICE" if self.order["threads"] == 1 else "AUTO"
        codec.options = {"max_pixels": str(MOST_PIXELS)}
        rate = stream.average_rate or stream.guessed_rate
        if rate and 1 <= rate <= 240:
            self.timeline.step = 1 / float(rate)
        self.said_open(container, stream, codec)
        self.seek(container, stream)
        packets = Packets(self, stream)
        for packet in container.demux(stream):
            packets.take(packet)
            self.beat()
        packets.finish()

    def said_open(self, container: Any, stream: Any, codec: Any) -> None:
        """Tell what was found."""
        length = container.duration / av.time_base if container.duration and container.duration > 0 else None
        rate = stream.average_rate
        self.out.send(
            {
                "k": "open",
                "codec": codec.name,
                "format": container.format.name,
                "width": codec.width,
                "height": codec.height,
                "rate": float(rate) if rate else None,
                "duration": length,
                "audio": len(container.streams.audio) > 0,
            }
        )

    def seek(self, container: Any, stream: Any) -> None:
        """Go back to some seconds before the place where the last run stopped."""
        if self.start is None or self.start <= WARM_S or self.order["origin"] is None:
            return
        aim = self.start - WARM_S + self.order["origin"]
        with contextlib.suppress(av.error.FFmpegError):
            container.seek(int(aim / stream.time_base), stream=stream, backward=True)

    def beat(self) -> None:
        """Show that we move, now and then."""
        now = time.monotonic()
        if self.live and now - self.said >= STAT_S:
            self.said = now
            self.out.send({"k": "stat"} | self.figures())

    def figures(self) -> dict[str, Any]:
        """Return what this process did and cost."""
        return {
            "cpu": time.process_time(),
            "rss": peak_mb(),
            "packets": self.packets,
            "seconds": self.t + self.timeline.step,
            "given": self.given,
            "dropped": self.out.dropped + self.skipped,
            "errors": self.errors,
            "corrupt": self.corrupt,
            "repairs": self.timeline.repairs + self.clock.repairs,
            "idle": self.idle,
        }

    def run_test(self) -> None:
        """A picture made here: a bright block walks over grey noise. ``hang`` seconds on, it stops for ever."""
        wanted = dict(
            pair.partition("=")[::2] for pair in self.order["url"].partition("?")[2].split("&") if pair
        )
        width, height = int(wanted.get("width", 640)), int(wanted.get("height", 360))
        rate, hang = float(wanted.get("fps", 25)), float(wanted.get("hang", "inf"))
        length = float(wanted.get("seconds", "inf"))
        noise = np.random.default_rng(1)
        ground = noise.integers(90, 130, (height, width, 3), dtype=np.uint8)
        self.out.send({"k": "open", "codec": "test", "format": "test", "width": width, "height": height,
                       "rate": rate, "duration": None, "audio": False})  # fmt: skip
        begin = time.monotonic()
        while self.packets / rate < length:
            pts = self.packets / rate
            self.packets += 1
            if self.live:
                time.sleep(max(0.0, begin + pts - time.monotonic()))
            if pts > hang:
                time.sleep(86400)
            image = ground.copy()
            x = int(pts * width / 8) % max(1, width - 20)
            image[height // 3 : height // 3 + height // 4, x : x + 20] = 230
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            self.picture(frame, pts, time.monotonic())
            self.beat()


def main() -> None:
    """Run one order."""
    order = json.loads(sys.stdin.buffer.readline())
    fd = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a stray print may not break the messages
    limit(order)
    av.logging.set_level(None)
    out = Outbox(fd, max(6, int(3 * order["fps"])) if order["live"] else None)
    session = Session(order, out, Orders())
    final: dict[str, Any] = {"k": "end"}
    try:
        session.run()
        if not session.given:
            final = {"k": "error", "code": "source-empty", "params": {}}
    except Stop as stop:
        final = {"k": "error", "code": stop.code, "params": stop.params}
    except (av.error.FFmpegError, OSError, MemoryError, ValueError) as error:
        why = scrub(f"{type(error).__name__}: {error.strerror if isinstance(error, OSError) else error}",
                    tuple(order["secrets"]))[:160]  # fmt: skip
        code = code_of(error)
        ended = session.given and code in BROKEN_OFF
        if code == "source-not-video" and order["scheme"] not in {"file", "test"}:
            code = "source-odd-answer"
        final = {"k": "end", "why": why} if ended else {"k": "error", "code": code, "params": {"why": why}}
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(0)
    with contextlib.suppress(OSError):
        out.send(final | session.figures())
        out.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
