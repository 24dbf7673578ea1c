"""The outline of a plan by Decree 30: parts I., sections 1., 1.1., points a), dashes and pluses, as one tree.

A numbered line with something under it (or set in bold, or as a heading) is a section; a numbered line that is only
a sentence is an item, like a dash.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from khcn.engines.plans.paragraphs import Block, Paragraph, TableRows
from khcn.engines.text.fold import fold

Mark = Literal["root", "part", "number", "bold", "letter", "dash", "plus", "text"]

_CAPITAL: Final = "A-ZĐÀ-ÖØ-ÞĂƠƯẠ-Ỹ"
_PART: Final = re.compile(r"(?:(?:PHẦN|Phần|CHƯƠNG|Chương)\s+)?(?P<label>[IVX]{1,6})\s*[.)/:\-–]+\s*(?=\S)")
_NUMBER: Final = re.compile(
    r"(?P<label>\d{1,2}(?:\.\d{1,2}){0,4})(?:\s*[.)/:]\s*|(?<=\.\d)\s+|(?<=\.\d\d)\s+)(?=\D)"
)
_LETTER: Final = re.compile(rf"(?P<label>[a-zđ])\s*[.)]\s*(?=[{_CAPITAL}\"“(])")
_DASH: Final = re.compile(r"[-–—•·*▪◦]\s*(?=\S)")
_PLUS: Final = re.compile(r"\+\s*(?=\S)")
_ENDS: Final = re.compile(
    r"^\W*(?:noi nhan\s*:|tren day la\b|uy ban nhan dan .{0,80} yeu cau .{0,120}nghiem tuc)"
)
_SENTENCE_END: Final = (".", ";", ":", "!", "?", "…", "./.", ")", "”", '"')
_MAX_HEADING: Final = 220
_MAX_NUMBER: Final = 60
_RANKS: Final[dict[str, int]] = {
    "root": 0,
    "part": 1,
    "number": 2,
    "bold": 15,
    "letter": 20,
    "dash": 30,
    "plus": 40,
    "text": 99,
}


@dataclass(slots=True)
class Entry:
    """One place of the outline. ``title``: heading or whole text; ``body``: what follows a heading in its own line."""

    mark: Mark
    label: str = ""
    title: str = ""
    body: str = ""
    rank: int = 0
    strong: bool = False
    line: int = 0
    children: list["Entry"] = field(default_factory=list)
    tables: list[TableRows] = field(default_factory=list)

    @property
    def whole(self) -> str:
        """Heading and what follows it in its line, as printed."""
        return f"{self.title.rstrip(' :')}: {self.body}" if self.body else self.title

    @property
    def is_section(self) -> bool:
        """Whether this is a heading rather than one promise among others."""
        if self.mark in ("part", "bold", "root"):
            return True
        if self.mark not in ("number", "letter"):
            return False
        under = any(one.mark != "plus" for one in self.children) or bool(self.tables)
        if self.mark == "letter":
            return under and (self.strong or len(self.title) <= 120)
        return self.strong or bool(self.body) or under


@dataclass(frozen=True, slots=True)
class Outline:
    """The tree; the ends of sentences that were put together again because a page break had cut them; tables after the
    signature."""

    root: Entry
    joined: tuple[tuple[int, str], ...]
    annex: tuple[TableRows, ...] = ()


def read_outline(blocks: Sequence[Block]) -> Outline:
    """Return the outline of the body: from the first part or section to "Trên đây là" or "Nơi nhận"."""
    start = _start(blocks)
    end = next((at for at in range(start or 0, len(blocks)) if _closes(blocks[at])), len(blocks))
    body = list(blocks[start:end]) if start is not None else []
    joined: list[tuple[int, str]] = []
    root = Entry("root")
    stack = [root]
    for block in _rejoin(body, joined):
        if isinstance(block, TableRows):
            stack[-1].tables.append(block)
            continue
        entry = _entry(block)
        while stack[-1].rank >= entry.rank:
            stack.pop()
        stack[-1].children.append(entry)
        if entry.mark != "text":
            stack.append(entry)
    return Outline(root, tuple(joined), tuple(one for one in blocks[end:] if isinstance(one, TableRows)))


def _closes(block: Block) -> bool:
    """Whether the body ends here: "Trên đây là ...", or who receives the plan, often beside the signature in a table."""
    if isinstance(block, Paragraph):
        return _ENDS.match(fold(block.text)) is not None
    return any(_ENDS.match(fold(cell)) for row in block.rows for cell in row)


def _start(blocks: Sequence[Block]) -> int | None:
    """The first part "I."; in a plan without parts, the first section "1."; none: the text has no outline."""
    paragraphs = [(at, one) for at, one in enumerate(blocks) if isinstance(one, Paragraph)]
    for at, one in paragraphs:
        match = _PART.match(one.text)
        if (
            match
            and len(one.text) <= _MAX_HEADING
            and (one.bold > 2 or one.heading or _capitals(one.text[match.end() :]))
        ):
            return at
    for at, one in paragraphs:
        match = _NUMBER.match(one.text)
        if match and match["label"] == "1":
            return at
    return None


def _capitals(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return bool(letters) and sum(char.isupper() for char in letters) >= 0.7 * len(letters)


def _rejoin(blocks: Iterable[Block], joined: list[tuple[int, str]]) -> Iterator[Block]:
    """Put a sentence that a page break cut in two together again; lines inside a paragraph become blanks."""
    last: Block | None = None
    for block in blocks:
        now = replace(block, text=" ".join(block.text.split())) if isinstance(block, Paragraph) else block
        if isinstance(now, Paragraph) and isinstance(last, Paragraph) and _goes_on(last, now):
            joined.append((now.line, f"{last.text[-40:]} {now.text[:40]}".strip()))
            last = replace(last, text=f"{last.text} {now.text}")
            continue
        if last is not None:
            yield last
        last = now
    if last is not None:
        yield last


def _goes_on(last: Paragraph, now: Paragraph) -> bool:
    if last.text.endswith(_SENTENCE_END) or last.heading or last.all_bold or now.heading or now.bold:
        return False
    return now.text[:1].islower() and _LETTER.match(now.text) is None and len(last.text) > 60


def _entry(paragraph: Paragraph) -> Entry:
    text = paragraph.text
    for mark, pattern in (
        ("part", _PART),
        ("number", _NUMBER),
        ("letter", _LETTER),
        ("dash", _DASH),
        ("plus", _PLUS),
    ):
        match = pattern.match(text)
        if match is None or (mark == "part" and not _is_part(paragraph, text[match.end() :])):
            continue
        label = match.groupdict().get("label") or ""
        if mark == "number" and any(int(part) > _MAX_NUMBER for part in label.split(".")):
            continue
        return _marked(mark, label, paragraph, match.end())  # type: ignore[arg-type]  # the marks of the table above
    strong = (
        (paragraph.all_bold or paragraph.heading > 0)
        and len(text) <= _MAX_HEADING
        and not text.endswith((".", ";"))
    )
    mark_: Mark = "bold" if strong else "text"
    return Entry(mark_, "", text.rstrip(" :") if strong else text, "", _RANKS[mark_], strong, paragraph.line)


def _is_part(paragraph: Paragraph, rest: str) -> bool:
    return paragraph.bold > 2 or paragraph.heading > 0 or (len(rest) <= _MAX_HEADING and _capitals(rest))


def _marked(mark: Mark, label: str, paragraph: Paragraph, start: int) -> Entry:
    text = paragraph.text[start:].strip()
    bold = paragraph.bold - start
    rank = (
        _RANKS[mark]
        + (label.count(".") if mark == "number" else 0)
        + (max(paragraph.depth, 0) if mark == "dash" else 0)
    )
    strong = paragraph.heading > 0 or bold >= min(len(text.rstrip(" .:;")), 3) > 0
    entry = Entry(
        mark, label, text, "", min(rank, _RANKS["plus"] if mark == "dash" else rank), strong, paragraph.line
    )
    if mark in ("part", "number", "letter"):
        entry.title, entry.body = _heading_and_body(text, bold if 3 < bold < len(text) - 3 else 0, strong)
    return entry


def _heading_and_body(text: str, bold: int, strong: bool) -> tuple[str, str]:
    """Part "Phòng Tư pháp: Phối hợp ..." into heading and what follows; by the bold, or else by the colon."""
    if bold:
        return text[:bold].strip(" :."), text[bold:].strip(" :")
    head, colon, rest = text.partition(":")
    if colon and len(rest.strip()) > 10 and len(head) <= 120 and not strong and "," not in head[60:]:
        return head.strip(), rest.strip()
    if strong and colon and len(rest.strip()) > 40 and len(head) <= 120:
        return head.strip(), rest.strip()
    return text.rstrip(" :") if strong else text, ""
