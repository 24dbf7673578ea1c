"""Whole histories: what a source, a file of records or a catalogue writes over stays as a version that readers can open."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from khcn.library.enums import WorkState
from khcn.library.intake.schemas import WorkIn
from khcn.library.models import Work, WorkVersion
from khcn.library.selectors.versions import pending_changes, snapshot_of, version_of
from khcn.library.services.records import record_take
from khcn.library.services.works import work_update
from khcn.orgs.enums import Role
from tests.library.harvest_stage import Stage, stage_of
from tests.library.test_catalogue_import import book, bring
from tests.library.test_jsonl_import import NOW, load, record, write
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with stage_of(monkeypatch) as made:
        yield made


def history(work: Work) -> list[tuple[int, str, str]]:
    """Number, note and title of each version, the first one first."""
    rows = WorkVersion.objects.filter(work=work).order_by("number")
    return [(row.number, row.note, row.snapshot["title"]) for row in rows]


def test_a_record_that_its_source_changes_keeps_what_it_was(stage: Stage, client: Client) -> None:
    for number in range(3):
        stage.fake.add(number)
    stage.add()
    stage.run()
    assert not WorkVersion.objects.exists()  # nothing changed yet: the work itself is its first version
    stage.fake.records[1].dc |= {"title": ["Nhan đề mới"], "publisher": ["Nhà xuất bản khác"]}
    stage.run(full=True)
    work = stage.work(1)
    assert history(work) == [
        (1, "", "Tài liệu số 1"),
        (2, "Nơi giữ bản gốc đã sửa: nhan đề, nơi xuất bản.", "Nhan đề mới"),
    ]
    assert (work.version, stage.work(0).version, pending_changes(work)) == (2, 1, [])
    old = client.get(
        reverse("library:version", kwargs={"slug": work.slug, "pk": work.pk, "number": 1}), follow=True
    )
    assert "Tài liệu số 1" in old.content.decode()
    stage.run(full=True)  # the same again is no version
    assert stage.work(1).version == 2


def test_jsonl_written_over_is_a_version_with_its_difference(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", record("a", subjects=["Toán"]), record("b"), record("c"))
    load(path)
    write(path, record("a", subjects=["Lý"], ddc="530"), record("b", text="Chữ mới."), record("c"))
    load(path, now=NOW + timedelta(hours=1))
    load(path, now=NOW + timedelta(hours=2))
    works = {work.external_id: work for work in Work.objects.all()}
    assert [note for _number, note, _title in history(works["a"])] == [
        "",
        "Nhập lại từ tệp, đã đổi: chủ đề, phân loại DDC.",
    ]
    assert [note for _number, note, _title in history(works["b"])] == [
        "",
        "Nhập lại từ tệp, đã đổi: nội dung.",
    ]
    assert history(works["c"]) == []
    first = version_of(works["a"], 1)
    assert first is not None and first.snapshot["subjects"] == ["Toán"]


def test_what_was_mended_by_hand_before_stands_in_the_version_before(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", record("a"))
    load(path)
    work = Work.objects.get()
    work_update(actor=None, work=work, now=NOW, values={"abstract": "Viết tay."})
    load(write(path, record("a", title="Tên khác")), now=NOW + timedelta(hours=1))
    work.refresh_from_db()
    (_first, second) = history(work)
    assert second == (2, "Nhập lại từ tệp, đã đổi: nhan đề, tóm tắt.", "Tên khác")
    assert pending_changes(work) == []


def test_what_is_not_public_makes_no_versions(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", record("draft"))
    load(path, publish=False)
    load(write(path, record("draft", title="Khác")), publish=False)
    Work.objects.update(state=WorkState.WITHDRAWN)
    load(write(path, record("draft", title="Khác nữa")))
    assert not WorkVersion.objects.exists()
    assert Work.objects.get().version == 1


def test_a_catalogue_record_that_changes_its_work_says_so() -> None:
    bring(book("Một", control="v1") + book("Hai", control="v2"), publish=True)
    bring(book("Một", control="v1") + book("Hai (bản mới)", control="v2"))
    changed, same = Work.objects.get(title="Hai (bản mới)"), Work.objects.get(title="Một")
    assert [row[:2] for row in history(changed)] == [(1, ""), (2, "Sửa theo tệp biên mục: nhan đề.")]
    assert (changed.version, same.version) == (2, 1)


def test_a_record_that_a_program_sends_again_changes_a_published_work_with_a_version() -> None:
    unit = make_unit()
    librarian = make_member(Role.LIBRARIAN, unit=unit)
    first = record_take(
        actor=librarian, unit_id=unit.pk, record=WorkIn(external_id="k1", title="Một"), now=NOW
    ).work
    changed = record_take(
        actor=librarian, unit_id=unit.pk, record=WorkIn(external_id="k1", title="Một, nháp"), now=NOW
    ).work
    assert (changed.pk, changed.version, history(changed)) == (first.pk, 1, [])  # still a draft
    Work.objects.update(state=WorkState.PUBLISHED, published_at=NOW)
    again = WorkIn(external_id="k1", title="Hai")
    work = record_take(actor=librarian, unit_id=unit.pk, record=again, now=NOW).work
    assert history(work) == [
        (1, "", "Một, nháp"),
        (2, "Chương trình gửi lại bản ghi, đã đổi: nhan đề.", "Hai"),
    ]
    assert work.version == 2
    assert record_take(actor=librarian, unit_id=unit.pk, record=again, now=NOW).outcome == "unchanged"


def test_queries_do_not_grow_with_the_works_that_change(
    tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    path = write(tmp_path / "a.jsonl", *[record(f"n{number}", subjects=["Toán"]) for number in range(200)])
    load(path)
    write(path, *[record(f"n{number}", title=f"Khác {number}", subjects=["Toán"]) for number in range(200)])
    with django_assert_max_num_queries(90):
        load(path)
    assert set(Work.objects.values_list("version", flat=True)) == {2}
    assert WorkVersion.objects.count() == 400
    work = Work.objects.filter(external_id="n7").get()
    assert version_of(work, 2).snapshot == snapshot_of(work)  # type: ignore[union-attr]  # there are two
