"""Around a report: where a figure comes from, attachments, the receipt, the number form as a sheet."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.exports.columns import attachment, safe_filename
from khcn.plan.errors import RowsError
from khcn.plan.exports.report_sheet import read_report_sheet, report_sheet
from khcn.plan.forms.report_acts import FileForm
from khcn.plan.selectors.report_form import ReportPage, figure_sources
from khcn.plan.services.receipts import NoReceiptError, receipt_pdf
from khcn.plan.services.report_files import DRAWER, report_file_add, report_file_remove
from khcn.plan.services.report_sheet import report_sheet_take_in
from khcn.plan.views.report_base import GET_POST, at, crumbs, page_of
from khcn.ui.deeds import told

MOST_SHEET = 10 * 2**20


@login_required
@require_safe
def report_sources(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Show the records behind one figure."""
    page = page_of(request, pk)
    found = figure_sources(request.user, page, code)
    if found is None:
        raise Http404
    title = page.report.period.title or page.report.period.code
    context = {
        "page": page,
        "found": found,
        "crumbs": crumbs((title, at("report", pk)), (_("Nguồn của số liệu"), "")),
    }
    return render(request, "plan/reports/sources.html", context)


@login_required
@require_POST
def report_files(request: HttpRequest, pk: int) -> HttpResponse:
    """Attach a file."""
    page = page_of(request, pk)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Chưa chọn tệp nào, hoặc tệp trống. Hãy chọn tệp rồi bấm lại."))
    elif told(
        request,
        lambda: report_file_add(
            actor=request.user, report_id=page.report.pk, file=form.cleaned_data["file"], now=timezone.now()
        ),
    ):
        messages.success(request, _("Đã thêm tệp kèm."))
    return redirect(f"{at('report', pk)}#tep")


@login_required
@require_http_methods(GET_POST)
@never_cache
def report_file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """Give an attachment as a download; a POST takes it away."""
    page = page_of(request, pk)
    row = next((one for one in page.files if one.pk == file_pk), None)
    if row is None:
        raise Http404
    if request.method != "POST":
        return DRAWER.response(row.file, row.title)
    if told(request, lambda: report_file_remove(actor=request.user, file_id=row.pk, now=timezone.now())):
        messages.success(request, _("Đã bỏ tệp kèm."))
    return redirect(f"{at('report', pk)}#tep")


@login_required
@require_safe
@never_cache
def report_receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the receipt as PDF."""
    page = page_of(request, pk)
    try:
        content = receipt_pdf(page.report)
    except NoReceiptError:
        raise Http404 from None
    except KhcnError as error:
        messages.error(request, error.message)
        return redirect(at("report", pk))
    response = HttpResponse(content, content_type="application/pdf")
    name = _("Biên nhận %(unit)s %(period)s") % {
        "unit": page.report.unit_name,
        "period": page.report.period.code,
    }
    response["Content-Disposition"] = attachment(safe_filename(name, "pdf"))
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_required
@require_http_methods(GET_POST)
@never_cache
def report_excel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the number form filled in (``?tep=bieu``), or take it back and save it as the draft."""
    page = page_of(request, pk)
    if request.GET.get("tep") == "bieu":
        return report_sheet(page)
    if not page.rights.write:
        raise PermissionDenied(_("Biểu số liệu do người báo cáo của đơn vị gửi lên."))
    faults: Any = ()
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _taken_in(request, page, form)
        except RowsError as error:
            faults = error.faults
            form.add_error(None, error.message)
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            form.add_error(None, error.message)
    title = page.report.period.title or page.report.period.code
    context = {
        "page": page,
        "form": form,
        "faults": faults,
        "crumbs": crumbs((title, at("report", pk)), (_("Nhập từ Excel"), "")),
    }
    return render(request, "plan/reports/excel.html", context, status=422 if form.errors else 200)


def _taken_in(request: HttpRequest, page: ReportPage, form: FileForm) -> HttpResponse:
    file = form.cleaned_data["file"]
    if file.size > MOST_SHEET:
        raise RowsError(_("Tệp quá lớn cho một biểu số liệu. Hãy dùng đúng biểu tải từ trang này."))
    text = request.POST.get("ban", "")
    revision = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    rows = read_report_sheet(file)
    report_sheet_take_in(
        actor=request.user, report_id=page.report.pk, revision=revision, rows=rows, now=timezone.now()
    )
    messages.success(request, _("Đã nhập số liệu từ Excel vào bản nháp. Hãy xem lại rồi gửi."))
    return redirect(at("report", page.report.pk))
