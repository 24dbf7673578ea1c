"""Pictures resized and padded; the decoder usually delivers the right size and nothing here runs."""

import numpy as np
from PIL import Image as Pillow

from khcn.engines.vision.types import Image, Size


def resize(image: Image, size: Size) -> Image:
    """Return ``image`` (height, width, 3) in another size: linear between pixels, averaging where it shrinks."""
    if image.shape[:2] == (size.height, size.width):
        return image
    drawn = Pillow.fromarray(np.ascontiguousarray(image))
    found: Image = np.asarray(drawn.resize((size.width, size.height), Pillow.Resampling.BILINEAR))
    return found


def letterboxed(image: Image, size: Size, grey: int = 114) -> Image:
    """Return ``image`` at the top left of a grey canvas of ``size`` (it must fit)."""
    if image.shape[:2] == (size.height, size.width):
        return image
    canvas = np.full((size.height, size.width, 3), grey, np.uint8)
    canvas[: image.shape[0], : image.shape[1]] = image
    return canvas


def cut_out(image: Image, part: tuple[int, int, int, int], size: Size, grey: int = 128) -> Image:
    """Return a part (left, top, right, bottom) of ``image`` in ``size``; what lies outside the picture is grey."""
    left, top, right, bottom = part
    height, width = image.shape[:2]
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    if (x1, y1, x2, y2) == part:
        return resize(image[y1:y2, x1:x2], size)
    across, down = size.width / (right - left), size.height / (bottom - top)
    first, last = (
        round((x1 - left) * across),
        max(round((x2 - left) * across), round((x1 - left) * across) + 1),
    )
    upper, lower = round((y1 - top) * down), max(round((y2 - top) * down), round((y1 - top) * down) + 1)
    canvas = np.full((size.height, size.width, 3), grey, np.uint8)
    canvas[upper:lower, first:last] = resize(image[y1:y2, x1:x2], Size(last - first, lower - upper))
    return canvas


def inside(source: Size, box: Size) -> Size:
    """Return the largest size of the shape of ``source`` that fits in ``box``."""
    ratio = min(box.width / source.width, box.height / source.height)
    width, height = round(source.width * ratio), round(source.height * ratio)
    return Size(max(1, min(width, box.width)), max(1, min(height, box.height)))
