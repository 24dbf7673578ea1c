"""What the area ``attendance`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.tasks import register_periodic
from khcn.programmes.areas import DemoPart, DeskTab, Todo, demo_parts, desk_tabs, todo_lists
from khcn.programmes.attendance_demo import load_attendance
from khcn.programmes.enums import WITH_SESSIONS
from khcn.programmes.permissions import can_read_people, can_run, reach_of
from khcn.programmes.selectors.attendance import forgotten_sessions
from khcn.programmes.services.attendance_sync import attendance_forget
from khcn.ui.parts import Tab


def tab(request: HttpRequest, programme: Any) -> Tab | None:
    """Return the tab of attendance for who may read people."""
    if programme.kind not in WITH_SESSIONS or not can_read_people(reach_of(request.user), programme.unit_id):
        return None
    url = reverse("programmes-desk:attendance", args=[programme.pk])
    return Tab(label=_("Điểm danh"), url=url, current=request.path.startswith(url))


def todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    """Return sessions that are over and have no attendance."""
    reach = reach_of(request.user)
    return [
        Todo(
            _("Điểm danh buổi %(n)s") % {"n": one.number},
            reverse("programmes-desk:attendance-session", args=[one.programme_id, one.number]), one.ends_at,
            where=one.programme.title,
        )
        for one in forgotten_sessions(request.user, now) if can_run(reach, one.programme.unit_id)
    ]  # fmt: skip


TAB = DeskTab(40, tab)
DEMO = DemoPart(30, load_attendance)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    desk_tabs.register("attendance", TAB)
    todo_lists.register("attendance", todos)
    demo_parts.register("attendance", DEMO)
    register_periodic("programmes.attendance_forget", timedelta(days=1), attendance_forget)
