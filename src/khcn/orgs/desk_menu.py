"""The entries of ``orgs`` in the side navigation of the desk."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.orgs import permissions
from khcn.orgs.models import memberships_of
from khcn.ui.desk import DeskSection
from khcn.ui.parts import NavItem


def _items(request: HttpRequest) -> Sequence[NavItem]:
    held = memberships_of(request.user, timezone.localdate())
    items = []
    if permissions.can_view_users(held):
        items.append(NavItem(label=_("Người dùng"), url=reverse("orgs:people")))
    if permissions.can_view_all_units(held):
        items.append(NavItem(label=_("Đơn vị"), url=reverse("orgs:units")))
        items.append(NavItem(label=_("Sắp xếp đơn vị"), url=reverse("orgs:decisions")))
    if held:
        items.append(NavItem(label=_("Vắng mặt và ủy quyền"), url=reverse("orgs:absences")))
    if permissions.can_manage_organisation(held):
        items.append(NavItem(label=_("Thông tin trang"), url=reverse("orgs:site")))
    items.append(NavItem(label=_("Tài khoản của tôi"), url=reverse("account_home")))
    return items


ORGANISATION = DeskSection(order=80, label=lambda: _("Tổ chức"), items=_items)
