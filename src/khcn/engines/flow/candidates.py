"""The forecasts that are combined: shapes of different memory times levels of different memory, and plain means."""

from typing import Final

import numpy as np

from khcn.engines.flow.dayeffects import DayEffects
from khcn.engines.flow.profiles import (
    Medians,
    day_level,
    decay,
    filled,
    repeat,
    seasonal_naive,
    week_levels,
    weeks_before,
    weighted_mean,
)
from khcn.engines.flow.series import Array

MEMORY_WEEKS: Final = 60
LEVEL_WEEKS: Final = 6
# half-life of the shape in weeks, half-life of the level in days
SHAPES: Final = ((4.0, (3.0, 10.0)), (8.0, (3.0, 5.0)), (16.0, (3.0, 20.0)))
MEANS: Final = (1.0, 2.0)
YEAR: Final = 364 * 24
NAMES: Final = (
    "naive", "mean1", "mean2", "s4l3", "s4l10", "s8l3", "s8l5", "s16l3", "s16l20", "season",
)  # fmt: skip


def candidates(values: Array, effects: DayEffects, at: int, horizon: int) -> tuple[Array, Array]:
    """Return the candidate forecasts from hour ``at`` (shape (len(NAMES), horizon)) and the spread of each hour.

    The spread (shape (horizon,)) is the usual distance of past weeks from their shape, for scaling intervals.
    """
    plain = effects.clean(values, at, MEMORY_WEEKS)
    weeks = weeks_before(plain, plain.size, MEMORY_WEEKS)
    factor = effects.factors(at, at, horizon)
    rows = [seasonal_naive(values, at, horizon)]
    rows += [
        repeat(filled(weighted_mean(weeks, decay(len(weeks), memory))), horizon) * factor for memory in MEANS
    ]
    levels = week_levels(weeks)
    scaled = weeks / levels[:, None]
    medians = Medians(scaled)
    recent = weeks[:LEVEL_WEEKS]
    spread = np.zeros(horizon)
    season = rows[-1]
    for memory, level_memories in SHAPES:
        shape = filled(medians.at(decay(len(weeks), memory)))
        for days in level_memories:
            rows.append(repeat(shape, horizon) * factor * day_level(recent, shape, days))
        if memory == 8.0:
            level = day_level(recent, shape, 10.0)
            season = repeat(shape, horizon) * factor * level * _season(values, effects, at, horizon)
            spread = repeat(_spread(scaled, shape, decay(len(weeks), memory)) * level, horizon) * factor
    rows.append(season)
    return np.maximum(np.nan_to_num(np.array(rows)), 0.0), spread


def _spread(scaled: Array, shape: Array, weights: Array) -> Array:
    """Weighted median distance from the shape, smoothed over neighbouring hours."""
    distance = filled(Medians(np.abs(scaled - shape)).at(weights))
    around = np.convolve(np.concatenate((distance[-1:], distance, distance[:1])), (0.25, 0.5, 0.25), "valid")
    return np.asarray(np.where(shape > 0, around, distance), dtype=np.float64)


def _season(values: Array, effects: DayEffects, at: int, horizon: int) -> Array:
    """Square root of how the same weeks a year ago left their level, smoothed over a week; 1 without such a year."""
    past = at - YEAR
    if past < 8 * 168:
        return np.ones(horizon)
    plain = effects.clean(values, past, 26)
    weeks = weeks_before(plain, plain.size, 26)
    shape = filled(weighted_mean(weeks / week_levels(weeks)[:, None], decay(len(weeks), 8)))
    expected = repeat(shape, horizon) * day_level(weeks[:LEVEL_WEEKS], shape, 10.0)
    length = min(horizon, YEAR)
    seen = effects.clean(values, past + length, length // 168 + 1)[-length:]
    usable = ~np.isnan(seen)
    days = -(-length // 24)
    pad = days * 24 - length
    seen_days = np.pad(np.where(usable, seen, 0.0), (0, pad)).reshape(days, 24).sum(axis=1)
    base_days = np.pad(np.where(usable, expected[:length], 0.0), (0, pad)).reshape(days, 24).sum(axis=1)
    window = np.ones(min(7, days) // 2 * 2 + 1)
    half = window.size // 2
    seen_days, base_days = (
        np.convolve(np.pad(row, half, "edge"), window, "valid") for row in (seen_days, base_days)
    )
    ratio = np.clip((seen_days + 10) / (base_days + 10), 0.5, 2.0)
    hours = np.ones(horizon)
    hours[:length] = np.repeat(np.sqrt(ratio), 24)[:length]
    return hours
