"""Settlement of the year (quyết toán): what of the payments is recognised, line by line, then the year is closed."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.numbers import number_vi
from khcn.plan.enums import ENTRY_COUNTED, EntryKind, EntryState, EstimateState
from khcn.plan.errors import RowFault, RowsError, StaleError
from khcn.plan.models import BudgetLine, Estimate, MoneyEntry
from khcn.plan.rules.money import MoneyError
from khcn.plan.services import money_sums
from khcn.plan.services.money_entries import commitment_give_back, entry_stand, finance_only


@transaction.atomic
def settlement_save(
    *, actor: Actor, estimate: Estimate, amounts: Mapping[int, Decimal], document: str, now: datetime
) -> int:
    """Set what is recognised of the payments of each line (``amounts`` by line); return how many lines changed.

    All or none: every line that will not do is named.

    :raises PermissionDeniedError, MoneyError, RowsError:
    """
    finance_only(actor, now)
    held = money_sums.estimate_open(estimate.pk)
    faults, changed = [], 0
    for line in held.lines.filter(pk__in=list(amounts)).order_by("order", "pk"):
        wanted = amounts[line.pk]
        if wanted == line.settled:
            continue
        try:
            if wanted < 0 or wanted != wanted.to_integral_value():
                raise MoneyError(_("Hãy ghi số đồng nguyên từ 0 trở lên."), field="amount")
            _set(actor, line, wanted, document, now)
        except MoneyError as error:
            faults.append(RowFault(line.title, str(_("Quyết toán")), error.message))
        changed += 1
    if faults:
        raise RowsError(_("Chưa lưu gì: có dòng quyết toán nhiều hơn số đã giải ngân."), faults)
    if changed:
        audit_record(
            actor=actor,
            action="plan.settlement.save",
            target=held,
            after={"lines": changed, "document": document},
            at=now,
        )
    return changed


def _set(actor: Actor, line: BudgetLine, wanted: Decimal, document: str, now: datetime) -> None:
    """Replace what stands recognised on a line by ``wanted``."""
    money_sums.settle(line, wanted - line.settled)
    MoneyEntry.objects.filter(line=line, kind=EntryKind.SETTLEMENT, state=EntryState.CONFIRMED).update(
        state=EntryState.VOID,
        decided_by_id=actor_id(actor),
        decided_at=now,
        reason=_("Thay bằng số quyết toán mới"),
    )
    if wanted:
        fields = {
            "amount": wanted, "happened_on": timezone.localdate(now), "document": " ".join(document.split())[:120],
            "text": _("Quyết toán năm %(year)s") % {"year": line.estimate.year},
        }  # fmt: skip
        entry_stand(actor, line, EntryKind.SETTLEMENT, fields, now)


@transaction.atomic
def estimate_settle(*, actor: Actor, estimate: Estimate, now: datetime, release_reason: str = "") -> Estimate:
    """Close the year: nothing moves on its lines any more.

    No entry may wait for finance and no commitment stand open; ``release_reason`` gives back what is open of them.

    :raises PermissionDeniedError, MoneyError, StaleError:
    """
    behalf = finance_only(actor, now)
    held = money_sums.estimate_open(estimate.pk)
    waiting = MoneyEntry.objects.filter(line__estimate=held, state=EntryState.PROPOSED).count()
    if waiting:
        raise MoneyError(
            _("Còn %(count)s bút toán chờ xác nhận. Hãy xác nhận hoặc từ chối trước khi khóa quyết toán.")
            % {"count": number_vi(waiting)}
        )
    for entry in _open_commitments(held):
        if not release_reason.strip():
            raise MoneyError(
                _(
                    "Còn %(count)s cam kết chưa giải ngân hết. Hãy giải ngân, hoặc ghi lý do để giải tỏa phần còn lại."
                )
                % {"count": number_vi(len(_open_commitments(held)))},
                field="release_reason",
            )
        commitment_give_back(entry, release_reason)
        _mark_reason(entry, release_reason)
    if not Estimate.objects.filter(pk=held.pk, state=EstimateState.APPROVED).update(
        state=EstimateState.SETTLED, settled_at=now
    ):
        raise StaleError(_("Dự toán này vừa có người quyết toán. Hãy mở lại để xem."))
    held.refresh_from_db()
    audit_record(
        actor=actor, action="plan.estimate.settle", target=held, after={"state": held.state}, reason=release_reason.strip(),
        on_behalf_of=behalf, at=now,
    )  # fmt: skip
    return held


def _open_commitments(estimate: Estimate) -> list[MoneyEntry]:
    rows = MoneyEntry.objects.filter(
        line__estimate=estimate,
        kind=EntryKind.COMMITMENT,
        state__in=ENTRY_COUNTED,
        amount__gt=F("paid") + F("released"),
    )
    return list(rows.select_related("line").order_by("pk"))


def _mark_reason(entry: MoneyEntry, reason: str) -> None:
    MoneyEntry.objects.filter(pk=entry.pk).update(reason=reason.strip()[:500])
