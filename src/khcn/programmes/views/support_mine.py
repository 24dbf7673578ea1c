"""One's own request by secret link: how it stands in plain words, and every deed of the contact."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.gate import costly
from khcn.core.numbers import number_vi
from khcn.programmes.enums import (
    SUPPORT_BEFORE_DECISION,
    SUPPORT_EDITABLE,
    SUPPORT_GRANTED,
    SupportFileKind,
    SupportState,
)
from khcn.programmes.errors import GoneError
from khcn.programmes.forms.support import (
    ROW_FIELDS,
    FilesForm,
    PurposeForm,
    ResultForm,
    SheetForm,
    lines_in,
    number_in,
)
from khcn.programmes.models.support import SupportRequest
from khcn.programmes.rules.support import MOST_ITEMS
from khcn.programmes.selectors.support_page import own_events
from khcn.programmes.services.support_requests import (
    PAPERS_DRAWER,
    contact_erase,
    file_add,
    file_remove,
    receipt_confirm,
    request_by_token,
    request_save,
    request_submit,
    request_withdraw,
    result_send,
)
from khcn.programmes.services.support_sheet import sheet_lines
from khcn.ui.deeds import secret, sent, told

BLANK_ROWS: Final = 3
# which form a deed reads; the other deeds have only a button
FORM_OF: Final = {
    "luu": "purpose_form", "gui": "purpose_form", "bang": "sheet_form", "tep": "files_form", "ket-qua": "result_form",
}  # fmt: skip
ERASABLE: Final = frozenset(
    {SupportState.DRAFT, SupportState.REFUSED, SupportState.CLOSED, SupportState.CANCELLED}
)


def _behind(token: str) -> SupportRequest | None:
    try:
        return request_by_token(token)
    except GoneError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.support", per_minute=60)
def mine(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show one's own request, or do what was asked; what will not do comes back with everything that was typed."""
    row = _behind(token)
    if row is None:
        return secret(render(request, "programmes/support/gone.html", status=404))
    deed = request.POST.get("viec", "") if request.method == "POST" else ""
    here = redirect("programmes:support-mine", token=token)
    if deed and deed not in FORM_OF and deed != "them":
        return secret(redirect("programmes:support") if _pressed(request, row, deed) else here)
    shown = _forms(request, row, deed)
    if deed in FORM_OF and _done(request, row, deed, shown[FORM_OF[deed]]):
        return secret(here)
    typed = _typed(request) if deed in {"luu", "gui", "them"} else None
    for name in (
        "purpose",
        "audience",
    ):  # may be left for later, but not when it is sent: no "(optional)" beside it
        shown["purpose_form"].fields[name].required = True
    context = _context(_behind(token) or row, typed) | shown
    status = 422 if deed in FORM_OF else 200
    return secret(render(request, "programmes/support/mine.html", context, status=status))


def _forms(request: HttpRequest, row: SupportRequest, deed: str) -> dict[str, forms.Form]:
    """Return the forms of the page, the one of the deed bound to what was sent."""

    def data(name: str) -> dict[str, Any]:
        return {"data": request.POST.copy(), "files": request.FILES} if name == FORM_OF.get(deed) else {}

    names = ("purpose", "audience", "revision")
    typed = {name: request.POST.get(name, "") for name in names} if deed == "them" else {}
    held = getattr(row, "result", None)
    result = {"text": held.text, "people": held.people} if held else {}
    kept = {name: getattr(row, name) for name in names}
    return {
        "purpose_form": PurposeForm(initial=kept | typed, **data("purpose_form")),
        "sheet_form": SheetForm(**data("sheet_form")),
        "files_form": FilesForm(**data("files_form")),
        "result_form": ResultForm(initial=result, **data("result_form")),
    }


def _typed(request: HttpRequest) -> list[dict[str, str]]:
    numbers = range(1, MOST_ITEMS + 1)
    rows = [
        {name: request.POST.get(f"{name}-{number}", "")[:500] for name in ROW_FIELDS} for number in numbers
    ]
    return [row for row in rows if any(row.values())]


