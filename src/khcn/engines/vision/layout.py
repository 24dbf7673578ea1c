"""Where to count: gates, zones and exclusions in pixels of the source picture.

The JSON form is a contract (``docs/contract.md``)::

    {"gates": [{"id": "A", "points": [[x, y], ...], "direction": "in"}],
     "zones": [{"id": "K1", "polygon": [[x, y], ...], "kind": "stalls"}],
     "exclusions": [[[x, y], ...]],
     "ground": {"pixels": [[x, y] x 4], "metres": [[x, y] x 4]},
     "frame": [width, height]}

With p the first and q the last point of a segment and f the foot point, ``s = (qx-px)(fy-py) - (qy-py)(fx-px)``; going
from s < 0 to s > 0 is "in". ``"direction": "out"`` swaps the two.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from khcn.engines.vision.errors import LayoutError
from khcn.engines.vision.types import Size

Point = tuple[float, float]
Polygon = tuple[Point, ...]
MOST_POINTS = 64


class ZoneKind(StrEnum):
    """What a zone is for; only the first two count as visitors' ground."""

    STALLS = "stalls"
    AREA = "area"
    QUEUE = "queue"
    STAFF = "staff"  # who stands here for long works here


@dataclass(frozen=True, slots=True)
class Gate:
    """A line of one or more segments. ``swap``: the drawn side meant "out"."""

    id: str
    points: Polygon
    swap: bool = False


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon on the floor, entered by foot points."""

    id: str
    polygon: Polygon
    kind: ZoneKind = ZoneKind.AREA


@dataclass(frozen=True, slots=True)
class Ground:
    """Four floor points in the picture and in metres (any origin), for a map of the floor."""

    pixels: Polygon
    metres: Polygon


@dataclass(frozen=True, slots=True)
class Layout:
    """All that is measured in one picture. ``frame``: the size it was drawn on, if known."""

    gates: tuple[Gate, ...] = ()
    zones: tuple[Zone, ...] = ()
    exclusions: tuple[Polygon, ...] = ()
    ground: Ground | None = None
    frame: Size | None = None

    def checked_for(self, source: Size) -> "Layout":
        """Return the layout for pictures of ``source`` size, scaled when drawn on another size.

        Raises:
            LayoutError: something lies wholly outside the picture.
        """
        layout = self if self.frame in {None, source} else self._scaled(source)
        shapes = [(gate.id, gate.points) for gate in layout.gates]
        shapes += [(zone.id, zone.polygon) for zone in layout.zones]
        for ident, points in shapes:
            if not _touches(points, source):
                raise LayoutError("outside-frame", id=ident, width=source.width, height=source.height)
        return layout

    def _scaled(self, source: Size) -> "Layout":
        drawn = self.frame or source
        fx, fy = source.width / drawn.width, source.height / drawn.height

        def scale(points: Polygon) -> Polygon:
            return tuple((x * fx, y * fy) for x, y in points)

        return Layout(
            tuple(Gate(gate.id, scale(gate.points), gate.swap) for gate in self.gates),
            tuple(Zone(zone.id, scale(zone.polygon), zone.kind) for zone in self.zones),
            tuple(scale(points) for points in self.exclusions),
            Ground(scale(self.ground.pixels), self.ground.metres) if self.ground else None,
            source,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        found: dict[str, Any] = {
            "gates": [
                {"id": gate.id, "points": _lists(gate.points), "direction": "out" if gate.swap else "in"}
                for gate in self.gates
            ],
            "zones": [
                {"id": zone.id, "polygon": _lists(zone.polygon), "kind": zone.kind.value}
                for zone in self.zones
            ],
            "exclusions": [_lists(points) for points in self.exclusions],
        }
        if self.ground:
            found["ground"] = {"pixels": _lists(self.ground.pixels), "metres": _lists(self.ground.metres)}
        if self.frame:
            found["frame"] = [self.frame.width, self.frame.height]
        return found


def read_layout(path: Path) -> Layout:
    """Read a layout file. Raises LayoutError with a sentence that says what to mend."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise LayoutError("layout-unreadable", why=str(error)[:120]) from error
    return parse_layout(data)


