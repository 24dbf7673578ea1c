"""The search index in PostgreSQL: for installations of several machines that want no local files.

Tables: migration ``0002_search``. Every row belongs to a numbered copy; a rebuild fills the next copy and the swap is
one UPDATE. Needs no extension. Ranking has no document frequencies of its own, so they come from the vocabulary.
"""

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from khcn.engines.text.fold import fold, nfc
from khcn.engines.text.tokens import words
from khcn.library.search.analysis import number_keys, passages
from khcn.library.search.errors import IndexUnavailableError
from khcn.library.search.hits import StoredWork
from khcn.library.search.postgres_reader import PostgresReader
from khcn.library.search.postgres_vectors import passage_vector, work_vector
from khcn.library.search.types import (
    Completion,
    IndexDocument,
    IndexState,
    IndexStats,
    SearchQuery,
    SearchResult,
)
from khcn.library.search.vocabulary import SAMPLE_WORKS, Vocabulary, build_vocabulary, is_stale

VERSION: Final = 1
_LOCK_CLASS: Final = 0x6B68
_LOCKS: Final = {"writer": 1, "rebuild": 2}
_INSERT_WORK: Final = """
INSERT INTO library_search_work (copy, work_id, stored, title_key, title_words, date, length, numbers, subjects,
    facets, access, available_from, vector)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::tsvector)
"""
_INSERT_PASSAGE: Final = """
INSERT INTO library_search_passage (copy, work_id, ordinal, page, text, vector)
VALUES (%s, %s, %s, %s, %s, %s::tsvector)
"""


