"""From light on a plane to AC power: incidence, cell temperature, module, losses, inverter (PVWatts), all by pvlib."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.pv.sun import Plane, Sky, on_plane
from khcn.engines.energy.pv.weather import Weather

Floats = NDArray[np.float64]
GAMMA: Final = -0.0037  # per degree: a standard module of PVWatts 8
NOCT: Final = {"roof": 49.0, "open": 45.0}  # installed nominal operating cell temperature, degrees C
FAIMAN: Final = {"roof": (20.0, 6.84), "open": (25.0, 6.84)}
GROUND_COVER: Final = 0.4  # rows of an open rack, as PVWatts assumes
# "sapm" and "pvsyst" alone take the parameters of the roof's own mounting
BY_MOUNTING: Final = {
    "sapm": {"roof": "sapm_close_mount_glass_glass", "open": "sapm_open_rack_glass_polymer"},
    "pvsyst": {"roof": "pvsyst_semi_integrated", "open": "pvsyst_freestanding"},
}
TEMPERATURE_MODELS: Final = (
    "fuentes", "faiman", "sapm", "pvsyst", "noct_sam", "ross", "sapm_close_mount_glass_glass",
    "sapm_open_rack_glass_glass", "sapm_open_rack_glass_polymer", "sapm_insulated_back_glass_polymer",
    "pvsyst_freestanding", "pvsyst_semi_integrated", "pvsyst_insulated",
)  # fmt: skip
_MODULE_EFFICIENCY: Final = 0.2


@dataclass(frozen=True)
class Roof:
    """One face of modules. Azimuth from north, clockwise; ``shading``: share of light lost, 0 to 1."""

    kwp: float
    tilt_deg: float
    azimuth_deg: float
    mounting: str = "roof"
    shading: float = 0.0


@dataclass(frozen=True)
class Chain:
    """What stands between light and meter. ``losses``: share, 0 to 1; ``dc_ac``: module power over inverter power."""

    losses: float = 0.1408
    inverter_efficiency: float = 0.96
    dc_ac: float = 1.1
    temperature_model: str = "faiman"
    gamma: float = GAMMA


@dataclass(frozen=True)
class Yield:
    """Hour by hour: ``ac_kw`` of the roof; ``poa_kwh_m2`` of the year."""

    ac_kw: Floats
    poa_kwh_m2: float
    poa: Floats


def roof_yield(weather: Weather, sky: Sky, roof: Roof, chain: Chain) -> Yield:
    """Return what a roof gives. Raises SpecError (``temperature-model``)."""
    cover = GROUND_COVER if roof.mounting == "open" else None
    plane = on_plane(weather, sky, roof.tilt_deg, roof.azimuth_deg, cover)
    light = 1.0 - roof.shading
    total = plane.total * light
    passed = through_glass(plane, roof.tilt_deg) * light
    cell = cell_temperature(weather, total, roof, chain.temperature_model)
    dc = _dc(passed, cell, chain.gamma) * roof.kwp * (1.0 - chain.losses)
    ac = _ac(dc, roof.kwp / chain.dc_ac, chain.inverter_efficiency)
    return Yield(ac, float(np.sum(plane.total) / 1000.0), plane.total)


def through_glass(plane: Plane, tilt: float) -> Floats:
    """Return the light that reaches the cells through coated glass, W/m2 (physical model, De Soto; Marion for diffuse)."""
    import pvlib  # noqa: PLC0415  # heavy: only for whoever plans

    beam = plane.beam * np.nan_to_num(pvlib.iam.physical(np.minimum(plane.aoi, 90.0), n_ar=1.3))
    sky, ground = _diffuse_share(float(tilt))
    return np.asarray(beam + plane.sky * sky + plane.ground * ground)


@lru_cache(maxsize=256)
def _diffuse_share(tilt: float) -> tuple[float, float]:
    """Return the shares of sky and ground light that pass; an integral of 0.1 s that depends on the tilt alone."""
    import pvlib  # noqa: PLC0415  # heavy: only for whoever plans

    share = pvlib.iam.marion_diffuse("physical", tilt, n_ar=1.3)
    return float(share["sky"]), float(np.nan_to_num(float(share["ground"]))) if tilt > 0 else 0.0


def cell_temperature(weather: Weather, poa: Floats, roof: Roof, model: str) -> Floats:
    """Return cell temperature, degrees C, by one of ``TEMPERATURE_MODELS`` (``fuentes`` is that of PVWatts)."""
    import pandas as pd  # noqa: PLC0415
    import pvlib  # noqa: PLC0415

    frame = weather.frame
    air, wind = frame["temperature"], frame["wind"]
    light = pd.Series(poa, index=frame.index)
    mounted = roof.mounting if roof.mounting in NOCT else "roof"
    model = BY_MOUNTING[model][mounted] if model in BY_MOUNTING else model
    kind, _, parameters = model.partition("_")
    if model == "fuentes":
        found = pvlib.temperature.fuentes(
            light, air, wind, NOCT[mounted], surface_tilt=roof.tilt_deg, wind_height=10.0
        )
    elif model == "faiman":
        u0, u1 = FAIMAN[mounted]
        found = pvlib.temperature.faiman(light, air, wind, u0=u0, u1=u1)
    elif model == "noct_sam":
        found = pvlib.temperature.noct_sam(light, air, wind, NOCT[mounted], _MODULE_EFFICIENCY)
    elif model == "ross":
        found = pvlib.temperature.ross(light, air, NOCT[mounted])
    elif kind in BY_MOUNTING and model in TEMPERATURE_MODELS:
        cell = pvlib.temperature.sapm_cell if kind == "sapm" else pvlib.temperature.pvsyst_cell
        found = cell(light, air, wind, **pvlib.temperature.TEMPERATURE_MODEL_PARAMETERS[kind][parameters])
    else:
        raise SpecError("temperature-model", name=model, known=", ".join(TEMPERATURE_MODELS))
    return np.asarray(found, dtype=float)


def _dc(passed: Floats, cell: Floats, gamma: float) -> Floats:
    import pvlib  # noqa: PLC0415

    found: Floats = np.asarray(pvlib.pvsystem.pvwatts_dc(passed, cell, 1.0, gamma), dtype=float)
    return np.maximum(found, np.zeros_like(found))


def _ac(dc: Floats, ac_kw: float, efficiency: float) -> Floats:
    import pvlib  # noqa: PLC0415

    if ac_kw <= 0:
        return np.zeros_like(dc)
    found: Floats = np.asarray(
        pvlib.inverter.pvwatts(dc, ac_kw / efficiency, eta_inv_nom=efficiency), dtype=float
    )
    return np.maximum(found, np.zeros_like(found))
