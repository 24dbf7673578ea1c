"""The viewer: one page of a work, its picture beside its text, with what was searched marked on both."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponsePermanentRedirect, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from khcn.core.gate import costly
from khcn.library.models import Page, Work
from khcn.library.selectors.viewer import Inside, page_size, pages_near, search_inside, work_outline
from khcn.library.sheets import words_of
from khcn.library.tables.reader import Marks
from khcn.library.tables.results import page_url, work_url
from khcn.library.tables.viewer import ViewerPage, found_lines, outline_lines, strip_lines
from khcn.library.tables.work_page import note_of_source
from khcn.library.views.usage_count import usage_count
from khcn.library.views.works import published_work

MAX_QUERY = 400


def asked(request: HttpRequest) -> tuple[str, str]:
    """Return the question and the passage of the address."""
    return request.GET.get("q", "")[:MAX_QUERY].replace("\x00", "").strip(), request.GET.get("doan", "")[:20]


def the_page(work: Work, number: int) -> Page:
    """Return a page of a work, or answer 404."""
    return get_object_or_404(Page.objects.select_related("file"), work=work, number=number)


@costly("library.page", per_minute=120)
@require_safe
def reader_page(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponseBase:
    """Show one page. ``q``: what to mark; ``doan``: a passage; ``trang``: go there; ``den``: to the next hit."""
    work = published_work(request, pk)
    question, passage = asked(request)
    if slug != (work.slug or "tai-lieu"):
        return HttpResponsePermanentRedirect(_address(work, number, question, passage))
    wish = request.GET.get("trang", "")
    if wish.isascii() and wish.isdigit():
        return HttpResponseRedirect(page_url(work, _within(int(wish[:7]), work), query=question))
    page = the_page(work, number)
    inside = search_inside(work, question, user=request.user, now=timezone.now())
    if "den" in request.GET:
        return HttpResponseRedirect(_first_hit(work, inside, question, number))
    usage_count(request, work, "read")
    marks = Marks.of(page.text, question, passage)
    pictured = page.file is not None and page.file.has_thumbnail
    words = words_of(page) if pictured and (marks.hits or marks.passage) else None
    near = pages_near(work, number)
    shown = ViewerPage.of(
        work,
        page,
        marks=marks,
        question=question,
        size=page_size(page) if pictured else (0.0, 0.0),
        rects=marks.rects(words),
        waits=pictured and words is None,
        inside=inside,
        next_pictured=dict(near).get(number + 1, False),
    )
    context = {
        "work": work,
        "work_url": work_url(work),
        "page": shown,
        "query": question,
        "source_note": note_of_source(page.source, page.confidence),
        "inside": inside,
        "found": found_lines(work, inside, question, number),
        "strip": strip_lines(work, near, question, number),
        "outline": outline_lines(work, work_outline(work), number) if pictured else [],
        "share_url": settings.KHCN.base_url.rstrip("/") + page_url(work, number),
    }
    response = render(request, "library/page.html", context)
    if passage or question:
        response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _first_hit(work: Work, inside: Inside, question: str, number: int) -> str:
    """Return the address of the first page that answers from ``number`` on, else from the beginning."""
    there = inside.after(number - 1) or inside.after(0)
    return page_url(work, there or number, query=question) + ("#cho-1" if there else "")


def _within(number: int, work: Work) -> int:
    return max(1, min(number, max(1, work.page_count)))


def _address(work: Work, number: int, question: str, passage: str) -> str:
    asked_for = {"q": question} if question else {}
    asked_for |= {"doan": passage} if passage else {}
    address = page_url(work, number)
    return f"{address}?{urlencode(asked_for)}" if asked_for else address


@costly("library.marks", per_minute=60, noindex=True, shared=True)
@require_safe
def page_marks(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Return the boxes of a question or passage on a page: ``{"ready", "boxes": [{x, y, width, height, kind}]}``.

    In 1/10,000 of the picture. Recognises a scan again when nobody has yet; ``ready`` is false while somebody does.
    """
    work = published_work(request, pk)
    page = the_page(work, number)
    question, passage = asked(request)
    marks = Marks.of(page.text, question, passage)
    wanted = bool(marks.hits or marks.passage)
    words = words_of(page, patient=True) if wanted else None
    boxes: list[dict[str, Any]] = [
        {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "kind": box.kind}
        for box in marks.rects(words)
    ]
    response = JsonResponse({"ready": words is not None or not wanted, "boxes": boxes})
    patch_cache_control(response, private=True, max_age=300 if words is not None else 0)
    return response
