"""Lessons from draft to withdrawal: who may, what never changes, what is refused and why."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.orgs.enums import Role
from khcn.programmes.enums_curricula import LessonState, WorkingState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.curricula import Curriculum, Lesson, LessonVersion, VersionImmutableError
from khcn.programmes.rules.curricula import (
    Content,
    Item,
    LinkedWork,
    Step,
    content_clean,
    content_json,
    content_of,
)
from khcn.programmes.rules.curricula_diff import differences
from khcn.programmes.selectors.curricula import forks_behind
from khcn.programmes.services.curricula_books import curriculum_create, curriculum_update, lesson_move
from khcn.programmes.services.curricula_forks import lesson_fork, source_seen
from khcn.programmes.services.curricula_lessons import (
    lesson_create,
    lesson_drop,
    lesson_publish,
    lesson_return,
    lesson_save,
    lesson_submit,
    lesson_withdraw,
)
from tests.orgs.factories import give_role, make_unit, make_user
from tests.programmes.curricula_factories import (
    WATER,
    make_curriculum,
    make_draft,
    make_published,
    next_version,
    publish,
)
from tests.programmes.factories import NOW, TODAY, People

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


def _school(name: str = "Trường thử khác") -> tuple[Any, Any, Any]:
    unit = make_unit(name)
    reporter, head = make_user(), make_user()
    give_role(reporter, Role.UNIT_REPORTER, unit)
    give_role(head, Role.UNIT_HEAD, unit)
    return unit, reporter, head


def test_a_lesson_goes_from_draft_to_a_first_version(people: People) -> None:
    row = make_draft(people)
    assert (row.state, row.working, row.cost) == (LessonState.DRAFT, WorkingState.DRAFT, 295_000)
    lesson_submit(actor=people.reporter, lesson_id=row.pk, now=NOW)
    lesson_return(actor=people.head, lesson_id=row.pk, reason="Ghi rõ lượng nước", now=NOW)
    row.refresh_from_db()
    assert (row.state, row.return_reason) == (LessonState.DRAFT, "Ghi rõ lượng nước")
    version = publish(people, row)
    row.refresh_from_db()
    assert (row.state, row.working, row.draft, row.current_id) == (
        LessonState.PUBLISHED,
        WorkingState.NONE,
        None,
        version.pk,
    )
    assert version.said == WATER
    assert row.return_reason == ""
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {f"programmes.lesson.{one}" for one in ("create", "submit", "return", "publish")} <= actions


ROLES = (
    "officer",
    "focal_head",
    "leader",
    "finance",
    "editor",
    "auditor",
    "reporter",
    "head",
    "other",
    "other_head",
)


@pytest.mark.parametrize(
    ("deed", "allowed"),
    [
        ("create", {"officer", "reporter"}),
        ("save", {"officer", "reporter"}),
        ("submit", {"officer", "reporter"}),
        ("return", {"officer", "head"}),
        ("publish", {"officer", "head"}),
        ("withdraw", {"officer", "head"}),
        ("fork", {"officer", "reporter"}),
    ],
)
def test_who_may_do_what(people: People, deed: str, allowed: set[str]) -> None:
    _unit, other, other_head = _school()
    actors = {name: getattr(people, name, None) for name in ROLES} | {
        "other": other,
        "other_head": other_head,
    }
    for name, actor in actors.items():
        try:
            _do(people, deed, actor)
            done = True
        except PermissionDeniedError:
            done = False
        assert done == (name in allowed), f"{deed} by {name}"


def _do(people: People, deed: str, actor: Any) -> None:
    if deed == "create":
        lesson_create(actor=actor, curriculum=make_curriculum(people.unit), content=WATER, now=NOW)
        return
    if deed in {"withdraw", "fork"}:
        row = make_published(people)
        if deed == "withdraw":
            lesson_withdraw(actor=actor, lesson_id=row.pk, reason="Sai số liệu", now=NOW)
        else:
            lesson_fork(actor=actor, version_id=row.current_id or 0, unit=people.unit, now=NOW)
        return
    row = make_draft(people)
    base = {"actor": actor, "lesson_id": row.pk, "now": NOW}
    if deed == "save":
        lesson_save(**base, content=replace(WATER, minutes=100), revision=0)
    elif deed == "submit":
        lesson_submit(**base)
    else:
        sent = lesson_submit(actor=people.reporter, lesson_id=row.pk, now=NOW)
        if deed == "return":
            lesson_return(**base, reason="Sửa lại")
        else:
            lesson_publish(**base, note="", revision=sent.revision)


def test_nobody_publishes_what_they_wrote(people: People) -> None:
    give_role(people.officer, Role.UNIT_REPORTER, people.unit)
    row = make_draft(people)
    lesson_save(
        actor=people.officer, lesson_id=row.pk, content=replace(WATER, minutes=95), revision=0, now=NOW
    )
    sent = lesson_submit(actor=people.reporter, lesson_id=row.pk, now=NOW)
    with pytest.raises(PermissionDeniedError, match="không tự duyệt"):
        lesson_publish(actor=people.officer, lesson_id=row.pk, note="", revision=sent.revision, now=NOW)
    assert (
        lesson_publish(actor=people.head, lesson_id=row.pk, note="", revision=sent.revision, now=NOW).number
        == 1
    )
    # what they wrote is out: the next version, written by another, they may publish
    held = Lesson.objects.get(pk=row.pk)
    lesson_save(
        actor=people.reporter,
        lesson_id=row.pk,
        content=replace(WATER, minutes=99),
        revision=held.revision,
        now=NOW,
    )
    sent = lesson_submit(actor=people.reporter, lesson_id=row.pk, now=NOW)
    done = lesson_publish(
        actor=people.officer, lesson_id=row.pk, note="Dài hơn", revision=sent.revision, now=NOW
    )
    assert done.number == 2


def test_a_double_click_on_publish_is_one_version(people: People) -> None:
    row = make_draft(people)
    sent = lesson_submit(actor=people.reporter, lesson_id=row.pk, now=NOW)
    lesson_submit(actor=people.reporter, lesson_id=row.pk, now=NOW)
    base: dict[str, Any] = {"lesson_id": row.pk, "note": "", "revision": sent.revision, "now": NOW}
    first = lesson_publish(actor=people.head, **base)
    assert lesson_publish(actor=people.head, **base) == first
    with pytest.raises(ProgrammeError, match="không chờ duyệt"):  # another reviewer at the same moment
        lesson_publish(actor=people.officer, **base)
    assert LessonVersion.objects.count() == 1
    assert AuditEvent.objects.filter(action="programmes.lesson.publish").count() == 1


def test_two_versions_never_have_the_same_number(people: People) -> None:
    row = make_published(people)
    with pytest.raises(IntegrityError):
        LessonVersion.objects.create(lesson=row, number=1, content={}, note="x", published_at=NOW)


def test_what_was_changed_after_the_reviewer_opened_it_is_not_published(people: People) -> None:
    row = make_draft(people)
    seen = lesson_submit(actor=people.reporter, lesson_id=row.pk, now=NOW).revision
    lesson_return(actor=people.officer, lesson_id=row.pk, reason="Sửa", now=NOW)
    lesson_submit(actor=people.reporter, lesson_id=row.pk, now=NOW)
    with pytest.raises(StaleError):
        lesson_publish(actor=people.head, lesson_id=row.pk, note="", revision=seen, now=NOW)
    with pytest.raises(ProgrammeError, match="đang chờ duyệt"):
        lesson_save(actor=people.reporter, lesson_id=row.pk, content=WATER, revision=0, now=NOW)


def test_two_people_do_not_overwrite_each_other(people: People) -> None:
    row = make_draft(people)
    save: dict[str, Any] = {"lesson_id": row.pk, "revision": 0, "now": NOW}
    lesson_save(actor=people.reporter, content=replace(WATER, minutes=100), **save)
    with pytest.raises(StaleError):
        lesson_save(actor=people.officer, content=replace(WATER, minutes=110), **save)


def test_versions_never_change_and_stay_readable(people: People) -> None:
    row = make_published(people)
    second = next_version(people, row, note="Thêm bước", minutes=100, now=NOW + timedelta(days=1))
    row = Lesson.objects.get(pk=row.pk)
    first = row.versions.get(number=1)
    assert (first.said.minutes, second.said.minutes, row.minutes, row.current) == (90, 100, 100, second)
    first.note = "khác"
    for deed in (
        first.save,
        first.delete,
        lambda: LessonVersion.objects.filter(pk=first.pk).update(note="khác"),
        lambda: LessonVersion.objects.all().delete(),
    ):
        with pytest.raises(VersionImmutableError):
            deed()
    assert row.versions.get(number=1).note == "Công bố lần đầu"


def test_a_second_version_says_what_changed(people: People) -> None:
    row = make_published(people)
    with pytest.raises(ProgrammeError, match="đã đổi gì") as refused:
        next_version(people, row, note=" ", minutes=100)
    assert refused.value.field == "note"
    row.refresh_from_db()
    assert row.current is not None and row.current.number == 1
    assert row.state == LessonState.PUBLISHED  # readers have the first meanwhile


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"summary": ""}, "summary", "tóm tắt"),
        ({"objectives": " - \n"}, "objectives", "mục tiêu"),
        ({"subject": ""}, "subject", "môn"),
        (
            {"grade_from": None, "grade_to": None, "age_from": None, "age_to": None},
            "grade_from",
            "lớp hoặc tuổi",
        ),
        ({"audiences": ()}, "audiences", "dành cho ai"),
        ({"minutes": None}, "minutes", "thời lượng"),
        ({"minutes": 60}, "minutes", "75 phút"),
        ({"steps": ()}, "steps", "bước"),
        ({"safety": ""}, "safety", "Hóa chất"),
    ],
)
def test_an_incomplete_lesson_is_not_submitted(
    people: People, changes: dict[str, Any], field: str, words: str
) -> None:
    row = make_draft(people, content=replace(WATER, **changes))
    with pytest.raises(ProgrammeError, match=words) as refused:
        lesson_submit(actor=people.reporter, lesson_id=row.pk, now=NOW)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " \x00 "}, "title"),
        ({"title": "Đ" * 201}, "title"),
        ({"summary": "x" * 501}, "summary"),
        ({"subject": "alchemy"}, "subject"),
        ({"licence": "gpl"}, "licence"),
        ({"audiences": ("ghosts",)}, "audiences"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 100_000}, "minutes"),
        ({"grade_from": 9, "grade_to": 6}, "grade_to"),
        ({"grade_from": 13}, "grade_to"),
        ({"age_from": None, "age_to": 14}, "age_from"),
        ({"steps": (Step(5, "a", "b"),) * 31}, "steps"),
        ({"steps": (Step(-5, "a", "b"),)}, "steps"),
        ({"steps": (Step(5, " ", ""),)}, "steps"),
        ({"equipment": (Item("a", "cái", 1, 1),) * 61}, "equipment"),
        ({"equipment": (Item("a", "cái", 0, 1),)}, "equipment"),
        ({"equipment": (Item("a", "cái", 1, -1),)}, "equipment"),
        ({"equipment": (Item("a", "cái", 1, 10**12),)}, "equipment"),
        ({"equipment": (Item("a", "", 1, 1),)}, "equipment"),
        ({"equipment": (Item("a", "cái", 1, 1, ("curse",)),)}, "equipment"),
        ({"materials": (LinkedWork("library.work:999999", "x"),)}, "materials"),
        ({"materials": (LinkedWork("nonsense", "x"),)}, "materials"),
    ],
)
def test_what_no_draft_may_hold(people: People, changes: dict[str, Any], field: str) -> None:
    row = make_draft(people)
    with pytest.raises(ProgrammeError) as refused:
        lesson_save(
            actor=people.reporter, lesson_id=row.pk, content=replace(WATER, **changes), revision=0, now=NOW
        )
    assert refused.value.field == field
    row.refresh_from_db()
    assert content_of(row.draft) == WATER


def test_text_is_kept_composed_and_without_control_signs() -> None:
    nasty = replace(
        WATER,
        title="Tie\u0302\u0301ng  Vie\u0323\u0302t\x00 \u202egpj.exe",
        steps=(Step(5, "Một\x0b\x08\r\nhai", "\ud800ba"),),
    )
    said = content_clean(nasty)
    assert said.title == "Tiếng Việt gpj.exe"
    assert said.steps[0].teacher == "Một\nhai"
    assert "\ud800" not in said.steps[0].pupils
    assert content_of(content_json(said)) == said


def test_a_withdrawn_lesson_says_why_and_what_to_use(people: People) -> None:
    old, newer = make_published(people), make_published(people, title="Đo pH, bản mới")
    base: dict[str, Any] = {"actor": people.head, "lesson_id": old.pk, "now": NOW}
    with pytest.raises(ProgrammeError, match="lý do"):
        lesson_withdraw(**base, reason=" ")
    with pytest.raises(ProgrammeError, match="thay thế"):
        lesson_withdraw(**base, reason="Sai", successor_id=old.pk)
    row = lesson_withdraw(**base, reason="Dung dịch có thể gây bỏng", successor_id=newer.pk)
    assert (row.state, row.successor, row.withdrawn_at) == (LessonState.WITHDRAWN, newer, NOW)
    for deed in (
        lambda: lesson_withdraw(**base, reason="Nữa"),
        lambda: lesson_save(
            actor=people.reporter, lesson_id=old.pk, content=WATER, revision=row.revision, now=NOW
        ),
        lambda: lesson_submit(actor=people.reporter, lesson_id=old.pk, now=NOW),
    ):
        with pytest.raises(ProgrammeError):
            deed()


def test_an_adaptation_credits_the_exact_version_and_all_before_it(people: People) -> None:
    source = make_published(people)
    first = source.current
    next_version(people, source, minutes=100)
    unit, reporter, head = _school("Trường A")
    assert first is not None
    fork = lesson_fork(actor=reporter, version_id=first.pk, unit=unit, now=NOW, client_key="k" * 20)
    assert lesson_fork(actor=reporter, version_id=first.pk, unit=unit, now=NOW, client_key="k" * 20) == fork
    assert (fork.forked_from, fork.unit, fork.content.minutes, fork.state) == (
        first,
        unit,
        90,
        LessonState.DRAFT,
    )
    assert fork.curriculum.unit == unit and fork.curriculum.title == source.curriculum.title
    assert [(one["version"], one["unit"]) for one in fork.lineage] == [(1, people.unit.name)]
    with pytest.raises(ProgrammeError, match="giữ nguyên giấy phép") as refused:
        lesson_save(
            actor=reporter,
            lesson_id=fork.pk,
            content=replace(WATER, licence="cc-by-4.0"),
            revision=0,
            now=NOW,
        )
    assert refused.value.field == "licence"
    sent = lesson_submit(actor=reporter, lesson_id=fork.pk, now=NOW)
    version = lesson_publish(actor=head, lesson_id=fork.pk, note="", revision=sent.revision, now=NOW)
    third = lesson_fork(actor=people.reporter, version_id=version.pk, unit=people.unit, now=NOW)
    assert [one["unit"] for one in third.lineage] == ["Trường A", people.unit.name]


def test_a_withdrawn_lesson_is_not_adapted_and_the_sentence_says_what_to_do(people: People) -> None:
    old, newer = make_published(people), make_published(people, title="Bản mới an toàn hơn")
    fork: dict[str, Any] = {
        "actor": people.reporter,
        "version_id": old.current_id,
        "unit": people.unit,
        "now": NOW,
    }
    lesson_withdraw(actor=people.head, lesson_id=old.pk, reason="Sai", now=NOW)
    with pytest.raises(ProgrammeError, match="Hãy tìm bài khác"):
        lesson_fork(**fork)
    Lesson.objects.filter(pk=old.pk).update(successor=newer)
    with pytest.raises(ProgrammeError, match="Hãy mở bài thay thế “Bản mới an toàn hơn”"):
        lesson_fork(**fork)
    # a ring of withdrawn lessons does not turn for ever
    Lesson.objects.filter(pk=newer.pk).update(
        successor=old, state="withdrawn", withdraw_reason="x", withdrawn_at=NOW
    )
    with pytest.raises(ProgrammeError, match="Hãy tìm bài khác"):
        lesson_fork(**fork)
    closed = make_published(people, licence="cc-by-nd-4.0")
    with pytest.raises(ProgrammeError, match="không cho sửa"):
        lesson_fork(**{**fork, "version_id": closed.current_id})
    assert Lesson.objects.exclude(forked_from=None).count() == 0


def test_the_owner_of_an_adaptation_learns_of_a_new_version_and_of_a_withdrawal(people: People) -> None:
    source = make_published(people)
    unit, reporter, _head = _school()
    fork = lesson_fork(actor=reporter, version_id=source.current_id or 0, unit=unit, now=NOW)

    def waiting(user: Any) -> list[Lesson]:
        return list(forks_behind(user, TODAY))

    assert waiting(reporter) == []
    next_version(people, source, minutes=100, now=NOW + timedelta(days=1))
    assert waiting(reporter) == [fork]
    assert waiting(people.reporter) == []
    with pytest.raises(PermissionDeniedError):
        source_seen(actor=people.reporter, lesson_id=fork.pk, now=NOW + timedelta(days=2))
    source_seen(actor=reporter, lesson_id=fork.pk, now=NOW + timedelta(days=2))
    assert waiting(reporter) == []
    lesson_withdraw(actor=people.head, lesson_id=source.pk, reason="Sai", now=NOW + timedelta(days=3))
    assert waiting(reporter) == [fork]


def test_a_draft_is_dropped_and_a_published_lesson_keeps_its_version(people: People) -> None:
    row = make_draft(people)
    assert lesson_drop(actor=people.reporter, lesson_id=row.pk, now=NOW) is False
    assert not Lesson.objects.exists()
    row = make_published(people)
    with pytest.raises(ProgrammeError):
        lesson_drop(actor=people.reporter, lesson_id=row.pk, now=NOW)
    lesson_save(
        actor=people.reporter,
        lesson_id=row.pk,
        content=replace(WATER, minutes=99),
        revision=row.revision,
        now=NOW,
    )
    assert lesson_drop(actor=people.reporter, lesson_id=row.pk, now=NOW) is True
    row = Lesson.objects.get(pk=row.pk)
    assert (row.content.minutes, row.working) == (90, WorkingState.NONE)


def test_lessons_stand_in_an_order_that_people_change(people: People) -> None:
    book = make_curriculum(people.unit)
    rows = [make_draft(people, book=book, content=replace(WATER, title=f"Bài {n}")) for n in range(3)]
    lesson_move(actor=people.reporter, lesson_id=rows[2].pk, up=True, now=NOW)
    lesson_move(actor=people.reporter, lesson_id=rows[0].pk, up=True, now=NOW)  # at the end: nothing
    assert list(book.lessons.values_list("title", flat=True)) == ["Bài 0", "Bài 2", "Bài 1"]
    _unit, other, _head = _school()
    with pytest.raises(PermissionDeniedError):
        lesson_move(actor=other, lesson_id=rows[0].pk, up=False, now=NOW)


def test_the_words_of_a_public_curriculum_are_changed_by_who_reviews(people: People) -> None:
    book: dict[str, Any] = {
        "unit": people.unit,
        "title": "Nước",
        "summary": "",
        "client_key": "z" * 20,
        "now": NOW,
    }
    row = curriculum_create(actor=people.reporter, **book)
    assert curriculum_create(actor=people.reporter, **book) == row
    assert Curriculum.objects.count() == 1
    change: dict[str, Any] = {"curriculum_id": row.pk, "title": "Nước quanh ta", "summary": "", "now": NOW}
    curriculum_update(actor=people.reporter, **change)
    publish(people, make_draft(people, book=row))
    with pytest.raises(PermissionDeniedError):
        curriculum_update(actor=people.reporter, **change)
    assert curriculum_update(actor=people.head, **{**change, "title": "Nước sạch"}).title == "Nước sạch"


def test_versions_are_compared_part_by_part() -> None:
    new = replace(
        WATER, title="Đo độ pH", minutes=100, objectives=f"{WATER.objectives}\nBiết giữ nguồn nước",
        steps=(*WATER.steps, Step(15, "Tổng kết", "Trình bày")), equipment=WATER.equipment[:1], safety="",
    )  # fmt: skip
    found = {one.label: one for one in differences(WATER, new)}
    assert list(found) == ["Tên bài", "Mục tiêu", "Thời lượng", "Các bước", "Thiết bị", "Lưu ý an toàn"]
    assert (found["Mục tiêu"].removed, found["Mục tiêu"].added) == ([], ["Biết giữ nguồn nước"])
    assert len(found["Các bước"].added) == 1 and "Tổng kết" in found["Các bước"].added[0]
    assert found["Thiết bị"].removed == ["Dung dịch chuẩn pH 4: 2 lọ, 60.000\xa0đ (Hóa chất)"]
    assert differences(WATER, WATER) == []
    assert differences(Content(), Content()) == []
