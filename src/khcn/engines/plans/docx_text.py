"""A Word file as paragraphs: bold, heading styles, tables, and the numbers that Word shows but does not write.

Read part by part under limits (no entity, no outside reference, bounded unpacking), as the documents engine does.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from khcn.engines.documents.package import open_package, parse_xml, read_part
from khcn.engines.documents.types import ExtractionError, Limits
from khcn.engines.plans.docx_numbers import Numbering
from khcn.engines.plans.paragraphs import Block, Paragraph, TableRows, Text, clean
from khcn.engines.plans.types import Fault, PlanFileError

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LIMITS: Final = Limits(max_bytes=32 * 1024 * 1024, max_unpacked_bytes=128 * 1024 * 1024, max_ratio=150.0)
_SKIPPED: Final = frozenset({f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}delText", f"{W}rPr", f"{W}pPr",
                             "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"})  # fmt: skip
_SIGNS: Final = {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": "\t", f"{W}noBreakHyphen": "-"}
_OFF: Final = ("0", "false", "off", "none")
_MAX_BLOCKS: Final = 60_000
_MAX_DEPTH: Final = 60
_CODES: Final = {"bomb": "docx-bomb", "encrypted": "docx-encrypted"}


def read_docx_text(path: Path) -> Text:
    """Return the paragraphs of a Word file. Raises ``PlanFileError`` for a broken, locked or hostile one."""
    if path.stat().st_size > LIMITS.max_bytes:
        raise PlanFileError([Fault("too-large", params={"limit": LIMITS.max_bytes // 1024 // 1024})])
    try:
        with open_package(path, LIMITS) as package:
            main = read_part(package, "word/document.xml", LIMITS)
            if main is None:
                raise PlanFileError([Fault("docx-corrupt")])
            styles = _Styles(_root(read_part(package, "word/styles.xml", LIMITS)))
            numbering = Numbering(_root(read_part(package, "word/numbering.xml", LIMITS)))
            body = parse_xml(main).find(f"{W}body")
            reader = _Reader(styles, numbering)
            blocks = tuple(reader.blocks(body, 0))
    except ExtractionError as error:
        raise PlanFileError([Fault(_CODES.get(error.code, "docx-corrupt"))]) from error
    return Text(blocks, tuple(_lines(blocks)))


def _root(data: bytes | None) -> Any:
    return parse_xml(data, recover=True) if data else None


def _lines(blocks: tuple[Block, ...]) -> Iterator[str]:
    """The plain lines; cells side by side are set apart by wide blanks, as the reader of heads expects columns."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from block.text.split("\n")
            continue
        for row in block.rows:
            cells = [cell.split("\n") for cell in row]
            for number in range(max((len(cell) for cell in cells), default=0)):
                shown = [cell[number] if number < len(cell) else "" for cell in cells]
                yield "          ".join(shown).rstrip() if any(shown) else ""


class _Styles:
    """What a paragraph takes from its style: bold, heading level, list."""

    def __init__(self, root: Any) -> None:
        self._bold: dict[str, bool] = {}
        self._heading: dict[str, int] = {}
        self._parents: dict[str, str] = {}
        self._numbers: dict[str, tuple[str, int]] = {}
        for style in root.iterfind(f"{W}style") if root is not None else ():
            self._read(style)

    def _read(self, style: Any) -> None:
        key = style.get(f"{W}styleId", "")
        bold = flag(style.find(f"{W}rPr"), "b")
        if bold is not None:
            self._bold[key] = bold
        based, level = style.find(f"{W}basedOn"), style.find(f"{W}pPr/{W}outlineLvl")
        if based is not None:
            self._parents[key] = based.get(f"{W}val", "")
        name = style.find(f"{W}name")
        match = re.fullmatch(r"heading (\d)", (name.get(f"{W}val", "") if name is not None else "").lower())
        if match:
            self._heading[key] = int(match[1])
        elif level is not None and level.get(f"{W}val", "9") in "012345678":
            self._heading[key] = int(level.get(f"{W}val")) + 1
        numbers = style.find(f"{W}pPr/{W}numPr")
        if numbers is not None:
            self._numbers[key] = number_of(numbers)

    def _inherited(self, key: str, table: dict[str, Any], default: Any) -> Any:
        for _ in range(20):
            if not key or key in table:
                break
            key = self._parents.get(key, "")
        return table.get(key, default)

    def bold(self, key: str) -> bool:
        """Whether text of this style is bold."""
        return bool(self._inherited(key, self._bold, False))

    def heading(self, key: str) -> int:
        """The level of a heading style, 0 for none."""
        return int(self._inherited(key, self._heading, 0))

    def number(self, key: str) -> tuple[str, int] | None:
        """The list (numId, level) that the style belongs to."""
        found: tuple[str, int] | None = self._inherited(key, self._numbers, None)
        return found


