"""Public pages of evaluation: the survey by ticket or by the code in the room, the quiz by ticket."""

import secrets
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.gate import costly
from khcn.programmes.errors import GoneError
from khcn.programmes.forms.evaluation import QuizForm, RoomSurveyForm, SurveyForm
from khcn.programmes.models.evaluation import Quiz, QuizAnswer, Survey, SurveyVersion
from khcn.programmes.models.programmes import Session
from khcn.programmes.rules.evaluation import QuizPhase, questions_from, quiz_from
from khcn.programmes.services.evaluation import (
    has_answered,
    phase_for,
    quiz_answer,
    session_to_judge,
    survey_answer,
    ticket_holder,
)
from khcn.ui.deeds import secret, sent


def _said(request: HttpRequest, title: str, sentence: str, status: int = 200) -> HttpResponseBase:
    context = {"title": title, "sentence": sentence}
    return secret(render(request, "programmes/evaluation/said.html", context, status=status))


def _closed(request: HttpRequest) -> HttpResponseBase:
    return _said(
        request,
        _("Chưa có phiếu hỏi"),
        _("Phiếu hỏi ý kiến này chưa mở hoặc đã đóng. Cảm ơn bạn đã quan tâm."),
    )


def _thanks(request: HttpRequest) -> HttpResponseBase:
    return _said(request, _("Cảm ơn bạn"), _("Ý kiến của bạn đã được ghi, không kèm tên."))


def _current(survey: Survey | None, session: Session | None) -> SurveyVersion | None:
    if survey is None or session is None or not survey.is_open:
        return None
    return survey.versions.order_by("-version").first()


@costly("programmes.survey", per_minute=60)
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, ticket: str) -> HttpResponseBase:
    """Ask the holder of a ticket about the last session; the answer is kept without the person."""
    now = timezone.now()
    try:
        holder = ticket_holder(ticket)
    except GoneError as error:
        return _said(request, _("Không mở được phiếu"), error.message, 404)
    session = session_to_judge(holder.programme, now, holder.session_id)
    version = _current(Survey.objects.filter(programme=holder.programme).first(), session)
    if session is None or version is None:
        return _closed(request)
    if has_answered(session, ticket):
        return _thanks(request)
    form = SurveyForm(request.POST or None, questions=questions_from(version.questions))
    return _asked(request, form, session, version, ticket)


@costly("programmes.survey", per_minute=60)
@require_http_methods(["GET", "HEAD", "POST"])
def survey_room(request: HttpRequest, token: str, number: int) -> HttpResponseBase:
    """Ask somebody without a ticket, by the code in the room."""
    now = timezone.now()
    found = Survey.objects.select_related("programme__unit").filter(token=token).first()
    if found is None or not found.programme.is_public:
        return _said(
            request,
            _("Không mở được phiếu"),
            _("Đường dẫn này không đúng. Hãy quét lại mã ở phòng họp."),
            404,
        )
    rows = found.programme.sessions.filter(number=number).values_list("pk", flat=True)
    session = session_to_judge(found.programme, now, rows.first() or 0)
    version = _current(found, session)
    if session is None or version is None:
        return _closed(request)
    initial = {"client_key": secrets.token_hex(16)}
    form = RoomSurveyForm(request.POST or None, initial=initial, questions=questions_from(version.questions))
    if request.method == "POST" and form.is_valid() and form.is_robot:
        return _thanks(request)
    key = f"room:{form.cleaned_data['client_key']}" if request.method == "POST" and form.is_valid() else ""
    return _asked(request, form, session, version, key)


def _asked(
    request: HttpRequest, form: Any, session: Session, version: SurveyVersion, key: str
) -> HttpResponseBase:
    status, now = 200, timezone.now()
    if request.method == "POST":
        status = 422
        if form.is_valid():
            done = sent(
                form,
                lambda: [
                    survey_answer(
                        session=session, secret=key, given=form.given(), now=now, version_id=version.pk
                    )
                ],
            )
            if done is not None:
                return _thanks(request)
    context = {"form": form, "session": session, "programme": version.survey.programme}
    return secret(render(request, "programmes/evaluation/survey.html", context, status=status))


@costly("programmes.quiz", per_minute=60)
@require_http_methods(["GET", "HEAD", "POST"])
def quiz(request: HttpRequest, ticket: str) -> HttpResponseBase:
    """Ask the questions of a course, before or after; then say how many were right."""
    now = timezone.now()
    try:
        holder = ticket_holder(ticket)
    except GoneError as error:
        return _said(request, _("Không mở được bài"), error.message, 404)
    found = Quiz.objects.filter(programme=holder.programme).first()
    phase = phase_for(found, holder) if found else ""
    if (
        request.method == "POST"
        and found is not None
        and (asked := request.POST.get("phase", "")) in QuizPhase.values
    ):
        phase = asked
    if found is None or not phase:
        return _scores(request, found, holder)
    form, status = QuizForm(request.POST or None, questions=quiz_from(found.questions)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            done = sent(
                form, lambda: quiz_answer(registration=holder, phase=phase, given=form.given(), now=now)
            )
            if done is not None:
                return _scores(request, found, holder)
    context = {"form": form, "phase": phase, "label": QuizPhase(phase).label, "programme": holder.programme}
    return secret(render(request, "programmes/evaluation/quiz.html", context, status=status))


def _scores(request: HttpRequest, found: Quiz | None, holder: Any) -> HttpResponseBase:
    rows = QuizAnswer.objects.filter(quiz=found, registration=holder) if found else ()
    words = _("%(phase)s: đúng %(score)s trong %(total)s câu.")
    lines = [
        words % {"phase": one.get_phase_display(), "score": one.score, "total": one.total} for one in rows
    ]
    sentence = " ".join(lines) or _("Bài kiểm tra này chưa mở hoặc đã đóng. Hãy hỏi đơn vị tổ chức.")
    return _said(request, _("Bài kiểm tra"), sentence)
