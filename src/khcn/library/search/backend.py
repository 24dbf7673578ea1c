"""Which search index this installation uses."""

from functools import lru_cache

from django.conf import settings

from khcn.library.search.postgres_index import PostgresIndex
from khcn.library.search.protocol import SearchIndex
from khcn.library.search.tantivy_index import TantivyIndex


@lru_cache(maxsize=1)
def get_index() -> SearchIndex:
    """Return the index of this process (settings ``search_backend`` and ``index_dir``)."""
    if settings.KHCN.search_backend == "postgres":
        return PostgresIndex()
    return TantivyIndex(settings.KHCN.index_dir)
