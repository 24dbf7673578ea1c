"""Public pages of plans: what was promised, who answers for it, how far it is, and the same as open data."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.core.gate import costly
from khcn.plan.permissions import reach_of
from khcn.plan.selectors.plans_public import PublicPlan, public_plan, public_plans
from khcn.plan.tables.plans_public import progress_chart, public_blocks, public_tiles


@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    """List the plans in force."""
    return render(request, "plan/plans_public/list.html", {"plans": public_plans()})


@require_safe
@costly("plan.page", per_minute=60)
def plan_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show one plan: sections, tasks, state, results."""
    found = _found(key)
    context = {
        "found": found, "plan": found.plan, "version": found.version, "tiles": public_tiles(found.progress.overall),
        "chart": progress_chart(found), "blocks": public_blocks(found),
        "may_read": request.user.is_authenticated and reach_of(request.user).plans,
    }  # fmt: skip
    return render(request, "plan/plans_public/plan.html", context)


@require_safe
@costly("plan.data", per_minute=20)
def plan_data(request: HttpRequest, key: str) -> HttpResponseBase:
    """Give the tasks of a published plan and their state as CSV."""
    found = _found(key)
    heads = [
        _("Mã"), _("Mục"), _("Tên mục"), _("Nhiệm vụ"), _("Loại việc"), _("Chủ trì"), _("Phối hợp"), _("Hạn"), _("Số việc"),
        _("Hoàn thành"), _("Đúng hạn"), _("Quá hạn"), _("Phần trăm"),
    ]  # fmt: skip
    return table_response("csv", [Column(head) for head in heads], _rows(found), f"ke-hoach-{key}")


def _rows(found: PublicPlan) -> Iterable[list[Any]]:
    for task in found.tasks:
        tally = found.tallies.get(task.code)
        yield [
            task.code, task.section.ref if task.section else "", task.section.title if task.section else "", task.title,
            (found.plan.kinds or {}).get(task.kind, task.kind), task.lead.name if task.lead else "",
            "; ".join(one.unit.name for one in task.cooperating.all()), task.deadline,
            *((tally.items, tally.done, tally.on_time, tally.late, tally.percent) if tally else (0, 0, 0, 0, 0)),
        ]  # fmt: skip


def _found(key: str) -> PublicPlan:
    found = public_plan(key, timezone.localdate())
    if found is None:
        raise Http404
    return found
