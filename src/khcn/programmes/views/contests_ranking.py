"""Desk pages of the frozen scores: freezing, the ranking with its sheet, awards, the result."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.document_port import document_desk
from khcn.programmes.enums import PhaseKind
from khcn.programmes.exports.contests import score_sheet
from khcn.programmes.forms.contests import AwardForm, ReasonForm
from khcn.programmes.permissions import can_approve_result, can_freeze_contest
from khcn.programmes.rules.contest_scoring import digest_of
from khcn.programmes.selectors.contests import progress_of, standing_result
from khcn.programmes.selectors.contests_ranking import rank_rows
from khcn.programmes.services.contests_results import (
    award_change,
    award_slots,
    result_approve,
    result_freeze,
    result_propose,
    result_return,
    result_thaw,
)
from khcn.programmes.views.contests_base import contest_page, shown
from khcn.ui.deeds import only, sent


@login_required
@require_safe
def ranking(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the ranking with every score; 403 before the freeze, for everybody."""
    programme, contest, reach = contest_page(request, pk)
    found = standing_result(programme)
    only(found is not None, _("Điểm chưa chốt nên chưa ai xem được điểm và xếp hạng. Hãy xem trang Tiến độ."))
    assert found is not None  # noqa: S101  # only() raised
    if request.GET.get("tep") in ("xlsx", "csv"):
        return score_sheet(request.GET["tep"], found)
    return shown(
        request, "ranking", programme, reach, contest=contest, result=found, rows=rank_rows(found),
        criteria=found.frozen["rules"]["criteria"], jurors=found.frozen["jurors"],
        intact=digest_of(found.frozen) == found.sha256,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze, thaw, change awards, propose, approve: whatever comes next for this person."""
    programme, contest, reach = contest_page(request, pk)
    found, now, deed, user = (
        standing_result(programme),
        timezone.now(),
        request.POST.get("viec", ""),
        request.user,
    )
    entries = [(row["entry"], row["code"]) for row in found.frozen["entries"]] if found else []
    titles = list(dict(award_slots(found))) if found else []
    form = ReasonForm(request.POST if deed and deed != "giai" else None)
    award = AwardForm(request.POST if deed == "giai" else None, entries=entries, titles=titles)
    done: object = None
    if deed == "giai" and award.is_valid():
        data = award.cleaned_data
        entry = get_object_or_404(programme.entries, pk=int(data["entry"]))

        def change() -> bool:
            award_change(
                actor=user,
                programme=programme,
                entry=entry,
                title=data["title"],
                reason=data["reason"],
                now=now,
            )
            return True

        done = sent(award, change)
    elif deed and form.is_valid():
        reason = form.cleaned_data["reason"]

        def thaw() -> bool:
            result_thaw(actor=user, programme=programme, reason=reason, now=now)
            return True

        def back() -> bool:
            result_return(actor=user, programme=programme, reason=reason, now=now)
            return True

        deeds = {
            "tra": back,
            "chot": lambda: result_freeze(actor=user, programme=programme, reason=reason, now=now),
            "mo": thaw,
            "trinh": lambda: result_propose(actor=user, programme=programme, now=now),
            "duyet": lambda: result_approve(actor=user, programme=programme, now=now),
        }
        done = sent(form, deeds[deed]) if deed in deeds else None
    if done is not None:
        messages.success(request, _("Đã ghi."))
        return redirect("programmes-desk:contest-result", pk=pk)
    papers = []
    if found and document_desk.available:
        papers = [
            one
            for ident in (found.minutes, found.decision)
            if ident and (one := document_desk.get().get(ident))
        ]
    return shown(
        request, "result", programme, reach, contest=contest, result=found, form=form, award=award, papers=papers,
        awards=found.awards.select_related("entry__team") if found else (), judging=contest.phase == PhaseKind.JUDGING,
        progress=progress_of(programme, contest.reviews_wanted), freezes=can_freeze_contest(reach),
        heads=reach.focal_head, approves=can_approve_result(reach) and found is not None and found.proposed_by_id != user.pk,
        status=422 if deed else 200,
    )  # fmt: skip
