"""Key figures of files through ``khcn energy kpi``, beside the same figures reckoned with pandas and PECOS."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pecos

from benchmarks.energy.cases import energy_folder
from benchmarks.runner import print_figures

KHCN = Path(sys.executable).with_name("khcn")
CAPACITY_KW = 6000.0
AIM = 0.5  # percent
POA = ["met1_poa_pyranometer", "met2_poa_pyranometer"]


def asked(file: Path, spec: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """Return what the command answers, and the seconds that it took."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as request:
        json.dump(spec, request)
        request.flush()
        start = time.perf_counter()
        done = subprocess.run(
            [KHCN, "energy", "kpi", "--input", file, "--spec", request.name, "--json"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout), time.perf_counter() - start


def pvcaptest(folder: Path) -> list[dict[str, Any]]:
    """Five days of a plant of 6 MW at five minutes."""
    file = folder / "pvcaptest" / "example_measured_data.csv"
    spec = {
        "time": "",
        "tz": "Etc/GMT+6",
        "ac_power_w": "meter_power",
        "poa_w_m2": POA,
        "pdc0_kw": CAPACITY_KW,
    }
    found, spent = asked(file, spec)
    frame = pd.read_csv(file, index_col=0, parse_dates=True)
    power = frame["meter_power"].clip(lower=0) / 1000.0
    poa = frame[POA].mean(axis=1)
    parts = [
        (power[day].to_frame("p"), poa[day].to_frame("g"))
        for _, day in power.groupby(frame.index.date).groups.items()
    ]
    energy = pd.Series([float(pecos.pv.energy(p)["p"]) / 3600 for p, _ in parts])
    light = pd.Series([float(pecos.pv.insolation(g)["g"]) / 3600 for _, g in parts])
    ratio = pecos.pv.performance_ratio(energy, light, CAPACITY_KW, 1000)
    ours = [day["performance_ratio"] for day in found["by_day"]]
    worst = max(abs(a / b - 1) for a, b in zip(ours, ratio, strict=True)) * 100
    rows = [("energy", found["energy_kwh"], float(energy.sum()), "kWh"),
            ("insolation", found["insolation_kwh_m2"], float(light.sum()) / 1000, "kWh/m2"),
            ("performance ratio", found["performance_ratio"],
             float(energy.sum() / CAPACITY_KW / (light.sum() / 1000)), "")]  # fmt: skip
    figures = [compared(f"pvcaptest {name}", value, peer, unit) for name, value, peer, unit in rows]
    figures.append({"figure": "pvcaptest performance ratio, worst day, difference", "value": worst, "unit": "%",
                    "aim": AIM, "peer": "PECOS", "peer_value": None, "ok": worst <= AIM})  # fmt: skip
    figures.append(
        {"figure": "khcn energy kpi, 1,440 rows, start included", "value": spent, "unit": "s", "ok": None}
    )
    return figures


def inverters(folder: Path) -> list[dict[str, Any]]:
    """Two inverters with stamps in UTC, no night rows, codes among the values."""
    figures = []
    for name, kwp in (("TAEFC1044741", 7.0), ("ZT162185000441C1203", 30.0)):
        file = folder / "sdt" / f"{name}.csv"
        spec = {
            "time": "ts",
            "tz": "UTC",
            "ac_power_w": "meas_val_f",
            "pdc0_kw": kwp,
            "scale": {"ac_power_w": 1000.0},
        }
        found, spent = asked(file, spec)
        frame = pd.read_csv(file)
        peer = float(frame["meas_val_f"][frame["meas_val_f"] > 0].sum() / 12)
        figures.append(compared(f"{name} energy", found["energy_kwh"], peer, "kWh"))
        figures.append({"figure": f"khcn energy kpi, {len(frame):,} rows, start included", "value": spent, "unit": "s",
                        "ok": None})  # fmt: skip
    return figures


def compared(name: str, value: float, peer: float, unit: str) -> dict[str, Any]:
    """Return one figure; it is reached within half a percent of the peer."""
    return {"figure": name, "value": value, "unit": unit, "aim": None, "peer": "pandas + PECOS", "peer_value": peer,
            "ok": abs(value / peer - 1) * 100 <= AIM}  # fmt: skip


def main() -> None:
    """Print the figures."""
    folder = energy_folder()
    figures = [*pvcaptest(folder), *inverters(folder)] if folder else []
    if "--json" in sys.argv:
        print(json.dumps({"name": "Key figures beside references", "figures": figures}))
    else:
        print_figures(figures)


if __name__ == "__main__":
    main()
