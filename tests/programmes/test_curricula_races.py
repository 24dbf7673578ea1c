"""Two reviewers, or one button pressed twice, at the same moment: one version, one report, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.curricula import Lesson, LessonVersion
from khcn.programmes.models.curricula_runs import LessonRun
from khcn.programmes.services.curricula_forks import lesson_fork
from khcn.programmes.services.curricula_lessons import lesson_publish, lesson_submit
from khcn.programmes.services.curricula_runs import run_report
from tests.programmes.curricula_factories import make_draft, make_published, run_text
from tests.programmes.factories import NOW, People

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Run deeds in threads that start together; return results, or the exception of each."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return deed()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_two_reviewers_publish_at_once() -> None:
    people = People()
    row = make_draft(people)
    seen = lesson_submit(actor=people.reporter, lesson_id=row.pk, now=NOW).revision

    def by(actor: Any) -> Callable[[], Any]:
        return lambda: lesson_publish(actor=actor, lesson_id=row.pk, note="", revision=seen, now=NOW)

    answers = at_once(by(people.head), by(people.officer), by(people.head), by(people.officer))
    assert LessonVersion.objects.count() == 1
    refused = [one for one in answers if not isinstance(one, LessonVersion)]
    assert len(refused) == 2  # the one who was first pressed twice: both of theirs are the same version
    assert all(isinstance(one, ProgrammeError) for one in refused)


def test_a_report_and_an_adaptation_pressed_twice_at_once() -> None:
    people = People()
    row = make_published(people)
    version_id = row.current_id or 0

    def report(name: str, key: str) -> Callable[[], Any]:
        return lambda: run_report(
            actor=people.reporter, version_id=version_id, unit=people.unit, values=run_text(class_name=name), now=NOW,
            client_key=key,
        )  # fmt: skip

    answers = at_once(
        report("7A", "a" * 20), report("7A", "a" * 20), report("7B", "b" * 20), report("7A", "c" * 20)
    )
    assert sorted(LessonRun.objects.values_list("class_name", flat=True)) == ["7A", "7B"]
    assert sum(isinstance(one, ProgrammeError) for one in answers) in {1, 2}
    row = Lesson.objects.get(pk=row.pk)
    assert (row.runs_count, row.pupils_total) == (2, 76)

    def fork() -> Any:
        return lesson_fork(
            actor=people.reporter, version_id=version_id, unit=people.unit, now=NOW, client_key="f" * 20
        )

    made = at_once(fork, fork, fork)
    assert len({one.pk for one in made}) == 1
    assert Lesson.objects.exclude(forked_from=None).count() == 1
