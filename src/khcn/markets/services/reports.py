"""Monthly reports: asked for by a person, written by the worker, kept as files that can be made again."""

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
from khcn.core.papers.pdf import docx_pdf, office_program
from khcn.core.papers.writer import paper_docx
from khcn.core.tasks import enqueue_on_commit
from khcn.core.whole_files import write_whole
from khcn.markets.models import Market
from khcn.markets.monthly import report_paper
from khcn.markets.page_tasks import report_make_task
from khcn.markets.permissions import can_read_figures
from khcn.markets.selectors.months import month_figures

KIND: Final = "markets.report"
ENDINGS: Final = ("docx", "pdf")


class MonthNotOverError(KhcnError):
    """A report of a month that still runs, or of none."""

    code = "month-not-over"


def report_path(market: Market, month: Month, ending: str) -> Path:
    """Return where a report lies, whether it exists or not."""
    if ending not in ENDINGS:
        raise ValueError(f"one of {ENDINGS} was expected, got {ending!r}")
    folder: Path = settings.KHCN.data_dir / "reports" / "markets"
    return folder / f"{market.pk}-{month}.{ending}"


def report_jobs(market: Market) -> dict[str, Job]:
    """Return the waiting and running jobs of a market's reports, by month."""
    jobs = Job.objects.filter(kind=KIND, state__in=JOB_ACTIVE).order_by("id")
    return {
        str(job.arguments.get("month")): job for job in jobs if job.arguments.get("market_id") == market.pk
    }


def report_request(*, actor: Any, market: Market, month: Month, now: datetime) -> Job:
    """Have a report written; asking twice while it is being written gives the same job.

    :raises PermissionDeniedError: the actor does not read this market.
    :raises MonthNotOverError: the month is not over.
    """
    if not can_read_figures(actor, market):
        raise PermissionDeniedError(_("Bạn không xem số liệu của chợ này nên không lập được báo cáo."))
    if month.last >= timezone.localtime(now).date():
        raise MonthNotOverError(_("Tháng này chưa hết. Hãy lập báo cáo từ ngày 01 của tháng sau."))
    running = report_jobs(market).get(str(month))
    if running is not None:
        return running
    return _start(actor, market, month, now)


def _start(actor: Actor, market: Market, month: Month, now: datetime) -> Job:
    with transaction.atomic():
        job = job_start(
            kind=KIND,
            title=_("Báo cáo %(market)s tháng %(month)s") % {"market": market.name, "month": str(month)},
            actor=actor,
            total=3,
            arguments={"market_id": market.pk, "month": str(month)},
            queued=True,
            now=now,
        )
        audit_record(
            actor=actor, action="markets.report.request", target=market, after={"month": str(month)}, at=now
        )
        enqueue_on_commit(report_make_task, job.pk)
    return job


def report_make(job_id: int) -> None:
    """Write the files of a queued report (worker)."""
    job = Job.objects.get(pk=job_id)
    market = Market.objects.select_related("unit").get(pk=job.arguments["market_id"])
    month = month_of(str(job.arguments["month"]))
    if month is None:
        raise ValueError(f"month: {job.arguments['month']!r}")
    with job_running(job=job, total=3):
        now = timezone.now()
        paper = report_paper(month_figures(market, month, now), now)
        job_progress(job, done=1)
        docx = paper_docx(paper)
        write_whole(report_path(market, month, "docx"), docx)
        job_progress(job, done=2)
        if office_program():
            write_whole(report_path(market, month, "pdf"), docx_pdf(docx))


def retry_report(job: Job, actor: Actor) -> Job:
    """Start a report again that failed."""
    market = Market.objects.get(pk=job.arguments["market_id"])
    month = month_of(str(job.arguments["month"]))
    if month is None:
        raise ValueError(f"month: {job.arguments['month']!r}")
    return _start(actor, market, month, timezone.now())
