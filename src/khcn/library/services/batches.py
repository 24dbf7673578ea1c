"""Import batches: begun, counted, ended, and found again when their process was killed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.enums import JOB_ACTIVE
from khcn.core.jobs import job_start
from khcn.core.models.api import ApiToken
from khcn.core.models.jobs import Job
from khcn.library import permissions
from khcn.library.enums import UNFINISHED_ITEM_STATES, BatchOrigin, BatchState, ItemState
from khcn.library.errors import LibraryPermissionError
from khcn.library.imports.reports import ImportReport
from khcn.library.models import ImportBatch, ImportItem
from khcn.library.pipeline.types import Failure, Fingerprint
from khcn.library.services.filing import Filed

JOB_KIND = "library.import"


@transaction.atomic
def batch_start(
    *,
    actor: Actor,
    origin: BatchOrigin,
    paths: Sequence[str],
    now: datetime,
    unit_id: int | None = None,
    collection_id: int | None = None,
    publish: bool = False,
    token: ApiToken | None = None,
) -> ImportBatch:
    """Begin an import with a queued job row. :raises LibraryPermissionError: when the actor may not."""
    if not permissions.can_deposit(actor, unit_id) or (publish and not permissions.can_keep(actor)):
        raise LibraryPermissionError(_("nhập tài liệu"))
    batch = ImportBatch.objects.create(
        origin=origin,
        actor_id=actor_id(actor),
        unit_id=unit_id,
        collection_id=collection_id,
        publish=publish,
        token=token,
        paths=list(paths),
        started_at=now,
    )
    title = _("Nhập tài liệu: %(paths)s") % {"paths": ", ".join(paths)}
    job = job_start(
        kind=JOB_KIND, title=title, actor=actor, arguments={"batch": batch.pk}, queued=True, now=now
    )
    ImportBatch.objects.filter(pk=batch.pk).update(job_id=job.pk)
    batch.job_id = job.pk
    audit_record(
        actor=actor, action="library.import.start", target=batch, after={"paths": list(paths)}, at=now
    )
    return batch


def job_of(batch: ImportBatch) -> Job:
    """Return the job row that shows how far a batch is."""
    return Job.objects.get(pk=batch.job_id or 0)


def batch_finish(*, batch: ImportBatch, report: ImportReport, now: datetime, error: str = "") -> None:
    """Write the counts of an import that has ended."""
    ImportBatch.objects.filter(pk=batch.pk).update(
        state=BatchState.FAILED if error else BatchState.DONE,
        imported=report.imported,
        updated=report.updated,
        unchanged=report.unchanged,
        failed=len(report.failed),
        finished_at=now,
    )


def batch_note_failure(
    *, batch: ImportBatch, position: int, name: str, code: str, message: str, now: datetime
) -> None:
    """Keep one broken line of a batch where staff see it."""
    ImportItem.objects.update_or_create(
        batch=batch,
        position=position,
        defaults={
            "name": name[:1000],
            "state": ItemState.FAILED,
            "code": code,
            "message": message[:1000],
            "updated_at": now,
        },
    )


def item_note(
    *,
    batch: ImportBatch,
    position: int,
    name: str,
    mark: Fingerprint | None,
    result: Filed | Failure,
    now: datetime,
) -> ImportItem:
    """Keep the fate of one file where staff see it."""
    values: dict[str, Any] = {
        "name": name[:1000],
        "sha256": mark.sha256 if mark else "",
        "size_bytes": mark.size_bytes if mark else 0,
        "updated_at": now,
        "code": "",
        "message": "",
        "remedy": "",
    }
    if isinstance(result, Failure):
        values |= {"state": ItemState.FAILED, "code": result.code, "message": result.message[:1000]}
    else:
        values |= {
            "state": result.state,
            "warnings": [caution.as_json() for caution in result.cautions],
            "metadata": dict(result.metadata),
            "pages": result.pages,
            "work": result.work,
            "duplicate_of_id": result.duplicate_of,
        }
    item, _made = ImportItem.objects.update_or_create(batch=batch, position=position, defaults=values)
    return item


def batches_mark_interrupted(now: datetime) -> int:
    """Show imports whose process is gone as stopped, and their unfinished files as failed; return how many."""
    running = ImportBatch.objects.filter(state=BatchState.RUNNING, job_id__isnull=False)
    active = Job.objects.filter(state__in=JOB_ACTIVE).values("pk")
    gone = list(running.exclude(job_id__in=active))
    for batch in gone:
        with transaction.atomic():
            items = batch.items.filter(state__in=UNFINISHED_ITEM_STATES)
            items.update(
                state=ItemState.FAILED,
                code="interrupted",
                message=_("Việc nhập bị ngắt giữa chừng (máy tắt hoặc tiến trình bị dừng)."),
                remedy=_("Bấm “Thử lại”, hoặc chạy lại lệnh nhập; phần đã xong sẽ được bỏ qua."),
                updated_at=now,
            )
            ImportBatch.objects.filter(pk=batch.pk, state=BatchState.RUNNING).update(
                state=BatchState.FAILED,
                failed=batch.items.filter(state=ItemState.FAILED).count(),
                finished_at=now,
            )
    return len(gone)
