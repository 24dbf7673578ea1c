"""What the area ``today`` offers to the other rooms: the first entry of the menu, the figures of reports."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.indicators import indicators
from khcn.programmes.desk_menu import MenuEntry, programmes_menu
from khcn.programmes.indicators import INDICATORS
from khcn.programmes.permissions import reach_of
from khcn.ui.parts import NavItem


def menu_entry(request: HttpRequest) -> NavItem | None:
    """Return the entry of the menu."""
    if not reach_of(request.user).desk:
        return None
    return NavItem(label=_("Việc cần làm"), url=reverse("programmes-desk:today"))


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    programmes_menu.register("today", MenuEntry(1, menu_entry))
    for key, indicator in INDICATORS.items():
        indicators.register(key, indicator)
