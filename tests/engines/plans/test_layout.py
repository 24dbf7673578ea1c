"""Plans in running text: outline, leads, deadlines, reports; Word files by hand and hostile ones."""

import io
import zipfile
from datetime import date

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from khcn.engines.plans.deadlines import find_rhythm, find_when
from khcn.engines.plans.layout_tasks import split_deeds
from khcn.engines.plans.reading import read_plan
from khcn.engines.plans.types import PlanFile, PlanFileError, UnitSpec
from khcn.engines.plans.unit_names import UnitNames, names_in_heading
from tests.engines.plans.samples import MARKDOWN

KNOWN = (
    UnitSpec("kinh-te", "Phòng Kinh tế", kind="division"),
    UnitSpec("tai-chinh", "Phòng Tài chính", kind="division"),
    UnitSpec("to-1", "Tổ 1"),
    UnitSpec("to-2", "Tổ 2"),
    UnitSpec("cac-to", "Các tổ dân phố", kind="group", members=("to-1", "to-2")),
)


def read(text: str) -> PlanFile:
    return read_plan("ke-hoach.md", text.encode(), known=KNOWN)


def test_every_promise_of_the_text_becomes_a_proposed_task() -> None:
    plan = read(MARKDOWN)
    assert plan.proposed
    found = {task.code: (task.section, task.lead, task.cooperating, task.fan_out) for task in plan.tasks}
    assert found == {
        "II.1": ("II", "kinh-te", (), False), "II.2": ("II", "kinh-te", (), False), "II.3": ("II", "kinh-te", (), False),
        "IV.1-a": ("IV.1", "kinh-te", (), False), "IV.1-b": ("IV.1", "kinh-te", ("tai-chinh",), False),
        "IV.2": ("IV.2", "tai-chinh", (), False), "IV.3": ("IV.3", "kinh-te", ("cac-to",), True),
        "IV.4-H1": ("IV.4", "kinh-te", ("tai-chinh", "cac-to"), True), "IV.4-H2": ("IV.4", "kinh-te", ("tai-chinh", "cac-to"), True),
        "IV.4-AH": ("IV.4", "kinh-te", ("tai-chinh", "cac-to"), True),
    }  # fmt: skip


def test_days_kinds_and_rhythm_come_from_the_words() -> None:
    tasks = {task.code: task for task in read(MARKDOWN).tasks}
    assert {code: task.deadline for code, task in tasks.items()} == {
        "II.1": date(2024, 6, 29), "II.2": date(2024, 12, 31), "II.3": date(2024, 9, 30), "IV.1-a": date(2024, 12, 31),
        "IV.1-b": date(2024, 9, 30), "IV.2": date(2024, 12, 31), "IV.3": date(2024, 12, 31), "IV.4-H1": date(2024, 6, 4),
        "IV.4-H2": date(2024, 12, 4), "IV.4-AH": None,
    }  # fmt: skip
    assert (tasks["II.1"].kind, tasks["II.2"].kind, tasks["IV.2"].kind, tasks["IV.1-b"].kind) == (
        "training",
        "communication",
        "budget",
        "visit",
    )
    assert (tasks["II.2"].cadence, tasks["II.1"].deadline_basis, tasks["II.2"].deadline_basis) == (
        "continuous",
        "explicit",
        "plan_year_end",
    )


def test_head_purpose_money_and_regime_are_no_tasks() -> None:
    plan = read(MARKDOWN)
    head = plan.header
    assert (head.full_number, head.date, head.year, head.signer.name) == (
        "15/KH-UBND",
        date(2024, 2, 3),
        2024,
        "Lê Văn Mẫu",
    )
    assert [one.number for one in head.basis] == ["99/QĐ-UBND"]
    assert len(plan.purpose) == 1 and plan.requirement.startswith("Việc thực hiện")
    assert plan.budget_text == "Từ nguồn ngân sách được giao."
    regime = plan.reporting
    assert (regime.through, regime.per_year, regime.reporters) == (
        "kinh-te",
        2,
        ("tai-chinh", "to-1", "to-2"),
    )
    assert [(one.code, one.due) for one in regime.periods] == [
        ("2024-H1", date(2024, 6, 4)),
        ("2024-H2", date(2024, 12, 4)),
    ]


def test_units_nobody_knows_are_proposed_and_said() -> None:
    plan = read_plan("a.md", MARKDOWN.encode())
    assert [unit.name for unit in plan.units][:3] == ["Phòng Kinh tế", "Phòng Tài chính", "Các tổ dân phố"]
    codes = [one.code for one in plan.anomalies]
    assert (
        codes.count("unknown-name") == len(plan.units)
        and "group-empty" in codes
        and "signing-mode-dot" in codes
    )