def _rows(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _run(sql: str, params: Sequence[Any] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _no_zero(text: str) -> str:
    return text.replace("\x00", " ")  # PostgreSQL holds no such character


class PostgresWriter:
    """An ``IndexBuilder`` over one copy; what is put is buffered, and written in one transaction at ``commit``."""

    def __init__(self, copy: int, state: IndexState) -> None:
        self._copy = copy
        self._state = state
        self._puts: dict[int, IndexDocument] = {}
        self._gone: set[int] = set()
        self.published = False

    def state(self) -> IndexState:
        """Return what was last committed."""
        return self._state

    def put(self, documents: Iterable[IndexDocument]) -> None:
        """Add works, each in the place of an earlier version of itself."""
        for document in documents:
            self._gone.add(document.work_id)
            self._puts[document.work_id] = document
            if len(self._puts) >= 500:
                self._flush()

    def remove(self, work_ids: Sequence[int]) -> None:
        """Take works out."""
        for work_id in work_ids:
            self._gone.add(work_id)
            self._puts.pop(work_id, None)

    def commit(self, *, seq: int, history: str) -> None:
        """Make everything visible together with ``seq``."""
        with transaction.atomic():
            self._write()
            _run(
                "UPDATE library_search_copy SET last_seq = %s, history = %s WHERE copy = %s",
                [seq, history, self._copy],
            )
        self._state = IndexState(seq, history)

    def _flush(self) -> None:
        """Write the buffer early where nobody sees it; the live copy waits for ``commit``."""
        if not _rows("SELECT live FROM library_search_copy WHERE copy = %s", [self._copy])[0][0]:
            with transaction.atomic():
                self._write()

    def _write(self) -> None:
        gone, puts = sorted(self._gone), list(self._puts.values())
        for table in ("work", "passage"):
            _run(
                f"DELETE FROM library_search_{table} WHERE copy = %s AND work_id = ANY(%s)",  # noqa: S608  # two names
                [self._copy, gone],
            )
        with connection.cursor() as cursor:
            if puts:
                cursor.executemany(_INSERT_WORK, [self._work_row(document) for document in puts])
            rows = [row for document in puts for row in self._passage_rows(document)]
            if rows:
                cursor.executemany(_INSERT_PASSAGE, rows)
        _run("UPDATE library_search_copy SET changes = changes + %s WHERE copy = %s", [len(gone), self._copy])
        self._gone.clear()
        self._puts.clear()

    def _work_row(self, source: IndexDocument) -> tuple[Any, ...]:
        vector = work_vector(source)
        return (
            self._copy,
            source.work_id,
            StoredWork.of(source).to_bytes(),
            source.title_key,
            " ".join(["", *words(fold(source.title)), ""]),
            source.date,
            float(vector.words),
            list(number_keys(source)),
            [_no_zero(nfc(subject)) for subject in dict.fromkeys(source.subjects)],
            [_no_zero(f"{name}:{value}") for name, values in source.facets.items() for value in values],
            list(source.access),
            source.available_from,
            vector.text(),
        )

    def _passage_rows(self, source: IndexDocument) -> Iterator[tuple[Any, ...]]:
        if StoredWork.of(source).passages:
            for ordinal, (page, text) in enumerate(
                passages((page, nfc(text)) for page, text in source.pages)
            ):
                yield self._copy, source.work_id, ordinal, page, _no_zero(text), passage_vector(text)

    def publish(self) -> None:
        """Put this copy in the place of the live one, in one transaction."""
        with transaction.atomic():
            _run("UPDATE library_search_copy SET live = false WHERE live")
            _run("UPDATE library_search_copy SET live = true WHERE copy = %s", [self._copy])
        self.published = True
        _clear_old()


def _clear_old() -> None:
    """Remove every copy but the live one."""
    with transaction.atomic():
        dead = "SELECT copy FROM library_search_copy WHERE NOT live"
        for table in ("work", "passage", "copy"):
            _run(f"DELETE FROM library_search_{table} WHERE copy IN ({dead})")  # noqa: S608  # three names


class PostgresIndex:
    """A ``SearchIndex`` in the default database."""

    name = "postgres"

    def __init__(self) -> None:
        self._held = threading.local()
        self._vocabulary: tuple[tuple[int, int], Vocabulary | None] | None = None

    def _live(self) -> tuple[int, IndexState, int, int]:
        """Return the live copy, its state, its changes, and at how many of them its vocabulary was built."""
        rows = _rows(
            "SELECT copy, last_seq, history, changes, vocabulary_changes, version FROM library_search_copy WHERE live"
        )
        if not rows:
            raise IndexUnavailableError("there is no index yet")
        copy, seq, history, changes, built_at, version = rows[0]
        if version != VERSION:
            raise IndexUnavailableError(f"the index has version {version}, not {VERSION}")
        return copy, IndexState(seq, history), changes, built_at

    def state(self) -> IndexState:
        """Return how far the live copy has come."""
        return self._live()[1]

    def _reader(self) -> PostgresReader:
        copy, _, _, built_at = self._live()
        if self._vocabulary is None or self._vocabulary[0] != (copy, built_at):
            data = _rows("SELECT vocabulary FROM library_search_copy WHERE copy = %s", [copy])
            raw = data[0][0] if data else None
            self._vocabulary = (copy, built_at), Vocabulary.from_bytes(bytes(raw)) if raw else None
        return PostgresReader(copy, self._vocabulary[1])

    def search(self, query: SearchQuery) -> SearchResult:
        """Answer a question."""
        start = time.perf_counter()
        result = self._reader().search(query)
        return replace(result, took_ms=round((time.perf_counter() - start) * 1000, 2))

    def matching_ids(self, query: SearchQuery, *, cap: int) -> list[int]:
        """Return the ids of at most ``cap`` works that match, in the order of the result."""
        return self._reader().ids(query, cap)

    def autocomplete(
        self, prefix: str, *, access: frozenset[str], now: datetime, limit: int = 8
    ) -> list[Completion]:
        """Return proposals for what a reader is typing."""
        return self._reader().autocomplete(prefix, access=access, now=now, limit=limit)

    def stats(self) -> IndexStats:
        """Return figures."""
        copy, state, _, _ = self._live()
        works, parts = (
            _rows(f"SELECT count(*) FROM library_search_{table} WHERE copy = %s", [copy])[0][0]  # noqa: S608
            for table in ("work", "passage")
        )
        size = _rows(
            "SELECT pg_total_relation_size('library_search_work') + pg_total_relation_size('library_search_passage')"
        )[0][0]
        return IndexStats(self.name, works, parts, size, state.last_seq)

    # --- writing ---

    def writer_lock(self) -> AbstractContextManager[bool]:
        """Take the right to write the live copy."""
        return self._lock("writer")

    def rebuild_lock(self) -> AbstractContextManager[bool]:
        """Take the right to build a new copy."""
        return self._lock("rebuild")

    @contextlib.contextmanager
    def _lock(self, name: str) -> Iterator[bool]:
        """Take a lock of this database session, which ends with it. PostgreSQL would give it twice to one session."""
        held: set[str] = self._held.__dict__.setdefault("names", set())
        if (
            name in held
            or not _rows("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_CLASS, _LOCKS[name]])[0][0]
        ):
            yield False
            return
        held.add(name)
        try:
            yield True
        finally:
            held.discard(name)
            if connection.connection is not None and not connection.needs_rollback:
                _run("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_CLASS, _LOCKS[name]])

    @contextlib.contextmanager
    def writer(self) -> Iterator[PostgresWriter]:
        """Open the live copy for writing."""
        copy, state, _, _ = self._live()
        yield PostgresWriter(copy, state)

    @contextlib.contextmanager
    def builder(self) -> Iterator[PostgresWriter]:
        """Begin a new copy."""
        _clear_old()
        copy = _rows(
            "INSERT INTO library_search_copy (copy, version) "
            "SELECT coalesce(max(copy), 0) + 1, %s FROM library_search_copy RETURNING copy",
            [VERSION],
        )[0][0]
        writer = PostgresWriter(copy, IndexState(0, ""))
        try:
            yield writer
        finally:
            if not writer.published and not connection.needs_rollback:
                _clear_old()

    def refresh_vocabulary(self) -> bool:
        """Build the vocabulary for suggestions and ranking anew when enough has changed."""
        copy, _, changes, built_at = self._live()
        works = _rows("SELECT count(*) FROM library_search_work WHERE copy = %s", [copy])[0][0]
        if built_at >= 0 and not is_stale(works=works, changes_since=changes - built_at):
            return False
        data = build_vocabulary(PostgresReader(copy, None).public_texts(SAMPLE_WORKS)).to_bytes()
        _run(
            "UPDATE library_search_copy SET vocabulary = %s, vocabulary_changes = %s WHERE copy = %s",
            [data, changes, copy],
        )
        _run("ANALYZE library_search_work")
        return True
