"""What surveys and quizzes say, with small numbers left out."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from khcn.core.dates import local_date
from khcn.programmes.enums import ProgrammeState
from khcn.programmes.models.evaluation import Quiz, QuizAnswer, Survey, SurveyAnswer
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.rules.evaluation import Question, QuestionKind, QuizPhase, may_show, questions_from


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What was answered to one question; ``shown`` False: too few answers, then nothing but ``count`` is told."""

    question: Question
    count: int
    shown: bool
    mean: float | None = None
    bars: tuple[tuple[str, int], ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """The answers of a survey, or of one of its sessions."""

    count: int
    shown: bool
    questions: tuple[QuestionResult, ...]


def survey_result(survey: Survey, session: Session | None = None) -> SurveyResult:
    """Return what people said. Two queries; the same question of two versions is added up while it is the same."""
    rows = list(SurveyAnswer.objects.filter(survey=survey).values_list("session_id", "answers"))
    every: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for session_id, answers in rows:
        every[session_id].append(answers)
    parts = list(every.values())
    part = every.get(session.pk, []) if session is not None else [answers for _session, answers in rows]
    if session is None:
        parts = [part]
    questions: dict[tuple[str, str, tuple[str, ...]], Question] = {}
    versions = list(survey.versions.order_by("-version"))
    for version in versions:
        for one in questions_from(version.questions):
            questions.setdefault((one.key, one.kind, one.options), one)
    shown = bool(part) and all(may_show(len(one)) for one in parts)
    return SurveyResult(
        len(part), shown, tuple(_question(one, part, parts, shown) for one in questions.values())
    )


def _question(
    question: Question, answers: list[dict[str, Any]], parts: list[list[dict[str, Any]]], shown: bool
) -> QuestionResult:
    """Count one question. Of a session it shows only where no other session could be worked out by taking away."""
    given = _given(question, answers)
    others = [len(_given(question, one)) for one in parts]
    if not (shown and may_show(len(given)) and all(n == 0 or may_show(n) for n in others)):
        return QuestionResult(question, len(given), False)
    if question.kind == QuestionKind.TEXT:
        return QuestionResult(question, len(given), True, texts=tuple(sorted(given)))
    found = Counter(given)
    if question.kind == QuestionKind.SCALE:
        bars = tuple((str(step), found[step]) for step in range(5, 0, -1))
        return QuestionResult(question, len(given), True, mean=sum(given) / len(given), bars=bars)
    bars = tuple((option, found[place]) for place, option in enumerate(question.options))
    return QuestionResult(question, len(given), True, bars=bars)


def _given(question: Question, answers: list[dict[str, Any]]) -> list[Any]:
    wanted = str if question.kind == QuestionKind.TEXT else int
    return [row[question.key] for row in answers if isinstance(row.get(question.key), wanted)]


@dataclass(frozen=True, slots=True)
class QuizResult:
    """Mean shares of right answers (0 to 1) before and after; ``pairs``: who did both, ``gain`` is theirs."""

    before_count: int
    after_count: int
    pairs: int
    before: float | None
    after: float | None
    gain: float | None


def quiz_result(quiz: Quiz) -> QuizResult:
    """Return how much was learnt; means of fewer than five people are left out. One query."""
    shares: dict[str, dict[int, float]] = {phase: {} for phase in QuizPhase.values}
    rows = QuizAnswer.objects.filter(quiz=quiz, total__gt=0)
    for who, phase, score, total in rows.values_list("registration_id", "phase", "score", "total"):
        shares[phase][who] = score / total
    before, after = shares[QuizPhase.BEFORE], shares[QuizPhase.AFTER]
    both = sorted(before.keys() & after.keys())
    mean_before = _mean([before[who] for who in both] if both else list(before.values()))
    mean_after = _mean([after[who] for who in both] if both else list(after.values()))
    gain = _mean([after[who] - before[who] for who in both])
    return QuizResult(len(before), len(after), len(both), mean_before, mean_after, gain)


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if may_show(len(values)) else None


def surveys_to_open(user: Any, now: datetime) -> list[Programme]:
    """Return programmes with a session in the last week whose survey was never opened. One query."""
    sessions = Session.objects.visible_to(user, local_date(now)).standing()
    sessions = sessions.filter(starts_at__lte=now, ends_at__gte=now - timedelta(days=7))
    rows = Programme.objects.filter(pk__in=sessions.values("programme"), state=ProgrammeState.PUBLISHED)
    return list(rows.filter(survey__opened_at=None).order_by("starts_on")[:50])
