"""Faults over all sites, one fault with its evidence, and what is done about it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.energy.evidence import evidence_chart
from khcn.energy.finding_words import finding_line, finding_lines
from khcn.energy.models import Finding
from khcn.energy.permissions import can_connect
from khcn.energy.selectors.findings import BOXES, finding_for, findings_for
from khcn.energy.selectors.overview import visible_sites
from khcn.energy.services.finding_care import EXPLAINED, finding_move, moves_from
from khcn.energy.tables.findings import box_tabs, finding_facts, kind_choices
from khcn.energy.views.access import require_desk

PAGE_SIZE = 25


@login_required
@require_safe
def finding_list(request: HttpRequest) -> HttpResponse:
    """Show the faults of the reader's sites, those that nobody has looked at first."""
    require_desk(request)
    sites = visible_sites(request.user, timezone.localdate())
    place = next((row for row in sites if row.key == request.GET.get("noi", "")), None)
    box = request.GET.get("hop", "")
    box = box if box in BOXES else "can-xu-ly"
    kinds = kind_choices()
    kind = request.GET.get("loai", "")
    kind = kind if kind in dict(kinds) else ""
    rows = findings_for(request.user, site=place, box=box, kind=kind)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("trang"))
    context = {
        "findings": finding_lines(list(page.object_list), timezone.now()),
        "page": page,
        "sites": sites,
        "place": place,
        "box": box,
        "kind": kind,
        "kinds": kinds,
        "tabs": box_tabs(box, place.key if place else "", kind),
        "show_site": True,
    }
    return render(request, "energy/desk/findings.html", context)


@login_required
@require_safe
def finding_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one fault."""
    return _page(request, _finding(request, pk))


def _finding(request: HttpRequest, pk: int) -> Finding:
    require_desk(request)
    finding = finding_for(request.user, pk)
    if finding is None:
        raise Http404
    return finding


def _page(request: HttpRequest, finding: Finding, *, error: str = "", note: str = "") -> HttpResponse:
    line = finding_line(finding, timezone.now())
    context = {
        "finding": finding,
        "place": finding.site,
        "line": line,
        "facts": finding_facts(finding),
        "chart": evidence_chart(finding),
        "moves": [(state.value, str(_move_words()[state]), state in EXPLAINED) for state in moves_from(finding.state)]
        if can_connect(request.user, finding.site)
        else [],
        "error": error,
        "note": note,
    }  # fmt: skip
    return render(request, "energy/desk/finding.html", context, status=422 if error else 200)


def _move_words() -> dict[str, str]:
    return {
        "seen": _("Đánh dấu đã xem"),
        "fixing": _("Ghi là đang xử lý"),
        "fixed": _("Ghi là đã khắc phục"),
        "dismissed": _("Bỏ qua, không phải sự cố"),
    }


@login_required
@require_POST
def finding_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Note what is done about a fault."""
    finding = _finding(request, pk)
    note = request.POST.get("ghi-chu", "").replace("\x00", "")
    try:
        changed = finding_move(
            actor=request.user,
            finding=finding,
            state=request.POST.get("trang-thai", "")[:12],
            note=note,
            now=timezone.now(),
        )
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        return _page(request, finding, error=error.message, note=note)
    if changed:
        messages.success(request, _("Đã ghi. Việc này có trong nhật ký."))
    else:
        messages.info(request, _("Có người vừa xử lý sự cố này trước bạn. Trang đã cập nhật."))
    return redirect("energy-desk:finding", pk=pk)
