"""Numbers as Vietnamese readers write them: ``1.234.567,5``; money ``12.500.000 đ``."""

import re
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError

_NBSP = "\u00a0"
_MINUS = "-"
_GROUPED = re.compile(r"^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$")
_PLAIN = re.compile(r"^[+-]?\d+(,\d+)?$")
_SIZES = ("B", "kB", "MB", "GB", "TB")


class NumberFormatError(KhcnError):
    """Text that is not a number."""

    code = "number-format"


def number_vi(value: float | Decimal | None, decimals: int | None = None) -> str:
    """Return ``1.234.567,5``; empty for ``None``.

    :param decimals: digits after the comma, rounded half up; when left out, as many as ``value`` has (at most
        6).
    """
    if value is None:
        return ""
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"a finite number is needed, got {value}")
    places = min(6, max(0, -int(exact.normalize().as_tuple().exponent))) if decimals is None else decimals
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{rounded:,.{places}f}".translate(str.maketrans(",.", ".,"))
    return text.removeprefix(_MINUS) if rounded == 0 else text


def money_vi(value_vnd: float | Decimal | None) -> str:
    """Return ``12.500.000 đ`` with a space that does not break; empty for ``None``."""
    return "" if value_vnd is None else f"{number_vi(value_vnd, 0)}{_NBSP}đ"


def percent_vi(share: float | Decimal | None, decimals: int = 1) -> str:
    """Return a share (0.952) as ``95,2 %`` (no-break space); empty for ``None``."""
    return "" if share is None else f"{number_vi(Decimal(str(share)) * 100, decimals)}{_NBSP}%"


def size_vi(size_bytes: int) -> str:
    """Return a file size in powers of 1000: ``1,5 MB``."""
    size, unit = Decimal(size_bytes), 0
    while size >= 1000 and unit < len(_SIZES) - 1:
        size, unit = size / 1000, unit + 1
    decimals = 0 if unit == 0 or size >= 100 else 1
    return f"{number_vi(size, decimals).removesuffix(',0')}{_NBSP}{_SIZES[unit]}"


def parse_number(text: str) -> Decimal:
    """Read ``1.234,5``, ``1234,5`` or ``1234``; a dot separates thousands, never decimals.

    :raises NumberFormatError: with a sentence that says which form is expected.
    """
    plain = text.replace(_NBSP, "").replace(" ", "")
    if not (_GROUPED.match(plain) or _PLAIN.match(plain)):
        raise NumberFormatError(
            _("“%(text)s” không phải là số. Hãy viết dạng 1.234,5, dấu phẩy cho phần lẻ.")
            % {"text": text.strip()[:50]}
        )
    return Decimal(plain.replace(".", "").replace(",", "."))
