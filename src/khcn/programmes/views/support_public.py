"""Public pages of support: open calls, asking in two steps, one's own request by secret link, what was granted."""

import secrets
from typing import Any

from django.contrib import messages
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
from khcn.programmes.enums import SUPPORT_BEFORE_DECISION, SUPPORT_EDITABLE, SUPPORT_GRANTED, SupportFileKind
from khcn.programmes.errors import GoneError
from khcn.programmes.forms.support import (
    ROW_FIELDS,
    AddressForm,
    AskerForm,
    FilesForm,
    PurposeForm,
    ResultForm,
    SheetForm,
    lines_in,
)
from khcn.programmes.models.support import SupportCall, SupportRequest
from khcn.programmes.rules.support import MOST_ITEMS
from khcn.programmes.selectors.support import given_of, granted_public, open_calls
from khcn.programmes.services.codes import code_send
from khcn.programmes.services.support_requests import (
    PAPERS_DRAWER,
    Asker,
    code_purpose,
    contact_erase,
    file_add,
    file_remove,
    receipt_confirm,
    request_by_token,
    request_save,
    request_start,
    request_submit,
    request_withdraw,
    result_send,
)
from khcn.programmes.services.support_sheet import item_columns, sheet_lines
from khcn.ui.deeds import secret, sent, told
from khcn.ui.parts import Event


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
        return form.cleaned_data["address"]
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


def _behind(token: str) -> SupportRequest | None:
    try:
        return request_by_token(token)
    except GoneError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.support", per_minute=60)
def mine(request: HttpRequest, token: str) -> HttpResponseBase:
    """One's own request: how it stands, and what may be done."""
    row = _behind(token)
    if row is None:
        return secret(render(request, "programmes/support/gone.html", status=404))
    forms = {
        "purpose_form": _purpose(row),
        "files_form": FilesForm(),
        "sheet_form": SheetForm(),
        "result_form": _result(row),
    }
    status, rows = 200, None
    if request.method == "POST":
        answer = _deed(request, row, forms)
        if answer is not None:
            return secret(answer)
        status = 422
        if request.POST.get("viec") in {"luu", "gui", "them"}:
            rows = _typed(request)
            status = 200 if request.POST.get("viec") == "them" else 422
    return secret(render(request, "programmes/support/mine.html", _mine(row, rows) | forms, status=status))


def _purpose(row: SupportRequest) -> PurposeForm:
    return PurposeForm(initial={"purpose": row.purpose, "audience": row.audience, "revision": row.revision})


def _result(row: SupportRequest) -> ResultForm:
    held = getattr(row, "result", None)
    return ResultForm(initial={"text": held.text, "people": held.people} if held else {})


def _typed(request: HttpRequest) -> list[dict[str, str]]:
    numbers = range(1, MOST_ITEMS + 1)
    rows = [
        {name: request.POST.get(f"{name}-{number}", "")[:500] for name in ROW_FIELDS} for number in numbers
    ]
    return [row for row in rows if any(row.values())]


def _mine(row: SupportRequest, rows: list[dict[str, str]] | None) -> dict[str, Any]:
    items = list(row.items.all())
    editable = row.state in SUPPORT_EDITABLE
    shown = rows if rows is not None else [
        {"name": one.name, "specification": one.specification, "unit": one.unit, "quantity": str(one.quantity),
         "price": str(one.unit_price), "source": one.price_source} for one in items
    ]  # fmt: skip
    blank = max(0, min(3, MOST_ITEMS - len(shown)))
    files = list(row.files.all())
    return {
        "row": row, "items": items, "editable": editable, "granted": row.state in SUPPORT_GRANTED,
        "may_withdraw": row.state in SUPPORT_BEFORE_DECISION, "rows": [*shown, *({} for _one in range(blank))],
        "papers": [one for one in files if one.kind != SupportFileKind.RESULT],
        "pictures": [one for one in files if one.kind == SupportFileKind.RESULT],
        "handovers": list(row.handovers.all()), "loans": list(row.loans.select_related("asset")),
        "events": timeline(row), "may_erase": row.state in {"draft", "refused", "closed", "cancelled"},
    }  # fmt: skip


