"""Numbers, money, sizes and dates as people write them: 1.234,5 · 12.500.000 đ · 1,2 MB · dd/mm/yyyy.

Pure functions; ``language`` is "vi" or "en" (English swaps point and comma, dates stay dd/mm/yyyy).
"""

import math
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

Number = int | float | Decimal
NO_VALUE: Final = "–"
_SIZE_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_NARROW: Final = "\u00a0"


def format_number(value: Number | None, *, places: int | None = None, language: str = "vi") -> str:
    """Return the number with thousands groups.

    ``places`` fixes the decimals; without it up to two are kept and closing zeros dropped. None gives a dash.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return NO_VALUE
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    step = Decimal(1).scaleb(-(2 if places is None else places))
    text = f"{exact.quantize(step, rounding=ROUND_HALF_UP):,f}"
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if text.startswith("-"):
        text = "0" if set(text[1:]) <= set("0.,") else "\u2212" + text[1:]
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))


def format_money(value: Number | None, *, language: str = "vi") -> str:
    """Return an amount in whole dong: ``12.500.000 đ``."""
    if value is None:
        return NO_VALUE
    return f"{format_number(value, places=0, language=language)}{_NARROW}đ"


def format_percent(value: Number | None, *, places: int = 0, language: str = "vi") -> str:
    """Return a share (0.125) as per cent (``12,5 %`` with one place)."""
    if value is None:
        return NO_VALUE
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return f"{format_number(exact * 100, places=places, language=language)}{_NARROW}%"


def format_size(size: int | None, *, language: str = "vi") -> str:
    """Return a number of bytes in decimal units: ``1,2 MB``."""
    if size is None:
        return NO_VALUE
    value, unit = Decimal(size), 0
    while value >= 1000 and unit < len(_SIZE_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    rounded = value.quantize(Decimal("0.1") if unit > 1 else Decimal(1), rounding=ROUND_HALF_UP)
    text = format_number(rounded, language=language)
    return f"{text}{_NARROW}{_SIZE_UNITS[unit]}"


def format_date(value: date | datetime | None) -> str:
    """Return ``dd/mm/yyyy``; None gives a dash."""
    return NO_VALUE if value is None else f"{value.day:02d}/{value.month:02d}/{value.year:04d}"


def format_datetime(value: datetime | None) -> str:
    """Return ``HH:MM dd/mm/yyyy``; the caller has put the value into local time."""
    return NO_VALUE if value is None else f"{value.hour:02d}:{value.minute:02d} {format_date(value)}"
