"""Reports of schools that taught a lesson: sent once, changed for a while, withdrawn by who sent them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import date_vi, local_date
from khcn.core.errors import PermissionDeniedError
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.programmes.enums_curricula import LessonState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.curricula import Lesson, LessonVersion
from khcn.programmes.models.curricula_runs import LessonRun
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_curricula import can_handle_incidents, can_report_run
from khcn.programmes.rules.curricula import MOST_GRADE, MOST_MINUTES, cleaned
from khcn.programmes.rules.curricula_runs import EDIT_DAYS, MOST_PUPILS, MOST_WORDS, damped
from khcn.programmes.services.curricula_base import reason_of

TRACKED: Final = ("ran_on", "class_name", "grade", "pupils", "minutes", "rating", "incident")


@dataclass(frozen=True, slots=True)
class RunText:
    """What a school says about one class."""

    ran_on: date
    class_name: str
    pupils: int
    minutes: int
    rating: int
    grade: int | None = None
    worked: str = ""
    wrong: str = ""
    incident: bool = False
    incident_note: str = ""


@transaction.atomic
def run_report(
    *, actor: Actor, version_id: int, unit: Unit, values: RunText, now: datetime, client_key: str = ""
) -> LessonRun:
    """Say that a unit taught a version; the same ``client_key`` again is the first report.

    :raises PermissionDeniedError, ProgrammeError:
    """
    if not can_report_run(acting(actor, local_date(now)), unit.pk):
        raise PermissionDeniedError(_("Bạn chỉ báo cáo được lần dạy của đơn vị mình."))
    maker = actor_id(actor)
    if (held := _known(maker, client_key)) is not None:
        return held
    version = LessonVersion.objects.filter(pk=version_id).first()
    if version is None:
        raise ProgrammeError(_("Không thấy phiên bản này. Hãy mở lại trang bài học."))
    lesson = Lesson.objects.select_for_update().get(pk=version.lesson_id)
    row = LessonRun(
        lesson=lesson,
        version=version,
        unit=unit,
        reported_by_id=maker,
        reported_at=now,
        client_key=client_key[:40],
    )
    _fill(row, values, now)
    _may_be_taught(lesson, version, row.ran_on)
    try:
        with transaction.atomic():
            row.updated_at = now
            row.save(force_insert=True)
    except IntegrityError:
        if (held := _known(maker, client_key)) is not None:
            return held
        raise _twice() from None
    _recount(lesson)
    audit_record(
        actor=actor, action="programmes.lesson_run.report", target=row,
        after={name: getattr(row, name) for name in TRACKED} | {"version": version.number}, at=now,
    )  # fmt: skip
    return row


@transaction.atomic
def run_edit(*, actor: Actor, run_id: int, values: RunText, revision: int, now: datetime) -> LessonRun:
    """Change a report while that is possible. Raises PermissionDeniedError, StaleError, ProgrammeError."""
    row = _locked(run_id)
    if not can_report_run(acting(actor, local_date(now)), row.unit_id):
        raise PermissionDeniedError(_("Chỉ đơn vị đã dạy sửa được báo cáo này."))
    if row.withdrawn_at is not None:
        raise ProgrammeError(_("Báo cáo đã rút nên không sửa nữa. Hãy gửi báo cáo mới."))
    if not row.editable(now):
        raise ProgrammeError(
            _(
                "Báo cáo gửi quá %(days)s ngày nên không sửa nữa. Nếu sai, người gửi hãy rút và gửi báo cáo mới."
            )
            % {"days": EDIT_DAYS}
        )
    if row.revision != revision:
        raise StaleError(_("Người khác vừa sửa báo cáo này. Hãy mở lại trang rồi sửa tiếp."))
    before, had = {name: getattr(row, name) for name in TRACKED}, row.incident_note if row.incident else None
    _fill(row, values, now)
    _may_be_taught(row.lesson, row.version, row.ran_on)
    if row.incident and row.incident_note != had:  # what the officer closed was something else
        row.handled_at, row.handled_by, row.handled_note = None, None, ""
    row.revision += 1
    row.updated_at = now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise _twice() from None
    _recount(row.lesson)
    audit_record(
        actor=actor, action="programmes.lesson_run.edit", target=row, before=before,
        after={name: getattr(row, name) for name in TRACKED}, at=now,
    )  # fmt: skip
    return row


@transaction.atomic
def run_withdraw(*, actor: Actor, run_id: int, reason: str, now: datetime) -> LessonRun:
    """Take a report back; only who sent it; again changes nothing. Raises PermissionDeniedError, ProgrammeError."""
    row = _locked(run_id)
    if actor is not None and row.reported_by_id != actor_id(actor):
        raise PermissionDeniedError(_("Chỉ người đã gửi rút được báo cáo. Hãy nhờ người đó."))
    if row.withdrawn_at is not None:
        return row
    row.withdraw_reason = reason_of(reason, _("Hãy ghi lý do rút báo cáo."))
    row.withdrawn_at, row.updated_at = now, now
    row.revision += 1
    row.save()
    _recount(row.lesson)
    audit_record(
        actor=actor, action="programmes.lesson_run.withdraw", target=row, reason=row.withdraw_reason, at=now
    )
    return row


@transaction.atomic
def incident_handle(*, actor: Actor, run_id: int, note: str, now: datetime) -> LessonRun:
    """Close what was reported about safety with what was done; again changes nothing. Raises PermissionDeniedError, ProgrammeError."""
    row = _locked(run_id)
    if not can_handle_incidents(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Chỉ đơn vị đầu mối xử lý báo cáo sự cố."))
    if not row.incident or row.withdrawn_at is not None:
        raise ProgrammeError(_("Báo cáo này không có sự cố cần xử lý."))
    if row.handled_at is not None:
        return row
    row.handled_note = reason_of(note, _("Hãy ghi đã xử lý thế nào."), field="note")
    row.handled_at, row.handled_by_id = now, actor_id(actor)
    row.save(update_fields=["handled_note", "handled_at", "handled_by"])
    audit_record(
        actor=actor, action="programmes.lesson_run.handle", target=row, reason=row.handled_note, at=now
    )
    return row


def _known(maker: int | None, client_key: str) -> LessonRun | None:
    if maker is None or not client_key:
        return None
    return LessonRun.objects.filter(reported_by_id=maker, client_key=client_key[:40]).first()


def _twice() -> ProgrammeError:
    return ProgrammeError(
        _(
            "Đơn vị đã báo cáo bài này cho lớp này trong ngày này. Hãy mở báo cáo đó để sửa, hoặc ghi rõ tên lớp khác."
        ),
        field="class_name",
    )


def _locked(pk: int) -> LessonRun:
    found = LessonRun.objects.filter(pk=pk).values_list("lesson_id", flat=True).first()
    if found is None:
        raise ProgrammeError(_("Không thấy báo cáo này. Hãy mở lại danh sách."))
    lesson = Lesson.objects.select_for_update().get(pk=found)  # the lesson first, as when a report is sent
    row = LessonRun.objects.select_for_update(of=("self",)).select_related("version").get(pk=pk)
    row.lesson = lesson
    return row


def _may_be_taught(lesson: Lesson, version: LessonVersion, ran_on: date) -> None:
    if ran_on < local_date(version.published_at):
        raise ProgrammeError(
            _(
                "Phiên bản %(number)s công bố ngày %(day)s, sau ngày dạy. Hãy xem lại ngày, hoặc chọn phiên bản trước."
            )
            % {"number": version.number, "day": date_vi(version.published_at)},
            field="ran_on",
        )
    if (
        lesson.state == LessonState.WITHDRAWN
        and lesson.withdrawn_at
        and ran_on > local_date(lesson.withdrawn_at)
    ):
        raise ProgrammeError(
            _("Bài đã rút ngày %(day)s. Chỉ báo cáo được lần dạy trước ngày đó; hãy dùng bài thay thế.")
            % {"day": date_vi(lesson.withdrawn_at)},
            field="ran_on",
        )


def _fill(row: LessonRun, values: RunText, now: datetime) -> None:
    if values.ran_on > local_date(now):
        raise ProgrammeError(_("Ngày dạy ở tương lai. Hãy báo cáo sau khi dạy."), field="ran_on")
    name = cleaned(values.class_name, 40, field="class_name", label=_("Lớp"))
    if not name:
        raise ProgrammeError(_("Hãy ghi lớp, ví dụ 7A."), field="class_name")
    for value, least, most, field, sentence in (
        (values.pupils, 1, MOST_PUPILS, "pupils", _("Số học sinh phải từ 1 đến %(most)s.")),
        (values.minutes, 1, MOST_MINUTES, "minutes", _("Số phút phải từ 1 đến %(most)s.")),
        (values.rating, 1, 5, "rating", _("Hãy cho điểm từ 1 đến %(most)s.")),
        (values.grade or 1, 1, MOST_GRADE, "grade", _("Khối phải từ 1 đến %(most)s.")),
    ):
        if not least <= value <= most:
            raise ProgrammeError(sentence % {"most": most}, field=field)
    row.worked = cleaned(values.worked, MOST_WORDS, field="worked", label=_("Điều làm tốt"), lines=True)
    row.wrong = cleaned(values.wrong, MOST_WORDS, field="wrong", label=_("Điều chưa tốt"), lines=True)
    row.incident_note = cleaned(
        values.incident_note, MOST_WORDS, field="incident_note", label=_("Sự cố"), lines=True
    )
    if values.incident and not row.incident_note:
        raise ProgrammeError(
            _("Hãy kể sự cố: chuyện gì, xử lý thế nào. Không ghi tên học sinh."), field="incident_note"
        )
    row.ran_on, row.class_name, row.folded_class = values.ran_on, name, fold(name)[:40]
    row.pupils, row.minutes, row.rating = values.pupils, values.minutes, values.rating
    row.grade, row.incident = values.grade, values.incident


def _recount(lesson: Lesson) -> None:
    """Let the figures of a lesson be those of its standing reports; the lesson is locked."""
    sums = LessonRun.objects.filter(lesson=lesson, withdrawn_at=None).aggregate(
        runs=Count("pk"), pupils=Sum("pupils"), rating=Sum("rating")
    )
    runs, rating = sums["runs"], sums["rating"] or 0
    Lesson.objects.filter(pk=lesson.pk).update(
        runs_count=runs, pupils_total=sums["pupils"] or 0, rating_sum=rating, score=damped(rating, runs)
    )
