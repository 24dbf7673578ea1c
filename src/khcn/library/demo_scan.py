"""Laid-out pages as a scanner gives them back: skewed, noisy, on paper that is not white, faintly stamped.

The stamp reads "BẢN DEMO": no seal or signature of a real body is imitated. Everything is drawn from a seed,
so the same page gives the same bytes.
"""

import io
import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFont

from khcn.library.demo_fonts import Family, sans_family
from khcn.library.demo_layout import PAGE_HEIGHT, PAGE_WIDTH, Page, Piece

DPI: Final = 200  # Decree 30/2020 asks for 200; at 150 tesseract loses 2 % of the marks
_SCALE: Final = DPI / 72
_SIZE: Final = (round(PAGE_WIDTH * _SCALE), round(PAGE_HEIGHT * _SCALE))
_PAPER: Final = 243
_INK: Final = 70
_STAMP_INK: Final = 172
_JPEG_QUALITY: Final = 18
_MOTTLE: Final = 7  # pixels between two grains of the paper
_FINE: Final = 2  # letters are drawn this much larger and reduced, so that hinting does not move them


def scan_pages(pages: Sequence[Page], family: Family, *, seed: str) -> list[tuple[bytes, int, int]]:
    """Return each page as a grey JPEG (data, width, height in pixels) at ``DPI`` dots per inch."""
    chance = random.Random(seed)  # noqa: S311  # dust on paper, not a secret
    out = []
    for page in pages:
        image = _worn(_drawn(page, family), chance)
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=_JPEG_QUALITY, optimize=True, dpi=(DPI, DPI))
        out.append((buffer.getvalue(), *image.size))
    return out


@lru_cache(maxsize=64)
def _font(path: str, pixels: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, pixels, layout_engine=ImageFont.Layout.BASIC)


def _drawn(page: Page, family: Family) -> Image.Image:
    image = Image.new("L", (_SIZE[0] * _FINE, _SIZE[1] * _FINE), _PAPER)
    draw = ImageDraw.Draw(image)
    scale = _SCALE * _FINE
    for line in page.lines:
        ends = [value * scale for value in (line.x0, line.y0, line.x1, line.y1)]
        draw.line(ends, fill=_INK, width=2 * _FINE)
    for piece in page.pieces:
        _draw_piece(draw, piece, family, scale)
    image = image.reduce(_FINE)
    if page.stamp:
        image = ImageChops.darker(image, _stamp(page.stamp))
    return image


def _draw_piece(draw: ImageDraw.ImageDraw, piece: Piece, family: Family, scale: float) -> None:
    face = family.face(piece.style)
    font = _font(str(face.path), piece.size * scale)
    space = family.face("regular").width(" ", piece.size) + piece.gap
    x = piece.x
    for word in piece.text.split(" "):
        draw.text((x * scale, piece.y * scale), word, font=font, fill=_INK, anchor="ls")
        x += face.width(word, piece.size) + space


def _stamp(middle: tuple[float, float]) -> Image.Image:
    """A round outline with the words BẢN DEMO, slightly turned, on an empty page."""
    size = round(30 / 25.4 * DPI)
    small = Image.new("L", (size, size), 255)
    draw = ImageDraw.Draw(small)
    draw.ellipse((3, 3, size - 4, size - 4), outline=_STAMP_INK, width=4)
    draw.ellipse((14, 14, size - 15, size - 15), outline=_STAMP_INK, width=2)
    bold = str(sans_family().face("bold").path)
    draw.text((size / 2, size / 2), "BẢN DEMO", font=_font(bold, size / 7.2), fill=_STAMP_INK, anchor="mm")
    small = small.rotate(11, resample=Image.Resampling.BICUBIC, fillcolor=255)
    page = Image.new("L", _SIZE, 255)
    page.paste(small, (round(middle[0] * _SCALE - size / 2), round(middle[1] * _SCALE - size / 2)))
    return page


def _worn(image: Image.Image, chance: random.Random) -> Image.Image:
    """Skew (which also softens), shade and speckle a clean page, and add grain."""
    angle = chance.choice((-1, 1)) * chance.uniform(0.25, 0.6)
    image = image.rotate(angle, resample=Image.Resampling.BILINEAR, fillcolor=_PAPER)
    image = ImageChops.multiply(image, _shade(chance))
    _speckle(image, chance)
    return ImageChops.subtract(image, _grain(chance))


def _shade(chance: random.Random) -> Image.Image:
    """Light that falls off towards one edge, as under a lid that does not close."""
    gradient = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180, 270)))
    return gradient.point([255 - round(12 * (level / 255) ** 3) for level in range(256)]).resize(_SIZE)


def _speckle(image: Image.Image, chance: random.Random) -> None:
    draw = ImageDraw.Draw(image)
    for _ in range(chance.randint(25, 45)):
        x, y = chance.uniform(0, _SIZE[0]), chance.uniform(0, _SIZE[1])
        radius = chance.uniform(0.3, 1.2)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=chance.randint(90, 190))
    edge = chance.uniform(3, 7)
    draw.rectangle((0, 0, edge, _SIZE[1]), fill=120)


def _grain(chance: random.Random) -> Image.Image:
    """Mottled paper: noise coarse enough to survive the compression that scanners use."""
    small = (_SIZE[0] // _MOTTLE, _SIZE[1] // _MOTTLE)
    noise = Image.frombytes("L", small, chance.randbytes(small[0] * small[1]))
    return noise.point([level * 9 // 255 for level in range(256)]).resize(_SIZE, Image.Resampling.BILINEAR)
