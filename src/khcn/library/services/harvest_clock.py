"""The clock of harvesting: it starts what is due and goes on with what died."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from khcn.core.enums import JobState
from khcn.core.models.jobs import Job
from khcn.core.tasks import enqueue_on_commit
from khcn.library.harvest_enums import HARVESTED_STATES, OPEN_RUNS
from khcn.library.harvest_errors import SourceBusyError
from khcn.library.harvest_tasks import harvest_task
from khcn.library.models import HarvestSource
from khcn.library.services.harvest_lease import lease_break
from khcn.library.services.harvest_runs import harvest_start


def harvest_due(now: datetime) -> int:
    """Start what is due and go on with what died; return how many. Called by the periodic tick."""
    started = 0
    for source in HarvestSource.objects.filter(runs__state__in=OPEN_RUNS).distinct():
        started += _revive(source, now)
    due = HarvestSource.objects.filter(state__in=HARVESTED_STATES, every_hours__gt=0, next_run_at__lte=now)
    for source in due:
        try:
            harvest_start(actor=None, source=source, now=now)
            started += 1
        except SourceBusyError:
            continue
    return started


@transaction.atomic
def _revive(source: HarvestSource, now: datetime) -> bool:
    """Go on with a run whose worker is dead: known dead (its job says so), or silent until the end of its lease."""
    run = source.runs.filter(state__in=OPEN_RUNS).order_by("-pk").first()
    if run is None:
        return False
    job = Job.objects.filter(pk=run.job_id or 0).first()
    dead = job is not None and job.state == JobState.INTERRUPTED
    if not dead and source.busy_until is not None and source.busy_until > now:
        return False
    token = lease_break(source.pk, held_by=source.busy_by, now=now)
    if token is None:
        return False
    source.runs.filter(pk=run.pk).update(resumed=F("resumed") + 1, job_id=None if dead else run.job_id)
    enqueue_on_commit(harvest_task, source.pk, token)
    return True
