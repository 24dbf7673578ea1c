"""Desk pages of communication work: the list, the entry of a minute, one entry, the sheet."""

import secrets
from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.exports.forms import read_workbook
from khcn.core.numbers import number_vi
from khcn.orgs.unit_time import decided_units
from khcn.plan.comms_charts import channel_chart
from khcn.plan.enums import Channel
from khcn.plan.errors import RowsError
from khcn.plan.exports.comms import outreach_columns, outreach_sheet, outreach_table
from khcn.plan.forms.comms import OutreachForm, SheetForm, WithdrawForm
from khcn.plan.models import Campaign, Outreach
from khcn.plan.permissions import can_enter_progress, reach_of
from khcn.plan.selectors.comms import (
    Asked,
    channel_sums,
    export_rows,
    home_unit,
    last_channel,
    may_enter,
    open_campaigns,
    outreach_list,
    visible_outreach,
    writing_units,
)
from khcn.plan.selectors.comms_events import open_parts
from khcn.plan.services.comms_outreach import PHOTOS, outreach_correct, outreach_enter, outreach_remove
from khcn.plan.services.comms_sheet import outreach_sheet_take_in
from khcn.plan.views.comms_base import asked_in, comms_page, into, tabs
from khcn.plan.views.progress_access import number_in

PAGE: Final = 40
FAULTS: Final = 50


