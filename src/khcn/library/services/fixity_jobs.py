"""A check of all originals at once, by the worker, as a job that people see."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.enums import JobState
from khcn.core.jobs import JobStoppedError, job_progress, job_running, job_start
from khcn.core.models.jobs import Job
from khcn.core.references import Reference
from khcn.core.tasks import enqueue_on_commit
from khcn.library import permissions
from khcn.library.errors import LibraryPermissionError
from khcn.library.models import WorkFile
from khcn.library.services.fixity import fixity_check_all
from khcn.library.tasks import fixity_task

JOB_KIND = "library.fixity"


def fixity_start(*, actor: Actor, now: datetime) -> Job | None:
    """Have the worker read every original; ``None`` when it is at it already."""
    if not permissions.can_keep(actor):
        raise LibraryPermissionError(_("kiểm tra tệp gốc"))
    with transaction.atomic():
        if Job.objects.filter(kind=JOB_KIND, state__in=[JobState.QUEUED, JobState.RUNNING]).exists():
            return None
        job = job_start(kind=JOB_KIND, title=_("Kiểm tra toàn bộ tệp gốc"), actor=actor, queued=True, now=now)
        audit_record(
            actor=actor, action="library.file.check_all", target=Reference("core.job", str(job.pk)), at=now
        )
        enqueue_on_commit(fixity_task, job.pk)
    return job


def fixity_run(job_id: int) -> None:
    """Do a queued check. Of two workers one gets it; cancelled, it stops at the next file."""
    job = Job.objects.get(pk=job_id)
    with suppress(JobStoppedError), job_running(job=job, total=WorkFile.objects.count()):
        report = fixity_check_all(
            actor=None, now=timezone.now(), told=lambda done: job_progress(job, done=done)
        )
        text = _("%(checked)s tệp đã đọc, %(faults)s tệp có lỗi.")
        job.message = text % {"checked": report.checked, "faults": len(report.faults)}


def job_retry_fixity(job: Job, actor: Actor) -> Job:
    """Start the check again (the retry handler of ``library.fixity``)."""
    again = job_start(kind=JOB_KIND, title=job.title, actor=actor, queued=True)
    enqueue_on_commit(fixity_task, again.pk)
    return again
