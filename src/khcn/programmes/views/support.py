"""Desk pages of support: the list of requests, the rules of a call and of requests outside calls."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.programmes.enums import ProgrammeKind, SupportState
from khcn.programmes.forms.support import CallForm, number_in
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.support import SupportCall, SupportRequest
from khcn.programmes.permissions import Reach
from khcn.programmes.selectors.support import Asked, calls_named, requests_list, requests_sums, units_asking
from khcn.programmes.services.support_calls import CallRules, call_save
from khcn.programmes.views.base import frame, readable, words_in
from khcn.programmes.views.support_base import support_page
from khcn.ui.deeds import sent


def _asked(request: HttpRequest, programme: int | None = None) -> Asked:
    query = request.GET
    state = query.get("trang-thai", "")
    return Asked(
        words=words_in(query), state=state if state in SupportState.values else "",
        unit=number_in(query.get("don-vi")), programme=programme or number_in(query.get("dot")), year=number_in(query.get("nam")),
    )  # fmt: skip


@login_required
@require_safe
def requests(request: HttpRequest) -> HttpResponseBase:
    """List requests by filter, with sums; as a file too."""
    reach = support_page(request)
    asked = _asked(request)
    rows = requests_list(request.user, asked)
    if (kind := request.GET.get("tep", "")) in {"xlsx", "csv"}:
        return _table(kind, rows)
    context = {
        "page": Paginator(rows, 30).get_page(request.GET.get("trang")), "sums": requests_sums(rows), "asked": asked,
        "states": [one for one in SupportState.choices if one[0] != SupportState.DRAFT], "officer": reach.officer, "units": units_asking(request.user), "calls": calls_named(),
        "query": query_without(request, "trang", "tep"),
    }  # fmt: skip
    return render(request, "programmes/support/list.html", context)


def query_without(request: HttpRequest, *names: str) -> str:
    """Return the question of the address without some of its parts, for links that keep the filters."""
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return query.urlencode()


def _table(kind: str, rows: Any) -> HttpResponseBase:
    heads = [
        _("Số"), _("Gửi lúc"), _("Tổ chức"), _("Loại"), _("Đợt"), _("Địa bàn"), _("Trạng thái"), _("Đề nghị (đồng)"),
        _("Kiến nghị (đồng)"), _("Duyệt (đồng)"), _("Đã giao (đồng)"),
    ]  # fmt: skip
    cells = (
        [one.pk, one.submitted_at, one.organisation, one.get_organisation_kind_display(), str(one.call),
         one.unit.name if one.unit else "", one.get_state_display(), one.asked, one.recommended, one.approved, one.delivered]
        for one in rows
    )  # fmt: skip
    return table_response(kind, [Column(head) for head in heads], cells, _("Đề nghị hỗ trợ"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def of_programme(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules of a programme's call and its requests."""
    programme, reach = readable(request, pk)
    support_page(request)
    if programme.kind != ProgrammeKind.SUPPORT:
        raise Http404
    return _rules(request, programme, reach)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def standing(request: HttpRequest) -> HttpResponse:
    """The rules of requests outside calls."""
    return _rules(request, None, support_page(request))


def _rules(request: HttpRequest, programme: Programme | None, reach: Reach) -> HttpResponse:
    call = SupportCall.objects.filter(programme=programme).first()
    names = ("is_open", "task_code", "budget_year", "most_vnd", "limit_vnd", "apart_months")
    initial = (
        {name: getattr(call, name) for name in names}
        if call
        else {"is_open": True, "limit_vnd": 50_000_000, "apart_months": 12}
    )
    form = CallForm(
        request.POST or None,
        initial=initial | {"party_kinds": call.kinds if call else ["school", "enterprise"]},
    )
    if request.method == "POST" and form.is_valid():
        rules = CallRules(**form.cleaned_data)
        if sent(
            form, lambda: call_save(actor=request.user, programme=programme, rules=rules, now=timezone.now())
        ):
            messages.success(request, _("Đã lưu quy định của đợt."))
            return redirect(request.path)
    context: dict[str, Any] = {"form": form, "call": call, "officer": reach.officer}
    rows = (
        requests_list(request.user, Asked(programme=programme.pk))
        if programme
        else SupportRequest.objects.none()
    )
    context["page"] = Paginator(rows, 30).get_page(request.GET.get("trang"))
    if programme:
        context = frame(request, programme, **context)
    page = "programmes/support/programme.html" if programme else "programmes/support/standing.html"
    return render(request, page, context, status=422 if request.method == "POST" else 200)
