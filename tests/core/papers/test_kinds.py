"""Builders of the common kinds: each makes a paper that keeps every rule, with its parts where the decree wants them."""

import io
import time
from datetime import date
from typing import Any

import pypdfium2
import pytest
from docx import Document

from khcn.core.papers import pdf
from khcn.core.papers.blocks import (
    Align,
    Article,
    Clause,
    Division,
    Heading,
    Items,
    Landscape,
    Paragraph,
    Table,
)
from khcn.core.papers.check.catalogue import RULES
from khcn.core.papers.checker import check_document
from khcn.core.papers.doctypes import TYPES, abbreviation_of, symbol_of
from khcn.core.papers.kinds import (
    Extras,
    Issuer,
    decision,
    invitation,
    letter,
    minutes,
    notice,
    plan,
    report,
    submission,
)
from khcn.core.papers.metrics import even_room_mm, lines_of, width_mm
from khcn.core.papers.parts import (
    Annex,
    Authority,
    Bases,
    NationalHeader,
    Paper,
    Signatory,
    Signature,
    Urgency,
)
from khcn.core.papers.pdf import paper_pdf
from khcn.core.papers.writer import paper_docx

TEXT = "Các đơn vị đã tổ chức tuyên truyền, phổ biến chủ trương, chính sách, pháp luật về khoa học, công nghệ và đổi mới sáng tạo."
ISSUER = Issuer(
    "Ủy ban nhân dân phường thử nghiệm", "UBND", "Phường thử", "Ủy ban nhân dân thành phố thử nghiệm"
)
CORE: dict[str, Any] = {
    "issuer": ISSUER,
    "day": date(2026, 2, 5),
    "about": "Tổ chức hoạt động khoa học và công nghệ năm 2026",
}
DEPUTY = Signature(
    "Phó Chủ tịch", ["Như trên", "Lưu: VT, VHXH (03)"], "Nguyễn Văn An",
    [(Authority.FOR_COLLECTIVE, "Ủy ban nhân dân"), (Authority.FOR_HEAD, "Chủ tịch")],
)  # fmt: skip
TEXTS = [Paragraph(TEXT)] * 20
WIDE = Table(["TT", *(f"Cột {n}" for n in range(8))], [[str(n)] * 9 for n in range(30)])
BASES = [
    "Luật Khoa học, công nghệ và đổi mới sáng tạo ngày 27 tháng 6 năm 2025",
    "Xét đề nghị của Văn phòng;",
]

PAPERS: dict[str, Paper] = {
    "plan": plan(
        **CORE, blocks=TEXTS, bases=BASES, signature=DEPUTY,
        extras=Extras(
            number=5, urgency=Urgency.VERY_URGENT, circulation="lưu hành nội bộ", drafter="NVA.(30)",
            contact="Số 1 đường A; điện thoại 028.1234567",
            annexes=[Annex("Danh mục nhiệm vụ", [WIDE], landscape=True), Annex("Biểu mẫu", [Paragraph(TEXT)])],
        ),
    ),
    "report": report(**CORE, blocks=TEXTS, signature=DEPUTY, to=["Sở Khoa học và Công nghệ"], extras=Extras(number=45)),
    "report with wide tables": report(**CORE, blocks=[*TEXTS, Landscape([Heading("Số liệu"), WIDE]), Paragraph(TEXT)], signature=DEPUTY),
    "submission": submission(**CORE, blocks=TEXTS, to=["Ủy ban nhân dân thành phố", "Sở Tài chính"], bases=BASES, signature=DEPUTY),
    "invitation": invitation(**CORE, blocks=TEXTS, signature=Signature("Chủ tịch", name="Trần Thị Bình")),
    "notice": notice(**CORE, blocks=TEXTS, signature=Signature("Chánh Văn phòng", chain=[(Authority.BY_ORDER, "Chủ tịch")])),
    "minutes": minutes(**CORE, blocks=TEXTS, secretary=Signatory("Thư ký", "Lê Văn Cường"), chair=Signatory("Chủ trì", "Trần Thị Bình")),
    "letter": letter(
        **{**CORE, "about": "báo cáo kết quả 6 tháng"}, blocks=TEXTS, to=["Các trường học"], unit="VHXH", signature=DEPUTY,
        extras=Extras(number=7),
    ),
    "decision": decision(
        **{**CORE, "about": "Về việc ban hành Quy chế"}, authority="Chủ tịch Ủy ban nhân dân phường thử nghiệm", bases=BASES,
        blocks=[Article(1, TEXT), Article(2, "Điều khoản thi hành", titled=True), Clause(1, TEXT), Clause(2, "Hiệu lực", titled=True),
                Items([TEXT, TEXT], "letter"), Article(3, TEXT)],
        signature=Signature("Chủ tịch", chain=[(Authority.ACTING, "")], name="Nguyễn Văn An"),
    ),
    "decision in chapters": decision(
        **{**CORE, "about": "Về việc ban hành Quy chế"}, authority="Chủ tịch Ủy ban nhân dân", bases=BASES,
        blocks=[Division("chapter", 1, "Quy định chung"), Division("section", 1, "Phạm vi"), Article(1, TEXT), *TEXTS],
        signature=DEPUTY,
    ),
}  # fmt: skip