def _context(row: SupportRequest, typed: list[dict[str, str]] | None) -> dict[str, Any]:
    items, files = list(row.items.all()), list(row.files.all())
    rows = typed if typed is not None else [_shown(one) for one in items]
    blank: list[dict[str, str]] = [{} for _place in range(min(BLANK_ROWS, MOST_ITEMS - len(rows)))]
    handovers = list(row.handovers.all())
    return {
        "row": row, "items": items, "rows": [*rows, *blank], "editable": row.state in SUPPORT_EDITABLE,
        "granted": row.state in SUPPORT_GRANTED, "may_withdraw": row.state in SUPPORT_BEFORE_DECISION,
        "may_erase": row.state in ERASABLE, "handovers": handovers, "events": own_events(row, handovers),
        "papers": [one for one in files if one.kind != SupportFileKind.RESULT],
        "pictures": [one for one in files if one.kind == SupportFileKind.RESULT],
        "loans": row.loans.select_related("asset"),
    }  # fmt: skip


def _shown(item: Any) -> dict[str, str]:
    return {
        "name": item.name, "specification": item.specification, "unit": item.unit, "quantity": str(item.quantity),
        "price": number_vi(item.unit_price, 0), "source": item.price_source,
    }  # fmt: skip


def _done(request: HttpRequest, row: SupportRequest, deed: str, form: forms.Form) -> bool:
    """Do a deed that reads a form; ``False``: the form says why not."""
    if not form.is_valid():
        return False
    now = timezone.now()
    if deed in {"luu", "gui"}:
        return _saved(request, row, form, now, send=deed == "gui")
    if deed == "bang":
        return _sheet(request, row, form, now)
    if deed == "ket-qua":
        data = form.cleaned_data
        write = partial(result_send, token=row.token, text=data["text"], people=data["people"], now=now)
        return sent(form, write) is not None and _kept(row, form, SupportFileKind.RESULT, now)
    return _kept(row, form, SupportFileKind.QUOTATION, now)


def _saved(request: HttpRequest, row: SupportRequest, form: Any, now: datetime, *, send: bool) -> bool:
    data = form.cleaned_data

    def write() -> SupportRequest:
        lines = lines_in(request.POST, MOST_ITEMS)
        saved = request_save(
            token=row.token,
            purpose=data["purpose"],
            audience=data["audience"],
            lines=lines,
            revision=data["revision"],
            now=now,
        )
        form.data["revision"] = str(saved.revision)  # the page that comes back goes on from here
        return request_submit(token=row.token, now=now) if send else saved

    if sent(form, write) is None:
        return False
    done = _("Đã gửi đề nghị. Chúng tôi sẽ báo kết quả vào liên hệ của bạn.")
    messages.success(request, done if send else _("Đã lưu. Khi xong, hãy bấm “Gửi đề nghị”."))
    return True


def _sheet(request: HttpRequest, row: SupportRequest, form: forms.Form, now: datetime) -> bool:
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

    if sent(form, write) is None:
        return False
    messages.success(request, _("Đã ghi danh sách từ bảng."))
    return True


def _kept(row: SupportRequest, form: forms.Form, kind: str, now: datetime) -> bool:
    """Keep the files one by one; those before a refused one stay."""
    keep = partial(file_add, token=row.token, kind=kind, now=now)
    return all(sent(form, partial(keep, file=file)) is not None for file in form.cleaned_data["uploads"])


def _pressed(request: HttpRequest, row: SupportRequest, deed: str) -> bool:
    """Do a deed that is only a button; ``True``: the link is dead now."""
    token, now = row.token, timezone.now()
    file_id = number_in(request.POST.get("tep")) or 0
    deeds: dict[str, Callable[[], Any]] = {
        "bo-tep": lambda: file_remove(token=token, file_id=file_id, now=now),
        "rut": lambda: request_withdraw(token=token, now=now),
        "da-nhan": lambda: receipt_confirm(token=token, now=now),
        "quen": lambda: contact_erase(token=token, now=now),
    }
    if deed not in deeds:
        raise Http404
    told(request, deeds[deed])
    return _behind(token) is None


@require_safe
def mine_file(request: HttpRequest, token: str, pk: int) -> HttpResponseBase:
    """Hand out a file of one's own request."""
    row = _behind(token)
    found = row.files.filter(pk=pk).first() if row else None
    if found is None:
        raise Http404
    return secret(PAPERS_DRAWER.response(found.file, found.title))
