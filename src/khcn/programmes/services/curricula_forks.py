"""Adaptations: a unit takes an exact version over, with credit to every version that it comes from."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.orgs.models import Unit
from khcn.programmes.enums_curricula import ADAPTABLE, LessonState
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.curricula import Curriculum, Lesson, LessonVersion
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_curricula import can_draft
from khcn.programmes.services.curricula_base import drafting, insert_keyed, known
from khcn.programmes.services.curricula_books import curriculum_create
from khcn.programmes.services.curricula_lessons import new_lesson

MOST_LINEAGE = 30


@transaction.atomic
def lesson_fork(
    *,
    actor: Actor,
    version_id: int,
    unit: Unit,
    now: datetime,
    curriculum: Curriculum | None = None,
    client_key: str = "",
) -> Lesson:
    """Make a draft of a unit from one version; the same ``client_key`` again is the first.

    Without a curriculum it goes into the unit's one of the same name as the source's, made when it is missing.

    :raises PermissionDeniedError, ProgrammeError: the source was withdrawn, or its licence allows no changes.
    """
    if not can_draft(acting(actor, local_date(now)), unit.pk):
        raise PermissionDeniedError(_("Bạn chỉ làm được bản phỏng tác cho đơn vị mình."))
    if (held := known(Lesson, actor_id(actor), client_key)) is not None:
        return held  # type: ignore[no-any-return]
    version = (
        LessonVersion.objects.select_related("lesson__unit", "lesson__curriculum")
        .filter(pk=version_id)
        .first()
    )
    if version is None:
        raise ProgrammeError(_("Không thấy phiên bản này. Hãy mở lại trang bài học."))
    source = version.lesson
    source.refresh_from_db(fields=["state"], from_queryset=Lesson.objects.select_for_update())
    _adaptable(source, version)
    book = curriculum or _home(actor, unit, source.curriculum, now)
    if book.unit_id != unit.pk:
        raise ProgrammeError(_("Hãy chọn chương trình học liệu của đơn vị mình."), field="curriculum")
    row = new_lesson(book, version.said, actor, now)
    row.forked_from, row.lineage, row.source_seen_at = version, _lineage(source, version), now
    row.client_key = client_key[:40]
    if not insert_keyed(row, f"{version.said.title} {unit.name}", "", "bai-hoc"):
        return known(Lesson, actor_id(actor), client_key)  # type: ignore[no-any-return]
    audit_record(
        actor=actor, action="programmes.lesson.fork", target=row,
        after={"source": str(source.pk), "version": version.number}, at=now,
    )  # fmt: skip
    return row


def _adaptable(source: Lesson, version: LessonVersion) -> None:
    if source.state == LessonState.WITHDRAWN:
        newer = successor_of(source)
        if newer is not None:
            raise ProgrammeError(
                _(
                    "Bài này đã rút nên không làm bản phỏng tác được. Hãy mở bài thay thế “%(title)s” và làm từ đó."
                )
                % {"title": newer.title},
                code="lesson-withdrawn",
            )
        raise ProgrammeError(
            _(
                "Bài này đã rút (%(reason)s) nên không làm bản phỏng tác được. Hãy tìm bài khác trong danh sách, hoặc hỏi %(unit)s."
            )
            % {"reason": source.withdraw_reason, "unit": source.unit.name},
            code="lesson-withdrawn",
        )
    if version.said.licence not in ADAPTABLE:
        raise ProgrammeError(
            _("Giấy phép của bài không cho sửa (%(licence)s). Hãy dùng nguyên bản, hoặc xin phép %(unit)s.")
            % {"licence": version.said.licence_label, "unit": source.unit.name}
        )


def successor_of(row: Lesson) -> Lesson | None:
    """Return the lesson to use instead of a withdrawn one: the first in the row of successors that still stands."""
    seen = {row.pk}
    newer = row.successor
    while (
        newer is not None and newer.state == LessonState.WITHDRAWN and newer.pk not in seen and len(seen) < 10
    ):
        seen.add(newer.pk)
        newer = newer.successor
    return newer if newer is not None and newer.state == LessonState.PUBLISHED else None


def _lineage(source: Lesson, version: LessonVersion) -> list[dict[str, Any]]:
    said = version.said
    first = {
        "lesson": source.pk, "key": source.key, "version": version.number, "title": said.title, "unit": source.unit.name,
        "credits": said.credits, "licence": said.licence,
    }  # fmt: skip
    return [first, *source.lineage][:MOST_LINEAGE]


def _home(actor: Actor, unit: Unit, book: Curriculum, now: datetime) -> Curriculum:
    held = Curriculum.objects.filter(unit=unit, title=book.title).order_by("pk").first()
    return held or curriculum_create(actor=actor, unit=unit, title=book.title, summary=book.summary, now=now)


@transaction.atomic
def source_seen(*, actor: Actor, lesson_id: int, now: datetime) -> Lesson:
    """Say that what the source did since is known. Raises PermissionDeniedError, ProgrammeError."""
    row = drafting(actor, lesson_id, now)
    if row.forked_from_id is None:
        raise ProgrammeError(_("Bài này không phải bản phỏng tác."))
    row.source_seen_at = now
    row.save(update_fields=["source_seen_at"])
    audit_record(actor=actor, action="programmes.lesson.source_seen", target=row, at=now)
    return row
