"""What training is measured by: topics, positions, what positions require, what programmes teach."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.core.dates import local_date
from khcn.core.errors import NotFoundError, PermissionDeniedError
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.programmes.enums_training import Level, Staff
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.training import PositionTopic, TrainingPosition, TrainingTopic
from khcn.programmes.models.training_more import ProgrammeTopic, TrainingRecord
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_training import can_keep, can_set_up
from khcn.programmes.rules.registrations import line_of
from khcn.programmes.rules.training import valid_until
from khcn.programmes.services.training_sync import programme_sync

_TOPIC = ("code", "name", "purpose", "valid_months", "warn_days", "audience", "is_active")


def officer_only(actor: Actor, now: datetime) -> None:
    """:raises PermissionDeniedError: not the focal officer."""
    if not can_set_up(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Việc này do chuyên viên của đơn vị đầu mối làm. Hãy nhờ họ."))


@dataclass(frozen=True, slots=True)
class TopicWish:
    """A topic as it was entered."""

    code: str
    name: str
    purpose: str = ""
    valid_months: int | None = None
    warn_days: int = 90
    audience: str = ""
    is_active: bool = True


@transaction.atomic
def topic_save(*, actor: Actor, wish: TopicWish, now: datetime, topic_id: int | None = None) -> TrainingTopic:
    """Make or change a topic; another validity counts for what was learnt before too.

    :raises PermissionDeniedError: :raises ProgrammeError: an empty or known code, an empty name, a strange validity.
    """
    officer_only(actor, now)
    code, name = line_of(wish.code, 30, "code").upper(), line_of(wish.name, 200, "name")
    if not code or not name:
        raise ProgrammeError(_("Hãy ghi mã và tên chủ đề."), field="name" if code else "code")
    if wish.valid_months is not None and not 1 <= wish.valid_months <= 600:
        raise ProgrammeError(
            _("Số tháng từ 1 đến 600. Để trống nếu có giá trị mãi mãi."), field="valid_months"
        )
    if wish.audience and wish.audience not in Staff.values:
        raise ProgrammeError(_("Hãy chọn trong danh sách."), field="audience")
    row = (
        TrainingTopic.objects.select_for_update().filter(pk=topic_id).first() if topic_id else TrainingTopic()
    )
    if row is None:
        raise NotFoundError(_("Không thấy chủ đề này. Hãy tải lại danh sách."))
    before = snapshot(row, _TOPIC) if row.pk else None
    months = row.valid_months
    row.code, row.name, row.folded_name, row.sort_key = code, name, fold(name)[:200], sort_key(name)
    row.purpose, row.valid_months, row.warn_days = (
        line_of(wish.purpose, 500, "purpose"),
        wish.valid_months,
        wish.warn_days,
    )
    row.audience, row.is_active, row.updated_at = wish.audience, wish.is_active, now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ProgrammeError(
            _("Mã này đã dùng cho một chủ đề khác. Hãy ghi mã khác."), field="code"
        ) from None
    if before is not None and months != row.valid_months:
        _validity_anew(row)
    audit_record(
        actor=actor,
        action="programmes.training.topic",
        target=row,
        before=before,
        after=snapshot(row, _TOPIC),
        at=now,
    )
    return row


def _validity_anew(topic: TrainingTopic) -> None:
    rows = list(TrainingRecord.objects.filter(topic=topic).only("pk", "held_on", "valid_until"))
    for one in rows:
        one.valid_until = valid_until(one.held_on, topic.valid_months)
    TrainingRecord.objects.bulk_update(rows, ["valid_until"], batch_size=500)


@dataclass(frozen=True, slots=True)
class Required:
    """What a position requires of one topic."""

    level: str
    within_months: int | None = None


@transaction.atomic
def position_save(
    *, actor: Actor, unit: Unit | None, title: str, staff: int | None, audience: str, required: Mapping[int, Required],
    now: datetime, position_id: int | None = None,
) -> TrainingPosition:  # fmt: skip
    """Make or change a position and what it requires (by topic); without a unit it is a common one.

    :raises PermissionDeniedError: another's unit; common ones are the focal officer's. :raises ProgrammeError:
    """
    day = local_date(now)
    if unit is None:
        officer_only(actor, now)
    elif not can_keep(acting(actor, day), unit.pk, day):
        raise PermissionDeniedError(
            _("Vị trí của đơn vị do người báo cáo của đơn vị và chuyên viên đầu mối ghi.")
        )
    name = line_of(title, 150, "title")
    if not any(sign.isalpha() for sign in name):
        raise ProgrammeError(_("Hãy ghi tên chức danh, vị trí."), field="title")
    if audience not in Staff.values:
        raise ProgrammeError(_("Hãy chọn trong danh sách."), field="audience")
    row = TrainingPosition(unit=unit)
    if position_id is not None:
        held = (
            TrainingPosition.objects.select_for_update(of=("self",)).filter(pk=position_id, unit=unit).first()
        )
        if held is None:
            raise NotFoundError(_("Không thấy vị trí này. Hãy tải lại danh sách."))
        row = held
    row.title, row.folded_title, row.sort_key = name, fold(name)[:150], sort_key(name)
    row.staff, row.audience, row.updated_at = staff, audience, now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ProgrammeError(_("Chức danh này đã có. Hãy mở vị trí đó để sửa."), field="title") from None
    _require(row, required)
    after = {
        "unit": row.unit_id,
        "title": row.title,
        "topics": {str(pk): one.level for pk, one in required.items()},
    }
    audit_record(actor=actor, action="programmes.training.position", target=row, after=after, at=now)
    return row


def _require(row: TrainingPosition, required: Mapping[int, Required]) -> None:
    for one in required.values():
        if one.level not in Level.values or (
            one.within_months is not None and not 0 <= one.within_months <= 120
        ):
            raise ProgrammeError(
                _("Mức phải là bắt buộc hoặc nên có; số tháng từ 0 đến 120."), field="topics"
            )
    if TrainingTopic.objects.filter(pk__in=required).count() != len(required):
        raise ProgrammeError(_("Có chủ đề không còn trong danh mục. Hãy tải lại trang."), field="topics")
    row.requirements.exclude(topic_id__in=required).delete()
    for topic_id, one in required.items():
        PositionTopic.objects.update_or_create(
            position=row, topic_id=topic_id, defaults={"level": one.level, "within_months": one.within_months}
        )


@transaction.atomic
def position_remove(*, actor: Actor, position_id: int, now: datetime) -> None:
    """Delete a position that nobody ever held. :raises PermissionDeniedError: :raises ProgrammeError:"""
    row = TrainingPosition.objects.select_for_update(of=("self",)).filter(pk=position_id).first()
    if row is None:
        return
    day = local_date(now)
    if row.unit_id is None:
        officer_only(actor, now)
    elif not can_keep(acting(actor, day), row.unit_id, day):
        raise PermissionDeniedError(
            _("Vị trí của đơn vị do người báo cáo của đơn vị và chuyên viên đầu mối ghi.")
        )
    if row.posts.exists():
        raise ProgrammeError(_("Vị trí này đã có người giữ nên không xóa được. Hãy sửa tên nếu ghi sai."))
    audit_record(actor=actor, action="programmes.training.position_remove", target=row, at=now)
    row.delete()


@transaction.atomic
def programme_teaches(
    *, actor: Actor, programme: Programme, hours: Mapping[int, Decimal | None], now: datetime
) -> int:
    """Say which topics (with hours) a programme teaches; records follow. Return how many records changed.

    :raises PermissionDeniedError: :raises ProgrammeError: a topic that is not there.
    """
    officer_only(actor, now)
    if TrainingTopic.objects.filter(pk__in=hours).count() != len(hours):
        raise ProgrammeError(_("Có chủ đề không còn trong danh mục. Hãy tải lại trang."), field="topics")
    programme.training_topics.exclude(topic_id__in=hours).delete()
    for topic_id, count in hours.items():
        ProgrammeTopic.objects.update_or_create(
            programme=programme, topic_id=topic_id, defaults={"hours": count}
        )
    audit_record(
        actor=actor,
        action="programmes.training.teaches",
        target=programme,
        after={"topics": list(hours)},
        at=now,
    )
    return programme_sync(programme=programme, now=now)
