"""Markdown (or plain text) as paragraphs: bold runs, headings, list items, tables; pasted HTML is read too."""

import re
from collections.abc import Iterator
from typing import Final

from khcn.engines.plans.paragraphs import Block, Paragraph, TableRows, Text, clean, html_to_marks
from khcn.engines.plans.yaml_nodes import decode

_HEADING: Final = re.compile(r"\s{0,3}(#{1,6})(?:\s+|(?=[^#\s]))(.*?)\s*#*\s*$")
_ITEM: Final = re.compile(
    r"(?P<indent>\s*)(?P<mark>[-+*•·▪◦–—])(?:\s+|(?<=[-+•·▪–—])(?=[^\W\d_]))(?P<text>\S.*)$"
)
_NUMBERED: Final = re.compile(r"\s*(?:\d{1,2}(?:\.\d{1,2}){0,4}\s*[.)/]|[IVX]{1,5}\s*[.)/-]|[a-zđ]\s*[.)]\s)")
_RULE: Final = re.compile(r"\s*(?:[-*_=]\s*){3,}$")
_TABLE_RULE: Final = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_ESCAPE: Final = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")
_LINK: Final = re.compile(r"!?\[([^\]\n]{0,500})\]\([^)\n]{0,2000}\)")
_BOLD: Final = re.compile(r"\*\*|__")
_ITALIC: Final = re.compile(r"(?<![\w*])[*_](?=\S)|(?<=\S)[*_](?![\w*])")
# "**I. MỤC ĐÍCH:****1. Mục đích:**": one heading glued to the end of another.
_GLUED: Final = re.compile(
    r"\*\*\s*\*\*(?=\s*(?:\d{1,2}[.)]|\d{1,2}(?:\.\d{1,2})+|[IVX]{1,5}\s*[.)-]|[a-zđ]\)))"
)


def read_markdown_text(data: bytes) -> Text:
    """Return the paragraphs of a Markdown or text file. Raises ``PlanFileError`` for what is no text."""
    source = html_to_marks(decode(data).replace("\r\n", "\n").replace("\r", "\n"))
    source = _GLUED.sub("**\n\n**", source)
    blocks = tuple(_blocks(source.split("\n")))
    return Text(blocks, tuple(_plain_lines(source)))


def _plain_lines(source: str) -> Iterator[str]:
    for line in source.split("\n"):
        heading = _HEADING.match(line)
        yield clean(_unmark(heading[2] if heading else line)[0])


def _unmark(text: str) -> tuple[str, int]:
    """Return the text without inline marks and how many of its first characters are bold."""
    text = _LINK.sub(r"\1", text)
    pieces = _BOLD.split(text)
    plain, bold, still = "", 0, True
    for number, piece in enumerate(pieces):
        shown = clean(_ESCAPE.sub(r"\1", _ITALIC.sub("", piece)).replace("`", ""))
        if not shown:
            continue
        glue = (
            " "
            if plain and (piece[:1].isspace() or pieces[number - 1][-1:].isspace() or plain[-1] in ".:;")
            else ""
        )
        plain += glue + shown
        still = still and number % 2 == 1
        if still:
            bold = len(plain)
    return plain, bold


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Yield blocks; lines of one paragraph are joined, an item or a numbered line begins a new one."""
    waiting: list[str] = []
    kind: tuple[int, int, int] = (0, -1, 0)  # heading level, depth, first line
    number = 0
    while number < len(lines):
        line = lines[number]
        if (
            "|" in line
            and number + 1 < len(lines)
            and _TABLE_RULE.match(lines[number + 1])
            and "|" in lines[number + 1]
        ):
            yield from _paragraph(waiting, kind)
            waiting = []
            end = number + 2
            while end < len(lines) and "|" in lines[end]:
                end += 1
            rows = [_cells(row) for row in (lines[number], *lines[number + 2 : end])]
            yield TableRows(tuple(rows), number + 1)
            number = end
            continue
        heading, item = _HEADING.match(line), _ITEM.match(line)
        starts = bool(heading or item) or _NUMBERED.match(_BOLD.sub("", line)) is not None
        if not line.strip() or _RULE.match(line) or starts:
            yield from _paragraph(waiting, kind)
            waiting = []
        if not line.strip() or _RULE.match(line):
            number += 1
            continue
        if heading:
            yield from _paragraph([heading[2]], (len(heading[1]), -1, number + 1))
        else:
            if not waiting:
                kind = (0, len(item["indent"].expandtabs(4)) // 2 if item else -1, number + 1)
            mark = f"{'+' if item['mark'] == '+' else '-'} " if item else ""
            waiting.append(mark + item["text"] if item else line)
        number += 1
    yield from _paragraph(waiting, kind)


def _paragraph(lines: list[str], kind: tuple[int, int, int]) -> Iterator[Paragraph]:
    text, bold = _unmark(" ".join(line.strip() for line in lines))
    if text:
        yield Paragraph(text, bold, kind[0], kind[2], kind[1])


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(_unmark(cell)[0] for cell in re.split(r"(?<!\\)\|", inner))
