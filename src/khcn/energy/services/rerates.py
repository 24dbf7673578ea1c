"""Pricing past days of a site anew, when a table came late or was wrong: a person asks with a reason, the worker does it."""

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.dates import date_vi
from khcn.core.errors import KhcnError
from khcn.core.jobs import job_progress, job_running, job_start
from khcn.core.models.jobs import Job
from khcn.core.numbers import number_vi
from khcn.core.tasks import enqueue_on_commit
from khcn.energy import permissions
from khcn.energy.models import Site
from khcn.energy.setup_errors import RegisterError, require
from khcn.energy.setup_tasks import rerate_task

JOB_KIND: Final = "energy.rerate"
LONGEST: Final = timedelta(days=3 * 366)


def rerate_ask(*, actor: Actor, site: Site, first: date, last: date, reason: str, now: datetime) -> Job:
    """Have the days of a site priced by the tables as they are now. Raises PermissionDeniedError, RegisterError."""
    require(permissions.can_keep_tables(actor), _("tính lại tiền theo bảng giá"))
    if last < first or last - first > LONGEST:
        raise RegisterError("last", _("Ngày cuối phải từ ngày đầu trở đi và không quá ba năm."))
    if last > timezone.localdate(now):
        raise RegisterError("last", _("Ngày cuối ở tương lai. Hãy ghi ngày đã qua."))
    text = " ".join(reason.split())[:300]
    if not text:
        raise RegisterError("reason", _("Hãy ghi lý do: số liệu đã công bố có thể đổi."))
    with transaction.atomic():
        words = {"site": site.name, "first": date_vi(first), "last": date_vi(last)}
        job = job_start(
            kind=JOB_KIND,
            title=_("Tính lại tiền điện: %(site)s, %(first)s – %(last)s") % words,
            actor=actor,
            arguments={"site": site.pk, "first": first.isoformat(), "last": last.isoformat(), "reason": text},
            queued=True,
            now=now,
        )
        enqueue_on_commit(rerate_task, job.pk)
    return job


def rerate_run(job_id: int) -> None:
    """Price the days anew (worker). Twice is once."""
    from khcn.energy.services.figures import site_rerate  # noqa: PLC0415  # loads the derivation: worker only

    job = Job.objects.filter(pk=job_id, kind=JOB_KIND).select_related("actor").first()
    if job is None or not job.is_active:
        return
    asked = job.arguments
    try:
        with job_running(job=job):
            changed = site_rerate(
                actor=job.actor,
                site=Site.objects.get(pk=asked["site"]),
                first=date.fromisoformat(asked["first"]),
                last=date.fromisoformat(asked["last"]),
                reason=str(asked["reason"]),
                now=timezone.now(),
            )
            told = _("%(days)s ngày có số tiền mới; số cũ còn trong nhật ký.") % {"days": number_vi(changed)}
            job_progress(job, done=changed, total=changed, message=told)
    except KhcnError:
        return  # the job carries the sentence
