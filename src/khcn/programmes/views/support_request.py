"""The desk page of one request: what it is, whose turn it is, and the deed itself; its files and pictures."""

import secrets
from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.document_port import document_desk
from khcn.core.money_port import money_booker
from khcn.orgs.models import Party, Unit
from khcn.programmes.enums import (
    SUPPORT_EDITABLE,
    SUPPORT_HANDED,
    SUPPORT_UNDECIDED,
    SupportSource,
    SupportState,
)
from khcn.programmes.forms.support import (
    HandoverForm,
    LendHereForm,
    NoteForm,
    PlaceForm,
    ReasonForm,
    grants_in,
    number_in,
    quantities_in,
)
from khcn.programmes.models.support import SupportRequest
from khcn.programmes.permissions import Reach, can_approve_support, can_read_people, can_read_support
from khcn.programmes.selectors.support import assets_in_stock, earlier_grants, eligibility, request_of
from khcn.programmes.selectors.support_page import events_of, next_words, with_documents
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
from khcn.programmes.services.support_loans import asset_lend
from khcn.programmes.services.support_requests import PAPERS_DRAWER
from khcn.programmes.views.support_base import support_page
from khcn.ui.deeds import sent

# which form a deed reads
FORM_OF: Final = {
    "tra-lai": "reason_form", "tu-choi": "reason_form", "ket-thuc": "reason_form", "kiem-tra": "note_form",
    "kinh-phi": "note_form", "duyet": "note_form", "dia-ban": "place_form", "ban-giao": "handover_form",
    "bien-ban": "note_form", "ghi-nhan": "note_form", "cho-muon": "lend_form",
}  # fmt: skip
OVER: Final = frozenset(
    {SupportState.RETURNED, SupportState.REFUSED, SupportState.CLOSED, SupportState.CANCELLED}
)


