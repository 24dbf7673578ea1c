"""Stories of files: what becomes of each, good or bad; nothing is lost, nothing is silently unsearchable."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from khcn.core.models.audit import AuditEvent
from khcn.engines.documents.types import OcrOptions, PageText
from khcn.library.enums import WorkState
from khcn.library.imports.reports import ImportReport
from khcn.library.models import ImportBatch, ImportItem, Page, Work, WorkFile
from khcn.library.pipeline import steps
from khcn.library.pipeline.steps import ReadOptions
from khcn.library.services import filing
from khcn.library.services.file_import import files_import
from khcn.library.store import stored_path
from tests.library.files import LETTER, blank_png, docx_file, text_file, zip_file

pytestmark = pytest.mark.django_db
NOW = timezone.now()
OPTIONS = ReadOptions(ocr=OcrOptions(enabled=False))


def load(root: Path, **options: Any) -> ImportReport:
    options = {"actor": None, "publish": True, "now": NOW, "options": OPTIONS, **options}
    report, jsonl = files_import(root=root, **options)
    assert jsonl == []
    return report


def fates(report: ImportReport) -> dict[str, tuple[str, list[str]]]:
    return {
        item["file"]: (
            item["state"],
            [warning["code"] for warning in item["warnings"]] or [item.get("code", "")],
        )
        for item in report.items or []
    }


def test_an_official_letter_describes_itself(tmp_path: Path) -> None:
    text_file(tmp_path / "ke-hoach.txt", LETTER)
    report = load(tmp_path)
    work = Work.objects.get()
    assert (work.kind, work.state, work.rights) == ("legal", "published", "official")
    assert work.title == "Kế hoạch tổ chức ngày hội sáng tạo năm 2021"
    assert (work.legal.number, work.legal.number_key) == ("145/KH-UBND", "145/kh-ubnd")
    assert work.legal.organ_name == "Ủy ban nhân dân Quận 5"
    assert work.issued_date is not None and work.issued_date.isoformat() == "2021-04-12"
    assert work.relations.get(kind="based_on").cited_number == "30/2020/NĐ-CP"
    (item,) = report.items or []
    assert (item["id"], item["state"], item["pages"], item["duplicate_of"]) == (work.pk, "ready", 1, None)
    assert item["metadata"]["number"] == "145/KH-UBND"
    file = work.files.get()
    assert stored_path(file.sha256).read_bytes() == (tmp_path / "ke-hoach.txt").read_bytes()
    assert AuditEvent.objects.filter(action="library.work.deposit", target_id=str(work.pk)).exists()


def test_every_bad_file_says_why_and_the_good_ones_come_in(tmp_path: Path) -> None:
    text_file(tmp_path / "tốt.txt", "Một tài liệu tốt về khoa học.")
    (tmp_path / "rỗng.pdf").write_bytes(b"")
    (tmp_path / "cụt.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog")
    (tmp_path / "chạy.exe").write_bytes(b"MZ\x90\x00\x03" + b"\0" * 100)
    (tmp_path / "sai-đuôi.pdf").write_text("Chữ thường trong tệp mang đuôi pdf.", encoding="utf-8")
    text_file(
        tmp_path / "trang.html", "<html><body><script>x()</script><p>Xin chào các bạn</p></body></html>"
    )
    (tmp_path / "vẽ.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>')
    (tmp_path / ".ẩn").write_bytes(b"x")
    (tmp_path / "~$khóa.docx").write_bytes(b"x")
    (tmp_path / "trỏ.txt").symlink_to(tmp_path / "không-có")
    report = load(tmp_path)
    found = fates(report)
    assert found.pop("vẽ.svg")[0] == "ready_with_warnings"  # a drawing without words
    assert found == {
        "chạy.exe": ("failed", ["executable"]),
        "cụt.pdf": ("failed", ["corrupt"]),
        "rỗng.pdf": ("failed", ["empty"]),
        "sai-đuôi.pdf": ("ready_with_warnings", ["extension"]),
        "trang.html": ("ready_with_warnings", ["scripts"]),
        "trỏ.txt": ("failed", ["unreadable"]),
        "tốt.txt": ("ready", [""]),
    }
    assert [item["file"] for item in report.items or []] == sorted(found | {"vẽ.svg": 0})
    assert Work.objects.filter(state="published").count() == 4
    for item in ImportItem.objects.filter(state="failed"):
        assert "Hãy" in item.message or "hãy" in item.message or "bỏ qua" in item.message, item.message


def test_a_zip_comes_in_file_by_file(tmp_path: Path) -> None:
    inner = zip_file(tmp_path / "trong.zip", {"a.txt": "Văn bản nằm sâu hai lớp.".encode()})
    inner = zip_file(tmp_path / "trong2.zip", {"b.zip": inner.read_bytes()})
    members = {
        "../trốn.txt": b"x",
        "tốt/một.txt": "Tài liệu thứ nhất.".encode(),
        "tốt/hai.txt": "Tài liệu thứ hai.".encode(),
        "bom.txt": b"0" * 60_000_000,
        "__MACOSX/._a": b"x",
        "sâu.zip": inner.read_bytes(),
    }
    (tmp_path / "trong.zip").unlink()
    (tmp_path / "trong2.zip").unlink()
    report = load(zip_file(tmp_path / "gói.zip", members))
    found = fates(report)
    assert found["gói.zip/../trốn.txt"] == ("failed", ["path_escape"])
    assert found["gói.zip/bom.txt"] == ("failed", ["entry_bomb"])
    assert found["gói.zip/tốt/một.txt"][0] == found["gói.zip/tốt/hai.txt"][0] == "ready"
    assert any(code == ["nested_archive"] for _state, code in found.values())
    assert Work.objects.count() == 2
    assert not (tmp_path.parent / "trốn.txt").exists()
    assert list((settings.KHCN.data_dir / "spool").glob("import-*")) == []


def test_a_file_held_already_is_named_and_not_doubled(tmp_path: Path) -> None:
    text_file(tmp_path / "1" / "a.txt", "Nội dung giống nhau.")
    text_file(tmp_path / "1" / "b.txt", "Nội dung giống nhau.")
    report = load(tmp_path / "1")
    first, second = report.items or []
    assert (report.imported, report.unchanged) == (1, 1)
    assert (second["state"], second["id"], second["duplicate_of"]) == (
        "ready_with_warnings", first["id"], first["id"],
    )  # fmt: skip
    again = load(tmp_path / "1")
    assert (again.imported, again.updated, again.unchanged) == (0, 0, 2)
    assert Work.objects.count() == WorkFile.objects.count() == 1


def test_a_held_file_that_waits_is_published_when_asked(tmp_path: Path) -> None:
    text_file(tmp_path / "a.txt", "Nội dung.")
    load(tmp_path, publish=False)
    assert Work.objects.get().state == WorkState.SUBMITTED
    assert load(tmp_path).updated == 1
    assert Work.objects.get().state == WorkState.PUBLISHED


def test_the_same_number_of_the_same_body_is_a_warning(tmp_path: Path) -> None:
    text_file(tmp_path / "a.txt", LETTER)
    text_file(tmp_path / "b.txt", LETTER + "\nBản có chữ ký.")
    report = load(tmp_path)
    assert fates(report)["b.txt"] == ("ready_with_warnings", ["same_number"])
    assert Work.objects.count() == 2


def test_a_stamped_page_waits_for_a_person(tmp_path: Path) -> None:
    text_file(tmp_path / "a.txt", LETTER.replace("KẾ HOẠCH\n", "TỐI MẬT\nKẾ HOẠCH\n", 1))
    report = load(tmp_path)
    assert fates(report)["a.txt"] == ("ready_with_warnings", ["sensitive"])
    assert "Trang 1" in (report.items or [])[0]["warnings"][0]["message"]
    assert Work.objects.get().state == WorkState.SUBMITTED


def test_a_scan_without_recognition_says_so_and_is_read_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "quét.png").write_bytes(blank_png())
    report = load(tmp_path)
    (codes,) = [codes for _state, codes in fates(report).values()]
    assert codes[0] in {"ocr_off", "no_text"}
    work = Work.objects.get()
    assert work.files.get().has_thumbnail

    real = steps.extract_file

    def recognised(path: Path, **options: Any) -> Any:
        from dataclasses import replace

        page = PageText(1, "Chữ đã nhận dạng được.", "ocr", "unicode", 0.93)
        return replace(real(path, **options), pages=(page,), warnings=())

    monkeypatch.setattr(steps, "extract_file", recognised)
    again = load(tmp_path)
    assert (again.imported, again.updated, again.unchanged) == (0, 1, 0)
    assert list(Page.objects.values_list("text", "source", "confidence")) == [
        ("Chữ đã nhận dạng được.", "ocr", 0.93)
    ]
    assert work.files.get().state == "ready"


def test_killed_between_two_files_then_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abcd":
        text_file(tmp_path / f"{name}.txt", f"Nội dung {name}.")
    real, calls = filing.relations_resolve, []

    def dies(ids: Any) -> int:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(ids)

    monkeypatch.setattr(filing, "relations_resolve", dies)
    with pytest.raises(KeyboardInterrupt):
        load(tmp_path)
    assert Work.objects.count() == WorkFile.objects.count() == 2
    assert ImportBatch.objects.get().state == "failed"
    monkeypatch.setattr(filing, "relations_resolve", real)
    again = load(tmp_path)
    assert (again.imported, again.unchanged) == (2, 2)


def test_a_full_disk_fails_the_file_and_keeps_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        text_file(tmp_path / f"{name}.txt", f"Nội dung riêng {name}.")
    real = steps.store_file

    def full(source: Path, sha256: str) -> Path:
        if source.name == "b.txt":
            raise OSError(28, "No space left on device")
        return real(source, sha256)

    monkeypatch.setattr(steps, "store_file", full)
    report = load(tmp_path)
    assert fates(report)["b.txt"] == ("failed", ["disk-full"])
    assert "đã đầy" in report.failed[0]["error"]
    assert Work.objects.count() == 2
    monkeypatch.setattr(steps, "store_file", real)
    assert load(tmp_path).imported == 1


def test_any_name_of_any_bytes(tmp_path: Path) -> None:
    docx_file(tmp_path / "Thông báo số 5 (bản cuối) 😀.docx", "Thông báo về lịch học.", "Nội dung chi tiết.")
    weird = tmp_path.as_posix().encode() + b"/h\xf3ng.txt"
    Path(weird.decode("utf-8", "surrogateescape")).write_text("Tên tệp không phải UTF-8.", encoding="utf-8")
    text_file(tmp_path / "ke\u0302 hoa\u0323ch.txt", "Tên tệp viết tổ hợp.")
    report = load(tmp_path)
    assert {state for state, _codes in fates(report).values()} == {"ready"}
    assert "h\ufffdng.txt" in fates(report)
    assert Work.objects.count() == 3


def test_jsonl_inside_a_folder_is_handed_back(tmp_path: Path) -> None:
    text_file(tmp_path / "a.jsonl", '{"id": "a", "title": "Một"}\n')
    report, jsonl = files_import(actor=None, root=tmp_path, publish=True, now=NOW, options=OPTIONS)
    assert jsonl == [tmp_path / "a.jsonl"] and report.items == []


def test_files_of_a_collection_and_several_at_once(tmp_path: Path) -> None:
    for number in range(12):
        text_file(tmp_path / f"{number:02}.txt", f"Tài liệu số {number}.")
    report = load(tmp_path, collection="Kệ mới", workers=4)
    assert [item["file"] for item in report.items or []] == [f"{number:02}.txt" for number in range(12)]
    assert Work.objects.filter(collections__name="Kệ mới").count() == 12
