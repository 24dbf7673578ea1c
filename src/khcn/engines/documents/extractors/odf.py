"""OpenDocument text, spreadsheets and presentations, with the font of every run.

LibreOffice turns .doc, .xls and .ppt into these, so the reading of old Vietnamese fonts ends here too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from khcn.engines.documents.extractors.base import Context, Paragraph, RawPage
from khcn.engines.documents.extractors.docx import PAGE_BREAK, split_pages
from khcn.engines.documents.package import open_package, parse_xml, read_part
from khcn.engines.documents.types import ExtractionError
from khcn.engines.text.legacy import Run

_NS: Final = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_OFFICE, _TEXT, _TABLE, _STYLE, _DRAW = (
    _NS % name for name in ("office", "text", "table", "style", "drawing")
)
_FO: Final = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_SVG: Final = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_META: Final = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
_SKIPPED: Final = frozenset(
    {f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_OFFICE}forms", f"{_TEXT}sequence-decls",
     f"{_TEXT}note-citation", f"{_TABLE}tracked-changes", f"{_TABLE}shapes", f"{_TEXT}ruby-text",
     f"{_TEXT}bibliography-configuration", f"{_SVG}title", f"{_SVG}desc"}
)  # fmt: skip
_MAX_REPEAT: Final = 64


class OdfExtractor:
    """Reads ODT, ODS (a sheet is a page) and ODP (a slide is a page)."""

    kinds = frozenset({"odt", "ods", "odp"})

    def extract(self, path: Path, context: Context) -> Iterator[RawPage]:
        limits = context.limits
        with open_package(path, limits) as package:
            content = read_part(package, "content.xml", limits)
            if content is None:
                raise ExtractionError("corrupt", detail="no content.xml")
            shared = read_part(package, "styles.xml", limits)
            _properties(read_part(package, "meta.xml", limits), context)
        root = parse_xml(content)
        styles_root = parse_xml(shared) if shared else None
        styles = _Styles([part for part in (styles_root, root) if part is not None])
        body = root.find(f"{_OFFICE}body")
        if body is None or not len(body):
            raise ExtractionError("corrupt", detail="no body")
        yield from _pages(body[0], _Reader(styles), styles_root, context)


def _pages(body: Any, reader: "_Reader", styles: Any, context: Context) -> Iterator[RawPage]:
    if body.tag == f"{_OFFICE}spreadsheet":
        for number, table in enumerate(body.iterfind(f"{_TABLE}table"), 1):
            name = (Run(table.get(f"{_TABLE}name", "")),)
            yield RawPage(number, [name, *reader.sheet(table)])
    elif body.tag == f"{_OFFICE}presentation":
        for number, slide in enumerate(body.iterfind(f"{_DRAW}page"), 1):
            yield RawPage(number, list(reader.blocks(slide)))
    else:
        paragraphs = list(reader.blocks(body))
        if styles is not None:
            # Running titles stand last: what opens a document is its own heading.
            paragraphs.extend([*_margins(styles, reader, "header"), *_margins(styles, reader, "footer")])
        yield from split_pages(paragraphs)


def _margins(styles: Any, reader: "_Reader", kind: str) -> list[Paragraph]:
    """Headers or footers of the page styles, each different text once."""
    seen: set[str] = set()
    found: list[Paragraph] = []
    for suffix in ("", "-first", "-left"):
        for part in styles.iter(f"{_STYLE}{kind}{suffix}"):
            for paragraph in reader.blocks(part):
                text = "".join(run.text for run in paragraph).strip()
                if text and text not in seen:
                    seen.add(text)
                    found.append(paragraph)
    return found


def _properties(data: bytes | None, context: Context) -> None:
    if data is None:
        return
    root = parse_xml(data, recover=True)
    if root is None:
        return
    for name, tag in (
        ("title", f"{_DC}title"),
        ("author", f"{_META}initial-creator"),
        ("subject", f"{_DC}subject"),
        ("created", f"{_META}creation-date"),
        ("modified", f"{_DC}date"),
    ):
        element = root.find(f".//{tag}")
        if element is not None and element.text and element.text.strip():
            context.metadata[name] = element.text.strip()
    context.title = str(context.metadata.pop("title", ""))


class _Styles:
    """Fonts and page breaks of styles, inherited along parents and down to the family's default."""

    def __init__(self, roots: list[Any]) -> None:
        self._faces: dict[str, str] = {}
        self._fonts: dict[tuple[str, str], str] = {}
        self._parents: dict[tuple[str, str], str] = {}
        self._breaks: set[str] = set()
        for root in roots:
            for face in root.iter(f"{_STYLE}font-face"):
                self._faces[face.get(f"{_STYLE}name", "")] = face.get(f"{_SVG}font-family", "").strip("'\"")
        for root in roots:
            for tag in ("default-style", "style"):
                for style in root.iter(f"{_STYLE}{tag}"):
                    self._add(style)

    def _add(self, style: Any) -> None:
        key = (style.get(f"{_STYLE}family", ""), style.get(f"{_STYLE}name", ""))
        properties = style.find(f"{_STYLE}text-properties")
        if properties is not None:
            named = properties.get(f"{_STYLE}font-name")
            font = (
                self._faces.get(named, named)
                if named
                else properties.get(f"{_FO}font-family", "").strip("'\"")
            )
            if font:
                self._fonts[key] = font
        parent = style.get(f"{_STYLE}parent-style-name")
        if parent:
            self._parents[key] = parent
        layout = style.find(f"{_STYLE}paragraph-properties")
        if layout is not None and layout.get(f"{_FO}break-before") == "page":
            self._breaks.add(key[1])

    def font(self, family: str, name: str | None) -> str:
        """The font of a style, "" when it leaves that to what is around it."""
        key = (family, name or "")
        for _ in range(20):
            if key in self._fonts:
                return self._fonts[key]
            parent = self._parents.get(key)
            if parent is None:
                break
            key = (family, parent)
        return "" if family == "text" else self._fonts.get((family, ""), "")

    def breaks_page(self, name: str | None) -> bool:
        """True when a paragraph of this style begins a new page."""
        return name in self._breaks


