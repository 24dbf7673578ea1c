"""Surveys and quizzes: set up, opened, answered. What is kept of an answer to a survey names nobody."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.programmes.enums import RegistrationState, SessionState
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.models.evaluation import Quiz, QuizAnswer, Survey, SurveyAnswer, SurveyVersion
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration
from khcn.programmes.permissions import acting, can_run
from khcn.programmes.rules.evaluation import (
    SATISFACTION,
    Question,
    QuizPhase,
    QuizQuestion,
    checked_answers,
    checked_questions,
    checked_quiz,
    default_questions,
    graded,
    questions_from,
    quiz_from,
)
from khcn.programmes.tokens import link_token


def _may_run(actor: Actor, programme: Programme, now: datetime) -> None:
    if not can_run(acting(actor, local_date(now)), programme.unit_id):
        raise PermissionDeniedError(
            _("Chỉ người báo cáo của đơn vị tổ chức và chuyên viên đầu mối làm việc này. Hãy nhờ họ.")
        )


@transaction.atomic
def survey_of(*, actor: Actor, programme: Programme, now: datetime) -> Survey:
    """Return the survey of a programme, made with the default questions when there is none. :raises PermissionDeniedError:"""
    _may_run(actor, programme, now)
    survey, new = Survey.objects.get_or_create(
        programme=programme, defaults={"token": link_token(), "created_at": now}
    )
    if new:
        SurveyVersion.objects.create(
            survey=survey, version=1, questions=[one.plain() for one in default_questions()],
            created_by_id=actor_id(actor), created_at=now,
        )  # fmt: skip
        audit_record(actor=actor, action="programmes.survey.make", target=survey, at=now)
    return survey


@transaction.atomic
def survey_write(
    *, actor: Actor, survey: Survey, questions: Sequence[Question], now: datetime
) -> SurveyVersion:
    """Change the questions: answered ones become a new version. :raises PermissionDeniedError, ProgrammeError:"""
    _may_run(actor, survey.programme, now)
    kept = [one.plain() for one in checked_questions(questions)]
    Survey.objects.select_for_update().get(pk=survey.pk)
    last = survey.versions.order_by("-version").first()
    if last is not None and last.questions == kept:
        return last
    if last is not None and not last.answers.exists():
        last.questions = kept
        last.save(update_fields=["questions"])
    else:
        last = SurveyVersion.objects.create(
            survey=survey, version=last.version + 1 if last else 1, questions=kept, created_by_id=actor_id(actor),
            created_at=now,
        )  # fmt: skip
    audit_record(
        actor=actor, action="programmes.survey.write", target=survey, after={"version": last.version}, at=now
    )
    return last


@transaction.atomic
def survey_open(*, actor: Actor, survey: Survey, opened: bool, now: datetime) -> None:
    """Open the survey for answers, or close it. :raises PermissionDeniedError:"""
    _may_run(actor, survey.programme, now)
    row = Survey.objects.select_for_update().get(pk=survey.pk)
    if row.is_open == opened:
        return
    row.opened_at, row.closed_at = (now, None) if opened else (row.opened_at, now)
    row.save(update_fields=["opened_at", "closed_at"])
    action = "programmes.survey.open" if opened else "programmes.survey.close"
    audit_record(actor=actor, action=action, target=row, at=now)


def session_to_judge(programme: Programme, now: datetime, session_id: int | None = None) -> Session | None:
    """Return the session people are asked about: their own, else the last one that has begun."""
    rows = programme.sessions.exclude(state=SessionState.CANCELLED).filter(starts_at__lte=now)
    if session_id is not None:
        rows = rows.filter(pk=session_id)
    return rows.order_by("-starts_at", "-pk").first()


def ticket_holder(ticket: str) -> Registration:
    """Return who holds a ticket and a seat. :raises GoneError:"""
    rows = Registration.objects.select_related("programme__unit", "session")
    row = rows.filter(ticket=ticket, state=RegistrationState.CONFIRMED, erased_at=None).first()
    if row is None or not row.programme.is_public:
        raise GoneError(_("Đường dẫn này không đúng hoặc không còn dùng. Hãy hỏi đơn vị tổ chức."))
    return row


def has_answered(session: Session, secret: str) -> bool:
    """Whether a ticket has answered about a session."""
    return SurveyAnswer.objects.filter(session=session, digest=answer_digest(session, secret)).exists()


def answer_digest(session: Session, secret: str) -> str:
    """Return the keyed hash by which a second answer is known; without the site's key nobody can try tickets."""
    text = f"programmes.answer\0{session.pk}\0{secret}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def survey_answer(
    *, session: Session, secret: str, given: Mapping[str, Any], now: datetime, version_id: int | None = None
) -> bool:
    """Keep an answer; return False when this secret (ticket, or key of a walk-in's form) has answered already.

    :param version_id: the version that was shown. :raises ProgrammeError: closed, or what is missing.
    """
    survey = Survey.objects.filter(programme_id=session.programme_id).first()
    if survey is None or not survey.is_open:
        raise ProgrammeError(_("Phiếu hỏi ý kiến này chưa mở hoặc đã đóng. Cảm ơn bạn đã quan tâm."))
    versions = survey.versions.order_by("-version")
    version = versions.filter(pk=version_id or 0).first() or versions.first()
    if version is None:
        raise ProgrammeError(_("Phiếu hỏi ý kiến này chưa có câu hỏi."))
    answers = checked_answers(questions_from(version.questions), given)
    try:
        with transaction.atomic():
            SurveyAnswer.objects.create(
                survey=survey, version=version, session=session, digest=answer_digest(session, secret), answers=answers,
                satisfaction=answers.get(SATISFACTION), answered_on=local_date(now),
            )  # fmt: skip
    except IntegrityError:
        return False
    return True


