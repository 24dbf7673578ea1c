"""Pixels never reach a disk, except through the one door. Proved by watching every file that is opened."""

import ast
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

import khcn.engines.vision
from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.measure.slits import Strip
from khcn.engines.vision.privacy import SlitStore, blur_people, png, preview_frame, setup_still
from khcn.engines.vision.sources.spec import recording
from khcn.engines.vision.types import Detections, Frame, Size
from tests.engines.vision.sources.clips import BlockDetector, clip, picture

pytestmark = pytest.mark.nodb

ROOM = Path(khcn.engines.vision.__file__).parent
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

WATCHED = """
import json, os, sys, threading, time
from pathlib import Path
opened = []
def watch(event, args):
    if event == "open" and isinstance(args[0], (str, bytes, os.PathLike)):
        flags = args[2] or 0
        if (isinstance(args[1], str) and set(args[1]) & set("wax+")) or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            opened.append(str(args[0]))
    elif event in {"os.mkdir", "os.rename", "shutil.copyfile", "tempfile.mkstemp", "tempfile.mkdtemp"}:
        opened.append(str(args[0]))
sys.addaudithook(watch)
from khcn.engines.vision.box import BoxRunner
from khcn.engines.vision.live import CameraConfig
from khcn.engines.vision.layout import parse_layout
from khcn.engines.vision.pipeline import analyse
from khcn.engines.vision.privacy import SlitStore
from khcn.engines.vision.sources.spec import camera
from khcn.engines.vision.spool import Spool
from tests.engines.vision.sources.clips import BlockDetector
video, place = sys.argv[1], Path(sys.argv[2])
layout = parse_layout({"gates": [{"id": "A", "points": [[160, 240], [160, 0]]}], "frame": [320, 240]})
analyse(video, layout, BlockDetector(), fps=5, state=place / "state")
spool = Spool(place / "spool")
box = BoxRunner([CameraConfig("c", camera([video], fps=5), layout)], lambda c: BlockDetector(), spool,
                slits=SlitStore(place / "slits"))
stop = threading.Event()
threading.Timer(8, stop.set).start()
box.run(stop)
spool.close()
print(json.dumps(sorted(set(opened))))
"""


def test_a_run_and_a_live_camera_write_numbers_and_slit_scans_only(tmp_path: Path) -> None:
    video, place = tmp_path / "in" / "walk.mp4", tmp_path / "out"
    video.parent.mkdir()
    place.mkdir()
    clip(video, seconds=10, fps=10)
    env = {"PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin", "TMPDIR": str(place), "HOME": str(place)}
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(video), str(place)],
        capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[3], env=env, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    opened = [Path(one) for one in json.loads(done.stdout.splitlines()[-1])]
    allowed = [place / "spool", place / "slits", place / "state"]
    strange = [
        one
        for one in opened
        if one != Path("/dev/null") and not any(one.is_relative_to(ok) for ok in allowed)
    ]
    assert strange == []
    left = {path.relative_to(place).parts[0] for path in place.rglob("*") if path.is_file()}
    assert left == {"spool", "slits"}
    for path in (place / "spool").rglob("*.jsonl"):
        for line in path.read_text().splitlines():
            assert set(json.loads(line)["m"]) == {
                "camera", "start", "measured_s", "person_s", "peak", "layout", "gates", "zones", "heat", "health",
            }  # fmt: skip
    for path in (place / "slits").rglob(
        "*.png"
    ):  # a slit-scan is as narrow as its gate is coarse: no face in it
        width = int.from_bytes(path.read_bytes()[16:20], "big")
        assert width <= 160


