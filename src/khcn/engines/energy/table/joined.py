"""Times that are spread over several columns: date and hour, or year, month, day, hour (PVWatts, SAM, NSRDB)."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any, Final

import numpy as np

from khcn.engines.energy.table.notes import Note, note_of
from khcn.engines.energy.table.reader import Table
from khcn.engines.energy.table.serials import Walls
from khcn.engines.energy.table.stamps import civil_ms
from khcn.engines.energy.types import DAY_MS, Millis

NO_YEAR: Final = 2001  # any year without a 29 February; said in a note
_PARTS: Final[dict[str, tuple[str, ...]]] = {
    "year": ("year", "yyyy", "yr", "năm"),
    "month": ("month", "mm", "mo", "tháng"),
    "day": ("day", "dd", "ngày"),
    "hour": ("hour", "hh", "hr", "giờ"),
    "minute": ("minute", "min", "phút"),
    "second": ("second", "sec", "giây"),
}
_DATE_NAMES: Final = ("date", "ngày", "day")
_TIME_NAMES: Final = ("time", "hour", "giờ", "hh:mm", "hh:mm:ss", "time of day", "local time")


def joined_walls(table: Table, column: str, time_format: str | None) -> Walls | None:
    """Return the times of joined columns, or None when ``column`` alone holds them."""
    if " + " in column and not table.has(column):
        return _pieces(table, column.split(" + "), time_format)
    if not table.has(column):
        return _calendar(table) if column in {"", "time"} else None
    name = table.names[table.index(column)]
    if name.casefold() in {word for words in _PARTS.values() for word in words}:
        found = _calendar(table)
        if found is not None:
            return found
    if time_format:
        return None
    return _date_and_time(table, name)


def _calendar(table: Table) -> Walls | None:
    """Year (optional), month, day, hour and minute columns."""
    lowered = {name.casefold(): name for name in table.names}
    parts = {
        key: next((lowered[word] for word in words if word in lowered), "") for key, words in _PARTS.items()
    }
    if not (parts["month"] and parts["day"]):
        return None
    quiet = len(table.notes)  # the words of a total row in these columns are told as a row without a time
    numbers = {key: table.numbers(name) for key, name in parts.items() if name}
    del table.notes[quiet:]
    valid = np.all(
        [np.isfinite(values) & (values == np.floor(values)) for values in numbers.values()], axis=0
    )
    whole = {key: np.where(valid, values, 0).astype(np.int64) for key, values in numbers.items()}
    notes: list[Note] = []
    leap = bool((valid & (whole["month"] == 2) & (whole["day"] == 29)).any())
    year = whole.get("year")
    if year is None:
        year = np.full(table.rows, 2000 if leap else NO_YEAR)
        notes.append(note_of("no-year", year=int(year[0])))
    midnight, fine = civil_ms(np.where(year < 100, year + 2000, year), whole["month"], whole["day"])
    zero = np.zeros(table.rows, np.int64)
    hour, minute, second = (whole.get(key, zero) for key in ("hour", "minute", "second"))
    if (
        "minute" not in whole
        and len(hour)
        and valid.any()
        and hour[valid].min() == 1
        and hour[valid].max() == 24
    ):
        hour = hour - 1  # hours 1..24 name the hour that ends
    valid = valid & fine & (hour <= 24) & (minute < 60) & (second < 60)
    joined = [name for name in parts.values() if name]
    notes.insert(0, note_of("joined-columns", columns=", ".join(f"«{name}»" for name in joined)))
    wall = np.where(valid, midnight + ((hour * 60 + minute) * 60 + second) * 1000, 0)
    return Walls(wall, valid, " + ".join(joined), notes=notes, shown=joined[0])


def _date_and_time(table: Table, name: str) -> Walls | None:
    """``name`` holds only dates (or only times) and a neighbour holds the rest."""
    cells = table.column(name)
    only_dates, only_times = _only(cells, dates=True), _only(cells, dates=False)
    if not only_dates and not only_times:
        return None
    wanted = _TIME_NAMES if only_dates else _DATE_NAMES
    for other in table.names:
        if other == name or not other.casefold().startswith(wanted):
            continue
        if _only(table.column(other), dates=not only_dates):
            return _pieces(table, [name, other] if only_dates else [other, name], None)
    return None


def _only(cells: Sequence[Any], *, dates: bool) -> bool:
    """Whether a sample of the cells is dates without a time of day (or times of day without a date)."""
    filled = [cell for cell in cells[:2000] if cell is not None and cell != ""]
    if not filled:
        return False
    good = sum(_is_date(cell) if dates else _is_time(cell) for cell in filled)
    return good >= 0.9 * len(filled) and (
        not dates or len(set(map(str, filled))) < len(filled) or len(filled) < 3
    )


def _is_date(cell: Any) -> bool:
    if isinstance(cell, datetime):
        return cell.time() == time()
    text = str(cell).strip()
    return ":" not in text and sum(text.count(mark) for mark in "-/.") == 2 and any(map(str.isdigit, text))


def _is_time(cell: Any) -> bool:
    if isinstance(cell, time):
        return True
    if isinstance(cell, int | float):
        return 0 <= cell <= 24
    text = str(cell).strip()
    return (":" in text and "-" not in text and "/" not in text) or (
        text.isascii() and text.isdigit() and int(text) <= 24
    )


def _pieces(table: Table, names: Sequence[str], time_format: str | None) -> Walls:
    """Two columns, the date and the time of day, or texts to be joined when a format is given."""
    from khcn.engines.energy.table.formats import by_format  # noqa: PLC0415  # both are readers of the same walls
    from khcn.engines.energy.table.times import infer  # noqa: PLC0415

    joined = note_of("joined-columns", columns=", ".join(f"«{name}»" for name in names))
    if time_format:
        texts = [" ".join(row) for row in zip(*(table.text(name) for name in names), strict=True)]
        walls = by_format(texts, time_format)
        return Walls(walls.wall, walls.valid, time_format, walls.offset, [joined], shown=names[0])
    date_name, *rest = names
    days = infer(table.column(date_name))
    wall, valid = days.wall.copy(), days.valid.copy()
    for name in rest:
        more, fine = _time_of_day(table.column(name))
        wall, valid = wall + more, valid & fine
    return Walls(wall, valid, " + ".join(names), notes=[joined, *days.notes], shown=date_name)


def _time_of_day(cells: Sequence[Any]) -> tuple[Millis, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
    """Return (ms since midnight, valid): hh:mm[:ss], whole hours, fractions of a day (Excel) or time cells."""
    from khcn.engines.energy.table.stamps import read_fields  # noqa: PLC0415

    numbers = [float(cell) for cell in cells if isinstance(cell, int | float)]
    fraction = bool(numbers) and max(numbers) <= 1 and min(numbers) >= 0
    if fraction:
        values = np.array([float(c) if isinstance(c, int | float) else np.nan for c in cells])
        fine = np.isfinite(values)
        return (np.round(np.where(fine, values, 0) * DAY_MS / 1000) * 1000).astype(np.int64), fine
    texts = [_clock(cell) for cell in cells]
    fields = read_fields(texts)
    return fields.day_ms, fields.read & (fields.a < 0)


def _clock(cell: Any) -> str:
    if isinstance(cell, time):
        return cell.strftime("%H:%M:%S")
    if isinstance(cell, datetime):
        return cell.strftime("%H:%M:%S")
    if isinstance(cell, int | float):
        return f"{int(cell):02d}:{round(cell % 1 * 60):02d}"
    text = str(cell or "").strip()
    return f"{int(text):02d}:00" if text.isascii() and text.isdigit() and len(text) <= 2 else text
