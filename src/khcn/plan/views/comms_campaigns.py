"""Desk pages of campaigns: the list, one campaign with its kit and who has done what, making and changing it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.core.errors import KhcnError
from khcn.core.references import Reference, find_references, resolve_many
from khcn.orgs.models import Unit
from khcn.plan.comms_charts import channel_chart
from khcn.plan.forms.comms import CampaignForm, KitForm
from khcn.plan.models import Campaign, KitFile, Plan
from khcn.plan.selectors.comms import (
    Asked,
    campaign_sums,
    campaigns_for,
    channel_sums,
    may_enter,
    outreach_list,
)
from khcn.plan.selectors.comms_events import open_parts
from khcn.plan.services.comms_campaigns import KIT, campaign_open, campaign_save, kit_add, kit_remove
from khcn.plan.views.comms_base import comms_page, into, officers_page, tabs

WORK = "library.work"


@login_required
@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """List the campaigns, newest first."""
    reach = comms_page(request)
    today = timezone.localdate()
    context = {
        "page": Paginator(campaigns_for(request.user, today), 30).get_page(request.GET.get("trang")),
        "tabs": tabs("campaigns", open_parts(reach.reporting | reach.heading)),
        "today": today,
        "officer": reach.officer,
    }
    return render(request, "plan/comms/campaigns.html", context)


def choice_units() -> Any:
    """Return the units of today to choose from, groups first."""
    today = timezone.localdate()
    return (
        Unit.objects.in_force(today)
        .select_related("kind")
        .order_by("-kind__is_group", "kind__order", "order", "sort_key")
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_new(request: HttpRequest) -> HttpResponse:
    """Make a campaign."""
    officers_page(request)
    return _form(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a campaign."""
    officers_page(request)
    return _form(request, get_object_or_404(Campaign, pk=pk))


def _form(request: HttpRequest, row: Campaign | None) -> HttpResponse:
    choices: dict[str, Any] = {
        "units": choice_units(),
        "plans": Plan.objects.order_by("-year", "full_number"),
    }
    if request.method == "POST":
        form = CampaignForm(request.POST, **choices)
        if form.is_valid():
            saved = into(
                form,
                lambda: campaign_save(
                    actor=request.user, values=form.text(), now=timezone.now(), campaign=row, tell=form.cleaned_data["tell"]
                ),
            )  # fmt: skip
            if saved is not None:
                messages.success(request, _("Đã lưu đợt tuyên truyền."))
                return redirect("plan-desk:campaign", pk=saved.pk)
    else:
        names = ("title", "starts_on", "ends_on", "plan", "task_code", "message", "kit_text")
        initial = (
            {name: getattr(row, name) for name in names} | {"units": row.units.all()}
            if row
            else {"tell": True}
        )
        form = CampaignForm(initial=initial, **choices)
    status = 422 if request.method == "POST" else 200
    return render(request, "plan/comms/campaign_form.html", {"form": form, "row": row}, status=status)


@login_required
@require_safe
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a campaign: its kit to copy, who has and who has not, sums by channel."""
    reach = comms_page(request)
    today = timezone.localdate()
    row = get_object_or_404(campaigns_for(request.user, today), pk=pk)
    sums = channel_sums(outreach_list(None, today, Asked(campaign=pk)))
    units = campaign_sums(row, today)
    files = list(row.kit.all())
    found = resolve_many([Reference.parse(one.record) for one in files if one.record], request.user)
    asked = request.GET.get("tim", "").strip()[:80]
    context = {
        "row": row,
        "units": units,
        "missing": sum(one.entries == 0 for one in units),
        "sums": sums,
        "chart": channel_chart(sums, row.starts_on, row.ends_on),
        "files": [(one, found.get(Reference.parse(one.record)) if one.record else None) for one in files],
        "over": row.ends_on < today,
        "officer": reach.officer,
        "enters": may_enter(reach),
        "kit_form": KitForm(),
        "asked": asked,
        "works": find_references(WORK, asked, request.user, limit=8) if reach.officer else (),
    }
    return render(request, "plan/comms/campaign.html", context)


@login_required
@require_POST
def campaign_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop or go on taking entries."""
    officers_page(request)
    row = get_object_or_404(Campaign, pk=pk)
    opening = request.POST.get("mo") == "1"
    if campaign_open(actor=request.user, campaign_id=row.pk, is_open=opening, now=timezone.now()):
        done = _("Đợt này nhận số liệu trở lại.") if opening else _("Đợt này đã ngừng nhận số liệu.")
        messages.success(request, done)
    return redirect("plan-desk:campaign", pk=pk)


@login_required
@require_POST
def campaign_kit(request: HttpRequest, pk: int) -> HttpResponse:
    """Add to the kit, or take out of it."""
    officers_page(request)
    row = get_object_or_404(Campaign, pk=pk)
    now = timezone.now()
    try:
        if (out := request.POST.get("bo", "")).isdigit():
            kit_remove(actor=request.user, kit_id=get_object_or_404(row.kit, pk=int(out)).pk, now=now)
            messages.success(request, _("Đã bỏ khỏi bộ tuyên truyền."))
        else:
            kit_add(
                actor=request.user, campaign_id=pk, now=now, title=request.POST.get("title", ""),
                file=request.FILES.get("file"), record=request.POST.get("record", "")[:120],
            )  # fmt: skip
            messages.success(request, _("Đã thêm vào bộ tuyên truyền."))
    except KhcnError as error:
        messages.error(request, error.message)
    return redirect("plan-desk:campaign", pk=pk)


@login_required
@require_safe
def kit_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a file of a kit to everybody inside."""
    comms_page(request)
    row = get_object_or_404(KitFile, pk=pk)
    if not row.file:
        raise Http404
    suffix = row.file.rpartition(".")[2]
    name = row.title if row.title.lower().endswith(f".{suffix}") else f"{row.title}.{suffix}"
    return KIT.response(row.file, name)
