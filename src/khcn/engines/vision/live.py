"""One camera, day and night: source, chain, minutes. What goes wrong with it stays with it.

Time: everything is measured on the monotonic clock; the wall clock only names the minutes (see :mod:`.ledger`).
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.chain import BLIND, Chain, ChainSettings, Step
from khcn.engines.vision.errors import VisionError
from khcn.engines.vision.health import HealthMonitor
from khcn.engines.vision.layout import Layout
from khcn.engines.vision.ledger import STEP_S, Ledger, WallClock
from khcn.engines.vision.measure.minutes import MinuteBuilder
from khcn.engines.vision.measure.slits import SlitScan, add_to_all, slits_of
from khcn.engines.vision.minutes import CameraMinute
from khcn.engines.vision.pipeline import note_resized
from khcn.engines.vision.privacy import SlitStore
from khcn.engines.vision.sources.address import scrub
from khcn.engines.vision.sources.reader import Cost, Resized, Sample, SizeFor
from khcn.engines.vision.sources.spec import SourceSpec
from khcn.engines.vision.sources.stream import Connected, Event, LiveSource, Lost
from khcn.engines.vision.types import Detector, Size

logger = logging.getLogger(__name__)

SETTLE_S = 6.0  # without pictures for this long: what the tracker still holds is settled
GRACE = timedelta(seconds=15)  # a minute's measured part comes this late at most
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, eq=False)
class CameraConfig:
    """One camera of a box. ``version``: number of the layout; ``reference``: edge map of its set-up still, if kept."""

    id: str
    spec: SourceSpec
    layout: Layout
    version: int = 0
    settings: ChainSettings = field(default_factory=ChainSettings)
    reference: NDArray[np.float32] | None = None

    def same_as(self, other: "CameraConfig") -> bool:
        """Return whether nothing would change by taking the other."""
        return (self.id, self.spec, self.layout, self.version, self.settings) == (
            other.id, other.spec, other.layout, other.version, other.settings,
        )  # fmt: skip


class Source(Protocol):
    """What the runner needs of :class:`.sources.stream.LiveSource`."""

    connections: int

    @property
    def cost(self) -> Cost:
        """What reading has cost."""
        ...

    @property
    def waiting_s(self) -> float:
        """Seconds until the next try."""
        ...

    def poll(self, timeout: float = 1.0) -> Event | None:
        """Return what happened next."""
        ...

    def may_idle(self, allowed: bool) -> None:
        """Allow keyframes only."""
        ...

    def close(self) -> None:
        """Stop reading."""
        ...


class CameraRunner:
    """Runs one camera. ``sink`` gets whole minutes (numbers only); ``make_detector`` is called in this thread."""

    def __init__(
        self,
        config: CameraConfig,
        make_detector: Callable[[], Detector],
        sink: Callable[[CameraMinute], None],
        *,
        ledger: Ledger | None = None,
        slits: SlitStore | None = None,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        source: Callable[[SourceSpec, SizeFor], Source] = LiveSource,
    ) -> None:
        self.config, self._make_detector, self._sink = config, make_detector, sink
        self._ledger = ledger if ledger is not None else Ledger()
        self._slit_store, self._slits = slits, list[SlitScan]()
        self._monotonic, self._new_source = monotonic, source
        self._clock = WallClock(wall, monotonic)
        self._monitor = HealthMonitor(reference=config.reference)
        self._detector: Detector | None = None
        self._source: Source | None = None
        self._chain: Chain | None = None
        self._builder: MinuteBuilder | None = None
        self._idle_told: bool | None = None
        self._codes: dict[datetime, set[str]] = {}
        self._times: deque[float] = deque(maxlen=4096)
        self._slit_hour: datetime | None = None
        self._t0 = monotonic()
        self.started = self.beat = monotonic()
        self.state, self.error, self.error_code = "starting", "", ""
        self.crossings = self.frames = self.failures = 0
        self.last_frame: float | None = None

    # -- loop --------------------------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Run until ``stop``; whatever breaks is built anew, ever more patiently."""
        wait = 2.0
        while not stop.is_set():
            try:
                self.step()
                wait = 2.0 if self.state == "streaming" else wait
                if self.state == "waiting" and self._source is not None:
                    stop.wait(min(1.0, self._source.waiting_s))
            except Exception as error:  # one camera's trouble, whatever it is, stays with it
                self._failed(error)
                stop.wait(wait)
                wait = min(60.0, wait * 2)
        self.close()

    def step(self, timeout: float = 1.0) -> None:
        """Wait for the next event and deal with it. May raise whatever a detector raises."""
        self.beat = self._monotonic()
        source = self._ready()
        event = source.poll(timeout)
        self.beat = self._monotonic()
        self._check_clock()
        if isinstance(event, Sample):
            self._sample(event)
        elif isinstance(event, Lost):
            self._lost(event)
        elif isinstance(event, Connected):
            self.state = "connecting"
        elif isinstance(event, Resized) and self._chain is not None:
            note_resized(self._chain, replace(event, t=event.t - self._t0))
        self._tick()

    def close(self) -> None:
        """Stop: every counted person goes into a minute."""
        try:
            self._settle()
        except Exception:  # stopping goes on; what the chain still held is gone
            logger.exception("camera %s: open moments lost", self.config.id)
        if self._source is not None:
            self._source.close()
            self._source = None
        self._tell_troubles(None)
        self._keep_slits(all_of_them=True)
        self.state = "stopped"

    def _ready(self) -> Source:
        if self._detector is None:
            self._detector = self._make_detector()
        if self._source is None:
            self._source = self._new_source(self.config.spec, self._detector.working_size)
        return self._source

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        self.state = "broken"
        self.error_code = error.code if isinstance(error, VisionError) else type(error).__name__
        self.error = scrub(str(error))[:300]
        logger.error("camera %s: %s", self.config.id, self.error, exc_info=not isinstance(error, VisionError))
        try:
            self._settle()
        except Exception:  # the chain itself is what broke: its open moments are gone, the rest goes on
            logger.exception("camera %s: open moments lost", self.config.id)
        self._chain = self._builder = self._detector = None
        if self._source is not None:
            self._source.close()
            self._source = None

    # -- events ------------------------------------------------------------------------------------------------

    def _sample(self, sample: Sample) -> None:
        frame = replace(sample.frame, t=sample.frame.t - self._t0)
        self.state, self.error, self.error_code = "streaming", "", ""
        self.last_frame = self._monotonic()
        self._times.append(self.last_frame)
        self.frames += 1
        if "offline" in self._monitor.active:
            self._monitor.close("offline", frame.t)
        chain = self._chain or self._begin(frame.source)
        chain.see(frame, quiet=sample.quiet)
        if self._slits and not BLIND & set(self._monitor.active):
            add_to_all(self._slits, frame.image, frame.t)
        if self._idle_told is not (not chain.busy) and self._source is not None:
            self._idle_told = not chain.busy
            self._source.may_idle(self._idle_told)

    def _begin(self, source: Size) -> Chain:
        assert self._detector is not None  # noqa: S101  # _ready made it
        settings = replace(self.config.settings, fps=self.config.spec.fps)
        self._chain = Chain(
            self._detector, self.config.layout, source, settings, monitor=self._monitor, on_step=self._take
        )
        self._builder = self._new_builder(self._chain)
        if self._slit_store is not None and not self._slits:
            self._slits = slits_of(self._chain.scene.layout, source)
        return self._chain

    def _new_builder(self, chain: Chain) -> MinuteBuilder:
        return MinuteBuilder(
            chain.scene, camera=self.config.id, start=self._clock.at(self._t0), version=self.config.version
        )

    def _take(self, step: Step) -> None:
        self.crossings += len(step.crossings)
        if self._builder is not None:
            for minute in self._builder.update(step.tracks, step.crossings, step.health):
                self._emit(minute)

    def _lost(self, lost: Lost) -> None:
        self.state, self.error_code, self.error = "waiting", lost.code, lost.message
        self._idle_told = None
        t = self._monotonic() - self._t0
        self._monitor.interrupt(t)
        self._monitor.open("offline", t, lost.message)
        logger.warning("camera %s: %s (next try in %.0f s)", self.config.id, lost.message, lost.wait_s)

    # -- time --------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        """What is due by the clock alone."""
        now = self._monotonic()
        if self._chain is not None and self.last_frame is not None and now - self.last_frame > SETTLE_S:
            self._settle()
        utc = self._clock.at(now)
        minute = utc.replace(second=0, microsecond=0)
        if self._monitor.active:
            self._codes.setdefault(minute, set()).update(self._monitor.active)
        self._tell_troubles(utc)
        hour = utc.replace(minute=0, second=0, microsecond=0)
        if self._slit_hour is not None and hour != self._slit_hour:
            self._keep_slits(all_of_them=False)
        self._slit_hour = hour

    def _tell_troubles(self, utc: datetime | None) -> None:
        """Send the reasons of minutes in which nothing was measured; ``None``: of the present one too."""
        for start in [one for one in self._codes if utc is None or one + MINUTE + GRACE < utc]:
            codes = tuple(sorted(self._codes.pop(start)))
            if (self.config.id, start) not in self._ledger:
                self._emit(CameraMinute(self.config.id, start, 0.0, layout=self.config.version, health=codes))

    def _check_clock(self) -> None:
        """When the wall clock was set, close the minutes named by the old time first."""
        before = self._clock.zero
        away = self._clock.stepped()
        if not away:
            return
        after, self._clock.zero = self._clock.zero, before
        if self._builder is not None and self._chain is not None:
            for minute in self._builder.finish():
                self._emit(self._marked(minute) if abs(away) >= STEP_S else minute)
        self._keep_slits(all_of_them=False)
        self._clock.zero = after
        self._slit_hour = None
        if self._chain is not None:
            self._builder = self._new_builder(self._chain)
        if abs(away) >= STEP_S:
            logger.warning("camera %s: the clock was set by %.0f s", self.config.id, away)
            codes, self._codes = self._codes, {}
            self._codes = {
                start + timedelta(minutes=round(away / 60)): names for start, names in codes.items()
            }

    @staticmethod
    def _marked(minute: CameraMinute) -> CameraMinute:
        return replace(minute, health=tuple(sorted({*minute.health, "clock"})))

    def _settle(self) -> None:
        """Pictures have stopped: finish what is open, keep the backgrounds."""
        chain, self._chain = self._chain, None
        if chain is None:
            return
        try:
            _, late = chain.finish()
            self.crossings += len(late)
        finally:
            builder, self._builder = self._builder, None
            for minute in builder.finish() if builder is not None else ():
                self._emit(minute)

    def _emit(self, minute: CameraMinute) -> None:
        self._sink(self._ledger.add(minute))

    def _keep_slits(self, *, all_of_them: bool) -> None:
        """Hand the strips of the hour to the store; a full disk costs strips, never counts."""
        if self._slit_store is None:
            return
        for slit in self._slits:
            strip = slit.take()
            if strip is None or (all_of_them and len(strip.pixels) < 2):
                continue
            try:
                self._slit_store.write(self.config.id, strip, self._clock.at(self._t0 + strip.start))
            except OSError as error:
                logger.error("camera %s: slit-scan not kept (%s)", self.config.id, error.strerror)

    # -- what is shown -----------------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """Return what the health page shows; no address, no picture."""
        now = self._monotonic()
        recent = [one for one in list(self._times) if now - one <= 60]
        span = min(60.0, max(1.0, now - self.started))
        source, detector = self._source, self._detector
        cost = source.cost if source is not None else Cost()
        return {
            "camera": self.config.id,
            "state": self.state,
            "health": list(self._monitor.active),
            "model": detector.name if detector is not None else None,
            "layout": self.config.version,
            "fps_wanted": self.config.spec.fps,
            "fps": round(len(recent) / span, 2),
            "frames": self.frames,
            "dropped": cost.dropped,
            "repairs": cost.repairs,
            "idle": cost.idle,
            "crossings": self.crossings,
            "last_frame_s_ago": None if self.last_frame is None else round(now - self.last_frame, 1),
            "beat_s_ago": round(now - self.beat, 1),
            "connections": source.connections if source is not None else 0,
            "failures": self.failures,
            "error": self.error,
            "error_code": self.error_code,
            "reader_mb": round(cost.peak_mb, 1),
            "reader_cpu_s": round(cost.cpu_s, 1),
        }
