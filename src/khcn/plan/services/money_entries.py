"""Entries of money: allocated, committed, paid; confirmed, refused or voided by the finance unit."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.enums import Channel
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.numbers import money_vi
from khcn.core.outbox.services import message_send
from khcn.orgs.enums import Role
from khcn.orgs.models import User
from khcn.orgs.selectors import authority_for
from khcn.plan import permissions
from khcn.plan.enums import ENTRY_COUNTED, EntryKind, EntryState
from khcn.plan.errors import StaleError
from khcn.plan.models import BudgetLine, MoneyEntry
from khcn.plan.permissions import Reach, acting
from khcn.plan.rules.money import MoneyError, check_amount, check_day
from khcn.plan.services import money_sums

LIMITS: Final = {"document": 120, "partner": 200, "text": 500, "reason": 500, "reference": 120}
PROPOSED_KINDS: Final = frozenset({EntryKind.COMMITMENT, EntryKind.DISBURSEMENT})


@transaction.atomic
def entry_propose(
    *,
    actor: Actor,
    line: BudgetLine,
    kind: EntryKind,
    values: Mapping[str, Any],
    now: datetime,
    commitment: MoneyEntry | None = None,
    reference: str = "",
) -> MoneyEntry:
    """Enter a commitment, or a payment of ``commitment``; it holds the money at once and waits for finance.

    ``values``: ``amount``, ``happened_on``, ``text``, and ``document``, ``partner``. ``reference``: what is entered
    with the same one again (a second tap, a sheet sent twice) is the first entry, unchanged.

    :raises PermissionDeniedError, MoneyError, NotEnoughError, StaleError:
    """
    today = timezone.localdate(now)
    reach = acting(actor, today)
    if not permissions.can_propose_entry(reach, line.unit_id) or kind not in PROPOSED_KINDS:
        raise PermissionDeniedError(
            _("Bạn chưa có quyền ghi chi cho đơn vị này. Hãy nhờ cán bộ đầu mối hoặc bộ phận tài chính.")
        )
    return entry_book(actor, line, kind, values, now=now, commitment=commitment, reference=reference)


def entry_book(
    actor: Actor,
    line: BudgetLine,
    kind: EntryKind,
    values: Mapping[str, Any],
    *,
    now: datetime,
    commitment: MoneyEntry | None = None,
    reference: str = "",
    confirmed: bool = False,
) -> MoneyEntry:
    """Book an entry whose actor is known to be allowed; used by the port as well."""
    estimate = money_sums.estimate_open(line.estimate_id)
    if reference and (known := _known(kind, reference)):
        return known
    fields = _fields(values)
    check_amount(fields["amount"])
    payment = kind == EntryKind.DISBURSEMENT
    check_day(fields["happened_on"], year=estimate.year, today=timezone.localdate(now), payment=payment)
    if not payment:
        commitment = None
        money_sums.commit(line, fields["amount"])
    elif commitment is None or commitment.line_id != line.pk or commitment.kind != EntryKind.COMMITMENT:
        raise MoneyError(
            _("Giải ngân phải theo một cam kết chi của dòng này. Hãy chọn cam kết."), field="commitment"
        )
    elif fields["happened_on"] < commitment.happened_on:
        raise MoneyError(
            _("Ngày giải ngân trước ngày cam kết %(day)s. Hãy xem lại ngày.")
            % {"day": f"{commitment.happened_on:%d/%m/%Y}"},
            field="happened_on",
        )
    else:
        money_sums.pay(line, commitment, fields["amount"])
    entry = MoneyEntry.objects.create(
        line=line,
        kind=kind,
        state=EntryState.CONFIRMED if confirmed else EntryState.PROPOSED,
        commitment=commitment,
        reference=reference[: LIMITS["reference"]],
        proposed_by_id=actor_id(actor),
        proposed_at=now,
        decided_by_id=actor_id(actor) if confirmed else None,
        decided_at=now if confirmed else None,
        **fields,
    )
    entry_audit(actor, "propose", entry, now)
    return entry


@transaction.atomic
def allocation_book(
    *,
    actor: Actor,
    line: BudgetLine,
    amount: Decimal,
    values: Mapping[str, Any],
    now: datetime,
    reference: str = "",
) -> MoneyEntry:
    """Allocate ``amount`` to a line, or take some back (negative), by a decision named in ``document``.

    The decision is the authority's; finance registers it, so it counts at once.

    :raises PermissionDeniedError, MoneyError, NotEnoughError: never below what is committed.
    """
    finance_only(actor, now)
    money_sums.estimate_open(line.estimate_id)
    if reference and (known := _known(EntryKind.ALLOCATION, reference)):
        return known
    fields = _fields({**values, "amount": amount})
    check_amount(abs(fields["amount"]))
    if not fields["document"]:
        raise MoneyError(_("Hãy ghi số quyết định giao hoặc điều chỉnh dự toán."), field="document")
    check_day(fields["happened_on"], year=line.estimate.year, today=timezone.localdate(now), payment=False)
    money_sums.allocate(line, fields["amount"])
    entry = entry_stand(actor, line, EntryKind.ALLOCATION, fields, now, reference=reference)
    entry_audit(actor, "allocate", entry, now)
    return entry


@transaction.atomic
def entry_confirm(*, actor: Actor, entry: MoneyEntry, now: datetime) -> MoneyEntry:
    """Stand behind an entry of somebody else. Raises PermissionDeniedError, MoneyError, StaleError."""
    behalf = finance_only(actor, now)
    if actor is not None and entry.proposed_by_id == actor.pk:
        raise PermissionDeniedError(
            _("Người đề nghị không tự xác nhận. Hãy nhờ người khác ở bộ phận tài chính.")
        )
    money_sums.estimate_open(entry.line.estimate_id)
    entry.refresh_from_db()
    if entry.commitment is not None and entry.commitment.state != EntryState.CONFIRMED:
        raise MoneyError(_("Cam kết chi của khoản này chưa được xác nhận. Hãy xác nhận cam kết trước."))
    _turn(entry, {EntryState.PROPOSED}, EntryState.CONFIRMED, actor=actor, reason="", now=now)
    entry_audit(actor, "confirm", entry, now, behalf=behalf)
    return entry


def entries_confirm(
    *, actor: Actor, entries: Iterable[MoneyEntry], now: datetime
) -> tuple[int, list[tuple[MoneyEntry, str]]]:
    """Confirm several entries, commitments before their payments; return how many, and those left with the reason.

    :raises PermissionDeniedError: when the actor is not of the finance unit.
    """
    finance_only(actor, now)
    done, left = 0, []
    for entry in sorted(entries, key=lambda one: (one.commitment_id is not None, one.pk)):
        try:
            entry_confirm(actor=actor, entry=entry, now=now)
        except KhcnError as error:
            left.append((entry, error.message))
        else:
            done += 1
    return done, left


@transaction.atomic
def entry_refuse(*, actor: Actor, entry: MoneyEntry, reason: str, now: datetime) -> MoneyEntry:
    """Refuse a proposed entry with a reason; its money is free again. Raises PermissionDeniedError, MoneyError, StaleError."""
    behalf = finance_only(actor, now)
    _give_back(entry, {EntryState.PROPOSED}, EntryState.REFUSED, actor=actor, reason=reason, now=now)
    entry_audit(actor, "refuse", entry, now, reason=entry.reason, behalf=behalf)
    _tell(entry, actor, now)
    return entry


@transaction.atomic
def entry_void(*, actor: Actor, entry: MoneyEntry, reason: str, now: datetime) -> MoneyEntry:
    """Void an entry that should not stand; the proposer may take back an own one that still waits.

    :raises PermissionDeniedError, MoneyError: a commitment with payments, a payment that is settled.
    """
    own = actor is not None and entry.proposed_by_id == actor.pk and entry.state == EntryState.PROPOSED
    behalf = None if own else finance_only(actor, now)
    allowed = {EntryState.PROPOSED} if own else set(ENTRY_COUNTED)
    _give_back(entry, allowed, EntryState.VOID, actor=actor, reason=reason, now=now)
    entry_audit(actor, "void", entry, now, reason=entry.reason, behalf=behalf)
    if not own:
        _tell(entry, actor, now)
    return entry


@transaction.atomic
def commitment_release(*, actor: Actor, entry: MoneyEntry, reason: str, now: datetime) -> Decimal:
    """Give back what of a commitment will not be paid; return how much. Raises PermissionDeniedError, MoneyError."""
    behalf = finance_only(actor, now)
    amount = commitment_give_back(entry, reason)
    entry_audit(
        actor, "release", entry, now, reason=reason.strip(), behalf=behalf, more={"amount": str(amount)}
    )
    return amount


def commitment_give_back(entry: MoneyEntry, reason: str) -> Decimal:
    if not reason.strip():
        raise MoneyError(_("Hãy ghi lý do giải tỏa phần cam kết còn lại."), field="reason")
    money_sums.estimate_open(entry.line.estimate_id)
    entry.refresh_from_db()
    left: Decimal = entry.amount - entry.paid - entry.released
    if entry.kind != EntryKind.COMMITMENT or left <= 0:
        raise MoneyError(_("Cam kết này không còn phần nào chưa giải ngân."))
    money_sums.release(entry.line, entry, left)
    entry.refresh_from_db()
    return left


def _give_back(
    entry: MoneyEntry,
    allowed: set[EntryState],
    state: EntryState,
    *,
    actor: Actor,
    reason: str,
    now: datetime,
) -> None:
    """Turn the state and take the amount out of the sums. The lock of the estimate makes both one step."""
    if not reason.strip():
        raise MoneyError(_("Hãy ghi lý do để người đề nghị biết."), field="reason")
    money_sums.estimate_open(entry.line.estimate_id)
    _turn(entry, allowed, state, actor=actor, reason=reason, now=now)
    line = entry.line
    if entry.kind == EntryKind.ALLOCATION:
        money_sums.allocate(line, -entry.amount)
    elif entry.kind == EntryKind.COMMITMENT:
        if entry.paid:
            raise MoneyError(
                _("Cam kết này đã giải ngân %(paid)s nên không hủy được. Hãy hủy các khoản giải ngân trước, hoặc giải tỏa phần còn lại.")
                % {"paid": money_vi(entry.paid)}
            )  # fmt: skip
        if entry.amount > entry.released:
            money_sums.uncommit(line, entry.amount - entry.released)
    elif entry.kind == EntryKind.DISBURSEMENT:
        money_sums.unpay(line, entry.commitment_id, entry.amount)
    else:
        money_sums.settle(line, -entry.amount)


def _turn(
    entry: MoneyEntry,
    allowed: set[EntryState],
    state: EntryState,
    *,
    actor: Actor,
    reason: str,
    now: datetime,
) -> None:
    changes = {
        "state": state,
        "decided_by_id": actor_id(actor),
        "decided_at": now,
        "reason": reason.strip()[: LIMITS["reason"]],
    }
    if not MoneyEntry.objects.filter(pk=entry.pk, state__in=allowed).update(**changes):
        raise StaleError(_("Bút toán này đã có người xử lý trước. Hãy mở lại để xem kết quả."))
    entry.refresh_from_db()


def entry_stand(
    actor: Actor,
    line: BudgetLine,
    kind: EntryKind,
    fields: Mapping[str, Any],
    now: datetime,
    *,
    reference: str = "",
) -> MoneyEntry:
    return MoneyEntry.objects.create(
        line=line, kind=kind, state=EntryState.CONFIRMED, reference=reference, proposed_by_id=actor_id(actor), proposed_at=now,
        decided_by_id=actor_id(actor), decided_at=now, **fields,
    )  # fmt: skip


def _known(kind: EntryKind, reference: str) -> MoneyEntry | None:
    found = MoneyEntry.objects.filter(kind=kind, reference=reference, state__in=ENTRY_COUNTED)
    return found.select_related("line").first()


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of an entry, texts in one line and of the right length. Raises MoneyError."""
    texts = {name: " ".join(str(values.get(name) or "").split()) for name in ("document", "partner", "text")}
    for name, text in texts.items():
        if len(text) > LIMITS[name]:
            raise MoneyError(_("Dài quá %(most)s ký tự. Hãy rút gọn.") % {"most": LIMITS[name]}, field=name)
    if not texts["text"]:
        raise MoneyError(_("Hãy ghi nội dung."), field="text")
    day = values.get("happened_on")
    if not isinstance(day, date):
        raise MoneyError(_("Hãy ghi ngày trên chứng từ."), field="happened_on")
    return {"amount": Decimal(values.get("amount") or 0), "happened_on": day, **texts}