@pytest.mark.parametrize("paper", [pytest.param(paper, id=name) for name, paper in PAPERS.items()])
def test_each_kind_keeps_every_rule(paper: Paper) -> None:
    result = check_document(paper_docx(paper))
    assert [finding.as_json() for finding in result.broken] == []
    assert len(result.kept) > 85


def test_together_they_are_judged_by_every_rule() -> None:
    """What no paper of ours shows to the checker would be a rule that never meets a right document."""
    kept = {finding.rule for paper in PAPERS.values() for finding in check_document(paper_docx(paper)).kept}
    assert set(RULES) - kept == set()


def _texts(paper: Paper) -> list[str]:
    document = Document(io.BytesIO(paper_docx(paper)))
    cells = [
        p.text
        for table in document.tables
        for row in table.rows
        for cell in row.cells
        for p in cell.paragraphs
    ]
    return [*cells, *(paragraph.text for paragraph in document.paragraphs)]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("plan", ["Số: 05/KH-UBND", "THƯỢNG KHẨN", "LƯU HÀNH NỘI BỘ", "KẾ HOẠCH", "Phường thử, ngày 05 tháng 02 năm 2026",
                  "Căn cứ Luật Khoa học, công nghệ và đổi mới sáng tạo ngày 27 tháng 6 năm 2025;", "Xét đề nghị của Văn phòng.",
                  "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "- Như trên;", "- Lưu: VT, VHXH (03).", "NVA.(30)",
                  "Phụ lục I", "DANH MỤC NHIỆM VỤ", "Phụ lục II",
                  "(Kèm theo Kế hoạch số 05/KH-UBND ngày 05 tháng 02 năm 2026 của Ủy ban nhân dân phường thử nghiệm)"]),
        ("report", ["Số: 45/BC-UBND", "Kính gửi: Sở Khoa học và Công nghệ"]),
        ("submission", ["Số: ……/TTr-UBND", "Kính gửi:", "- Ủy ban nhân dân thành phố;", "- Sở Tài chính."]),
        ("letter", ["Số: 07/UBND-VHXH", "V/v báo cáo kết quả 6 tháng", "Kính gửi: Các trường học"]),
        ("decision", ["QUYẾT ĐỊNH", "QUYẾT ĐỊNH:", "CHỦ TỊCH ỦY BAN NHÂN DÂN PHƯỜNG THỬ NGHIỆM", f"Điều 1. {TEXT}", "Q. CHỦ TỊCH",
                      "2. Hiệu lực", "- Lưu: VT."]),
        ("decision in chapters", ["Chương I", "QUY ĐỊNH CHUNG", "Mục 1", "PHẠM VI"]),
        ("minutes", ["THƯ KÝ", "CHỦ TRÌ", "Lê Văn Cường", "Trần Thị Bình", "Nơi nhận:"]),
        ("notice", ["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"]),
    ],
)  # fmt: skip
def test_parts_are_written_as_the_decree_wants_them(name: str, lines: list[str]) -> None:
    texts = _texts(PAPERS[name])
    assert [line for line in lines if line not in texts] == []


def test_a_day_that_is_not_known_yet_leaves_room() -> None:
    assert "Phường thử, ngày …… tháng …… năm ……" in _texts(
        report(**{**CORE, "day": None}, blocks=TEXTS, signature=DEPUTY)
    )