class _Reader:
    """Walks OpenDocument content and collects runs."""

    def __init__(self, styles: _Styles) -> None:
        self._styles = styles

    def blocks(self, parent: Any, font: str = "") -> Iterator[Paragraph]:
        """Yield paragraphs below ``parent``; a table row is one paragraph with tabs between cells."""
        for element in parent:
            tag = element.tag
            if tag in (f"{_TEXT}p", f"{_TEXT}h"):
                yield from self._paragraph(element, font)
            elif tag == f"{_TABLE}table":
                yield from self._table(element)
            elif tag == f"{_TEXT}soft-page-break":
                yield (Run(PAGE_BREAK),)
            elif isinstance(tag, str) and tag not in _SKIPPED:
                yield from self.blocks(element, font)

    def _paragraph(self, paragraph: Any, font: str) -> Iterator[Paragraph]:
        style = paragraph.get(f"{_TEXT}style-name")
        own = self._styles.font("paragraph", style) or font
        runs: list[Run] = [Run(PAGE_BREAK)] if self._styles.breaks_page(style) else []
        boxes: list[tuple[Any, str]] = []
        self._inline(paragraph, own if style or not font else font, runs, boxes)
        yield tuple(runs)
        for box, around in boxes:
            yield from self.blocks(box, around)

    def _inline(self, element: Any, font: str, runs: list[Run], boxes: list[tuple[Any, str]]) -> None:
        if element.text:
            runs.append(Run(_space(element.text), font))
        for child in element:
            self._child(child, font, runs, boxes)
            if child.tail:
                runs.append(Run(_space(child.tail), font))

    def _child(self, child: Any, font: str, runs: list[Run], boxes: list[tuple[Any, str]]) -> None:
        tag = child.tag
        if tag == f"{_TEXT}span":
            own = self._styles.font("text", child.get(f"{_TEXT}style-name"))
            self._inline(child, own or font, runs, boxes)
        elif tag == f"{_TEXT}s":
            runs.append(Run(" ", font))
        elif tag == f"{_TEXT}tab":
            runs.append(Run("\t", font))
        elif tag == f"{_TEXT}line-break":
            runs.append(Run("\n", font))
        elif tag == f"{_TEXT}soft-page-break":
            runs.append(Run(PAGE_BREAK, font))
        elif isinstance(tag, str) and tag not in _SKIPPED:
            if tag == f"{_TEXT}note" or tag.startswith(_DRAW):
                boxes.append((child, font))
            else:
                self._inline(child, font, runs, boxes)

    def _table(self, table: Any) -> Iterator[Paragraph]:
        for row in _own(table, f"{_TABLE}table-row", f"{_TABLE}table"):
            runs: list[Run] = []
            for index, cell in enumerate(cell for cell in row if cell.tag == f"{_TABLE}table-cell"):
                if index:
                    runs.append(Run("\t"))
                self._cell(cell, "", runs)
            yield tuple(runs)

    def _cell(self, cell: Any, font: str, runs: list[Run]) -> None:
        for number, paragraph in enumerate(self.blocks(cell, font)):
            if number:
                runs.append(Run("\n"))
            runs.extend(paragraph)

    def sheet(self, table: Any) -> Iterator[Paragraph]:
        """Yield the rows of a sheet; empty cells are left out, fonts come from cell, row or column styles."""
        columns = self._columns(table)
        for row in _own(table, f"{_TABLE}table-row", f"{_TABLE}table"):
            runs: list[Run] = []
            place = 0
            row_style = row.get(f"{_TABLE}default-cell-style-name")
            for cell in row:
                if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                    continue
                repeat = _count(cell.get(f"{_TABLE}number-columns-repeated"))
                if len(cell):
                    style = cell.get(f"{_TABLE}style-name") or row_style or columns.get(place)
                    for _ in range(min(repeat, _MAX_REPEAT)):
                        if runs:
                            runs.append(Run("\t"))
                        self._cell(cell, self._styles.font("table-cell", style), runs)
                place += repeat
            if runs:
                yield tuple(runs)
        for shapes in table.iterfind(f"{_TABLE}shapes"):
            yield from self.blocks(shapes)

    def _columns(self, table: Any) -> dict[int, str]:
        styles: dict[int, str] = {}
        place = 0
        for column in table.iter(f"{_TABLE}table-column"):
            repeat = _count(column.get(f"{_TABLE}number-columns-repeated"))
            style = column.get(f"{_TABLE}default-cell-style-name")
            if style:
                styles.update(dict.fromkeys(range(place, place + min(repeat, 1024)), style))
            place += repeat
        return styles


def _own(parent: Any, tag: str, owner: str) -> Iterator[Any]:
    """Descendants with ``tag`` that belong to ``parent`` and not to a table inside it."""
    for element in parent.iter(tag):
        if next(element.iterancestors(owner)) is parent:
            yield element


def _count(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 1


def _space(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ")
