"""Reading a DOCX into paragraphs: tables, text boxes, content controls, tracked changes and fields resolved."""

from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from khcn.core.papers.check.drawing import boxes_of, drawn_lines
from khcn.core.papers.check.model import Box, Cell, Doc, Para, Section, Span
from khcn.core.papers.check.numbering import Numbering, read_numbering
from khcn.core.papers.check.ooxml import MC, mm, on, r, value, w, whole
from khcn.core.papers.check.package import Package, UnreadableError
from khcn.core.papers.check.sections import read_section
from khcn.core.papers.check.styles import Props, Styles, paragraph_props, read_styles
from khcn.core.papers.check.tables import Grid, read_grid

MOST_PARAGRAPHS: Final = 60_000
_THROUGH: Final = frozenset(
    {"ins", "moveTo", "smartTag", "customXml", "hyperlink", "fldSimple", "sdtContent", "sdt", "dir", "bdo"}
)
_SKIPPED: Final = frozenset({"del", "moveFrom", "pPr", "rPr", "sdtPr", "sdtEndPr", "Fallback"})


@dataclass
class Where:
    """Where the reading is: story, cell, text box, style of the table."""

    story: str = "body"
    cell: Cell | None = None
    box: Box | None = None
    table_style: str = ""


@dataclass
class _Pen:
    """A paragraph being read: its spans so far, and the field that is open."""

    spans: list[Span] = field(default_factory=list)
    instruction: str | None = None
    in_result: bool = False
    boxes: list[tuple[Any, float | None, str]] = field(default_factory=list)


