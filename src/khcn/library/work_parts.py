"""What the areas of the library add to the page of a work, to the result of a search and to the desk, each in its wiring.

A part is a function that returns safe HTML, or "" when it has nothing to say. So the page of a work is made of parts and
no area edits the template of another.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from khcn.core.registry import Registry
from khcn.library.models import Work
from khcn.library.search.types import SearchQuery, SearchResult
from khcn.ui.parts import NavItem

Place = Literal["head", "notice", "actions", "main", "aside"]


@dataclass(frozen=True)
class WorkPart:
    """One part of a work's page: in which place, in which order, and what makes it."""

    order: int
    place: Place
    render: Callable[[HttpRequest, Work], SafeString | str]


@dataclass(frozen=True)
class SearchTool:
    """What may be done with a whole search result (feed, save, export, cite); stands below the results.

    The address of the search as the reader sees it is in ``request.GET``.
    """

    order: int
    render: Callable[[HttpRequest, SearchQuery, SearchResult], SafeString | str]


@dataclass(frozen=True)
class LibraryEntry:
    """One entry of the library's menu on the desk (``None``: not for this person). Orders: 100 and up."""

    order: int
    item: Callable[[HttpRequest], NavItem | None]


work_parts: Registry[WorkPart] = Registry("parts of a work's page")
desk_work_parts: Registry[WorkPart] = Registry("parts of a work's page on the desk")
search_tools: Registry[SearchTool] = Registry("tools for a search result")
library_menu: Registry[LibraryEntry] = Registry("entries of the library's menu")
# Typed links of a work's page for machines (RFC 8288), e.g. ``<https://...>; rel="cite-as"``.
work_links: Registry[Callable[[HttpRequest, Work], Iterable[str]]] = Registry("typed links of a work")


def parts_at(registry: Registry[WorkPart], place: Place, request: HttpRequest, work: Work) -> SafeString:
    """Return the parts of one place, in order, joined."""
    chosen = sorted((part for part in registry.all() if part.place == place), key=lambda part: part.order)
    return _joined([part.render(request, work) for part in chosen])


def tools_of(request: HttpRequest, query: SearchQuery, result: SearchResult) -> SafeString:
    """Return the tools below a search result, in order, joined."""
    tools = sorted(search_tools.all(), key=lambda tool: tool.order)
    return _joined([tool.render(request, query, result) for tool in tools])


def _joined(pieces: Sequence[SafeString | str]) -> SafeString:
    unsafe = [piece for piece in pieces if piece and not isinstance(piece, SafeString)]
    if unsafe:
        raise TypeError("a part returns safe HTML (render_to_string, format_html)")
    return mark_safe("\n".join(piece for piece in pieces if piece))  # noqa: S308  # each piece is safe by itself
