"""Several writers and followers at once, with real transactions: everything published is found, once, in order."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from khcn.library.models import IndexChange
from khcn.library.search.backend import get_index
from khcn.library.search.changes import IndexFollower, index_drain, index_enqueue, stamp_changes
from khcn.library.search.facade import reindex
from tests.library.search.shelf import Shelf, ask, found, work

pytestmark = pytest.mark.django_db(transaction=True)


def run_all(*acts: Callable[[], Any]) -> list[BaseException]:
    """Run each in a thread of its own; return what they raised."""
    errors: list[BaseException] = []

    def guarded(act: Callable[[], Any]) -> None:
        try:
            act()
        except BaseException as error:  # whatever it is, it is the finding
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return errors


def test_imports_beside_a_running_follower(shelf: Shelf) -> None:
    """Two imports return only when their own works are searchable, while the worker drains as well."""
    done = threading.Event()
    follower = IndexFollower(poll_seconds=0.02)

    def publish(first: int) -> None:
        for batch in range(first, first + 30, 10):
            shelf.put(*(work(number, f"Sách {number}") for number in range(batch, batch + 10)), drain=False)
            index_drain(wait_seconds=60)
            assert set(range(batch, batch + 10)) <= set(found("", limit=200))

    worker = threading.Thread(target=lambda: (follower.run(done.wait), connection.close()))
    worker.start()
    errors = run_all(lambda: publish(100), lambda: publish(200))
    done.set()
    worker.join(timeout=60)
    assert errors == []
    assert ask("").total == 60
    assert get_index().state().last_seq == stamp_changes()


def test_a_follower_finds_a_published_work_within_two_seconds(library: Shelf) -> None:
    done = threading.Event()
    follower = IndexFollower()
    worker = threading.Thread(target=lambda: (follower.run(done.wait), connection.close()))
    worker.start()
    try:
        start = time.monotonic()
        library.put(work(50, "Chim bồ câu đưa thư"), drain=False)
        while found("bo cau dua thu") != [50] and time.monotonic() - start < 10:
            time.sleep(0.02)
        assert time.monotonic() - start < 2
    finally:
        done.set()
        worker.join(timeout=60)


def test_a_change_that_commits_late_is_not_passed_over(shelf: Shelf) -> None:
    """An early transaction takes its row first and commits last; on PostgreSQL both are open at once."""
    shelf.put(work(1, "Một"))
    enqueued, drained = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            shelf.works[2] = work(2, "Hai")
            index_enqueue([2])
            enqueued.set()
            if connection.vendor == "postgresql":
                assert drained.wait(30)

    def quick() -> None:
        assert enqueued.wait(30)
        shelf.put(work(3, "Ba"))
        drained.set()

    assert run_all(slow, quick) == []
    index_drain()
    assert set(found("")) == {1, 2, 3}


def test_reindex_beside_writers(shelf: Shelf) -> None:
    shelf.put(*(work(number, f"Sách {number}") for number in range(1, 41)))
    stop = threading.Event()

    def publish() -> None:
        for number in range(41, 81):
            shelf.put(work(number, f"Sách {number}"), drain=False)
            index_drain(wait_seconds=60)
            if number % 5 == 0:
                shelf.take(number - 40, drain=False)
        stop.set()

    def rebuild() -> None:
        while not stop.is_set():
            reindex()

    assert run_all(publish, rebuild) == []
    index_drain()
    wanted = set(shelf.works)
    assert set(found("", limit=200)) == wanted
    assert ask("").total == len(wanted)
    assert IndexChange.objects.filter(seq__isnull=True).count() == 0


def test_two_stampers_never_give_a_number_twice(shelf: Shelf) -> None:
    for number in range(1, 301):
        index_enqueue([number])
    assert run_all(*(stamp_changes for _ in range(4))) == []
    numbers = list(IndexChange.objects.values_list("seq", flat=True))
    assert len(numbers) == len(set(numbers)) == 300
