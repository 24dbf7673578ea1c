"""What holds for money whatever the database: shape of a state-budget code, days of a budget year, shares.

The list of codes itself is data of the treasury and is not kept here. Shape after Circular 324/2016/TT-BTC: chapter,
category and item of three digits, section and subsection of four; subsections lie in the fifty numbers of their section.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from khcn.core.numbers import money_vi
from khcn.plan.errors import PlanError

_PARTS: Final = (3, 3, 3, 4, 4)
_SEPARATORS: Final = re.compile(r"[\s./–—_-]+")
_SECTION_STEP: Final = 50
LAST_PAYMENT: Final = (1, 31)  # of the year after: payments of the budget year are settled until then
EARLIEST_YEAR, LATEST_YEAR = 2000, 2100


class MoneyError(PlanError):
    """A deed with money that is refused. ``field``: the field of the form it is about ("" for the whole form)."""

    code = "money"

    def __init__(self, message: str, *, field: str = "", code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.field = field


class NotEnoughError(MoneyError):
    """More was wanted than is left. ``left``: dong."""

    def __init__(self, message: str, *, left: Decimal) -> None:
        super().__init__(message, field="amount", code="money-not-enough")
        self.left = left


def read_budget_code(text: str) -> str:
    """Return a state-budget code as ``chương-loại-khoản[-mục[-tiểu mục]]``; "" for nothing. Raises MoneyError."""
    parts = [part for part in _SEPARATORS.split(text.strip()) if part]
    if not parts:
        return ""
    shape = [len(part) for part in parts]
    digits = all(part.isascii() and part.isdigit() for part in parts)
    if not digits or len(parts) < 3 or tuple(shape) != _PARTS[: len(parts)]:
        raise MoneyError(
            _(
                "Mục lục ngân sách “%(text)s” chưa đúng dạng. Hãy ghi chương-loại-khoản-mục-tiểu mục, "
                "ví dụ 599-100-103-7000-7049."
            )
            % {"text": text.strip()[:40]},
            field="budget_code",
        )
    if len(parts) > 3 and int(parts[3]) % _SECTION_STEP:
        raise MoneyError(
            _("Số %(number)s không phải mã mục: mã mục chia hết cho 50. Có thể đây là tiểu mục.")
            % {"number": parts[3]},
            field="budget_code",
        )
    if len(parts) > 4 and not 0 < int(parts[4]) - int(parts[3]) < _SECTION_STEP:
        raise MoneyError(
            _("Tiểu mục %(sub)s không thuộc mục %(section)s. Hãy xem lại hai số cuối.")
            % {"sub": parts[4], "section": parts[3]},
            field="budget_code",
        )
    return "-".join(parts)


def check_budget_year(year: int) -> None:
    """Raise MoneyError for a year that nobody means."""
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise MoneyError(
            _("Năm %(year)s không hợp lý. Hãy ghi năm ngân sách gồm bốn chữ số.") % {"year": year},
            field="year",
        )


def last_day(year: int, *, payment: bool) -> date:
    """Return the last day on which an entry of a budget year may lie."""
    return date(year + 1, *LAST_PAYMENT) if payment else date(year, 12, 31)


def check_day(day: date, *, year: int, today: date, payment: bool) -> None:
    """Raise MoneyError when an entry cannot lie on ``day``: before or after its budget year, or ahead of today."""
    last = last_day(year, payment=payment)
    if not date(year, 1, 1) <= day <= last:
        raise MoneyError(
            _("Ngày %(day)s không thuộc năm ngân sách %(year)s (đến hết %(last)s). Hãy xem lại ngày.")
            % {"day": f"{day:%d/%m/%Y}", "year": year, "last": f"{last:%d/%m/%Y}"},
            field="happened_on",
        )
    if day > today:
        raise MoneyError(
            _("Ngày %(day)s chưa đến. Hãy ghi ngày trên chứng từ.") % {"day": f"{day:%d/%m/%Y}"},
            field="happened_on",
        )


def check_amount(amount: Decimal) -> None:
    """Raise MoneyError unless the amount is at least one dong, whole, and fits the column."""
    if amount <= 0 or amount != amount.to_integral_value() or amount >= Decimal("1e16"):
        raise MoneyError(
            _("Số tiền %(amount)s không ghi được. Hãy ghi số đồng nguyên lớn hơn 0.")
            % {"amount": money_vi(amount)},
            field="amount",
        )


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return ``part`` of ``whole`` (0 to 1); None when there is no whole."""
    return part / whole if whole else None
