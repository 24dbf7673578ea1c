"""When a market is open: plain spans of wall-clock time by weekday, with their validity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """Open from ``opens`` to ``closes`` on ``weekday`` (0 Monday), in force between two days (both included)."""

    weekday: int
    opens: time
    closes: time
    valid_from: date | None = None
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the span is about ``day``."""
        return (
            self.weekday == day.weekday()
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )


@dataclass(frozen=True, slots=True)
class OpenWeek:
    """The opening hours of one market. Without any span the market counts as open around the clock."""

    spans: Sequence[OpenSpan] = ()
    closed_days: frozenset[date] = frozenset()

    def on(self, day: date) -> list[tuple[time, time]]:
        """Return when the market is open on ``day``; empty when it is closed."""
        if day in self.closed_days:
            return []
        if not self.spans:
            return [(time(0), time(23, 59, 59))]
        return sorted((span.opens, span.closes) for span in self.spans if span.holds(day))

    def open_minutes_by_hour(self, day: date) -> list[int]:
        """Return for each of the 24 hours how many of its minutes the market is open."""
        found = [0] * 24
        for opens, closes in self.on(day):
            first, last = _minute(opens), _minute(closes)
            for hour in range(24):
                found[hour] += max(0, min(last, 60 * hour + 60) - max(first, 60 * hour))
        return [min(60, minutes) for minutes in found]

    def is_open(self, day: date, at: time) -> bool:
        """Whether the market is open at a moment of ``day``."""
        return any(opens <= at < closes for opens, closes in self.on(day))


def _minute(at: time) -> int:
    """Return minutes since midnight; a closing time of 23:59 or later is midnight."""
    return 1440 if (at.hour, at.minute) == (23, 59) else 60 * at.hour + at.minute
