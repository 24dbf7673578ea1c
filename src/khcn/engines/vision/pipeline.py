"""Recordings from end to end: ``analyse`` and ``evaluate``, the same for the command line, jobs and tests."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from khcn.engines.vision.chain import Chain, ChainSettings, Look, Step
from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.evaluate.score import score
from khcn.engines.vision.evaluate.truth import Truth
from khcn.engines.vision.layout import Layout
from khcn.engines.vision.process import cpu_s, forbid_core_dumps, peak_rss_mb
from khcn.engines.vision.sources.reader import Ended, Reader, Resized, Sample, SourceInfo
from khcn.engines.vision.sources.spec import SourceSpec, recording
from khcn.engines.vision.types import Crossing, Detector, HealthEvent, Size, Tracks

Progress = Callable[[float, float | None], None]  # seconds done, seconds in all if known
SAVE_S = 10.0
# A recording that breaks off with one of these still counts up to there.
PARTIAL = frozenset({"source-hangs", "source-corrupt", "source-crashed", "source-not-video", "source-failed"})


@dataclass(slots=True)
class AnalysisResult:
    """What was counted in a recording and what it cost, the reader process included."""

    model: str
    frames: int = 0
    seconds_video: float = 0.0
    seconds_wall: float = 0.0
    cpu_seconds: float = 0.0
    peak_rss_mb: float = 0.0
    crossings: list[Crossing] = field(default_factory=list)
    scene: dict[str, Any] = field(default_factory=dict)
    health: list[HealthEvent] = field(default_factory=list)
    detector_runs: int = 0
    moments: list[tuple[int, Tracks]] = field(default_factory=list)  # kept for evaluation only
    info: SourceInfo | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the contract's RESULT.json."""
        return {
            "model": self.model,
            "frames": self.frames,
            "seconds_video": round(self.seconds_video, 3),
            "seconds_wall": round(self.seconds_wall, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
            "peak_rss_mb": round(self.peak_rss_mb, 1),
            "detector_runs": self.detector_runs,
            "crossings": [
                {
                    "gate": c.gate,
                    "t": round(c.t, 3),
                    "direction": c.direction,
                    "x": round(c.x, 1),
                    "y": round(c.y, 1),
                }
                for c in sorted(self.crossings, key=lambda one: one.t)
            ],
            **self.scene,
            "health": [asdict(event) for event in self.health],
        }


def analyse(
    video: Path | str,
    layout: Layout,
    detector: Detector,
    *,
    fps: float = 5.0,
    progress: Progress | None = None,
    state: Path | None = None,
    settings: ChainSettings | None = None,
    keep_moments: bool = False,
    **options: Any,
) -> AnalysisResult:
    """Count in a recording.

    ``fps``: samples a second, may be a fraction. ``state``: a file of numbers from which a run that was cut off goes
    on; removed at the end. ``options``: those of ``SourceSpec`` (bounds of memory and time, idle ...).

    Raises:
        SourceError: nothing can be read, or the state file belongs to another run.
        LayoutError: the layout does not fit the picture.
    """
    forbid_core_dumps()
    spec = recording(video, fps=fps, **options)
    run = _Run(spec, layout, detector, replace(settings or ChainSettings(), fps=fps), keep_moments)
    log = StateLog(state, run.identity()) if state is not None else None
    try:
        run.go(progress, log)
    finally:
        if log is not None:
            log.close(done=run.complete)
    return run.result


def evaluate(
    video: Path | str,
    truth: Truth,
    layout: Layout,
    detector: Detector,
    *,
    fps: float = 10.0,
    progress: Progress | None = None,
    settings: ChainSettings | None = None,
) -> dict[str, Any]:
    """Count in a recording and compare with truth; return the contract's JSON."""
    found = analyse(
        video, layout, detector, fps=fps, progress=progress, settings=settings, keep_moments=True, idle=False
    )
    rate = found.info.rate if found.info and found.info.rate else fps
    size = found.info.size if found.info else None
    fitted = layout.checked_for(size) if size else layout
    scored = score(truth, found.moments, found.crossings, fitted, fps=rate)
    return {"model": found.model, **scored.as_json()}


class _Run:
    """One analysis."""

    def __init__(
        self, spec: SourceSpec, layout: Layout, detector: Detector, settings: ChainSettings, keep: bool
    ) -> None:
        self.spec, self.layout, self.detector, self.settings, self.keep = (
            spec,
            layout,
            detector,
            settings,
            keep,
        )
        self.result = AnalysisResult(detector.name)
        self.chain: Chain | None = None
        self.complete = False
        self.t = 0.0

    def identity(self) -> dict[str, Any]:
        """Return what must be the same for a run to go on."""
        path = self.spec.addresses[0].path
        known = path.stat() if self.spec.addresses[0].scheme == "file" else None
        return {
            "video": [path.name, known.st_size, known.st_mtime_ns] if known else [str(self.spec.name)],
            "layout": hashlib.sha256(json.dumps(self.layout.as_json(), sort_keys=True).encode()).hexdigest(),
            "model": self.detector.name,
            "fps": self.spec.fps,
            "gate": self.settings.gate,
        }

    def go(self, progress: Progress | None, log: "StateLog | None") -> None:
        """Read, count, sum up."""
        wall, cpu = time.monotonic(), cpu_s()
        start, origin = self.go_back(log) if log else (None, None)
        with Reader(self.spec, self.detector.working_size, start=start, origin=origin) as reader:
            try:
                self.read(reader, progress, log, start)
            except SourceError as error:
                if error.code not in PARTIAL or self.chain is None:
                    raise
                self.chain.monitor.open("offline", self.t, str(error))
            self.sum_up(reader)
            child = reader.cost
        self.complete = True
        self.result.seconds_wall = time.monotonic() - wall
        self.result.cpu_seconds = cpu_s() - cpu + child.cpu_s
        self.result.peak_rss_mb = peak_rss_mb() + child.peak_mb

    def go_back(self, log: "StateLog") -> tuple[float | None, float | None]:
        """Repeat what an earlier run kept; return where to go on and the timestamp of t = 0."""
        for look in log.looks():
            chain = self.chain_for(Size(*log.size)) if log.size else None
            if chain is None:
                break
            self.add(chain.replay(look))
            self.result.frames += 1
            self.t = look.t
        return (self.t, log.origin) if self.result.frames else (None, None)

    def chain_for(self, source: Size) -> Chain:
        if self.chain is None:
            self.chain = Chain(self.detector, self.layout, source, self.settings)
        return self.chain

    def read(
        self, reader: Reader, progress: Progress | None, log: "StateLog | None", start: float | None
    ) -> None:
        """Take every sample."""
        while True:
            message = reader.next()
            if isinstance(message, SourceInfo):
                self.result.info = message
            elif isinstance(message, Resized):
                self.resized(message)
            elif isinstance(message, Sample):
                self.sample(message, reader, log, start)
                if progress is not None:
                    progress(self.t, self.result.info.duration if self.result.info else None)
            elif isinstance(message, Ended):
                if message.why and self.chain is not None:
                    self.chain.monitor.open("offline", self.t, message.why)
                return

    def sample(self, sample: Sample, reader: Reader, log: "StateLog | None", start: float | None) -> None:
        chain = self.chain_for(sample.frame.source)
        if sample.warm or (start is not None and sample.frame.t <= start):
            chain.warm(sample.frame)
            return
        look, steps = chain.see(sample.frame, quiet=sample.quiet)
        if log is not None:
            log.add(look, chain.source, reader.origin)
        self.t = look.t
        self.result.frames += 1
        self.add(steps)

    def resized(self, change: Resized) -> None:
        """Another size: the same view when the shape is the same, else nothing is measured until it returns."""
        if self.chain is None:
            return
        note_resized(self.chain, change)

    def add(self, steps: list[Step]) -> None:
        for step in steps:
            self.result.crossings += step.crossings
            if self.keep:
                self.result.moments.append((step.index, step.tracks))

    def sum_up(self, reader: Reader) -> None:
        if self.chain is None:
            raise SourceError("source-empty", name=self.spec.name)
        steps, late = self.chain.finish()
        self.add(steps)
        self.result.crossings += late
        self.result.scene = self.chain.scene.result().as_json()
        self.result.health = list(self.chain.monitor.events)
        self.result.detector_runs = self.chain.runs
        self.result.seconds_video = max(reader.cost.seconds, self.t)


def note_resized(chain: Chain, change: Resized) -> None:
    """Open or close the event of a changed picture size."""
    was, now = chain.source, change.now
    same_shape = abs(now.width / now.height - was.width / was.height) < 0.02 * was.width / was.height
    monitor = chain.monitor
    if "resized" in monitor.active:
        monitor.close("resized", change.t)
    detail = f"{change.was.width}x{change.was.height} -> {now.width}x{now.height}"
    monitor.open("resized", change.t, detail)
    if same_shape:
        monitor.close("resized", change.t)


class StateLog:
    """The numbers of a run, one line a sample, written every ten seconds. No picture ever stands in it."""

    def __init__(
        self, path: Path, identity: dict[str, Any], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path, self.identity, self.clock = path, identity, clock
        self.size: tuple[int, int] | None = None
        self.origin: float | None = None
        self._looks: list[Look] = []
        good = self._read() if path.exists() else 0
        self._file: IO[bytes] = path.open("r+b" if path.exists() else "w+b")
        self._file.truncate(good)
        self._file.seek(good)
        self._pending: list[dict[str, Any]] = [] if good else [{"run": identity}]
        self._saved = clock()

    def looks(self) -> Iterator[Look]:
        """Yield what an earlier run kept, once."""
        looks, self._looks = self._looks, []
        yield from looks

    def _read(self) -> int:
        """Read the whole lines; return how many bytes of the file are good."""
        good = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file):
                try:
                    if not line.endswith(b"\n"):
                        break
                    data = json.loads(line)
                    if number == 0 and data["run"] != self.identity:
                        raise SourceError("state-other", name=self.path.name)
                    if "size" in data:
                        self.size, self.origin = tuple(data["size"]), data["origin"]
                    elif "t" in data:
                        self._looks.append(Look.from_json(data))
                except (KeyError, ValueError, TypeError):
                    break
                good += len(line)
        return good

    def add(self, look: Look, source: Size, origin: float | None) -> None:
        """Keep one sample; write when it is time."""
        if self.size is None:
            self.size, self.origin = (source.width, source.height), origin
            self._pending.append({"size": self.size, "origin": origin})
        self._pending.append(look.as_json())
        if self.clock() - self._saved >= SAVE_S:
            self.save()

    def save(self) -> None:
        """Write what is pending and make sure that it stays."""
        if self._pending:
            lines = "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in self._pending)
            self._file.write(lines.encode())
            self._file.flush()
            os.fsync(self._file.fileno())
            self._pending = []
        self._saved = self.clock()

    def close(self, *, done: bool) -> None:
        """Keep the rest, or remove the file of a run that is complete."""
        if not done:
            self.save()
        self._file.close()
        if done:
            self.path.unlink(missing_ok=True)
