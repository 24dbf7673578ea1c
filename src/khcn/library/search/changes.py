"""From a committed change to a searchable one.

1. A service calls ``index_enqueue`` in its transaction: one ``IndexChange`` row a work.
2. After the commit, ``index_drain`` (a command that must return searchable, or the worker's ``IndexFollower``)
   numbers the new rows (``stamp_changes``), one process at a time, so that no number ever appears behind one already
   followed, and writes the works to the index together with the last number. Killed in the middle, it begins again
   from the number in the index; writing a work twice changes nothing.
3. An index that is missing, damaged, or from another database's history is rebuilt beside and swapped in.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import F, Max

from khcn.library.models import IndexChange, IndexHistory
from khcn.library.search.backend import get_index
from khcn.library.search.errors import IndexBusyError, IndexUnavailableError
from khcn.library.search.protocol import IndexBuilder, IndexWriter, SearchIndex
from khcn.library.search.provider import all_work_ids, documents_for
from khcn.library.search.types import IndexDocument

logger = logging.getLogger(__name__)

_STAMP_LOCK = 0x6B68_636E  # "khcn": the number of our advisory lock
_STAMP_BATCH = 5000
_READ_BATCH = 200
_COMMIT_EVERY = 20_000
_POLL_SECONDS = 0.05


@dataclass(slots=True)
class DrainReport:
    """What a drain did: works written or removed, and works whose document could not be made (see the
    log)."""

    applied: int = 0
    rebuilt: bool = False
    failed: list[int] = field(default_factory=list)


def index_enqueue(work_ids: Sequence[int]) -> None:
    """Note, in the caller's transaction, that these works have changed (also: appeared, became hidden,
    vanished)."""
    IndexChange.objects.bulk_create(
        [IndexChange(work_id=work_id) for work_id in dict.fromkeys(work_ids)], batch_size=1000
    )


def stamp_changes() -> int:
    """Give committed changes their numbers, in order; return the highest number there is (0: none)."""
    while IndexChange.objects.filter(seq__isnull=True).exists() and _stamp_batch():
        pass
    return _max_seq()


def _max_seq() -> int:
    return IndexChange.objects.aggregate(top=Max("seq"))["top"] or 0


def _stamp_batch() -> bool:
    """Number one batch of changes; return whether there was any."""
    with transaction.atomic():
        if connection.vendor == "postgresql":  # SQLite has one writer at a time anyhow
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_STAMP_LOCK])
        fresh = IndexChange.objects.filter(seq__isnull=True).order_by("id")
        rows = list(fresh.values_list("id", "work_id")[:_STAMP_BATCH])
        if not rows:
            return False
        newest = {work_id: row_id for row_id, work_id in rows}
        top = _max_seq()
        offset = max(0, top + 1 - rows[0][0])
        for chunk in _chunks(sorted(newest), 500):
            IndexChange.objects.filter(work_id__in=chunk, seq__isnull=False).delete()
        for chunk in _chunks(sorted({row_id for row_id, _ in rows} - set(newest.values())), 500):
            IndexChange.objects.filter(id__in=chunk).delete()
        for chunk in _chunks(sorted(newest.values()), 500):
            IndexChange.objects.filter(id__in=chunk).update(seq=F("id") + offset)
    return True


def _chunks(items: Sequence[int], size: int) -> Iterator[list[int]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def history_key() -> str:
    """Return the name of this database's history, making it on first use."""
    return IndexHistory.objects.get_or_create(pk=1, defaults={"key": uuid.uuid4().hex})[0].key


def index_drain(*, wait_seconds: float = 60.0) -> DrainReport:
    """Bring the index up to every change committed so far; when it returns they can be found.

    While another process writes, wait for it to reach our changes. Raises ``IndexBusyError`` after
    ``wait_seconds`` and ``IndexWriteError`` when the disk refuses; in both cases the changes stay queued.
    """
    index, target, history = get_index(), stamp_changes(), history_key()
    deadline = time.monotonic() + wait_seconds
    while True:
        done = _try_drain(index, target, history)
        if done is not None:
            return done
        if time.monotonic() >= deadline:
            raise IndexBusyError
        time.sleep(_POLL_SECONDS)


def _try_drain(index: SearchIndex, target: int, history: str) -> DrainReport | None:
    """Drain once; None when another process holds the lock that we need and has not reached ``target``."""
    problem = _problem(index, target, history)
    if problem is None and index.state().last_seq >= target:
        return DrainReport()
    if problem is not None:
        logger.warning("The search index is rebuilt: %s", problem)
        return index_rebuild(index)
    with index.writer_lock() as held:
        if not held:
            return None
        report = DrainReport()
        try:
            with index.writer() as writer:
                _follow(writer, history, report)
            index.refresh_vocabulary()
        except IndexUnavailableError:
            return None  # found damaged only now: the next turn rebuilds
        return report


