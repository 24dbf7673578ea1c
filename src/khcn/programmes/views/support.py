"""Desk pages of support: the list, one request with what to do next, the rules of a call."""

import secrets
from collections.abc import Callable
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

from khcn.core.document_port import document_desk
from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.core.money_port import money_booker
from khcn.orgs.models import Party, Unit
from khcn.programmes.enums import SUPPORT_UNDECIDED, ProgrammeKind, SupportState
from khcn.programmes.forms.support import (
    CallForm,
    HandoverForm,
    NoteForm,
    PlaceForm,
    ReasonForm,
    grants_in,
    whole,
)
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.support import SupportCall, SupportRequest
from khcn.programmes.permissions import Reach, can_approve_support
from khcn.programmes.selectors.support import (
    Asked,
    earlier_grants,
    eligibility,
    request_of,
    requests_list,
    requests_sums,
)
from khcn.programmes.services.support_calls import CallRules, call_save
from khcn.programmes.services.support_decisions import (
    funds_confirm,
    request_approve,
    request_check,
    request_end,
    request_place,
    request_refuse,
    request_return,
    year_of,
)
from khcn.programmes.services.support_handover import (
    PHOTOS,
    handed_before,
    handover_document,
    handover_enter,
    result_review,
)
from khcn.programmes.services.support_requests import PAPERS_DRAWER
from khcn.programmes.views.base import frame, readable
from khcn.programmes.views.support_base import support_page
from khcn.ui.deeds import sent


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else None


def _asked(request: HttpRequest, programme: int | None = None) -> Asked:
    query = request.GET
    state = query.get("trang-thai", "")
    return Asked(
        words=query.get("tim", "").strip()[:80], state=state if state in SupportState.values else "",
        unit=_number(query.get("don-vi")), programme=programme or _number(query.get("dot")), year=_number(query.get("nam")),
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
        "states": [one for one in SupportState.choices if one[0] != SupportState.DRAFT], "officer": reach.officer,
    }  # fmt: skip
    return render(request, "programmes/support/list.html", context)


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


