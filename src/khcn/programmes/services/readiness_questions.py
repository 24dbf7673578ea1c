"""Versions of the questionnaire: the first from the package's data, further ones as files, one of them current."""

import json
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.errors import PermissionDeniedError
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.readiness import Questionnaire
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_readiness import can_keep_questions
from khcn.programmes.rules.attendance import Fault, RowsError
from khcn.programmes.rules.readiness import faults_of
from khcn.programmes.rules.texts import kept_line

FIRST: Final = Path(__file__).resolve().parent.parent / "data" / "muc-do-so.json"
MOST_BYTES: Final = 300_000


def questionnaire_load(*, now: datetime) -> Questionnaire:
    """Return the current version; the first one comes from the package's data when there is none yet."""
    held = Questionnaire.objects.filter(is_current=True).first()
    if held is not None:
        return held
    content = json.loads(FIRST.read_text(encoding="utf-8"))
    try:
        with transaction.atomic():
            row = _created(content, _("Bộ câu hỏi đầu tiên"), None, now)
            Questionnaire.objects.filter(pk=row.pk).update(is_current=True, published_at=now)
            audit_record(actor=None, action="programmes.questionnaire.publish", target=row, at=now)
    except IntegrityError:  # two first visitors at once
        return Questionnaire.objects.get(is_current=True)
    row.refresh_from_db()
    return row


def questionnaire_upload(*, actor: Actor, file: IO[bytes], note: str, now: datetime) -> Questionnaire:
    """Keep a file as a new version, not public yet.

    :raises ProgrammeError: not a JSON file, too large. :raises RowsError: with every place that is wrong.
    """
    _only_keeper(actor)
    content = _content_of(file)
    faults = faults_of(content)
    if faults:
        raise RowsError(_("Bộ câu hỏi chưa đúng nên chưa lưu gì. Hãy sửa các chỗ sau rồi gửi lại."), faults)
    try:
        with transaction.atomic():
            row = _created(content, kept_line(note, 300), actor, now)
            audit_record(actor=actor, action="programmes.questionnaire.upload", target=row, at=now)
    except IntegrityError:
        raise StaleError(_("Có người vừa gửi một bản khác. Hãy tải lại trang rồi gửi lại.")) from None
    return row


@transaction.atomic
def questionnaire_publish(*, actor: Actor, questionnaire: Questionnaire, now: datetime) -> None:
    """Make a version the one that everybody answers from now on; checks that were begun stay with theirs. Twice is once."""
    _only_keeper(actor)
    versions = {one.pk: one for one in Questionnaire.objects.select_for_update().order_by("pk")}
    row = versions.get(questionnaire.pk)
    if row is None:
        raise StaleError(_("Bản này không còn nữa. Hãy tải lại trang."))
    if row.is_current:
        return
    Questionnaire.objects.filter(is_current=True).update(is_current=False)
    Questionnaire.objects.filter(pk=row.pk).update(is_current=True, published_at=row.published_at or now)
    audit_record(
        actor=actor, action="programmes.questionnaire.publish", target=row, after={"version": row.version}, at=now
    )  # fmt: skip


def _created(content: Any, note: str, actor: Actor, now: datetime) -> Questionnaire:
    last = Questionnaire.objects.aggregate(last=Max("version"))["last"] or 0
    return Questionnaire.objects.create(
        version=last + 1, content=content, note=note, created_at=now, created_by_id=actor_id(actor)
    )


def _content_of(file: IO[bytes]) -> Any:
    raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise ProgrammeError(_("Tệp lớn quá 300 kB. Hãy kiểm tra lại tệp."), field="file")
    try:
        content = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
        if r"\u0000" in json.dumps(content):  # PostgreSQL keeps no NUL
            raise ValueError("NUL")
        json.dumps(content, ensure_ascii=False).encode()  # nor halves of signs
    except UnicodeDecodeError:
        raise ProgrammeError(_("Tệp phải lưu dạng UTF-8. Hãy lưu lại rồi gửi."), field="file") from None
    except json.JSONDecodeError as error:
        words = {"line": error.lineno, "column": error.colno}
        raise RowsError(
            _("Tệp không phải JSON đúng cách viết."),
            [Fault(_("dòng %(line)s, cột %(column)s") % words, _("Thường là thiếu dấu phẩy hoặc dấu ngoặc kép."))],
        ) from error  # fmt: skip
    except (RecursionError, ValueError):
        raise ProgrammeError(_("Tệp không đọc được. Hãy bắt đầu lại từ tệp tải về."), field="file") from None
    return content


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _only_keeper(actor: Actor) -> None:
    if not can_keep_questions(acting(actor)):
        raise PermissionDeniedError(_("Chỉ chuyên viên đầu mối đổi bộ câu hỏi."))
