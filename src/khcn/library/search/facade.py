"""The one way into search for views, commands and the API."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from khcn.library.search.protocol import SearchIndex
from khcn.library.search.types import Completion, SearchQuery, SearchResult


@lru_cache(maxsize=1)
def get_index() -> SearchIndex:
    """Return the index that this installation is set to use."""
    if settings.KHCN.search_backend == "postgres":
        from khcn.library.search.postgres_index import PostgresIndex

        return PostgresIndex()
    from khcn.library.search.tantivy_index import TantivyIndex

    return TantivyIndex(settings.KHCN.index_dir)


def search(query: SearchQuery) -> SearchResult:
    """Answer a question of a reader."""
    return get_index().search(query)


def autocomplete(prefix: str, *, access: frozenset[str], now: datetime, limit: int = 8) -> list[Completion]:
    """Return proposals for what a reader is typing."""
    return get_index().autocomplete(prefix, access=access, now=now, limit=limit)


def reindex(progress: Callable[[int, int], None] | None = None) -> int:
    """Rebuild the index beside the live one and swap; return the number of works written."""
    from khcn.library.search.changes import index_rebuild

    report = index_rebuild(get_index(), progress)
    return report.applied if report else 0