class Reader:
    """Reads one package."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.doc = Doc()
        self.styles: Styles = read_styles(package.by_type("styles"), package.by_type("theme"))
        self.numbering: Numbering = read_numbering(package.by_type("numbering"))
        self.tables = 0
        self.boxes = 0
        self.looks: dict[tuple[str, str, object], Props] = {}
        self.shapes: dict[tuple[str, object], Props] = {}

    def read(self) -> Doc:
        """Return the document.

        :raises UnreadableError: it is broken or too long.
        """
        self._settings()
        body = self.package.document.find(w("body"))
        if body is None:
            raise UnreadableError("broken")
        try:
            sections = [
                element for element in body.iter(w("sectPr")) if element.getparent().tag != w("sectPrChange")
            ]
            self._sections(sections)
            self._walk(body, Where())
            self._margins()
        except RecursionError as error:
            raise UnreadableError("broken") from error
        for para in self.doc.paras:
            para.section = min(para.section, len(self.doc.sections) - 1)
        return self.doc

    def _settings(self) -> None:
        settings = self.package.by_type("settings")
        if settings is not None:
            self.doc.even_odd = bool(on(settings.find(w("evenAndOddHeaders"))))
            tab = mm(value(settings.find(w("defaultTabStop"))))
            self.doc.default_tab_mm = tab if tab else 12.7
        application = self.package.part("docProps/app.xml")
        if application is not None:
            told = {str(child.tag).rpartition("}")[2]: child.text or "" for child in application}
            maker, pages = told.get("Application", ""), told.get("Pages", "")
            trusted = ("Word" in maker and "python" not in maker) or "LibreOffice" in maker
            if trusted and pages.isdecimal():
                self.doc.told_pages = int(pages)

    def _sections(self, elements: list[Any]) -> None:
        relations = self.package.related(self.package.main)
        before: Section | None = None
        for element in elements:
            section = read_section(element, before)
            own = {}
            for kind in ("header", "footer"):
                for reference in element.iterfind(w(f"{kind}Reference")):
                    target = relations.get(reference.get(r("id")) or "")
                    if target is not None:
                        own[f"{kind}-{value(reference, 'type', 'default')}"] = target[1]
            section.parts = {**(before.parts if before else {}), **own}
            section.own_parts = frozenset(own)
            self.doc.sections.append(section)
            before = section
        if not self.doc.sections:
            self.doc.sections.append(Section())

    def _margins(self) -> None:
        """Read every header and footer that a section shows."""
        body, self.doc.paras = self.doc.paras, []
        for name in sorted({name for section in self.doc.sections for name in section.parts.values()}):
            root = self.package.part(name)
            if root is not None:
                self.doc.paras = []
                story = "header" if etree.QName(root).localname == "hdr" else "footer"
                self._walk(root, Where(story=story))
                self.doc.margins[name] = self.doc.paras
        self.doc.paras = body

    def _walk(self, container: Any, where: Where) -> None:
        for child in container:
            name = _name(child)
            if name == "p":
                self._paragraph(child, where)
            elif name == "tbl":
                self._table(child, where)
            elif name == "AlternateContent":
                chosen = _chosen(child)
                if chosen is not None:
                    self._walk(chosen, where)
            elif name in _THROUGH:
                self._walk(child, where)

    def _table(self, element: Any, where: Where) -> None:
        self.tables += 1
        number = self.tables
        style = value(element.find(f"{w('tblPr')}/{w('tblStyle')}"), default="") or self.styles.default_table
        grid: Grid = read_grid(element, number, self._room(where))
        if where.story == "body" and where.cell is None:
            self.doc.sections[self._section()].tables += 1
        for cell, content in grid.cells:
            self._walk(content, Where(where.story, cell, where.box, style or ""))

    def _room(self, where: Where) -> float | None:
        if where.cell is not None:
            return where.cell.room_mm
        if where.box is not None:
            return where.box.room_mm
        return self.doc.sections[self._section()].text_mm

    def _section(self) -> int:
        last = self.doc.paras[-1] if self.doc.paras else None
        done = 0 if last is None else last.section + (1 if last.props.get("ends_section") else 0)
        return min(done, len(self.doc.sections) - 1)

    def _paragraph(self, element: Any, where: Where) -> None:
        if len(self.doc.paras) >= MOST_PARAGRAPHS:
            raise UnreadableError("long", most=MOST_PARAGRAPHS)
        properties = element.find(w("pPr"))
        props, style, label = self._shape(properties, where)
        para = Para(
            len(self.doc.paras) + 1, [], props, where.story, "", where.cell, where.box,
            self._section() if where.story == "body" else 0,
        )  # fmt: skip
        if properties is not None and properties.find(w("sectPr")) is not None:
            props["ends_section"] = True
        self.doc.paras.append(para)
        pen = _Pen(para.spans)
        self._runs(element, para, pen, style, where)
        if label and not para.empty:
            para.label = label
        for content, room, side in pen.boxes:
            self.boxes += 1
            self._walk(content, Where(where.story, None, Box(self.boxes, room, side), where.table_style))

    def _shape(self, properties: Any | None, where: Where) -> tuple[Props, str, str]:
        """Return the final shape of a paragraph, its style, and its automatic label; known shapes are not worked out again."""
        key = (where.table_style, _written(properties))
        known = self.shapes.get(key)
        if known is not None:
            return dict(known), known["style"], ""
        props, style, label = self._new_shape(properties, where)
        if not props["numbered"]:  # a numbered one counts on
            self.shapes[key] = dict(props)
        return props, style, label

    def _new_shape(self, properties: Any | None, where: Where) -> tuple[Props, str, str]:
        direct = paragraph_props(properties)
        style = direct.get("style") or self.styles.default_paragraph
        if style not in self.styles.styles:
            style = self.styles.default_paragraph
        chain = self.styles.chain(style, "paragraph")
        props: Props = {**self.styles.paragraph, **self.styles.chain(where.table_style, "paragraph")}
        number = direct.get("num", chain.get("num"))
        level = whole(direct.get("level", chain.get("level")), 0)
        shape = self.numbering.level(number, level) if number not in (None, "0") else None
        if shape is not None and "num" not in direct:
            props |= shape.paragraph
        props |= chain
        if shape is not None and "num" in direct:
            props |= shape.paragraph
        props |= direct
        label = self.numbering.label(number, level) if shape is not None and number else ""
        props["bulleted"] = shape is not None and shape.format == "bullet"
        props["numbered"] = shape is not None
        props["style"] = style
        return props, style, label

    def _look(self, properties: Any | None, style: str, where: Where) -> Props:
        key = (style, where.table_style, _written(properties))
        if key not in self.looks:
            self.looks[key] = self.styles.run_look(style, where.table_style, properties)
        return self.looks[key]

    def _runs(self, container: Any, para: Para, pen: _Pen, style: str, where: Where) -> None:
        for child in container:
            name = _name(child)
            if name == "r":
                self._run(child, para, pen, style, where)
            elif name == "AlternateContent":
                chosen = _chosen(child)
                if chosen is not None:
                    self._runs(chosen, para, pen, style, where)
            elif name in _THROUGH:
                if name == "fldSimple" and _is_page(value(child, "instr", "") or ""):
                    self._mark_page(para, pen, self._look(child.find(f"{w('r')}/{w('rPr')}"), style, where))
                self._runs(child, para, pen, style, where)

    def _run(self, element: Any, para: Para, pen: _Pen, style: str, where: Where) -> None:
        look = self._look(element.find(w("rPr")), style, where)
        if look.get("hidden"):
            return
        for child in element:
            self._inside(child, para, pen, look)

    def _inside(self, child: Any, para: Para, pen: _Pen, look: Props) -> None:
        name = _name(child)
        if name == "AlternateContent":
            chosen = _chosen(child)
            for inner in chosen if chosen is not None else ():
                self._inside(inner, para, pen, look)
        elif name == "fldChar":
            self._field(child, para, pen, look)
        elif name == "instrText":
            if pen.instruction is not None:
                pen.instruction += child.text or ""
                if _is_page(pen.instruction):
                    self._mark_page(para, pen, look)
        elif name in {"drawing", "pict", "object"}:
            self._drawing(child, para, pen)
        elif name == "lastRenderedPageBreak":
            self.doc.rendered_breaks += 1
        elif name == "br" and value(child, "type") in {"page", "column"}:
            para.breaks += 1
        elif pen.instruction is None or pen.in_result:
            text = _SIGNS.get(name)
            if name == "t":
                text = child.text or ""
            if text:
                pen.spans.append(Span(text, look))

    def _field(self, child: Any, para: Para, pen: _Pen, look: Props) -> None:
        kind = value(child, "fldCharType")
        if kind == "begin":
            pen.instruction, pen.in_result = "", False
        elif kind == "separate":
            pen.in_result = True
        elif kind == "end":
            pen.instruction, pen.in_result = None, False

    def _mark_page(self, para: Para, pen: _Pen, look: Props) -> None:
        if not para.page_field:
            para.page_field, para.page_look = True, look
            para.page_prefix = "".join(span.text for span in pen.spans)

    def _drawing(self, element: Any, para: Para, pen: _Pen) -> None:
        para.lines += drawn_lines(element)
        found = boxes_of(element)
        pen.boxes += found
        if not found and not para.lines:
            para.pictures += 1


_SIGNS: Final = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "sym": "•"}


def _written(properties: Any | None) -> object:
    """Return what properties say, to know the same ones again: names and values, two levels deep."""
    if properties is None:
        return ()
    return tuple(
        (child.tag, tuple(child.attrib.items()), tuple((one.tag, tuple(one.attrib.items())) for one in child))
        for child in properties
    )


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _chosen(element: Any) -> Any | None:
    """Return the branch that Word shows of an ``AlternateContent``."""
    choice = element.find(f"{MC}Choice")
    return element.find(f"{MC}Fallback") if choice is None else choice


def _is_page(instruction: str) -> bool:
    words = instruction.split()
    return bool(words) and words[0].upper() == "PAGE"
