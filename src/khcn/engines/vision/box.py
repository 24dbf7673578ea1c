"""All cameras of one box in one process, each in a thread of its own, and what the box says about itself."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from khcn.engines.vision.ledger import Ledger, minute_from_json
from khcn.engines.vision.live import CameraConfig, CameraRunner, Source
from khcn.engines.vision.minutes import CameraMinute
from khcn.engines.vision.privacy import SlitStore
from khcn.engines.vision.process import forbid_core_dumps, peak_rss_mb
from khcn.engines.vision.sources.reader import SizeFor
from khcn.engines.vision.sources.spec import SourceSpec
from khcn.engines.vision.sources.stream import LiveSource
from khcn.engines.vision.spool import Forwarder, Spool
from khcn.engines.vision.types import Detector

logger = logging.getLogger(__name__)

STUCK_S = 120.0  # a thread silent for this long hangs inside native code: only a restart of the process helps
CLEAN_S = 3600.0


class BoxRunner:
    """Runs the cameras of a box until told to stop.

    ``make_detector``: builds the detector for a camera, in that camera's thread. ``forwarder``: brings the spool to the
    centre in a thread of its own. Nothing that one camera does touches the others.
    """

    def __init__(
        self,
        cameras: Sequence[CameraConfig],
        make_detector: Callable[[CameraConfig], Detector],
        spool: Spool,
        *,
        forwarder: Forwarder | None = None,
        slits: SlitStore | None = None,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        source: Callable[[SourceSpec, SizeFor], Source] = LiveSource,
    ) -> None:
        self._make_detector, self.spool, self._forwarder, self._slits = make_detector, spool, forwarder, slits
        self._wall, self._monotonic, self._new_source = wall, monotonic, source
        self._wanted = {camera.id: camera for camera in cameras}
        self._running: dict[str, tuple[CameraRunner, threading.Thread, threading.Event]] = {}
        self._guard = threading.RLock()
        self._stop = threading.Event()
        self._ledgers = self._known_minutes()
        self._sender: threading.Thread | None = None
        self._cleaned = float("-inf")
        self.started = monotonic()
        self.restarts = 0

    def _known_minutes(self) -> dict[str, Ledger]:
        """Read the last minutes back, so that the one in which the box stopped goes on."""
        found: dict[str, list[CameraMinute]] = {}
        for data in self.spool.recent():
            try:
                minute = minute_from_json(data)
            except (KeyError, TypeError, ValueError):
                continue
            found.setdefault(minute.camera, []).append(minute)
        return {camera: Ledger(minutes) for camera, minutes in found.items()}

    # -- life --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start every camera and the way to the centre."""
        forbid_core_dumps()
        self.tend()
        if self._forwarder is not None:
            self._sender = threading.Thread(target=self._send, name="forward", daemon=True)
            self._sender.start()

    def run(self, stop: threading.Event | None = None, *, every_s: float = 1.0) -> bool:
        """Run until ``stop``. Returns False when a camera hangs for good and the process should be started anew."""
        stop = stop or self._stop
        self.start()
        try:
            while not stop.wait(every_s):
                self.tend()
                if self.stuck():
                    logger.error(
                        "cameras %s hang: this process must be started anew", ", ".join(self.stuck())
                    )
                    return False
            return True
        finally:
            self.stop()

    def tend(self) -> None:
        """Start what should run and does not, stop what should not, delete slit-scans that are too old."""
        with self._guard:
            for ident, (runner, _, stop) in list(self._running.items()):
                wanted = self._wanted.get(ident)
                if wanted is None or not wanted.same_as(runner.config):
                    stop.set()
            for ident, (_, thread, stop) in list(self._running.items()):
                if not thread.is_alive():
                    if not stop.is_set():
                        self.restarts += 1
                        logger.error("camera %s: its thread ended, starting it anew", ident)
                    del self._running[ident]
            for ident, config in self._wanted.items():
                if ident not in self._running and not self._stop.is_set():
                    self._launch(config)
        if self._slits is not None and self._monotonic() - self._cleaned > CLEAN_S:
            self._cleaned = self._monotonic()
            self._slits.delete_old(self._wall())

    def _launch(self, config: CameraConfig) -> None:
        runner = CameraRunner(
            config,
            lambda: self._make_detector(config),
            self._sink,
            ledger=self._ledgers.setdefault(config.id, Ledger()),
            slits=self._slits,
            wall=self._wall,
            monotonic=self._monotonic,
            source=self._new_source,
        )
        stop = threading.Event()
        thread = threading.Thread(target=runner.run, args=(stop,), name=f"camera-{config.id}", daemon=True)
        self._running[config.id] = (runner, thread, stop)
        thread.start()

    def _sink(self, minute: CameraMinute) -> None:
        self.spool.append(minute.as_json())

    def _send(self) -> None:
        assert self._forwarder is not None  # noqa: S101  # started only then
        while not self._stop.is_set():
            try:
                wait = self._forwarder.step()
            except Exception:  # the sender may never die: minutes would pile up unseen
                logger.exception("forwarder")
                wait = 30.0
            self._stop.wait(wait)

    def change(self, cameras: Sequence[CameraConfig]) -> None:
        """Take over another list of cameras or layouts; what did not change runs on undisturbed."""
        with self._guard:
            self._wanted = {camera.id: camera for camera in cameras}
        self.tend()

    def stop(self, timeout: float = 10.0) -> None:
        """Stop all cameras; open minutes are written."""
        self._stop.set()
        with self._guard:
            running = list(self._running.values())
        for _, _, stop in running:
            stop.set()
        end = time.monotonic() + timeout
        for _, thread, _ in running:
            thread.join(max(0.1, end - time.monotonic()))
        if self._sender is not None:
            self._sender.join(max(0.1, end - time.monotonic()))
        self.spool.flush()

    # -- what is shown -----------------------------------------------------------------------------------------

    def stuck(self) -> list[str]:
        """Return cameras whose thread hangs inside native code."""
        now = self._monotonic()
        with self._guard:
            return [ident for ident, (runner, _, _) in self._running.items() if now - runner.beat > STUCK_S]

    def status(self) -> dict[str, Any]:
        """Return what the health endpoint says: numbers and states, no address and no secret."""
        with self._guard:
            cameras = [runner.status() for runner, _, _ in self._running.values()]
        streaming = sum(camera["state"] == "streaming" for camera in cameras)
        spool = self._forwarder.status() if self._forwarder is not None else self.spool.status()
        bad = [c["camera"] for c in cameras if c["state"] != "streaming" or c["health"]]
        return {
            "ok": not self.stuck() and not spool["full"] and not spool["disk_error"] and not bad,
            "time": self._wall().astimezone(UTC).isoformat(timespec="seconds"),
            "up_s": round(self._monotonic() - self.started),
            "cameras_wanted": len(self._wanted),
            "cameras_streaming": streaming,
            "troubled": bad,
            "restarts": self.restarts,
            "memory_mb": round(peak_rss_mb() + sum(c["reader_mb"] for c in cameras), 1),
            "cameras": cameras,
            "spool": spool,
        }
