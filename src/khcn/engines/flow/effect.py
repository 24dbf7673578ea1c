"""Effect of an event: what was counted against what would have been, with uncertainty and a placebo test.

What would have been comes from the hours before the event alone: the shapes and levels of the forecast, for the window of
the event. Where markets or gates are given that the event did not touch, what they did against their own expectation
is taken off, as far as past weeks show that the market moves with them. The same sum is done for many windows without an
event (placebos): their spread gives the interval, and how many show as much by chance gives ``p``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.dayeffects import DayEffects
from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.profiles import Medians, day_level, decay, filled, repeat, week_levels, weeks_before
from khcn.engines.flow.series import HOUR, Array, HourlySeries

FEWEST_HOURS: Final = 4 * 168
MEMORY: Final = 26  # weeks of shape
MOST_PLACEBOS: Final = 60
FEWEST_PLACEBOS: Final = 8
SHAPES: Final = ((4.0, 3.0), (8.0, 5.0), (8.0, 14.0))  # half-lives: shape in weeks, level in days
MEASURED: Final = 0.6  # share of the window that must be measured, in placebos too
SMALL: Final = 1.0


@dataclass(frozen=True, slots=True)
class EventEffect:
    """``actual`` and ``expected``: visitors over the measured hours of the event.

    ``relative`` = actual / expected - 1 with its interval of ``confidence``; ``absolute*``: the same in visitors.
    ``p``: share of event-free windows that show as much by chance (two-sided), never below 1 / (placebos + 1);
    ``placebos``: how many there were; ``controls``: markets or gates used, ``control_change``: what they did meanwhile,
    already taken off; ``measured``: share of hours; ``convincing``: the interval excludes zero and p is at most 0.1.
    ``notes``: codes "few_placebos", "controls_ignored", "partly_measured", "special_days".
    """

    start: datetime
    end: datetime
    actual: float
    expected: float
    relative: float
    relative_low: float
    relative_high: float
    absolute: float
    absolute_low: float
    absolute_high: float
    confidence: float
    p: float | None
    placebos: int
    controls: int
    control_change: float | None
    measured: float
    convincing: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Window:
    """One window: log ratio of the market and mean log ratio of its controls (NaN: none), with the sums."""

    log_ratio: float
    control: float
    actual: float
    expected: float
    measured: float


def event_effect(
    series: HourlySeries,
    *,
    start: datetime,
    end: datetime,
    controls: Sequence[HourlySeries] = (),
    calendar: Calendar | None = None,
    exclude: Sequence[tuple[datetime, datetime]] = (),
    confidence: float = 0.9,
) -> EventEffect:
    """Return the effect of an event from ``start`` to ``end`` (exclusive, local).

    ``controls``: markets or gates that the event did not touch; ``exclude``: other events, never used as placebos.
    ``calendar`` must not hold the event itself. Raises FlowError ``layout``, ``event_window`` (nothing measured) or
    ``event_history`` (under four weeks before).
    """
    at, length = series.index(start), (end - start) // HOUR
    if length < 1:
        raise FlowError("layout")
    before = series.values[: max(at, 0)]
    if (known := int((~np.isnan(before)).sum())) < FEWEST_HOURS:
        raise FlowError("event_history", hours=known)
    calendar = calendar or Calendar()
    market = _Market(series, calendar, length)
    others = [_Market(_aligned(series, control), calendar, length) for control in controls]
    event = _window(market, others, at, length)
    if event is None:
        raise FlowError("event_window", first=f"{start:%d/%m/%Y %H:%M}", last=f"{end:%d/%m/%Y %H:%M}")
    placebos = _placebos(market, others, (at, length), series, exclude)
    return _result((start, end), event, placebos, len(others), (confidence, _special(calendar, start, end)))


class _Market:
    def __init__(self, series: HourlySeries, calendar: Calendar, length: int) -> None:
        self.values = series.values
        self.calendar = calendar
        self.effects = DayEffects(series, calendar, horizon=length)

    def expected(self, at: int, length: int) -> Array:
        """What ``length`` hours from ``at`` would hold, from the hours before ``at``."""
        plain = self.effects.clean(self.values, at, MEMORY)
        weeks = weeks_before(plain, plain.size, MEMORY)
        medians = Medians(weeks / week_levels(weeks)[:, None])
        rows = []
        for memory, days in SHAPES:
            shape = filled(medians.at(decay(len(weeks), memory)))
            rows.append(repeat(shape, length) * day_level(weeks[:6], shape, days))
        return np.asarray(np.mean(rows, axis=0) * self.effects.factors(at, at, length), dtype=np.float64)


def _aligned(series: HourlySeries, control: HourlySeries) -> HourlySeries:
    return control.window(series.start, series.end)


def _window(
    market: _Market, others: Sequence[_Market], at: int, length: int, least: float = 0.0
) -> _Window | None:
    """Measure one window; None when too little of it was measured."""
    part = market.values[at : at + length]
    known = ~np.isnan(part)
    share = float(known.sum()) / length
    if not known.any() or share < least:
        return None
    actual = float(part[known].sum())
    expected = float(market.expected(at, length)[: part.size][known].sum())
    logs = []
    for other in others:
        seen = other.values[at : at + length]
        both = ~np.isnan(seen)
        history = int((~np.isnan(other.values[:at])).sum())
        if both.sum() >= MEASURED * length and history >= FEWEST_HOURS:
            base = float(other.expected(at, length)[: seen.size][both].sum())
            logs.append(np.log((float(seen[both].sum()) + SMALL) / (base + SMALL)))
    control = float(np.mean(logs)) if logs else float("nan")
    return _Window(float(np.log((actual + SMALL) / (expected + SMALL))), control, actual, expected, share)


def _placebos(
    market: _Market,
    others: Sequence[_Market],
    event: tuple[int, int],
    series: HourlySeries,
    exclude: Sequence[tuple[datetime, datetime]],
) -> list[_Window]:
    """The same measurement on windows before the event: whole weeks back first, then whole days, none overlapping events."""
    at, length = event
    blocked = np.zeros(len(series), dtype=np.bool_)
    for first, last in exclude:
        blocked[max(series.index(first), 0) : max(series.index(last), 0)] = True
    days = -(-length // 24)
    shifts = [7 * week for week in range(-(-days // 7), 260)]
    if days < 7:
        # other weekdays serve only where the same weekday is too rare
        room = (at - FEWEST_HOURS) // 168
        shifts += [day for day in range(days, 7 * 260) if day % 7] if room < MOST_PLACEBOS // 2 else []
    found: list[_Window] = []
    for shift in shifts:
        begin = at - 24 * shift
        if begin < FEWEST_HOURS or len(found) >= MOST_PLACEBOS:
            continue
        if blocked[begin : begin + length].any() or _special(market.calendar, *_span(series, begin, length)):
            continue
        if (window := _window(market, others, begin, length, MEASURED)) is not None:
            found.append(window)
    return found


def _span(series: HourlySeries, begin: int, length: int) -> tuple[datetime, datetime]:
    return series.start + begin * HOUR, series.start + (begin + length) * HOUR


def _special(calendar: Calendar, start: datetime, end: datetime) -> bool:
    """Whether half of the days or more are special (one holiday in a month is usual)."""
    days = [start.date() + timedelta(days=n) for n in range(((end - HOUR).date() - start.date()).days + 1)]
    return 2 * sum(calendar.special(day) for day in days) >= len(days)


def _lean(placebos: Sequence[_Window]) -> float:
    """How far the market moves with its controls (0 not at all, 1 fully), from the placebos; leans towards 1/2."""
    pairs = np.array([(w.control, w.log_ratio) for w in placebos if not np.isnan(w.control)])
    if len(pairs) < FEWEST_PLACEBOS:
        return 0.5 if len(pairs) else 0.0
    x, y = pairs[:, 0], pairs[:, 1]
    prior = float(x.var()) + 1e-9
    slope = (float((x * y).sum()) + 0.5 * prior) / (float((x * x).sum()) + prior)
    return float(np.clip(slope, 0.0, 1.2))


def _result(
    span: tuple[datetime, datetime],
    event: _Window,
    placebos: list[_Window],
    controls: int,
    options: tuple[float, bool],
) -> EventEffect:
    confidence, special = options
    usable = not np.isnan(event.control)
    lean = _lean(placebos) if usable else 0.0
    change = lean * event.control if usable else 0.0
    effect = event.log_ratio - change
    chance = np.array([w.log_ratio - lean * (0.0 if np.isnan(w.control) else w.control) for w in placebos])
    low, high = _interval(chance, confidence)
    # a placebo that lies off its expectation by c means that the expectation may lie off by -c
    bounds = np.exp([effect - high, effect - low]) - 1
    expected = event.expected * float(np.exp(change))
    relative = float(np.exp(effect) - 1)
    p = (
        float((1 + (np.abs(chance - np.median(chance)) >= abs(effect)).sum()) / (1 + len(chance)))
        if len(chance)
        else None
    )
    notes = [
        *(["few_placebos"] if len(placebos) < FEWEST_PLACEBOS else []),
        *(["controls_ignored"] if controls and not usable else []),
        *(["partly_measured"] if event.measured < 0.95 else []),
        *(["special_days"] if special else []),
    ]
    sure = len(placebos) >= FEWEST_PLACEBOS and bool(bounds[0] > 0 or bounds[1] < 0)
    return EventEffect(
        start=span[0],
        end=span[1],
        actual=event.actual,
        expected=expected,
        relative=relative,
        relative_low=float(bounds[0]),
        relative_high=float(bounds[1]),
        absolute=event.actual - expected,
        absolute_low=expected * float(bounds[0]),
        absolute_high=expected * float(bounds[1]),
        confidence=confidence,
        p=p,
        placebos=len(placebos),
        controls=controls if usable else 0,
        control_change=float(np.exp(event.control) - 1) if usable else None,
        measured=event.measured,
        convincing=sure and p is not None and p <= 0.1,
        notes=tuple(notes),
    )


def _interval(chance: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Bounds of what chance does, a little wider for few placebos; a wide guess (halved to doubled) for hardly any."""
    if chance.size < FEWEST_PLACEBOS:
        return -float(np.log(2)), float(np.log(2))
    level = min(confidence * (1 + 1 / chance.size), 1.0)
    low, high = np.quantile(chance, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