@transaction.atomic
def quiz_write(
    *, actor: Actor, programme: Programme, questions: Sequence[QuizQuestion], now: datetime
) -> Quiz:
    """Set the questions of a quiz. :raises PermissionDeniedError: :raises ProgrammeError: somebody has answered."""
    _may_run(actor, programme, now)
    kept = [one.plain() for one in checked_quiz(questions)]
    quiz, _new = Quiz.objects.get_or_create(
        programme=programme, defaults={"created_at": now, "updated_at": now}
    )
    quiz = Quiz.objects.select_for_update().get(pk=quiz.pk)
    if quiz.questions == kept:
        return quiz
    if quiz.answers.exists():
        raise ProgrammeError(
            _("Đã có người làm bài nên không đổi câu hỏi được: điểm trước và sau sẽ không so được nữa.")
        )
    quiz.questions, quiz.updated_at = kept, now
    quiz.save(update_fields=["questions", "updated_at"])
    audit_record(
        actor=actor, action="programmes.quiz.write", target=quiz, after={"questions": len(kept)}, at=now
    )
    return quiz  # fmt: skip


@transaction.atomic
def quiz_open(*, actor: Actor, quiz: Quiz, before: bool, after: bool, now: datetime) -> None:
    """Say which of the two is open. :raises PermissionDeniedError, ProgrammeError:"""
    _may_run(actor, quiz.programme, now)
    if (before or after) and not quiz.questions:
        raise ProgrammeError(_("Hãy soạn câu hỏi trước khi mở bài."))
    Quiz.objects.filter(pk=quiz.pk).update(before_open=before, after_open=after, updated_at=now)
    audit_record(
        actor=actor,
        action="programmes.quiz.open",
        target=quiz,
        after={"before": before, "after": after},
        at=now,
    )


def phase_for(quiz: Quiz, registration: Registration) -> str:
    """Return which one a person may take now; "" for none."""
    done = set(
        QuizAnswer.objects.filter(quiz=quiz, registration=registration).values_list("phase", flat=True)
    )
    for phase, opened in ((QuizPhase.BEFORE, quiz.before_open), (QuizPhase.AFTER, quiz.after_open)):
        if opened and phase not in done:
            return str(phase)
    return ""


def quiz_answer(
    *, registration: Registration, phase: str, given: Mapping[str, Any], now: datetime
) -> tuple[QuizAnswer, bool]:
    """Keep what a person answered, once for each phase; return it and whether it is new. :raises ProgrammeError:"""
    quiz = Quiz.objects.filter(programme_id=registration.programme_id).first()
    held = QuizAnswer.objects.filter(quiz=quiz, registration=registration, phase=phase)
    if quiz is not None and (known := held.first()) is not None:
        return known, False
    if quiz is None or not {"before": quiz.before_open, "after": quiz.after_open}.get(phase):
        raise ProgrammeError(_("Bài kiểm tra này chưa mở hoặc đã đóng. Hãy hỏi đơn vị tổ chức."))
    questions = quiz_from(quiz.questions)
    answers, score = graded(questions, given)
    try:
        with transaction.atomic():
            row = QuizAnswer.objects.create(
                quiz=quiz, registration=registration, phase=phase, answers=answers, score=score, total=len(questions),
                answered_at=now,
            )  # fmt: skip
    except IntegrityError:
        return held.get(), False
    return row, True