def test_word_html_pasted_into_the_text_is_read_like_text() -> None:
    html = (
        "<html xmlns:o='urn:x'><!--[if gte mso 9]><xml>1. Rác</xml><![endif]--><style>p {mso-x: 1}</style><body>"
        "<p class=MsoNormal><b>II. NỘI DUNG</b></p><p><b><span style='mso-list:Ignore'>1.</span> Đào tạo</b></p>"
        "<p>-<span>&nbsp;&nbsp; </span>Tổ chức tập huấn<o:p></o:p> cho\ngiáo viên &amp; học sinh.</p><ul><li>Tổ chức cuộc thi.</li></ul></body></html>"
    )
    tasks = read_plan("a.html", html.encode(), year=2024).tasks
    assert [(task.code, task.text) for task in tasks] == [
        ("II.1-a", "Tổ chức tập huấn cho giáo viên & học sinh."), ("II.1-b", "Tổ chức cuộc thi."),
    ]  # fmt: skip


def test_a_bullet_printed_twice_is_kept_once() -> None:
    twice = MARKDOWN.replace(
        "- Chủ trì triển khai",
        "- Chủ trì triển khai Kế hoạch, theo dõi, đôn đốc các đơn vị.\n- Chủ trì triển khai",
        1,
    )
    plan = read(twice)
    assert [task.code for task in plan.tasks if task.section == "IV.1"] == ["IV.1-a", "IV.1-b"]
    assert "duplicate-bullet" in [one.code for one in plan.anomalies]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Tham gia triển lãm; tổ chức cuộc thi khởi nghiệp, hội thi tay nghề.", 3),
        ("Tổ chức tập huấn; tập huấn bổ sung cho giáo viên.", 1),
        ("Chịu trách nhiệm triển khai; tổ chức hội thi; tham gia tập huấn.", 1),
        ("Tổ chức kiểm tra; thông tin cho đơn vị.", 1),
    ],
)
def test_deeds_of_different_kinds_are_parted(text: str, parts: int) -> None:
    assert len(split_deeds(text)) == parts


@pytest.mark.parametrize(
    ("text", "deadline", "start", "cadence"),
    [
        ("xong trước ngày 02 tháng 6", date(2021, 6, 1), None, ""), ("trước ngày 15/8/2022", date(2022, 8, 14), None, ""),
        ("chậm nhất ngày 20/11", date(2021, 11, 20), None, ""), ("trong quý III/2021", date(2021, 9, 30), date(2021, 7, 1), ""),
        ("quý I và quý II năm 2021", date(2021, 6, 30), date(2021, 1, 1), ""), ("trước quý IV", date(2021, 9, 30), None, ""),
        ("tháng 9 năm 2021", date(2021, 9, 30), None, ""), ("tháng 02/2024", date(2024, 2, 29), None, ""), ("6 tháng đầu năm", date(2021, 6, 30), None, ""),
        ("từ ngày 01/3 đến ngày 30/4", date(2021, 4, 30), date(2021, 3, 1), ""), ("thực hiện thường xuyên", None, None, "continuous"),
        ("báo cáo hằng quý", None, None, "quarterly"), ("tổ chức hàng năm", None, None, "yearly"),
        ("theo Kế hoạch 179/KH-UBND ngày 28 tháng 9 năm 2020", None, None, ""), ("trước ngày 31 tháng 2", None, None, ""),
    ],
)  # fmt: skip
def test_phrases_of_time(text: str, deadline: date | None, start: date | None, cadence: str) -> None:
    when = find_when(text, 2021)
    assert (when.deadline, when.starts_on, when.cadence) == (deadline, start, cadence)


def test_rhythm_of_reports() -> None:
    half = find_rhythm("báo cáo 02 lần/năm (trước ngày 02 tháng 6 và tháng 11) hoặc đột xuất", 2021)
    assert (half.before, half.per_year, half.ad_hoc, len(half.no_day)) == (
        (date(2021, 6, 2), date(2021, 11, 2)),
        2,
        True,
        1,
    )
    assert len(find_rhythm("gửi trước ngày 20 của tháng cuối quý", 2021).before) == 4
    assert len(find_rhythm("báo cáo vào ngày 31 hằng tháng", 2021).before) == 12


