"""The loop behind ``khcn markets watch``: the cameras of one box, day and night. Needs no database by itself.

A :class:`Centre` says what to count and takes the numbers: this very machine's database, or a server over HTTPS.
Minutes go through a spool on disk, so that a cut network or a killed process loses nothing that was counted.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from khcn.engines.health import HealthServer
from khcn.engines.vision.box import BoxRunner
from khcn.engines.vision.detect.factory import make_detector
from khcn.engines.vision.detect.store import ModelStore
from khcn.engines.vision.errors import VisionError
from khcn.engines.vision.layout import parse_layout
from khcn.engines.vision.live import CameraConfig
from khcn.engines.vision.privacy import SlitFile, SlitStore
from khcn.engines.vision.sources.address import scrub
from khcn.engines.vision.sources.spec import camera as camera_spec
from khcn.engines.vision.spool import Ack, Batch, Forwarder, Spool
from khcn.engines.vision.types import Detector

logger = logging.getLogger("khcn.markets.watch")

SLIT_DAYS_HERE = 3  # pieces that could not be handed over for so long are deleted
Config = Mapping[str, Any]


class Centre(Protocol):
    """Where configuration comes from and numbers go."""

    def config(self, instance: str) -> Config | None:
        """Return the configuration (the wire form of ``BoxConfig``), ``None`` when it did not change."""
        ...

    def send(self, batch: Batch, status: Mapping[str, Any]) -> Ack:
        """Hand a batch over. Raises RejectedError when it will never be taken."""
        ...

    def keep_slit(self, slit: SlitFile) -> None:
        """Hand a piece of a slit-scan over. Raises ValueError when it will never be taken."""
        ...


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """How one box runs. ``config_cache``: what the last configuration is kept with (sealed), for starts without a net."""

    folder: Path
    threads: int = 1
    reload_s: float = 30.0
    health_port: int | None = None
    model: str | None = None  # for cameras without a model of their own
    seal: Callable[[str], str] | None = None
    unseal: Callable[[str], str] | None = None


@dataclass(slots=True)
class _Problems:
    """What keeps cameras from being counted, by camera key; "" is the centre itself."""

    by_camera: dict[str, str] = field(default_factory=dict)
    centre: str = ""


class Watch:
    """Runs the cameras of one box until told to stop."""

    def __init__(self, centre: Centre, store: ModelStore, settings: WatchSettings) -> None:
        """Open the spool. Raises SourceError when another process uses it."""
        self._centre, self._store, self._settings = centre, store, settings
        self.spool = Spool(settings.folder / "minutes")
        self._slits = SlitStore(settings.folder / "slit-scans", days=SLIT_DAYS_HERE)
        self._problems = _Problems()
        self._models: dict[str, str] = {}
        self._runner = BoxRunner(
            [],
            self._detector,
            self.spool,
            forwarder=Forwarder(self.spool, self._send),
            slits=self._slits,
        )
        self._stop = threading.Event()
        self.health_port: int | None = None
        self.last_status: dict[str, Any] = {}  # of the moment in which it was told to stop

    def run(self, stop: threading.Event) -> bool:
        """Run until ``stop``; ``False``: a camera hangs in native code, and the process should be started anew."""
        self._stop = stop
        server = None
        if self._settings.health_port is not None:
            server = HealthServer(self.status, port=self._settings.health_port)
            self.health_port = server.port
            logger.info("health: http://127.0.0.1:%s/health", server.port)
        self._take_over(self._first_config())
        tender = threading.Thread(target=self._tend, name="config", daemon=True)
        tender.start()
        try:
            return self._runner.run(stop)
        finally:
            stop.set()
            tender.join(timeout=15)
            self._last_delivery()
            if server is not None:
                server.close()
            self.spool.close()

    def status(self) -> dict[str, Any]:
        """Return the box's status: numbers and states, no address."""
        found = self._runner.status()
        found["problems"] = dict(self._problems.by_camera)
        found["centre"] = self._problems.centre
        found["ok"] = bool(found["ok"]) and not self._problems.by_camera and not self._problems.centre
        return found

    def _last_delivery(self) -> None:
        """Hand over what the stopped cameras just wrote; what does not go now waits on disk."""
        until = time.monotonic() + 5
        forwarder = Forwarder(self.spool, self._send)
        while time.monotonic() < until and self.spool.batch(most=1) is not None:
            if forwarder.step() > 0:
                return
        self._hand_over_slits()

    # -- configuration ---------------------------------------------------------------------------------------------

    def _first_config(self) -> Config:
        """Ask the centre; when it cannot be reached, go on with what it said last."""
        try:
            found = self._centre.config(self.spool.instance)
        except Exception as error:  # whatever keeps the centre away: counting goes on
            self._centre_failed(error)
            return self._cached() or {"cameras": []}
        return found if found is not None else {"cameras": []}

    def _centre_failed(self, error: Exception) -> None:
        text = scrub(str(getattr(error, "message", "") or error))[:300]
        if text != self._problems.centre:
            logger.warning("centre: %s", text)
        self._problems.centre = text or type(error).__name__

    def _tend(self) -> None:
        """Ask for changes and hand slit-scans over, every so often."""
        while not self._stop.wait(self._settings.reload_s):
            try:
                found = self._centre.config(self.spool.instance)
                self._problems.centre = ""
                if found is not None:
                    self._take_over(found)
            except Exception as error:  # the next round tries again
                self._centre_failed(error)
            self._hand_over_slits()
        self.last_status = self.status()

    def _take_over(self, config: Config) -> None:
        """Run what ``config`` says; a camera that cannot be run is named, the others run."""
        problems: dict[str, str] = {}
        cameras: list[CameraConfig] = []
        models: dict[str, str] = {}
        for item in config["cameras"]:
            key = str(item["key"])
            try:
                if item.get("problem"):
                    raise ValueError(item["problem"])
                cameras.append(camera_config(item))
                models[key] = str(item.get("model") or "")
            except (VisionError, ValueError, KeyError, TypeError) as error:
                problems[key] = scrub(str(error))[:300]
                logger.warning("camera %s: %s", key, problems[key])
        changed = {key for key, model in models.items() if self._models.get(key, model) != model}
        self._models, self._problems.by_camera = models, problems
        if changed:  # a model is no part of what the runner compares: such cameras are started anew
            self._runner.change([camera for camera in cameras if camera.id not in changed])
        self._runner.change(cameras)
        self._cache(config)

    def _cache(self, config: Config) -> None:
        """Keep the configuration, sealed (it holds the cameras' passwords), for a start without a net."""
        if self._settings.seal is None:
            return
        path = self._settings.folder / "config.sealed"
        with suppress(OSError):
            half = path.with_suffix(".new")
            half.touch(mode=0o600)
            half.write_text(self._settings.seal(json.dumps(config)))
            half.replace(path)

    def _cached(self) -> Config | None:
        if self._settings.unseal is None:
            return None
        try:
            found = json.loads(self._settings.unseal((self._settings.folder / "config.sealed").read_text()))
        except Exception:  # none, cut off, or sealed with another key: the centre will say it again
            return None
        return found if isinstance(found, dict) and isinstance(found.get("cameras"), list) else None

    # -- what the runner asks for ------------------------------------------------------------------------------------

    def _detector(self, config: CameraConfig) -> Detector:
        name = self._models.get(config.id) or self._settings.model
        return make_detector(self._store, name, threads=self._settings.threads)

    def _send(self, batch: Batch) -> Ack:
        return self._centre.send(batch, brief(self.status()))

    def _hand_over_slits(self) -> None:
        for slit in self._slits.all():
            try:
                self._centre.keep_slit(slit)
            except ValueError as refused:
                logger.warning("slit-scan of %s/%s refused: %s", slit.camera, slit.gate, refused)
            except Exception as error:  # the next round tries again
                self._centre_failed(error)
                return
            slit.path.unlink(missing_ok=True)


def camera_config(item: Config) -> CameraConfig:
    """Return the engine's form of one camera of the wire form. Raises VisionError, ValueError."""
    sources: Sequence[str] = tuple(item["sources"])
    if not sources:
        raise ValueError("Camera chưa có địa chỉ. Hãy nhập địa chỉ ở trang thiết lập của chợ.")
    drawing = dict(item.get("drawing") or {})
    if item.get("frame") and not drawing.get("frame"):
        drawing["frame"] = list(item["frame"])
    return CameraConfig(
        id=str(item["key"]),
        spec=camera_spec(sources, fps=float(item["fps"])),
        layout=parse_layout(drawing),
        version=int(item.get("layout") or 0),
    )


def brief(status: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a status the centre keeps and shows."""
    cameras = [
        {name: camera.get(name) for name in ("camera", "state", "health", "model", "fps", "error", "dropped")}
        for camera in status.get("cameras", ())
    ]
    spool = status.get("spool", {})
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "up_s": status.get("up_s"),
        "memory_mb": status.get("memory_mb"),
        "queued": spool.get("queued"),
        "lost": spool.get("lost"),
        "rejected": spool.get("rejected"),
        "problems": dict(status.get("problems", {})),
        "cameras": cameras,
    }
