"""Every story of programmes begins with empty counters."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _counters() -> Iterator[None]:
    """Rate limits count in the cache."""
    cache.clear()
    yield
    cache.clear()
