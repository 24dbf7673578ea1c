"""What the area ``attendance`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.tasks import register_periodic
from khcn.programmes.areas import DemoPart, Todo, demo_parts, desk_tabs, page_tab, todo_lists
from khcn.programmes.attendance_demo import load_attendance
from khcn.programmes.enums import WITH_SESSIONS
from khcn.programmes.permissions import can_read_people, can_run, reach_of
from khcn.programmes.selectors.attendance import forgotten_sessions
from khcn.programmes.services.attendance_sync import attendance_forget


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


TAB = page_tab(
    40, gettext_lazy("Điểm danh"), "attendance", lambda reach, row: can_read_people(reach, row.unit_id), kinds=WITH_SESSIONS
)  # fmt: skip
DEMO = DemoPart(30, load_attendance)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    desk_tabs.register("attendance", TAB)
    todo_lists.register("attendance", todos)
    demo_parts.register("attendance", DEMO)
    register_periodic("programmes.attendance_forget", timedelta(days=1), attendance_forget)
