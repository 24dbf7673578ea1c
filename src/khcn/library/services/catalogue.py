"""Catalogue files on their way in: taken, read in the background, shown, confirmed, brought in record by record.

A file is read twice: once to show what would happen, once to do it, because the library may have changed between. What
has been brought in is recognised, so a run that was killed goes on where it was when it is started again.
"""

import hashlib
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.enums import JOB_ACTIVE
from khcn.core.errors import KhcnError
from khcn.core.exports.forms import CellError
from khcn.core.jobs import job_progress, job_running, job_start
from khcn.core.models.jobs import Job
from khcn.core.numbers import size_vi
from khcn.core.tasks import enqueue_on_commit
from khcn.library import permissions
from khcn.library.enums import CATALOGUE_ACTIVE_STATES, CatalogueState
from khcn.library.errors import LibraryPermissionError, StateChangedError
from khcn.library.imports.catalogue_rows import SOURCE, catalogue_rows, file_format
from khcn.library.imports.drafts import RecordDraft
from khcn.library.models import Audience, CatalogueFile, Collection, Subject
from khcn.library.services.catalogue_plan import OUTCOMES, Planned, Planner
from khcn.library.services.external import UpsertContext, works_upsert_external
from khcn.library.services.taxonomy import Terms
from khcn.library.services.version_records import versions_after, versions_before
from khcn.library.services.works import work_update
from khcn.library.tasks import catalogue_task
from khcn.library.uploads import Upload

JOB_KIND: Final = "library.catalogue"
MAX_BYTES: Final = 100 * 2**20
MAX_FAULTS: Final = 500
MAX_SAMPLE: Final = 30
MAX_EACH: Final = 12  # of the sample, of one outcome
_MODELS: Final[dict[str, type[Collection] | type[Subject] | type[Audience]]] = {
    "collections": Collection,
    "subjects": Subject,
    "audiences": Audience,
}


class CatalogueFileError(KhcnError):
    """A file that cannot be taken as a catalogue."""

    code = "catalogue-file"
    status = 422


def spool_path(pk: int) -> Path:
    """Return where a catalogue file waits."""
    return Path(settings.KHCN.data_dir) / "spool" / "catalogue" / str(pk)


def _check(actor: Actor) -> None:
    if not permissions.can_keep(actor):
        raise LibraryPermissionError(_("nhập danh mục tài liệu"))


def catalogue_take(
    *,
    actor: Actor,
    upload: Upload,
    unit_id: int | None,
    collection_id: int | None,
    now: datetime,
    background: bool = True,
) -> CatalogueFile:
    """Keep a file and have it read in the background (or by the caller, with :func:`catalogue_work`).

    :raises CatalogueFileError: when it is too large, empty or of another kind; then nothing is kept.
    """
    _check(actor)
    row, path = None, None
    try:
        with transaction.atomic():
            row = CatalogueFile.objects.create(
                name=Path(upload.name or "tep").name[:200], sha256="", size_bytes=0, actor_id=actor_id(actor),
                unit_id=unit_id, collection_id=collection_id, created_at=now,
            )  # fmt: skip
            path = spool_path(row.pk)
            row.sha256, row.size_bytes = _write(path, upload.chunks())
            row.format = file_format(path)
            if not row.format:
                raise CatalogueFileError(
                    _(
                        "Không nhận ra tệp này. Hãy gửi tệp MARC (.mrc), MARCXML (.xml) hoặc bảng Excel theo mẫu (.xlsx)."
                    )
                )
            row.job_id = _job(row, actor, now).pk
            row.save()
            audit_record(
                actor=actor, action="library.catalogue.take", target=row, after={"name": row.name, "sha256": row.sha256}, at=now
            )  # fmt: skip
            if background:
                enqueue_on_commit(catalogue_task, row.pk)
    except BaseException:
        if path is not None:
            path.unlink(missing_ok=True)
        raise
    return row


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[str, int]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as sink:
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_BYTES:
                raise CatalogueFileError(
                    _("Tệp lớn quá %(limit)s. Hãy chia thành nhiều tệp nhỏ hơn.")
                    % {"limit": size_vi(MAX_BYTES)}
                )
            digest.update(chunk)
            sink.write(chunk)
        sink.flush()
        os.fsync(sink.fileno())
    if not size:
        raise CatalogueFileError(_("Tệp trống. Hãy chọn lại tệp rồi gửi lần nữa."))
    return digest.hexdigest(), size


