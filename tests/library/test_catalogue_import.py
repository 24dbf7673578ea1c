"""Catalogue files in and out: preview first, the same file twice changes nothing, nothing is silently doubled."""

import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pymarc
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone
from openpyxl import load_workbook
from pymarc import Field, Indicators, Subfield

from khcn.core.jobs import job_retry
from khcn.core.models.audit import AuditEvent
from khcn.core.models.jobs import Job
from khcn.engines.records.marc import marc_bytes, to_marc
from khcn.engines.text.collate import sort_key
from khcn.library.enums import CatalogueState, WorkState
from khcn.library.errors import LibraryPermissionError, StateChangedError
from khcn.library.exports.catalogue import catalogue_write, empty_sheet
from khcn.library.imports.catalogue_columns import COLUMNS
from khcn.library.imports.drafts import RecordDraft
from khcn.library.models import Authority, AuthorityTie, CatalogueFile, Collection, Subject, Work
from khcn.library.selectors.records import records_of
from khcn.library.services import catalogue
from khcn.library.services.catalogue import (
    CatalogueFileError,
    catalogue_confirm,
    catalogue_drop,
    catalogue_interrupted,
    catalogue_resume,
    catalogue_take,
    catalogue_work,
    spool_path,
)
from khcn.library.services.catalogue_plan import _likely
from khcn.library.services.works import work_create, work_update
from khcn.orgs.enums import Role
from tests.library.makers import make_term, make_work
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def book(title: str, name: str = "Nguyễn Thị Hòa", control: str = "v1", **fields: str) -> bytes:
    """Return a record of another library; ``f020`` ... give subfield a of more fields."""
    record = pymarc.Record(force_utf8=True)
    record.add_field(Field("001", data=control), Field("003", data="TVQG"))
    record.add_field(Field("100", Indicators("0", " "), [Subfield("a", name)]))
    record.add_field(Field("245", Indicators("1", "0"), [Subfield("a", title)]))
    record.add_field(Field("260", Indicators(" ", " "), [Subfield("b", "Giáo dục"), Subfield("c", "2005")]))
    for tag, value in fields.items():
        record.add_field(Field(tag[1:], Indicators(" ", " "), [Subfield("a", value)]))
    return record.as_marc()


def sheet(*rows: dict[str, Any], drop: tuple[str, ...] = ()) -> bytes:
    """Return the template filled in; ``drop`` leaves columns out."""
    workbook = load_workbook(io.BytesIO(empty_sheet()))
    page = workbook.worksheets[0]
    places = {column.key: index for index, column in enumerate(COLUMNS, start=1)}
    for number, row in enumerate(rows, start=2):
        for key, value in row.items():
            page.cell(number, places[key], value)
    for key in sorted(drop, key=lambda key: -places[key]):
        page.delete_cols(places[key])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def take(data: bytes, name: str = "danh-muc.mrc", actor: Any = None, **options: Any) -> CatalogueFile:
    options = {"unit_id": None, "collection_id": None, **options}
    file = catalogue_take(
        actor=actor, upload=SimpleUploadedFile(name, data), now=NOW, background=False, **options
    )
    catalogue_work(file.pk)
    file.refresh_from_db()
    return file


def bring(data: bytes, *, publish: bool = False, doubles: bool = False, **options: Any) -> CatalogueFile:
    file = take(data, **options)
    assert file.state == CatalogueState.READY, file.message
    catalogue_confirm(actor=None, file=file, publish=publish, doubles=doubles, now=NOW, background=False)
    catalogue_work(file.pk)
    file.refresh_from_db()
    return file


def counts(file: CatalogueFile) -> dict[str, int]:
    return {
        name: file.counts[name]
        for name in ("new", "changed", "same", "double", "faulty")
        if file.counts[name]
    }


def test_preview_writes_nothing() -> None:
    file = take(book("Mạng máy tính") + b"rubbish\x1d" + book("Kỹ thuật số", control="v2"))
    assert (file.state, counts(file)) == ("ready", {"new": 2, "faulty": 1})
    assert not Work.objects.exists()
    assert not Authority.objects.exists()
    assert [one["title"] for one in file.sample] == ["Mạng máy tính", "Kỹ thuật số"]
    assert file.faults[0]["row"] == 2
    assert "xuất lại" in file.faults[0]["message"].lower()


