"""IIIF for other libraries' viewers: manifest, pictures, text and search of works whose pages have pictures."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from khcn.core.gate import costly
from khcn.engines.records import iiif
from khcn.library.models import Page, Work
from khcn.library.selectors.records import absolute, records_of
from khcn.library.selectors.viewer import canvases, search_inside, work_outline
from khcn.library.sheets import words_of
from khcn.library.tables.iiif import match_lines, picture_of, text_lines
from khcn.library.views.files import open_to_all, picture_response
from khcn.library.views.works import published_work
from khcn.orgs.selectors import site_identity

HOUR = 3600
MAX_QUERY = 400
PAGES_PER_ANSWER = 20
Answer = TypeVar("Answer", bound=HttpResponseBase)
_KINDS = {"jpg": "jpeg", "webp": "webp"}


def _answer(request: HttpRequest, work: Work, make: Callable[[], Any], context: str) -> HttpResponse:
    """Return JSON-LD. Other sites' scripts may read it only when every visitor may open the work."""
    body = json.dumps(make(), ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'

    def give(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(body, content_type=f'application/ld+json;profile="{context}"')

    response: HttpResponse = condition(etag_func=lambda *_: tag)(give)(request)
    return _shared(work, response, HOUR)


def _shared(work: Work, response: Answer, seconds: int | None = None) -> Answer:
    public = open_to_all(work)
    if public:
        response["Access-Control-Allow-Origin"] = "*"
    if seconds is not None:
        patch_cache_control(
            response, max_age=seconds if public else 0, **{"public" if public else "private": True}
        )
    return response


@costly("library.iiif", per_minute=120)
@require_safe
def manifest_json(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Describe a work page by page. 404 for a work without pictures of pages."""
    work = published_work(request, pk)
    pages = canvases(work)
    if not pages:
        raise Http404
    filled = set(Page.objects.filter(work=work).exclude(text="").values_list("number", flat=True))

    def make() -> iiif.Json:
        (record,) = records_of([work], user=request.user)
        return iiif.manifest(
            record,
            [picture_of(work, page, with_text=page.number in filled) for page in pages],
            address=absolute(reverse("library:iiif-manifest", args=[pk])),
            search=absolute(reverse("library:iiif-search", args=[pk])),
            provider=site_identity().site_name or str(_("Thư viện")),
            home=absolute("/"),
            outline=work_outline(work),
        )

    return _answer(request, work, make, iiif.PRESENTATION)


def _picture(work: Work, number: int, *, with_text: bool = True) -> iiif.Picture:
    found = canvases(work, [number])
    if not found:
        raise Http404
    return picture_of(work, found[0], with_text=with_text)


@costly("library.iiif", per_minute=120)
@require_safe
def text_json(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Give the text of a page as annotations: a line each where the places are known, else the page in one."""
    work = published_work(request, pk)
    picture = _picture(work, number)
    page = get_object_or_404(Page.objects.select_related("file"), work=work, number=number)
    if not page.text:
        raise Http404
    lines = text_lines(page.text, words_of(page), picture.size)
    return _answer(
        request, work, lambda: iiif.text_page(picture, lines, work.language or "vi"), iiif.PRESENTATION
    )


@costly("library.iiif_search", per_minute=30, shared=True)
@require_safe
def search_json(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Search the text of a work (Content Search 2.0): ``q``, and ``trang`` for further pages of answers."""
    work = published_work(request, pk)
    question = request.GET.get("q", "")[:MAX_QUERY].replace("\x00", "").strip()
    wish = request.GET.get("trang", "1")
    at = max(1, int(wish)) if wish.isascii() and wish.isdigit() and len(wish) < 5 else 1
    inside = search_inside(work, question, user=request.user, now=timezone.now())
    if inside.fault:
        return HttpResponse(inside.fault, status=503, content_type="text/plain; charset=utf-8")
    numbers = [page.number for page in inside.pages]
    shown = numbers[(at - 1) * PAGES_PER_ANSWER : at * PAGES_PER_ANSWER]
    pictures = {page.number: picture_of(work, page) for page in canvases(work, shown)}
    pages = (
        Page.objects.filter(work=work, number__in=list(pictures)).select_related("file").order_by("number")
    )

    def make() -> iiif.Json:
        found = [
            (
                pictures[page.number],
                match_lines(page.text, question, words_of(page), pictures[page.number].size),
            )
            for page in pages
        ]
        return iiif.search_page(
            _search_address(pk, question, at),
            found,
            start=(at - 1) * PAGES_PER_ANSWER,
            collection=_search_address(pk, question, 1),
            following=_search_address(pk, question, at + 1) if at * PAGES_PER_ANSWER < len(numbers) else "",
            preceding=_search_address(pk, question, at - 1) if at > 1 else "",
            ignored=sorted({"motivation", "date", "user"} & set(request.GET)),
        )

    return _answer(request, work, make, iiif.SEARCH)


def _search_address(pk: int, question: str, at: int) -> str:
    asked = {"q": question} | ({"trang": str(at)} if at > 1 else {})
    return absolute(reverse("library:iiif-search", args=[pk])) + "?" + urlencode(asked)


@require_safe
def image_base(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Lead from the base address of a picture to its ``info.json``."""
    work = published_work(request, pk)
    _picture(work, number)
    response = HttpResponse(status=303)
    response["Location"] = reverse("library:iiif-info", args=[pk, number])
    return _shared(work, response)


@require_safe
def info_json(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Say in which sizes the picture of a page is given."""
    work = published_work(request, pk)
    picture = _picture(work, number)
    return _answer(request, work, lambda: iiif.image_info(picture), iiif.IMAGE)


@costly("library.iiif_picture", per_minute=600)
@require_safe
def image_file(request: HttpRequest, pk: int, number: int, size: str, ending: str) -> HttpResponseBase:
    """Give the whole picture of a page in one of the sizes of ``info.json``, or ``max``."""
    work = published_work(request, pk)
    found = canvases(work, [number])
    if not found or ending not in _KINDS:
        raise Http404
    sizes = picture_of(work, found[0]).sizes
    widths = {f"{width},{height}": width for width, height in sizes} | {"max": sizes[-1][0]}
    if size not in widths:
        raise Http404
    page = found[0]
    response = picture_response(
        request, work, page.sha256, page.file_page, widths[size], image_format=_KINDS[ending]
    )
    response["Link"] = '<http://iiif.io/api/image/3/level0.json>;rel="profile"'
    return _shared(work, response)
