"""Who is who from one sample to the next: two-stage association (ByteTrack) by motion, overlap and size.

Sure detections are matched with believed tracks, weak ones with those left over, the remaining sure ones with tracks
that are not yet believed; what is still left begins new tracks. Pairs are weighed by how far a box lies from where the
person must be by now, in standard deviations of a motion model that knows the seconds gone by, so that a low or uneven
rate widens the search exactly as much as it must.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.track.assign import covered, overlaps, pair_best
from khcn.engines.vision.track.motion import Motion, to_corners
from khcn.engines.vision.track.settings import TrackerSettings
from khcn.engines.vision.types import Detections, Floats, Size, Tracks

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
_SAME = 0.7  # overlap at which a new box is one that is already taken, seen twice
_EDGE = 0.1  # heights from the picture's edge
_DRIFT = 0.15  # heights: who moves less has not moved


@dataclass(slots=True, eq=False)
class Followed:
    """One person as the tracker knows them; their motion is kept beside, in the same order.

    ``row``: the detection in this very sample, -1: none; ``sure``: its score reached ``high``; ``mixed``: overlaps
    somebody; ``entered``, ``left``: first seen at the picture's edge, gone over it; ``still``: has not moved at all.
    """

    id: int
    born: float
    seen: float
    box: Array
    score: float
    row: int
    sure: bool = True
    confirmed: bool = False
    mixed: bool = False
    entered: bool = False
    left: bool = False
    still: bool = False
    anchor: Array = field(default_factory=lambda: np.zeros(4))
    anchored: float = 0.0


class Tracker:
    """Detections in, tracks out. One per camera; not safe for threads.

    ``people``: everybody followed, believed or not; ``dropped``: those given up in the last step.
    """

    def __init__(self, settings: TrackerSettings | None = None, source: Size | None = None) -> None:
        """``source``: size of the picture; with it, who walks out of it is not waited for."""
        self.settings = settings or TrackerSettings()
        self.source = source
        self.people: list[Followed] = []
        self.dropped: list[Followed] = []
        self.motion = Motion(self.settings.motion)
        self._t: float | None = None
        self._dt = 0.0
        self._paused = False
        self._next = 1
        self._broken: list[Followed] = []  # given up before the last step began

    def update(self, detections: Detections, t: float) -> Tracks:
        """Take the detections of the sample at ``t`` seconds; return everybody believed and seen right now.

        Raises:
            ValueError: ``t`` lies before the last one.
        """
        self.step(detections, t)
        rows = [i for i, p in enumerate(self.people) if p.confirmed and p.row >= 0 and not p.still]
        return Tracks(
            t,
            np.array([self.people[i].id for i in rows], np.int64),
            to_corners(self.motion.place[rows]).astype(np.float32),
            np.array([self.people[i].score for i in rows], np.float32),
            np.ones(len(rows), np.bool_),
        )

    def expected(self, t: float) -> Floats:
        """Return the boxes (n, 4) in which followed people are expected at ``t``: ``Hints.tracked``."""
        dt = 0.0 if self._t is None else max(t - self._t, 0.0)
        return to_corners(self.motion.ahead(dt)[0]).astype(np.float32)

    def step(self, detections: Detections, t: float) -> None:
        """Go on to ``t`` and bring ``people`` and ``dropped`` up to date."""
        self._go_to(t)
        boxes, scores = detections.boxes.astype(np.float64), detections.scores.astype(np.float64)
        sound = np.isfinite(boxes).all(axis=1) & (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        sure = np.flatnonzero(sound & (scores >= self.settings.high))
        weak = np.flatnonzero(sound & (scores >= self.settings.low) & (scores < self.settings.high))
        believed = self._where(lambda p: p.confirmed)
        left, sure = self._match(believed, sure, boxes, scores)
        patience = self.settings.weak_s + self._dt
        left = np.array([i for i in left if t - self.people[i].seen < patience], np.intp)
        self._match(left, weak, boxes, scores)
        _, sure = self._match(self._where(lambda p: not p.confirmed), sure, boxes, scores)
        self._begin(sure, boxes, scores)
        self._mark_mixed()
        self._mark_still()
        self._drop()

    def _go_to(self, t: float) -> None:
        if self._t is not None and t < self._t:
            raise ValueError(f"time went back from {self._t} to {t}")
        dt = 0.0 if self._t is None else t - self._t
        # After a pause only those who stood still can be known again, after a long one nobody.
        self._paused = dt > self.settings.lost_s
        self._broken = self.people if dt > self.settings.break_s else []
        if self._broken:
            self._keep([False] * len(self.people))
        self._dt = dt
        self._t = t
        self.motion.advance(dt)
        for person in self.people:
            person.row = -1

    def _where(self, wanted: Callable[[Followed], bool]) -> Rows:
        return np.array([i for i, person in enumerate(self.people) if wanted(person)], np.intp)

    def _match(self, who: Rows, which: Rows, boxes: Array, scores: Array) -> tuple[Rows, Rows]:
        """Match people with detections; return those of both who are left over."""
        if not len(who) or not len(which):
            return who, which
        settings = self.settings
        position, size = self.motion.surprise(boxes[which], who)
        mine, theirs = to_corners(self.motion.place[who]), boxes[which]
        overlap = overlaps(_widened(mine, settings.buffer), _widened(theirs, settings.buffer))
        ratio = self.motion.heights[who][:, None] / np.maximum(theirs[:, 3] - theirs[:, 1], 1.0)[None]
        allowed = (position < settings.reach) & (np.maximum(ratio, 1 / ratio) < settings.growth)
        free = (scores[which] >= settings.high) & (not self._paused)
        allowed &= (overlap > settings.weak_iou) | free[None]
        surprise = position + settings.size_weight * size
        gain = 2 - surprise / (2 * settings.reach) + settings.iou_weight * overlap
        rows, columns = pair_best(np.where(allowed, np.maximum(gain, 0.01), 0.0))
        doubt = np.where(scores[which[columns]] >= settings.high, 1.0, 2.0)
        self.motion.correct(who[rows], boxes[which[columns]], doubt)
        for i, d in zip(who[rows].tolist(), which[columns].tolist(), strict=True):
            self._see(self.people[i], d, boxes[d], float(scores[d]))
        return np.delete(who, rows), np.delete(which, columns)

    def _see(self, person: Followed, row: int, box: Array, score: float) -> None:
        person.row, person.seen, person.box, person.score = row, self._now, box, score
        person.sure = score >= self.settings.high
        person.confirmed |= self._now - person.born >= self.settings.confirm_s - 1e-6

    @property
    def _now(self) -> float:
        return self._t or 0.0

    def _begin(self, which: Rows, boxes: Array, scores: Array) -> None:
        """Begin a track for each detection that is not somebody seen twice, nor somebody hidden in a bigger box."""
        settings = self.settings
        taken = boxes[[person.row for person in self.people if person.row >= 0]]
        hidden = self._where(lambda p: p.confirmed and p.row < 0 and self._now - p.seen < settings.hidden_s)
        ghosts = to_corners(self.motion.place[hidden])
        for d in which.tolist():
            box = boxes[d : d + 1]
            if overlaps(box, taken).max(initial=0.0) > _SAME:
                continue
            if covered(ghosts, box).max(initial=0.0) > settings.hidden_cover:
                continue
            person = Followed(self._next, self._now, self._now, boxes[d], float(scores[d]), d)
            person.entered = self._at_edge(boxes[d])
            person.anchor, person.anchored = boxes[d], self._now
            person.confirmed = settings.confirm_s <= 0
            self._next += 1
            self.people.append(person)
            self.motion.add(box)
            taken = np.concatenate([taken, box])

    def _mark_mixed(self) -> None:
        """Mark who overlaps somebody so much that who is who becomes a guess; with hysteresis."""
        who = self._where(lambda p: p.confirmed and self._now - p.seen < self.settings.hidden_s)
        boxes = to_corners(self.motion.place[who])
        for n, i in enumerate(who):
            if self.people[i].row >= 0:
                boxes[n] = self.people[i].box
        overlap = overlaps(boxes, boxes)
        np.fill_diagonal(overlap, 0.0)
        for i, most in zip(who, overlap.max(axis=1, initial=0.0), strict=True):
            person = self.people[i]
            person.mixed = bool(most > (self.settings.mixed_out if person.mixed else self.settings.mixed_iou))

    def _mark_still(self) -> None:
        if self.settings.still_s <= 0:
            return
        for person in self.people:
            if person.row < 0:
                continue
            height = max(person.anchor[3] - person.anchor[1], 1.0)
            if np.abs(person.box - person.anchor).max() > _DRIFT * height:
                person.anchor, person.anchored = person.box, self._now
            person.still = self._now - person.anchored >= self.settings.still_s

    def _drop(self) -> None:
        settings = self.settings
        leaving = self._leaving()
        kept = []
        for person, out in zip(self.people, leaving, strict=True):
            person.left = bool(out)
            patience = settings.lost_s if person.confirmed else settings.tentative_s
            kept.append(self._now - person.seen <= (min(patience, settings.exit_s) if out else patience))
        self.dropped = [*self._broken, *(p for p, keep in zip(self.people, kept, strict=True) if not keep)]
        self._keep(kept)

    def _keep(self, kept: list[bool]) -> None:
        if not all(kept):
            self.motion.keep(np.array(kept, np.bool_))
            self.people = [person for person, keep in zip(self.people, kept, strict=True) if keep]

    def _leaving(self) -> NDArray[np.bool_]:
        """Return who is on the way out of the picture, or out of it."""
        if self.source is None:
            return np.zeros(len(self.people), np.bool_)
        boxes, rate, place = to_corners(self.motion.place), self.motion.rate, self.motion.place
        near = _EDGE * self.motion.heights  # also the speed, in pixels per second, that counts as walking
        width, height = self.source.width, self.source.height
        out = (boxes[:, 0] < near) & (rate[:, 0] < -near) | (boxes[:, 2] > width - near) & (rate[:, 0] > near)
        out |= (boxes[:, 1] < near) & (rate[:, 1] < -near) | (boxes[:, 3] > height - near) & (
            rate[:, 1] > near
        )
        return out | (place[:, :2] < 0).any(axis=1) | (place[:, 0] > width) | (place[:, 1] > height)

    def _at_edge(self, box: Array) -> bool:
        if self.source is None:
            return False
        near = _EDGE * (box[3] - box[1])
        far = (self.source.width - near, self.source.height - near)
        return bool(box[0] < near or box[1] < near or box[2] > far[0] or box[3] > far[1])


def _widened(boxes: Array, share: float) -> Array:
    if not share:
        return boxes
    margin = share * (boxes[:, 2:] - boxes[:, :2])
    return np.concatenate([boxes[:, :2] - margin, boxes[:, 2:] + margin], axis=1)
