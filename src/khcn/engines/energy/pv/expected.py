"""What a system should give, for comparing with what it gave: a usual year, and a sky without clouds.

The usual year is a mean: on a single day it may be wrong by half, over a month by a tenth. Hourly means become steps
of a quarter of an hour by the course of the clear sky, so mornings and evenings have the right shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.pv.builtin import ALTITUDE_M, month_hour
from khcn.engines.energy.pv.sun import Sky
from khcn.engines.energy.pv.weather import Weather
from khcn.engines.energy.pv.yields import Chain, Roof, roof_yield
from khcn.engines.energy.types import DAY_MS, STEP_MS

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
_BLOCK_MS: Final = 32 * DAY_MS


@dataclass(frozen=True)
class Expected:
    """One value a step from ``start_ms``. ``kwh``: usual AC energy; ``clear_kwh``: without clouds; ``poa_kwh_m2``: usual
    irradiation on the modules (mean over the arrays by power); ``elevation``: of the sun in the middle, degrees.
    """

    start_ms: int
    step_ms: int
    kwh: Floats
    clear_kwh: Floats
    poa_kwh_m2: Floats
    elevation: Floats


def expected(
    roofs: Sequence[Roof], chain: Chain, *, latitude: float, longitude: float, start_ms: int, end_ms: int,
    step_ms: int = STEP_MS, altitude_m: float | None = None, offset_hours: float | None = None,
) -> Expected:  # fmt: skip
    """Return the expectation for every step between two moments. Loads pvlib; 0.3 s a year."""
    offset = round(longitude / 15) if offset_hours is None else offset_hours
    altitude = ALTITUDE_M if altitude_m is None else altitude_m
    index = _steps(start_ms, end_ms, step_ms)
    if not len(index) or not roofs:
        empty = np.zeros(len(index))
        return Expected(start_ms, step_ms, empty, empty, empty, empty)
    clear, sky = _light(index, start_ms, step_ms, (latitude, longitude, altitude))
    usual = clear.copy()
    # shares of a clear sky hardly change over ten kilometres: the sites of a district have one table
    factors = _factors(round(latitude, 1), round(longitude, 1), round(altitude, -1), offset)
    share = _between_hours(index, factors, offset)
    for column, name in enumerate(("ghi", "dni", "dhi")):
        usual[name] = clear[name].to_numpy() * share[:, column]
    usual["temperature"], usual["wind"] = share[:, 3], share[:, 4]
    clear["temperature"], clear["wind"] = share[:, 3], share[:, 4]
    hours = step_ms / 3_600_000.0
    found = {}
    for name, frame in (("usual", usual), ("clear", clear)):
        weather = Weather(frame, latitude, longitude, altitude, "weather-builtin", {})
        each = [roof_yield(weather, sky, roof, chain) for roof in roofs]
        kwp = sum(roof.kwp for roof in roofs)
        poa = (
            sum((one.poa * roof.kwp for one, roof in zip(each, roofs, strict=True)), np.zeros(len(index)))
            / kwp
        )
        found[name] = (np.sum([one.ac_kw for one in each], axis=0) * hours, poa * hours / 1000.0)
    return Expected(
        start_ms, step_ms, found["usual"][0], found["clear"][0], found["usual"][1], 90.0 - sky.zenith
    )


def _steps(start_ms: int, end_ms: int, step_ms: int) -> "pd.DatetimeIndex":
    import pandas as pd  # noqa: PLC0415  # heavy: only in the worker

    middle = np.arange(start_ms, end_ms, step_ms, dtype=np.int64) + step_ms // 2
    return pd.DatetimeIndex(middle * 1_000_000, tz="UTC")


def _light(
    index: Any, start_ms: int, step_ms: int, place: tuple[float, float, float]
) -> "tuple[pd.DataFrame, Sky]":
    """Return the clear sky at ``index``: from blocks of days, which every system and survey of a district asks for."""
    import pandas as pd  # noqa: PLC0415

    latitude, longitude, altitude = place
    if start_ms % step_ms or _BLOCK_MS % step_ms:
        return _clear(index, latitude, longitude, altitude)
    # to the nearest twentieth of a degree: twelve seconds of the sun's way at most
    near = (round(latitude * 20) / 20, round(longitude * 20) / 20, round(altitude, -1))
    first, last = start_ms // _BLOCK_MS, (start_ms + (len(index) - 1) * step_ms) // _BLOCK_MS
    blocks = [_block(number, step_ms, *near) for number in range(first, last + 1)]
    begin = (start_ms - first * _BLOCK_MS) // step_ms
    table = np.concatenate(blocks, axis=1)[:, begin : begin + len(index)]
    frame = pd.DataFrame(dict(zip(("ghi", "dni", "dhi"), table[:3], strict=True)), index=index)
    zenith, azimuth, extra = table[3:]
    return frame, Sky(zenith, azimuth, extra, (zenith < 90).astype(float))


@lru_cache(maxsize=128)
def _block(number: int, step_ms: int, latitude: float, longitude: float, altitude: float) -> Floats:
    """Return (ghi, dni, dhi, apparent zenith, azimuth, light outside the air) for a block of days."""
    index = _steps(number * _BLOCK_MS, (number + 1) * _BLOCK_MS, step_ms)
    clear, sky = _clear(index, latitude, longitude, altitude)
    table = np.vstack([clear.to_numpy().T, sky.zenith, sky.azimuth, sky.extra])
    table.setflags(write=False)
    return table


def _clear(index: Any, latitude: float, longitude: float, altitude: float) -> "tuple[pd.DataFrame, Sky]":
    import pvlib  # noqa: PLC0415

    place = pvlib.location.Location(latitude, longitude, tz="UTC", altitude=altitude)
    sun = place.get_solarposition(index)
    turbidity = pvlib.clearsky.lookup_linke_turbidity(index, latitude, longitude)
    clear = place.get_clearsky(index, solar_position=sun, linke_turbidity=turbidity)[["ghi", "dni", "dhi"]]
    zenith = sun["apparent_zenith"].to_numpy()
    extra = np.asarray(pvlib.irradiance.get_extra_radiation(index), dtype=float)
    return clear.copy(), Sky(zenith, sun["azimuth"].to_numpy(), extra, (zenith < 90).astype(float))


@lru_cache(maxsize=64)
def _factors(latitude: float, longitude: float, altitude: float, offset: float) -> Floats:
    """Return the table (12, 24, 5): light as a share of the clear sky of the month's middle day; temperature and wind."""
    import pandas as pd  # noqa: PLC0415

    table = month_hour().copy()
    for month in range(12):
        begin = pd.Timestamp(2025, month + 1, 15, tz="UTC") - pd.Timedelta(hours=offset)
        index = pd.date_range(begin + pd.Timedelta(minutes=5), periods=144, freq="10min")
        clear, _sky = _clear(index, latitude, longitude, altitude)
        mean = clear.to_numpy().reshape(24, 6, 3).mean(axis=1)
        table[month, :, :3] = np.clip(table[month, :, :3] / np.maximum(mean, 1.0), 0.0, 2.5)
        table[month, :, :3][mean < 5.0] = 0.0
    return table


def _between_hours(index: Any, table: Floats, offset: float) -> Floats:
    """Return the rows of ``table`` for each moment, straight lines between the middles of hours (light and air alike)."""
    import pandas as pd  # noqa: PLC0415

    local = index + pd.Timedelta(hours=offset)
    month = local.month.to_numpy() - 1
    hour = local.hour.to_numpy() + local.minute.to_numpy() / 60.0 - 0.5
    low = np.floor(hour).astype(int)
    weight = (hour - low)[:, None]
    before, after = table[month, low % 24], table[month, (low + 1) % 24]
    found = before * (1 - weight) + after * weight
    # where one side is night its share is no share: keep the other
    dark = before[:, :3] == 0
    found[:, :3] = np.where(dark, after[:, :3], found[:, :3])
    dark = after[:, :3] == 0
    found[:, :3] = np.where(dark, before[:, :3], found[:, :3])
    return np.asarray(found)
