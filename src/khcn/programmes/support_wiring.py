"""What the area ``support`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.dates import local_date
from khcn.core.demo import Progress
from khcn.core.tasks import register_periodic
from khcn.programmes.areas import (
    DemoPart,
    Eraser,
    PublicPart,
    Todo,
    demo_parts,
    desk_tabs,
    erasers,
    page_tab,
    public_parts,
    todo_lists,
)
from khcn.programmes.desk_menu import programmes_menu
from khcn.programmes.enums import ProgrammeKind, SupportState
from khcn.programmes.models.support import Asset, Loan, SupportRequest
from khcn.programmes.permissions import reach_of, reads_support
from khcn.programmes.services.support_loans import REMIND_BEFORE, loans_remind
from khcn.programmes.services.support_requests import contact_forget
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem

MOST_TODOS = 50


def menu_entry(request: HttpRequest) -> NavItem | None:
    """Return the entry of the menu."""
    if not reads_support(reach_of(request.user)):
        return None
    return NavItem(label=_("Hỗ trợ thiết bị, vật tư"), url=reverse("programmes-desk:support"))


TAB = page_tab(
    60, gettext_lazy("Đề nghị hỗ trợ"), "support-programme", lambda reach, _row: reads_support(reach), kinds=[ProgrammeKind.SUPPORT], exact=True
)  # fmt: skip


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
        if not reach.leader:  # above the limit it is the leader's
            rows = rows.exclude(state=SupportState.FUNDED, recommended__gt=F("call__limit_vnd"))
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


def public_part(_request: HttpRequest, programme: Any) -> SafeString | str:
    """Return where to ask, on the public page of a support call."""
    call = getattr(programme, "support", None) if programme.kind == ProgrammeKind.SUPPORT else None
    if call is None:
        return ""
    return render_to_string(
        "programmes/support/_part.html", {"call": call, "takes": call.takes(timezone.now())}
    )


def erase(subject: str, now: datetime) -> None:
    """Forget the contact of a request that is named as ``programmes.supportrequest:17``."""
    kind, _mark, ident = subject.partition(":")
    if kind == "programmes.supportrequest" and ident.isdigit():
        contact_forget(int(ident), now)


def _demo(progress: Progress, now: datetime) -> None:
    import_module("khcn.programmes.demo_support").load(progress, now)


def _remind(now: datetime) -> None:
    loans_remind(now)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    programmes_menu.register("support", MenuEntry(60, menu_entry))
    desk_tabs.register("support", TAB)
    todo_lists.register("support", todos)
    public_parts.register("support", PublicPart(60, public_part))
    erasers.register("support", Eraser(erase, about="contacts of requests for support"))
    demo_parts.register("support", DemoPart(70, _demo))
    register_periodic("programmes.loan_reminders", timedelta(hours=1), _remind)
