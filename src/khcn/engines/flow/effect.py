"""Effect of an event: what was counted against what would have been, with uncertainty and a placebo test."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.series import HourlySeries


@dataclass(frozen=True, slots=True)
class EventEffect:
    """``actual`` and ``expected``: visitors over the measured hours of the event.

    ``relative`` = actual / expected - 1 with its interval of ``confidence``; ``absolute*``: the same in visitors.
    ``p``: share of event-free windows that show as much by chance (two-sided); ``placebos``: how many there were;
    ``controls``: markets or gates used, ``control_change``: what they did meanwhile; ``measured``: share of hours;
    ``convincing``: the interval excludes zero and p is at most 0.1. ``notes``: codes of ``messages``.
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
    Raises FlowError ``layout``, ``event_window`` (nothing measured) or ``event_history`` (under four weeks before).
    """
    raise NotImplementedError  # body follows
