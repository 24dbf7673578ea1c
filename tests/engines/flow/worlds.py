"""Simulated markets whose truth is known: a weekly shape, a level that may move, special days, Poisson noise."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

import numpy as np

from khcn.engines.flow.series import Array, HourlySeries

START = datetime(2023, 1, 2)  # a Monday
OPEN = range(5, 19)


def expected(
    days: int,
    *,
    level: Callable[[int], float] = lambda day: 1.0,
    factors: Mapping[date, float] | None = None,
    size: float = 100.0,
    start: datetime = START,
) -> Array:
    """Mean visitors per hour: busy mornings, busier weekends, closed at night. ``level``: by day number."""
    hours = np.zeros((days, 24))
    for day in range(days):
        today = (start + timedelta(days=day)).date()
        weekday = today.weekday()
        for hour in OPEN:
            shape = 0.4 + np.exp(-((hour - 8) ** 2) / 6) + 0.6 * np.exp(-((hour - 16) ** 2) / 5)
            hours[day, hour] = size * shape * (1.5 if weekday >= 5 else 1.0)
        hours[day] *= level(day) * (factors or {}).get(today, 1.0)
    return hours.reshape(-1)


def market(days: int, *, seed: int = 1, noise: float = 0.15, **options: object) -> HourlySeries:
    """Counts drawn around :func:`expected`: Poisson, with days that are better or worse as a whole."""
    dice = np.random.default_rng(seed)
    mean = expected(days, **options)  # type: ignore[arg-type]
    mood = np.repeat(np.exp(dice.normal(0, noise, days)), 24)
    start = options.get("start", START)
    assert isinstance(start, datetime)
    return HourlySeries(start, dice.poisson(mean * mood).astype(float))
