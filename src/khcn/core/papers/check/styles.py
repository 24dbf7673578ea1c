"""What a paragraph and a run finally look like: document defaults, theme fonts, table, paragraph and character styles and
direct formatting, in the order in which Word applies them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from khcn.core.papers.check.ooxml import A, mm, on, twips, value, w

_TOGGLES: Final = {"b": "bold", "i": "italic", "caps": "caps", "vanish": "hidden"}
_DEEPEST: Final = 30  # styles based on styles; more is a circle
Props = dict[str, Any]
DEFAULT_FONT: Final = "Times New Roman"
DEFAULT_PT: Final = 10.0


@dataclass
class Style:
    """One style: what it is based on and what it sets."""

    kind: str
    base: str
    run: Props
    paragraph: Props


@dataclass
class Styles:
    """All styles of a document."""

    styles: dict[str, Style] = field(default_factory=dict)
    run: Props = field(default_factory=dict)
    paragraph: Props = field(default_factory=dict)
    default_paragraph: str = ""
    default_table: str = ""
    theme: dict[str, str] = field(default_factory=dict)
    cache: dict[tuple[str, str], Props] = field(default_factory=dict)

    def chain(self, identity: str, of: str) -> Props:
        """Return what a style and its bases set, ``of`` "run" or "paragraph"."""
        key = (identity, of)
        if key not in self.cache:
            levels = []
            current, depth = identity, 0
            while current in self.styles and depth < _DEEPEST:
                style = self.styles[current]
                levels.append(style.run if of == "run" else style.paragraph)
                current, depth = style.base, depth + 1
            merged: Props = {}
            for level in reversed(levels):
                merged.update(level)
            self.cache[key] = merged
        return self.cache[key]

    def run_look(self, paragraph_style: str, table_style: str, direct: Any | None) -> Props:
        """Return the final look of a run. Switches of several kinds of styles turn each other off again."""
        own = run_props(direct, self.theme)
        style = own.pop("style", "")
        levels = [self.chain(name, "run") for name in (table_style, paragraph_style, style) if name]
        look: Props = {"font": DEFAULT_FONT, "font_other": DEFAULT_FONT, "size": DEFAULT_PT, **self.run}
        for level in levels:
            look.update(level)
        for name in _TOGGLES.values():
            from_styles = sum(bool(level.get(name)) for level in levels) % 2 == 1
            look[name] = own.get(name, from_styles or bool(self.run.get(name)))
        for name, found in own.items():
            look[name] = found
        return look


def read_styles(root: Any | None, theme: Any | None) -> Styles:
    """Read ``styles.xml`` and the fonts of the theme; either may be missing."""
    found = Styles(theme=_theme_fonts(theme))
    if root is None:
        return found
    defaults = root.find(w("docDefaults"))
    if defaults is not None:
        found.run = run_props(defaults.find(f"{w('rPrDefault')}/{w('rPr')}"), found.theme)
        found.paragraph = paragraph_props(defaults.find(f"{w('pPrDefault')}/{w('pPr')}"))
    for element in root.iterfind(w("style")):
        identity, kind = value(element, "styleId", "") or "", value(element, "type", "paragraph") or ""
        style = Style(
            kind,
            value(element.find(w("basedOn")), default="") or "",
            run_props(element.find(w("rPr")), found.theme),
            paragraph_props(element.find(w("pPr"))),
        )
        found.styles[identity] = style
        if value(element, "default") in {"1", "true", "on"}:
            if kind == "paragraph":
                found.default_paragraph = identity
            elif kind == "table":
                found.default_table = identity
    return found


def _theme_fonts(theme: Any | None) -> dict[str, str]:
    fonts = {}
    if theme is not None:
        for kind in ("major", "minor"):
            latin = theme.find(f".//{A}{kind}Font/{A}latin")
            if latin is not None and latin.get("typeface"):
                fonts[kind] = latin.get("typeface")
    return fonts


def run_props(element: Any | None, theme: dict[str, str]) -> Props:
    """Return what an ``rPr`` sets."""
    props: Props = {}
    if element is None:
        return props
    for child in element:
        name = str(child.tag).rpartition("}")[2]
        if name == "rFonts":
            _fonts(child, theme, props)
        elif name == "sz":
            size = twips(value(child))
            if size is not None:
                unit = (value(child) or "")[-2:]
                props["size"] = size / 20 if unit.isalpha() else size / 2
        elif name in _TOGGLES:
            props[_TOGGLES[name]] = bool(on(child))
        elif name == "color":
            props["colour"] = (value(child, default="auto") or "auto").upper()
            props["theme_colour"] = value(child, "themeColor", "") or ""
        elif name == "u":
            props["underline"] = value(child, default="single") != "none"
        elif name == "vertAlign":
            props["raised"] = value(child) in {"superscript", "subscript"}
        elif name == "rStyle":
            props["style"] = value(child, default="") or ""
    return props


def _fonts(element: Any, theme: dict[str, str], props: Props) -> None:
    """Set the font of plain letters and that of marked ones; a theme's name wins over a plain one."""
    for key, name in (("font", "ascii"), ("font_other", "hAnsi")):
        themed = value(element, f"{name}Theme")
        found = theme.get(themed[:5]) if themed else None
        plain = found or value(element, name)
        if plain:
            props[key] = plain