def test_confirmed_records_wait_for_review_like_deposits() -> None:
    unit = make_unit("Thư viện")
    shelf = make_term(Collection, "Sách giấy")
    file = bring(book("Mạng máy tính", f082="004.6", f653="Tin học"), unit_id=unit.pk, collection_id=shelf.pk)
    work = Work.objects.get()
    assert (file.state, counts(file)) == ("done", {"new": 1})
    assert (work.state, work.owner_unit, work.ddc, work.publisher, work.issued_year) == (
        WorkState.SUBMITTED, unit, "004.6", "Giáo dục", 2005,
    )  # fmt: skip
    assert [one.name for one in work.collections.all()] == ["Sách giấy"]
    assert [one.name for one in work.subjects.all()] == ["Tin học"]
    assert AuthorityTie.objects.get(work=work).authority.heading == "Nguyễn Thị Hòa"
    assert not spool_path(file.pk).exists()
    assert AuditEvent.objects.filter(action="library.catalogue.confirm").count() == 1
    assert Job.objects.filter(state="done").count() == 2


def test_again_changes_nothing_and_a_changed_record_changes_its_work() -> None:
    both = book("Một", control="v1") + book("Hai", control="v2")
    bring(both, publish=True)
    before = list(Work.objects.order_by("pk").values_list("pk", "updated_at"))
    assert counts(bring(both, publish=True)) == {"same": 2}
    assert list(Work.objects.order_by("pk").values_list("pk", "updated_at")) == before
    file = take(book("Một", control="v1") + book("Hai (bản mới)", control="v2"))
    assert counts(file) == {"same": 1, "changed": 1}
    assert file.sample[1]["changes"] == ["Nhan đề"]
    bring(book("Một", control="v1") + book("Hai (bản mới)", control="v2"))
    assert sorted(Work.objects.values_list("title", "state")) == [
        ("Hai (bản mới)", "published"), ("Một", "published"),
    ]  # fmt: skip


def test_what_people_mended_since_stays() -> None:
    bring(book("Một"))
    work = Work.objects.get()
    work_update(
        actor=None, work=work, now=NOW, values={"abstract": "Thủ thư viết thêm.", "title": "Một (đã sửa)"}
    )
    assert counts(bring(book("Một"))) == {"same": 1}
    work.refresh_from_db()
    assert (work.title, work.abstract) == ("Một (đã sửa)", "Thủ thư viết thêm.")
    bring(book("Một", f082="510"))  # the record speaks of no abstract: it stays
    work.refresh_from_db()
    assert (work.title, work.abstract, work.ddc) == ("Một", "Thủ thư viết thêm.", "510")


@pytest.mark.parametrize(
    ("held", "record"),
    [
        ({"identifiers": [{"type": "isbn", "value": "0-306-40615-2"}]}, {"f020": "9780306406157"}),
        ({"creators": [{"name": "Nguyễn Thị Hoà"}], "issued_year": 2005, "title": "Mạng máy tính"}, {}),
    ],
)
def test_likely_doubles_are_flagged_and_left_out(held: dict[str, Any], record: dict[str, str]) -> None:
    known = make_work(held.pop("title", "Tên khác"), **held)
    if known.identifiers:
        known.identifiers = [{"type": "isbn", "value": "978-0-306-40615-7"}]
        known.save()
    data = book("Mạng máy tính", **record)
    file = take(data)
    assert counts(file) == {"double": 1}
    assert file.faults[0]["work"] == known.pk
    assert counts(bring(data)) == {"double": 1}
    assert Work.objects.count() == 1
    bring(data, doubles=True)
    assert Work.objects.count() == 2
    assert counts(bring(data, doubles=True)) == {"same": 1}


