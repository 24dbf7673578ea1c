"""What the viewer shows around a page: the way to other pages, hits, thumbnails, the outline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from khcn.engines.documents.sizes import picture_height
from khcn.library.models import Page, Work
from khcn.library.selectors.viewer import Inside
from khcn.library.tables.reader import A4_RATIO, READER_WIDTH, Marks, Rect
from khcn.library.tables.results import marked, page_url

THUMBNAIL_WIDTH = 240
LARGE_WIDTH = 1800


def picture_url(work: Work, number: int, width: int) -> str:
    """Return the address of the picture of a page."""
    return reverse("library:page-image", args=[work.pk, number, width])


@dataclass(frozen=True, kw_only=True)
class ViewerPage:
    """One page as the template of the viewer wants it. Addresses are "" where there is nothing to go to."""

    number: int
    total: int
    html: SafeString
    has_text: bool
    image_url: str = ""
    image_height: int = 0
    large_url: str = ""
    marks_url: str = ""
    previous_url: str = ""
    next_url: str = ""
    prefetch_url: str = ""
    rects: Sequence[Rect] = ()
    hits: int = 0
    boxed: int = 0
    passage: bool = False
    previous_hit_url: str = ""
    next_hit_url: str = ""

    @property
    def image_width(self) -> int:
        """Width of the picture in pixels."""
        return READER_WIDTH

    @classmethod
    def of(
        cls,
        work: Work,
        page: Page,
        *,
        marks: Marks,
        question: str,
        size: tuple[float, float],
        rects: Sequence[Rect],
        waits: bool,
        inside: Inside,
        next_pictured: bool,
    ) -> "ViewerPage":
        """Put together what is shown. ``waits``: the boxes may come later; ``size`` 0: not known, taken as A4."""
        number, total = page.number, work.page_count
        pictured = page.file is not None and page.file.has_thumbnail
        pdf = page.file is not None and page.file.kind == "pdf"
        height = picture_height(*size, READER_WIDTH, pdf=pdf) or round(READER_WIDTH * A4_RATIO)
        before, after = inside.before(number), inside.after(number)
        return cls(
            number=number,
            total=total,
            html=marks.html,
            has_text=bool(page.text.strip()),
            image_url=picture_url(work, number, READER_WIDTH) if pictured else "",
            image_height=height,
            large_url=picture_url(work, number, LARGE_WIDTH) if pictured else "",
            marks_url=reverse("library:page-marks", args=[work.pk, number])
            if waits and (marks.hits or marks.passage)
            else "",
            previous_url=page_url(work, number - 1, query=question) if number > 1 else "",
            next_url=page_url(work, number + 1, query=question) if number < total else "",
            prefetch_url=picture_url(work, number + 1, READER_WIDTH) if next_pictured else "",
            rects=rects,
            hits=len(marks.hits),
            boxed=len({rect.number for rect in rects if rect.number}),
            passage=marks.passage is not None,
            previous_hit_url=page_url(work, before, query=question) + "#cho-1" if before else "",
            next_hit_url=page_url(work, after, query=question) + "#cho-1" if after else "",
        )


@dataclass(frozen=True)
class FoundLine:
    """One page of the list of hits."""

    number: int
    url: str
    snippet: str
    here: bool


def found_lines(work: Work, inside: Inside, question: str, number: int) -> list[FoundLine]:
    """Return the pages that answer, each with the piece that shows why."""
    return [
        FoundLine(
            page.number,
            page_url(work, page.number, query=question) + "#cho-1",
            marked(page.snippet.text, page.snippet.highlights),
            page.number == number,
        )
        for page in inside.pages
    ]


@dataclass(frozen=True)
class StripLine:
    """One page of the strip of thumbnails; ``image_url`` is "" for a page without a picture."""

    number: int
    url: str
    image_url: str
    here: bool


def strip_lines(work: Work, near: Iterable[tuple[int, bool]], question: str, number: int) -> list[StripLine]:
    """Return the pages around the present one."""
    return [
        StripLine(
            page,
            page_url(work, page, query=question),
            picture_url(work, page, THUMBNAIL_WIDTH) if pictured else "",
            page == number,
        )
        for page, pictured in near
    ]


@dataclass(frozen=True)
class OutlineLine:
    """One heading of the document's own outline. ``depth`` from 0, at most 3. ``here``: it holds the present page."""

    depth: int
    title: str
    number: int
    url: str
    here: bool


def outline_lines(work: Work, marks: Sequence[tuple[int, str, int]], number: int) -> list[OutlineLine]:
    """Return the outline; of the headings that begin at or before the present page the last one is marked."""
    last = max((at for at, (_, _, page) in enumerate(marks) if page <= number), default=-1)
    return [
        OutlineLine(min(depth, 3), title, page, page_url(work, page), at == last)
        for at, (depth, title, page) in enumerate(marks)
    ]
