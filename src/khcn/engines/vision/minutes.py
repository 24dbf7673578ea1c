"""One minute of one camera as it travels from a box to the centre: numbers only.

A minute in which nothing could be measured is not sent at all; ``measured_s`` says how many of its 60 seconds count.
Sums are kept, not means, so that hours and days add up: the mean occupancy of any span is ``person_s / measured_s``.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

DWELL_EDGES_S = (
    5,
    10,
    20,
    30,
    60,
    120,
    300,
    600,
    1200,
)  # upper edges of the stay histogram; the last bin is open


@dataclass(frozen=True, slots=True)
class GateMinute:
    """Crossings of one gate."""

    id: str
    count_in: int = 0
    count_out: int = 0


@dataclass(frozen=True, slots=True)
class ZoneMinute:
    """Presence in one zone.

    ``person_s``: sum over people of seconds inside; ``stays``: finished stays by length, one more bin than
    :data:`DWELL_EDGES_S` (ids break, so lengths are biased low; see ``docs``).
    """

    id: str
    person_s: float = 0.0
    entries: int = 0
    peak: int = 0
    stays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CameraMinute:
    """All of one camera in the minute that starts at ``start`` (UTC, whole minute).

    ``layout``: version number of the layout in force; ``health``: codes of what was wrong in this minute;
    ``heat``: seconds of presence by floor or picture cell "column,row" (grid of 32 x 18 over the picture).
    """

    camera: str
    start: datetime
    measured_s: float
    person_s: float = 0.0
    peak: int = 0
    layout: int = 0
    gates: tuple[GateMinute, ...] = ()
    zones: tuple[ZoneMinute, ...] = ()
    heat: dict[str, float] = field(default_factory=dict)
    health: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the wire form."""
        return {
            "camera": self.camera,
            "start": self.start.isoformat(),
            "measured_s": round(self.measured_s, 2),
            "person_s": round(self.person_s, 2),
            "peak": self.peak,
            "layout": self.layout,
            "gates": [{"id": g.id, "in": g.count_in, "out": g.count_out} for g in self.gates],
            "zones": [
                {
                    "id": z.id,
                    "person_s": round(z.person_s, 2),
                    "entries": z.entries,
                    "peak": z.peak,
                    "stays": list(z.stays),
                }
                for z in self.zones
            ],
            "heat": {cell: round(seconds, 2) for cell, seconds in self.heat.items()},
            "health": list(self.health),
        }
