"""DOCX: paragraphs and tables in order, text boxes, notes, headers and footers, fonts kept per run.

The parts are read with lxml under the package limits instead of through python-docx, which unpacks every part
(images included) before anything can be checked.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from khcn.engines.documents.extractors.base import Context, Paragraph, RawPage
from khcn.engines.documents.package import open_package, parse_xml, read_part
from khcn.engines.documents.types import ExtractionError
from khcn.engines.text.legacy import Run

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MC_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# In an old font the soft hyphen (byte 0xAD) is a letter (ư in TCVN3), so it is kept for the decoder.
_SIGNS: Final = {
    f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-", f"{_W}softHyphen": "\u00ad", f"{_W}ptab": "\t"
}  # fmt: skip
_SKIPPED: Final = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", _MC_FALLBACK})
_CORE: Final = {"title": "title", "creator": "author", "subject": "subject", "keywords": "keywords",
                "created": "created", "modified": "modified", "description": "description"}  # fmt: skip
PAGE_BREAK: Final = "\f"


class DocxExtractor:
    """Reads Word files of 2007 and later."""

    kinds = frozenset({"docx"})

    def extract(self, path: Path, context: Context) -> Iterator[RawPage]:
        limits = context.limits
        with open_package(path, limits) as package:
            main = _main_part(package.namelist())
            body = read_part(package, main, limits)
            if body is None:
                raise ExtractionError("corrupt", detail=f"no {main}")
            core_properties(read_part(package, "docProps/core.xml", limits), context)
            fonts = _Fonts(read_part(package, "word/styles.xml", limits))
            reader = _Reader(fonts)
            headers, footers = (
                _side_parts(package, reader, prefix, limits) for prefix in ("word/header", "word/footer")
            )
            paragraphs = [*reader.blocks(parse_xml(body).find(f"{_W}body"))]
            for notes in ("word/footnotes.xml", "word/endnotes.xml"):
                part = read_part(package, notes, limits)
                if part is not None:
                    paragraphs.extend(reader.blocks(parse_xml(part)))
            # Running titles stand last: what opens a document is its own heading.
            paragraphs.extend([*headers, *footers])
        yield from split_pages(paragraphs)


def _main_part(names: list[str]) -> str:
    if "word/document.xml" in names:
        return "word/document.xml"
    return next(
        (name for name in names if name.startswith("word/document") and name.endswith(".xml")), names[0]
    )


def _side_parts(package: Any, reader: "_Reader", prefix: str, limits: Any) -> list[Paragraph]:
    """Headers or footers, each different text once."""
    seen: set[str] = set()
    found: list[Paragraph] = []
    for name in sorted(package.namelist()):
        if name.startswith(prefix) and name.endswith(".xml"):
            for paragraph in reader.blocks(parse_xml(read_part(package, name, limits) or b"<x/>")):
                text = "".join(run.text for run in paragraph).strip()
                if text and text not in seen:
                    seen.add(text)
                    found.append(paragraph)
    return found


def core_properties(data: bytes | None, context: Context) -> None:
    """Fill title and metadata from ``docProps/core.xml``; a broken part is no reason to refuse a document."""
    if data is None:
        return
    try:
        root = parse_xml(data)
    except ExtractionError:
        return
    for element in root:
        name = _CORE.get(str(element.tag).rpartition("}")[2])
        if name and element.text and element.text.strip():
            context.metadata[name] = element.text.strip()
    context.title = str(context.metadata.pop("title", ""))


def split_pages(paragraphs: list[Paragraph]) -> Iterator[RawPage]:
    """Yield pages at the form feeds inside ``paragraphs``; number 0 says they may be cut further."""
    page: list[Paragraph] = []
    for paragraph in paragraphs:
        rest = list(paragraph)
        while any(PAGE_BREAK in run.text for run in rest):
            place = next(index for index, run in enumerate(rest) if PAGE_BREAK in run.text)
            before, _, after = rest[place].text.partition(PAGE_BREAK)
            page.append((*rest[:place], Run(before, rest[place].font)))
            yield RawPage(0, page)
            page, rest = [], [Run(after, rest[place].font), *rest[place + 1 :]]
        page.append(tuple(rest))
    yield RawPage(0, page)


class _Fonts:
    """The font of each style, inherited along ``basedOn`` down to the document's defaults."""

    def __init__(self, data: bytes | None) -> None:
        self._fonts: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        self.default = ""
        self.paragraph_style = ""
        if data is not None:
            self._read(parse_xml(data, recover=True))

    def _read(self, root: Any) -> None:
        if root is None:
            return
        self.default = font_of(root.find(f"{_W}docDefaults/{_W}rPrDefault/{_W}rPr"))
        for style in root.iterfind(f"{_W}style"):
            key = style.get(f"{_W}styleId", "")
            font = font_of(style.find(f"{_W}rPr"))
            if font:
                self._fonts[key] = font
            based = style.find(f"{_W}basedOn")
            if based is not None:
                self._parents[key] = based.get(f"{_W}val", "")
            if style.get(f"{_W}type") == "paragraph" and style.get(f"{_W}default") in ("1", "true"):
                self.paragraph_style = key

    def of_style(self, key: str) -> str:
        """The font that a style says, "" when neither it nor its parents do."""
        for _ in range(20):
            if key in self._fonts or not key:
                break
            key = self._parents.get(key, "")
        return self._fonts.get(key, "")


