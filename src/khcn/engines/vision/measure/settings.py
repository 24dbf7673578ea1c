"""What can be tuned in counting. Distances are in heights of a person's box unless a name says otherwise."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeasureSettings:
    """How gates and zones decide.

    ``dead_band``: foot points nearer the line than this belong to no side; ``dead_band_px``: never less than this.
    ``side_s``: least stay on each side of a gate; ``enter_s``: least stay in a zone before it is an entry.
    ``gap_s``: two samples further apart than this have unmeasured time between them.
    ``occupancy_every_s``: spacing of the occupancy series in the result.
    ``resident_s``: who stays this long in a stalls zone without a break is taken for a stall-holder (0: nobody).
    """

    dead_band: float = 0.04
    dead_band_px: float = 4.0
    side_s: float = 0.2
    enter_s: float = 0.5
    gap_s: float = 1.5
    occupancy_every_s: float = 1.0
    resident_s: float = 1800.0
