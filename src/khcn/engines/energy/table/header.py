"""Finding the header row: below titles and preambles, above an optional row of units."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final

from khcn.engines.energy.table.notes import Note, note_of

LOOKED_AT: Final = 60  # rows in which a header may be
SUPPORT: Final = 40  # rows below it that are compared with it
_NUMBER: Final = re.compile(r"^[-+−]?[\d\s. ,]*\d[\d\s. ,]*([eE][-+]?\d+)?%?$")
_TIME: Final = re.compile(r"^\d{1,4}([-/.]\d{1,2}([-/.]\d{1,4})?|:\d{2}|[hT]\d{0,2}|\s*-?\s*[A-Za-z]{3,9})\b")
_UNIT: Final = re.compile(
    r"^[\[(]?(k|M|m)?(W|Wh|VA|VAh|var|varh|V|A|Hz|W/m2|W/m²|W/㎡|kWh/㎡|kWh/m2|°C|℃|C|%|m/s|s|h|-)?[\])]?$"
)


@dataclass(frozen=True, slots=True)
class Header:
    """Where the data begin: ``row`` of the header (-1: none), ``first`` row below it and its units, their texts."""

    row: int
    first: int
    names: list[str]
    groups: list[str]
    units_row: int = -1


def find_header(rows: list[list[Any]]) -> Header:
    """Return the header: the row of words that the rows below agree with best; the earliest of equals."""
    kinds = [_kinds(row) for row in rows[: LOOKED_AT + SUPPORT + 10]]
    scored = [(_score(kinds, at), -at) for at in range(min(LOOKED_AT, len(kinds)))]
    best, minus = max(scored, default=(0.0, 0))
    if best <= 0.3:
        return Header(-1, 0, [], [])
    at = -minus
    first = at + 1
    units = -1
    while (
        first < len(kinds)
        and kinds[first]
        and "n" not in kinds[first]
        and first - at <= 2
        and _units(rows[first])
    ):
        units, first = first, first + 1
    names = [_name(cell) for cell in rows[at]]
    while names and not names[-1]:
        names.pop()
    return Header(at, first, names, _groups(rows, kinds, at, len(names)), units)


def name_columns(head: Header, columns: list[list[Any]], notes: list[Note]) -> tuple[list[str], list[int]]:
    """Return (unique names, positions kept). Columns without a name are kept when they hold something."""
    if head.row > 0:
        notes.append(note_of("preamble", range(head.row), header=head.row + 1))
    if head.units_row >= 0:
        notes.append(note_of("units-row", [head.units_row]))
    if not head.names:
        notes.append(note_of("no-header"))
        return [f"#{at + 1}" for at in range(len(columns))], list(range(len(columns)))
    kept = [
        at
        for at, name in enumerate(head.names)
        if name or any(cell not in {None, ""} for cell in columns[at])
    ]
    raw = [head.names[at] or ("" if at == 0 else f"#{at + 1}") for at in kept]
    counts = Counter(raw)
    names = [
        f"{head.groups[at]} · {name}" if counts[name] > 1 and head.groups[at] else name
        for at, name in zip(kept, raw, strict=True)
    ]
    return _unique(names, notes), kept


def _unique(names: list[str], notes: list[Note]) -> list[str]:
    seen: Counter[str] = Counter()
    used = set(names)
    out: list[str] = []
    doubled: list[str] = []
    for name in names:
        seen[name] += 1
        number = seen[name]
        unique = name
        while unique != name or number > 1:
            unique = f"{name} ({number})"
            if unique not in used:
                break
            number += 1
        if unique != name:
            doubled.append(unique)
            used.add(unique)
        out.append(unique)
    if doubled:
        plain = sorted({one.rsplit(" (", 1)[0] for one in doubled})
        notes.append(note_of("duplicate-names", names=", ".join(plain), example=doubled[0]))
    return out


def _kinds(row: list[Any]) -> str:
    """Return one letter a cell: ``n`` number or time, ``t`` words, ``_`` blank; trailing blanks cut."""
    return "".join(_kind(cell) for cell in row).rstrip("_")


def _kind(cell: Any) -> str:
    if cell is None:
        return "_"
    if isinstance(cell, int | float | date | time):
        return "n"
    text = str(cell).strip()
    if not text:
        return "_"
    return "n" if _NUMBER.match(text) or _TIME.match(text) else "t"


def _score(kinds: list[str], at: int) -> float:
    """Return how well row ``at`` heads the rows below: share that it covers, less its own share of numbers."""
    head = kinds[at]
    words = head.count("t")
    if not words:
        return 0.0
    below = [row for row in kinds[at + 1 : at + 4 + SUPPORT] if row]
    while below and "n" not in below[0]:
        below = below[1:]
    below = below[:SUPPORT]
    if not below:
        return 0.5 if at == len(kinds) - 1 or not any("n" in row for row in kinds) else 0.0
    covered = sum(_covers(head, row) for row in below) / len(below)
    return covered - 0.5 * head.count("n") / len(head) - 0.001 * head.count("_")


def _covers(head: str, row: str) -> bool:
    """Whether every filled cell of ``row`` has a word (or a number) above it; the first column may be unnamed.

    One column of words more than the header names is allowed nowhere: that is a title above a table.
    """
    if "n" not in row:
        return False
    padded = head.ljust(len(row), "_")
    named = all(
        top != "_" or low == "_" or at == 0 for at, (top, low) in enumerate(zip(padded, row, strict=False))
    )
    return named and any(top == "t" and low == "n" for top, low in zip(padded, row, strict=False))


def _groups(rows: list[list[Any]], kinds: list[str], at: int, width: int) -> list[str]:
    """Return the words of a merged header above, drawn out over the columns they stand for."""
    empty = [""] * width
    if at == 0 or kinds[at - 1].count("t") < 2 or "n" in kinds[at - 1]:
        return empty
    out, last = [], ""
    for column in range(width):
        word = _name(rows[at - 1][column]) if column < len(rows[at - 1]) else ""
        last = word or last
        out.append(last)
    return out


def _units(row: list[Any]) -> bool:
    filled = [str(cell).strip() for cell in row if cell is not None and str(cell).strip()]
    known = sum(bool(_UNIT.match(one)) for one in filled)
    return bool(filled) and known * 2 >= len(filled)


def _name(cell: Any) -> str:
    return re.sub(r"\s+", " ", str(cell)).strip() if cell is not None else ""
