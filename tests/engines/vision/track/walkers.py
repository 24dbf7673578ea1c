"""People walking straight, as a detector would see them: boxes with a fixed jitter, no picture."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from khcn.engines.vision.types import Detections

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Walker:
    """Foot at ``start`` at time ``since``, ``speed`` in heights per second; unseen in ``hidden``."""

    start: tuple[float, float]
    speed: tuple[float, float] = (0.0, 0.0)
    height: float = 100.0
    since: float = 0.0
    until: float = 1e9
    hidden: tuple[float, float] = (0.0, 0.0)
    score: float = 0.9

    def box(self, t: float) -> Box:
        x = self.start[0] + self.speed[0] * self.height * (t - self.since)
        y = self.start[1] + self.speed[1] * self.height * (t - self.since)
        return (x - 0.2 * self.height, y - self.height, x + 0.2 * self.height, y)

    def seen(self, t: float) -> bool:
        return self.since <= t <= self.until and not self.hidden[0] <= t < self.hidden[1]


def look(walkers: Iterable[Walker], t: float, jitter: float = 0.02) -> Detections:
    rng = np.random.default_rng(int(t * 1000))
    found = [(w.box(t), w.score, w.height) for w in walkers if w.seen(t)]
    if not found:
        return Detections.empty()
    boxes = np.array([box for box, _, _ in found], np.float32)
    noise = rng.normal(0, jitter, boxes.shape) * np.array([[h] for _, _, h in found])
    return Detections((boxes + noise).astype(np.float32), np.array([s for _, s, _ in found], np.float32))
