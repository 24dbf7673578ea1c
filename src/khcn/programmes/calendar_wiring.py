"""What the area ``calendar`` offers to the other rooms."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.references import resolvers, searchers
from khcn.programmes.areas import DemoPart, demo_parts, desk_tabs, page_tab
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
from khcn.ui.parts import NavItem

TAB = page_tab(10, gettext_lazy("Tổng quan"), "programme", lambda _reach, _row: True, exact=True)
PARTS_TAB = page_tab(
    15, gettext_lazy("Giảng viên, tài liệu"), "programme-parts", lambda _reach, _row: True, exact=True
)


def _entry(request: HttpRequest) -> NavItem | None:
    if not reach_of(request.user).desk:
        return None
    return NavItem(label=_("Các chương trình"), url=reverse("programmes-desk:programmes"))


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    programmes_menu.register("calendar", MenuEntry(10, _entry))
    desk_tabs.register("calendar", TAB)
    desk_tabs.register("calendar-parts", PARTS_TAB)
    demo_parts.register("calendar", DemoPart(10, load))
    resolvers.register(PROGRAMME, resolve_programmes)
    resolvers.register(SESSION, resolve_sessions)
    searchers.register(PROGRAMME, search_programmes)
