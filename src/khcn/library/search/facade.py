"""The one way into search for views, commands and the API."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from khcn.library.search.backend import get_index
from khcn.library.search.changes import index_drain, index_rebuild
from khcn.library.search.errors import IndexBusyError, IndexUnavailableError
from khcn.library.search.types import Completion, SearchQuery, SearchResult

logger = logging.getLogger(__name__)
T = TypeVar("T")
# How long a reader waits for an index that is missing or damaged to be rebuilt.
_REPAIR_SECONDS: Final = 5.0


def search(query: SearchQuery) -> SearchResult:
    """Answer a question of a reader. Raises ``IndexUnavailableError`` while a damaged index is being
    rebuilt."""
    return _repaired(lambda: get_index().search(query))


def autocomplete(prefix: str, *, access: frozenset[str], now: datetime, limit: int = 8) -> list[Completion]:
    """Return proposals for what a reader is typing."""
    return _repaired(lambda: get_index().autocomplete(prefix, access=access, now=now, limit=limit))


def reindex(progress: Callable[[int, int], None] | None = None) -> int:
    """Rebuild the index beside the live one and swap it in; return the number of works written.

    ``progress(done, total)`` is called as it goes on. Searches and imports go on meanwhile. Raises
    ``IndexBusyError`` when another process is rebuilding, ``IndexWriteError`` when the disk refuses.
    """
    report = index_rebuild(get_index(), progress)
    if report is None:
        raise IndexBusyError
    return report.applied


def _repaired(act: Callable[[], T]) -> T:
    """Run a read; when there is no usable index, have it rebuilt and read again."""
    try:
        return act()
    except IndexUnavailableError as error:
        logger.warning("A search met no usable index (%s)", error.reason)
    try:
        index_drain(wait_seconds=_REPAIR_SECONDS)
    except IndexBusyError as error:
        raise IndexUnavailableError("another process is rebuilding it") from error
    return act()