def _job(row: CatalogueFile, actor: Actor, now: datetime) -> Job:
    title = _("Nhập danh mục: %(name)s") % {"name": row.name}
    return job_start(
        kind=JOB_KIND, title=title, actor=actor, arguments={"file": row.pk}, queued=True, now=now
    )


def catalogue_confirm(
    *,
    actor: Actor,
    file: CatalogueFile,
    publish: bool,
    doubles: bool,
    now: datetime,
    background: bool = True,
) -> CatalogueFile:
    """Have the file brought in; ``publish``: new works go public at once, ``doubles``: also those that may be double.

    :raises StateChangedError: when it does not wait for this any more (two clicks bring it in once).
    """
    _check(actor)
    with transaction.atomic():
        waiting = CatalogueFile.objects.filter(pk=file.pk, state=CatalogueState.READY)
        if not waiting.update(state=CatalogueState.RUNNING, publish=publish, doubles=doubles, message=""):
            raise StateChangedError(file.get_state_display())
        file.refresh_from_db()
        _start_again(file, actor, now, background=background)
        audit_record(
            actor=actor, action="library.catalogue.confirm", target=file,
            after={"publish": publish, "doubles": doubles, "counts": file.counts}, at=now,
        )  # fmt: skip
    return file


def catalogue_resume(*, actor: Actor, file: CatalogueFile, now: datetime) -> CatalogueFile:
    """Go on with a file whose reading or bringing in was cut off. :raises StateChangedError: when it was not."""
    _check(actor)
    with transaction.atomic():
        state = CatalogueState.RUNNING if file.counts else CatalogueState.READING
        stopped = CatalogueFile.objects.filter(pk=file.pk, state=CatalogueState.FAILED)
        if not stopped.update(state=state, message="", finished_at=None):
            raise StateChangedError(file.get_state_display())
        file.refresh_from_db()
        _start_again(file, actor, now)
    return file


def _start_again(file: CatalogueFile, actor: Actor, now: datetime, *, background: bool = True) -> Job:
    job = _job(file, actor, now)
    CatalogueFile.objects.filter(pk=file.pk).update(job_id=job.pk)
    file.job_id = job.pk
    if background:
        enqueue_on_commit(catalogue_task, file.pk)
    return job


def catalogue_drop(*, actor: Actor, file: CatalogueFile, now: datetime) -> None:
    """Put a file away that is not to be brought in. :raises StateChangedError: while it is being worked on."""
    _check(actor)
    with transaction.atomic():
        idle = CatalogueFile.objects.filter(
            pk=file.pk, state__in=[CatalogueState.READY, CatalogueState.FAILED]
        )
        if not idle.update(state=CatalogueState.DROPPED, finished_at=now):
            raise StateChangedError(file.get_state_display())
        audit_record(actor=actor, action="library.catalogue.drop", target=file, at=now)
        transaction.on_commit(lambda: spool_path(file.pk).unlink(missing_ok=True))


def catalogue_work(file_id: int) -> None:
    """Do what waits for a file: read it to show it, or bring it in (the background task)."""
    file = CatalogueFile.objects.filter(pk=file_id, state__in=CATALOGUE_ACTIVE_STATES).first()
    if file is None:
        return
    job = Job.objects.get(pk=file.job_id or 0)
    reading = file.state == CatalogueState.READING
    try:
        with override(settings.LANGUAGE_CODE), job_running(job=job, total=file.size_bytes):
            _Run(file, job).go(write=not reading)
    except KhcnError as error:
        _end(file, CatalogueState.FAILED, message=error.message)
        return
    except BaseException:
        _end(
            file,
            CatalogueState.FAILED,
            message=_("Việc bị dừng giữa chừng. Phần đã nhập vẫn được giữ; hãy bấm Chạy tiếp."),
        )
        raise
    _end(file, CatalogueState.READY if reading else CatalogueState.DONE)