def _held(request: HttpRequest, pk: int) -> tuple[SupportRequest, Reach]:
    reach = support_page(request)
    row = request_of(request.user, pk)
    if row is None:
        raise Http404
    return row, reach


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one request; a deed is done, or the page comes back with what was typed and why not."""
    row, reach = _held(request, pk)
    deed = request.POST.get("viec", "") if request.method == "POST" else ""
    if request.method == "POST" and deed not in FORM_OF:
        raise Http404
    shown = _forms(request, row, FORM_OF.get(deed, ""))
    if deed and _done(request, row, deed, shown[FORM_OF[deed]]):
        messages.success(request, _("Đã ghi."))
        return redirect("programmes-desk:support-request", pk=pk)
    context = shown | _context(request, row, reach) | {"faulty": shown[FORM_OF[deed]] if deed else None}
    return render(request, "programmes/support/request.html", context, status=422 if deed else 200)


def _forms(request: HttpRequest, row: SupportRequest, bound: str) -> dict[str, forms.Form]:
    """Return the forms of the page, the one of the deed bound to what was sent."""
    today = timezone.localdate()

    def data(name: str) -> dict[str, Any]:
        return {"data": request.POST, "files": request.FILES} if name == bound else {}

    first = {"handed_on": today, "place": row.organisation, "client_key": secrets.token_urlsafe(18)}
    units = Unit.objects.in_force(today).filter(kind__is_group=False).order_by("order", "sort_key")
    return {
        "reason_form": ReasonForm(**data("reason_form")),
        "note_form": NoteForm(**data("note_form")),
        "handover_form": HandoverForm(initial=first, **data("handover_form")),
        "lend_form": LendHereForm(assets=assets_in_stock(request.user), **data("lend_form")),
        "place_form": PlaceForm(
            units=units, parties=_parties(row), initial={"unit": row.unit_id, "party": row.party_id},
            **data("place_form"),
        ),
    }  # fmt: skip


def _parties(row: SupportRequest) -> Any:
    """Return the organisations of the register that may be meant: same name or code, and the chosen one."""
    current = Party.objects.current()
    found = current.filter(folded_name=row.folded_organisation) | Party.objects.filter(pk=row.party_id or 0)
    if row.registration_code:
        found = found | current.filter(registration_code=row.registration_code)
    return found


def _items(request: HttpRequest, row: SupportRequest) -> list[tuple[Any, int]]:
    """Return the items with how many are still to be handed over; what was typed beside them stays."""
    handed = handed_before(row)
    rows: list[tuple[Any, int]] = []
    for item in row.items.all():
        shown: Any = item
        shown.typed_quantity = request.POST.get(f"quantity-{item.number}", "")[:20]
        shown.typed_price = request.POST.get(f"price-{item.number}", "")[:30]
        rows.append((shown, (item.approved_quantity or 0) - handed.get(item.pk, 0)))
    return rows


def _context(request: HttpRequest, row: SupportRequest, reach: Reach) -> dict[str, Any]:
    now = timezone.now()
    inside = can_read_support(reach, None)
    handovers = with_documents(row.handovers.select_related("entered_by").prefetch_related("items__item"))
    funds = _funds(row, now) if inside else []
    return {
        "row": row, "items": _items(request, row), "checks": eligibility(row, timezone.localdate(now)), "funds": funds,
        "earlier": earlier_grants(row) if inside else [], "inside": inside, "reach": reach,
        "money_on": money_booker.available, "documents_on": document_desk.available,
        "within": row.recommended <= row.call.limit_vnd, "files": row.files.all(), "handovers": handovers,
        "loans": row.loans.select_related("asset"),
        "result": getattr(row, "result", None), "next": next_words(row, reach), "events": events_of(row, handovers),
        "sees_contact": reach.finance or reach.leader or can_read_people(reach, row.unit_id or 0),
    } | _may(row, reach)  # fmt: skip


def _funds(row: SupportRequest, now: Any) -> Any:
    if not money_booker.available:
        return []
    return money_booker.get().funds(task_code=row.call.task, year=year_of(row, now))


def _may(row: SupportRequest, reach: Reach) -> dict[str, bool]:
    """Return which buttons the page has; the services decide again."""
    state, officer = row.state, reach.officer
    decides = can_approve_support(reach, within_limit=True) and reach.user_id not in {
        row.checked_by_id,
        row.funded_by_id,
    }
    return {
        "may_check": officer and state in {SupportState.SUBMITTED, SupportState.CHECKED},
        "may_return": (officer or reach.focal_head) and state in SUPPORT_UNDECIDED,
        "may_fund": reach.finance and state == SupportState.CHECKED,
        "may_approve": decides and state == SupportState.FUNDED,
        "may_refuse": decides and state in SUPPORT_UNDECIDED,
        "may_hand": officer and state in SUPPORT_HANDED,
        "may_lend": officer and state not in {SupportState.REFUSED, SupportState.CANCELLED},
        "may_mend": officer and row.source == SupportSource.PAPER and state in SUPPORT_EDITABLE,
        "may_end": officer and state not in OVER,
    }


def _done(request: HttpRequest, row: SupportRequest, deed: str, form: forms.Form) -> bool:
    """Do a deed; ``False``: the form says why not."""
    if not form.is_valid():
        return False
    actor, now, post, data = request.user, timezone.now(), request.POST, form.cleaned_data
    base: dict[str, Any] = {"actor": actor, "request_id": row.pk, "now": now}
    items = list(row.items.all())
    writes: dict[str, Callable[[], Any]] = {
        "tra-lai": lambda: request_return(reason=data["reason"], **base),
        "tu-choi": lambda: request_refuse(reason=data["reason"], **base),
        "ket-thuc": lambda: request_end(reason=data["reason"], **base),
        "kiem-tra": lambda: request_check(grants=grants_in(post, items), note=data["note"], **base),
        "kinh-phi": lambda: funds_confirm(note=data["note"], **base),
        "duyet": lambda: request_approve(
            grants=grants_in(post, items), note=data["note"], revision=number_in(post.get("revision")), **base
        ),
        "dia-ban": lambda: request_place(unit=data["unit"], party=data["party"], **base),
        "ban-giao": lambda: handover_enter(
            photo=data["photo"], client_key=data["client_key"], **base,
            deed=form.deed(quantities_in(post, items)),  # type: ignore[attr-defined]  # the form of this deed
        ),
        "bien-ban": lambda: handover_document(
            actor=actor, request_id=row.pk, number=number_in(post.get("lan")) or 0, now=now
        ),
        "ghi-nhan": lambda: result_review(**base),
        "cho-muon": lambda: asset_lend(
            actor=actor, asset_id=data["asset"].pk, borrower=row.organisation, contact="", due_on=data["due_on"], now=now,
            request=row,
        ),
    }  # fmt: skip
    return sent(form, writes[deed]) is not None


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
    suffix = found.photo.rpartition(".")[2]
    return PHOTOS.response(found.photo, f"ban-giao-{number}.{suffix}", inline=True)
