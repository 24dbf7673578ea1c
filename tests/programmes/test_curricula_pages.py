"""The pages of lessons: a teacher finds, reads, prints; a school writes, adapts and reports; strangers see what is public."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from khcn.core.indicators import Period, indicators
from khcn.core.references import Reference, resolve
from khcn.orgs.enums import Role
from khcn.programmes import curricula_demo
from khcn.programmes.areas import todo_lists
from khcn.programmes.enums_curricula import LessonState
from khcn.programmes.models.curricula import Curriculum, Lesson
from khcn.programmes.models.curricula_runs import LessonRun
from khcn.programmes.services.curricula_forks import lesson_fork
from khcn.programmes.services.curricula_lessons import lesson_submit, lesson_withdraw
from tests.orgs.factories import give_role, make_unit, make_user
from tests.programmes.curricula_factories import (
    WATER,
    make_curriculum,
    make_draft,
    make_published,
    make_run,
    next_version,
    run_text,
)
from tests.programmes.factories import NOW, TODAY, People

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert('x')</script> & \"Ố\""


@pytest.fixture
def people() -> People:
    return People()


def _public(name: str, *args: Any) -> str:
    return reverse(f"curricula:{name}", args=args)


def _desk(name: str, *args: Any) -> str:
    return reverse(f"curricula-desk:{name}", args=args)


def test_a_teacher_finds_and_reads_a_lesson(client: Client, people: People) -> None:
    row = make_published(people)
    page = client.get(
        _public("lessons"), {"tim": "do do ph", "lop": "7", "mon": "natural", "chi-phi": "500000"}
    )
    assert row.title in page.content.decode()
    assert row.title not in client.get(_public("lessons"), {"chi-phi": "0"}).content.decode()
    text = client.get(_public("lesson", row.key)).content.decode()
    for words in (
        "Đeo găng tay",
        "Hóa chất",
        "295.000",
        "CC BY-SA 4.0",
        "Nước mưa khoảng 5,6",
        people.unit.name,
    ):
        assert words in text
    assert row.title in client.get(_public("curriculum", row.curriculum.key)).content.decode()
    assert row.curriculum.title in client.get(_public("curricula")).content.decode()


def test_the_public_sees_no_draft_and_nonsense_is_no_error(client: Client, people: People) -> None:
    draft = make_draft(people)
    for path in (
        _public("lesson", draft.key), _public("curriculum", draft.curriculum.key), _public("lesson", "khong-co"),
        _public("sheet", draft.key, "giao-vien", "docx"), _public("lesson-package", draft.key),
    ):  # fmt: skip
        assert client.get(path).status_code == 404
    row = make_published(people)
    assert client.get(_public("version", row.key, 9)).status_code == 404
    strange = {
        "tim": "a\x00%'",
        "mon": "x",
        "lop": "-1",
        "phut": "9" * 30,
        "xep": "?",
        "trang": "zz",
        "don-vi": "١",
    }
    assert client.get(_public("lessons"), strange).status_code == 200
    assert client.get(_public("compare", row.key), {"tu": "x", "den": "1"}).status_code == 200


def test_markup_in_a_lesson_is_shown_as_text(client: Client, people: People) -> None:
    row = make_published(people, title=HOSTILE, summary=HOSTILE, safety=HOSTILE)
    make_run(people, row)
    for path in (_public("lesson", row.key), _public("lessons"), _public("curriculum", row.curriculum.key)):
        assert b"<script>alert" not in client.get(path).content


def test_an_old_version_says_so_and_a_withdrawn_lesson_points_on(client: Client, people: People) -> None:
    row = make_published(people)
    next_version(people, row, note="Thêm nhóm", minutes=100, title="Đo pH lần hai")
    old = client.get(_public("version", row.key, 1))
    assert "Đây là phiên bản cũ" in old.content.decode() and old["X-Robots-Tag"] == "noindex"
    compared = client.get(_public("compare", row.key)).content.decode()
    assert "<del>90 phút</del>" in compared and "<ins>100 phút</ins>" in compared
    newer = make_published(people, title="Bài thay thế")
    lesson_withdraw(actor=people.head, lesson_id=row.pk, reason="Dễ vỡ cốc", successor_id=newer.pk, now=NOW)
    gone = client.get(_public("lesson", row.key)).content.decode()
    assert "đã rút" in gone and "Dễ vỡ cốc" in gone and _public("lesson", newer.key) in gone
    assert "Đo pH lần hai" not in client.get(_public("lessons")).content.decode()
    assert client.get(_public("lesson-package", row.key)).status_code == 404


def test_the_list_asks_the_same_number_of_questions(client: Client, people: People) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(_public("lessons")).status_code == 200
        return len(asked)

    for _n in range(2):
        make_published(people)
    client.get(_public("lessons"))
    few = count()
    for _n in range(8):
        make_published(people)
    assert count() == few


WRITERS = {"officer", "reporter"}


def test_who_opens_which_desk_page(client: Client, people: People) -> None:
    row, draft = make_published(people), make_draft(people)
    run = make_run(people, row)
    pages = {
        _desk("lessons"): None, _desk("curricula"): None, _desk("curriculum", row.curriculum_id): None,
        _desk("lesson", row.pk): None, _desk("lesson", draft.pk): None, _desk("runs"): None, _desk("run", run.pk): None,
        _desk("lesson-edit", draft.pk): WRITERS, _desk("steps", draft.pk): WRITERS, _desk("equipment", draft.pk): WRITERS,
        _desk("materials", draft.pk): WRITERS, _desk("lesson-new", draft.curriculum_id): WRITERS,
        _desk("curriculum-new"): WRITERS, _desk("fork", row.current_id): WRITERS,
        _desk("run-new", row.pk): WRITERS | {"head"},
    }  # fmt: skip
    for name in ("officer", "focal_head", "reporter", "head", "auditor"):
        client.force_login(getattr(people, name))
        for path, allowed in pages.items():
            wanted = 200 if allowed is None or name in allowed else 403
            assert client.get(path).status_code == wanted, f"{name} {path}"
    client.force_login(make_user())
    assert {client.get(path).status_code for path in pages} == {403}
    client.logout()
    assert {client.get(path).status_code for path in pages} == {302}


def test_a_head_of_another_school_sees_no_draft_and_no_report(client: Client, people: People) -> None:
    row, draft = make_published(people), make_draft(people)
    run, other = make_run(people, row), make_user()
    give_role(other, Role.UNIT_HEAD, make_unit())
    client.force_login(other)
    assert client.get(_desk("lesson", row.pk)).status_code == 200
    assert client.get(_desk("lesson", draft.pk)).status_code == 404
    assert client.get(_desk("run", run.pk)).status_code == 404
    assert draft.title not in client.get(_desk("lessons"), {"trang-thai": "draft"}).content.decode()


def test_a_school_writes_a_lesson_page_by_page(client: Client, people: People) -> None:
    book = make_curriculum(people.unit)
    client.force_login(people.reporter)
    form = {
        "title": "Robot dò đường", "summary": "Lắp và lập trình", "objectives": "Lắp được robot", "subject": "computing",
        "audiences": ["pupils"], "grade_from": "8", "grade_to": "9", "minutes": "90", "licence": "cc-by-4.0",
        "client_key": "c" * 20,
    }  # fmt: skip
    for _double in range(2):
        assert client.post(_desk("lesson-new", book.pk), form).status_code == 302
    row = Lesson.objects.get()
    steps = {
        "revision": "0",
        "minutes-1": "30",
        "teacher-1": "Chia nhóm",
        "minutes-3": "60",
        "pupils-3": "Lắp xe",
    }
    assert client.post(_desk("steps", row.pk), steps).status_code == 302
    assert client.post(_desk("steps", row.pk), steps).status_code == 422  # opened before: stale
    things = {
        "revision": "1", "name-1": "Bộ xe robot", "unit-1": "bộ", "quantity-1": "6", "price-1": "450.000",
        "hazards-1": ["electric", "moving"],
    }  # fmt: skip
    wrong = client.post(_desk("equipment", row.pk), things | {"quantity-1": "sáu"})
    assert wrong.status_code == 422 and "“sáu” không phải số nguyên" in wrong.content.decode()
    assert "Bộ xe robot" in wrong.content.decode()
    assert client.post(_desk("equipment", row.pk), things).status_code == 302
    client.post(_desk("step", row.pk), {"viec": "gui"})
    row = Lesson.objects.get()
    assert (row.state, row.cost) == (LessonState.DRAFT, 2_700_000)  # hazards without a word on safety
    edit = form | {"safety": "Ngắt điện khi lắp", "revision": str(row.revision)}
    assert client.post(_desk("lesson-edit", row.pk), edit).status_code == 302
    client.post(_desk("step", row.pk), {"viec": "gui"})
    row = Lesson.objects.get()
    assert row.state == LessonState.SUBMITTED
    client.post(_desk("step", row.pk), {"viec": "cong-bo", "revision": str(row.revision)})
    assert Lesson.objects.get().state == LessonState.SUBMITTED
    client.force_login(people.head)
    for _double in range(2):
        client.post(_desk("step", row.pk), {"viec": "cong-bo", "revision": str(row.revision)})
    row = Lesson.objects.get()
    assert (row.state, row.versions.count(), len(row.published.steps)) == (LessonState.PUBLISHED, 1, 2)
    assert client.get(_desk("lesson", row.pk)).status_code == 200
    assert client.post(_desk("step", row.pk), {"viec": "rut", "reason": ""}).status_code == 422
    assert client.post(_desk("step", row.pk), {"viec": "bay"}).status_code == 404
    assert client.post(_desk("step", row.pk), {"viec": "rut", "reason": "Thiếu linh kiện"}).status_code == 302
    assert Lesson.objects.get().state == LessonState.WITHDRAWN


def _sheet(rows: list[list[Any]], *, merged: str = "") -> SimpleUploadedFile:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(
        [
            "Tên thiết bị, vật tư *",
            "Đơn vị tính *",
            "Số lượng một lớp *",
            "Đơn giá (đồng) *",
            "Dấu hiệu nguy hiểm",
        ]
    )
    for row in rows:
        page.append(row)
    if merged:
        page.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("thiet-bi.xlsx", out.getvalue())


def test_equipment_goes_down_and_comes_back_as_a_sheet(client: Client, people: People) -> None:
    row = make_draft(people)
    client.force_login(people.reporter)
    down = client.get(_desk("equipment-sheet", row.pk))
    held = load_workbook(io.BytesIO(down.content)).worksheets[0]
    assert [cell.value for cell in held[3]] == ["Dung dịch chuẩn pH 4", "lọ", 2, 60_000, "Hóa chất"]
    again = SimpleUploadedFile("bang.xlsx", down.content)
    client.post(_desk("equipment", row.pk), {"sheet": again, "revision": "0", "viec": "bang"})
    assert Lesson.objects.get().content.equipment == WATER.equipment
    new = _sheet(
        [["Cốc đốt 250 ml", "cái", 6, 45_000, "Vật sắc nhọn; nhiệt, lửa"], ["=1+1", "cái", 1, 0, None]]
    )
    # a formula that was never worked out is refused with its cell
    bad = client.post(_desk("equipment", row.pk), {"sheet": new, "revision": "0", "viec": "bang"})
    assert bad.status_code == 422 and "dòng 3" in bad.content.decode()
    good = _sheet([["Cốc đốt 250 ml", "cái", 6, "45.000", "Vật sắc nhọn; nhiệt, lửa"]])
    client.post(_desk("equipment", row.pk), {"sheet": good, "revision": "0", "viec": "bang"})
    (item,) = Lesson.objects.get().content.equipment
    assert (item.cost, item.hazards) == (270_000, ("heat", "sharp"))


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (lambda: _sheet([["Cốc", "cái", 6, 1000, ""], [None, "cái", 2, 1000, ""]], merged="A2:A3"), "Ô gộp"),
        (lambda: _sheet([["Cốc", "cái", -6, 1000, ""]]), "số lượng phải từ 1"),
        (lambda: _sheet([["Cốc", "cái", 6, 1000, "Ma thuật"]]), "không có dấu hiệu “Ma thuật”"),
        (lambda: _sheet([["C" * 300, "cái", 6, 1000, ""]]), "Dài quá 200"),
        (lambda: _sheet([]), "từ 1 đến 60 dòng"),
        (lambda: _sheet([["Cốc", "cái", 1, 1, ""]] * 61), "từ 1 đến 60 dòng"),
        (lambda: SimpleUploadedFile("x.xlsx", b"PK\x03\x04 nonsense"), "không phải là bảng Excel"),
    ],
)
def test_a_bad_sheet_is_refused_whole(client: Client, people: People, file: Any, words: str) -> None:
    row = make_draft(people)
    client.force_login(people.reporter)
    page = client.post(_desk("equipment", row.pk), {"sheet": file(), "revision": "0", "viec": "bang"})
    assert page.status_code == 422
    assert words in page.content.decode()
    assert Lesson.objects.get().content.equipment == WATER.equipment


def test_a_fork_of_a_withdrawn_lesson_is_refused_on_the_page(client: Client, people: People) -> None:
    row = make_published(people)
    client.force_login(people.reporter)
    path = _desk("fork", row.current_id)
    form = {"unit": people.unit.pk, "client_key": "f" * 20}
    for _double in range(2):
        assert client.post(path, form).status_code == 302
    assert Lesson.objects.exclude(forked_from=None).count() == 1
    lesson_withdraw(actor=people.head, lesson_id=row.pk, reason="Sai số liệu", now=NOW)
    page = client.post(path, form | {"client_key": "g" * 20})
    assert page.status_code == 422 and "Hãy tìm bài khác" in page.content.decode()


def _run_form(people: People, row: Lesson, **more: str) -> dict[str, Any]:
    return {
        "unit": people.unit.pk, "version": row.current_id, "ran_on": timezone.localdate().isoformat(), "class_name": "7A",
        "grade": "7", "pupils": "38", "minutes": "85", "rating": "4", "worked": "Hào hứng", "client_key": "r" * 20,
    } | more  # fmt: skip


def test_a_school_reports_once_changes_and_withdraws(client: Client, people: People) -> None:
    row = make_published(people)
    client.force_login(people.reporter)
    for _double in range(2):
        assert client.post(_desk("run-new", row.pk), _run_form(people, row)).status_code == 302
    run = LessonRun.objects.get()
    again = client.post(_desk("run-new", row.pk), _run_form(people, row, client_key="s" * 20))
    assert again.status_code == 422 and "đã báo cáo" in again.content.decode()
    changed = _run_form(people, row, viec="sua", rating="5", revision="0")
    assert client.post(_desk("run", run.pk), changed).status_code == 302
    assert Lesson.objects.get().rating_sum == 5
    assert client.post(_desk("run", run.pk), changed).status_code == 422  # stale
    book = load_workbook(io.BytesIO(b"".join(client.get(_desk("runs"), {"tep": "xlsx"}).streaming_content)))
    assert book.worksheets[0]["E2"].value == "7A"
    client.post(_desk("run", run.pk), {"viec": "rut", "reason": "Nhầm"})
    assert Lesson.objects.get().runs_count == 0
    assert "Đã rút" in client.get(_desk("runs")).content.decode()


def test_what_waits_is_told_to_who_can_do_it(people: People) -> None:
    def waiting(user: Any) -> list[str]:
        request = HttpRequest()
        request.user = user
        return [one.text for one in todo_lists.get("curricula")(request, NOW)]

    row = make_draft(people)
    lesson_submit(actor=people.reporter, lesson_id=row.pk, now=NOW)
    assert [bool(waiting(one)) for one in (people.head, people.officer, people.reporter, people.auditor)] == [
        True, True, False, False,
    ]  # fmt: skip
    source = make_published(people)
    unit, other = make_unit(), make_user()
    give_role(other, Role.UNIT_REPORTER, unit)
    lesson_fork(actor=other, version_id=source.current_id or 0, unit=unit, now=NOW)
    next_version(people, source, minutes=100, now=NOW + timedelta(hours=2))
    assert any("Bài gốc" in text for text in waiting(other))
    make_run(people, source, incident=True, incident_note="Vỡ cốc", ran_on=TODAY)
    assert any("Sự cố" in text for text in waiting(people.officer))
    assert not any("Sự cố" in text for text in waiting(people.head))


def test_figures_count_by_unit(people: People) -> None:
    row = make_published(people)
    school = make_unit("Trường A")
    for number in range(3):
        make_run(people, row, unit=school, class_name=f"7{number}", pupils=30, rating=4)
    make_run(people, row, class_name="8A", pupils=10, rating=2)
    period = Period(TODAY.replace(month=1, day=1), TODAY.replace(month=12, day=31))

    def figure(key: str, units: list[int] | None = None) -> Any:
        found = indicators.get(f"programmes.{key}")
        return found.figure(period=period, unit_ids=units, reader=people.officer).value

    assert [figure(f"lessons{one}") for one in ("", ".forks", ".runs", ".pupils", ".schools")] == [
        1,
        0,
        4,
        100,
        2,
    ]
    assert figure("lessons.pupils", [school.pk]) == 90
    assert float(figure("lessons.rating")) == 3.5
    source = (
        indicators.get("programmes.lessons")
        .figure(period=period, unit_ids=None, reader=people.officer)
        .sources[0]
    )
    assert source == Reference("programmes.lesson", str(row.pk))
    found = resolve(source, people.auditor)
    assert found is not None and found.title == row.title


def test_a_report_of_a_class_with_a_strange_name(client: Client, people: People) -> None:
    row = make_published(people)
    client.force_login(people.head)
    assert (
        client.post(_desk("run-new", row.pk), _run_form(people, row, class_name=HOSTILE)).status_code == 302
    )
    assert b"<script>alert" not in client.get(_desk("runs")).content
    assert run_text().class_name == "7A" and replace(WATER).title


def test_the_demo_is_made_once_through_the_services(client: Client, people: People) -> None:
    now = timezone.now()
    for _twice in range(2):
        curricula_demo.load(lambda _text: None, now)
    assert (Curriculum.objects.filter(key__startswith="mau-").count(), Lesson.objects.count()) == (6, 23)
    assert Lesson.objects.filter(state=LessonState.WITHDRAWN).count() == 1
    assert LessonRun.objects.count() > 30
    assert LessonRun.objects.filter(incident=True).exists()
    for row in Lesson.objects.published():
        assert client.get(_public("lesson", row.key)).status_code in {200, 429}


def test_the_sitemap_names_published_lessons_only(client: Client) -> None:
    people = People()
    draft, published = make_draft(people), make_published(people)
    text = client.get("/sitemap-lessons.xml").content.decode()
    assert f"/bai-hoc/{published.key}/" in text
    assert f"/bai-hoc/{draft.key}/" not in text
