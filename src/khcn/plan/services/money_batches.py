"""Many entries of money at once, through the same sums and rules as one by one; one audit row for the batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_batch
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.plan import permissions
from khcn.plan.enums import EntryKind, EntryState
from khcn.plan.models import BudgetLine, Estimate, MoneyEntry
from khcn.plan.permissions import acting
from khcn.plan.rules.money import MoneyError, check_amount, check_day
from khcn.plan.services import money_sums


@dataclass(frozen=True, slots=True)
class Contract:
    """A commitment with its payments (day, amount), entered by one person and confirmed by another (None: it waits)."""

    line: BudgetLine
    amount: Decimal
    day: date
    document: str
    text: str
    partner: str = ""
    payments: Sequence[tuple[date, Decimal]] = ()
    proposed_by: int | None = None
    confirmed_by: int | None = None


@transaction.atomic
def contracts_enter(*, actor: Actor, estimate: Estimate, contracts: Sequence[Contract], now: datetime) -> int:
    """Enter contracts and what was paid of them; return how many entries. All or none.

    :raises PermissionDeniedError, MoneyError, NotEnoughError:
    """
    if not permissions.can_confirm_money(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Việc này do bộ phận tài chính làm."))
    held = money_sums.estimate_open(estimate.pk)
    for one in contracts:
        _check(one, held.year, local_date(now))
        money_sums.commit(one.line, one.amount)
    commitments = MoneyEntry.objects.bulk_create(
        [_entry(one, EntryKind.COMMITMENT, (one.day, one.amount), now) for one in contracts], batch_size=500
    )
    payments = []
    for one, commitment in zip(contracts, commitments, strict=True):
        for day, amount in one.payments:
            money_sums.pay(one.line, commitment, amount)
            payments.append(_entry(one, EntryKind.DISBURSEMENT, (day, amount), now, commitment))
    MoneyEntry.objects.bulk_create(payments, batch_size=500)
    count = len(commitments) + len(payments)
    audit_batch(
        actor=actor, action="plan.money.batch", count=count, at=now,
        summary={"estimate": str(held), "commitments": len(commitments), "payments": len(payments)},
    )  # fmt: skip
    return count


def _check(one: Contract, year: int, today: date) -> None:
    if one.confirmed_by is not None and one.confirmed_by == one.proposed_by:
        raise MoneyError(_("Người đề nghị không tự xác nhận. Hãy nhờ người khác ở bộ phận tài chính."))
    if one.confirmed_by is None and one.payments:
        raise MoneyError(_("Cam kết chi của khoản này chưa được xác nhận. Hãy xác nhận cam kết trước."))
    check_amount(one.amount)
    check_day(one.day, year=year, today=today, payment=False)
    for day, amount in one.payments:
        check_amount(amount)
        check_day(day, year=year, today=today, payment=True)


def _entry(
    one: Contract,
    kind: EntryKind,
    on: tuple[date, Decimal],
    now: datetime,
    commitment: MoneyEntry | None = None,
) -> MoneyEntry:
    day, amount = on
    waits = one.confirmed_by is None
    return MoneyEntry(
        line=one.line, kind=kind, state=EntryState.PROPOSED if waits else EntryState.CONFIRMED, amount=amount,
        happened_on=day, document=one.document[:120], text=one.text[:500], partner=one.partner[:200],
        commitment=commitment, proposed_by_id=one.proposed_by, proposed_at=now, decided_by_id=one.confirmed_by,
        decided_at=None if waits else now,
    )  # fmt: skip
