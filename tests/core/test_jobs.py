"""Jobs: a story of work that goes well, fails, is stopped, dies with its worker, and is retried."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections

from khcn.core import jobs
from khcn.core.actors import Actor
from khcn.core.enums import JobState
from khcn.core.errors import KhcnError
from khcn.core.jobs import (
    JobNotRetryableError,
    JobStoppedError,
    job_begin,
    job_cancel,
    job_fail,
    job_finish,
    job_heartbeat,
    job_progress,
    job_retry,
    job_running,
    job_start,
    jobs_mark_stale,
    jobs_visible_to,
)
from khcn.core.models import Job
from khcn.core.registry import Registry
from tests.core.factories import make_user

NOW = datetime(2021, 5, 7, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=11)


def _start(**values: Any) -> Job:
    return job_start(**{"kind": "test.work", "title": "Nhập 3 tài liệu", "now": NOW, **values})


def _stored(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


@pytest.mark.django_db
def test_work_that_goes_well() -> None:
    an = make_user()
    job = _start(actor=an, total=3)
    assert (job.state, job.actor_label, job.percent) == (JobState.RUNNING, an.get_full_name(), 0)
    job_progress(job, done=1, message="Đang đọc trang 1")
    assert (_stored(job).done, _stored(job).message, _stored(job).percent) == (1, "Đang đọc trang 1", 33)
    assert job_finish(job, message="Đã nhập 3 tài liệu", now=LATER)
    done = _stored(job)
    assert (done.state, done.done, done.finished_at, done.is_active) == (JobState.DONE, 3, LATER, False)


@pytest.mark.django_db
def test_progress_is_written_at_most_twice_a_second_but_the_last_step_always(
    django_assert_num_queries: Any,
) -> None:
    job = _start(total=1000)
    with django_assert_num_queries(1):
        for n in range(1, 1000):
            job_progress(job, done=n)
    with django_assert_num_queries(1):
        job_progress(job, done=1000)
    assert _stored(job).done == 1000


@pytest.mark.django_db
def test_a_known_error_lends_the_job_its_sentence_and_an_unknown_one_a_general_one() -> None:
    with pytest.raises(KhcnError), job_running(kind="test.work", title="Nhập") as job:
        raise KhcnError("Tệp bị khóa bằng mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại.")
    assert (_stored(job).state, _stored(job).error[:12]) == (JobState.FAILED, "Tệp bị khóa ")
    with pytest.raises(ZeroDivisionError), job_running(kind="test.work", title="Nhập") as job:
        _ = 1 / 0
    assert "ZeroDivisionError" in _stored(job).error
    with job_running(kind="test.work", title="Nhập") as job:
        pass
    assert _stored(job).state == JobState.DONE


@pytest.mark.django_db
def test_a_cancelled_job_stops_its_worker_and_stays_cancelled() -> None:
    job = _start(total=10)
    assert job_cancel(actor=make_user(), job=_stored(job), now=LATER)
    with pytest.raises(JobStoppedError):
        job_progress(job, done=1)
    assert (job.state, job.done) == (JobState.CANCELLED, 0)
    assert not job_finish(job)
    assert not job_fail(job, error="muộn")
    assert "Văn An" in _stored(job).error
    with pytest.raises(JobStoppedError):
        job_heartbeat(job)


@pytest.mark.django_db
def test_a_cancelled_block_is_not_marked_as_failed() -> None:
    with pytest.raises(JobStoppedError), job_running(kind="test.work", title="Nhập", total=5) as job:
        job_cancel(actor=None, job=_stored(job))
        job_progress(job, done=1)
    assert _stored(job).state == JobState.CANCELLED


@pytest.mark.django_db
def test_a_queued_job_goes_to_exactly_one_worker() -> None:
    job = _start(queued=True)
    assert (job.state, job.started_at, job.worker) == (JobState.QUEUED, None, "")
    first, second = _stored(job), _stored(job)
    job_begin(first, total=4, now=NOW)
    assert (_stored(job).state, _stored(job).total) == (JobState.RUNNING, 4)
    with pytest.raises(JobStoppedError):
        job_begin(second)


def _worker(pid: int, tick: str = "", host: str = "") -> str:
    return f"{host or jobs.socket.gethostname()[:100]}|{pid}|{tick}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("worker", "silent_minutes", "stale"),
    [
        ("other-host|123|99", 9, False),
        ("other-host|123|99", 11, True),
        ("", 11, True),
        ("dead", 0, True),
        ("alive", 11, False),
        ("alive", 61, True),
    ],
)
def test_silent_workers(worker: str, silent_minutes: int, stale: bool) -> None:
    if worker == "dead":
        child = subprocess.Popen([sys.executable, "-c", "pass"])
        child.wait()
        worker = _worker(child.pid, "12345")
    elif worker == "alive":
        worker = jobs._worker_of(os.getpid())
    job = _start()
    Job.objects.filter(pk=job.pk).update(worker=worker)
    found = jobs_mark_stale(NOW + timedelta(minutes=silent_minutes))
    assert [item.pk for item in found] == ([job.pk] if stale else [])
    assert _stored(job).state == (JobState.INTERRUPTED if stale else JobState.RUNNING)
    if stale:
        assert "Chạy lại" in _stored(job).error
        assert not job_finish(job)


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> Registry[Any]:
    """Return an empty registry of retry handlers with one for ``test.work``."""
    registry: Registry[Any] = Registry("test")

    def again(job: Job, actor: Actor) -> Job:
        return job_start(kind=job.kind, title=job.title, actor=actor, arguments=job.arguments, queued=True)

    registry.register("test.work", again)
    monkeypatch.setattr(jobs, "job_retry_handlers", registry)
    return registry


@pytest.mark.django_db
def test_interrupted_work_is_retried_once(handlers: Registry[Any]) -> None:
    an = make_user()
    job = _start(arguments={"batch": 5})
    Job.objects.filter(pk=job.pk).update(worker="other|1|1")
    jobs_mark_stale(LATER)
    again = job_retry(actor=an, job=job)
    assert (again.state, again.arguments, again.retry_of, again.actor) == (
        JobState.QUEUED,
        {"batch": 5},
        job,
        an,
    )
    assert not _stored(job).is_retryable
    with pytest.raises(JobNotRetryableError):
        job_retry(actor=an, job=job)
    assert Job.objects.count() == 2


@pytest.mark.django_db
def test_what_cannot_be_retried(handlers: Registry[Any]) -> None:
    running, done, unknown = _start(), _start(), _start(kind="test.unknown")
    job_finish(done)
    job_fail(unknown, error="x")
    for job in (running, done, unknown):
        with pytest.raises(JobNotRetryableError):
            job_retry(actor=None, job=job)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_start_the_work_once(handlers: Registry[Any]) -> None:
    job = _start()
    job_fail(job, error="x")
    barrier, results = Barrier(4), []

    def click() -> None:
        barrier.wait()
        try:
            results.append(job_retry(actor=None, job=_stored(job)).pk)
        except JobNotRetryableError:
            results.append(None)
        connections.close_all()

    threads = [Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=str).count(None) == 3
    assert Job.objects.count() == 2


@pytest.mark.django_db
def test_people_see_their_own_jobs() -> None:
    an, binh = make_user(), make_user("binh")
    mine = _start(actor=an)
    _start(actor=binh)
    _start()
    assert list(jobs_visible_to(an)) == [mine]
    assert not jobs_visible_to(None).exists()
