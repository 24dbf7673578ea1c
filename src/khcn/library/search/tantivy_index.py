"""The default search index: tantivy files in the data folder, read by every process, written by one at a
time."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from khcn.library.search.errors import IndexUnavailableError, IndexWriteError
from khcn.library.search.tantivy_files import IndexFolder
from khcn.library.search.tantivy_reader import TantivyReader
from khcn.library.search.tantivy_writer import TantivyWriter
from khcn.library.search.types import Completion, IndexState, IndexStats, SearchQuery, SearchResult
from khcn.library.search.vocabulary import SAMPLE_WORKS, build_vocabulary, is_stale

logger = logging.getLogger(__name__)
T = TypeVar("T")
_OPEN_TRIES = 5


class TantivyIndex:
    """A ``SearchIndex`` in one folder."""

    name = "tantivy"

    def __init__(self, root: Path) -> None:
        self._folder = IndexFolder(root)
        self._opening = threading.Lock()
        self._opened: tuple[tuple[tuple[int, int, int], ...], TantivyReader] | None = None

    # --- reading ---

    def _reader(self) -> TantivyReader:
        """Return a reader of the latest commit: three ``stat`` calls when nothing has changed."""
        opened = self._opened
        if opened is not None and opened[0] and opened[0] == self._folder.stamp():
            return opened[1]
        with self._opening:
            opened, stamp = self._opened, self._folder.stamp()
            if opened is not None and stamp and opened[0] == stamp:
                return opened[1]
            for attempt in range(_OPEN_TRIES):
                stamp = self._folder.stamp()
                try:
                    reader = TantivyReader(self._folder.live())
                except IndexUnavailableError:
                    # A commit or a swap between two files that we open: the next look finds them in step.
                    if attempt == _OPEN_TRIES - 1 or not stamp:
                        raise
                    time.sleep(0.02)
                    continue
                self._opened = (stamp, reader)
                return reader
        raise AssertionError("unreachable")

    def _guarded(self, act: Callable[[TantivyReader], T]) -> T:
        """Run a read; what shows a damaged file is noted beside the copy, so that the next drain rebuilds."""
        reader = self._reader()
        try:
            return act(reader)
        except (ValueError, OSError) as error:
            self._mark_damaged(str(error))
            raise IndexUnavailableError(str(error)) from error
        except BaseException as error:
            # A panic in the Rust code derives from BaseException and is not importable by name.
            if type(error).__name__ != "PanicException":
                raise
            self._mark_damaged(str(error))
            raise IndexUnavailableError(str(error)) from error

    def _mark_damaged(self, reason: str) -> None:
        logger.error("The search index is damaged and will be rebuilt: %s", reason[:500])
        with contextlib.suppress(OSError, IndexUnavailableError):
            (self._folder.live() / "damaged").touch()

    def state(self) -> IndexState:
        """Return how far the live copy has come."""
        return self._live_reader().state

    def _live_reader(self) -> TantivyReader:
        self._folder.live()  # raises when the copy is marked as damaged
        return self._reader()

    def search(self, query: SearchQuery) -> SearchResult:
        """Answer a question."""
        start = time.perf_counter()
        result = self._guarded(lambda reader: reader.search(query))
        return replace(result, took_ms=round((time.perf_counter() - start) * 1000, 2))

    def matching_ids(self, query: SearchQuery, *, cap: int) -> list[int]:
        """Return the ids of at most ``cap`` works that match, in the order of the result."""
        return self._guarded(lambda reader: reader.ids(query, cap))

    def autocomplete(
        self, prefix: str, *, access: frozenset[str], now: datetime, limit: int = 8
    ) -> list[Completion]:
        """Return proposals for what a reader is typing."""
        return self._guarded(lambda reader: reader.autocomplete(prefix, access=access, now=now, limit=limit))

    def stats(self) -> IndexStats:
        """Return figures."""
        reader, copy = self._live_reader(), self._folder.live()
        size = sum(path.stat().st_size for path in copy.rglob("*") if path.is_file())
        return IndexStats(self.name, reader.works, reader.passages, size, reader.state.last_seq)

    # --- writing ---

    def writer_lock(self) -> AbstractContextManager[bool]:
        """Take the right to write the live copy."""
        return self._folder.lock("writer")

    def rebuild_lock(self) -> AbstractContextManager[bool]:
        """Take the right to build a new copy."""
        return self._folder.lock("rebuild")

    @contextlib.contextmanager
    def writer(self) -> Iterator[TantivyWriter]:
        """Open the live copy for writing."""
        writer = TantivyWriter(self._folder, self._folder.live(), new=False)
        try:
            yield writer
        finally:
            writer.close()

    @contextlib.contextmanager
    def builder(self) -> Iterator[TantivyWriter]:
        """Begin a new copy."""
        try:
            copy = self._folder.new_copy()
        except OSError as error:
            raise IndexWriteError(str(error)) from error
        writer = TantivyWriter(self._folder, copy, new=True)
        try:
            yield writer
        finally:
            writer.close()
            self._folder.clear_old()

    def refresh_vocabulary(self) -> bool:
        """Build the vocabulary for suggestions anew when enough has changed; return whether it was built."""
        copy, reader = self._folder.live(), self._live_reader()
        path, mark = copy / "vocabulary", copy / "vocabulary.changes"
        try:
            built_at = int(mark.read_text())
        except (OSError, ValueError):
            built_at = -1
        if (
            built_at >= 0
            and path.exists()
            and not is_stale(works=reader.works, changes_since=reader.changes - built_at)
        ):
            return False
        data = build_vocabulary(reader.public_texts(SAMPLE_WORKS)).to_bytes()
        try:
            draft = copy / "vocabulary.new"
            draft.write_bytes(data)
            draft.replace(path)
            mark.write_text(str(reader.changes))
        except OSError as error:
            raise IndexWriteError(str(error)) from error
        return True
