"""What the area ``calendar`` offers to the other rooms."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.references import resolvers, searchers
from khcn.programmes.areas import DemoPart, DeskTab, demo_parts, desk_tabs
from khcn.programmes.calendar_demo import load
from khcn.programmes.desk_menu import programmes_menu
from khcn.programmes.permissions import reach_of
from khcn.programmes.selectors.calendar import (
    PROGRAMME,
    SESSION,
    resolve_programmes,
    resolve_sessions,
    search_programmes,
)
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem, Tab


def _entry(request: HttpRequest) -> NavItem | None:
    if not reach_of(request.user).desk:
        return None
    return NavItem(label=_("Các chương trình"), url=reverse("programmes-desk:programmes"))


def _tab(request: HttpRequest, programme: Any) -> Tab:
    url = reverse("programmes-desk:programme", args=[programme.pk])
    return Tab(label=_("Tổng quan"), url=url, current=request.path == url)


def _parts_tab(request: HttpRequest, programme: Any) -> Tab:
    url = reverse("programmes-desk:programme-parts", args=[programme.pk])
    return Tab(label=_("Giảng viên, tài liệu"), url=url, current=request.path == url)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    programmes_menu.register("calendar", MenuEntry(10, _entry))
    desk_tabs.register("calendar", DeskTab(10, _tab))
    desk_tabs.register("calendar-parts", DeskTab(15, _parts_tab))
    demo_parts.register("calendar", DemoPart(10, load))
    resolvers.register(PROGRAMME, resolve_programmes)
    resolvers.register(SESSION, resolve_sessions)
    searchers.register(PROGRAMME, search_programmes)
