"""The entries of programmes in the side navigation of the desk: each area registers its own in its wiring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from khcn.core.registry import Registry
from khcn.ui.desk import DeskSection
from khcn.ui.parts import NavItem


@dataclass(frozen=True)
class MenuEntry:
    """One entry: where it stands, and the item for this request (``None``: not for this person)."""

    order: int
    item: Callable[[HttpRequest], NavItem | None]


programmes_menu: Registry[MenuEntry] = Registry("entries of the programmes' menu")


def _items(request: HttpRequest) -> Sequence[NavItem]:
    entries = sorted(programmes_menu.all(), key=lambda entry: entry.order)
    return [item for entry in entries if (item := entry.item(request)) is not None]


PROGRAMMES = DeskSection(order=20, label=lambda: _("Chương trình, cuộc thi"), items=_items)
