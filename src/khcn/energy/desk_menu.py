"""The entries of the energy programme in the side navigation of the desk."""

from collections.abc import Sequence
from contextlib import suppress

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from khcn.energy.permissions import can_use_desk, reach_of
from khcn.energy.selectors.findings import new_findings
from khcn.ui.desk import DeskSection
from khcn.ui.parts import NavItem


def _items(request: HttpRequest) -> Sequence[NavItem]:
    if not can_use_desk(request.user):
        return []
    reach = reach_of(request.user)
    items = [
        NavItem(label=_("Tổng quan"), url=reverse("energy-desk:overview"), exact=True),
        NavItem(label=_("Sự cố"), url=reverse("energy-desk:findings"), count=new_findings(request.user)),
        NavItem(label=_("Chất lượng số liệu"), url=reverse("energy-desk:quality-all")),
        NavItem(label=_("So sánh"), url=reverse("energy-desk:compare")),
        NavItem(label=_("Báo cáo"), url=reverse("energy-desk:reports")),
    ]
    if reach.officer or reach.managed or reach.devices or reach.tables or reach.plans:
        with suppress(NoReverseMatch):  # an installation without the set-up pages
            items.append(NavItem(label=_("Thiết lập"), url=reverse("energy-desk:setup-sites")))
    return items


ENERGY = DeskSection(order=40, label=lambda: _("Năng lượng"), items=_items)
