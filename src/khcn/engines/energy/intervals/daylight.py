"""Weights of intervals by the height of the sun: to spread energy over gaps and to know nights, never to plan with.

Sun position by Spencer's series (1971), good to about a quarter of a degree; planning uses pvlib.
"""

from typing import Final

import numpy as np

from khcn.engines.energy.intervals.spread import Profile, grid
from khcn.engines.energy.types import DAY_MS, Millis, Values

LOWEST_DEG: Final = 1.0  # below this height inverters sleep
AIR: Final = 1.2  # the air takes more of a low sun: weight = sin(height) ** AIR


def sun_profile(latitude: float, longitude: float) -> Profile:
    """Return the profile of a place (degrees, north and east positive)."""

    def weights(start_ms: int, end_ms: int) -> Values:
        bounds = grid(start_ms, end_ms)
        height = sine_of_height((bounds[:-1] + bounds[1:]) // 2, latitude, longitude)
        light = height > np.sin(np.radians(LOWEST_DEG))
        return np.asarray(np.where(light, np.clip(height, 0.0, 1.0) ** AIR, 0.0))

    return weights


def sine_of_height(ms: Millis, latitude: float, longitude: float) -> Values:
    """Return the sine of the sun's height over the horizon at UTC ``ms``."""
    day = ms / DAY_MS
    years = (day + 0.0) / 365.2425
    angle = 2 * np.pi * (years - np.floor(years))
    declination = (
        0.006918 - 0.399912 * np.cos(angle) + 0.070257 * np.sin(angle) - 0.006758 * np.cos(2 * angle)
        + 0.000907 * np.sin(2 * angle) - 0.002697 * np.cos(3 * angle) + 0.00148 * np.sin(3 * angle)
    )  # fmt: skip
    equation_min = 229.18 * (
        0.000075 + 0.001868 * np.cos(angle) - 0.032077 * np.sin(angle)
        - 0.014615 * np.cos(2 * angle) - 0.040849 * np.sin(2 * angle)
    )  # fmt: skip
    solar_day = day - np.floor(day) + longitude / 360 + equation_min / 1440
    hour_angle = 2 * np.pi * (solar_day - 0.5)
    phi = np.radians(latitude)
    return np.asarray(
        np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour_angle), np.float64
    )
