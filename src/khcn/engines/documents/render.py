"""Pictures of pages: PDFs with PDFium, images with Pillow. Runs inside the worker."""

import io
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from khcn.engines.documents.extractors.pdf import open_page
from khcn.engines.documents.identify import IMAGE_KINDS, identify
from khcn.engines.documents.sizes import MAX_PIXELS, MAX_WIDTH
from khcn.engines.documents.types import ExtractionError

# A compressed image of a few kilobytes may say it is 100,000 pixels wide.
MAX_IMAGE_PIXELS: Final = 180_000_000
Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS
_FORMATS: Final = {"WEBP": {"quality": 78, "method": 4}, "JPEG": {"quality": 82, "optimize": True}, "PNG": {}}
_ORIENTATION: Final = 0x0112  # the EXIF tag; 5 to 8 lie on their side
_LYING: Final = frozenset({5, 6, 7, 8})
_PILLOW_KINDS: Final = ("PNG", "JPEG", "TIFF", "WEBP")


def render(
    path: Path, page: int = 1, *, width: int = 480, image_format: str = "WEBP", scratch: Path | None = None
) -> bytes:
    """Return page ``page`` (from 1) as image bytes, ``width`` pixels wide (at most 3,000)."""
    if image_format not in _FORMATS:
        raise ValueError(f"image_format is one of {sorted(_FORMATS)}, got {image_format!r}")
    width = max(16, min(width, MAX_WIDTH))
    image = page_image(path, page, width=width)
    if image.width != width:
        height = max(1, round(image.height * width / image.width))
        image = image.resize((width, min(height, 4 * MAX_WIDTH)), Image.Resampling.LANCZOS)
    if image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, image_format, **_FORMATS[image_format])
    return buffer.getvalue()


def page_image(
    path: Path, page: int, *, dpi: int = 0, width: int = 0, grey: bool = False, max_pixels: int = MAX_PIXELS
) -> Image.Image:
    """Return one page as an image, at ``dpi`` or ``width`` pixels wide (whichever is given)."""
    kind = identify(path).kind
    if kind == "pdf":
        return _pdf_image(path, page, dpi=dpi, width=width, grey=grey, max_pixels=max_pixels)
    if kind in IMAGE_KINDS:
        return _picture(path, page, dpi=dpi)
    raise ExtractionError("no_preview")


def _pdf_image(path: Path, page: int, *, dpi: int, width: int, grey: bool, max_pixels: int) -> Image.Image:
    with open_page(path, page) as sheet:
        wide, high = (max(1.0, side) for side in sheet.get_size())
        scale = dpi / 72 if dpi else width / wide
        scale = min(scale, (max_pixels / (wide * high)) ** 0.5)
        image: Image.Image = sheet.render(scale=scale, grayscale=grey, may_draw_forms=False).to_pil()
        return image


def open_picture(path: Path) -> Image.Image:
    """Open an image file. Raises ``corrupt`` or ``bomb``."""
    try:
        image = Image.open(path, formats=_PILLOW_KINDS)
    except Image.DecompressionBombError as error:
        raise ExtractionError("bomb", detail=str(error)) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise ExtractionError("corrupt", detail=str(error)) from error
    if image.width * image.height > MAX_IMAGE_PIXELS:
        raise ExtractionError("bomb", detail=f"{image.width} x {image.height} pixels")
    return image


def picture_frame(path: Path, page: int) -> tuple[int, int]:
    """Return width and height in pixels of one picture of an image file as it is shown (upright)."""
    image = open_picture(path)
    try:
        image.seek(page - 1)
        turned = image.getexif().get(_ORIENTATION, 1) in _LYING
        width, height = int(image.width), int(image.height)
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise ExtractionError("corrupt", detail=str(error)) from error
    return (height, width) if turned else (width, height)


def _picture(path: Path, page: int, *, dpi: int) -> Image.Image:
    image = open_picture(path)
    if not 1 <= page <= getattr(image, "n_frames", 1):
        raise ExtractionError("no_page", page=page)
    try:
        image.seek(page - 1)
        image.load()
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise ExtractionError("corrupt", detail=str(error)) from error
    upright = ImageOps.exif_transpose(image)
    flat = _on_white(upright)
    return _at_dpi(flat, dpi) if dpi else flat


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, layer).convert("RGB")
    return (
        image
        if image.mode in ("L", "RGB")
        else image.convert("L" if image.mode in ("1", "I", "I;16", "F") else "RGB")
    )


def _at_dpi(image: Image.Image, dpi: int) -> Image.Image:
    """Scale an image so that an A4-like page has about ``dpi``: phone photos down, tiny scans up to double."""
    short = min(image.size)
    wanted = 8.27 * dpi
    if short > 1.6 * wanted:
        factor = wanted * 1.25 / short
    elif 300 < short < 0.6 * wanted and max(image.size) < 1.6 * short:
        factor = min(2.0, wanted / short)
    else:
        return image
    return image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.LANCZOS)
