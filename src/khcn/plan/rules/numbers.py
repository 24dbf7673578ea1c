"""Figures as people type them on a phone, in the Vietnamese (1.234,5) or the English convention (1,234.5)."""

import re
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from khcn.core.numbers import NumberFormatError
from khcn.engines.text.fold import nfc

MOST: Final = Decimal("1e15")  # what a column of 19 digits with 4 decimals holds
_SPACES: Final = re.compile(r"[\s\u00a0\u202f\u2009'’]+")
_PLAIN: Final = re.compile(r"[+-]?\d+")
_GROUPED: Final = re.compile(
    r"[+-]?[1-9]\d{0,2}(?P<sign>[.,])\d{3}(?:(?P=sign)\d{3})*(?:(?!(?P=sign))[.,]\d+)?"
)
_DECIMAL: Final = re.compile(r"[+-]?\d+[.,]\d+")
_WIDE: Final = str.maketrans("−–０１２３４５６７８９，．", "--0123456789,.")


def read_figure(text: str, *, decimals: int = 0) -> Decimal | None:
    """Return the number in ``text``, ``None`` when it is empty.

    A sign followed by three digits parts thousands (1.234 and 1,234 are both 1234), the last of two different signs is
    the decimal one, and one sign before one, two or four digits is decimal. ``1,234`` where decimals are allowed fits
    both readings and is refused.

    :param decimals: how many decimals the figure may have.
    :raises NumberFormatError: with a sentence that says what to write.
    """
    shown = nfc(text).strip()[:60]
    plain = _SPACES.sub("", shown.translate(_WIDE))
    if not plain:
        return None
    value = _value(plain, shown, decimals)
    if abs(value) >= MOST:
        raise NumberFormatError(_("Số này quá lớn. Hãy kiểm tra lại."))
    if value != round(value, decimals):
        if decimals == 0:
            raise NumberFormatError(_("Chỉ tiêu này là số nguyên, không có phần lẻ. Hãy kiểm tra lại."))
        raise NumberFormatError(
            _("Chỉ tiêu này có tối đa %(count)s chữ số thập phân. Hãy làm tròn.") % {"count": decimals}
        )
    return value


def _value(plain: str, shown: str, decimals: int) -> Decimal:
    if _PLAIN.fullmatch(plain):
        return Decimal(plain)
    grouped = _GROUPED.fullmatch(plain)
    if grouped is not None:
        sign = grouped["sign"]
        if decimals >= 3 and sign == "," and plain.count(",") == 1 and "." not in plain:
            whole, _comma, rest = plain.partition(",")
            raise NumberFormatError(
                _(
                    "“%(shown)s” đọc được hai cách. Hãy viết %(thousands)s nếu là hàng nghìn, hoặc %(decimal)s nếu là phần lẻ."
                )
                % {"shown": shown, "thousands": f"{whole}{rest}", "decimal": f"{whole},{rest}0"}
            )
        return Decimal(plain.replace(sign, "").replace(",", "."))
    if _DECIMAL.fullmatch(plain):
        return Decimal(plain.replace(",", "."))
    raise NumberFormatError(
        _("“%(shown)s” không phải là số. Hãy viết dạng 1.234,5 hoặc 1234,5.") % {"shown": shown}
    )
