"""What a person sees under the secret link: the ticket, changing, cancelling, all data, consents, being forgotten."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.actors import Actor
from khcn.core.exports.columns import attachment
from khcn.core.gate import costly
from khcn.core.references import reference_to
from khcn.programmes.enums import STANDING, ConsentPurpose, ProgrammeState, RegistrationState
from khcn.programmes.forms.registrations import PersonFields, person_initial
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.registrations import Registration
from khcn.programmes.rules.questions import answer_words
from khcn.programmes.selectors.registrations import registration_by_link
from khcn.programmes.services.consents import consent_withdraw
from khcn.programmes.services.registrations import registration_cancel, registration_update
from khcn.programmes.services.registrations_privacy import data_copy, person_erase
from khcn.ui.deeds import secret, sent, told
from khcn.ui.qr import qr_svg

P = ParamSpec("P")


def link_or_sentence(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Answer a link that opens nothing with what to do next, not with the page for mistyped addresses."""

    @wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(*args, **kwargs)
        except Http404 as error:
            request = next(one for one in args if isinstance(one, HttpRequest))
            page = render(request, "programmes/registrations/gone.html", {"sentence": str(error)}, status=404)
            return secret(page)

    return answered


def by_link(token: str) -> Registration:
    """Return the registration behind a link. Raises Http404 with a sentence."""
    row = registration_by_link(token)
    if row is None:
        raise Http404(_("Đường dẫn này không đúng hoặc thông tin đã được xóa. Hãy mở lại tin đã nhận."))
    return row


def person_saved(request: HttpRequest, form: PersonFields, row: Registration, *, actor: Actor = None) -> bool:
    """Change a registration as the form says; whether it was done, else the form says why not."""

    def write() -> Registration:
        return registration_update(registration=row, person=form.person(), now=timezone.now(), actor=actor)

    if not form.is_valid() or sent(form, write) is None:
        return False
    messages.success(request, _("Đã lưu."))
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.link", per_minute=60, noindex=True)
@link_or_sentence
def registration(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show how a registration stands; change or cancel it."""
    row = by_link(token)
    now, status = timezone.now(), 200
    form = PersonFields(initial=person_initial(row), programme=row.programme)
    deed = request.POST.get("viec", "")
    if deed == "huy":
        if told(request, lambda: registration_cancel(registration=row, now=now)):
            messages.success(request, _("Đã hủy. Chỗ của bạn dành cho người đang chờ."))
        return secret(redirect("programmes:registration", token=token))
    if deed == "sua":
        form, status = PersonFields(request.POST, programme=row.programme), 422
        if person_saved(request, form, row):
            return secret(redirect("programmes:registration", token=token))
    off = row.programme.state == ProgrammeState.CANCELLED
    context = {
        "row": row, "programme": row.programme, "form": form, "standing": row.state in STANDING and not off,
        "qr": qr_svg(row.ticket) if row.state == RegistrationState.CONFIRMED and not off else "",
        "asking": request.GET.get("huy") == "1",
    }  # fmt: skip
    return secret(render(request, "programmes/registrations/person.html", context, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.link", per_minute=60, noindex=True)
@link_or_sentence
def my_data(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show all that is kept; a copy, each consent taken back, everything forgotten."""
    row = by_link(token)
    subject, now = str(reference_to(row)), timezone.now()
    if request.method == "POST":
        return secret(_deed(request, row, subject, now))
    if request.GET.get("tep") == "json":
        response = HttpResponse(
            json.dumps(data_copy(row), ensure_ascii=False, indent=1),
            content_type="application/json; charset=utf-8",
        )
        response["Content-Disposition"] = attachment("du-lieu-cua-toi.json")
        return secret(response)
    asked = request.GET.get("rut", "")
    context = {
        "row": row, "programme": row.programme,
        "answers": [(one["label"], answer_words(row.answers[one["key"]])) for one in row.programme.questions if one["key"] in row.answers],
        "consents": Consent.objects.filter(subject=subject).select_related("text"),
        "asked": asked if asked in ConsentPurpose.values else "", "erasing": request.GET.get("xoa") == "1",
    }  # fmt: skip
    return secret(render(request, "programmes/registrations/my_data.html", context))


def _deed(request: HttpRequest, row: Registration, subject: str, now: Any) -> HttpResponse:
    if request.POST.get("viec") == "xoa":
        told(request, lambda: person_erase(registration=row, now=now))
        return render(request, "programmes/registrations/erased.html", {"programme": row.programme})
    purpose = request.POST.get("rut", "")
    if purpose in ConsentPurpose.values and consent_withdraw(
        actor=None, subject=subject, purpose=purpose, now=now, how="link"
    ):
        messages.success(request, _("Đã rút. Mọi trang và tệp dựa vào sự đồng ý này được gỡ ngay."))
    return redirect("programmes:my-data", token=row.token)
