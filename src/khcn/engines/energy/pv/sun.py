"""Where the sun stands for hourly means, and what falls on a tilted plane.

In the hour of sunrise or sunset the position is taken in the middle of the part with the sun up, as PVWatts does: the
middle of the whole hour may lie in the night, and half an hour of light would be thrown away or blown up.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.pv.weather import Weather

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sky:
    """Sun and extraterrestrial beam for each row of a weather frame (degrees, W/m2); ``up``: share of the hour with sun."""

    zenith: Floats
    azimuth: Floats
    extra: Floats
    up: Floats


def sky_of(weather: Weather, latitude: float, longitude: float) -> Sky:
    """Return the sky over a place for every hour of ``weather``."""
    import pvlib  # noqa: PLC0415  # heavy: only for whoever plans

    index: Any = weather.frame.index
    moment, up = _moments(index, latitude, longitude)
    # geometric position: SAM's hourly weather is treated with refraction left out below the horizon only
    place = pvlib.solarposition.get_solarposition(moment, latitude, longitude, altitude=weather.altitude_m)
    extra = pvlib.irradiance.get_extra_radiation(moment)
    return Sky(
        place["apparent_zenith"].to_numpy(), place["azimuth"].to_numpy(), np.asarray(extra, dtype=float), up
    )


def _moments(index: Any, latitude: float, longitude: float) -> "tuple[pd.DatetimeIndex, Floats]":
    import pandas as pd  # noqa: PLC0415
    import pvlib  # noqa: PLC0415

    noon = index.normalize() + pd.Timedelta(hours=12)
    days = pd.DatetimeIndex(noon.unique())
    sun = pvlib.solarposition.sun_rise_set_transit_spa(days, latitude, longitude)
    rise = pd.DatetimeIndex(sun["sunrise"]).tz_convert("UTC").as_unit("ns").asi8 / 3.6e12
    fall = pd.DatetimeIndex(sun["sunset"]).tz_convert("UTC").as_unit("ns").asi8 / 3.6e12
    which = np.searchsorted(days.asi8, pd.DatetimeIndex(noon).asi8)
    middle = index.tz_convert("UTC").as_unit("ns").asi8 / 3.6e12
    begins = np.maximum(middle - 0.5, rise[which])
    ends = np.minimum(middle + 0.5, fall[which])
    up = np.clip(ends - begins, 0.0, 1.0)
    chosen = np.where(up > 0, (begins + ends) / 2, middle)
    return pd.DatetimeIndex((chosen * 3.6e12).astype("int64"), tz="UTC"), up


@dataclass(frozen=True)
class Plane:
    """Irradiance on a plane by component, W/m2, and the angle between sun and its normal, degrees."""

    beam: Floats
    sky: Floats
    ground: Floats
    aoi: Floats

    @property
    def total(self) -> Floats:
        """All of it."""
        return self.beam + self.sky + self.ground


def on_plane(weather: Weather, sky: Sky, tilt: float, azimuth: float, cover: float | None = None) -> Plane:
    """Transpose with the Perez model of 1990 (as SAM and PVWatts do).

    ``cover``: share of the ground that rows of an open rack cover; the rows then shade each other's beam and sky.
    """
    import pvlib  # noqa: PLC0415

    frame = weather.frame
    ghi, dni, dhi = (frame[name].to_numpy(dtype=float) for name in ("ghi", "dni", "dhi"))
    zenith = np.minimum(sky.zenith, 90.0)
    aoi = np.asarray(pvlib.irradiance.aoi(tilt, azimuth, sky.zenith, sky.azimuth), dtype=float)
    beam = np.where(sky.up > 0, dni * np.maximum(np.cos(np.radians(aoi)), 0.0), 0.0)
    airmass = pvlib.atmosphere.get_relative_airmass(np.minimum(sky.zenith, 89.9))
    diffuse = pvlib.irradiance.perez(
        tilt, azimuth, dhi, dni, sky.extra, zenith, sky.azimuth, airmass, model="allsitescomposite1990"
    )
    diffuse = np.where(sky.up > 0, np.nan_to_num(np.asarray(diffuse, dtype=float)), 0.0)
    ground = ghi * weather.albedo * (1 - np.cos(np.radians(tilt))) / 2
    if cover:
        beam, diffuse = _between_rows((beam, diffuse), sky, tilt, azimuth, cover)
        ground = _ground_between_rows((ghi - dhi, dhi), sky, tilt, azimuth, cover) * weather.albedo
    return Plane(beam, diffuse, np.where(sky.up > 0, ground, 0.0), aoi)


def _between_rows(
    plane: tuple[Floats, Floats], sky: Sky, tilt: float, azimuth: float, cover: float
) -> tuple[Floats, Floats]:
    import pvlib  # noqa: PLC0415
    from pvlib.bifacial.utils import vf_row_sky_2d_integ  # noqa: PLC0415

    shaded = pvlib.shading.shaded_fraction1d(
        sky.zenith, sky.azimuth, axis_azimuth=(azimuth - 90.0) % 360.0, shaded_row_rotation=tilt,
        collector_width=1.0, pitch=1.0 / cover,
    )  # fmt: skip
    lit = 1.0 - np.clip(np.nan_to_num(np.asarray(shaded, dtype=float)), 0.0, 1.0)
    seen = float(vf_row_sky_2d_integ(tilt, cover)) / ((1.0 + float(np.cos(np.radians(tilt)))) / 2.0)
    return plane[0] * lit, plane[1] * seen


def _ground_between_rows(
    light: tuple[Floats, Floats], sky: Sky, tilt: float, azimuth: float, cover: float
) -> Floats:
    """Return what a row sees of the light (beam and diffuse, horizontal) on the ground before it, for an albedo of 1.

    Of diffuse light it sees the ground up to the next row, of beam only the part that the next row does not shade;
    view factors by crossed strings, in units of the width of a row.
    """
    pitch, steep = 1.0 / cover, np.radians(tilt)

    def seen(length: Floats | float) -> Any:
        return (1.0 + length - np.sqrt(length**2 + 2.0 * length * np.cos(steep) + 1.0)) / 2.0

    height = np.maximum(90.0 - sky.zenith, 1.0)
    # the sun's height in the plane across the rows
    across = np.degrees(
        np.arctan2(np.sin(np.radians(height)),
                   np.cos(np.radians(height)) * np.cos(np.radians(sky.azimuth - azimuth)))
    )  # fmt: skip
    shadow = np.sin(np.radians(across + tilt)) / np.sin(np.radians(across))
    lit = np.clip(pitch - np.abs(shadow), 0.0, pitch)
    return np.asarray(np.maximum(light[0], 0.0) * seen(lit) + light[1] * seen(pitch))
