"""Desk pages that set a contest up: what comes next, rules, council, phases, sharing out, progress."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.programmes.enums import JUDGED, PhaseKind
from khcn.programmes.forms.contests import (
    DecisionForm,
    JurorForm,
    ReasonForm,
    RemoveForm,
    ReopenForm,
    RulesForm,
    SetupForm,
    rules_initial,
)
from khcn.programmes.models.contests import Conflict, Juror
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.contest_phases import before_judging, is_step, next_phase, previous_phase
from khcn.programmes.selectors.contests import current_rules, progress_of, standing_result
from khcn.programmes.services.contests_conflicts import conflict_revoke
from khcn.programmes.services.contests_reviews import review_reopen, reviews_assign
from khcn.programmes.services.contests_setup import (
    contest_update,
    council_decide,
    juror_add,
    juror_choices,
    juror_remove,
    phase_missing,
    phase_move,
    rules_publish,
    rules_save,
)
from khcn.programmes.views.contests_base import contest_page, keeper_page, shown
from khcn.ui.deeds import sent, told

FORMS = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@FORMS
def hub(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is done and what comes next; the officer sets deadline and sizes."""
    if request.method == "POST":
        programme, contest, reach = keeper_page(request, pk)
    else:
        programme, contest, reach = contest_page(request, pk)
    names = ("deadline", "team_least", "team_most", "reviews_wanted", "judge_by", "show_own_total")
    form = SetupForm(request.POST or None, initial={name: getattr(contest, name) for name in names})
    if request.method == "POST" and form.is_valid():
        values, now = form.cleaned_data, timezone.now()
        if sent(
            form, lambda: contest_update(actor=request.user, programme=programme, values=values, now=now)
        ):
            messages.success(request, _("Đã lưu."))
            return redirect("programmes-desk:contest", pk=pk)
    to, rules, result = next_phase(contest.phase), current_rules(programme), standing_result(programme)
    jurors = programme.jurors.filter(removed_at=None).count()
    steps = [
        (_("Công bố thể lệ và tiêu chí"), rules is not None, "contest-rules"),
        (_("Đặt hạn nộp bài"), contest.deadline is not None, "contest"),
        (_("Lập hội đồng giám khảo"), bool(contest.council_decision and jurors), "contest-council"),
        (_("Nhận và kiểm tra bài"), programme.entries.filter(state__in=JUDGED).exists() and not before_entries(contest.phase), "contest-phases"),
        (_("Giám khảo khai xung đột, phân bài"), programme.reviews.filter(void_at=None).exists(), "contest-assignment"),
        (_("Chấm và chốt điểm"), result is not None, "contest-progress"),
        (_("Trình kết quả"), bool(result and result.proposed_at), "contest-result"),
        (_("Lãnh đạo phê duyệt, công bố"), bool(result and result.published_at), "contest-result"),
    ]  # fmt: skip
    return shown(
        request, "hub", programme, reach, contest=contest, steps=steps, next=to, form=form,
        missing=phase_missing(contest, to, timezone.now()) if to else [], status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def before_entries(phase: str) -> bool:
    """Whether entries are still coming in."""
    return phase in (PhaseKind.PREPARING, PhaseKind.OPEN, PhaseKind.CHECKING)


@login_required
@FORMS
def rules(request: HttpRequest, pk: int) -> HttpResponse:
    """Write and publish the next version of the rules."""
    programme, contest, reach = keeper_page(request, pk)
    versions = list(programme.rules.all())
    form = RulesForm(request.POST or None, initial=rules_initial(versions[0] if versions else None))
    if request.method == "POST" and form.is_valid():
        values, now = dict(form.cleaned_data), timezone.now()
        criteria = values.pop("criteria")
        done = sent(
            form,
            lambda: rules_save(
                actor=request.user, programme=programme, values=values, criteria=criteria, now=now
            ),
        )
        if done and request.POST.get("viec") == "cong-bo":
            done = sent(form, lambda: rules_publish(actor=request.user, programme=programme, now=now))
        if done:
            text = (
                _("Đã công bố thể lệ bản %(n)s.")
                if done.published_at
                else _("Đã lưu bản thảo thể lệ bản %(n)s.")
            )
            messages.success(request, text % {"n": done.version})
            return redirect("programmes-desk:contest-rules", pk=pk)
    status = 422 if request.method == "POST" else 200
    return shown(
        request,
        "rules",
        programme,
        reach,
        form=form,
        versions=versions,
        open=before_judging(contest.phase),
        status=status,
    )


@login_required
@FORMS
def council(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the decision, seat jurors, take them out."""
    programme, contest, reach = keeper_page(request, pk)
    now, deed = timezone.now(), request.POST.get("viec", "")
    decision = DecisionForm(
        request.POST if deed == "quyet-dinh" else None,
        initial={"number": contest.council_decision, "day": contest.council_date},
    )
    added = JurorForm(request.POST if deed == "them" else None, people=juror_choices(timezone.localdate(now)))
    remove = RemoveForm(request.POST if deed == "bo" else None)
    done: object = None
    if deed == "quyet-dinh" and decision.is_valid():
        row = decision.cleaned_data
        done = sent(decision, lambda: council_decide(actor=request.user, programme=programme, **row, now=now))
    elif deed == "them" and added.is_valid():
        row = added.cleaned_data
        done = sent(added, lambda: juror_add(actor=request.user, programme=programme, **row, now=now))
    elif deed == "bo" and remove.is_valid():
        juror = get_object_or_404(Juror, pk=_number(request.POST.get("juror")), programme=programme)
        row = remove.cleaned_data
        gone = sent(remove, lambda: juror_remove(actor=request.user, juror=juror, **row, now=now))
        done = None if gone is None else True
    if done is not None:
        messages.success(request, _("Đã ghi."))
        return redirect("programmes-desk:contest-council", pk=pk)
    jurors = programme.jurors.select_related("user").order_by("removed_at", "seat", "pk")
    return shown(
        request, "council", programme, reach, decision=decision, added=added, remove=remove, jurors=jurors,
        status=422 if deed else 200,
    )  # fmt: skip


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else 0


@login_required
@FORMS
def phases(request: HttpRequest, pk: int) -> HttpResponse:
    """Move one step on, or back with a reason."""
    programme, contest, reach = keeper_page(request, pk)
    now, form = timezone.now(), ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        to, reason, known = (
            request.POST.get("den", ""),
            form.cleaned_data["reason"],
            _number(request.POST.get("revision")),
        )
        done = sent(
            form,
            lambda: phase_move(
                actor=request.user, programme=programme, to=to, reason=reason, revision=known, now=now
            ),
        )
        if done:
            messages.success(
                request, _("Đã chuyển giai đoạn: %(phase)s.") % {"phase": done.get_phase_display()}
            )
            return redirect("programmes-desk:contest-phases", pk=pk)
    after, back = next_phase(contest.phase), previous_phase(contest.phase)
    return shown(
        request, "phases", programme, reach, contest=contest, form=form, phases=PhaseKind,
        next=after if after and is_step(contest.phase, after) else None, back=back if back and is_step(contest.phase, back) else None,
        missing=phase_missing(contest, after, now) if after else [], status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@login_required
@FORMS
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """Share entries out; see declared conflicts and undo one that was declared by mistake."""
    programme, contest, reach = keeper_page(request, pk)
    now, form = timezone.now(), ReasonForm(request.POST if request.POST.get("viec") == "bo" else None)
    if request.POST.get("viec") == "phan":
        added = told(request, lambda: reviews_assign(actor=request.user, programme=programme, now=now))
        if added is not None:
            messages.success(request, _("Đã phân thêm %(n)s phiếu.") % {"n": added})
        return redirect("programmes-desk:contest-assignment", pk=pk)
    if form.is_bound and form.is_valid():
        row = get_object_or_404(
            Conflict, pk=_number(request.POST.get("conflict")), juror__programme=programme, revoked_at=None
        )
        reason = form.cleaned_data["reason"]

        def revoke() -> bool:
            conflict_revoke(actor=request.user, conflict=row, reason=reason, now=now)
            return True

        if sent(form, revoke):
            messages.success(request, _("Đã bỏ. Giám khảo sẽ khai lại."))
            return redirect("programmes-desk:contest-assignment", pk=pk)
    jurors = [
        (one.pk, one.user.get_full_name())
        for one in programme.jurors.filter(removed_at=None).select_related("user")
    ]
    reopen = ReopenForm(request.POST if request.POST.get("viec") == "mo" else None, jurors=jurors)
    if reopen.is_bound and reopen.is_valid() and _reopened(request, programme, reopen):
        messages.success(request, _("Đã mở lại phiếu cho giám khảo sửa."))
        return redirect("programmes-desk:contest-assignment", pk=pk)
    rows = Conflict.objects.filter(juror__programme=programme, revoked_at=None, has_conflict=True)
    return shown(
        request, "assignment", programme, reach, contest=contest, progress=progress_of(programme, contest.reviews_wanted),
        conflicts=rows.select_related("juror__user", "entry").order_by("juror", "entry__code"), form=form,
        reopen=reopen, status=422 if form.is_bound or reopen.is_bound else 200,
    )  # fmt: skip


def _reopened(request: HttpRequest, programme: Programme, form: ReopenForm) -> bool:
    data = form.cleaned_data
    rows = programme.reviews.filter(juror=int(data["juror"]), void_at=None).exclude(submitted_at=None)
    row = rows.filter(entry__code=data["code"].strip().upper()).first()
    if row is None:
        form.add_error("code", _("Giám khảo này không có phiếu đã nộp cho bài đó. Hãy kiểm tra mã bài."))
        return False

    def write() -> bool:
        review_reopen(actor=request.user, review=row, reason=data["reason"], now=timezone.now())
        return True

    return bool(sent(form, write))


@login_required
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how many sheets are in, by juror: counts only."""
    programme, contest, reach = contest_page(request, pk)
    return shown(
        request,
        "progress",
        programme,
        reach,
        contest=contest,
        progress=progress_of(programme, contest.reviews_wanted),
    )
