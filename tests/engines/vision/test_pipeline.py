"""Recordings from end to end with a detector that sees the bright block."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from khcn.engines.vision.chain import ChainSettings, Look
from khcn.engines.vision.errors import LayoutError, SourceError
from khcn.engines.vision.evaluate.truth import parse_mot
from khcn.engines.vision.health import Signs
from khcn.engines.vision.layout import Layout, parse_layout
from khcn.engines.vision.pipeline import analyse, evaluate
from khcn.engines.vision.types import Detections
from tests.engines.vision.sources.clips import BlockDetector, clip, mpegts

pytestmark = pytest.mark.nodb

LAYOUT = parse_layout(
    {
        "gates": [{"id": "Cửa", "points": [[160, 240], [160, 0]], "direction": "in"}],
        "zones": [{"id": "Sạp", "polygon": [[200, 100], [320, 100], [320, 240], [200, 240]]}],
        "frame": [320, 240],
    }
)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen seconds: the block walks through the gate twice."""
    path = tmp_path_factory.mktemp("clips") / "walk.mp4"
    clip(path, seconds=16, fps=10)
    return path


@pytest.mark.parametrize("fps", [10, 5, 2.5])
def test_two_walkers_are_two_crossings(walk: Path, fps: float) -> None:
    result = analyse(walk, LAYOUT, BlockDetector(), fps=fps).as_json()
    assert [(one["gate"], one["direction"]) for one in result["crossings"]] == [("Cửa", "in")] * 2
    assert [one["t"] for one in result["crossings"]] == pytest.approx([4.0, 12.0], abs=0.8)
    assert result["model"] == "block" and result["frames"] == round(16 * fps)
    assert result["seconds_video"] == pytest.approx(16, abs=0.2) and result["health"] == []
    assert result["cpu_seconds"] > 0 and result["peak_rss_mb"] > 20  # the peak of this very process
    zone = result["zones"][0]
    assert zone["entries"] == 2 and zone["person_seconds"] == pytest.approx(6.6, abs=1.5)
    assert {"id", "person_seconds", "entries", "occupancy_mean", "occupancy_peak", "dwell_littles_s"} <= set(
        zone
    )
    assert {"t", "count"} == set(result["occupancy"][0])
    json.dumps(result)


def test_an_empty_hall_lets_the_detector_rest(tmp_path: Path) -> None:
    clip(tmp_path / "a.mp4", seconds=40, fps=5, walker=lambda t: 30 < t < 36)
    detector = BlockDetector()
    result = analyse(tmp_path / "a.mp4", LAYOUT, detector, fps=5)
    assert detector.runs < 90 and len(result.crossings) <= 1
    assert result.scene["seconds_measured"] == pytest.approx(40, abs=2.5)  # rested, yet measured
    everything = BlockDetector()
    analyse(tmp_path / "a.mp4", LAYOUT, everything, fps=5, settings=ChainSettings(gate=False), idle=False)
    assert everything.runs == 200


def test_truth_is_met(walk: Path) -> None:
    lines = []
    for at in range(160):
        x = int((at / 10 % 8) / 8 * 296)
        lines.append(f"{at + 1},{1 + at // 80},{x},60,24,120,1,-1,-1,-1")
    found = evaluate(walk, parse_mot(lines), LAYOUT, BlockDetector(), fps=10)
    assert set(found) == {"model", "hota", "mota", "idf1", "id_switches", "crossings", "occupancy_mae"}
    assert found["crossings"] == {"truth": 2, "found": 2, "precision": 1.0, "recall": 1.0}
    assert found["hota"] > 0.7 and found["idf1"] > 0.9 and found["occupancy_mae"] < 0.15


