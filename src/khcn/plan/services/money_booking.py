"""The port of money (:mod:`khcn.core.money_port`): other apps book money on a task of the plan by their own reference."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.errors import PermissionDeniedError
from khcn.core.money_port import Booking, Funds
from khcn.core.numbers import money_vi
from khcn.plan import permissions
from khcn.plan.enums import ENTRY_COUNTED, EntryKind, EntryState, EstimateState
from khcn.plan.models import BudgetLine, MoneyEntry
from khcn.plan.permissions import acting
from khcn.plan.rules.money import MoneyError, NotEnoughError
from khcn.plan.services.money_entries import commitment_give_back, entry_audit, entry_book


class PlanMoney:
    """Books on the lines of approved estimates. A deed of the finance unit is confirmed at once, others wait for it."""

    def funds(self, *, task_code: str, year: int, unit_id: int | None = None) -> Sequence[Funds]:
        """Return the lines of a task in approved estimates of a year, the one with most free money first."""
        lines = _lines(task_code, year, unit_id)
        return [
            Funds(row.pk, row.title, row.unit_id, row.allocated, row.allocated - row.committed)
            for row in lines
        ]

    @transaction.atomic
    def commit(
        self,
        *,
        actor: Actor,
        task_code: str,
        year: int,
        amount: Decimal,
        reference: str,
        text: str,
        now: datetime,
        unit_id: int | None = None,
    ) -> Booking:
        """Reserve money for ``reference``. Raises PermissionDeniedError, MoneyError, NotEnoughError."""
        if not reference or len(reference) > 120:
            raise ValueError("a reference of 1 to 120 characters is needed")
        held = _held(reference)
        if held is not None:
            if held.amount != amount:
                raise MoneyError(
                    _("Việc này đã cam kết %(amount)s. Hãy giải tỏa cam kết đó trước khi cam kết số khác.")
                    % {"amount": money_vi(held.amount)},
                    code="money-committed-already",
                )
            return _booking(held)
        lines = _lines(task_code, year, unit_id)
        if not lines:
            raise MoneyError(
                _(
                    "Nhiệm vụ %(code)s chưa được giao kinh phí năm %(year)s. Hãy nhờ bộ phận tài chính giao dự toán."
                )
                % {"code": task_code, "year": year},
                code="money-no-line",
            )
        line = lines[0]
        _allowed(actor, line.unit_id, now)
        if line.allocated - line.committed < amount and len(lines) > 1:
            raise NotEnoughError(
                _("Không đủ kinh phí cho nhiệm vụ %(code)s: dòng còn nhiều nhất là “%(title)s” với %(free)s.")
                % {"code": task_code, "title": line.title, "free": money_vi(line.allocated - line.committed)},
                left=line.allocated - line.committed,
            )
        values = {"amount": amount, "happened_on": timezone.localdate(now), "text": text}
        return _booking(
            entry_book(
                actor,
                line,
                EntryKind.COMMITMENT,
                values,
                now=now,
                reference=reference,
                confirmed=_final(actor, now),
            )
        )

    @transaction.atomic
    def pay(
        self,
        *,
        actor: Actor,
        reference: str,
        amount: Decimal,
        text: str,
        now: datetime,
        document: str = "",
        happened_on: date | None = None,
        payment_reference: str = "",
    ) -> Booking:
        """Book a payment of the commitment of ``reference``. Raises PermissionDeniedError, MoneyError, NotEnoughError."""
        held = _must_hold(reference)
        _allowed(actor, held.line.unit_id, now)
        values: dict[str, Any] = {
            "amount": amount, "text": text, "document": document, "happened_on": happened_on or timezone.localdate(now),
        }  # fmt: skip
        confirmed = _final(actor, now) and held.state == EntryState.CONFIRMED
        entry_book(
            actor, held.line, EntryKind.DISBURSEMENT, values, now=now, commitment=held, reference=payment_reference,
            confirmed=confirmed,
        )  # fmt: skip
        return _booking(_must_hold(reference))

    @transaction.atomic
    def release(self, *, actor: Actor, reference: str, reason: str, now: datetime) -> Booking:
        """Give back what is not paid of the commitment. Raises PermissionDeniedError, MoneyError."""
        held = _must_hold(reference)
        _allowed(actor, held.line.unit_id, now)
        if held.amount > held.paid + held.released:
            amount = commitment_give_back(held, reason)
            entry_audit(actor, "release", held, now, reason=reason.strip(), more={"amount": str(amount)})
        return _booking(held)

    def booked(self, reference: str) -> Booking | None:
        """Return the commitment of a reference; ``None`` when there is none that stands."""
        held = _held(reference)
        return _booking(held) if held else None


def _lines(task_code: str, year: int, unit_id: int | None) -> list[BudgetLine]:
    rows = BudgetLine.objects.filter(
        task_code=task_code, estimate__year=year, estimate__state=EstimateState.APPROVED
    )
    if unit_id is not None:
        rows = rows.filter(unit_id=unit_id)
    return list(rows.annotate(free=F("allocated") - F("committed")).order_by("-free", "pk"))


def _held(reference: str) -> MoneyEntry | None:
    rows = MoneyEntry.objects.filter(kind=EntryKind.COMMITMENT, reference=reference, state__in=ENTRY_COUNTED)
    return rows.select_related("line__estimate").first()


def _must_hold(reference: str) -> MoneyEntry:
    held = _held(reference)
    if held is None:
        raise MoneyError(
            _("Việc này chưa có cam kết chi nào đang có hiệu lực. Hãy cam kết trước rồi mới giải ngân."),
            code="money-not-committed",
        )
    return held


def _allowed(actor: Actor, unit_id: int, now: datetime) -> None:
    reach = acting(actor, timezone.localdate(now))
    if not (permissions.can_propose_entry(reach, unit_id) or reach.focal_head or reach.leader):
        raise PermissionDeniedError(_("Bạn chưa có quyền ghi kinh phí của nhiệm vụ này."))


def _final(actor: Actor, now: datetime) -> bool:
    """Whether the deed needs no second look: finance itself stands behind what another person asked for."""
    return permissions.can_confirm_money(acting(actor, timezone.localdate(now)))


def _booking(entry: MoneyEntry) -> Booking:
    entry.refresh_from_db()
    return Booking(
        reference=entry.reference, line_id=entry.line_id, line_title=entry.line.title, amount=entry.amount, paid=entry.paid,
        released=entry.released, confirmed=entry.state == EntryState.CONFIRMED,
    )  # fmt: skip
