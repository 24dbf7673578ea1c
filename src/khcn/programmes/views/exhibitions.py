"""Desk pages of exhibitions: the list, one exhibitor, the hall, signs with QR, the sheet."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.numbers import number_vi
from khcn.core.outbox.senders import absolute_link
from khcn.programmes.enums import WITH_EXHIBITORS
from khcn.programmes.exports.exhibitions import exhibitor_columns, exhibitors_sheet, exhibitors_table
from khcn.programmes.forms.exhibitions import BoothForm, DecideForm, PlanForm, SheetForm, WriteInForm
from khcn.programmes.models.exhibitions import Booth, Exhibitor, FloorPlan
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import Reach, can_run
from khcn.programmes.rules.exhibitions import ExhibitorState
from khcn.programmes.selectors.exhibitions import exhibitors_for, halls, products_shown
from khcn.programmes.services.exhibitions import exhibitor_decide, exhibitor_write_in
from khcn.programmes.services.exhibitions_plan import booth_remove, booth_save, plan_make
from khcn.programmes.services.exhibitions_sheet import SheetError, exhibitors_take_in
from khcn.programmes.services.registrations_sheet import list_read
from khcn.programmes.views.base import frame, people_of, runnable, words_in
from khcn.ui.deeds import sent, told
from khcn.ui.qr import qr_svg

OLD_FONTS = ("name", "text", "contact_name")  # columns that may be typed in a font of before Unicode

METHODS = ["GET", "HEAD", "POST"]


def _of_kind(programme: Programme) -> None:
    if programme.kind not in WITH_EXHIBITORS:
        raise Http404


@login_required
@require_http_methods(METHODS)
def exhibitors(request: HttpRequest, pk: int) -> HttpResponseBase:
    """List exhibitors; enter one; hand the list out."""
    programme, reach = people_of(request, pk)
    _of_kind(programme)
    state, query = request.GET.get("trang-thai", ""), words_in(request.GET, "q", 100)
    rows = exhibitors_for(request.user, programme, state, query)
    kind = request.GET.get("tep", "")
    if kind in {"csv", "xlsx"}:
        return exhibitors_table(kind, rows)
    runs = can_run(reach, programme.unit_id)
    form, status = WriteInForm(), 200
    if request.method == "POST":
        runnable(request, pk)
        form, status = WriteInForm(request.POST), 422
        if form.is_valid():
            address, now = form.cleaned_data["address"], timezone.now()
            done = sent(
                form,
                lambda: exhibitor_write_in(
                    actor=request.user, programme=programme, values=form.exhibitor(), address=address, now=now
                ),
            )
            if done is not None:
                messages.success(request, _("Đã thêm %(name)s.") % {"name": done.name})
                return redirect("programmes-desk:exhibitors", pk=pk)
    context = frame(
        request, programme, page=Paginator(rows, 40).get_page(request.GET.get("trang")), form=form, runs=runs, state=state,
        query=query, states=ExhibitorState.choices,
    )  # fmt: skip
    return render(request, "programmes/exhibitions/desk_list.html", context, status=status)


@login_required
@require_http_methods(METHODS)
def exhibitor(request: HttpRequest, pk: int, one: int) -> HttpResponseBase:
    """Show one exhibitor; accept or refuse it with a message."""
    programme, reach = people_of(request, pk)
    row = get_object_or_404(exhibitors_for(request.user, programme), pk=one)
    form, status = DecideForm(), 200
    if request.method == "POST":
        runnable(request, pk)
        form, status = DecideForm(request.POST), 422
        accept, now = request.POST.get("viec") == "nhan", timezone.now()
        if form.is_valid():
            answer = form.cleaned_data["answer"]
            done = sent(
                form,
                lambda: exhibitor_decide(
                    actor=request.user, exhibitor=row, accept=accept, answer=answer, now=now
                ),
            )
            if done is not None:
                messages.success(request, _("Đã trả lời %(name)s.") % {"name": row.name})
                return redirect("programmes-desk:exhibitors", pk=pk)
    context = frame(
        request,
        programme,
        row=row,
        form=form,
        runs=can_run(reach, programme.unit_id),
        products=products_shown(row),
    )
    return render(request, "programmes/exhibitions/desk_one.html", context, status=status)


@login_required
@require_http_methods(METHODS)
def exhibition_hall(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Draw the hall; make a plan, set booths."""
    programme, reach = people_of(request, pk)
    _of_kind(programme)
    form, status = PlanForm(initial={"title": _("Sơ đồ gian trưng bày")}), 200
    if request.method == "POST":
        runnable(request, pk)
        form, status = PlanForm(request.POST, request.FILES), 422
        if form.is_valid():
            data, now = form.cleaned_data, timezone.now()
            done = sent(form, lambda: plan_make(actor=request.user, programme=programme, now=now, **data))
            if done is not None:
                return redirect("programmes-desk:exhibition-hall", pk=pk)
    context = frame(request, programme, halls=halls(programme), form=form, runs=_runs(reach, programme))
    return render(request, "programmes/exhibitions/desk_hall.html", context, status=status)


