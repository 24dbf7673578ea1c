"""Prediction intervals from the errors that the forecast made in its own past (conformal), scaled to each hour.

An error is divided by the scale of its hour: the usual spread of that hour of the week, and a part of the forecast. Errors
are kept by how far ahead they were (first day, first week, second week, later); recent origins weigh more.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.flow.series import Array

AHEAD: Final = (24, 168, 336)  # upper edges of the buckets; the last one is open
LEVELS: Final = (0.1, 0.25, 0.75, 0.9)  # quantiles: the 80 % and the 50 % interval
HALF_LIFE: Final = 26.0  # origins are about a week apart: half a year
FEWEST: Final = 60  # errors below which a bucket borrows those of all buckets
FALLBACK: Final = (-1.9, -1.0, 1.0, 1.9)  # spreads either side where no error was ever measured


def scale(value: Array, spread: Array) -> Array:
    """Size by which errors of an hour are measured; zero where zero visitors are sure (closed hours)."""
    size = 0.5 * spread + 0.15 * value + 0.5 * np.sqrt(np.maximum(value, 0.0))
    return np.asarray(np.where((value <= 0) & (spread <= 0), 0.0, np.maximum(size, 1e-6)), dtype=np.float64)


def buckets(horizon: int) -> NDArray[np.intp]:
    """Bucket of each hour ahead."""
    return np.searchsorted(np.array(AHEAD), np.arange(horizon), side="right")


@dataclass(frozen=True, slots=True)
class Errors:
    """Scaled errors of past origins, oldest first: shape (origins, horizon), NaN where not measured."""

    scaled: Array

    def quantiles(self) -> Array:
        """Weighted quantiles per bucket: shape (buckets, 4)."""
        bucket = buckets(self.scaled.shape[1])
        weights = 0.5 ** (np.arange(len(self.scaled))[::-1] / HALF_LIFE)
        everything = _quantiles(self.scaled, weights)
        rows = []
        for number in range(len(AHEAD) + 1):
            part = self.scaled[:, bucket == number]
            enough = int((~np.isnan(part)).sum()) >= FEWEST
            rows.append(_quantiles(part, weights) if enough else everything)
        return np.array(rows)

    def bounds(self, value: Array, spread: Array) -> Array:
        """Return low 80, low 50, high 50, high 80 of a forecast: shape (4, horizon), ordered, never below zero."""
        size = scale(value, spread)
        steps = self.quantiles()[buckets(value.size)].T
        drawn = np.maximum(value + steps * size, 0.0)
        drawn[:2] = np.minimum(drawn[:2], value)
        drawn[2:] = np.maximum(drawn[2:], value)
        return np.asarray(drawn, dtype=np.float64)


def _quantiles(errors: Array, weights: Array) -> Array:
    known = ~np.isnan(errors)
    if not known.any():
        return np.array(FALLBACK)
    flat = errors[known]
    mass = np.broadcast_to(weights[:, None], errors.shape)[known]
    order = np.argsort(flat)
    share = (np.cumsum(mass[order]) - 0.5 * mass[order]) / mass.sum()
    return np.asarray(np.interp(LEVELS, share, flat[order]), dtype=np.float64)
