"""Desk pages of the yearly survey: opened, answered, who has not, reminded, closed, added up."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.programmes.exports.training import answers_file, wanted_file
from khcn.programmes.forms.training_more import AnswerForm, DeadlineForm, SurveyForm
from khcn.programmes.models.training_more import NeedsAnswer, NeedsSurvey
from khcn.programmes.permissions_training import can_keep, sees_all
from khcn.programmes.selectors.training import (
    answers_of,
    surveys_list,
    topics_active,
    units_for,
    wanted_table,
)
from khcn.programmes.services.training_surveys import (
    needs_answer,
    survey_close,
    survey_deadline,
    survey_open,
    survey_remind,
)
from khcn.programmes.views.training_base import frame, officer_page, people_page
from khcn.ui.deeds import only, sent, told


@login_required
@require_safe
def surveys(request: HttpRequest) -> HttpResponse:
    """List surveys."""
    people_page(request)
    today = timezone.localdate()
    return render(
        request, "programmes/training/surveys.html", frame(request, rows=surveys_list(request.user, today))
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def survey_new(request: HttpRequest) -> HttpResponse:
    """Open a survey."""
    officer_page(request)
    today = timezone.localdate()
    form = SurveyForm(
        request.POST if request.method == "POST" else None, topics=topics_active(), units=units_for(request.user, today),
        initial={"year": today.year + (today.month > 6)},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        picked = {name: [int(one) for one in data[name]] for name in ("topics", "units")}
        values = {name: data[name] for name in ("year", "title", "deadline", "note")} | picked
        row = sent(form, lambda: survey_open(actor=request.user, now=timezone.now(), **values))
        if row is not None:
            messages.success(request, _("Đã mở khảo sát và báo cho các đơn vị."))
            return redirect("training-desk:survey", pk=row.pk)
    return render(
        request,
        "programmes/training/survey_form.html",
        frame(request, form=form),
        status=422 if request.method == "POST" else 200,
    )


def _survey(request: HttpRequest, pk: int) -> NeedsSurvey:
    people_page(request)
    row = NeedsSurvey.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One survey: who has not answered, what is wanted; remind, give more time, close."""
    row, now = _survey(request, pk), timezone.now()
    reach, today = people_page(request), timezone.localdate()
    form = DeadlineForm(request.POST if request.POST.get("viec") == "han" else None)
    if request.method == "POST" and _survey_deed(request, row, form):
        return redirect("training-desk:survey", pk=pk)
    answers = answers_of(request.user, row, today)
    if not answers and not sees_all(reach):
        raise Http404
    whole = sees_all(reach)
    wanted = wanted_table(row, None if whole else [one.unit_id for one in answers])
    if (kind := request.GET.get("tep", "")) in {"xlsx", "csv"}:
        return (
            answers_file(kind, answers, row.year)
            if request.GET.get("bang") == "don-vi"
            else wanted_file(kind, wanted, row.year)
        )
    lines = [(one, can_keep(reach, one.unit_id, today) and row.closed_at is None) for one in answers]
    context = frame(
        request, row=row, lines=lines, wanted=wanted, form=form, late=row.is_late(now), silent=sum(1 for one in answers if one.submitted_at is None),
        asked=len(answers), whole=whole,
    )  # fmt: skip
    return render(
        request, "programmes/training/survey.html", context, status=422 if request.method == "POST" else 200
    )


def _survey_deed(request: HttpRequest, row: NeedsSurvey, form: DeadlineForm) -> bool:
    base: dict[str, Any] = {"actor": request.user, "survey_id": row.pk, "now": timezone.now()}
    deed = request.POST.get("viec", "")
    if deed == "nhac":
        told_to = told(request, lambda: survey_remind(**base))
        if told_to is not None:
            messages.success(request, _("Đã nhắc %(n)s người của các đơn vị chưa trả lời.") % {"n": told_to})
        return True
    if deed == "dong":
        if told(request, lambda: survey_close(**base)) is not None:
            messages.success(request, _("Đã đóng khảo sát."))
        return True
    if deed != "han":
        raise Http404
    if not form.is_valid():
        return False
    done = sent(form, lambda: survey_deadline(deadline=form.cleaned_data["deadline"], **base))
    if done is not None:
        messages.success(request, _("Đã đổi hạn trả lời."))
    return done is not None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int, unit_id: int) -> HttpResponse:
    """Answer for a unit."""
    survey_row, today = _survey(request, pk), timezone.localdate()
    reach = people_page(request)
    row = (
        NeedsAnswer.objects.visible_to(request.user, today)
        .select_related("unit")
        .filter(survey=survey_row, unit_id=unit_id)
        .first()
    )
    if row is None:
        raise Http404
    only(can_keep(reach, unit_id, today), _("Người báo cáo của đơn vị trả lời khảo sát này. Hãy nhờ họ."))
    topics = survey_row.topics.order_by("sort_key", "pk")
    form = AnswerForm(
        request.POST if request.method == "POST" else None, topics=topics, lines=row.lines.all(),
        initial={"note": row.note, "revision": row.revision},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = sent(
            form,
            lambda: needs_answer(
                actor=request.user, survey_id=pk, unit_id=unit_id, lines=form.lines(), note=data["note"], now=timezone.now(), revision=data["revision"]
            ),
        )  # fmt: skip
        if done is not None:
            messages.success(request, _("Đã gửi trả lời. Có thể sửa đến khi khảo sát đóng."))
            return redirect("training-desk:survey", pk=pk)
    context = frame(request, form=form, row=row, survey=survey_row)
    return render(
        request, "programmes/training/answer.html", context, status=422 if request.method == "POST" else 200
    )
