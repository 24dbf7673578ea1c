"""Lines and text boxes that were drawn: DrawingML of today's Word and the VML of older ones."""

import re
from typing import Any, Final

from khcn.core.papers.check.model import Line
from khcn.core.papers.check.ooxml import EMU_PER_MM, OFFICE, WP, WPS, A, V, mm, w

_LINES: Final = frozenset({"line", "straightConnector1", "lineInv"})
_THIN_MM: Final = 0.8  # a box as thin as this is a line
_STYLE: Final = re.compile(r"(?:^|;)\s*(width|height|margin-left|left)\s*:\s*(-?[\d.]+[a-z]*)", re.IGNORECASE)
_STRAIGHT: Final = "#_x0000_t32"


def drawn_lines(element: Any) -> list[Line]:
    """Return the lines in a drawing."""
    found = []
    for shape in element.iter(f"{WPS}wsp"):
        wide, high = _size(shape)
        preset = shape.find(f"{WPS}spPr/{A}prstGeom")
        straight = preset is not None and preset.get("prst") in _LINES
        if (straight or (high is not None and high < _THIN_MM)) and shape.find(
            f".//{w('txbxContent')}"
        ) is None:
            found.append(Line(wide, _solid(shape)))
    for line in element.iter(f"{V}line"):
        found.append(Line(_between(line.get("from", ""), line.get("to", "")), _vml_solid(line)))
    for shape in (*element.iter(f"{V}shape"), *element.iter(f"{V}rect")):
        if shape.find(f".//{w('txbxContent')}") is not None:
            continue
        style = dict(_STYLE.findall(shape.get("style", "")))
        high = mm(style.get("height"))
        flat = high is not None and high < _THIN_MM
        if shape.get("type") == _STRAIGHT or shape.get(f"{OFFICE}hr") or flat:
            found.append(Line(_length(style.get("width")), _vml_solid(shape)))
    return found


def _size(shape: Any) -> tuple[float | None, float | None]:
    """Return width and height of a shape: its own, or those of the drawing around it."""
    extent = shape.find(f"{WPS}spPr/{A}xfrm/{A}ext")
    if extent is None:
        outer = shape
        while outer is not None and outer.find(f"{WP}extent") is None:
            outer = outer.getparent()
        extent = None if outer is None else outer.find(f"{WP}extent")
    if extent is None:
        return None, None
    return _emu(extent.get("cx")), _emu(extent.get("cy"))


def _emu(text: str | None) -> float | None:
    try:
        return None if text is None else int(text) / EMU_PER_MM
    except ValueError:
        return None


def _solid(shape: Any) -> bool:
    dash = shape.find(f".//{A}ln/{A}prstDash")
    return dash is None or dash.get("val") == "solid"


def _vml_solid(shape: Any) -> bool:
    stroke = shape.find(f"{V}stroke")
    return stroke is None or stroke.get("dashstyle", "solid") == "solid"


def _length(text: str | None) -> float | None:
    found = mm(text)
    return found if found else None


def _between(start: str, end: str) -> float | None:
    """Return the length of a VML line, given as ``x,y`` at both ends."""
    first, last = mm(start.split(",", maxsplit=1)[0] or "0"), mm(end.split(",", maxsplit=1)[0] or "0")
    return None if first is None or last is None else abs(last - first)


def boxes_of(element: Any) -> list[tuple[Any, float | None, str]]:
    """Return the text boxes in a drawing: content, room in mm, and side of the page ("" unknown)."""
    found = []
    for content in element.iter(w("txbxContent")):
        if any(outer.tag == w("txbxContent") and outer is not content for outer in content.iterancestors()):
            continue  # inside another box: read with it
        wide = _box_width(content, element)
        found.append((content, None if wide is None else max(5.0, wide - 5.0), _side(element, wide)))
    return found


def _box_width(content: Any, element: Any) -> float | None:
    for outer in content.iterancestors():
        if outer.tag == f"{WPS}wsp":
            return _size(outer)[0]
        if str(outer.tag).startswith(V) and outer.get("style"):
            return _length(dict(_STYLE.findall(outer.get("style"))).get("width"))
        if outer is element:
            break
    return None


def _side(element: Any, wide: float | None) -> str:
    """Return on which half of the page an anchored drawing stands."""
    across = element.find(f".//{WP}positionH")
    if across is not None:
        align = across.find(f"{WP}align")
        if align is not None and align.text:
            return {"right": "right", "outside": "right", "center": "centre"}.get(align.text.strip(), "left")
        offset = across.find(f"{WP}posOffset")
        start = _emu(offset.text if offset is not None else None)
        if start is not None:
            start += 30.0 if across.get("relativeFrom") in {"margin", "column", "character"} else 0.0
            return "right" if start + (wide or 0) / 2 > 110 else "left"
    for shape in element.iter(f"{V}shape", f"{V}rect"):
        left = mm(dict(_STYLE.findall(shape.get("style", ""))).get("margin-left"))
        if left is not None:
            return "right" if left + 30 + (wide or 0) / 2 > 110 else "left"
    return ""
