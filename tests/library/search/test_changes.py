"""The way from a committed change to a searchable one: order, repetition, failures."""

from pathlib import Path
from threading import Event

import pytest
from django.db import transaction

from khcn.library.models import IndexChange
from khcn.library.search import backend as backend_module
from khcn.library.search import changes
from khcn.library.search.backend import get_index
from khcn.library.search.changes import (
    IndexFollower,
    history_key,
    index_drain,
    index_enqueue,
    index_rebuild,
    stamp_changes,
)
from khcn.library.search.errors import IndexBusyError, IndexUnavailableError, IndexWriteError
from khcn.library.search.facade import reindex, search
from khcn.library.search.types import SearchQuery
from tests.library.search.shelf import NOW, Shelf, ask, found, work

pytestmark = pytest.mark.django_db


def test_numbers_follow_the_commits_and_old_rows_go(shelf: Shelf) -> None:
    index_enqueue([1, 2])
    first = stamp_changes()
    index_enqueue([2, 3, 2])
    second = stamp_changes()
    assert second > first
    rows = list(IndexChange.objects.order_by("seq").values_list("work_id", flat=True))
    assert rows == [1, 2, 3]
    assert stamp_changes() == second


def test_a_later_number_is_never_below_one_already_given(shelf: Shelf) -> None:
    """Rows restored or inserted with small ids still get numbers behind the last one."""
    index_enqueue([1])
    IndexChange.objects.update(seq=10_000)
    index_enqueue([2])
    assert stamp_changes() > 10_000


def test_a_change_that_is_rolled_back_is_never_indexed(shelf: Shelf) -> None:
    shelf.put(work(1, "Một"))
    with pytest.raises(RuntimeError), transaction.atomic():
        index_enqueue([2])
        raise RuntimeError
    assert index_drain().applied == 0


def test_draining_twice_changes_nothing(library: Shelf) -> None:
    assert index_drain().applied == 0
    assert ask("").total == 6


def test_many_changes_of_one_work_are_written_once(shelf: Shelf) -> None:
    for _ in range(5):
        shelf.put(work(1, "Một"), drain=False)
    index_drain()
    assert (ask("").total, IndexChange.objects.count()) == (1, 1)


def test_a_work_that_cannot_be_read_holds_up_no_other(shelf: Shelf) -> None:
    shelf.put(work(3, "Ba"))
    shelf.broken = {3}
    shelf.put(*(work(number, f"Sách {number}") for number in range(1, 8)), drain=False)
    report = index_drain()
    assert report.failed == [3]
    assert set(found("")) == set(range(1, 8))  # the earlier version of 3 stays


def test_busy_index_waits_and_then_says_so(library: Shelf) -> None:
    library.put(work(7, "Bảy"), drain=False)
    with get_index().writer_lock() as held:
        assert held
        with pytest.raises(IndexBusyError) as caught:
            index_drain(wait_seconds=0.1)
        assert "Đã lưu" in caught.value.message
        assert IndexFollower().step() is None
    index_drain()
    assert found("bảy") == [7]


def test_nothing_waits_when_another_process_has_written_ours(library: Shelf) -> None:
    with get_index().writer_lock():
        assert index_drain(wait_seconds=0).applied == 0


