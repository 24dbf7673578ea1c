"""A lesson from draft to withdrawal: write, submit, return, publish (a new version), withdraw."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.references import Reference, resolve
from khcn.programmes.enums_curricula import LessonState, WorkingState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.curricula import Curriculum, Lesson, LessonVersion
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_curricula import can_draft
from khcn.programmes.rules.curricula import (
    Content,
    LinkedWork,
    cleaned,
    content_clean,
    content_complete,
    content_json,
    content_of,
)
from khcn.programmes.services.curricula_base import (
    columns_follow,
    drafting,
    insert_keyed,
    known,
    reason_of,
    reviewing,
    with_drafter,
)

WORK = "library.work"


@transaction.atomic
def lesson_create(
    *,
    actor: Actor,
    curriculum: Curriculum,
    content: Content,
    now: datetime,
    key: str = "",
    client_key: str = "",
) -> Lesson:
    """Begin a lesson at the end of a curriculum; the same ``client_key`` again is the first.

    :raises PermissionDeniedError, ProgrammeError:
    """
    if not can_draft(acting(actor, local_date(now)), curriculum.unit_id):
        raise PermissionDeniedError(_("Bạn chỉ soạn được bài của đơn vị mình."))
    if (held := known(Lesson, actor_id(actor), client_key)) is not None:
        return held  # type: ignore[no-any-return]
    said = materials_checked(content_clean(content), Content(), actor)
    row = new_lesson(curriculum, said, actor, now)
    row.client_key = client_key[:40]
    if not insert_keyed(row, said.title, key, "bai-hoc"):
        return known(Lesson, actor_id(actor), client_key)  # type: ignore[no-any-return]
    audit_record(
        actor=actor, action="programmes.lesson.create", target=row, after={"title": row.title}, at=now
    )
    return row


def new_lesson(curriculum: Curriculum, said: Content, actor: Actor, now: datetime) -> Lesson:
    """Return a lesson that is not saved yet, last in its curriculum."""
    Curriculum.objects.select_for_update().filter(pk=curriculum.pk).first()
    last = curriculum.lessons.aggregate(last=Max("position"))["last"] or 0
    maker = actor_id(actor)
    row = Lesson(
        curriculum=curriculum, unit_id=curriculum.unit_id, position=last + 1, draft=content_json(said),
        drafters=with_drafter((), maker), created_by_id=maker, created_at=now, updated_at=now,
    )  # fmt: skip
    columns_follow(row, said)
    return row


@transaction.atomic
def lesson_save(*, actor: Actor, lesson_id: int, content: Content, revision: int, now: datetime) -> Lesson:
    """Write the working copy; of a published lesson one is begun. ``revision`` is what the writer saw.

    :raises PermissionDeniedError, StaleError, ProgrammeError:
    """
    row = drafting(actor, lesson_id, now)
    if row.state == LessonState.WITHDRAWN:
        raise ProgrammeError(
            _("Bài đã rút nên không sửa nữa. Hãy soạn bài mới; khi rút bài có thể ghi bài thay thế.")
        )
    if row.working == WorkingState.SUBMITTED:
        raise ProgrammeError(_("Bài đang chờ duyệt. Hãy nhờ người duyệt trả lại rồi sửa."))
    if row.revision != revision:
        raise StaleError(_("Người khác vừa sửa bài này. Hãy mở lại trang rồi sửa tiếp."))
    said = materials_checked(content_clean(content), row.content, actor)
    if row.lineage and said.licence != row.licence:
        raise ProgrammeError(
            _("Bản phỏng tác giữ nguyên giấy phép của bài gốc (%(licence)s).")
            % {"licence": row.get_licence_display()},
            field="licence",
        )
    plain = content_json(said)
    if plain == row.draft or (row.draft is None and said == row.published):
        return row
    row.draft, row.working = plain, WorkingState.DRAFT
    row.drafters = with_drafter(row.drafters, actor_id(actor))
    if row.current_id is None:
        columns_follow(row, said)
    _saved(row, now)
    audit_record(
        actor=actor, action="programmes.lesson.update", target=row,
        after={"title": said.title, "steps": len(said.steps), "equipment": len(said.equipment), "cost": said.cost}, at=now,
    )  # fmt: skip
    return row


def materials_checked(said: Content, before: Content, actor: Actor) -> Content:
    """Return the content with works of the library by their present titles. Raises ProgrammeError: unseen new ones."""
    held = {one.record: one for one in before.materials}
    works = []
    for one in said.materials:
        if one.record in held:
            works.append(held[one.record])
            continue
        try:
            found = resolve(Reference.parse(one.record), actor)
        except ValueError:
            found = None
        if found is None or found.reference.kind != WORK:
            raise ProgrammeError(
                _("Không thấy tài liệu này trong thư viện. Hãy tìm lại và chọn trong danh sách."),
                field="materials",
            )
        works.append(LinkedWork(str(found.reference), found.title[:300]))
    return content_of(
        {**content_json(said), "materials": [{"record": w.record, "title": w.title} for w in works]}
    )


@transaction.atomic
def lesson_submit(*, actor: Actor, lesson_id: int, now: datetime) -> Lesson:
    """Hand the working copy to who reviews; twice is once. Raises PermissionDeniedError, ProgrammeError."""
    row = drafting(actor, lesson_id, now)
    if row.working == WorkingState.SUBMITTED:
        return row
    if row.working != WorkingState.DRAFT:
        raise ProgrammeError(_("Bài không có bản đang soạn. Hãy sửa bài rồi gửi duyệt."))
    content_complete(row.content)
    row.working, row.return_reason = WorkingState.SUBMITTED, ""
    row.submitted_by_id, row.submitted_at = actor_id(actor), now
    if row.current_id is None:
        row.state = LessonState.SUBMITTED
    _saved(row, now)
    audit_record(actor=actor, action="programmes.lesson.submit", target=row, at=now)
    return row


@transaction.atomic
def lesson_return(*, actor: Actor, lesson_id: int, reason: str, now: datetime) -> Lesson:
    """Give the working copy back with what is to be mended. Raises PermissionDeniedError, ProgrammeError."""
    row = reviewing(actor, lesson_id, now)
    _waiting(row)
    row.return_reason = reason_of(reason, _("Hãy ghi cần sửa gì để người soạn biết."))
    row.working = WorkingState.DRAFT
    if row.current_id is None:
        row.state = LessonState.DRAFT
    _saved(row, now)
    audit_record(actor=actor, action="programmes.lesson.return", target=row, reason=row.return_reason, at=now)
    return row


@transaction.atomic
def lesson_publish(*, actor: Actor, lesson_id: int, note: str, revision: int, now: datetime) -> LessonVersion:
    """Make the working copy the next version. Never by who wrote or submitted it; a double click is one version.

    :param note: what changed; needed from the second version on.
    :param revision: what the reviewer read.
    :raises PermissionDeniedError, StaleError, ProgrammeError:
    """
    row = reviewing(actor, lesson_id, now)
    mine = actor_id(actor)
    if _clicked_twice(row, mine, revision) and row.current is not None:
        return row.current
    _waiting(row)
    if row.revision != revision:
        raise StaleError(_("Bài vừa được sửa sau khi bạn mở. Hãy mở lại trang, đọc rồi duyệt."))
    if mine is not None and mine in {
        row.created_by_id if row.current_id is None else None,
        row.submitted_by_id,
        *row.drafters,
    }:
        raise PermissionDeniedError(_("Người soạn hoặc người gửi không tự duyệt. Hãy nhờ người duyệt khác."))
    said = row.content
    content_complete(said)
    number = (row.current.number if row.current else 0) + 1
    words = cleaned(note, 500, field="note", label=_("Đã đổi gì"))
    if not words and number > 1:
        raise ProgrammeError(_("Hãy ghi phiên bản này đã đổi gì so với phiên bản trước."), field="note")
    version = LessonVersion.objects.create(
        lesson=row, number=number, content=content_json(said), note=words or str(_("Công bố lần đầu")), published_at=now,
        published_by_id=mine, submitted_by_id=row.submitted_by_id,
    )  # fmt: skip
    row.current, row.draft, row.drafters = version, None, []
    row.state, row.working, row.published_at = LessonState.PUBLISHED, WorkingState.NONE, now
    row.submitted_by_id = row.submitted_at = None
    columns_follow(row, said)
    _saved(row, now)
    audit_record(
        actor=actor,
        action="programmes.lesson.publish",
        target=row,
        after={"version": number, "note": version.note},
        at=now,
    )
    return version


@transaction.atomic
def lesson_withdraw(
    *, actor: Actor, lesson_id: int, reason: str, successor_id: int | None = None, now: datetime
) -> Lesson:
    """Take a published lesson back: its page stays and says why, and which lesson to use instead.

    :raises PermissionDeniedError, ProgrammeError:
    """
    row = reviewing(actor, lesson_id, now)
    if row.state != LessonState.PUBLISHED:
        raise ProgrammeError(_("Chỉ bài đang công bố mới rút được. Bản nháp chưa ai thấy thì xóa."))
    row.withdraw_reason = reason_of(reason, _("Hãy ghi lý do rút; người đã dùng bài sẽ đọc lý do này."))
    if successor_id is not None:
        newer = Lesson.objects.published().exclude(pk=row.pk).filter(pk=successor_id).first()
        if newer is None:
            raise ProgrammeError(_("Bài thay thế phải là một bài khác đang công bố."), field="successor")
        row.successor = newer
    row.state, row.working, row.withdrawn_at = LessonState.WITHDRAWN, WorkingState.NONE, now
    _saved(row, now)
    audit_record(
        actor=actor, action="programmes.lesson.withdraw", target=row, after={"successor": successor_id},
        reason=row.withdraw_reason, at=now,
    )  # fmt: skip
    return row


@transaction.atomic
def lesson_drop(*, actor: Actor, lesson_id: int, now: datetime) -> bool:
    """Throw the working copy away: a lesson that was never published goes with it. Return whether the lesson is left.

    :raises PermissionDeniedError, ProgrammeError:
    """
    row = drafting(actor, lesson_id, now)
    if row.working != WorkingState.DRAFT:
        raise ProgrammeError(_("Không có bản nháp để xóa. Bài chờ duyệt thì nhờ người duyệt trả lại trước."))
    audit_record(
        actor=actor, action="programmes.lesson.drop", target=row, before={"title": row.content.title}, at=now
    )
    if row.current_id is None:
        row.delete()
        return False
    row.draft, row.working, row.drafters, row.return_reason = None, WorkingState.NONE, [], ""
    _saved(row, now)
    return True


def _clicked_twice(row: Lesson, mine: int | None, revision: int) -> bool:
    """Whether this person has just published exactly what they saw."""
    return (
        row.state == LessonState.PUBLISHED
        and row.working == WorkingState.NONE
        and row.revision == revision + 1
        and row.current is not None
        and row.current.published_by_id == mine
    )


def _waiting(row: Lesson) -> None:
    if row.working != WorkingState.SUBMITTED:
        raise ProgrammeError(_("Bài này không chờ duyệt. Hãy mở lại trang để xem bài đang ở bước nào."))


def _saved(row: Lesson, now: datetime) -> None:
    row.revision += 1
    row.updated_at = now
    row.save()
    for name in ("content", "published"):
        row.__dict__.pop(name, None)
