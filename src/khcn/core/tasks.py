"""Background work: enqueueing after commit, and periodic duties that any number of workers share.

A task is declared with ``@task()`` of ``django_tasks``, takes ids, is idempotent and short; it leaves a job
row (``core.jobs``) when people should see it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from django.db import transaction
from django.db.models import Q
from django_tasks.base import Task

from khcn.core.models.periodic import PeriodicRun
from khcn.core.registry import Registry

logger = logging.getLogger("khcn.tasks")

P = ParamSpec("P")
T = TypeVar("T")
LEASE = timedelta(hours=1)


def enqueue_on_commit(task: Task[P, T], *args: P.args, **kwargs: P.kwargs) -> None:
    """Enqueue ``task`` when the caller's transaction commits (at once outside one); never when it rolls back.

    Arguments must be JSON: ids, strings, numbers. Records are passed by their id.
    """

    def enqueue() -> None:
        task.enqueue(*args, **kwargs)

    transaction.on_commit(enqueue)


@dataclass(frozen=True)
class Periodic:
    """A duty that returns: every ``every``, ``function`` is called with the time of the tick.

    ``lease`` is how long one run may take before another worker may believe that it died.
    """

    name: str
    every: timedelta
    function: Callable[[datetime], Any]
    lease: timedelta = LEASE


periodic_duties: Registry[Periodic] = Registry("periodic duties")


def register_periodic(
    name: str, every: timedelta, function: Callable[[datetime], Any], *, lease: timedelta = LEASE
) -> None:
    """Register a duty in ``AppConfig.ready``. It runs at the first tick, then every ``every``.

    The function must be idempotent: after a crash in the middle it runs again when its lease has ended.
    """
    if every <= timedelta(0):
        raise ValueError(f"{name}: every must be positive, got {every}")
    if name not in periodic_duties:  # ready() may run twice in one process (tests)
        periodic_duties.register(name, Periodic(name, every, function, lease))


def next_slot(due: datetime, every: timedelta, now: datetime) -> datetime:
    """Return the first slot of the grid ``due + n * every`` after ``now``; missed slots count once."""
    missed = max(0, (now - due) // every)
    return due + (missed + 1) * every


def _claim(duty: Periodic, now: datetime) -> bool:
    """Take a duty that is due; of several workers exactly one gets it."""
    row, _made = PeriodicRun.objects.get_or_create(name=duty.name, defaults={"next_at": now})
    if row.next_at > now or (row.busy_until and row.busy_until > now):
        return False
    free = Q(busy_until__isnull=True) | Q(busy_until__lte=now)
    claimed = PeriodicRun.objects.filter(free, name=duty.name, next_at=row.next_at).update(
        next_at=next_slot(row.next_at, duty.every, now), busy_until=now + duty.lease, started_at=now
    )
    return bool(claimed)


def _run(duty: Periodic, now: datetime) -> None:
    """Run one claimed duty; its failure is logged and kept in its row, and the next slot tries again."""
    error = ""
    try:
        duty.function(now)
    except Exception as failure:
        logger.exception("periodic duty %s failed", duty.name)
        error = f"{type(failure).__name__}: {failure}"
    own = PeriodicRun.objects.filter(name=duty.name, started_at=now)
    own.update(busy_until=None, finished_at=now, error=error)


def run_due(now: datetime) -> list[str]:
    """Run every duty that is due at ``now``; return their names. Called every few seconds by each worker."""
    ran = []
    for duty in periodic_duties.all():
        if _claim(duty, now):
            _run(duty, now)
            ran.append(duty.name)
    return ran