@login_required
@require_safe
def comms(request: HttpRequest) -> HttpResponseBase:
    """Show what was done, with sums by channel; hand the list out as a file."""
    reach = comms_page(request)
    today, asked = timezone.localdate(), asked_in(request.GET)
    rows = outreach_list(request.user, today, asked)
    kind = request.GET.get("tep", "")
    if kind in {"csv", "xlsx"}:
        return outreach_table(kind, export_rows(rows))
    sums = channel_sums(rows)
    query = request.GET.copy()
    query.pop("trang", None)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("trang")),
        "asked": asked,
        "query": query.urlencode(),
        "tabs": tabs("comms", open_parts(reach.reporting | reach.heading)),
        "sums": sums,
        "chart": channel_chart(sums, asked.since, asked.until),
        "people": number_vi(sum(one.people or 0 for one in sums)),
        "items": number_vi(sum(one.items for one in sums)),
        "channels": Channel.choices,
        "units": decided_units(today) if reach.everything else (),
        "campaigns": Campaign.objects.order_by("-starts_on")[:50],
        "enters": may_enter(reach),
        "everything": reach.everything,
    }
    return render(request, "plan/comms/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def outreach_new(request: HttpRequest) -> HttpResponse:
    """Enter what was done: two taps and a number."""
    comms_page(request)
    today = timezone.localdate()
    units = writing_units(request.user, today)
    if not units:
        raise PermissionDenied(_("Bạn không ghi việc tuyên truyền cho đơn vị nào."))
    home = home_unit(request.user, today)
    campaigns = open_campaigns(None if reach_of(request.user).officer else home, today)
    form = _entry_form(request, units, campaigns, today, home.pk if home else None)
    if request.method == "POST" and form.is_valid():
        unit = form.cleaned_data["unit"]
        photo = form.cleaned_data["photo"]
        done = into(
            form,
            lambda: outreach_enter(
                actor=request.user, unit=unit, deed=form.deed(), photo=photo, now=timezone.now()
            ),
        )
        if done is not None:
            row, new = done
            if request.headers.get("X-Requested-With") == "queue":
                return HttpResponse(status=204)  # sent by the phone's queue: nobody looks at a page
            text = _("Đã ghi: %(what)s.") if new else _("Việc này đã được ghi từ trước: %(what)s.")
            messages.success(request, text % {"what": _said(row)})
            return redirect("plan-desk:outreach-new")
    status = 422 if request.method == "POST" else 200
    recent = outreach_list(request.user, today, Asked(unit=home.pk if home else None))[:3]
    context = {"form": form, "single": units[0] if len(units) == 1 else None, "recent": recent}
    return render(request, "plan/comms/entry.html", context, status=status)


def _entry_form(
    request: HttpRequest, units: Any, campaigns: Any, today: date, home: int | None
) -> OutreachForm:
    if request.method == "POST":
        return OutreachForm(request.POST, request.FILES, units=units, campaigns=campaigns)
    running = [one for one in campaigns if one.ends_on >= today]
    wanted = number_in(request.GET.get("dot"))
    chosen = next((one for one in campaigns if one.pk == wanted), None) or next(iter(running), None)
    initial = {
        "unit": home, "happened_on": today, "count": 1, "channel": last_channel(home) if home else "",
        "campaign": chosen.pk if chosen else None, "client_key": secrets.token_hex(16),
    }  # fmt: skip
    return OutreachForm(initial=initial, units=units, campaigns=campaigns)


def _said(row: Outreach) -> str:
    words = [
        str(row.get_channel_display()),
        ngettext("%(n)s lượt", "%(n)s lượt", row.count) % {"n": number_vi(row.count)},
    ]
    if row.people is not None:
        words.append(ngettext("%(n)s người", "%(n)s người", row.people) % {"n": number_vi(row.people)})
    return ", ".join(words)


def _readable(request: HttpRequest, pk: int) -> Outreach:
    comms_page(request)
    row = visible_outreach(request.user, pk, timezone.localdate())
    if row is None:
        raise Http404
    return row


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def outreach(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one entry; its unit puts it right, or takes it back."""
    row = _readable(request, pk)
    today = timezone.localdate()
    own = can_enter_progress(reach_of(request.user), row.unit_id)
    writes = own and row.removed_at is None and row.unit.in_force(today)
    open_ones = [row.campaign_id or 0, *open_campaigns(row.unit, today).values_list("pk", flat=True)]
    choices: dict[str, Any] = {"units": [row.unit], "campaigns": Campaign.objects.filter(pk__in=open_ones)}
    form = OutreachForm(initial=_initial(row), **choices)
    removal, status = WithdrawForm(), 200
    if request.method == "POST":
        if not own:
            raise PermissionDenied(_("Việc này do %(unit)s ghi.") % {"unit": row.unit.name})
        now, status = timezone.now(), 422
        if request.POST.get("viec") == "rut":
            removal = WithdrawForm(request.POST)
            if removal.is_valid() and _removed(request, removal, pk):
                return redirect("plan-desk:comms")
        else:
            form = OutreachForm(request.POST, request.FILES, **choices)
            if form.is_valid():
                deed, photo = form.deed(), form.cleaned_data["photo"]
                done = into(
                    form,
                    lambda: outreach_correct(
                        actor=request.user, outreach_id=pk, deed=deed, photo=photo, now=now
                    ),
                )
                if done is not None:
                    messages.success(request, _("Đã sửa."))
                    return redirect("plan-desk:outreach", pk=pk)
    context = {"row": row, "form": form, "removal": removal, "writes": writes}
    return render(request, "plan/comms/one.html", context, status=status)


def _initial(row: Outreach) -> dict[str, Any]:
    names = ("channel", "count", "people", "happened_on", "people_counted", "place", "note", "link")
    return {name: getattr(row, name) for name in names} | {"unit": row.unit_id, "campaign": row.campaign_id}


def _removed(request: HttpRequest, form: WithdrawForm, pk: int) -> bool:
    reason = form.cleaned_data["reason"]

    def remove() -> bool:
        outreach_remove(actor=request.user, outreach_id=pk, reason=reason, now=timezone.now())
        return True

    done = into(form, remove)
    if done:
        messages.success(request, _("Đã rút. Việc này không còn tính vào số liệu."))
    return bool(done)


@login_required
@require_safe
def outreach_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the photo of an entry."""
    row = _readable(request, pk)
    if not row.photo:
        raise Http404
    return PHOTOS.response(row.photo, f"tuyen-truyen-{row.pk}", inline=True)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def comms_sheet(request: HttpRequest) -> HttpResponseBase:
    """Hand out the sheet (empty, or with this year's entries of the own units), and take it in again."""
    reach = comms_page(request)
    if not may_enter(reach):
        raise PermissionDenied(_("Bạn không ghi việc tuyên truyền cho đơn vị nào."))
    today = timezone.localdate()
    units = writing_units(request.user, today)
    columns = outreach_columns(
        units, list(Campaign.objects.filter(is_open=True).order_by("-starts_on")[:200])
    )
    kind = request.GET.get("tep", "")
    if kind in {"mau", "co"} and request.method != "POST":
        rows = outreach_list(request.user, today, Asked(since=date(today.year, 1, 1)))
        mine = rows.filter(unit__in=units)[:2000] if kind == "co" else []
        return outreach_sheet(columns, list(mine))
    form = SheetForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            filled = read_workbook(form.cleaned_data["file"], columns)
            new, changed = outreach_sheet_take_in(actor=request.user, filled=filled, now=timezone.now())
        except RowsError as error:
            context |= {
                "refused": error.message,
                "faults": error.faults[:FAULTS],
                "more": len(error.faults) - FAULTS,
            }
            status = 422
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            form.add_error("file", error.message)
            status = 422
        else:
            words = {"new": number_vi(new), "changed": number_vi(changed)}
            messages.success(request, _("Đã nhận: %(new)s việc mới, %(changed)s việc sửa.") % words)
            return redirect("plan-desk:comms")
    return render(request, "plan/comms/sheet.html", context, status=status)
