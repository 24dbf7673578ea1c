"""What the contact of a school or an enterprise does by secret link: make a request, fill it in, send it, follow it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.numbers import money_vi
from khcn.core.private_files import PAPERS, PICTURES, Drawer, Upload
from khcn.core.references import reference_to
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold
from khcn.orgs.enums import PartyKind
from khcn.orgs.models import Unit
from khcn.programmes.enums import (
    SUPPORT_BEFORE_DECISION,
    SUPPORT_EDITABLE,
    SUPPORT_GRANTED,
    Audience,
    ConsentPurpose,
    SupportFileKind,
    SupportState,
)
from khcn.programmes.errors import GoneError, ProgrammeError, StaleError
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.support import (
    ProjectResult,
    SupportCall,
    SupportFile,
    SupportItem,
    SupportRequest,
)
from khcn.programmes.rules.support import Line, lines_check, lines_sum
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.services.codes import code_check
from khcn.programmes.services.consents import consent_give
from khcn.programmes.services.support_words import link_words, tell
from khcn.programmes.tokens import link_token

PAPERS_DRAWER: Final = Drawer("programmes/support", PAPERS | PICTURES)
MOST_FILES: Final = 30


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as it was entered."""

    organisation: str
    kind: str
    contact_name: str
    registration_code: str = ""
    address: str = ""
    unit: Unit | None = None


def code_purpose(call: SupportCall) -> str:
    """Return what a code for a new request of this call is good for."""
    return f"support:{call.pk}"


def _must_take(call: SupportCall, now: datetime) -> None:
    if not call.takes(now):
        raise ProgrammeError(
            _(
                "Đợt này không nhận đề nghị lúc này. Hãy xem thời hạn ở trang của đợt hoặc liên hệ đơn vị tổ chức."
            ),
            code="support-closed",
        )


def asker_check(call: SupportCall, asker: Asker) -> tuple[str, str]:
    """Return the clean names of the organisation and of its contact. Raises ProgrammeError."""
    name, contact = kept_text(asker.organisation, 200), kept_text(asker.contact_name, 150)
    if not name:
        raise ProgrammeError(_("Hãy ghi tên trường hoặc doanh nghiệp."), field="organisation")
    if not contact:
        raise ProgrammeError(_("Hãy ghi họ tên người liên hệ."), field="contact_name")
    if asker.kind not in PartyKind.values or (call.kinds and asker.kind not in call.kinds):
        allowed = ", ".join(str(PartyKind(one).label) for one in call.kinds)
        raise ProgrammeError(_("Đợt này chỉ nhận đề nghị của: %(kinds)s.") % {"kinds": allowed}, field="kind")
    return name, contact


def request_start(
    *, call: SupportCall, address: str, digits: str, asker: Asker, client_key: str, now: datetime
) -> SupportRequest:
    """Open a request once its code is right; the same form sent twice is one request.

    :raises CodeError: wrong or old code. :raises ProgrammeError: the call is closed, no name, a kind that may not ask.
    """
    _must_take(call, now)
    name, contact = asker_check(call, asker)
    known = _same_form(call, client_key, address)
    if known is not None:
        return known
    proven = code_check(address=address, purpose=code_purpose(call), digits=digits, now=now)
    try:
        with transaction.atomic():
            row = SupportRequest.objects.create(
                call=call, unit=asker.unit, organisation=name, folded_organisation=fold(name)[:200],
                sort_key=sort_key(name), organisation_kind=asker.kind,
                registration_code=kept_text(asker.registration_code, 40), address=kept_text(asker.address, 300),
                contact_name=contact, contact_address=proven, token=link_token(), client_key=client_key[:40],
                created_at=now, budget_year=None,
            )  # fmt: skip
            audit_record(actor=None, action="programmes.support.start", target=row, at=now)
            consent_give(
                actor=None, programme=call.programme, subject=str(reference_to(row)), subject_name=contact,
                purpose=ConsentPurpose.PROCESSING, now=now,
            )  # fmt: skip
            link_words(row, now)
    except IntegrityError:
        again = _same_form(call, client_key, proven)
        if again is None:
            raise
        return again
    return row


def _same_form(call: SupportCall, client_key: str, address: str) -> SupportRequest | None:
    if len(client_key) < 16:
        return None
    row = SupportRequest.objects.filter(call=call, client_key=client_key[:40]).first()
    plain = address.strip().lower()
    if row is None or row.contact_address not in {plain, f"+84{plain.removeprefix('0')}"}:
        return None
    return row


def request_by_token(token: str) -> SupportRequest:
    """Return the request behind a secret link. Raises GoneError."""
    rows = SupportRequest.objects.select_related("call__programme__unit", "unit", "party")
    row = rows.filter(token=token, erased_at=None).first() if token else None
    if row is None:
        raise GoneError(
            _("Đường dẫn này không mở được đề nghị nào. Hãy chép lại đủ đường dẫn trong tin đã nhận.")
        )
    return row


