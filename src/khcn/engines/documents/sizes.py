"""How large pictures of pages are: the limits, and the height that goes with a width. Loads no reader of files."""

import math
from typing import Final

MAX_WIDTH: Final = 3000
MAX_PIXELS: Final = 60_000_000


def picture_height(width: float, height: float, wanted: int, *, pdf: bool) -> int:
    """Return how many pixels high ``render`` makes a page of this size when it is ``wanted`` pixels wide."""
    if not (width > 0 and height > 0):
        return 0
    if not pdf:
        return (
            max(1, min(round(height * wanted / width), 4 * MAX_WIDTH)) if width != wanted else round(height)
        )
    wide, high = max(1.0, width), max(1.0, height)
    scale = min(wanted / wide, math.sqrt(MAX_PIXELS / (wide * high)))
    drawn, tall = math.ceil(wide * scale), math.ceil(high * scale)
    return tall if drawn == wanted else max(1, min(round(tall * wanted / drawn), 4 * MAX_WIDTH))
