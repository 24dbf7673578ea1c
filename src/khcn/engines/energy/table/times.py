"""Time columns: the way of writing is inferred from the whole column, and every doubt is said.

Several readings may fit ("03/04/2025"); the one that gives the most regular steps is taken, and where two are equally
regular the Vietnamese order (day first) is taken and an ``ambiguous-date`` note names the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import TableError
from khcn.engines.energy.table import stamps
from khcn.engines.energy.table.formats import by_format
from khcn.engines.energy.table.joined import joined_walls
from khcn.engines.energy.table.notes import Note, note_of
from khcn.engines.energy.table.reader import Table
from khcn.engines.energy.table.serials import Walls, read_serials
from khcn.engines.energy.table.zones import local_to_utc, not_moved, standard_to_utc, zone_of
from khcn.engines.energy.types import DAY_MS, Millis

PLAUSIBLE_MS: Final = (946_684_800_000, 4_102_444_800_000)  # 2000 .. 2100; outside: said, not set aside
MOST_BAD: Final = 0.9
MOST_DATES: Final = 0.5
MOST_WRAPS: Final = 5000  # times that jump about are no clock; they stay inside the calendar all the same
_NAMES: Final = {"DMY": "ngày/tháng/năm", "MDY": "tháng/ngày/năm", "YMD": "năm/tháng/ngày", "YDM": "năm/ngày/tháng",
                 "DM": "ngày/tháng", "MD": "tháng/ngày"}  # fmt: skip
_TOTALS: Final = ("total", "sum", "average", "avg", "tổng", "cộng", "trung bình")


@dataclass(frozen=True, slots=True)
class Times:
    """UTC times of the rows of a table.

    ``ms``: int64, 0 where ``valid`` is False. ``step_ms``: median step between different times (0: fewer than two).
    ``format``: how the column was read, in strftime letters, or ``epoch_s``, ``epoch_ms``, ``excel``.
    """

    ms: Millis
    valid: NDArray[np.bool_]
    step_ms: int
    format: str
    notes: list[Note] = field(default_factory=list)


def read_times(table: Table, column: str, *, zone: str, time_format: str | None = None) -> Times:
    """Return the times of ``column``, local to ``zone`` unless the text has its own offset.

    ``time_format``: strftime letters, ``epoch_s``, ``epoch_ms`` or ``excel`` (None or "": inferred). Columns that hold
    only a date, or only a time, are joined with the column that holds the rest (said in a note). ``column`` may name
    several columns, joined by " + ". Raises TableError (``no-column``, ``no-times``, ``bad-zone``, ``bad-format``).
    """
    zone_of(zone)
    walls = joined_walls(table, column, time_format)
    if walls is None:
        cells = table.column(column)
        name = table.names[table.index(column)]
        walls = by_format(cells, time_format) if time_format else infer(cells)
    else:
        name, cells = column, table.column(walls.shown or table.names[0])
    if not walls.valid.any() or walls.valid.mean() < 1 - MOST_BAD:
        shown = next((str(cell) for cell, ok in zip(cells, walls.valid, strict=True) if not ok and cell), "")
        raise TableError("no-times", column=name, text=shown[:40])
    return _times(walls, cells, name, zone)


def infer(cells: Sequence[Any]) -> Walls:
    """Return the wall-clock times of a column by the reading that gives the most regular steps."""
    dated = np.fromiter((isinstance(cell, date) for cell in cells), bool, len(cells))
    if dated.mean() > MOST_DATES:
        return _from_dates(cells)
    serial = read_serials(cells)
    if serial is not None:
        return serial
    texts = [cell.strip() if isinstance(cell, str) else "" if cell is None else str(cell) for cell in cells]
    fields = stamps.read_fields(texts)
    if not fields.read.any():
        return Walls(np.zeros(len(cells), np.int64), fields.read, "")
    return _most_regular(fields, texts)


def _from_dates(cells: Sequence[Any]) -> Walls:
    wall = np.zeros(len(cells), np.int64)
    valid = np.zeros(len(cells), bool)
    loose: list[int] = []
    for at, cell in enumerate(cells):
        if isinstance(cell, datetime):
            plain = cell.replace(tzinfo=None)
        elif isinstance(cell, date):
            plain = datetime.combine(cell, time())
        else:
            if cell is not None and str(cell).strip():
                loose.append(at)
            continue
        wall[at] = round((plain - datetime(1970, 1, 1)).total_seconds() * 1000)
        valid[at] = True
    if loose:  # text among dates: Excel could not read "25/12/2025" as month first and left it as text
        _fill_loose(cells, loose, wall, valid)
    # Excel keeps fractions of a day: a minute comes back a few microseconds off.
    return Walls(_rounded(wall), valid, "excel")


def _fill_loose(cells: Sequence[Any], loose: list[int], wall: Millis, valid: NDArray[np.bool_]) -> None:
    walls = infer([str(cells[at]) for at in loose])
    wall[loose] = walls.wall
    valid[loose] = walls.valid


def _rounded(wall: Millis) -> Millis:
    return (wall + 5) // 10 * 10 if len(wall) else wall


def _most_regular(fields: stamps.Fields, texts: Sequence[str]) -> Walls:
    notes: list[Note] = []
    tried = []
    for order in stamps.orders_for(fields):
        wall, valid = stamps.wall_times(fields, order)
        if order in {"DM", "MD"}:
            wall = _rolled(wall, valid, 366 * DAY_MS)
        tried.append((order, wall, valid, _regularity(wall[valid])))
    best = tried[0]
    rival = None
    for one in tried[1:]:
        better = _compare(one, best)
        if better > 0:
            best, rival = one, None
        elif better == 0 and not np.array_equal(one[1][one[2]], best[1][best[2]]):
            rival = one
    order, wall, valid, _ = best
    if rival:
        notes.append(_ambiguity(texts, best, rival))
    if order in {"DM", "MD"}:
        notes.append(note_of("no-year", year=2001))
    if order == "":
        wall = _rolled(wall, valid, DAY_MS) + 978_307_200_000  # 2001-01-01
        notes.append(note_of("no-date", date="01/01/2001"))
    if len({_kind_of(shape) for shape in fields.shapes}) > 1:
        notes.append(note_of("mixed-formats", kinds=len({_kind_of(shape) for shape in fields.shapes})))
    shape = fields.shapes[0] if fields.shapes else ""
    return Walls(wall, valid, format_of(shape, order), fields.offset, notes)


Reading = tuple[str, Millis, NDArray[np.bool_], tuple[int, float, bool]]


def _regularity(wall: Millis) -> tuple[int, float, bool]:
    """Return (steps equal to the usual one, whole months counting as equal; way travelled; all steps are equal)."""
    steps = np.diff(wall)
    moved = steps[steps != 0]
    if not len(moved):
        return 0, 0.0, True
    _, counts = np.unique(moved, return_counts=True)
    usual = int(counts.max())
    # Calendar months: the day of the month and the time stay.
    days = wall.astype("datetime64[ms]")
    months = days.astype("datetime64[M]").astype(np.int64)
    within = wall - days.astype("datetime64[M]").astype("datetime64[ms]").astype(np.int64)
    monthly = np.count_nonzero((np.diff(within) == 0) & (np.abs(np.diff(months)) == 1))
    regular = max(usual, int(monthly))
    return regular, float(np.abs(moved).sum()), regular == len(moved)


def _compare(one: Reading, other: Reading) -> int:
    """Return 1 when ``one`` is the better reading, -1 when ``other`` is, 0 when nothing tells them apart."""
    valid, rival = int(one[2].sum()), int(other[2].sum())
    if valid != rival:
        return 1 if valid > rival else -1
    if one[0] == "YDM":  # nobody writes so unless nothing else fits
        return -1
    if one[3][0] != other[3][0]:
        return 1 if one[3][0] > other[3][0] else -1
    perfect = one[3][2] and other[3][2]
    if not perfect and max(one[3][1], other[3][1]) > 1.5 * min(one[3][1], other[3][1]):
        return 1 if one[3][1] < other[3][1] else -1
    return 0


def _ambiguity(texts: Sequence[str], best: Reading, rival: Reading) -> Note:
    both = np.flatnonzero(best[2] & rival[2] & (best[1] != rival[1]))
    return note_of(
        "ambiguous-date",
        both.tolist(),
        text=texts[int(both[0])],
        chosen=_NAMES[best[0]],
        other=_NAMES[rival[0]],
    )


def _rolled(wall: Millis, valid: NDArray[np.bool_], period: int) -> Millis:
    """Add ``period`` each time the clock wraps (a step back of more than half of it)."""
    out = wall.copy()
    steps = np.diff(wall[valid])
    wraps = np.concatenate([[0], np.cumsum(steps < -period // 2)]) if valid.any() else np.zeros(0, np.int64)
    wraps = np.minimum(wraps, MOST_WRAPS)
    if period == DAY_MS:
        out[valid] = wall[valid] + wraps * period
    else:
        years = wall[valid].astype("datetime64[ms]").astype("datetime64[Y]")
        within = wall[valid] - years.astype("datetime64[ms]").astype(np.int64)
        out[valid] = (years + wraps).astype("datetime64[ms]").astype(np.int64) + within
    return out


def _times(walls: Walls, cells: Sequence[Any], name: str, zone: str) -> Times:
    notes = list(walls.notes)
    ms = np.zeros(len(walls.wall), np.int64)
    told = walls.valid & ~np.isnan(walls.offset) if walls.offset is not None else np.zeros(len(ms), bool)
    if told.any() and walls.offset is not None:
        ms[told] = walls.wall[told] - walls.offset[told].astype(np.int64)
        if not walls.utc:
            notes.append(note_of("offset-wins", zone=zone))
    local = np.flatnonzero(walls.valid & ~told)
    if len(local):
        utc, repeated, missing = local_to_utc(walls.wall[local], zone)
        if len(missing) and not_moved(walls.wall[local], missing, repeated):
            notes.append(note_of("standard-time", local[missing].tolist(), zone=zone))
            utc, repeated, missing = standard_to_utc(walls.wall[local], zone), missing[:0], missing[:0]
        ms[local] = utc
        notes += [note_of("repeated-hour", local[repeated].tolist())] if len(repeated) else []
        notes += [note_of("missing-hour", local[missing].tolist())] if len(missing) else []
    notes += _row_notes(walls.valid, ms, cells, name)
    different = np.unique(ms[walls.valid])
    step = int(np.median(np.diff(different))) if len(different) > 1 else 0
    return Times(ms, walls.valid, step, walls.format, notes)


def _row_notes(valid: NDArray[np.bool_], ms: Millis, cells: Sequence[Any], name: str) -> list[Note]:
    notes: list[Note] = []
    bad = np.flatnonzero(~valid).tolist()
    totals = [row for row in bad if str(cells[row]).strip().casefold().startswith(_TOTALS)]
    bad = [row for row in bad if row not in set(totals)]
    if totals:
        notes.append(note_of("total-rows", totals, text=str(cells[totals[0]]).strip()))
    if bad:
        notes.append(note_of("bad-times", bad, column=name, text=str(cells[bad[0]] or "").strip()[:40]))
    far = np.flatnonzero(valid & ((ms < PLAUSIBLE_MS[0]) | (ms >= PLAUSIBLE_MS[1])))
    if len(far) and len(far) < valid.sum():
        notes.append(note_of("far-times", far.tolist(), text=str(cells[int(far[0])])[:40]))
    rows = np.flatnonzero(valid)
    back = rows[1:][np.diff(ms[rows]) < 0]
    if 0 < len(back) < len(rows) // 2:
        notes.append(note_of("backward-time", back.tolist()))
    return notes


def _kind_of(shape: str) -> str:
    return "".join(mark for mark in shape if not mark.isalnum())


def format_of(shape: str, order: str) -> str:
    """Return ``shape`` in strftime letters, for people and for a MAP file."""
    letters = {"Y": "%Y", "M": "%m", "D": "%d"}
    match = next((found for found in (pattern.match(shape) for pattern in stamps.PATTERNS) if found), None)
    if match is None:
        return shape
    groups, out, last = match.groupdict(), "", 0
    spans = []
    for name, letter in (("a", order[:1]), ("b", order[1:2]), ("c", order[2:3])):
        if groups.get(name):
            spans.append((match.span(name), _letter(groups[name], letters.get(letter, "%d"))))
    for name, letter in (("compact", "%Y%m%d"), ("m", "%b"), ("d", "%d"), ("y", "%Y"), ("h", "%H"), ("n", "%M"), ("s", "%S"),
                         ("f", "%f"), ("ch", "%H"), ("cn", "%M"), ("cs", "%S"), ("half", "%p"), ("off", "%z")):  # fmt: skip
        if groups.get(name):
            spans.append((match.span(name), "%I" if letter == "%H" and groups.get("half") else letter))
    for (low, high), text in sorted(spans):
        out, last = out + shape[last:low] + text, high
    return out + shape[last:]


def _letter(digits: str, letter: str) -> str:
    if digits[0] != "0":
        return "%b"
    return "%y" if letter == "%Y" and len(digits) == 2 else letter
