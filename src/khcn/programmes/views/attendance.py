"""Desk pages of attendance: sessions, one session to tick, threshold, sheets to print and to fill in."""

import secrets
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.programmes.exports.attendance import list_sheet, read_list, threshold_table
from khcn.programmes.forms.attendance import FileForm, HeadcountForm, LinkForm, WalkInForm
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.permissions import can_run
from khcn.programmes.rules.attendance import Presence
from khcn.programmes.selectors.attendance import groups_of, lines_of, links_of, reached, sessions_with_counts
from khcn.programmes.services.attendance import (
    attendance_mark_many,
    group_mark,
    headcount_enter,
    walk_in_enter,
    walk_in_remove,
)
from khcn.programmes.services.attendance_sheet import attendance_sheet_take_in
from khcn.programmes.services.attendance_sync import link_make, link_revoke
from khcn.programmes.views.base import frame, people_of
from khcn.ui.deeds import sent, told
from khcn.ui.qr import qr_svg


def _session(programme: Programme, number: int) -> Session:
    row = programme.sessions.filter(number=number).first()
    if row is None:
        raise Http404
    row.programme = programme
    return row


@login_required
@require_safe
def attendance(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the sessions with how many came."""
    programme, _reach = people_of(request, pk)
    context = frame(request, programme, rows=sessions_with_counts(programme), now=timezone.now())
    return render(request, "programmes/attendance/sessions.html", context)


@login_required
@require_safe
def threshold(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show who came often enough; hand it out as a file."""
    programme, _reach = people_of(request, pk)
    rows = reached(programme)
    if (kind := request.GET.get("tep", "")) in {"xlsx", "csv"}:
        return threshold_table(kind, rows)
    context = frame(request, programme, rows=rows, good=sum(one.reached for one in rows))
    return render(request, "programmes/attendance/threshold.html", context)


@login_required
@require_safe
def qr_sheet(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Print the QR codes of everybody and of every group."""
    programme, _reach = people_of(request, pk)
    people = programme.registrations.confirmed().order_by("sort_key", "pk")[:1000]
    groups = programme.groups.filter(cancelled_at=None)
    codes = [(one.name, one.label, one.ticket) for one in groups]
    codes += [(one.name, one.class_name or one.organisation, one.ticket) for one in people]
    context = {"programme": programme, "codes": [(*one, qr_svg(one[2])) for one in codes]}
    return render(request, "programmes/attendance/qr.html", context)


@login_required
@require_safe
def paper_list(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Print the list with a column for signatures."""
    programme, _reach = people_of(request, pk)
    session = _session(programme, number)
    context = {"programme": programme, "session": session, "lines": lines_of(session), "blank": range(8)}
    return render(request, "programmes/attendance/paper.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Hand the list out as a workbook; take it in again."""
    programme, _reach = people_of(request, pk)
    session = _session(programme, number)
    if request.method != "POST" and request.GET.get("tep") == "xlsx":
        return list_sheet(lines_of(session))
    form, status = FileForm(request.POST or None, request.FILES or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file, now = form.cleaned_data["file"], timezone.now()
            done = sent(
                form,
                lambda: attendance_sheet_take_in(
                    actor=request.user, session=session, filled=read_list(file), now=now
                ),
            )
            if done is not None:
                messages.success(
                    request, _("Đã ghi %(n)s người, %(new)s khách mới.") % {"n": done[0], "new": done[1]}
                )
                return redirect("programmes-desk:attendance-session", pk=pk, number=number)
    context = frame(request, programme, session=session, form=form)
    return render(request, "programmes/attendance/sheet.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_page(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Tick the list of a session; guests, headcount, links for phones."""
    programme, reach = people_of(request, pk)
    session = _session(programme, number)
    runs, now, status = can_run(reach, programme.unit_id), timezone.now(), 200
    forms: dict[str, Any] = {
        "walkin": WalkInForm(initial={"key": secrets.token_hex(12), "count": 1}),
        "headcount": HeadcountForm(initial={"headcount": session.headcount}),
        "link": LinkForm(),
    }
    if request.method == "POST":
        if not runs:
            raise PermissionDenied(
                _("Chỉ người báo cáo của đơn vị tổ chức và chuyên viên đầu mối điểm danh.")
            )
        if _deed(request, session, forms, now):
            return redirect("programmes-desk:attendance-session", pk=pk, number=number)
        status = 422
    links = [
        (one, request.build_absolute_uri(reverse("programmes:check-in", args=[one.token])), one.opens(now))
        for one in (links_of(session) if runs else ())
    ]
    context = frame(
        request, programme, session=session, lines=lines_of(session), groups=groups_of(session), runs=runs, links=links,
        walk_ins=session.walk_ins.select_related("group"), forms=forms, states=Presence.choices,
    )  # fmt: skip
    return render(request, "programmes/attendance/session.html", context, status=status)


def _deed(request: HttpRequest, session: Session, forms: dict[str, Any], now: Any) -> bool:
    """Do what was asked for; False when a form has to be shown again."""
    asked, actor = request.POST.get("viec", "ghi"), request.user
    values: dict[str, Any] = {"actor": actor, "session": session, "now": now}
    if asked in {"walkin", "headcount", "link"}:
        form = forms[asked] = type(forms[asked])(request.POST)
        if not form.is_valid():
            return False
        write: Any = {"walkin": walk_in_enter, "headcount": headcount_enter, "link": link_make}[asked]
        done = sent(form, lambda: [write(**values, **form.cleaned_data)])
        if done is not None:
            messages.success(request, _("Đã ghi."))
        return done is not None
    ident = _number(request, "so") or 0
    if asked == "cat":
        told(request, lambda: link_revoke(link_id=ident, **values))
    elif asked == "bo":
        told(request, lambda: walk_in_remove(walk_in_id=ident, **values))
    elif asked == "doan":
        group, count = get_object_or_404(groups_of(session), pk=ident), _number(request, "count")
        told(request, lambda: group_mark(group=group, count=count, **values))
    elif asked == "moi":
        states = {one.registration.pk: str(Presence.PRESENT) for one in lines_of(session) if not one.state}
        told(request, lambda: attendance_mark_many(states=states, **values))
    else:
        names = {key[2:]: value for key, value in request.POST.items() if key.startswith("p-")}
        states = {
            int(key): str(value)
            for key, value in names.items()
            if key.isascii() and key.isdigit() and len(key) < 10
        }
        changed = told(request, lambda: attendance_mark_many(states=states, **values))
        if changed is not None:
            messages.success(request, _("Đã ghi. Thay đổi: %(n)s người.") % {"n": changed})
    return True


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
