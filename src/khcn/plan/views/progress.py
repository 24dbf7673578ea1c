"""Lists of work: a unit's own, all of it, and the plan over time."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.core.calendar.selectors import working_calendar_around
from khcn.orgs.models import Unit
from khcn.plan.exports.progress import list_response
from khcn.plan.rules.progress import soon_until
from khcn.plan.selectors.progress_gantt import plan_spans, visible_plan
from khcn.plan.selectors.progress_own import (
    all_items,
    calendar_for,
    fetched,
    filter_plans,
    own_work,
    units_with_items,
)
from khcn.plan.tables.progress import item_lines, own_lead, own_tabs, query_of, standing_words
from khcn.plan.tables.progress_gantt import plan_gantt
from khcn.plan.views.progress_access import asked_in, number_in, require_work

PAGE_SIZE = 40
HELPING = 15


@login_required
@require_safe
def own_page(request: HttpRequest) -> HttpResponse:
    """Show the work of the person's units: what is late first, cooperating work apart."""
    require_work(request)
    on, asked = timezone.localdate(), asked_in(request.GET)
    found = own_work(request.user, asked, on)
    only_helping = request.GET.get("phan") == "phoi-hop"
    rows = found.helping if only_helping else found.lead
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("trang"))
    shown = fetched(page.object_list)
    helping = [] if only_helping else fetched(found.helping[: HELPING + 1])
    calendar = calendar_for([item.due for item in [*shown, *helping]], on)
    context: dict[str, Any] = {
        "found": found,
        "asked": asked,
        "tabs": own_tabs(asked, found.tally),
        "lead": own_lead(found.tally),
        "page": page,
        "lines": item_lines(shown, on, found.soon, calendar),
        "helping": item_lines(helping[:HELPING], on, found.soon, calendar),
        "helping_more": len(helping) > HELPING,
        "only_helping": only_helping,
        "query": query_of(asked),
        "several": len(found.units) > 1,
    }
    return render(request, "plan/progress/own.html", context)


@login_required
@require_safe
def item_list(request: HttpRequest) -> HttpResponseBase:
    """Show the items of all units as asked for; every figure of the leadership's page leads here."""
    require_work(request)
    on, asked = timezone.localdate(), asked_in(request.GET)
    soon = soon_until(on, working_calendar_around(on))
    rows = all_items(request.user, asked, on, soon)
    kind = request.GET.get("tep", "")
    if kind in {"csv", "xlsx"}:
        return list_response(rows.select_related("task", "plan", "unit"), kind, on)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("trang"))
    shown = fetched(page.object_list)
    context = {
        "asked": asked,
        "page": page,
        "lines": item_lines(shown, on, soon, calendar_for([item.due for item in shown], on)),
        "plans": filter_plans(request.user, on),
        "units": units_with_items(),
        "standings": standing_words().items(),
        "query": query_of(asked),
        "show_unit": True,
    }
    return render(request, "plan/progress/items.html", context)


@login_required
@require_safe
def gantt_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a plan over time: over all units, or one unit's part."""
    require_work(request)
    on = timezone.localdate()
    plan = visible_plan(request.user, pk, on)
    if plan is None:
        raise Http404
    unit_id = number_in(request.GET.get("don-vi"))
    unit = Unit.objects.filter(pk=unit_id).first() if unit_id else None
    spans = plan_spans(plan, on, unit.pk if unit else None)
    soon = soon_until(on, working_calendar_around(on))
    context = {
        "plan": plan,
        "unit": unit,
        "gantt": plan_gantt(plan, spans, on, soon, unit.pk if unit else None) if spans else None,
        "undated": sum(1 for span in spans if span.due is None),
    }
    return render(request, "plan/progress/gantt.html", context)
