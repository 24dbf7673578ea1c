"""Choosing the columns of a list and getting it: at once, or from the worker a little later."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError
from khcn.core.exports.columns import attachment
from khcn.core.exports.tables import XLSX_TYPE
from khcn.core.gate import costly
from khcn.core.models.jobs import Job
from khcn.library.forms.saved_exports import ExportForm
from khcn.library.search.errors import IndexUnavailableError
from khcn.library.selectors.asked import canonical
from khcn.library.selectors.desk import BOXES
from khcn.library.selectors.lists import WantedList, list_ids, list_words
from khcn.library.services.saved_exports import (
    KEPT,
    KINDS,
    PAPER_CAP,
    PAPER_COLUMNS,
    STAFF_CAP,
    VISITOR_CAP,
    Asked,
    ReadyFile,
    cap_of,
    choice_of,
    export_of,
    export_path,
    export_request,
    file_title,
    is_kept,
    is_signed_in,
    is_staff,
)

TYPES = {
    "xlsx": XLSX_TYPE,
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@never_cache
@costly("library.export", per_minute=20)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """Export the search that stands in the address."""
    params = canonical(request.GET, now=timezone.now())
    if not params:
        messages.info(request, _("Hãy tìm trước, rồi bấm “Xuất danh sách này” ở cuối trang kết quả."))
        return redirect("library:search")
    back = f"{reverse('library:search')}?{params}"
    return _export(request, WantedList("search", params), back, "library/export/choose.html")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def desk_export(request: HttpRequest) -> HttpResponseBase:
    """Export a box of the desk."""
    if not is_staff(request.user):
        raise PermissionDenied(_("Vai trò của bạn không dùng bàn làm việc của thư viện."))
    box = request.GET.get("hop", "cua-toi")
    query = request.GET.get("q", "").replace("\x00", "")[:200].strip()
    wanted = WantedList("desk", box=box if box in BOXES else "cua-toi", query=query)
    back = f"{reverse('library-desk:works')}?{urlencode({'hop': wanted.box, 'q': query})}"
    return _export(request, wanted, back, "library/export/desk_choose.html")


def _export(request: HttpRequest, wanted: WantedList, back: str, template: str) -> HttpResponseBase:
    now = timezone.now()
    columns, kind = choice_of(request.user)
    kinds = KINDS if is_signed_in(request.user) else KINDS[:2]
    form = ExportForm(
        request.POST or None,
        staff=is_staff(request.user),
        kinds=kinds,
        chosen=columns,
        initial={"kind": kind if kind in kinds else "xlsx"},
    )
    try:
        total = len(list_ids(wanted, user=request.user, cap=STAFF_CAP + 1, now=now))
        if request.method == "POST" and form.is_valid():
            asked = Asked(wanted, form.columns(), form.cleaned_data["kind"])
            made = export_request(actor=request.user, asked=asked, now=now)
            return _given(made, asked)
    except IndexUnavailableError as error:
        return render(request, template, {"fault": error.message, "back": back}, status=503)
    except KhcnError as error:
        form.add_error(None, error.message)
    context = {
        "form": form,
        "words": list_words(wanted, now=now),
        "total": total,
        "over": total > STAFF_CAP,
        "cap": cap_of(request.user),
        "signed_in": is_signed_in(request.user),
        "back": back,
        "visitor_cap": VISITOR_CAP,
        "staff_cap": STAFF_CAP,
        "pdf_cap": PAPER_CAP["pdf"],
        "paper_columns": PAPER_COLUMNS,
        "fits": total <= cap_of(request.user),
    }
    return render(request, template, context)


def _given(made: ReadyFile | Job, asked: Asked) -> HttpResponseBase:
    if isinstance(made, Job):
        return redirect("library:export-file", pk=made.pk)
    return _file(made.file, made.name, asked.kind)


def _file(file: object, name: str, kind: str) -> HttpResponseBase:
    response = FileResponse(file, content_type=TYPES[kind])
    response["Content-Disposition"] = attachment(name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@never_cache
@require_safe
def export_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show how far a list is, or give it (``?tai=1``): to the person who had it written, to nobody else."""
    job = export_of(request.user, pk)
    if job is None:
        raise Http404
    now = timezone.now()
    ready = is_kept(job, now)
    if ready and "tai" in request.GET:
        asked = Asked.from_json(job.arguments)
        try:
            handle = export_path(job).open("rb")
        except FileNotFoundError:
            raise Http404 from None
        return _file(handle, file_title(asked, job.created_at), asked.kind)
    context = {
        "job": job,
        "ready": ready,
        "until": job.finished_at + KEPT if ready and job.finished_at else None,
        "words": list_words(Asked.from_json(job.arguments).wanted, now=now),
    }
    response: HttpResponse = render(request, "library/export/file.html", context)
    if job.is_active:
        response["Refresh"] = "4"
    return response
