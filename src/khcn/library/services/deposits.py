"""Files handed in through the web: kept at once, read in the background, each ending in a state that is shown.

An upload waits in the spool under its batch and position. When its file has become a work, the spooled copy goes;
while it has not, it stays and can be tried again.
"""

import errno
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khcn.core.actors import Actor, actor_id
from khcn.core.api.auth import check_still
from khcn.core.audit import audit_record
from khcn.core.errors import KhcnError
from khcn.core.jobs import job_progress, job_running, job_start
from khcn.core.models.api import ApiToken
from khcn.core.models.jobs import Job
from khcn.core.tasks import enqueue_on_commit
from khcn.engines.documents.messages import size_text
from khcn.engines.documents.types import ExtractionError
from khcn.engines.text.fold import nfc
from khcn.library import permissions
from khcn.library.enums import BatchOrigin, BatchState, ItemState, WorkState
from khcn.library.errors import DiskFullError, LibraryPermissionError, NotReadyError
from khcn.library.imports.reports import ImportReport
from khcn.library.imports.sources import Refused, members
from khcn.library.models import ImportBatch, ImportItem, Work
from khcn.library.pipeline.steps import fingerprint, os_failure, read_options, read_source
from khcn.library.pipeline.types import Failure, Fingerprint, Source
from khcn.library.services.batches import JOB_KIND, batch_finish, batch_start, item_note, job_of
from khcn.library.services.filing import (
    Filed,
    Filing,
    file_held,
    work_duplicate,
    work_file_add,
    work_file_new,
)
from khcn.library.services.records import record_file
from khcn.library.tasks import deposit_process_task
from khcn.library.uploads import Upload, UploadTooLargeError

MAX_FILES = 200


def spool_path(batch_id: int, position: int) -> Path:
    """Return where an upload waits."""
    return Path(settings.KHCN.data_dir) / "spool" / "deposits" / str(batch_id) / str(position)


def deposit_start(
    *,
    actor: Actor,
    unit_id: int | None,
    files: Sequence[Upload],
    now: datetime,
    collection_id: int | None = None,
    work: Work | None = None,
    replaces: int | None = None,
    records: Sequence[Mapping[str, Any]] = (),
    token: ApiToken | None = None,
) -> ImportBatch:
    """Keep the uploads and have them read in the background; return the batch whose page shows how far it is.

    Each file becomes a draft of ``unit_id``, or, with ``work``, a file of that work (in the place of its file
    ``replaces``). Of ``records`` (from a program) each becomes a draft too, and a file that a record names under
    ``files`` goes to that draft; ``token`` is the key by which the program came.

    :raises UploadTooLargeError: naming the file; then nothing is taken in.
    :raises DiskFullError: then nothing is taken in.
    """
    _check(actor, unit_id, files, work, records)
    parts = _parts(records, files, work, replaces)
    batch = None
    try:
        with transaction.atomic():
            batch = batch_start(
                actor=actor,
                origin=BatchOrigin.API if token else BatchOrigin.WEB,
                paths=[part.name for part in parts[:20]],
                token=token,
                now=now,
                unit_id=unit_id,
                collection_id=collection_id,
            )
            for position, part in enumerate(parts, start=1):
                if part.file is not None:
                    _spool(part.file, spool_path(batch.pk, position))
            ImportItem.objects.bulk_create(
                ImportItem(
                    batch=batch,
                    position=position,
                    name=part.name,
                    size_bytes=(part.file.size or 0) if part.file else 0,
                    work=work,
                    metadata=part.metadata,
                    updated_at=now,
                )
                for position, part in enumerate(parts, start=1)
            )
            enqueue_on_commit(deposit_process_task, batch.pk)
    except OSError as error:
        if batch is not None:
            shutil.rmtree(spool_path(batch.pk, 1).parent, ignore_errors=True)
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFullError from error
        raise
    return batch


