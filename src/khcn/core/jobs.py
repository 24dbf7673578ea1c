"""Background work that staff can see: its state, progress, message and error.

Transactions: a job row is worth something only when others see it, so call these functions *between* the
transactions of the work, never inside one. Inside an ``atomic`` block progress becomes visible at its end, a
failure that rolls the block back takes ``job_fail`` with it, and on PostgreSQL the row stays locked until
commit. The plain pattern::

    with job_running(kind="library.import", title=..., total=len(paths)) as job:
        for n, path in enumerate(paths, 1):
            import_one(path)                # a transaction of its own
            job_progress(job, done=n)       # written at most twice a second

Progress also is the heartbeat and the place where a cancelled job learns that it should stop. A step without
progress that may last longer than ten minutes calls :func:`job_heartbeat` now and then.
"""

import os
import socket
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id, actor_label
from khcn.core.enums import JOB_ACTIVE, JOB_RETRYABLE, JobState
from khcn.core.errors import KhcnError
from khcn.core.models.jobs import Job, JobQuerySet, job_visibility
from khcn.core.registry import Registry

__all__ = [
    "JobNotRetryableError",
    "JobStoppedError",
    "RetryHandler",
    "job_begin",
    "job_cancel",
    "job_fail",
    "job_finish",
    "job_heartbeat",
    "job_progress",
    "job_retry",
    "job_retry_handlers",
    "job_running",
    "job_start",
    "job_visibility",
    "jobs_mark_stale",
    "jobs_visible_to",
]

PROGRESS_SECONDS = 0.5
STALE_AFTER = timedelta(minutes=10)
_ALIVE_FACTOR = 6  # a worker known to live gets this many times longer before its silence counts

RetryHandler: TypeAlias = Callable[[Job, Actor], Job]
"""Starts the work again from ``job.arguments``; returns the new job (normally ``job_start(queued=True)``)."""

job_retry_handlers: Registry[RetryHandler] = Registry("job retry handlers")


class JobStoppedError(KhcnError):
    """The job was cancelled or marked as interrupted while its worker still runs; the worker should stop."""

    code = "job-stopped"

    def __init__(self) -> None:
        super().__init__(
            _("Việc này đã bị dừng từ nơi khác. Phần đã làm xong vẫn được giữ; bạn có thể chạy lại.")
        )


class JobNotRetryableError(KhcnError):
    """The job cannot be retried: it runs, succeeded, was retried already, or its kind knows no retry."""

    code = "job-not-retryable"


def _start_tick(pid: int) -> str:
    """Return when a process of this machine started (clock ticks since boot), empty when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


@cache
def _worker_of(pid: int) -> str:
    return f"{socket.gethostname()[:100]}|{pid}|{_start_tick(pid)}"


def _worker_alive(worker: str) -> bool | None:
    """Return whether a job's worker process still lives; ``None`` when that cannot be known from here."""
    host, _sep, rest = worker.rpartition("|")[0].rpartition("|")
    tick = worker.rpartition("|")[2]
    if not tick or host != socket.gethostname()[:100] or not rest.isdigit() or not _start_tick(os.getpid()):
        return None
    return _start_tick(int(rest)) == tick


def jobs_visible_to(user: Actor) -> JobQuerySet:
    """Return the jobs that ``user`` may see, newest first."""
    return Job.objects.visible_to(user).order_by("-id")


def job_start(
    *,
    kind: str,
    title: str,
    actor: Actor = None,
    total: int | None = None,
    arguments: Mapping[str, Any] | None = None,
    queued: bool = False,
    retry_of: Job | None = None,
    now: datetime | None = None,
) -> Job:
    """Make the row of a piece of work: running now, or ``queued`` until a worker calls :func:`job_begin`.

    :param kind: ``app.noun`` like ``library.import``; also the key of the retry handler.
    :param title: what staff read, in Vietnamese.
    :param arguments: ids and options (JSON) from which a retry handler starts the work again.
    """
    at = now or timezone.now()
    return Job.objects.create(
        kind=kind,
        title=title[:300],
        state=JobState.QUEUED if queued else JobState.RUNNING,
        actor_id=actor_id(actor),
        actor_label=actor_label(actor),
        total=total,
        arguments=dict(arguments or {}),
        retry_of=retry_of,
        worker="" if queued else _worker_of(os.getpid()),
        created_at=at,
        started_at=None if queued else at,
        heartbeat_at=at,
    )


def _apply(job: Job, states: frozenset[JobState], **values: Any) -> bool:
    """Write ``values`` when the row is still in one of ``states``, and bring ``job`` up to date."""
    if not Job.objects.filter(pk=job.pk, state__in=states).update(**values):
        job.refresh_from_db()
        return False
    for name, value in values.items():
        setattr(job, name, value)
    return True


def job_begin(job: Job, *, total: int | None = None, now: datetime | None = None) -> Job:
    """Take a queued job: exactly one worker gets it.

    :raises JobStoppedError: when it is not waiting any more (cancelled, or taken by another worker).
    """
    at = now or timezone.now()
    values: dict[str, Any] = {"state": JobState.RUNNING, "started_at": at, "heartbeat_at": at}
    if total is not None:
        values["total"] = total
    if not _apply(job, frozenset({JobState.QUEUED}), worker=_worker_of(os.getpid()), **values):
        raise JobStoppedError
    return job


