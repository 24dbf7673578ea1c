"""What can be tuned in counting. Distances are in heights of a person's box unless a name says otherwise."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeasureSettings:
    """How gates and zones decide.

    ``dead_band``: foot points nearer the line than this belong to no side; ``dead_band_px``: never less than this.
    ``side_s``: least stay on each side of a gate; ``gate_slack``: a gate's ends reach this much further.
    ``enter_s``: least stay in a zone before it is an entry, and least absence before it is an exit.
    ``gap_s``: two samples further apart than this have unmeasured time between them.
    ``heir_s``, ``heir_reach``: a new track takes over from one that broke off this shortly and this nearly before.
    ``occupancy_every_s``: spacing of the occupancy series in the result (0: every sample).
    ``queue_s``: who stays shorter in a queue zone only walks through.
    ``staff_s``: who stays this long in a staff zone works here; ``resident_s``: who stays this long in a stalls zone
    keeps a stall, and a cell occupied most of such a time belongs to one who does (0: nobody does).
    ``group_s``, ``group_reach``: people who pass a gate this soon and this near after another came together.
    """

    dead_band: float = 0.04
    dead_band_px: float = 8.0
    side_s: float = 0.15
    gate_slack: float = 0.15
    enter_s: float = 0.5
    gap_s: float = 1.5
    heir_s: float = 1.2
    heir_reach: float = 0.5
    occupancy_every_s: float = 1.0
    queue_s: float = 5.0
    staff_s: float = 60.0
    resident_s: float = 1800.0
    group_s: float = 2.0
    group_reach: float = 1.0
