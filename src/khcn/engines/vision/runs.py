"""Whole deeds for a command line or a job: paths and names in, JSON-ready data out.

``python -m khcn.engines.vision`` and ``khcn markets ...`` are two thin faces of these functions.
"""

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from khcn.engines.vision.detect.factory import make_detector
from khcn.engines.vision.detect.store import ModelStore
from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.evaluate.truth import read_mot
from khcn.engines.vision.health import HealthMonitor
from khcn.engines.vision.layout import Layout, read_layout
from khcn.engines.vision.pipeline import AnalysisResult, Progress, analyse, evaluate
from khcn.engines.vision.sources.address import Kind
from khcn.engines.vision.sources.reader import Ended, Reader, Resized, Sample, SourceInfo
from khcn.engines.vision.sources.spec import SourceSpec, camera, recording
from khcn.engines.vision.types import Detector, Size

WATCH_SIZE = 544  # greatest width of pictures that only the health monitor looks at


def detector_for(
    store: ModelStore,
    model: str | None,
    *,
    size: Size | None = None,
    threads: int = 1,
    backend: str | None = None,
) -> Detector:
    """Return a detector for one camera. Raises ModelError."""
    return make_detector(store, model, size=size, threads=threads, backend=backend)


def run_analyse(
    video: Path | str,
    layout: Layout | Path,
    store: ModelStore,
    model: str | None = None,
    *,
    fps: float = 5.0,
    out: Path | None = None,
    state: Path | None = None,
    size: Size | None = None,
    threads: int = 1,
    progress: Progress | None = None,
    **options: Any,
) -> AnalysisResult:
    """Count in a recording and write RESULT.json to ``out``.

    ``state``: see :func:`.pipeline.analyse`; ``None`` with ``out``: beside it, so that the same command goes on after
    an interruption. Raises VisionError.
    """
    plan = read_layout(layout) if isinstance(layout, Path) else layout
    if state is None and out is not None:
        state = out.with_name(out.name + ".dang-do")
    detector = detector_for(store, model, size=size, threads=threads)
    result = analyse(video, plan, detector, fps=fps, progress=progress, state=state, **options)
    if out is not None:
        write_json(out, result.as_json())
    return result


def run_evaluate(
    video: Path | str,
    truth: Path,
    layout: Layout | Path,
    store: ModelStore,
    model: str | None = None,
    *,
    form: str = "mot15",
    fps: float = 10.0,
    size: Size | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Compare a count with a truth file; return the contract's JSON. Raises VisionError."""
    plan = read_layout(layout) if isinstance(layout, Path) else layout
    boxes = read_mot(truth, form)
    detector = detector_for(store, model, size=size, threads=threads)
    return evaluate(video, boxes, plan, detector, fps=fps, progress=progress)


def run_models(store: ModelStore) -> list[dict[str, Any]]:
    """Return every model that is present."""
    return [entry.as_json() for entry in store.all()]


def spec_for(address: str, *, fps: float, **options: Any) -> SourceSpec:
    """Return the spec of an address as a person types it: a path is a recording, the rest are cameras."""
    found = camera([address], fps=fps, **options)
    return recording(address, fps=fps, **options) if found.addresses[0].scheme == "file" else found


def run_probe(address: str, *, seconds: float = 5.0, **options: Any) -> dict[str, Any]:
    """Tell what a source is: codec, size, claimed and measured rate, distance of keyframes. Raises SourceError."""
    spec = spec_for(address, fps=60.0, idle=False, **options)
    times: list[float] = []
    info, resized, begun = None, 0, time.monotonic()
    with Reader(spec, _small) as reader:
        while True:
            message = reader.next(1.0)
            if isinstance(message, SourceInfo):
                info = message
            resized += isinstance(message, Resized)
            if isinstance(message, Sample):
                times.append(message.frame.t)
            if isinstance(message, Ended) or (times and times[-1] - times[0] >= seconds):
                break
            if time.monotonic() - begun > seconds + spec.silence_s + spec.open_s:
                break
        frames = reader.frames
    if info is None or not times:
        raise SourceError("source-empty", name=spec.name)
    span = times[-1] - times[0]
    return {
        "source": spec.name,
        "kind": spec.kind.value,
        "codec": info.codec,
        "format": info.format,
        "width": info.size.width,
        "height": info.size.height,
        "rate_claimed": info.rate,
        "rate_measured": round((len(times) - 1) / span, 2) if span > 0 else None,
        "duration": info.duration,
        "audio": info.audio,
        "frames_read": frames,
        "resized": resized,
    }


def run_health(address: str, *, seconds: float = 30.0, fps: float = 2.0, **options: Any) -> dict[str, Any]:
    """Watch a source for a while and tell whether the camera can be trusted. Raises SourceError."""
    spec = spec_for(address, fps=fps, idle=False, **options)
    monitor, signs, first, last = HealthMonitor(), None, None, 0.0
    with Reader(spec, _small) as reader:
        while True:
            message = reader.next(spec.silence_s + spec.open_s)
            if isinstance(message, Sample):
                last = message.frame.t
                first = last if first is None else first
                signs = monitor.signs(last, message.frame.image)
                monitor.judge(last, signs)
            if (
                message is None
                or isinstance(message, Ended)
                or (first is not None and last - first >= seconds)
            ):
                break
    if signs is None or first is None:
        raise SourceError("source-empty", name=spec.name)
    return {
        "source": spec.name,
        "kind": Kind.LIVE.value if spec.kind is Kind.LIVE else Kind.RECORDING.value,
        "seconds": round(last - first, 2),
        "active": list(monitor.active),
        "events": [asdict(event) for event in monitor.events],
        "signs": {key: round(float(value), 4) for key, value in asdict(signs).items()},
    }


def _small(source: Size) -> Size:
    width = min(WATCH_SIZE, source.width)
    return Size(width, max(1, round(source.height * width / source.width)))


def write_json(path: Path, data: Any) -> None:
    """Write a JSON file in one step: readers see the old one or the whole new one."""
    half = path.with_name(path.name + ".moi")
    try:
        with half.open("w", encoding="utf-8") as file:
            json.dump(data, file, ensure_ascii=False, indent=1, default=_plain)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is no JSON")
