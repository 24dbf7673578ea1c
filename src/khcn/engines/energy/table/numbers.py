"""Cells to numbers: the decimal mark is decided by the column (and by the file where a column leaves doubt)."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.table.notes import Note, note_of

# Words that portals write for "no value": nothing to warn about.
BLANK: Final = frozenset(
    {"", "-", "--", "---", "—", "n/a", "na", "#n/a", "nan", "null", "none", "nil", "\\n", "."}
)
HINT_CELLS: Final = 2000
_NUMBER: Final = re.compile(r"^([-+]?)([\d.,]*\d[\d.,]*)((?:[eE][-+]?\d+)?)$")
_WITH_UNIT: Final = re.compile(r"^([-+−]?[\d.,\s]*\d)\s*([A-Za-z%°℃²/·]{1,8}\d?)$")
_CLEAN: Final = {ord(mark): None for mark in "\u00a0\u202f\u2009 '’"} | {ord("−"): "-", ord("\u2013"): "-"}


class Decimal(StrEnum):
    """Which mark parts the whole from the fraction."""

    POINT = "."
    COMMA = ","


def to_numbers(
    cells: Sequence[Any], name: str, hint: Decimal | None
) -> tuple[NDArray[np.float64], list[Note]]:
    """Return (values, notes) of a column; ``hint`` is the file's decimal mark where the column leaves doubt."""
    fast = _fast(cells, hint)
    return (fast, []) if fast is not None else _careful(cells, name, hint)


def _fast(cells: Sequence[Any], hint: Decimal | None) -> NDArray[np.float64] | None:
    """Plain machine numbers (and blanks) at full speed; None when anything needs a closer look."""
    if hint is Decimal.COMMA:
        return None
    try:
        values = np.fromiter((float(cell) if cell else math.nan for cell in cells), np.float64, len(cells))
    except (ValueError, TypeError):
        return None
    odd = ~np.isfinite(values)
    if odd.any() and any(
        cells[at] not in {None, ""} and str(cells[at]).strip().lower() not in BLANK
        for at in np.flatnonzero(odd).tolist()
    ):
        return None
    if any(isinstance(cell, str) and "_" in cell for cell in cells) or any(
        isinstance(cell, bool) for cell in cells[:100]
    ):
        return None
    # A number 0 of a workbook is falsy too, but it is a value.
    for at in np.flatnonzero(odd).tolist():
        if cells[at] == 0 and cells[at] != "":
            values[at] = 0.0
    return values


def _careful(cells: Sequence[Any], name: str, hint: Decimal | None) -> tuple[NDArray[np.float64], list[Note]]:
    notes: list[Note] = []
    texts, unit = _texts(cells)
    decimal, doubt = decide_decimal(texts, hint)
    if doubt and decimal:
        meaning = "thập phân" if decimal == doubt[1] else "ngăn hàng nghìn"
        notes.append(note_of("ambiguous-decimal", column=name, text=doubt[0], mark=doubt[1], meaning=meaning))
    if unit:
        notes.append(note_of("unit-in-cells", column=name, unit=unit))
    values = np.full(len(cells), math.nan)
    bad: list[int] = []
    known: dict[str, float | None] = {}
    for at, cell in enumerate(cells):
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            values[at] = cell if math.isfinite(cell) else math.nan
            continue
        text = texts[at]
        if text.lower() in BLANK:
            continue
        if text not in known:
            known[text] = _number(text, decimal)
        number = known[text]
        if number is None:
            bad.append(at)
        else:
            values[at] = number
    if bad:
        shown = str(cells[bad[0]]).strip()[:40]
        notes.append(note_of("bad-cells", bad, column=name, text=shown))
    return values, notes


def _texts(cells: Sequence[Any]) -> tuple[list[str], str]:
    """Return (cleaned texts, unit taken off): a unit goes only when every cell with a unit has the same."""
    texts = [
        str(cell).translate(_CLEAN).strip() if isinstance(cell, str) else "" if cell is None else str(cell)
        for cell in cells
    ]
    units: Counter[str] = Counter()
    for text in texts[:HINT_CELLS]:
        found = _WITH_UNIT.match(text)
        if found and not _NUMBER.match(text):
            units[found[2]] += 1
    if len(units) != 1:
        return texts, ""
    (unit,) = units
    return [text[: -len(unit)].strip() if text.endswith(unit) else text for text in texts], unit


