"""What the area "feeds" of the library offers to the others, registered when Django is ready."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from khcn.library.search.types import SearchQuery, SearchResult
from khcn.library.tables.feeds import first_page
from khcn.library.tables.record_page import head_of, links_of
from khcn.library.work_parts import SearchTool, WorkPart, search_tools, work_links, work_parts


def connect() -> None:
    """Register what machines read on a work's page, and the feed below a search result."""
    work_parts.register("feeds", _HEAD)
    work_links.register("feeds", links_of)
    search_tools.register("feeds", _TOOL)


def _search_tool(
    request: HttpRequest, query: SearchQuery, result: SearchResult
) -> SafeString:  # the shape of a tool
    address = first_page(request.GET).urlencode()
    context = {
        "atom": f"{reverse('library:search-feed', args=['atom'])}?{address}",
        "rss": f"{reverse('library:search-feed', args=['rss'])}?{address}",
    }
    return render_to_string("library/feeds/search_tool.html", context, request)


_HEAD = WorkPart(10, "head", head_of)
_TOOL = SearchTool(60, _search_tool)
