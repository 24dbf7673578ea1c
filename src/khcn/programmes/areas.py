"""Where the areas of this room meet: tabs of a programme's desk page, what needs doing today, parts of its public page,
demo parts, what is erased with a person. Each area registers its own in its wiring and imports no other area's views.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from khcn.core.demo import Progress
from khcn.core.registry import Registry
from khcn.programmes.permissions import Reach, reach_of
from khcn.ui.parts import Tab


@dataclass(frozen=True, slots=True)
class Todo:
    """One line of "what needs doing today". ``due`` sorts; ``tone`` of :data:`khcn.ui.parts.Tone`."""

    text: str
    url: str
    due: datetime | None = None
    tone: str = "watch"
    where: str = ""  # the programme's title


@dataclass(frozen=True, slots=True)
class DeskTab:
    """A tab of a programme's desk pages; ``tab`` gives ``None`` where it is not for this programme or person."""

    order: int
    tab: Callable[[HttpRequest, Any], Tab | None]


def page_tab(
    order: int,
    label: str | Promise,
    name: str,
    may: Callable[[Reach, Any], bool],
    *,
    kinds: Collection[str] | None = None,
    exact: bool = False,
) -> DeskTab:
    """Return the tab of one desk page of a programme, for who ``may`` open it.

    :param name: of the address. :param kinds: of programmes that have it, all when left out. :param exact: the pages
        below it have tabs of their own.
    """

    def tab(request: HttpRequest, programme: Any) -> Tab | None:
        wanted = kinds is None or programme.kind in kinds
        if not wanted or not may(reach_of(request.user), programme):
            return None
        url = reverse(f"programmes-desk:{name}", args=[programme.pk])
        current = request.path == url if exact else request.path.startswith(url)
        return Tab(label=str(label), url=url, current=current)

    return DeskTab(order, tab)


@dataclass(frozen=True, slots=True)
class PublicPart:
    """A section of a programme's public page: its markup, or empty when there is nothing to show."""

    order: int
    html: Callable[[HttpRequest, Any], SafeString | str]


@dataclass(frozen=True, slots=True)
class DemoPart:
    """Demo content of one area: ``load(progress, now)``, idempotent."""

    order: int
    load: Callable[[Progress, datetime], None]


@dataclass(frozen=True, slots=True)
class Eraser:
    """What an area does when a person asks to be forgotten: ``erase(subject, now)`` of "programmes.registration:17"."""

    erase: Callable[[str, datetime], None]
    about: str = field(default="")


todo_lists: Registry[Callable[[HttpRequest, datetime], Sequence[Todo]]] = Registry("what needs doing today")
desk_tabs: Registry[DeskTab] = Registry("tabs of a programme")
public_parts: Registry[PublicPart] = Registry("parts of a programme's public page")
demo_parts: Registry[DemoPart] = Registry("demo parts of programmes")
erasers: Registry[Eraser] = Registry("erasers of personal data")


def tabs_of(request: HttpRequest, programme: Any) -> list[Tab]:
    """Return the tabs of a programme's desk pages for this person; the one whose address is asked for is current."""
    found = [one.tab(request, programme) for one in sorted(desk_tabs.all(), key=lambda one: one.order)]
    return [tab for tab in found if tab is not None]