def _end(file: CatalogueFile, state: CatalogueState, message: str = "") -> None:
    done = state in {CatalogueState.DONE, CatalogueState.FAILED}
    CatalogueFile.objects.filter(pk=file.pk, state__in=CATALOGUE_ACTIVE_STATES).update(
        state=state, message=message[:1000], finished_at=timezone.now() if done else None
    )
    if state == CatalogueState.DONE:
        spool_path(file.pk).unlink(missing_ok=True)


class _Run:
    """One pass over a file."""

    def __init__(self, file: CatalogueFile, job: Job) -> None:
        self.file, self.job = file, job
        self.counts: dict[str, Any] = dict.fromkeys(OUTCOMES, 0)
        self.faults: list[dict[str, Any]] = []
        self.sample: list[dict[str, Any]] = []
        self.terms = {name: Terms(model) for name, model in _MODELS.items()}
        shared = (file.collection.name,) if file.collection else ()
        self.context = UpsertContext(
            now=timezone.now(), publish=file.publish, source=SOURCE, unit_id=file.unit_id, collections=shared, batch_id=file.pk,
        )  # fmt: skip

    def go(self, *, write: bool) -> None:
        """Read every record; with ``write`` bring it in."""
        rows = catalogue_rows(spool_path(self.file.pk), self.file.format)
        seen = 0
        for chunk in Planner().plan(rows):
            for planned in chunk:
                self._note(planned)
            if write:
                self._write(chunk)
            seen += len(chunk)
            job_progress(self.job, done=0, total=0, message=_("%(count)s bản ghi") % {"count": seen})
        self.counts["total"] = seen
        fields: dict[str, Any] = {"counts": self.counts, "faults": self.faults}
        if not write:
            fields["sample"] = self.sample
        CatalogueFile.objects.filter(pk=self.file.pk).update(**fields)

    def _note(self, planned: Planned) -> None:
        self.counts[planned.outcome] += 1
        row = planned.row
        if row.encoding not in ("", "ascii", "utf-8", "xml"):
            encodings = self.counts.setdefault("encodings", {})
            encodings[row.encoding] = encodings.get(row.encoding, 0) + 1
        for fault in row.faults:
            self._fault(fault, "bad")
        for note in row.notes:
            self._fault(CellError(row.number, "", note), "watch")
        for ident, title, why in planned.doubles[:3]:
            text = _("Có thể trùng với “%(title)s” (%(why)s).") % {"title": title[:120], "why": why}
            self._fault(CellError(row.number, "", text), "watch", work=ident)
        kept = sum(one["outcome"] == planned.outcome for one in self.sample)
        if (
            row.draft is not None
            and planned.outcome != "faulty"
            and kept < MAX_EACH
            and len(self.sample) < MAX_SAMPLE
        ):
            self.sample.append(_shown(planned, row.draft))

    def _fault(self, fault: CellError, tone: str, work: int = 0) -> None:
        if tone == "bad":
            self.counts["faults"] = self.counts.get("faults", 0) + 1
        if len(self.faults) < MAX_FAULTS:
            said = {"row": fault.row, "column": fault.column, "message": fault.message, "tone": tone}
            self.faults.append({**said, "work": work} if work else said)

    def _write(self, chunk: list[Planned]) -> None:
        wanted = {"new", "double"} if self.file.doubles else {"new"}
        self._insert([one for one in chunk if one.outcome in wanted and one.row.draft is not None])
        for planned in chunk:
            if planned.outcome == "changed":
                self._change(planned)

    def _insert(self, taken: list[Planned]) -> None:
        """Bring new works in together; one that the database refuses is found by halves and fails alone."""
        drafts = [one.row.draft for one in taken if one.row.draft is not None]
        if not drafts:
            return
        try:
            works_upsert_external(actor=self.file.actor, drafts=drafts, context=self.context)
        except (IntegrityError, DataError):
            if len(taken) > 1:
                half = len(taken) // 2
                self._insert(taken[:half])
                self._insert(taken[half:])
                return
            self._refused(
                taken[0], _("Cơ sở dữ liệu không nhận bản ghi này. Hãy kiểm tra các giá trị rồi nhập lại.")
            )

    def _change(self, planned: Planned) -> None:
        draft, work = planned.row.draft, planned.work
        if draft is None or work is None:
            return
        try:
            now = timezone.now()
            before = versions_before([work], now=now)
            work_update(
                actor=self.file.actor,
                work=work,
                now=now,
                values=planned.changes.values,
                terms={name: self._term_ids(name, names) for name, names in planned.changes.terms.items()},
                legal=planned.changes.legal,
                content_hash=draft.content_hash if planned.row.work_id is None else "",
            )
            versions_after(before, actor=self.file.actor, cause=_("Sửa theo tệp biên mục"), now=now)
        except KhcnError as error:
            self._refused(planned, error.message)
        except (IntegrityError, DataError):
            self._refused(
                planned, _("Cơ sở dữ liệu không nhận thay đổi này. Hãy kiểm tra các giá trị rồi nhập lại.")
            )

    def _term_ids(self, name: str, names: list[str]) -> list[int]:
        return self.terms[name].ids(names)

    def _refused(self, planned: Planned, why: str) -> None:
        self.counts[planned.outcome] -= 1
        self.counts["faulty"] += 1
        self._fault(CellError(planned.row.number, "", why), "bad")


