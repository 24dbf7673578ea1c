"""Periodic duties and enqueueing: each slot once, missed slots caught up once."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections, transaction
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from khcn.core import tasks
from khcn.core.models import PeriodicRun
from khcn.core.registry import Registry
from khcn.core.tasks import enqueue_on_commit, next_slot, register_periodic, run_due

NOW = datetime(2021, 6, 7, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "periodic_duties", Registry("test"))


@task()
def _note(number: int) -> int:
    return number


@pytest.mark.parametrize(
    ("minutes_late", "next_minute"), [(0, 10), (1, 10), (9.99, 10), (10, 20), (35, 40), (-5, 10)]
)
def test_the_next_slot_stays_on_the_grid(minutes_late: float, next_minute: int) -> None:
    assert next_slot(NOW, 10 * MINUTE, NOW + minutes_late * MINUTE) == NOW + next_minute * MINUTE


@pytest.mark.django_db
def test_a_duty_runs_at_its_slots_and_catches_up_once() -> None:
    ran: list[datetime] = []
    register_periodic("t.note", 10 * MINUTE, ran.append)
    for minutes in (0, 5, 10, 11, 50, 51, 60):
        run_due(NOW + minutes * MINUTE)
    assert [(at - NOW) // MINUTE for at in ran] == [0, 10, 50, 60]


@pytest.mark.django_db
def test_a_failure_is_kept_and_the_next_slot_tries_again() -> None:
    calls: list[datetime] = []

    def fail_once(now: datetime) -> None:
        calls.append(now)
        if len(calls) == 1:
            raise RuntimeError("đĩa đầy")

    register_periodic("t.fail", MINUTE, fail_once)
    register_periodic("t.other", MINUTE, lambda now: None)
    assert run_due(NOW) == ["t.fail", "t.other"]
    assert PeriodicRun.objects.get(pk="t.fail").error == "RuntimeError: đĩa đầy"
    run_due(NOW + MINUTE)
    row = PeriodicRun.objects.get(pk="t.fail")
    assert (row.error, row.finished_at, len(calls)) == ("", NOW + MINUTE, 2)


@pytest.mark.django_db
def test_a_running_duty_is_left_alone_until_its_lease_ends() -> None:
    ran: list[datetime] = []
    register_periodic("t.long", MINUTE, ran.append, lease=30 * MINUTE)
    PeriodicRun.objects.create(name="t.long", next_at=NOW, busy_until=NOW + 30 * MINUTE)
    assert run_due(NOW + 29 * MINUTE) == []
    assert run_due(NOW + 30 * MINUTE) == ["t.long"]


@pytest.mark.django_db(transaction=True)
def test_many_workers_run_a_slot_once() -> None:
    ran: list[datetime] = []
    register_periodic("t.note", 10 * MINUTE, ran.append)
    barrier = Barrier(5)

    def work() -> None:
        barrier.wait()
        run_due(NOW)
        connections.close_all()

    threads = [Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ran == [NOW]


def test_an_interval_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        register_periodic("t.zero", timedelta(0), lambda now: None)


@pytest.mark.django_db(transaction=True)
def test_a_task_is_enqueued_only_by_a_commit() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue_on_commit(_note, 1)
        raise RuntimeError
    assert not DBTaskResult.objects.exists()
    with transaction.atomic():
        enqueue_on_commit(_note, 2)
        assert not DBTaskResult.objects.exists()
    assert DBTaskResult.objects.get().args_kwargs == {"args": [2], "kwargs": {}}


def test_core_brings_its_own_duties() -> None:
    from khcn.core.duties import register_duties

    register_duties()
    assert [duty.name for duty in tasks.periodic_duties.all()] == [
        "core.api_answers_forget",
        "core.audit_seal",
        "core.jobs_mark_stale",
        "core.outbox_deliver",
    ]
