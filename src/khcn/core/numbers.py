"""Numbers as Vietnamese readers write them: ``1.234.567,5``; money ``12.500.000 đ``."""

import re
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from khcn.core.errors import KhcnError
from khcn.engines.plans.values import ValueFault, read_amount

_NBSP = "\u00a0"
_MINUS = "-"
_GROUPED = re.compile(r"^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$")
_PLAIN = re.compile(r"^[+-]?\d+(,\d+)?$")
_NAMES_DONG = re.compile(r"\d\s*(?:đồng|đ|vnđ|vnd|₫)\s*\.?\s*$")
_NO_MONEY = gettext_noop("“%(text)s” không phải là số tiền. Hãy ghi dạng 1.500.000 hoặc 1,5 triệu.")
_PART_OF_A_DONG = gettext_noop("“%(text)s” có phần lẻ của đồng. Hãy ghi số đồng nguyên, ví dụ 1.500.000.")
_MONEY_FAULTS = {
    "amount-negative": gettext_noop("“%(text)s” nhỏ hơn 0. Hãy ghi số tiền không có dấu trừ."),
    "amount-groups": gettext_noop(
        "Dấu phân cách trong “%(text)s” không đều nên hiểu được theo nhiều cách. Hãy ghi 1.500.000."
    ),
    "amount-too-large": gettext_noop("“%(text)s” quá lớn (hơn 17 chữ số). Hãy kiểm tra lại số tiền."),
}
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


def parse_money(text: str) -> Decimal:
    """Read an amount of money in whole dong, of either convention of separators, above or equal to 0.

    ``1.500.000``, ``1,500,000``, ``1 500 000 đ``, ``1,5 triệu``, ``2 tỷ``, ``1 tỷ 200 triệu``. What can be read in two
    ways (``1.500``, ``1,500 triệu``) or has a part of a dong is refused, never guessed; ``1.500 đ`` says what it is.

    :raises NumberFormatError: with a sentence that says how to type it.
    """
    shown = text.strip()[:50]
    try:
        amount = read_amount(text)
    except ValueFault as fault:
        raise NumberFormatError(_(_MONEY_FAULTS.get(fault.code, _NO_MONEY)) % {"text": shown}) from fault
    if amount.note == "amount-rounded":
        raise NumberFormatError(_(_PART_OF_A_DONG) % {"text": shown})
    if amount.note and not _NAMES_DONG.search(text.lower()):
        raise NumberFormatError(
            _(
                "“%(text)s” hiểu được theo hai cách. Hãy ghi đủ số đồng như 1.500.000, hoặc ghi rõ như 1,5 triệu."
            )
            % {"text": shown}
        )
    return amount.vnd