@dataclass(frozen=True)
class _Part:
    """One item to be: an upload, or a record (``metadata["record"]``) without bytes of its own."""

    name: str
    file: Upload | None
    metadata: dict[str, Any]


def _parts(
    records: Sequence[Mapping[str, Any]], files: Sequence[Upload], work: Work | None, replaces: int | None
) -> list[_Part]:
    """Return the items in their order: records first, then the files, each behind the record that names it."""
    if not records:
        metadata = {"work": work.pk, "replaces": replaces} if work else {}
        return [_Part(_name(file), file, metadata) for file in files]
    sent = {_name(file): file for file in files}
    parts, owned = [], set()
    for record in records:
        named = record.get("files")
        wanted = [nfc(one) for one in named if isinstance(one, str)] if isinstance(named, list) else []
        shown = _clean(str(record.get("external_id") or record.get("title") or "?"))
        mine = [name for name in dict.fromkeys(wanted) if name in sent]
        parts.append(_Part(shown, None, {"record": dict(record), "sent": mine}))
        at = len(parts)
        parts += [_Part(name, sent[name], {"of": at}) for name in mine]
        owned |= set(mine)
    return parts + [_Part(_name(file), file, {}) for file in files if _name(file) not in owned]


def _check(
    actor: Actor,
    unit_id: int | None,
    files: Sequence[Upload],
    work: Work | None,
    records: Sequence[Mapping[str, Any]],
) -> None:
    allowed = permissions.can_edit(actor, work) if work else permissions.can_deposit(actor, unit_id)
    if not allowed or (actor is not None and actor_id(actor) is None):
        raise LibraryPermissionError(_("gửi tài liệu cho đơn vị này"))
    if not files and not records:
        raise NotReadyError(_("Chưa có tệp nào. Hãy chọn ít nhất một tệp rồi gửi lại."), ("documents",))
    if len(files) > MAX_FILES:
        raise NotReadyError(
            _("Mỗi lần gửi tối đa %(limit)s tệp. Hãy chia làm nhiều lần.") % {"limit": MAX_FILES},
            ("documents",),
        )
    limit = settings.KHCN.upload_max_mb * 2**20
    for file in files:
        if (file.size or 0) > limit:
            text = _("Tệp “%(name)s” lớn %(size)s, quá mức %(limit)s. Hãy chia nhỏ hoặc nén lại rồi gửi.")
            raise UploadTooLargeError(
                text % {"name": _name(file), "size": size_text(file.size or 0), "limit": size_text(limit)}
            )


def _name(file: Upload) -> str:
    return _clean((file.name or "").replace("\\", "/").rpartition("/")[2])


def _clean(text: str) -> str:
    return nfc(text).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:300] or "?"


