"""What goes into the search index and what comes out of it: plain frozen values, the same for every
backend."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as day
from datetime import datetime
from enum import StrEnum
from typing import Final

from khcn.engines.text.snippets import Snippet

FACETS: Final = (
    "kind",
    "collection",
    "audience",
    "subject",
    "year",
    "issuing_body",
    "validity",
    "language",
)
PUBLIC_ACCESS: Final = "public"
STAFF_ACCESS: Final = "staff"
# Deeper pages cost more and serve only robots.
MAX_OFFSET: Final = 2000
MAX_LIMIT: Final = 200


class Sort(StrEnum):
    """Orders of a result list."""

    RELEVANCE = "relevance"
    DATE = "date"
    DATE_ASC = "date_asc"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """One work as the index holds it.

    ``pages``: ``(page number, text)`` in order, the text in any Unicode form. ``number``: the document number
    as printed ("82/KH-UBND") or "". ``facets``: values by name (see ``FACETS``), each a short stable code or
    name; a work without a value for a facet leaves it out. ``access``: who may find the work; a reader finds
    it when one of these is among the reader's own ("public", "signed-in", "unit:5", "staff").
    ``available_from``: hidden before this moment from all but staff. ``title_key``:
    ``engines.text.collate.sort_key`` of the title. ``signature``: changes whenever the text of the pages
    changes.
    """

    work_id: int
    external_id: str
    title: str
    pages: tuple[tuple[int, str], ...]
    title_key: str
    signature: str
    kind: str = ""
    abstract: str = ""
    creators: tuple[str, ...] = ()
    number: str = ""
    issuing_body: str = ""
    subjects: tuple[str, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    access: tuple[str, ...] = (PUBLIC_ACCESS,)
    available_from: datetime | None = None
    date: day | None = None

    def __post_init__(self) -> None:
        unknown = set(self.facets) - set(FACETS)
        if unknown:
            raise ValueError(f"facets must be among {FACETS}, got {sorted(unknown)}")
        if self.available_from is not None and self.available_from.tzinfo is None:
            raise ValueError(f"available_from of work {self.work_id} must have a time zone")


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question of one reader.

    ``filters``: facet name -> accepted values (any of them; different facets must all hold). ``access``: the
    reader's tokens; with ``STAFF_ACCESS`` among them works before ``available_from`` are found too.
    ``page_in_work``: search only inside this work; the hits are then its pages. ``limit`` and ``offset`` are
    capped at ``MAX_LIMIT`` and ``MAX_OFFSET``.
    """

    text: str
    now: datetime
    access: frozenset[str] = frozenset({PUBLIC_ACCESS})
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 10
    with_facets: bool = True
    with_snippets: bool = True
    page_in_work: int | None = None

    def __post_init__(self) -> None:
        unknown = set(self.filters) - set(FACETS)
        if unknown:
            raise ValueError(f"filters must be among {FACETS}, got {sorted(unknown)}")
        if self.now.tzinfo is None:
            raise ValueError("now must have a time zone")
        object.__setattr__(self, "sort", Sort(self.sort))
        object.__setattr__(self, "limit", max(0, min(self.limit, MAX_LIMIT)))
        object.__setattr__(self, "offset", max(0, min(self.offset, MAX_OFFSET)))

    @property
    def browsing_sort(self) -> Sort:
        """The order of a list without a question, where no work is more relevant than another."""
        return Sort.DATE if self.sort is Sort.RELEVANCE else self.sort


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One found work (or one page of it, for a search inside a work).

    ``title`` is NFC; ``title_highlights`` are ``(start, end)`` in it. ``page``: the number of the page that
    the snippet is from, None when the work has no text. ``snippet`` holds its own highlights.
    """

    work_id: int
    external_id: str
    title: str
    score: float
    kind: str = ""
    number: str = ""
    page: int | None = None
    snippet: Snippet | None = None
    title_highlights: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer: ``total`` counts works; ``facets``: name -> ``(value, works)``, the most frequent first.

    ``suggestion``: a better spelling of the question ("ý bạn là"), or None.
    """

    total: int
    took_ms: float
    hits: tuple[SearchHit, ...]
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal under the search box. ``kind``: "title", "number" or "subject"; ``work_id`` for the first
    two."""

    text: str
    kind: str
    work_id: int | None = None


@dataclass(frozen=True, slots=True)
class IndexState:
    """How far an index has come: the sequence of the last change it holds, of which database's history."""

    last_seq: int
    history: str


@dataclass(frozen=True, slots=True)
class IndexStats:
    """Figures of an index for the doctor and the staff pages."""

    backend: str
    works: int
    pages: int
    bytes: int
    last_seq: int
