"""Stories of JSONL imports: new, again, changed, broken in the middle, equal texts, what is held back."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from khcn.core.models.audit import AuditEvent
from khcn.core.models.jobs import Job
from khcn.library.enums import WorkState
from khcn.library.errors import LibraryPermissionError
from khcn.library.imports.reports import ImportReport
from khcn.library.models import ImportBatch, ImportItem, IndexChange, Page, Work
from khcn.library.selectors.index import index_documents
from khcn.library.services import external
from khcn.library.services.jsonl import jsonl_import
from khcn.orgs.enums import Role
from tests.orgs.factories import make_member

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def write(path: Path, *records: dict[str, Any] | str) -> Path:
    lines = [item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def load(path: Path, **options: Any) -> ImportReport:
    return jsonl_import(
        actor=None, path=path, now=options.pop("now", NOW), publish=options.pop("publish", True), **options
    )


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.imported, report.updated, report.unchanged, len(report.failed)


def record(ident: str, **fields: Any) -> dict[str, Any]:
    return {"id": ident, "title": f"Tài liệu {ident}", "text": f"Nội dung của {ident}.", **fields}


def test_new_then_unchanged_then_updated(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", record("a"), record("b"), record("c"))
    assert counts(load(path)) == (3, 0, 0, 0)
    ids = dict(Work.objects.values_list("external_id", "id"))
    IndexChange.objects.all().delete()

    assert counts(load(path)) == (0, 0, 3, 0)
    assert not IndexChange.objects.exists()

    write(path, record("a"), record("b", text="Nội dung mới."), record("d"))
    assert counts(load(path, now=NOW + timedelta(hours=1))) == (1, 1, 1, 0)
    assert dict(Work.objects.values_list("external_id", "id")) | ids == dict(
        Work.objects.values_list("external_id", "id")
    )
    assert list(Page.objects.filter(work__external_id="b").values_list("number", "text")) == [
        (1, "Nội dung mới.")
    ]
    assert Work.objects.get(external_id="b").slug == "tai-lieu-b"


def test_a_work_carries_all_it_was_given(tmp_path: Path) -> None:
    path = write(
        tmp_path / "c.jsonl",
        record(
            "kh82", kind="legal", number="082/KH-UBND", issuing_body="UBND Quận 5", issued="12/04/2021",
            subjects=["Khoa học", "khoa-hoc"], collection="Văn bản", audiences=["officials"], màu="đỏ",
        ),
    )  # fmt: skip
    load(path)
    work = Work.objects.get()
    assert (work.state, work.language, work.page_count) == ("published", "vi", 1)
    assert (work.legal.number_key, work.legal.code_number, work.legal.code_notation) == (
        "82/kh-ubnd",
        "082",
        "KH-UBND",
    )
    assert [term.name for term in work.subjects.all()] == ["Khoa học"]
    assert work.extra == {"màu": "đỏ"}
    (document,) = index_documents([work.pk])
    assert document.facets["issuing_body"] == ("UBND Quận 5",)
    assert document.facets["year"] == ("2021",)
    assert document.number == "082/KH-UBND"
    assert set(document.access) == {"public", "staff"}


def test_a_field_taken_out_of_the_record_is_empty_again(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", record("a", abstract="Cũ", subjects=["Toán"], number="1/QĐ-UBND"))
    load(path)
    load(write(path, record("a")))
    work = Work.objects.get()
    assert work.abstract == "" and not work.subjects.exists() and not hasattr(work, "legal")


def test_a_broken_line_in_the_middle_stops_nobody(tmp_path: Path) -> None:
    path = write(
        tmp_path / "c.jsonl",
        record("a"),
        "{hỏng",
        "",
        '{"id": 7, "title": "Số"}',
        '{"title": "không id"}',
        record("z"),
    )
    report = load(path)
    assert counts(report) == (3, 0, 0, 2)
    assert [item["line"] for item in report.failed] == [2, 5]
    assert set(Work.objects.values_list("external_id", flat=True)) == {"a", "7", "z"}
    held = ImportItem.objects.values_list("position", "state", "name")
    assert list(held) == [(2, "failed", "dòng 2"), (5, "failed", "dòng 5")]
    assert ImportBatch.objects.get().failed == 2


def test_equal_texts_are_separate_works_with_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", record("a", text="Y hệt"), record("b", text="Y  hệt"))
    report = load(path)
    assert counts(report) == (2, 0, 0, 0)
    assert [(item["id"], "“a”" in item["warning"]) for item in report.warnings] == [("b", True)]


def test_the_same_id_twice_in_one_file_updates(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", record("a", text="một"), record("b"), record("a", text="hai"))
    assert counts(load(path)) == (2, 1, 0, 0)
    assert Page.objects.get(work__external_id="a").text == "hai"


def test_without_publish_it_waits_and_publishing_later_is_an_update(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", record("a"))
    load(path, publish=False)
    assert Work.objects.get().state == WorkState.SUBMITTED
    assert list(index_documents(list(Work.objects.values_list("pk", flat=True)))) == []
    assert counts(load(path)) == (0, 1, 0, 0)
    assert Work.objects.get().state == WorkState.PUBLISHED


def test_what_is_sensitive_waits_for_a_person(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", record("a", text="TỐI MẬT\nKế hoạch phòng thủ."))
    report = load(path)
    work = Work.objects.get()
    assert (work.state, work.sensitive) == ("submitted", True)
    assert work.sensitive_findings[0]["kind"] == "stamp"
    assert len(report.warnings) == 1
    assert counts(load(path)) == (0, 0, 1, 0)  # asking again does not publish it


def test_a_withdrawn_work_stays_withdrawn_when_its_record_changes(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", record("a"))
    load(path)
    Work.objects.update(state=WorkState.WITHDRAWN)
    load(write(path, record("a", text="khác")))
    assert Work.objects.get().state == WorkState.WITHDRAWN


def test_an_embargo_hides_until_its_day(tmp_path: Path) -> None:
    later = (timezone.localdate(NOW) + timedelta(days=3)).isoformat()
    load(write(tmp_path / "c.jsonl", record("a", embargo_until=later)))
    work = Work.objects.get()
    assert work.embargoed
    assert "public" not in next(iter(index_documents([work.pk]))).access
    assert not Work.objects.published_to(None).exists()


def test_relations_wait_for_their_targets(tmp_path: Path) -> None:
    cites = [{"kind": "amends", "number": "29/2013/QH13"}, {"kind": "related", "id": "b"}]
    load(write(tmp_path / "1.jsonl", record("a", relations=cites)))
    work = Work.objects.get()
    assert [row.target for row in work.relations.all()] == [None, None]

    load(write(tmp_path / "2.jsonl", record("luat", number="29/2013/QH13"), record("b")))
    found = {row.kind: row.target and row.target.external_id for row in work.relations.all()}
    assert found == {"amends": "luat", "related": "b"}


def test_a_number_borne_by_two_works_is_left_open(tmp_path: Path) -> None:
    load(write(tmp_path / "1.jsonl", record("x", number="1/QĐ-UBND"), record("y", number="01/QĐ-UBND")))
    load(write(tmp_path / "2.jsonl", record("a", relations=[{"kind": "amends", "number": "1/QĐ-UBND"}])))
    assert Work.objects.get(external_id="a").relations.get().target is None


def test_one_audit_row_and_one_job_for_a_batch(tmp_path: Path) -> None:
    load(write(tmp_path / "c.jsonl", *[record(f"n{number}") for number in range(50)]))
    event = AuditEvent.objects.get(action="library.work.import")
    assert (event.count, event.actor_label) == (50, "")
    assert Job.objects.get().state == "done"


def test_batches_are_small_transactions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("khcn.library.services.jsonl.BATCH_LINES", 10)
    path = write(tmp_path / "c.jsonl", *[record(f"n{number}") for number in range(35)])
    real, calls = external._finish, []

    def dies_in_the_third(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(*args)

    monkeypatch.setattr(external, "_finish", dies_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        load(path)
    assert Work.objects.count() == Page.objects.count() == 20  # whole batches or nothing
    assert ImportBatch.objects.get().state == "failed"

    monkeypatch.setattr(external, "_finish", real)
    assert counts(load(path)) == (15, 0, 20, 0)


def test_a_full_disk_keeps_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("khcn.library.services.jsonl.BATCH_LINES", 5)
    path = write(tmp_path / "c.jsonl", *[record(f"n{number}") for number in range(12)])
    real, calls = external.index_enqueue, []

    def full(ids: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OperationalError("database or disk is full")
        real(ids)

    monkeypatch.setattr(external, "index_enqueue", full)
    report = load(path)
    assert report.stopped and report.useless
    assert "đã đầy" in report.failed[0]["error"] and report.failed[0]["line"] == 6
    assert Work.objects.count() == 5


def test_who_may_import(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", record("a"))
    for role in (Role.CONTRIBUTOR, Role.SYSADMIN, Role.AUDITOR):
        with pytest.raises(LibraryPermissionError):
            jsonl_import(actor=make_member(role), path=path, publish=True, now=NOW)
    assert not Work.objects.exists()
    jsonl_import(actor=make_member(Role.LIBRARIAN), path=path, publish=True, now=NOW)
    assert Work.objects.exists()


def test_query_count_does_not_grow_with_the_lines(tmp_path: Path, django_assert_max_num_queries: Any) -> None:
    load(write(tmp_path / "0.jsonl", record("warm", subjects=["Toán"], collection="Kệ")))
    path = write(tmp_path / "c.jsonl", *[record(f"n{number}", subjects=["Toán"]) for number in range(400)])
    with django_assert_max_num_queries(60):
        load(path)


def test_a_line_that_the_database_refuses_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that slips through the checks of lines meets a constraint; its neighbours still come in."""
    real = external._fill

    def slips(work: Work, draft: Any, context: Any) -> Work:
        filled = real(work, draft, context)
        filled.issued_year = 9999 if draft.external_id == "n5" else None
        return filled

    monkeypatch.setattr(external, "_fill", slips)
    report = load(write(tmp_path / "c.jsonl", *[record(f"n{number}") for number in range(9)]))
    assert counts(report) == (8, 0, 0, 1)
    assert report.failed[0]["line"] == 6
    assert "n5" not in set(Work.objects.values_list("external_id", flat=True))


def test_validity_that_ends_before_it_begins_is_set_aside(tmp_path: Path) -> None:
    fields = {"number": "1/QĐ-UBND", "effective_date": "2021-05-01", "expired_date": "2020-05-01"}
    report = load(write(tmp_path / "c.jsonl", record("a", **fields)))
    work = Work.objects.get()
    assert (work.legal.expired_date, work.extra) == (None, {"expired_date": "2020-05-01"})
    assert len(report.warnings) == 1
