"""What a search index must do. Two implementations: ``tantivy_index`` (default) and ``postgres_index``."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from khcn.library.search.types import (
    Completion,
    IndexDocument,
    IndexState,
    IndexStats,
    SearchQuery,
    SearchResult,
)


class IndexWriter(Protocol):
    """Writes one copy of an index. Nothing is visible to readers, or kept, before ``commit``."""

    def state(self) -> IndexState:
        """Return what was last committed."""

    def put(self, documents: Iterable[IndexDocument]) -> None:
        """Add works, each in the place of an earlier version of itself."""

    def remove(self, work_ids: Sequence[int]) -> None:
        """Take works out; ids that are not there are no error."""

    def commit(self, *, seq: int, history: str) -> None:
        """Make everything since the last commit visible, together with ``seq``, all or nothing.

        Raises ``IndexWriteError``; the earlier commit then still stands.
        """


class IndexBuilder(IndexWriter, Protocol):
    """Writes a new copy beside the live one."""

    def publish(self) -> None:
        """Put the new copy in the place of the live one, in one step. The caller holds ``writer_lock``."""


class SearchIndex(Protocol):
    """One search index: read by many, written by one process at a time."""

    name: str

    def state(self) -> IndexState:
        """Return how far the live copy has come. Raises ``IndexUnavailableError``."""

    def writer_lock(self) -> AbstractContextManager[bool]:
        """Take the right to write the live copy; yields False at once when another holds it."""

    def writer(self) -> AbstractContextManager[IndexWriter]:
        """Open the live copy for writing (under ``writer_lock``). Raises ``IndexUnavailableError``."""

    def rebuild_lock(self) -> AbstractContextManager[bool]:
        """Take the right to build a new copy; yields False at once when another holds it."""

    def builder(self) -> AbstractContextManager[IndexBuilder]:
        """Begin a new, empty copy (under ``rebuild_lock``); thrown away unless published."""

    def search(self, query: SearchQuery) -> SearchResult:
        """Answer a question. Raises ``IndexUnavailableError``."""

    def matching_ids(self, query: SearchQuery, *, cap: int) -> list[int]:
        """Return the ids of at most ``cap`` works that match, in the order of the result."""

    def autocomplete(
        self, prefix: str, *, access: frozenset[str], now: datetime, limit: int = 8
    ) -> list[Completion]:
        """Return titles, numbers and subjects of works the reader may see that begin with, or hold,
        ``prefix``."""

    def refresh_vocabulary(self) -> bool:
        """Build the vocabulary for suggestions anew when enough has changed (under ``writer_lock``)."""

    def stats(self) -> IndexStats:
        """Return figures. Raises ``IndexUnavailableError``."""
