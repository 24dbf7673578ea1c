"""Who comes into the desk pages of training, and of which unit they are."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.orgs.models import Unit
from khcn.programmes.forms.support import number_in
from khcn.programmes.permissions import Reach, reach_of
from khcn.programmes.permissions_training import (
    can_read_summary,
    can_set_up,
    keeping_units,
    sees_all,
    sees_people,
)
from khcn.programmes.selectors.training import Asked, units_for
from khcn.programmes.views.base import words_in
from khcn.ui.deeds import only
from khcn.ui.parts import Tab

PAGE = 30


def people_page(request: HttpRequest) -> Reach:
    """Return the person's reach; 403 for who reads no people."""
    reach = reach_of(request.user)
    if not sees_people(reach):
        raise PermissionDenied(
            _(
                "Danh sách người học dành cho đơn vị của họ, đơn vị đầu mối và người giám sát. Bạn xem kết quả của chính mình ở “Bồi dưỡng của tôi”."
            )
        )
    return reach


def officer_page(request: HttpRequest) -> Reach:
    """Return the reach of the focal officer; 403 for everybody else."""
    reach = people_page(request)
    only(can_set_up(reach), _("Việc này do chuyên viên của đơn vị đầu mối làm."))
    return reach


def asked_of(request: HttpRequest) -> Asked:
    """Return what a list was asked for."""
    query = request.GET
    year = number_in(query.get("nam"))
    return Asked(
        words=words_in(query), unit=number_in(query.get("don-vi")), audience=query.get("la", "")[:12], topic=number_in(query.get("chu-de")),
        state=query.get("tinh-trang", "")[:12], year=year if year and 1990 <= year <= 2100 else None,
    )  # fmt: skip


def kept_units(request: HttpRequest, reach: Reach, day: date) -> list[Unit]:
    """Return the units in force whose rosters this person writes."""
    rows = units_for(request.user, day)
    return rows if reach.officer else [one for one in rows if one.pk in keeping_units(reach, day)]


def unit_kept(request: HttpRequest, reach: Reach) -> Unit:
    """Return the unit that a writing page is about: ``don-vi`` of the address, else the only or first own one.

    :raises PermissionDenied: none. :raises Http404: another's.
    """
    units = kept_units(request, reach, timezone.localdate())
    only(bool(units), _("Danh sách do người báo cáo của đơn vị và chuyên viên đầu mối ghi. Hãy nhờ họ."))
    wanted = number_in(request.GET.get("don-vi"))
    found = next((one for one in units if one.pk == wanted), units[0] if wanted is None else None)
    if found is None:
        raise Http404
    return found


def frame(request: HttpRequest, **context: Any) -> dict[str, Any]:
    """Return the context of every desk page of training: its tabs."""
    reach = reach_of(request.user)
    pages = [("home", _("Nhu cầu")), ("people", _("Danh sách")), ("records", _("Kết quả")), ("surveys", _("Khảo sát")),
             ("proposals", _("Cử đi học")), ("positions", _("Vị trí")), ("topics", _("Chủ đề"))]  # fmt: skip
    shown = pages if sees_people(reach) else []
    if can_read_summary(reach):
        shown = [*shown, ("summary", _("Tổng hợp năm"))]
    tabs = []
    for name, label in shown:
        url = reverse(f"training-desk:{name}")
        current = request.path == url if name == "home" else request.path.startswith(url)
        tabs.append(Tab(label=label, url=url, current=current))
    return {
        "tabs": tabs,
        "reach": reach,
        "all_units": sees_all(reach),
        "today": timezone.localdate(),
        **context,
    }
