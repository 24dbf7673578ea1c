"""The document writer: geometry by Decree 30, the header that never breaks, and PDF through LibreOffice."""

import io
import os
import stat
import time
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn
from PIL import Image as Picture

from khcn.core.calendar.rules import LOCAL_ZONE
from khcn.core.papers import decree30, pdf
from khcn.core.papers.blocks import (
    Align,
    Heading,
    Image,
    Items,
    KeyValues,
    PageBreak,
    Paragraph,
    Run,
    Table,
)
from khcn.core.papers.checker import check_document
from khcn.core.papers.header import number_line
from khcn.core.papers.parts import Metadata, NationalHeader, Paper, Signature
from khcn.core.papers.pdf import OfficeFailedError, OfficeMissingError, docx_pdf, paper_pdf
from khcn.core.papers.writer import PaperError, paper_docx

office = [
    pytest.mark.office,
    pytest.mark.skipif(
        pdf.office_program() is None, reason="LibreOffice is not installed (libreoffice-writer-nogui)"
    ),
]


def _png() -> bytes:
    out = io.BytesIO()
    Picture.new("RGB", (60, 30), (30, 90, 160)).save(out, "PNG")
    return out.getvalue()


HEADER = NationalHeader(
    agency="Trung tâm Văn hóa và Khoa học",
    parent_agency="Ủy ban nhân dân phường",
    number=5,
    symbol="BC-TTVHKH",
    place="Phường Chợ Quán",
    day=date(2021, 6, 5),
)


def _paper(**values: Any) -> Paper:
    blocks = [
        Heading("I. KẾT QUẢ", 1),
        Paragraph(
            [
                Run("Trong quý, "),
                Run("đơn vị", bold=True),
                Run(" đã làm được nhiều việc ạ ứ ễ ộ.", italic=True),
            ]
        ),
        Heading("1. Thư viện", 2),
        Items(["Thêm 12 tài liệu;", [Run("Duyệt"), Run(" 9 tài liệu.", italic=True)]]),
        Items(["một", "hai", "ba", "bốn", "năm"], "letter"),
        Items(["một", "hai"], "number"),
        KeyValues([("Người lập", "Nguyễn Văn An"), ("Kỳ", "Quý 2/2021")]),
        Table(
            ["TT", "Chỉ tiêu", "Kết quả"],
            [[str(n), f"Chỉ tiêu số {n}", "1.234,5"] for n in range(1, 61)],
            widths_mm=[15, 100, 50],
            aligns=[Align.CENTRE, Align.LEFT, Align.RIGHT],
            caption="Bảng 1. Kết quả",
        ),
        Image(_png(), "Biểu đồ số tài liệu theo tháng", 80, "Hình 1"),
        PageBreak(),
        Heading("2. Kiến nghị", 3),
        Paragraph("Không có."),
    ]
    blocks.append(Signature("Giám đốc", ["Như trên"], "Trần Thị Bình"))
    return Paper(
        **{"title": "BÁO CÁO", "subtitle": "Kết quả quý 2", "header": HEADER, "blocks": blocks, **values}
    )


def _document(paper: Paper) -> Any:
    return Document(io.BytesIO(paper_docx(paper)))


def _lines(data: bytes) -> list[list[str]]:
    """Return the text lines of every page of a PDF."""
    document = pypdfium2.PdfDocument(data)
    return [document[n].get_textpage().get_text_range().splitlines() for n in range(len(document))]


def test_a_paper_conforms() -> None:
    assert check_document(paper_docx(_paper())).broken == []


def test_everything_that_was_asked_for_is_in_it() -> None:
    document = _document(_paper())
    header, pairs, table, _signature = document.tables
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert "Trong quý, đơn vị đã làm được nhiều việc ạ ứ ễ ộ." in texts
    assert [text for text in texts if text[1:2] == ")"] == [
        "a) một",
        "b) hai",
        "c) ba",
        "d) bốn",
        "đ) năm",
    ]
    assert "- Thêm 12 tài liệu;" in texts
    assert "2. hai" in texts
    assert [cell.text for cell in table.rows[60].cells] == ["60", "Chỉ tiêu số 60", "1.234,5"]
    assert [cell.text for cell in pairs.rows[1].cells] == ["Kỳ", "Quý 2/2021"]
    assert [cell.text for cell in header.rows[1].cells] == [
        "Số: 05/BC-TTVHKH",
        "Phường Chợ Quán, ngày 05 tháng 6 năm 2021",
    ]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert document.inline_shapes[0]._inline.docPr.get("descr") == "Biểu đồ số tài liệu theo tháng"
    assert [round(cell.width.mm) for cell in table.rows[5].cells] == [15, 100, 50]


@pytest.mark.parametrize(
    ("number", "symbol", "line"),
    [
        (5, "BC-UBND", "Số: 05/BC-UBND"),
        (82, "KH-UBND", "Số: 82/KH-UBND"),
        (None, "QĐ-UBND", "Số: ……/QĐ-UBND"),
    ],
)
def test_numbers_below_ten_get_a_zero(number: int | None, symbol: str, line: str) -> None:
    assert number_line(number, symbol) == line


