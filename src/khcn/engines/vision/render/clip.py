"""From a scenario to a video file and its truth."""

import os
from collections.abc import Callable
from pathlib import Path

import av
from av.video.stream import VideoStream

from khcn.engines.vision.render.scenarios import hall_layout
from khcn.engines.vision.render.script import Scenario
from khcn.engines.vision.render.stage import Shown, Stage
from khcn.engines.vision.render.truth import Truth, truth_of

CODECS: tuple[tuple[str, dict[str, str]], ...] = (  # the first that the bundled FFmpeg can write
    ("libx264", {"crf": "21", "preset": "veryfast"}),
    ("libopenh264", {"b": "1500000"}),
    ("mpeg4", {"qscale": "4"}),
    ("mjpeg", {"qscale": "4"}),
)
Progress = Callable[[int, int], None]


def render_clip(
    scenario: Scenario, path: Path, *, codec: str | None = None, progress: Progress | None = None
) -> Truth:
    """Draw ``scenario`` into a video file and return what happened in it. The file appears only when complete.

    Raises:
        ValueError: no usable encoder.
    """
    name, options = _encoder(codec)
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    seen: list[list[Shown]] = []
    try:
        with av.open(
            str(part), "w", options={"movflags": "+faststart"} if path.suffix == ".mp4" else {}
        ) as out:
            stream = out.add_stream(name, rate=scenario.fps, options=options)
            assert isinstance(stream, VideoStream)  # noqa: S101  # a video encoder gives a video stream
            stream.width, stream.height = scenario.camera.width, scenario.camera.height
            stream.pix_fmt = "yuvj420p" if name == "mjpeg" else "yuv420p"
            stream.codec_context.thread_count = 1
            for number, (picture, shown) in enumerate(Stage(scenario).frames(), 1):
                seen.append(shown)
                out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
                if progress:
                    progress(number, scenario.frames)
            out.mux(stream.encode(None))
        os.replace(part, path)  # noqa: PTH105  # atomic by contract
    finally:
        part.unlink(missing_ok=True)
    return truth_of(seen, scenario.fps, hall_layout(scenario.camera), scenario.incidents)


def _encoder(wanted: str | None) -> tuple[str, dict[str, str]]:
    for name, options in CODECS:
        if wanted in {None, name}:
            try:
                av.Codec(name, "w")
            except ValueError:  # av.codec.UnknownCodecError is one
                continue
            return name, options
    raise ValueError(
        f"no encoder {wanted or ''} in this FFmpeg; known here: {', '.join(n for n, _ in CODECS)}"
    )
