"""The phases of a contest: which follows which, and what a juror may do and see in each."""

from dataclasses import dataclass
from typing import Final

from khcn.programmes.enums import PhaseKind

ORDER: Final = tuple(PhaseKind)


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


def next_phase(phase: str) -> PhaseKind | None:
    """Return the phase after; ``None`` at the end."""
    at = ORDER.index(PhaseKind(phase))
    return ORDER[at + 1] if at + 1 < len(ORDER) else None


def previous_phase(phase: str) -> PhaseKind | None:
    """Return the phase before; ``None`` at the beginning, and once there is a result."""
    at = ORDER.index(PhaseKind(phase))
    return ORDER[at - 1] if at and PhaseKind(phase) != PhaseKind.DONE else None


def is_step(old: str, new: str) -> bool:
    """Whether an officer may move from one phase to another: one step on, or one back."""
    if (PhaseKind(old), PhaseKind(new)) in BY_DEED:
        return False
    return new in (next_phase(old), previous_phase(old))


def before_judging(phase: str) -> bool:
    """Whether nobody has begun to score: rules may still get a new version."""
    return ORDER.index(PhaseKind(phase)) < ORDER.index(PhaseKind.JUDGING)
