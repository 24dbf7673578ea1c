"""Desk pages that change a draft: taking a file in, tasks, the head, amendments, the list as a spreadsheet."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.exports.filled import workbook_response
from khcn.engines.plans.fanout import plan_work
from khcn.engines.plans.types import PlanFile, TaskSpec
from khcn.orgs.desk import actor_of
from khcn.plan.exports.plans import read_tasks, tasks_workbook
from khcn.plan.forms.plans import AmendForm, HeadForm, PlanFileForm, SheetFileForm, TaskForm, task_start
from khcn.plan.models import PlanVersion
from khcn.plan.permissions import acting, can_edit_plans
from khcn.plan.selectors.plans import known_units, version_tasks
from khcn.plan.selectors.plans_page import tasks_to_look_at
from khcn.plan.services.plans_files import file_keep, file_open
from khcn.plan.services.plans_flow import plan_amend
from khcn.plan.services.plans_import import anomaly_json, plan_import, plan_read
from khcn.plan.services.plans_sheet import tasks_from_rows
from khcn.plan.services.plans_tasks import header_update, task_add, task_remove, task_update, tasks_confirm
from khcn.plan.services.plans_units import missing_units
from khcn.plan.views.plans_base import GET_POST, at, crumbs, draft_of, plan_at, plan_of, version_of
from khcn.ui.deeds import sent, told

SHOWN = 400


def _officers_only(request: HttpRequest) -> None:
    if not can_edit_plans(acting(request.user, timezone.localdate())):
        raise PermissionDenied(_("Chỉ chuyên viên của đơn vị đầu mối nhập và soạn kế hoạch."))


@login_required
@require_http_methods(GET_POST)
def plan_bring(request: HttpRequest) -> HttpResponse:
    """Take a plan file in: choose it, look at what was read, make the draft."""
    _officers_only(request)
    actor, now = actor_of(request), timezone.now()
    token = request.POST.get("tep", "")
    form = PlanFileForm(None if token else request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "crumbs": crumbs((_("Nhập kế hoạch"), ""))}
    if token:
        done = told(request, lambda: _take_in(request, token))
        return done or redirect(at("plan-bring"))
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        token = file_keep(actor=actor, file=upload)
        name, data = file_open(actor=actor, token=token)
        plan = sent(form, lambda: plan_read(name=name, data=data, today=timezone.localdate(now)))
        if plan is not None:
            context |= _preview(plan) | {"token": token, "name": name}
    return render(request, "plan/plans/bring.html", context)


def _take_in(request: HttpRequest, token: str) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    name, data = file_open(actor=actor, token=token)
    plan = plan_read(name=name, data=data, today=timezone.localdate(now))
    result = plan_import(actor=actor, plan_file=plan, now=now)
    if result.changed:
        messages.success(
            request,
            _("Đã nhập: %(added)s nhiệm vụ mới, %(updated)s cập nhật, %(removed)s bỏ.")
            % {"added": result.added, "updated": result.updated, "removed": result.removed},
        )
    else:
        messages.info(request, _("Tệp không có gì mới so với kế hoạch đang có."))
    return redirect(plan_at(result.version))


def _preview(plan: PlanFile) -> dict[str, object]:
    """Return what the preview shows; nothing has been kept yet."""
    units = known_units()
    names = {one.key: one.name for one in (*units, *plan.units)}
    members = {one.key: one.members for one in units if one.is_group}
    found = [anomaly_json(one) for one in plan.anomalies]
    rows = [
        {"task": task, "lead": names.get(task.lead, ""), "helpers": [names.get(key, key) for key in task.cooperating],
         "kind": plan.kinds.get(task.kind, task.kind)}
        for task in plan.tasks[:SHOWN]
    ]  # fmt: skip
    return {
        "found": plan, "rows": rows, "more": max(0, len(plan.tasks) - SHOWN), "items": len(plan_work(plan, members).items),
        "noted": [one for one in found if not one["found"]], "ours": [one for one in found if one["found"]],
        "new_units": missing_units(plan), "without_lead": sum(not task.lead for task in plan.tasks),
    }  # fmt: skip


@login_required
@require_http_methods(GET_POST)
def task_new(request: HttpRequest, key: str) -> HttpResponse:
    """Add a task to the draft."""
    version, _rights = draft_of(request, key)
    start = {"section": request.GET.get("muc", "")[:30], "level": "programme"}
    form = TaskForm(request.POST or None, version=version, existing=False, initial=start)
    if request.method == "POST" and form.is_valid():
        values = form.changes()
        spec = TaskSpec(code=form.cleaned_data.get("code") or "", **values)
        done = sent(
            form, lambda: task_add(actor=actor_of(request), version=version, spec=spec, now=timezone.now())
        )
        if done is not None:
            messages.success(request, _("Đã thêm nhiệm vụ %(code)s.") % {"code": done.code})
            return redirect(plan_at(version))
    return _form_page(request, form, version, title=_("Thêm nhiệm vụ"), submit=_("Thêm nhiệm vụ"))


@login_required
@require_http_methods(GET_POST)
def task_edit(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """Change a task of the draft, or take it out."""
    version, _rights = draft_of(request, key)
    task = version_tasks(version).filter(code=code).first()
    if task is None:
        raise Http404
    actor, now = actor_of(request), timezone.now()
    taking_out = request.POST.get("viec") == "bo"
    form = TaskForm(
        None if taking_out else request.POST or None, version=version, existing=True, initial=task_start(task)
    )
    if taking_out:
        reason = request.POST.get("ly-do", "")

        def remove() -> bool:
            task_remove(actor=actor, version=version, code=code, reason=reason, now=now)
            return True

        if told(request, remove):
            messages.success(request, _("Đã bỏ nhiệm vụ %(code)s khỏi bản nháp.") % {"code": code})
            return redirect(plan_at(version))
    elif request.method == "POST" and form.is_valid():
        values = form.changes()
        if sent(
            form,
            lambda: (task_update(actor=actor, version=version, code=code, changes=values, now=now), True),
        ):
            messages.success(request, _("Đã lưu nhiệm vụ %(code)s.") % {"code": code})
            return redirect(
                (request.POST.get("ve") == "xac-nhan" and at("plan-confirm", key)) or plan_at(version)
            )
    title = _("Sửa nhiệm vụ %(code)s") % {"code": code}
    return _form_page(request, form, version, title=title, submit=_("Lưu nhiệm vụ"), task=task)


def _form_page(
    request: HttpRequest, form: object, version: PlanVersion, *, title: str, submit: str, task: object = None
) -> HttpResponse:
    context = {
        "form": form, "version": version, "plan": version.plan, "title": title, "submit": submit, "task": task,
        "back": plan_at(version), "crumbs": crumbs((title, ""), version=version), "return_to": request.GET.get("ve", ""),
    }  # fmt: skip
    return render(request, "plan/plans/form.html", context)


@login_required
@require_http_methods(GET_POST)
def confirm_page(request: HttpRequest, key: str) -> HttpResponse:
    """Look at tasks that were read from text or whose units were guessed, and confirm them."""
    version, _rights = draft_of(request, key)
    if request.method == "POST":
        codes = request.POST.getlist("ma")[:5_000]
        actor, now = actor_of(request), timezone.now()
        count = told(request, lambda: tasks_confirm(actor=actor, version=version, codes=codes, now=now))
        if count is not None:
            messages.success(request, _("Đã xác nhận %(count)s nhiệm vụ.") % {"count": count})
        return redirect(at("plan-confirm", key))
    context = {
        "version": version, "plan": version.plan, "tasks": tasks_to_look_at(version), "back": plan_at(version),
        "crumbs": crumbs((_("Xác nhận nhiệm vụ"), ""), version=version),
    }  # fmt: skip
    return render(request, "plan/plans/confirm.html", context)


@login_required
@require_http_methods(GET_POST)
def head_edit(request: HttpRequest, key: str) -> HttpResponse:
    """Change the head and foot of the draft."""
    version, _rights = draft_of(request, key)
    form = HeadForm(request.POST or None, initial=HeadForm.start(version))
    if request.method == "POST" and form.is_valid():
        changes, day = form.changes(version), form.cleaned_data["effective_on"]
        actor, now = actor_of(request), timezone.now()
        if sent(
            form,
            lambda: (
                header_update(actor=actor, version=version, changes=changes, effective_on=day, now=now),
                True,
            ),
        ):
            messages.success(request, _("Đã lưu phần đầu và phần cuối văn bản."))
            return redirect(plan_at(version))
    return _form_page(request, form, version, title=_("Sửa văn bản"), submit=_("Lưu văn bản"))


@login_required
@require_http_methods(GET_POST)
def plan_amending(request: HttpRequest, key: str) -> HttpResponse:
    """Open an amendment of the version in force."""
    version = version_of(request, plan_of(request, key))
    _officers_only(request)
    form = AmendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        new = sent(
            form,
            lambda: plan_amend(
                actor=actor_of(request), version=version, note=found["note"], document=found["document"],
                effective_on=found["effective_on"], now=timezone.now(),
            ),
        )  # fmt: skip
        if new is not None:
            messages.success(request, _("Đã mở bản điều chỉnh số %(number)s.") % {"number": new.number})
            return redirect(plan_at(new))
    return _form_page(request, form, version, title=_("Điều chỉnh kế hoạch"), submit=_("Mở bản điều chỉnh"))


@login_required
@require_http_methods(GET_POST)
def tasks_sheet(request: HttpRequest, key: str) -> HttpResponseBase:
    """The list of tasks down as a spreadsheet, and up again."""
    plan = plan_of(request, key)
    if request.method != "POST" and request.GET.get("tep") == "co":
        version = version_of(request, plan)
        return workbook_response(tasks_workbook(version), f"nhiem-vu-{plan.key}")
    version, _rights = draft_of(request, key)
    form = SheetFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        actor, now, file = actor_of(request), timezone.now(), form.cleaned_data["file"]

        def take() -> object:
            rows, columns = read_tasks(file, plan)
            return tasks_from_rows(actor=actor, version=version, rows=rows, columns=columns, now=now)

        done = sent(form, take)
        if done is not None:
            messages.success(request, _("Đã nhập bảng nhiệm vụ: %(said)s.") % {"said": _said(done)})
            return redirect(plan_at(version))
    title = _("Nhiệm vụ từ Excel")
    context = {
        "form": form, "version": version, "plan": plan, "title": title, "back": plan_at(version),
        "crumbs": crumbs((title, ""), version=version),
    }  # fmt: skip
    return render(request, "plan/plans/sheet.html", context)


def _said(done: object) -> str:
    return _("%(added)s mới, %(updated)s cập nhật, %(unchanged)s giữ nguyên") % {
        name: getattr(done, name) for name in ("added", "updated", "unchanged")
    }
