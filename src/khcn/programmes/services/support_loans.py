"""The inventory of things that are lent: put in, lent, prolonged, returned; borrowers are reminded in office hours."""

from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import date_vi, local_date
from khcn.core.errors import PermissionDeniedError
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.programmes.enums import AssetState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.support import Asset, Loan, SupportRequest
from khcn.programmes.permissions import acting, can_run
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.services.support_words import tell_address

REMIND_BEFORE: Final = timedelta(days=7)
LONGEST: Final = timedelta(days=3 * 366)


def _keeper(actor: Actor, unit_id: int, now: datetime) -> None:
    if not can_run(acting(actor, local_date(now)), unit_id):
        raise PermissionDeniedError(
            _("Kho thiết bị do chuyên viên đầu mối hoặc người báo cáo của đơn vị quản lý ghi.")
        )


@transaction.atomic
def asset_add(*, actor: Actor, unit: Unit, serial: str, name: str, condition: str, now: datetime) -> Asset:
    """Put a thing into the inventory; the same serial of a unit again is refused."""
    _keeper(actor, unit.pk, now)
    number, title = kept_text(serial, 60), kept_text(name, 200)
    if not number or not title:
        raise ProgrammeError(
            _("Hãy ghi tên và mã (số sê-ri) của thiết bị."), field="serial" if title else "name"
        )
    try:
        with transaction.atomic():
            row = Asset.objects.create(
                unit=unit,
                serial=number,
                name=title,
                folded_name=fold(title)[:200],
                condition=kept_text(condition, 300),
                added_at=now,
            )
    except IntegrityError:
        raise ProgrammeError(
            _("Mã này đã có trong kho của đơn vị. Hãy ghi mã khác."), field="serial"
        ) from None
    audit_record(actor=actor, action="programmes.asset.add", target=row, at=now)
    return row


@transaction.atomic
def asset_lend(
    *, actor: Actor, asset_id: int, borrower: str, contact: str, due_on: date, now: datetime,
    request: SupportRequest | None = None,
) -> Loan:  # fmt: skip
    """Lend a thing that is in stock. Raises PermissionDeniedError, StaleError, ProgrammeError."""
    row = _asset(asset_id)
    _keeper(actor, row.unit_id, now)
    today, name = local_date(now), kept_text(borrower, 200)
    if not name:
        raise ProgrammeError(_("Hãy ghi tên bên mượn."), field="borrower")
    if not today <= due_on <= today + LONGEST:
        raise ProgrammeError(_("Ngày hẹn trả phải từ hôm nay và trong ba năm."), field="due_on")
    if not Asset.objects.filter(pk=asset_id, state=AssetState.STOCK).update(state=AssetState.LENT):
        raise StaleError(_("Thiết bị này không còn trong kho. Hãy tải lại danh sách."))
    loan = Loan.objects.create(
        asset=row, request=request, party=request.party if request else None, borrower=name,
        contact_address=kept_text(contact, 254) or (request.contact_address if request else ""), lent_on=today, due_on=due_on,
        lent_by_id=actor_id(actor),
    )  # fmt: skip
    audit_record(actor=actor, action="programmes.asset.lend", target=row, after={"due_on": due_on}, at=now)
    return loan


def _asset(pk: int) -> Asset:
    row = Asset.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise StaleError(_("Không thấy thiết bị này."))
    return row


@transaction.atomic
def loan_extend(*, actor: Actor, loan_id: int, due_on: date, note: str, now: datetime) -> Loan:
    """Agree on a later day. Raises PermissionDeniedError, StaleError, ProgrammeError."""
    loan = _open_loan(loan_id)
    _keeper(actor, loan.asset.unit_id, now)
    if not loan.due_on < due_on <= local_date(now) + LONGEST:
        raise ProgrammeError(_("Ngày hẹn trả mới phải sau ngày hẹn cũ."), field="due_on")
    before = loan.due_on
    loan.due_on, loan.extended, loan.extension_note = due_on, loan.extended + 1, kept_text(note, 300)
    loan.save(update_fields=["due_on", "extended", "extension_note"])
    audit_record(
        actor=actor, action="programmes.asset.extend", target=loan.asset, before={"due_on": before},
        after={"due_on": due_on}, at=now,
    )  # fmt: skip
    return loan


def _open_loan(pk: int) -> Loan:
    loan = (
        Loan.objects.select_for_update(of=("self",))
        .select_related("asset")
        .filter(pk=pk, returned_on=None)
        .first()
    )
    if loan is None:
        raise StaleError(_("Lần mượn này đã trả hoặc không có. Hãy tải lại danh sách."))
    return loan


@transaction.atomic
def loan_return(*, actor: Actor, loan_id: int, condition: str, state: str, now: datetime) -> Loan:
    """Take a thing back: into stock, broken, or lost."""
    loan = _open_loan(loan_id)
    _keeper(actor, loan.asset.unit_id, now)
    wanted = AssetState(state) if state in AssetState.values else AssetState.STOCK
    if wanted == AssetState.LENT:
        raise ProgrammeError(_("Hãy chọn: về kho, hỏng hoặc mất."), field="state")
    loan.returned_on, loan.condition = local_date(now), kept_text(condition, 300)
    loan.save(update_fields=["returned_on", "condition"])
    Asset.objects.filter(pk=loan.asset_id).update(
        state=wanted, condition=loan.condition or loan.asset.condition
    )
    audit_record(
        actor=actor, action="programmes.asset.return", target=loan.asset, after={"state": wanted}, at=now
    )
    return loan


def loans_remind(now: datetime) -> int:
    """Write to borrowers a week before the day, and once when it has passed; return how many messages were due."""
    today, count = local_date(now), 0
    rows = Loan.objects.filter(returned_on=None, due_on__lte=today + REMIND_BEFORE).select_related("asset")
    for loan in rows:
        late = loan.due_on < today
        words = {"name": loan.asset.name, "day": date_vi(loan.due_on)}
        body = (
            _("%(name)s đã quá hẹn trả ngày %(day)s. Hãy trả hoặc xin gia hạn.")
            if late
            else _("%(name)s hẹn trả ngày %(day)s. Nếu cần thêm thời gian, hãy xin gia hạn trước ngày đó.")
        )
        count += tell_address(
            loan.contact_address, subject=_("Hẹn trả thiết bị mượn"), body=body % words, link="", now=now,
            key=f"programmes.loan:{loan.pk}:{loan.due_on}:{'late' if late else 'soon'}", office_hours=True,
        )  # fmt: skip
    return count
