"""The picture that messengers show of a programme's address: drawn once for each content, kept on disk whole."""

import hashlib
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from khcn.core.whole_files import write_whole
from khcn.orgs.site import site_identity
from khcn.programmes.exports.calendar_feed import days_of, place_of
from khcn.programmes.models.programmes import Programme
from khcn.ui.build import font_file

SIZE: Final = (1200, 630)
EDGE: Final = 72
PAPER, INK, MUTED, ACCENT = "#fbfaf7", "#1b2326", "#4d5a5e", "#0b5d57"
LOOK: Final = "1"  # raised when the drawing changes


def programme_image(programme: Programme) -> tuple[bytes, str]:
    """Return the PNG of a programme and the digest of what it shows."""
    words = _words(programme)
    digest = hashlib.blake2b("\0".join((LOOK, *words)).encode(), digest_size=12).hexdigest()
    folder: Path = settings.KHCN.data_dir / "programme-images"
    path = folder / f"{programme.pk}-{digest}.png"
    try:
        return path.read_bytes(), digest
    except FileNotFoundError:
        content = _drawn(*words)
    write_whole(path, content)
    for old in folder.glob(f"{programme.pk}-*.png"):
        if old != path:
            old.unlink(missing_ok=True)
    return content, digest


def _words(programme: Programme) -> tuple[str, str, str, str, str]:
    return (
        str(programme.get_kind_display()), programme.title, days_of(programme.starts_on, programme.ends_on),
        place_of(programme), f"{programme.unit.name} · {site_identity().site_name}",
    )  # fmt: skip


def _drawn(kind: str, title: str, days: str, place: str, foot: str) -> bytes:
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 18, SIZE[1]), fill=ACCENT)
    width = SIZE[0] - 2 * EDGE
    draw.text((EDGE, 62), _lines(kind, _font(400, 32), width, 1)[0], fill=ACCENT, font=_font(400, 32))
    top = 122.0
    size = next(
        one for one in (64, 54, 46) if one == 46 or len(_lines(title, _font(600, one), width, 9)) <= 3
    )
    for line in _lines(title, _font(600, size), width, 3):
        draw.text((EDGE, top), line, fill=INK, font=_font(600, size))
        top += size * 1.3
    top = max(top + 24, 380)
    for text, weight in ((days, 600), (place, 400)):
        if text:
            draw.text(
                (EDGE, top), _lines(text, _font(weight, 38), width, 1)[0], fill=INK, font=_font(weight, 38)
            )
            top += 58
    draw.text((EDGE, 552), _lines(foot, _font(400, 28), width, 1)[0], fill=MUTED, font=_font(400, 28))
    kept = BytesIO()
    image.save(kept, "PNG", optimize=True)
    return kept.getvalue()


@lru_cache(maxsize=16)
def _font(weight: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file(weight)), size, layout_engine=ImageFont.Layout.BASIC)


def _lines(text: str, font: ImageFont.FreeTypeFont, width: float, most: int) -> list[str]:
    """Return a text broken into at most so many lines; what does not fit ends in an ellipsis."""
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] += "…"
    return [_fitted(line, font, width) for line in lines]


def _fitted(line: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    while font.getlength(line) > width:
        line = line.rstrip("…")[:-1].rstrip() + "…"
    return line
