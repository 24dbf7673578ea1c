"""Parts of a whole side by side, one bar a line, drawn on the server with the colours of the page.

For counts that a leader looks at (done, in work, late): no waiting for a worker, right in the dark and on paper. Every
part carries its number where it fits, its shade and hatch differ, and the figures stand in a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from khcn.ui.parts import Column, Table, Tone

WIDTH: Final = 600
HEIGHT: Final = 22
LETTER: Final = 11  # width of a figure in the picture


@dataclass(frozen=True, kw_only=True)
class Part:
    """One sort of part: its word and tone. ``hatched`` tells it apart without colour."""

    label: str
    tone: Tone
    hatched: bool = False


@dataclass(frozen=True, kw_only=True)
class StackedLine:
    """One bar: as many counts as there are parts. ``url``: where its rows are listed."""

    label: str
    counts: Sequence[int]
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class DrawnLine:
    """One bar with its picture."""

    line: StackedLine
    svg: SafeString
    total: int


@dataclass(frozen=True)
class Stacked:
    """The chart: a sentence as its title, a key, bars, a table."""

    title: str
    unit: str
    source: str
    parts: Sequence[Part]
    lines: Sequence[DrawnLine]
    table: Table


def stacked(
    *, title: str, unit: str, source: str, label_word: str, parts: Sequence[Part], lines: Sequence[StackedLine],
    whole_lines: bool = True,
) -> Stacked:  # fmt: skip
    """Return bars of parts. ``whole_lines``: every bar is as long as the others and shows shares; else counts."""
    for line in lines:
        if len(line.counts) != len(parts) or min(line.counts, default=0) < 0:
            raise ValueError(f"stacked bars: {len(parts)} counts from 0 expected, got {list(line.counts)}")
    longest = max((sum(line.counts) for line in lines), default=0)
    drawn = [
        DrawnLine(line, _bar(line, parts, sum(line.counts) if whole_lines else longest), sum(line.counts))
        for line in lines
    ]
    columns = [Column(label=label_word), *(Column(label=part.label, numeric=True) for part in parts)]
    table = Table(
        caption=title, hide_caption=True, columns=columns, rows=[[line.label, *line.counts] for line in lines]
    )
    return Stacked(title, unit, source, parts, drawn, table)


def _bar(line: StackedLine, parts: Sequence[Part], whole: int) -> SafeString:
    x, shapes = 0.0, []
    for part, count in zip(parts, line.counts, strict=True):
        width = count / whole * WIDTH if whole else 0.0
        if width:
            shapes.append((part, count, round(x, 1), round(width, 1)))
        x += width
    words = ", ".join(f"{part.label}: {count}" for part, count in zip(parts, line.counts, strict=True))
    body = format_html_join(
        "",
        '<rect class="stacked__part stacked__part--{}{}" x="{}" width="{}" height="{}"/>{}',
        (
            (
                part.tone,
                " stacked__part--hatched" if part.hatched else "",
                left,
                width,
                HEIGHT,
                _figure(count, left, width, part),
            )
            for part, count, left, width in shapes
        ),
    )
    return format_html(
        '<svg class="stacked__svg" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        WIDTH, HEIGHT, f"{line.label}: {words}", body,
    )  # fmt: skip


def _figure(count: int, left: float, width: float, part: Part) -> SafeString:
    if width < LETTER * (len(str(count)) + 1):
        return SafeString("")
    return format_html(
        '<text class="stacked__figure stacked__figure--{}" x="{}" y="16">{}</text>',
        "light" if part.hatched and part.tone == "good" else part.tone,
        round(left + width / 2, 1),
        count,
    )
