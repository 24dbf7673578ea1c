"""Public pages of certificates: verify a code, and a person's own certificates behind the secret link."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.core.api.limits import RateLimitError
from khcn.core.gate import costly, gate_pass, refusal
from khcn.programmes.forms.certificates import CodeForm
from khcn.programmes.rules.certificates import sheet_name
from khcn.programmes.selectors.certificates import certificates_by_link
from khcn.programmes.services.certificates_archive import sheet_of
from khcn.programmes.services.certificates_paper import PaperMissingError, sheet_pdf
from khcn.programmes.services.certificates_public import certificate_verified
from khcn.programmes.tokens import clean_code
from khcn.ui.deeds import secret


@require_safe
def verify_form(request: HttpRequest) -> HttpResponse:
    """Ask for a code; what was typed goes on to its own address."""
    form = CodeForm(request.GET if "ma" in request.GET else None)
    if form.is_bound and form.is_valid() and (code := clean_code(form.cleaned_data["ma"])):
        return secret(redirect("certificate-verify", code=code))
    return render(request, "programmes/certificates/verify_form.html", {"form": form})


@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether a code is of a valid certificate. Unknown, drafted and malformed codes get one and the same answer."""
    try:
        gate_pass(request, "programmes.certificate", per_minute=20)
    except RateLimitError as error:
        return _wait(request, error)
    found = certificate_verified(code)
    context = {"found": found, "form": CodeForm()}
    status = 200 if found else 404
    answer = secret(render(request, "programmes/certificates/verified.html", context, status=status))
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _wait(request: HttpRequest, error: RateLimitError) -> HttpResponse:
    """Say when to come back; programs, and who does not slow down, get the gate's line of text."""
    answer = refusal(request, error)
    if "text/html" not in answer["Content-Type"]:
        return answer
    answer.content = render_to_string("programmes/certificates/wait.html", {"wait_s": error.wait_s}, request)
    return secret(answer)


@require_safe
@costly("programmes.certificate-own", per_minute=30, noindex=True)
def own(request: HttpRequest, token: str) -> HttpResponse:
    """List the certificates of the person (or of the group) whose link this is."""
    found = certificates_by_link(token)
    if found is None:
        return secret(render(request, "programmes/certificates/own.html", {"token": ""}, status=404))
    name, rows = found
    context = {"token": token, "name": name, "rows": list(rows[:500])}
    return secret(render(request, "programmes/certificates/own.html", context))


@require_safe
@costly("programmes.certificate-file", per_minute=20, noindex=True, shared=True)
def own_file(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """Hand out one certificate as PDF."""
    found = certificates_by_link(token)
    row = found[1].filter(pk=pk, revoked_at=None).exclude(name="").first() if found else None
    if row is None:
        raise Http404(_("Không có giấy chứng nhận này ở đường dẫn của bạn."))
    try:
        content = sheet_pdf(sheet_of(row))
    except PaperMissingError as error:
        return secret(paper_missing(request, error))
    return secret(pdf_response(content, sheet_name(row.number or 0, row.code)))


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """Answer with a PDF as a download."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def paper_missing(request: HttpRequest, error: PaperMissingError) -> HttpResponse:
    """Say that this machine cannot draw certificates."""
    context = {"message": error.message}
    return render(request, "programmes/certificates/paper_missing.html", context, status=503)