def test_names_are_found_without_their_place_and_in_short() -> None:
    names = UnitNames([
        UnitSpec("ub", "Ủy ban nhân dân Thành phố Mây"), UnitSpec("p1", "UBND Phường 1"), UnitSpec("p2", "UBND Phường 2"),
        UnitSpec("so", "Sở Khoa học và Công nghệ Tỉnh Mây"), UnitSpec("hoi", "Hội Liên hiệp Phụ nữ Thành phố Mây"),
    ])  # fmt: skip
    found = [
        one.key
        for one in names.find(
            "Phối hợp Sở KH&CN, Hội LHPN thành phố và Ủy ban nhân dân Phường 2 gửi UBND thành phố"
        )
    ]
    assert found == ["so", "hoi", "p2", "ub"]
    assert names.find("Ủy ban nhân dân các phường") == []


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Phòng Văn hóa và Thông tin", ["Phòng Văn hóa và Thông tin"]),
        (
            "Đề nghị Quận Đoàn, Liên đoàn Lao động và Hội Phụ nữ",
            ["Quận Đoàn", "Liên đoàn Lao động", "Hội Phụ nữ"],
        ),
        ("Các phòng, ban chuyên môn", ["Các phòng, ban chuyên môn"]),
        ("Chế độ báo cáo", []),
        ("Công tác kiểm tra", []),
    ],
)
def test_units_in_a_heading(heading: str, names: list[str]) -> None:
    assert names_in_heading(heading) == names


# --- Word ---


def numbered(paragraph: docx.text.paragraph.Paragraph, number: int, level: int) -> None:
    properties = paragraph._p.get_or_add_pPr()
    element = OxmlElement("w:numPr")
    for name, value in (("w:ilvl", level), ("w:numId", number)):
        child = OxmlElement(name)
        child.set(qn("w:val"), str(value))
        element.append(child)
    properties.append(element)


def list_of_levels(document: "docx.document.Document") -> int:
    """Add a list I. / 1. / a bullet to the document and return its number."""
    root = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "77")
    for level, (form, text) in enumerate((("upperRoman", "%1."), ("decimal", "%2."), ("bullet", "\uf0b7"))):
        element = OxmlElement("w:lvl")
        element.set(qn("w:ilvl"), str(level))
        for name, value in (("w:start", "1"), ("w:numFmt", form), ("w:lvlText", text)):
            child = OxmlElement(name)
            child.set(qn("w:val"), value)
            element.append(child)
        abstract.append(element)
    root.insert(0, abstract)
    number = OxmlElement("w:num")
    number.set(qn("w:numId"), "77")
    reference = OxmlElement("w:abstractNumId")
    reference.set(qn("w:val"), "77")
    number.append(reference)
    root.append(number)
    return 77


def word(build: "object") -> bytes:
    document = docx.Document()
    build(document)  # type: ignore[operator]
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_numbers_that_word_keeps_for_itself_are_counted() -> None:
    def build(document: "docx.document.Document") -> None:
        number = list_of_levels(document)
        for text, level in (
            ("NỘI DUNG", 0), ("Đào tạo", 1), ("Tổ chức tập huấn cho giáo viên.", 2), ("Tổ chức hội thi cho học sinh.", 2),
            ("Năng lượng", 1), ("Lắp điện mặt trời.", 2), ("PHÂN CÔNG THỰC HIỆN", 0), ("Phòng Kinh tế", 1), ("Chủ trì Kế hoạch này.", 2),
        ):  # fmt: skip
            paragraph = document.add_paragraph()
            paragraph.add_run(text).bold = level < 2
            numbered(paragraph, number, level)

    plan = read_plan("ke-hoach.docx", word(build), known=KNOWN, year=2024)
    assert [one.ref for one in plan.sections] == ["I", "I.1", "I.2", "II", "II.1"]
    assert [(task.code, task.kind) for task in plan.tasks][:3] == [
        ("I.1-a", "training"),
        ("I.1-b", "contest"),
        ("I.2-a", "energy"),
    ]
    assert plan.tasks[3].lead == "kinh-te"


