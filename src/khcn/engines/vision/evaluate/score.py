"""Score a run against truth: HOTA, MOTA, IDF1, switches, crossings and occupancy, by TrackEval's definitions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from khcn.engines.vision.evaluate.metrics import Pair, clear, hota, idf1
from khcn.engines.vision.evaluate.truth import Truth
from khcn.engines.vision.layout import Gate, Layout
from khcn.engines.vision.measure.geometry import Line
from khcn.engines.vision.track.assign import overlaps
from khcn.engines.vision.types import Crossing, Tracks

TRUTH_BAND_PX = 8.0
TOLERANCE_S = 1.0


@dataclass(frozen=True, slots=True)
class CrossingScore:
    """``precision``, ``recall``: ``None`` where there was nothing to be right about."""

    truth: int
    found: int
    matched: int

    @property
    def precision(self) -> float | None:
        """Return the share of counted crossings that are true."""
        return self.matched / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Return the share of true crossings that were counted."""
        return self.matched / self.truth if self.truth else None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well a run agrees with truth."""

    hota: float
    mota: float
    idf1: float
    id_switches: int
    crossings: CrossingScore
    occupancy_mae: float

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form, without the model's name."""
        return {
            "hota": round(self.hota, 4),
            "mota": round(self.mota, 4),
            "idf1": round(self.idf1, 4),
            "id_switches": self.id_switches,
            "crossings": {
                "truth": self.crossings.truth,
                "found": self.crossings.found,
                "precision": _rounded(self.crossings.precision),
                "recall": _rounded(self.crossings.recall),
            },
            "occupancy_mae": round(self.occupancy_mae, 4),
        }


def score(
    truth: Truth,
    moments: Sequence[tuple[int, Tracks]],
    crossings: Sequence[Crossing],
    layout: Layout,
    *,
    fps: float,
) -> Evaluation:
    """Compare a run with truth.

    ``moments``: (number of the source frame from 0, tracks) of every sampled frame, in order; boxes are judged in
    these frames only. ``fps``: frames per second of the source, the truth's rate: true crossings come from every frame.
    """
    frames = []
    misses = []
    for number, tracks in moments:
        seen = truth.at(number)
        frames.append(Pair(seen.ids, tracks.ids, overlaps(seen.boxes, tracks.boxes.astype(np.float64))))
        misses.append(abs(len(seen.ids) - len(tracks)))
    counts = clear(frames)
    return Evaluation(
        hota(frames).hota,
        counts.mota,
        idf1(frames),
        counts.switches,
        match_crossings(truth_crossings(truth, layout.gates, fps), crossings),
        float(np.mean(misses)) if misses else 0.0,
    )


def truth_crossings(truth: Truth, gates: Iterable[Gate], fps: float) -> list[Crossing]:
    """Return the true crossings: a foot point that changed side beyond a dead band of 8 px, at that very moment."""
    found: list[Crossing] = []
    for gate in gates:
        line = Line(gate.points)
        sides: dict[int, tuple[int, tuple[float, float]]] = {}
        for number in sorted(truth.frames):
            seen = truth.frames[number]
            for ident, (x, y) in zip(seen.ids.tolist(), seen.feet.tolist(), strict=True):
                offset = line.offset((x, y))
                if abs(offset) <= TRUTH_BAND_PX:
                    continue
                side = 1 if offset > 0 else -1
                before = sides.get(ident)
                if before and before[0] != side and line.passed(before[1], (x, y), TRUTH_BAND_PX):
                    into = (side > 0) != gate.swap
                    found.append(Crossing(gate.id, number / fps, "in" if into else "out", x, y))
                sides[ident] = (side, (x, y))
    return sorted(found, key=lambda crossing: crossing.t)


def match_crossings(truth: Iterable[Crossing], found: Iterable[Crossing]) -> CrossingScore:
    """Match one to one within a gate and a direction, at most 1.0 s apart, as many as possible.

    Both lists in order of time and one width of tolerance for all: taking the earliest that fits is the maximum.
    """
    sides: dict[tuple[str, str], tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for which, crossings in enumerate((truth, found)):
        for crossing in crossings:
            sides[crossing.gate, crossing.direction][which].append(crossing.t)
    matched = sum(_matched(sorted(real), sorted(counted)) for real, counted in sides.values())
    return CrossingScore(
        sum(len(real) for real, _ in sides.values()), sum(len(c) for _, c in sides.values()), matched
    )


def _matched(real: list[float], counted: list[float]) -> int:
    matched = i = j = 0
    while i < len(real) and j < len(counted):
        apart = counted[j] - real[i]
        if abs(apart) <= TOLERANCE_S + 1e-9:
            matched, i, j = matched + 1, i + 1, j + 1
        elif apart < 0:
            j += 1
        else:
            i += 1
    return matched


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
