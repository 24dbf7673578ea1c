"""Documents as other people's tools make them: python-docx with direct formatting, tabbed heads, and raw WordprocessingML
as Word writes it. Each comes right by default; ``Wish`` says what to do otherwise.
"""

import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from khcn.core.papers.metrics import width_mm

CENTRE, LEFT, RIGHT, JUSTIFY = (
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)
LONG = (
    "Các phòng, ban, ngành và các trường học trên địa bàn đã tổ chức tuyên truyền, phổ biến chủ trương, chính sách, pháp "
    "luật về khoa học và công nghệ, đổi mới sáng tạo và chuyển đổi số đến cán bộ, công chức, viên chức và nhân dân."
)


@dataclass
class Wish:
    """What the document holds; the default is right in everything."""

    parent: str = "ỦY BAN NHÂN DÂN THÀNH PHỐ"
    agency: str = "SỞ KHOA HỌC VÀ CÔNG NGHỆ"
    national: str = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    motto: str = "Độc lập - Tự do - Hạnh phúc"
    number: str = "Số: 05/BC-SKHCN"
    place: str = "Chợ Quán, ngày 05 tháng 6 năm 2021"
    title: str = "BÁO CÁO"
    abstract: str = "Kết quả thực hiện nhiệm vụ 6 tháng đầu năm"
    subject: str = ""
    addressed: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=lambda: [LONG] * 14)
    authority: list[str] = field(default_factory=lambda: ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"])
    name: str = "Nguyễn Văn An"
    receivers: list[str] = field(
        default_factory=lambda: ["- Như trên;", "- Các phòng, ban;", "- Lưu: VT, KHTH."]
    )
    receivers_label: str = "Nơi nhận:"
    margins: tuple[float, float, float, float] = (20, 20, 30, 15)
    page: tuple[float, float] = (210, 297)
    landscape: bool = False
    font: str = "Times New Roman"
    page_number: str = "header"
    page_number_align: Any = CENTRE
    page_number_size: float = 13
    title_page: bool = True
    sizes: dict[str, float] = field(default_factory=dict)
    bold: dict[str, bool] = field(default_factory=dict)
    italic: dict[str, bool] = field(default_factory=dict)
    align: dict[str, Any] = field(default_factory=dict)
    colour: dict[str, str] = field(default_factory=dict)
    first_line: float = 12.7
    gap: float = 6
    line: float = 1.2
    motto_rule: bool = True
    agency_rule: float = 0.4
    abstract_rule: float = 0.4


_SIZES = {
    "parent": 12, "agency": 12, "national": 12, "motto": 13, "number": 13, "place": 13, "title": 14, "abstract": 14,
    "subject": 12, "addressed": 13, "bases": 13, "body": 13, "authority": 13, "name": 13, "label": 12, "receivers": 11,
}  # fmt: skip
_BOLD = {"agency", "national", "motto", "title", "abstract", "authority", "name", "label"}
_ITALIC = {"place", "bases", "label"}


class Maker:
    """Writes with python-docx, all formatting direct, as a script of another house would."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.document: Any = Document()

    def put(self, where: Any, text: str, part: str, *, first: bool = False, gap: float = 0) -> Any:
        """Add a paragraph in the look of a part."""
        paragraph = where.paragraphs[0] if first else where.add_paragraph()
        default = JUSTIFY if part in {"body", "bases"} else LEFT if part in {"label", "receivers"} else CENTRE
        paragraph.alignment = self.wish.align.get(part, default)
        shape = paragraph.paragraph_format
        shape.space_before, shape.space_after, shape.line_spacing = Pt(0), Pt(gap), 1.0
        self.run(paragraph, text, part)
        return paragraph

    def run(self, paragraph: Any, text: str, part: str) -> None:
        """Add a run in the look of a part."""
        wish = self.wish
        run = paragraph.add_run(text)
        run.font.name = wish.font
        run._element.rPr.rFonts.set(qn("w:hAnsi"), wish.font)
        run.font.size = Pt(wish.sizes.get(part, _SIZES[part]))
        run.bold = wish.bold.get(part, part in _BOLD)
        run.italic = wish.italic.get(part, part in _ITALIC)
        if part in wish.colour:
            run.font.color.rgb = RGBColor.from_string(wish.colour[part])

    def page(self) -> None:
        """Set paper, margins and page number."""
        wish, section = self.wish, self.document.sections[0]
        section.page_width, section.page_height = Mm(wish.page[0]), Mm(wish.page[1])
        if wish.landscape:
            section.orientation = WD_ORIENT.LANDSCAPE
            section.page_width, section.page_height = Mm(wish.page[1]), Mm(wish.page[0])
        top, bottom, left, right = wish.margins
        section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
        section.left_margin, section.right_margin = Mm(left), Mm(right)
        section.different_first_page_header_footer = wish.title_page
        if wish.page_number:
            where = section.header if wish.page_number == "header" else section.footer
            paragraph = where.paragraphs[0]
            paragraph.alignment = wish.page_number_align
            for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
                run = paragraph.add_run()
                run.font.name, run.font.size = wish.font, Pt(wish.page_number_size)
                if kind:
                    element = OxmlElement("w:fldChar")
                    element.set(qn("w:fldCharType"), kind)
                else:
                    element = OxmlElement("w:instrText")
                    element.text = text
                run._element.append(element)

    def rule(self, where: Any, length_mm: float, room_mm: float) -> None:
        """Draw a line as a bordered empty paragraph between indents."""
        paragraph = where.add_paragraph()
        shape = paragraph.paragraph_format
        shape.left_indent = shape.right_indent = Mm((room_mm - length_mm) / 2)
        shape.space_before = shape.space_after = Pt(0)
        border = OxmlElement("w:pBdr")
        bottom = OxmlElement("w:top")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "1"), ("color", "auto")):
            bottom.set(qn(f"w:{name}"), value)
        border.append(bottom)
        paragraph._p.get_or_add_pPr().insert_element_before(border, "w:spacing", "w:ind", "w:jc")

    def head(self) -> None:
        """One table of one row: all lines of a side in one cell."""
        wish = self.wish
        table = self.document.add_table(rows=1, cols=2)
        table.autofit = False
        for column, width in zip(table.columns, (70, 100), strict=True):
            column.width = Mm(width)
            for cell in column.cells:
                cell.width = Mm(width)
        left, right = table.rows[0].cells
        first = True
        for part, text in (("parent", wish.parent), ("agency", wish.agency)):
            if text:
                self.put(left, text, part, first=first)
                first = False
        if wish.agency_rule and wish.agency:
            self.rule(left, 56 * wish.agency_rule, 66.2)
        for part, text in (("number", wish.number), ("subject", wish.subject)):
            if text:
                self.put(left, text, part)
        self.put(right, wish.national, "national", first=True)
        self.put(right, wish.motto, "motto")
        if wish.motto_rule and wish.motto:
            self.rule(right, 56, 96.2)
        self.put(right, wish.place, "place")

    def text(self) -> None:
        """Everything between head and signature."""
        wish = self.wish
        document = self.document
        if wish.title:
            self.put(document, "", "title")
            self.put(document, wish.title, "title")
            if wish.abstract:
                self.put(document, wish.abstract, "abstract")
            if wish.abstract_rule and wish.abstract:
                section = document.sections[0]
                room = (section.page_width - section.left_margin - section.right_margin) / 36000
                wide = width_mm(wish.abstract, wish.sizes.get("abstract", 14), bold=True)
                self.rule(document, min(wide, room) * wish.abstract_rule, room)
        for index, name in enumerate(wish.addressed):
            self.put(document, name, "addressed", gap=6).alignment = CENTRE if index == 0 else LEFT
        for part, lines in (("bases", wish.bases), ("body", wish.body)):
            for line in lines:
                paragraph = self.put(document, line, part, gap=wish.gap)
                paragraph.paragraph_format.first_line_indent = Mm(wish.first_line)
                paragraph.paragraph_format.line_spacing = wish.line

    def close(self) -> None:
        """A table: recipients left, who signs right."""
        wish = self.wish
        table = self.document.add_table(rows=1, cols=2)
        left, right = table.rows[0].cells
        first = True
        if wish.receivers_label:
            self.put(left, wish.receivers_label, "label", first=True)
            first = False
        for line in wish.receivers:
            self.put(left, line, "receivers", first=first)
            first = False
        for index, line in enumerate(wish.authority):
            self.put(right, line, "authority", first=index == 0)
        if wish.authority:
            for _blank in range(4):
                self.put(right, "", "name")
            self.put(right, wish.name, "name")

    def make(self) -> bytes:
        """Return the document."""
        self.page()
        self.head()
        self.text()
        self.close()
        return saved(self.document)


class TabbedMaker(Maker):
    """Writes head and signature as tabbed lines, with underlined words for rules."""

    def tabbed(self, *columns: tuple[str, str], underline: str = "") -> None:
        paragraph = self.document.add_paragraph()
        shape = paragraph.paragraph_format
        shape.space_after, shape.line_spacing = Pt(0), 1.0
        for place in (30, 115):
            shape.tab_stops.add_tab_stop(Mm(place), WD_TAB_ALIGNMENT.CENTER)
        for text, part in columns:
            paragraph.add_run("\t")
            self.run(paragraph, text, part)
            if part == underline:
                paragraph.runs[-1].underline = True

    def head(self) -> None:
        wish = self.wish
        self.tabbed((wish.parent, "parent"), (wish.national, "national"))
        self.tabbed((wish.agency, "agency"), (wish.motto, "motto"), underline="motto")
        paragraph = self.document.add_paragraph()
        paragraph.add_run("\t____________")
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(30), WD_TAB_ALIGNMENT.CENTER)
        for run in paragraph.runs:
            run.font.name = wish.font
        self.tabbed((wish.number, "number"), (wish.place, "place"))

    def close(self) -> None:
        wish = self.wish
        rights = [*wish.authority, "", "", "", wish.name]
        lefts = [wish.receivers_label, *wish.receivers]
        for index in range(max(len(rights), len(lefts))):
            paragraph = self.document.add_paragraph()
            paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(120), WD_TAB_ALIGNMENT.CENTER)
            paragraph.paragraph_format.space_after = Pt(0)
            if index < len(lefts):
                self.run(paragraph, lefts[index], "label" if index == 0 else "receivers")
            if index < len(rights) and rights[index]:
                paragraph.add_run("\t")
                self.run(paragraph, rights[index], "authority" if index < len(wish.authority) else "name")


def saved(document: Any) -> bytes:
    """Return a python-docx document as bytes."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


# ---- raw WordprocessingML, as Word writes it --------------------------------------------------------------

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SPACES = (
    f'xmlns:w="{_W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)
_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="{main}"/>
</Types>"""
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_RELS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>"""
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
THEME = (
    '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="x"><a:themeElements><a:fontScheme name="x">'
    '<a:majorFont><a:latin typeface="Times New Roman"/></a:majorFont>'
    '<a:minorFont><a:latin typeface="{minor}"/></a:minorFont></a:fontScheme></a:themeElements></a:theme>'
)


def relation(identity: str, kind: str, target: str) -> str:
    """Return one relationship."""
    return f'<Relationship Id="{identity}" Type="{_REL}{kind}" Target="{target}"/>'


def packed(parts: dict[str, str | bytes], *, main_type: str = MAIN_TYPE) -> bytes:
    """Return a DOCX of raw parts; those under ``word/`` are related to the document by their names."""
    out = io.BytesIO()
    rows = "".join(
        relation(f"r{name.partition('.')[0]}", name.rstrip("0123456789.xml").rstrip("0123456789"), f"{name}")
        for name in (full.removeprefix("word/") for full in parts)
        if name != "document.xml" and "/" not in name
    )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES.format(main=main_type))
        archive.writestr(
            "_rels/.rels", _RELS.format(rows=relation("r1", "officeDocument", "word/document.xml"))
        )
        archive.writestr("word/_rels/document.xml.rels", _RELS.format(rows=rows))
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
