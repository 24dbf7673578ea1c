"""The files of a consolidated report: Word, PDF, Excel; made by the worker, kept by revision, made again at will."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.enums import JOB_ACTIVE
from khcn.core.errors import PermissionDeniedError
from khcn.core.jobs import job_progress, job_running, job_start
from khcn.core.models.jobs import Job
from khcn.core.papers.parts import Paper
from khcn.core.papers.pdf import docx_pdf, office_program
from khcn.core.papers.writer import paper_docx
from khcn.core.tasks import enqueue_on_commit
from khcn.engines.plans.frozen import content_hash
from khcn.engines.plans.gather import joined
from khcn.plan.errors import PlanError
from khcn.plan.models import Consolidation, ReportPeriod, RollText
from khcn.plan.roll_book import roll_book
from khcn.plan.roll_charts import roll_charts
from khcn.plan.roll_frame import roll_frame
from khcn.plan.roll_paper import roll_paper
from khcn.plan.roll_tasks import roll_files_task
from khcn.plan.selectors.roll_content import Computed
from khcn.plan.services.rolls import IN_WORK, default_title, roll_computed
from khcn.plan.services.rolls_approval import frozen_content
from khcn.ui.charts.store import chart_png

KIND: Final = "plan.roll"
ENDINGS: Final = ("docx", "pdf", "xlsx")


@dataclass(frozen=True)
class Whole:
    """A report ready to be written: its frozen content, the hash of it, and what stands around it."""

    period: ReportPeriod
    content: Mapping[str, Any]
    title: str
    texts: Sequence[tuple[str, str]]
    number: int | None = None
    day: Any = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of the content."""
        return content_hash(dict(self.content))


def whole_of(roll: Consolidation) -> Whole:
    """Return a report as it stands; an issued one as it was frozen."""
    content = roll.snapshot or frozen_content(roll)
    document = roll.document
    return Whole(
        period=roll.period,
        content=content,
        title=content["title"],
        texts=[(text["title"], text["text"]) for text in content["texts"]],
        number=document.number if document else None,
        day=document.dated if document else None,
    )


def whole_of_period(period: ReportPeriod, now: datetime) -> Whole:
    """Consolidate a period without writing anything; texts that somebody edited in the report in work are taken."""
    computed = roll_computed(period, now)
    roll = Consolidation.objects.filter(period=period, state__in=IN_WORK).first()
    edited = {text.order: text for text in roll.texts.filter(edited=True)} if roll else {}
    texts = [_text_entry(computed, place, edited) for place in range(len(computed.headings))]
    title = roll.title if roll else default_title(period)
    content = {**computed.content, "title": title, "number": roll.number if roll else 1, "texts": texts}
    return Whole(period, content, title, [(text["title"], text["text"]) for text in texts])


def _text_entry(computed: Computed, place: int, edited: Mapping[int, RollText]) -> dict[str, Any]:
    heading = computed.headings[place]
    held = edited.get(heading.order)
    return {
        "order": heading.order,
        "title": heading.title,
        "text": held.text if held else joined(heading.gathered),
        "gathered": [{"unit": one.unit, "report": one.report, "text": one.text} for one in heading.said],
    }


def whole_paper(whole: Whole, now: datetime) -> Paper:
    """Return the paper, charts drawn (worker and command line only)."""
    pictures = {part: (chart, chart_png(chart)) for part, chart in roll_charts(whole.content).items()}
    return roll_paper(
        whole.content,
        roll_frame(whole.period, number=whole.number, day=whole.day),
        title=whole.title,
        texts=whole.texts,
        digest=whole.digest,
        pictures=pictures,
        created=now,
    )


def whole_book(whole: Whole) -> bytes:
    """Return the number annex."""
    return roll_book(whole.content, digest=whole.digest, title=whole.title)


@dataclass(frozen=True)
class Written:
    """What was written to a folder. ``missing``: why a kind of file was not made."""

    files: tuple[Path, ...]
    missing: dict[str, str] = field(default_factory=dict)


class FolderError(PlanError):
    """A folder to which nothing can be written."""

    code = "folder"