def timeline(row: SupportRequest) -> list[Event]:
    """Return what happened to a request, in plain words, without names of officials."""
    steps = [
        (row.created_at, _("Mở đề nghị"), ""), (row.submitted_at, _("Gửi đề nghị"), ""),
        (row.checked_at, _("Đã kiểm tra"), ""), (row.funded_at, _("Đã xác nhận kinh phí"), ""),
        (row.decided_at, _("Đã quyết định"), row.decision_note), (row.ended_at, _("Kết thúc"), row.end_note),
    ]  # fmt: skip
    events = [Event(when=when, what=what, detail=detail) for when, what, detail in steps if when]
    events += [
        Event(when=one.entered_at, what=_("Bàn giao lần %(number)s") % {"number": one.number}, tone="good")
        for one in row.handovers.all()
    ]
    return sorted(events, key=lambda one: one.when)


def _deed(request: HttpRequest, row: SupportRequest, forms: dict[str, Any]) -> HttpResponseBase | None:
    """Do what was asked; ``None`` shows the page again with what was typed."""
    deed, now, here = (
        request.POST.get("viec", ""),
        timezone.now(),
        redirect("programmes:support-mine", token=row.token),
    )
    token = row.token
    if deed in {"luu", "gui"}:
        form = forms["purpose_form"] = PurposeForm(request.POST)
        return here if form.is_valid() and _save(request, form, token, now, send=deed == "gui") else None
    if deed == "bang":
        form = forms["sheet_form"] = SheetForm(request.POST, request.FILES)
        return here if form.is_valid() and _sheet(form, row, now) else None
    if deed == "tep":
        form = forms["files_form"] = FilesForm(request.POST, request.FILES)
        kind = SupportFileKind.QUOTATION
        if not form.is_valid():
            return None
        done = [
            sent(form, lambda one=one: file_add(token=token, kind=kind, file=one, now=now))
            for one in form.cleaned_data["files"]
        ]
        return here if all(done) else None
    if deed == "ket-qua":
        form = forms["result_form"] = ResultForm(request.POST, request.FILES)
        return here if form.is_valid() and _send_result(form, token, now) else None
    if deed == "quen":
        told(request, lambda: contact_erase(token=token, now=now))
        return redirect("programmes:support")
    if deed == "bo-tep" and request.POST.get("tep", "").isdigit():
        told(request, lambda: file_remove(token=token, file_id=int(request.POST["tep"][:15]), now=now))
        return here
    if deed == "rut":
        told(request, lambda: request_withdraw(token=token, now=now))
        return here
    if deed == "da-nhan":
        told(request, lambda: receipt_confirm(token=token, now=now))
        return here
    if deed == "them":
        forms["purpose_form"] = PurposeForm(
            initial={name: request.POST.get(name, "") for name in ("purpose", "audience", "revision")}
        )
    return None


def _save(request: HttpRequest, form: PurposeForm, token: str, now: Any, *, send: bool) -> bool:
    data = form.cleaned_data

    def write() -> SupportRequest:
        saved = request_save(
            token=token, purpose=data["purpose"], audience=data["audience"], lines=lines_in(request.POST, MOST_ITEMS),
            revision=data["revision"], now=now,
        )  # fmt: skip
        form.data = form.data.copy()
        form.data["revision"] = str(saved.revision)
        return request_submit(token=token, now=now) if send else saved

    if sent(form, write) is None:
        return False
    messages.success(
        request,
        _("Đã gửi đề nghị. Chúng tôi sẽ báo kết quả.")
        if send
        else _("Đã lưu. Nhớ bấm “Gửi đề nghị” khi xong."),
    )
    return True


def _sheet(form: SheetForm, row: SupportRequest, now: Any) -> bool:
    def write() -> SupportRequest:
        lines = sheet_lines(form.cleaned_data["sheet"])
        return request_save(
            token=row.token,
            purpose=row.purpose,
            audience=row.audience,
            lines=lines,
            revision=row.revision,
            now=now,
        )

    return sent(form, write) is not None


def _send_result(form: ResultForm, token: str, now: Any) -> bool:
    data = form.cleaned_data
    if (
        sent(form, lambda: result_send(token=token, text=data["text"], people=data["people"], now=now))
        is None
    ):
        return False
    kind = SupportFileKind.RESULT
    return all(
        [
            sent(form, lambda one=one: file_add(token=token, kind=kind, file=one, now=now))
            for one in data["files"]
        ]
    )


@require_safe
def mine_file(request: HttpRequest, token: str, pk: int) -> HttpResponseBase:
    """Hand out a file of one's own request."""
    row = _behind(token)
    found = row.files.filter(pk=pk).first() if row else None
    if found is None:
        raise Http404
    return secret(PAPERS_DRAWER.response(found.file, found.title))
