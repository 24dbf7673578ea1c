"""Where the sun is, good to about a hundredth of a degree: enough to know night from day and to simulate a sky.

The planner reckons with pvlib; this is for the collector and the simulators, which must stay small. Formulae of the
NOAA solar calculator (after Meeus, Astronomical Algorithms).
"""

from dataclasses import dataclass

import numpy as np

from khcn.engines.energy.types import Millis, Values


@dataclass(frozen=True, slots=True)
class SunPath:
    """Elevation above the horizon and azimuth clockwise from north, in degrees, without refraction."""

    elevation: Values
    azimuth: Values


def sun_path(t: Millis, latitude: float, longitude: float) -> SunPath:
    """Return the sun's place at the times ``t`` (ms UTC)."""
    days = t / 86_400_000.0 - 10_957.5  # since J2000.0
    century = days / 36_525.0
    mean_longitude = np.radians((280.46646 + century * (36_000.76983 + century * 0.0003032)) % 360.0)
    anomaly = np.radians(357.52911 + century * (35_999.05029 - 0.0001537 * century))
    eccentricity = 0.016708634 - century * 0.000042037
    centre = (
        np.sin(anomaly) * (1.914602 - 0.004817 * century)
        + np.sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + np.sin(3 * anomaly) * 0.000289
    )
    omega = np.radians(125.04 - 1934.136 * century)
    apparent = mean_longitude + np.radians(centre - 0.00569 - 0.00478 * np.sin(omega))
    obliquity = np.radians(23.4392911 - 0.0130042 * century + 0.00256 * np.cos(omega))
    declination = np.arcsin(np.sin(obliquity) * np.sin(apparent))
    y = np.tan(obliquity / 2) ** 2
    equation_of_time = 4 * np.degrees(
        y * np.sin(2 * mean_longitude)
        - 2 * eccentricity * np.sin(anomaly)
        + 4 * eccentricity * y * np.sin(anomaly) * np.cos(2 * mean_longitude)
        - 0.5 * y * y * np.sin(4 * mean_longitude)
        - 1.25 * eccentricity**2 * np.sin(2 * anomaly)
    )
    minutes = (t % 86_400_000) / 60_000.0
    hour = np.radians((minutes + equation_of_time + 4 * longitude) / 4.0 - 180.0)
    place = np.radians(latitude)
    sine = np.sin(place) * np.sin(declination) + np.cos(place) * np.cos(declination) * np.cos(hour)
    azimuth = np.degrees(
        np.arctan2(-np.sin(hour), np.tan(declination) * np.cos(place) - np.sin(place) * np.cos(hour))
    )
    return SunPath(np.degrees(np.arcsin(np.clip(sine, -1, 1))), azimuth % 360.0)


def is_night(now_ms: int, latitude: float, longitude: float, *, below: float = 2.0) -> bool:
    """Return whether the sun stands lower than ``below`` degrees: an inverter may sleep then."""
    return bool(sun_path(np.array([now_ms], dtype=np.int64), latitude, longitude).elevation[0] < below)
