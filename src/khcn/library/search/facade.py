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


def matching_ids(query: SearchQuery, *, cap: int = 10_000) -> list[int]:
    """Return the ids of all works that match, at most ``cap``, in the order of the result.

    Pages (``limit``, ``offset``, ``MAX_OFFSET``) do not count; access and filters do. For exports, feeds and alerts,
    whose callers read the works themselves through ``Work.objects.published_to(user)``: the index may be a moment
    behind. Raises ``IndexUnavailableError``; ``ValueError`` for a search inside one work.
    """
    if query.page_in_work is not None:
        raise ValueError("a search inside one work finds pages, not works")
    if cap < 1:
        raise ValueError(f"cap must be positive, got {cap}")
    return _repaired(lambda: get_index().matching_ids(query, cap=cap))


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