def _locked(token: str, revision: int | None = None) -> SupportRequest:
    """Return the request, locked until the end of the transaction."""
    row = SupportRequest.objects.select_for_update().filter(token=token, erased_at=None).first()
    if row is None:
        return request_by_token(token)  # says that it is gone
    if revision is not None and row.revision != revision:
        raise StaleError(_("Đề nghị này vừa được sửa ở cửa sổ khác. Hãy tải lại trang rồi sửa tiếp."))
    return row


def _editable(row: SupportRequest) -> None:
    if row.state not in SUPPORT_EDITABLE:
        raise ProgrammeError(
            _(
                "Đề nghị đã gửi nên không sửa được nữa. Nếu cần sửa, hãy liên hệ đơn vị tổ chức để được trả lại."
            ),
            code="support-sent",
        )


@transaction.atomic
def request_save(
    *,
    token: str,
    purpose: str,
    audience: str,
    lines: Sequence[Line],
    revision: int,
    now: datetime,
    actor: Actor = None,
) -> SupportRequest:
    """Write what is asked for. Raises GoneError, StaleError, ProgrammeError."""
    row = _locked(token, revision)
    _editable(row)
    if audience and audience not in Audience.values:
        raise ProgrammeError(_("Hãy chọn một trong các đối tượng."), field="audience")
    kept = lines_check(lines)
    row.items.all().delete()
    SupportItem.objects.bulk_create(
        SupportItem(
            request=row, number=number, name=one.name, unit=one.unit, quantity=one.quantity, unit_price=one.price,
            specification=one.specification, price_source=one.price_source,
        )
        for number, one in enumerate(kept, start=1)
    )  # fmt: skip
    row.purpose, row.audience, row.asked = kept_text(purpose, 5000), audience, lines_sum(kept)
    row.revision += 1
    row.save(update_fields=["purpose", "audience", "asked", "revision"])
    audit_record(
        actor=actor,
        action="programmes.support.edit",
        target=row,
        after={"asked": row.asked, "items": len(kept)},
        at=now,
    )
    return row


@transaction.atomic
def request_submit(*, token: str, now: datetime, actor: Actor = None, late: bool = False) -> SupportRequest:
    """Send a request; sending twice is once. ``late``: its paper came in time. Raises GoneError, ProgrammeError."""
    row = _locked(token)
    if row.state == SupportState.SUBMITTED:
        return row
    _editable(row)
    call = row.call
    if row.state == SupportState.DRAFT and not late:
        _must_take(call, now)
    if not row.items.exists():
        raise ProgrammeError(_("Hãy ghi ít nhất một thiết bị hoặc vật tư rồi gửi."), field="items")
    if len(row.purpose) < 20:
        raise ProgrammeError(_("Hãy viết một hai câu: dùng để làm gì, cho ai, ở đâu."), field="purpose")
    if not row.audience:
        raise ProgrammeError(_("Hãy chọn thiết bị phục vụ cho ai."), field="audience")
    if call.most_vnd is not None and row.asked > call.most_vnd:
        raise ProgrammeError(
            _("Tổng %(asked)s cao hơn mức %(most)s của một đề nghị. Hãy bớt khoản hoặc số lượng.")
            % {"asked": money_vi(row.asked), "most": money_vi(call.most_vnd)},
            field="items",
        )
    before = row.state
    row.state, row.submitted_at, row.return_reason = SupportState.SUBMITTED, now, ""
    row.revision += 1
    row.save(update_fields=["state", "submitted_at", "return_reason", "revision"])
    audit_record(
        actor=actor, action="programmes.support.submit", target=row, before={"state": before},
        after={"state": row.state, "asked": row.asked}, at=now,
    )  # fmt: skip
    return row


@transaction.atomic
def request_withdraw(*, token: str, now: datetime) -> SupportRequest:
    """Take a request back before it is decided; again changes nothing. Raises GoneError, ProgrammeError."""
    row = _locked(token)
    if row.state == SupportState.CANCELLED:
        return row
    if row.state not in SUPPORT_BEFORE_DECISION:
        raise ProgrammeError(
            _("Đề nghị đã có quyết định. Nếu không cần nữa, hãy liên hệ đơn vị tổ chức để kết thúc.")
        )
    row.state, row.ended_at, row.end_note = SupportState.CANCELLED, now, str(_("Bên đề nghị rút"))
    row.revision += 1
    row.save(update_fields=["state", "ended_at", "end_note", "revision"])
    audit_record(actor=None, action="programmes.support.withdraw", target=row, at=now)
    return row


