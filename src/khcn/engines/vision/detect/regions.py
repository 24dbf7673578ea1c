"""A small detector made strong: it looks only where something moves or somebody is tracked, and looks there closely.

The packaged network sees people best when they fill about a third of its input. Around each moving or tracked person a
square of about three heights is cut out and enlarged to the input; squares that fit together are merged, a cap bounds
the cost of a frame, and what did not fit comes first next time. How tall people are is learned by picture row. Every
now and then a square of a slow sweep looks where nothing moves.
"""

from dataclasses import dataclass

import numpy as np

from khcn.engines.vision.detect.backend import Network
from khcn.engines.vision.detect.cards import ModelCard
from khcn.engines.vision.detect.decode import decode, intersections, suppress
from khcn.engines.vision.detect.heights import Heights
from khcn.engines.vision.detect.motion import MotionGate
from khcn.engines.vision.detect.pictures import inside, resize
from khcn.engines.vision.types import Detections, Floats, Frame, Hints, Size

LARGEST = Size(1280, 960)


@dataclass(frozen=True, slots=True)
class RegionSettings:
    """``heights``: side of a region in heights of a person; ``margin``: kept around each person, in heights;
    ``snap``: how far a side may be from that to spare the resizing.

    ``most``: regions in one frame; ``sweep_s``: seconds between two looks where nothing moves; ``least``: smallest
    score given out; ``overlap``, ``part``: of one person's boxes from two regions (IoU, and share of the smaller);
    ``speck``: moving things below this share of a person's height are no person; ``largest``: working picture.
    """

    heights: float = 3.0
    margin: float = 0.35
    snap: float = 1.25
    most: int = 8
    sweep_s: float = 1.0
    least: float = 0.1
    overlap: float = 0.5
    part: float = 0.75
    speck: float = 0.3
    largest: Size = LARGEST


@dataclass(frozen=True, slots=True)
class Seed:
    """Something to look at: a box in source pixels and the height of a person there."""

    x1: float
    y1: float
    x2: float
    y2: float
    height: float


@dataclass(slots=True)
class Region:
    """A part of the picture that holds some seeds; ``height``: of the people in it."""

    x1: float
    y1: float
    x2: float
    y2: float
    height: float
    count: int = 1

    def joined(self, seed: Seed, settings: RegionSettings) -> "Region | None":
        """Return the region with ``seed`` in it, or None when they are too far apart or of other heights."""
        if not 0.6 < seed.height / self.height < 1.67:
            return None
        height = (self.height * self.count + seed.height) / (self.count + 1)
        union = Region(
            min(self.x1, seed.x1), min(self.y1, seed.y1), max(self.x2, seed.x2), max(self.y2, seed.y2), height
        )
        room = (settings.heights - 2 * settings.margin) * height
        if union.x2 - union.x1 > room or union.y2 - union.y1 > room:
            return None
        union.count = self.count + 1
        return union

    def square(
        self, source: Size, settings: RegionSettings, native: float
    ) -> tuple[float, float, float, float]:
        """Return the square to cut out, moved into the picture (smaller only where the picture is).

        ``native``: the side that needs no resizing; taken when it is about right.
        """
        margin = 2 * settings.margin * self.height
        needed = max(self.x2 - self.x1 + margin, self.y2 - self.y1 + margin)
        side = max(settings.heights * self.height, needed)
        if max(needed, side / settings.snap) <= native <= side * settings.snap:
            side = native
        x1, x2 = _placed((self.x1 + self.x2) / 2, side, source.width)
        y1, y2 = _placed((self.y1 + self.y2) / 2, side, source.height)
        return x1, y1, x2, y2


def _placed(middle: float, side: float, limit: float) -> tuple[float, float]:
    side = min(side, limit)
    low = min(max(middle - side / 2, 0.0), limit - side)
    return low, low + side