@pytest.mark.parametrize(
    ("held_organ", "row_organ", "title", "double"),
    [
        ("Quốc hội", "Quốc hội", "Luật khác tên", True),
        ("Quốc hội", "", "Luật Đo lường", True),  # a row that leaves the body out
        ("", "Quốc hội", "Luật Đo lường", True),
        ("UBND Phường 1", "UBND Phường 2", "Luật Đo lường", False),  # bodies number alike
        ("UBND Phường 1", "", "Kế hoạch năm 2026", False),
    ],
)
def test_a_document_of_the_same_number_is_a_likely_double(
    held_organ: str, row_organ: str, title: str, double: bool
) -> None:
    number = {"number": "04/2011/QH13"}
    make_work("Luật Đo lường", kind="legal", legal={**number, "organ_name": held_organ})
    draft = RecordDraft(
        "", title, [], "", legal={**number, "organ_name": row_organ}, sort_key=sort_key(title)
    )
    assert bool(list(_likely([draft]).of(draft))) is double


def test_doubles_within_one_file() -> None:
    same = (
        book("Mạng máy tính", control="v1") + book("Mạng máy tính", control="v2") + book("Khác", control="v1")
    )
    file = bring(same)
    assert counts(file) == {"new": 1, "double": 1, "faulty": 1}
    assert Work.objects.count() == 1


def test_an_official_document_held_already() -> None:
    make_work("Kế hoạch cũ", kind="legal", legal={"number": "82/KH-UBND", "organ_name": "Uỷ ban nhân dân"})
    file = take(
        sheet({"title": "Tên khác hẳn", "number": "82/KH-UBND", "organ_name": "Ủy ban nhân dân"}), "a.xlsx"
    )
    assert counts(file) == {"double": 1}


def full_work(**more: Any) -> Work:
    work = _full_work(**more)
    work.identifiers = [
        *work.identifiers,
        {"type": "isbn", "value": "sai số"},
    ]  # from before numbers were checked
    work.save()
    return work


def _full_work(**more: Any) -> Work:
    subjects = [make_term(Subject, "Năng lượng").pk, make_term(Subject, "Tiết kiệm điện").pk]
    return work_create(
        actor=None, kind="legal", title="Kế hoạch 82", unit_id=None, now=NOW,
        values={
            "creators": [{"name": "Nguyễn Thị Hòa", "orcid": "0000-0002-1825-0097"}, {"name": "Lê Ánh", "role": "edt"}],
            "abstract": "Dòng một.\n\nDòng ba = 3.", "identifiers": [{"type": "isbn", "value": "978-0-306-40615-7"}],
            "issued_date": date(2021, 5, 3), "rights": "official", "ddc": "621.3", "publisher": "=1+1", **more,
        },
        terms={"subjects": subjects},
        legal={"number": "82/KH-UBND", "organ_name": "UBND", "recipients": ["Như trên", "Lưu: VT"], "effective_date": date(2021, 6, 1)},
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["xlsx", "mrc", "xml"])
def test_out_and_in_again_changes_nothing(kind: str) -> None:
    work = full_work()
    out = io.BytesIO()
    assert catalogue_write(kind, out, Work.objects.all(), None) == 1
    file = take(out.getvalue(), f"a.{kind}")
    assert counts(file) == {"same": 1}, file.sample
    work_update(
        actor=None, work=work, now=NOW, values={"title": "Tên mới", "abstract": ""}, terms={"subjects": []}
    )
    file = bring(out.getvalue(), name=f"a.{kind}")
    work.refresh_from_db()
    assert counts(file) == {"changed": 1}
    assert (work.title, work.abstract, work.subjects.count()) == (
        "Kế hoạch 82",
        "Dòng một.\n\nDòng ba = 3.",
        2,
    )
    assert work.creators[0]["orcid"] == "0000-0002-1825-0097"


