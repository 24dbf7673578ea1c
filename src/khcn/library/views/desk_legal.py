"""Proposals of relations on the desk: a list of documents, and the proposals of one with their sentences."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.library import permissions
from khcn.library.errors import InvalidFieldError
from khcn.library.forms.legal import ProposalForm
from khcn.library.models import LegalProposal, Work
from khcn.library.selectors.legal import has_graph, held_targets, proposals_of, works_with_proposals
from khcn.library.services import legal as services
from khcn.library.tables.legal_desk import proposal_cards
from khcn.library.views.desk import desk_work

PAGE_SIZE = 25


def _may(request: HttpRequest) -> None:
    reach = permissions.reach_of(request.user)
    if not (reach.librarian or reach.editor or reach.approver):
        raise PermissionDenied(_("Chỉ thủ thư và biên tập viên quyết định quan hệ giữa các văn bản."))


@login_required
@require_safe
def waiting_list(request: HttpRequest) -> HttpResponse:
    """Show the documents whose proposals wait."""
    _may(request)
    page = Paginator(works_with_proposals(request.user), PAGE_SIZE).get_page(request.GET.get("trang"))
    return render(request, "library/legal/waiting.html", {"page": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposals(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the proposals of one document; a POST accepts or sets aside one or all, or reads the text again."""
    _may(request)
    work = desk_work(request, pk)
    if not permissions.can_decide_relations(request.user, work) or not has_graph(work):
        raise Http404
    bad: tuple[int, ProposalForm] | None = None
    if request.method == "POST":
        try:
            bad = _act(request, work)
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            messages.error(request, error.message)
        if bad is None:
            return redirect("library-desk:legal-proposals", pk=pk)
    waiting = proposals_of(work)
    context = {
        "work": work,
        "cards": proposal_cards(work, waiting, held_targets(waiting, request.user), bad),
        "decided": LegalProposal.objects.filter(work=work)
        .exclude(state="waiting")
        .select_related("decided_by")
        .order_by("-decided_at", "-pk")[:50],
    }
    return render(request, "library/legal/proposals.html", context)


def _act(request: HttpRequest, work: Work) -> tuple[int, ProposalForm] | None:
    """Do what the button says. Return the form that could not be accepted as it is, or None."""
    deed, now, actor = request.POST.get("viec", ""), timezone.now(), request.user
    if deed == "doc-lai":
        count = services.proposals_scan(work_id=work.pk, now=now)
        messages.success(request, _("Đã đọc lại văn bản: %(count)s đề xuất chờ xem.") % {"count": count})
    elif deed == "nhan-het":
        _accept_all(request, work)
    elif deed == "bo-het":
        count = services.proposals_refuse_all(actor=actor, work=work, now=now)
        messages.success(request, _("Đã bỏ qua %(count)s đề xuất.") % {"count": count})
    elif deed in {"nhan", "bo"}:
        return _one(request, work, accept=deed == "nhan")
    return None


def _accept_all(request: HttpRequest, work: Work) -> None:
    done, faults = services.proposals_accept_all(
        actor=request.user, work=work, end_targets="het-hieu-luc" in request.POST, now=timezone.now()
    )
    text = ngettext("Đã chấp nhận %(count)s đề xuất.", "Đã chấp nhận %(count)s đề xuất.", done)
    messages.success(request, text % {"count": done})
    for fault in faults[:10]:
        messages.warning(request, fault)


def _one(request: HttpRequest, work: Work, *, accept: bool) -> tuple[int, ProposalForm] | None:
    number = request.POST.get("de-xuat", "")
    known: Any = None
    if number.isascii() and number.isdigit() and len(number) < 19:
        known = LegalProposal.objects.filter(work=work, pk=int(number)).first()
    if known is None:
        raise Http404
    if not accept:
        services.proposal_refuse(actor=request.user, proposal_id=known.pk, now=timezone.now())
        messages.success(request, _("Đã bỏ qua đề xuất."))
        return None
    form = ProposalForm(request.POST, prefix=f"dx{known.pk}")
    if not form.is_valid():
        return known.pk, form
    try:
        services.proposal_accept(
            actor=request.user, proposal_id=known.pk, decision=form.decision(), now=timezone.now()
        )
    except InvalidFieldError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return known.pk, form
    messages.success(request, _("Đã ghi nhận."))
    return None
