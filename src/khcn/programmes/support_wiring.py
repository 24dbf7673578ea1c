"""What the area ``support`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.dates import local_date
from khcn.core.tasks import register_periodic
from khcn.programmes.areas import DemoPart, DeskTab, Todo, demo_parts, desk_tabs, todo_lists
from khcn.programmes.demo_support import load
from khcn.programmes.desk_menu import MenuEntry, programmes_menu
from khcn.programmes.enums import ProgrammeKind, SupportState
from khcn.programmes.models.support import Asset, Loan, SupportRequest
from khcn.programmes.permissions import can_read_support, reach_of
from khcn.programmes.services.support_loans import REMIND_BEFORE, loans_remind
from khcn.ui.parts import NavItem, Tab

MOST_TODOS = 50


def menu_entry(request: HttpRequest) -> NavItem | None:
    """Return the entry of the menu."""
    reach = reach_of(request.user)
    if not (can_read_support(reach, None) or reach.units):
        return None
    return NavItem(label=_("Hỗ trợ thiết bị, vật tư"), url=reverse("programmes-desk:support"))


def tab(request: HttpRequest, programme: Any) -> Tab | None:
    """Return the tab of a support call."""
    reach = reach_of(request.user)
    if programme.kind != ProgrammeKind.SUPPORT or not (can_read_support(reach, None) or reach.units):
        return None
    url = reverse("programmes-desk:support-programme", args=[programme.pk])
    return Tab(label=_("Đề nghị hỗ trợ"), url=url, current=request.path == url)


def todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    """Return what waits for this person: to check, to find the money, to approve, to hand over, to call back."""
    reach = reach_of(request.user)
    waiting: dict[str, str] = {}
    if reach.finance:
        waiting[SupportState.CHECKED] = _("Xác nhận kinh phí: %(name)s")
    if reach.focal_head or reach.leader:
        waiting[SupportState.FUNDED] = _("Duyệt hỗ trợ: %(name)s")
    if reach.officer:
        waiting |= {
            SupportState.SUBMITTED: _("Kiểm tra đề nghị hỗ trợ: %(name)s"), SupportState.APPROVED: _("Bàn giao: %(name)s"),
            SupportState.DELIVERING: _("Bàn giao tiếp: %(name)s"), SupportState.DELIVERED: _("Kết thúc hỗ trợ: %(name)s"),
        }  # fmt: skip
    found: list[Todo] = []
    if waiting:
        rows = (
            SupportRequest.objects.visible_to(request.user)
            .filter(state__in=waiting)
            .select_related("call__programme")
        )
        within = Q(recommended__lte=0)
        if not reach.leader and reach.focal_head:
            within = Q(state=SupportState.FUNDED, recommended__gt=0)
            over = [one.pk for one in rows.filter(within) if one.recommended > one.call.limit_vnd]
            rows = rows.exclude(pk__in=over)
        found += [
            Todo(
                text=waiting[one.state] % {"name": one.organisation}, where=str(one.call),
                url=reverse("programmes-desk:support-request", args=[one.pk]),
            )
            for one in rows.order_by("submitted_at")[:MOST_TODOS]
        ]  # fmt: skip
    return [*found, *_loans(reach, now)]


def _loans(reach: Any, now: datetime) -> list[Todo]:
    if not (reach.officer or reach.reporting):
        return []
    today = local_date(now)
    rows = Loan.objects.filter(returned_on=None, due_on__lte=today + REMIND_BEFORE).select_related("asset")
    if not reach.officer:
        rows = rows.filter(asset__in=Asset.objects.filter(unit_id__in=reach.reporting))
    words = _("Đòi trả %(thing)s: %(name)s")
    return [
        Todo(
            text=words % {"thing": one.asset.name, "name": one.borrower}, tone="bad" if one.due_on < today else "watch",
            url=reverse("programmes-desk:support-asset", args=[one.asset_id]),
        )
        for one in rows.order_by("due_on")[:MOST_TODOS]
    ]  # fmt: skip


def _remind(now: datetime) -> None:
    loans_remind(now)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    programmes_menu.register("support", MenuEntry(60, menu_entry))
    desk_tabs.register("support", DeskTab(60, tab))
    todo_lists.register("support", todos)
    demo_parts.register("support", DemoPart(70, load))
    register_periodic("programmes.loan_reminders", timedelta(hours=1), _remind)