def job_progress(
    job: Job, *, done: int, total: int | None = None, message: str = "", now: datetime | None = None
) -> None:
    """Say how far the work is. Cheap: one UPDATE at most every half second, the last step always.

    :raises JobStoppedError: when somebody cancelled the job; the worker should stop where it is.
    """
    tick = time.monotonic()
    written: float = getattr(job, "_progress_written", 0.0)
    job.done, job.total = done, job.total if total is None else total
    job.message = message or job.message
    last_step = job.total is not None and done >= job.total
    if not last_step and tick - written < PROGRESS_SECONDS:
        return
    job._progress_written = tick  # type: ignore[attr-defined]  # lives with this object only, never stored
    values = {"done": done, "total": job.total, "message": job.message, "heartbeat_at": now or timezone.now()}
    if not _apply(job, frozenset({JobState.RUNNING}), **values):
        raise JobStoppedError


def job_heartbeat(job: Job, *, now: datetime | None = None) -> None:
    """Say that the worker still lives. :raises JobStoppedError: when the job was stopped from elsewhere."""
    if not _apply(job, frozenset({JobState.RUNNING}), heartbeat_at=now or timezone.now()):
        raise JobStoppedError


def _end(job: Job, state: JobState, now: datetime | None, **values: Any) -> bool:
    at = now or timezone.now()
    return _apply(job, JOB_ACTIVE, state=state, finished_at=at, heartbeat_at=at, **values)


def job_finish(job: Job, *, message: str = "", now: datetime | None = None) -> bool:
    """End the job well; a job that was stopped meanwhile stays as it is (returns ``False``)."""
    done = job.done if job.total is None else job.total
    return _end(job, JobState.DONE, now, done=done, total=job.total, message=message or job.message, error="")


def job_fail(job: Job, *, error: str, now: datetime | None = None) -> bool:
    """End the job with an error: a Vietnamese sentence that says what happened, why, and what to do."""
    return _end(job, JobState.FAILED, now, done=job.done, error=error)


def job_cancel(*, actor: Actor, job: Job, now: datetime | None = None) -> bool:
    """Stop a waiting or running job; its worker notices at the next progress. The caller checks rights."""
    by = actor_label(actor)
    text = _("%(name)s đã hủy việc này.") % {"name": by} if by else _("Việc này đã được hủy.")
    return _end(job, JobState.CANCELLED, now, error=text)


@contextmanager
def job_running(
    *,
    kind: str = "",
    title: str = "",
    actor: Actor = None,
    total: int | None = None,
    arguments: Mapping[str, Any] | None = None,
    job: Job | None = None,
) -> Generator[Job, None, None]:
    """Run a block as a job (a new one, or a queued ``job``): done at its end, failed when it raises.

    A :class:`KhcnError` lends the job its own sentence; any other error gives a general one and stays in the
    log.
    """
    if job is None:
        job = job_start(kind=kind, title=title, actor=actor, total=total, arguments=arguments)
    else:
        job_begin(job, total=total)
    try:
        yield job
    except JobStoppedError:
        raise
    except KhcnError as error:
        job_fail(job, error=error.message)
        raise
    except BaseException as error:
        reason = type(error).__name__
        text = _(
            "Việc bị dừng vì một lỗi của hệ thống (%(reason)s). Hãy chạy lại; nếu vẫn lỗi, báo quản trị."
        )
        job_fail(job, error=text % {"reason": reason})
        raise
    job_finish(job)


def _is_stale(job: Job, now: datetime, after: timedelta) -> bool:
    """Return whether a running job's worker is gone: known dead, or silent for too long."""
    alive = _worker_alive(job.worker)
    if alive is False:
        return True
    limit = after * _ALIVE_FACTOR if alive else after
    return now - (job.heartbeat_at or job.created_at) > limit


def jobs_mark_stale(now: datetime, *, after: timedelta = STALE_AFTER) -> list[Job]:
    """Show running jobs whose worker is gone as interrupted; return them. Runs every minute.

    On the worker's own machine a dead process is seen at once; from elsewhere by ``after`` without a
    heartbeat.
    """
    interrupted = []
    for job in Job.objects.filter(state=JobState.RUNNING).order_by("id"):
        if not _is_stale(job, now, after):
            continue
        text = _(
            "Máy đang chạy việc này đã dừng giữa chừng. Phần đã làm xong vẫn được giữ; hãy bấm Chạy lại."
        )
        seen = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, heartbeat_at=job.heartbeat_at)
        if seen.update(state=JobState.INTERRUPTED, finished_at=now, error=text):
            job.refresh_from_db()
            interrupted.append(job)
    return interrupted


def job_retry(*, actor: Actor, job: Job, now: datetime | None = None) -> Job:
    """Start work again that ended badly; two clicks start it once. The caller checks the permission.

    :raises JobNotRetryableError: when the job is not of that sort, or its kind has no registered handler.
    """
    if job.kind not in job_retry_handlers:
        raise JobNotRetryableError(
            _("Loại việc này không chạy lại được từ đây. Hãy bắt đầu lại từ trang đã tạo ra nó.")
        )
    with transaction.atomic():
        waiting = Job.objects.filter(pk=job.pk, state__in=JOB_RETRYABLE, retried_at__isnull=True)
        if not waiting.update(retried_at=now or timezone.now()):
            raise JobNotRetryableError(
                _("Việc này đang chạy, đã xong hoặc đã được chạy lại rồi. Hãy tải lại trang.")
            )
        job.refresh_from_db()
        again = job_retry_handlers.get(job.kind)(job, actor)
        Job.objects.filter(pk=again.pk).update(retry_of=job)
        again.refresh_from_db()
    return again
