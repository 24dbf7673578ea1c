"""Reports of schools: counted once, changed for a while, withdrawn by who sent them; the ratings that follow."""

from datetime import timedelta
from typing import Any

import pytest

from khcn.core.errors import PermissionDeniedError
from khcn.orgs.enums import Role
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.curricula import Lesson
from khcn.programmes.models.curricula_runs import LessonRun
from khcn.programmes.rules.curricula_runs import LEAST_REPORTS, damped
from khcn.programmes.selectors.curricula import Asked, public_list
from khcn.programmes.services.curricula_lessons import lesson_withdraw
from khcn.programmes.services.curricula_runs import incident_handle, run_edit, run_report, run_withdraw
from tests.orgs.factories import give_role, make_unit, make_user
from tests.programmes.curricula_factories import make_published, make_run, next_version, run_text
from tests.programmes.factories import NOW, TODAY, People

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


def _report(people: People, row: Lesson, **changes: Any) -> LessonRun:
    more = {name: changes.pop(name) for name in ("client_key", "now") if name in changes}
    return run_report(
        actor=people.reporter, version_id=row.current_id or 0, unit=people.unit, values=run_text(**changes),
        **({"now": NOW} | more),
    )  # fmt: skip


def test_a_report_counts_and_twice_is_once(people: People) -> None:
    row = make_published(people)
    first = _report(people, row, client_key="a" * 20)
    assert _report(people, row, client_key="a" * 20, pupils=99) == first
    row.refresh_from_db()
    assert (row.runs_count, row.pupils_total, row.rating_sum) == (1, 38, 4)
    for name in ("7A", "7a", " 7Ａ ".replace("Ａ", "A")):
        with pytest.raises(ProgrammeError, match="đã báo cáo") as refused:
            _report(people, row, class_name=name, client_key="b" * 20)
        assert refused.value.field == "class_name"
    _report(people, row, class_name="7B")
    row.refresh_from_db()
    assert (row.runs_count, row.pupils_total) == (2, 76)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ran_on": TODAY + timedelta(days=1)}, "ran_on"),
        ({"ran_on": TODAY - timedelta(days=30)}, "ran_on"),  # before the version was there
        ({"class_name": " "}, "class_name"),
        ({"class_name": "7" * 41}, "class_name"),
        ({"pupils": 0}, "pupils"),
        ({"pupils": 10**9}, "pupils"),
        ({"minutes": 0}, "minutes"),
        ({"rating": 0}, "rating"),
        ({"rating": 6}, "rating"),
        ({"grade": 13}, "grade"),
        ({"worked": "x" * 3001}, "worked"),
        ({"incident": True}, "incident_note"),
    ],
)
def test_what_a_report_may_not_say(people: People, changes: dict[str, Any], field: str) -> None:
    row = make_published(people)
    with pytest.raises(ProgrammeError) as refused:
        _report(people, row, **changes)
    assert refused.value.field == field
    assert not LessonRun.objects.exists()


def test_who_reports_for_whom(people: People) -> None:
    row = make_published(people)
    other = make_unit("Trường khác")
    allowed = {"officer", "reporter", "head"}
    for name in ("officer", "focal_head", "leader", "finance", "editor", "auditor", "reporter", "head"):
        ask: dict[str, Any] = {
            "actor": getattr(people, name), "version_id": row.current_id, "now": NOW, "values": run_text(class_name=name),
        }  # fmt: skip
        if name in allowed:
            run_report(unit=people.unit, **ask)
        else:
            with pytest.raises(PermissionDeniedError):
                run_report(unit=people.unit, **ask)
        if name != "officer":
            with pytest.raises(PermissionDeniedError):
                run_report(unit=other, **ask)


def test_a_report_is_changed_for_a_while_by_its_unit(people: People) -> None:
    row = make_published(people)
    run = _report(people, row)
    stranger = make_user()
    give_role(stranger, Role.UNIT_REPORTER, make_unit())
    edit: dict[str, Any] = {"run_id": run.pk, "values": run_text(rating=5, pupils=40), "revision": 0}
    with pytest.raises(PermissionDeniedError):
        run_edit(actor=stranger, now=NOW, **edit)
    run_edit(actor=people.head, now=NOW + timedelta(days=13), **edit)
    row.refresh_from_db()
    assert (row.runs_count, row.pupils_total, row.rating_sum) == (1, 40, 5)
    with pytest.raises(StaleError):
        run_edit(actor=people.head, now=NOW + timedelta(days=13), **edit)
    with pytest.raises(ProgrammeError, match="quá 14 ngày"):
        run_edit(actor=people.reporter, now=NOW + timedelta(days=15), **{**edit, "revision": 1})


