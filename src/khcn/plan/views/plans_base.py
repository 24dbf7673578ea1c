"""What every desk page of plans begins with: the plan or 404, the right or 403, refusals beside their field."""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.orgs.desk import actor_of
from khcn.plan.enums import VersionState
from khcn.plan.models import Plan, PlanVersion
from khcn.plan.permissions import acting
from khcn.plan.selectors.plans import current_version, version_in_work
from khcn.plan.selectors.plans_page import Rights, version_rights

T = TypeVar("T")
Crumbs = list[tuple[str, str]]
GET_POST = ["GET", "HEAD", "POST"]


def plans_reader(request: HttpRequest) -> None:
    """Let in who reads plans inside. Raises PermissionDenied."""
    if not acting(request.user, timezone.localdate()).plans:
        raise PermissionDenied(
            _("Vai trò của bạn chỉ xem kế hoạch đã ban hành, ở mục Kế hoạch trên trang chủ.")
        )


def plan_of(request: HttpRequest, key: str) -> Plan:
    """Return a plan that the person may read. Raises PermissionDenied, Http404."""
    plans_reader(request)
    plan = (
        Plan.objects.visible_to(request.user).select_related("issuer", "focal_unit").filter(key=key).first()
    )
    if plan is None:
        raise Http404
    return plan


def version_of(request: HttpRequest, plan: Plan) -> PlanVersion:
    """Return the version asked for by ``?ban=``, or the one in force. Raises Http404."""
    asked = request.GET.get("ban", "")[:6]
    if asked:
        rows = PlanVersion.objects.visible_to(request.user).select_related(
            "plan", "drafted_by", "submitted_by", "passed_by", "approved_by"
        )
        found = (
            rows.filter(plan=plan, number=int(asked)).first() if asked.isascii() and asked.isdigit() else None
        )
    else:
        found = current_version(plan, request.user)
    if found is None:
        raise Http404
    found.plan = plan
    return found


def draft_of(request: HttpRequest, key: str) -> tuple[PlanVersion, Rights]:
    """Return the draft of a plan, for somebody who may edit it. Raises PermissionDenied, Http404."""
    plan = plan_of(request, key)
    version = version_in_work(plan)
    if version is None or version.state != VersionState.DRAFT:
        raise Http404
    version.plan = plan
    rights = version_rights(actor_of(request), version, timezone.localdate())
    if not rights.edit:
        raise PermissionDenied(_("Chỉ chuyên viên và lãnh đạo đơn vị đầu mối sửa kế hoạch."))
    return version, rights


def at(name: str, *args: Any) -> str:
    """Return the address of a page of plans."""
    return reverse(f"plan-desk:{name}", args=args)


def plan_at(version: PlanVersion) -> str:
    """Return the address of the page of a version."""
    address = at("plan", version.plan.key)
    return address if version.state == VersionState.PUBLISHED else f"{address}?ban={version.number}"


def crumbs(*pairs: tuple[str, str], version: PlanVersion | None = None) -> Crumbs:
    """Return the way to a page: desk, plans, the plan, and what is given."""
    way = [(_("Bàn làm việc"), reverse("desk:home")), (_("Kế hoạch"), at("plans"))]
    if version is not None:
        way.append((str(version.plan)[:60], plan_at(version)))
    return [*way, *pairs]
