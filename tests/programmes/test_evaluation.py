"""Surveys that name nobody and quizzes before and after."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.core.errors import PermissionDeniedError
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.exports.evaluation import read_quiz
from khcn.programmes.forms.evaluation import quiz_questions, survey_questions, survey_text
from khcn.programmes.models.evaluation import QuizAnswer, SurveyAnswer
from khcn.programmes.rules.evaluation import default_questions
from khcn.programmes.selectors.evaluation import quiz_result, survey_result
from khcn.programmes.services.evaluation import (
    quiz_answer,
    quiz_open,
    quiz_write,
    survey_answer,
    survey_of,
    survey_open,
    survey_write,
)
from khcn.programmes.services.evaluation_questions import (
    QuestionText,
    question_move,
    question_put,
    question_remove,
)
from tests.programmes.factories import (
    NOW,
    People,
    human,
    make_programme,
    make_registration,
    make_session,
)

pytestmark = pytest.mark.django_db
GIVEN = {"satisfaction": "5", "useful": "4", "pace": "1", "wish": "Thêm giờ"}
QUIZ = "Hai cộng hai?\n- 3\n* 4\n\nNước sôi ở?\n* 100 độ\n- 50 độ"


@pytest.fixture
def story() -> Any:
    class Story:
        people = People()
        programme = make_programme(people.unit)
        session = make_session(programme, starts_at=NOW - timedelta(hours=1))
        survey = survey_of(actor=None, programme=programme, now=NOW)

    survey_open(actor=None, survey=Story.survey, opened=True, now=NOW)
    return Story()


def test_one_answer_for_a_ticket_and_no_way_back_to_it(story: Any) -> None:
    who = make_registration(story.programme)
    values = {"session": story.session, "secret": who.ticket, "given": GIVEN, "now": NOW}
    assert [survey_answer(**values), survey_answer(**values)] == [True, False]
    row = SurveyAnswer.objects.get()
    assert who.ticket not in f"{row.digest} {row.answers}"
    assert row.satisfaction == 5


@pytest.mark.parametrize(
    "wrong", [{"satisfaction": "6"}, {"satisfaction": ""}, {"pace": "3"}, {"useful": "²"}]
)
def test_answers_that_will_not_do(story: Any, wrong: dict[str, str]) -> None:
    with pytest.raises(ProgrammeError):
        survey_answer(session=story.session, secret="x", given=GIVEN | wrong, now=NOW)


def test_few_answers_show_nothing(story: Any) -> None:
    for number in range(4):
        survey_answer(session=story.session, secret=str(number), given=GIVEN, now=NOW)
    assert not any(one.shown or one.texts or one.bars for one in survey_result(story.survey).questions)
    survey_answer(session=story.session, secret="5", given=GIVEN, now=NOW)
    result = survey_result(story.survey)
    assert result.questions[0].mean == 5
    assert result.questions[3].texts == ("Thêm giờ",) * 5


def test_a_session_shows_only_where_no_other_can_be_worked_out(story: Any) -> None:
    other, few = (make_session(story.programme, starts_at=NOW) for _ in range(2))
    for number in range(5):
        for session in (story.session, other):
            survey_answer(session=session, secret=str(number), given=GIVEN, now=NOW)
    assert survey_result(story.survey, other).questions[0].shown
    survey_answer(session=few, secret="1", given=GIVEN, now=NOW)
    assert survey_result(story.survey).questions[0].count == 11
    assert not any(
        one.shown for session in (other, few) for one in survey_result(story.survey, session).questions
    )


def test_the_quiz_as_a_workbook_and_hostile_files(story: Any, client: Client) -> None:
    client.force_login(story.people.reporter)
    address = reverse("programmes-desk:quiz-desk", args=[story.programme.pk])
    assert client.post(address, {"text": QUIZ}).status_code == 302
    book = client.get(address, {"tep": "xlsx"}).content
    read = read_quiz(io.BytesIO(book))
    assert [(one.text, one.options, one.right) for one in read] == [
        (one.text, one.options, one.right) for one in quiz_questions(QUIZ)
    ]
    for content, status in ((book, 302), (b"PK hong", 422), (b"", 422)):
        file = SimpleUploadedFile("cau-hoi.xlsx", content)
        assert client.post(address, {"viec": "tep", "file": file}).status_code == status


def test_answered_questions_become_a_new_version(story: Any) -> None:
    survey_answer(session=story.session, secret="1", given=GIVEN, now=NOW)
    known = default_questions()
    assert survey_questions(survey_text(known), known) == known
    changed = survey_questions(survey_text(known) + "\n\nBạn có quay lại không?\n- Có\n- Không", known)
    assert (
        survey_write(actor=story.people.reporter, survey=story.survey, questions=changed, now=NOW).version
        == 2
    )
    assert story.survey.versions.count() == 2
    with pytest.raises(PermissionDeniedError):
        survey_write(actor=story.people.finance, survey=story.survey, questions=known, now=NOW)


def test_quiz_before_and_after(story: Any) -> None:
    quiz = quiz_write(actor=None, programme=story.programme, questions=quiz_questions(QUIZ), now=NOW)
    quiz_open(actor=None, quiz=quiz, before=True, after=True, now=NOW)
    for _ in range(5):
        who = make_registration(story.programme)
        quiz_answer(registration=who, phase="before", given={"q1": "1"}, now=NOW)
        row, new = quiz_answer(registration=who, phase="after", given={"q1": "1", "q2": "0"}, now=NOW)
        assert (row.score, new, quiz_answer(registration=who, phase="after", given={}, now=NOW)[1]) == (
            2,
            True,
            False,
        )
    result = quiz_result(quiz)
    assert (result.before, result.after, result.gain, result.pairs) == (0.5, 1.0, 0.5, 5)
    with pytest.raises(ProgrammeError):
        quiz_write(actor=None, programme=story.programme, questions=quiz_questions("A?\n* 1\n- 2"), now=NOW)
    with pytest.raises(ProgrammeError):
        quiz_questions("A?\n- 1\n- 2")


def test_pages(story: Any, client: Client) -> None:
    make_session(story.programme, starts_at=timezone.now() - timedelta(minutes=5))
    who = make_registration(story.programme)
    address = reverse("programmes:survey", args=[who.ticket])
    assert client.get(address).status_code == 200
    sent = {f"cau-{key}": value for key, value in GIVEN.items()}
    assert client.post(address, {}).status_code == 422
    assert "Cảm ơn" in client.post(address, sent).content.decode()
    assert "Cảm ơn" in client.get(address).content.decode()
    room = reverse("programmes:survey-room", args=[story.survey.token, 2])
    assert client.get(room).status_code == 200
    assert client.post(room, sent | {"client_key": "k" * 20}).status_code == 422
    for _ in range(2):
        assert client.post(room, sent | human() | {"client_key": "k" * 20}).status_code == 200
    assert SurveyAnswer.objects.count() == 2
    quiz = quiz_write(actor=None, programme=story.programme, questions=quiz_questions(QUIZ), now=NOW)
    quiz_open(actor=None, quiz=quiz, before=True, after=False, now=NOW)
    address = reverse("programmes:quiz", args=[who.ticket])
    assert "right" not in client.get(address).content.decode().split("<main")[1]
    assert client.post(address, {"phase": "after", "cau-q1": "1"}).status_code == 422
    assert "đúng 1 trong 2" in client.post(address, {"phase": "before", "cau-q1": "1"}).content.decode()
    assert QuizAnswer.objects.count() == 1
    assert client.get(reverse("programmes:survey", args=["SAI"])).status_code == 404
    client.force_login(story.people.officer)
    for name in ("evaluation", "survey-edit", "quiz-desk"):
        assert client.get(reverse(f"programmes-desk:{name}", args=[story.programme.pk])).status_code == 200
    client.force_login(story.people.finance)
    assert client.get(reverse("programmes-desk:survey-edit", args=[story.programme.pk])).status_code == 403


def keys(survey: Any) -> list[str]:
    return [row["key"] for row in survey.versions.latest("version").questions]


def test_questions_are_added_changed_moved_and_removed_one_by_one(story: Any) -> None:
    base: dict[str, Any] = {"actor": story.people.reporter, "survey": story.survey, "now": NOW}
    made = question_put(
        **base, values=QuestionText("Bạn biết tin\x00 từ đâu?", "choice", "Zalo\n\nBạn bè\nZalo")
    )
    assert (made.text, made.options) == ("Bạn biết tin từ đâu?", ("Zalo", "Bạn bè"))
    changed = question_put(
        **base, key=made.key, values=QuestionText("Biết tin từ đâu?", "text", "bỏ", required=False)
    )
    assert (changed.key, changed.options, changed.required) == (made.key, (), False)
    question_move(**base, key=made.key, up=True)
    question_move(**base, key="satisfaction", up=True)
    assert keys(story.survey) == ["satisfaction", "useful", "pace", made.key, "wish"]
    question_remove(**base, key="pace")
    assert keys(story.survey) == ["satisfaction", "useful", made.key, "wish"]
    assert story.survey.versions.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (QuestionText("  ", "scale"), "text"),
        (QuestionText("Gì?", "choice", "một"), "options"),
        (QuestionText("Gì?", "lạ"), "kind"),
    ],
)
def test_questions_that_will_not_do_name_their_field(story: Any, values: QuestionText, field: str) -> None:
    with pytest.raises(ProgrammeError) as refused:
        question_put(actor=story.people.reporter, survey=story.survey, values=values, now=NOW)
    assert refused.value.field == field


def test_single_questions_stand_still_once_answered(story: Any) -> None:
    base: dict[str, Any] = {"actor": story.people.reporter, "survey": story.survey, "now": NOW}
    survey_answer(session=story.session, secret="1", given=GIVEN, now=NOW)
    for deed in (
        lambda: question_put(**base, key="useful", values=QuestionText("Khác?", "scale")),
        lambda: question_remove(**base, key="useful"),
    ):
        with pytest.raises(ProgrammeError, match="Đã có người trả lời"):
            deed()
    new = question_put(**base, values=QuestionText("Câu mới?", "scale"))
    assert story.survey.versions.count() == 2 and new.key in keys(story.survey)
    with pytest.raises(ProgrammeError, match="Báo cáo"):
        question_remove(**base, key="satisfaction")
    with pytest.raises(ProgrammeError, match="mở lại trang"):
        question_move(**base, key="khong-co", up=True)


@pytest.mark.parametrize(
    ("role", "may"), [("officer", True), ("reporter", True), ("head", False), ("auditor", False)]
)
def test_who_edits_single_questions(story: Any, role: str, may: bool) -> None:
    base: dict[str, Any] = {"actor": getattr(story.people, role), "survey": story.survey, "now": NOW}
    if may:
        question_move(**base, key="pace", up=True)
    else:
        with pytest.raises(PermissionDeniedError):
            question_move(**base, key="pace", up=True)


def test_the_page_of_single_questions(story: Any, client: Client) -> None:
    client.force_login(story.people.reporter)
    address = reverse("programmes-desk:survey-edit", args=[story.programme.pk])
    new = {"viec": "cau", "text": "Phòng học thế nào?", "kind": "scale", "required": "on"}
    assert client.post(address, new).status_code == 302
    assert client.post(address, new | {"text": ""}).status_code == 422
    assert "Phòng học thế nào?" in client.get(address).content.decode()
    key = keys(story.survey)[-1]
    assert client.post(address, {"viec": "len", "cau": key}).status_code == 302
    assert keys(story.survey)[-2] == key
    client.post(f"{address}?cau={key}", new | {"text": "Phòng học ra sao?"})
    assert "Phòng học ra sao?" in client.get(f"{address}?cau={key}").content.decode()
    client.post(address, {"viec": "bo", "cau": key})
    assert key not in keys(story.survey)


def test_the_quiz_is_shown_as_a_chart_with_its_numbers(story: Any, client: Client) -> None:
    quiz = quiz_write(
        actor=story.people.reporter, programme=story.programme, questions=quiz_questions(QUIZ), now=NOW
    )
    quiz_open(actor=story.people.reporter, quiz=quiz, before=True, after=True, now=NOW)
    client.force_login(story.people.reporter)
    address = reverse("programmes-desk:quiz-desk", args=[story.programme.pk])

    def learn() -> str:
        who = make_registration(story.programme)
        quiz_answer(registration=who, phase="before", given={"q1": "1"}, now=NOW)
        quiz_answer(registration=who, phase="after", given={"q1": "1", "q2": "0"}, now=NOW)
        return client.get(address).content.decode()

    pages = [learn() for _n in range(5)]
    assert "<svg" not in pages[3].split('class="programme"')[1] and "ít nhất 5 người" in pages[3]
    assert "Trả lời đúng tăng từ 50\u00a0% lên 100\u00a0% sau khóa học" in pages[4]
    part = pages[4].split('class="programme"')[1]
    assert "<table" in part and "Trước khóa học" in part
