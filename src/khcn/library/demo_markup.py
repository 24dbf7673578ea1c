"""The small markup of the demo texts: headings, paragraphs, lists, tables, code; bold, italic, links.

It is a subset of Markdown, parsed here so that one text can become a PDF, a DOCX, an RTF or a page image.
"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "item", "table", "code"]

_ITEM = re.compile(r"(- |\d{1,2}\. )(.+)")
_INLINE = re.compile(r"\*\*(?P<bold>.+?)\*\*|\*(?P<italic>.+?)\*|\[(?P<label>[^\]]+)\]\((?P<url>[^)\s]+)\)")
_TABLE_RULE = re.compile(r"\|?[\s:|-]+\|[\s:|-]*")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one line's text in one style."""

    text: str
    bold: bool = False
    italic: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One block; ``marker`` is "-" or "1." for an item; ``rows`` holds the cells, first row as header."""

    kind: BlockKind
    text: str = ""
    level: int = 0
    marker: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def parse_blocks(source: str) -> tuple[Block, ...]:
    """Return the blocks of ``source``; lines of one paragraph or item are joined by a space."""
    return tuple(_blocks(source.strip("\n").split("\n")))


def _blocks(lines: list[str]) -> Iterator[Block]:
    position = 0
    while position < len(lines):
        line = lines[position].rstrip()
        if not line:
            position += 1
        elif line.startswith("```"):
            end = next((i for i in range(position + 1, len(lines)) if lines[i].startswith("```")), len(lines))
            yield Block("code", "\n".join(lines[position + 1 : end]))
            position = end + 1
        elif line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            yield Block("heading", line[level:].strip(), level=level)
            position += 1
        elif line.startswith("|"):
            end = _end_of(lines, position, lambda text: text.startswith("|"))
            yield Block("table", rows=_table_rows(lines[position:end]))
            position = end
        elif item := _ITEM.fullmatch(line):
            end = _end_of(lines, position + 1, lambda text: text.startswith("  "))
            tail = [part.strip() for part in lines[position + 1 : end]]
            yield Block("item", " ".join([item[2], *tail]), marker=item[1].strip())
            position = end
        else:
            end = _end_of(lines, position + 1, _continues_paragraph)
            yield Block("paragraph", " ".join(part.strip() for part in lines[position:end]))
            position = end


def _continues_paragraph(line: str) -> bool:
    return not line.startswith(("#", "|", "```")) and not _ITEM.fullmatch(line)


def _end_of(lines: list[str], start: int, belongs: Callable[[str], bool]) -> int:
    end = start
    while end < len(lines) and lines[end].strip() and belongs(lines[end]):
        end += 1
    return end


def _table_rows(lines: list[str]) -> tuple[tuple[str, ...], ...]:
    rows = [line for line in lines if not _TABLE_RULE.fullmatch(line.strip())]
    return tuple(tuple(cell.strip() for cell in row.strip().strip("|").split("|")) for row in rows)


def inline_runs(text: str) -> tuple[Run, ...]:
    """Split one line into styled runs; a link keeps its label as text and its address in ``url``."""
    runs: list[Run] = []
    position = 0
    for match in _INLINE.finditer(text):
        if match.start() > position:
            runs.append(Run(text[position : match.start()]))
        if match["bold"]:
            runs.append(Run(match["bold"], bold=True))
        elif match["italic"]:
            runs.append(Run(match["italic"], italic=True))
        else:
            runs.append(Run(match["label"], url=match["url"]))
        position = match.end()
    if position < len(text):
        runs.append(Run(text[position:]))
    return tuple(runs)


def plain_inline(text: str) -> str:
    """Return the words of one line without its marks of style."""
    return "".join(run.text for run in inline_runs(text))


def plain_text(blocks: tuple[Block, ...]) -> str:
    """Return the words of all blocks, one line a block (a table: one line a row, cells parted by a bar)."""
    lines: list[str] = []
    for block in blocks:
        if block.kind == "table":
            lines += [" | ".join(plain_inline(cell) for cell in row) for row in block.rows]
        elif block.kind == "code":
            lines += block.text.split("\n")
        else:
            lines.append(f"{block.marker} {plain_inline(block.text)}".strip())
    return "\n".join(lines)


def to_html(blocks: tuple[Block, ...], *, top_level: int = 2) -> str:
    """Return the blocks as clean HTML; a ``##`` heading becomes ``<h{top_level}>``."""
    parts: list[str] = []
    open_list = ""
    for block in blocks:
        wanted = "" if block.kind != "item" else ("ul" if block.marker == "-" else "ol")
        if open_list and open_list != wanted:
            parts.append(f"</{open_list}>")
        if wanted and open_list != wanted:
            parts.append(f"<{wanted}>")
        open_list = wanted
        parts.append(_block_html(block, top_level))
    if open_list:
        parts.append(f"</{open_list}>")
    return "\n".join(parts)


def _block_html(block: Block, top_level: int) -> str:
    if block.kind == "item":
        return f"<li>{_inline_html(block.text)}</li>"
    if block.kind == "heading":
        level = min(6, max(top_level, block.level - 2 + top_level))
        return f"<h{level}>{_inline_html(block.text)}</h{level}>"
    if block.kind == "code":
        return f"<pre><code>{html.escape(block.text)}</code></pre>"
    if block.kind == "table":
        head, *rest = block.rows
        head_cells = "".join(f'<th scope="col">{_inline_html(cell)}</th>' for cell in head)
        body = "".join(
            "<tr>" + "".join(f"<td>{_inline_html(cell)}</td>" for cell in row) + "</tr>" for row in rest
        )
        return f"<table><thead><tr>{head_cells}</tr></thead><tbody>{body}</tbody></table>"
    return f"<p>{_inline_html(block.text)}</p>"


def _inline_html(text: str) -> str:
    parts: list[str] = []
    for run in inline_runs(text):
        words = html.escape(run.text, quote=False)
        if run.bold:
            words = f"<strong>{words}</strong>"
        elif run.italic:
            words = f"<em>{words}</em>"
        elif run.url:
            words = f'<a href="{html.escape(run.url)}">{words}</a>'
        parts.append(words)
    return "".join(parts)
