"""Rules of the register without the database: steps, who may not do two of them, symbols, ranges of numbers."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from khcn.core.papers.doctypes import COURTESY, TYPES, symbol_of
from khcn.plan.enums import DocumentState

MOST_NUMBER: Final = 99_999
_SYMBOL: Final = re.compile(r"[A-ZĐƯƠ][\wĐđ]*(?:-[A-ZĐƯƠ0-9][\wĐđ]*)*")

# step -> (states from which it is taken, state that it leads to)
STEPS: Final[Mapping[str, tuple[frozenset[DocumentState], DocumentState]]] = {
    "content": (frozenset({DocumentState.DRAFT}), DocumentState.CONTENT_CHECKED),
    "format": (frozenset({DocumentState.CONTENT_CHECKED}), DocumentState.FORMAT_CHECKED),
    "sign": (frozenset({DocumentState.FORMAT_CHECKED}), DocumentState.SIGNED),
    "number": (frozenset({DocumentState.SIGNED}), DocumentState.NUMBERED),
    "issue": (frozenset({DocumentState.NUMBERED}), DocumentState.ISSUED),
    "recall": (frozenset({DocumentState.ISSUED}), DocumentState.RECALLED),
    "replace": (frozenset({DocumentState.ISSUED}), DocumentState.REPLACED),
    "return": (
        frozenset({DocumentState.CONTENT_CHECKED, DocumentState.FORMAT_CHECKED}),
        DocumentState.DRAFT,
    ),
}
# step -> those of earlier steps who may not take it (Decree 30: nobody passes the own work)
APART: Final[Mapping[str, tuple[str, ...]]] = {
    "content": ("drafted_by_id",),
    "format": ("drafted_by_id", "signer_id"),
    "sign": ("format_checked_by_id",),
    "number": ("signer_id",),
    "issue": ("signer_id",),
}


def type_name(code: str) -> str:
    """Return the name of a type."""
    return TYPES[code].name if code in TYPES else code


def type_choices() -> list[tuple[str, str]]:
    """Return the types of documents with their codes; a letter of courtesy has no number and is left out."""
    return [
        (kind.code, f"{kind.name} ({kind.code})" if kind.code != "CV" else kind.name)
        for kind in sorted(TYPES.values(), key=lambda one: one.name)
        if kind is not COURTESY
    ]


def sound_symbol(text: str) -> str:
    """Return a symbol without blanks, empty when it is none."""
    symbol = "".join(text.split()).strip("/")
    return symbol if len(symbol) <= 40 and _SYMBOL.fullmatch(symbol) else ""


def usual_symbol(type_code: str, abbreviation: str, unit: str = "") -> str:
    """Return the usual symbol of a type."""
    return symbol_of(type_code, abbreviation, unit)


def full_number(number: int | None, symbol: str) -> str:
    """Return ``05/BC-UBND``; empty without a number."""
    return "" if number is None else f"{number:02d}/{symbol}"


def gaps(numbers: Iterable[int], last: int) -> list[tuple[int, int]]:
    """Return the ranges of numbers up to ``last`` that nothing holds."""
    found: list[tuple[int, int]] = []
    expected = 1
    for number in sorted({number for number in numbers if number <= last}):
        if number > expected:
            found.append((expected, number - 1))
        expected = number + 1
    if expected <= last:
        found.append((expected, last))
    return found


def gap_words(ranges: Iterable[tuple[int, int]]) -> str:
    """Return ranges as ``03, 07-09``."""
    return ", ".join(f"{low:02d}" if low == high else f"{low:02d}-{high:02d}" for low, high in ranges)
