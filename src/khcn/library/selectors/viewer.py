"""Reads of the viewer: the pages of a work that answer a question, and the pages beside the one that is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from khcn.engines.text.snippets import Snippet
from khcn.library.models import Page, Work, WorkFile
from khcn.library.search.errors import IndexUnavailableError
from khcn.library.search.facade import search
from khcn.library.search.types import MAX_LIMIT, SearchQuery
from khcn.library.sheets import sheets_of
from khcn.orgs.selectors import access_tokens

STRIP_REACH: Final = 4


@dataclass(frozen=True, slots=True)
class PageFound:
    """One page that answers, and why."""

    number: int
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Inside:
    """The pages of one work that answer a question, in the order of the work.

    ``total``: all of them; ``pages`` are the best ``MAX_LIMIT`` at most. ``fault``: why nothing could be searched.
    """

    total: int = 0
    pages: tuple[PageFound, ...] = ()
    fault: str = ""

    def after(self, number: int) -> int | None:
        """The number of the next page that answers."""
        return next((page.number for page in self.pages if page.number > number), None)

    def before(self, number: int) -> int | None:
        """The number of the page before that answers."""
        return next((page.number for page in reversed(self.pages) if page.number < number), None)


def search_inside(work: Work, question: str, *, user: Any, now: datetime, limit: int = MAX_LIMIT) -> Inside:
    """Search the pages of a work that ``user`` may open; the index asks again who may."""
    if not question:
        return Inside()
    query = SearchQuery(
        text=question,
        now=now,
        access=access_tokens(user),
        limit=limit,
        with_facets=False,
        page_in_work=work.pk,
    )
    try:
        found = search(query)
    except IndexUnavailableError as error:
        return Inside(fault=error.message)
    pages = [PageFound(hit.page, hit.snippet or Snippet("", ())) for hit in found.hits if hit.page]
    return Inside(found.total, tuple(sorted(pages, key=lambda page: page.number)))


def pages_near(work: Work, number: int, *, reach: int = STRIP_REACH) -> list[tuple[int, bool]]:
    """Return the pages around one, each with whether it has a picture: always as many, also near the ends."""
    total = work.page_count
    first = max(1, min(number - reach, total - 2 * reach))
    rows = Page.objects.filter(work=work, number__gte=first, number__lte=first + 2 * reach).order_by("number")
    return [(page, bool(pictured)) for page, pictured in rows.values_list("number", "file__has_thumbnail")]


def page_size(page: Page) -> tuple[float, float]:
    """Return width and height of a page, 0 and 0 when they are not known."""
    if page.file is None:
        return 0.0, 0.0
    sizes = sheets_of(page.file).sizes
    return sizes[page.file_page - 1] if page.file_page <= len(sizes) else (0.0, 0.0)


def work_outline(work: Work) -> list[tuple[int, str, int]]:
    """Return the outline of a work from the bookmarks of its files: depth, title, page of the work."""
    marks: list[tuple[int, str, int]] = []
    files = WorkFile.objects.filter(work=work, kind="pdf", has_thumbnail=True).order_by("position", "id")
    for file in files:
        outline = sheets_of(file).outline
        numbers = dict(Page.objects.filter(file=file).values_list("file_page", "number")) if outline else {}
        marks += [(depth, title, numbers[page]) for depth, title, page in outline if page in numbers]
    return marks


@dataclass(frozen=True, slots=True)
class Canvas:
    """A page with a picture. ``width`` and ``height`` in points or pixels, ``pdf``: of which kind its file is."""

    number: int
    sha256: str
    file_page: int
    width: float
    height: float
    pdf: bool


def canvases(work: Work, numbers: Sequence[int] | None = None) -> list[Canvas]:
    """Return the pages of a work that have a picture of known size (or those of ``numbers`` among them)."""
    files = {file.pk: file for file in WorkFile.objects.filter(work=work, has_thumbnail=True)}
    rows = Page.objects.filter(work=work, file_id__in=list(files)).order_by("number")
    if numbers is not None:
        rows = rows.filter(number__in=list(numbers))
    sizes = {pk: sheets_of(file).sizes for pk, file in files.items()}
    found = []
    for number, file_id, file_page in rows.values_list("number", "file_id", "file_page"):
        file, known = files[file_id], sizes[file_id]
        width, height = known[file_page - 1] if file_page <= len(known) else (0.0, 0.0)
        if width > 0 and height > 0:
            found.append(Canvas(number, file.sha256, file_page, width, height, file.kind == "pdf"))
    return found
