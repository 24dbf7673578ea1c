"""A small detector made strong: it looks only where something moves or somebody is tracked, and looks there closely.

The packaged network sees people best when they fill about a third of its input. Squares of about three heights of a
person are cut out around who moves or is tracked and brought to the input's size; a cap bounds the cost of a frame, and
what did not fit comes first next time. How tall people are is learned by picture row. Places that move but show nobody
(leaves, flags, screens) are looked at less and less often; now and then one square of a slow sweep looks where nothing
moves.
"""

from dataclasses import dataclass

import numpy as np

from khcn.engines.vision.detect.backend import Network
from khcn.engines.vision.detect.cards import ModelCard
from khcn.engines.vision.detect.cover import CoverSettings, Square, covered, square_at
from khcn.engines.vision.detect.decode import decode, intersections, suppress
from khcn.engines.vision.detect.heights import Heights
from khcn.engines.vision.detect.motion import MotionGate
from khcn.engines.vision.detect.pictures import cut_out, inside
from khcn.engines.vision.detect.places import Places
from khcn.engines.vision.types import Detections, Floats, Frame, Hints, Size

LARGEST = Size(1920, 1440)
WIDER = (1.0, 1.35, 1.7)  # larger squares for a crowd, before people have to take turns
LOW, TALL = 0.06, 0.9  # heights of people as shares of the picture's, while nothing is learned


@dataclass(frozen=True, slots=True)
class RegionSettings:
    """``heights``, ``margin``, ``snap``: see :class:`.cover.CoverSettings`.

    ``most``: regions in one frame; ``sweep_s``: seconds between two looks where nothing moves; ``least``: smallest
    score given out; ``overlap``, ``part``: of one person's boxes from two regions (IoU, and share of the smaller);
    ``speck``: moving things below this share of a person's height are no person; ``barren_s``: longest pause for a
    place that moves but shows nobody; ``largest``: working picture.
    """

    heights: float = 3.0
    margin: float = 0.25
    snap: float = 1.3
    most: int = 8
    sweep_s: float = 1.0
    least: float = 0.1
    overlap: float = 0.5
    part: float = 0.75
    speck: float = 0.3
    barren_s: float = 1.0
    largest: Size = LARGEST


