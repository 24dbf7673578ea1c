"""Two phones, or one phone twice, at the same moment: everybody is found once, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from khcn.programmes.models.attendance import Attendance, WalkIn
from khcn.programmes.models.evaluation import QuizAnswer, SurveyAnswer
from khcn.programmes.rules.evaluation import QuizQuestion
from khcn.programmes.services.attendance_sync import attendance_sync, link_make
from khcn.programmes.services.evaluation import (
    quiz_answer,
    quiz_open,
    quiz_write,
    survey_answer,
    survey_of,
    survey_open,
)
from tests.programmes.factories import NOW, make_group, make_programme, make_registration, make_session

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def at_once(deed: Callable[[], Any]) -> list[Any]:
    """Run a deed in threads that start together; return results, or the exception of each."""
    barrier = Barrier(AT_ONCE)

    def run(_number: int) -> Any:
        barrier.wait()
        try:
            return deed()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def test_the_same_batch_at_once() -> None:
    programme = make_programme()
    session = make_session(programme, starts_at=NOW - timedelta(hours=1))
    group = make_group(programme)
    people = [make_registration(programme) for _ in range(3)]
    link = link_make(actor=None, session=session, now=NOW)
    items: list[dict[str, Any]] = [{"key": f"may-mot-{one.pk:04}", "ticket": one.ticket} for one in people]
    items.append({"key": "may-mot-khach", "deed": "walkin", "count": 2})
    items.append({"key": "may-mot-doan", "deed": "group", "ticket": group.ticket, "count": 9})
    answers = at_once(lambda: attendance_sync(link=link, batch={"items": items}, now=NOW))
    for place in range(len(items)):
        assert sorted(str(one[place].outcome) for one in answers) == ["already"] * (AT_ONCE - 1) + ["done"]
    assert Attendance.objects.count() == 3
    assert sorted(WalkIn.objects.values_list("count", flat=True)) == [2, 9]


def test_a_survey_and_a_quiz_sent_twice_at_once() -> None:
    programme = make_programme()
    session = make_session(programme, starts_at=NOW - timedelta(hours=1))
    who = make_registration(programme)
    survey_open(actor=None, survey=survey_of(actor=None, programme=programme, now=NOW), opened=True, now=NOW)
    given = {"satisfaction": "5", "useful": "4", "pace": "1"}
    answers = at_once(lambda: survey_answer(session=session, secret=who.ticket, given=given, now=NOW))
    assert sorted(answers) == [False] * (AT_ONCE - 1) + [True]
    quiz = quiz_write(
        actor=None, programme=programme, questions=[QuizQuestion("q1", "Mấy?", ("1", "2"), 0)], now=NOW
    )
    quiz_open(actor=None, quiz=quiz, before=True, after=False, now=NOW)
    results = at_once(lambda: quiz_answer(registration=who, phase="before", given={"q1": "0"}, now=NOW)[1])
    assert sorted(results) == [False] * (AT_ONCE - 1) + [True]
    assert (SurveyAnswer.objects.count(), QuizAnswer.objects.count()) == (1, 1)
