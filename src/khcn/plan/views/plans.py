"""Desk pages of plans: the list, a plan with its versions, a task, the difference of two versions, files."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.exports.tables import table_response
from khcn.orgs.desk import actor_of
from khcn.plan.enums import TaskLevel, VersionState
from khcn.plan.exports.plans import LIST_COLUMNS, list_rows
from khcn.plan.forms.plans import CommentForm
from khcn.plan.models import PlanVersion
from khcn.plan.permissions import acting, can_edit_plans
from khcn.plan.selectors.plans import (
    TaskFilter,
    plans_for,
    tasks_filtered,
    units_of_version,
    version_before,
    version_difference,
    version_in_work,
    version_tasks,
)
from khcn.plan.selectors.plans_page import task_items, task_tallies, tasks_to_look_at, version_rights
from khcn.plan.services.plans_flow import (
    plan_approve,
    plan_discard,
    plan_head_approve,
    plan_return,
    plan_submit,
    plan_withdraw,
)
from khcn.plan.tables.plans import (
    difference_count,
    plan_line,
    section_blocks,
    shown_changes,
    shown_tasks,
    task_facts,
    value_names,
    version_state,
)
from khcn.plan.views.plans_base import GET_POST, at, crumbs, plan_at, plan_of, plans_reader, version_of
from khcn.ui.deeds import sent

PER_PAGE = 30


@login_required
@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    """List plans."""
    plans_reader(request)
    query = request.GET.get("tim", "").replace("\x00", "").strip()[:80]
    page = Paginator(plans_for(request.user, query=query), PER_PAGE).get_page(request.GET.get("trang"))
    context = {
        "page": page, "lines": [plan_line(plan) for plan in page.object_list], "query": query,
        "may_bring": can_edit_plans(acting(request.user, timezone.localdate())), "crumbs": [*crumbs()[:1], (_("Kế hoạch"), "")],
    }  # fmt: skip
    return render(request, "plan/plans/list.html", context)


def asked_tasks(request: HttpRequest) -> TaskFilter:
    """Return what the list of tasks was narrowed to; nonsense narrows nothing."""
    unit = request.GET.get("don-vi", "")[:18]
    level = request.GET.get("phan", "")[:12]
    return TaskFilter(
        unit=int(unit) if unit.isascii() and unit.isdigit() else None, kind=request.GET.get("loai", "")[:30],
        level=level if level in TaskLevel else "", section=request.GET.get("muc", "")[:30],
        query=request.GET.get("tim", "").replace("\x00", "").strip()[:80], to_confirm=request.GET.get("xem") == "xac-nhan",
    )  # fmt: skip


@login_required
@require_http_methods(GET_POST)
def plan_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show a plan; each step of its way has its own button."""
    plan = plan_of(request, key)
    version = version_of(request, plan)
    form = CommentForm(request.POST if request.POST.get("viec") == "tra-lai" else None)
    if request.method == "POST":
        answer = _moved(request, version, form)
        if answer is not None:
            return answer
    return render(request, "plan/plans/plan.html", _plan_context(request, version, form))


def _moved(request: HttpRequest, version: PlanVersion, form: CommentForm) -> HttpResponse | None:
    """Do the step that was pressed; ``None`` shows the page again with what was refused."""
    actor, now, deed = actor_of(request), timezone.now(), request.POST.get("viec", "")
    if deed == "tra-lai":
        if not form.is_valid():
            return None
        comment = form.cleaned_data["comment"]
        if sent(form, lambda: plan_return(actor=actor, version=version, comment=comment, now=now)) is None:
            return None
        messages.success(request, _("Đã trả lại kế hoạch."))
        return redirect(plan_at(version))
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "trinh": (lambda: plan_submit(actor=actor, version=version, now=now), _("Đã trình kế hoạch.")),
        "rut": (lambda: plan_withdraw(actor=actor, version=version, now=now), _("Đã rút về bản nháp.")),
        "chuyen": (lambda: plan_head_approve(actor=actor, version=version, now=now), _("Đã chuyển lãnh đạo phê duyệt.")),
        "duyet": (lambda: plan_approve(actor=actor, version=version, now=now), _("Đã phê duyệt. Mỗi đơn vị thấy việc của mình.")),
        "bo": (lambda: plan_discard(actor=actor, version=version, now=now), _("Đã bỏ bản nháp.")),
    }  # fmt: skip
    if deed not in steps:
        raise Http404
    write, said = steps[deed]
    try:
        gone = write()
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        messages.error(request, error.message)
        return redirect(request.get_full_path())
    messages.success(request, said)
    if deed == "bo":
        return redirect(at("plans") if gone else at("plan", version.plan.key))
    version.refresh_from_db()
    return redirect(plan_at(version))


