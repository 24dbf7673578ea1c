"""``khcn energy kpi``: energy, irradiation, performance ratio and completeness of a file, in all and by local day."""

import argparse
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from khcn.energy.deeds.main import Options, add_table, read_json
from khcn.engines.energy.kpi.clean import Note, clean_irradiance, clean_power
from khcn.engines.energy.kpi.measured import MeasuredFigures, Samples, in_order, measured_figures
from khcn.engines.energy.kpi.spec import Spec, TimedRows, aligned, timed_rows
from khcn.engines.energy.table.reader import read_table
from khcn.engines.energy.types import Values

_WATTS = 1000.0


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_table(parser)


def run(options: Options, err: TextIO) -> tuple[dict[str, Any], str, int]:
    """Compute the figures; return (document, text, 0). Raises EnergyError, OSError."""
    spec = Spec(read_json(options["spec"]))
    document = kpi_document(options["input"], spec)
    return document, _text(document), 0


def kpi_document(path: Path, spec: Spec) -> dict[str, Any]:
    """Return what ``--json`` prints. Raises EnergyError, OSError."""
    rows = timed_rows(read_table(path), spec)
    pdc0, gamma = spec.number("pdc0_kw"), spec.number("temperature_coefficient_per_c")
    samples, noticed = _samples(rows, spec, pdc0)
    samples, order = in_order(samples)
    figures = measured_figures(
        samples, zone=spec.text("day_tz", default=spec.zone()), pdc0_kw=pdc0, gamma_per_c=gamma
    )
    notes = [*noticed, *order, *figures.notes]
    if samples.module_temperature is not None and gamma is None:
        notes.append(Note("kpi-note-no-gamma", {}))
    modelled = bool(spec.document.get("poa_modelled"))
    if modelled:
        notes.append(Note("kpi-note-modelled", {}))
    return _document(figures, rows, notes, modelled=modelled)


def _samples(rows: TimedRows, spec: Spec, pdc0: float | None) -> tuple[Samples, list[Note]]:
    power = spec.column("ac_power_w", required=True)
    suns, warms = spec.columns("poa_w_m2"), spec.columns("module_temperature_c")
    assert power is not None  # noqa: S101  # ``required`` said so
    ms, series = aligned([rows.values(column) for column in (power, *suns, *warms)])
    kw, notes = clean_power(series[0] / _WATTS, rating_kw=pdc0, column=power.name, unit=power.scale / _WATTS)
    noticed = list(notes)
    sunny: list[Values] = []
    for column, values in zip(suns, series[1:], strict=False):
        poa, notes = clean_irradiance(values, column=column.name, unit=column.scale)
        sunny.append(poa)
        noticed += notes
    return Samples(ms, kw, _mean(sunny), _mean(series[1 + len(suns) :])), noticed


def _mean(series: list[Values]) -> Values | None:
    """Return the mean of the sensors that have a value, row by row; None without sensors."""
    if len(series) < 2:
        return series[0] if series else None
    known = np.isfinite(series)
    count = known.sum(axis=0)
    sums = np.where(known, series, 0.0).sum(axis=0)
    mean: Values = np.divide(sums, count, out=np.full(len(count), np.nan), where=count > 0)
    return mean


def _document(
    figures: MeasuredFigures, rows: TimedRows, notes: list[Note], *, modelled: bool
) -> dict[str, Any]:
    whole = figures.whole.document()
    del whole["date"]
    return {
        **whole,
        "by_day": [day.document() for day in figures.days],
        "step_minutes": figures.step_ms / 60_000,
        "time_format": rows.format,
        "definition": "kpi-performance_ratio" + ("_modelled" if modelled else ""),
        "notes": rows.remarks(notes),
    }


def _text(document: dict[str, Any]) -> str:
    lines = [f"{'tổng':<10} {_figures(document)}"]
    lines += [f"{day['date']:<10} {_figures(day)}" for day in document["by_day"]]
    lines += [note["text"] for note in document["notes"]]
    return "\n".join(lines)


def _figures(row: dict[str, Any]) -> str:
    def show(value: float | None, digits: int) -> str:
        return "-" if value is None else f"{value:.{digits}f}"

    return (
        f"{show(row['energy_kwh'], 1):>12} kWh {show(row['insolation_kwh_m2'], 3):>9} kWh/m2 "
        f"PR {show(row['performance_ratio'], 4):>7} {row['completeness'] * 100:6.1f} %"
    )
