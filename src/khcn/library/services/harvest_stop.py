"""Stopping a run that is under way; what it took stays, and the next run goes on from there."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.jobs import job_cancel
from khcn.core.models.jobs import Job
from khcn.library import permissions
from khcn.library.errors import LibraryPermissionError
from khcn.library.harvest_enums import OPEN_RUNS
from khcn.library.harvest_errors import NotRunningError
from khcn.library.models import HarvestSource
from khcn.library.rules_harvest import next_run


@transaction.atomic
def harvest_stop(*, actor: Actor, source: HarvestSource, now: datetime) -> None:
    """Tell the worker to stop after the page it is reading; the clock starts the next run when it is due again.

    :raises NotRunningError: when nothing runs.
    """
    if not permissions.can_keep(actor):
        raise LibraryPermissionError(_("thu thập từ nguồn khác"))
    run = source.runs.filter(state__in=OPEN_RUNS).order_by("-pk").first()
    job = Job.objects.filter(pk=run.job_id or 0).first() if run is not None else None
    if job is None or not job_cancel(actor=actor, job=job, now=now):
        raise NotRunningError
    HarvestSource.objects.filter(pk=source.pk).update(
        next_run_at=next_run(source.every_hours, source.at_hour, now), updated_at=now
    )
    audit_record(actor=actor, action="library.harvest.stop", target=source, at=now)
