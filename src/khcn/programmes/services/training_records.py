"""Courses of others: the unit enters what somebody learnt, with a paper or its number; another person verifies it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.private_files import PICTURES, Drawer, Upload
from khcn.programmes.enums_training import OWN_BASES, RecordBasis, RecordState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.training import TrainingPost, TrainingTopic
from khcn.programmes.models.training_more import TrainingRecord
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_training import can_keep, can_verify
from khcn.programmes.rules.registrations import line_of
from khcn.programmes.rules.training import valid_until
from khcn.programmes.services.training_sync import unit_on

EVIDENCE: Final = Drawer("programmes/training", PICTURES | {"pdf"}, limit=10 * 2**20)
EARLIEST: Final = date(1980, 1, 1)
MOST_HOURS: Final = Decimal(2000)


@dataclass(frozen=True, slots=True)
class RecordWish:
    """A course of others as it was entered."""

    topic_id: int
    title: str
    organiser: str
    held_on: date
    hours: Decimal | None = None
    certificate_number: str = ""


def posts_of(person_id: int) -> list[TrainingPost]:
    """Return the posts of somebody, newest first."""
    return list(TrainingPost.objects.filter(person_id=person_id).order_by("-starts_on", "-pk"))


def unit_now(person_id: int, now: datetime) -> int:
    """Return the unit of somebody today. :raises StaleError: no post any more."""
    post = (
        TrainingPost.objects.listed(local_date(now)).filter(person_id=person_id).order_by("starts_on").first()
    )
    if post is None:
        raise StaleError(_("Người này không còn trong danh sách của đơn vị nào. Hãy tải lại trang."))
    return post.unit_id


def record_enter(
    *,
    actor: Actor,
    person_id: int,
    wish: RecordWish,
    client_key: str,
    now: datetime,
    evidence: Upload | None = None,
) -> TrainingRecord:
    """Enter a course of others; the same ``client_key`` again is the first one. It counts once it is verified.

    :raises PermissionDeniedError, ProgrammeError, FileRefusedError:
    """
    unit_id, day = unit_now(person_id, now), local_date(now)
    if not can_keep(acting(actor, day), unit_id, day):
        raise PermissionDeniedError(_("Kết quả học nơi khác do người báo cáo của đơn vị ghi. Hãy nhờ họ."))
    first = TrainingRecord.objects.filter(person_id=person_id, client_key=client_key[:40]).first()
    if len(client_key) < 8:
        raise ProgrammeError(_("Trang này đã cũ. Hãy tải lại trang rồi ghi lại."))
    if first is not None:
        return first
    values = _checked(wish, day, has_file=evidence is not None)
    kept = EVIDENCE.keep(evidence) if evidence is not None else None
    try:
        with transaction.atomic():
            topic = _topic(wish.topic_id)
            row = TrainingRecord.objects.create(
                person_id=person_id, topic=topic, unit_id=unit_on(posts_of(person_id), wish.held_on) or unit_id,
                basis=RecordBasis.DECLARED, held_on=wish.held_on, valid_until=valid_until(wish.held_on, topic.valid_months),
                hours=wish.hours, evidence=kept.name if kept else "", evidence_title=kept.title if kept else "",
                entered_by_id=actor_id(actor), entered_at=now, client_key=client_key[:40], **values,
            )  # fmt: skip
            audit_record(
                actor=actor,
                action="programmes.training.record",
                target=row,
                after={"topic": topic.code},
                at=now,
            )
    except BaseException as error:
        if kept:
            EVIDENCE.drop(kept.name)
        held = (
            TrainingRecord.objects.filter(person_id=person_id, client_key=client_key[:40]).first()
            if isinstance(error, IntegrityError)
            else None
        )
        if held is not None:
            return held
        raise
    return row


def _topic(topic_id: int) -> TrainingTopic:
    row = TrainingTopic.objects.filter(pk=topic_id).first()
    if row is None:
        raise ProgrammeError(_("Hãy chọn chủ đề trong danh sách."), field="topic")
    return row


def _checked(wish: RecordWish, today: date, *, has_file: bool) -> dict[str, str]:
    values = {
        "title": line_of(wish.title, 300, "title"), "organiser": line_of(wish.organiser, 200, "organiser"),
        "certificate_number": line_of(wish.certificate_number, 80, "certificate_number"),
    }  # fmt: skip
    for name in ("title", "organiser"):
        if not values[name]:
            raise ProgrammeError(_("Hãy ghi tên khóa và nơi tổ chức."), field=name)
    if not EARLIEST <= wish.held_on <= today:
        raise ProgrammeError(_("Ngày hoàn thành phải từ năm 1980 đến hôm nay."), field="held_on")
    if wish.hours is not None and not 0 <= wish.hours <= MOST_HOURS:
        raise ProgrammeError(_("Số tiết, giờ từ 0 đến %(most)s.") % {"most": MOST_HOURS}, field="hours")
    if not values["certificate_number"] and not has_file:
        raise ProgrammeError(
            _("Hãy ghi số giấy chứng nhận hoặc gửi ảnh, bản quét của giấy."), field="certificate_number"
        )
    return values


def _waiting(record_id: int) -> TrainingRecord:
    row = (
        TrainingRecord.objects.select_for_update(of=("self",))
        .select_related("topic")
        .filter(pk=record_id)
        .first()
    )
    if row is None or row.state != RecordState.ENTERED:
        raise StaleError(_("Kết quả này không còn chờ xác nhận. Hãy tải lại trang."))
    return row


def _verifier(actor: Actor, row: TrainingRecord, now: datetime) -> None:
    day = local_date(now)
    if not can_verify(acting(actor, day), unit_now(row.person_id, now), day):
        raise PermissionDeniedError(_("Thủ trưởng đơn vị hoặc đơn vị đầu mối xác nhận kết quả học nơi khác."))
    if actor is not None and actor_id(actor) == row.entered_by_id:
        raise PermissionDeniedError(
            _("Bạn đã ghi kết quả này nên không tự xác nhận được. Hãy nhờ người khác.")
        )


@transaction.atomic
def record_verify(*, actor: Actor, record_id: int, now: datetime) -> TrainingRecord:
    """Verify what somebody else entered: from now on it counts. :raises PermissionDeniedError, StaleError:"""
    row = _waiting(record_id)
    _verifier(actor, row, now)
    row.state, row.verified_by_id, row.verified_at, row.reason = (
        RecordState.VERIFIED,
        actor_id(actor),
        now,
        "",
    )
    row.save(update_fields=["state", "verified_by", "verified_at", "reason"])
    audit_record(actor=actor, action="programmes.training.verify", target=row, at=now)
    return row


@transaction.atomic
def record_refuse(*, actor: Actor, record_id: int, reason: str, now: datetime) -> TrainingRecord:
    """Refuse what somebody else entered, with a reason. :raises PermissionDeniedError, StaleError, ProgrammeError:"""
    row = _waiting(record_id)
    _verifier(actor, row, now)
    if not (why := line_of(reason, 500, "reason")):
        raise ProgrammeError(_("Hãy ghi lý do để đơn vị biết sửa gì."), field="reason")
    row.state, row.verified_by_id, row.verified_at, row.reason = (
        RecordState.REFUSED,
        actor_id(actor),
        now,
        why,
    )
    row.save(update_fields=["state", "verified_by", "verified_at", "reason"])
    audit_record(actor=actor, action="programmes.training.refuse", target=row, after={"reason": why}, at=now)
    return row


@transaction.atomic
def record_void(*, actor: Actor, record_id: int, reason: str, now: datetime) -> TrainingRecord:
    """Take back a record of others that was wrong; those of own programmes follow attendance and certificates.

    :raises PermissionDeniedError, StaleError, ProgrammeError:
    """
    row = TrainingRecord.objects.select_for_update(of=("self",)).filter(pk=record_id).first()
    if row is None or row.state == RecordState.VOID:
        raise StaleError(_("Kết quả này không còn. Hãy tải lại trang."))
    day = local_date(now)
    if not can_verify(acting(actor, day), unit_now(row.person_id, now), day):
        raise PermissionDeniedError(_("Thủ trưởng đơn vị hoặc đơn vị đầu mối hủy kết quả. Hãy nhờ họ."))
    if row.basis in OWN_BASES:
        raise ProgrammeError(
            _(
                "Kết quả này lấy từ chương trình. Hãy sửa điểm danh hoặc thu hồi giấy chứng nhận, kết quả sẽ theo."
            )
        )
    if not (why := line_of(reason, 500, "reason")):
        raise ProgrammeError(_("Hãy ghi lý do hủy."), field="reason")
    row.state, row.reason = RecordState.VOID, why
    row.save(update_fields=["state", "reason"])
    audit_record(actor=actor, action="programmes.training.void", target=row, after={"reason": why}, at=now)
    return row
