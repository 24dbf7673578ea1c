"""What leaves the site: sheets to print, and packages that another system takes in."""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from khcn.core.library_port import OpenFile, work_reader
from khcn.core.references import Reference, Resolved, resolvers
from khcn.library.enums import Rights, Visibility, WorkState
from khcn.library.models import Work, WorkFile
from khcn.library.selectors.open_files import LibraryFiles
from khcn.library.store import stored_path
from khcn.programmes.models.curricula import Lesson
from khcn.programmes.rules.curricula import LinkedWork, Step
from khcn.programmes.services import curricula_papers
from khcn.programmes.services.certificates_paper import PaperMissingError
from khcn.programmes.services.curricula_forks import lesson_fork
from khcn.programmes.services.curricula_package import CP, LOM, Part, package_write
from tests.orgs.factories import make_unit
from tests.programmes.curricula_factories import WATER, make_draft, make_published, publish
from tests.programmes.factories import NOW, People

pytestmark = pytest.mark.django_db
HOSTILE = '</title><script>alert(1)</script> & "Ố" ]]> \x00\x0b'
SECRET = "ĐÁP ÁN BÍ MẬT"


@pytest.fixture
def people() -> People:
    return People()


def _address(row: Lesson, who: str, kind: str) -> str:
    return reverse("curricula:sheet", args=[row.key, who, kind])


def _words(content: bytes) -> str:
    paper = Document(io.BytesIO(content))
    cells = [cell.text for table in paper.tables for line in table.rows for cell in line.cells]
    return "\n".join([*(one.text for one in paper.paragraphs), *cells])


def test_the_pupils_sheet_says_nothing_of_what_only_the_teacher_reads(client: Client, people: People) -> None:
    steps = (Step(30, "Hỏi: GIÁO VIÊN", "Đo nước", SECRET), Step(20, "Chỉ giáo viên làm", ""))
    row = make_published(people, steps=steps)
    teacher = _words(client.get(_address(row, "giao-vien", "docx")).content)
    pupils = _words(client.get(_address(row, "hoc-sinh", "docx")).content)
    for words in (SECRET, "GIÁO VIÊN", "295.000", "Đo nước", "Dung dịch chuẩn pH 4", "Đeo găng tay"):
        assert words in teacher
    for words in (SECRET, "GIÁO VIÊN", "295.000", "35.000", "Chỉ giáo viên làm"):
        assert words not in pupils
    for words in ("Đo nước", "Giấy quỳ", "Đeo găng tay", "CC BY-SA 4.0", people.unit.name):
        assert words in pupils


def test_sheets_as_pdf_are_the_same_twice(client: Client, people: People) -> None:
    row = make_published(people, title="Đo độ pH “Ẵ” <b>&")
    for who in ("giao-vien", "hoc-sinh"):
        first = client.get(_address(row, who, "pdf"))
        assert first.content.startswith(b"%PDF-") and first["Content-Type"] == "application/pdf"
        assert client.get(_address(row, who, "pdf")).content == first.content


