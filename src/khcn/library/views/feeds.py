"""Feeds for readers, the OPDS catalogue, descriptions of works. One address gives everybody the same answer."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from khcn.core.gate import costly
from khcn.engines.records.opds import MIME as OPDS_MIME
from khcn.library.models import Audience, Collection, Subject
from khcn.library.search.errors import IndexUnavailableError
from khcn.library.selectors.feeds import public_record
from khcn.library.tables import feeds as written
from khcn.library.tables import opds as catalogue

LANGUAGE: Final = "vi"
MAX_AGE: Final = 300
PER_MINUTE: Final = 60
TERMS: Final[dict[str, Any]] = {"collection": Collection, "subject": Subject, "audience": Audience}


def answer(request: HttpRequest, mime: str, make: Callable[[], tuple[bytes, datetime]]) -> HttpResponseBase:
    """Return a document with its date and a tag of its content; "not modified" when the reader has it already."""
    with translation.override(LANGUAGE):
        try:
            body, changed = make()
        except IndexUnavailableError as error:
            busy = HttpResponse(error.message + "\n", status=503, content_type="text/plain; charset=utf-8")
            busy["Retry-After"] = "30"
            return busy
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    response = HttpResponse(body, content_type=mime)
    response["ETag"] = tag
    response["Last-Modified"] = http_date(changed.timestamp())
    # The tag decides: an order or a filter may change what is listed without any work being newer.
    found = get_conditional_response(request, etag=tag, response=response) or response
    patch_cache_control(found, public=True, max_age=MAX_AGE)
    return found


def _form(form: str) -> str:
    try:
        return written.feed_mime(form) + "; charset=utf-8"
    except KeyError:
        raise Http404 from None


@require_safe
@costly("library.feeds", per_minute=PER_MINUTE)
def search_feed(request: HttpRequest, form: str) -> HttpResponseBase:
    """Follow a search: its own address, as a feed."""
    now = timezone.now()
    return answer(request, _form(form), lambda: written.search_feed(form, request.GET, now=now))


@require_safe
def recent_feed(request: HttpRequest, form: str) -> HttpResponseBase:
    """Follow what is new."""
    return answer(request, _form(form), lambda: written.recent_feed(form))


@require_safe
def term_feed(request: HttpRequest, key: str, form: str, route: str) -> HttpResponseBase:
    """Follow a collection, a subject or an audience."""
    mime, term = _form(form), get_object_or_404(TERMS[route], key=key)
    return answer(request, mime, lambda: written.term_feed(form, route, term))


@require_safe
def description(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """Describe a public work in one format for machines."""
    with translation.override(LANGUAGE):
        record = public_record(pk)
        found = written.described(record, form) if record else None
    if record is None or found is None:
        raise Http404
    body, mime = found
    return answer(request, mime, lambda: (body, record.updated_at))


@require_safe
def opds_front(request: HttpRequest) -> HttpResponseBase:
    """Open the catalogue."""
    return answer(request, OPDS_MIME, catalogue.opds_front)


@require_safe
def opds_recent(request: HttpRequest) -> HttpResponseBase:
    """List what is new in the catalogue."""
    return answer(request, OPDS_MIME, catalogue.opds_recent)


@require_safe
@costly("library.feeds", per_minute=PER_MINUTE)
def opds_search(request: HttpRequest) -> HttpResponseBase:
    """Search in the catalogue."""
    now = timezone.now()
    return answer(request, OPDS_MIME, lambda: catalogue.opds_search(request.GET, now=now))
