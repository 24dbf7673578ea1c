"""Programme management: the board of projects, one project, saving plans; and the baseline of a site."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.energy import permissions
from khcn.energy.enums import Stage
from khcn.energy.forms.bills import BaselineForm
from khcn.energy.forms.fields import units_today
from khcn.energy.forms.projects import BuildForm, ProjectForm, SavingPlanForm, StepForm
from khcn.energy.models import Baseline, Project, ProjectDocument, RoofPlan, SavingPlan, Site
from khcn.energy.selectors.baselines import savings_page
from khcn.energy.selectors.projects import (
    board,
    documents,
    is_late,
    plans_to_choose,
    progress,
    saving_plans,
    timeline,
    works_found,
    years_with_plans,
)
from khcn.energy.selectors.setup import rights_of
from khcn.energy.services.baselines import baseline_fit, baseline_remove
from khcn.energy.services.projects import (
    ORDER,
    document_add,
    document_remove,
    project_build,
    project_create,
    project_move,
    project_update,
)
from khcn.energy.services.saving_plans import can_keep, saving_plan_save
from khcn.energy.setup_errors import RegisterError
from khcn.energy.views.setup_base import (
    Crumbs,
    at,
    crumbs,
    form_page,
    managers_only,
    posted_number,
    row_of,
    sent,
    site_of,
)
from khcn.energy.views.setup_sites import GET_POST
from khcn.ui.deeds import only


def _way(*pairs: tuple[str, str]) -> Crumbs:
    return [*crumbs()[:1], (_("Dự án"), at("projects")), *pairs]


def _readers_only(request: HttpRequest) -> None:
    only(permissions.can_use_desk(request.user), _("Vai trò của bạn không theo dõi chương trình năng lượng."))


def _managed_sites(request: HttpRequest) -> Any:
    reach = permissions.reach_of(request.user)
    rows = Site.objects.select_related("unit")
    return rows if reach.officer else rows.filter(unit_id__in=reach.managed)


@login_required
@require_safe
def project_board(request: HttpRequest) -> HttpResponse:
    """Show the projects by stage."""
    _readers_only(request)
    today = timezone.localdate()
    lanes = [(lane, [(row, is_late(row, today)) for row in lane.projects]) for lane in board(request.user)]
    context = {
        "lanes": lanes,
        "founder": _managed_sites(request).exists(),
        "crumbs": [*crumbs()[:1], (_("Dự án"), "")],
    }
    return render(request, "energy/setup/projects.html", context)


@login_required
@require_http_methods(GET_POST)
def project_new(request: HttpRequest) -> HttpResponse:
    """Open a project, from a plan (``?phuong-an=``) or without one."""
    sites = _managed_sites(request)
    only(sites.exists(), _("Dự án do người quản lý năng lượng của đơn vị hoặc cán bộ chương trình mở."))
    plan = _plan(request, sites)
    start = {
        "site": plan.site_id if plan else None,
        "title": _("Điện mặt trời mái nhà %(site)s") % {"site": plan.site.name} if plan else "",
        "kwp": plan.result.get("kwp") if plan else None,
        "budget_vnd": int(plan.spec.get("price_vnd") or 0) or None if plan else None,
    }
    form = ProjectForm(request.POST or None, sites=sites, initial=start)
    if request.method == "POST" and form.is_valid():
        site = form.cleaned_data["site"]
        chosen = plan if plan and plan.site_id == site.pk else None
        done = sent(
            form,
            lambda: project_create(
                actor=request.user, site=site, values=form.values(), plan=chosen, now=timezone.now()
            ),
        )
        if done is not None:
            messages.success(request, _("Đã mở dự án."))
            return redirect(at("project", done.pk))
    return form_page(request, form, title=_("Mở dự án"), way=_way(), submit=_("Mở dự án"))


def _plan(request: HttpRequest, sites: Any) -> RoofPlan | None:
    text = request.GET.get("phuong-an", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return RoofPlan.objects.select_related("site").filter(pk=int(text), site__in=sites, state="done").first()


@login_required
@require_http_methods(GET_POST)
def project_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a project; each form of it has its own button."""
    project: Project = row_of(request, Project, pk, "plan", "system")
    site, deed = project.site, request.POST.get("viec", "")
    forms = _project_forms(request, project, deed)
    if request.method == "POST":
        managers_only(request, site)
        done: object = None
        if deed in {"tai-lieu", "bo-tai-lieu"}:
            done = _document(request, project, deed)
        elif deed in forms and forms[deed].is_valid():
            done = sent(
                forms[deed], _project_deed(request, project, deed, forms[deed].cleaned_data, forms[deed])
            )
        if done is not None:
            messages.success(request, _("Đã lưu dự án."))
            return redirect(at("project", pk))
    query = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    rights = rights_of(request.user, site)
    context = {
        "project": project,
        "building": site,
        "rights": rights,
        "late": is_late(project, timezone.localdate()),
        "steps": timeline(project),
        "documents": documents(project, request.user),
        "query": query,
        "works": works_found(query, request.user) if query and rights.manage else [],
        "form": forms["sua"],
        "step_form": forms["buoc"],
        "build_form": None if project.system_id else forms["he-thong"],
        "can_build": project.stage in {Stage.INSTALLATION, Stage.COMMISSIONING},
        "crumbs": _way((project.title, "")),
    }
    return render(request, "energy/setup/project.html", context)


