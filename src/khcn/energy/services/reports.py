"""Monthly and yearly reports of units: asked for by a person, written by the worker, kept as files that can be made
again.
"""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.enums import JOB_ACTIVE
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.jobs import job_progress, job_running, job_start
from khcn.core.models.jobs import Job
from khcn.core.months import Month, month_of
from khcn.core.papers.parts import Paper
from khcn.core.papers.pdf import docx_pdf, office_program
from khcn.core.papers.writer import paper_docx
from khcn.core.tasks import enqueue_on_commit
from khcn.core.whole_files import write_whole
from khcn.energy.models import Site
from khcn.energy.monthly import report_paper
from khcn.energy.page_tasks import report_make_task
from khcn.energy.permissions import SYSTEM, reach_of
from khcn.energy.selectors.reports import unit_month, unit_year
from khcn.energy.yearly import year_paper
from khcn.orgs.models import Unit

KIND: Final = "energy.report"
ENDINGS: Final = ("docx", "pdf")


class PeriodNotOverError(KhcnError):
    """A report of a month that still runs, or of a year without a whole month."""

    code = "energy-period-not-over"


def period_of(text: str) -> Month | int | None:
    """Read ``2026-10`` (a month) or ``2026`` (a year)."""
    if len(text) == 4 and text.isascii() and text.isdigit() and 2000 <= int(text) <= 2100:
        return int(text)
    return month_of(text)


def report_path(unit: Unit, period: Month | int, ending: str) -> Path:
    """Return where a report lies, whether it exists or not."""
    if ending not in ENDINGS:
        raise ValueError(f"one of {ENDINGS} was expected, got {ending!r}")
    folder: Path = settings.KHCN.data_dir / "reports" / "energy"
    return folder / f"{unit.pk}-{period}.{ending}"


def report_jobs(unit: Unit) -> dict[str, Job]:
    """Return the waiting and running jobs of a unit's reports, by period."""
    jobs = Job.objects.filter(kind=KIND, state__in=JOB_ACTIVE).order_by("id")
    return {str(job.arguments.get("period")): job for job in jobs if job.arguments.get("unit_id") == unit.pk}


def report_request(*, actor: Any, unit: Unit, period: Month | int, now: datetime) -> Job:
    """Have a report written; asking twice while it is being written gives the same job.

    :raises PermissionDeniedError: the actor reads no figures of this unit.
    :raises PeriodNotOverError: the month is not over, or the year has no whole month yet.
    """
    reach = SYSTEM if actor is None else reach_of(actor)
    if not (reach.everything or unit.pk in reach.units) or not Site.objects.filter(unit=unit).exists():
        raise PermissionDeniedError(_("Bạn không xem số liệu của đơn vị này nên không lập được báo cáo."))
    today = timezone.localtime(now).date()
    last = period.last if isinstance(period, Month) else Month(period, 1).last
    if last >= today:
        raise PeriodNotOverError(
            _("Tháng này chưa hết. Hãy lập báo cáo từ ngày 01 của tháng sau.")
            if isinstance(period, Month)
            else _("Năm này chưa có tháng nào trọn. Hãy lập báo cáo từ tháng 2.")
        )
    running = report_jobs(unit).get(str(period))
    return running if running is not None else _start(actor, unit, period, now)


def _start(actor: Actor, unit: Unit, period: Month | int, now: datetime) -> Job:
    with transaction.atomic():
        job = job_start(
            kind=KIND,
            title=_("Báo cáo năng lượng %(unit)s, kỳ %(period)s")
            % {"unit": unit.name, "period": str(period)},
            actor=actor,
            total=3,
            arguments={"unit_id": unit.pk, "period": str(period)},
            queued=True,
            now=now,
        )
        audit_record(
            actor=actor, action="energy.report.request", target=unit, after={"period": str(period)}, at=now
        )
        enqueue_on_commit(report_make_task, job.pk)
    return job


def report_make(job_id: int) -> None:
    """Write the files of a queued report (worker)."""
    job = Job.objects.get(pk=job_id)
    unit = Unit.objects.get(pk=job.arguments["unit_id"])
    period = _asked(job)
    with job_running(job=job, total=3):
        paper = _paper(unit, period, timezone.now())
        job_progress(job, done=1)
        docx = paper_docx(paper)
        write_whole(report_path(unit, period, "docx"), docx)
        job_progress(job, done=2)
        if office_program():
            write_whole(report_path(unit, period, "pdf"), docx_pdf(docx))


def _asked(job: Job) -> Month | int:
    period = period_of(str(job.arguments["period"]))
    if period is None:
        raise ValueError(f"period: {job.arguments['period']!r}")
    return period


def _paper(unit: Unit, period: Month | int, now: datetime) -> Paper:
    if isinstance(period, Month):
        return report_paper(unit_month(unit, period), now)
    return year_paper(unit_year(unit, period, timezone.localtime(now).date()), now)


def retry_report(job: Job, actor: Actor) -> Job:
    """Start a report again that failed."""
    unit = Unit.objects.get(pk=job.arguments["unit_id"])
    return _start(actor, unit, _asked(job), timezone.now())
