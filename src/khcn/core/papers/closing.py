"""What opens and closes the text: addressees, legal basis, rulings, signatures with recipients, annex heads."""

from typing import Final

from khcn.core.papers import decree30 as rule
from khcn.core.papers.blocks import Align
from khcn.core.papers.body import centred, dash_lines, emphasis, gap, roman
from khcn.core.papers.header import day_words, number_line
from khcn.core.papers.markup import Shape, cell, paragraph, row, run, table, twips
from khcn.core.papers.parts import (
    Addressees,
    Annex,
    Bases,
    NationalHeader,
    Paper,
    Ruling,
    Signatory,
    Signature,
    TwoSignatures,
)

ROOM_LINES: Final = 4  # empty lines for signature and seal
_LEFT_MM: Final = 80.0
_RIGHT_MM: Final = rule.TEXT_WIDTH_MM - _LEFT_MM
_OPENERS: Final = ("Căn cứ", "Theo", "Xét", "Thực hiện", "Trên cơ sở")
_INDENTED: Final = Shape(align=Align.JUSTIFY, first_mm=rule.FIRST_LINE_MM)


def addressees_xml(block: Addressees) -> str:
    """Return ``Kính gửi:`` with one name on its line, or with each name on a line of its own."""
    names = [name.strip().removeprefix("-").strip().rstrip(";.") for name in block.names]
    if len(names) == 1:
        shape = Shape(align=Align.CENTRE, before_pt=12, after_pt=12)
        return paragraph(run(f"Kính gửi: {names[0]}"), shape)
    head = paragraph(run("Kính gửi:"), Shape(align=Align.LEFT, first_mm=30, before_pt=12, keep_next=True))
    lines = [
        paragraph(run(f"- {name}{'.' if place == len(names) else ';'}"), Shape(align=Align.LEFT, first_mm=50))
        for place, name in enumerate(names, start=1)
    ]
    return head + "".join(lines)


def bases_xml(block: Bases) -> str:
    """Return the legal basis: italic, each line closed by ``;``, the last one by ``.``."""
    lines = [line.strip().rstrip(";.") for line in block.lines]
    lines = [line if line.startswith(_OPENERS) else f"Căn cứ {line}" for line in lines]
    last = len(lines) - 1
    return "".join(
        paragraph(run(line + ("." if place == last else ";"), italic=True), _INDENTED)
        for place, line in enumerate(lines)
    )


def ruling_xml(block: Ruling) -> str:
    """Return who decides, or the word of the deed."""
    return centred(block.text, rule.BODY_PT.chosen, before_pt=6)


def _tight(text: str) -> str:
    shape = Shape(align=Align.CENTRE, before_pt=0, after_pt=0, line=1.0)
    return paragraph(run(text, rule.SIGNATURE_PT.chosen, bold=True) if text else "", shape)


def _signing(lines: list[str], name: str) -> str:
    """Return who signs, the room for signature and seal, and the name."""
    return "".join(_tight(text) for text in [*lines, *([""] * ROOM_LINES), name])


def signature_xml(block: Signature) -> str:
    """Return recipients left (12 pt bold italic head, 11 pt lines) and who signs right."""
    left = emphasis("Nơi nhận:") + dash_lines(block.recipient_lines(), rule.RECIPIENTS_PT.chosen)
    right = _signing(block.authority_lines(), block.name)
    widths = [twips(_LEFT_MM), twips(_RIGHT_MM)]
    return gap() + table(widths, [row([cell(left, widths[0]), cell(right, widths[1])])], margin_mm=0) + gap()


def two_signatures_xml(block: TwoSignatures) -> str:
    """Return the two signatures of minutes side by side, recipients under them."""
    width = twips(rule.TEXT_WIDTH_MM / 2)
    sides: list[Signatory] = [block.left, block.right]
    cells = [cell(_signing([side.position.upper()], side.name), width) for side in sides]
    receivers = Signature(position=block.right.position, recipients=block.recipients).recipient_lines()
    return (
        gap()
        + table([width, width], [row(cells)], margin_mm=0)
        + gap()
        + emphasis("Nơi nhận:")
        + dash_lines(receivers, rule.RECIPIENTS_PT.chosen)
    )


def drafter_xml(mark: str) -> str:
    """Return the mark of who drafted and how many copies."""
    shape = Shape(align=Align.LEFT, before_pt=0, after_pt=0, line=1.0)
    return paragraph(run(mark, rule.DRAFTER_PT.chosen), shape)


def contact_xml(text: str) -> str:
    """Return the address line, under a rule as wide as the text."""
    shape = Shape(align=Align.CENTRE, top_rule=True, before_pt=0, after_pt=0, line=1.0)
    return paragraph(run(text, rule.CONTACT_PT.chosen), shape)


def annex_head_xml(annex: Annex, paper: Paper, number: int) -> str:
    """Return label, title and reference line of an annex; ``number`` is 0 when it is the only one."""
    label = f"Phụ lục {roman(number)}" if number else "Phụ lục"
    made = centred(label, rule.ANNEX_PT.chosen, after_pt=0)
    made += centred(annex.title.upper(), rule.TITLE_PT.chosen, after_pt=0)
    reference = annex.reference or _reference(paper)
    if not reference:
        return made
    shape = Shape(align=Align.CENTRE, after_pt=12, keep_next=True)
    return made + paragraph(run(reference, italic=True), shape)


def _reference(paper: Paper) -> str:
    head: NationalHeader | None = paper.header
    if head is None:
        return ""
    kind = paper.title.capitalize() or "Công văn"
    line = number_line(head.number, head.symbol).replace("Số:", "số")
    return f"(Kèm theo {kind} {line} {day_words(head.day)} của {head.agency})"
