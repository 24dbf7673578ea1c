"""From the rows of the editor's form to the drawing that the vision engine reads, and what changed between two.

Points are written as ``120 300; 480 310``: x and y with a space, points with a semicolon or on lines of their own; a
decimal comma or point both count.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError

Pairs = tuple[tuple[float, float], ...]
_BETWEEN: Final = re.compile(r"[;\n]+")
MOST_POINTS: Final = 64


class PointsUnreadableError(KhcnError):
    """Points that are no pairs of numbers."""

    code = "points-unreadable"

    def __init__(self, part: str) -> None:
        super().__init__(
            _(
                "Không đọc được điểm “%(part)s”. Mỗi điểm là hai số x y, các điểm cách nhau bằng dấu chấm phẩy, ví dụ 120 300; 480 310."
            )
            % {"part": part.strip()[:40]}
        )


def read_points(text: str) -> Pairs:
    """Read points from the form. :raises PointsUnreadableError: naming the part that is none."""
    points = []
    for part in _BETWEEN.split(text):
        numbers = part.split()
        if not numbers:
            continue
        try:
            x, y = (float(number.replace(",", ".")) for number in numbers)
        except ValueError:
            raise PointsUnreadableError(part) from None
        if not (abs(x) < 1e6 and abs(y) < 1e6):
            raise PointsUnreadableError(part)
        points.append((x, y))
    if len(points) > MOST_POINTS:
        raise PointsUnreadableError(part)
    return tuple(points)


def write_points(points: Iterable[Sequence[float]]) -> str:
    """Write points as the form shows them."""
    return "; ".join(f"{_number(x)} {_number(y)}" for x, y in points)


def _number(value: float) -> str:
    return f"{round(float(value), 2):g}" if abs(value) < 1e5 else str(round(value))


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate of the form. ``key`` empty: a new one. ``swap``: the drawn side means "out"."""

    key: str
    name: str
    points: Pairs
    swap: bool = False
    is_entrance: bool = True


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone of the form. ``key`` empty: a new one."""

    key: str
    name: str
    points: Pairs
    kind: str = "area"
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """All rows of the form. ``ground``: four points in the picture, and the same four in metres."""

    gates: tuple[GateRow, ...] = ()
    zones: tuple[ZoneRow, ...] = ()
    exclusions: tuple[Pairs, ...] = ()
    ground: tuple[Pairs, Pairs] | None = None


def drawing_of(drawn: Drawn, *, width: int, height: int) -> dict[str, Any]:
    """Return the JSON form of the vision engine. Every row must have its key by now."""
    found: dict[str, Any] = {
        "gates": [
            {"id": row.key, "points": _lists(row.points), "direction": "out" if row.swap else "in"}
            for row in drawn.gates
        ],
        "zones": [{"id": row.key, "polygon": _lists(row.points), "kind": row.kind} for row in drawn.zones],
        "exclusions": [_lists(points) for points in drawn.exclusions],
        "frame": [width, height],
    }
    if drawn.ground:
        found["ground"] = {"pixels": _lists(drawn.ground[0]), "metres": _lists(drawn.ground[1])}
    return found


def _lists(points: Pairs) -> list[list[float]]:
    return [[x, y] for x, y in points]


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one drawing to the next: keys of gates and zones, and sentences for the rest."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    turned: tuple[str, ...] = ()
    exclusions: bool = False
    ground: bool = False
    frame: bool = False
    kinds: tuple[str, ...] = field(default=())

    @property
    def nothing(self) -> bool:
        """Whether the two are the same."""
        changed = self.added + self.removed + self.moved + self.turned + self.kinds
        return not (changed or self.exclusions or self.ground or self.frame)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Compare two drawings of one camera."""
    old, new = _shapes(before), _shapes(after)
    both = [key for key in new if key in old]
    return Difference(
        added=tuple(key for key in new if key not in old),
        removed=tuple(key for key in old if key not in new),
        moved=tuple(key for key in both if old[key]["at"] != new[key]["at"]),
        turned=tuple(key for key in both if old[key].get("direction") != new[key].get("direction")),
        kinds=tuple(key for key in both if old[key].get("kind") != new[key].get("kind")),
        exclusions=(before.get("exclusions") or []) != (after.get("exclusions") or []),
        ground=(before.get("ground") or None) != (after.get("ground") or None),
        frame=(before.get("frame") or None) != (after.get("frame") or None),
    )


def _shapes(drawing: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = {str(item["id"]): {**item, "at": item["points"]} for item in drawing.get("gates") or ()}
    return found | {str(item["id"]): {**item, "at": item["polygon"]} for item in drawing.get("zones") or ()}
