"""What the area ``readiness`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib import import_module

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khcn.core.demo import Progress
from khcn.core.indicators import indicators
from khcn.core.tasks import register_periodic
from khcn.programmes.areas import DemoPart, Eraser, Todo, demo_parts, erasers, todo_lists
from khcn.programmes.desk_menu import learning_menu
from khcn.programmes.models.readiness import ReadinessCall
from khcn.programmes.permissions import reach_of
from khcn.programmes.permissions_readiness import can_read_calls, can_read_figures
from khcn.programmes.selectors.readiness_figures import INDICATORS
from khcn.programmes.services.consents import withdrawal_followers
from khcn.programmes.services.readiness_calls import calls_forget, contact_follow, person_erase
from khcn.programmes.services.readiness_checks import checks_forget
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem


def menu_entry(request: HttpRequest) -> NavItem | None:
    """Return the entry of the menu for who reads figures."""
    if not can_read_figures(reach_of(request.user)):
        return None
    return NavItem(label=_("Mức độ số của hộ kinh doanh"), url=reverse("readiness-desk:home"))


def todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    """Return that people wait to be called; due a week after the first asked. One query."""
    if not can_read_calls(reach_of(request.user)):
        return []
    asked = list(
        ReadinessCall.objects.visible_to(request.user).waiting().values_list("created_at", flat=True)
    )
    if not asked:
        return []
    words = ngettext("%(n)s người chờ gọi lại", "%(n)s người chờ gọi lại", len(asked)) % {"n": len(asked)}
    due = asked[0] + timedelta(days=7)
    tone = "bad" if due < now else "watch"
    return [Todo(words, reverse("readiness-desk:calls"), due=due, tone=tone, where=_("Tự chấm mức độ số"))]


def _demo(progress: Progress, now: datetime) -> None:
    import_module("khcn.programmes.readiness_demo").load(progress, now)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    learning_menu.register("readiness", MenuEntry(40, menu_entry))
    todo_lists.register("readiness", todos)
    demo_parts.register("readiness", DemoPart(95, _demo))
    erasers.register("readiness", Eraser(person_erase, "wishes to be called after a self-check"))
    withdrawal_followers.register("readiness", contact_follow)
    for key, indicator in INDICATORS.items():
        indicators.register(key, indicator)
    register_periodic("programmes.checks_forget", timedelta(hours=3), checks_forget)
    register_periodic("programmes.calls_forget", timedelta(hours=12), calls_forget)