def _project_forms(request: HttpRequest, project: Project, deed: str) -> dict[str, Any]:
    def data(name: str) -> Any:
        return request.POST if deed == name else None

    names = ("title", "plan", "kwp", "budget_vnd", "due_on")
    following = {stage: ORDER[min(index + 1, len(ORDER) - 1)] for index, stage in enumerate(ORDER)}
    today = timezone.localdate()
    return {
        "sua": ProjectForm(
            data("sua"), plans=plans_to_choose(project.site),
            initial={name: project.plan_id if name == "plan" else getattr(project, name) for name in names},
        ),
        "buoc": StepForm(
            data("buoc"),
            initial={"stage": following.get(Stage(project.stage), Stage.SURVEY), "reached_on": today},
        ),
        "he-thong": BuildForm(
            data("he-thong"),
            initial={"name": project.title[:150], "kwp": project.kwp, "ac_kw": project.kwp, "valid_from": today},
        ),
    }  # fmt: skip


def _project_deed(request: HttpRequest, project: Project, deed: str, data: dict[str, Any], form: Any) -> Any:
    actor, now = request.user, timezone.now()
    if deed == "sua":
        return lambda: project_update(
            actor=actor, project=project, values=form.values(), plan=data.get("plan"), now=now
        )
    if deed == "buoc":
        return lambda: project_move(actor=actor, project=project, now=now, **data)
    return lambda: project_build(actor=actor, project=project, now=now, **data)


def _document(request: HttpRequest, project: Project, deed: str) -> object:
    now = timezone.now()
    try:
        if deed == "tai-lieu":
            reference = request.POST.get("tham-chieu", "")
            return sent(
                None, lambda: document_add(actor=request.user, project=project, reference=reference, now=now)
            )
        row = get_object_or_404(ProjectDocument, project=project, pk=posted_number(request, "dong"))
        sent(None, lambda: document_remove(actor=request.user, document=row, now=now))
    except RegisterError as error:
        messages.error(request, error.message)
        return None
    return project


