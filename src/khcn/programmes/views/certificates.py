"""Desk pages of certificates: what waits, the batches of a programme, one batch from draft to decision."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.exports.tables import table_response
from khcn.programmes.forms.certificates import BatchForm, NumberForm, ReasonForm, chosen_people
from khcn.programmes.models.certificates import CertificateBatch
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import (
    Reach,
    can_approve_certificates,
    can_make_certificates,
    can_number_certificates,
    can_read_certificates,
    reach_of,
)
from khcn.programmes.selectors.certificates import batches_for, certificates_of
from khcn.programmes.selectors.programmes import programme_of
from khcn.programmes.services import certificates as deeds
from khcn.programmes.services.certificates_archive import (
    archive_job,
    archive_path,
    archive_request,
    code_columns,
    code_row,
    sheet_of,
)
from khcn.programmes.services.certificates_earned import earned
from khcn.programmes.services.certificates_paper import PaperMissingError, sheet_pdf
from khcn.programmes.views.base import frame
from khcn.programmes.views.certificates_public import paper_missing, pdf_response
from khcn.ui.deeds import only, sent, told

PAGE = 50


def _reader(request: HttpRequest) -> Reach:
    reach = reach_of(request.user)
    only(
        can_read_certificates(reach),
        _("Giấy chứng nhận dành cho đơn vị đầu mối, văn thư và người giám sát."),
    )
    return reach


def _programme(request: HttpRequest, pk: int) -> tuple[Programme, Reach]:
    reach = _reader(request)
    programme = programme_of(request.user, pk)
    if programme is None:
        raise Http404
    return programme, reach


def _frame(request: HttpRequest, programme: Programme, **context: Any) -> dict[str, Any]:
    """Return the frame of a programme's page; the clerk, whose desk has no programmes, gets the one tab that opens."""
    found = frame(request, programme, **context)
    if not reach_of(request.user).desk:
        found["tabs"] = [tab for tab in found["tabs"] if tab.current]
    return found


def _batch(request: HttpRequest, pk: int, batch_pk: int) -> tuple[Programme, CertificateBatch, Reach]:
    programme, reach = _programme(request, pk)
    row = batches_for(request.user).filter(programme=programme, pk=batch_pk).first()
    if row is None:
        raise Http404
    return programme, row, reach


@login_required
@require_safe
def batches(request: HttpRequest) -> HttpResponse:
    """List batches of all programmes, what waits first to be found by its step."""
    reach = _reader(request)
    rows = batches_for(request.user)
    step = request.GET.get("buoc", "")
    waits: dict[str, dict[str, Any]] = {
        "cho-duyet": {"state": "draft", "submitted_at__isnull": False},
        "cho-so": {"state": "approved"},
        "da-cap": {"state": "issued"},
        "dang-soan": {"state": "draft", "submitted_at__isnull": True},
    }
    if step in waits:
        rows = rows.filter(**waits[step])
    page = Paginator(rows, PAGE).get_page(request.GET.get("trang"))
    return render(
        request, "programmes/certificates/batches.html", {"page": page, "step": step, "reach": reach}
    )


