"""Follow people with a short delay: the tracker, then a fixed lag in which pieces are joined, gaps filled, jitter smoothed."""

from collections import deque

import numpy as np

from khcn.engines.vision.track.assign import overlaps
from khcn.engines.vision.track.link import Path, Piece, Seen, join
from khcn.engines.vision.track.settings import TrackerSettings
from khcn.engines.vision.track.smooth import box_at
from khcn.engines.vision.track.tracker import Followed, Tracker
from khcn.engines.vision.types import Detections, Floats, Size, Tracks

_YOUNG = 3  # boxes: a shorter piece says too little to be compared


class Follower:
    """Detections in, finished moments out. One per camera; not safe for threads."""

    def __init__(self, settings: TrackerSettings | None = None, source: Size | None = None) -> None:
        """``source``: size of the picture; with it, who walks out of it is not waited for."""
        self.settings = settings or TrackerSettings()
        self.tracker = Tracker(self.settings, source)
        self._decide_s = min(self.settings.decide_s, self.settings.lag_s)
        self._moments: deque[float] = deque()
        self._pieces: dict[int, Piece] = {}  # open ones by the tracker's number
        self._loose: dict[int, list[Seen]] = {}
        self._waiting: list[Piece] = []  # begun, not yet decided
        self._ended: list[Piece] = []
        self._paths: list[Path] = []
        self._next = 1

    def update(self, detections: Detections, t: float) -> list[Tracks]:
        """Take the detections of the sample at ``t`` seconds; return the moments that are settled now (0 or more).

        Every ``t`` given comes out once and in order, ``lag_s`` seconds later.
        """
        self.tracker.step(detections, t)
        self._moments.append(t)
        for person in self.tracker.people:
            if person.row >= 0 and not person.still:
                self._saw(person, Seen(t, person.box, person.score, person.sure))
        for person in self.tracker.dropped:
            self._lost(person)
        self._decide(t)
        settled = []
        while self._moments and self._moments[0] <= t - self.settings.lag_s + 1e-9:
            settled.append(self._settle(self._moments.popleft()))
        return settled

    def finish(self) -> list[Tracks]:
        """Return the moments still held back. Call once, at the end of the source."""
        self._decide(np.inf)
        moments, self._moments = list(self._moments), deque()
        return [self._settle(t) for t in moments]

    def expected(self, t: float) -> Floats:
        """Return the boxes (n, 4) in which followed people are expected at ``t``: ``Hints.tracked``."""
        return self.tracker.expected(t)

    def _begin(self, seen: list[Seen], before: Piece | None = None, loose: list[Seen] | None = None) -> Piece:
        path = Path(self._next, list(seen))
        self._next += 1
        self._paths.append(path)
        piece = Piece(path, list(seen), before, loose or [])
        self._waiting.append(piece)
        return piece

    def _saw(self, person: Followed, seen: Seen) -> None:
        piece = self._pieces.get(person.id)
        if piece is None:
            piece = self._pieces[person.id] = self._begin([seen])
            piece.entered = person.entered
        elif person.mixed and len(piece.seen) >= _YOUNG:
            self._loose.setdefault(person.id, []).append(seen)
        else:
            loose = self._loose.pop(person.id, [])
            if loose and seen.t - piece.seen[-1].t <= self.settings.mixed_s:
                self._close(piece)
                piece = self._pieces[person.id] = self._begin([seen], piece, loose)
                piece.path.confirmed = True
            else:
                self._extend(piece, [*loose, seen])
        piece.path.confirmed |= person.confirmed

    def _extend(self, piece: Piece, seen: list[Seen]) -> None:
        piece.seen += seen
        piece.path.seen += seen

    def _lost(self, person: Followed) -> None:
        piece = self._pieces.pop(person.id, None)
        if piece:
            self._extend(piece, self._loose.pop(person.id, []))
            piece.left = person.left
            self._close(piece)

    def _close(self, piece: Piece) -> None:
        piece.closed = True
        if piece.path.confirmed:
            self._ended.append(piece)

    def _decide(self, t: float) -> None:
        """Join the pieces that have been seen for long enough, weighing all that wait."""
        due = [p for p in self._waiting if p.closed or t - p.seen[0].t >= self._decide_s - 1e-9]
        if due:
            ready = [p for p in self._waiting if p.path.confirmed]
            free = [p for p in self._ended if not p.taken]
            # A piece that is cut again before its turn ends as well: it may be on both sides.
            for first, second in join(ready, free, self.settings):
                if second in due and first is not second:
                    self._join(first, second)
            self._waiting = [p for p in self._waiting if p not in due]
        keep = self.settings.link_s + self._decide_s + self.settings.mixed_s + 1.0
        self._ended = [p for p in self._ended if not p.taken and t - p.seen[-1].t <= keep]

    def _join(self, first: Piece, second: Piece) -> None:
        first.taken = True
        old, path = second.path, first.path
        if old is path:
            return
        path.seen += self._between(first, second)
        path.seen += old.seen
        for piece in [*self._pieces.values(), *self._waiting, *self._ended]:
            if piece.path is old:
                piece.path = path
        path.confirmed |= old.confirmed
        self._paths = [p for p in self._paths if p is not old]

    def _between(self, first: Piece, second: Piece) -> list[Seen]:
        """Return the boxes of the doubtful time that belong to the joined way."""
        if second.before is first:
            return second.loose
        a, b = first.seen[-1], second.seen[0]
        found: list[Seen] = []
        for one in second.loose:
            share = (one.t - a.t) / (b.t - a.t)
            if 0 < share < 1 and overlaps(one.box, a.box + share * (b.box - a.box))[0, 0] > 0.5:
                found.append(one)
        return found

    def _settle(self, t: float) -> Tracks:
        self._paths = [
            p for p in self._paths if p.seen[-1].t > t - self.settings.link_s - self.settings.lag_s
        ]
        ids, boxes, scores, observed = [], [], [], []
        for path in self._paths:
            if not path.confirmed or not path.seen[0].t <= t <= path.seen[-1].t:
                continue
            box, score, real = box_at(path.seen, t, self.settings)
            ids.append(path.label)
            boxes.append(box)
            scores.append(score)
            observed.append(real)
        return Tracks(
            t,
            np.array(ids, np.int64),
            np.array(boxes, np.float32).reshape(-1, 4),
            np.array(scores, np.float32),
            np.array(observed, np.bool_),
        )