def test_metadata_and_the_same_bytes_twice() -> None:
    about = Metadata(
        "Nguyễn Văn An", "Báo cáo", ["thư viện", "quý 2"], datetime(2021, 6, 5, 8, 0, tzinfo=LOCAL_ZONE)
    )
    properties = _document(_paper(metadata=about)).core_properties
    assert (properties.title, properties.author, properties.keywords) == (
        "BÁO CÁO",
        "Nguyễn Văn An",
        "thư viện, quý 2",
    )
    assert (properties.created, properties.language) == (datetime(2021, 6, 5, 1, 0, tzinfo=UTC), "vi-VN")

    def parts(data: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return {name: package.read(name) for name in package.namelist()}

    assert parts(paper_docx(_paper())) == parts(paper_docx(_paper()))


def test_control_signs_do_not_break_the_file() -> None:
    document = _document(_paper(blocks=[Paragraph("a\x00b\x1b\ufffec\u202ed"), Table(["\x01"], [["\x02x"]])]))
    assert document.paragraphs[-2].text == "abcd"


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Table([], []), "at least one column"),
        (lambda: Table(["a", "b"], [["1"]]), "row 1 of the table has 1 cells"),
        (lambda: Table(["a"], [], widths_mm=[1, 2]), "widths_mm has 2 entries"),
        (lambda: Image(b"", " "), "alternative text"),
        (lambda: Heading("x", 4), "level 1, 2 or 3"),  # type: ignore[arg-type]
    ],
)
def test_a_block_that_makes_no_sense_is_refused_when_built(build: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build()


def test_what_cannot_be_written_says_why() -> None:
    with pytest.raises(PaperError, match="Biểu đồ"):
        paper_docx(_paper(blocks=[Image(b"khong phai anh", "Biểu đồ")]))
    with pytest.raises(PaperError, match="đánh số"):
        paper_docx(_paper(blocks=[Items(["x"] * 30, "letter")]))


def test_tables_wider_than_the_page_are_shrunk() -> None:
    table = _document(_paper(blocks=[Table(["a", "b"], [["1", "2"]], widths_mm=[300, 100])])).tables[1]
    assert round(sum(cell.width.mm for cell in table.rows[0].cells)) == round(decree30.TEXT_WIDTH_MM)


def test_a_long_table_is_written_in_reasonable_time() -> None:
    rows = [[str(n), "Trường", "1"] for n in range(1500)]
    started = time.perf_counter()
    paper_docx(_paper(blocks=[Table(["TT", "Tên", "Số"], rows)]))
    assert time.perf_counter() - started < 20  # quadratic code took minutes


class TestOffice:
    """With the real LibreOffice."""

    pytestmark = office

    @pytest.fixture(scope="class")
    def lines(self) -> list[list[str]]:
        return _lines(paper_pdf(_paper()))

    def test_the_header_stands_whole_on_its_lines(self, lines: list[list[str]]) -> None:
        first = [" ".join(line.split()) for line in lines[0]]
        assert any(decree30.NATIONAL_NAME in line for line in first)
        assert any(decree30.MOTTO in line for line in first)
        assert any("Phường Chợ Quán, ngày 05 tháng 6 năm 2021" in line for line in first)
        assert any("Số: 05/BC-TTVHKH" in line for line in first)

    def test_pages_are_numbered_from_the_second_on(self, lines: list[list[str]]) -> None:
        assert len(lines) >= 3
        assert "1" not in [line.strip() for line in lines[0][:3]]
        assert [page[0].strip() for page in lines[1:]] == [str(n) for n in range(2, len(lines) + 1)]

    def test_the_header_row_of_a_table_repeats(self, lines: list[list[str]]) -> None:
        assert "Chỉ tiêu" in " ".join(lines[1][:4])

    def test_the_longest_agency_does_not_break_the_motto(self) -> None:
        long = NationalHeader(
            agency="Ban quản lý các chương trình khoa học, công nghệ và đổi mới sáng tạo",
            parent_agency="Ủy ban nhân dân phường có tên thật dài để thử",
            place="Thành phố Hồ Chí Minh",
            day=date(2021, 12, 31),
            symbol="KH-BQLCTKHCNĐMST",
        )
        first = [" ".join(line.split()) for line in _lines(paper_pdf(_paper(header=long, blocks=[])))[0]]
        assert any(line.endswith(decree30.NATIONAL_NAME) for line in first)
        assert any("Thành phố Hồ Chí Minh, ngày 31 tháng 12 năm 2021" in line for line in first)

    def test_a_file_that_is_no_docx_is_an_error_for_people(self) -> None:
        try:
            data = docx_pdf(b"PK\x03\x04" + os.urandom(200))
        except OfficeFailedError as error:
            assert "Word" in error.message
        else:  # LibreOffice may take anything for text; then it is a PDF all the same
            assert data.startswith(b"%PDF")


def test_without_office_people_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "office_program", lambda: None)
    with pytest.raises(OfficeMissingError, match="LibreOffice"):
        paper_pdf(_paper())


def test_an_office_that_hangs_is_ended_with_all_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {tmp_path}/child\nwait\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(pdf, "office_program", lambda: str(program))
    with pytest.raises(OfficeFailedError):
        docx_pdf(b"x", timeout_s=0.5)
    child = int((tmp_path / "child").read_text())
    for _wait in range(50):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.02)
    raise AssertionError("the child of the hanging office still runs")


def test_a_signature_stands_right_with_its_recipients_left() -> None:
    block = Signature(position="HIỆU TRƯỞNG", recipients=["Ủy ban nhân dân", "Lưu: VT"], name="Người Ký")
    docx = paper_docx(Paper(title="BÁO CÁO", blocks=[Paragraph("Nội dung."), block]))
    left, right = Document(io.BytesIO(docx)).tables[-1].rows[0].cells
    assert left.text.split("\n") == ["Nơi nhận:", "- Ủy ban nhân dân;", "- Lưu: VT."]
    assert right.text.split("\n") == ["HIỆU TRƯỞNG", "", "", "", "", "Người Ký"]
    with pytest.raises(ValueError, match="position"):
        Signature(position=" ")