def test_follower_ends_when_told_and_survives_errors(library: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put(work(8, "Tám"), drain=False)
    calls: list[float] = []
    stop = Event()

    def stopped(seconds: float) -> bool:
        calls.append(seconds)
        return len(calls) > 3

    def broken(**_: object) -> None:
        raise OSError("no space left on device")

    follower = IndexFollower(poll_seconds=0.3)
    with monkeypatch.context() as patch:
        patch.setattr(changes, "index_drain", broken)
        follower.run(stopped)
    assert calls == [0.3, 0.6, 1.2, 2.4]  # a full disk is tried again ever more slowly
    calls.clear()
    follower.run(stopped)
    assert calls[-1] == 0.3
    assert found("tám") == [8]
    assert not stop.is_set()


def test_index_of_another_database_is_rebuilt(library: Shelf) -> None:
    with get_index().writer_lock(), get_index().writer() as writer:
        writer.commit(seq=10**9, history="another")
    library.works.pop(1)
    assert index_drain().rebuilt
    assert 1 not in found("")
    assert get_index().state().history == history_key()


def test_index_newer_than_a_restored_database_is_rebuilt(library: Shelf) -> None:
    with get_index().writer_lock(), get_index().writer() as writer:
        writer.commit(seq=10**9, history=history_key())
    assert index_drain().rebuilt
    assert ask("").total == 6


def test_reindex_shows_progress_and_keeps_everything(library: Shelf) -> None:
    seen: list[tuple[int, int]] = []
    assert reindex(lambda done, total: seen.append((done, total))) == 6
    assert seen[-1] == (6, 6)
    assert ask("").total == 6


def test_what_is_published_during_a_reindex_is_not_lost(library: Shelf) -> None:
    """The library changes while the new copy is being built: before, and after its documents were read."""
    library.put(work(20, "Hai mươi"))

    def meanwhile(done: int, total: int) -> None:
        if done == 0:
            library.put(work(21, "Hai mốt"))
            library.take(20)
        else:
            library.put(work(22, "Hai hai"))
        assert 1 in found("", limit=50)  # and the live copy still answers

    reindex(meanwhile)
    assert set(found("", limit=50)) == {1, 2, 3, 4, 5, 6, 21, 22}
    assert index_drain().applied == 0


def test_two_rebuilds_at_once_are_refused(library: Shelf) -> None:
    with get_index().rebuild_lock():
        assert index_rebuild(get_index()) is None
        with pytest.raises(IndexBusyError):
            reindex()


def test_a_failed_rebuild_leaves_the_live_index(library: Shelf) -> None:
    def fail(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reindex(fail)
    assert ask("").total == 6
    assert reindex() == 6


# --- the local index only ---


@pytest.fixture()
def folder(backend: str, tmp_path: Path) -> Path:
    if backend != "tantivy":
        pytest.skip("files are the tantivy index's own")
    return tmp_path / "index"


def test_a_missing_index_is_rebuilt_by_the_first_search(
    folder: Path, library: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert ask("").total == 6
    assert "rebuilt" in caplog.text


DAMAGE = ["meta.json", "truncated", "garbage", "pointer"]


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_index_is_rebuilt(folder: Path, library: Shelf, kind: str) -> None:
    copy = folder / (folder / "live").read_text()
    if kind == "meta.json":
        (copy / "works" / "meta.json").write_text("{")
    elif kind == "pointer":
        (folder / "live").write_text("../../etc")
    else:
        for path in (copy / "works").glob("*.idx"):
            data = path.read_bytes()
            path.unlink()  # a reader has the old file mapped: never write into it
            path.write_bytes(data[: len(data) // 2] if kind == "truncated" else b"\x00" * len(data))
    backend_module._index.cache_clear()  # as a new process would
    assert found("quyết định")[0] == 2


def test_what_breaks_in_the_middle_of_a_search_is_marked_and_rebuilt(
    folder: Path, library: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    from khcn.library.search.tantivy_reader import TantivyReader

    def broken(self: object, query: object) -> None:
        raise ValueError("An IO error occurred: corrupt")

    with monkeypatch.context() as patch:
        patch.setattr(TantivyReader, "search", broken)
        with pytest.raises(IndexUnavailableError) as caught:
            get_index().search(SearchQuery("x", NOW))
        assert "dựng lại" in caught.value.message
    assert index_drain().rebuilt
    assert ask("").total == 6


def test_an_index_of_another_version_is_rebuilt(
    folder: Path, library: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    from khcn.library.search import tantivy_schema, tantivy_writer

    for module in (tantivy_schema, tantivy_writer):
        monkeypatch.setattr(module, "VERSION", 99)
    backend_module._index.cache_clear()
    assert index_drain().rebuilt
    assert search(SearchQuery("", NOW)).total == 6


def test_write_error_keeps_the_changes(folder: Path, library: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    from khcn.library.search.tantivy_writer import TantivyWriter

    def full(self: object, **_: object) -> None:
        raise IndexWriteError("No space left on device")

    library.put(work(9, "Chín"), drain=False)
    with monkeypatch.context() as patch:
        patch.setattr(TantivyWriter, "commit", full)
        with pytest.raises(IndexWriteError) as caught:
            index_drain()
        assert "không mất dữ liệu" in caught.value.message
    assert found("chín") == []
    index_drain()
    assert found("chín") == [9]
