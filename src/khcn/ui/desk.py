"""How an app puts its entries into the side navigation of the staff desk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from khcn.core.registry import Registry
from khcn.ui.parts import NavGroup, NavItem


@dataclass(frozen=True)
class DeskSection:
    """One group of links. ``items`` gives those that this person may use; none hides the group."""

    order: int
    label: Callable[[], str]
    items: Callable[[HttpRequest], Sequence[NavItem]]


@dataclass(frozen=True)
class MenuEntry:
    """One entry of a section: where it stands, and the item for this request (``None``: not for this person)."""

    order: int
    item: Callable[[HttpRequest], NavItem | None]


desk_sections: Registry[DeskSection] = Registry("desk sections")


def items_of(menu: Registry[MenuEntry]) -> Callable[[HttpRequest], Sequence[NavItem]]:
    """Return the ``items`` of a section whose entries the areas of a room register in ``menu``."""

    def items(request: HttpRequest) -> Sequence[NavItem]:
        entries = sorted(menu.all(), key=lambda entry: entry.order)
        return [item for entry in entries if (item := entry.item(request)) is not None]

    return items


def desk_groups(request: HttpRequest) -> list[NavGroup]:
    """Return the groups of links for the person of this request, in order; counted once a request."""
    known: list[NavGroup] | None = getattr(request, "_desk_groups", None)
    if known is not None:
        return known
    groups = [
        NavGroup(label=section.label(), items=section.items(request))
        for section in sorted(desk_sections.all(), key=lambda section: section.order)
    ]
    found = [group for group in groups if group.items]
    request._desk_groups = found  # type: ignore[attr-defined]  # the page and its frame show the same
    return found
