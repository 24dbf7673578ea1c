"""Public pages of support: open calls, asking in two steps, what was granted."""

import secrets
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.api.limits import client_address
from khcn.core.exports.filled import workbook_response
from khcn.core.exports.forms import template_workbook
from khcn.core.gate import costly
from khcn.programmes.forms.support import AddressForm, AskerForm
from khcn.programmes.models.support import SupportCall, SupportRequest
from khcn.programmes.selectors.support import given_of, granted_public, open_calls
from khcn.programmes.services.codes import code_send
from khcn.programmes.services.support_requests import Asker, code_purpose, request_start
from khcn.programmes.services.support_sheet import item_columns
from khcn.ui.deeds import secret, sent


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """List what may be asked for now."""
    return render(request, "programmes/support/calls.html", {"calls": open_calls(timezone.now())})


@require_safe
@costly("programmes.granted", per_minute=60)
def granted(request: HttpRequest) -> HttpResponse:
    """Show what schools and enterprises were given; no persons."""
    page = Paginator(granted_public(), 30).get_page(request.GET.get("trang"))
    return render(
        request,
        "programmes/support/granted.html",
        {"page": page, "lines": [(row, given_of(row)) for row in page]},
    )


@require_safe
@costly("programmes.template", per_minute=20)
def template(request: HttpRequest) -> HttpResponse:
    """Hand out the empty sheet of items."""
    return workbook_response(
        template_workbook(item_columns(), title=_("Khoản đề nghị hỗ trợ")), _("Khoản đề nghị")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.support", per_minute=30)
def ask(request: HttpRequest, key: str) -> HttpResponseBase:
    """Ask for support of a call."""
    call = SupportCall.objects.select_related("programme__unit").filter(programme__key=key).first()
    return _ask(request, call)


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.support", per_minute=30)
def ask_open(request: HttpRequest) -> HttpResponseBase:
    """Ask outside calls."""
    return _ask(request, SupportCall.objects.filter(programme=None).first())


def _ask(request: HttpRequest, call: SupportCall | None) -> HttpResponseBase:
    if call is None or (call.programme is not None and not call.programme.is_public):
        raise Http404
    context: dict[str, Any] = {"call": call, "takes": call.takes(timezone.now())}
    form: Any = AddressForm()
    status = 200
    if request.method == "POST" and context["takes"]:
        status = 422
        if request.POST.get("buoc") == "2":
            form = AskerForm(request.POST, kinds=call.kinds)
            context["second"] = True
            if form.is_valid() and (row := _start(form, call)):
                return secret(redirect("programmes:support-mine", token=row.token))
        else:
            form = AddressForm(request.POST)
            if form.is_valid() and (address := _send(request, form, call)):
                initial = {"address": address, "client_key": secrets.token_urlsafe(18)}
                form, status = AskerForm(initial=initial, kinds=call.kinds), 200
                context["second"] = True
    return secret(render(request, "programmes/support/ask.html", {**context, "form": form}, status=status))


def _send(request: HttpRequest, form: AddressForm, call: SupportCall) -> str | None:
    if form.is_robot:
        return str(form.cleaned_data["address"])
    return sent(
        form,
        lambda: code_send(
            address=form.cleaned_data["address"], purpose=code_purpose(call), visitor=str(client_address(request)),
            now=timezone.now(), about=str(call),
        ),
    )  # fmt: skip


def _start(form: AskerForm, call: SupportCall) -> SupportRequest | None:
    data = form.cleaned_data
    asker = Asker(
        organisation=data["organisation"], kind=data["kind"], contact_name=data["contact_name"],
        registration_code=data["registration_code"], address=data["organisation_address"],
    )  # fmt: skip
    return sent(
        form,
        lambda: request_start(
            call=call, address=data["address"], digits=data["code"], asker=asker, client_key=data["client_key"],
            now=timezone.now(),
        ),
    )  # fmt: skip
