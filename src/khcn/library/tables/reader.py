"""One page as a reader sees it: its text and its picture, both with the words of the search marked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from khcn.engines.documents.positions import SCALE, Box, PageWords
from khcn.engines.text.fold import nfc
from khcn.engines.text.hits import Hit, find_hits, wanted
from khcn.library.tables.results import marked

READER_WIDTH: Final = 900
A4_RATIO: Final = 297 / 210  # for pages whose size is not known
# A passage is a quotation; more would be the page itself.
MAX_PASSAGE: Final = 5_000
_PASSAGE: Final = re.compile(r"(\d{1,7})-(\d{1,7})")
_MOST_BOXES: Final = 600


def marked_text(text: str, query: str) -> str:
    """Return the whole text of a page with the words of the query marked, typed with marks or without."""
    spans = [span for hit in find_hits(nfc(text), wanted(query)) for span in hit.spans]
    return marked(nfc(text), spans) if spans else text


def passage_of(value: str, text: str) -> tuple[int, int] | None:
    """Read the passage of a link, ``start-end`` in characters of the page's text; ``None`` when it is not there."""
    match = _PASSAGE.fullmatch(value)
    if match is None:
        return None
    start, end = int(match[1]), int(match[2])
    return (start, end) if start < end <= len(text) and end - start <= MAX_PASSAGE else None


@dataclass(frozen=True, slots=True)
class Rect:
    """A box to draw on a picture, in 1/10,000 of its sides. ``kind``: "whole", "part" or "passage"."""

    x: int
    y: int
    width: int
    height: int
    kind: str
    number: int = 0


@dataclass(frozen=True)
class Marks:
    """What is marked on a page: hits in order, and a passage that a link points to."""

    text: str
    hits: tuple[Hit, ...]
    passage: tuple[int, int] | None

    @classmethod
    def of(cls, text: str, query: str, passage: str = "") -> "Marks":
        """Look for a question and a passage in the text of a page."""
        text = nfc(text)
        return cls(text, tuple(find_hits(text, wanted(query))), passage_of(passage, text))

    @property
    def html(self) -> SafeString:
        """The text with ``<mark>`` around hits and passage; characters are those of the text, one for one.

        The first word of a hit bears the id ``cho-N``, the passage ``doan``.
        """
        opened = [(span[0], span[1], f' id="cho-{number}"' if at == 0 else "")
                  for number, hit in enumerate(self.hits, 1) for at, span in enumerate(hit.spans)]  # fmt: skip
        if self.passage is None:
            return self._marked(opened, 0, len(self.text))
        start, end = self.passage
        inside = [self._clipped(mark, start, end) for mark in opened if mark[0] < end and mark[1] > start]
        before = self._marked([self._clipped(mark, 0, start) for mark in opened if mark[0] < start], 0, start)
        rest = [
            (max(mark[0], end), mark[1], "" if mark[0] < end else mark[2]) for mark in opened if mark[1] > end
        ]
        return format_html(
            '{}<span class="passage" id="doan">{}</span>{}',
            before,
            self._marked(inside, start, end),
            self._marked(rest, end, len(self.text)),
        )

    @staticmethod
    def _clipped(mark: tuple[int, int, str], start: int, end: int) -> tuple[int, int, str]:
        return max(mark[0], start), min(mark[1], end), mark[2] if mark[0] >= start else ""

    def _marked(self, marks: Sequence[tuple[int, int, str]], start: int, end: int) -> SafeString:
        parts, at = [], start
        for first, last, attribute in marks:
            parts += [
                escape(self.text[at:first]),
                f"<mark{attribute}>{escape(self.text[first:last])}</mark>",
            ]
            at = last
        parts.append(escape(self.text[at:end]))
        return mark_safe("".join(parts))  # noqa: S308  # every piece of text is escaped, ids are numbers

    def rects(self, words: PageWords | None) -> list[Rect]:
        """Return the boxes to draw on the picture, passage first so that hits lie above it."""
        if words is None:
            return []
        found = [_rect(box, "passage") for box in words.boxes(*self.passage)] if self.passage else []
        for number, hit in enumerate(self.hits, 1):
            if len(found) >= _MOST_BOXES:
                break
            kind = "whole" if hit.whole else "part"
            found += [_rect(box, kind, number) for box in words.boxes(hit.start, hit.end)]
        return found


def _rect(box: Box, kind: str, number: int = 0) -> Rect:
    """A little air around the letters; never beyond the page."""
    air_x, air_y = 25, 15
    left, top = max(0, box.left - air_x), max(0, box.top - air_y)
    return Rect(
        left, top, min(SCALE, box.right + air_x) - left, min(SCALE, box.bottom + air_y) - top, kind, number
    )
