"""Desk page of a survey's questions: one by one, or all as text."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.programmes.forms.evaluation import OneQuestionForm, QuestionsForm, survey_questions, survey_text
from khcn.programmes.models.evaluation import Survey
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.evaluation import SATISFACTION, Question, default_questions, questions_from
from khcn.programmes.services.evaluation import survey_of, survey_write
from khcn.programmes.services.evaluation_questions import question_move, question_put, question_remove
from khcn.programmes.views.base import frame, runnable
from khcn.ui.deeds import sent, told


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def survey_edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change the questions: ``viec`` names the deed on one of them (``cau``), none is the whole text."""
    programme, _reach = runnable(request, pk)
    kept = Survey.objects.filter(programme=programme).first()
    last = kept.versions.order_by("-version").first() if kept else None
    known = questions_from(last.questions) if last else default_questions()
    chosen = next((one for one in known if one.key == request.GET.get("cau")), None)
    form = QuestionsForm(initial={"text": survey_text(known)})
    one_form = OneQuestionForm(initial=_initial(chosen))
    status = 200
    if request.method == "POST":
        asked, now, status = request.POST.get("viec", ""), timezone.now(), 422
        deeds = _deeds(request, programme, now)
        if asked in deeds:
            if told(request, deeds[asked]) is not None:
                messages.success(request, _("Đã lưu câu hỏi."))
            return redirect("programmes-desk:survey-edit", pk=pk)
        bound: Any = OneQuestionForm(request.POST) if asked == "cau" else QuestionsForm(request.POST)
        one_form, form = (bound, form) if asked == "cau" else (one_form, bound)
        if bound.is_valid() and _saved(request, programme, bound, known, now):
            messages.success(request, _("Đã lưu câu hỏi."))
            return redirect(
                "programmes-desk:survey-edit" if asked == "cau" else "programmes-desk:evaluation", pk=pk
            )
    context = frame(
        request, programme, form=form, one_form=one_form, known=known, chosen=chosen,
        answered=bool(kept and kept.answers.exists()), satisfaction=SATISFACTION,
    )  # fmt: skip
    return render(request, "programmes/evaluation/questions.html", context, status=status)


def _initial(chosen: Question | None) -> dict[str, Any]:
    if chosen is None:
        return {"required": True}
    options = "\n".join(chosen.options)
    return {"text": chosen.text, "kind": chosen.kind, "options": options, "required": chosen.required}


def _deeds(request: HttpRequest, programme: Programme, now: datetime) -> dict[str, Callable[[], object]]:
    key = request.POST.get("cau", "")

    def moved(*, up: bool) -> bool:
        survey = survey_of(actor=request.user, programme=programme, now=now)
        question_move(actor=request.user, survey=survey, key=key, up=up, now=now)
        return True

    def removed() -> bool:
        survey = survey_of(actor=request.user, programme=programme, now=now)
        question_remove(actor=request.user, survey=survey, key=key, now=now)
        return True

    return {"len": lambda: moved(up=True), "xuong": lambda: moved(up=False), "bo": removed}


def _saved(
    request: HttpRequest, programme: Programme, form: Any, known: Sequence[Question], now: datetime
) -> bool:
    def write() -> object:
        survey = survey_of(actor=request.user, programme=programme, now=now)
        if isinstance(form, OneQuestionForm):
            key = request.GET.get("cau", "")
            return question_put(actor=request.user, survey=survey, values=form.values(), now=now, key=key)
        questions = survey_questions(form.cleaned_data["text"], known)
        return survey_write(actor=request.user, survey=survey, questions=questions, now=now)

    return sent(form, write) is not None