def test_a_sheet_edited_by_hand() -> None:
    work = full_work()
    out = io.BytesIO()
    catalogue_write("xlsx", out, Work.objects.all(), None)
    workbook = load_workbook(out)
    page = workbook.worksheets[0]
    places = {cell.value.replace(" *", ""): cell.column for cell in page[1]}
    page.cell(2, places["Nhan đề"], "Kế hoạch 82 (sửa)")
    page.cell(2, places["Tóm tắt"]).value = None
    page.cell(2, places["Loại"]).value = None
    page.cell(2, places["Tác giả"], "Lê Ánh\nNguyễn Thị Hoà")
    page.cell(3, places["Nhan đề"], "Tài liệu mới")
    page.cell(4, places["Mã"], 999_999)
    page.cell(4, places["Nhan đề"], "Không có")
    page.cell(5, places["Mã"], work.pk)
    page.cell(5, places["Nhan đề"], "Hai lần")
    edited = io.BytesIO()
    workbook.save(edited)
    file = bring(edited.getvalue(), name="a.xlsx")
    assert counts(file) == {"changed": 1, "new": 1, "faulty": 2}
    work.refresh_from_db()
    assert (work.title, work.abstract, work.kind) == ("Kế hoạch 82 (sửa)", "", "legal")
    assert [one["name"] for one in work.creators] == ["Lê Ánh", "Nguyễn Thị Hoà"]
    assert {fault["row"]: fault["column"] for fault in file.faults} == {4: "Mã", 5: ""}


def test_columns_that_are_not_there_leave_the_work_as_it_is() -> None:
    work = full_work()
    bring(sheet({"id": work.pk, "title": "Đổi tên"}, drop=tuple(c.key for c in COLUMNS[3:])), name="a.xlsx")
    work.refresh_from_db()
    assert (work.title, work.ddc, work.subjects.count(), work.legal.organ_name) == (
        "Đổi tên",
        "621.3",
        2,
        "UBND",
    )


def test_faults_name_row_column_and_what_to_do() -> None:
    rows = [
        {"title": "Một", "isbn": "978-0-306-40615-8", "ddc": "kỹ thuật", "url": "javascript:alert(1)"},
        {"title": "Hai", "kind": "Sách", "date": "31/02/2024"},
        {"title": None, "creators": "Ai đó"},
        {"title": "Ba", "creators": "Lê | 0000-0000-0000-0001", "year": 99999},
        {"title": "Bốn", "effective_date": date(2024, 5, 1), "expired_date": date(2023, 5, 1)},
        {"title": "=HYPERLINK(1)"},
    ]
    file = take(sheet(*rows), "a.xlsx")
    found = {(fault["row"], fault["column"]) for fault in file.faults if fault["tone"] == "bad"}
    assert found >= {
        (2, "ISBN"), (2, "DDC"), (2, "Địa chỉ"), (3, "Loại"), (3, "Ngày ban hành"), (4, "Nhan đề"), (5, "Tác giả"),
        (5, "Năm"), (6, "Hết hiệu lực từ"),
    }  # fmt: skip
    assert counts(file)["faulty"] >= 5
    assert all(len(fault["message"]) > 10 for fault in file.faults)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.mrc", b""), ("a.pdf", b"%PDF-1.7 ..."), ("a.txt", "Xin chào".encode()), ("a.json", b"{}"),
    ],
)  # fmt: skip
def test_other_files_are_refused_and_not_kept(name: str, data: bytes) -> None:
    before = set(spool_path(1).parent.glob("*"))  # what stories of other tests left there
    with pytest.raises(CatalogueFileError):
        take(data, name)
    assert not CatalogueFile.objects.exists()
    assert set(spool_path(1).parent.glob("*")) <= before


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "MAX_BYTES", 100)
    with pytest.raises(CatalogueFileError):
        take(book("Một"))


def test_a_broken_workbook_says_so_and_can_be_put_away() -> None:
    file = take(b"PK\x03\x04" + b"x" * 200, "a.xlsx")
    assert (file.state, "xlsx" in file.message) == ("failed", True)
    catalogue_drop(actor=None, file=file, now=NOW)
    file.refresh_from_db()
    assert file.state == "dropped"


def test_two_clicks_bring_it_in_once() -> None:
    file = take(book("Một"))
    catalogue_confirm(actor=None, file=file, publish=False, doubles=False, now=NOW, background=False)
    with pytest.raises(StateChangedError):
        catalogue_confirm(actor=None, file=file, publish=False, doubles=False, now=NOW, background=False)
    with pytest.raises(StateChangedError):
        catalogue_drop(actor=None, file=file, now=NOW)


