"""What each format gives: text in order, pages, titles, old fonts decoded, scripts dropped."""

from pathlib import Path

import docx as python_docx
import openpyxl
import pytest

from khcn.engines.documents.pool import WorkerPool
from khcn.engines.documents.sandbox import extract_bytes, extract_file
from khcn.engines.documents.types import Extraction, ExtractionError
from tests.engines.documents import builders

HELLO = "Cộng hòa xã hội chủ nghĩa Việt Nam"
TCVN3 = "Céng hßa x· héi chñ nghÜa ViÖt Nam"
VNI = "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam"


def codes(extraction: Extraction) -> list[str]:
    return [notice.code for notice in extraction.warnings]


def test_docx_in_order_with_table_and_header(tmp_path: Path, pool: WorkerPool) -> None:
    document = python_docx.Document()
    document.core_properties.title = "Kế hoạch năm"
    document.sections[0].header.paragraphs[0].text = "Đầu trang"
    document.add_paragraph("Đoạn một")
    table = document.add_table(rows=2, cols=2)
    for index, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"Ô {index}"
    document.add_paragraph("Đoạn hai")
    document.add_page_break()
    document.add_paragraph("Trang sau")
    document.save(str(tmp_path / "a.docx"))
    extraction = extract_file(tmp_path / "a.docx", pool=pool)
    assert extraction.title == "Kế hoạch năm"
    assert extraction.pages[0].text.split() == [
        "Đoạn",
        "một",
        "Ô",
        "0",
        "Ô",
        "1",
        "Ô",
        "2",
        "Ô",
        "3",
        "Đoạn",
        "hai",
    ]
    assert extraction.pages[0].text.splitlines()[1] == "Ô 0\tÔ 1"
    assert extraction.pages[1].text.splitlines()[0] == "Trang sau"
    assert "Đầu trang" in extraction.pages[1].text
    assert [page.number for page in extraction.pages] == [1, 2]


def test_docx_fonts_tell_the_encoding_run_by_run(pool: WorkerPool) -> None:
    body = (
        builders.paragraph(TCVN3, ".VnTime")
        + builders.paragraph(VNI, "VNI-Times")
        + builders.paragraph(HELLO, "Times New Roman")
        + '<w:p><w:r><w:rPr><w:rFonts w:ascii=".VnTime"/></w:rPr><w:t>t</w:t><w:softHyphen/></w:r></w:p>'
        + '<w:p><w:r><w:rPr><w:rFonts w:ascii=".VnTime"/></w:rPr><w:t>bé tr</w:t><w:softHyphen/><w:t>ëng</w:t></w:r></w:p>'
    )
    extraction = extract_bytes(builders.docx(body), "a.docx", pool=pool)
    assert extraction.pages[0].text.splitlines() == [HELLO, HELLO, HELLO, "tư", "bộ trưởng"]
    assert extraction.pages[0].encoding == "mixed"


def test_docx_hides_what_was_deleted_and_shows_boxes_once(pool: WorkerPool) -> None:
    box = "<w:txbxContent>" + builders.paragraph("Trong khung") + "</w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    body = (
        "<w:p><w:del><w:r><w:delText>bỏ</w:delText></w:r></w:del><w:ins><w:r><w:t>thêm</w:t></w:r></w:ins></w:p>"
        f"<w:p><w:r><mc:AlternateContent {mc}><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    text = extract_bytes(builders.docx(body), "a.docx", pool=pool).text
    assert "bỏ" not in text
    assert "thêm" in text
    assert text.count("Trong khung") == 1


def test_capital_fonts_stay_as_typed_unless_asked(pool: WorkerPool) -> None:
    data = builders.docx(builders.paragraph("bé tµi chÝnh", ".VnTimeH"))
    assert extract_bytes(data, "a.docx", pool=pool).text.strip() == "bộ tài chính"
    assert extract_bytes(data, "a.docx", pool=pool, capitals=True).text.strip() == "BỘ TÀI CHÍNH"


