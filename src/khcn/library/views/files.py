"""Originals and pictures of pages. An upload is never served as something a browser runs."""

import hashlib
from functools import cache

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_safe

from khcn.core.api.limits import RateLimitError
from khcn.core.gate import BusyError, Slots, busy_answer, gate_pass, refusal
from khcn.engines.documents.types import ExtractionError
from khcn.library.models import Page, Work, WorkFile
from khcn.library.store import PICTURE_WIDTHS, page_picture, picture_path, stored_path
from khcn.library.views.usage_count import usage_count
from khcn.library.views.works import published_work

# What a browser may be told of the kind; anything else is plain bytes.
SAFE_MIMES = frozenset(
    {"application/pdf", "image/png", "image/jpeg", "image/webp", "image/tiff", "text/plain"}
)
THUMBNAIL_WIDTH = 240
DAY = 24 * 3600
DRAWN_PER_MINUTE = 60  # pictures not made yet, for one visitor


@cache
def drawing_places() -> Slots:
    """Return the places for drawing pictures of pages in this process."""
    return Slots(settings.KHCN.pictures_at_once)


@require_safe
def file_download(request: HttpRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """Give the original, always as a download."""
    work = published_work(request, pk)
    file = get_object_or_404(WorkFile, pk=file_pk, work=work)
    try:
        handle = stored_path(file.sha256).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    mime = file.mime if file.mime in SAFE_MIMES else "application/octet-stream"
    if mime == "text/plain":
        mime = "text/plain; charset=utf-8"
    response = FileResponse(handle, as_attachment=True, filename=file.original_name, content_type=mime)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["ETag"] = f'"{file.sha256[:32]}"'
    usage_count(request, work, "download")
    return response


@require_safe
def page_image(request: HttpRequest, pk: int, number: int, width: int) -> HttpResponseBase:
    """Give the picture of one page in one of the widths that pages use."""
    if width not in PICTURE_WIDTHS:
        raise Http404
    work = published_work(request, pk)
    page = get_object_or_404(
        Page.objects.select_related("file"), work=work, number=number, file__isnull=False
    )
    assert page.file is not None  # noqa: S101  # the filter above says so
    return picture_response(request, work, page.file.sha256, page.file_page, width)


@require_safe
def thumbnail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give a small picture of the first page of the first file that has one."""
    work = published_work(request, pk)
    file = WorkFile.objects.filter(work=work, has_thumbnail=True).first()
    if file is None:
        raise Http404
    return picture_response(request, work, file.sha256, 1, THUMBNAIL_WIDTH)


def open_to_all(work: Work) -> bool:
    """Whether every visitor may open this work: what other sites and shared caches may hold."""
    return Work.objects.published_to(None).filter(pk=work.pk).exists()


def picture_response(
    request: HttpRequest, work: Work, sha256: str, page: int, width: int, *, image_format: str = "webp"
) -> HttpResponseBase:
    """Return a picture; browsers keep it for a day and then only ask whether it is still the same."""

    def tag(*_args: object) -> str:
        named = (
            f"{sha256}-{page}-{width}"
            if image_format == "webp"
            else f"{sha256}-{page}-{width}-{image_format}"
        )
        return f'"{hashlib.sha256(named.encode()).hexdigest()[:24]}"'

    def give(_request: HttpRequest) -> HttpResponseBase:
        path = picture_path(sha256, page, width, image_format)
        try:
            if not path.exists():  # drawing takes a second of a whole core: few at once, and not for robots
                gate_pass(request, "library.picture", per_minute=DRAWN_PER_MINUTE)
                with drawing_places().taken():
                    path = page_picture(sha256, page, width, image_format=image_format)
            return FileResponse(path.open("rb"), content_type=f"image/{image_format}")
        except (ExtractionError, FileNotFoundError):
            raise Http404 from None

    try:
        response: HttpResponseBase = condition(etag_func=tag)(give)(request)
    except RateLimitError as error:
        return refusal(request, error)
    except BusyError as error:
        return busy_answer(request, error)
    # Staff may see what is still under embargo: that must not stay in a cache that others share.
    scope = "public" if open_to_all(work) else "private"
    patch_cache_control(response, max_age=DAY, **{scope: True})
    return response
