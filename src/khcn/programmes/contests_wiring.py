"""What the area ``contests`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khcn.programmes.areas import DemoPart, DeskTab, Todo, demo_parts, desk_tabs, todo_lists
from khcn.programmes.demo_contests import load
from khcn.programmes.desk_menu import MenuEntry, programmes_menu
from khcn.programmes.enums import PhaseKind, ProgrammeKind
from khcn.programmes.models.contests import Contest, ContestResult
from khcn.programmes.permissions import can_approve_result, can_keep_contest, can_read_ranking, reach_of
from khcn.programmes.selectors.contests_jury import seats_of, works_left
from khcn.ui.parts import NavItem, Tab

_PAGES = ("cuoc-thi", "the-le", "hoi-dong", "giai-doan", "phan-cong", "tien-do", "xep-hang", "ket-qua")


def _tab(request: HttpRequest, programme: Any) -> Tab | None:
    if programme.kind != ProgrammeKind.CONTEST or not can_read_ranking(reach_of(request.user)):
        return None
    url = reverse("programmes-desk:contest", args=[programme.pk])
    current = request.path.rstrip("/").rpartition("/")[2] in _PAGES
    return Tab(label=_("Tổ chức thi"), url=url, current=current)


def _menu(request: HttpRequest) -> NavItem | None:
    if not reach_of(request.user).juror:
        return None
    return NavItem(label=_("Chấm thi"), url=reverse("programmes-desk:jury"))


def todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    """Return what a juror, an officer and the leader have to do."""
    found, reach = [], reach_of(request.user)
    for seat in seats_of(request.user) if reach.juror else ():
        title = seat.contest.programme.title
        if seat.must_declare:
            found.append(
                Todo(
                    _("Khai xung đột lợi ích"),
                    reverse("programmes-desk:jury-declare", args=[seat.contest.pk]),
                    where=title,
                )
            )
        elif left := works_left(seat):
            text = ngettext("Còn %(n)s bài chưa chấm", "Còn %(n)s bài chưa chấm", left) % {"n": left}
            found.append(Todo(text, reverse("programmes-desk:jury"), where=title))
    if can_keep_contest(reach):
        rows = Contest.objects.exclude(phase=PhaseKind.DONE).select_related("programme")
        for one in rows.filter(deadline__lte=now, phase=PhaseKind.OPEN)[:20]:
            url = reverse("programmes-desk:contest-phases", args=[one.pk])
            found.append(
                Todo(
                    _("Đã hết hạn nộp bài: chuyển sang kiểm tra"),
                    url,
                    due=one.deadline,
                    where=one.programme.title,
                )
            )
    if can_approve_result(reach):
        waiting = ContestResult.objects.filter(thawed_at=None, published_at=None).exclude(proposed_at=None)
        for result in waiting.exclude(proposed_by=request.user.pk).select_related("programme")[:20]:
            url = reverse("programmes-desk:contest-result", args=[result.programme_id])
            found.append(
                Todo(
                    _("Phê duyệt kết quả cuộc thi"), url, due=result.proposed_at, where=result.programme.title
                )
            )
    return found


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    desk_tabs.register("contests", DeskTab(60, _tab))
    programmes_menu.register("jury", MenuEntry(70, _menu))
    todo_lists.register("contests", todos)
    demo_parts.register("contests", DemoPart(60, load))