def flag(properties: Any, name: str) -> bool | None:
    """Return a switch of run properties, ``None`` when it is not there."""
    element = properties.find(f"{W}{name}") if properties is not None else None
    return None if element is None else element.get(f"{W}val", "true").lower() not in _OFF


def number_of(properties: Any) -> tuple[str, int]:
    """Return (numId, level) of ``w:numPr``."""
    number, level = properties.find(f"{W}numId"), properties.find(f"{W}ilvl")
    text = level.get(f"{W}val", "0") if level is not None else "0"
    return (number.get(f"{W}val", "") if number is not None else ""), int(text) if text.isdigit() else 0


class _Reader:
    def __init__(self, styles: _Styles, numbering: Numbering) -> None:
        self._styles = styles
        self._numbering = numbering
        self._count = 0

    def blocks(self, parent: Any, depth: int) -> Iterator[Block]:
        """Yield the paragraphs and tables below ``parent`` in order."""
        if parent is None or depth > _MAX_DEPTH:
            return
        for element in parent:
            if element.tag == f"{W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{W}tbl":
                yield self._table(element, depth)
            elif isinstance(element.tag, str) and element.tag not in _SKIPPED and element.tag != f"{W}sectPr":
                yield from self.blocks(element, depth + 1)

    def _step(self) -> int:
        self._count += 1
        if self._count > _MAX_BLOCKS:
            raise PlanFileError([Fault("too-many", params={"limit": _MAX_BLOCKS})])
        return self._count

    def _table(self, table: Any, depth: int) -> TableRows:
        line = self._count + 1
        rows = []
        for row in table.iterfind(f"{W}tr"):
            cells = []
            for cell in row.iterfind(f"{W}tc"):
                inner = list(self.blocks(cell, depth + 1))
                texts = [one.text for one in inner if isinstance(one, Paragraph)]
                texts += [
                    "\n".join(" ".join(cells) for cells in one.rows)
                    for one in inner
                    if isinstance(one, TableRows)
                ]
                cells.append("\n".join(texts))
            rows.append(tuple(cells))
        return TableRows(tuple(rows), line)

    def _paragraph(self, paragraph: Any) -> Iterator[Paragraph]:
        properties = paragraph.find(f"{W}pPr")
        style, own = "", None
        if properties is not None:
            named, numbers = properties.find(f"{W}pStyle"), properties.find(f"{W}numPr")
            style = named.get(f"{W}val", "") if named is not None else ""
            own = number_of(numbers) if numbers is not None else None
        runs: list[tuple[str, bool]] = []
        self._runs(paragraph, self._styles.bold(style), runs, 0)
        text, bold = _joined(runs)
        place = own or self._styles.number(style)
        number = self._step()
        if not text:
            return
        label = self._numbering.label(*place) if place is not None else ""
        if label and not text.startswith(label):
            text, bold = f"{label} {text}", bold + len(label) + 1 if bold else 0
        yield Paragraph(
            text,
            bold,
            self._styles.heading(style),
            number,
            place[1] if place and place[0] not in ("", "0") else -1,
        )

    def _runs(self, parent: Any, bold: bool, runs: list[tuple[str, bool]], depth: int) -> None:
        for element in parent:
            tag = element.tag
            if tag == f"{W}r":
                own = flag(element.find(f"{W}rPr"), "b")
                text = "".join(
                    (one.text or "") if one.tag == f"{W}t" else _SIGNS.get(one.tag, "") for one in element
                )
                runs.append((text, bold if own is None else own))
            elif isinstance(tag, str) and tag not in _SKIPPED and depth < _MAX_DEPTH:
                self._runs(element, bold, runs, depth + 1)


def _joined(runs: list[tuple[str, bool]]) -> tuple[str, int]:
    """Return the text of the runs, each line clean, and how many of its first characters are bold."""
    raw = "".join(text for text, _ in runs)
    text = "\n".join(line for line in (clean(one) for one in raw.split("\n")) if line)
    lead = ""
    for piece, bold in runs:
        if not bold and piece.strip():
            break
        lead += piece
    return text, min(len(clean(lead)), len(text)) if lead.strip() else 0
