"""The one door through which pixels leave memory. Nothing else in this room may encode or write a picture.

Three things come through it, none of which shows a person: slit-scans of gates (kept for days, then deleted), the
set-up still (median of many seconds, blurred) and the preview (whoever is in it blurred; handed out, never stored).
"""

import struct
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, unquote

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.measure.slits import Strip
from khcn.engines.vision.sources.reader import Ended, Reader, Sample
from khcn.engines.vision.sources.spec import SourceSpec
from khcn.engines.vision.types import Detections, Detector, Floats, Frame, Hints, Image, Size

SLIT_DAYS = 30
STILL_WIDTH = 1280
PREVIEW_WIDTH = 960
LEAST_FRAMES = 12
MOST_FRAMES = 41
WEAK = 0.15  # for hiding people, a weak detection is enough
Progress = Callable[[float, float | None], None]


# -- slit-scans --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SlitFile:
    """One slit-scan on disk: row i shows ``start`` + i / ``rows_s`` seconds."""

    path: Path
    camera: str
    gate: str
    start: datetime
    rows_s: float


class SlitStore:
    """Slit-scans in ``<folder>/<camera>/<gate>/<UTC start>_<rows a second>.png``, deleted after ``days``."""

    def __init__(self, folder: Path, *, days: int = SLIT_DAYS) -> None:
        self.folder, self.days = folder, days

    def write(self, camera: str, strip: Strip, start: datetime) -> SlitFile:
        """Keep a strip that began at ``start``. Raises OSError when the disk is full."""
        place = self.folder / _safe(camera) / _safe(strip.gate)
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{start.astimezone(UTC):%Y%m%dT%H%M%S}_{strip.rows_s:g}.png"
        half = path.with_suffix(".new")
        half.write_bytes(png(strip.pixels))
        half.replace(path)
        return SlitFile(path, camera, strip.gate, start, strip.rows_s)

    def all(self, camera: str | None = None, gate: str | None = None) -> list[SlitFile]:
        """Return what is there, oldest first."""
        found = []
        pattern = f"{_safe(camera) if camera else '*'}/{_safe(gate) if gate else '*'}/*.png"
        for path in self.folder.glob(pattern):
            stamp, _, rate = path.stem.partition("_")
            try:
                start = datetime.strptime(stamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
                rows_s = float(rate)
            except ValueError:
                continue
            found.append(
                SlitFile(path, unquote(path.parent.parent.name), unquote(path.parent.name), start, rows_s)
            )
        return sorted(found, key=lambda one: (one.start, one.camera, one.gate))

    def delete_old(self, now: datetime) -> int:
        """Delete what is older than the days of retention; return how many."""
        old = [one for one in self.all() if one.start < now - timedelta(days=self.days)]
        for one in old:
            one.path.unlink(missing_ok=True)
        return len(old)

    def delete_camera(self, camera: str) -> int:
        """Delete everything of one camera; return how many."""
        found = self.all(camera)
        for one in found:
            one.path.unlink(missing_ok=True)
        return len(found)


def _safe(name: str) -> str:
    """Return a name that is one folder below, whatever it contains."""
    return quote(name, safe="").replace(".", "%2E")[:200] or "%20"


# -- still and preview -------------------------------------------------------------------------------------------


def setup_still(
    source: SourceSpec, detector: Detector | None, *, seconds: float = 60.0, progress: Progress | None = None
) -> NDArray[np.uint8]:
    """Return the median background of ``seconds`` of a source, slightly blurred: BGR, at most 1280 wide.

    People are left out before the median where the detector sees them, so that they need not move much; where
    somebody stood all the time the picture is blurred beyond recognition.

    Raises:
        SourceError: too few pictures came in the time.
    """
    frames: list[Image] = []
    masks: list[NDArray[np.bool_]] = []
    for frame, end in _frames(source, detector, seconds, STILL_WIDTH, most=MOST_FRAMES, progress=progress):
        frames.append(frame.image)
        people = _people(frame, detector)
        masks.append(_mask(people.boxes, frame, grow=0.15))
        if end:
            break
    if len(frames) < LEAST_FRAMES:
        raise SourceError("still-too-few", needed=round(seconds), seconds=len(frames))
    return _background(frames, masks)


def preview_frame(source: SourceSpec, detector: Detector) -> NDArray[np.uint8]:
    """Return one picture with everybody in it blurred beyond recognition: BGR, at most 960 wide. Never stored.

    What moves is blurred too, so that somebody whom the detector misses is not shown. Raises SourceError.
    """
    last: Frame | None = None
    moving: NDArray[np.bool_] | None = None
    earlier: Image | None = None
    for frame, end in _frames(source, detector, 2.0, PREVIEW_WIDTH, most=8):
        if earlier is not None and earlier.shape == frame.image.shape:
            step = np.abs(frame.image.astype(np.int16) - earlier.astype(np.int16)).max(axis=2) > 18
            moving = step if moving is None else moving | step
        earlier, last = frame.image, frame
        if end:
            break
    if last is None:
        raise SourceError("source-empty", name=source.name)
    return blur_people(last, _people(last, detector), moving)


def blur_people(
    frame: Frame, people: Detections, moving: NDArray[np.bool_] | None = None
) -> NDArray[np.uint8]:
    """Return the picture with people (and what moves) replaced by coarse blocks, the rest slightly softened."""
    image = frame.image
    hide = _mask(people.boxes, frame, grow=0.2)
    if moving is not None:
        hide |= _widened(moving, max(4, image.shape[1] // 60))
    soft = _soften(image, max(1, image.shape[1] // 480))
    side = max(8, image.shape[0] // 24)
    return np.where(hide[:, :, None], _blocks(image, side), soft)


def _frames(
    source: SourceSpec,
    detector: Detector | None,
    seconds: float,
    width: int,
    *,
    most: int,
    progress: Progress | None = None,
) -> Iterator[tuple[Frame, bool]]:
    """Yield (frame, whether it is the last) spread over ``seconds``; patience ends with the source's own."""
    spec = replace(source, fps=min(60.0, max(0.2, most / max(seconds, 1.0))), idle=False)
    begun, first, count = time.monotonic(), None, 0
    with Reader(spec, lambda size: _fit(size, width)) as reader:
        while time.monotonic() - begun < seconds + spec.open_s + 30:
            message = reader.next(5.0)
            if isinstance(message, Ended):
                return
            if not isinstance(message, Sample):
                continue
            first = message.frame.t if first is None else first
            count += 1
            passed = message.frame.t - first
            if progress is not None:
                progress(passed, seconds)
            end = count >= most or passed >= seconds
            yield message.frame, end
            if end:
                return


def _fit(size: Size, width: int) -> Size:
    if size.width <= width:
        return size
    return Size(width, max(1, round(size.height * width / size.width)))


def _people(frame: Frame, detector: Detector | None) -> Detections:
    if detector is None:
        return Detections.empty()
    whole = np.array([[0, 0, frame.source.width, frame.source.height]], np.float32)
    found = detector.detect(Frame(frame.t, frame.image, frame.source, frame.index), Hints(moving=whole))
    return found.take(found.scores >= WEAK)


def _mask(boxes: Floats, frame: Frame, *, grow: float) -> NDArray[np.bool_]:
    """Return where the picture shows the boxes, grown by a part of their size."""
    height, width = frame.image.shape[:2]
    found = np.zeros((height, width), np.bool_)
    fx, fy = frame.scale
    for x1, y1, x2, y2 in boxes.tolist():
        dx, dy = (x2 - x1) * grow, (y2 - y1) * grow
        left, top = max(0, int((x1 - dx) / fx)), max(0, int((y1 - dy) / fy))
        found[top : max(top, int((y2 + dy) / fy) + 1), left : max(left, int((x2 + dx) / fx) + 1)] = True
    return found


def _background(frames: list[Image], masks: list[NDArray[np.bool_]]) -> NDArray[np.uint8]:
    """Return the median over the frames in which nobody was seen at a pixel, in bands to keep memory small."""
    height, width = frames[0].shape[:2]
    found = np.empty((height, width, 3), np.uint8)
    stuck = np.zeros((height, width), np.bool_)
    band = max(1, (16 << 20) // (len(frames) * width * 3 * 2))
    for top in range(0, height, band):
        rows = slice(top, min(height, top + band))
        stack = np.stack([frame[rows] for frame in frames]).astype(np.uint16)
        hidden = np.stack([mask[rows] for mask in masks])
        free = (~hidden).sum(axis=0)
        stuck[rows] = free < max(3, len(frames) // 5)
        stack[hidden & ~stuck[rows][None]] = 999  # sorts behind every colour
        stack.sort(axis=0)
        middle = np.where(stuck[rows], len(frames) // 2, (np.maximum(free, 1) - 1) // 2)
        found[rows] = np.take_along_axis(stack, middle[None, :, :, None], axis=0)[0].astype(np.uint8)
    soft = _soften(found, max(1, width // 640))
    return np.where(stuck[:, :, None], _blocks(found, max(8, height // 24)), soft)


def _soften(image: Image, radius: int) -> Image:
    """Return the mean over squares of 2 * radius + 1 pixels."""
    side = 2 * radius + 1
    padded = np.pad(
        image.astype(np.uint32), ((radius + 1, radius), (radius + 1, radius), (0, 0)), mode="edge"
    )
    total = padded.cumsum(0).cumsum(1)
    area = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    soft: Image = (area // side**2).astype(np.uint8)
    return soft


def _blocks(image: Image, side: int) -> Image:
    """Return the picture in squares of one colour each."""
    height, width = image.shape[:2]
    rows, columns = -(-height // side), -(-width // side)
    padded = np.pad(image, ((0, rows * side - height), (0, columns * side - width), (0, 0)), mode="edge")
    means = padded.reshape(rows, side, columns, side, 3).mean(axis=(1, 3)).astype(np.uint8)
    return np.repeat(np.repeat(means, side, axis=0), side, axis=1)[:height, :width]


def _widened(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """Return the mask grown to whole squares of ``by`` pixels that touch it, and their neighbours."""
    height, width = mask.shape
    rows, columns = -(-height // by), -(-width // by)
    padded = np.pad(mask, ((0, rows * by - height), (0, columns * by - width)))
    cells = np.pad(padded.reshape(rows, by, columns, by).sum(axis=(1, 3)) > max(2, by * by // 20), 1)
    near = np.zeros_like(cells)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            near |= np.roll(cells, (dy, dx), (0, 1))
    return np.repeat(np.repeat(near[1:-1, 1:-1], by, axis=0), by, axis=1)[:height, :width]


# -- PNG -----------------------------------------------------------------------------------------------------------


def png(image: Image) -> bytes:
    """Return a picture (BGR or grey, uint8) as PNG."""
    pixels = np.ascontiguousarray(image[:, :, ::-1] if image.ndim == 3 else image)
    height, width = pixels.shape[:2]
    kind = 2 if image.ndim == 3 else 0
    rows = np.hstack([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)])
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