def _problem(index: SearchIndex, target: int, history: str) -> str | None:
    """Tell why the live copy cannot be followed on, if so."""
    try:
        state = index.state()
    except IndexUnavailableError as error:
        return error.reason
    if state.history != history:
        return "it was made from another database"
    if state.last_seq > target and state.last_seq > _max_seq():
        return "the database is older than the index"
    return None


def _follow(writer: IndexWriter, history: str, report: DrainReport) -> None:
    """Write all numbered changes behind the writer's own sequence."""
    seq = writer.state().last_seq
    uncommitted = 0
    while True:
        rows = list(
            IndexChange.objects.filter(seq__gt=seq)
            .order_by("seq")
            .values_list("seq", "work_id")[:_READ_BATCH]
        )
        if rows:
            _write(writer, [work_id for _, work_id in rows], report)
            seq, uncommitted = rows[-1][0] or seq, uncommitted + len(rows)
        if uncommitted and (not rows or uncommitted >= _COMMIT_EVERY):
            writer.commit(seq=seq, history=history)
            uncommitted = 0
        if not rows:
            return


def _write(writer: IndexWriter, work_ids: Sequence[int], report: DrainReport) -> None:
    """Write the present state of these works."""
    documents = _documents(work_ids, report.failed)
    present = {document.work_id for document in documents}
    gone = [work_id for work_id in work_ids if work_id not in present and work_id not in report.failed]
    writer.remove(gone)
    writer.put(documents)
    report.applied += len(documents) + len(gone)


def _documents(work_ids: Sequence[int], failed: list[int]) -> list[IndexDocument]:
    """Return the documents of a batch; one that cannot be made is logged and must not hold up the others."""
    try:
        return list(documents_for(work_ids))
    except DatabaseError:
        raise
    except Exception:
        if len(work_ids) == 1:
            logger.exception("Work %s cannot be indexed; its earlier version stays in the index", work_ids[0])
            failed.append(work_ids[0])
            return []
        half = len(work_ids) // 2
        return _documents(work_ids[:half], failed) + _documents(work_ids[half:], failed)


def index_rebuild(
    index: SearchIndex, progress: Callable[[int, int], None] | None = None
) -> DrainReport | None:
    """Build a new copy beside the live one and swap it in; None when another process is already at it.

    Searches and writes go on meanwhile: what changes during the build is behind ``start`` and is followed
    before the swap, the last of it under the writer's lock.
    """
    with index.rebuild_lock() as held:
        if not held:
            return None
        report = DrainReport(rebuilt=True)
        history, start = history_key(), stamp_changes()
        with index.builder() as builder:
            _build(builder, report, progress)
            builder.commit(seq=start, history=history)
            stamp_changes()
            _follow(builder, history, report)
            _swap(index, builder, history, report)
        return report


def _build(builder: IndexBuilder, report: DrainReport, progress: Callable[[int, int], None] | None) -> None:
    ids = all_work_ids()
    for number, chunk in enumerate(_chunks(ids, _READ_BATCH)):
        if progress:
            progress(number * _READ_BATCH, len(ids))
        _write(builder, chunk, report)
    if progress:
        progress(len(ids), len(ids))


def _swap(index: SearchIndex, builder: IndexBuilder, history: str, report: DrainReport) -> None:
    while True:
        with index.writer_lock() as held:
            if held:
                stamp_changes()
                _follow(builder, history, report)
                builder.publish()
                index.refresh_vocabulary()
                return
        time.sleep(_POLL_SECONDS)


class IndexFollower:
    """Keeps this machine's index up to date: the loop of the ``khcn worker`` process."""

    def __init__(self, *, poll_seconds: float = 0.3) -> None:
        self.poll_seconds = poll_seconds
        self._pause = poll_seconds

    def step(self) -> DrainReport | None:
        """Drain once without waiting for others; None when it could not. Never raises what a retry may
        mend."""
        try:
            report = index_drain(wait_seconds=0)
        except IndexBusyError:
            return None
        except Exception:
            self._pause = min(self._pause * 2, 30.0)
            logger.exception("The search index could not be updated; next try in %.1f s", self._pause)
            return None
        self._pause = self.poll_seconds
        return report

    def run(self, stopped: Callable[[float], bool]) -> None:
        """Follow until told to stop. ``stopped(seconds)`` waits that long and tells whether to end
        (Event.wait)."""
        while not stopped(self._pause):
            self.step()
            if not transaction.get_connection().in_atomic_block:
                connection.close_if_unusable_or_obsolete()