def test_the_watch_would_catch_a_leak(tmp_path: Path) -> None:
    """The proof above is worth nothing if writing a picture would go unseen."""
    leak = WATCHED.split("from khcn.engines.vision.box", maxsplit=1)[0] + (
        "open(sys.argv[1] + '/leak.png', 'wb').write(b'x'); print(json.dumps(opened))"
    )
    done = subprocess.run(
        [sys.executable, "-c", leak, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [f"{tmp_path}/leak.png"]


def test_the_reader_process_cannot_write_files(tmp_path: Path) -> None:
    code = (
        "from khcn.engines.vision.sources.child import limit\n"
        "limit({'memory_mb': 4096, 'cpu_s': None})\n"
        "import resource; assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)\n"
        f"open({str(tmp_path / 'leak')!r}, 'wb').write(b'pixels' * 1000)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "File too large" in done.stderr
    assert not (tmp_path / "leak").exists() or (tmp_path / "leak").stat().st_size == 0


ENCODERS = {"PIL", "cv2", "imageio", "matplotlib", "skimage", "tifffile", "png"}


def test_no_other_module_encodes_pictures() -> None:
    for path in ROOM.rglob("*.py"):
        if path.name == "privacy.py" or "render" in path.parts:
            continue  # render makes clips of people who do not exist
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        saves = any(
            isinstance(node, ast.Attribute) and node.attr in {"save", "savefig", "imwrite"} for node in nodes
        )
        for node in nodes:
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            found = {name.split(".")[0] for name in names} & ENCODERS
            assert not found or (found == {"PIL"} and not saves), path  # Pillow may resize, never save
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in {
                    "to_image",
                    "add_stream",
                    "imwrite",
                    "tofile",
                    "savez",
                    "memmap",
                }, path
                is_save = node.func.attr == "save" and isinstance(node.func.value, ast.Name)
                assert not (is_save and node.func.value.id in {"np", "numpy", "frame", "image"}), path


def test_slit_scans_are_kept_for_days_and_deleted(tmp_path: Path) -> None:
    store = SlitStore(tmp_path, days=30)
    strip = Strip("Cửa ../1", 0.0, 5.0, np.zeros((10, 20, 3), np.uint8))
    for age in (0, 29, 31, 400):
        store.write("cam/..", strip, NOON - timedelta(days=age))
    assert all(one.path.resolve().is_relative_to(tmp_path.resolve()) for one in store.all())
    assert {(one.camera, one.gate, one.rows_s) for one in store.all()} == {("cam/..", "Cửa ../1", 5.0)}
    assert store.delete_old(NOON) == 2 and len(store.all("cam/..", "Cửa ../1")) == 2
    assert store.delete_camera("cam/..") == 2 and store.all() == []


def test_png_is_what_others_read(tmp_path: Path) -> None:
    from io import BytesIO

    from PIL import Image

    image = picture(2, 64, 48)
    assert (np.asarray(Image.open(BytesIO(png(image))))[:, :, ::-1] == image).all()
    assert (np.asarray(Image.open(BytesIO(png(image[:, :, 0])))) == image[:, :, 0]).all()


def test_the_set_up_still_shows_nobody(tmp_path: Path) -> None:
    clip(tmp_path / "a.mp4", seconds=24, fps=5)
    still = setup_still(recording(tmp_path / "a.mp4"), BlockDetector(), seconds=24)
    assert still.shape == (240, 320, 3) and (still > 200).mean() < 0.001
    room = picture(0, 320, 240, walker=False, noise=0)
    assert np.abs(still.astype(int) - room).mean() < 14


def test_a_still_needs_time(tmp_path: Path) -> None:
    clip(tmp_path / "a.mp4", seconds=1, fps=5)
    with pytest.raises(SourceError) as caught:
        setup_still(recording(tmp_path / "a.mp4"), BlockDetector(), seconds=60)
    assert caught.value.code == "still-too-few"


def test_whoever_stands_still_for_ever_is_blurred_beyond_recognition(tmp_path: Path) -> None:
    clip(tmp_path / "a.mkv", times=[at / 2 for at in range(40)], noise=0, walker=lambda t: True)

    class Always(BlockDetector):
        def detect(self, frame: Frame, hints: object) -> Detections:
            return Detections(np.array([[100, 60, 140, 200]], np.float32), np.ones(1, np.float32))

    still = setup_still(recording(tmp_path / "a.mkv"), Always(), seconds=20)
    inside = still[70:190, 105:135].reshape(-1, 3)
    assert len(np.unique(inside, axis=0)) < 60  # coarse blocks


def test_a_preview_hides_people_and_what_moves(tmp_path: Path) -> None:
    clip(tmp_path / "a.mp4", seconds=4, fps=10)

    class Blind(BlockDetector):
        def detect(self, frame: Frame, hints: object) -> Detections:
            return Detections.empty()

    for detector in (BlockDetector(), Blind()):
        shown = preview_frame(recording(tmp_path / "a.mp4"), detector)
        assert shown.shape == (240, 320, 3)
    rng = np.random.default_rng(1)
    frame = Frame(0, rng.integers(0, 255, (240, 320, 3), dtype=np.uint8), Size(640, 480))
    hidden = blur_people(
        frame, Detections(np.array([[100, 100, 300, 400]], np.float32), np.ones(1, np.float32))
    )
    assert len(np.unique(hidden[60:190, 60:140].reshape(-1, 3), axis=0)) < 200  # of 10 400 pixels
