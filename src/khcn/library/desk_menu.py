"""The entries of the library in the side navigation of the desk."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.library.permissions import can_use_desk, reach_of
from khcn.library.selectors.desk import desk_counts
from khcn.library.work_parts import library_menu
from khcn.ui.desk import DeskSection
from khcn.ui.parts import NavItem


def box_url(box: str) -> str:
    """Return the address of one box of the list."""
    return f"{reverse('library-desk:works')}?hop={box}"


def _items(request: HttpRequest) -> Sequence[NavItem]:
    if not can_use_desk(request.user):
        return []
    reach, counts = reach_of(request.user), desk_counts(request.user)
    items = []
    if reach.everything or reach.approver:
        items.append(NavItem(label=_("Chờ duyệt"), url=box_url("cho-duyet"), count=counts.review))
    if reach.deposit_units or reach.librarian:
        items.append(NavItem(label=_("Bị trả lại"), url=box_url("tra-lai"), count=counts.returned))
        items.append(
            NavItem(label=_("Bản nháp và tài liệu của tôi"), url=box_url("cua-toi"), count=counts.mine)
        )
        items.append(NavItem(label=_("Gửi tài liệu"), url=reverse("library-desk:deposit")))
        items.append(NavItem(label=_("Các đợt gửi"), url=reverse("library-desk:batches")))
    if reach.librarian:
        items.append(
            NavItem(label=_("Yêu cầu gỡ bỏ"), url=reverse("library-desk:takedowns"), count=counts.takedowns)
        )
        items.append(NavItem(label=_("Tất cả tài liệu"), url=box_url("tat-ca")))
    return [*items, *_of_areas(request)]


def _of_areas(request: HttpRequest) -> list[NavItem]:
    entries = sorted(library_menu.all(), key=lambda entry: entry.order)
    return [item for entry in entries if (item := entry.item(request)) is not None]


LIBRARY = DeskSection(order=20, label=lambda: _("Thư viện"), items=_items)