def parse_layout(data: Any) -> Layout:
    """Check the JSON form and return the layout. Raises LayoutError."""
    if not isinstance(data, Mapping):
        raise LayoutError("layout-unreadable", why="JSON object expected")
    try:
        gates = tuple(_gate(item) for item in data.get("gates") or ())
        zones = tuple(_zone(item) for item in data.get("zones") or ())
        exclusions = tuple(_outline("exclusion", points) for points in data.get("exclusions") or ())
        ground = _ground(data["ground"]) if data.get("ground") else None
        frame = Size(int(data["frame"][0]), int(data["frame"][1])) if data.get("frame") else None
    except LayoutError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        raise LayoutError("layout-unreadable", why=f"{type(error).__name__}: {error}"[:120]) from error
    seen: set[str] = set()
    for ident in [gate.id for gate in gates] + [zone.id for zone in zones]:
        if ident in seen:
            raise LayoutError("layout-duplicate", id=ident)
        seen.add(ident)
    return Layout(gates, zones, exclusions, ground, frame)


def _gate(item: Mapping[str, Any]) -> Gate:
    ident, points = str(item["id"]), _points(item["points"])
    direction = str(item.get("direction", "in"))
    if direction not in {"in", "out"}:
        raise LayoutError("gate-direction", id=ident, direction=direction[:20])
    if len(points) < 2 or any(a == b for a, b in pairwise(points)):
        raise LayoutError("gate-points", id=ident)
    if _crosses_itself(points, closed=False):
        raise LayoutError("gate-crosses-itself", id=ident)
    return Gate(ident, points, direction == "out")


def _zone(item: Mapping[str, Any]) -> Zone:
    ident = str(item["id"])
    return Zone(ident, _outline(ident, item["polygon"]), ZoneKind(item.get("kind") or ZoneKind.AREA))


def _outline(ident: str, raw: Sequence[Any]) -> Polygon:
    points = _points(raw)
    if len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]
    if len(points) > 2 and _crosses_itself(
        points, closed=True
    ):  # first: a bow's two halves may add up to no area
        raise LayoutError("zone-crosses-itself", id=ident)
    if len(points) < 3 or abs(polygon_area(points)) < 1:
        raise LayoutError("zone-points", id=ident)
    return points


def _ground(item: Mapping[str, Any]) -> Ground:
    pixels, metres = _points(item["pixels"]), _points(item["metres"])
    turns = {_turn(pixels[i], pixels[(i + 1) % 4], pixels[(i + 2) % 4]) > 0 for i in range(len(pixels))}
    if len(pixels) != 4 or len(metres) != 4 or len(turns) != 1 or abs(polygon_area(metres)) < 1e-6:
        raise LayoutError("ground-points")
    return Ground(pixels, metres)


def _points(raw: Sequence[Any]) -> Polygon:
    points = tuple((float(x), float(y)) for x, y in raw)
    if len(points) > MOST_POINTS or any(not abs(value) < 1e6 for point in points for value in point):
        raise ValueError(f"at most {MOST_POINTS} finite points")
    return points


def _lists(points: Polygon) -> list[list[float]]:
    return [[x, y] for x, y in points]


def polygon_area(points: Polygon) -> float:
    """Return the signed area in square units of the points (shoelace formula)."""
    ring = [*points, points[0]]
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring)) / 2


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _crosses_itself(points: Polygon, *, closed: bool) -> bool:
    ring = [*points, points[0]] if closed else list(points)
    edges = list(pairwise(ring))
    for i, (a, b) in enumerate(edges):
        for j in range(i + 2, len(edges)):
            if closed and i == 0 and j == len(edges) - 1:
                continue
            c, d = edges[j]
            if _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0:
                return True
    return False


def _touches(points: Polygon, source: Size) -> bool:
    """Whether the bounding box of the points meets the picture (with its edges)."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return max(xs) >= 0 and max(ys) >= 0 and min(xs) <= source.width and min(ys) <= source.height
