"""Desk pages of proposals to send people to courses: drafted, approved, gathered, what became of them."""

import secrets
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.document_port import document_desk
from khcn.orgs.models import Unit
from khcn.programmes.enums_training import ProposalState
from khcn.programmes.exports.training import batch_file
from khcn.programmes.forms.training import ReasonForm
from khcn.programmes.forms.training_more import GatherForm, ProposalForm, ResultsForm
from khcn.programmes.models.training import TrainingPost
from khcn.programmes.models.training_more import CourseBatch, CourseProposal, ProposedPerson
from khcn.programmes.permissions_training import can_approve_proposal, can_keep, can_set_up, sees_all
from khcn.programmes.selectors.training import (
    Asked,
    batches_list,
    proposal_of,
    proposals_list,
    topics_active,
    units_for,
)
from khcn.programmes.services.training_papers import batch_document
from khcn.programmes.services.training_proposals import (
    proposal_approve,
    proposal_results,
    proposal_return,
    proposal_save,
    proposal_submit,
    proposal_withdraw,
    proposals_gather,
)
from khcn.programmes.views.training_base import PAGE, asked_of, frame, kept_units, people_page, unit_kept
from khcn.ui.deeds import only, sent, told


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposals(request: HttpRequest) -> HttpResponse:
    """List proposals; gather approved ones."""
    reach, today, asked = people_page(request), timezone.localdate(), asked_of(request)
    if asked.state not in ProposalState.values:
        asked = Asked(unit=asked.unit)
    approved = (
        list(proposals_list(request.user, Asked(state=ProposalState.APPROVED), today))
        if can_set_up(reach)
        else []
    )
    form = GatherForm(
        request.POST if request.method == "POST" else None, proposals=approved,
        initial={"client_key": secrets.token_urlsafe(18), "title": _("Cử đi học năm %(year)s") % {"year": today.year}},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        chosen = [int(one) for one in data.pop("proposals")]
        batch = sent(
            form, lambda: proposals_gather(actor=request.user, proposals=chosen, now=timezone.now(), **data)
        )
        if batch is not None:
            messages.success(request, _("Đã tổng hợp %(n)s đề nghị.") % {"n": len(chosen)})
            return redirect("training-desk:batch", pk=batch.pk)
    page = Paginator(proposals_list(request.user, asked, today), PAGE).get_page(request.GET.get("trang"))
    context = frame(
        request, page=page, asked=asked, units=units_for(request.user, today), states=ProposalState.choices, form=form, approved=approved,
        keeps=bool(kept_units(request, reach, today)), batches=batches_list()[:20] if sees_all(reach) else [],
    )  # fmt: skip
    return render(
        request,
        "programmes/training/proposals.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposal_new(request: HttpRequest) -> HttpResponse:
    """Draft a proposal."""
    reach = people_page(request)
    return _form(request, unit_kept(request, reach), None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposal_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    reach, today = people_page(request), timezone.localdate()
    row = proposal_of(request.user, pk, today)
    if row is None or row.state != ProposalState.DRAFT:
        raise Http404
    only(
        can_keep(reach, row.unit_id, today),
        _("Đề nghị cử đi học do người báo cáo của đơn vị soạn. Hãy nhờ họ."),
    )
    return _form(request, row.unit, row)


def _form(request: HttpRequest, unit: Unit, row: CourseProposal | None) -> HttpResponse:
    today = timezone.localdate()
    posts = (
        TrainingPost.objects.listed(today)
        .filter(unit=unit)
        .select_related("person", "position")
        .order_by("person__sort_key", "pk")
    )
    people = [(one.person_id, f"{one.person.name}, {one.position.title}") for one in posts]
    names = ("course", "organiser", "place", "starts_on", "ends_on", "hours", "cost_vnd", "reason")
    initial: dict[str, Any] = {"client_key": secrets.token_urlsafe(18)}
    if row is not None:
        held = [str(pk) for pk in row.people.values_list("person_id", flat=True)]
        initial = {name: getattr(row, name) for name in names} | {
            "topic": row.topic_id,
            "people": held,
            "client_key": row.client_key or "-",
        }
    form = ProposalForm(
        request.POST if request.method == "POST" else None,
        topics=topics_active(),
        people=people,
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        saved = sent(
            form,
            lambda: proposal_save(
                actor=request.user, unit=unit, wish=form.wish(), people=form.chosen(), now=timezone.now(),
                client_key=form.cleaned_data["client_key"], proposal_id=row.pk if row else None,
            ),
        )  # fmt: skip
        if saved is not None:
            messages.success(request, _("Đã lưu bản nháp. Bấm “Trình thủ trưởng” khi xong."))
            return redirect("training-desk:proposal", pk=saved.pk)
    context = frame(request, form=form, unit=unit, row=row, nobody=not people)
    return render(
        request,
        "programmes/training/proposal_form.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal: whose turn it is, and the deed itself."""
    reach, today = people_page(request), timezone.localdate()
    row = proposal_of(request.user, pk, today)
    if row is None:
        raise Http404
    people = list(row.people.select_related("person").order_by("person__sort_key", "pk"))
    deed = request.POST.get("viec", "")
    reason, results = (
        ReasonForm(request.POST if deed == "tra-lai" else None),
        ResultsForm(request.POST if deed == "ket-qua" else None, people=people),
    )
    if request.method == "POST" and _deed(request, pk, reason, results):
        messages.success(request, _("Đã ghi."))
        return redirect("training-desk:proposal", pk=pk)
    keeps, officer = can_keep(reach, row.unit_id, today), can_set_up(reach)
    heads = can_approve_proposal(reach, row.unit_id, today) and request.user.pk not in {
        row.submitted_by_id,
        row.created_by_id,
    }
    waiting = row.state == ProposalState.SUBMITTED
    context = frame(
        request, row=row, people=people, reason_form=reason, results_form=results, may_edit=keeps and row.state == ProposalState.DRAFT,
        may_approve=heads and waiting, may_return=(heads and waiting) or (officer and row.state == ProposalState.APPROVED),
        may_withdraw=keeps and row.state in {ProposalState.DRAFT, ProposalState.SUBMITTED, ProposalState.APPROVED},
        may_results=officer and row.state in {ProposalState.GATHERED, ProposalState.CLOSED}, total=row.cost_vnd * len(people),
    )  # fmt: skip
    return render(
        request, "programmes/training/proposal.html", context, status=422 if request.method == "POST" else 200
    )


def _deed(request: HttpRequest, pk: int, reason: ReasonForm, results: ResultsForm) -> bool:
    base: dict[str, Any] = {"actor": request.user, "proposal_id": pk, "now": timezone.now()}
    deed = request.POST.get("viec", "")
    plain = {"trinh": proposal_submit, "duyet": proposal_approve, "rut": proposal_withdraw}
    if deed in plain:
        return told(request, lambda: plain[deed](**base)) is not None
    if deed == "tra-lai":
        return (
            reason.is_valid()
            and sent(reason, lambda: proposal_return(reason=reason.cleaned_data["reason"], **base))
            is not None
        )
    if deed != "ket-qua":
        raise Http404
    return (
        results.is_valid()
        and sent(
            results,
            lambda: proposal_results(
                outcomes=results.outcomes(), held_on=results.cleaned_data["held_on"], **base
            ),
        )
        is not None
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What was gathered: its people, as a file too, and the official letter."""
    reach = people_page(request)
    only(sees_all(reach), _("Đợt cử đi học dành cho đơn vị đầu mối và người giám sát."))
    row = get_object_or_404(CourseBatch, pk=pk)
    if request.method == "POST":
        if (
            told(request, lambda: batch_document(actor=request.user, batch_id=pk, now=timezone.now()))
            is not None
        ):
            messages.success(request, _("Đã soạn công văn trong sổ văn bản."))
        return redirect("training-desk:batch", pk=pk)
    people = ProposedPerson.objects.filter(proposal__batch=row).select_related(
        "person", "proposal__unit", "proposal__topic"
    )
    people = people.order_by(
        "proposal__starts_on", "proposal__course", "proposal__unit__sort_key", "person__sort_key", "pk"
    )
    if (kind := request.GET.get("tep", "")) in {"xlsx", "csv"}:
        return batch_file(kind, row, people)
    on = document_desk.available
    document = document_desk.get().get(row.document_id) if on and row.document_id else None
    context = frame(
        request, row=row, people=people, documents_on=on, document=document, officer=can_set_up(reach)
    )
    return render(request, "programmes/training/batch.html", context)
