"""A SPEC of a command: which column of a file means what, in which zone, by which scale.

A column is its name, or ``{"column": name, "where": {other column: text}}`` for files that keep several quantities
under each other ("long" files).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.clean import Note
from khcn.engines.energy.kpi.days import zone_of
from khcn.engines.energy.messages import sentence
from khcn.engines.energy.table.notes import Note as TableNote
from khcn.engines.energy.table.reader import Table
from khcn.engines.energy.table.times import Times, read_times
from khcn.engines.energy.types import DAY_MS, Millis, Values

Mask = NDArray[np.bool_]

_YEARS_AWAY_MS: Final = 2 * 365 * DAY_MS
_FEW: Final = 0.01


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a SPEC. ``where``: rows that count, by the text of other columns; ``scale``: factor on values."""

    field: str
    name: str
    scale: float = 1.0
    where: tuple[tuple[str, str], ...] = ()


class Spec:
    """A SPEC document with its fields checked as they are asked for. All raise SpecError (``kpi-spec-...``)."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def zone(self) -> str:
        """Return the IANA zone (``tz``), which must exist."""
        name = self.text("tz", default="Asia/Ho_Chi_Minh")
        zone_of(name)
        return name

    def text(self, field: str, *, default: str | None = None) -> str:
        """Return a text; without ``default`` it must be there."""
        value = self.document.get(field)
        if value is None:
            if default is None:
                raise SpecError("kpi-spec-field", field=field)
            return default
        if not isinstance(value, str) or (not value and field != "time"):
            raise SpecError("kpi-spec-value", field=field, value=value, wanted="một chuỗi")
        return value

    def number(self, field: str) -> float | None:
        """Return a number, or None when the SPEC has none."""
        value = self.document.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise SpecError("kpi-spec-value", field=field, value=value, wanted="một số")
        return float(value)

    def column(self, field: str, *, required: bool = False) -> Column | None:
        """Return a column, or None when the SPEC has none."""
        value = self.document.get(field)
        if value is None:
            if required:
                raise SpecError("kpi-spec-field", field=field)
            return None
        return self._column(field, value)

    def columns(self, field: str) -> list[Column]:
        """Return a list of columns; one alone may stand without a list."""
        value = self.document.get(field)
        if value is None:
            return []
        many = value if isinstance(value, list) else [value]
        return [self._column(field, one) for one in many]

    def _column(self, field: str, value: Any) -> Column:
        where: Any = {}
        if isinstance(value, Mapping):
            where, value = value.get("where") or {}, value.get("column")
        if not isinstance(value, str) or not isinstance(where, Mapping):
            wanted = "tên cột hoặc {column, where}"
            raise SpecError("kpi-spec-value", field=field, value=value, wanted=wanted)
        pairs = tuple((str(name), str(text)) for name, text in where.items())
        return Column(field, value, self._scale(field, value), pairs)

    def _scale(self, field: str, name: str) -> float:
        scales = self.document.get("scale") or {}
        if not isinstance(scales, Mapping):
            raise SpecError("kpi-spec-value", field="scale", value=scales, wanted="một đối tượng {cột: số}")
        value = scales.get(field, scales.get(name))
        if value is None:
            return 1.0
        number = Spec({field: value}).number(field)
        if not number:
            raise SpecError("kpi-spec-value", field=f"scale.{field}", value=value, wanted="một số khác 0")
        return number


@dataclass(frozen=True, slots=True)
class TimedRows:
    """The rows of a table whose time could be read; ``rows`` are their places in the table."""

    table: Table
    ms: Millis
    rows: NDArray[np.int64]
    notes: tuple[Note, ...]
    format: str
    time_notes: tuple[TableNote, ...]

    def remarks(self, notes: Sequence[Note]) -> list[dict[str, str]]:
        """Return ``notes`` and what the reading of the file noticed, as JSON keeps them."""
        said = [
            {"code": note.code, "text": sentence(note.code, note.params)} for note in [*self.notes, *notes]
        ]
        read = [{"code": note.code, "text": str(note)} for note in [*self.time_notes, *self.table.notes]]
        return read + said

    def values(self, column: Column) -> tuple[Millis, Values]:
        """Return the moments and scaled values of ``column`` (of the rows that its ``where`` keeps)."""
        if not self.table.has(column.name):
            names = ", ".join(f"«{name}»" for name in self.table.names[:40])
            raise SpecError("kpi-spec-column", column=column.name, field=column.field, columns=names)
        numbers = self.table.numbers(column.name)[self.rows] * column.scale
        if not column.where:
            return self.ms, numbers
        keep = np.ones(len(self.rows), dtype=np.bool_)
        for name, wanted in column.where:
            texts = self.table.text(name)
            keep &= np.array([texts[row] == wanted for row in self.rows], dtype=np.bool_)
        if not keep.any():
            raise SpecError("kpi-where-none", field=column.field)
        return self.ms[keep], numbers[keep]


def timed_rows(table: Table, spec: Spec) -> TimedRows:
    """Read the column of times. Raises SpecError, TableError."""
    wanted = spec.text("time_format", default="") if spec.document.get("time_format") else None
    times: Times = read_times(table, spec.text("time"), zone=spec.zone(), time_format=wanted)
    rows = np.flatnonzero(times.valid)
    notes = (
        [Note("kpi-note-bad-times", {"count": int((~times.valid).sum())})] if not times.valid.all() else []
    )
    astray = _astray(times.ms[rows])
    if astray.any():
        first = datetime.fromtimestamp(int(times.ms[rows][astray][0]) / 1000, zone_of(spec.zone()))
        notes.append(Note("kpi-note-astray", {"count": int(astray.sum()), "first": f"{first:%d/%m/%Y}"}))
        rows = rows[~astray]
    return TimedRows(table, times.ms[rows], rows, tuple(notes), str(times.format), tuple(times.notes))


def _astray(ms: Millis) -> Mask:
    """Return rows of a clock that was lost (1970, 2040): few, and years away from all the others."""
    out = np.zeros(len(ms), dtype=np.bool_)
    if not len(ms):
        return out
    order = np.argsort(ms, kind="stable")
    group = np.concatenate(([0], np.cumsum(np.diff(ms[order]) > _YEARS_AWAY_MS)))
    few = np.bincount(group) < max(_FEW * len(ms), 1.5)
    if few.any() and not few.all():
        out[order] = few[group]
    return out


def aligned(parts: Sequence[tuple[Millis, Values]]) -> tuple[Millis, list[Values]]:
    """Put series of different moments on the union of their moments; nan where one has nothing.

    Series that share their moments (the ordinary case) come back untouched, rows repeated or out of order included.
    """
    first = parts[0][0]
    if all(part[0] is first for part in parts):
        return first, [part[1] for part in parts]
    union = np.unique(np.concatenate([part[0] for part in parts]))
    return union, [_onto(union, *part) for part in parts]


def _onto(union: Millis, ms: Millis, values: Values) -> Values:
    out = np.full(len(union), np.nan)
    known = np.isfinite(values)
    out[np.searchsorted(union, ms[known])] = values[known]
    return out
