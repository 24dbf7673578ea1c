"""Works to be cited: one, or a whole search result, always through what the reader may open."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from khcn.engines.records.types import Record
from khcn.library.models import Work
from khcn.library.search.facade import matching_ids
from khcn.library.search.types import SearchQuery
from khcn.library.selectors.records import records_by_ids, records_of

LIST_CAP: Final = 500
LIST_PAGE: Final = (
    100  # citations on one page of a list: the slowest style writes as many well within a second
)
FILE_CAP: Final = 10_000
CHUNK: Final = 500


def record_of(work: Work) -> Record:
    """Return the record of a work that the reader may open; relations are of no use to a citation."""
    return records_of([work])[0]


def found_ids(query: SearchQuery, *, cap: int) -> tuple[list[int], bool]:
    """Return the ids of the works that a search finds, at most ``cap``, and whether there are more."""
    ids = matching_ids(query, cap=cap + 1)
    return ids[:cap], len(ids) > cap


def records_in_chunks(ids: Sequence[int], *, user: Any) -> Iterator[Record]:
    """Yield the records of those works that ``user`` may open, read ``CHUNK`` at a time."""
    for start in range(0, len(ids), CHUNK):
        yield from records_by_ids(ids[start : start + CHUNK], user=user)
