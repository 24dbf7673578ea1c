"""What really happened in a film: boxes, crossings, presence. Nothing here comes from a picture.

Stall-holders behind their counters are drawn but are no visitors: they are in no truth, and the layout excludes their
ground. While the camera is blind there is no truth either.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from khcn.engines.vision.layout import Gate, Layout, Point, Polygon
from khcn.engines.vision.render.script import Incident
from khcn.engines.vision.render.stage import Shown
from khcn.engines.vision.types import Crossing

LEAST_VISIBLE = 0.25  # share of a figure in sight from which it counts as being in the picture
DEAD_BAND_PX = 8.0


@dataclass(frozen=True, slots=True)
class ZoneTruth:
    """Presence in one zone over a film."""

    id: str
    person_seconds: float
    entries: int
    occupancy_mean: float
    occupancy_peak: int


@dataclass(frozen=True, slots=True)
class Truth:
    """``rows``: visitors in sight by frame; ``blind``: incidents, without rows."""

    fps: float
    layout: Layout
    rows: tuple[tuple[Shown, ...], ...]
    blind: tuple[Incident, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    zones: tuple[ZoneTruth, ...] = field(default=())

    @property
    def occupancy(self) -> tuple[int, ...]:
        """Return the number of visitors in sight in each frame."""
        return tuple(len(row) for row in self.rows)

    def mot15(self) -> str:
        """Return a MOT15 truth file: frame from 1, id, x, y, width, height, 1, floor metres."""
        lines: list[str] = []
        for number, row in enumerate(self.rows, 1):
            for one in row:
                x1, y1, x2, y2 = one.box
                box = f"{x1:.2f},{y1:.2f},{x2 - x1:.2f},{y2 - y1:.2f}"
                lines.append(f"{number},{one.id},{box},1,{one.metres[0]:.3f},{one.metres[1]:.3f},0\n")
        return "".join(lines)

    def write_mot15(self, path: Path) -> None:
        """Write :meth:`mot15` to ``path``."""
        path.write_text(self.mot15(), "utf-8")


def truth_of(frames: list[list[Shown]], fps: float, layout: Layout, incidents: tuple[Incident, ...]) -> Truth:
    """Return the truth of drawn frames."""
    rows = tuple(
        ()
        if any(i.start <= number / fps < i.end for i in incidents)
        else tuple(one for one in shown if not one.staff and one.visible >= LEAST_VISIBLE)
        for number, shown in enumerate(frames)
    )
    crossings = sorted(
        (found for gate in layout.gates for found in _crossings(gate, rows, fps)),
        key=lambda found: (found.t, found.gate),
    )
    zones = tuple(_zone(zone.id, zone.polygon, rows, fps) for zone in layout.zones)
    return Truth(fps, layout, rows, incidents, tuple(crossings), zones)


def foot(one: Shown) -> Point:
    """Return the foot point: the middle of the box's lower edge."""
    return (one.box[0] + one.box[2]) / 2, one.box[3]


def side_of(line: tuple[Point, Point], point: Point) -> float:
    """Return the signed distance in pixels of a point from the line through two points; positive is "in"."""
    (px, py), (qx, qy) = line
    area = (qx - px) * (point[1] - py) - (qy - py) * (point[0] - px)
    return area / float(np.hypot(qx - px, qy - py))


def _crossings(gate: Gate, rows: tuple[tuple[Shown, ...], ...], fps: float) -> list[Crossing]:
    """Whoever was beyond the dead band on one side and is then beyond it on the other has crossed, at the moment in
    which the side changed for good, if the way led between the ends of the line."""
    line = (gate.points[0], gate.points[1])
    ways: dict[int, list[tuple[float, Point]]] = defaultdict(list)
    for number, row in enumerate(rows):
        for one in row:
            ways[one.id].append((number / fps, foot(one)))
    found: list[Crossing] = []
    for way in ways.values():
        side, since = 0, 0
        for index, (_, point) in enumerate(way):
            off = side_of(line, point)
            if abs(off) <= DEAD_BAND_PX:
                continue
            now = 1 if off > 0 else -1
            if side and now != side:
                crossing = _passage(gate, line, way[since : index + 1], now)
                found += [crossing] if crossing else []
            side, since = now, index
    return found


def _passage(
    gate: Gate, line: tuple[Point, Point], way: list[tuple[float, Point]], side: int
) -> Crossing | None:
    for (t0, a), (t1, b) in reversed(list(pairwise(way))):
        from_a, from_b = side_of(line, a), side_of(line, b)
        if (from_b > 0) != (side > 0) or (from_a > 0) == (from_b > 0):
            continue
        share = from_a / (from_a - from_b)
        x, y = a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
        (px, py), (qx, qy) = line
        along = ((x - px) * (qx - px) + (y - py) * (qy - py)) / ((qx - px) ** 2 + (qy - py) ** 2)
        if not 0 <= along <= 1:
            return None
        inwards = (side > 0) != gate.swap
        return Crossing(gate.id, t0 + (t1 - t0) * share, "in" if inwards else "out", x, y)
    return None


def _zone(ident: str, polygon: Polygon, rows: tuple[tuple[Shown, ...], ...], fps: float) -> ZoneTruth:
    counts: list[int] = []
    inside: set[int] = set()
    entries = 0
    for row in rows:
        now = {one.id for one in row if _within(polygon, foot(one))}
        entries += len(now - inside)
        counts.append(len(now))
        inside = now
    return ZoneTruth(ident, sum(counts) / fps, entries, float(np.mean(counts or [0])), max(counts, default=0))


def _within(polygon: Polygon, point: Point) -> bool:
    x, y = point
    odd = False
    for (ax, ay), (bx, by) in pairwise([*polygon, polygon[0]]):
        if (ay > y) != (by > y) and x < ax + (bx - ax) * (y - ay) / (by - ay):
            odd = not odd
    return odd