@login_required
@require_safe
def programme_batches(request: HttpRequest, pk: int) -> HttpResponse:
    """List the batches of one programme."""
    programme, reach = _programme(request, pk)
    page = Paginator(batches_for(request.user).filter(programme=programme), PAGE).get_page(
        request.GET.get("trang")
    )
    context = _frame(
        request, programme, page=page, makes=can_make_certificates(reach), earned=len(earned(programme))
    )
    return render(request, "programmes/certificates/programme.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def batch_edit(request: HttpRequest, pk: int, batch_pk: int | None = None) -> HttpResponse:
    """Prepare a batch or change a draft."""
    programme, reach = _programme(request, pk)
    only(can_make_certificates(reach), _("Giấy chứng nhận do chuyên viên của đơn vị đầu mối lập."))
    row = _batch(request, pk, batch_pk)[1] if batch_pk else None
    people = earned(programme)
    names = {one.registration_id: one.name for one in certificates_of(request.user, row)} if row else None
    initial: dict[str, Any] = {
        "title": _("Giấy chứng nhận"),
        "text": _("Đã hoàn thành %(title)s") % {"title": programme.title},
    }
    if row:
        initial = {
            name: getattr(row, name) for name in ("title", "text", "place", "signer_name", "signer_position")
        }
    form = BatchForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        names = chosen_people(request.POST, people)
        saved = None
        if form.is_valid():
            saved = sent(
                form,
                lambda: deeds.batch_save(
                    actor=request.user, programme=programme, values=form.values(), people=names or {},
                    now=timezone.now(), batch_id=batch_pk,
                ),
            )  # fmt: skip
        if saved:
            messages.success(request, _("Đã lưu đợt cấp giấy chứng nhận."))
            return redirect("programmes-desk:certificate-batch", pk, saved.pk)
        status = 422
    lines = [
        {
            "row": one,
            "ticked": names is None or one.pk in names,
            "name": (names or {}).get(one.pk) or one.name,
        }
        for one in people
    ]
    context = _frame(request, programme, form=form, lines=lines, batch=row)
    return render(request, "programmes/certificates/batch_form.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: HttpRequest, pk: int, batch_pk: int) -> HttpResponseBase:
    """Show a batch and take its next step."""
    programme, row, reach = _batch(request, pk, batch_pk)
    deed = request.POST.get("viec", "") if request.method == "POST" else ""
    forms = {
        "return": ReasonForm(request.POST if deed == "return" else None, prefix="tra"),
        "number": NumberForm(request.POST if deed == "number" else None, prefix="so"),
        "revoke": ReasonForm(request.POST if deed == "revoke" else None, prefix="thu"),
    }
    if deed:
        if _done(request, row, deed, forms):
            gone = deed == "drop"
            return redirect("programmes-desk:certificates", pk) if gone else redirect(request.path)
        if deed not in forms:
            return redirect(request.path)
    rows = certificates_of(request.user, row)
    if (kind := request.GET.get("tep", "")) in {"xlsx", "csv"}:
        return table_response(kind, code_columns(), (code_row(one) for one in rows), _("Giấy chứng nhận"))
    context = _frame(
        request, programme, batch=row, forms=forms, page=Paginator(rows, 100).get_page(request.GET.get("trang")),
        makes=can_make_certificates(reach) and row.state == "draft" and not row.submitted_at,
        approves=can_approve_certificates(reach) and row.state == "draft" and bool(row.submitted_at),
        returns=can_approve_certificates(reach) and row.state != "issued" and bool(row.submitted_at),
        numbers=can_number_certificates(reach) and row.state == "approved",
        revokes=can_approve_certificates(reach) and row.state == "issued",
        ready=row.state == "issued" and archive_path(row).exists(), job=archive_job(row) if row.state == "issued" else None,
    )  # fmt: skip
    return render(request, "programmes/certificates/batch.html", context, status=422 if deed else 200)


def _done(request: HttpRequest, row: CertificateBatch, deed: str, forms: dict[str, Any]) -> bool:
    who: dict[str, Any] = {"actor": request.user, "now": timezone.now()}
    own = who | {"batch_id": row.pk}
    simple: dict[str, Any] = {
        "submit": lambda: deeds.batch_submit(**own),
        "approve": lambda: deeds.batch_approve(**own),
        "drop": lambda: deeds.batch_drop(**own) or True,
    }
    if deed in simple:
        return bool(told(request, simple[deed]))
    form = forms.get(deed)
    if form is None or not form.is_valid():
        return False
    data = form.cleaned_data
    picked = [
        int(one) for one in request.POST.getlist("giay") if one.isascii() and one.isdigit() and len(one) < 12
    ]
    own_pks = list(certificates_of(request.user, row).filter(pk__in=picked).values_list("pk", flat=True))
    filled: dict[str, Any] = {
        "return": lambda: deeds.batch_return(**own, **data),
        "number": lambda: deeds.batch_number(**own, **data),
        "revoke": lambda: deeds.certificates_revoke(**who, pks=own_pks, **data),
    }
    done = sent(form, filled[deed])
    if done:
        messages.success(request, _("Đã ghi."))
    return bool(done)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def batch_archive(request: HttpRequest, pk: int, batch_pk: int) -> HttpResponseBase:
    """Have the archive made, or hand it out."""
    _p, row, _r = _batch(request, pk, batch_pk)
    if request.method == "POST":
        if told(request, lambda: archive_request(actor=request.user, batch_id=row.pk, now=timezone.now())):
            messages.success(request, _("Đang lập tệp. Tải lại trang sau khoảng một phút."))
        return redirect("programmes-desk:certificate-batch", pk, batch_pk)
    path = archive_path(row)
    if row.state != "issued" or not path.exists():
        raise Http404(_("Chưa có tệp. Hãy bấm “Lập tệp ZIP” trước."))
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=path.name, content_type="application/zip"
    )
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_safe
def batch_sample(request: HttpRequest, pk: int, batch_pk: int) -> HttpResponse:
    """Hand out the first certificate of a batch as it will be."""
    _p, row, _r = _batch(request, pk, batch_pk)
    first = certificates_of(request.user, row).select_related("batch").first()
    if first is None:
        raise Http404
    try:
        return pdf_response(sheet_pdf(sheet_of(first)), f"xem-thu-{row.pk}.pdf")
    except PaperMissingError as error:
        return paper_missing(request, error)
