"""The yearly survey of needs: opened with a deadline, answered by units, late ones marked, reminded, closed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import date_vi, local_date
from khcn.core.enums import Channel
from khcn.core.errors import PermissionDeniedError
from khcn.core.outbox.services import message_send
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, Unit, User
from khcn.programmes.enums_training import Priority, WishForm
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.training import TrainingTopic
from khcn.programmes.models.training_more import NeedsAnswer, NeedsLine, NeedsSurvey
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_training import can_keep
from khcn.programmes.rules.registrations import line_of
from khcn.programmes.services.training_setup import officer_only

MOST_PEOPLE: Final = 5000


@transaction.atomic
def survey_open(
    *, actor: Actor, year: int, title: str, deadline: date, topics: Collection[int], units: Collection[int], now: datetime,
    note: str = "",
) -> NeedsSurvey:  # fmt: skip
    """Ask units what they need in a year and tell their reporters. One survey a year.

    :raises PermissionDeniedError: not the focal officer. :raises ProgrammeError: a survey of that year is there, a
        deadline that has passed, no topic, no unit.
    """
    officer_only(actor, now)
    today = local_date(now)
    name = line_of(title, 200, "title") or _("Nhu cầu bồi dưỡng năm %(year)s") % {"year": year}
    if not 2000 <= year <= 2100:
        raise ProgrammeError(_("Hãy ghi năm bằng bốn chữ số."), field="year")
    if deadline < today:
        raise ProgrammeError(_("Hạn trả lời không thể ở trước hôm nay."), field="deadline")
    chosen = list(TrainingTopic.objects.filter(pk__in=list(topics), is_active=True))
    if not chosen:
        raise ProgrammeError(_("Hãy chọn ít nhất một chủ đề."), field="topics")
    asked = list(Unit.objects.in_force(today).filter(pk__in=list(units), kind__is_group=False))
    if not asked:
        raise ProgrammeError(_("Hãy chọn ít nhất một đơn vị."), field="units")
    try:
        with transaction.atomic():
            row = NeedsSurvey.objects.create(
                year=year, title=name, note=note.replace("\x00", "").strip()[:4000], deadline=deadline,
                opened_by_id=actor_id(actor), opened_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise ProgrammeError(
            _("Năm %(year)s đã có khảo sát. Hãy mở khảo sát đó.") % {"year": year}, field="year"
        ) from None
    row.topics.set(chosen)
    NeedsAnswer.objects.bulk_create(NeedsAnswer(survey=row, unit=unit) for unit in asked)
    audit_record(
        actor=actor,
        action="programmes.training.survey_open",
        target=row,
        after={"year": year, "deadline": deadline, "units": len(asked)},
        at=now,
    )
    _tell(
        row,
        [unit.pk for unit in asked],
        key="open",
        now=now,
        words=_("Hãy trả lời khảo sát “%(title)s” trước hết ngày %(day)s."),
    )
    return row


def reporters_of(units: Collection[int], on: date) -> dict[int, list[User]]:
    """Return who reports for each unit; the head where nobody does. One query."""
    found: dict[int, dict[str, list[User]]] = {}
    rows = Membership.objects.in_force(on).filter(
        unit_id__in=list(units), role__in=[Role.UNIT_REPORTER, Role.UNIT_HEAD], user__is_active=True
    )
    for row in rows.select_related("user").order_by("unit_id", "user_id"):
        found.setdefault(row.unit_id, {}).setdefault(row.role, []).append(row.user)
    return {
        unit: held.get(Role.UNIT_REPORTER) or held.get(Role.UNIT_HEAD) or [] for unit, held in found.items()
    }


def _tell(survey: NeedsSurvey, units: Collection[int], *, key: str, now: datetime, words: str) -> int:
    """Write to the reporters of units, on the desk and by mail where they have one; return how many people were told."""
    link = reverse("training-desk:survey", args=[survey.pk])
    told = 0
    for people in reporters_of(units, local_date(now)).values():
        for user in people:
            told += 1
            for channel in (Channel.DESK, Channel.MAIL):
                if channel == Channel.DESK or user.email:
                    message_send(
                        channel=channel, user=user, subject=survey.title, link=link, now=now,
                        body=words % {"title": survey.title, "day": date_vi(survey.deadline)},
                        dedupe_key=f"programmes.needs:{survey.pk}:{key}:{user.pk}:{channel}",
                        office_hours=channel == Channel.MAIL,
                    )  # fmt: skip
    return told


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a unit needs of one topic."""

    topic_id: int
    people: int
    priority: int = Priority.MIDDLE
    wish_time: str = ""
    wish_form: str = ""


def _open(survey_id: int) -> NeedsSurvey:
    row = NeedsSurvey.objects.select_for_update().filter(pk=survey_id).first()
    if row is None:
        raise StaleError(_("Không thấy khảo sát này. Hãy tải lại trang."))
    if row.closed_at is not None:
        raise ProgrammeError(
            _("Khảo sát đã đóng ngày %(day)s nên không nhận thêm. Hãy liên hệ đơn vị đầu mối.")
            % {"day": date_vi(row.closed_at)}
        )
    return row


