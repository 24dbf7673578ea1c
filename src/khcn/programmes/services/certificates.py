"""Certificates from draft to decision: the focal officer prepares, the head approves, the clerk numbers, the head revokes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import NotFoundError, PermissionDeniedError
from khcn.programmes.enums import BatchState, ProgrammeState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.certificates import Certificate, CertificateBatch
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import Registration
from khcn.programmes.permissions import (
    Reach,
    acting,
    can_approve_certificates,
    can_make_certificates,
    can_number_certificates,
)
from khcn.programmes.rules.certificates import printed_name
from khcn.programmes.rules.texts import kept_line
from khcn.programmes.services.certificates_earned import earned
from khcn.programmes.tokens import ticket_code

MOST: Final = 2000
WITH_CERTIFICATES: Final = frozenset({ProgrammeState.PUBLISHED, ProgrammeState.CLOSED})


@dataclass(frozen=True, slots=True)
class BatchText:
    """What the certificates of a batch say."""

    title: str
    text: str
    signer_name: str
    signer_position: str
    place: str = ""


def _officer(actor: Actor, now: datetime) -> None:
    if not can_make_certificates(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Giấy chứng nhận do chuyên viên của đơn vị đầu mối lập."))


def _head(actor: Actor, now: datetime) -> Reach:
    reach = acting(actor, local_date(now))
    if not (can_approve_certificates(reach) and not reach.system):
        raise PermissionDeniedError(_("Chỉ lãnh đạo đơn vị đầu mối duyệt và thu hồi giấy chứng nhận."))
    return reach


def _batch(pk: int) -> CertificateBatch:
    row = (
        CertificateBatch.objects.select_for_update(of=("self",))
        .select_related("programme")
        .filter(pk=pk)
        .first()
    )
    if row is None:
        raise NotFoundError(_("Không thấy đợt cấp giấy chứng nhận này."))
    return row


def _move(row: CertificateBatch, **values: object) -> None:
    """Write ``values`` unless somebody changed the batch meanwhile. Raises StaleError."""
    changed = CertificateBatch.objects.filter(pk=row.pk, state=row.state, revision=row.revision).update(
        revision=row.revision + 1, **values
    )
    if not changed:
        raise StaleError(_("Người khác vừa thay đổi đợt này. Hãy tải lại trang rồi làm tiếp."))
    row.refresh_from_db()


def _draft(row: CertificateBatch) -> None:
    if row.state != BatchState.DRAFT:
        raise ProgrammeError(
            _("Đợt này đã duyệt nên không sửa được. Nếu có giấy sai, hãy thu hồi rồi cấp đợt mới.")
        )
    if row.submitted_at is not None:
        raise ProgrammeError(_("Đợt này đang chờ duyệt. Hãy đề nghị lãnh đạo trả lại để sửa."))


@transaction.atomic
def batch_save(
    *, actor: Actor, programme: Programme, values: BatchText, people: Mapping[int, str], now: datetime,
    batch_id: int | None = None,
) -> CertificateBatch:  # fmt: skip
    """Make or change a draft. ``people``: name as printed by registration (empty: the registered name).

    :raises PermissionDeniedError: not the focal officer. :raises ProgrammeError: nobody chosen, somebody who has not
        earned one or holds one already, something left empty.
    """
    _officer(actor, now)
    if programme.state not in WITH_CERTIFICATES:
        raise ProgrammeError(_("Chỉ cấp giấy chứng nhận cho chương trình đã công bố và không bị hủy."))
    text = {
        "title": kept_line(values.title, 80), "text": kept_line(values.text, 400), "signer_name": kept_line(values.signer_name, 100),
        "signer_position": kept_line(values.signer_position, 150), "place": kept_line(values.place, 60),
    }  # fmt: skip
    for name in ("title", "text", "signer_name", "signer_position"):
        if not text[name]:
            raise ProgrammeError(_("Hãy ghi mục này: nó được in trên giấy."), field=name)
    chosen = _chosen(programme, people, batch_id)
    if batch_id is None:
        row = CertificateBatch.objects.create(
            programme=programme, prepared_by_id=actor_id(actor), prepared_at=now, **text
        )
        action = "programmes.certificate.prepare"
    else:
        row = _batch(batch_id)
        if row.programme_id != programme.pk:
            raise NotFoundError(_("Không thấy đợt cấp giấy chứng nhận này."))
        _draft(row)
        _move(row, prepared_by_id=actor_id(actor), prepared_at=now, return_reason="", **text)
        action = "programmes.certificate.change"
    _write(row, chosen, people)
    audit_record(actor=actor, action=action, target=row, after={"certificates": len(chosen)}, at=now)
    return row


def _chosen(programme: Programme, people: Mapping[int, str], batch_id: int | None) -> list[Registration]:
    if not people:
        raise ProgrammeError(_("Hãy chọn ít nhất một người."), field="people")
    if len(people) > MOST:
        raise ProgrammeError(
            _("Mỗi đợt nhiều nhất %(most)s giấy. Hãy chia thành nhiều đợt.") % {"most": MOST}, field="people"
        )
    rows = [row for row in earned(programme) if row.pk in people]
    if len(rows) != len(people):
        raise ProgrammeError(
            _("Có người chưa dự đủ số buổi nên chưa được cấp giấy. Hãy kiểm tra lại điểm danh rồi chọn lại."),
            field="people",
        )
    held = Certificate.objects.filter(registration__in=people, revoked_at=None).exclude(batch_id=batch_id)
    if held.exists():
        raise ProgrammeError(
            _("Có người đã có giấy ở đợt khác. Muốn cấp lại, hãy thu hồi giấy cũ trước."), field="people"
        )
    return rows


def _write(row: CertificateBatch, chosen: list[Registration], people: Mapping[int, str]) -> None:
    row.certificates.exclude(registration__in=chosen).delete()
    held = {one.registration_id: one for one in row.certificates.all()}
    for person in chosen:
        name = printed_name(people[person.pk]) or printed_name(person.name)
        if (one := held.get(person.pk)) is not None:
            one.name, one.organisation = name, person.organisation
        else:
            held[person.pk] = Certificate(
                batch=row,
                registration=person,
                name=name,
                organisation=person.organisation,
                code=ticket_code(),
            )
    rows = list(held.values())
    Certificate.objects.bulk_update([one for one in rows if one.pk], ["name", "organisation"], batch_size=200)
    Certificate.objects.bulk_create([one for one in rows if not one.pk], batch_size=200)


@transaction.atomic
def batch_submit(*, actor: Actor, batch_id: int, now: datetime) -> CertificateBatch:
    """Hand a draft to the head of the focal unit."""
    _officer(actor, now)
    row = _batch(batch_id)
    _draft(row)
    if not row.certificates.exists():
        raise ProgrammeError(_("Đợt này chưa có ai. Hãy chọn người rồi trình lại."))
    _move(row, submitted_by_id=actor_id(actor), submitted_at=now, return_reason="")
    audit_record(actor=actor, action="programmes.certificate.submit", target=row, at=now)
    return row


@transaction.atomic
def batch_drop(*, actor: Actor, batch_id: int, now: datetime) -> None:
    """Throw a draft away."""
    _officer(actor, now)
    row = _batch(batch_id)
    _draft(row)
    audit_record(actor=actor, action="programmes.certificate.drop", target=row, at=now)
    row.delete()


@transaction.atomic
def batch_approve(*, actor: Actor, batch_id: int, now: datetime) -> CertificateBatch:
    """Approve what somebody else prepared. :raises PermissionDeniedError: not the head, or the own preparation."""
    _head(actor, now)
    row = _waiting(batch_id)
    if actor_id(actor) in {row.prepared_by_id, row.submitted_by_id}:
        raise PermissionDeniedError(
            _("Bạn đã soạn đợt này nên không tự duyệt được. Hãy nhờ người khác duyệt.")
        )
    _move(row, state=BatchState.APPROVED, approved_by_id=actor_id(actor), approved_at=now)
    audit_record(actor=actor, action="programmes.certificate.approve", target=row, at=now)
    return row


@transaction.atomic
def batch_return(*, actor: Actor, batch_id: int, reason: str, now: datetime) -> CertificateBatch:
    """Give a batch back to the officer with a reason; also an approved one that has no number yet."""
    _head(actor, now)
    row = _batch(batch_id)
    if row.state == BatchState.ISSUED or row.submitted_at is None:
        raise ProgrammeError(_("Đợt này không ở bước chờ duyệt nên không trả lại được."))
    if not (why := kept_line(reason, 500)):
        raise ProgrammeError(_("Hãy ghi lý do để chuyên viên biết sửa gì."), field="reason")
    _move(
        row, state=BatchState.DRAFT, submitted_at=None, submitted_by=None, approved_by=None, approved_at=None,
        return_reason=why,
    )  # fmt: skip
    audit_record(
        actor=actor, action="programmes.certificate.return", target=row, after={"reason": why}, at=now
    )
    return row


def _waiting(batch_id: int) -> CertificateBatch:
    row = _batch(batch_id)
    if row.state != BatchState.DRAFT or row.submitted_at is None:
        raise ProgrammeError(_("Đợt này không chờ duyệt. Hãy tải lại trang để xem đợt đang ở bước nào."))
    return row


@transaction.atomic
def batch_number(
    *, actor: Actor, batch_id: int, decision_number: str, decision_date: date, now: datetime
) -> CertificateBatch:
    """Enter number and day of the decision, which issues the approved batch: numbers are given, codes verify.

    :raises PermissionDeniedError: not the clerk. :raises ProgrammeError: not approved, no number, a day to come.
    """
    reach = acting(actor, local_date(now))
    if not can_number_certificates(reach):
        raise PermissionDeniedError(_("Số và ngày quyết định do văn thư ghi."))
    row = _batch(batch_id)
    if row.state != BatchState.APPROVED:
        raise ProgrammeError(_("Chỉ ghi số quyết định cho đợt đã được duyệt và chưa cấp."))
    number = kept_line(decision_number, 60)
    if not number:
        raise ProgrammeError(_("Hãy ghi số quyết định, ví dụ 123/QĐ-UBND."), field="decision_number")
    if decision_date > local_date(now):
        raise ProgrammeError(_("Ngày quyết định không thể ở sau hôm nay."), field="decision_date")
    if not row.certificates.exists():
        raise ProgrammeError(_("Đợt này không còn ai. Hãy đề nghị lãnh đạo trả lại."))
    _move(
        row, state=BatchState.ISSUED, decision_number=number, decision_date=decision_date, numbered_by_id=actor_id(actor),
        issued_at=now,
    )  # fmt: skip
    rows = list(row.certificates.select_related("registration").order_by("registration__sort_key", "pk"))
    for place, one in enumerate(rows, 1):
        one.number, one.issued_on = place, decision_date
    Certificate.objects.bulk_update(rows, ["number", "issued_on"], batch_size=200)
    _supersede(rows)
    audit_record(
        actor=actor, action="programmes.certificate.issue", target=row,
        after={"certificates": len(rows), "decision": number}, at=now,
    )  # fmt: skip
    return row


def _supersede(rows: list[Certificate]) -> None:
    new = {one.registration_id: one for one in rows}
    old = Certificate.objects.filter(registration_id__in=new, superseded_by=None).exclude(revoked_at=None)
    for one in old.exclude(pk__in=[row.pk for row in rows]):
        Certificate.objects.filter(pk=one.pk).update(superseded_by=new[one.registration_id])


@transaction.atomic
def certificates_revoke(*, actor: Actor, pks: Collection[int], reason: str, now: datetime) -> int:
    """Take issued certificates back with a reason; return how many. Their page says since when.

    :raises PermissionDeniedError: not the head of the focal unit, or one who prepared the batch.
    """
    _head(actor, now)
    if not (why := kept_line(reason, 500)):
        raise ProgrammeError(_("Hãy ghi lý do thu hồi."), field="reason")
    rows = list(Certificate.objects.standing().select_related("batch").filter(pk__in=list(pks)[:MOST]))
    if not rows:
        raise ProgrammeError(_("Giấy này không còn hiệu lực hoặc chưa được cấp nên không thu hồi được."))
    if any(actor_id(actor) in {row.batch.prepared_by_id, row.batch.submitted_by_id} for row in rows):
        raise PermissionDeniedError(_("Bạn đã soạn đợt này nên không tự thu hồi được. Hãy nhờ người khác."))
    done = 0
    for row in rows:
        if Certificate.objects.filter(pk=row.pk, revoked_at=None).update(
            revoked_at=now, revoke_reason=why, revoked_by_id=actor_id(actor)
        ):
            done += 1
            audit_record(
                actor=actor, action="programmes.certificate.revoke", target=row, after={"reason": why}, at=now
            )
    for pk in {row.batch_id for row in rows}:
        batch = _batch(pk)
        _move(batch)
    return done


def certificates_erase(subject: str, now: datetime) -> None:
    """Forget the name on somebody's certificates; drafts go, issued ones stay as numbers."""
    kind, _sep, pk = subject.partition(":")
    if kind != "programmes.registration" or not pk.isdigit():
        return
    own = Certificate.objects.filter(registration_id=int(pk))
    own.exclude(batch__state=BatchState.ISSUED).delete()
    own.update(name="", organisation="")
    for batch in CertificateBatch.objects.filter(certificates__registration_id=int(pk)):
        CertificateBatch.objects.filter(pk=batch.pk).update(
            revision=batch.revision + 1
        )  # older archives are not handed out
