"""A small PDF writer for the demo files: embedded TrueType text that reads back exactly, or page images.

It writes the same bytes for the same input (no clock, no random identifier), which general writers do not
promise. PDF 1.7, ISO 32000-1: composite fonts with Identity-H and a ToUnicode map (9.7, 9.10.3).
"""

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from fontTools import subset
from fontTools.ttLib import TTFont

from khcn.library.demo_fonts import Family, Style
from khcn.library.demo_layout import PAGE_HEIGHT, PAGE_WIDTH, Page, Piece

# Latin, Vietnamese and the signs that the texts use: one subset serves all files.
_LETTERS: Final = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x1EA0, 0x1EFA)])) + (
    "ƠơƯư–—‘’“”…•→≤≥≈×°±µ²³₂€₫−"
)


@dataclass(frozen=True)
class _Embedded:
    """A font subset, compressed, with glyph numbers and advance widths (1/1000 em)."""

    data: bytes
    length: int
    glyphs: dict[int, int]
    widths: tuple[int, ...]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int


@lru_cache(maxsize=8)
def _embedded(path: Path) -> _Embedded:
    options = subset.Options(
        drop_tables=["FFTM", "GSUB", "GPOS", "GDEF"],
        layout_features=[],
        hinting=False,
        notdef_outline=True,
        recalc_timestamp=False,
    )
    font = TTFont(path, recalcTimestamp=False)
    worker = subset.Subsetter(options)
    worker.populate(text=_LETTERS)
    worker.subset(font)
    out = io.BytesIO()
    font.save(out)
    head, order = font["head"], font.getGlyphOrder()
    scale = 1000 / head.unitsPerEm
    number = {name: index for index, name in enumerate(order)}
    return _Embedded(
        data=zlib.compress(out.getvalue(), 9),
        length=len(out.getvalue()),
        glyphs={code: number[name] for code, name in font.getBestCmap().items()},
        widths=tuple(round(font["hmtx"][name][0] * scale) for name in order),
        box=tuple(round(value * scale) for value in (head.xMin, head.yMin, head.xMax, head.yMax)),
        ascent=round(font["hhea"].ascent * scale),
        descent=round(font["hhea"].descent * scale),
    )


class _Body:
    """Numbered objects of a PDF file."""

    def __init__(self) -> None:
        self.objects: list[bytes] = []

    def reserve(self) -> int:
        """Return the number of an object to be written later."""
        self.objects.append(b"")
        return len(self.objects)

    def put(self, number: int, content: str | bytes) -> int:
        """Write an object under a reserved number."""
        self.objects[number - 1] = content.encode("latin-1") if isinstance(content, str) else content
        return number

    def add(self, content: str | bytes) -> int:
        """Write an object and return its number."""
        return self.put(self.reserve(), content)

    def stream(self, entries: str, data: bytes) -> int:
        """Write a stream object and return its number."""
        head = f"<< {entries} /Length {len(data)} >>\nstream\n".encode("latin-1")
        return self.add(head + data + b"\nendstream")

    def finish(self, catalog: int, info: int) -> bytes:
        """Return the whole file."""
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, content in enumerate(self.objects, start=1):
            places.append(len(out))
            out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
        start = len(out)
        out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
        out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
        size = len(places) + 1
        out += f"trailer\n<< /Size {size} /Root {catalog} 0 R /Info {info} 0 R >>\n".encode()
        return bytes(out + f"startxref\n{start}\n%%EOF\n".encode())


def text_pdf(pages: Sequence[Page], family: Family, *, title: str, author: str) -> bytes:
    """Return a PDF with a text layer from laid-out pages."""
    body = _Body()
    styles = sorted({piece.style for page in pages for piece in page.pieces})
    fonts = {style: _font(body, family, style) for style in styles}
    names = " ".join(f"/F{index} {fonts[style]} 0 R" for index, style in enumerate(styles))
    contents = [_page_content(page, family, styles) for page in pages]
    resources = f"<< /Font << {names} >> >>"
    return _document(body, [(content, resources) for content in contents], title=title, author=author)


