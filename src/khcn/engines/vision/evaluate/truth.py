"""Truth files of the MOT challenge: who stood where in which frame.

A line is ``frame, id, x, y, width, height, considered, ...`` with frames counted from 1. MOT15 goes on with world
coordinates, MOT16/MOT17 with a class and the visible share; only class 1 (a walking person) is a person to count.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.errors import VisionError

FORMATS = ("mot15", "mot16", "mot17", "mot20")
_PEDESTRIAN = 1
_LARGEST = 64 * 1024 * 1024


class TruthError(VisionError):
    """A truth file that cannot be read; the sentence names the line."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The people of one frame: ``ids`` (n,), ``boxes`` (n, 4) as x1 y1 x2 y2 in source pixels."""

    ids: NDArray[np.int64]
    boxes: NDArray[np.float64]

    @property
    def feet(self) -> NDArray[np.float64]:
        """Return the foot points (n, 2)."""
        return np.stack([(self.boxes[:, 0] + self.boxes[:, 2]) / 2, self.boxes[:, 3]], axis=1)


_NOBODY = Seen(np.zeros(0, np.int64), np.zeros((0, 4)))


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Boxes by number of the source frame, from 0. A frame without an entry shows nobody."""

    frames: Mapping[int, Seen] = field(default_factory=dict)

    def at(self, frame: int) -> Seen:
        """Return who is in ``frame``."""
        return self.frames.get(frame, _NOBODY)


def read_mot(path: Path, form: str = "mot15") -> Truth:
    """Read a truth file. Raises TruthError naming the first bad line."""
    if form not in FORMATS:
        raise TruthError("truth-format", form=form[:20], known=", ".join(FORMATS))
    try:
        if path.stat().st_size > _LARGEST:
            raise TruthError("truth-broken", why="> 64 MB")
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TruthError("truth-broken", why=str(error)[:120]) from error
    return parse_mot(text.splitlines(), form)


def parse_mot(lines: Iterable[str], form: str = "mot15") -> Truth:
    """Return the truth in the lines of a file; blank lines and lines that start with # are skipped."""
    found: dict[int, dict[int, tuple[float, float, float, float]]] = defaultdict(dict)
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        for frame, ident, box in _row(number, line, form):
            if ident in found[frame]:
                raise TruthError("truth-twice", line=number, id=ident, frame=frame + 1)
            found[frame][ident] = box
    if not any(found.values()):
        raise TruthError("truth-empty")
    return Truth(
        {
            frame: Seen(np.array(list(people), np.int64), np.array(list(people.values()), np.float64))
            for frame, people in found.items()
            if people
        }
    )


def _row(number: int, line: str, form: str) -> Iterator[tuple[int, int, tuple[float, float, float, float]]]:
    cells = (
        line.replace(";", ",").replace("\t", ",").split(",") if "," in line or ";" in line else line.split()
    )
    try:
        values = [float(cell) for cell in cells if cell.strip()]
    except ValueError as error:
        raise TruthError("truth-line", line=number, why="không phải số") from error
    if len(values) < 6:
        raise TruthError("truth-line", line=number, why="cần ít nhất 6 cột")
    if not all(math.isfinite(value) for value in values[:6]):
        raise TruthError("truth-line", line=number, why="có giá trị vô hạn")
    frame, ident, x, y, width, height = values[:6]
    if frame < 1 or frame != int(frame) or ident != int(ident):
        raise TruthError("truth-line", line=number, why="số khung hình phải là số nguyên từ 1")
    if len(values) > 6 and values[6] == 0:  # the challenge's own mark: not to be considered
        return
    if form != "mot15" and len(values) > 7 and int(values[7]) != _PEDESTRIAN:
        return
    if width <= 0 or height <= 0:
        raise TruthError("truth-line", line=number, why="khung người có cạnh bằng 0 hoặc âm")
    yield int(frame) - 1, int(ident), (x, y, x + width, y + height)
