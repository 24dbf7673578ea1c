"""Counting against truth: crossings, HOTA, IDF1 and occupancy on the shared clips, beside supervision + ByteTrack.

The peer gets the very same detections of the very same frames. A visit of the second clip is one way out through a
right-hand gate within three seconds of the end that was read by eye.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import av

from benchmarks.markets.cases import markets_folder, store_with_models
from benchmarks.runner import print_figures
from khcn.engines.vision.detect.factory import make_detector
from khcn.engines.vision.detect.store import ModelStore
from khcn.engines.vision.evaluate.truth import read_mot
from khcn.engines.vision.layout import parse_layout
from khcn.engines.vision.runs import run_analyse, run_evaluate
from khcn.engines.vision.types import Detections, Frame, Hints, Size

GATES = {"gates": [{"id": f"x{x}", "points": [[x, 0], [x, 576]], "direction": "in"} for x in (320, 480, 640)]}
LEAVING = (600, 650, 700)  # the lines of the second clip
RETAIL = "person-detection-retail-0013"
# model, frames a second, aims: precision and recall, HOTA, IDF1, occupancy MAE
RUNS: list[tuple[str | None, float, float | None, float | None, float | None, float | None]] = [
    (RETAIL, 10, 0.99, None, None, 0.55),
    (RETAIL, 5, 0.99, 0.60, 0.85, 0.55),
    (RETAIL, 2.5, None, None, None, None),
    (None, 10, 0.95, None, None, None),
    (None, 5, None, None, None, None),
    ("person-detection-0200", 5, None, None, None, None),
    ("yolox-nano", 5, None, None, None, None),
]


def row(
    figure: str,
    value: float | None,
    aim: float | None,
    *,
    least: bool = True,
    peer: str = "",
    peer_value: float | None = None,
    unit: str = "",
) -> dict[str, Any]:
    """Return one figure; ``least``: the aim is a lower bound."""
    ok = None if aim is None or value is None else (value >= aim if least else value <= aim)
    return {
        "figure": figure, "value": value, "unit": unit, "aim": aim, "ok": ok, "peer": peer, "peer_value": peer_value,
    }  # fmt: skip


def detections(video: Path, store: ModelStore, fps: float) -> list[tuple[int, float, Detections]]:
    """Return what the plain detector finds in the sampled frames."""
    detector = make_detector(store, RETAIL)
    found = []
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 10)
        step = round(rate / fps)
        for number, picture in enumerate(container.decode(stream)):
            if number % step == 0:
                source = Size(picture.width, picture.height)
                size = detector.working_size(source)
                image = picture.to_ndarray(format="bgr24", width=size.width, height=size.height)
                frame = Frame(number / rate, image, source, number)
                found.append((number, number / rate, detector.detect(frame, Hints())))
    return found


def peers(folder: Path, store: ModelStore, fps: float) -> tuple[float | None, float | None]:
    """Return precision and recall of the peer, or nothing when it is not installed."""
    try:
        from benchmarks.markets.peer import peer_score
    except ImportError as error:
        print(f"peer not installed ({error}): make bench-markets installs it", file=sys.stderr)
        return None, None
    video = folder / "vtest.avi"
    score = peer_score(
        read_mot(folder / "PETS09-S2L1_gt.txt"),
        detections(video, store, fps),
        parse_layout(GATES).gates,
        fps=fps,
        source_fps=10.0,
        high=0.5,
    )
    return score.precision, score.recall


def walkway(folder: Path, store: ModelStore) -> list[dict[str, Any]]:
    """Score every model on vtest.avi."""
    rows = []
    for model, fps, aim, aim_hota, aim_idf1, aim_mae in RUNS:
        name = f"{model or 'packaged model'}, {fps:g} fps"
        got = run_evaluate(
            folder / "vtest.avi", folder / "PETS09-S2L1_gt.txt", parse_layout(GATES), store, model, fps=fps
        )
        peer = peers(folder, store, fps) if model == RETAIL else (None, None)
        label = "supervision LineZone + ByteTrack" if peer[0] is not None else ""
        crossings = got["crossings"]
        rows += [
            row(
                f"precision of crossings, {name}", crossings["precision"], aim, peer=label, peer_value=peer[0]
            ),
            row(f"recall of crossings, {name}", crossings["recall"], aim, peer=label, peer_value=peer[1]),
            row(f"HOTA, {name}", got["hota"], aim_hota),
            row(f"IDF1, {name}", got["idf1"], aim_idf1),
            row(f"occupancy MAE, {name}", got["occupancy_mae"], aim_mae, least=False, unit="people"),
        ]
    return rows


def table(folder: Path, store: ModelStore) -> list[dict[str, Any]]:
    """Count the visits of the clip in which six people come one after another."""
    truth = json.loads((folder / "intel_one_by_one_gt.json").read_text())
    gates = [{"id": str(x), "points": [[x, 0], [x, 432]], "direction": "in"} for x in LEAVING]
    layout = parse_layout({"gates": gates})
    rows = []
    for model in (RETAIL, None):
        result = run_analyse(folder / "intel_one_by_one.mp4", layout, store, model, fps=5)
        name = model or "packaged model"
        for x in LEAVING:
            crossings = [c for c in result.crossings if c.gate == str(x)]
            ways = sorted(c.t for c in crossings if c.direction == "out")
            found = sum(sum(abs(t - end) <= 3 for t in ways) == 1 for _start, end in truth["visits"])
            where = f"{name}, 5 fps, line at {x}"
            rows.append(row(f"visits of six, {where}", found, 6 if model else None, unit="visits"))
            rows.append(row(f"crossings counted in all, {where} (6 true)", len(crossings), None))
    return rows


def main(argv: list[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    folder = markets_folder()
    figures: list[dict[str, Any]] = []
    if folder is not None:
        with tempfile.TemporaryDirectory() as place:
            store = store_with_models(folder, Path(place))
            figures = walkway(folder, store) + table(folder, store)
    if options.json:
        print(json.dumps({"name": "markets: counting against truth", "figures": figures}, ensure_ascii=False))
    else:
        print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