def test_annexes_count_their_pages_from_one_on_pages_of_their_own() -> None:
    document = Document(io.BytesIO(paper_docx(PAPERS["plan"])))
    shapes = [
        (
            section.orientation,
            section._sectPr.xpath("string(w:pgNumType/@w:start)"),
            section.different_first_page_header_footer,
        )
        for section in document.sections
    ]
    assert shapes == [(0, "", True), (1, "1", True), (0, "1", True)]
    assert "028.1234567" in document.sections[0].first_page_footer.paragraphs[0].text
    assert document.sections[1].first_page_footer.paragraphs[0].text == ""


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: NationalHeader("A", "B", None, number=0), "numbered from 1"),
        (lambda: NationalHeader("A", "B", None, symbol="BC UBND"), "no blanks"),
        (lambda: Signature("x", chain=[(Authority.FOR_HEAD, " ")]), "in whose place"),
        (lambda: Division("chapter", 0, "x"), "counted from 1"),
        (lambda: Article(0, "x"), "counted from 1"),
    ],
)
def test_parts_that_make_no_sense_are_refused_when_built(build: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build()


def test_symbols_by_type() -> None:
    assert [symbol_of(code, "UBND") for code in ("KH", "TTr", "QyĐ")] == ["KH-UBND", "TTr-UBND", "QyĐ-UBND"]
    assert symbol_of("CV", "UBND", "VP") == "UBND-VP"
    assert len(TYPES) == 29
    assert [
        abbreviation_of(name) for name in ("Ủy ban nhân dân phường A", "Trường Tiểu học B", "Sở Y tế")
    ] == ["UBND", "TTHB", "SYT"]


def test_signs_in_the_text_stay_signs() -> None:
    paper = Paper("BÁO CÁO", [Paragraph('a < b & c > "d"'), Bases(["Luật <A&B>"])])
    assert 'a < b & c > "d"' in _texts(paper)
    assert "Căn cứ Luật <A&B>." in _texts(paper)


def test_widths_are_those_of_the_font() -> None:
    assert round(width_mm("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 13, bold=True), 1) == pytest.approx(
        95.7, abs=0.4
    )
    assert width_mm("ấ", 13) == width_mm("a", 13)
    assert lines_of("một hai ba", 1, 13) == ["một", "hai", "ba"]
    long = "ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH"
    even = lines_of(long, even_room_mm(long, 65, 12), 12)
    assert even == ["ỦY BAN NHÂN DÂN", "THÀNH PHỐ HỒ CHÍ MINH"]


def test_ten_pages_are_written_quickly_and_big_tables_too() -> None:
    """Aims alone on a machine: 0.1 s and 0.5 s; the limits here leave room for busy ones."""
    paper = report(**CORE, blocks=[Paragraph(TEXT * 3)] * 60, signature=DEPUTY)
    rows = [[str(n), "Đơn vị", "Chỉ tiêu", "1.234", "2.345", ""] for n in range(5040)]
    big = Paper(
        "BÁO CÁO",
        [Table(["TT", "Đơn vị", "Chỉ tiêu", "Kỳ trước", "Kỳ này", ""], rows, aligns=[Align.LEFT] * 6)],
    )
    paper_docx(paper)
    for one, limit in ((paper, 0.6), (big, 3.0)):
        started = time.process_time()
        paper_docx(one)
        assert time.process_time() - started < limit


@pytest.mark.office
@pytest.mark.skipif(
    pdf.office_program() is None, reason="LibreOffice is not installed (libreoffice-writer-nogui)"
)
def test_on_paper_the_head_stands_whole_and_annexes_are_numbered_apart() -> None:
    document = pypdfium2.PdfDocument(paper_pdf(PAPERS["plan"]))
    pages = [document[n].get_textpage().get_text_range().splitlines() for n in range(len(document))]
    first = [" ".join(line.split()) for line in pages[0]]
    assert any(line.endswith("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") for line in first)
    assert "THƯỢNG KHẨN" in " ".join(first)
    numbers = [page[0].strip() if page[0].strip().isdigit() else "" for page in pages]
    start = next(place for place, page in enumerate(pages) if "Phụ lục I" in [line.strip() for line in page])
    assert numbers[0] == numbers[start] == ""
    assert numbers[1:start] == [str(n) for n in range(2, start + 1)]
    assert numbers[start + 1] == "2"
    assert document[start].get_width() > document[start].get_height()