def _plan_context(request: HttpRequest, version: PlanVersion, form: CommentForm) -> dict[str, Any]:
    plan, today, user = version.plan, timezone.localdate(), actor_of(request)
    asked = asked_tasks(request)
    narrowed = asked != TaskFilter()
    tasks = list(tasks_filtered(version, asked))
    tallies = task_tallies(plan, today) if version.state == VersionState.PUBLISHED else {}
    working = version_in_work(plan)
    rights = version_rights(user, version, today)
    return {
        "plan": plan, "version": version, "state": version_state(version), "rights": rights, "form": form,
        "working": working if working is not None and working.pk != version.pk else None,
        "blocks": section_blocks(list(version.sections.order_by("order")), tasks, version, tallies),
        "count": len(tasks), "narrowed": narrowed, "asked": asked, "units": units_of_version(version),
        "kinds": sorted((plan.kinds or {}).items(), key=lambda pair: str(pair[1])), "levels": TaskLevel.choices,
        "versions": PlanVersion.objects.visible_to(user).filter(plan=plan).order_by("-number"),
        "before": version_before(version), "to_confirm": tasks_to_look_at(version).count() if rights.edit else 0,
        "ours": [one for one in version.anomalies if one.get("found")], "noted": [one for one in version.anomalies if not one.get("found")],
        "crumbs": crumbs((str(plan)[:60], "")), "query": request.GET.urlencode(),
    }  # fmt: skip


@login_required
@require_safe
def task_page(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """Show a task: what the plan says, who answers for it, how far they are."""
    version = version_of(request, plan_of(request, key))
    task = version_tasks(version).select_related("version__plan").filter(code=code).first()
    if task is None:
        raise Http404
    today = timezone.localdate()
    context = {
        "plan": version.plan, "version": version, "task": task, "facts": task_facts(task, version.plan),
        "items": task_items(task, request.user) if version.state == VersionState.PUBLISHED else [],
        "tally": task_tallies(version.plan, today).get(task.code), "today": today,
        "rights": version_rights(actor_of(request), version, today), "crumbs": crumbs((task.code, ""), version=version),
    }  # fmt: skip
    return render(request, "plan/plans/task.html", context)


@login_required
@require_safe
def plan_difference(request: HttpRequest, key: str) -> HttpResponse:
    """Show what a version says otherwise than the one it amends (or than ``?voi=``)."""
    version = version_of(request, plan_of(request, key))
    older = _older(request, version)
    if older is None:
        raise Http404
    found = version_difference(older, version)
    names = value_names(version.plan)
    context = {
        "plan": version.plan, "version": version, "older": older, "found": found, "said": difference_count(found),
        "header": shown_changes(found.header, names), "reporting": shown_changes(found.reporting, names),
        "changed": shown_tasks(found.changed, names), "sections": shown_tasks(found.sections_changed, names),
        "names": names, "crumbs": crumbs((_("Khác biệt"), ""), version=version),
    }  # fmt: skip
    return render(request, "plan/plans/difference.html", context)


def _older(request: HttpRequest, version: PlanVersion) -> PlanVersion | None:
    asked = request.GET.get("voi", "")[:6]
    if asked.isascii() and asked.isdigit():
        rows = PlanVersion.objects.visible_to(request.user).filter(plan=version.plan).select_related("plan")
        return rows.filter(number=int(asked)).exclude(pk=version.pk).first()
    return version_before(version)


@login_required
@require_safe
def plan_export(request: HttpRequest, key: str, kind: str) -> HttpResponseBase:
    """Give the tasks shown as a file."""
    version = version_of(request, plan_of(request, key))
    if kind not in ("csv", "xlsx"):
        raise Http404
    tasks = tasks_filtered(version, asked_tasks(request)).select_related("version__plan")
    return table_response(kind, list(LIST_COLUMNS), list_rows(tasks), f"nhiem-vu-{version.plan.key}")
