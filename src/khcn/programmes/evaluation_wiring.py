"""What the area ``evaluation`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.programmes.areas import DemoPart, DeskTab, Todo, demo_parts, desk_tabs, todo_lists
from khcn.programmes.attendance_demo import load_evaluation
from khcn.programmes.enums import WITH_SESSIONS
from khcn.programmes.permissions import can_read_people, can_run, reach_of
from khcn.programmes.selectors.evaluation import surveys_to_open
from khcn.ui.parts import Tab


def tab(request: HttpRequest, programme: Any) -> Tab | None:
    """Return the tab of evaluation."""
    reach = reach_of(request.user)
    if programme.kind not in WITH_SESSIONS or not (reach.desk and can_read_people(reach, programme.unit_id)):
        return None
    url = reverse("programmes-desk:evaluation", args=[programme.pk])
    quiz = reverse("programmes-desk:quiz-desk", args=[programme.pk])
    return Tab(label=_("Ý kiến, kiểm tra"), url=url, current=request.path.startswith((url, quiz)))


def todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    """Return programmes whose survey was never opened."""
    reach = reach_of(request.user)
    return [
        Todo(_("Mở phiếu hỏi ý kiến"), reverse("programmes-desk:evaluation", args=[one.pk]), now, tone="info", where=one.title)
        for one in surveys_to_open(request.user, now) if can_run(reach, one.unit_id)
    ]  # fmt: skip


TAB = DeskTab(50, tab)
DEMO = DemoPart(35, load_evaluation)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    desk_tabs.register("evaluation", TAB)
    todo_lists.register("evaluation", todos)
    demo_parts.register("evaluation", DEMO)
