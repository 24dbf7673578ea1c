"""Detectors beside each other on the PETS clip: average precision, cost of a frame, memory of a process.

The packaged network runs on regions with the tracker's boxes, as in the product, and on whole frames as its peer.
Models and the clip come from the development data (``KHCN_SHARED``, default ``../shared``).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from benchmarks.runner import print_figures
from khcn.engines.vision.detect.decode import iou
from khcn.engines.vision.evaluate.truth import Truth, read_mot
from khcn.engines.vision.types import Detections, Frame, Hints, Size

WHOLE = "packaged, whole frame"
MODELS = {
    WHOLE: ("", None),
    "packaged": ("", None),
    "person-detection-retail-0013": ("person-detection-retail-0013", None),
    "person-detection-retail-0013 672x384": ("person-detection-retail-0013", Size(672, 384)),
    "person-detection-0200": ("person-detection-0200", None),
    "yolox-nano": ("yolox_nano", None),
}
AIMS = {
    "packaged": 0.84,
    "person-detection-retail-0013": 0.86,
    "person-detection-0200": 0.87,
    "yolox-nano": 0.89,
}


def average_precision(found: Mapping[int, Detections], truth: Truth, least_iou: float = 0.5) -> float:
    """Return the area under the precision-recall curve over the frames in ``found`` (all points, best box first)."""
    scores: list[float] = []
    hits: list[bool] = []
    total = 0
    for number, detections in found.items():
        real = truth.at(number).boxes.astype(np.float32)
        total += len(real)
        free = np.ones(len(real), bool)
        shared = iou(detections.boxes, real)
        for row in np.argsort(-detections.scores, kind="stable"):
            best = int(np.argmax(shared[row] * free)) if free.any() else -1
            hit = best >= 0 and bool(free[best]) and float(shared[row, best]) >= least_iou
            if hit:
                free[best] = False
            scores.append(float(detections.scores[row]))
            hits.append(hit)
    if not scores or not total:
        return 0.0
    right = np.cumsum(np.array(hits)[np.argsort(-np.array(scores), kind="stable")])
    precision = right / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0], right / total])) * envelope))


def frames_of(video: Path, size: Size | None, every: int) -> Iterator[Frame]:
    """Decode every n-th frame in the size a detector wants."""
    import av

    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 10)
        source = Size(stream.width, stream.height)
        wanted = size or source
        for number, picture in enumerate(container.decode(stream)):
            if number % every == 0:
                image = picture.to_ndarray(format="bgr24", width=wanted.width, height=wanted.height)
                yield Frame(number / rate, image, source, number)


def measure(label: str, shared: Path, every: int) -> dict[str, float]:
    """Run one detector over the clip; return AP50, CPU milliseconds a frame, seconds to load and peak MB."""
    from dataclasses import replace
    from resource import RUSAGE_SELF, getrusage

    from khcn.engines.vision.detect.add import models_add
    from khcn.engines.vision.detect.factory import make_detector
    from khcn.engines.vision.detect.store import ModelStore, default_store
    from khcn.engines.vision.detect.whole import WholeFrameDetector
    from khcn.engines.vision.track.follow import Follower
    from khcn.engines.vision.track.settings import TrackerSettings

    folder, size = MODELS[label]
    video = shared / "data/markets/vtest.avi"
    truth = read_mot(shared / "data/markets/PETS09-S2L1_gt.txt")
    with tempfile.TemporaryDirectory() as work:
        store = default_store(None)
        if folder:
            store = ModelStore([Path(work)])
            models_add(store, shared / "data/markets/models" / folder, folder)
        start = time.process_time()
        detector = make_detector(store, folder or None, size=size)
        loaded = time.process_time() - start
    if label == WHOLE:
        detector = WholeFrameDetector(replace(detector.card, regions=False), detector._network)
    thresholds = detector.card.thresholds
    follower = Follower(TrackerSettings(high=thresholds.high, low=thresholds.low), Size(768, 576))
    found, spent = {}, 0.0
    for frame in frames_of(video, detector.working_size(Size(768, 576)), every):
        hints = Hints(tracked=follower.expected(frame.t))
        start = time.process_time()
        detections = detector.detect(frame, hints)
        spent += time.process_time() - start
        follower.update(detections, frame.t)
        found[frame.index] = detections
    return {
        "ap50": average_precision(found, truth),
        "ms": spent / len(found) * 1000,
        "load_s": loaded,
        "mb": getrusage(RUSAGE_SELF).ru_maxrss / 1024,
        "regions": getattr(detector, "looked", len(found)) / len(found),
    }


def main() -> int:
    """Print the table; with ``--json`` one document as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--fps", type=int, default=5, choices=(1, 2, 5, 10), help="frames a second looked at")
    parser.add_argument("--only", default="", help="part of a detector's name")
    options = parser.parse_args()
    shared = Path(os.environ.get("KHCN_SHARED", "../shared"))
    if not (shared / "data/markets/vtest.avi").is_file():
        print(f"benchmarks.markets.detectors: no development data in {shared}", file=sys.stderr)
        return 1
    results = {}
    fresh = multiprocessing.get_context("spawn")  # memory is measured in a process that did nothing else
    for label in (each for each in MODELS if options.only in each):
        with fresh.Pool(1) as pool:
            results[label] = pool.apply(measure, (label, shared, 10 // options.fps))
    peer = results.get(WHOLE, {})
    figures = []
    for label, result in results.items():
        beside = {"peer": WHOLE} if peer else {}
        aim = AIMS.get(label)
        figures += [
            {"figure": f"{label}: AP50", "value": result["ap50"], "aim": aim, "peer_value": peer.get("ap50"), **beside,
             "ok": None if aim is None else result["ap50"] >= aim},
            {"figure": f"{label}: CPU a frame", "value": result["ms"], "unit": "ms", "peer_value": peer.get("ms"), **beside},
            {"figure": f"{label}: networks run a frame", "value": result["regions"], "unit": ""},
            {"figure": f"{label}: process at its peak", "value": result["mb"], "unit": "MB", "aim": 200,
             "ok": result["mb"] <= 200},
            {"figure": f"{label}: CPU to load", "value": result["load_s"], "unit": "s"},
        ]  # fmt: skip
    if options.json:
        print(json.dumps({"name": "detectors", "figures": figures}, ensure_ascii=False))
    else:
        print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
