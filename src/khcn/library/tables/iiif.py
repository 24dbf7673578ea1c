"""Pages of a work as the pictures, lines and matches of IIIF documents."""

import re
from collections.abc import Iterator
from typing import Final

from django.urls import reverse

from khcn.engines.documents.positions import SCALE, Box, PageWords
from khcn.engines.documents.sizes import picture_height
from khcn.engines.records.iiif import Match, Picture, TextLine
from khcn.engines.text.fold import nfc
from khcn.engines.text.hits import find_hits, wanted
from khcn.library.models import Work
from khcn.library.selectors.records import absolute
from khcn.library.selectors.viewer import Canvas
from khcn.library.store import PICTURE_WIDTHS

_LINE: Final = re.compile(r"[^\n]*\S[^\n]*")
_AROUND: Final = 40
_MOST_MATCHES: Final = 200


def picture_of(work: Work, page: Canvas, *, with_text: bool = True) -> Picture:
    """Return a page as a canvas: addresses and the sizes in which its picture is given."""
    base = absolute(reverse("library:iiif-image", args=[work.pk, page.number]))
    return Picture(
        number=page.number,
        canvas=base.replace("/anh/", "/trang/"),
        image=base,
        text=absolute(reverse("library:iiif-text", args=[work.pk, page.number])) if with_text else "",
        sizes=tuple(
            (width, picture_height(page.width, page.height, width, pdf=page.pdf)) for width in PICTURE_WIDTHS
        ),
    )


def _pixels(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return ``x, y, width, height`` in pixels of a canvas, at least one pixel each way and never beyond it."""
    left, top = box.left * size[0] // SCALE, box.top * size[1] // SCALE
    left, top = min(left, size[0] - 1), min(top, size[1] - 1)
    right, bottom = -(-box.right * size[0] // SCALE), -(-box.bottom * size[1] // SCALE)
    return left, top, max(1, min(right, size[0]) - left), max(1, min(bottom, size[1]) - top)


def text_lines(text: str, words: PageWords | None, size: tuple[int, int]) -> list[TextLine]:
    """Return the lines of a page with their boxes; without places the whole page is one."""
    if words is None:
        return [TextLine(text)]
    return [
        TextLine(match.group().strip(), box)
        for match in _LINE.finditer(text)
        for box in [_line_box(words.boxes(*match.span()), size)]
    ]


def _line_box(boxes: list[Box], size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    if not boxes:
        return None
    whole = Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
    return _pixels(whole, size)


def match_lines(text: str, question: str, words: PageWords | None, size: tuple[int, int]) -> list[Match]:
    """Return the answers on a page with what stands around them."""
    return list(_matches(nfc(text), question, words, size))


def _matches(text: str, question: str, words: PageWords | None, size: tuple[int, int]) -> Iterator[Match]:
    for hit in find_hits(text, wanted(question))[:_MOST_MATCHES]:
        boxes = words.boxes(hit.start, hit.end) if words else []
        yield Match(
            exact=" ".join(text[hit.start : hit.end].split()),
            before=" ".join(text[max(0, hit.start - _AROUND) : hit.start].split()),
            after=" ".join(text[hit.end : hit.end + _AROUND].split()),
            boxes=tuple(_pixels(box, size) for box in boxes),
        )
