"""The librarian's catalogue: files brought in and out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.exports.filled import workbook_response
from khcn.library import permissions
from khcn.library.enums import CATALOGUE_ACTIVE_STATES
from khcn.library.exports.catalogue import KINDS, catalogue_response, empty_sheet
from khcn.library.forms.catalogue import CatalogueConfirmForm, CatalogueUploadForm
from khcn.library.models import CatalogueFile, Collection
from khcn.library.selectors.desk import BOXES, deposit_units, desk_works
from khcn.library.services.catalogue import (
    catalogue_confirm,
    catalogue_drop,
    catalogue_resume,
    catalogue_take,
)
from khcn.library.tables.catalogue import count_rows, encoding_lines, fault_rows, sample_rows


def librarians_only(request: HttpRequest) -> None:
    """Stop everybody but librarians. :raises PermissionDenied:"""
    if not permissions.can_keep(request.user):
        raise PermissionDenied(
            _("Chỉ thủ thư làm việc với danh mục. Hãy nhờ thủ thư, hoặc nhờ quản trị cấp vai trò.")
        )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """Take a file in, and show the latest ones."""
    librarians_only(request)
    units = deposit_units(request.user, timezone.localdate())
    form = CatalogueUploadForm(request.POST or None, request.FILES or None, units=units)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            file = catalogue_take(
                actor=request.user,
                upload=data["file"],
                unit_id=data["unit"],
                collection_id=data["collection"].pk if data["collection"] else None,
                now=timezone.now(),
            )
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            form.add_error("file", error.message)
        else:
            return redirect("library-desk:catalogue-file", pk=file.pk)
    latest = CatalogueFile.objects.visible_to(request.user).select_related("actor")[:20]
    context = {
        "form": form,
        "files": latest,
        "collections": Collection.objects.order_by("position", "sort_key"),
    }
    return render(request, "library/catalogue/files.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a file would bring, or has brought; a POST brings it in, goes on with it or puts it away."""
    librarians_only(request)
    found = get_object_or_404(CatalogueFile.objects.visible_to(request.user), pk=pk)
    form = CatalogueConfirmForm(request.POST or None)
    if request.method == "POST":
        try:
            _step(request, found, form)
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            messages.error(request, error.message)
        return redirect("library-desk:catalogue-file", pk=pk)
    context = {
        "file": found,
        "form": form,
        "running": found.state in CATALOGUE_ACTIVE_STATES,
        "counts": count_rows(found),
        "encodings": encoding_lines(found),
        "faults": fault_rows(found),
        "sample": sample_rows(found),
        "useful": any(found.counts.get(name) for name in ("new", "changed", "double")),
    }
    part = request.headers.get("HX-Request") and context["running"]
    template = "library/catalogue/file_state.html" if part else "library/catalogue/file.html"
    response = render(request, template, context)
    if request.headers.get("HX-Request") and not context["running"]:
        response["HX-Refresh"] = "true"  # the whole page has changed
    return response


def _step(request: HttpRequest, found: CatalogueFile, form: CatalogueConfirmForm) -> None:
    now, step = timezone.now(), request.POST.get("buoc", "")
    if step == "nhap" and form.is_valid():
        data = form.cleaned_data
        catalogue_confirm(
            actor=request.user, file=found, publish=data["publish"], doubles=data["doubles"], now=now
        )
        messages.success(request, _("Đang nhập. Có thể rời trang này; việc vẫn chạy."))
    elif step == "tiep":
        catalogue_resume(actor=request.user, file=found, now=now)
    elif step == "bo":
        catalogue_drop(actor=request.user, file=found, now=now)
        messages.success(request, _("Đã bỏ tệp. Thư viện không thay đổi gì."))
    else:
        raise Http404


@login_required
@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """Give the spreadsheet to fill in."""
    librarians_only(request)
    return workbook_response(empty_sheet(), "mau-danh-muc")


@login_required
@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Give a box of the desk, or a collection, as MARC, MARCXML or a spreadsheet."""
    if not permissions.can_use_desk(request.user):
        raise PermissionDenied(_("Vai trò của bạn không dùng bàn làm việc của thư viện."))
    if kind not in KINDS:
        raise Http404
    box = request.GET.get("hop", "da-dang")
    works = desk_works(request.user, box if box in BOXES else "da-dang", request.GET.get("q", "")[:200])
    if key := request.GET.get("bo-suu-tap", ""):
        works = works.filter(collections=get_object_or_404(Collection, key=key[:80]))
    return catalogue_response(kind, works, request.user, timezone.localdate())
