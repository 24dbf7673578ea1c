"""What the area ``today`` offers to the other rooms: the list of what waits, and the figures of reports."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.indicators import indicators
from khcn.programmes.desk_menu import programmes_menu
from khcn.programmes.indicators import INDICATORS
from khcn.programmes.permissions import reach_of
from khcn.programmes.selectors.today import todos_of
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem


def menu_entry(request: HttpRequest) -> NavItem | None:
    """Return the entry of the menu with how many things wait; counted on its own page only: every area is asked."""
    reach = reach_of(request.user)
    if not (reach.desk or reach.juror or reach.clerk):
        return None
    address = reverse("programmes-desk:today")
    count = len(todos_of(request, timezone.now())) if request.path == address else None
    return NavItem(label=_("Việc hôm nay"), url=address, count=count or None)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    programmes_menu.register("today", MenuEntry(1, menu_entry))
    for key, indicator in INDICATORS.items():
        indicators.register(key, indicator)
