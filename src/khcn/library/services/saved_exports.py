"""Lists of works as files: small ones at once, large ones by the worker for whoever asked, kept for a day."""

import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.enums import JOB_ACTIVE, JobState
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.jobs import job_progress, job_running, job_start
from khcn.core.models.jobs import Job
from khcn.core.papers.pdf import OfficeMissingError, docx_pdf, office_program
from khcn.core.papers.writer import paper_docx
from khcn.core.tasks import enqueue_on_commit
from khcn.library.list_columns import ListColumn, chosen_columns
from khcn.library.list_files import ListHead, list_paper, write_list_xlsx
from khcn.library.models import ExportChoice
from khcn.library.permissions import can_use_desk
from khcn.library.saved_tasks import export_make_task
from khcn.library.selectors.lists import WantedList, list_ids, list_lines, list_words

KIND: Final = "library.export"
KINDS: Final = ("xlsx", "docx", "pdf")
STAFF_CAP: Final = 10_000
VISITOR_CAP: Final = 200
PAPER_CAP: Final = {"docx": 10_000, "pdf": 3_000}
PAPER_COLUMNS: Final = 10
AT_ONCE: Final = {
    "xlsx": 500,
    "docx": 100,
    "pdf": 0,
}  # works that a web process writes while the reader waits
KEPT: Final = timedelta(days=1)
MOST_RUNNING: Final = 3  # of one person
_PDF_TIMEOUT_S: Final = 600.0
_IN_MEMORY: Final = 4 * 2**20


class ExportRefusedError(KhcnError):
    """A list that is not written as asked: no columns, too many, a kind of file that this reader may not have."""

    code = "export-refused"
    status = 422


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as asked for: which works, which columns (keys, in the order of the page), which kind of file."""

    wanted: WantedList
    columns: tuple[str, ...]
    kind: str

    def as_json(self) -> dict[str, Any]:
        """Return what a job keeps."""
        wanted = self.wanted
        return {
            "source": wanted.source, "params": wanted.params, "box": wanted.box, "query": wanted.query,
            "columns": list(self.columns), "kind": self.kind,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Asked":
        """Read what a job kept."""
        wanted = WantedList(kept["source"], kept["params"], kept["box"], kept["query"])
        return cls(wanted, tuple(kept["columns"]), kept["kind"])


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """A written list, at its beginning; whoever gets it closes it."""

    file: IO[bytes]
    name: str


def is_signed_in(user: Any) -> bool:
    """Whether somebody has an account that is in use."""
    return bool(user is not None and user.is_authenticated and user.is_active)


def is_staff(user: Any) -> bool:
    """Whether somebody works on the library's desk, and so sees the columns of the desk."""
    return is_signed_in(user) and can_use_desk(user)


def cap_of(user: Any, kind: str = "xlsx") -> int:
    """Return how many works a list of this reader may hold."""
    most = STAFF_CAP if is_signed_in(user) else VISITOR_CAP
    return min(most, PAPER_CAP.get(kind, most))


def choice_of(user: Any) -> tuple[tuple[str, ...], str]:
    """Return the columns and the kind of file that a person chose last."""
    row = ExportChoice.objects.filter(user=user).first() if is_signed_in(user) else None
    return (tuple(map(str, row.columns)), row.kind) if row else ((), "")


def export_request(*, actor: Any, asked: Asked, now: datetime) -> ReadyFile | Job:
    """Write a small list at once, have a large one written; remember what this person chose.

    :raises ExportRefusedError: no such list. :raises IndexUnavailableError: the search cannot be answered now.
    """
    columns = _checked(actor, asked)
    ids, total = _ids(asked, actor, now)
    if is_signed_in(actor):
        _remember(actor, asked)
    if len(ids) > AT_ONCE[asked.kind] and is_signed_in(actor):
        return _start(actor, asked, len(ids), now)
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # the response closes it
    head = _head(asked, actor, len(ids), total, now)
    _write(file, asked, columns, ids=ids, head=head, user=actor, now=now)
    file.seek(0)
    return ReadyFile(file, file_title(asked, now))


def _checked(actor: Any, asked: Asked) -> tuple[ListColumn, ...]:
    columns = chosen_columns(asked.columns, staff=is_staff(actor))
    if not columns:
        raise ExportRefusedError(_("Chưa chọn cột nào. Hãy chọn ít nhất một cột."))
    if asked.kind not in KINDS:
        raise ExportRefusedError(_("Hãy chọn loại tệp: Excel, Word hoặc PDF."))
    if asked.wanted.source == "search" and not asked.wanted.params:
        raise ExportRefusedError(_("Chưa có kết quả nào để xuất. Hãy tìm trước."))
    if asked.wanted.source == "desk" and not is_staff(actor):
        raise PermissionDeniedError(_("Vai trò của bạn không dùng bàn làm việc của thư viện."))
    if asked.kind == "pdf" and not is_signed_in(actor):
        raise ExportRefusedError(
            _("Bản PDF chỉ lập cho người đã đăng nhập, vì tốn máy. Hãy tải bản Word hoặc Excel.")
        )
    if asked.kind == "pdf" and office_program() is None:
        raise OfficeMissingError
    if asked.kind != "xlsx" and len(columns) > PAPER_COLUMNS:
        raise ExportRefusedError(
            _(
                "Trang giấy chứa được %(most)s cột, bạn chọn %(count)s. Hãy bỏ bớt cột, hoặc tải bản Excel chứa đủ."
            )
            % {"most": PAPER_COLUMNS, "count": len(columns)}
        )
    return columns