def finance_only(actor: Actor, now: datetime) -> User | None:
    """Raise PermissionDeniedError unless the actor is of the finance unit; return for whom he acts."""
    today = timezone.localdate(now)
    reach: Reach = acting(actor, today)
    if not permissions.can_confirm_money(reach):
        raise PermissionDeniedError(_("Việc này do bộ phận tài chính làm. Hãy báo bộ phận tài chính."))
    if actor is None:
        return None
    ground = authority_for(actor, today, {Role.FINANCE})
    return ground.on_behalf_of if ground else None


def entry_audit(
    actor: Actor,
    verb: str,
    entry: MoneyEntry,
    now: datetime,
    *,
    reason: str = "",
    behalf: Actor = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    after = {
        "kind": entry.kind,
        "state": entry.state,
        "amount": str(entry.amount),
        "line": entry.line_id,
        **(more or {}),
    }
    audit_record(
        actor=actor,
        action=f"plan.money.{verb}",
        target=entry,
        after=after,
        reason=reason,
        on_behalf_of=behalf,
        at=now,
    )


def _tell(entry: MoneyEntry, actor: Actor, now: datetime) -> None:
    """Tell the proposer that the entry does not stand, and why."""
    person = entry.proposed_by
    if person is None or (actor is not None and person.pk == actor.pk):
        return
    message_send(
        channel=Channel.DESK,
        user=person,
        subject=_("%(state)s: %(kind)s %(amount)s")
        % {
            "state": entry.get_state_display(),
            "kind": entry.get_kind_display().lower(),
            "amount": money_vi(entry.amount),
        },
        body=_("“%(text)s”. Lý do: %(reason)s") % {"text": entry.text, "reason": entry.reason},
        now=now,
    )
