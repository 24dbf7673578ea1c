"""One day of a site by quarters of an hour, drawn at once: today's picture changes too often to wait for a worker.

Lines break where nothing is known and the gap is hatched; the range is that of the two weeks before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final, Literal

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khcn.energy.selectors.site_page import DayView
from khcn.energy.words import number
from khcn.engines.energy.types import Values
from khcn.ui.parts import Column, Table

Size = Literal["wide", "narrow"]
FRAME: Final[dict[Size, tuple[int, int]]] = {"wide": (704, 300), "narrow": (328, 240)}
SIZES: Final[tuple[Size, ...]] = ("wide", "narrow")
LAG: Final = 2  # quarters that may still be on their way are no gap
LEFT: Final = 44
RIGHT: Final = 10
TOP: Final = 10
BOTTOM: Final = 26
STEPS_AN_HOUR: Final = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One series: kW, nan unknown; ``tone`` names its class."""

    word: str
    tone: str
    values: Values


@dataclass(frozen=True, slots=True)
class DayPicture:
    """The drawing at both widths, what its lines are called, and the hours as a table."""

    wide: SafeString
    narrow: SafeString
    lines: tuple[Line, ...]
    usual_days: int
    table: Table


def day_picture(view: DayView, *, until: int | None) -> DayPicture | None:
    """Return the day; None when nothing of it is known. ``until``: minutes that have passed of a day that runs."""
    lines = _lines(view)
    if until is not None:  # what is to come is not drawn; at night an inverter is taken as zero ahead of time
        lines = [replace(line, values=_until(line.values, until // 15)) for line in lines]
    if not any(np.isfinite(line.values).any() for line in lines):
        return None
    size = max(len(line.values) for line in lines)
    ended = size if until is None else min(size, max(0, until // 15 - LAG))
    usual = view.usual if view.usual is not None and len(view.usual.low) == size else None
    highest = [line.values for line in lines] + ([usual.high] if usual else [])
    top = _nice(max(float(np.nanmax(one)) for one in highest if np.isfinite(one).any()))
    lowest = min(float(np.nanmin(line.values)) for line in lines if np.isfinite(line.values).any())
    bottom = -_nice(-lowest) if lowest < -0.02 * top else 0.0
    words = _("Công suất trong ngày: %(lines)s") % {"lines": ", ".join(line.word for line in lines)}
    band = (usual.low, usual.high) if usual is not None else None
    frames = [_Frame(one, size, bottom, top).draw(lines, band, ended, words) for one in SIZES]
    return DayPicture(
        frames[0],
        frames[1],
        tuple(lines),
        usual.days if usual else 0,
        _table(lines, size if until is None else min(size, until // 15)),
    )


def _lines(view: DayView) -> list[Line]:
    power = view.power
    lines = []
    if power.production is not None:
        lines.append(Line(_("Điện mặt trời"), "sun", power.production.kw))
    if power.load is not None:
        lines.append(Line(_("Đơn vị dùng"), "load", power.load.kw))
    if power.imported is not None:
        given = power.exported.kw if power.exported is not None else np.zeros(len(power.imported.kw))
        grid = np.where(np.isfinite(given), power.imported.kw - given, power.imported.kw)
        lines.append(Line(_("Lưới (dưới 0: đẩy lên lưới)"), "grid", grid))
    return lines


def _until(values: Values, ended: int) -> Values:
    cut = values.copy()
    cut[ended:] = np.nan
    return cut


def _nice(value: float) -> float:
    """Return the next round number."""
    if value <= 0 or not np.isfinite(value):
        return 1.0
    step = 10.0 ** floor(log10(value))
    return next(part * step for part in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if part * step >= value * 0.999)


class _Frame:
    """Places and strokes of one width."""

    def __init__(self, size: Size, steps: int, bottom: float, top: float) -> None:
        self.width, self.height = FRAME[size]
        self.narrow = size == "narrow"
        self.steps, self.bottom, self.top = steps, bottom, top

    def x(self, step: float) -> float:
        return LEFT + (self.width - LEFT - RIGHT) * step / self.steps

    def y(self, kw: float) -> float:
        return TOP + (self.height - TOP - BOTTOM) * (self.top - kw) / (self.top - self.bottom)

    def draw(
        self, lines: Sequence[Line], band: tuple[Values, Values] | None, ended: int, words: str
    ) -> SafeString:
        """Return the whole picture."""
        gaps = _gaps([line.values for line in lines][:1], ended)
        hatched = format_html_join(
            "",
            '<rect fill="url(#gach-{})" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
            (
                (
                    self.width, f"{self.x(first):.1f}", TOP, f"{self.x(last) - self.x(first):.1f}",
                    self.height - TOP - BOTTOM, _("Không có số đo"),
                )
                for first, last in gaps
            ),
        )  # fmt: skip
        strokes = format_html_join(
            "",
            '<path class="day__line day__line--{}" d="{}"/>',
            ((line.tone, path) for line in reversed(lines) if (path := self._path(line.values))),
        )
        return format_html(
            '<svg class="day" viewBox="0 0 {} {}" role="img" aria-label="{}"><defs><pattern id="{}" width="6" height="6"'
            ' patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="day__hatch" d="M0 0V6"/></pattern>'
            "</defs>{}{}{}{}</svg>",
            self.width, self.height, words, f"gach-{self.width}", self._grid(), self._band(band), hatched, strokes,
        )  # fmt: skip

    def _grid(self) -> SafeString:
        step = _nice((self.top - self.bottom) / 5)
        low = ceil(self.bottom / step - 1e-9)
        marks = [index * step for index in range(low, floor(self.top / step + 1e-9) + 1)]
        across = format_html_join(
            "",
            '<path class="day__rule{}" d="M{} {}H{}"/><text class="day__mark" x="{}" y="{}">{}</text>',
            (
                (
                    " day__rule--zero" if abs(kw) < 1e-9 else "", LEFT, f"{self.y(kw):.1f}", self.width - RIGHT,
                    LEFT - 6, f"{self.y(kw) + 4:.1f}", number(kw, None),
                )
                for kw in marks
            ),
        )  # fmt: skip
        every = 6 if self.narrow else 3
        hours = range(0, self.steps // STEPS_AN_HOUR + 1, every)
        down = format_html_join(
            "",
            '<text class="day__hour" x="{}" y="{}">{}</text>',
            (
                (f"{self.x(hour * STEPS_AN_HOUR):.1f}", self.height - 8, _("%(hour)sg") % {"hour": hour})
                for hour in hours
            ),
        )
        return SafeString(across + down)

    def _band(self, band: tuple[Values, Values] | None) -> SafeString:
        if band is None:
            return SafeString("")
        low, high = band
        there = [step for step in range(self.steps) if np.isfinite(low[step]) and np.isfinite(high[step])]
        if len(there) < 2:
            return SafeString("")
        upper = " ".join(f"{self.x(step + 0.5):.1f},{self.y(high[step]):.1f}" for step in there)
        lower = " ".join(f"{self.x(step + 0.5):.1f},{self.y(low[step]):.1f}" for step in reversed(there))
        return format_html('<polygon class="day__band" points="{} {}"/>', upper, lower)

    def _path(self, values: Values) -> str:
        """Return the line in pieces: one for each stretch that is known."""
        parts, pen = [], "M"
        for step, kw in enumerate(values.tolist()):
            if kw != kw:  # noqa: PLR0124  # nan: the line breaks
                pen = "M"
                continue
            parts.append(f"{pen}{self.x(step + 0.5):.1f} {self.y(kw):.1f}")
            pen = "L"
        alone = [pair for pair in pairwise([*parts, "M"]) if pair[0][0] == "M" and pair[1][0] == "M"]
        text = "".join(parts)
        for first, _next in alone:
            text = text.replace(first, first + "h0.1", 1)
        return text


def _gaps(series: Sequence[Values], ended: int) -> list[tuple[int, int]]:
    """Return the stretches before ``ended`` in which nothing of ``series`` is known."""
    if not series:
        return []
    known = np.any([np.isfinite(one) for one in series], axis=0)
    gaps, start = [], None
    for step in range(min(ended, len(known))):
        if not known[step] and start is None:
            start = step
        elif known[step] and start is not None:
            gaps.append((start, step))
            start = None
    if start is not None:
        gaps.append((start, min(ended, len(known))))
    return gaps


def _table(lines: Sequence[Line], ended: int) -> Table:
    """Return the mean power of each hour; an hour with a hole is marked."""
    rows: list[list[object]] = []
    for hour in range(ceil(ended / STEPS_AN_HOUR)):
        cells: list[object] = [_("%(from)s-%(to)s giờ") % {"from": hour, "to": hour + 1}]
        for line in lines:
            part = line.values[hour * STEPS_AN_HOUR : (hour + 1) * STEPS_AN_HOUR]
            known = part[np.isfinite(part)]
            text = number(float(known.mean()), 2) if len(known) else _("không có")
            cells.append(text if len(known) in (0, len(part)) else _("%(kw)s (thiếu)") % {"kw": text})
        rows.append(cells)
    columns = [Column(label=_("Giờ")), *(Column(label=line.word, numeric=True) for line in lines)]
    return Table(caption=_("Công suất trung bình mỗi giờ, kW"), columns=columns, rows=rows)
