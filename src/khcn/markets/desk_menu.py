"""The entries of the market halls in the side navigation of the desk."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.markets.permissions import can_use_desk, reach_of
from khcn.markets.selectors.alerts import open_alerts
from khcn.ui.desk import DeskSection
from khcn.ui.parts import NavItem


def _items(request: HttpRequest) -> Sequence[NavItem]:
    if not can_use_desk(request.user):
        return []
    reach = reach_of(request.user)
    setup = [NavItem(label=_("Thiết lập"), url=reverse("markets-desk:setup-markets"))]
    return [
        NavItem(label=_("Các chợ"), url=reverse("markets-desk:overview"), exact=True),
        NavItem(label=_("Cảnh báo"), url=reverse("markets-desk:alerts"), count=open_alerts(request.user)),
        NavItem(label=_("So sánh"), url=reverse("markets-desk:compare")),
        *(setup if reach.operator or reach.managed else []),
    ]


MARKETS = DeskSection(order=30, label=lambda: _("Chợ"), items=_items)
