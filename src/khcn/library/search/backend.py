"""Which search index this installation uses."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from khcn.library.search.postgres_index import PostgresIndex
from khcn.library.search.protocol import SearchIndex
from khcn.library.search.tantivy_index import TantivyIndex


def get_index() -> SearchIndex:
    """Return the index of this process (settings ``search_backend`` and ``index_dir``)."""
    return _index(settings.KHCN.search_backend, settings.KHCN.index_dir)


@lru_cache(maxsize=4)
def _index(backend: str, root: Path) -> SearchIndex:
    return PostgresIndex() if backend == "postgres" else TantivyIndex(root)
