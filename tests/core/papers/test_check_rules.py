"""One document of another house, right in everything; then each thing wrong in turn: exactly that rule is broken."""

from dataclasses import replace
from typing import Any

import pytest
from docx.shared import Mm

from khcn.core.papers.checker import check_document
from tests.core.papers.others import CENTRE, JUSTIFY, LEFT, LONG, RIGHT, Maker, TabbedMaker, Wish


def broken(docx: bytes) -> set[str]:
    """Return the names of the rules that a document breaks."""
    return {finding.rule for finding in check_document(docx).broken}


def said(docx: bytes) -> list[tuple[str, str]]:
    """Return what is broken, for the message of a failing test."""
    return [(finding.rule, finding.got) for finding in check_document(docx).broken]


LETTER = Wish(
    number="Số: 120/SKHCN-VP", title="", subject="V/v báo cáo kết quả 6 tháng đầu năm",
    addressed=["Kính gửi: Ủy ban nhân dân các phường"],
)  # fmt: skip
DECISION = Wish(
    number="Số: 01/QĐ-SKHCN", title="QUYẾT ĐỊNH", abstract="Về việc thành lập Tổ công tác",
    bases=["Căn cứ Luật Khoa học và Công nghệ ngày 18 tháng 6 năm 2013;", "Theo đề nghị của Chánh Văn phòng Sở."],
    body=["Điều 1. Thành lập Tổ công tác gồm các ông, bà có tên sau đây.", "Điều 2. Quyết định này có hiệu lực từ ngày ký.",
          "Điều 3. Chánh Văn phòng và các ông, bà nêu tại Điều 1 chịu trách nhiệm thi hành Quyết định này."],
)  # fmt: skip
RIGHT_ONES = {
    "report": Wish(),
    "letter": LETTER,
    "plan with parent only in one line": Wish(number="Số: 82/KH-SKHCN", title="KẾ HOẠCH", parent=""),
    "minutes without place and day": Wish(
        number="Số: 03/BB-SKHCN", title="BIÊN BẢN", abstract="Họp giao ban", place=" ", authority=["CHỦ TRÌ"]
    ),
    "submission": Wish(
        number="Số: 15/TTr-SKHCN", title="TỜ TRÌNH", abstract="Về việc phê duyệt kế hoạch",
        addressed=["Kính gửi:", "- Ủy ban nhân dân Thành phố;", "- Sở Tài chính."],
    ),
    "larger sizes": Wish(
        sizes={"national": 13, "motto": 14, "agency": 13, "parent": 13, "place": 14, "body": 14, "title": 13,
               "abstract": 13, "authority": 14, "name": 14},
    ),
    "wide margins": Wish(margins=(25, 25, 35, 20)),
    "first line 1 cm, line 1.5": Wish(first_line=10, line=1.5, gap=12),
    "number left to the clerk": Wish(number="Số:        /BC-SKHCN", place="Chợ Quán, ngày      tháng      năm 2021"),
    "head signs": Wish(authority=["GIÁM ĐỐC"]),
    "on behalf": Wish(authority=["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]),
    "by order": Wish(authority=["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"]),
    "proxy": Wish(authority=["TUQ. GIÁM ĐỐC", "TRƯỞNG PHÒNG QUẢN LÝ KHOA HỌC"]),
    "acting": Wish(authority=["Q. GIÁM ĐỐC"]),
    "name left out": Wish(name=""),
    "other tone place": Wish(national="CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    "february": Wish(place="Chợ Quán, ngày 10 tháng 02 năm 2022"),
    "december": Wish(place="Thành phố Hồ Chí Minh, ngày 31 tháng 12 năm 2022"),
    "points in Vietnamese order": Wish(body=[LONG] * 10 + ["a) Một.", "b) Hai.", "c) Ba.", "d) Bốn.", "đ) Năm.", "e) Sáu."]),
    "basis in prose": Wish(
        body=["Căn cứ Kế hoạch số 82/KH-UBND, Sở Khoa học và Công nghệ báo cáo kết quả thực hiện như sau:"] + [LONG] * 12
    ),
    "numbers of three digits": Wish(number="Số: 1691/BC-SKHCN"),
}  # fmt: skip


@pytest.mark.parametrize("wish", [pytest.param(wish, id=name) for name, wish in RIGHT_ONES.items()])
def test_a_right_document_of_another_house_breaks_nothing(wish: Wish) -> None:
    assert said(Maker(wish).make()) == []


def test_a_decision_of_another_house_breaks_only_its_articles_style() -> None:
    """Its "Điều 1." is not bold in the test's maker: a real deviation, and the only one."""
    assert broken(Maker(DECISION).make()) == {"article.style"}


class RuledRows(Maker):
    """The head in three rows, the rules as signs in the row between."""

    def head(self) -> None:
        wish, table = self.wish, self.document.add_table(rows=3, cols=2)
        for column, width in zip(table.columns, (70, 100), strict=True):
            column.width = Mm(width)
            for cell in column.cells:
                cell.width = Mm(width)
        self.put(table.cell(0, 0), wish.parent, "parent", first=True)
        self.put(table.cell(0, 0), wish.agency, "agency")
        self.put(table.cell(0, 1), wish.national, "national", first=True)
        self.put(table.cell(0, 1), wish.motto, "motto")
        for column, length in ((0, 12), (1, 25)):
            self.put(table.cell(1, column), "_" * length, "number", first=True)
        self.put(table.cell(2, 0), wish.number, "number", first=True)
        self.put(table.cell(2, 1), wish.place, "place", first=True)


class LooseEnd(Maker):
    """The signature in paragraphs set in from the left, recipients in paragraphs below."""

    def close(self) -> None:
        wish = self.wish
        for part, lines in (("authority", wish.authority), ("name", ["", "", "", "", wish.name])):
            for line in lines:
                self.put(self.document, line, part).paragraph_format.left_indent = Mm(80)
        self.put(self.document, wish.receivers_label, "label")
        for line in wish.receivers:
            self.put(self.document, line, "receivers")


class BrokenLines(Maker):
    """Two lines in one paragraph: agencies, national name and motto, type name and abstract."""

    def pair(self, where: Any, one: tuple[str, str], other: tuple[str, str], *, first: bool) -> None:
        paragraph = self.put(where, one[0], one[1], first=first)
        paragraph.add_run().add_break()
        self.run(paragraph, other[0], other[1])

    def head(self) -> None:
        wish, table = self.wish, self.document.add_table(rows=2, cols=2)
        for column, width in zip(table.columns, (70, 100), strict=True):
            column.width = Mm(width)
            for cell in column.cells:
                cell.width = Mm(width)
        self.pair(table.cell(0, 0), (wish.parent, "parent"), (wish.agency, "agency"), first=True)
        self.rule(table.cell(0, 0), 25, 66)
        self.pair(table.cell(0, 1), (wish.national, "national"), (wish.motto, "motto"), first=True)
        self.rule(table.cell(0, 1), 56, 96)
        self.put(table.cell(1, 0), wish.number, "number", first=True)
        self.put(table.cell(1, 1), wish.place, "place", first=True)


@pytest.mark.parametrize("maker", [RuledRows, LooseEnd, BrokenLines, TabbedMaker])
@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({}, set()),
        ({"number": "Số: 5/BC-SKHCN"}, {"number.zero"}),
        ({"authority": ["KT GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]}, {"signature.mode"}),
        ({"motto": "Độc lập – Tự do – Hạnh phúc"}, {"motto.text"}),
        ({"receivers": ["- Như trên;", "- Các phòng."]}, {"recipients.file"}),
        ({"bold": {"parent": True}}, {"agency.parent-style"}),
    ],
)
def test_other_shapes_are_judged_alike(maker: type[Maker], change: dict[str, Any], rules: set[str]) -> None:
    assert broken(maker(replace(Wish(), **change)).make()) == rules


def test_tabs_and_underlined_words_make_a_right_document_too() -> None:
    assert said(TabbedMaker(Wish()).make()) == []


WRONG: list[tuple[dict[str, Any], set[str]]] = [
    ({"page": (215.9, 279.4)}, {"paper.size"}),
    ({"page": (148, 210)}, {"paper.size"}),
    ({"landscape": True}, {"paper.orientation"}),
    ({"margins": (15, 20, 30, 15)}, {"margin.top"}),
    ({"margins": (20, 30, 30, 15)}, {"margin.bottom"}),
    ({"margins": (20, 20, 25, 15)}, {"margin.left"}),
    ({"margins": (20, 20, 30, 25.4)}, {"margin.right"}),
    ({"font": "Arial"}, {"font.family"}),
    ({"font": ".VnTime"}, {"font.family"}),
    ({"colour": {"title": "FF0000"}}, {"font.colour"}),
    ({"page_number": "footer"}, {"page-number.place"}),
    ({"page_number": ""}, {"page-number.present"}),
    ({"title_page": False}, {"page-number.first-page"}),
    ({"page_number_align": RIGHT}, {"page-number.centre"}),
    ({"page_number_size": 11}, {"page-number.size"}),
    ({"national": "", "motto": "", "motto_rule": False}, {"national.present", "motto.present"}),
    ({"national": "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAN"}, {"national.text"}),
    ({"national": "Cộng hòa xã hội chủ nghĩa Việt Nam"}, {"national.capitals"}),
    ({"sizes": {"national": 14}}, {"national.size", "national.one-line"}),
    ({"bold": {"national": False}}, {"national.style"}),
    ({"motto": "Độc lập – Tự do – Hạnh phúc"}, {"motto.text"}),
    ({"motto": "Độc Lập - Tự Do - Hạnh Phúc"}, {"motto.text"}),
    ({"motto": "Độc lập-Tự do-Hạnh phúc"}, {"motto.text"}),
    ({"motto": ""}, {"motto.present"}),
    ({"bold": {"motto": False}}, {"motto.style"}),
    ({"sizes": {"motto": 12}}, {"motto.size"}),
    ({"motto_rule": False}, {"motto.rule"}),
    ({"agency_rule": 0}, {"agency.rule"}),
    ({"agency_rule": 1}, {"agency.rule-length"}),
    ({"agency": "Sở Khoa học và Công nghệ"}, {"agency.capitals"}),
    ({"bold": {"agency": False}}, {"agency.style"}),
    ({"bold": {"parent": True}}, {"agency.parent-style"}),
    ({"sizes": {"agency": 14}}, {"agency.size"}),
    ({"agency": "", "parent": ""}, {"agency.present"}),
    ({"number": ""}, {"number.present"}),
    ({"number": "Số: 5/BC-SKHCN"}, {"number.zero"}),
    ({"number": "Số 05/BC-SKHCN"}, {"number.form"}),
    ({"number": "Số: 05 /BC-SKHCN"}, {"number.form"}),
    ({"number": "Số: 05/BC - SKHCN"}, {"number.form"}),
    ({"number": "số: 05/BC-SKHCN"}, {"number.form"}),
    ({"number": "Số: 05-BC/SKHCN"}, {"number.form"}),
    ({"number": "05/BC-SKHCN"}, {"number.form"}),
    ({"number": "Số: 05/BC"}, {"number.form"}),
    ({"number": "Số: 005/BC-SKHCN"}, {"number.zero"}),
    ({"title": "BAO CAO"}, {"type.name"}),
    ({"national": "CỘNG HÒA XÃ HỘI CHỦ NGHĨA\nVIỆT NAM"}, {"national.one-line"}),
    ({"authority": ["THỪA LỆNH GIÁM ĐỐC", "CHÁNH VĂN PHÒNG"]}, {"signature.mode"}),
    ({"authority": ["QUYỀN GIÁM ĐỐC"]}, {"signature.mode"}),
    ({"name": "nguyễn văn an"}, {"signature.name"}),
    ({"bold": {"body": True}}, {"body.style"}),
    ({"align": {"body": CENTRE}}, {"body.justify"}),
    ({"align": {"body": RIGHT}}, {"body.justify"}),
    ({"align": {"place": RIGHT}}, {"place-date.place"}),
    ({"align": {"authority": LEFT, "name": LEFT}}, {"signature.centre"}),
    ({"margins": (25.4, 25.4, 31.75, 31.75)}, {"margin.top", "margin.bottom", "margin.right"}),
    ({"number": "Số: 05/KH-SKHCN"}, {"number.code"}),
    ({"number": "Số: 05/BC-skhcn"}, {"number.capitals"}),
    ({"number": "Số: 15/TTR-SKHCN", "title": "TỜ TRÌNH", "addressed": ["Kính gửi: Sở Tài chính"]}, {"number.code"}),
    ({"sizes": {"number": 14}}, {"number.size"}),
    ({"italic": {"number": True}}, {"number.style"}),
    ({"place": ""}, {"place-date.present"}),
    ({"place": "Chợ Quán, ngày 5 tháng 6 năm 2021"}, {"place-date.zero-day"}),
    ({"place": "Chợ Quán, ngày 05 tháng 06 năm 2021"}, {"place-date.zero-month"}),
    ({"place": "Chợ Quán, ngày 05 tháng 1 năm 2021"}, {"place-date.zero-month"}),
    ({"place": "Chợ Quán ngày 05 tháng 6 năm 2021"}, {"place-date.form"}),
    ({"place": "Chợ Quán, 05/6/2021"}, {"place-date.form"}),
    ({"place": "Chợ Quán, Ngày 05 tháng 6 năm 2021"}, {"place-date.form"}),
    ({"place": "Chợ Quán, ngày 31 tháng 6 năm 2021"}, {"place-date.real"}),
    ({"italic": {"place": False}}, {"place-date.style"}),
    ({"sizes": {"place": 12}}, {"place-date.size"}),
    ({"title": "", "abstract": ""}, {"type.present"}),
    ({"title": "Báo cáo"}, {"type.capitals"}),
    ({"bold": {"title": False}}, {"type.style"}),
    ({"sizes": {"title": 16}}, {"type.size"}),
    ({"align": {"title": LEFT}}, {"type.centre"}),
    ({"abstract": ""}, {"abstract.present"}),
    ({"abstract": "KẾT QUẢ THỰC HIỆN NHIỆM VỤ 6 THÁNG"}, {"abstract.case"}),
    ({"bold": {"abstract": False}}, {"abstract.style"}),
    ({"sizes": {"abstract": 12}}, {"abstract.size"}),
    ({"abstract_rule": 0}, {"abstract.rule"}),
    ({"abstract_rule": 0.9}, {"abstract.rule-length"}),
    ({"sizes": {"body": 12}}, {"body.size"}),
    ({"sizes": {"body": 15}}, {"body.size"}),
    ({"align": {"body": LEFT}}, {"body.justify"}),
    ({"first_line": 0}, {"body.first-line"}),
    ({"first_line": 20}, {"body.first-line"}),
    ({"gap": 0}, {"body.gap"}),
    ({"line": 2}, {"body.line-spacing"}),
    ({"line": 0.9}, {"body.line-spacing"}),
    ({"italic": {"body": True}}, {"body.style"}),
    ({"body": []}, {"body.present"}),
    ({"body": [LONG] * 10 + ["a) Một.", "b) Hai.", "c) Ba.", "d) Bốn.", "e) Năm."]}, {"point.order"}),
    ({"body": [LONG] * 10 + ["1/ Một việc.", "2/ Hai việc."]}, {"clause.form"}),
    ({"body": [LONG] * 10 + ["1) Một việc.", "2) Hai việc."]}, {"clause.form"}),
    ({"addressed": ["Kính gửi: Sở Tài chính"], "title": "KẾ HOẠCH", "number": "Số: 05/KH-SKHCN"}, {"addressees.kind"}),
    ({"addressed": ["Kính gửi Ủy ban nhân dân Thành phố"]}, {"addressees.form"}),
    ({"addressed": ["Kính gửi:", "- Sở A;", "- Sở B;"]}, {"addressees.form"}),
    ({"authority": []}, {"signature.present"}),
    ({"authority": ["KT GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]}, {"signature.mode"}),
    ({"authority": ["K/T GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]}, {"signature.mode"}),
    ({"authority": ["TM ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]}, {"signature.mode"}),
    ({"authority": ["T.M ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]}, {"signature.mode"}),
    ({"authority": ["TL CHỦ TỊCH", "CHÁNH VĂN PHÒNG"]}, {"signature.mode"}),
    ({"authority": ["TUQ GIÁM ĐỐC", "TRƯỞNG PHÒNG"]}, {"signature.mode"}),
    ({"authority": ["KT. GIÁM ĐỐC"]}, {"signature.deputy"}),
    ({"authority": ["KT. GIÁM ĐỐC", "GIÁM ĐỐC"]}, {"signature.deputy"}),
    ({"authority": ["KT. Giám đốc", "Phó Giám đốc"]}, {"signature.capitals"}),
    ({"bold": {"authority": False}}, {"signature.style"}),
    ({"sizes": {"authority": 12}}, {"signature.size"}),
    ({"name": "NGUYỄN VĂN AN"}, {"signature.name"}),
    ({"bold": {"name": False}}, {"signature.name"}),
    ({"sizes": {"name": 12}}, {"signature.name-size"}),
    ({"name": "TS. Nguyễn Văn An"}, {"signature.name-title"}),
    ({"receivers": [], "receivers_label": ""}, {"recipients.present"}),
    ({"receivers_label": "Nơi nhận"}, {"recipients.label"}),
    ({"receivers_label": "NƠI NHẬN:"}, {"recipients.label"}),
    ({"italic": {"label": False}}, {"recipients.label-style"}),
    ({"sizes": {"label": 13}}, {"recipients.label-size"}),
    ({"sizes": {"receivers": 12}}, {"recipients.size"}),
    ({"receivers": ["Như trên;", "- Lưu: VT."]}, {"recipients.dash"}),
    ({"receivers": ["- Như trên.", "- Lưu: VT."]}, {"recipients.ends"}),
    ({"receivers": ["- Như trên;", "- Lưu: VT"]}, {"recipients.ends"}),
    ({"receivers": ["- Lưu: VT;", "- Như trên."]}, {"recipients.file"}),
    ({"receivers": ["- Như trên;", "- Các phòng."]}, {"recipients.file"}),
    ({"receivers": ["- Như trên;", "- Lưu VT."]}, {"recipients.file"}),
    ({"receivers": ["- Như trên;", "- Lưu: Văn thư."]}, {"recipients.file"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "rules"), [pytest.param(change, rules, id=f"{'+'.join(sorted(rules))}: {str(change)[:50]}") for change, rules in WRONG]
)  # fmt: skip
def test_each_thing_wrong_is_named_and_nothing_else(change: dict[str, Any], rules: set[str]) -> None:
    assert broken(Maker(replace(Wish(), **change)).make()) == rules


LETTER_WRONG: list[tuple[dict[str, Any], set[str]]] = [
    ({"subject": ""}, {"subject.present"}),
    ({"subject": "Về việc báo cáo kết quả"}, {"subject.form"}),
    ({"subject": "V/v BÁO CÁO KẾT QUẢ SÁU THÁNG"}, {"subject.form"}),
    ({"sizes": {"subject": 14}}, {"subject.size"}),
    ({"italic": {"subject": True}}, {"subject.style"}),
    ({"addressed": []}, {"addressees.present"}),
    ({"sizes": {"addressed": 12}}, {"addressees.size"}),
]


@pytest.mark.parametrize(("change", "rules"), LETTER_WRONG)
def test_letters(change: dict[str, Any], rules: set[str]) -> None:
    assert broken(Maker(replace(LETTER, **change)).make()) == rules


BASES = [
    "Căn cứ Luật A ngày 18 tháng 6 năm 2013;",
    "Căn cứ Nghị định B ngày 27 tháng 01 năm 2014;",
    "Xét đề nghị của Chánh Văn phòng.",
]


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({}, set()),
        ({"bases": [BASES[0], BASES[1].replace(";", "."), BASES[2]]}, {"bases.ends"}),
        ({"bases": [*BASES[:2], BASES[2].replace(".", ";")]}, {"bases.ends"}),
        ({"italic": {"bases": False}}, {"bases.style"}),
        ({"sizes": {"bases": 12}}, {"bases.size"}),
    ],
)
def test_the_legal_basis(change: dict[str, Any], rules: set[str]) -> None:
    wish = Wish(number="Số: 82/KH-SKHCN", title="KẾ HOẠCH", bases=BASES)
    assert broken(Maker(replace(wish, **change)).make()) == rules


def test_every_rule_is_kept_broken_or_not_applicable_and_never_two_of_them() -> None:
    from khcn.core.papers.check.catalogue import RULES

    for wish in (Wish(), LETTER, DECISION, Wish(national="", title="", body=[])):
        result = check_document(Maker(wish).make())
        kept = {finding.rule for finding in result.kept}
        names = {finding.rule for finding in result.broken}
        skipped = {name for name, _why in result.not_applicable}
        assert kept | names | skipped == set(RULES)
        assert not kept & names and not kept & skipped and not names & skipped
        assert all(finding.where for finding in [*result.kept, *result.broken])
        assert all(finding.got and finding.expected and finding.message for finding in result.broken)


def test_a_type_is_told_by_its_name_or_its_symbol() -> None:
    assert check_document(Maker(Wish()).make()).type_name == "Báo cáo"
    assert check_document(Maker(LETTER).make()).type_name == "Công văn"
    assert check_document(Maker(Wish(title="", abstract="")).make()).type_name == "Báo cáo"
    assert check_document(Maker(DECISION).make()).type_name == "Quyết định"


def test_where_names_paragraph_table_and_words() -> None:
    result = check_document(Maker(Wish(number="Số: 5/BC-SKHCN")).make())
    (finding,) = result.broken
    assert finding.where.startswith("đoạn 4, bảng 1, hàng 1, cột 1: “Số: 5/BC-SKHCN”")
    assert (finding.expected, finding.got) == ("05", "5")
    assert finding.message == "Số nhỏ hơn 10 phải ghi thêm số 0 phía trước. Đang là: 5."


def test_many_places_are_one_finding_that_counts_them() -> None:
    (finding,) = check_document(Maker(Wish(sizes={"body": 12})).make()).broken
    assert len(finding.spots) == 14
    assert finding.where.endswith("(và 13 chỗ khác)")


def test_one_page_needs_no_number() -> None:
    result = check_document(Maker(Wish(body=[LONG] * 3, page_number="")).make())
    assert said(Maker(Wish(body=[LONG] * 3, page_number="")).make()) == []
    assert ("page-number.present", "văn bản chỉ có một trang") in result.not_applicable


@pytest.mark.parametrize("align", [CENTRE, JUSTIFY])
def test_the_default_grid_of_python_docx_breaks_the_national_name(align: Any) -> None:
    """Equal columns leave 78 mm for a line of 88 mm: the trap that reviewers call the gravest error."""
    maker = Maker(Wish())
    maker.page()
    table = maker.document.add_table(rows=1, cols=2)
    maker.put(table.rows[0].cells[0], "SỞ KHOA HỌC VÀ CÔNG NGHỆ", "agency", first=True)
    maker.put(table.rows[0].cells[1], Wish().national, "national", first=True)
    maker.put(table.rows[0].cells[1], Wish().motto, "motto").alignment = align
    maker.text()
    maker.close()
    from tests.core.papers.others import saved

    found = broken(saved(maker.document))
    assert "national.one-line" in found
    assert ("motto.centre" in found) is (align is JUSTIFY)