def font_of(properties: Any) -> str:
    """The font that run properties (``w:rPr``) name for Latin letters, "" for none."""
    if properties is None:
        return ""
    fonts = properties.find(f"{_W}rFonts")
    if fonts is None:
        return ""
    return str(fonts.get(f"{_W}ascii") or fonts.get(f"{_W}hAnsi") or "")


class _Reader:
    """Walks WordprocessingML and collects runs."""

    def __init__(self, fonts: _Fonts) -> None:
        self._fonts = fonts

    def blocks(self, parent: Any) -> Iterator[Paragraph]:
        """Yield paragraphs of a body, note or header; a table row is one paragraph with tabs between cells."""
        if parent is None:
            return
        for element in parent:
            tag = element.tag
            if tag == f"{_W}p":
                yield from self._paragraph(element)
            elif tag == f"{_W}tbl":
                yield from self._table(element)
            elif tag not in _SKIPPED and isinstance(tag, str) and tag != f"{_W}sectPr":
                yield from self.blocks(element)

    def _table(self, table: Any) -> Iterator[Paragraph]:
        for row in table.iter(f"{_W}tr"):
            if next(row.iterancestors(f"{_W}tbl")) is not table:
                continue  # a row of a table inside a cell comes with its cell
            runs: list[Run] = []
            for index, cell in enumerate(row.iterfind(f".//{_W}tc")):
                if next(cell.iterancestors(f"{_W}tr")) is not row:
                    continue
                if index:
                    runs.append(Run("\t"))
                for number, paragraph in enumerate(self.blocks(cell)):
                    if number:
                        runs.append(Run("\n"))
                    runs.extend(paragraph)
            yield tuple(runs)

    def _paragraph(self, paragraph: Any) -> Iterator[Paragraph]:
        properties = paragraph.find(f"{_W}pPr")
        style = properties.find(f"{_W}pStyle") if properties is not None else None
        base = self._fonts.of_style(
            style.get(f"{_W}val", "") if style is not None else self._fonts.paragraph_style
        )
        runs: list[Run] = []
        boxes: list[Any] = []
        if properties is not None and properties.find(f"{_W}pageBreakBefore") is not None:
            runs.append(Run(PAGE_BREAK))
        self._inline(paragraph, base or self._fonts.default, runs, boxes)
        yield tuple(runs)
        for box in boxes:
            yield from self.blocks(box)

    def _inline(self, parent: Any, font: str, runs: list[Run], boxes: list[Any]) -> None:
        for element in parent:
            tag = element.tag
            if tag == f"{_W}r":
                self._run(element, font, runs, boxes)
            elif tag not in _SKIPPED and tag != f"{_W}pPr" and isinstance(tag, str):
                self._inline(element, font, runs, boxes)

    def _run(self, run: Any, font: str, runs: list[Run], boxes: list[Any]) -> None:
        properties = run.find(f"{_W}rPr")
        own = font_of(properties)
        if not own and properties is not None:
            style = properties.find(f"{_W}rStyle")
            own = self._fonts.of_style(style.get(f"{_W}val", "")) if style is not None else ""
        parts: list[str] = []
        for element in run:
            parts.append(_sign(element))
            if element.tag not in _SKIPPED and isinstance(element.tag, str):
                boxes.extend(_text_boxes(element))
        text = "".join(parts)
        if text:
            runs.append(Run(text, own or font))


def _sign(element: Any) -> str:
    tag = element.tag
    if tag == f"{_W}t":
        return element.text or ""
    if tag == f"{_W}br":
        return PAGE_BREAK if element.get(f"{_W}type") == "page" else "\n"
    if tag == f"{_W}lastRenderedPageBreak":
        return PAGE_BREAK
    if tag == f"{_W}sym":
        code = element.get(f"{_W}char", "")
        return (
            chr(int(code, 16))
            if code and len(code) <= 5 and all(c in "0123456789ABCDEFabcdef" for c in code)
            else ""
        )
    return _SIGNS.get(tag, "")


def _text_boxes(element: Any) -> Iterator[Any]:
    if element.tag == "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent":
        choices = [child for child in element if child.tag != _MC_FALLBACK]
        for choice in choices or element:
            yield from _text_boxes(choice)
        return
    for box in element.iter(f"{_W}txbxContent"):
        if not any(parent.tag in (f"{_W}txbxContent", _MC_FALLBACK) for parent in box.iterancestors()):
            yield box
