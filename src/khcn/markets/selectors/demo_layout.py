"""The drawing that belongs to the project's own films, in the form of the set-up page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from khcn.engines.vision.render.camera import Camera
from khcn.engines.vision.render.scenarios import hall_layout
from khcn.markets.rules.drawing import Drawn, GateRow, ZoneRow

WIDTH, HEIGHT = 640, 360
CAPACITIES: Final = {"trai-cay": 260, "rau-cu": 180, "hang-kho": 110, "loi-di": None}


@dataclass(frozen=True, slots=True)
class DemoDrawn:
    """Rows for ``layout_save``, with the size of the picture that they are drawn on."""

    rows: Drawn
    width: int
    height: int


def demo_drawn(gates: Sequence[str], *, zones: bool) -> DemoDrawn:
    """Return the hall's gates under the given names (the last of its gates when only one is named), and its zones."""
    layout = hall_layout(Camera(width=WIDTH, height=HEIGHT))
    names = {
        "trai-cay": _("Dãy trái cây"),
        "rau-cu": _("Dãy rau củ"),
        "hang-kho": _("Dãy hàng khô"),
        "loi-di": _("Lối đi giữa"),
    }
    lines = layout.gates[-len(gates) :] if gates else ()
    ground = (tuple(layout.ground.pixels), tuple(layout.ground.metres)) if layout.ground else None
    rows = Drawn(
        gates=tuple(
            GateRow("", name, line.points, line.swap) for name, line in zip(gates, lines, strict=True)
        ),
        zones=tuple(
            ZoneRow("", names[zone.id], zone.polygon, zone.kind.value, CAPACITIES[zone.id])
            for zone in layout.zones
        )
        if zones
        else (),
        exclusions=tuple(layout.exclusions),
        ground=ground,
    )
    return DemoDrawn(rows, WIDTH, HEIGHT)
