"""Citations: files of one work, a formatted list and files of a whole search result."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.core.gate import costly
from khcn.engines.cite.styles import cite, ordered, style_of
from khcn.engines.records.bibtex import bibtex_file
from khcn.engines.records.csl import to_csl
from khcn.engines.records.ris import ris_file
from khcn.engines.records.types import Record
from khcn.library.search.errors import IndexUnavailableError
from khcn.library.selectors.cite import (
    FILE_CAP,
    LIST_CAP,
    LIST_PAGE,
    found_ids,
    record_of,
    records_in_chunks,
)
from khcn.library.tables.cite import CitationList, citation_list, style_tabs
from khcn.library.tables.search_page import Asked, parse_search
from khcn.library.views.works import published_work
from khcn.orgs.selectors import access_tokens


def json_file(records: Iterable[Record]) -> Iterator[str]:
    """Yield a JSON array of CSL items, one item a line."""
    lead = "[\n"
    for record in records:
        yield lead + json.dumps(to_csl(record), ensure_ascii=False)
        lead = ",\n"
    yield "[]\n" if lead == "[\n" else "\n]\n"


Writer = Callable[[Iterable[Record]], Iterator[str]]
FORMATS: Final[dict[str, tuple[Writer, str]]] = {
    "bib": (bibtex_file, "application/x-bibtex; charset=utf-8"),
    "ris": (ris_file, "application/x-research-info-systems; charset=utf-8"),
    "json": (json_file, "application/vnd.citationstyles.csl+json; charset=utf-8"),
}


@require_safe
def work_citation(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """Give the citation of one work as a file for reference managers."""
    if kind not in FORMATS:
        raise Http404
    writer, mime = FORMATS[kind]
    work = published_work(request, pk)
    response = HttpResponse("".join(writer([record_of(work)])), content_type=mime)
    return _as_file(response, f"{work.slug or 'tai-lieu'}-{work.pk}.{kind}")


@costly("library.cite", per_minute=10)
@require_safe
def result_list(request: HttpRequest) -> HttpResponse:
    """Show the citations of a whole search result in one style, at most ``LIST_CAP``, ``LIST_PAGE`` on a page.

    The order is that of the whole list; only the entries of the page are written.
    """
    asked = _asked(request)
    style = style_of(request.GET.get("kieu", ""))
    try:
        ids, more = found_ids(asked.query, cap=LIST_CAP)
    except IndexUnavailableError as error:
        context: dict[str, Any] = {"fault": error.message}
        return render(request, "library/cite/list.html", context, status=error.status)
    items = ordered([to_csl(record) for record in records_in_chunks(ids, user=request.user)], style.key)
    page = Paginator(items, LIST_PAGE).get_page(request.GET.get("trang"))
    shown: CitationList = citation_list(
        [cite(item, style.key) for item in page.object_list],
        style,
        first=page.start_index(),
        more=more,
        params=request.GET,
    )
    context = {"list": shown, "page": page, "tabs": style_tabs(style.key, request.GET), "asked": asked}
    return render(request, "library/cite/list.html", context)


@costly("library.cite", per_minute=10)
@require_safe
def result_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Give the citations of a whole search result as a file, at most ``FILE_CAP``, written as it is sent."""
    if kind not in FORMATS:
        raise Http404
    writer, mime = FORMATS[kind]
    asked = _asked(request)
    try:
        ids, _more = found_ids(asked.query, cap=FILE_CAP)
    except IndexUnavailableError as error:
        return HttpResponse(
            error.message + "\n", status=error.status, content_type="text/plain; charset=utf-8"
        )
    pieces = writer(records_in_chunks(ids, user=request.user))
    # The first piece is written before the answer begins, so that a fault is still an answer of its own.
    first = next(pieces, "")
    body = (piece.encode() for piece in chain([first], pieces))
    return _as_file(StreamingHttpResponse(body, content_type=mime), f"trich-dan.{kind}")


def _asked(request: HttpRequest) -> Asked:
    asked = parse_search(
        request.GET, now=timezone.now(), access=access_tokens(request.user), page_size=LIST_CAP
    )
    if not asked.is_asked:
        raise Http404
    return asked


def _as_file(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Robots-Tag"] = "noindex"
    response["X-Content-Type-Options"] = "nosniff"
    return response
