"""What the area ``training`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from importlib import import_module
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.dates import local_date
from khcn.core.demo import Progress
from khcn.core.indicators import indicators
from khcn.core.tasks import register_periodic
from khcn.orgs.services.units import succession_followers
from khcn.programmes.areas import DemoPart, DeskTab, Todo, demo_parts, desk_tabs, todo_lists
from khcn.programmes.desk_menu import learning_menu
from khcn.programmes.enums_training import ProposalState
from khcn.programmes.models.training_more import CourseProposal, NeedsAnswer, NeedsSurvey
from khcn.programmes.permissions import Reach, reach_of
from khcn.programmes.permissions_training import can_read_summary, keeping_units, sees_people
from khcn.programmes.selectors.training import waiting_records
from khcn.programmes.selectors.training_figures import INDICATORS
from khcn.programmes.services.training_handover import TrainingFollower
from khcn.programmes.services.training_roster import uploads_forget
from khcn.programmes.services.training_sync import training_sync
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem, Tab

MOST_TODOS = 50


def menu_entry(request: HttpRequest) -> NavItem | None:
    """Return the entry of the menu for who reads people or figures."""
    reach = reach_of(request.user)
    if not can_read_summary(reach):
        return None
    return NavItem(label=_("Bồi dưỡng cán bộ, giáo viên"), url=reverse("training-desk:home"))


def own_entry(request: HttpRequest) -> NavItem | None:
    """Return the entry of the own record, for everybody who signed in."""
    if not request.user.is_authenticated:
        return None
    return NavItem(label=_("Bồi dưỡng của tôi"), url=reverse("training-desk:mine"))


def tab(request: HttpRequest, programme: Any) -> Tab | None:
    """Return the tab of a programme: which topics it teaches."""
    if not sees_people(reach_of(request.user)):
        return None
    url = reverse("training-desk:programme", args=[programme.pk])
    return Tab(label=_("Chủ đề bồi dưỡng"), url=url, current=request.path == url)


def todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    """Return what waits for this person: to answer, verify, approve, gather, close."""
    reach = reach_of(request.user)
    if not sees_people(reach) or (reach.auditor and not (reach.officer or reach.focal_head or reach.units)):
        return []
    return [
        *_answers(reach, now),
        *_verify(request, reach, now),
        *_proposals(request, reach, now),
        *_surveys(reach, now),
    ]


def _answers(reach: Reach, now: datetime) -> list[Todo]:
    units = keeping_units(reach, local_date(now))
    if not units:
        return []
    rows = NeedsAnswer.objects.filter(
        unit_id__in=units, submitted_at=None, survey__closed_at=None
    ).select_related("survey", "unit")
    return [
        Todo(
            text=_("Trả lời khảo sát nhu cầu bồi dưỡng"), url=reverse("training-desk:answer", args=[one.survey_id, one.unit_id]),
            due=timezone.make_aware(datetime.combine(one.survey.deadline, time(23, 59))), where=one.unit.name,
            tone="bad" if one.survey.is_late(now) else "watch",
        )
        for one in rows[:MOST_TODOS]
    ]  # fmt: skip


def _verify(request: HttpRequest, reach: Reach, now: datetime) -> list[Todo]:
    if not (reach.heading or reach.officer):
        return []
    count = waiting_records(request.user, local_date(now)).count()
    if not count:
        return []
    url = reverse("training-desk:records") + "?tinh-trang=entered"
    return [Todo(text=_("Xác nhận %(n)s kết quả học nơi khác") % {"n": count}, url=url, where=_("Bồi dưỡng"))]


def _proposals(request: HttpRequest, reach: Reach, now: datetime) -> list[Todo]:
    words = {}
    if reach.heading:
        words[ProposalState.SUBMITTED] = _("Duyệt đề nghị cử đi học: %(name)s")
    if reach.officer:
        words[ProposalState.APPROVED] = _("Tổng hợp đề nghị cử đi học: %(name)s")
        words[ProposalState.GATHERED] = _("Ghi kết quả cử đi học: %(name)s")
    if not words:
        return []
    rows = (
        CourseProposal.objects.visible_to(request.user, local_date(now))
        .filter(state__in=words)
        .select_related("unit")
    )
    if ProposalState.SUBMITTED in words:
        rows = rows.exclude(state=ProposalState.SUBMITTED, submitted_by_id=request.user.pk)
    return [
        Todo(text=words[ProposalState(one.state)] % {"name": one.course}, url=reverse("training-desk:proposal", args=[one.pk]), where=one.unit.name)
        for one in rows.order_by("created_at")[:MOST_TODOS]
        if one.state != ProposalState.GATHERED or one.ends_on < local_date(now)
    ]  # fmt: skip


def _surveys(reach: Reach, now: datetime) -> list[Todo]:
    if not reach.officer:
        return []
    rows = NeedsSurvey.objects.filter(closed_at=None, deadline__lt=local_date(now))
    words = _("Nhắc hoặc đóng khảo sát nhu cầu năm %(year)s")
    return [
        Todo(
            text=words % {"year": one.year},
            url=reverse("training-desk:survey", args=[one.pk]),
            where=_("Bồi dưỡng"),
        )
        for one in rows
    ]


def _demo(progress: Progress, now: datetime) -> None:
    import_module("khcn.programmes.training_demo").load(progress, now)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    learning_menu.register("training", MenuEntry(20, menu_entry))
    learning_menu.register("training-own", MenuEntry(21, own_entry))
    desk_tabs.register("training", DeskTab(75, tab))
    todo_lists.register("training", todos)
    demo_parts.register("training", DemoPart(90, _demo))
    succession_followers.register("training", TrainingFollower())
    for key, indicator in INDICATORS.items():
        indicators.register(key, indicator)
    register_periodic("programmes.training_sync", timedelta(minutes=10), training_sync)
    register_periodic("programmes.training_uploads", timedelta(hours=12), uploads_forget)
