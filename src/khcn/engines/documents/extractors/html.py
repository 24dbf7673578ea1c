"""HTML and SVG: what a reader sees. Scripts, styles and hidden elements are dropped, fonts are kept."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import lxml.html
from lxml import etree

from khcn.engines.documents.extractors.base import Context, Paragraph, RawPage
from khcn.engines.documents.extractors.plain import decode_bytes, read_text
from khcn.engines.documents.types import ExtractionError
from khcn.engines.text.legacy import Run

_DROPPED_TEXT: Final = (
    "script style noscript template iframe object embed applet head canvas audio video select map"
)
_DROPPED: Final = frozenset(_DROPPED_TEXT.split())
_BLOCKS_TEXT: Final = """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol option p pre section summary table tbody tfoot
    thead tr ul br text tspan title desc"""
_BLOCKS: Final = frozenset(_BLOCKS_TEXT.split())
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_FONT: Final = re.compile(r"font-family\s*:\s*([^;]+)|font\s*:[^;]*?(['\"]?\.?Vn[\w ]+)", re.I)
_CHARSET: Final = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,30})|<\?xml[^>]*encoding=[\"']([\w-]+)", re.I
)
_BREAK_STYLE: Final = re.compile(r"page-break-(?:before|after)\s*:\s*always", re.I)
_SCRIPT_URL: Final = re.compile(r"^\s*(?:javascript|vbscript|data:text/html)", re.I)
_SPACE: Final = re.compile(r"[ \t\r\n]+")
# One-byte code pages say nothing about old fonts: the bytes go to the decoder as they are.
_BYTES_ONLY: Final = frozenset(
    {"iso-8859-1", "windows-1252", "us-ascii", "ascii", "latin1", "x-user-defined"}
)


class HtmlExtractor:
    """Reads HTML pages and SVG drawings."""

    kinds = frozenset({"html", "svg"})

    def extract(self, path: Path, context: Context) -> Iterator[RawPage]:
        if context.kind == "svg":
            text = read_text(path, context.limits)
        else:
            read_text(path, context.limits) if path.stat().st_size > context.limits.max_bytes else None
            text = _decoded(path.read_bytes())
        yield from html_pages(text, context)


def _decoded(data: bytes) -> str:
    match = _CHARSET.search(data[:4096])
    name = (match[1] or match[2] or b"").decode("ascii").lower() if match else ""
    if name and name not in _BYTES_ONLY and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError):
            return decode_bytes(data)
    return decode_bytes(data)


def html_pages(text: str, context: Context) -> Iterator[RawPage]:
    """Yield the visible text of an HTML document; sets the title, warns about scripts."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\0", ""))
    try:
        root = lxml.html.document_fromstring(
            text, parser=lxml.html.HTMLParser(huge_tree=False, no_network=True)
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        if not text.strip():
            raise ExtractionError("empty") from error
        raise ExtractionError("corrupt", detail=str(error)) from error
    title = root.find(".//title")
    if title is not None:
        context.title = ("".join(str(part) for part in title.itertext())).strip()
    if _has_scripts(root):
        context.warn("scripts")
    walker = _Walker(_class_fonts(root))
    walker.walk(root)
    page: list[Paragraph] = []
    for line in walker.lines:
        if line and line[0].text == "\f":
            yield RawPage(0, page)
            page = []
        else:
            page.append(line)
    yield RawPage(0, page)


def _has_scripts(root: Any) -> bool:
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in ("script", "iframe", "object", "embed", "applet"):
            return True
        for name, value in element.attrib.items():
            if name.lower().startswith("on") or (
                name.lower().endswith(("href", "src")) and _SCRIPT_URL.match(value)
            ):
                return True
    return False


def _class_fonts(root: Any) -> dict[str, str]:
    """Fonts that style sheets inside the page give to classes and elements (Word writes them so)."""
    fonts: dict[str, str] = {}
    for style in root.iter("style"):
        for match in re.finditer(r"([^{}]{1,400})\{([^{}]{0,4000})\}", style.text or ""):
            font = _style_font(match[2])
            if font:
                for selector in match[1].split(","):
                    fonts[selector.strip().lower()] = font
    return fonts


def _style_font(style: str) -> str:
    match = _FONT.search(style)
    if not match:
        return ""
    return (match[1] or match[2] or "").split(",")[0].strip(" '\"\r\n")


class _Walker:
    """Walks the tree without recursion and collects lines of runs."""

    def __init__(self, class_fonts: dict[str, str]) -> None:
        self._class_fonts = class_fonts
        self.lines: list[Paragraph] = []
        self._line: list[Run] = []

    def walk(self, root: Any) -> None:
        """Collect everything below ``root``."""
        # (element, font, closing): an element is visited before its children, and again after them.
        stack: list[tuple[Any, str, bool]] = [(root, "", False)]
        while stack:
            element, font, closing = stack.pop()
            if closing:
                self._close(element, font)
                continue
            tag = element.tag if isinstance(element.tag, str) else ""
            if not tag or tag in _DROPPED or _is_hidden(element):
                continue
            own = self._font(element, tag) or font
            self._open(element, tag, own)
            stack.append((element, own, True))
            for child in reversed(element):
                # The text after a child belongs to this element's font.
                stack.append((child, own, False)) if not child.tail else stack.extend(
                    [(_Tail(child.tail), own, True), (child, own, False)]
                )
        self._break()

    def _font(self, element: Any, tag: str) -> str:
        if tag == "font" and element.get("face"):
            return str(element.get("face")).split(",")[0].strip(" '\"")
        style = element.get("style")
        found = _style_font(style) if style else ""
        if found:
            return found
        for name in (element.get("class") or "").lower().split():
            for selector in (f"{tag}.{name}", f".{name}"):
                if selector in self._class_fonts:
                    return self._class_fonts[selector]
        return self._class_fonts.get(tag, "")

    def _open(self, element: Any, tag: str, font: str) -> None:
        if tag in _BLOCKS:
            self._break()
        elif tag in ("td", "th") and self._line:
            self._line.append(Run("\t", font))
        if _BREAK_STYLE.search(element.get("style") or ""):
            self._break()
            self.lines.append((Run("\f"),))
        if tag == "img" and element.get("alt"):
            self._text(f" {element.get('alt')} ", font)
        self._text(element.text, font)

    def _close(self, element: Any, font: str) -> None:
        if isinstance(element, _Tail):
            self._text(element.text, font)
        elif element.tag in _BLOCKS:
            self._break()

    def _text(self, text: str | None, font: str) -> None:
        if not text:
            return
        collapsed = _SPACE.sub(" ", text)
        if collapsed == " " and (not self._line or self._line[-1].text.endswith((" ", "\t"))):
            return
        self._line.append(Run(collapsed, font))

    def _break(self) -> None:
        if self._line:
            self.lines.append(tuple(self._line))
            self._line = []


class _Tail:
    """Text that follows an element."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _is_hidden(element: Any) -> bool:
    if element.get("hidden") is not None or element.get("type") == "hidden":
        return True
    return bool(_HIDDEN.search(element.get("style") or ""))