def test_killed_in_the_middle_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("khcn.library.services.catalogue_plan.CHUNK", 3)
    data = b"".join(book(f"Sách {number}", control=f"v{number}") for number in range(10))
    file = take(data)
    catalogue_confirm(actor=None, file=file, publish=True, doubles=False, now=NOW, background=False)
    real: Callable[..., Any] = catalogue.works_upsert_external
    calls = []

    def dies(**values: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise SystemExit("killed")
        return real(**values)

    monkeypatch.setattr(catalogue, "works_upsert_external", dies)
    with pytest.raises(SystemExit):
        catalogue_work(file.pk)
    file.refresh_from_db()
    assert (file.state, Work.objects.count()) == ("failed", 6)
    assert "Chạy tiếp" in file.message
    catalogue_resume(actor=None, file=file, now=NOW)
    catalogue_work(file.pk)
    file.refresh_from_db()
    assert (file.state, Work.objects.count(), counts(file)) == ("done", 10, {"same": 6, "new": 4})


def test_a_worker_that_vanished_is_noticed_and_its_job_retried() -> None:
    file = take(book("Một"))
    catalogue_confirm(actor=None, file=file, publish=False, doubles=False, now=NOW, background=False)
    Job.objects.filter(pk=file.job_id).update(state="interrupted", finished_at=NOW)
    assert catalogue_interrupted(NOW) == 1
    assert catalogue_interrupted(NOW) == 0
    job_retry(actor=None, job=Job.objects.get(pk=file.job_id))
    catalogue_work(file.pk)
    file.refresh_from_db()
    assert (file.state, Work.objects.count()) == ("done", 1)


def test_only_librarians() -> None:
    contributor = make_member(Role.CONTRIBUTOR, make_unit("Phòng"))
    with pytest.raises(LibraryPermissionError):
        take(book("Một"), actor=contributor)
    file = take(book("Một"), actor=make_member(Role.LIBRARIAN, make_unit("Thư viện")))
    for call in (catalogue_drop, catalogue_resume):
        with pytest.raises(LibraryPermissionError):
            call(actor=contributor, file=file, now=NOW)
    with pytest.raises(LibraryPermissionError):
        catalogue_confirm(actor=contributor, file=file, publish=False, doubles=False, now=NOW)


def test_own_marc_of_another_installation_is_new_here(settings: Any) -> None:
    work = make_work("Của họ", state=WorkState.PUBLISHED)
    data = marc_bytes(to_marc(records_of([work])[0]))
    settings.KHCN = settings.KHCN.model_copy(update={"base_url": "https://khac.example.vn"})
    Work.objects.all().delete()
    assert counts(take(data)) == {"new": 1}


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "vao.mrc"
    path.write_bytes(book("Một", control="v1") + book("Hai", control="v2"))

    def run(*args: str) -> Any:
        call_command("library", "catalogue", *args, "--json")
        return json.loads(capsys.readouterr().out)

    assert run("import", str(path), "--dry-run")["new"] == 2
    assert not Work.objects.exists()
    assert run("import", str(path), "--publish")["new"] == 2
    assert run("import", str(path), "--publish")["same"] == 2
    for kind in ("mrc", "xml", "xlsx"):
        out = tmp_path / f"ra.{kind}"
        assert run("export", str(out))["works"] == 2
        assert run("import", str(out), "--dry-run")["same"] == 2
    assert run("names") == {"changed": 0}
    Work.objects.update(state=WorkState.DRAFT)
    assert run("export", str(tmp_path / "ra.mrc"))["works"] == 0  # nothing that the public may not see


@pytest.mark.slow
def test_ten_thousand_rows_in_a_sheet() -> None:
    rows = [
        {"title": f"Sách số {n}", "creators": f"Tác giả {n % 300}", "year": 2000 + n % 20}
        for n in range(10_000)
    ]
    file = take(sheet(*rows), "a.xlsx")
    assert counts(file) == {"new": 10_000}
