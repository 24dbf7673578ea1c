"""HOTA, CLEAR and identity metrics as TrackEval defines them (Luiten 2021, Bernardin 2008, Ristani 2016).

A sequence is given as one :class:`Pair` per evaluated frame: identities of truth, identities of the tracker, and the
overlap of every box with every box. Identities are any integers; they are renumbered inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.track.assign import pair_best

Array = NDArray[np.float64]
ALPHAS = np.arange(0.05, 0.99, 0.05)
_MATCH = 0.5
_TINY = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One frame: ``truth`` (n,) and ``found`` (m,) identities, ``overlap`` (n, m) from 0 to 1."""

    truth: NDArray[np.int64]
    found: NDArray[np.int64]
    overlap: Array


@dataclass(frozen=True, slots=True)
class Clear:
    """Counts at an overlap of one half."""

    matched: int
    missed: int
    false: int
    switches: int

    @property
    def mota(self) -> float:
        """Return the multiple object tracking accuracy; may be negative."""
        return (self.matched - self.false - self.switches) / max(1, self.matched + self.missed)


@dataclass(frozen=True, slots=True)
class Hota:
    """Means over 19 overlaps from .05 to .95."""

    hota: float
    detection: float
    association: float


def dense(frames: Sequence[Pair]) -> tuple[list[Pair], int, int]:
    """Renumber identities from 0; return the frames and how many people truth and tracker know."""
    truth = np.unique(np.concatenate([np.zeros(0, np.int64), *(frame.truth for frame in frames)]))
    found = np.unique(np.concatenate([np.zeros(0, np.int64), *(frame.found for frame in frames)]))
    numbered = [
        Pair(np.searchsorted(truth, frame.truth), np.searchsorted(found, frame.found), frame.overlap)
        for frame in frames
    ]
    return numbered, len(truth), len(found)


def clear(frames: Sequence[Pair]) -> Clear:
    """Return matches, misses, false boxes and identity switches; a pair of the last frame is kept where it can be."""
    frames, people, _ = dense(frames)
    ever, last = np.full(people, -1), np.full(people, -1)
    matched = missed = false = switches = 0
    for frame in frames:
        keeps = (last[frame.truth][:, None] == frame.found[None, :]) & (last[frame.truth][:, None] >= 0)
        gain = np.where(frame.overlap >= _MATCH - _TINY, 1000.0 * keeps + frame.overlap, 0.0)
        rows, columns = pair_best(gain, _TINY)
        who, whom = frame.truth[rows], frame.found[columns]
        switches += int(np.sum((ever[who] >= 0) & (ever[who] != whom)))
        last[:] = -1
        ever[who] = last[who] = whom
        matched += len(rows)
        missed += len(frame.truth) - len(rows)
        false += len(frame.found) - len(rows)
    return Clear(matched, missed, false, switches)


def idf1(frames: Sequence[Pair]) -> float:
    """Return the F1 score of identities under the best one-to-one naming of the whole sequence."""
    frames, people, tracks = dense(frames)
    together = np.zeros((people, tracks))
    for frame in frames:
        rows, columns = np.nonzero(frame.overlap >= _MATCH)
        np.add.at(together, (frame.truth[rows], frame.found[columns]), 1)
    rows, columns = pair_best(together)
    true = float(together[rows, columns].sum())
    total = sum(len(frame.truth) + len(frame.found) for frame in frames)
    return 2 * true / total if total else 0.0


def hota(frames: Sequence[Pair]) -> Hota:
    """Return HOTA with its detection and association parts."""
    frames, people, tracks = dense(frames)
    if not people or not tracks:
        return Hota(0.0, 0.0, 0.0)
    together, of_truth, of_found = np.zeros((people, tracks)), np.zeros(people), np.zeros(tracks)
    for frame in frames:
        near = frame.overlap
        both = near.sum(0)[None, :] + near.sum(1)[:, None] - near
        share = np.divide(near, both, out=np.zeros_like(near), where=both > _TINY)
        together[frame.truth[:, None], frame.found[None, :]] += share
        of_truth[frame.truth] += 1
        of_found[frame.found] += 1
    alignment = together / np.maximum(of_truth[:, None] + of_found[None, :] - together, _TINY)
    counts, hits = np.zeros((len(ALPHAS), people, tracks)), np.zeros(len(ALPHAS))
    for frame in frames:
        rows, columns = pair_best(alignment[frame.truth[:, None], frame.found[None, :]] * frame.overlap)
        near = frame.overlap[rows, columns]
        for level, alpha in enumerate(ALPHAS):
            good = near >= alpha - _TINY
            hits[level] += good.sum()
            counts[level, frame.truth[rows[good]], frame.found[columns[good]]] += 1
    union = of_truth[:, None] + of_found[None, :] - counts
    association = (counts * counts / np.maximum(union, 1)).sum((1, 2)) / np.maximum(hits, 1)
    detection = hits / np.maximum(of_truth.sum() + of_found.sum() - hits, 1)
    return Hota(
        float(np.sqrt(detection * association).mean()), float(detection.mean()), float(association.mean())
    )