def _held(request: HttpRequest, pk: int) -> tuple[SupportRequest, Reach]:
    reach = support_page(request)
    row = request_of(request.user, pk)
    if row is None:
        raise Http404
    return row, reach


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what it is, what to do next by role, and the deed itself."""
    row, reach = _held(request, pk)
    today = timezone.localdate()
    units = Unit.objects.in_force(today).filter(kind__is_group=False).order_by("sort_key")
    post = request.POST if request.method == "POST" else None
    forms: dict[str, Any] = {
        "reason_form": ReasonForm(post), "note_form": NoteForm(post), "place_form": PlaceForm(
            post, initial={"unit": row.unit_id, "party": row.party_id}),
        "handover_form": HandoverForm(post, request.FILES or None, initial={
            "handed_on": today, "place": row.organisation, "client_key": secrets.token_urlsafe(18)}),
    }  # fmt: skip
    forms["place_form"].fields["unit"].queryset = units
    forms["place_form"].fields["party"].queryset = _parties(row)
    if post is not None:
        if _deed(request, row, forms):
            messages.success(request, _("Đã ghi."))
            return redirect("programmes-desk:support-request", pk=pk)
    return render(
        request,
        "programmes/support/request.html",
        _context(row, reach, forms),
        status=422 if post is not None else 200,
    )


def _parties(row: SupportRequest) -> Any:
    """Return the organisations of the register that may be meant: same name or code, and the chosen one."""
    found = Party.objects.current().filter(folded_name=row.folded_organisation)
    if row.registration_code:
        found = found | Party.objects.current().filter(registration_code=row.registration_code)
    return found | Party.objects.filter(pk=row.party_id or 0)


def _context(row: SupportRequest, reach: Reach, forms: dict[str, Any]) -> dict[str, Any]:
    now = timezone.now()
    items, handed = list(row.items.all()), handed_before(row)
    state = row.state
    within = row.recommended <= row.call.limit_vnd
    approves = state == SupportState.FUNDED and (
        can_approve_support(reach, within_limit=within) or can_approve_support(reach, within_limit=True)
    )
    funds = (
        money_booker.get().funds(task_code=row.call.task, year=year_of(row, now))
        if money_booker.available
        else []
    )
    bound = next((one for one in forms.values() if one.is_bound and one.errors), None)
    return forms | {
        "row": row, "items": [(one, (one.approved_quantity or 0) - handed.get(one.pk, 0)) for one in items],
        "checks": eligibility(row, timezone.localdate(now)), "earlier": earlier_grants(row), "funds": funds,
        "money_on": money_booker.available, "documents_on": document_desk.available, "within": within, "reach": reach,
        "may_check": reach.officer and state in {SupportState.SUBMITTED, SupportState.CHECKED},
        "may_return": (reach.officer or reach.focal_head) and state in SUPPORT_UNDECIDED,
        "may_fund": reach.finance and state == SupportState.CHECKED, "may_approve": approves,
        "may_refuse": can_approve_support(reach, within_limit=True) and state in SUPPORT_UNDECIDED,
        "may_hand": reach.officer and state in {SupportState.APPROVED, SupportState.DELIVERING},
        "may_end": reach.officer and state not in {SupportState.RETURNED, SupportState.REFUSED, SupportState.CLOSED, SupportState.CANCELLED},
        "files": list(row.files.all()), "handovers": list(row.handovers.prefetch_related("items__item")),
        "result": getattr(row, "result", None), "faulty": bound,
    }  # fmt: skip


def _deed(request: HttpRequest, row: SupportRequest, forms: dict[str, Any]) -> bool:
    deed, now, post = request.POST.get("viec", ""), timezone.now(), request.POST
    actor, pk = request.user, row.pk
    reason, note, items = post.get("reason", ""), post.get("note", ""), list(row.items.all())
    place, minutes = forms["place_form"], forms["handover_form"]
    writes: dict[str, tuple[Any, Callable[[], Any]]] = {
        "tra-lai": (forms["reason_form"], lambda: request_return(actor=actor, request_id=pk, reason=reason, now=now)),
        "tu-choi": (forms["reason_form"], lambda: request_refuse(actor=actor, request_id=pk, reason=reason, now=now)),
        "ket-thuc": (forms["reason_form"], lambda: request_end(actor=actor, request_id=pk, reason=reason, now=now)),
        "kiem-tra": (forms["note_form"], lambda: request_check(
            actor=actor, request_id=pk, grants=grants_in(post, items), note=note, now=now)),
        "kinh-phi": (forms["note_form"], lambda: funds_confirm(actor=actor, request_id=pk, note=note, now=now)),
        "duyet": (forms["note_form"], lambda: request_approve(
            actor=actor, request_id=pk, grants=grants_in(post, items), note=note, now=now, revision=_number(post.get("revision")))),
        "dia-ban": (place, lambda: request_place(
            actor=actor, request_id=pk, unit=place.cleaned_data["unit"], party=place.cleaned_data["party"], now=now)),
        "ban-giao": (minutes, lambda: handover_enter(
            actor=actor, request_id=pk, now=now, photo=minutes.cleaned_data["photo"], client_key=minutes.cleaned_data["client_key"],
            deed=minutes.deed({one.number: whole(post.get(f"quantity-{one.number}", "") or "0", one.name) for one in items}))),
        "bien-ban": (forms["note_form"], lambda: handover_document(
            actor=actor, handover_id=row.handovers.get(number=_number(post.get("lan")) or 0).pk, now=now)),
        "ghi-nhan": (forms["note_form"], lambda: result_review(actor=actor, request_id=pk, now=now)),
    }  # fmt: skip
    if deed not in writes or (
        deed == "bien-ban" and not row.handovers.filter(number=_number(post.get("lan")) or 0).exists()
    ):
        raise Http404
    form, write = writes[deed]
    for name in list(forms):
        if forms[name] is not form:
            kept = forms[name]
            forms[name] = type(kept)(initial=kept.initial)
            for field in kept.fields:
                if hasattr(kept.fields[field], "queryset"):
                    forms[name].fields[field].queryset = kept.fields[field].queryset
    return form.is_valid() and sent(form, write) is not None


@login_required
@require_safe
def request_file(request: HttpRequest, pk: int, file_id: int) -> HttpResponseBase:
    """Hand out a file of a request."""
    row, _reach = _held(request, pk)
    found = row.files.filter(pk=file_id).first()
    if found is None:
        raise Http404
    return PAPERS_DRAWER.response(found.file, found.title)


@login_required
@require_safe
def handover_photo(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Show the picture of a hand-over."""
    row, _reach = _held(request, pk)
    found = row.handovers.filter(number=number).exclude(photo="").first()
    if found is None:
        raise Http404
    return PHOTOS.response(found.photo, f"ban-giao-{number}.jpg", inline=True)