def image_pdf(images: Sequence[tuple[bytes, int, int]], *, title: str, author: str) -> bytes:
    """Return a PDF of grey JPEG images (data, width, height), as a scanner makes it: no text layer."""
    body = _Body()
    pages: list[tuple[bytes, str]] = []
    for data, width, height in images:
        entries = (
            f"/Type /XObject /Subtype /Image /Width {width} /Height {height} "
            "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode"
        )
        image = body.stream(entries, data)
        content = f"q {PAGE_WIDTH} 0 0 {PAGE_HEIGHT} 0 0 cm /Im0 Do Q".encode()
        pages.append((content, f"<< /XObject << /Im0 {image} 0 R >> >>"))
    return _document(body, pages, title=title, author=author)


def _document(body: _Body, pages: list[tuple[bytes, str]], *, title: str, author: str) -> bytes:
    tree = body.reserve()
    kids = []
    for content, resources in pages:
        stream = body.stream("/Filter /FlateDecode", zlib.compress(content, 9))
        kids.append(
            body.add(
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] "
                f"/Resources {resources} /Contents {stream} 0 R >>"
            )
        )
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    body.put(tree, f"<< /Type /Pages /Kids [{listed}] /Count {len(kids)} >>")
    catalog = body.add(f"<< /Type /Catalog /Pages {tree} 0 R /Lang (vi) >>")
    info = body.add(f"<< /Title {_utf16(title)} /Author {_utf16(author)} /Producer (khcn) >>")
    return body.finish(catalog, info)


def _utf16(text: str) -> str:
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"


def _font(body: _Body, family: Family, style: Style) -> int:
    font = _embedded(family.face(style).path)
    name = f"KHCNAA+{family.name}-{style.capitalize()}"
    file = body.stream(f"/Length1 {font.length} /Filter /FlateDecode", font.data)
    box = " ".join(map(str, font.box))
    italic = -12 if "italic" in style else 0
    descriptor = body.add(
        f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{box}] /ItalicAngle {italic} "
        f"/Ascent {font.ascent} /Descent {font.descent} /CapHeight 700 "
        f"/StemV {120 if 'bold' in style else 80} /FontFile2 {file} 0 R >>"
    )
    widths = " ".join(map(str, font.widths))
    descendant = body.add(
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDToGIDMap /Identity "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {descriptor} 0 R /W [0 [{widths}]] >>"
    )
    unicode_map = body.stream("/Filter /FlateDecode", zlib.compress(_unicode_map(font.glyphs), 9))
    return body.add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
        f"/DescendantFonts [{descendant} 0 R] /ToUnicode {unicode_map} 0 R >>"
    )


def _unicode_map(glyphs: dict[int, int]) -> bytes:
    letters: dict[int, int] = {}
    for code, glyph in sorted(glyphs.items(), reverse=True):  # a glyph of two codes reads as the lower one
        letters[glyph] = code
    pairs = [f"<{glyph:04X}> <{code:04X}>" for glyph, code in sorted(letters.items()) if glyph]
    chunks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    maps = "\n".join(f"{len(chunk)} beginbfchar\n" + "\n".join(chunk) + "\nendbfchar" for chunk in chunks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{maps}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()


def _page_content(page: Page, family: Family, styles: list[Style]) -> bytes:
    parts = ["0.6 w"]
    for line in page.lines:
        parts.append(
            f"{line.x0:.2f} {PAGE_HEIGHT - line.y0:.2f} m {line.x1:.2f} {PAGE_HEIGHT - line.y1:.2f} l S"
        )
    parts.append("BT")
    parts += [_show(piece, family, styles.index(piece.style)) for piece in page.pieces]
    parts.append("ET")
    return "\n".join(parts).encode("latin-1")


def _show(piece: Piece, family: Family, font_index: int) -> str:
    """Show one piece; each space takes the width of the line's space plus the gap of justification."""
    face = family.face(piece.style)
    glyphs = _embedded(face.path).glyphs
    wanted = family.face("regular").width(" ", piece.size) + piece.gap
    extra = (wanted - face.width(" ", piece.size)) * 1000 / piece.size
    words = piece.text.split(" ")
    coded = []
    for place, word in enumerate(words):
        text = word + (" " if place < len(words) - 1 else "")
        if text:
            coded.append("<" + "".join(f"{glyphs[ord(char)]:04X}" for char in text) + ">")
        if place < len(words) - 1 and abs(extra) > 0.01:
            coded.append(f"{-extra:.1f}")
    y = PAGE_HEIGHT - piece.y
    return f"/F{font_index} {piece.size} Tf 1 0 0 1 {piece.x:.2f} {y:.2f} Tm [{' '.join(coded)}] TJ"