def paragraph_props(element: Any | None) -> Props:
    """Return what a ``pPr`` sets; lengths in mm, gaps in points."""
    props: Props = {}
    if element is None:
        return props
    for child in element:
        name = str(child.tag).rpartition("}")[2]
        reader = _PARAGRAPH.get(name)
        if reader is not None:
            reader(child, props)
    return props


def _indent(child: Any, props: Props) -> None:
    for key, names in (("left", ("left", "start")), ("right", ("right", "end"))):
        for name in names:
            found = mm(value(child, name))
            if found is not None:
                props[key] = found
    first, hanging = mm(value(child, "firstLine")), mm(value(child, "hanging"))
    if hanging is not None:
        props["first"] = -hanging
    elif first is not None:
        props["first"] = first


def _spacing(child: Any, props: Props) -> None:
    for name in ("before", "after"):
        found = twips(value(child, name))
        if found is not None:
            props[name] = found / 20
            props.pop(f"{name}_auto", None)
        if value(child, f"{name}Autospacing") in {"1", "true", "on"}:
            props[f"{name}_auto"] = True
        elif value(child, f"{name}Autospacing") is not None:
            props[f"{name}_auto"] = False
    line = twips(value(child, "line"))
    if line is not None:
        props["line"], props["line_rule"] = line, value(child, "lineRule", "auto")


def _numbering(child: Any, props: Props) -> None:
    identity, level = value(child.find(w("numId"))), value(child.find(w("ilvl")), default=None)
    if identity is not None:
        props["num"] = identity
    if level is not None:
        props["level"] = level


def _borders(child: Any, props: Props) -> None:
    for side in ("top", "bottom", "left", "right"):
        border = child.find(w(side))
        if border is not None:
            props[f"border_{side}"] = value(border, default="none")


def _tabs(child: Any, props: Props) -> None:
    stops = {}
    for tab in child.iterfind(w("tab")):
        where = mm(value(tab, "pos"))
        if where is not None and value(tab) != "clear":
            stops[round(where, 1)] = value(tab, default="left") or "left"
    props["tabs"] = stops


def _frame(child: Any, props: Props) -> None:
    props["frame_align"] = value(child, "hAlign") or value(child, "xAlign") or ""


_PARAGRAPH: Final[dict[str, Callable[[Any, Props], None]]] = {
    "jc": lambda child, props: props.__setitem__("align", value(child, default="left")),
    "ind": _indent,
    "spacing": _spacing,
    "numPr": _numbering,
    "pBdr": _borders,
    "tabs": _tabs,
    "framePr": _frame,
    "contextualSpacing": lambda child, props: props.__setitem__("contextual", on(child)),
    "pageBreakBefore": lambda child, props: props.__setitem__("break_before", on(child)),
    "pStyle": lambda child, props: props.__setitem__("style", value(child, default="")),
}