def test_numbers_survive_the_way_to_the_state_file() -> None:
    boxes = np.array([[1 / 3, 2 / 7, 100.1, 200.2]], np.float32)
    look = Look(
        0.1 + 0.2, 7, True, Detections(boxes, np.array([0.1], np.float32)), Signs(1, 2, 3, 4, 5), True
    )
    back = Look.from_json(json.loads(json.dumps(look.as_json())))
    assert (back.detections.boxes == boxes).all() and (back.t, back.index, back.quiet) == (look.t, 7, True)
    assert back.signs == look.signs


def killed_in_the_middle(walk: Path, state: Path, layout: Path) -> None:
    """Start a run in another process and kill it without warning once it has saved something."""
    code = (
        "import sys, time; from pathlib import Path\n"
        "from khcn.engines.vision import pipeline\n"
        "from khcn.engines.vision.layout import read_layout\n"
        "from tests.engines.vision.sources.clips import BlockDetector\n"
        "pipeline.SAVE_S = 0.0\n"
        "pipeline.analyse(sys.argv[1], read_layout(Path(sys.argv[3])), BlockDetector(), fps=5, state=Path(sys.argv[2]),\n"
        "    progress=lambda done, total: (print(done, flush=True), time.sleep(0.02)))\n"
    )
    root = Path(__file__).parents[3]
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(walk), str(state), str(layout)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    )
    assert child.stdout is not None
    for line in child.stdout:
        if float(line) > 6:
            break
    os.kill(child.pid, signal.SIGKILL)
    child.wait()


def test_killed_and_started_again_gives_the_same_result(walk: Path, tmp_path: Path) -> None:
    layout, state = tmp_path / "layout.json", tmp_path / "state"
    layout.write_text(json.dumps(LAYOUT.as_json()))
    killed_in_the_middle(walk, state, layout)
    assert state.exists() and b"\x00" not in state.read_bytes()  # numbers, no picture
    with state.open("ab") as file:
        file.write(b'{"t": 99')  # and half a line
    whole = analyse(walk, LAYOUT, BlockDetector(), fps=5)
    detector = BlockDetector()
    again = analyse(walk, LAYOUT, detector, fps=5, state=state)
    assert detector.runs < 55 and not state.exists()
    first, second = whole.as_json(), again.as_json()
    for name in (
        "crossings",
        "zones",
        "occupancy",
        "health",
        "frames",
        "gates",
        "detector_runs",
        "seconds_measured",
    ):
        assert first[name] == second[name], name


def test_the_state_of_another_run_is_refused(walk: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_text('{"run": {"video": ["other.mp4", 1, 2]}}\n{"t": 0}\n')
    with pytest.raises(SourceError) as caught:
        analyse(walk, LAYOUT, BlockDetector(), state=state)
    assert caught.value.code == "state-other" and state.exists()


def test_another_size_of_the_same_view_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_bytes(mpegts(seconds=8) + mpegts(seconds=8, size=(640, 480)))
    result = analyse(tmp_path / "a.ts", LAYOUT, BlockDetector(), fps=5)
    assert len(result.crossings) == 2 and all(abs(one.x - 160) < 60 for one in result.crossings)
    assert [(event.kind, event.end is not None) for event in result.health] == [("resized", True)]


def test_another_shape_is_not_measured(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_bytes(mpegts(seconds=8) + mpegts(seconds=8, size=(640, 240)))
    result = analyse(tmp_path / "a.ts", LAYOUT, BlockDetector(), fps=5)
    assert len(result.crossings) == 1 and result.scene["seconds_measured"] == pytest.approx(8, abs=1)
    assert [(event.kind, event.end) for event in result.health] == [("resized", None)]


def test_a_layout_off_the_picture_is_refused(walk: Path) -> None:
    off = parse_layout({"gates": [{"id": "A", "points": [[900, 0], [900, 50]]}]})
    with pytest.raises(LayoutError):
        analyse(walk, off, BlockDetector())


def test_an_empty_layout_still_counts_occupancy(walk: Path) -> None:
    result = analyse(walk, Layout(), BlockDetector(), fps=5).as_json()
    assert result["crossings"] == [] and max(one["count"] for one in result["occupancy"]) == 1