def _ids(asked: Asked, user: Any, now: datetime) -> tuple[list[int], int]:
    """Return the ids to list, and how many were found as far as anybody counts."""
    found = list_ids(asked.wanted, user=user, cap=STAFF_CAP + 1, now=now)
    return found[: cap_of(user, asked.kind)], len(found)


def _head(asked: Asked, user: Any, listed: int, total: int, now: datetime) -> ListHead:
    words = list_words(asked.wanted, now=now)
    return ListHead(words, total=max(total, listed), listed=listed, made_at=now, official=is_staff(user))


def _remember(user: Any, asked: Asked) -> None:
    values = {"columns": list(asked.columns), "kind": asked.kind}
    ExportChoice.objects.update_or_create(user=user, defaults=values)


def _start(actor: Any, asked: Asked, size: int, now: datetime) -> Job:
    with transaction.atomic():
        running = Job.objects.filter(kind=KIND, actor_id=actor.pk, state__in=JOB_ACTIVE)
        if running.count() >= MOST_RUNNING:
            raise ExportRefusedError(
                _("Bạn đang có %(count)s danh sách chờ lập. Hãy đợi xong rồi xuất tiếp.")
                % {"count": MOST_RUNNING}
            )
        job = job_start(
            kind=KIND,
            title=_("Xuất danh sách tài liệu (%(kind)s)") % {"kind": asked.kind.upper()},
            actor=actor,
            total=size,
            arguments={**asked.as_json(), "file": secrets.token_hex(16)},
            queued=True,
            now=now,
        )
        enqueue_on_commit(export_make_task, job.pk)
    return job


def export_make(job_id: int) -> None:
    """Write the file of a queued job (worker), with the rights that its maker has at this moment."""
    job = Job.objects.select_related("actor").get(pk=job_id)
    asked, user, now = Asked.from_json(job.arguments), job.actor, timezone.now()
    with job_running(job=job, total=job.total):
        if not is_signed_in(user):
            raise PermissionDeniedError(_("Tài khoản này không còn dùng được nên không lập được danh sách."))
        columns = _checked(user, asked)
        ids, total = _ids(asked, user, now)
        head = _head(asked, user, len(ids), total, now)
        place = export_path(job)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = place.with_suffix(".part")
        try:
            with draft.open("xb") as file:
                _write(file, asked, columns, ids=ids, head=head, user=user, now=now, job=job)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)


def _write(
    file: Any,
    asked: Asked,
    columns: Sequence[ListColumn],
    *,
    ids: Sequence[int],
    head: ListHead,
    user: Any,
    now: datetime,
    job: Job | None = None,
) -> None:
    def progress(done: int) -> None:
        if job is not None:
            job_progress(job, done=done)

    lines = list_lines(asked.wanted, ids, user=user, now=now, progress=progress)
    if asked.kind == "xlsx":
        write_list_xlsx(file, columns, lines, head)
        return
    docx = paper_docx(list_paper(columns, lines, head))
    file.write(docx if asked.kind == "docx" else docx_pdf(docx, timeout_s=_PDF_TIMEOUT_S))


def file_title(asked: Asked, now: datetime) -> str:
    """Return what the file is called when it is saved."""
    return f"{_('danh-sach-tai-lieu')}-{timezone.localtime(now):%Y%m%d-%H%M}.{asked.kind}"


def export_path(job: Job) -> Path:
    """Return where the file of a job lies, whether it exists or not."""
    kind, token = str(job.arguments["kind"]), str(job.arguments["file"])
    if kind not in KINDS or not token.isalnum():
        raise ValueError("no file of this service")
    return Path(settings.KHCN.files_dir) / "library-exports" / f"{job.pk}-{token}.{kind}"


def export_of(user: Any, pk: int) -> Job | None:
    """Return a list that this person had written; ``None`` for everything else, also those of others."""
    if not is_signed_in(user):
        return None
    return Job.objects.filter(pk=pk, kind=KIND, actor_id=user.pk).first()


def is_kept(job: Job, now: datetime) -> bool:
    """Whether the file of a finished job can still be fetched."""
    return (
        job.state == JobState.DONE
        and job.finished_at is not None
        and now < job.finished_at + KEPT
        and export_path(job).is_file()
    )


def exports_expire(now: datetime) -> int:
    """Delete the files whose day is over; return how many. Periodic duty."""
    folder = Path(settings.KHCN.files_dir) / "library-exports"
    gone = 0
    for place in folder.glob("*-*"):
        if place.stat().st_mtime < (now - KEPT).timestamp():
            place.unlink(missing_ok=True)
            gone += 1
    return gone


def job_retry_export(job: Job, actor: Any) -> Job:
    """Write a list again that failed; only who asked for it may."""
    if actor is None or job.actor_id != actor.pk:
        raise PermissionDeniedError(_("Danh sách này do người khác lập. Hãy tự xuất danh sách của bạn."))
    return _start(actor, Asked.from_json(job.arguments), job.total or 0, timezone.now())