def decide_decimal(texts: Sequence[str], hint: Decimal | None) -> tuple[Decimal, tuple[str, str] | None]:
    """Return (decimal mark, (a doubtful text, its mark) or None) for cleaned ``texts`` of one column."""
    certain, doubtful = _evidence(texts)
    if certain:
        return certain, None
    if not doubtful:
        return hint or Decimal.POINT, None
    mark = "," if "," in doubtful else "."
    if hint:
        return hint, None
    # "1.234" alone is a machine's decimal point; "1,234" alone is grouped in thousands.
    return Decimal.POINT, (doubtful, mark) if mark == "," else None


def _evidence(texts: Sequence[str]) -> tuple[Decimal | None, str]:
    """Return (mark that the texts prove, a text that may be read both ways)."""
    votes: Counter[Decimal] = Counter()
    doubtful = ""
    plain_big = False
    for text in texts:
        found = _NUMBER.match(text)
        if not found:
            continue
        digits = found[2]
        vote, unsure = _vote(digits)
        if vote:
            votes[vote] += 1
        elif unsure:
            doubtful = doubtful or text
        elif len(digits) > 3:
            plain_big = True
    if votes:
        return votes.most_common(1)[0][0], doubtful
    if (
        doubtful and plain_big
    ):  # "12345" beside "1,234": nothing groups thousands here, so the mark is decimal
        return (Decimal.COMMA if "," in doubtful else Decimal.POINT), doubtful
    return None, doubtful


def _vote(digits: str) -> tuple[Decimal | None, bool]:
    """Return (what this number proves, whether it may be read both ways)."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return (Decimal.COMMA if digits.rfind(",") > digits.rfind(".") else Decimal.POINT), False
    if not points and not commas:
        return None, False
    mark = "." if points else ","
    this, other = (Decimal.POINT, Decimal.COMMA) if points else (Decimal.COMMA, Decimal.POINT)
    whole, *groups = digits.split(mark)
    if len(groups) > 1:
        return other, False
    if len(groups[0]) != 3 or len(whole) > 3 or whole in {"", "0"} or whole.startswith("0"):
        return this, False
    return None, True


def _number(text: str, decimal: Decimal) -> float | None:
    found = _NUMBER.match(text.rstrip("%").strip() if text.endswith("%") else text)
    if not found:
        return None
    sign, digits, exponent = found.groups()
    group = "," if decimal is Decimal.POINT else "."
    whole, mark, fraction = digits.partition(decimal.value)
    if group in fraction or decimal.value in fraction:
        return None
    if group in whole:
        parts = whole.split(group)
        if not 1 <= len(parts[0]) <= 3 or any(len(part) != 3 for part in parts[1:]):
            return None
        whole = "".join(parts)
    number = float(f"{sign}{whole or '0'}{'.' if mark else ''}{fraction}{exponent}")
    return number if math.isfinite(number) else None


def decimal_hint(columns: Sequence[Sequence[Any]], delimiter: str) -> Decimal | None:
    """Return the decimal mark that some column of the file proves; commas cannot be decimal where they part cells."""
    votes: Counter[Decimal] = Counter()
    for column in columns:
        texts = [cell.translate(_CLEAN).strip() for cell in column[:HINT_CELLS] if isinstance(cell, str)]
        numeric = [text for text in texts if _NUMBER.match(text)]
        if numeric and len(numeric) * 2 >= len([text for text in texts if text.lower() not in BLANK]):
            certain, _ = _evidence(numeric)
            if certain:
                votes[certain] += 1
    if not votes:
        return None
    if delimiter == "," and set(votes) == {Decimal.COMMA, Decimal.POINT}:
        return Decimal.POINT
    return votes.most_common(1)[0][0]
