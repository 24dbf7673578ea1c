"""A document's pages as sentences that remember their page, with the commonest faults of recognised text mended."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from khcn.engines.text.fold import fold
from khcn.engines.text.legal.layout import clean_lines
from khcn.engines.text.legal.types import TYPE_PATTERN

MAX_TEXT: Final = 400_000  # characters; closing articles of longer texts are read from the end
MAX_EVIDENCE: Final = 600
_MAX_QUOTED: Final = 200  # paragraphs that one quotation may take; longer, a closing mark was lost
_LONGEST: Final = 6_000  # a paragraph; longer ones are cut, for no sentence is

_ITEM = re.compile(r"^\s*(?:[-+•*]|[a-zđ]\)|\d{1,3}[.)](?!\d))\s*")
_STARTS = re.compile(r"^(?:Điều|Dieu|Chương|Căn cứ|Can cu|Nơi nhận|CHƯƠNG|ĐIỀU)\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-z])|(?<=;)\s+(?=[Cc]ăn cứ|[Cc]an cu)")
_PAGE_NUMBER = re.compile(r"^\W*\d{1,4}\W*$")
_QUOTED = re.compile(r"“[^“”]*”|\"[^\"\n]{1,400}\"")
# Letters that recognition writes for digits, where only digits can stand.
_MISREAD: Final = str.maketrans("OolIi", "00111")
_NUMERIC = re.compile(
    r"(?<!\w)[\dOolI]{1,6}(?=\s?/\s?[\dOolI]{4}\s?[/-])|(?<=/)\s?[12][\dOolI]{3}(?=\s?[/-]\s?[^\W\d_])"
    r"|(?<=[Nn]gày )[\dOolI]{1,2}(?=\s?(?:/|-|tháng))|(?<=[Nn]gay )[\dOolI]{1,2}(?=\s?(?:/|-|thang))"
)
# "ban hành Quyết định số 31/..., 12 ..." never begins a clause of this document's own.
SELF: Final = rf"(?:{TYPE_PATTERN}|bo luat|luat|van ban|quy che|quy dinh|dieu le) nay\b"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, or a clause with its whole list. ``folded`` has one character for each of ``text``.

    ``clear`` is ``folded`` with what stands in quotation marks blanked out: the words of others. ``page`` counts from 1.
    ``paragraph`` numbers the paragraphs of the document.
    """

    text: str
    folded: str
    clear: str
    page: int
    paragraph: int


@dataclass(slots=True)
class _Paragraph:
    text: str
    page: int


def mend(text: str) -> str:
    """Return text with digits that recognition took for letters put right; every offset stays."""
    return _NUMERIC.sub(lambda match: match.group().translate(_MISREAD), text)


def sentences(pages: Sequence[str]) -> list[Sentence]:
    """Return the sentences of a document in order; a clause that ends with ":" takes its list along."""
    found: list[Sentence] = []
    parts = list(_outside_quotations(_paragraphs(pages)))
    for index, part in enumerate(parts):
        if part.text.endswith(":") and (listed := _list_after(parts, index)):
            found.append(_sentence("\n".join([part.text, *listed]), part.page, index))
        else:
            found.extend(_sentence(piece, part.page, index) for piece in _SENTENCE.split(part.text) if piece)
    return found


def evidence(text: str, at: int) -> str:
    """Return the sentence as a person reads it, shortened around the place ``at`` when it is long."""
    flat = " ".join(text.split())
    if len(flat) <= MAX_EVIDENCE:
        return flat
    head, near = text[:160], text[max(160, at - 160) : at + 240]
    return " ".join(f"{head} … {near} …".split())[:MAX_EVIDENCE]


def _sentence(text: str, page: int, paragraph: int) -> Sentence:
    folded = fold(text)
    clear = _QUOTED.sub(lambda match: " " * len(match.group()), text)
    return Sentence(text, folded, fold(clear), page, paragraph)


def _list_after(parts: Sequence[_Paragraph], index: int) -> list[str]:
    listed: list[str] = []
    for following in parts[index + 1 : index + 60]:
        if not _ITEM.match(following.text):
            break
        listed.append(following.text)
    return listed


def _paragraphs(pages: Sequence[str]) -> Iterator[_Paragraph]:
    """Join the lines broken by the page's width, also across the edge of a page."""
    current: _Paragraph | None = None
    joinable = False
    for number, line in _lines(pages):
        text = mend(" ".join(line.split()))
        if not text:
            joinable = False
            continue
        new = _ITEM.match(text) or _STARTS.match(text) or not joinable
        if current is not None and not new and len(current.text) < _LONGEST:
            current.text += f" {text}"
        else:
            if current is not None:
                yield current
            current = _Paragraph(text, number)
        joinable = not text.endswith((".", ":", ";", "./."))
    if current is not None:
        yield current


def _lines(pages: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield (page, line); of a very long document its beginning and its end, where it speaks of others."""
    whole = sum(len(page) for page in pages)
    passed = 0
    for number, page in enumerate(pages, start=1):
        passed += len(page)
        if passed - len(page) > MAX_TEXT // 2 and passed < whole - MAX_TEXT // 2:
            continue
        lines = clean_lines(page[:MAX_TEXT])
        first = next((index for index, line in enumerate(lines) if line.strip()), 0)
        if number > 1 and lines and _PAGE_NUMBER.match(lines[first]):
            del lines[: first + 1]
        if number > 1:  # a sentence may go on over the edge of the page
            while lines and not lines[0].strip():
                del lines[0]
        while lines and (not lines[-1].strip() or (len(lines) > 1 and _PAGE_NUMBER.match(lines[-1]))):
            del lines[-1]
        yield from ((number, line) for line in lines)


def _outside_quotations(parts: Iterator[_Paragraph]) -> Iterator[_Paragraph]:
    """Leave out paragraphs inside quotation marks: the new wording of another document speaks for that one."""
    inside = 0
    for part in parts:
        text = part.text
        opened, closed = text.count("“"), text.count("”")
        if inside:
            inside = 0 if closed > opened or inside >= _MAX_QUOTED else inside + 1
            continue
        if text.startswith("“") and closed >= opened > 0:
            continue
        if opened > closed:
            inside = 1
            text = text[: text.rindex("“")].rstrip()
        if text:
            yield _Paragraph(text, part.page)
