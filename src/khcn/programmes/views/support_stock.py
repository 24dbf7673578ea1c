"""Desk pages of the inventory: things, who has them, until when."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.orgs.models import Unit
from khcn.programmes.forms.support import AssetForm, LendForm, LoanForm
from khcn.programmes.permissions import Reach, can_run
from khcn.programmes.selectors.support import assets_list, loans_open
from khcn.programmes.services.support_loans import asset_add, asset_lend, loan_extend, loan_return
from khcn.programmes.views.support_base import support_page
from khcn.ui.deeds import sent


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def assets(request: HttpRequest) -> HttpResponseBase:
    """List the inventory with what is out and when it is due; put a thing in."""
    reach = support_page(request)
    rows = assets_list(request.user)
    if (kind := request.GET.get("tep", "")) in {"xlsx", "csv"}:
        return _table(kind, list(rows))
    form = _asset_form(request, reach)
    if request.method == "POST" and form.is_valid() and _added(request, form):
        messages.success(request, _("Đã ghi vào kho."))
        return redirect("programmes-desk:support-assets")
    page = Paginator(rows, 30).get_page(request.GET.get("trang"))
    loans = loans_open([one.pk for one in page])
    context = {
        "page": page, "lines": [(one, loans.get(one.pk)) for one in page], "today": timezone.localdate(), "form": form,
        "keeps": reach.officer or bool(reach.reporting),
    }  # fmt: skip
    return render(
        request, "programmes/support/assets.html", context, status=422 if request.method == "POST" else 200
    )


def _added(request: HttpRequest, form: AssetForm) -> bool:
    added = sent(form, lambda: asset_add(actor=request.user, now=timezone.now(), **form.cleaned_data))
    return added is not None


def _asset_form(request: HttpRequest, reach: Reach) -> AssetForm:
    form = AssetForm(request.POST or None)
    units = Unit.objects.in_force(timezone.localdate()).filter(kind__is_group=False).order_by("sort_key")
    field: Any = form.fields["unit"]
    field.queryset = units if reach.officer else units.filter(pk__in=reach.reporting)
    return form


def _table(kind: str, rows: list[Any]) -> HttpResponseBase:
    loans = loans_open([one.pk for one in rows])
    heads = [
        _("Thiết bị"),
        _("Mã, số sê-ri"),
        _("Đơn vị"),
        _("Tình trạng"),
        _("Bên mượn"),
        _("Ngày giao"),
        _("Hẹn trả"),
    ]
    cells = []
    for one in rows:
        loan = loans.get(one.pk)
        held = [loan.borrower, loan.lent_on, loan.due_on] if loan else ["", None, None]
        cells.append([one.name, one.serial, one.unit.name, one.get_state_display(), *held])
    return table_response(kind, [Column(head) for head in heads], cells, _("Kho thiết bị"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def asset(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One thing: lend it, prolong, take it back; its loans so far."""
    reach = support_page(request)
    row = assets_list(request.user).filter(pk=pk).first()
    if row is None:
        raise Http404
    loan = loans_open([pk]).get(pk)
    post = request.POST if request.method == "POST" else None
    form: Any = LoanForm(post) if loan else LendForm(post)
    if post is not None and form.is_valid() and _moved(request, pk, loan, form):
        messages.success(request, _("Đã ghi."))
        return redirect("programmes-desk:support-asset", pk=pk)
    context = {
        "row": row, "loan": loan, "form": form, "loans": row.loans.order_by("-lent_on", "-pk")[:50],
        "keeps": can_run(reach, row.unit_id), "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "programmes/support/asset.html", context, status=422 if post is not None else 200)


def _moved(request: HttpRequest, pk: int, loan: Any, form: Any) -> bool:
    actor, data, now = request.user, form.cleaned_data, timezone.now()
    if loan is None:
        return sent(form, lambda: asset_lend(actor=actor, asset_id=pk, now=now, **data)) is not None
    if request.POST.get("viec") == "gia-han":
        if data["due_on"] is None:
            form.add_error("due_on", _("Hãy ghi ngày hẹn trả mới."))
            return False
        return (
            sent(
                form,
                lambda: loan_extend(
                    actor=actor, loan_id=loan.pk, due_on=data["due_on"], note=data["condition"], now=now
                ),
            )
            is not None
        )
    return (
        sent(
            form,
            lambda: loan_return(
                actor=actor, loan_id=loan.pk, condition=data["condition"], state=data["state"], now=now
            ),
        )
        is not None
    )
