"""Text to A4 pages: line breaking, justification, page breaking; shared by the text PDFs and the page images.

All lengths are points (1/72 inch), y grows downwards from the top edge of the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from khcn.library.demo_fonts import Family, Style

Align = Literal["left", "center", "justify", "right"]

PAGE_WIDTH: Final = 595.0
PAGE_HEIGHT: Final = 842.0
MM: Final = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Span:
    """Words in one style."""

    text: str
    style: Style = "regular"


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph to set. ``rule`` draws a line under it, as long as that share of its last line."""

    spans: tuple[Span, ...]
    size: float = 13
    align: Align = "justify"
    first: float = 0
    left: float = 0
    before: float = 6
    leading: float = 1.25
    keep_next: bool = False
    rule: float = 0


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two columns set beside each other and never parted by a page break: a letter head, a closing."""

    left: tuple[Para, ...]
    right: tuple[Para, ...]
    share: float
    before: float = 0
    stamp: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with ruled cells; the first row is bold."""

    rows: tuple[tuple[str, ...], ...]
    size: float = 11
    before: float = 8


Flow = Para | SideBySide | Grid


@dataclass(frozen=True, slots=True)
class Piece:
    """Text at a place: ``x`` of its left edge, ``y`` of its base line; ``gap`` is added to each space."""

    x: float
    y: float
    text: str
    style: Style
    size: float
    gap: float = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn line."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass
class Page:
    """What stands on one page. ``stamp`` is the middle of the demo stamp, when the page has one."""

    pieces: list[Piece] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    stamp: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Margins:
    """Margins of Decree 30/2020/NĐ-CP, annex I: top and bottom 20-25, left 30-35, right 15-20 mm."""

    top: float = 20 * MM
    bottom: float = 20 * MM
    left: float = 30 * MM
    right: float = 15 * MM


_Word = list[tuple[str, Style]]