def covered(seeds: list[Seed], settings: RegionSettings) -> list[Region]:
    """Group seeds into few regions: greedily from left to right and from top to bottom, the better of the two."""
    ways = []
    for order in (lambda seed: (seed.x1, seed.y1), lambda seed: (seed.y2, seed.x1)):
        regions: list[Region] = []
        for seed in sorted(seeds, key=order):
            for number, region in enumerate(regions):
                union = region.joined(seed, settings)
                if union is not None:
                    regions[number] = union
                    break
            else:
                regions.append(Region(seed.x1, seed.y1, seed.x2, seed.y2, seed.height))
        ways.append(regions)
    return min(ways, key=len)


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
        self._sweep: list[Region] = []
        self._swept: float | None = None
        self._late: list[Region] = []
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
        regions = covered(self._seeds(moving, hints.tracked, frame.source), self.settings)
        chosen = self._chosen(regions, frame)
        found = [self._look(frame, region) for region in chosen]
        merged = self._merged(found)
        self._heights.learn(merged, frame.source)
        return merged

    def _seeds(self, moving: Floats, tracked: Floats, source: Size) -> list[Seed]:
        seeds = []
        for x1, y1, x2, y2 in tracked.tolist():
            if x2 > 0 and y2 > 0 and x1 < source.width and y1 < source.height and y2 - y1 > 4:
                seeds.append(
                    Seed(max(x1, 0), max(y1, 0), min(x2, source.width), min(y2, source.height), y2 - y1)
                )
        for x1, y1, x2, y2 in moving.tolist():
            height = self._heights.at(y2) or min(max(y2 - y1, 0.06 * source.height), 0.9 * source.height)
            if max(x2 - x1, y2 - y1) >= self.settings.speck * height:
                seeds += _parts(x1, y1, x2, y2, height)
        return seeds

    def _chosen(self, regions: list[Region], frame: Frame) -> list[Region]:
        """Return at most ``most`` regions, those put off last time first, and one of the sweep when it is due."""
        settings = self.settings
        if self._late:
            regions = sorted(regions, key=lambda region: not any(_meet(region, late) for late in self._late))
        chosen, self._late = regions[: settings.most], regions[settings.most :]
        started = self._swept is None or frame.t < self._swept
        if started:
            self._sweep = self._grid(frame.source)
        if started or frame.t - (self._swept or 0.0) >= settings.sweep_s:
            count = settings.most if started else 1
            self._sweep = self._sweep or self._grid(frame.source)
            chosen += self._sweep[:count]
            self._sweep, self._swept = self._sweep[count:], frame.t
        return chosen

    def _grid(self, source: Size) -> list[Region]:
        """Return the squares of one sweep: the whole picture, then rows of squares sized to the people there."""
        whole = Region(0, 0, source.width, source.height, source.height / self.settings.heights)
        found = [whole]
        bottom = float(source.height)
        while bottom > source.height * 0.1 and len(found) < 40:
            height = self._heights.at(bottom) or source.height / 6
            side = min(self.settings.heights * height, source.width, source.height)
            across = max(1, int(np.ceil((source.width - side) / (0.75 * side))) + 1)
            for left in np.linspace(0, source.width - side, across):
                middle_x, middle_y = left + side / 2, max(bottom - side / 2, side / 2)
                found.append(Region(middle_x, middle_y, middle_x, middle_y, side / self.settings.heights))
            bottom -= 0.75 * side
        return found

    def _look(self, frame: Frame, region: Region) -> Detections:
        """Run the network on one region; boxes that its inner border cuts are dropped."""
        self.looked += 1
        size, source = self._network.size, frame.source
        fx, fy = frame.scale
        x1, y1, x2, y2 = region.square(source, self.settings, size.width * fx)
        left, top = int(x1 / fx), int(y1 / fy)
        right, bottom = max(left + 8, left + round((x2 - x1) / fx)), max(top + 8, top + round((y2 - y1) / fy))
        crop = frame.image[top:bottom, left:right]
        found = decode(self._network.infer(resize(crop, size)), self.card, size, least=self.settings.least)
        scale_x, scale_y = crop.shape[1] / size.width * fx, crop.shape[0] / size.height * fy
        boxes = found.boxes * np.array([scale_x, scale_y] * 2, np.float32)
        boxes += np.array([left * fx, top * fy] * 2, np.float32)
        near = 0.012 * size.width
        cut = np.zeros(len(found), bool)
        if left > 0:
            cut |= found.boxes[:, 0] < near
        if top > 0:
            cut |= found.boxes[:, 1] < near
        if right < frame.image.shape[1]:
            cut |= found.boxes[:, 2] > size.width - near
        if bottom < frame.image.shape[0]:
            cut |= found.boxes[:, 3] > size.height - near
        return Detections(boxes.astype(np.float32), found.scores).take(~cut)

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


def _parts(x1: float, y1: float, x2: float, y2: float, height: float) -> list[Seed]:
    """Cut a big moving thing (a group, a crowd) into parts of about a person each."""
    across = max(1, min(12, round((x2 - x1) / (1.2 * height))))
    down = max(1, min(8, round((y2 - y1) / (1.2 * height))))
    wide, tall = (x2 - x1) / across, (y2 - y1) / down
    return [
        Seed(x1 + i * wide, y1 + j * tall, x1 + (i + 1) * wide, y1 + (j + 1) * tall, height)
        for i in range(across)
        for j in range(down)
    ]


def _meet(first: Region, second: Region) -> bool:
    return first.x1 < second.x2 and second.x1 < first.x2 and first.y1 < second.y2 and second.y1 < first.y2