class RegionDetector:
    """Runs a network on regions around what moves and what is tracked.

    Whoever stands still is found through ``hints.tracked``, so a tracker must hand its boxes in. What moves is found
    here; ``hints.moving`` adds to it.
    """

    def __init__(
        self,
        card: ModelCard,
        network: Network,
        *,
        name: str = "",
        settings: RegionSettings | None = None,
        gate: MotionGate | None = None,
    ) -> None:
        self.card, self._network, self._name = card, network, name or card.name
        self.settings = settings or RegionSettings()
        self._gate = gate or MotionGate()
        self._heights = Heights()
        self._places = Places(self.settings.barren_s)
        self._sweep: list[Square] = []
        self._swept: float | None = None
        self.looked = 0  # regions looked at so far, for measuring the cost

    @property
    def name(self) -> str:
        """The model's name as it was added."""
        return self._name

    def working_size(self, source: Size) -> Size:
        """Return the source's own size, or a smaller one of its shape: regions live on detail."""
        largest = self.settings.largest
        if source.width <= largest.width and source.height <= largest.height:
            return source
        return inside(source, largest)

    def detect(self, frame: Frame, hints: Hints) -> Detections:
        """Return the people in the frame."""
        moving = np.concatenate([self._gate.look(frame).boxes, hints.moving])
        tracked, tall = _within(hints.tracked, frame.source)
        parts, heights = self._parts(moving, tracked, frame)
        boxes, all_heights = np.concatenate([tracked, parts]), np.concatenate([tall, heights])
        squares = self._covered(boxes, all_heights, frame)
        chosen = self._chosen(squares, boxes, frame)
        merged = self._merged([self._look(frame, square) for square in chosen])
        seen = sorted({member for square in chosen for member in square.members})
        self._places.looked(boxes[seen], frame)
        self._places.learn(boxes[[each for each in seen if each >= len(tracked)]], merged, frame)
        self._heights.learn(merged, frame.source)
        return merged

    def _covered(self, boxes: Floats, heights: Floats, frame: Frame) -> list[Square]:
        """Return the squares for all boxes: of the best size, of larger ones when a frame cannot afford as many."""
        settings, squares = self.settings, []
        native = self._network.size.width * frame.scale[0]
        for wider in WIDER:
            cover = CoverSettings(settings.heights * wider, settings.margin, settings.snap, native)
            squares = covered(boxes, heights, frame.source, cover)
            if len(squares) <= settings.most:
                break
        return squares + _closer(squares, boxes, frame.source)

    def _parts(self, moving: Floats, tracked: Floats, frame: Frame) -> tuple[Floats, Floats]:
        """Return what moves and is not tracked, in parts of about a person each, with the heights of people there."""
        source = frame.source
        rows = []
        for x1, y1, x2, y2 in moving.tolist():
            height = self._heights.at(y2) or min(max(y2 - y1, LOW * source.height), TALL * source.height)
            if max(x2 - x1, y2 - y1) >= self.settings.speck * height:
                rows += _pieces(x1, y1, x2, y2, height)
        found = np.array(rows, np.float32).reshape(-1, 5)
        if len(found) and len(tracked):
            grown = tracked + 0.2 * (tracked[:, 3:4] - tracked[:, 1:2]) * np.array([-1, -1, 1, 1], np.float32)
            meet, areas, _ = intersections(found[:, :4], grown)
            found = found[meet.max(axis=1) < 0.5 * areas]
        if len(found):
            found = found[self._places.due(found[:, :4], frame)]
        return found[:, :4], found[:, 4]

    def _chosen(self, squares: list[Square], boxes: Floats, frame: Frame) -> list[Square]:
        """Return at most ``most`` squares, the longest unseen first, and one of the sweep when it is due."""
        settings = self.settings
        if len(squares) > settings.most:
            since = self._places.since(boxes, frame)
            squares = sorted(squares, key=lambda square: min(since[list(square.members)]))
        chosen = squares[: settings.most]
        started = self._swept is None or frame.t < self._swept
        if started or frame.t - (self._swept or 0.0) >= settings.sweep_s:
            count = settings.most if started else 1
            if started or not self._sweep:
                self._sweep = self._grid(frame.source)
            chosen += self._sweep[:count]
            self._sweep, self._swept = self._sweep[count:], frame.t
        return chosen

    def _grid(self, source: Size) -> list[Square]:
        """Return the squares of one sweep: all at once, near and very near, then rows sized to the people there."""
        middle = source.width / 2, source.height / 2
        sides = {float(max(source.width, source.height)), float(source.height), 2.5 * source.height}
        found = [square_at(*middle, side, source) for side in sorted(sides)]
        bottom = float(source.height)
        while bottom > source.height * 0.1 and len(found) < 40:
            height = self._heights.at(bottom) or source.height / 6
            side = min(self.settings.heights * height, source.width, source.height)
            across = max(1, int(np.ceil((source.width - side) / (0.75 * side))) + 1)
            for left in np.linspace(0, source.width - side, across):
                found.append(square_at(float(left) + side / 2, bottom - side / 2, side, source))
            bottom -= 0.75 * side
        return found

    def _look(self, frame: Frame, square: Square) -> Detections:
        """Run the network on one square; boxes that its inner border cuts are dropped."""
        self.looked += 1
        size, (height, width) = self._network.size, frame.image.shape[:2]
        fx, fy = frame.scale
        left, top = round(square.x1 / fx), round(square.y1 / fy)
        right = left + max(8, round((square.x2 - square.x1) / fx))
        bottom = top + max(8, round((square.y2 - square.y1) / fy))
        picture = cut_out(frame.image, (left, top, right, bottom), size)
        found = decode(self._network.infer(picture), self.card, size, least=self.settings.least)
        scale = np.array([(right - left) / size.width, (bottom - top) / size.height] * 2, np.float32)
        boxes = found.boxes * scale + np.array([left, top] * 2, np.float32)
        near = 0.012 * (right - left)
        inner = np.array([left > 0, top > 0, right < width, bottom < height])
        edges = np.array([left + near, top + near, right - near, bottom - near], np.float32)
        cut = inner & ((boxes < edges) == np.array([True, True, False, False]))
        boxes = np.clip(boxes, 0, [width, height] * 2) * np.array([fx, fy] * 2)
        return Detections(boxes.astype(np.float32), found.scores).take(~cut.any(axis=1))

    def _merged(self, found: list[Detections]) -> Detections:
        """Put the regions together; of two boxes of one person the better stays."""
        if not found:
            return Detections.empty()
        boxes = np.concatenate([each.boxes for each in found])
        scores = np.concatenate([each.scores for each in found])
        keep = suppress(boxes, scores, self.settings.overlap)
        boxes, scores = boxes[keep], scores[keep]
        if len(boxes) > 1:
            meet, areas, _ = intersections(boxes, boxes)
            share = meet / np.maximum(np.minimum(areas[:, None], areas[None, :]), 1e-6)
            parts = np.tril(share, -1).max(axis=1) > self.settings.part
            boxes, scores = boxes[~parts], scores[~parts]
        return Detections(boxes, scores)


def _closer(squares: list[Square], boxes: Floats, source: Size) -> list[Square]:
    """Return second looks for people so near that their square is larger than the picture: without the grey around.

    Some are seen only among grey, some only without it; few people are that near at once, so both looks are paid.
    """
    side = float(min(source.width, source.height))
    found = []
    for square in squares:
        if square.x2 - square.x1 > side and square.members:
            part = boxes[list(square.members)]
            middle = (part[:, :2].min(axis=0) + part[:, 2:].max(axis=0)) / 2
            found.append(square_at(float(middle[0]), float(middle[1]), side, source, square.members))
    return found


def _within(boxes: Floats, source: Size) -> tuple[Floats, Floats]:
    """Return the boxes that meet the picture, cut to it, and their full heights."""
    limit = np.array([source.width, source.height] * 2, np.float32)
    cut = np.clip(boxes, 0, limit)
    tall = boxes[:, 3] - boxes[:, 1]
    keep = (cut[:, 2] - cut[:, 0] > 2) & (cut[:, 3] - cut[:, 1] > 2) & (tall > 4)
    return cut[keep].astype(np.float32), tall[keep].astype(np.float32)


def _pieces(x1: float, y1: float, x2: float, y2: float, height: float) -> list[tuple[float, ...]]:
    """Cut a big moving thing (a group, a crowd) into pieces of about a person each: x1 y1 x2 y2 height."""
    across = max(1, min(12, round((x2 - x1) / (1.2 * height))))
    down = max(1, min(8, round((y2 - y1) / (1.2 * height))))
    wide, tall = (x2 - x1) / across, (y2 - y1) / down
    return [
        (x1 + i * wide, y1 + j * tall, x1 + (i + 1) * wide, y1 + (j + 1) * tall, height)
        for i in range(across)
        for j in range(down)
    ]
