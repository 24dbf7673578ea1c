"""Who is who from one sample to the next: two-stage association by motion, overlap and size."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.track.assign import covered, overlaps, pair_best
from khcn.engines.vision.track.motion import Motion, to_corners
from khcn.engines.vision.track.settings import TrackerSettings
from khcn.engines.vision.types import Detections, Floats, Size, Tracks

Array = NDArray[np.float64]


@dataclass(slots=True)
class Followed:
    """One person as the tracker knows them; motion is kept beside, in the same order."""

    id: int
    born: float
    seen: float
    score: float
    hits: int = 1
    confirmed: bool = False
    row: int = -1  # of the detection in this very sample, -1: none
    sure: bool = True
    box: Array = None
    mixed: bool = False
    entered: bool = False
    left: bool = False


class Tracker:
    """Detections in, tracks out. One per camera; not safe for threads."""

    def __init__(self, settings: TrackerSettings | None = None, source: Size | None = None) -> None:
        self.settings = settings or TrackerSettings()
        self.source = source
        self.people: list[Followed] = []
        self.motion = Motion(self.settings.motion)
        self._t: float | None = None
        self._next = 1
        self.dropped: list[Followed] = []

    def update(self, detections: Detections, t: float) -> Tracks:
        """Take the detections of the sample at ``t`` seconds; return everybody confirmed and seen right now."""
        self.step(detections, t)
        rows = [i for i, person in enumerate(self.people) if person.confirmed and person.row >= 0]
        return Tracks(
            t,
            np.array([self.people[i].id for i in rows], np.int64),
            to_corners(self.motion.place[rows]).astype(np.float32),
            np.array([self.people[i].score for i in rows], np.float32),
            np.ones(len(rows), np.bool_),
        )

    def step(self, detections: Detections, t: float) -> None:
        dt = 0.0 if self._t is None else max(t - self._t, 0.0)
        self._t = t
        self.motion.advance(dt)
        for p in self.people:
            p.row = -1
        s = self.settings
        boxes = detections.boxes.astype(np.float64)
        scores = detections.scores.astype(np.float64)
        free = np.arange(len(boxes))
        sure = free[scores >= s.high]
        weak = free[(scores >= s.low) & (scores < s.high)]
        conf = np.array([i for i, p in enumerate(self.people) if p.confirmed], np.intp)
        tent = np.array([i for i, p in enumerate(self.people) if not p.confirmed], np.intp)
        used: list[int] = []
        left_c, left_d = self._match(conf, sure, boxes, scores, t)
        recent = np.array([i for i in left_c if t - self.people[i].seen < 0.7 + dt], np.intp)
        self._match(recent, weak, boxes, scores, t, low=True)
        _, left_d = self._match(tent, left_d, boxes, scores, t)
        # births
        taken = np.array([p.row for p in self.people if p.row >= 0], np.intp)
        hidden = [i for i, p in enumerate(self.people) if p.confirmed and p.row < 0 and t - p.seen < s.hidden_s]
        ghosts = to_corners(self.motion.place[hidden])
        for d in left_d:
            if scores[d] < s.born:
                continue
            if len(hidden) and covered(ghosts, boxes[d : d + 1]).max() > s.hidden_cover:
                continue
            if len(taken) and overlaps(boxes[d : d + 1], boxes[taken]).max() > 0.7:
                continue
            self.people.append(Followed(self._next, t, t, float(scores[d]), row=int(d), box=boxes[d]))
            self.people[-1].entered = self._at_edge(boxes[d])
            self._next += 1
            self.motion.add(boxes[d : d + 1])
        keep = np.array(
            [
                t - p.seen <= (s.lost_s if p.confirmed else s.tentative_s)
                and (p.confirmed or p.row >= 0 or t - p.seen < s.tentative_s)
                for p in self.people
            ],
            np.bool_,
        )
        if self.source is not None and len(keep):
            c = self.motion.place
            out = self.leaving()
            for i, p in enumerate(self.people):
                if out[i] and t - p.seen > s.exit_s:
                    keep[i] = False
                p.left = bool(out[i])
        self._mix(t)
        self.dropped = [p for p, k in zip(self.people, keep) if not k]
        if len(keep) and not keep.all():
            self.motion.keep(keep)
            self.people = [p for p, k in zip(self.people, keep) if k]

    def _at_edge(self, box):
        if self.source is None:
            return False
        h = 0.1 * (box[3] - box[1])
        return bool(box[0] < h or box[2] > self.source.width - h or box[1] < h or box[3] > self.source.height - h)

    def _mix(self, t):
        who = [i for i, p in enumerate(self.people) if p.confirmed and t - p.seen < 1.0]
        b = to_corners(self.motion.place[who])
        for n, i in enumerate(who):
            if self.people[i].row >= 0:
                b[n] = self.people[i].box
        iou = overlaps(b, b)
        np.fill_diagonal(iou, 0)
        for n, i in enumerate(who):
            p = self.people[i]
            top = iou[n].max() if len(who) else 0
            p.mixed = top > (self.settings.mixed_out if p.mixed else self.settings.mixed_iou)

    def leaving(self):
        b = to_corners(self.motion.place)
        h = self.motion.heights
        w = self.motion.place[:, 2]
        v = self.motion.rate
        W, H = self.source.width, self.source.height
        m = 0.1 * h
        quick = 0.1 * h
        gone = (b[:, 0] < m) & (v[:, 0] < -quick) | (b[:, 2] > W - m) & (v[:, 0] > quick)
        gone |= (b[:, 3] > H - m) & (v[:, 1] > quick) | (b[:, 1] < m) & (v[:, 1] < -quick)
        c = self.motion.place
        gone |= (c[:, 0] < 0) | (c[:, 0] > W) | (c[:, 1] < 0) | (c[:, 1] > H)
        return gone

    def _match(self, who, which, boxes, scores, t, low=False):
        s = self.settings
        if not len(who) or not len(which):
            return who, which
        pos, size = self.motion.surprise(boxes[which])
        pos, size = pos[who], size[who]
        mine = to_corners(self.motion.place[who])
        iou = overlaps(mine, boxes[which])
        h = self.motion.heights[who][:, None]
        hd = np.maximum(boxes[which, 3] - boxes[which, 1], 1.0)[None]
        ratio = np.maximum(h / hd, hd / h)
        gone = np.array([t - self.people[i].seen for i in who])[:, None]
        cost = pos + s.size_weight * size
        ok = (pos < s.reach) & (ratio < s.growth)
        if low:
            ok &= iou > s.low_iou
        gain = np.where(ok, 1.0 + (s.reach * 2 - cost) / (s.reach * 2) + s.iou_weight * iou, 0.0)
        gain = np.maximum(gain, np.where(ok, 0.01, 0))
        r, c = pair_best(gain)
        doubt = np.where(scores[which[c]] >= s.high, 1.0, 2.0)
        self.motion.correct(who[r], boxes[which[c]], doubt)
        for i, d in zip(who[r], which[c]):
            p = self.people[i]
            p.row, p.seen, p.score = int(d), t, float(scores[d])
            p.box, p.sure = boxes[d], scores[d] >= s.high
            p.hits += 1
            if not p.confirmed and t - p.born >= s.confirm_s - 1e-6:
                p.confirmed = True
        return np.delete(who, r), np.delete(which, c)

    def expected(self, t: float) -> Floats:
        dt = 0.0 if self._t is None else max(t - self._t, 0.0)
        if not self.people:
            return np.zeros((0, 4), np.float32)
        return to_corners(self.motion.ahead(dt)[0]).astype(np.float32)