def test_a_table_of_tasks_gives_leads_days_and_money() -> None:
    def build(document: "docx.document.Document") -> None:
        document.add_paragraph().add_run("I. NHIỆM VỤ").bold = True
        table = document.add_table(rows=4, cols=6)
        rows = (
            ("TT", "Nội dung công việc", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian", "Kinh phí (đồng)"),
            ("A", "Đào tạo", "", "", "", ""),
            (
                "1",
                "Tổ chức tập huấn",
                "Phòng Kinh tế",
                "Phòng Tài chính;\nCác tổ dân phố",
                "Quý II",
                "12.500.000",
            ),
            ("2", "Tổ chức hội thi", "Phòng Tài chính", "", "Trước ngày 20/10", ""),
        )
        for line, cells in zip(table.rows, rows, strict=True):
            for cell, text in zip(line.cells, cells, strict=True):
                cell.text = text

    tasks = read_plan("a.docx", word(build), known=KNOWN, year=2024).tasks
    assert [(one.lead, one.cooperating, one.deadline, int(one.amount_vnd or 0)) for one in tasks] == [
        ("kinh-te", ("tai-chinh", "cac-to"), date(2024, 6, 30), 12_500_000), ("tai-chinh", (), date(2024, 10, 19), 0),
    ]  # fmt: skip


def test_rows_of_an_annex_say_more_of_the_promises_and_add_their_own() -> None:
    annex = (
        "\n\n| TT | Nội dung | Chủ trì | Phối hợp | Thời gian | Kinh phí |\n|---|---|---|---|---|---|\n"
        "| 1 | Tổ chức 02 lớp tập huấn kỹ năng số cho cán bộ | Phòng Tài chính | Phòng Kinh tế | 15/5/2024 | 9.000.000 |\n"
        "| 2 | Mua máy đo tốc độ gió | Phòng Kinh tế | | Quý II | |\n"
    )
    tasks = {task.code: task for task in read(MARKDOWN + annex).tasks}
    same = tasks["II.1"]
    assert (same.lead, same.cooperating, same.deadline, int(same.amount_vnd or 0)) == (
        "tai-chinh",
        ("kinh-te",),
        date(2024, 5, 15),
        9_000_000,
    )
    assert (tasks["PL-2"].lead, tasks["PL-2"].deadline) == ("kinh-te", date(2024, 6, 30))
    assert len(tasks) == len(read(MARKDOWN).tasks) + 1


def test_codes_are_never_used_twice() -> None:
    twice = MARKDOWN.replace(
        "gửi Ủy ban nhân dân thị trấn (qua Phòng Kinh tế).",
        "gửi thị trấn.\n- Đơn vị báo cáo đột xuất theo yêu cầu.\n- Phòng Kinh tế tổng hợp báo cáo theo yêu cầu.",
    )
    twice = twice.replace(
        "## III.KINH PHÍ", "1. Việc khác mang cùng số với việc đầu tiên của phần này.\n\n## III.KINH PHÍ"
    )
    codes = [task.code for task in read(twice).tasks]
    assert len(codes) == len(set(codes))


def package(body: bytes, name: str = "word/document.xml") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr(name, body)
    return stream.getvalue()


W = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.docx", b"khong phai word", "docx-corrupt"), ("a.docx", b"PK\x03\x04" + b"x" * 50, "docx-corrupt"),
        ("a.docx", package(b"<x/>", "other.xml"), "docx-corrupt"), ("a.docx", package(b"<w:document"), "docx-corrupt"),
        ("a.docx", package(b"<w:document " + W + b"><w:body/></w:document>"), "no-text"),
        ("a.docx", package(b"<x>" + b"A" * 60_000_000 + b"</x>"), "docx-bomb"), ("a.doc", b"\xd0\xcf\x11\xe0" + b"0" * 600, "old-word"),
        ("a.pdf", b"%PDF-1.7", "format"), ("a.md", b"", "empty"), ("a.md", "Một bài báo không có mục nào.".encode(), "no-outline"),
        ("a.md", "# I. MỤC ĐÍCH\n\n- Nâng cao nhận thức.\n".encode(), "no-promise"), ("a.md", b"\xff\xfa\x01", "encoding"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(name: str, data: bytes, code: str) -> None:
    with pytest.raises(PlanFileError) as caught:
        read_plan(name, data)
    assert caught.value.faults[0].code == code


def test_outside_entities_are_not_followed(tmp_path: "object") -> None:
    secret = tmp_path / "secret"  # type: ignore[operator]
    secret.write_text("I. MẬT")
    body = (
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file://' + str(secret).encode() + b'">]><w:document ' + W + b"><w:body><w:p><w:r><w:t>"
        + "II. NỘI DUNG".encode() + b"</w:t></w:r></w:p><w:p><w:r><w:t>- Ke hoach &x; mot viec.</w:t></w:r></w:p></w:body></w:document>"
    )  # fmt: skip
    plan = read_plan("a.docx", package(body), year=2024)
    assert "MẬT" not in plan.tasks[0].text


def test_two_thousand_tasks_are_proposed_in_seconds() -> None:
    many = "# II. NỘI DUNG\n\n" + "\n".join(
        f"- Tổ chức lớp tập huấn số {n} cho cán bộ phường." for n in range(2000)
    )
    assert len(read(many).tasks) == 2000