def test_without_pango_the_page_says_so(
    client: Client, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_published(people)

    def missing() -> None:
        raise PaperMissingError

    monkeypatch.setattr(curricula_papers, "weasyprint", missing)
    answer = client.get(_address(row, "hoc-sinh", "pdf"))
    assert answer.status_code == 503 and "bản Word" in answer.content.decode()
    assert client.get(_address(row, "hoc-sinh", "docx")).status_code == 200


class _Files:
    """Two works in memory: of the first two files, the second is hostile."""

    def __init__(self, folder: Path) -> None:
        self.files = {}
        for name, data in (
            ("Phiếu đo.pdf", b"%PDF-1.4 x"),
            ("lua.html", b"<script>x</script>"),
            ("bảng.xlsx", b"PK"),
        ):
            path = folder / name
            path.write_bytes(data)
            self.files[name] = OpenFile(path, name, hashlib.sha256(data).hexdigest(), len(data))

    def open_files(
        self, *, references: Iterable[Reference], reader: Any
    ) -> Mapping[Reference, Sequence[OpenFile]]:
        wanted = {"1": ("Phiếu đo.pdf", "lua.html"), "2": ("bảng.xlsx", "Phiếu đo.pdf")}
        return {one: [self.files[name] for name in wanted[one.id]] for one in references if one.id in wanted}


@pytest.fixture
def works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Files:
    def titles(ids: Iterable[str], _user: Any) -> dict[str, Resolved]:
        return {one: Resolved(Reference("library.work", one), f"Tài liệu {one}", "") for one in ids}

    monkeypatch.setitem(resolvers._items, "library.work", titles)
    files = _Files(tmp_path)
    monkeypatch.setattr(work_reader, "_implementation", files)
    return files


class _Sources(HTMLParser):
    """What a page asks the network for, and whether it runs anything."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script" or any(name.startswith("on") for name, _value in attrs)
        if tag in {"img", "link", "iframe", "script", "object", "embed", "video", "audio", "source", "base"}:
            self.asked.append(tag)


def _checked(content: bytes) -> tuple[zipfile.ZipFile, ET.Element]:
    """Judge a package as the specification of Common Cartridge 1.1 does; return it and its manifest."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    names = archive.namelist()
    assert names[0] == "imsmanifest.xml" and len(set(names)) == len(names)
    assert all(name.isascii() and ".." not in name and not name.startswith("/") for name in names)
    root = ET.fromstring(archive.read("imsmanifest.xml"))
    assert root.tag == f"{{{CP}}}manifest"
    assert root.findtext(f"{{{CP}}}metadata/{{{CP}}}schema") == "IMS Common Cartridge"
    assert root.findtext(f"{{{CP}}}metadata/{{{CP}}}schemaversion") == "1.1.0"
    assert [one.tag.split("}")[1] for one in root] == ["metadata", "organizations", "resources"]
    assert (
        root.find(f"{{{CP}}}metadata/{{{LOM}}}lom/{{{LOM}}}general/{{{LOM}}}title/{{{LOM}}}string")
        is not None
    )
    identifiers = [one.get("identifier", "") for one in root.iter() if one.get("identifier")]
    assert len(set(identifiers)) == len(identifiers)
    assert all(one[0].isalpha() and one.replace("-", "").isalnum() for one in identifiers)  # xs:ID
    (organization,) = root.findall(f"{{{CP}}}organizations/{{{CP}}}organization")
    assert organization.get("structure") == "rooted-hierarchy"
    (top,) = organization
    assert top.find(f"{{{CP}}}title") is None
    resources = {one.get("identifier"): one for one in root.iter(f"{{{CP}}}resource")}
    assert {one.get("type") for one in resources.values()} == {"webcontent"}
    assert all(one.get("identifierref") in resources for one in top)
    assert all(one.get("identifierref") in resources for one in root.iter(f"{{{CP}}}dependency"))
    listed = [one.get("href") for one in root.iter(f"{{{CP}}}file")]
    assert sorted(one or "" for one in listed) == sorted(set(names) - {"imsmanifest.xml"})
    assert {one.get("href") for one in resources.values()} == set(listed)
    for name in names:
        if name.endswith(".html"):
            page = _Sources()
            page.feed(archive.read(name).decode())
            assert (page.asked, page.scripts) == ([], 0)
    return archive, root


def _package(client: Client, name: str, key: str) -> bytes:
    answer = client.get(reverse(f"curricula:{name}", args=[key]))
    assert answer.status_code == 200 and answer["Content-Type"] == "application/vnd.ims.imsccv1p1"
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_a_lesson_leaves_as_a_common_cartridge(client: Client, people: People, works: _Files) -> None:
    row = make_published(people, materials=(LinkedWork("library.work:1", ""),))
    content = _package(client, "lesson-package", row.key)
    assert _package(client, "lesson-package", row.key) == content
    archive, root = _checked(content)
    assert [one.text for one in root.iter(f"{{{CP}}}title")] == [row.title]
    page = archive.read("lessons/bai-001.html").decode()
    assert "Phiếu đo.pdf" in page and "Tài liệu 1" in page
    assert "Nước mưa khoảng 5,6" not in page  # answers stay with the teacher
    kept = [name for name in archive.namelist() if name.startswith("files/")]
    assert [name[-4:] for name in kept] == [".pdf"]  # what a browser runs stays in the library
    assert archive.read(kept[0]) == b"%PDF-1.4 x"


def test_a_curriculum_leaves_whole_with_each_file_once(client: Client, people: People, works: _Files) -> None:
    first = make_published(people, materials=(LinkedWork("library.work:1", ""),))
    second = make_draft(
        people, book=first.curriculum,
        content=replace(WATER, title=HOSTILE, summary=HOSTILE, materials=(LinkedWork("library.work:2", ""),)),
    )  # fmt: skip
    make_draft(people, book=first.curriculum, content=replace(WATER, title="Chưa công bố"))
    publish(people, second)
    archive, root = _checked(_package(client, "curriculum-package", first.curriculum.key))
    titles = [one.text or "" for one in root.iter(f"{{{CP}}}title")]
    assert titles[0] == first.title and titles[1].startswith("</title><script>") and len(titles) == 2
    assert len([name for name in archive.namelist() if name.startswith("files/")]) == 2
    assert len({one.get("identifierref") for one in root.iter(f"{{{CP}}}dependency")}) == 2


def test_a_package_credits_where_it_came_from(people: People) -> None:
    source = make_published(people, title="Bài gốc")
    fork = lesson_fork(actor=None, version_id=source.current_id or 0, unit=make_unit("Trường A"), now=NOW)
    assert source.current is not None
    sink = io.BytesIO()
    package_write(
        sink,
        title="x",
        identifier="khcn-x",
        parts=[Part(fork, source.current, "https://vi.du/bai/")],
        reader=None,
    )
    archive, _root = _checked(sink.getvalue())
    assert "Phỏng tác từ: “Bài gốc”, phiên bản 1" in archive.read("lessons/bai-001.html").decode()


def test_only_open_files_that_the_reader_may_read_go_out(people: People) -> None:
    references = []
    for number, (rights, visibility, state) in enumerate((
        (Rights.CC_BY, Visibility.PUBLIC, WorkState.PUBLISHED), (Rights.RESERVED, Visibility.PUBLIC, WorkState.PUBLISHED),
        (Rights.UNKNOWN, Visibility.PUBLIC, WorkState.PUBLISHED), (Rights.CC_BY, Visibility.SIGNED_IN, WorkState.PUBLISHED),
        (Rights.CC_BY, Visibility.PUBLIC, WorkState.DRAFT),
    )):  # fmt: skip
        work = Work.objects.create(
            title=f"Tài liệu {number}", kind="research", state=state, visibility=visibility, rights=rights,
            created_at=NOW, updated_at=NOW, published_at=NOW if state == WorkState.PUBLISHED else None,
        )  # fmt: skip
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        stored_path(digest).parent.mkdir(parents=True, exist_ok=True)
        stored_path(digest).write_bytes(str(number).encode())
        WorkFile.objects.create(
            work=work, sha256=digest, original_name=f"{number}.pdf", size_bytes=1, added_at=NOW
        )
        references.append(Reference("library.work", str(work.pk)))
    odd = [Reference("library.work", "x"), Reference("plan.task", "1"), Reference("library.work", "9" * 30)]

    def names(reader: Any) -> list[str]:
        found = LibraryFiles().open_files(references=[*references, *odd], reader=reader)
        return sorted(one.name for rows in found.values() for one in rows)

    assert names(None) == ["0.pdf"]
    assert names(people.reporter) == ["0.pdf", "3.pdf"]
