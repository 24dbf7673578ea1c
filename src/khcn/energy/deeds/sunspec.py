"""``khcn energy sunspec tcp://HOST:PORT``: discover a SunSpec device and read every model it has."""

import argparse
from collections.abc import Mapping
from typing import Any, TextIO

from khcn.engines.energy.devices.address import place_of_url
from khcn.engines.energy.devices.modbus.bus import bus_at
from khcn.engines.energy.devices.sunspec.discover import BASES, Discovery, discover
from khcn.engines.energy.devices.sunspec.models import Group
from khcn.engines.energy.devices.sunspec.readings import readings_of
from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.metrics import metric_of


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "address", help="tcp://HOST:PORT (rtu://HOST:PORT for a gateway that passes RTU frames)"
    )
    parser.add_argument("--unit", type=int, default=None, help="unit id (default: the usual ones are tried)")
    parser.add_argument("--base", type=int, default=None, help="base register (default: 40000, 0, 50000)")
    parser.add_argument("--timeout", type=float, default=3.0, help="seconds to wait for one answer")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for everything")


def run(options: Mapping[str, Any], err: TextIO) -> tuple[dict[str, Any], str, int]:
    """Return the document of the contract, a text of it, and 0. Raises DeviceError, SpecError."""
    _within(options, "unit", 0, 255)
    _within(options, "base", 0, 65_000)
    _within(options, "timeout", 0.1, 60)
    _within(options, "limit", 0.5, 600)
    place = place_of_url(options["address"])
    bases = BASES if options["base"] is None else (options["base"],)
    bus = bus_at(place)
    try:
        found = discover(
            bus, unit=options["unit"], bases=bases, timeout_s=options["timeout"], limit_s=options["limit"]
        )
    finally:
        bus.release()
    for problem in found.problems:
        err.write(f"{problem}\n")
    document = _document(options["address"], found)
    return document, _text(document), 0


def _within(options: Mapping[str, Any], name: str, low: float, high: float) -> None:
    value = options[name]
    if value is not None and not low <= value <= high:
        raise SpecError("device-option", option=f"--{name}", low=low, high=high)


def _document(address: str, found: Discovery) -> dict[str, Any]:
    readings = readings_of(found.models, device="", now_ms=0)
    return {
        "address": address,
        "unit_id": found.unit,
        "base": found.base,
        "identity": {name: found.identity().get(name) for name in ("manufacturer", "model", "serial", "version")},
        "models": [
            {
                "id": model.id, "name": model.name, "label": model.label, "address": model.address,
                "length": model.length, "points": dict(model.points), "units": {k: v for k, v in model.units.items() if v},
                "groups": {name: [dict(one) for one in groups] for name, groups in model.groups.items()},
            }
            for model in found.models
        ],
        "readings": [
            {"metric": one.metric, "value": one.value, "unit": metric_of(one.metric).unit, "problem": one.problem}
            for one in readings
        ],
        "problems": [{"code": problem.code, "message": str(problem)} for problem in found.problems],
    }  # fmt: skip


def _text(document: dict[str, Any]) -> str:
    who = document["identity"]
    lines = [
        " ".join(str(who[name]) for name in ("manufacturer", "model", "serial", "version") if who[name]),
        f"{document['address']} · unit {document['unit_id']} · {document['base']}",
    ]
    for model in document["models"]:
        lines.append(f"\n{model['id']} {model['label'] or model['name']} ({model['length']})")
        lines += _point_lines(model["points"], model["units"])
        for name, groups in model["groups"].items():
            for number, one in enumerate(groups, 1):
                lines.append(f"  {name} {number}")
                lines += ["  " + line for line in _point_lines(one, {})]
    return "\n".join(lines)


def _point_lines(points: Group, units: Mapping[str, str]) -> list[str]:
    shown = {name: value for name, value in points.items() if name not in {"ID", "L"} and value is not None}
    return [f"  {name:<12} {value} {units.get(name, '')}".rstrip() for name, value in shown.items()]
