"""What the area ``contests`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khcn.programmes.areas import DemoPart, DeskTab, Todo, demo_parts, desk_tabs, todo_lists
from khcn.programmes.demo_contests import load
from khcn.programmes.desk_menu import programmes_menu
from khcn.programmes.enums import PhaseKind, ProgrammeKind, ProgrammeState
from khcn.programmes.models.contests import Contest, ContestResult
from khcn.programmes.permissions import can_approve_result, can_keep_contest, can_read_ranking, reach_of
from khcn.programmes.rules.contest_phases import is_step, next_phase
from khcn.programmes.selectors.contests import progress_of
from khcn.programmes.selectors.contests_jury import seats_of, works_left
from khcn.programmes.services.contests_setup import phase_missing
from khcn.ui.desk import MenuEntry
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
    if reach.juror:
        found += _of_juror(request)
    if can_keep_contest(reach):
        rows = Contest.objects.exclude(phase=PhaseKind.DONE).filter(programme__state=ProgrammeState.PUBLISHED)
        steps = [
            _of_contest(one, now) for one in rows.select_related("programme").order_by("deadline", "pk")[:10]
        ]
        found += [one for one in steps if one is not None]
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


def _of_juror(request: HttpRequest) -> list[Todo]:
    found = []
    for seat in seats_of(request.user):
        title, day = seat.contest.programme.title, seat.contest.judge_by
        due = timezone.make_aware(datetime.combine(day, time(23, 59))) if day else None
        if seat.must_declare:
            url = reverse("programmes-desk:jury-declare", args=[seat.contest.pk])
            found.append(Todo(_("Khai xung đột lợi ích"), url, due=due, where=title))
        elif left := works_left(seat):
            text = ngettext("Còn %(n)s bài chưa chấm", "Còn %(n)s bài chưa chấm", left) % {"n": left}
            found.append(Todo(text, reverse("programmes-desk:jury"), due=due, where=title))
    return found


def _of_contest(contest: Contest, now: datetime) -> Todo | None:
    """Return the next step of a contest when all before it is done; sheets to be shared out; freezing."""
    title, to = contest.programme.title, next_phase(contest.phase)
    if contest.phase == PhaseKind.JUDGING:
        progress = progress_of(contest.programme, contest.reviews_wanted)
        if progress.given and progress.done == progress.given:
            url = reverse("programmes-desk:contest-result", args=[contest.pk])
            return Todo(_("Giám khảo đã chấm xong: chốt điểm"), url, where=title)
        if progress.short:
            url = reverse("programmes-desk:contest-assignment", args=[contest.pk])
            return Todo(_("Có bài còn thiếu giám khảo: xem phân công"), url, where=title)
        return None
    if to is None or not is_step(contest.phase, to) or phase_missing(contest, to, now):
        return None
    text = _("Có thể chuyển sang giai đoạn: %(phase)s") % {"phase": to.label}
    return Todo(
        text, reverse("programmes-desk:contest-phases", args=[contest.pk]), due=contest.deadline, where=title
    )


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    desk_tabs.register("contests", DeskTab(60, _tab))
    programmes_menu.register("jury", MenuEntry(70, _menu))
    todo_lists.register("contests", todos)
    demo_parts.register("contests", DemoPart(60, load))
