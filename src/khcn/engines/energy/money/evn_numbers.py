"""Numbers of a bill's text: thousands by point, comma or space, decimals by the other; amounts, meter readings, dates."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

NUMBER: Final = re.compile(
    r"(?<![\w.,/-])-?\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,4})?(?![\d/]|[.,]\d)|(?<![\w.,/-])-?\d+(?:[.,]\d+)?(?![\d/%]|[.,]\d)"
)
_MONTHS: Final = re.compile(r"\b(?:thang|nam|ky)\s+\d{1,4}\b")
DATE: Final = re.compile(r"\b(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})\b")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and where it stands. ``readings``: what it may mean, the likeliest first (``1.234`` may be 1234)."""

    start: int
    end: int
    readings: tuple[Decimal, ...]

    @property
    def value(self) -> Decimal:
        """Return the likeliest reading."""
        return self.readings[0]


def figures_in(text: str) -> list[Figure]:
    """Return the numbers of ``text`` (dates, months, years and percentages are none)."""
    masked = _MONTHS.sub(_blank, DATE.sub(_blank, text))
    return [Figure(one.start(), one.end(), readings_of(one.group())) for one in NUMBER.finditer(masked)]


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def readings_of(text: str) -> tuple[Decimal, ...]:
    """Return what a written number may mean. Three digits after every mark are thousands first, decimals second."""
    plain = text.replace(" ", "")
    marks = [mark for mark in plain if mark in ".,"]
    if not marks:
        return (Decimal(plain),)
    last = max(plain.rfind("."), plain.rfind(","))
    tail = len(plain) - last - 1
    whole = Decimal(re.sub(r"[.,]", "", plain))
    fraction = Decimal(re.sub(r"[.,]", "", plain[:last]) + "." + plain[last + 1 :])
    if len(set(marks)) == 2:  # both marks: the last one is the decimal one
        return (fraction,)
    if len(marks) > 1:
        return (whole,)
    return (whole, fraction) if tail == 3 else (fraction,)


def dates_in(text: str) -> list[tuple[int, date]]:
    """Return the dates (day first) of ``text`` with where they stand; impossible ones are left out."""
    found = []
    for one in DATE.finditer(text):
        day, month, year = (int(part) for part in one.groups())
        try:
            found.append((one.start(), date(year, month, day)))
        except ValueError:
            continue
    return found
