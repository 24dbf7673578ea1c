"""What every deed on lessons begins with: the row locked, the right asked, the columns of lists kept in step."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold
from khcn.engines.text.slug import slugify_vi
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.curricula import Lesson
from khcn.programmes.models.programmes import barred
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_curricula import can_draft, can_review
from khcn.programmes.rules.curricula import Content, cleaned

COLUMNS: Final = (
    "title", "summary", "subject", "age_from", "age_to", "grade_from", "grade_to", "minutes", "cost", "licence",
)  # fmt: skip

RESERVED: Final = frozenset({"chuong-trinh"})  # what stands in addresses beside lessons


def locked(pk: int) -> Lesson:
    """Return a lesson that nobody else changes meanwhile. Raises ProgrammeError."""
    row = Lesson.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise ProgrammeError(_("Không thấy bài học này. Hãy mở lại danh sách."))
    return row


def drafting(actor: Actor, pk: int, now: datetime) -> Lesson:
    """Return a locked lesson that the actor may write. Raises PermissionDeniedError."""
    row = locked(pk)
    if not can_draft(acting(actor, local_date(now)), row.unit_id):
        raise PermissionDeniedError(
            _("Chỉ người báo cáo của đơn vị soạn bài và chuyên viên đầu mối làm việc này.")
        )
    return row


def reviewing(actor: Actor, pk: int, now: datetime) -> Lesson:
    """Return a locked lesson that the actor may review. Raises PermissionDeniedError."""
    row = locked(pk)
    if not can_review(acting(actor, local_date(now)), row.unit_id):
        raise PermissionDeniedError(_("Chỉ trưởng đơn vị soạn bài và chuyên viên đầu mối làm việc này."))
    return row


def columns_follow(row: Lesson, said: Content) -> None:
    """Let the columns of lists say what the lesson says."""
    for name in COLUMNS:
        setattr(row, name, getattr(said, name))
    row.audiences = barred(said.audiences)
    row.sort_key = sort_key(said.title)
    row.search_text = fold(
        f"{said.title} {said.summary} {said.subject_label} {' '.join(said.objective_lines)}"
    )[:5000]


def reason_of(text: str, missing: str, *, field: str = "reason") -> str:
    """Return a reason. Raises ProgrammeError when there is none, or it is too long."""
    reason = cleaned(text, 500, field=field, label=_("Lý do"))
    if not reason:
        raise ProgrammeError(missing, field=field)
    return reason


def insert_keyed(row: Any, title: str, key: str, fallback: str) -> bool:
    """Save a new row under the first free address; ``False``: the same form was sent twice at once."""
    manager: models.Manager[Any] = type(row).objects
    base = slugify_vi(key or title, 100) or fallback
    base = f"bai-{base}" if base in RESERVED else base
    for number in range(1, 500):
        row.key = base if number == 1 else f"{base}-{number}"
        if manager.filter(key=row.key).exists():
            continue
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            row.pk = None
            if known(type(row), row.created_by_id, row.client_key) is not None:
                return False
            continue
        return True
    raise ProgrammeError(_("Đã có quá nhiều bài cùng tên. Hãy đặt tên khác."), field="title")


def known(model: Any, maker: int | None, client_key: str) -> Any:
    """Return what the same form made before; ``None``: nothing."""
    if maker is None or not client_key:
        return None
    return model.objects.filter(created_by_id=maker, client_key=client_key[:40]).first()


def with_drafter(held: Iterable[int], actor_pk: int | None) -> list[int]:
    """Return who wrote, with one more."""
    people = dict.fromkeys(held)
    if actor_pk is not None:
        people[actor_pk] = None
    return list(people)
