"""What a table for a spreadsheet is made of."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from khcn.core.dates import local

Cell: TypeAlias = str | int | float | Decimal | bool | date | datetime | Promise | None
Row: TypeAlias = Sequence[Cell]
Rows: TypeAlias = Iterable[Row]

LONGEST_TEXT = 32_767  # characters in a cell of Excel
_EXACT_DIGITS = 15  # Excel keeps no more of a number
# The signs at which spreadsheets begin a formula; their full-width twins count too in East Asian editions.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_MARKS = {"\u200e", "\u200f", "\u061c"}
_NO_XML = {"\ufffe", "\uffff"}


@dataclass(frozen=True)
class Column:
    """A column: its Vietnamese title, and its width in characters (worked out from the rows when left out).

    ``decimals`` fixes the digits after the comma of numbers.
    """

    title: str | Promise
    width: int | None = None
    decimals: int | None = None


def without_marks(text: str) -> str:
    """Return text without direction marks, which can make ``exe.fdp`` look like ``pdf.exe``."""
    return "".join(
        sign for sign in text if unicodedata.bidirectional(sign) not in _BIDI and sign not in _MARKS
    )


def _is_illegal(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cs"} or sign in _NO_XML


def _legal(text: str) -> str:
    return without_marks("".join(sign for sign in text if sign in "\n\t" or not _is_illegal(sign)))


def clean_text(text: str) -> str:
    """Return text that a cell may hold: plain line ends, no control signs or direction marks, not too long."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    # Of printable text every sign may stand: nearly all text is that, and looking at each sign costs a hundred times more.
    short = lines if lines.replace("\n", "").replace("\t", "").isprintable() else _legal(lines)
    return short if len(short) <= LONGEST_TEXT else short[: LONGEST_TEXT - 1] + "…"


def is_formula_like(text: str) -> bool:
    """Return whether a spreadsheet could take this text for a formula."""
    return text.startswith(_FORMULA) or text.lstrip(" \n\u00a0").startswith(_FORMULA)


def plain_cell(  # noqa: PLR0911  # one return for each type reads best
    value: Cell,
) -> str | int | float | Decimal | date | datetime | None:
    """Return a cell as a spreadsheet can type it: text, number, date, local moment without zone, or nothing.

    Yes/no becomes ``Có``/``Không``; a number of more than 15 digits becomes text, because Excel would round
    it.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return clean_text(value) or None
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    if isinstance(value, datetime):
        here = local(value)
        return here.replace(tzinfo=None) if isinstance(here, datetime) else here
    if isinstance(value, int):
        return value if len(str(abs(value))) <= _EXACT_DIGITS else str(value)
    if isinstance(value, float | Decimal):
        return value if Decimal(str(value)).is_finite() else None
    if isinstance(value, date):
        return value
    return clean_text(str(value)) or None


def safe_filename(name: str, extension: str) -> str:
    """Return a file name that every system accepts: no path, no control or direction signs, not too long."""
    visible = "".join(" " if unicodedata.category(sign) in {"Cc", "Cs"} else sign for sign in name)
    base = re.sub(r'[\\/:*?"<>|;%]+', "-", unicodedata.normalize("NFC", without_marks(visible)))
    base = " ".join(base.split()).strip(" .-")[:150].strip()
    return f"{base or 'bang'}.{extension}"


def attachment(filename: str) -> str:
    """Return a ``Content-Disposition`` for a UTF-8 name (RFC 5987), with an ASCII name for old readers."""
    stripped = filename.replace("đ", "d").replace("Đ", "D")
    ascii_name = unicodedata.normalize("NFD", stripped).encode("ascii", "ignore").decode()
    ascii_name = re.sub(r'["\\\r\n]', "", ascii_name)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(filename, safe='')}"
