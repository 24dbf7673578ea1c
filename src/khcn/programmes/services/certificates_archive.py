"""All certificates of a batch in one archive, made by a worker page by page to disk, with the list of codes."""

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.enums import JOB_ACTIVE
from khcn.core.errors import NotFoundError, PermissionDeniedError
from khcn.core.exports.columns import Cell, Column
from khcn.core.exports.tables import csv_lines
from khcn.core.jobs import job_progress, job_running, job_start
from khcn.core.models.jobs import Job
from khcn.core.tasks import enqueue_on_commit
from khcn.programmes.certificates_tasks import batch_archive_task
from khcn.programmes.enums import BatchState
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.certificates import Certificate, CertificateBatch
from khcn.programmes.permissions import acting, can_read_certificates
from khcn.programmes.rules.certificates import sheet_name, spaced
from khcn.programmes.selectors.certificates import issuer_name, verify_address
from khcn.programmes.services.certificates_paper import Sheet, sheets_pdf

KIND: Final = "programmes.certificates"
_DAY: Final = (2026, 1, 1, 0, 0, 0)  # of every entry: the same certificates give the same archive


def sheet_of(row: Certificate) -> Sheet:
    """Return what one certificate says; not issued yet: a sample without code."""
    batch = row.batch
    issued = batch.state == BatchState.ISSUED
    return Sheet(
        issuer=issuer_name(), title=batch.title, name=row.name, text=batch.text, organisation=row.organisation,
        place=batch.place, day=row.issued_on, signer_name=batch.signer_name, signer_position=batch.signer_position,
        decision=batch.decision_number, decision_day=batch.decision_date, number=row.number,
        code=row.code if issued else "", verify_url=verify_address(row.code) if issued else "", sample=not issued,
    )  # fmt: skip


def archive_path(batch: CertificateBatch) -> Path:
    """Return where the archive of a batch as it stands lies, or will."""
    folder = Path(settings.KHCN.files_dir) / "programmes" / "certificates"
    return folder / f"giay-chung-nhan-{batch.pk}-{batch.revision}.zip"


def archive_job(batch: CertificateBatch) -> Job | None:
    """Return the job that makes the archive of a batch right now."""
    jobs = Job.objects.filter(kind=KIND, state__in=JOB_ACTIVE).order_by("-id")
    return next((job for job in jobs if job.arguments.get("batch_id") == batch.pk), None)


def archive_request(*, actor: Actor, batch_id: int, now: datetime) -> Job:
    """Have the archive made; asking twice while it is being made gives the same job."""
    if not can_read_certificates(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Vai trò của bạn không xem giấy chứng nhận."))
    batch = CertificateBatch.objects.select_related("programme").filter(pk=batch_id).first()
    if batch is None:
        raise NotFoundError(_("Không thấy đợt cấp giấy chứng nhận này."))
    if batch.state != BatchState.ISSUED:
        raise ProgrammeError(_("Đợt này chưa có số quyết định nên chưa có giấy để tải."))
    return archive_job(batch) or _start(actor, batch, now)


def _start(actor: Actor, batch: CertificateBatch, now: datetime) -> Job:
    with transaction.atomic():
        job = job_start(
            kind=KIND, title=_("Lập tệp giấy chứng nhận: %(title)s") % {"title": batch.programme.title}, actor=actor,
            arguments={"batch_id": batch.pk}, queued=True, now=now,
        )  # fmt: skip
        audit_record(actor=actor, action="programmes.certificate.archive", target=batch, at=now)
        enqueue_on_commit(batch_archive_task, job.pk)
    return job


def retry_archive(job: Job, actor: Actor) -> Job:
    """Start a request again that failed."""
    return _start(actor, CertificateBatch.objects.get(pk=job.arguments["batch_id"]), timezone.now())


def archive_make(job_id: int) -> None:
    """Make the archive of a queued request (worker): whole or not at all, revoked certificates left out."""
    job = Job.objects.get(pk=job_id)
    batch = CertificateBatch.objects.get(pk=job.arguments["batch_id"])
    rows = list(
        Certificate.objects.standing()
        .filter(batch=batch)
        .exclude(name="")
        .select_related("batch", "registration")
        .order_by("number")
    )
    with job_running(job=job, total=len(rows)):
        target = archive_path(batch)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = target.with_suffix(f".{job.pk}.part")
        try:
            _write(part, rows, job)
            part.chmod(0o600)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        for older in target.parent.glob(f"giay-chung-nhan-{batch.pk}-*.zip"):
            if older != target:
                older.unlink(missing_ok=True)


def _write(part: Path, rows: list[Certificate], job: Job) -> None:
    with zipfile.ZipFile(part, "w") as archive, override("vi"):
        pages = sheets_pdf([sheet_of(row) for row in rows]) if rows else iter(())
        for done, (row, content) in enumerate(zip(rows, pages, strict=True), 1):
            archive.writestr(zipfile.ZipInfo(sheet_name(row.number or 0, row.code), _DAY), content)
            job_progress(job, done=done)
        lines = csv_lines(code_columns(), (code_row(row) for row in rows))
        entry = zipfile.ZipInfo("danh-sach-ma.csv", _DAY)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, "".join(lines).encode())


def code_columns() -> list[Column]:
    """Return the columns of the list of codes."""
    return [
        Column(_("Số")), Column(_("Họ và tên")), Column(_("Trường, đơn vị")), Column(_("Mã giấy chứng nhận")),
        Column(_("Ngày cấp")), Column(_("Địa chỉ kiểm tra")), Column(_("Thu hồi ngày")),
    ]  # fmt: skip


def code_row(row: Certificate) -> tuple[Cell, ...]:
    """Return one line of the list of codes."""
    revoked = local_date(row.revoked_at) if row.revoked_at else None
    return (
        row.number,
        row.name,
        row.organisation,
        spaced(row.code),
        row.issued_on,
        verify_address(row.code),
        revoked,
    )
