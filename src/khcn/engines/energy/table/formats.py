"""Times in a way of writing that was given: strftime letters, or a kind of number."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import TableError
from khcn.engines.energy.table.serials import Walls, read_serials
from khcn.engines.energy.table.stamps import civil_ms, codes_of, digits_in, shape_groups
from khcn.engines.energy.types import Millis

NUMBERS: Final = frozenset({"epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "excel"})
_LETTER: Final = re.compile(r"%[-#]?([a-zA-Z%])")
# Directives whose text is digits only, and the regular expression of each
_DIGITS: Final = {"Y": r"\d{4}", "y": r"\d\d", "m": r"\d\d?", "d": r"\d\d?", "H": r"\d\d?", "M": r"\d\d?", "S": r"\d\d?",
                  "f": r"\d{1,9}"}  # fmt: skip


def by_format(cells: Sequence[Any], time_format: str) -> Walls:
    """Return the times of cells written as ``time_format``; rows that do not fit are not valid.

    Dates of a workbook are dates already and need no format. Raises TableError (``bad-format``).
    """
    if time_format in NUMBERS:
        found = read_serials(cells, time_format)
        return found or Walls(np.zeros(len(cells), np.int64), np.zeros(len(cells), bool), time_format)
    if any(isinstance(cell, datetime) for cell in cells[:100]):
        from khcn.engines.energy.table.times import infer  # noqa: PLC0415  # the general reader uses this one

        return infer(cells)
    letters = _LETTER.findall(time_format)
    if not letters:
        raise TableError("bad-format", format=time_format)
    texts = [cell.strip() if isinstance(cell, str) else "" if cell is None else str(cell) for cell in cells]
    if (
        all(letter in _DIGITS for letter in letters)
        and len(set(letters)) == len(letters)
        and {"m", "d"} <= set(letters)
    ):
        return _by_digits(texts, time_format, letters)
    return _by_strptime(texts, time_format)


def _by_digits(texts: Sequence[str], time_format: str, letters: list[str]) -> Walls:
    """Formats of digits only: fitted once to each shape of text, then read in numpy."""
    fits = _pattern(time_format).match
    wall, valid = np.zeros(len(texts), np.int64), np.zeros(len(texts), bool)
    for shape, rows in shape_groups(texts):
        found = fits(shape)
        if found:
            codes = codes_of(texts, rows, len(shape))
            values = {letter: digits_in(codes, *found.span(at + 1)) for at, letter in enumerate(letters)}
            wall[rows], valid[rows] = _moment(
                values, found.span(letters.index("f") + 1) if "f" in letters else (0, 0)
            )
    return Walls(wall, valid, time_format)


def _pattern(time_format: str) -> re.Pattern[str]:
    parts, last = [], 0
    for found in _LETTER.finditer(time_format):
        parts += [re.escape(time_format[last : found.start()]), f"({_DIGITS[found[1]]})"]
        last = found.end()
    return re.compile("".join([*parts, re.escape(time_format[last:])]) + "$")


def _moment(
    values: dict[str, NDArray[np.int64]], fraction: tuple[int, int]
) -> tuple[Millis, NDArray[np.bool_]]:
    zero = np.zeros_like(values["d"])
    short = values.get("y", zero)
    year = values.get("Y", short + np.where(short < 69, 2000, 1900) if "y" in values else zero + 2001)
    midnight, fine = civil_ms(year, values["m"], values["d"])
    hour, minute, second = values.get("H", zero), values.get("M", zero), values.get("S", zero)
    fine &= (hour * 3600 + minute * 60 + second <= 86_400) & (minute < 60) & (second < 60)
    millis = values.get("f", zero) * 1000 // 10 ** (fraction[1] - fraction[0])
    return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + millis, fine


def _by_strptime(texts: Sequence[str], time_format: str) -> Walls:
    wall, valid = np.zeros(len(texts), np.int64), np.zeros(len(texts), bool)
    offset = np.full(len(texts), np.nan)
    known: dict[str, tuple[int, float] | None] = {}
    for at, text in enumerate(texts):
        if text not in known:
            known[text] = _parsed(text, time_format)
        found = known[text]
        if found:
            wall[at], offset[at] = found
            valid[at] = True
    return Walls(wall, valid, time_format, offset if np.isfinite(offset).any() else None)


def _parsed(text: str, time_format: str) -> tuple[int, float] | None:
    try:
        moment = datetime.strptime(text, time_format)  # the zone is applied to the whole column later
    except ValueError as error:
        if "bad directive" in str(error) or "stray %" in str(error):
            raise TableError("bad-format", format=time_format) from error
        return None
    shift = moment.utcoffset()
    plain = moment.replace(tzinfo=None)
    ms = round((plain - datetime(1970, 1, 1)).total_seconds() * 1000)
    return ms, np.nan if shift is None else shift.total_seconds() * 1000