@transaction.atomic
def needs_answer(
    *, actor: Actor, survey_id: int, unit_id: int, lines: Sequence[Wanted], now: datetime, note: str = "",
    revision: int | None = None,
) -> NeedsAnswer:  # fmt: skip
    """Answer for a unit, or answer anew while the survey is open; after the deadline the answer is marked late.

    :raises PermissionDeniedError: :raises StaleError: somebody answered meanwhile. :raises ProgrammeError: closed, a
        strange number, a topic that is not asked for.
    """
    day = local_date(now)
    if not can_keep(acting(actor, day), unit_id, day):
        raise PermissionDeniedError(_("Người báo cáo của đơn vị trả lời khảo sát này. Hãy nhờ họ."))
    survey = _open(survey_id)
    row = NeedsAnswer.objects.select_for_update(of=("self",)).filter(survey=survey, unit_id=unit_id).first()
    if row is None:
        raise ProgrammeError(_("Khảo sát này không hỏi đơn vị bạn. Hãy liên hệ đơn vị đầu mối nếu cần."))
    if revision is not None and row.revision != revision:
        raise StaleError(_("Người khác của đơn vị vừa trả lời. Hãy tải lại trang để xem rồi sửa tiếp."))
    asked = set(survey.topics.values_list("pk", flat=True))
    for one in lines:
        if one.topic_id not in asked:
            raise ProgrammeError(_("Có chủ đề không nằm trong khảo sát. Hãy tải lại trang."))
        if not 0 <= one.people <= MOST_PEOPLE:
            raise ProgrammeError(
                _("Số người từ 0 đến %(most)s.") % {"most": MOST_PEOPLE}, field=f"people-{one.topic_id}"
            )
        if one.priority not in Priority.values or (one.wish_form and one.wish_form not in WishForm.values):
            raise ProgrammeError(_("Hãy chọn mức ưu tiên và hình thức trong danh sách."))
    row.lines.all().delete()
    NeedsLine.objects.bulk_create(
        NeedsLine(answer=row, topic_id=one.topic_id, people=one.people, priority=one.priority,
                  wish_time=line_of(one.wish_time, 100, ""), wish_form=one.wish_form)
        for one in lines if one.people
    )  # fmt: skip
    first = row.submitted_at is None
    row.is_late = survey.is_late(now) if first else row.is_late
    row.submitted_at, row.submitted_by_id = now if first else row.submitted_at, actor_id(actor)
    row.note, row.revision = note.replace("\x00", "").strip()[:1000], row.revision + 1
    row.save()
    audit_record(
        actor=actor, action="programmes.training.survey_answer", target=row,
        after={"people": sum(one.people for one in lines), "late": row.is_late}, at=now,
    )  # fmt: skip
    return row


@transaction.atomic
def survey_remind(*, actor: Actor, survey_id: int, now: datetime) -> int:
    """Remind the units that have not answered, once a day; return how many people were told."""
    officer_only(actor, now)
    survey = _open(survey_id)
    units = list(survey.answers.filter(submitted_at=None).values_list("unit_id", flat=True))
    if not units:
        raise ProgrammeError(_("Mọi đơn vị đã trả lời, không cần nhắc."))
    words = (
        _("Đã quá hạn ngày %(day)s. Đơn vị bạn chưa trả lời khảo sát “%(title)s”; hãy trả lời ngay.")
        if survey.is_late(now)
        else _("Đơn vị bạn chưa trả lời khảo sát “%(title)s”. Hạn đến hết ngày %(day)s.")
    )
    told = _tell(survey, units, key=f"remind-{local_date(now)}", now=now, words=words)
    survey.reminded_at = now
    survey.save(update_fields=["reminded_at"])
    audit_record(
        actor=actor,
        action="programmes.training.survey_remind",
        target=survey,
        after={"units": len(units)},
        at=now,
    )
    return told


@transaction.atomic
def survey_close(*, actor: Actor, survey_id: int, now: datetime) -> NeedsSurvey:
    """Close a survey: nobody answers any more. :raises PermissionDeniedError, ProgrammeError:"""
    officer_only(actor, now)
    row = _open(survey_id)
    row.closed_at, row.closed_by_id = now, actor_id(actor)
    row.save(update_fields=["closed_at", "closed_by"])
    audit_record(actor=actor, action="programmes.training.survey_close", target=row, at=now)
    return row


@transaction.atomic
def survey_deadline(*, actor: Actor, survey_id: int, deadline: date, now: datetime) -> NeedsSurvey:
    """Give more time. :raises PermissionDeniedError, ProgrammeError:"""
    officer_only(actor, now)
    row = _open(survey_id)
    if deadline < local_date(now):
        raise ProgrammeError(_("Hạn trả lời không thể ở trước hôm nay."), field="deadline")
    before, row.deadline = row.deadline, deadline
    row.save(update_fields=["deadline"])
    audit_record(
        actor=actor,
        action="programmes.training.survey_deadline",
        target=row,
        before={"deadline": before},
        after={"deadline": deadline},
        at=now,
    )
    return row