def test_rtf_with_fonts_code_pages_and_unicode(pool: WorkerPool) -> None:
    def escaped(text: str) -> str:
        return "".join(char if char < "\x7f" else f"\\'{char.encode('latin-1').hex()}" for char in text)

    rtf = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 .VnTime;}{\f1\fcharset163 Arial;}{\f2 VNI-Times;}}"
        r"{\info{\title B\'e1o c\'e1o}{\author An}}{\*\generator hidden;}{\header\f1 running title}"
        rf"\pard\f0 {escaped(TCVN3)}\par{{\f2 {escaped(VNI)}}}\par"
        r"{\f1 \u272?i\u7873?u 1\cell two\cell\row}{\v secret}{\pict 0102}\page last\par}"
    )
    extraction = extract_bytes(rtf.encode("latin-1"), "a.rtf", pool=pool)
    assert extraction.pages[0].text.splitlines() == [HELLO, HELLO, "Điều 1\ttwo"]
    assert extraction.pages[1].text.split("\n\n") == ["last", "running title"]
    assert "secret" not in extraction.text
    assert "hidden" not in extraction.text


def test_cut_rtf_is_read_as_far_as_it_goes(pool: WorkerPool) -> None:
    extraction = extract_bytes(rb"{\rtf1 {\b first line\par second", "a.rtf", pool=pool)
    assert extraction.text.split() == ["first", "line", "second"]
    assert codes(extraction) == ["repaired"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_unicode(pool: WorkerPool, encoding: str) -> None:
    text = f"{HELLO}\nĐộc lập - Tự do - Hạnh phúc"
    assert extract_bytes(text.encode(encoding), "a.txt", pool=pool).text == text


def test_text_in_one_byte_a_letter(pool: WorkerPool) -> None:
    def read(data: bytes) -> Extraction:
        return extract_bytes(data, "a.txt", pool=pool)

    assert read(TCVN3.encode("latin-1")).pages[0].text == HELLO
    assert read(VNI.encode("latin-1")).pages[0].encoding == "vni"
    decomposed = (
        "Cô\u0323ng ho\u0300a xa\u0303 hô\u0323i chu\u0309 nghi\u0303a Viê\u0323t Nam, đơ\u0300i sô\u0301ng"
    )
    assert read(decomposed.encode("cp1258")).text == "Cộng hòa xã hội chủ nghĩa Việt Nam, đời sống"
    assert read("Übergröße für Mädchen".encode("latin-1")).text == "Übergröße für Mädchen"


def test_long_text_is_cut_at_paragraph_ends(pool: WorkerPool) -> None:
    lines = [f"{number}. {HELLO}" for number in range(400)]
    extraction = extract_bytes("\n".join(lines).encode(), "a.txt", pool=pool)
    assert len(extraction.pages) > 3
    assert all(len(page.text) < 3_600 for page in extraction.pages)
    assert "\n".join(page.text for page in extraction.pages) == "\n".join(lines)
    assert extract_bytes(b"one\ftwo", "a.txt", pool=pool).pages[1].text == "two"


def test_control_characters_are_removed(pool: WorkerPool) -> None:
    extraction = extract_bytes("a\x07b\u202ec\u200bd".encode() + b" x" * 200, "a.txt", pool=pool)
    assert extraction.text.startswith("abcd")


def test_html_shows_what_a_reader_sees(pool: WorkerPool) -> None:
    html = (
        "<html><head><title>Tiêu đề</title><style>.v{font-family:.VnTime}</style></head>"
        "<body onload='x()'><script>alert('đọc trộm')</script><p>Đoạn <b>một</b></p>"
        "<p style='display:none'>giấu</p><table><tr><td>a</td><td>b</td></tr></table>"
        f"<p class=v>{TCVN3}</p><font face='VNI-Times'>{VNI}</font></body></html>"
    )
    extraction = extract_bytes(html.encode(), "a.html", pool=pool)
    assert extraction.title == "Tiêu đề"
    assert extraction.text.splitlines() == ["Đoạn một", "a\tb", HELLO, HELLO]
    assert codes(extraction) == ["scripts"]


def test_svg_text_without_scripts(pool: WorkerPool) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><text>Sơ đồ</text><a href="javascript:x()"><text>khối</text></a></svg>'  # fmt: skip
    extraction = extract_bytes(svg.encode(), "a.svg", pool=pool)
    assert extraction.text.split() == ["Sơ", "đồ", "khối"]
    assert "scripts" in codes(extraction)


def test_entities_and_outside_files_are_never_loaded(pool: WorkerPool, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("BÍ MẬT", encoding="utf-8")
    evil = (
        f'<!DOCTYPE x [<!ENTITY s SYSTEM "file://{tmp_path}/secret">]>'
        f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        "<w:p><w:r><w:t>trước &s; sau</w:t></w:r></w:p></w:body></w:document>"
    )
    data = builders.zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": evil})
    assert "BÍ MẬT" not in extract_bytes(data, "a.docx", pool=pool).text


def test_markdown(pool: WorkerPool) -> None:
    extraction = extract_bytes("# Tên bài\n\nĐoạn **đậm** [liên kết](http://x)\n\n- một\n- hai\n".encode(), "a.md", pool=pool)  # fmt: skip
    assert extraction.title == "Tên bài"
    assert extraction.text.splitlines() == ["Tên bài", "Đoạn đậm liên kết", "một", "hai"]


def test_odt_spans_breaks_tables_and_inherited_fonts(pool: WorkerPool) -> None:
    styles = (
        '<style:style style:name="P1" style:family="paragraph"><style:text-properties style:font-name=".VnTime"/>'
        '</style:style><style:style style:name="P2" style:family="paragraph" style:parent-style-name="P1">'
        '<style:paragraph-properties fo:break-before="page"/></style:style>'
    )
    body = (
        f'<text:p text:style-name="P1">{TCVN3}</text:p><table:table><table:table-row><table:table-cell><text:p>a'
        "</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row>"
        f'</table:table><text:p text:style-name="P2">{TCVN3}<text:s/>x<text:line-break/>y</text:p>'
    )
    extraction = extract_bytes(builders.odf("text", body, styles), "a.odt", pool=pool)
    assert [page.text.splitlines() for page in extraction.pages] == [[HELLO, "a\tb"], [f"{HELLO} x", "y"]]


def test_sheets_and_slides_are_pages(tmp_path: Path, pool: WorkerPool) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Thu"
    book.active.append(["Số", 12.0, 1.5, True])
    book.create_sheet("Chi").append(["Nội dung"])
    book.save(tmp_path / "a.xlsx")
    sheets = extract_file(tmp_path / "a.xlsx", pool=pool)
    assert [page.text.splitlines() for page in sheets.pages] == [
        ["Thu", "Số\t12\t1.5\tTRUE"],
        ["Chi", "Nội dung"],
    ]
    table = '<table:table table:name="T"><table:table-row><table:table-cell table:number-columns-repeated="900000"/><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>'  # fmt: skip
    assert extract_bytes(builders.odf("spreadsheet", table * 2), "a.ods", pool=pool).pages[1].text == "T\nx"
    slides = extract_bytes(builders.pptx(["Một", "Hai"]), "a.pptx", pool=pool)
    assert [page.text for page in slides.pages] == ["Một", "Hai"]


def test_refusals_say_what_to_do(pool: WorkerPool) -> None:
    cases = {
        b"\x7fELF\x02\x01": "executable",
        builders.zipped({"a.txt": "x"}): "archive",
        bytes(range(256)) * 8: "unsupported",
        builders.compound({"EncryptedPackage": b"x"}): "encrypted",
        b"PK\x03\x04broken": "corrupt",
        builders.docx("")[:-40]: "corrupt",
        b"": "empty",
    }
    for data, code in cases.items():
        with pytest.raises(ExtractionError) as caught:
            extract_bytes(data, "a.docx", pool=pool)
        assert caught.value.code == code
        assert "Hãy" in caught.value.message or "hãy" in caught.value.message


def test_an_encoding_nobody_knows_is_said(pool: WorkerPool) -> None:
    sentence = (HELLO + ". Ủy ban nhân dân phường tổ chức thực hiện kế hoạch đổi mới sáng tạo.\n").lower()
    letters = sorted({char for char in sentence if char > "\x7f"})
    text = sentence.translate(str.maketrans(dict(zip(letters, "¿ÿþðßäæëïñøö÷üÅÆÇÏÑÖØÛ" * 2, strict=False))))
    extraction = extract_bytes((text * 8).encode(), "a.txt", pool=pool)
    assert [(notice.code, notice.pages) for notice in extraction.warnings] == [("encoding_uncertain", (1,))]
    plain = extract_bytes(
        ("Straße für Mädchen und der Weg nach Hause ist lang. " * 20).encode(), "a.txt", pool=pool
    )
    assert plain.warnings == ()