def test_a_report_is_withdrawn_by_who_sent_it(people: People) -> None:
    row = make_published(people)
    run = _report(people, row)
    for actor in (people.head, people.officer):
        with pytest.raises(PermissionDeniedError):
            run_withdraw(actor=actor, run_id=run.pk, reason="Nhầm", now=NOW)
    with pytest.raises(ProgrammeError, match="lý do"):
        run_withdraw(actor=people.reporter, run_id=run.pk, reason="", now=NOW)
    for _twice in range(2):
        run_withdraw(actor=people.reporter, run_id=run.pk, reason="Nhầm lớp", now=NOW)
    row.refresh_from_db()
    assert (row.runs_count, row.score) == (0, 0)
    _report(people, row)  # the same class again is a new report
    row.refresh_from_db()
    assert row.runs_count == 1


def test_an_incident_waits_for_the_officer_and_a_changed_one_waits_again(people: People) -> None:
    row = make_published(people)
    run = _report(people, row, incident=True, incident_note="Vỡ cốc, không ai bị thương")
    handle: dict[str, Any] = {"run_id": run.pk, "now": NOW}
    with pytest.raises(PermissionDeniedError):
        incident_handle(actor=people.reporter, note="Xong", **handle)
    with pytest.raises(ProgrammeError):
        incident_handle(actor=people.officer, note=" ", **handle)
    done = incident_handle(actor=people.officer, note="Đã nhắc dùng cốc nhựa", **handle)
    assert done.handled_by == people.officer
    changed = run_edit(
        actor=people.reporter, run_id=run.pk, revision=0, now=NOW,
        values=run_text(incident=True, incident_note="Vỡ cốc, một em xước tay"),
    )  # fmt: skip
    assert changed.handled_at is None
    with pytest.raises(ProgrammeError, match="không có sự cố"):
        incident_handle(
            actor=people.officer, run_id=_report(people, row, class_name="8A").pk, note="x", now=NOW
        )


def test_a_withdrawn_lesson_takes_reports_of_before_only(people: People) -> None:
    row = make_published(people, now=NOW - timedelta(days=10))
    lesson_withdraw(actor=people.head, lesson_id=row.pk, reason="Sai", now=NOW - timedelta(days=2))
    with pytest.raises(ProgrammeError, match="Bài đã rút"):
        _report(people, row)
    assert _report(people, row, ran_on=TODAY - timedelta(days=3)).pk


def test_a_report_names_the_exact_version(people: People) -> None:
    row = make_published(people, now=NOW - timedelta(days=10))
    first = row.current
    next_version(people, row, minutes=100, now=NOW)
    assert first is not None
    run = run_report(
        actor=people.reporter, version_id=first.pk, unit=people.unit, now=NOW,
        values=run_text(ran_on=TODAY - timedelta(days=1)),
    )  # fmt: skip
    assert run.version.number == 1
    row.refresh_from_db()
    with pytest.raises(ProgrammeError, match="Phiên bản 2 công bố"):
        _report(people, row, ran_on=TODAY - timedelta(days=1), class_name="9C")


def test_one_happy_school_does_not_stand_before_many_content_ones(people: People) -> None:
    assert damped(0, 0) == 0
    assert damped(5, 1) < damped(4 * 30 + 15, 30)
    few, many, bad = (make_published(people, title=title) for title in ("Ít", "Nhiều", "Kém"))
    for number in range(6):
        make_run(people, many, class_name=f"A{number}", rating=5 if number else 4)
        make_run(people, bad, class_name=f"B{number}", rating=2)
    for number in range(LEAST_REPORTS - 1):
        make_run(people, few, class_name=f"C{number}", rating=5)
    assert [one.title for one in public_list(Asked(order="danh-gia"))] == ["Nhiều", "Kém"]
    assert [one.title for one in public_list(Asked(order="day-nhieu"))] == ["Nhiều", "Kém", "Ít"]
    make_run(people, few, class_name="C9", rating=5)
    assert [one.title for one in public_list(Asked(order="danh-gia"))] == ["Nhiều", "Ít", "Kém"]


def test_the_list_is_searched_without_marks_and_filtered(people: People) -> None:
    make_published(people)
    make_published(
        people, title="Robot dò đường", summary="Lập trình xe tự hành", subject="computing", grade_from=9, grade_to=None,
        minutes=180, equipment=(), safety="", audiences=("pupils",),
    )  # fmt: skip

    def titles(**asked: Any) -> list[str]:
        return [one.title[:5] for one in public_list(Asked(order="ten", **asked))]

    assert titles() == ["Đo độ", "Robot"]
    assert titles(text="do do ph nuoc") == ["Đo độ"]
    assert titles(text="XE TU HANH") == ["Robot"]
    assert titles(text="\x00% khong co") == []
    assert titles(subject="computing") == ["Robot"]
    assert (titles(grade=7), titles(grade=9), titles(grade=10)) == (["Đo độ"], ["Robot"], [])
    assert titles(audience="teachers") == ["Đo độ"]
    assert titles(minutes=90) == ["Đo độ"]
    assert titles(cost=0) == ["Robot"]
