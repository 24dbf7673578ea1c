"""The phases of a contest: which follows which, and what a juror may do and see in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from khcn.programmes.enums import PhaseKind

ORDER: Final = tuple(PhaseKind)
# A council that judges what was handed in before: no phase of its own for entries.
COUNCIL_ORDER: Final = (
    PhaseKind.PREPARING,
    PhaseKind.DECLARING,
    PhaseKind.JUDGING,
    PhaseKind.COUNCIL,
    PhaseKind.DONE,
)


@dataclass(frozen=True, slots=True)
class JurorMay:
    """What a juror may in a phase. ``read``: open the entries given to them; ``score``: write and submit sheets."""

    declare: bool = False
    read: bool = False
    score: bool = False


JUROR_MAY: Final = {
    PhaseKind.PREPARING: JurorMay(),
    PhaseKind.OPEN: JurorMay(),
    PhaseKind.CHECKING: JurorMay(),
    PhaseKind.DECLARING: JurorMay(declare=True),
    PhaseKind.JUDGING: JurorMay(declare=True, read=True, score=True),
    PhaseKind.COUNCIL: JurorMay(read=True),
    PhaseKind.DONE: JurorMay(),
}
# These two steps are made by freezing and thawing the scores, and by the leader's approval.
BY_DEED: Final = frozenset(
    {
        (PhaseKind.JUDGING, PhaseKind.COUNCIL),
        (PhaseKind.COUNCIL, PhaseKind.JUDGING),
        (PhaseKind.COUNCIL, PhaseKind.DONE),
    }
)


def juror_may(phase: str) -> JurorMay:
    """Return what a juror may in a phase."""
    return JUROR_MAY[PhaseKind(phase)]


def next_phase(phase: str, order: Sequence[PhaseKind] = ORDER) -> PhaseKind | None:
    """Return the phase after; ``None`` at the end. ``order``: the phases that a council has."""
    at = order.index(PhaseKind(phase))
    return order[at + 1] if at + 1 < len(order) else None


def previous_phase(phase: str, order: Sequence[PhaseKind] = ORDER) -> PhaseKind | None:
    """Return the phase before; ``None`` at the beginning, and once there is a result."""
    at = order.index(PhaseKind(phase))
    return order[at - 1] if at and PhaseKind(phase) != PhaseKind.DONE else None


def is_step(old: str, new: str, order: Sequence[PhaseKind] = ORDER) -> bool:
    """Whether an officer may move from one phase to another: one step on, or one back."""
    if (PhaseKind(old), PhaseKind(new)) in BY_DEED:
        return False
    return new in (next_phase(old, order), previous_phase(old, order))


def before_judging(phase: str) -> bool:
    """Whether nobody has begun to score: rules may still get a new version."""
    return ORDER.index(PhaseKind(phase)) < ORDER.index(PhaseKind.JUDGING)
