"""Lessons in a given state, through the services."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from khcn.orgs.models import Unit
from khcn.programmes.models.curricula import Curriculum, Lesson, LessonVersion
from khcn.programmes.models.curricula_runs import LessonRun
from khcn.programmes.rules.curricula import Content, Item, Step
from khcn.programmes.services.curricula_books import curriculum_create
from khcn.programmes.services.curricula_lessons import (
    lesson_create,
    lesson_publish,
    lesson_save,
    lesson_submit,
)
from khcn.programmes.services.curricula_runs import RunText, run_report
from tests.programmes.factories import NOW, TODAY, People

_number = count(1)
WATER = Content(
    title="Đo độ pH của nước quanh trường",
    summary="Học sinh lấy mẫu nước, đo độ pH bằng giấy quỳ và cảm biến, so sánh và kết luận.",
    objectives="Nêu được ý nghĩa của độ pH\nĐo được độ pH bằng hai cách",
    subject="natural", grade_from=6, grade_to=8, age_from=11, age_to=14, audiences=("teachers", "pupils"), minutes=90,
    steps=(
        Step(15, "Nêu vấn đề, chia nhóm", "Nghe, đặt câu hỏi"),
        Step(60, "Theo dõi các nhóm đo", "Đo ba mẫu nước, ghi bảng", "Nước mưa khoảng 5,6; nước máy 6,5 đến 8,5"),
    ),
    equipment=(
        Item("Giấy quỳ", "hộp", 5, 35_000), Item("Dung dịch chuẩn pH 4", "lọ", 2, 60_000, ("chemical",)),
    ),
    safety="Đeo găng tay khi dùng dung dịch chuẩn.", credits="Tổ Khoa học tự nhiên", licence="cc-by-sa-4.0",
)  # fmt: skip


def make_curriculum(unit: Unit, **fields: Any) -> Curriculum:
    """Return a curriculum of a unit."""
    values = {"title": f"Khoa học quanh ta {next(_number)}", "summary": "", "now": NOW} | fields
    return curriculum_create(actor=None, unit=unit, **values)


def make_draft(
    people: People, *, content: Content = WATER, book: Curriculum | None = None, now: datetime = NOW
) -> Lesson:
    """Return a draft of the reporter."""
    home = book or make_curriculum(people.unit, now=now)
    return lesson_create(actor=people.reporter, curriculum=home, content=content, now=now)


def publish(people: People, row: Lesson, *, note: str = "", now: datetime = NOW) -> LessonVersion:
    """Submit by the reporter, publish by the head."""
    sent = lesson_submit(actor=people.reporter, lesson_id=row.pk, now=now)
    return lesson_publish(actor=people.head, lesson_id=row.pk, note=note, revision=sent.revision, now=now)


def make_published(people: People, *, now: datetime = NOW, **changes: Any) -> Lesson:
    """Return a lesson with its first version."""
    row = make_draft(people, content=replace(WATER, **changes), now=now)
    publish(people, row, now=now)
    return Lesson.objects.get(pk=row.pk)


def next_version(
    people: People, row: Lesson, *, note: str = "Sửa", now: datetime = NOW, **changes: Any
) -> LessonVersion:
    """Change and publish again."""
    row.refresh_from_db()
    held = Lesson.objects.get(pk=row.pk)
    content = replace(held.content, **changes)
    lesson_save(actor=people.reporter, lesson_id=row.pk, content=content, revision=held.revision, now=now)
    return publish(people, row, note=note, now=now)


def run_text(**changes: Any) -> RunText:
    """Return what a school says of one class."""
    return replace(
        RunText(TODAY, "7A", pupils=38, minutes=85, rating=4, grade=7, worked="Các em rất thích"), **changes
    )


def make_run(people: People, row: Lesson, *, unit: Unit | None = None, **changes: Any) -> LessonRun:
    """Return a report of the unit, by the system."""
    assert row.current_id
    return run_report(
        actor=None, version_id=row.current_id, unit=unit or people.unit, values=run_text(**changes),
        now=NOW + timedelta(hours=1),
    )  # fmt: skip
