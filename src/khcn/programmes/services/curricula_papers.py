"""The teacher's sheet and the pupils' sheet of a lesson: one description, as DOCX by the paper writer and as PDF.

The pupils' sheet says nothing that only the teacher reads: no answers, no notes, no prices.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from khcn.core.numbers import money_vi, number_vi
from khcn.core.papers.blocks import Align, Heading, Items, KeyValues, Paragraph, PlainBlock, Run, Table
from khcn.core.papers.parts import Metadata, Paper
from khcn.core.papers.writer import paper_docx
from khcn.programmes.models.curricula import Lesson, LessonVersion
from khcn.programmes.rules.curricula import Content
from khcn.programmes.services.certificates_paper import font_faces, fonts_fetcher, weasyprint

ANSWER_LINES: Final = 3  # room to write below each task of the pupils
DOTS: Final = "." * 110


@dataclass(frozen=True, slots=True)
class LessonSheet:
    """What is printed. ``teacher``: whose sheet it is; ``where``: the address of the lesson."""

    said: Content
    number: int
    unit: str
    published_at: datetime
    sources: tuple[str, ...]
    where: str
    teacher: bool


def lesson_sheet(lesson: Lesson, version: LessonVersion, *, teacher: bool, where: str) -> LessonSheet:
    """Return what is printed of one version."""
    return LessonSheet(
        version.said, version.number, lesson.unit.name, version.published_at,
        tuple(source_words(one) for one in lesson.lineage), where, teacher,
    )  # fmt: skip


def source_words(one: dict[str, Any]) -> str:
    """Return one step of the chain of credit in words."""
    words = _("“%(title)s”, phiên bản %(version)s, %(unit)s") % {
        "title": one["title"], "version": one["version"], "unit": one["unit"],
    }  # fmt: skip
    return f"{words} ({one['credits']})" if one.get("credits") else words


def credit_words(sheet: LessonSheet) -> str:
    """Return who made the lesson and under which terms it may be used."""
    said = sheet.said
    who = f"{sheet.unit} ({said.credits})" if said.credits else sheet.unit
    return _("%(who)s. Phiên bản %(number)s. Giấy phép %(licence)s.") % {
        "who": who, "number": sheet.number, "licence": said.licence_label,
    }  # fmt: skip


def sheet_docx(sheet: LessonSheet) -> bytes:
    """Return a sheet as DOCX."""
    with override("vi"):
        return paper_docx(lesson_paper(sheet))


def lesson_paper(sheet: LessonSheet) -> Paper:
    """Return a sheet as a paper."""
    said = sheet.said
    blocks: list[PlainBlock] = []
    if sheet.teacher:
        blocks += _teacher(sheet)
    else:
        blocks += _pupils(said)
    credit = [Paragraph((Run(credit_words(sheet), italic=True),), indent=False)]
    credit += [
        Paragraph((Run(_("Phỏng tác từ: %(source)s") % {"source": one}, italic=True),), indent=False)
        for one in sheet.sources
    ]
    credit.append(Paragraph((Run(sheet.where, italic=True),), Align.LEFT, indent=False))
    return Paper(
        title=(_("Kế hoạch bài dạy") if sheet.teacher else _("Phiếu học sinh")).upper(), subtitle=said.title,
        blocks=[*blocks, *credit], metadata=Metadata(author=sheet.unit, subject=said.title, created=sheet.published_at),
    )  # fmt: skip


def _teacher(sheet: LessonSheet) -> list[PlainBlock]:
    said = sheet.said
    facts = [
        (_("Môn"), said.subject_label),
        (_("Người học"), said.for_whom),
        (_("Thời lượng"), minutes_words(said)),
    ]
    facts += [(_("Chi phí một lớp"), money_vi(said.cost))] if said.equipment else []
    blocks: list[PlainBlock] = [
        KeyValues([pair for pair in facts if pair[1]]),
        Paragraph(said.summary),
        Heading(_("Mục tiêu")),
        Items(said.objective_lines),
    ]
    blocks += _safety(said)
    if said.equipment:
        rows = [
            [
                one.name + (f" ({', '.join(one.hazard_labels)})" if one.hazards else ""), one.unit,
                number_vi(one.quantity, 0), number_vi(one.price, 0), number_vi(one.cost, 0),
            ]
            for one in said.equipment
        ]  # fmt: skip
        rows.append([_("Tổng cộng"), "", "", "", number_vi(said.cost, 0)])
        right = Align.RIGHT
        blocks += [
            Heading(_("Thiết bị cho một lớp")),
            Table(
                [_("Tên"), _("Đơn vị tính"), _("Số lượng"), _("Đơn giá (đồng)"), _("Thành tiền (đồng)")], rows,
                widths_mm=(65, 24, 20, 27, 29), aligns=(Align.LEFT, Align.LEFT, right, right, right),
                strong_rows=frozenset({len(rows) - 1}),
            ),
        ]  # fmt: skip
    blocks += [
        Heading(_("Các bước")),
        Table(
            [_("Bước"), _("Phút"), _("Giáo viên"), _("Học sinh"), _("Đáp án, ghi chú")],
            [
                [str(number), str(one.minutes), one.teacher, one.pupils, one.answer]
                for number, one in enumerate(said.steps, start=1)
            ],
            widths_mm=(13, 13, 52, 52, 35),
        ),
    ]
    if said.materials:
        blocks += [Heading(_("Tài liệu")), Items([one.title for one in said.materials])]
    return blocks


def _pupils(said: Content) -> list[PlainBlock]:
    blocks: list[PlainBlock] = [
        Paragraph(_("Họ và tên: %(dots)s Lớp: ............") % {"dots": "." * 60}, Align.LEFT, indent=False),
        Heading(_("Em sẽ làm được")),
        Items(said.objective_lines),
    ]
    if said.equipment:
        names = [f"{one.name}: {number_vi(one.quantity, 0)} {one.unit}" for one in said.equipment]
        blocks += [Heading(_("Dụng cụ của lớp")), Items(names)]
    blocks += _safety(said)
    for number, one in enumerate((one for one in said.steps if one.pupils), start=1):
        blocks.append(
            Heading(_("Việc %(number)s (%(minutes)s phút)") % {"number": number, "minutes": one.minutes})
        )
        blocks += [Paragraph(line, Align.LEFT) for line in one.pupils.splitlines() if line.strip()]
        blocks += [Paragraph(DOTS, Align.LEFT, indent=False)] * ANSWER_LINES
    return blocks


def _safety(said: Content) -> list[PlainBlock]:
    if not (said.safety or said.hazards):
        return []
    lines = [line for line in said.safety.splitlines() if line.strip()]
    marks = (
        [_("Dấu hiệu nguy hiểm: %(marks)s") % {"marks": ", ".join(said.hazard_labels)}]
        if said.hazards
        else []
    )
    return [Heading(_("An toàn")), Items([*marks, *lines])]


def minutes_words(said: Content) -> str:
    """Return how long it lasts in words."""
    return _("%(n)s phút") % {"n": said.minutes} if said.minutes else ""


def sheet_pdf(sheet: LessonSheet) -> bytes:
    """Return a sheet as PDF; the same sheet gives the same bytes. Raises PaperMissingError."""
    paper = weasyprint()
    context = {
        "sheet": sheet, "said": sheet.said, "faces": font_faces(), "credit": credit_words(sheet),
        "lines": range(ANSWER_LINES), "tasks": [one for one in sheet.said.steps if one.pupils],
        "minutes": minutes_words(sheet.said),
    }  # fmt: skip
    with override("vi"):
        html = render_to_string("programmes/curricula/sheet.html", context)
    document = paper.HTML(string=html, base_url="khcn:", url_fetcher=fonts_fetcher()).render(
        pdf_tags=True, pdf_variant="pdf/ua-1"
    )
    document.metadata.authors = [sheet.unit]
    document.metadata.lang = "vi"
    identity = hashlib.sha256(f"{sheet!r}".encode()).digest()[:16]
    content: bytes = document.write_pdf(pdf_tags=True, pdf_variant="pdf/ua-1", pdf_identifier=identity)
    return content
