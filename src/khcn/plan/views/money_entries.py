"""One line and its entries: entered on a phone, confirmed, refused, voided, released, with their documents."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from secrets import token_hex
from typing import Any

from django import forms
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
from khcn.core.numbers import money_vi
from khcn.plan.enums import EntryKind
from khcn.plan.forms.money import AllocationForm, EntryForm, ReasonForm, VoucherForm
from khcn.plan.models import BudgetLine, MoneyEntry, MoneyFile
from khcn.plan.selectors.money_lines import entry_rights, line_page, open_commitments
from khcn.plan.services.money_entries import (
    allocation_book,
    commitment_release,
    entry_confirm,
    entry_propose,
    entry_refuse,
    entry_void,
)
from khcn.plan.services.money_files import VOUCHERS, entry_file_add
from khcn.plan.tables.money import entries_table, entry_state, estimate_state
from khcn.plan.views.money_access import at, crumbs, did, entry_of, form_page, line_of, today
from khcn.ui.deeds import only, sent

GET_POST = ["GET", "HEAD", "POST"]
COMMIT, PAY, ALLOCATE = "cam-ket", "giai-ngan", "giao"


@login_required
@require_safe
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a line: what is left, and everything that happened on it."""
    held = line_of(request, pk)
    page = line_page(request.user, held, today())
    context = {
        "held": page,
        "line": held,
        "estimate": held.estimate,
        "state": estimate_state(held.estimate.state),
        "table": entries_table(page.entries, _("Các bút toán của dòng")),
        "crumbs": [*crumbs(estimate=held.estimate), (held.title[:60], "")],
    }
    return render(request, "plan/money/line.html", context)


