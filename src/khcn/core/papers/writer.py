"""The one document writer: a :class:`Paper` becomes DOCX bytes by the geometry of Decree 30.

The body is one string of WordprocessingML, parsed once; python-docx holds the package, the styles and the pictures.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.shared import Pt, RGBColor

from khcn.core.papers import closing
from khcn.core.papers import decree30 as rule
from khcn.core.papers.blocks import Align, Landscape
from khcn.core.papers.body import Page, PaperError, block_xml
from khcn.core.papers.header import header_xml, title_xml
from khcn.core.papers.markup import NAMESPACES, Shape, field, paragraph, properties, twips
from khcn.core.papers.ooxml import set_font, set_language
from khcn.core.papers.parts import (
    Addressees,
    Annex,
    Bases,
    Block,
    Metadata,
    Paper,
    Ruling,
    Signature,
    TwoSignatures,
)

__all__ = ["PaperError", "paper_docx"]

_PARTS: Final[dict[type, Any]] = {
    Addressees: closing.addressees_xml,
    Bases: closing.bases_xml,
    Ruling: closing.ruling_xml,
    Signature: closing.signature_xml,
    TwoSignatures: closing.two_signatures_xml,
}


def paper_docx(paper: Paper) -> bytes:
    """Return ``paper`` as a DOCX file.

    :raises PaperError: when a picture is none.
    """
    document = Document()
    _set_styles(document, paper.metadata.language)
    _set_metadata(document, paper)
    margins = _Margins.of(document, paper.contact)
    pieces = "".join(_sections(document, paper, margins))
    # parsed once and put in place whole: moving the nodes of a long table from one tree to another takes minutes
    document.part._element = parse_xml(f"<w:document {NAMESPACES}><w:body>{pieces}</w:body></w:document>")
    out = io.BytesIO()
    document.part.package.save(out)
    return out.getvalue()


@dataclass(frozen=True)
class _Section:
    """Pages of one kind: what is on them, and how they lie."""

    xml: str
    landscape: bool = False
    annex: bool = False


def _sections(document: Any, paper: Paper, margins: "_Margins") -> Iterator[str]:
    """Yield the sections; each but the last ends in a thin paragraph that holds its properties."""
    sections = [*_body(document, paper), *_annexes(document, paper)]
    for place, section in enumerate(sections):
        about = margins.section(section, first=place == 0)
        if section is sections[-1]:
            yield section.xml + about
        else:
            yield section.xml + paragraph("", Shape(after_pt=0, line_exact_pt=1), about)


def _body(document: Any, paper: Paper) -> list[_Section]:
    """Return the sections of the paper itself; wide tables stand in sections of their own."""
    sections: list[_Section] = []
    portrait = header_xml(paper.header) if paper.header else ""
    portrait += title_xml(paper.title, paper.subtitle, framed=paper.header is not None)
    page, wide = Page(document), Page(document, rule.WIDE_TEXT_MM)
    for block in paper.blocks:
        if isinstance(block, Landscape):
            if portrait:
                sections.append(_Section(portrait))
            sections.append(_Section(_blocks(wide, block.blocks), landscape=True))
            portrait = ""
        else:
            portrait += _block(page, block)
    portrait += closing.drafter_xml(paper.drafter) if paper.drafter else ""
    if portrait or not sections:
        sections.append(_Section(portrait or paragraph("")))
    return sections


def _annexes(document: Any, paper: Paper) -> Iterator[_Section]:
    for place, annex in enumerate(paper.annexes, start=1):
        page = Page(document, rule.WIDE_TEXT_MM if annex.landscape else rule.TEXT_WIDTH_MM)
        head = closing.annex_head_xml(annex, paper, place if len(paper.annexes) > 1 else 0)
        yield _Section(head + _annex_body(page, annex), landscape=annex.landscape, annex=True)


def _annex_body(page: Page, annex: Annex) -> str:
    return _blocks(page, annex.blocks)


def _blocks(page: Page, blocks: Sequence[Block]) -> str:
    return "".join(_block(page, block) for block in blocks)


def _block(page: Page, block: Block) -> str:
    part = _PARTS.get(type(block))
    return part(block) if part is not None else block_xml(page, block)  # type: ignore[arg-type]  # the rest of the union


@dataclass(frozen=True)
class _Margins:
    """The headers and footers of the package: the page number in the top margin from page 2 on, the contact line at the
    foot of page 1.
    """

    number: str
    nothing: str
    contact: str = ""
    no_contact: str = ""

    @classmethod
    def of(cls, document: Any, contact: str) -> "_Margins":
        """Write the header and footer parts."""
        number, number_id = document.part.add_header_part()
        nothing, nothing_id = document.part.add_header_part()
        centred = properties(Shape(align=Align.CENTRE, before_pt=0, after_pt=0, line=1.0))
        _fill(number, f"<w:p>{centred}{field('PAGE', rule.PAGE_NUMBER_PT.chosen)}</w:p>")
        _fill(nothing, "<w:p/>")
        if not contact:
            return cls(number_id, nothing_id)
        foot, foot_id = document.part.add_footer_part()
        empty, empty_id = document.part.add_footer_part()
        _fill(foot, closing.contact_xml(contact))
        _fill(empty, "<w:p/>")
        return cls(number_id, nothing_id, foot_id, empty_id)

    def section(self, section: _Section, *, first: bool) -> str:
        """Return the properties of a section. Later ones inherit headers; annexes count their pages from 1."""
        references = ""
        if first:
            references = _reference("header", "default", self.number)
            references += _reference("header", "first", self.nothing)
            references += _reference("footer", "first", self.contact)
        elif section.annex:
            references = _reference("footer", "first", self.no_contact)
        wide, high = twips(rule.PAGE_WIDTH_MM), twips(rule.PAGE_HEIGHT_MM)
        turned = f'<w:pgSz w:w="{high}" w:h="{wide}" w:orient="landscape"/>'
        size = turned if section.landscape else f'<w:pgSz w:w="{wide}" w:h="{high}"/>'
        start = '<w:pgNumType w:start="1"/>' if section.annex else ""
        alone = "<w:titlePg/>" if first or section.annex else ""
        return f"<w:sectPr>{references}{size}{_MARGINS}{start}{alone}</w:sectPr>"


_MARGINS: Final = (
    f'<w:pgMar w:top="{twips(rule.MARGIN_TOP_MM.chosen)}" w:right="{twips(rule.MARGIN_RIGHT_MM.chosen)}" '
    f'w:bottom="{twips(rule.MARGIN_BOTTOM_MM.chosen)}" w:left="{twips(rule.MARGIN_LEFT_MM.chosen)}" '
    f'w:header="{twips(rule.MARGIN_TOP_MM.chosen / 2)}" w:footer="{twips(10)}" w:gutter="0"/>'
)


def _reference(kind: str, pages: str, identity: str) -> str:
    return f'<w:{kind}Reference w:type="{pages}" r:id="{identity}"/>' if identity else ""


def _fill(part: Any, xml: str) -> None:
    """Put paragraphs in place of what a new header or footer holds."""
    root = part.element
    for old in list(root):
        root.remove(old)
    for element in parse_xml(f"<w:body {NAMESPACES}>{xml}</w:body>"):
        root.append(element)


def _set_styles(document: Any, language: str) -> None:
    normal = document.styles["Normal"]
    set_font(normal, rule.BODY_PT.chosen)
    set_language(normal, language)
    normal.paragraph_format.space_before = Pt(0)
    normal.paragraph_format.space_after = Pt(rule.PARAGRAPH_GAP_PT)
    normal.paragraph_format.line_spacing = rule.LINE_SPACING.chosen
    cell = document.styles.add_style("KhcnCell", WD_STYLE_TYPE.PARAGRAPH)
    cell.base_style = normal
    cell.font.size = Pt(rule.TABLE_PT.chosen)
    cell.paragraph_format.space_before = cell.paragraph_format.space_after = Pt(2)
    cell.paragraph_format.line_spacing = 1.0
    for level in (1, 2, 3):
        style = document.styles[f"Heading {level}"]
        set_font(style, rule.HEADING_PT.chosen, bold=True, italic=level == 3)
        # the template's theme fonts would win over the name
        for theme in list(style.element.rPr.rFonts.attrib):
            if "Theme" in theme:
                del style.element.rPr.rFonts.attrib[theme]
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.paragraph_format.space_before = Pt(rule.PARAGRAPH_GAP_PT)
        style.paragraph_format.space_after = Pt(rule.PARAGRAPH_GAP_PT)
        style.paragraph_format.keep_with_next = True


def _set_metadata(document: Any, paper: Paper) -> None:
    about: Metadata = paper.metadata
    properties_ = document.core_properties
    title = paper.title or (f"V/v {paper.header.about}" if paper.header else "")
    properties_.title, properties_.author = title[:255], about.author[:255]
    properties_.subject = (about.subject or paper.subtitle)[:255]
    properties_.keywords = ", ".join(about.keywords)[:255]
    properties_.language, properties_.comments = about.language, ""
    created = about.created or datetime(2000, 1, 1)  # a fixed moment: the same paper gives the same parts
    if created.tzinfo is not None:  # the file format keeps UTC
        created = created.astimezone(UTC).replace(tzinfo=None)
    properties_.created = properties_.modified = created
    properties_.last_modified_by = about.author[:255]
