"""A plan over time: one line a task from its first to its last day, drawn on the server.

On a wide screen and on paper it is one picture; on a phone a list with a small bar each; the figures stand in a table.
Colours come from the style sheet, so that it works in the dark and in print; every state has a shape beside its colour.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from khcn.ui.formats import format_date
from khcn.ui.parts import Column, State, Table, Tone

LINE: Final = 30  # height of a line, in units of the picture
HEAD: Final = 46
LEFT: Final = 330  # width of the names
WIDTH: Final = 1000
LETTERS: Final = 44  # of a name beside its bar
BAR: Final = 14
MONTH_ROOM: Final = 44.0  # width that the name of a month needs


@dataclass(frozen=True, kw_only=True)
class GanttLine:
    """One line. ``end`` None: no last day is known, it is drawn open to the end. ``percent`` 0 to 100."""

    label: str
    start: date | None
    end: date | None
    percent: int
    state: State
    url: str = ""
    group: str = ""
    detail: str = ""


@dataclass(frozen=True)
class PhoneLine:
    """One line as a phone shows it."""

    line: GanttLine
    bar: SafeString
    days: str


@dataclass(frozen=True)
class Gantt:
    """The picture, the lines of a phone, and the table."""

    title: str
    svg: SafeString
    lines: Sequence[PhoneLine]
    table: Table


def gantt(title: str, lines: Sequence[GanttLine], *, start: date, end: date, today: date | None) -> Gantt:
    """Return the picture of ``lines`` over ``start`` to ``end``, both included; ``today`` draws a line through it."""
    scale = _Scale(start, max(end, start + timedelta(days=1)))
    return Gantt(
        title=title,
        svg=_picture(title, lines, scale, today),
        lines=[PhoneLine(line, _small(line, scale, today), _days(line)) for line in lines],
        table=_table(title, lines),
    )


@dataclass(frozen=True)
class _Scale:
    """Days onto the width of the drawing."""

    start: date
    end: date

    def at(self, day: date, width: float) -> float:
        """Return where the beginning of ``day`` lies, inside the drawing."""
        whole = (self.end - self.start).days + 1
        inside = min(max((day - self.start).days, 0), whole)
        return round(inside / whole * width, 1)

    def span(self, line: GanttLine, width: float) -> tuple[float, float]:
        """Return where a line begins and how long it is; never shorter than one can see."""
        first = self.at(line.start or self.start, width)
        last = self.at((line.end or self.end) + timedelta(days=1), width)
        first = min(first, width - 6)
        return first, max(6.0, round(last - first, 1))

    def months(self) -> Iterator[date]:
        """Yield the first day of every month (of every third one, or every year, when there are many)."""
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
        step = 1 if months <= 14 else 3 if months <= 40 else 12
        year, month = self.start.year, self.start.month
        while (year, month) <= (self.end.year, self.end.month):
            if (month - 1) % step == 0:
                yield date(year, month, 1)
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _picture(title: str, lines: Sequence[GanttLine], scale: _Scale, today: date | None) -> SafeString:
    width, rows = WIDTH - LEFT - 8, list(_rows(lines))
    height = HEAD + LINE * len(rows) + 8
    drawn: list[SafeString] = [_months(scale, width, height)]
    for number, row in enumerate(rows):
        y = HEAD + LINE * number
        drawn.append(_group(row, y) if isinstance(row, str) else _bar(row, y, scale, width))
    if today is not None and scale.start <= today <= scale.end:
        drawn.append(_today(LEFT + scale.at(today, width), height))
    return format_html(
        '<svg class="gantt__svg" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        WIDTH, height, title, mark_safe("".join(drawn)),  # noqa: S308  # parts escaped by format_html
    )  # fmt: skip


def _rows(lines: Sequence[GanttLine]) -> Iterator[GanttLine | str]:
    group = ""
    for line in lines:
        if line.group and line.group != group:
            group = line.group
            yield group
        yield line


def _months(scale: _Scale, width: float, height: int) -> SafeString:
    firsts = list(scale.months())
    if len(firsts) > 1 and scale.at(firsts[1], width) - scale.at(firsts[0], width) < MONTH_ROOM:
        del firsts[0]  # the drawing begins at the end of a month: two names would lie on each other
    words = [
        (LEFT + scale.at(first, width), _("%(month)s/%(year)s") % {"month": first.month, "year": first.year})
        for first in firsts
    ]
    return format_html_join(
        "",
        '<path class="gantt__rule" d="M{} 24V{}"/><text class="gantt__month" x="{}" y="18">{}</text>',
        ((x, height, x + 3, word) for x, word in words),
    )


def _group(name: str, y: int) -> SafeString:
    return format_html('<text class="gantt__group" x="0" y="{}">{}</text>', y + 20, _short(name, 110))


def _bar(line: GanttLine, y: int, scale: _Scale, width: float) -> SafeString:
    x, length = scale.span(line, width)
    x += LEFT
    middle = y + LINE / 2
    name = format_html(
        '<text class="gantt__name" x="0" y="{}">{}</text>', middle + 5, _short(line.label, LETTERS)
    )
    bar = _track(x, middle - BAR / 2, length, line, BAR)
    sign = _sign(x + length, middle, line.state.tone)
    body = format_html(
        "<title>{}</title>{}{}{}",
        f"{line.label}: {line.state.label}, {line.percent} %. {_days(line)}", name, bar, sign,
    )  # fmt: skip
    return format_html('<a href="{}">{}</a>', line.url, body) if line.url else format_html("<g>{}</g>", body)


def _track(x: float, y: float, length: float, line: GanttLine, height: int) -> SafeString:
    tone: Tone = line.state.tone
    done = round(length * min(max(line.percent, 0), 100) / 100, 1)
    return format_html(
        '<rect class="gantt__track gantt__track--{}{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>'
        '<rect class="gantt__done gantt__done--{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>',
        tone, "" if line.end else " gantt__track--open", x, y, length, height, tone, x, y, done, height,
    )  # fmt: skip


def _sign(x: float, y: float, tone: Tone) -> SafeString:
    """Return the shape at the end of a bar: a triangle for late, a square for soon, a dot for done."""
    x = min(x, WIDTH - 7)
    if tone == "bad":
        return format_html('<path class="gantt__sign gantt__sign--bad" d="M{} {}l7 12h-14z"/>', x, y - 7)
    if tone == "watch":
        return format_html(
            '<rect class="gantt__sign gantt__sign--watch" x="{}" y="{}" width="10" height="10"/>',
            x - 5,
            y - 5,
        )
    if tone == "good":
        return format_html('<circle class="gantt__sign gantt__sign--good" cx="{}" cy="{}" r="6"/>', x, y)
    return SafeString("")


def _today(x: float, height: int) -> SafeString:
    word = _("hôm nay")
    anchor = "end" if x > WIDTH - 70 else "start"
    shift = -4 if anchor == "end" else 4
    return format_html(
        '<path class="gantt__today" d="M{} 28V{}"/><text class="gantt__now" x="{}" y="36" text-anchor="{}">{}</text>',
        x, height, x + shift, anchor, word,
    )  # fmt: skip


def _small(line: GanttLine, scale: _Scale, today: date | None) -> SafeString:
    """Return the bar of one line for a phone; words stand beside it, so it is hidden from screen readers."""
    x, length = scale.span(line, 300)
    mark = SafeString("")
    if today is not None and scale.start <= today <= scale.end:
        mark = format_html('<path class="gantt__today" d="M{} 0V14"/>', scale.at(today, 300))
    return format_html(
        '<svg class="gantt__small" viewBox="0 0 300 14" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="gantt__rule" d="M0 7H300"/>{}{}</svg>',
        _track(x, 2, length, line, 10), mark,
    )  # fmt: skip


def _days(line: GanttLine) -> str:
    if line.end is None:
        return _("Chưa có hạn")
    if line.start is None:
        return _("Hạn %(end)s") % {"end": format_date(line.end)}
    return _("Từ %(start)s đến %(end)s") % {"start": format_date(line.start), "end": format_date(line.end)}


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _table(title: str, lines: Sequence[GanttLine]) -> Table:
    columns = [
        Column(label=_("Nhiệm vụ")), Column(label=_("Bắt đầu")), Column(label=_("Hạn")), Column(label=_("Trạng thái")),
        Column(label=_("Hoàn thành (%)"), numeric=True),
    ]  # fmt: skip
    rows = [
        [line.label, line.start or "", line.end or _("chưa có"), line.state, line.percent] for line in lines
    ]
    return Table(caption=title, hide_caption=True, columns=columns, rows=rows)
