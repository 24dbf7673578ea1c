"""A document's force over time as one small picture, drawn on the server; the table beside it says the same in words.

360 units wide, so that its letters stay readable on a phone; colours and patterns come from the style sheet.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khcn.engines.legal.model import Standing
from khcn.library.enums import RelationKind
from khcn.library.selectors.legal import LegalGraph
from khcn.library.tables.legal import STANDINGS, TONES
from khcn.ui.formats import format_date

WIDTH: Final = 360
BAR_TOP: Final = 34
BAR: Final = 18
HEIGHT: Final = 84
_MARGIN: Final = 0.06  # of the span shown, before the first and after the last day
_YEAR_ROOM: Final = 38.0
_WORD_ROOM: Final = 66.0  # "01/07/2023" at the size of a phone
_SECOND_ROW: Final = 14  # the day asked for stands below "today", so that the two never lie on each other
_SILENT: Final = frozenset({RelationKind.BASED_ON, RelationKind.RELATED})


def legal_picture(graph: LegalGraph, today: date, *, asked: date | None = None) -> SafeString:
    """Return the picture, "" when no day is known. ``asked``: a day to mark beside today."""
    days = _known_days(graph)
    if not days:
        return SafeString("")
    shown = [*days, today, *([asked] if asked else [])]
    first, last = min(shown), max(shown)
    room = timedelta(days=max(60, round((last - first).days * _MARGIN)))
    scale = _Scale(_moved(first, -room), _moved(last, room))
    other = asked if asked != today else None
    return format_html(
        '<svg class="validity__svg" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}</svg>',
        WIDTH, HEIGHT + (_SECOND_ROW if other else 0), _label(graph), _years(scale), _bars(graph, scale),
        _deeds(graph, scale), _mark(scale, today, _("hôm nay"), "today"),
        _mark(scale, other, format_date(other), "asked", lower=_SECOND_ROW) if other else "",
    )  # fmt: skip


class _Scale:
    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last

    def at(self, day: date) -> float:
        inside = min(max((day - self.first).days, 0), (self.last - self.first).days)
        return round(inside / (self.last - self.first).days * WIDTH, 1)


def _moved(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return day


def _known_days(graph: LegalGraph) -> list[date]:
    own = graph.timeline.own
    days = [own.issued, own.effective, own.expired]
    for deed in graph.timeline.deeds:
        if graph.edge(deed.by).kind not in _SILENT:
            days += [deed.day, deed.until]
    return [day for day in days if day is not None]


def _label(graph: LegalGraph) -> str:
    told = []
    for period in graph.timeline.periods:
        words = str(STANDINGS[period.standing])
        if period.start and period.end:
            told.append(
                _("%(state)s từ %(first)s đến trước %(last)s") % _period(words, period.start, period.end)
            )
        elif period.start:
            told.append(_("%(state)s từ %(first)s") % _period(words, period.start, None))
        elif period.end:
            told.append(_("%(state)s trước %(last)s") % _period(words, None, period.end))
        else:
            told.append(words)
    return _("Hiệu lực theo thời gian: %(periods)s.") % {"periods": "; ".join(told)}


def _period(words: str, first: date | None, last: date | None) -> dict[str, str]:
    return {
        "state": words,
        "first": format_date(first) if first else "",
        "last": format_date(last) if last else "",
    }


def _years(scale: _Scale) -> SafeString:
    count = scale.last.year - scale.first.year + 1
    step = max(1, -(-count * int(_YEAR_ROOM) // WIDTH))
    starts = [
        (date(year, 1, 1), year)
        for year in range(scale.first.year + 1, scale.last.year + 1)
        if year % step == 0
    ]
    return format_html_join(
        "",
        '<path class="validity__rule" d="M{} 18V{}"/><text class="validity__year" x="{}" y="13" text-anchor="{}">{}</text>',
        ((scale.at(day), HEIGHT - 18, *_text_at(scale.at(day)), str(year)) for day, year in starts),
    )


def _text_at(x: float, room: float = _YEAR_ROOM) -> tuple[float, str]:
    if x < room / 2:
        return max(x, 1.0), "start"
    return (x, "end") if x > WIDTH - room / 2 else (x, "middle")


def _bars(graph: LegalGraph, scale: _Scale) -> SafeString:
    bars: list[Sequence[object]] = []
    for period in graph.timeline.periods:
        x = scale.at(period.start) if period.start else 0.0
        end = scale.at(period.end) if period.end else float(WIDTH)
        if end > x:
            name = period.standing.value.replace("_", "-")
            bars.append((name, x, BAR_TOP, round(end - x, 1), BAR, str(STANDINGS[period.standing])))
    return format_html_join(
        "",
        '<rect class="validity__bar validity__bar--{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        bars,
    )


def _deeds(graph: LegalGraph, scale: _Scale) -> SafeString:
    marks = []
    for deed in graph.timeline.deeds:
        edge = graph.edge(deed.by)
        if deed.day is not None and edge.kind not in _SILENT and deed.sure:
            marks.append((scale.at(deed.day), BAR_TOP + BAR + 3, edge.node.number or edge.node.title))
    return format_html_join(
        "", '<path class="validity__deed" d="M{} {}l5 9h-10z"><title>{}</title></path>', marks
    )


def _mark(scale: _Scale, day: date, word: str, kind: str, *, lower: int = 0) -> SafeString:
    x = scale.at(day)
    place, anchor = _text_at(x, _WORD_ROOM)
    return format_html(
        '<path class="validity__{}" d="M{} {}V{}"/><text class="validity__now" x="{}" y="{}" text-anchor="{}">{}</text>',
        kind, x, BAR_TOP - 8, HEIGHT - 16 + lower, place, HEIGHT - 4 + lower, anchor, word,
    )  # fmt: skip


def legend(graph: LegalGraph) -> list[tuple[str, str]]:
    """Return (class suffix, words) of the standings in the picture, in order of first appearance."""
    seen = dict.fromkeys(period.standing for period in graph.timeline.periods)
    return [
        (standing.value.replace("_", "-"), str(STANDINGS[standing])) for standing in seen if standing in TONES
    ]


def is_simple(graph: LegalGraph) -> bool:
    """Whether there is nothing to draw: nobody knows anything."""
    return {period.standing for period in graph.timeline.periods} == {Standing.UNKNOWN}
