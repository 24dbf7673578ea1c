"""PPTX: a slide is a page, its notes follow its text."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from khcn.engines.documents.extractors.base import Context, Paragraph, RawPage
from khcn.engines.documents.extractors.docx import core_properties
from khcn.engines.documents.package import open_package, parse_xml, read_part
from khcn.engines.documents.types import ExtractionError, Limits
from khcn.engines.text.legacy import Run

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


class PptxExtractor:
    """Reads PowerPoint files of 2007 and later."""

    kinds = frozenset({"pptx"})

    def extract(self, path: Path, context: Context) -> Iterator[RawPage]:
        limits = context.limits
        with open_package(path, limits) as package:
            core_properties(read_part(package, "docProps/core.xml", limits), context)
            slides = _slides(package, limits)
            if not slides:
                raise ExtractionError("corrupt", detail="no slides")
            context.total_pages = len(slides)
            for number, name in enumerate(slides, 1):
                paragraphs: list[Paragraph] = []
                for part in (name, *_notes(package, name, limits)):
                    data = read_part(package, part, limits)
                    if data is not None:
                        paragraphs.extend(_paragraphs(parse_xml(data)))
                yield RawPage(number, paragraphs)


def _relations(package: Any, part: str, limits: Limits) -> dict[str, tuple[str, str]]:
    """Relation id -> (kind, part name) of a part."""
    folder, name = posixpath.split(part)
    data = read_part(package, f"{folder}/_rels/{name}.rels", limits)
    if data is None:
        return {}
    return {
        item.get("Id", ""): (
            item.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join(folder, item.get("Target", ""))).lstrip("/"),
        )
        for item in parse_xml(data)
        if item.get("TargetMode") != "External"
    }


def _slides(package: Any, limits: Limits) -> list[str]:
    """Part names in the order of the show; by number when the list of slides is lost."""
    data = read_part(package, "ppt/presentation.xml", limits)
    ordered: list[str] = []
    if data is not None:
        relations = _relations(package, "ppt/presentation.xml", limits)
        for item in parse_xml(data).iter(f"{_P}sldId"):
            kind, part = relations.get(item.get(f"{_R}id", ""), ("", ""))
            if kind == "slide":
                ordered.append(part)
    if ordered:
        return ordered
    found = [name for name in package.namelist() if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)]
    return sorted(found, key=lambda name: int(re.findall(r"\d+", name)[-1]))


def _notes(package: Any, slide: str, limits: Limits) -> list[str]:
    return [part for kind, part in _relations(package, slide, limits).values() if kind == "notesSlide"]


def _paragraphs(root: Any) -> Iterator[Paragraph]:
    for paragraph in root.iter(f"{_A}p"):
        runs: list[Run] = []
        for element in paragraph:
            if element.tag in (f"{_A}r", f"{_A}fld"):
                text = element.find(f"{_A}t")
                latin = element.find(f"{_A}rPr/{_A}latin")
                font = latin.get("typeface", "") if latin is not None else ""
                if text is not None and text.text:
                    runs.append(Run(text.text, "" if font.startswith("+") else font))
            elif element.tag == f"{_A}br":
                runs.append(Run("\n"))
        if runs:
            yield tuple(runs)