@login_required
@require_http_methods(GET_POST)
def entry_new(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Enter a commitment, a payment, or (finance) an allocation."""
    held = line_of(request, pk)
    page = line_page(request.user, held, today())
    if what == ALLOCATE:
        only(
            page.can_allocate,
            _("Giao và điều chỉnh dự toán do bộ phận tài chính làm, sau khi dự toán được duyệt."),
        )
        return _allocation(request, held)
    if what not in {COMMIT, PAY}:
        raise Http404
    only(
        page.can_enter,
        _("Bạn chưa ghi chi được cho dòng này: dự toán chưa được duyệt hoặc không phải đơn vị của bạn."),
    )
    return _entry(request, held, EntryKind.DISBURSEMENT if what == PAY else EntryKind.COMMITMENT)


def _entry(request: HttpRequest, held: BudgetLine, kind: EntryKind) -> HttpResponse:
    payment = kind == EntryKind.DISBURSEMENT
    commitments = open_commitments(held) if payment else None
    if commitments is not None and not commitments:
        messages.info(request, _("Dòng này chưa có cam kết nào còn mở. Hãy ghi cam kết chi trước."))
        return redirect(at("money-line", held.pk))
    form = EntryForm(
        request.POST or None, request.FILES or None, commitments=commitments, today=today(),
        initial={"token": token_hex(16), "commitment": request.GET.get("cam-ket")},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        values, now = form.cleaned_data, timezone.now()
        entry = sent(
            form,
            lambda: entry_propose(
                actor=request.user, line=held, kind=kind, values=values, now=now, commitment=values.get("commitment"),
                reference=f"form:{values['token']}",
            ),
        )  # fmt: skip
        if entry is not None:
            _attach(request, entry, values["vouchers"], now)
            messages.success(
                request,
                _("Đã ghi %(amount)s, chờ bộ phận tài chính xác nhận.") % {"amount": money_vi(entry.amount)},
            )
            return redirect(at("money-entry", entry.pk))
    held.refresh_from_db()
    free = money_vi(held.allocated - held.committed)
    lead = _("Dòng này còn được cam kết %(free)s.") % {"free": free} if not payment else ""
    title = _("Ghi giải ngân") if payment else _("Ghi cam kết chi")
    return form_page(
        request,
        form,
        title=title,
        way=crumbs(line=held),
        submit=title,
        back=at("money-line", held.pk),
        lead=lead,
    )


def _allocation(request: HttpRequest, held: BudgetLine) -> HttpResponse:
    missing = max(held.estimated - held.allocated, 0)
    form = AllocationForm(
        request.POST or None,
        initial={
            "happened_on": today(),
            "amount": missing or None,
            "text": _("Giao dự toán năm %(year)s") % {"year": held.estimate.year},
        },
    )
    if request.method == "POST" and form.is_valid():
        entry = sent(
            form,
            lambda: allocation_book(
                actor=request.user,
                line=held,
                amount=form.signed,
                values=form.cleaned_data,
                now=timezone.now(),
            ),
        )
        if entry is not None:
            messages.success(
                request,
                _("Đã ghi, dòng được giao %(amount)s.")
                % {"amount": money_vi(BudgetLine.objects.get(pk=held.pk).allocated)},
            )
            return redirect(at("money-line", held.pk))
    lead = _("Đã giao %(allocated)s trên dự toán %(estimated)s, đã cam kết %(committed)s.") % {
        "allocated": money_vi(held.allocated), "estimated": money_vi(held.estimated), "committed": money_vi(held.committed),
    }  # fmt: skip
    title = _("Giao, điều chỉnh dự toán")
    return form_page(
        request,
        form,
        title=title,
        way=crumbs(line=held),
        submit=_("Ghi quyết định"),
        back=at("money-line", held.pk),
        lead=lead,
    )


def _attach(request: HttpRequest, entry: MoneyEntry, files: list[Any], now: datetime) -> None:
    """Attach files one by one; one that is not taken is named and does not undo the entry."""
    for file in files:
        try:
            entry_file_add(actor=request.user, entry=entry, file=file, now=now)
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            messages.warning(request, f"{file.name}: {error.message}")


@login_required
@require_http_methods(GET_POST)
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an entry; confirm, refuse, void or release it, and add documents."""
    held = entry_of(request, pk)
    deed = request.POST.get("viec", "")
    opened: forms.Form | None = None
    if request.method == "POST":
        opened = _opened(deed, request)
        if opened.is_valid() and did(opened, partial(_do, request, held, deed, opened.cleaned_data)):
            return redirect(at("money-entry", held.pk))
        held = entry_of(request, pk)
        for error in opened.non_field_errors():
            messages.error(request, str(error))
    reason = opened if isinstance(opened, ReasonForm) else None
    context = {
        "entry": held,
        "state": entry_state(held),
        "rights": entry_rights(request.user, held, today()),
        "files": held.files.order_by("pk"),
        "payments": entries_table(list(held.payments.order_by("happened_on", "pk")), _("Giải ngân của cam kết này")) if held.paid else None,
        "left": held.amount - held.paid - held.released,
        "deeds": [(key, *words, reason if deed == key and reason else ReasonForm(auto_id=f"id_{key}_%s")) for key, words in _reasoned().items()],
        "deed": deed if reason else "",
        "voucher_form": opened if isinstance(opened, VoucherForm) else VoucherForm(),
        "crumbs": [*crumbs(line=held.line), (held.text[:60], "")],
    }  # fmt: skip
    return render(request, "plan/money/entry.html", context)


def _opened(deed: str, request: HttpRequest) -> forms.Form:
    """Return the form that was sent. Raises Http404 for a deed that there is not."""
    if deed == "chung-tu":
        return VoucherForm(request.POST, request.FILES)
    if deed not in _DEEDS:
        raise Http404
    return ReasonForm(request.POST) if deed in _reasoned() else forms.Form(request.POST)


def _reasoned() -> dict[str, tuple[str, str]]:
    """The deeds that need a reason: the right, and what the button says."""
    return {
        "tu-choi": ("refuse", _("Không xác nhận")),
        "giai-toa": ("release", _("Giải tỏa phần còn lại")),
        "huy": ("void", _("Hủy bút toán")),
    }


_DEEDS: dict[str, Callable[..., Any]] = {
    "xac-nhan": entry_confirm, "tu-choi": entry_refuse, "huy": entry_void, "giai-toa": commitment_release,
}  # fmt: skip


def _do(request: HttpRequest, held: MoneyEntry, deed: str, values: dict[str, Any]) -> None:
    if deed == "chung-tu":
        _attach(request, held, values["vouchers"], timezone.now())
        return
    more = {} if deed == "xac-nhan" else {"reason": values["reason"]}
    _DEEDS[deed](actor=request.user, entry=held, now=timezone.now(), **more)
    done = {
        "xac-nhan": _("Đã xác nhận."), "tu-choi": _("Đã ghi là không được xác nhận; người đề nghị nhận được tin."),
        "huy": _("Đã hủy bút toán."), "giai-toa": _("Đã giải tỏa phần còn lại."),
    }  # fmt: skip
    messages.success(request, done[deed])


@login_required
@require_safe
def voucher(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give a supporting document of an entry that the person may read."""
    row = get_object_or_404(MoneyFile, pk=pk)
    entry_of(request, row.entry_id)
    return VOUCHERS.response(row.file, row.title)
