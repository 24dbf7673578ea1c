"""Drawings as shapes over a picture, ready for SVG; pages without scripts show them as they are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from khcn.markets.models import Camera, Gate, Layout, Zone

DEFAULT_FRAME = (1280, 720)


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape ready for SVG: ``points`` as the attribute wants it; ``arrow``: from and to, for gates."""

    kind: str
    name: str
    points: str
    label: tuple[float, float]
    arrow: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing over its still, for pages without scripts too."""

    width: int
    height: int
    shapes: list[Shape] = field(default_factory=list)

    @property
    def unit(self) -> float:
        """Return about one pixel of a screen in units of the picture, for strokes and letters."""
        return max(self.width, self.height) / 800

    @property
    def letters(self) -> float:
        """Return the size of letters."""
        return round(17 * self.unit, 1)

    @property
    def stroke(self) -> float:
        """Return the width of lines."""
        return round(3 * self.unit, 1)

    @property
    def tip(self) -> float:
        """Return the radius of an arrow's end and of marks."""
        return round(6 * self.unit, 1)


def frame_of(camera: Camera) -> tuple[int, int]:
    """Return the size in pixels on which people draw: of the still, of the last drawing, or a usual one."""
    still = getattr(camera, "still", None)
    if still:
        return still.width, still.height
    if camera.frame_width and camera.frame_height:
        return camera.frame_width, camera.frame_height
    return DEFAULT_FRAME


def picture_of(camera: Camera, drawing: dict[str, Any]) -> Picture:
    """Return a drawing as shapes with their names, in its own size."""
    width, height = drawing.get("frame") or frame_of(camera)
    names: dict[str, str] = dict(Gate.objects.filter(camera=camera).values_list("key", "name"))
    names |= dict(Zone.objects.filter(camera=camera).values_list("key", "name"))
    reach = max(width, height) / 16
    shapes = [
        _gate_shape(item, names.get(item["id"], item["id"]), reach) for item in drawing.get("gates") or ()
    ]
    shapes += [
        _area("zone", item["polygon"], names.get(item["id"], item["id"]))
        for item in drawing.get("zones") or ()
    ]
    shapes += [_area("exclusion", points, _("Bỏ qua")) for points in drawing.get("exclusions") or ()]
    if drawing.get("ground"):
        shapes.append(_area("ground", drawing["ground"]["pixels"], _("Mặt sàn")))
    return Picture(width, height, shapes)


def _gate_shape(item: dict[str, Any], name: str, reach: float) -> Shape:
    points = item["points"]
    pairs = list(pairwise(points))
    (px, py), (qx, qy) = max(
        pairs, key=lambda pair: (pair[1][0] - pair[0][0]) ** 2 + (pair[1][1] - pair[0][1]) ** 2
    )
    length = max(((qx - px) ** 2 + (qy - py) ** 2) ** 0.5, 1e-6)
    turn = -1 if item.get("direction") == "out" else 1
    nx, ny = -(qy - py) / length * turn, (qx - px) / length * turn  # the side that s > 0 means
    mx, my = (px + qx) / 2, (py + qy) / 2
    arrow = (round(mx, 1), round(my, 1), round(mx + nx * reach, 1), round(my + ny * reach, 1))
    left = min((points[0], points[-1]), key=lambda point: point[0])  # its name runs into the picture, not out
    return Shape("gate", name, _svg(points), (left[0], left[1]), arrow)


def _area(kind: str, points: list[list[float]], name: str) -> Shape:
    x = sum(point[0] for point in points) / len(points)
    y = sum(point[1] for point in points) / len(points)
    return Shape(kind, name, _svg(points), (round(x, 1), round(y, 1)))


def _svg(points: Iterable[Iterable[float]]) -> str:
    return " ".join(",".join(f"{value:g}" for value in point) for point in points)


def layout_in_force(camera: Camera) -> Layout | None:
    """Return the drawing that holds now."""
    return Layout.objects.filter(camera=camera, valid_to__isnull=True).first()
