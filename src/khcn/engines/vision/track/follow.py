"""Follow people with a short delay: the tracker, then a fixed lag in which gaps are filled and jitter is smoothed."""

from collections import deque
import numpy as np
from khcn.engines.vision.track.settings import TrackerSettings
from khcn.engines.vision.track.tracker import Tracker
from khcn.engines.vision.types import Detections, Floats, Tracks


class Follower:
    """Detections in, finished moments out. One per camera; not safe for threads."""

    def __init__(self, settings: TrackerSettings | None = None, source=None) -> None:
        self.settings = settings or TrackerSettings()
        self.tracker = Tracker(self.settings, source)
        self.hist = {}  # id -> list of (t, box, score)
        self.ok = set()
        self.times = deque()

    def update(self, detections: Detections, t: float) -> list[Tracks]:
        self.tracker.step(detections, t)
        self.times.append(t)
        for p in self.tracker.people:
            if p.row >= 0:
                self.hist.setdefault(p.id, []).append((t, detections.boxes[p.row].astype(float), p.score))
            if p.confirmed:
                self.ok.add(p.id)
        out = []
        while self.times and self.times[0] <= t - self.settings.lag_s:
            out.append(self._emit(self.times.popleft()))
        return out

    def finish(self) -> list[Tracks]:
        return [self._emit(self.times.popleft()) for _ in range(len(self.times))]

    def _emit(self, t):
        ids, boxes, sc, ob = [], [], [], []
        B = 0.2
        for i in list(self.hist):
            h = self.hist[i]
            if h[-1][0] < t - 3:
                del self.hist[i]
                continue
            if i not in self.ok or h[0][0] > t or h[-1][0] < t:
                continue
            T = np.array([x[0] for x in h])
            X = np.array([x[1] for x in h])
            k = np.searchsorted(T, t)
            seen = T[k] == t
            near = np.abs(T - t) < 3 * B
            if not seen:
                a, b = T[k - 1], T[k]
                f = (t - a) / (b - a)
                box = X[k - 1] * (1 - f) + X[k] * f
            else:
                w = np.exp(-0.5 * ((T[near] - t) / B) ** 2)
                d = T[near] - t
                A = np.stack([np.ones_like(d), d], 1)
                M = (A * w[:, None]).T @ A + np.diag([0, 1e-3])
                box = np.linalg.solve(M, (A * w[:, None]).T @ X[near])[0]
            ids.append(i)
            boxes.append(box)
            sc.append(h[min(k, len(h) - 1)][2])
            ob.append(seen)
        return Tracks(
            t,
            np.array(ids, np.int64),
            np.array(boxes, np.float32).reshape(-1, 4),
            np.array(sc, np.float32),
            np.array(ob, bool),
        )

    def expected(self, t: float) -> Floats:
        return self.tracker.expected(t)
