"""Rules for one step of a register: how much may go through, how far it may fall, and what a bigger step means."""

from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.intervals.prepare import ABOVE_RATING, HOUR_MS, UNRATED_KW
from khcn.engines.energy.types import Channel, Millis, Values

JITTER: Final = 5  # steps of the register that noise may take back
SLIP: Final = 0.001  # share of the total that a device may forget when it restarts
NEAR_ZERO: Final = 0.02  # share of the former total below which a register "began again"
NEAR_ZERO_KWH: Final = 1.0
PERSIST: Final = 3
LEAST_MS: Final = (
    300_000  # registers refresh every five minutes at the slowest: a shorter step may hold all of it
)
LOOK_BACK_MS: Final = (
    36 * HOUR_MS
)  # a fall within noise takes back readings of at most this age (a long night)


class Relation(Enum):
    """How the first reading of a segment stands to the last one that counted."""

    GOES_ON = "goes on"
    ROLLOVER = "rollover"
    RESET = "reset"
    UP = "up"
    DOWN = "down"


def limit_kwh(channel: Channel, hours: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the most energy that can have gone through in ``hours``: rating x time x 1.2, and two steps of the register."""
    rated = channel.rated_kw or UNRATED_KW
    return np.asarray(np.maximum(hours, LEAST_MS / HOUR_MS) * rated * ABOVE_RATING + 2 * channel.resolution)


def tiny_kwh(channel: Channel, values: Values | float) -> NDArray[np.float64]:
    """Return by how much a register at ``values`` may fall without it meaning anything."""
    return np.asarray(np.maximum(JITTER * channel.resolution, SLIP * np.abs(values)))


def break_steps(channel: Channel, ms: Millis, values: Values) -> NDArray[np.bool_]:
    """Return which steps (between neighbours) cannot be one register going on."""
    steps = np.diff(values)
    limit = limit_kwh(channel, np.diff(ms) / HOUR_MS)
    return np.asarray((steps > limit) | (steps < -tiny_kwh(channel, values[:-1])))


def relation_of(channel: Channel, ms: Millis, values: Values, before: int, after: int) -> Relation:
    """Return how reading ``after`` (a position) stands to reading ``before``."""
    low, high = float(values[before]), float(values[after])
    limit = float(limit_kwh(channel, (ms[after] - ms[before]) / HOUR_MS))
    step = high - low
    if -float(tiny_kwh(channel, low)) <= step <= limit:
        return Relation.GOES_ON
    if step > 0:
        return Relation.UP
    modulus = channel.modulus
    near_end = modulus is not None and (channel.rated_kw is not None or low >= 0.9 * modulus)
    if modulus is not None and near_end and modulus - low + high <= min(limit, 0.5 * modulus):
        return Relation.ROLLOVER
    near = max(NEAR_ZERO_KWH, 10 * JITTER * channel.resolution, NEAR_ZERO * low)
    return Relation.RESET if high <= min(limit, near) else Relation.DOWN
