"""Sections: page size, margins, where page numbers start."""

from typing import Any, Final

from khcn.core.papers.check.model import Section
from khcn.core.papers.check.ooxml import mm, on, value, w

_SIDES: Final = ("top", "bottom", "left", "right")


def read_section(element: Any, before: Section | None) -> Section:
    """Return the pages that a ``sectPr`` describes; what it does not say is what Word takes."""
    size, margin, numbers = element.find(w("pgSz")), element.find(w("pgMar")), element.find(w("pgNumType"))
    wide, high = mm(value(size, "w")), mm(value(size, "h"))
    section = Section(wide or 215.9, high or 279.4)
    section.landscape = section.width_mm > section.height_mm + 1
    gutter = mm(value(margin, "gutter")) or 0.0
    for side in _SIDES:
        found = mm(value(margin, side))
        section.margins[side] = abs(found) if found is not None else 25.4
    section.margins["left"] += gutter
    section.title_page = bool(on(element.find(w("titlePg"))))
    section.continuous = value(element.find(w("type"))) == "continuous" and before is not None
    start = value(numbers, "start")
    section.start = int(start) if start and start.lstrip("-").isdecimal() else None
    section.number_format = value(numbers, "fmt", "decimal") or "decimal"
    return section
