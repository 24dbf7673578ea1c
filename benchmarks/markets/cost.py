"""What counting costs: processor share and memory per camera, cameras per two cores, an empty scene; beside decode only.

The clip is 1080p25 H.264 at 3-4 Mbit/s with a key picture every two seconds, made here: the walkway of vtest.avi
(``KHCN_SHARED``) upscaled, or, without it, textured blocks that walk. The empty clip is one of its pictures with the
noise of a camera. Model: person-detection-retail-0013 at 544x320 from ``KHCN_SHARED``, else the packaged one.
Shares are processor seconds (reader process included) by seconds of film.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

FPS = 5.0
SECONDS = 40


def shared() -> Path | None:
    """Return the folder of development data, when there is one."""
    place = Path(os.environ.get("KHCN_SHARED", "../shared")) / "data" / "markets"
    return place if place.is_dir() else None


def make_clips(folder: Path) -> tuple[Path, Path]:
    """Write the busy and the empty clip."""
    import av

    rng = np.random.default_rng(3)
    busy, empty = folder / "busy.mp4", folder / "empty.mp4"
    pictures = []
    data = shared()
    if data is not None:
        with av.open(str(data / "vtest.avi")) as source:
            for frame in source.decode(video=0):
                pictures.append(frame.reformat(1920, 1080, "yuv420p").to_ndarray())
                if len(pictures) == SECONDS * 2:
                    break
    else:
        ground = np.repeat(np.repeat(rng.integers(60, 180, (135, 120), dtype=np.uint8), 12, 0), 16, 1)
        for at in range(SECONDS * 2):
            image = np.full((1620, 1920), 128, np.uint8)
            image[:1080] = ground[:1080]
            for k in range(8):
                x = (k * 230 + at * (6 + k)) % 1860
                image[300 + 40 * k : 460 + 40 * k, x : x + 50] = 230
            pictures.append(image)
    grain = [rng.integers(-3, 4, pictures[0].shape, dtype=np.int16) for _ in range(7)]
    for path, still in ((busy, False), (empty, True)):
        with av.open(str(path), "w") as out:
            stream = out.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 1920, 1080, "yuv420p", 3_500_000
            stream.options = {"preset": "veryfast", "g": "50", "bf": "0", "threads": "2"}
            for at in range(SECONDS * 25):
                # Two pictures and a half of the camera for each of the source: people walk at half speed.
                base = pictures[0] if still else pictures[min(len(pictures) - 1, at * 2 // 25)]
                image = np.clip(base + grain[at % 7], 0, 255).astype(np.uint8)
                out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="yuv420p")))
            out.mux(stream.encode(None))
    return busy, empty


def decode_only(path: Path) -> float:
    """Return the share of a core that PyAV takes to decode every picture, one thread, no conversion."""
    import av

    begun = time.process_time()
    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        stream.codec_context.thread_count = 1
        count = sum(1 for _ in source.decode(stream))
    return (time.process_time() - begun) / (count / 25)


def store_and_model(folder: Path) -> tuple[Any, str | None]:
    """Return a store with the model that is measured."""
    from khcn.engines.vision.detect.add import models_add
    from khcn.engines.vision.detect.store import ModelStore, default_store

    data = shared()
    if data is None:
        return default_store(None), None
    store = ModelStore([folder / "models"])
    models_add(store, data / "models" / "person-detection-retail-0013", "retail")
    return store, "retail"


def layout() -> Any:
    """Return two gates and a zone for 1080p."""
    from khcn.engines.vision.layout import parse_layout

    return parse_layout(
        {
            "gates": [
                {"id": "A", "points": [[800, 0], [800, 1080]]},
                {"id": "B", "points": [[1300, 0], [1300, 1080]]},
            ],
            "zones": [{"id": "K", "polygon": [[200, 300], [1500, 300], [1500, 1000], [200, 1000]]}],
            "frame": [1920, 1080],
        }
    )


def one(path: Path, folder: Path) -> dict[str, Any]:
    """Analyse a clip in this process; return its cost."""
    from khcn.engines.vision.detect.factory import make_detector
    from khcn.engines.vision.pipeline import analyse

    store, model = store_and_model(folder)
    detector = make_detector(store, model, threads=1)
    found = analyse(path, layout(), detector, fps=FPS)
    return {
        "share": found.cpu_seconds / found.seconds_video,
        "model": found.model,
        "runs": found.detector_runs,
        "frames": found.frames,
        "mb": found.peak_rss_mb,
    }


def soak(path: Path, folder: Path, cameras: int, seconds: float) -> dict[str, Any]:
    """Run looping files as live cameras; return what was dropped and what it cost."""
    from khcn.engines.vision.box import BoxRunner
    from khcn.engines.vision.detect.factory import make_detector
    from khcn.engines.vision.live import CameraConfig
    from khcn.engines.vision.process import cpu_s, peak_rss_mb
    from khcn.engines.vision.sources.spec import camera
    from khcn.engines.vision.spool import Spool

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    store, model = store_and_model(folder)
    before = peak_rss_mb()
    spool = Spool(folder / f"spool-{cameras}")
    configs = [CameraConfig(f"c{n}", camera([str(path)], fps=FPS), layout()) for n in range(cameras)]
    box = BoxRunner(configs, lambda _: make_detector(store, model, threads=1), spool)
    stop = threading.Event()
    threading.Timer(seconds + 5, stop.set).start()
    last: dict[str, Any] = {}
    marks: list[tuple[float, int]] = []

    def look() -> None:
        while not stop.wait(1.0):
            last.update(box.status())
            marks.append((time.monotonic(), sum(camera["frames"] for camera in last["cameras"])))

    cpu, begun = cpu_s(), time.monotonic()
    threading.Thread(target=look, daemon=True).start()
    box.run(stop)
    wall = time.monotonic() - begun
    steady = [mark for mark in marks if mark[0] - begun > 8]
    rate = (steady[-1][1] - steady[0][1]) / (steady[-1][0] - steady[0][0]) / cameras
    readers = last["cameras"]
    spool.close()
    return {
        "cameras": cameras,
        "dropped": sum(camera["dropped"] for camera in readers),
        "fps": rate,
        "share": (cpu_s() - cpu + sum(camera["reader_cpu_s"] for camera in readers)) / wall / cameras,
        "mb": (peak_rss_mb() - before) / cameras + max(camera["reader_mb"] for camera in readers),
    }


def apart(what: str, path: Path, folder: Path, *more: str, isa: str = "") -> dict[str, Any]:
    """Run one measurement in a process of its own."""
    env = os.environ | ({"ONEDNN_MAX_CPU_ISA": isa} if isa else {})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.markets.cost", "--part", what, str(path), str(folder), *more],
        stdout=subprocess.PIPE, text=True, check=True, env=env,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def figures(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        busy, empty = make_clips(folder)
        limit = decode_only(busy)
        whole, capped, idle = (
            apart("one", busy, folder),
            apart("one", busy, folder, isa="AVX2"),
            apart("one", empty, folder),
        )
        idle_limit = decode_only(empty)
        run = apart("soak", busy, folder, str(options.cameras), str(options.seconds))

    def row(
        figure: str,
        value: float,
        unit: str,
        aim: float,
        less: bool,
        peer: str = "",
        peer_value: float | None = None,
    ) -> dict[str, Any]:
        ok = value <= aim if less else value >= aim
        return {
            "figure": figure,
            "value": value,
            "unit": unit,
            "aim": aim,
            "peer": peer,
            "peer_value": peer_value,
            "ok": ok,
        }

    decode = "PyAV decode only"
    held = run["cameras"] if run["dropped"] == 0 and run["fps"] > 0.98 * FPS else 0
    return [
        row(
            f"one core, 1080p25 at 5 fps, {whole['model']}",
            100 * whole["share"],
            "%",
            15,
            True,
            decode,
            100 * limit,
        ),
        row("same, processor capped to AVX2", 100 * capped["share"], "%", 28, True, decode, 100 * limit),
        row(
            "empty scene, last 20 s at rest included",
            100 * idle["share"],
            "%",
            5,
            True,
            decode,
            100 * idle_limit,
        ),
        row(
            f"cameras on two cores, {options.seconds:.0f} s, none dropped",
            held,
            "",
            6,
            False,
            "samples dropped",
            run["dropped"],
        ),
        row("same: samples a second of each camera", run["fps"], "", 0.98 * FPS, False),
        row("same: memory per camera", run["mb"], "MB", 200, True),
    ]


def main(argv: list[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--cameras", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.part:
        what, path, folder, *more = options.part
        where = Path(path), Path(folder)
        print(json.dumps(one(*where) if what == "one" else soak(*where, int(more[0]), float(more[1]))))
        return 0
    found = figures(options)
    if options.json:
        print(json.dumps({"name": "Market halls: what counting costs", "figures": found}))
    else:
        for row in found:
            print(
                f"{row['figure']:<56} {row['value']:8.2f} {row['unit']:<3} aim {row['aim']:<6} {row['peer']} {row['peer_value']}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
