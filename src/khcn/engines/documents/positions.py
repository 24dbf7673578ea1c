"""Where the words of a page stand on its picture: the raw tokens of a reader brought to the characters of a text.

Whoever reads a page (PDFium, tesseract) gives tokens with boxes in reading order. The text of the page that people
search has been decoded from old fonts, composed and cleaned since, so tokens and text are aligned here, and every
stretch of letters keeps its place. Boxes are in 1/10,000 of the page's picture, from its top left corner.
"""

import json
import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from khcn.engines.text.fold import fold, nfc
from khcn.engines.text.legacy import convert

SCALE: Final = 10_000
MAX_TOKENS: Final = 20_000
_TOKEN: Final = re.compile(r"\S+")
_NO_WORD: Final = re.compile(r"[\W_]+")
_TABLES: Final = ("tcvn3", "vni", "viscii", "vps")
# How far a lost place is looked for, and how many comparisons one page may cost in all.
_REACH: Final = 60
_BUDGET: Final = 1_500_000
_VERSION: Final = 1
_MAX_UNPACKED: Final = 8 * 1024 * 1024


class Box(NamedTuple):
    """A rectangle in 1/10,000 of the picture's width and height."""

    left: int
    top: int
    right: int
    bottom: int

    def joined(self, other: "Box") -> "Box":
        """Return the smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


class Token(NamedTuple):
    """What stands between two blanks, as it was read. ``pieces``: ``(characters, box)``, together the whole token."""

    text: str
    pieces: tuple[tuple[int, Box], ...]


class Word(NamedTuple):
    """Characters ``start`` to ``end`` of a page's text, and where they stand."""

    start: int
    end: int
    box: Box


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of one page in order. ``width`` and ``height``: the page in points, or the image in pixels."""

    width: float
    height: float
    words: tuple[Word, ...] = ()

    def boxes(self, start: int, end: int) -> list[Box]:
        """Return the boxes of a stretch of text, one a line; none where the place is not known."""
        first = max(0, bisect_right(self.words, start, key=lambda word: word.start) - 1)
        lines: list[Box] = []
        for word in self.words[first:]:
            if word.start >= end:
                break
            if word.end > start:
                _add_to_line(lines, _part(word, start, end))
        return lines


def align(text: str, encoding: str, tokens: Sequence[Token]) -> tuple[Word, ...]:
    """Return the places of the words of ``text`` (NFC) from the tokens of the same page.

    ``encoding``: what the page was written in before it was made Unicode. Words that cannot be matched get the place
    of the tokens between their neighbours; where nothing is certain they get none.
    """
    ours = [(match.start(), match.end(), _key(match.group())) for match in _TOKEN.finditer(text)][:MAX_TOKENS]
    known = frozenset(key for _, _, key in ours)
    theirs = [_read_key(token.text, encoding, known) for token in tokens[:MAX_TOKENS]]
    words: list[Word] = []
    for mine, other in _pairs([key for _, _, key in ours], theirs):
        _place(text, [ours[at][:2] for at in mine], [tokens[at] for at in other], words)
    return tuple(_joined(text, words))


def _key(token: str) -> str:
    folded = fold(nfc(token))
    return _NO_WORD.sub("", folded) or folded


def _read_key(token: str, encoding: str, known: frozenset[str]) -> str:
    """Return the key of a token, read in whatever old encoding makes it a word of the text."""
    key = _key(token)
    if key in known or (token.isascii() and encoding != "viqr"):
        return key
    for table in (encoding,) if encoding in (*_TABLES, "viqr") else _TABLES:
        decoded = _key(convert(token, table))
        if decoded in known:
            return decoded
    return key


def _pairs(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[range, range]]:
    """Yield ranges of the two that belong together: one to one where they agree, else what lies between."""
    mine = other = 0
    budget = _BUDGET
    while mine < len(ours) and other < len(theirs):
        if ours[mine] == theirs[other]:
            yield range(mine, mine + 1), range(other, other + 1)
            mine, other = mine + 1, other + 1
            continue
        skip, cost = _next_meeting(ours, theirs, mine, other)
        budget -= cost
        if budget < 0:
            return
        yield range(mine, mine + skip[0]), range(other, other + skip[1])
        mine, other = mine + skip[0], other + skip[1]


def _next_meeting(
    ours: Sequence[str], theirs: Sequence[str], mine: int, other: int
) -> tuple[tuple[int, int], int]:
    """Return how many of each to skip until two in a row agree again, nearest first; (1, 1) when they do not."""
    cost = 0
    ends = len(ours) - mine, len(theirs) - other
    for far in range(1, 2 * _REACH):
        for step in range(max(0, far - _REACH), min(far, _REACH) + 1):
            cost += 1
            left, right = mine + step, other + far - step
            if (step, far - step) == ends:
                return ends, cost
            if left >= len(ours) or right >= len(theirs) or ours[left] != theirs[right]:
                continue
            if ours[left + 1 : left + 2] == theirs[right + 1 : right + 2]:
                return (step, far - step), cost
    return (1, 1), cost


def _place(text: str, spans: Sequence[tuple[int, int]], tokens: Sequence[Token], words: list[Word]) -> None:
    """Give each span its part of the tokens: exactly when there are as many, else by the share of characters."""
    if not spans or not tokens:
        return
    if len(spans) == len(tokens):
        for (start, end), token in zip(spans, tokens, strict=True):
            words += _spread(start, end, token.pieces)
        return
    pieces = [piece for token in tokens for piece in token.pieces]
    total, wanted = sum(count for count, _ in pieces), sum(end - start for start, end in spans)
    done = 0
    for start, end in spans:
        words += _spread(
            start, end, _cut(pieces, done * total / wanted, (done + end - start) * total / wanted)
        )
        done += end - start


def _cut(pieces: Sequence[tuple[int, Box]], begin: float, end: float) -> list[tuple[int, Box]]:
    """Return the pieces between two places, counted in characters."""
    found: list[tuple[int, Box]] = []
    at = 0
    for count, box in pieces:
        low, high = max(begin, at), min(end, at + count)
        if high - low > 0.25:
            found.append((max(1, round(high - low)), _slice(box, (low - at) / count, (high - at) / count)))
        at += count
    return found


def _spread(start: int, end: int, pieces: Sequence[tuple[int, Box]]) -> Iterator[Word]:
    """Yield the words of one token; its pieces share the characters of the text as they shared those read."""
    total = sum(count for count, _ in pieces)
    done = 0
    for count, box in pieces:
        first = start + round(done * (end - start) / total)
        done += count
        last = start + round(done * (end - start) / total)
        if last > first:
            yield Word(first, last, box)


def _joined(text: str, words: Sequence[Word]) -> Iterator[Word]:
    """Join pieces that meet inside a word on one line: old fonts write letters with signs of punctuation."""
    last: Word | None = None
    for word in words:
        if (
            last is not None
            and last.end == word.start
            and text[last.end - 1].isalnum()
            and text[word.start].isalnum()
            and _same_line(last.box, word.box)
        ):
            last = Word(last.start, word.end, last.box.joined(word.box))
            continue
        if last is not None:
            yield last
        last = word
    if last is not None:
        yield last


def _part(word: Word, start: int, end: int) -> Box:
    """Return the box of the part of a word between two characters."""
    length = word.end - word.start
    low, high = max(start, word.start) - word.start, min(end, word.end) - word.start
    return word.box if high - low == length else _slice(word.box, low / length, high / length)


def _slice(box: Box, begin: float, end: float) -> Box:
    wide = box.right - box.left
    return Box(box.left + round(wide * begin), box.top, box.left + round(wide * end), box.bottom)


def _add_to_line(lines: list[Box], box: Box) -> None:
    if lines and _same_line(lines[-1], box):
        lines[-1] = lines[-1].joined(box)
    else:
        lines.append(box)


def _same_line(first: Box, second: Box) -> bool:
    """Whether the second box follows the first on its line."""
    height = min(first.bottom - first.top, second.bottom - second.top)
    shared = min(first.bottom, second.bottom) - max(first.top, second.top)
    return 2 * shared >= height and second.right >= first.left and second.left >= first.left


def pack(page: PageWords, text: str) -> bytes:
    """Return the compressed form of a page's words, bound to the text they were aligned with."""
    rows = [[word.start, word.end - word.start, *word.box] for word in page.words]
    data = {"v": _VERSION, "text": _print_of(text), "size": [page.width, page.height], "words": rows}
    return zlib.compress(json.dumps(data, separators=(",", ":")).encode(), 6)


def unpack(data: bytes, text: str) -> PageWords | None:
    """Return what ``pack`` wrote, ``None`` when it is damaged, of another version or belongs to another text."""
    try:
        reader = zlib.decompressobj()
        kept = json.loads(reader.decompress(data, _MAX_UNPACKED))
        if kept["v"] != _VERSION or kept["text"] != _print_of(text):
            return None
        words = tuple(Word(row[0], row[0] + row[1], Box(*row[2:])) for row in kept["words"])
        return PageWords(float(kept["size"][0]), float(kept["size"][1]), words)
    except (zlib.error, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None


def _print_of(text: str) -> list[int]:
    return [len(text), zlib.crc32(text.encode("utf-8", "surrogatepass"))]