@login_required
@require_safe
def savings(request: HttpRequest) -> HttpResponse:
    """Show the saving plans of a year with their progress."""
    _readers_only(request)
    now = timezone.now()
    text = request.GET.get("nam", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else timezone.localdate().year
    context = {
        "year": year,
        "years": years_with_plans(now),
        "rows": [(row, can_keep(request.user, row.plan.unit_id)) for row in saving_plans(request.user, year)],
        "keeper": _keeps_any(request),
        "crumbs": _way((_("Kế hoạch tiết kiệm điện"), "")),
    }
    return render(request, "energy/setup/savings.html", context)


def _keeps_any(request: HttpRequest) -> bool:
    reach = permissions.reach_of(request.user)
    return reach.officer or bool(reach.managed)


@login_required
@require_http_methods(GET_POST)
def saving_new(request: HttpRequest) -> HttpResponse:
    """Add a unit's plan of a year."""
    only(_keeps_any(request), _("Kế hoạch do người quản lý năng lượng của đơn vị lập."))
    reach = permissions.reach_of(request.user)
    units = units_today() if reach.officer else units_today().filter(pk__in=reach.managed)
    start = {"year": timezone.localdate().year, "unit": next(iter(reach.managed), None)}
    form = SavingPlanForm(request.POST or None, units=units, initial=start)
    if request.method == "POST" and form.is_valid():
        done = sent(
            form,
            lambda: saving_plan_save(
                actor=request.user, unit=form.cleaned_data["unit"], values=form.values(), now=timezone.now()
            ),
        )
        if done is not None:
            messages.success(request, _("Đã lưu kế hoạch."))
            return redirect(f"{at('savings')}?nam={done.year}")
    return form_page(
        request, form, title=_("Lập kế hoạch tiết kiệm điện"), way=_way((_("Kế hoạch tiết kiệm điện"), at("savings"))),
        submit=_("Lưu kế hoạch"),
        lead=_("Mỗi đơn vị, mỗi năm một kế hoạch (Luật Sử dụng năng lượng tiết kiệm và hiệu quả, Điều 31)."),
    )  # fmt: skip


@login_required
@require_http_methods(GET_POST)
def saving_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a unit's plan; who only reads sees it with its progress."""
    reach = permissions.reach_of(request.user)
    rows = SavingPlan.objects.select_related("unit")
    plan = get_object_or_404(rows if reach.everything else rows.filter(unit_id__in=reach.units), pk=pk)
    keeper = can_keep(request.user, plan.unit_id)
    only(keeper or request.method != "POST", _("Kế hoạch do người quản lý năng lượng của đơn vị sửa."))
    names = [name for name in SavingPlanForm.base_fields if name != "unit"]
    form = SavingPlanForm(request.POST or None, initial={name: getattr(plan, name) for name in names})
    if request.method == "POST" and form.is_valid():
        done = sent(
            form,
            lambda: saving_plan_save(
                actor=request.user, unit=plan.unit, values=form.values(), plan=plan, now=timezone.now()
            ),
        )
        if done is not None:
            messages.success(request, _("Đã lưu kế hoạch."))
            return redirect(f"{at('savings')}?nam={done.year}")
    context = {
        "plan": plan,
        "row": progress(plan),
        "keeper": keeper,
        "form": form,
        "crumbs": _way((_("Kế hoạch tiết kiệm điện"), at("savings")), (f"{plan.unit.label} {plan.year}", "")),
    }
    return render(request, "energy/setup/saving.html", context)


@login_required
@require_http_methods(GET_POST)
def baseline(request: HttpRequest, key: str) -> HttpResponse:
    """Show what a site saved against its baseline; a POST fits one, or takes one back."""
    site = site_of(request, key)
    rights = rights_of(request.user, site)
    now = timezone.now()
    removing = request.POST.get("viec") == "xoa"
    form = BaselineForm(None if removing else request.POST or None, initial={"used_from": _first_day(site)})
    if request.method == "POST":
        managers_only(request, site)
        if removing:
            row = get_object_or_404(Baseline, site=site, pk=posted_number(request, "dong"))
            sent(None, lambda: baseline_remove(actor=request.user, baseline=row, now=now))
            messages.success(request, _("Đã bỏ mức cơ sở."))
            return redirect(at("baseline", key))
        if form.is_valid():
            done = sent(
                form,
                lambda: baseline_fit(
                    actor=request.user, site=site, used_from=form.cleaned_data["used_from"], now=now
                ),
            )
            if done is not None:
                messages.success(request, _("Đã lập mức tiêu thụ cơ sở."))
                return redirect(at("baseline", key))
    context = {
        "building": site,
        "rights": rights,
        "page": savings_page(site, timezone.localdate()),
        "form": form,
        "crumbs": crumbs((_("Hóa đơn điện"), at("bills", key)), (_("Mức tiêu thụ cơ sở"), ""), site=site),
    }
    return render(request, "energy/setup/baseline.html", context)


def _first_day(site: Site) -> Any:
    return (
        site.systems.exclude(valid_from=None)
        .order_by("valid_from")
        .values_list("valid_from", flat=True)
        .first()
    )
