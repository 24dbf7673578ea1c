"""The planner beside PySAM (PVWatts 8) on the same weather: irradiation on the plane and AC energy of a year."""

import json
import sys
import time
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import PySAM.Pvwattsv8 as pvwatts

from benchmarks.energy.cases import energy_folder
from benchmarks.runner import print_figures
from khcn.engines.energy.pv.builtin import builtin_weather
from khcn.engines.energy.pv.plan import plan
from khcn.engines.energy.pv.weather import Weather
from khcn.engines.energy.pv.weather_files import read_weather

# tilt, azimuth, mounting: the five of the facts, steeper and odder ones besides
ROOFS = [(10, 180, "roof"), (10, 180, "open"), (0, 180, "roof"), (10, 0, "roof"), (10, 90, "roof"), (20, 180, "roof"),
         (35, 270, "roof"), (25, 135, "open"), (45, 225, "roof")]  # fmt: skip


def peer(weather: Weather, tilt: float, azimuth: float, mounting: str) -> tuple[float, float]:
    """Return (kWh/kWp, kWh/m2) of PVWatts 8 for a standard module."""
    model, frame = pvwatts.new(), weather.frame
    index: Any = frame.index
    offset = index[0].utcoffset().total_seconds() / 3600
    model.SolarResource.solar_resource_data = {
        "lat": weather.latitude, "lon": weather.longitude, "tz": offset, "elev": weather.altitude_m,
        "year": list(index.year), "month": list(index.month), "day": list(index.day), "hour": list(index.hour),
        "minute": list(index.minute), "gh": list(frame.ghi), "dn": list(frame.dni), "df": list(frame.dhi),
        "tdry": list(frame.temperature), "wspd": list(frame.wind),
    }  # fmt: skip
    model.SystemDesign.assign({
        "system_capacity": 1, "module_type": 0, "dc_ac_ratio": 1.1, "array_type": 1 if mounting == "roof" else 0,
        "tilt": tilt, "azimuth": azimuth, "gcr": 0.4, "inv_eff": 96, "losses": 14.08,
    })  # fmt: skip
    model.execute()
    return float(model.Outputs.ac_annual), float(np.sum(model.Outputs.poa)) / 1000


def ours(weather: Weather, file: Path | None, roof: tuple[float, float, str]) -> tuple[float, float]:
    """Return the same of ``khcn energy plan``."""
    found = plan({
        "latitude": weather.latitude, "longitude": weather.longitude, "weather": str(file) if file else "builtin",
        "roofs": [{"kwp": 1, "tilt_deg": roof[0], "azimuth_deg": roof[1], "mounting": roof[2]}],
        "losses_percent": 14.08, "inverter_efficiency": 0.96, "dc_ac_ratio": 1.1,
    })  # fmt: skip
    return found["yield_kwh_kwp"], found["poa_kwh_m2"]


def main() -> None:
    """Print the worst and mean differences by weather."""
    weathers: list[tuple[str, Weather, Path | None]] = [("built-in Tan Son Nhat", builtin_weather(), None)]
    folder = energy_folder()
    if folder:
        place = {"latitude": 10.755, "longitude": 106.667, "offset": 7.0}
        for name in ("vn/hcmc_meanyear_sam_8760.csv", "pvlib/pvwatts_8760_roofmount.csv"):
            found = read_weather(folder / name, **place)
            index: Any = found.frame.index.tz_convert(timezone(timedelta(hours=round(found.longitude / 15))))
            found.frame.index = index
            weathers.append((name, found, folder / name))
    rows: list[dict[str, Any]] = []
    for name, weather, file in weathers:
        poa, ac, spent, theirs = [], [], 0.0, 0.0
        for roof in ROOFS:
            start = time.perf_counter()
            mine = ours(weather, file, roof)
            spent += time.perf_counter() - start
            start = time.perf_counter()
            other = peer(weather, *roof)
            theirs += time.perf_counter() - start
            ac.append(mine[0] / other[0] - 1)
            poa.append(mine[1] / other[1] - 1)
        for what, errors, aim in (("POA", poa, 0.005), ("AC", ac, 0.02)):
            worst = float(np.max(np.abs(errors)))
            rows.append({
                "figure": f"{what} against PVWatts 8, worst of {len(ROOFS)} roofs, {name}", "value": worst * 100,
                "unit": "%", "aim": aim * 100, "peer": "PySAM 7.1 (mean difference, %)",
                "peer_value": float(np.mean(errors)) * 100, "ok": worst <= aim,
            })  # fmt: skip
        rows.append({
            "figure": f"time of a plan (three years of weather), {name}", "value": spent / len(ROOFS), "unit": "s",
            "peer": "PySAM, one year", "peer_value": theirs / len(ROOFS), "ok": None,
        })  # fmt: skip
    if "--json" in sys.argv:
        print(json.dumps({"name": "Planner beside PySAM", "figures": rows}))
    else:
        print_figures(rows)


if __name__ == "__main__":
    main()
