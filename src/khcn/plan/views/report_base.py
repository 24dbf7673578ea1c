"""What every page of reports begins with: the report (404 for who may not know of it), refusals as sentences."""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.plan.permissions import Reach, can_use_desk, reach_of
from khcn.plan.selectors.report_form import ReportPage, report_page

T = TypeVar("T")
Crumbs = list[tuple[str, str]]
GET_POST = ["GET", "HEAD", "POST"]


def at(name: str, *args: Any) -> str:
    """Return the address of a desk page of the plan."""
    return reverse(f"plan-desk:{name}", args=args)


def crumbs(*pairs: tuple[str, str]) -> Crumbs:
    """Return the way to a page: desk, reports, and what is given."""
    return [(_("Bàn làm việc"), reverse("desk:home")), (_("Báo cáo"), at("reports")), *pairs]


def desk_only(request: HttpRequest) -> Reach:
    """Return the person's reach; 403 for those whose roles have nothing to do with the plan."""
    if not can_use_desk(request.user):
        raise PermissionDenied(
            _("Vai trò của bạn không dùng phần kế hoạch và báo cáo. Hãy hỏi người quản trị nếu bạn cần.")
        )
    return reach_of(request.user)


def officers_page(request: HttpRequest) -> Reach:
    """Return the reach of a focal officer; 403 for everybody else."""
    reach = desk_only(request)
    if not reach.officer:
        raise PermissionDenied(_("Trang này dành cho chuyên viên của đơn vị đầu mối."))
    return reach


def page_of(request: HttpRequest, pk: int) -> ReportPage:
    """Return a report that the person may read. :raises Http404:"""
    desk_only(request)
    page = report_page(request.user, pk, timezone.now())
    if page is None:
        raise Http404
    return page
