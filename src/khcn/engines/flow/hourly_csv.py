"""Hourly counts out of whatever CSV people have: separators, headers, dates and numbers as written in Vietnam or by machines.

Forgiving where the meaning is clear, silent nowhere: each line that cannot be read becomes a note with its number.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.series import HourlySeries

TIMES: Final = ("t", "time", "datetime", "timestamp", "hour", "date", "ngay_gio", "thoi_gian", "ngày giờ", "thời gian",
                "giờ", "ngày", "ds")  # fmt: skip
VALUES: Final = (
    "count",
    "visitors",
    "value",
    "y",
    "so_luot",
    "luot",
    "số lượt",
    "lượt khách",
    "lượt",
    "số khách",
)
DAYS: Final = ("date", "ngày", "day", "ngay")
CLOCKS: Final = ("hour", "giờ", "gio", "time")
ASIDE: Final = ("year", "month", "weekday", "dow", "năm", "tháng")  # never counts
NOT_MEASURED: Final = frozenset({"", "na", "nan", "n/a", "null", "none", "-", "."})
MAX_NOTES: Final = 20
BAD_SHARE: Final = 0.5

Note = tuple[str, dict[str, Any]]
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_LOCAL = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_CLOCK = re.compile(r"(\d{1,2})(?:\s*(?::|h|g(?:iờ)?)\s*(\d{2})?(?::\d{2}(?:\.\d+)?)?)?")
_RANGE = re.compile(r"\s*[-–]\s*\d{1,2}(?::\d{2})?\s*$")
_THOUSAND: Final = {mark: re.compile(rf"\d{{1,3}}({re.escape(mark)}\d{{3}})+") for mark in ".,"}
_ZONE = re.compile(r"\s*(?:Z|[+-]\d{2}:?\d{2})$")


@dataclass(slots=True)
class HourlyTable:
    """Columns of a file, each an hourly series, with what was odd."""

    series: dict[str, HourlySeries]
    rows: int
    notes: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    header: list[str]
    time: list[int]
    values: dict[str, int]
    notes: list[Note] = field(default_factory=list)
    bad: int = 0
    first_bad: int = 0

    def complain(self, code: str, line: int, text: str) -> None:
        self.bad += 1
        self.first_bad = self.first_bad or line
        if len(self.notes) < MAX_NOTES:
            self.notes.append((code, {"line": line, "text": text[:40]}))


def read_hourly(path: Path, *, column: str | None = None) -> HourlyTable:
    """Read ``path``. Raises FlowError with a sentence for people; ``column`` picks one of several value columns.

    Several rows inside one hour: of different minutes, they are added up (finer data); of the same moment (a copied
    line, a clock set back), their mean is taken.
    """
    lines = _text(path).splitlines()
    rows = list(csv.reader(lines, delimiter=_separator(lines)))
    numbered = [(number, row) for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    if not numbered:
        raise FlowError("empty")
    reader, body = _columns(numbered, column)
    parted = {
        name: _thousands([row[at].strip() for _, row in body if at < len(row)])
        for name, at in reader.values.items()
    }
    moments: dict[datetime, dict[str, list[float | None]]] = {}
    for number, row in body:
        moment = _moment(" ".join(row[at].strip() for at in reader.time if at < len(row)))
        if moment is None:
            reader.complain(
                "bad_time", number, " ".join(row[at].strip() for at in reader.time if at < len(row))
            )
            continue
        cells = moments.setdefault(moment, {})
        for name, at in reader.values.items():
            cells.setdefault(name, []).append(
                _cell(reader, number, row[at] if at < len(row) else "", parted[name])
            )
    if not moments:
        raise FlowError("empty") if not reader.bad else _too_bad(reader, len(body))
    if reader.bad > BAD_SHARE * len(body):
        raise _too_bad(reader, len(body))
    return _table(reader, moments, len(body))


def _too_bad(reader: _Reader, rows: int) -> FlowError:
    return FlowError("too_many_bad", bad=reader.bad, rows=rows, line=reader.first_bad)


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FlowError("missing_file", name=path.name) from error
    codec = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as error:
        raise FlowError("encoding") from error


def _separator(lines: Sequence[str]) -> str:
    """The separator that most of the first lines have in equal number; a decimal comma loses to ";" and tab."""
    sample = [line for line in lines[:50] if line.strip()]
    for mark in ("\t", ";"):
        if sample and sum(mark in line for line in sample) > len(sample) / 2:
            return mark
    return ","


def _columns(
    numbered: list[tuple[int, list[str]]], column: str | None
) -> tuple[_Reader, list[tuple[int, list[str]]]]:
    """Find the columns. A file without header is read as time, count."""
    header = [cell.strip() for cell in numbered[0][1]]
    low = [name.lower() for name in header]
    if _moment(header[0]) is not None:
        header = ["t", "count", *[f"count{number}" for number in range(2, len(header))]][: len(header)]
        low, body = header, numbered
    else:
        body = numbered[1:]
    day = next((low.index(name) for name in DAYS if name in low), None)
    clock = next((low.index(name) for name in CLOCKS if name in low), None)
    if day is not None and clock is not None and not _whole(body, clock):
        time = [day, clock]
    else:
        one = next((low.index(name) for name in TIMES if name in low), None)
        if one is None:
            raise FlowError("no_time_column", columns=", ".join(header))
        time = [one]
    found = {
        name: at
        for at, name in enumerate(header)
        if at not in time and name and low[at] not in ASIDE + TIMES and _numeric(body, at)
    }
    if not found:
        raise FlowError("no_value_column", columns=", ".join(header))
    if column is not None and column not in found:
        raise FlowError("unknown_column", column=column, columns=", ".join(found))
    if column is not None:
        found = {column: found[column]}
    elif known := [name for name in found if name.lower() in VALUES]:
        found = {known[0]: found[known[0]]}
    return _Reader(header, time, found), body


def _whole(body: list[tuple[int, list[str]]], at: int) -> bool:
    """Whether the column holds date and time together."""
    cells = [row[at] for _, row in body[:20] if at < len(row) and row[at].strip()]
    return bool(cells) and all(_moment(cell) is not None for cell in cells)


def _numeric(body: list[tuple[int, list[str]]], at: int) -> bool:
    """Whether most filled cells of a column are numbers (a column never filled counts: it says "not measured")."""
    cells = [row[at] for _, row in body if at < len(row) and row[at].strip().lower() not in NOT_MEASURED]
    return sum(_number(cell) is not None for cell in cells[:5000]) >= 0.5 * len(cells[:5000])


def _number(text: str, thousands: str = "") -> float | None:
    """Read "1234", "1.234,5", "1,234.5", "12,5", and "1.234" as 1234 when "." parts thousands; None: no number."""
    text = text.strip().replace("\u00a0", "").replace(" ", "")
    if text.isascii() and text.isdigit():
        return float(text[:12])
    if thousands and re.fullmatch(_THOUSAND[thousands], text):
        return float(text.replace(thousands, ""))
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+,\d+", text) or re.fullmatch(r"-?\d{1,3}(\.\d{3}){2,}", text):
        text = text.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+\.\d+", text) or re.fullmatch(r"-?\d{1,3}(,\d{3}){2,}", text):
        text = text.replace(",", "")
    elif re.fullmatch(r"-?\d+,\d+", text):
        text = text.replace(",", ".")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text, re.IGNORECASE):
        return None
    value = float(text)
    return value if abs(value) < 1e9 else None


def _thousands(cells: Sequence[str]) -> str:
    """The mark that parts thousands in a column of whole numbers ("1.234"), "" when it cannot be that.

    All marked cells look like it, none starts with 0, and the unmarked ones are below 1000, of which there are some
    (a column of three decimals has none).
    """
    for mark in (".", ","):
        marked = [cell for cell in cells if mark in cell]
        plain = [cell for cell in cells if mark not in cell and cell.isdigit()]
        if (
            marked
            and plain
            and all(_THOUSAND[mark].fullmatch(cell) and cell[0] != "0" for cell in marked)
            and all(len(cell) <= 3 for cell in plain)
        ):
            return mark
    return ""


def _cell(reader: _Reader, line: int, text: str, thousands: str) -> float | None:
    if text.strip().lower() in NOT_MEASURED:
        return None
    value = _number(text, thousands)
    if value is None:
        reader.complain("bad_line", line, text)
    elif value < 0:
        reader.complain("negative", line, text)
        return None
    return value


def _moment(text: str) -> datetime | None:
    """Read a moment: ISO (zone allowed, wall clock kept) or dd/mm/yyyy with "7:00", "7h", "7h30", "07:00-07:59"."""
    text = text.strip()
    if len(text) >= 16:
        try:
            return datetime.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
        except ValueError:
            pass  # not of machines
    if found := _ISO.match(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _LOCAL.match(text):
        day, month, year = (int(part) for part in found.groups())
    else:
        return None
    rest = _RANGE.sub("", _ZONE.sub("", text[found.end() :].lstrip("T, ")))
    clock = _CLOCK.match(rest)
    hour, minute = (int(clock[1]), int(clock[2] or 0)) if clock else (0, 0)
    if rest.strip() and (clock is None or minute > 59 or hour > 24):
        return None
    try:
        return datetime(year, month, day) + timedelta(hours=hour, minutes=minute)
    except (ValueError, OverflowError):
        return None


def _table(reader: _Reader, moments: dict[datetime, dict[str, list[float | None]]], rows: int) -> HourlyTable:
    table = HourlyTable({}, rows, reader.notes)
    hours = {moment.replace(minute=0) for moment in moments}
    if len(hours) < len(moments):
        table.notes.append(("summed", {}))
    doubled = sum(len(next(iter(cells.values()))) > 1 for cells in moments.values())
    if doubled:
        table.notes.append(("duplicates", {"count": doubled}))
    if reader.bad > MAX_NOTES:
        table.notes.append(("more_bad", {"count": reader.bad - MAX_NOTES}))
    first, last = min(hours), max(hours)
    for name in reader.values:
        table.series[name] = HourlySeries.from_points([(first, None), (last, None), *_hours(moments, name)])
    return table


def _hours(
    moments: dict[datetime, dict[str, list[float | None]]], name: str
) -> Iterator[tuple[datetime, float | None]]:
    """One value an hour; an hour with a part not measured is not measured."""
    sums: dict[datetime, float | None] = {}
    for moment, cells in moments.items():
        known = [value for value in cells[name] if value is not None]
        value = sum(known) / len(known) if known else None
        hour = moment.replace(minute=0)
        before = sums.get(hour, 0.0)
        sums[hour] = None if value is None or before is None else before + value
    yield from sums.items()