def write_whole(whole: Whole, folder: Path, now: datetime) -> Written:
    """Write the three files of a report to ``folder``, each replaced at once or not at all.

    :raises FolderError: the folder cannot be made or written to.
    """
    name = f"bao-cao-tong-hop-{whole.period.code}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        docx = paper_docx(whole_paper(whole, now))
        made = [_put(folder / f"{name}.docx", docx)]
        missing = {}
        if office_program():
            made.append(_put(folder / f"{name}.pdf", docx_pdf(docx)))
        else:
            missing["pdf"] = _("Máy này chưa có LibreOffice nên chưa tạo được PDF.")
        made.append(_put(folder / f"{name}.xlsx", whole_book(whole)))
    except OSError as error:
        raise FolderError(
            _("Không ghi được vào thư mục %(folder)s: %(why)s. Hãy chọn thư mục khác hoặc cấp quyền ghi.")
            % {"folder": folder, "why": error.strerror or str(error)}
        ) from error
    return Written(tuple(made), missing)


def _put(path: Path, data: bytes) -> Path:
    """Write a file beside its place and move it there: readers see the old one or the new one, never half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


# Files of the pages


def roll_file_path(roll: Consolidation, ending: str) -> Path:
    """Return where a file of this very revision lies, whether it exists or not."""
    if ending not in ENDINGS:
        raise ValueError(f"one of {ENDINGS} was expected, got {ending!r}")
    folder: Path = settings.KHCN.data_dir / "reports" / "plan"
    return folder / f"tong-hop-{roll.pk}-{roll.revision}.{ending}"


def roll_files(roll: Consolidation) -> list[str]:
    """Return the kinds of files that exist for a report as it stands."""
    return [ending for ending in ENDINGS if roll_file_path(roll, ending).exists()]


def roll_job(roll: Consolidation) -> Job | None:
    """Return the job that makes the files of a report right now."""
    jobs = Job.objects.filter(kind=KIND, state__in=JOB_ACTIVE).order_by("-id")
    return next((job for job in jobs if job.arguments.get("roll_id") == roll.pk), None)


def roll_files_request(*, actor: Any, roll: Consolidation, now: datetime) -> Job:
    """Have the files made; asking twice while they are being made gives the same job.

    :raises PermissionDeniedError: the actor does not read this report.
    """
    if not Consolidation.objects.visible_to(actor, timezone.localdate(now)).filter(pk=roll.pk).exists():
        raise PermissionDeniedError(_("Bạn không xem được báo cáo này nên không lập tệp được."))
    return roll_job(roll) or _start(actor, roll, now)


def _start(actor: Actor, roll: Consolidation, now: datetime) -> Job:
    with transaction.atomic():
        job = job_start(
            kind=KIND,
            title=_("Lập tệp báo cáo tổng hợp: %(title)s") % {"title": roll.title},
            actor=actor,
            total=3,
            arguments={"roll_id": roll.pk},
            queued=True,
            now=now,
        )
        audit_record(actor=actor, action="plan.roll.files", target=roll, at=now)
        enqueue_on_commit(roll_files_task, job.pk)
    return job


def roll_files_make(job_id: int) -> None:
    """Make the files of a queued request (worker)."""
    job = Job.objects.get(pk=job_id)
    roll = Consolidation.objects.select_related("period__regime__plan", "document").get(
        pk=job.arguments["roll_id"]
    )
    with job_running(job=job, total=3):
        whole = whole_of(roll)
        roll_file_path(roll, "docx").parent.mkdir(parents=True, exist_ok=True)
        _put(roll_file_path(roll, "xlsx"), whole_book(whole))
        job_progress(job, done=1)
        docx = paper_docx(whole_paper(whole, timezone.now()))
        _put(roll_file_path(roll, "docx"), docx)
        job_progress(job, done=2)
        if office_program():
            _put(roll_file_path(roll, "pdf"), docx_pdf(docx))
        _forget_older(roll)


def _forget_older(roll: Consolidation) -> None:
    """Remove files of older revisions."""
    for path in roll_file_path(roll, "docx").parent.glob(f"tong-hop-{roll.pk}-*.*"):
        if not path.name.startswith(f"tong-hop-{roll.pk}-{roll.revision}."):
            path.unlink(missing_ok=True)


def retry_files(job: Job, actor: Actor) -> Job:
    """Start a request again that failed."""
    return _start(actor, Consolidation.objects.get(pk=job.arguments["roll_id"]), timezone.now())
