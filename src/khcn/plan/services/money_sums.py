"""The one place that moves the sums of a budget line: allocated >= committed >= paid >= settled, whoever comes first.

Every move locks the estimate (so that nothing is booked while a year is being closed), then changes the sum by one
UPDATE whose condition is the rule itself; the same rules stand in the database as constraints. Who comes too late reads
how much is left. Call these inside the caller's transaction.
"""

from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.numbers import money_vi
from khcn.plan.enums import ENTRY_COUNTED, EstimateState
from khcn.plan.errors import StaleError
from khcn.plan.models import BudgetLine, Estimate, MoneyEntry
from khcn.plan.rules.money import MoneyError, NotEnoughError


def estimate_open(estimate_id: int) -> Estimate:
    """Lock and return an estimate on which money may move. Raises MoneyError for any other state."""
    estimate = Estimate.objects.select_for_update(no_key=True).get(pk=estimate_id)
    if estimate.state == EstimateState.SETTLED:
        raise MoneyError(
            _("Năm %(year)s đã quyết toán, số liệu đã khóa. Việc phát sinh sau đó ghi vào dự toán năm sau.")
            % {"year": estimate.year},
            code="money-settled",
        )
    if estimate.state != EstimateState.APPROVED:
        raise MoneyError(
            _("Dự toán này chưa được lãnh đạo duyệt nên chưa ghi được chi. Hãy gửi duyệt dự toán trước."),
            code="money-not-approved",
        )
    return estimate


def allocate(line: BudgetLine, amount: Decimal) -> None:
    """Add ``amount`` (may be negative) to the allocation, never below what is committed. Raises NotEnoughError."""
    if _moved(line, {"allocated__gte": F("committed") - amount}, allocated=F("allocated") + amount):
        return
    now = _now(line)
    free = now.allocated - now.committed
    raise NotEnoughError(
        _("Không giảm được %(amount)s: đã giao %(allocated)s, trong đó đã cam kết %(committed)s. Chỉ giảm được tối đa %(free)s.")
        % {"amount": money_vi(-amount), "allocated": money_vi(now.allocated), "committed": money_vi(now.committed), "free": money_vi(free)},
        left=free,
    )  # fmt: skip


def commit(line: BudgetLine, amount: Decimal) -> None:
    """Reserve ``amount`` of what is allocated and free. Raises NotEnoughError with what is left."""
    if _moved(line, {"allocated__gte": F("committed") + amount}, committed=F("committed") + amount):
        return
    now = _now(line)
    free = now.allocated - now.committed
    raise NotEnoughError(
        _("Không đủ kinh phí: dòng “%(title)s” được giao %(allocated)s, đã cam kết %(committed)s, còn lại %(free)s. Hãy giảm số tiền hoặc xin điều chỉnh dự toán.")
        % {"title": now.title, "allocated": money_vi(now.allocated), "committed": money_vi(now.committed), "free": money_vi(free)},
        left=free,
    )  # fmt: skip


def uncommit(line: BudgetLine, amount: Decimal) -> None:
    """Give back reserved money that nobody was paid."""
    _must(_moved(line, {"committed__gte": F("paid") + amount}, committed=F("committed") - amount))


def pay(line: BudgetLine, commitment: MoneyEntry, amount: Decimal) -> None:
    """Pay ``amount`` of a commitment that stands. Raises NotEnoughError with what is left of it."""
    open_ones = MoneyEntry.objects.filter(pk=commitment.pk, line=line, state__in=ENTRY_COUNTED)
    if not open_ones.filter(amount__gte=F("paid") + F("released") + amount).update(paid=F("paid") + amount):
        _refuse_payment(open_ones.first())
    _must(_moved(line, {"committed__gte": F("paid") + amount}, paid=F("paid") + amount))


def unpay(line: BudgetLine, commitment_id: int | None, amount: Decimal) -> None:
    """Take back a payment; not below what is settled. Raises MoneyError."""
    if not _moved(line, {"paid__gte": F("settled") + amount}, paid=F("paid") - amount):
        raise MoneyError(
            _("Khoản chi này đã đưa vào quyết toán (%(settled)s). Hãy sửa số quyết toán của dòng trước.")
            % {"settled": money_vi(_now(line).settled)},
            code="money-settled",
        )
    if commitment_id is not None:
        MoneyEntry.objects.filter(pk=commitment_id).update(paid=F("paid") - amount)


def release(line: BudgetLine, commitment: MoneyEntry, amount: Decimal) -> None:
    """Give back the part of a commitment that will not be paid. Raises StaleError when it is not open any more."""
    found = MoneyEntry.objects.filter(pk=commitment.pk, state__in=ENTRY_COUNTED)
    if not found.filter(amount__gte=F("paid") + F("released") + amount).update(
        released=F("released") + amount
    ):
        raise StaleError(_("Cam kết này vừa có người thay đổi. Hãy mở lại để xem số còn lại."))
    uncommit(line, amount)


def settle(line: BudgetLine, amount: Decimal) -> None:
    """Recognise ``amount`` (may be negative) of what was paid. Raises NotEnoughError."""
    if _moved(line, {"paid__gte": F("settled") + amount}, settled=F("settled") + amount):
        return
    now = _now(line)
    raise NotEnoughError(
        _("Số quyết toán của dòng “%(title)s” không thể lớn hơn số đã giải ngân %(paid)s.")
        % {"title": now.title, "paid": money_vi(now.paid)},
        left=now.paid - now.settled,
    )


def _moved(line: BudgetLine, rule: dict[str, Any], **change: Any) -> bool:
    return bool(BudgetLine.objects.filter(pk=line.pk, **rule).update(**change))


def _now(line: BudgetLine) -> BudgetLine:
    return BudgetLine.objects.get(pk=line.pk)


def _must(done: bool) -> None:
    if not done:
        raise StaleError(_("Số liệu của dòng này vừa có người thay đổi. Hãy mở lại trang rồi làm lại."))


def _refuse_payment(commitment: MoneyEntry | None) -> None:
    if commitment is None:
        raise StaleError(_("Cam kết chi này đã bị hủy hoặc không được xác nhận nên không giải ngân được."))
    left = commitment.amount - commitment.paid - commitment.released
    raise NotEnoughError(
        _("Vượt cam kết: đã cam kết %(amount)s, đã giải ngân %(paid)s, chỉ còn giải ngân được %(left)s.")
        % {"amount": money_vi(commitment.amount), "paid": money_vi(commitment.paid), "left": money_vi(left)},
        left=left,
    )
