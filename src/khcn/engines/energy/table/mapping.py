"""A file of readings through its mapping: one series for each (device, metric), in canonical units."""

from collections.abc import Iterator
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.devices.units import to_canonical
from khcn.engines.energy.errors import TableError
from khcn.engines.energy.metrics import metric_of
from khcn.engines.energy.table.guess import Guess, guess_mapping, unit_in_name
from khcn.engines.energy.table.mapfile import (
    ColumnMap,
    LongMap,
    Mapping,
    irradiation_factor,
    mapping_from_json,
    mapping_to_json,
)
from khcn.engines.energy.table.numbers import BLANK
from khcn.engines.energy.table.reader import Table
from khcn.engines.energy.table.times import Times, read_times
from khcn.engines.energy.table.zones import utc_to_wall
from khcn.engines.energy.types import DAY_MS, ChannelKind, Millis, Values

__all__ = [
    "BadCell", "ColumnMap", "Guess", "LongMap", "Mapping", "Series", "apply_mapping", "guess_mapping", "mapping_from_json",
    "mapping_times", "mapping_to_json",
]  # fmt: skip
_HOUR_MS = 3_600_000
_EDGE_MS = (
    1_000  # a period ends this long before the next begins, so that midnight belongs to the day that starts
)


@dataclass(frozen=True, slots=True)
class BadCell:
    """A filled cell that is no number: what it says, and the time of its row."""

    row: int
    ms: int
    raw: str


@dataclass(frozen=True, slots=True)
class Series:
    """Readings of one metric of one device in the file's order: UTC ms, finite values, zero-based data rows."""

    device: str
    metric: str
    ms: Millis
    values: Values
    rows: NDArray[np.int64]
    bad: list[BadCell] = field(default_factory=list)


def mapping_times(table: Table, mapping: Mapping) -> Times:
    """Return the times of all rows. Raises TableError as :func:`.times.read_times` does."""
    return read_times(table, mapping.time, zone=mapping.zone, time_format=mapping.time_format or None)


def apply_mapping(table: Table, mapping: Mapping, times: Times | None = None) -> Iterator[Series]:
    """Yield the series of ``table``, each (device, metric) at most once for each column that gives it.

    Blank cells are no readings; cells that are no numbers are in ``bad``; rows without a time are in the notes of
    ``times`` (:func:`mapping_times`). Period columns become counters of the day (energy) or pairs of samples (means).
    Raises TableError (``no-column``, ``no-times``, ``period-too-long``).
    """
    times = times or mapping_times(table, mapping)
    rows = times.valid & _chosen(table, mapping.only)
    for one in mapping.columns:
        source, chosen = one.column, rows & _chosen(table, one.only)
        if mapping.long is not None:
            source = mapping.long.value
            if one.column:
                chosen = chosen & _equal(table, mapping.long.metric, (one.column,))
        for device, at in _devices(table, mapping, one, chosen):
            yield _series(table, mapping, one, times, (source, device, at))


def _chosen(table: Table, only: AnyMapping[str, tuple[str, ...]]) -> NDArray[np.bool_]:
    rows = np.ones(table.rows, bool)
    for column, values in only.items():
        rows &= _equal(table, column, values)
    return rows


def _equal(table: Table, column: str, values: tuple[str, ...]) -> NDArray[np.bool_]:
    wanted = {value.strip() for value in values}
    return np.fromiter((cell in wanted for cell in table.text(column)), bool, table.rows)


def _devices(
    table: Table, mapping: Mapping, one: ColumnMap, chosen: NDArray[np.bool_]
) -> Iterator[tuple[str, NDArray[np.int64]]]:
    at = np.flatnonzero(chosen)
    if one.device or not mapping.device_column:
        yield one.device or mapping.device, at
        return
    names = table.text(mapping.device_column)
    groups: dict[str, list[int]] = {}
    for row in at.tolist():
        groups.setdefault(names[row], []).append(row)
    for name, rows in groups.items():
        yield name or mapping.device, np.array(rows, np.int64)


def _series(
    table: Table, mapping: Mapping, one: ColumnMap, times: Times, part: tuple[str, str, NDArray[np.int64]]
) -> Series:
    source, device, at = part
    numbers = table.numbers(source)[at]
    there = np.isfinite(numbers)
    bad = _bad_cells(table, source, times, at[~there])
    at, numbers = at[there], numbers[there] * one.scale
    ms = times.ms[at]
    step = _step(ms) or times.step_ms
    if not one.unit and one.scale == 1.0:
        one = replace(one, unit=unit_in_name(one.column, one.metric))
    values = _canonical(one, numbers, step)
    if one.period:
        return _periods(mapping, one, device, (ms, values, at, step), bad)
    return Series(device, one.metric, ms, values, at, bad)


def _bad_cells(table: Table, source: str, times: Times, at: NDArray[np.int64]) -> list[BadCell]:
    cells = table.column(source)
    found = []
    for row in at.tolist():
        text = "" if cells[row] is None else str(cells[row]).strip()
        if text.lower() not in BLANK:
            found.append(BadCell(row, int(times.ms[row]), text[:80]))
    return found


def _canonical(one: ColumnMap, numbers: Values, step: int) -> Values:
    canonical = metric_of(one.metric).unit
    factor = irradiation_factor(one.unit)
    if one.period and canonical == "W/m2" and factor and step:
        return numbers * (factor * 1000 * _HOUR_MS / step)
    zero, unit = to_canonical(0.0, one.unit, canonical), to_canonical(1.0, one.unit, canonical)
    if zero is None or unit is None or (zero == 0 and unit == 1):
        return numbers
    inverse = round(1 / unit) if zero == 0 and 0 < unit < 1 else 0
    return (
        numbers / inverse if inverse and abs(unit * inverse - 1) < 1e-12 else numbers * (unit - zero) + zero
    )


def _step(ms: Millis) -> int:
    """Return the usual length of a period: the most frequent step, the shortest of equals."""
    steps, counts = np.unique(np.diff(np.unique(ms)), return_counts=True)
    return int(steps[np.argmax(counts)]) if len(steps) else 0


def _periods(
    mapping: Mapping,
    one: ColumnMap,
    device: str,
    found: tuple[Millis, Values, NDArray[np.int64], int],
    bad: list[BadCell],
) -> Series:
    """Turn rows that each stand for a period into readings at its beginning and end."""
    ms, values, rows, step = found
    if step > DAY_MS + _HOUR_MS or (not step and len(ms)):
        raise TableError("period-too-long", column=one.column, days=round(step / DAY_MS, 1))
    ms, first = np.unique(ms, return_index=True)
    values, rows = values[first], rows[first]
    if mapping.period_label == "end":
        ms = ms - step
    ends = ms + step - _EDGE_MS
    pairs = np.ravel(np.column_stack([ms, ends]))
    if metric_of(one.metric).kind is not ChannelKind.DAILY_COUNTER:
        return Series(device, one.metric, pairs, np.repeat(values, 2), np.repeat(rows, 2), bad)
    days = utc_to_wall(ms, mapping.zone) // DAY_MS
    total = np.cumsum(values)
    fresh = np.concatenate([[True], np.diff(days) != 0])
    before = np.concatenate([[0.0], total[:-1]])
    base = before[np.maximum.accumulate(np.where(fresh, np.arange(len(ms)), 0))]
    counted = np.ravel(np.column_stack([before - base, total - base]))
    return Series(device, one.metric, pairs, counted, np.repeat(rows, 2), bad)