def _spool(file: Upload, target: Path) -> None:
    """Write an upload whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    with part.open("wb") as sink:
        for chunk in file.chunks():
            sink.write(chunk)
        sink.flush()
        os.fsync(sink.fileno())
    part.replace(target)


def deposit_process(batch_id: int) -> None:
    """Read every file of a batch that waits. Safe to run twice: each file is taken by one run."""
    batch = ImportBatch.objects.select_related("actor", "unit", "collection", "token").get(pk=batch_id)
    if not batch.items.filter(state=ItemState.PENDING).exists():
        return
    job = job_of(batch)
    done = 0
    with job_running(job=job, total=batch.items.count()):
        while (item := _take(batch)) is not None:
            _process(batch, item)
            done += 1
            job_progress(job, done=done, total=max(batch.items.count(), done), message=item.name[:200])
    _close(batch)


def _take(batch: ImportBatch) -> ImportItem | None:
    """Claim the next waiting file; None when there is none."""
    for item in batch.items.filter(state=ItemState.PENDING).order_by("position"):
        claimed = ImportItem.objects.filter(pk=item.pk, state=ItemState.PENDING).update(
            state=ItemState.PROCESSING, attempts=F("attempts") + 1, updated_at=timezone.now()
        )
        if claimed:
            return item
    return None


def _process(batch: ImportBatch, item: ImportItem) -> None:
    path = spool_path(batch.pk, item.position)
    source = Source(path, item.name)
    now = timezone.now()
    mark: Fingerprint | None = None
    result: Filed | Failure
    try:
        _check_giver(batch, now)
        if "record" in item.metadata:
            result = record_file(
                actor=batch.actor, unit_id=batch.unit_id, raw=item.metadata["record"], shelf=batch.collection_id,
                sent=item.metadata.get("sent", []), now=now,
            )  # fmt: skip
            item_note(batch=batch, position=item.position, name=item.name, mark=None, result=result, now=now)
            return
        options = read_options()
        mark = fingerprint(source, options.limits)
        if mark.kind == "zip":
            _unpack(batch, item, source, now)
            return
        result = _file(batch, item, source, mark, now)
    except ExtractionError as error:
        result = Failure(error.code, error.message, mark)
    except OSError as error:
        result = os_failure(error, mark)
    except KhcnError as error:
        result = Failure(error.code, error.message, mark)
    item_note(batch=batch, position=item.position, name=item.name, mark=mark, result=result, now=now)
    if isinstance(result, Filed):
        path.unlink(missing_ok=True)


def _check_giver(batch: ImportBatch, now: datetime) -> None:
    """Refuse to go on for somebody who has lost the key or the role since the deposit was handed in."""
    check_still(batch.token, now)
    if not permissions.can_deposit(batch.actor, batch.unit_id):
        raise LibraryPermissionError(_("gửi tài liệu cho đơn vị này"))


def _target(batch: ImportBatch, item: ImportItem) -> Work | None:
    """Return the work that a file belongs to, if it is to be no work of its own."""
    if "of" in item.metadata:
        owner = batch.items.select_related("work").filter(position=item.metadata["of"]).first()
        if owner is None or owner.work is None:
            raise NotReadyError(_("Bản ghi của tệp này chưa nhận được. Hãy sửa bản ghi rồi gửi lại cả hai."))
        return owner.work
    return Work.objects.filter(pk=item.metadata.get("work") or 0).first()


def _file(
    batch: ImportBatch, item: ImportItem, source: Source, mark: Fingerprint, now: datetime
) -> Filed | Failure:
    target = _target(batch, item)
    filing = Filing(
        now=now,
        unit_id=batch.unit_id,
        collection=batch.collection.key if batch.collection else "",
        state=WorkState.DRAFT,
    )
    if target is None:
        held = file_held(mark.sha256)
        if held is not None:
            return work_duplicate(actor=batch.actor, file=held, filing=filing)
    elif "of" in item.metadata and target.files.filter(sha256=mark.sha256).exists():
        # The same record sent again brings the same file: that is as it should be.
        return Filed(target, ItemState.READY, "unchanged", (), {}, 0, duplicate_of=target.pk)
    elif target.files.filter(sha256=mark.sha256).exists():
        return Failure("duplicate", _("Tài liệu này đã có đúng tệp đó rồi. Không cần thêm lần nữa."), mark)
    reading = read_source(source, mark, read_options())
    if isinstance(reading, Failure):
        return reading
    if target is None:
        return work_file_new(actor=batch.actor, source=source, reading=reading, filing=filing)
    if not permissions.can_edit(batch.actor, target):
        raise LibraryPermissionError(_("thêm tệp vào tài liệu này"))
    return work_file_add(
        actor=batch.actor, work=target, source=source, reading=reading, now=now,
        replaces=item.metadata.get("replaces"),
    )  # fmt: skip


def _unpack(batch: ImportBatch, item: ImportItem, source: Source, now: datetime) -> None:
    """Put the files of a ZIP behind the others of the batch; each is then read like any upload."""
    position = batch.items.order_by("-position").values_list("position", flat=True)[0]
    found = 0
    limit = settings.KHCN.upload_max_mb * 2**20
    for member in members(source, max_bytes=limit):
        position += 1
        if isinstance(member, Refused):
            values = {"state": ItemState.FAILED, "code": member.code, "message": member.message[:1000]}
        else:
            found += 1
            shutil.move(member.path, spool_path(batch.pk, position))
            values = {"state": ItemState.PENDING}
        ImportItem.objects.update_or_create(
            batch=batch, position=position, defaults={"name": member.name[:1000], "updated_at": now, **values}
        )
    text = ngettext(
        "Đã mở gói nén: %(count)s tệp bên trong được đọc tiếp bên dưới.",
        "Đã mở gói nén: %(count)s tệp bên trong được đọc tiếp bên dưới.",
        found,
    ) % {"count": found}
    ImportItem.objects.filter(pk=item.pk).update(
        state=ItemState.READY if found else ItemState.FAILED, message=text, updated_at=now
    )
    source.path.unlink(missing_ok=True)


def _close(batch: ImportBatch) -> None:
    items = batch.items
    report = ImportReport(
        imported=items.filter(work__isnull=False, duplicate_of__isnull=True).count(),
        unchanged=items.filter(duplicate_of__isnull=False).count(),
    )
    failed = items.filter(state=ItemState.FAILED)
    report.failed = [{"file": name} for name in failed.values_list("name", flat=True)]
    batch_finish(batch=batch, report=report, now=timezone.now())


@transaction.atomic
def deposit_retry(*, actor: Actor, batch: ImportBatch, now: datetime, item: ImportItem | None = None) -> int:
    """Try the failed files of a batch (or one of them) again; return how many. Two clicks start one run.

    :raises NotReadyError: when there is nothing to try: no failed file, or its upload is gone.
    """
    if not (permissions.can_keep(actor) or (actor is not None and batch.actor_id == actor_id(actor))):
        raise LibraryPermissionError(_("thử lại đợt gửi này"))
    failed = batch.items.filter(state=ItemState.FAILED)
    chosen = [row for row in failed.filter(pk=item.pk) if item] if item else list(failed)
    ids = [
        row.pk for row in chosen if "record" in row.metadata or spool_path(batch.pk, row.position).exists()
    ]
    count = ImportItem.objects.filter(pk__in=ids, state=ItemState.FAILED).update(
        state=ItemState.PENDING, code="", message="", remedy="", updated_at=now
    )
    if not count:
        raise NotReadyError(
            _("Không còn tệp nào để thử lại ở đây. Hãy gửi lại tệp, hoặc chạy lại lệnh nhập với tệp gốc.")
        )
    job = job_start(
        kind=JOB_KIND,
        title=_("Đọc lại tệp đã gửi"),
        actor=actor,
        arguments={"batch": batch.pk},
        queued=True,
        now=now,
    )
    ImportBatch.objects.filter(pk=batch.pk).update(state=BatchState.RUNNING, job_id=job.pk, finished_at=None)
    audit_record(actor=actor, action="library.import.retry", target=batch, after={"files": count}, at=now)
    enqueue_on_commit(deposit_process_task, batch.pk)
    return count


def job_retry_import(job: Job, actor: Actor) -> Job:
    """Start an interrupted deposit again from its job row (the retry handler of ``library.import``)."""
    batch = ImportBatch.objects.get(pk=job.arguments["batch"])
    waiting = batch.items.filter(state__in=[ItemState.PENDING, ItemState.PROCESSING])
    waiting.update(state=ItemState.PENDING)
    if batch.items.filter(state=ItemState.FAILED).exists():
        deposit_retry(actor=actor, batch=batch, now=timezone.now())
        batch.refresh_from_db()
        return job_of(batch)
    again = job_start(kind=JOB_KIND, title=job.title, actor=actor, arguments=job.arguments, queued=True)
    ImportBatch.objects.filter(pk=batch.pk).update(
        state=BatchState.RUNNING, job_id=again.pk, finished_at=None
    )
    enqueue_on_commit(deposit_process_task, batch.pk)
    return again