def file_add(*, token: str, kind: str, file: Upload, now: datetime) -> SupportFile:
    """Keep a quotation, another paper or a picture of the result; the same file again is the first.

    :raises GoneError, ProgrammeError, FileRefusedError:
    """
    row = request_by_token(token)
    wanted = SupportFileKind(kind)
    if wanted == SupportFileKind.RESULT:
        _granted(row)
    else:
        _editable(row)
    if row.files.count() >= MOST_FILES:
        raise ProgrammeError(
            _("Mỗi đề nghị có nhiều nhất %(most)s tệp.") % {"most": MOST_FILES}, field="uploads"
        )
    kept = PAPERS_DRAWER.keep(file)
    try:
        with transaction.atomic():
            found, made = SupportFile.objects.get_or_create(
                request=row, kind=wanted, sha256=kept.sha256,
                defaults={"title": kept_text(kept.title, 200), "file": kept.name, "size": kept.size, "added_at": now},
            )  # fmt: skip
            if made:
                audit_record(
                    actor=None, action="programmes.support.file", target=row, after={"kind": kind}, at=now
                )
    except BaseException:
        PAPERS_DRAWER.drop(kept.name)
        raise
    if not made:
        PAPERS_DRAWER.drop(kept.name)
    return found


@transaction.atomic
def file_remove(*, token: str, file_id: int, now: datetime) -> None:
    """Take a file out of a request that may be edited."""
    row = _locked(token)
    _editable(row)
    found = row.files.filter(pk=file_id).exclude(kind=SupportFileKind.RESULT).first()
    if found is None:
        return
    name = found.file
    found.delete()
    audit_record(actor=None, action="programmes.support.file", target=row, after={"removed": 1}, at=now)
    transaction.on_commit(lambda: PAPERS_DRAWER.drop(name))


def _granted(row: SupportRequest) -> None:
    if row.state not in SUPPORT_GRANTED:
        raise ProgrammeError(_("Việc này làm được sau khi đề nghị được duyệt."))


@transaction.atomic
def receipt_confirm(*, token: str, now: datetime) -> SupportRequest:
    """Say that what was handed over has arrived; again changes nothing. Raises GoneError, ProgrammeError."""
    row = _locked(token)
    if not row.handovers.exists():
        raise ProgrammeError(_("Chưa có lần bàn giao nào để xác nhận."))
    if row.confirmed_at is None:
        row.confirmed_at = now
        row.save(update_fields=["confirmed_at"])
        audit_record(actor=None, action="programmes.support.receipt", target=row, at=now)
    return row


@transaction.atomic
def result_send(*, token: str, text: str, people: int | None, now: datetime) -> ProjectResult:
    """Tell what came of the support; may be corrected until it was read. Raises GoneError, ProgrammeError."""
    row = _locked(token)
    _granted(row)
    words = kept_text(text, 10_000)
    if len(words) < 20:
        raise ProgrammeError(
            _("Hãy kể vài câu: đã dùng thế nào, cho bao nhiêu người, kết quả ra sao."), field="text"
        )
    held = ProjectResult.objects.filter(request=row).first()
    if held is not None and held.reviewed_at is not None:
        raise ProgrammeError(_("Kết quả đã được ghi nhận, không sửa nữa. Cảm ơn bạn."))
    result = held or ProjectResult(request=row)
    result.text, result.people, result.submitted_at = words, people, now
    result.save()
    audit_record(actor=None, action="programmes.support.result", target=row, after={"people": people}, at=now)
    return result


@transaction.atomic
def contact_erase(*, token: str, now: datetime) -> None:
    """Forget the person behind a request that is over; the request of the organisation stays and counts.

    :raises GoneError: :raises ProgrammeError: while it is still open.
    """
    row = _locked(token)
    if row.state not in {
        SupportState.DRAFT,
        SupportState.REFUSED,
        SupportState.CLOSED,
        SupportState.CANCELLED,
    }:
        raise ProgrammeError(
            _("Đề nghị đang được giải quyết nên cần giữ thông tin liên hệ. Bạn có thể rút đề nghị trước.")
        )
    contact_forget(row.pk, now)


def contact_forget(pk: int, now: datetime) -> None:
    """Empty what is personal in a request."""
    changed = SupportRequest.objects.filter(pk=pk, erased_at=None).update(
        contact_name="", contact_address="", token=f"-{link_token()}", client_key="", erased_at=now,
        revision=F("revision") + 1,
    )  # fmt: skip
    if changed:
        Consent.objects.filter(subject=f"programmes.supportrequest:{pk}").update(subject_name="", by_name="")
        audit_record(
            actor=None, action="programmes.support.erase", target=SupportRequest.objects.get(pk=pk), at=now
        )


def tell_state(row: SupportRequest, subject: str, body: str, now: datetime) -> None:
    """Tell the contact what was decided, once a revision."""
    tell(row, subject=subject, body=body, key=f"{row.state}:{row.revision}:{local_date(now)}", now=now)
