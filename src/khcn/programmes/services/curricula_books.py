"""Curricula: make, change, and the order of their lessons."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record, snapshot
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.engines.text.collate import sort_key
from khcn.orgs.models import Unit
from khcn.programmes.enums_curricula import PUBLIC_LESSONS
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.curricula import Curriculum, Lesson
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_curricula import can_draft, can_review
from khcn.programmes.rules.curricula import cleaned
from khcn.programmes.services.curricula_base import insert_keyed, known


@transaction.atomic
def curriculum_create(
    *, actor: Actor, unit: Unit, title: str, summary: str, now: datetime, key: str = "", client_key: str = ""
) -> Curriculum:
    """Make a curriculum of a unit; the same ``client_key`` again is the first. Raises PermissionDeniedError, ProgrammeError."""
    if not can_draft(acting(actor, local_date(now)), unit.pk):
        raise PermissionDeniedError(_("Bạn chỉ lập được chương trình học liệu của đơn vị mình."))
    if (held := known(Curriculum, actor_id(actor), client_key)) is not None:
        return held  # type: ignore[no-any-return]
    row = Curriculum(
        unit=unit, created_by_id=actor_id(actor), client_key=client_key[:40], created_at=now, updated_at=now
    )
    _fill(row, title, summary)
    if not insert_keyed(row, row.title, key, "chuong-trinh"):
        return known(Curriculum, actor_id(actor), client_key)  # type: ignore[no-any-return]
    audit_record(
        actor=actor, action="programmes.curriculum.create", target=row, after={"title": row.title}, at=now
    )
    return row


@transaction.atomic
def curriculum_update(
    *, actor: Actor, curriculum_id: int, title: str, summary: str, now: datetime
) -> Curriculum:
    """Change its name and introduction; once the public reads it, only who reviews may. Raises PermissionDeniedError, ProgrammeError."""
    row = _locked(curriculum_id)
    reach = acting(actor, local_date(now))
    public = row.lessons.filter(state__in=PUBLIC_LESSONS).exists()
    if public and not can_review(reach, row.unit_id):
        raise PermissionDeniedError(
            _(
                "Chương trình này đã có bài công bố nên chỉ trưởng đơn vị và chuyên viên đầu mối sửa tên, giới thiệu."
            )
        )
    if not public and not (can_draft(reach, row.unit_id) or can_review(reach, row.unit_id)):
        raise PermissionDeniedError(_("Bạn chỉ sửa được chương trình học liệu của đơn vị mình."))
    before = snapshot(row, ("title", "summary"))
    _fill(row, title, summary)
    row.updated_at = now
    row.save()
    after = snapshot(row, ("title", "summary"))
    if before != after:
        audit_record(
            actor=actor, action="programmes.curriculum.update", target=row, before=before, after=after, at=now
        )
    return row


@transaction.atomic
def lesson_move(*, actor: Actor, lesson_id: int, up: bool, now: datetime) -> None:
    """Change places with the lesson before or after; at the end nothing happens. Raises PermissionDeniedError, ProgrammeError."""
    lesson = Lesson.objects.filter(pk=lesson_id).first()
    if lesson is None:
        raise ProgrammeError(_("Không thấy bài học này. Hãy mở lại danh sách."))
    book = _locked(lesson.curriculum_id)
    reach = acting(actor, local_date(now))
    if not (can_draft(reach, book.unit_id) or can_review(reach, book.unit_id)):
        raise PermissionDeniedError(_("Bạn chỉ sắp xếp được bài của đơn vị mình."))
    ids = list(book.lessons.order_by("position", "pk").values_list("pk", flat=True))
    place = ids.index(lesson_id)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(ids):
        return
    ids[place], ids[other] = ids[other], ids[place]
    for number, pk in enumerate(ids, start=1):
        Lesson.objects.filter(pk=pk).exclude(position=number).update(position=number)
    audit_record(
        actor=actor, action="programmes.curriculum.order", target=book, after={"lessons": ids}, at=now
    )


def _locked(pk: int) -> Curriculum:
    row = Curriculum.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise ProgrammeError(_("Không thấy chương trình học liệu này. Hãy mở lại danh sách."))
    return row


def _fill(row: Curriculum, title: str, summary: str) -> None:
    row.title = cleaned(title, 200, field="title", label=_("Tên"))
    if not row.title:
        raise ProgrammeError(_("Hãy ghi tên chương trình học liệu."), field="title")
    row.summary = cleaned(summary, 1000, field="summary", label=_("Giới thiệu"), lines=True)
    row.sort_key = sort_key(row.title)
