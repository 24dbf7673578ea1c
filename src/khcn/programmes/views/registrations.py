"""Desk pages of registrations: the list with its deeds in bulk, one registration, one group."""

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.errors import KhcnError
from khcn.programmes.enums import STANDING, Audience, RegistrationState
from khcn.programmes.exports.registrations import registrations_table
from khcn.programmes.forms.registrations import PaperForm, PersonFields, ReasonForm, person_initial
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import Registration
from khcn.programmes.permissions import can_read_consents, can_run
from khcn.programmes.rules.questions import answer_words
from khcn.programmes.selectors.registrations import Asked, groups_of, registrations_of, seats_of, state_counts
from khcn.programmes.services.registrations import (
    registration_approve,
    registration_cancel,
    registration_refuse,
)
from khcn.programmes.services.registrations_groups import group_cancel, paper_consents_record
from khcn.programmes.services.registrations_privacy import person_erase
from khcn.programmes.views.base import frame, people_of, runnable, words_in
from khcn.programmes.views.registrations_person import person_saved
from khcn.ui.deeds import sent, told

PAGE: Final = 50


def asked_in(query: Any) -> Asked:
    """Return what a list was asked for; nonsense asks for nothing."""
    state, audience = query.get("tinh-trang", ""), query.get("la", "")
    session = query.get("buoi", "")
    return Asked(
        words=words_in(query),
        state=state if state in RegistrationState.values else "",
        audience=audience if audience in Audience.values else "",
        session=int(session) if session.isdecimal() and len(session) < 10 else None,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def registrations(request: HttpRequest, pk: int) -> HttpResponseBase:
    """List who registered; approve, refuse, cancel several after a look; hand the list out."""
    if request.method == "POST":
        return _bulk(request, pk)
    programme, reach = people_of(request, pk)
    asked = asked_in(request.GET)
    rows = registrations_of(request.user, programme, asked)
    kind = request.GET.get("tep", "")
    if kind in {"csv", "xlsx"}:
        return registrations_table(kind, programme, rows.iterator(500))
    query = request.GET.copy()
    query.pop("trang", None)
    context = frame(
        request, programme, page=Paginator(rows, PAGE).get_page(request.GET.get("trang")), asked=asked,
        query=query.urlencode(), counts=_counts(request, programme), seats=None if programme.by_session else seats_of(programme),
        groups=groups_of(request.user, programme)[:100], runs=can_run(reach, programme.unit_id),
        ledger=can_read_consents(reach, programme.unit_id), states=RegistrationState.choices, audiences=Audience.choices,
        sessions=list(programme.sessions.all()) if programme.by_session else [],
    )  # fmt: skip
    return render(request, "programmes/registrations/desk_list.html", context)


def _counts(request: HttpRequest, programme: Programme) -> list[tuple[str, int]]:
    counts = state_counts(request.user, programme)
    return [(str(label), counts[value]) for value, label in RegistrationState.choices if counts.get(value)]


def _bulk(request: HttpRequest, pk: int) -> HttpResponse:
    programme, _reach = runnable(request, pk)
    ids = [int(one) for one in request.POST.getlist("chon")[:500] if one.isdecimal() and len(one) < 10]
    rows = list(registrations_of(request.user, programme).filter(pk__in=ids))
    deed = request.POST.get("viec", "")
    if not rows or deed not in {"duyet", "khong", "huy"}:
        messages.error(request, _("Hãy chọn ít nhất một người trong danh sách."))
        return redirect("programmes-desk:registrations", pk=pk)
    reason = ReasonForm(request.POST if "reason" in request.POST else None)
    if request.POST.get("chac") != "1" or (deed == "khong" and not reason.is_valid()):
        names = {"duyet": _("Duyệt"), "khong": _("Không nhận"), "huy": _("Hủy")}
        context = frame(request, programme, rows=rows, deed=deed, deed_name=names[deed], reason=reason)
        return render(request, "programmes/registrations/desk_bulk.html", context)
    done, refused = 0, ""
    for row in rows:
        try:
            _do(request, row, deed, reason.cleaned_data.get("reason", "") if deed == "khong" else "")
            done += 1
        except KhcnError as error:
            refused = error.message
    messages.success(request, _("Đã xử lý %(done)s trên %(all)s người.") % {"done": done, "all": len(rows)})
    if refused:
        messages.warning(request, refused)
    return redirect("programmes-desk:registrations", pk=pk)


def _do(request: HttpRequest, row: Registration, deed: str, reason: str) -> None:
    now = timezone.now()
    if deed == "duyet":
        registration_approve(actor=request.user, registration=row, now=now)
    elif deed == "khong":
        registration_refuse(actor=request.user, registration=row, now=now, reason=reason)
    else:
        registration_cancel(actor=request.user, registration=row, now=now)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Show one registration; who runs the programme puts it right."""
    programme, reach = runnable(request, pk) if request.method == "POST" else people_of(request, pk)
    person = get_object_or_404(registrations_of(request.user, programme), pk=row)
    runs = can_run(reach, programme.unit_id) and person.state in STANDING and not person.erased_at
    form, status, now = (
        PersonFields(initial=person_initial(person), programme=programme, lenient=True),
        200,
        timezone.now(),
    )
    if request.method == "POST":
        deed = request.POST.get("viec", "")
        if deed in {"duyet", "huy"}:
            told(request, lambda: _do(request, person, deed, ""))
            return redirect("programmes-desk:registration", pk=pk, row=row)
        if deed == "xoa":
            if told(request, lambda: person_erase(registration=person, now=now, actor=request.user)):
                messages.success(request, _("Đã xóa hẳn thông tin của người này; con số không đổi."))
            return redirect("programmes-desk:registrations", pk=pk)
        form, status = PersonFields(request.POST, programme=programme, lenient=True), 422
        if person_saved(request, form, person, actor=request.user):
            return redirect("programmes-desk:registration", pk=pk, row=row)
    answers = [
        (one["label"], answer_words(person.answers[one["key"]]))
        for one in programme.questions
        if one["key"] in person.answers
    ]
    context = frame(
        request, programme, row=person, form=form, runs=runs, answers=answers,
        erases=can_run(reach, programme.unit_id) and not person.erased_at, erasing=request.GET.get("xoa") == "1",
    )  # fmt: skip
    return render(request, "programmes/registrations/desk_one.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def group(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Show one group with its people; who runs the programme enters papers that came on paper, or cancels the group."""
    programme, reach = runnable(request, pk) if request.method == "POST" else people_of(request, pk)
    found = get_object_or_404(groups_of(request.user, programme), pk=row)
    people = registrations_of(request.user, programme, Asked(group=row))
    standing = list(people.filter(state__in=STANDING, erased_at=None))
    papers, status, now = PaperForm(people=standing, programme=programme), 200, timezone.now()
    if request.method == "POST":
        if request.POST.get("viec") == "huy":
            if group_cancel(group=found, now=now, actor=request.user):
                messages.success(request, _("Đã hủy cả đoàn. Chỗ dành cho người đang chờ."))
            return redirect("programmes-desk:registration-group", pk=pk, row=row)
        papers, status = PaperForm(request.POST, request.FILES, people=standing, programme=programme), 422
        if papers.is_valid():
            data = papers.cleaned_data
            who = data["people"] or [one.pk for one in standing]
            done = sent(papers, lambda: paper_consents_record(
                group=found, people=who, purposes=data["purposes"], by=data["by"], scan=data["scan"], now=now, actor=request.user
            ))  # fmt: skip
            if done:
                messages.success(request, _("Đã ghi phiếu đồng ý."))
                return redirect("programmes-desk:registration-group", pk=pk, row=row)
    context = frame(
        request, programme, group=found, page=Paginator(people, PAGE).get_page(request.GET.get("trang")), papers=papers,
        runs=can_run(reach, programme.unit_id) and bool(standing), cancelling=request.GET.get("huy") == "1",
    )  # fmt: skip
    return render(request, "programmes/registrations/desk_group.html", context, status=status)
