"""Demo attendance and evaluation: people came to the sessions that are over, and some said what they thought."""

from datetime import datetime

from django.utils.translation import gettext as _

from khcn.core.demo import Progress
from khcn.programmes.enums import RegistrationState, SessionState
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.attendance import Attendance
from khcn.programmes.models.evaluation import Quiz, Survey, SurveyAnswer
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.rules.attendance import Presence
from khcn.programmes.rules.evaluation import QuizQuestion
from khcn.programmes.services.attendance import attendance_mark_many, headcount_enter
from khcn.programmes.services.evaluation import (
    quiz_answer,
    quiz_open,
    quiz_write,
    survey_answer,
    survey_of,
    survey_open,
)

COURSE, VISIT, WARDS = "mau-lop-ai-giao-vien", "mau-tham-quan-vuon-uom", "mau-pho-bien-luat-shtt"


def _over(key: str, now: datetime) -> list[Session]:
    rows = Session.objects.filter(programme__key=key, ends_at__lte=now).exclude(state=SessionState.CANCELLED)
    return list(rows.select_related("programme").order_by("starts_at"))


def load_attendance(progress: Progress, now: datetime) -> None:
    """Tick the sessions that are over, all but the newest of the course, which waits on the list of today."""
    for key in (COURSE, VISIT):
        sessions = _over(key, now)
        for place, session in enumerate(sessions[:-1] if len(sessions) > 1 else sessions):
            if Attendance.objects.filter(session=session).exists():
                continue
            people = session.programme.registrations.filter(state=RegistrationState.CONFIRMED)
            states = {
                pk: str(Presence.ABSENT if (number + place) % 7 == 0 else Presence.PRESENT)
                for number, pk in enumerate(people.order_by("pk").values_list("pk", flat=True))
            }
            attendance_mark_many(actor=None, session=session, states=states, now=now)
    for session in _over(WARDS, now)[:-1]:
        if session.headcount is None:
            headcount_enter(actor=None, session=session, headcount=40 + 7 * (session.number % 5), now=now)


def load_evaluation(progress: Progress, now: datetime) -> None:
    """Open the survey of the course, answer it, and play its quiz."""
    programme = Programme.objects.filter(key=COURSE).first()
    sessions = _over(COURSE, now)
    if programme is None or not sessions:
        return
    people = list(programme.registrations.filter(state=RegistrationState.CONFIRMED).order_by("pk")[:20])
    if not Survey.objects.filter(programme=programme).exists():
        survey = survey_of(actor=None, programme=programme, now=now)
        survey_open(actor=None, survey=survey, opened=True, now=now)
    if not SurveyAnswer.objects.filter(survey__programme=programme).exists():
        wishes = (
            _("Thêm giờ thực hành."),
            "",
            _("Gửi tài liệu trước buổi học."),
            "",
            _("Nên có máy cho từng người."),
        )
        for number, one in enumerate(people[:14]):
            given = {
                "satisfaction": str(5 - number % 3 // 2), "useful": str(4 + number % 2), "pace": str(number % 3),
                "wish": wishes[number % 5],
            }  # fmt: skip
            survey_answer(session=sessions[0], secret=one.ticket, given=given, now=now)
    if not Quiz.objects.filter(programme=programme).exists():
        _quiz(programme, people, now)


def _quiz(programme: Programme, people: list, now: datetime) -> None:  # type: ignore[type-arg]  # registrations
    questions = [
        QuizQuestion("q1", _("Câu trả lời của trợ lý AI cần làm gì trước khi dùng?"), (_("Dùng ngay"), _("Kiểm tra lại")), 1),
        QuizQuestion("q2", _("Có nên đưa thông tin cá nhân của học sinh vào công cụ AI công cộng?"), (_("Không"), _("Có")), 0),
        QuizQuestion("q3", _("Lời nhắc tốt cần có gì?"), (_("Càng ngắn càng tốt"), _("Bối cảnh và yêu cầu rõ")), 1),
    ]  # fmt: skip
    quiz = quiz_write(actor=None, programme=programme, questions=questions, now=now)
    quiz_open(actor=None, quiz=quiz, before=True, after=True, now=now)
    for number, one in enumerate(people[:12]):
        before = {"q1": "1", "q2": str(number % 2), "q3": "0"}
        try:
            quiz_answer(registration=one, phase="before", given=before, now=now)
            quiz_answer(
                registration=one,
                phase="after",
                given={"q1": "1", "q2": "0", "q3": str(min(number % 4, 1))},
                now=now,
            )
        except ProgrammeError:
            return
    quiz.refresh_from_db()
    quiz_open(actor=None, quiz=quiz, before=False, after=True, now=now)
