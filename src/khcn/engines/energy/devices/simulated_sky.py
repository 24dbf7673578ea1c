"""The sky, the air and the people of a simulated site: deterministic functions of time and a seed."""

from functools import lru_cache
from typing import Final

import numpy as np

from khcn.engines.energy.devices.sun import sun_path
from khcn.engines.energy.types import DAY_MS, Millis, Values

NODE_MS: Final = 5 * 60_000
_NODES: Final = DAY_MS // NODE_MS
# Share of clear sky that a month of the south keeps on average: dry from December to April, rain from May to November.
_CLEARNESS: Final = (0.80, 0.84, 0.83, 0.79, 0.72, 0.68, 0.69, 0.69, 0.68, 0.68, 0.72, 0.76)
_WARMEST: Final = (31.6, 32.9, 34.0, 34.7, 34.0, 32.5, 32.0, 31.9, 31.4, 31.3, 31.1, 30.9)


class Sky:
    """One place under one seed. Noise belongs to a local day, so any span gives the same sky."""

    def __init__(self, seed: int, latitude: float, longitude: float, utc_offset_h: float) -> None:
        self._seed, self._latitude, self._longitude = seed, latitude, longitude
        self._offset = round(utc_offset_h * 3_600_000)

    def elevation(self, t: Millis) -> Values:
        """Return the sun's elevation, degrees."""
        return sun_path(t, self._latitude, self._longitude).elevation

    def ghi(self, t: Millis) -> Values:
        """Return global horizontal irradiance under this sky, W/m2."""
        sine = np.sin(np.radians(self.elevation(t)))
        clear = np.where(sine > 0.01, 1098.0 * sine * np.exp(-0.057 / np.maximum(sine, 0.01)), 0.0)
        return np.asarray(clear * self.clearness(t), dtype=np.float64)

    def plane(self, t: Millis, tilt_deg: float, azimuth_deg: float) -> Values:
        """Return irradiance on a tilted plane, W/m2 (Erbs split, isotropic sky, albedo 0.2)."""
        path = sun_path(t, self._latitude, self._longitude)
        sine = np.sin(np.radians(path.elevation))
        ghi = self.ghi(t)
        index = np.clip(ghi / np.maximum(1361.0 * sine, 60.0), 0.0, 1.0)
        diffuse = ghi * np.where(
            index <= 0.22,
            1 - 0.09 * index,
            np.where(
                index <= 0.8,
                0.9511 - 0.1604 * index + 4.388 * index**2 - 16.638 * index**3 + 12.336 * index**4,
                0.165,
            ),
        )
        tilt, turn = np.radians(tilt_deg), np.radians(path.azimuth - azimuth_deg)
        facing = sine * np.cos(tilt) + np.cos(np.radians(path.elevation)) * np.sin(tilt) * np.cos(turn)
        beam = (ghi - diffuse) / np.maximum(sine, 0.05)
        sky = diffuse * (1 + np.cos(tilt)) / 2 + 0.2 * ghi * (1 - np.cos(tilt)) / 2
        return np.where(ghi > 0, beam * np.maximum(facing, 0.0) + sky, 0.0)

    def clearness(self, t: Millis) -> Values:
        """Return the share of clear-sky irradiance, 0.08 to 1.05."""
        day = self._day(t)
        mean = np.array([self._mean_clearness(int(one)) for one in np.unique(day)])[
            np.unique(day, return_inverse=True)[1]
        ]
        moving = self.noise(t, 1) * (0.30 - 0.22 * np.abs(mean - 0.55))
        return np.asarray(np.clip(mean + moving, 0.08, 1.05), dtype=np.float64)

    def air_temperature(self, t: Millis) -> Values:
        """Return the air's temperature, degrees Celsius: coolest before dawn, warmest at about two."""
        local = t + self._offset
        months = ((local // DAY_MS) % 365 // 30.44).astype(np.int64) % 12
        warm = np.asarray(_WARMEST)[months]
        hour = (local % DAY_MS) / 3_600_000
        return np.asarray(warm - 4.5 + 4.5 * np.cos((hour - 14) * np.pi / 12) + 0.6 * self.noise(t, 2))

    def grid_voltage(self, t: Millis) -> Values:
        """Return the voltage of a phase, V."""
        return 229.5 + 2.4 * self.noise(t, 3)

    def frequency(self, t: Millis) -> Values:
        """Return the frequency of the grid, Hz."""
        return 50.0 + 0.02 * self.noise(t, 4)

    def noise(self, t: Millis, kind: int) -> Values:
        """Return smooth noise, mean 0 and spread about 1, continuous in time."""
        node, share = (t + self._offset) // NODE_MS, ((t + self._offset) % NODE_MS) / NODE_MS
        left, right = self._noise_at(node, kind), self._noise_at(node + 1, kind)
        return np.asarray(left + (right - left) * share, dtype=np.float64)

    def weekday(self, t: Millis) -> Millis:
        """Return the local day of the week, Monday 0."""
        return (self._day(t) + 3) % 7

    def hour(self, t: Millis) -> Values:
        """Return the local hour of the day with its fraction."""
        return ((t + self._offset) % DAY_MS) / 3_600_000

    def day_of_year(self, t: Millis) -> Millis:
        """Return the local day of the year from 0, leap days left out of account (good to a day or so)."""
        return np.asarray((self._day(t) % 1461) % 365, dtype=np.int64)

    def _day(self, t: Millis) -> Millis:
        return np.asarray((t + self._offset) // DAY_MS, dtype=np.int64)

    def _mean_clearness(self, day: int) -> float:
        usual = _CLEARNESS[int((day % 365.25) // 30.44) % 12]
        draw = np.random.default_rng([self._seed, 17, day]).beta(4.0, 2.0)
        return float(np.clip(usual + (draw - 0.667) * 0.75, 0.15, 1.0))

    def _noise_at(self, node: Millis, kind: int) -> Values:
        day, place = node // _NODES, node % _NODES
        days, inverse = np.unique(day, return_inverse=True)
        table = np.stack([_day_noise(self._seed, kind, int(one)) for one in days])
        return np.asarray(table[inverse, place], dtype=np.float64)


@lru_cache(maxsize=4096)
def _day_noise(seed: int, kind: int, day: int) -> Values:
    """Return a day of smooth noise at the nodes; it ends at 0, where the next day begins."""
    rough = np.random.default_rng([seed, kind, day]).standard_normal(_NODES + 12)
    smooth = np.convolve(rough, np.ones(12) / 12**0.5, mode="valid")[:_NODES]
    fade = np.minimum(1.0, np.minimum(np.arange(_NODES), np.arange(_NODES, 0, -1)) / 12.0)
    return np.asarray(smooth * fade, dtype=np.float64)


def cell_temperature(air: Values, poa: Values) -> Values:
    """Return the temperature of modules on a roof (Ross, 0.033 degrees per W/m2)."""
    return air + 0.033 * poa


def load_shape(sky: Sky, t: Millis, kind: str, peak_kw: float, night_kw: float) -> Values:
    """Return what the people of a building use, kW: by hour, day of the week, season and chance."""
    hour, weekday = sky.hour(t), sky.weekday(t)
    work = np.clip(np.minimum((hour - 6.5) / 1.5, (17.5 - hour) / 1.5), 0.0, 1.0)
    lunch = 1 - 0.25 * np.exp(-(((hour - 12.3) / 0.8) ** 2))
    match kind:
        case "school":
            day = sky.day_of_year(t)
            holidays = (day >= 151) & (day < 227)  # June to mid-August
            share = work * lunch * np.where(weekday < 5, 1.0, np.where(weekday == 5, 0.35, 0.06))
            share = share * np.where(holidays, 0.25, 1.0)
        case "office":
            share = work * lunch * np.where(weekday < 5, 1.0, 0.08)
        case "market":
            share = np.clip(np.minimum((hour - 3.5) / 1.5, (19.5 - hour) / 2.0), 0.0, 1.0)
        case "health":
            share = 0.45 + 0.55 * work * np.where(weekday < 6, 1.0, 0.5)
        case _:
            share = np.ones(len(t))
    heat = 1 + 0.02 * (sky.air_temperature(t) - 30)
    return np.asarray(
        np.maximum(
            0.2 * night_kw, night_kw + (peak_kw - night_kw) * share * heat * (1 + 0.06 * sky.noise(t, 6))
        )
    )
