"""Score a run against truth: HOTA, MOTA, IDF1, switches, crossings and occupancy, by TrackEval's definitions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from khcn.engines.vision.layout import Layout
from khcn.engines.vision.types import Crossing, Tracks


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well a run agrees with truth."""

    hota: float
    mota: float
    idf1: float
    id_switches: int
    truth: int
    found: int
    precision: float | None
    recall: float | None
    occupancy_mae: float

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form, without the model's name."""
        raise NotImplementedError


def score(
    truth: "Truth",
    moments: Sequence[tuple[int, Tracks]],
    crossings: Sequence[Crossing],
    layout: Layout,
    *,
    fps: float,
) -> Evaluation:
    """Compare a run with truth.

    ``truth``: ``evaluate.truth.read_mot(path)``; ``moments``: (number of the source frame from 0, tracks) of every
    sampled frame, in order; ``fps``: frames per second of the *source* (the truth's rate), to time the truth.
    """
    raise NotImplementedError


class Truth:
    """Boxes of a MOT15/MOT17 file by source frame (moves to ``evaluate.truth``)."""
