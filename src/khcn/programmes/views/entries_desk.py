"""Desk pages of teams and entries: the list with names, one entry to check, accept, reject, make anonymous."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.programmes.enums import EntryState, PhaseKind, ProgrammeKind
from khcn.programmes.exports.entries import teams_table
from khcn.programmes.forms.entries import AnonymousForm, RejectForm
from khcn.programmes.models.entries import Entry
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import Reach, can_keep_contest, can_read_entries
from khcn.programmes.selectors.entries import Asked, contest_of, entry_for, teams_for, traces_in
from khcn.programmes.selectors.entries_public import all_agreed
from khcn.programmes.services.entries_check import (
    entry_accept,
    entry_anonymise,
    entry_reject,
    entry_to_library,
    files_traced,
)
from khcn.programmes.services.entries_files import ENTRIES
from khcn.programmes.views.base import frame, readable, words_in
from khcn.ui.deeds import only, sent, told


def named(request: HttpRequest, pk: int) -> tuple[Programme, Reach]:
    """Return a contest whose entries the person reads with names. Raises PermissionDenied, Http404."""
    programme, reach = readable(request, pk)
    only(
        can_read_entries(reach),
        _("Bài dự thi có tên người dự thi nên chỉ đơn vị đầu mối và kiểm toán được xem."),
    )
    if programme.kind != ProgrammeKind.CONTEST:
        raise Http404
    return programme, reach


@login_required
@require_safe
def entries(request: HttpRequest, pk: int) -> HttpResponseBase:
    """List the teams and their entries."""
    programme, reach = named(request, pk)
    state = request.GET.get("tinh-trang", "")
    asked = Asked(state if state in {*EntryState.values, "none"} else "", words_in(request.GET))
    rows = teams_for(request.user, programme, asked)
    if (kind := request.GET.get("tep", "")) in {"csv", "xlsx"}:
        return teams_table(kind, rows, _("Đội và bài dự thi"))
    query = request.GET.copy()
    query.pop("trang", None)
    context = frame(
        request, programme, page=Paginator(rows, 30).get_page(request.GET.get("trang")), asked=asked,
        states=EntryState.choices, query=query.urlencode(), officer=can_keep_contest(reach), contest=contest_of(programme),
    )  # fmt: skip
    return render(request, "programmes/entries/desk_list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def entry_page(request: HttpRequest, pk: int, entry_id: int) -> HttpResponse:
    """Show one entry with its makers; the officer decides and makes it anonymous."""
    programme, reach = named(request, pk)
    entry = entry_for(request.user, programme, entry_id)
    if entry is None:
        raise Http404
    officer, status = can_keep_contest(reach), 200
    start = {"title": entry.anonymous_title, "summary": entry.anonymous_summary}
    reject, hidden = RejectForm(initial={"reason": entry.reject_reason}), AnonymousForm(initial=start)
    traced: list[Any] = []
    if request.method == "POST":
        only(officer, _("Kiểm tra bài dự thi là việc của chuyên viên đơn vị đầu mối."))
        deed, now = request.POST.get("viec", ""), timezone.now()
        if deed == "do":
            traced = told(request, lambda: files_traced(actor=request.user, entry=entry, now=now)) or []
        else:
            done, reject, hidden = _deed(request, entry, deed)
            if done:
                return redirect("programmes-desk:entry", pk=pk, entry_id=entry_id)
            status = 422
    contest = contest_of(programme)
    context = frame(
        request, programme, entry=entry, team=entry.team, people=entry.team.members.filter(removed_at=None).order_by("pk"),
        reject=reject, hidden=hidden, traces=traces_in(entry), traced=traced, officer=officer, agreed=all_agreed(entry.team),
        checking=contest is not None and contest.phase == PhaseKind.CHECKING,
        hiding=contest is not None and contest.phase in {PhaseKind.OPEN, PhaseKind.CHECKING},
    )  # fmt: skip
    return render(request, "programmes/entries/desk_entry.html", context, status=status)


def _deed(request: HttpRequest, entry: Entry, deed: str) -> tuple[bool, RejectForm, AnonymousForm]:
    now, actor = timezone.now(), request.user
    reject, hidden = RejectForm(), AnonymousForm()
    done: Any = None
    said = ""
    if deed == "nhan":
        done, said = (
            told(request, lambda: entry_accept(actor=actor, entry=entry, now=now)),
            _("Đã nhận bài hợp lệ."),
        )
        return _said(request, done, said), reject, hidden
    if deed == "thu-vien":
        done, said = told(request, lambda: entry_to_library(actor=actor, entry=entry, now=now)), _("Đã chuyển cho thư viện; cán bộ thư viện duyệt rồi đăng.")  # fmt: skip
        return _said(request, done, said), reject, hidden
    if deed == "loai":
        reject = RejectForm(request.POST)
        if reject.is_valid():
            reason = reject.cleaned_data["reason"]
            done = sent(reject, lambda: entry_reject(actor=actor, entry=entry, reason=reason, now=now))
            said = _("Đã loại bài và báo cho đội.")
    elif deed == "an-danh":
        hidden = AnonymousForm(request.POST)
        if hidden.is_valid():
            shown = [int(one) for one in request.POST.getlist("tep") if one.isascii() and one.isdigit()]
            data = hidden.cleaned_data
            done = sent(
                hidden, lambda: entry_anonymise(actor=actor, entry=entry, shown=shown, now=now, **data)
            )
            said = _("Đã lưu phần giám khảo được xem.")
    else:
        raise Http404
    return _said(request, done, said), reject, hidden


def _said(request: HttpRequest, done: Any, sentence: str) -> bool:
    if done is not None:
        messages.success(request, sentence)
    return done is not None


@login_required
@require_safe
def entry_file(request: HttpRequest, pk: int, entry_id: int, file_id: int) -> HttpResponseBase:
    """Hand out a file of an entry to those who read names."""
    programme, _reach = named(request, pk)
    entry = entry_for(request.user, programme, entry_id)
    file = entry.files.filter(pk=file_id).first() if entry else None
    if file is None:
        raise Http404
    return ENTRIES.response(file.name, file.title)