class Setter:
    """Sets a flow of paragraphs on pages of one family."""

    def __init__(self, family: Family, margins: Margins | None = None) -> None:
        self.family = family
        self.margins = margins or Margins()
        self.width = PAGE_WIDTH - self.margins.left - self.margins.right
        self.pages = [Page()]
        self.y = self.margins.top

    def set(self, flow: list[Flow]) -> list[Page]:
        """Return the pages of ``flow``, numbered at the top from the second page on."""
        for place, element in enumerate(flow):
            if isinstance(element, Para):
                self._room(self._needed(element, flow[place + 1 : place + 3]))
                self._paragraph(element)
            elif isinstance(element, SideBySide):
                self._columns(element)
            else:
                self._grid(element)
        for number, page in enumerate(self.pages[1:], start=2):
            text = str(number)
            x = (PAGE_WIDTH - self.family.face("regular").width(text, 13)) / 2
            page.pieces.insert(0, Piece(x, self.margins.top - 16, text, "regular", 13))
        return self.pages

    def _room(self, height: float) -> None:
        if self.y + height > PAGE_HEIGHT - self.margins.bottom and self.y > self.margins.top:
            self.pages.append(Page())
            self.y = self.margins.top

    def _needed(self, para: Para, following: list[Flow]) -> float:
        """Room that must be left on the page for ``para`` to begin there.

        A heading stays with what it heads; the last paragraph stays with the closing, which never stands alone.
        """
        needed = para.before + para.size * para.leading
        if following and isinstance(following[0], SideBySide) and following[0].stamp:
            lines = len(list(self._lines(para, self.margins.left, self.width)))
            return needed * lines + self._side_by_side(following[0], Page())
        if para.keep_next:
            for after in following:
                needed += self._needed(after, []) + after.size if isinstance(after, Para) else 30
                if not (isinstance(after, Para) and after.keep_next):
                    break
        return needed

    def _paragraph(self, para: Para) -> None:
        step = para.size * para.leading
        if self.y > self.margins.top:
            self.y += para.before
        self._room(step)
        for pieces, _ in self._lines(para, self.margins.left, self.width):
            self._room(step)
            self.y += step
            self.pages[-1].pieces += [_moved(piece, self.y - para.size * 0.25) for piece in pieces]
        if para.rule:
            self._rule(self.pages[-1], para, self.margins.left, self.width, self.y)

    def _columns(self, block: SideBySide) -> None:
        if self.y > self.margins.top:
            self.y += block.before
        page = Page()
        height = self._side_by_side(block, page)
        self._room(height)
        top, target = self.y, self.pages[-1]
        target.pieces += [_moved(piece, piece.y + top) for piece in page.pieces]
        target.lines += [Line(line.x0, line.y0 + top, line.x1, line.y1 + top) for line in page.lines]
        if block.stamp:
            share = block.share + (1 - block.share) * 0.3
            target.stamp = (self.margins.left + self.width * share, top + height * 0.55)
        self.y += height

    def _side_by_side(self, block: SideBySide, page: Page) -> float:
        """Set both columns on ``page`` from its top edge and return the height of the taller one."""
        split = self.width * block.share
        left = self._stack(page, block.left, self.margins.left, split)
        right = self._stack(page, block.right, self.margins.left + split, self.width - split)
        return max(left, right)

    def _stack(self, page: Page, paras: tuple[Para, ...], left: float, width: float) -> float:
        y = 0.0
        for place, para in enumerate(paras):
            y += para.before if place else 0
            for pieces, _ in self._lines(para, left, width):
                y += para.size * para.leading
                page.pieces += [_moved(piece, y - para.size * 0.25) for piece in pieces]
            if para.rule:
                self._rule(page, para, left, width, y)
                y += 3
        return y

    def _rule(self, page: Page, para: Para, left: float, width: float, y: float) -> None:
        *_, (_, natural) = self._lines(para, left, width)
        middle = left + width / 2
        page.lines.append(
            Line(middle - natural * para.rule / 2, y + 2, middle + natural * para.rule / 2, y + 2)
        )

    def _grid(self, grid: Grid) -> None:
        self.y += grid.before
        widths = self._column_widths(grid)
        for number, row in enumerate(grid.rows):
            style: Style = "bold" if number == 0 else "regular"
            page = Page()
            left, height = self.margins.left, 0.0
            edges = [left]
            for cell, width in zip(row, widths, strict=True):
                para = Para((Span(cell, style),), size=grid.size, align="left", before=0, leading=1.2)
                height = max(height, self._stack(page, (para,), left + 4, width - 8))
                left += width
                edges.append(left)
            self._room(height + 6)
            top, target = self.y, self.pages[-1]
            target.pieces += [_moved(piece, piece.y + top + 2) for piece in page.pieces]
            bottom = top + height + 6
            target.lines += [Line(edges[0], y, edges[-1], y) for y in (top, bottom)]
            target.lines += [Line(x, top, x, bottom) for x in edges]
            self.y = bottom

    def _column_widths(self, grid: Grid) -> list[float]:
        face = self.family.face("bold")
        natural = [
            max(min(face.width(row[column], grid.size), self.width * 0.6) + 10 for row in grid.rows)
            for column in range(len(grid.rows[0]))
        ]
        longest_word = [
            max(face.width(word, grid.size) for row in grid.rows for word in row[column].split(" ")) + 10
            for column in range(len(grid.rows[0]))
        ]
        spare = self.width - sum(longest_word)
        wish = [have - need for have, need in zip(natural, longest_word, strict=True)]
        share = spare / sum(wish) if sum(wish) > 0 else 0
        return [need + extra * share for need, extra in zip(longest_word, wish, strict=True)]

    def _lines(self, para: Para, left: float, width: float) -> Iterator[tuple[list[Piece], float]]:
        """Yield each line as pieces with y = 0, and its natural width."""
        offset = para.left + para.first
        line: list[_Word] = []
        used = 0.0
        if para.align == "center":
            margin = (width - self._balanced(para, width)) / 2
            left, width = left + margin, width - 2 * margin
        for word in _words(para.spans):
            extent = self._extent(word, para.size)
            space = self.space(para.size) if line else 0.0
            if line and used + space + extent > width - offset:
                yield self._pieces(para, line, used, left + offset, width - offset, last=False), used
                offset, line, used, space = para.left, [], 0.0, 0.0
            line.append(word)
            used += space + extent
        yield self._pieces(para, line, used, left + offset, width - offset, last=True), used

    def _balanced(self, para: Para, width: float) -> float:
        """The narrowest measure that needs no more lines than ``width`` does, so that centred lines are alike."""
        extents = [self._extent(word, para.size) for word in _words(para.spans)]
        space = self.space(para.size)
        fewest = _line_count(extents, space, width)
        measure = width
        while fewest > 1 and _line_count(extents, space, measure - 4) == fewest:
            measure -= 4
        return measure

    def space(self, size: float) -> float:
        """Width of the space between words, the same in every style of a line."""
        return self.family.face("regular").width(" ", size)

    def _extent(self, word: _Word, size: float) -> float:
        return sum(self.family.face(style).width(text, size) for text, style in word)

    def _pieces(
        self, para: Para, line: list[_Word], used: float, x: float, width: float, *, last: bool
    ) -> list[Piece]:
        if para.align == "center":
            x += (width - used) / 2
        elif para.align == "right":
            x += width - used
        gap = 0.0
        if para.align == "justify" and not last and len(line) > 1:
            gap = (width - used) / (len(line) - 1)
        pieces: list[Piece] = []
        for number, word in enumerate(line):
            for place, (text, style) in enumerate(word):
                ends_word = place == len(word) - 1 and number < len(line) - 1
                shown = f"{text} " if ends_word else text
                if pieces and pieces[-1].style == style:
                    before = pieces[-1]
                    pieces[-1] = Piece(before.x, 0, before.text + shown, style, para.size, gap)
                else:
                    pieces.append(Piece(x, 0, shown, style, para.size, gap))
                x += self.family.face(style).width(text, para.size)
            x += self.space(para.size) + gap
        return pieces


def _line_count(extents: list[float], space: float, width: float) -> int:
    count, used = 1, 0.0
    for extent in extents:
        if used and used + space + extent > width:
            count, used = count + 1, 0.0
        used += (space if used else 0.0) + extent
    return count


def _words(spans: tuple[Span, ...]) -> list[_Word]:
    """Words as parts in one style each; spans that touch without a space form one word."""
    words: list[_Word] = [[]]
    for span in spans:
        for place, part in enumerate(span.text.split(" ")):
            if place and words[-1]:
                words.append([])
            if part:
                words[-1].append((part, span.style))
    return [word for word in words if word]


def _moved(piece: Piece, y: float) -> Piece:
    return Piece(piece.x, y, piece.text, piece.style, piece.size, piece.gap)
