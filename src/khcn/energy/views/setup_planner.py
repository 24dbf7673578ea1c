"""Planning a roof: the form, the result, two plans side by side, a workbook."""

import io
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.exports.columns import attachment, safe_filename
from khcn.core.exports.tables import XLSX_TYPE
from khcn.energy.enums import RunState
from khcn.energy.exports.plans import plan_workbook
from khcn.energy.forms.planner import PlanNameForm, PlannerForm
from khcn.energy.models import RoofPlan, Site
from khcn.energy.planner_charts import day_chart, month_chart
from khcn.energy.selectors.bill_months import use_by_month
from khcn.energy.selectors.planner import comparison, plan_page, plans_of
from khcn.energy.selectors.setup import rights_of
from khcn.energy.services.plans import plan_remove, plan_rename, plan_request
from khcn.energy.setup_errors import RegisterError
from khcn.energy.views.setup_base import at, crumbs, planners_only, row_of, sent, site_of
from khcn.energy.views.setup_sites import GET_POST
from khcn.ui.formats import format_number


@login_required
@require_http_methods(GET_POST)
def planner(request: HttpRequest, key: str) -> HttpResponse:
    """Ask for a plan; list those that the site has."""
    site = planners_only(request, site_of(request, key))
    known = use_by_month(site, timezone.localdate())
    form = PlannerForm(
        request.POST or None, request.FILES or None, site=site, known=known, initial=_start(request, site)
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        plan = sent(
            form,
            lambda: plan_request(
                actor=request.user,
                site=site,
                title=data["title"] or _title(site),
                asked=form.asked(),
                weather=data["weather"],
                now=timezone.now(),
            ),
        )
        if plan is not None:
            return redirect(at("plan", plan.pk))
    context = {
        "building": site,
        "form": form,
        "more": [form[name] for name in PlannerForm.MORE],
        "plans": plans_of(site),
        "crumbs": crumbs((_("Lập phương án"), ""), site=site),
    }
    return render(request, "energy/setup/planner.html", context)


def _start(request: HttpRequest, site: Site) -> dict[str, Any]:
    """Return what an earlier plan was asked, for "change and reckon again"."""
    again = request.GET.get("tu", "")
    if not (again.isascii() and again.isdigit() and len(again) < 19):
        return {}
    plan = RoofPlan.objects.filter(site=site, pk=int(again)).first()
    return {**plan.spec.get("asked", {}), "title": ""} if plan else {}


def _title(site: Site) -> str:
    count = RoofPlan.objects.filter(site=site).count() + 1
    return _("Phương án %(n)s") % {"n": format_number(count)}


@login_required
@require_http_methods(GET_POST)
@never_cache
def plan_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a plan, or that it is being computed; a POST renames or deletes it."""
    plan: RoofPlan = row_of(request, RoofPlan, pk)
    if request.method == "POST":
        return _plan_deed(request, plan)
    done = plan.state == RunState.DONE
    others = [row for row in plans_of(plan.site) if row.pk != plan.pk and row.state == RunState.DONE]
    context: dict[str, Any] = {
        "plan": plan,
        "building": plan.site,
        "waiting": plan.state == RunState.WAITING,
        "rights": rights_of(request.user, plan.site),
        "others": others,
        "name_form": PlanNameForm(initial={"title": plan.title}),
        "crumbs": crumbs((plan.title, ""), site=plan.site),
    }
    if done:
        context |= {"page": plan_page(plan), "months": month_chart(plan), "day": day_chart(plan)}
    return render(request, "energy/setup/plan.html", context)


def _plan_deed(request: HttpRequest, plan: RoofPlan) -> HttpResponse:
    now = timezone.now()
    try:
        if request.POST.get("viec") == "xoa":
            sent(None, lambda: plan_remove(actor=request.user, plan=plan, now=now))
            messages.success(request, _("Đã xóa phương án."))
            return redirect(at("planner", plan.site.key))
        sent(
            None,
            lambda: plan_rename(actor=request.user, plan=plan, title=request.POST.get("title", ""), now=now),
        )
        messages.success(request, _("Đã đổi tên phương án."))
    except RegisterError as error:
        messages.error(request, error.message)
    return redirect(at("plan", plan.pk))


@login_required
@require_safe
def plan_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Show two plans of a site side by side (``?voi=``)."""
    first: RoofPlan = row_of(request, RoofPlan, pk)
    other = request.GET.get("voi", "")
    if not (other.isascii() and other.isdigit() and len(other) < 19):
        raise Http404
    second = get_object_or_404(RoofPlan, pk=int(other), site=first.site)
    if not first.result or not second.result:
        raise Http404
    context = {
        "first": first,
        "second": second,
        "building": first.site,
        "table": comparison(first, second),
        "crumbs": crumbs((first.title, at("plan", first.pk)), (_("So sánh"), ""), site=first.site),
    }
    return render(request, "energy/setup/plan_compare.html", context)


@login_required
@require_safe
def plan_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a plan as a workbook: figures, months, assumptions and sources."""
    plan: RoofPlan = row_of(request, RoofPlan, pk)
    if plan.state != RunState.DONE:
        raise Http404
    buffer = io.BytesIO()
    plan_workbook(plan, buffer)
    response = HttpResponse(buffer.getvalue(), content_type=XLSX_TYPE)
    response["Content-Disposition"] = attachment(safe_filename(f"{plan.site.name} {plan.title}", "xlsx"))
    return response
