"""The search page and the proposals under the search box."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.core.gate import costly
from khcn.library.search.errors import IndexUnavailableError
from khcn.library.search.facade import autocomplete, search
from khcn.library.tables.results import hits_of
from khcn.library.tables.search_page import FILTERS, SearchPage, parse_search
from khcn.library.views.limits import too_far
from khcn.library.work_parts import tools_of
from khcn.orgs.selectors import access_tokens

PAGE_SIZE = 10
MAX_QUERY = 400


@require_safe
@costly("library.search", per_minute=60, noindex=True, shared=True)
def search_page(request: HttpRequest) -> HttpResponse:
    """Search works: question, filters and order live in the address."""
    stop = too_far(request, filters=[name for name, _facet, _label in FILTERS])
    if stop is not None:
        return stop
    now = timezone.now()
    asked = parse_search(request.GET, now=now, access=access_tokens(request.user), page_size=PAGE_SIZE)
    page = SearchPage(asked=asked, params=request.GET)
    if asked.is_asked:
        try:
            result = search(asked.query)
        except IndexUnavailableError as error:
            return render(request, "library/search.html", {"page": page, "fault": error.message}, status=503)
        page = page.with_result(
            result, hits=hits_of(result.hits, query=asked.text, user=request.user, today=now.date())
        )
    context = {
        "page": page,
        "search_query": asked.text,
        "hide_search": True,
        "tools": tools_of(request, asked.query, page.result) if page.hits and page.result else "",
    }
    return render(request, "library/search.html", context)


@require_safe
@costly("library.suggestions", per_minute=240, noindex=True)
def suggestions(request: HttpRequest) -> HttpResponse:
    """Return proposals for what has been typed so far, as JSON: ``{"items": [{"text", "kind"}]}``."""
    typed = request.GET.get("q", "")[:MAX_QUERY].strip()
    if len(typed) < 2:
        return JsonResponse({"items": []})
    found = autocomplete(typed, access=access_tokens(request.user), now=timezone.now(), limit=8)
    items = [{"text": item.text, "kind": item.kind} for item in found]
    response = JsonResponse({"items": items})
    response["Cache-Control"] = "private, max-age=60"
    return response
