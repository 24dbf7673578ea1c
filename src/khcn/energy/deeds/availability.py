"""``khcn energy availability``: availability and energy lost by local day; outages told from communication gaps."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from khcn.energy.deeds.main import Options, add_table, read_json
from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.clean import Note, clean_power
from khcn.engines.energy.kpi.days import zone_of
from khcn.engines.energy.kpi.outages.plant import Plant
from khcn.engines.energy.kpi.outages.run import availability_of
from khcn.engines.energy.kpi.spec import Column, Spec, TimedRows, aligned, timed_rows
from khcn.engines.energy.table.reader import read_table
from khcn.engines.energy.types import Values


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_table(parser)


def run(options: Options, err: TextIO) -> tuple[dict[str, Any], str, int]:
    """Compute availability; return (document, text, 0). Raises EnergyError, OSError."""
    spec = Spec(read_json(options["spec"]))
    document = availability_document(options["input"], spec)
    return document, _text(document), 0


def availability_document(path: Path, spec: Spec) -> dict[str, Any]:
    """Return what ``--json`` prints. Raises EnergyError, OSError."""
    rows = timed_rows(read_table(path), spec)
    zone = spec.zone()
    plant, notes = _plant(rows, spec)
    found = availability_of(plant, zone=spec.text("day_tz", default=zone))

    def moment(ms: int) -> str:
        return datetime.fromtimestamp(ms / 1000, zone_of(zone)).isoformat()

    return {
        **_day(found.whole.document()),
        "by_day": [{"date": day.date, **_day(day.document())} for day in found.days],
        "events": [event.document(moment) for event in found.events],
        "step_minutes": found.step_ms / 60_000,
        "time_format": rows.format,
        "notes": rows.remarks([*notes, *found.notes]),
    }


def _plant(rows: TimedRows, spec: Spec) -> tuple[Plant, list[Note]]:
    power, counter = spec.column("meter_power_kw"), spec.column("meter_energy_kwh")
    expected, inverters = spec.column("expected_power_kw"), spec.columns("inverter_power_kw")
    if power is None and counter is None and not inverters:
        raise SpecError("kpi-spec-field", field="meter_power_kw / meter_energy_kwh / inverter_power_kw")
    columns = [one for one in (power, counter, expected, *inverters) if one is not None]
    ms, series = aligned([rows.values(column) for column in columns])
    notes: list[Note] = []
    found: dict[int, Values] = {}
    for column, values in zip(columns, series, strict=True):
        found[id(column)] = values if column is counter else _cleaned(column, values, notes)
    matrix = np.column_stack([found[id(one)] for one in inverters]) if inverters else np.zeros((len(ms), 0))
    names = tuple(column.name for column in inverters)
    meter, counted, wanted = (None if one is None else found[id(one)] for one in (power, counter, expected))
    return Plant(ms, meter, counted, matrix, names, wanted), notes


def _cleaned(column: Column, values: Values, notes: list[Note]) -> Values:
    cleaned, said = clean_power(values, rating_kw=None, column=column.name, unit=column.scale)
    notes += [one for one in said if one.code != "kpi-note-sign"]
    return cleaned


def _day(document: dict[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in ("availability", "energy_lost_kwh", "produced_kwh")}


def _text(document: dict[str, Any]) -> str:
    lines = []
    for day in [{"date": "tổng", **document}, *document["by_day"]]:
        share = "-" if day["availability"] is None else f"{day['availability'] * 100:.2f} %"
        lines.append(f"{day['date']:<10} {share:>9}  mất {day['energy_lost_kwh']:.1f} kWh")
    for event in document["events"]:
        names = ", ".join(event["inverters"]) or "cả hệ thống"
        kind = "ngừng máy" if event["kind"] == "outage" else "mất liên lạc"
        lines.append(
            f"{event['start']} – {event['end']}  {kind}  {event['energy_lost_kwh']:.1f} kWh  {names}"
        )
    lines += [note["text"] for note in document["notes"]]
    return "\n".join(lines)
