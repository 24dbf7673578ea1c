"""Capture times out of what streams claim, and the choice of frames to look at."""

from dataclasses import dataclass, field
from math import floor, isfinite

LONGEST_GAP_S = 60.0  # a recording that leaps further has wrong timestamps
AHEAD_S = 2.0  # a live picture cannot be from the future: this much is jitter
LATE_S = 12.0  # a live picture that arrives later than this has a broken clock
DRIFT = 2e-4  # seconds a second by which a camera's clock may be slower than ours


@dataclass(slots=True)
class Timeline:
    """Turns timestamps of frames (seconds or None) into media time that starts at 0 and only grows.

    Rules: no timestamp: one frame step on; backwards by less than a second or twice the same: a thousandth on;
    further back, or more than a minute ahead: the clock was reset and the film goes on one step later.
    ``repairs`` counts what was mended.
    """

    step: float = 0.04
    origin: float | None = None
    offset: float = 0.0
    last: float | None = None
    repairs: int = 0

    def at(self, pts: float | None) -> float:
        """Return the media time of the next frame."""
        if pts is None or not isfinite(pts):
            self.repairs += self.last is not None
            t = 0.0 if self.last is None else self.last + self.step
            if self.origin is None:
                self.origin = 0.0
            self.last = t
            return t
        if self.origin is None:
            self.origin = pts
        t = pts - self.origin + self.offset
        if self.last is not None and t <= self.last:
            self.repairs += 1
            if t < self.last - 1.0:
                self.offset += self.last + self.step - t
                t = self.last + self.step
            else:
                t = self.last + 0.001
        elif t - (self.last or 0.0) > LONGEST_GAP_S:
            self.repairs += 1
            t_new = (self.last or 0.0) + self.step
            self.offset += t_new - t
            t = t_new
        self.last = t
        return t


@dataclass(slots=True)
class LiveClock:
    """Capture time of live frames on the monotonic clock, from timestamps checked against arrival.

    The earliest arrival seen is the anchor: frames held up on the way (a stall, then a burst) keep the moment at
    which they were taken. A stream that runs ahead of the clock (a flood), one whose clock stands still or leaps, and
    one without timestamps get their time of arrival instead.
    """

    anchor: float | None = None  # monotonic time of timestamp 0
    stamp: float = float("-inf")  # the last timestamp
    last: float = float("-inf")
    repairs: int = 0

    def at(self, pts: float | None, arrival: float) -> float:
        """Return when the frame was taken, in monotonic seconds, later than every frame before it."""
        if pts is None or not isfinite(pts) or pts <= self.stamp:
            self.repairs += pts is not None
            if pts is not None and isfinite(pts) and pts < self.stamp - 1:
                self.stamp, self.anchor = pts, None
            taken = arrival
        else:
            lag = arrival - pts
            if self.anchor is None:
                self.anchor = lag
            else:
                self.anchor += DRIFT * min(1.0, max(0.0, pts - self.stamp))
            self.stamp = pts
            if lag < self.anchor:
                if self.anchor - lag > AHEAD_S:
                    self.repairs += 1
                self.anchor = lag
            elif lag - self.anchor > LATE_S:
                self.repairs += 1
                self.anchor = lag
            taken = self.anchor + pts
        if taken <= self.last:
            taken = self.last + 0.001
        self.last = taken
        return taken

    def peek(self, pts: float | None, arrival: float) -> float:
        """Return what :meth:`at` would say, and change nothing."""
        return LiveClock(self.anchor, self.stamp, self.last).at(pts, arrival)


@dataclass(slots=True)
class Sampler:
    """Chooses frames at ``fps`` a second of capture time, on a fixed grid.

    Which frames are taken depends on their times alone, so a run that starts again in the middle takes the same
    ones. ``slack_s``: a frame that comes this little early still fills its slot (timestamps are rounded).
    """

    fps: float
    slack_s: float = 0.006
    slot: int = field(default=-1)

    def wants(self, t: float) -> bool:
        """Return whether the frame at ``t`` fills a new slot."""
        slot = self._slot(t)
        if slot <= self.slot:
            return False
        self.slot = slot
        return True

    def passed(self, t: float) -> None:
        """Go on as if the frame at ``t`` had been taken."""
        self.slot = self._slot(t)

    def _slot(self, t: float) -> int:
        return floor(t * self.fps + min(0.1, self.slack_s * self.fps))


@dataclass(slots=True)
class Bucket:
    """Bounds bursts: at most ``rate`` a second of real time beyond a reserve of ``burst``."""

    rate: float
    burst: float
    level: float = field(init=False)
    at: float | None = None

    def __post_init__(self) -> None:
        self.level = self.burst

    def take(self, now: float) -> bool:
        """Return whether one more may pass now."""
        if self.at is not None:
            self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True