def _runs(reach: Reach, programme: Programme) -> bool:
    return can_run(reach, programme.unit_id)


@login_required
@require_http_methods(METHODS)
def exhibition_booth(request: HttpRequest, pk: int, plan: int, booth: int = 0) -> HttpResponseBase:
    """Set one booth: number, place, who stands there; or take it off."""
    programme, _reach = runnable(request, pk)
    hall = get_object_or_404(FloorPlan, pk=plan, programme=programme)
    row = (
        get_object_or_404(Booth.objects.select_related("plan__programme"), pk=booth, plan=hall)
        if booth
        else None
    )
    now, status = timezone.now(), 200
    if request.method == "POST" and row and request.POST.get("viec") == "xoa":
        told(request, lambda: booth_remove(actor=request.user, booth=row, now=now))
        return redirect("programmes-desk:exhibition-hall", pk=pk)
    initial: dict[str, Any] = {"w": 12, "h": 12, "x": 2, "y": 2}
    if row:
        initial = {name: getattr(row, name) for name in ("number", "x", "y", "w", "h")} | {
            "exhibitor": row.exhibitor_id
        }
    form = BoothForm(
        request.POST or None, initial=initial, choices=Exhibitor.objects.filter(programme=programme).shown()
    )
    if request.method == "POST":
        status = 422
        if form.is_valid():
            chosen = form.cleaned_data["exhibitor"]
            done = sent(
                form,
                lambda: booth_save(
                    actor=request.user, plan=hall, booth=row, place=form.place(), exhibitor=chosen, now=now
                ),
            )
            if done is not None:
                messages.success(request, _("Đã lưu gian %(number)s.") % {"number": done.number})
                return redirect("programmes-desk:exhibition-hall", pk=pk)
    context = frame(request, programme, form=form, row=row, hall=hall)
    return render(request, "programmes/exhibitions/desk_booth.html", context, status=status)


@login_required
@require_safe
def exhibition_signs(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Print signs for the booths: number, name, QR to the exhibitor's page."""
    programme, _reach = people_of(request, pk)
    _of_kind(programme)
    signs = []
    rows = exhibitors_for(request.user, programme, ExhibitorState.ACCEPTED)
    for row in rows:
        link = absolute_link(reverse("programmes:exhibition-one", args=[programme.key, row.key]))
        signs.append((row, ", ".join(one.number for one in row.booths.all()), qr_svg(link), link))
    return render(request, "programmes/exhibitions/signs.html", {"programme": programme, "signs": signs})


@login_required
@require_http_methods(METHODS)
def exhibition_sheet(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the sheet (empty, or filled), and take it in again."""
    programme, _reach = runnable(request, pk)
    _of_kind(programme)
    kind = request.GET.get("tep", "")
    if kind in {"mau", "co"} and request.method != "POST":
        return exhibitors_sheet(exhibitors_for(request.user, programme) if kind == "co" else [])
    form, status, lines = SheetForm(request.POST or None, request.FILES or None), 200, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                filled = list_read(form.cleaned_data["file"], exhibitor_columns(), names=OLD_FONTS)
                new, changed = exhibitors_take_in(
                    actor=request.user, programme=programme, filled=filled, now=timezone.now()
                )
            except PermissionDeniedError:
                raise
            except KhcnError as error:
                form.add_error("file", error.message)
                lines = error.lines[:50] if isinstance(error, SheetError) else []
            else:
                said = {"new": number_vi(new), "changed": number_vi(changed)}
                messages.success(request, _("Đã nhận: %(new)s đơn vị mới, %(changed)s đơn vị sửa.") % said)
                return redirect("programmes-desk:exhibitors", pk=pk)
    context = frame(request, programme, form=form, lines=lines)
    return render(request, "programmes/exhibitions/desk_sheet.html", context, status=status)
