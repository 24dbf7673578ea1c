"""``khcn energy plan --spec SPEC.json``: what a roof would give; see ``docs/contract.md``."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from khcn.energy.deeds.main import read_json


def add(parser: argparse.ArgumentParser) -> None:
    """Take the options."""
    parser.add_argument("--spec", required=True, type=Path, help="JSON with place, roofs, tariff and price")


def run(options: Mapping[str, Any], err: TextIO) -> tuple[Any, str, int]:
    """Plan and return the document, a text for people, and the status."""
    from khcn.engines.energy.pv.plan import plan  # noqa: PLC0415  # loads pvlib

    path: Path = options["spec"]
    spec = read_json(path)
    weather = spec.get("weather")
    if isinstance(weather, str) and weather != "builtin" and not Path(weather).is_absolute():
        beside = path.parent / weather  # a name in a SPEC is meant beside it, or where the command runs
        spec["weather"] = str(beside if beside.exists() else Path(weather))
    found = plan(spec)
    return found, _text(found), 0


def _text(found: Mapping[str, Any]) -> str:
    low, high = found["low"], found["high"]
    lines = [
        f"Sản lượng: {found['annual_kwh']:,.0f} kWh một năm ({low['annual_kwh']:,.0f} đến {high['annual_kwh']:,.0f}), "
        f"{found['yield_kwh_kwp']:,.0f} kWh/kWp; bức xạ trên mái {found['poa_kwh_m2']:,.0f} kWh/m².",
        f"Tự dùng {found['self_consumption']:.0%}; giảm {found['co2_t_year']:,.1f} tấn CO₂ một năm.",
    ]
    if found["savings_vnd_year"] is not None:
        back = found["payback_years"]
        lines.append(
            f"Tiết kiệm {found['savings_vnd_year']:,.0f} đồng một năm"
            + (f"; hoàn vốn sau {back:.1f} năm." if back is not None else ".")
        )
    lines += [f"- {source['text']}" for source in found["sources"]]
    return "\n".join(lines)
