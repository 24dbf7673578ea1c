"""Desk pages of others' events: invitations in, passed on, answered, and what came of it."""

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.core.numbers import number_vi
from khcn.plan.enums import EventKind
from khcn.plan.exports.comms import parts_table
from khcn.plan.forms.comms import InvitationForm, PartForm, PassForm
from khcn.plan.models import EventPart, OutsideEvent, Plan
from khcn.plan.selectors.comms_events import PartLine, events_for, open_parts, parts_of, visible_event
from khcn.plan.services.comms_events import SCANS, event_pass, event_save, invitation_text, part_update
from khcn.plan.views.comms_base import comms_page, into, officers_page, tabs
from khcn.plan.views.comms_campaigns import choice_units

STATES: Final = ("cho", "sap", "qua")


@login_required
@require_safe
def events(request: HttpRequest) -> HttpResponseBase:
    """List others' events with their counts; hand the parts out as a file."""
    reach = comms_page(request)
    today = timezone.localdate()
    state, kind = request.GET.get("tinh-trang", ""), request.GET.get("loai", "")
    state, kind = state if state in STATES else "", kind if kind in EventKind.values else ""
    rows = events_for(request.user, today, state=state, kind=kind)
    file = request.GET.get("tep", "")
    if file in {"csv", "xlsx"}:
        parts = EventPart.objects.filter(event__in=rows.values("pk")).select_related("event", "unit")
        if not reach.everything:
            parts = parts.filter(unit_id__in=reach.units)
        return parts_table(file, list(parts.order_by("event__starts_on", "unit__order", "pk")[:20_000]))
    query = request.GET.copy()
    query.pop("trang", None)
    context = {
        "page": Paginator(rows, 30).get_page(request.GET.get("trang")),
        "tabs": tabs("events", open_parts(reach.reporting | reach.heading)),
        "officer": reach.officer,
        "state": state,
        "kind": kind,
        "kinds": EventKind.choices,
        "query": query.urlencode(),
        "today": today,
    }
    return render(request, "plan/comms/events.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def event_new(request: HttpRequest) -> HttpResponse:
    """Type an invitation in."""
    officers_page(request)
    return _form(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def event_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an invitation."""
    officers_page(request)
    return _form(request, get_object_or_404(OutsideEvent, pk=pk))


def _form(request: HttpRequest, row: OutsideEvent | None) -> HttpResponse:
    plans = Plan.objects.order_by("-year", "full_number")
    if request.method == "POST":
        form = InvitationForm(request.POST, request.FILES, plans=plans)
        if form.is_valid():
            scan = form.cleaned_data["scan"]
            saved = into(
                form,
                lambda: event_save(
                    actor=request.user, values=form.invitation(), now=timezone.now(), event=row, scan=scan
                ),
            )
            if saved is not None:
                messages.success(request, _("Đã lưu lời mời."))
                return redirect("plan-desk:event", pk=saved.pk)
    else:
        names = [name for name in InvitationForm.base_fields if name != "scan"]
        initial = (
            {name: getattr(row, name) for name in names} if row else {"received_on": timezone.localdate()}
        )
        form = InvitationForm(initial=initial, plans=plans)
    status = 422 if request.method == "POST" else 200
    return render(request, "plan/comms/event_form.html", {"form": form, "row": row}, status=status)


@login_required
@require_safe
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an event: what it is, the text to pass on, and the parts of units."""
    comms_page(request)
    return _event_page(request, pk)


def _event_page(
    request: HttpRequest,
    pk: int,
    *,
    wrong: dict[int, PartForm] | None = None,
    pass_form: PassForm | None = None,
) -> HttpResponse:
    today = timezone.localdate()
    row = visible_event(request.user, pk, today)
    if row is None:
        raise Http404
    reach = comms_page(request)
    lines = parts_of(request.user, row, today)
    mine = reach.reporting | reach.heading
    # Forms only where somebody answers: a focal officer sees a table of all, and opens one by its address.
    opened = request.GET.get("don-vi", "")
    shown = [
        (line, (wrong or {}).get(line.part.pk) or _part_form(line, row))
        for line in lines
        if line.own
        and (line.part.unit_id in mine or str(line.part.pk) == opened or line.part.pk in (wrong or {}))
    ]
    taken = {line.part.unit_id for line in lines}
    context = {
        "row": row,
        "lines": lines,
        "forms": shown,
        "text": invitation_text(row),
        "officer": reach.officer,
        "pass_form": pass_form or PassForm(units=choice_units().exclude(pk__in=taken)),
        "today": today,
    }
    return render(request, "plan/comms/event.html", context, status=422 if wrong or pass_form else 200)


def _part_form(line: PartLine, row: OutsideEvent, data: Any = None) -> PartForm:
    part = line.part
    names = ("state", "nominated", "attended", "audience", "awards", "award_text", "note", "revision")
    initial = {name: getattr(part, name) for name in names} | {"awards": part.awards or None}
    return PartForm(
        data, initial=initial, prefix=f"phan-{part.pk}", starts_on=row.starts_on, today=timezone.localdate()
    )


@login_required
@require_POST
def event_pass_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Pass an invitation on to units."""
    officers_page(request)
    get_object_or_404(OutsideEvent, pk=pk)
    form = PassForm(request.POST, units=choice_units())
    if not form.is_valid():
        return _event_page(request, pk, pass_form=form)
    units = list(form.cleaned_data["units"])
    count = into(form, lambda: event_pass(actor=request.user, event_id=pk, units=units, now=timezone.now()))
    if count is None:
        return _event_page(request, pk, pass_form=form)
    text = ngettext("Đã chuyển đến %(n)s đơn vị.", "Đã chuyển đến %(n)s đơn vị.", count)
    messages.success(request, text % {"n": number_vi(count)})
    return redirect("plan-desk:event", pk=pk)


@login_required
@require_POST
def event_part(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a unit does about an invitation."""
    comms_page(request)
    today = timezone.localdate()
    part = get_object_or_404(EventPart.objects.select_related("event", "unit"), pk=pk)
    row = visible_event(request.user, part.event_id, today)
    if row is None:
        raise Http404
    line = next((one for one in parts_of(request.user, row, today) if one.part.pk == pk), None)
    if line is None:
        raise Http404
    form = _part_form(line, row, request.POST)
    if form.is_valid():
        revision = form.cleaned_data["revision"]
        done = into(
            form,
            lambda: part_update(
                actor=request.user, part_id=pk, revision=revision, part=form.part(), now=timezone.now()
            ),
        )
        if done is not None:
            messages.success(request, _("Đã ghi phần của %(unit)s.") % {"unit": part.unit.name})
            return redirect("plan-desk:event", pk=part.event_id)
    return _event_page(request, part.event_id, wrong={pk: form})


@login_required
@require_safe
def event_scan(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the scan of an invitation."""
    comms_page(request)
    row = visible_event(request.user, pk, timezone.localdate())
    if row is None or not row.file:
        raise Http404
    return SCANS.response(row.file, f"{row.title[:80]}.{row.file.rpartition('.')[2]}")
