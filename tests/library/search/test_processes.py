"""The local index among processes: killed in the middle, two at once, a disk that is full, readers beside a writer."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from khcn.library.search.tantivy_index import TantivyIndex
from khcn.library.search.types import SearchQuery
from tests.library.search.works import NOW, work

ROOT = Path(__file__).parents[3]
PATIENCE_S = 300  # of a busy machine


def child(*args: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.library.search.child", *map(str, args)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    )


def count(index: TantivyIndex) -> int:
    return index.search(SearchQuery("", NOW)).total


@pytest.fixture()
def index(tmp_path: Path) -> TantivyIndex:
    index = TantivyIndex(tmp_path)
    with index.rebuild_lock(), index.builder() as builder:
        builder.commit(seq=0, history="h")
        builder.publish()
    return index


def test_killed_in_the_middle_it_holds_the_last_commit_and_goes_on(
    index: TantivyIndex, tmp_path: Path
) -> None:
    process = child("write", tmp_path, 1, 100, 57)
    assert process.stdout is not None
    while process.stdout.readline().strip() != "paused":
        pass
    process.kill()  # -9, with seven works written but not committed
    process.wait()
    assert (count(index), index.state().last_seq) == (50, 50)
    again = child("write", tmp_path, index.state().last_seq + 1, 100)
    again.communicate(timeout=PATIENCE_S)
    assert (count(index), index.state().last_seq) == (100, 100)


def test_repeating_what_was_done_before_the_kill_changes_nothing(index: TantivyIndex, tmp_path: Path) -> None:
    for _ in range(2):
        child("write", tmp_path, 1, 40).communicate(timeout=PATIENCE_S)
    assert count(index) == 40


def test_one_process_writes_at_a_time(index: TantivyIndex, tmp_path: Path) -> None:
    first = child("write", tmp_path, 1, 60, 30)
    assert first.stdout is not None
    while first.stdout.readline().strip() != "paused":
        pass
    second = child("write", tmp_path, 100, 120)
    assert second.communicate(timeout=PATIENCE_S)[0].split() == ["busy"]
    assert count(index) == 30  # and a reader is not held up
    first.kill()
    first.wait()
    third = child("write", tmp_path, 31, 60)  # the kernel gave the lock back
    assert third.communicate(timeout=PATIENCE_S)[0].split()[0] == "held"
    assert count(index) == 60


def test_full_disk_is_an_error_that_loses_nothing(index: TantivyIndex, tmp_path: Path) -> None:
    child("write", tmp_path, 1, 20).communicate(timeout=PATIENCE_S)
    assert child("full", tmp_path).communicate(timeout=PATIENCE_S)[0].split()[:1] == ["refused"]
    assert (count(index), index.state().last_seq) == (20, 20)
    child("write", tmp_path, 21, 30).communicate(timeout=PATIENCE_S)
    assert count(index) == 30


def test_readers_see_whole_commits_while_another_process_writes(index: TantivyIndex, tmp_path: Path) -> None:
    process = child("write", tmp_path, 1, 200)
    seen: set[int] = set()
    while process.poll() is None:
        seen.add(count(index))
    assert count(index) == 200
    assert all(number % 10 == 0 for number in seen)


def test_threads_search_while_copies_are_swapped(index: TantivyIndex) -> None:
    errors: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                index.search(SearchQuery("noi dung", NOW))
            except BaseException as error:  # whatever it is, it is the finding
                errors.append(error)
                return

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(1, 8):
        with index.rebuild_lock(), index.builder() as builder:
            builder.put(work(number, f"Sách {number}", "nội dung") for number in range(turn * 3))
            builder.commit(seq=turn, history="h")
            with index.writer_lock():
                builder.publish()
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert count(index) == 21