def _shown(planned: Planned, draft: RecordDraft) -> dict[str, Any]:
    """Return a record as the reader would see it, for the page that asks for confirmation."""
    people = [str(one.get("name", "")) for one in draft.fields.get("creators", [])[:3]]
    return {
        "row": planned.row.number,
        "outcome": planned.outcome,
        "title": draft.title,
        "by": draft.legal.get("organ_name") or ", ".join(people) or draft.fields.get("publisher") or "",
        "number": draft.legal.get("number") or "",
        "year": draft.fields.get("issued_year") or "",
        "subjects": draft.subjects[:4],
        "abstract": str(draft.fields.get("abstract") or "")[:200],
        "changes": planned.changes.names(),
        "work": planned.work.pk if planned.work else 0,
        "doubles": [
            {"work": ident, "title": title, "why": str(why)} for ident, title, why in planned.doubles[:3]
        ],
    }


def catalogue_interrupted(now: datetime) -> int:
    """Periodic: files whose worker is gone are shown as cut off, so that somebody lets them go on."""
    stopped = 0
    for file in CatalogueFile.objects.filter(state__in=CATALOGUE_ACTIVE_STATES):
        job = Job.objects.filter(pk=file.job_id or 0).first()
        if job is None or job.state not in JOB_ACTIVE:
            text = _(
                "Máy đang làm việc này đã dừng giữa chừng. Phần đã nhập vẫn được giữ; hãy bấm Chạy tiếp."
            )
            stopped += CatalogueFile.objects.filter(pk=file.pk, state=file.state, job_id=file.job_id).update(
                state=CatalogueState.FAILED, message=text, finished_at=now
            )
    return stopped


def job_retry_catalogue(job: Job, actor: Actor) -> Job:
    """Go on with a file from its job row (the retry handler of ``library.catalogue``)."""
    file = CatalogueFile.objects.get(pk=job.arguments["file"])
    now = timezone.now()
    CatalogueFile.objects.filter(pk=file.pk, state__in=CATALOGUE_ACTIVE_STATES).update(
        state=CatalogueState.FAILED
    )
    file.refresh_from_db()
    return Job.objects.get(pk=catalogue_resume(actor=actor, file=file, now=now).job_id or 0)
