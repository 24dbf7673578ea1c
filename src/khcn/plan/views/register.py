"""The register on the desk: the list, a new document, downloads, the check of any file."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.papers.check.package import UnreadableError
from khcn.core.papers.checker import check_document
from khcn.orgs.models import Unit
from khcn.orgs.selectors import memberships_of
from khcn.plan.enums import DocumentState
from khcn.plan.exports.register import register_response
from khcn.plan.forms.register import CheckForm, DocumentForm
from khcn.plan.permissions import Reach, can_draft_documents, reach_of
from khcn.plan.rules.register import gap_words, type_choices, type_name
from khcn.plan.selectors.register import RegisterFilter, agencies_of, documents_for, series_lines, years_of
from khcn.plan.services.register import Draft, document_draft, upload_bytes
from khcn.plan.tables.register import check_lines, register_table
from khcn.plan.views.report_base import at

PER_PAGE = 50
MOST_CHECKED = 20 * 2**20
GET_POST = ["GET", "HEAD", "POST"]


def register_crumbs(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the way to a page of the register."""
    return [(_("Bàn làm việc"), reverse("desk:home")), (_("Văn bản"), at("register")), *pairs]


def register_reader(request: HttpRequest) -> Reach:
    """Return the reach of somebody who reads the register. Raises PermissionDenied."""
    reach = reach_of(request.user, timezone.localdate())
    if not (reach.everything or reach.clerk or reach.units or can_draft_documents(reach)):
        raise PermissionDenied(_("Vai trò của bạn không xem sổ văn bản. Hãy hỏi văn thư."))
    return reach


def _asked(request: HttpRequest) -> RegisterFilter:
    def whole(name: str) -> int:
        text = request.GET.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    code, state = request.GET.get("loai", "")[:10], request.GET.get("trang-thai", "")[:20]
    return RegisterFilter(
        year=whole("nam"), agency=whole("co-quan"), type_code=code if code in dict(type_choices()) else "",
        state=state if state in DocumentState.values else "",
        query=request.GET.get("tim", "").replace("\x00", "").strip()[:120],
    )  # fmt: skip


@login_required
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Show the register, narrowed by year, agency, type, state and words."""
    reach = register_reader(request)
    asked = _asked(request)
    page = Paginator(documents_for(request.user, asked), PER_PAGE).get_page(request.GET.get("trang"))
    years = years_of(request.user)
    this = asked.year or (years[0] if years else timezone.localdate().year)
    lines = [
        (line.agency.label, type_name(line.series) if line.series else _("mọi loại"), line.last, gap_words(line.left_out))
        for line in (series_lines(request.user, this) if reach.clerk else ())
    ]  # fmt: skip
    query = request.GET.copy()
    query.pop("trang", None)
    context = {
        "page": page, "table": register_table(list(page)), "asked": asked, "years": years, "types": type_choices(),
        "states": DocumentState.choices, "agencies": agencies_of(request.user), "series": lines, "series_year": this,
        "can_draft": can_draft_documents(reach), "query": query.urlencode(),
        "narrowed": any((asked.year, asked.agency, asked.type_code, asked.state, asked.query)),
        "crumbs": [*register_crumbs()[:1], (_("Văn bản"), "")],
    }  # fmt: skip
    return render(request, "plan/register/list.html", context)


@login_required
@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Give the register as it is narrowed, as CSV or XLSX."""
    register_reader(request)
    if kind not in {"csv", "xlsx"}:
        raise Http404
    return register_response(request.user, _asked(request), kind)


def _units(reach: Reach) -> Any:
    units = Unit.objects.in_force(timezone.localdate()).select_related("kind").order_by("name")
    if reach.officer or reach.focal_head or reach.finance or reach.clerk:
        return units
    return units.filter(pk__in=reach.reporting | reach.heading)


@login_required
@require_http_methods(GET_POST)
def document_new(request: HttpRequest) -> HttpResponse:
    """Enter a draft into the register."""
    reach = register_reader(request)
    if not can_draft_documents(reach):
        raise PermissionDenied(_("Vai trò của bạn không soạn văn bản. Hãy nhờ người được giao soạn thảo."))
    form = DocumentForm(request.POST or None, request.FILES or None, units=_units(reach))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            draft = Draft(
                agency=data["agency"], type_code=data["type_code"], subject=data["subject"],
                docx=upload_bytes(data["file"]), symbol=data["symbol"], title=data["file"].name or "",
                drafting_unit=data["drafting_unit"], signer_name=data["signer_name"],
                signer_position=data["signer_position"], signing_mode=data["signing_mode"], recipients=form.lines(),
            )  # fmt: skip
            document = document_draft(actor=request.user, draft=draft, now=timezone.now())
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            form.add_error(None, error.message)
        else:
            messages.success(
                request, _("Đã đưa dự thảo vào sổ. Người đứng đầu đơn vị soạn thảo kiểm tra nội dung tiếp.")
            )
            return redirect(at("document", document.pk))
    context = {"form": form, "crumbs": register_crumbs((_("Dự thảo mới"), ""))}
    return render(request, "plan/register/form.html", context)


@login_required
@require_http_methods(GET_POST)
def format_check(request: HttpRequest) -> HttpResponse:
    """Check a DOCX that an official drops here; nothing of it is kept."""
    if not memberships_of(request.user, timezone.localdate()):
        raise PermissionDenied(_("Trang này dành cho cán bộ có vai trò trong đơn vị."))
    form = CheckForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "crumbs": register_crumbs((_("Kiểm tra thể thức"), ""))}
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            context["result"] = check_lines(check_document(upload_bytes(file, MOST_CHECKED)))
            context["name"] = file.name
        except UnreadableError as error:
            form.add_error("file", error.said())
        except KhcnError as error:
            form.add_error("file", error.message)
    status = 422 if form.errors else 200
    return render(request, "plan/register/check.html", context, status=status)
