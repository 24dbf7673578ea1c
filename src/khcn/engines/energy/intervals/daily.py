"""Counters of the day ("energy today") as one chain.

They start again at midnight or, with many inverters, at wake-up; overnight they keep the last value, and some send
yesterday's total once more when they wake. So a day begins with *held* readings (yesterday's last value, or 0) that are
worth nothing, and what follows counts from 0 at the last of them.
"""

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.intervals.chain import Chain, chain_of
from khcn.engines.energy.intervals.prepare import HOUR_MS, number
from khcn.engines.energy.intervals.rules import limit_kwh
from khcn.engines.energy.table.zones import local_to_utc, utc_to_wall
from khcn.engines.energy.types import DAY_MS, Channel, Event, Millis, Values

_RESTLESS_MS = 60_000  # a counter that still grew this long before midnight has lost something by the reset


def midnights(zone: str, first_ms: int, last_ms: int) -> Millis:
    """Return the beginnings (UTC ms) of the local days from that of ``first_ms`` to the one after that of ``last_ms``."""
    low, high = (utc_to_wall(np.array([first_ms, last_ms]), zone) // DAY_MS).tolist()
    return local_to_utc(np.arange(low, high + 2, dtype=np.int64) * DAY_MS, zone)[0]


def daily_chain(channel: Channel, ms: Millis, values: Values) -> Chain:
    """Return the chain of prepared readings of a counter of the day."""
    if not len(ms):
        return chain_of(channel, ms, values)
    days = np.unique(utc_to_wall(ms, channel.zone) // DAY_MS)
    starts = local_to_utc(days * DAY_MS, channel.zone)[0]
    edges = np.append(np.searchsorted(ms, starts), len(ms)).tolist()
    build = _Build(channel)
    for start, low, high in zip(starts.tolist(), edges[:-1], edges[1:], strict=True):
        if high > low:
            build.add_day(start, ms[low:high], values[low:high])
    return build.chain()


class _Build:
    """Puts days together; remembers only the last value and when it was read."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.parts: list[Chain] = []
        self.total = 0.0
        self.last_ms = 0
        self.held: float | None = None
        self.restless = False

    def add_day(self, midnight: int, ms: Millis, values: Values) -> None:
        """Add the readings of one local day."""
        lead, held, seen = self._lead(midnight, ms, values)
        base = max(midnight, int(ms[lead - 1])) if lead else midnight
        if lead < len(ms):
            base = min(base, int(ms[lead]) - 1)
        self._close(base, held, seen)
        times = np.concatenate([[base], ms[lead:]])
        part = chain_of(self.channel, times, np.concatenate([[0.0], values[lead:]]))
        rise = float(part.curve[-1]) if len(part.curve) else 0.0
        part.curve = part.curve + self.total
        if len(part.ms) and part.ms[0] != base:  # what lay before the first reading of the day is not known
            part.unknown = part.unknown.copy()
            part.unknown[0] = True
        self.parts.append(part)
        self.total += rise
        self.last_ms = int(ms[-1])
        self.held = float(values[-1]) if lead < len(ms) or held is None else held
        self.restless = len(values) - lead > 1 and bool(values[-1] > values[-2])

    def _lead(self, midnight: int, ms: Millis, values: Values) -> tuple[int, float | None, bool]:
        """Return (readings that are held, yesterday's final value, whether a reading showed it)."""
        if self.held is None:
            return self._zeros(values), None, False
        near = 2 * self.channel.resolution
        held, seen, at, zeros = self.held, False, 0, 0
        replayed: list[int] = []
        for at, value in enumerate(values.tolist()):
            limit = float(limit_kwh(self.channel, (int(ms[at]) - midnight) / HOUR_MS))
            if value <= near:
                zeros += 1
            elif abs(value - held) <= near or (
                value > held and value > limit and value - held <= self._most(ms[at])
            ):
                held, seen = max(held, value), True
                if zeros:
                    replayed.append(at)
            else:
                break
        else:
            at = len(values)
        fits = at > 0 and held <= float(limit_kwh(self.channel, (int(ms[at - 1]) - midnight) / HOUR_MS))
        if seen and at < len(values) and values[at] > held - near and fits:
            return (
                self._zeros(values),
                self.held,
                False,
            )  # it went on from there: today's own count, by chance alike
        if replayed:
            first, last = int(ms[replayed[0]]), int(ms[replayed[-1]])
            params = {"count": len(replayed), "value": number(held)}
            self._event(Event("replayed-day", first, last, params))
        return at, held, seen

    def _zeros(self, values: Values) -> int:
        above = np.flatnonzero(values > 2 * self.channel.resolution)
        return int(above[0]) if len(above) else len(values)

    def _most(self, moment: int) -> float:
        return float(limit_kwh(self.channel, (int(moment) - self.last_ms) / HOUR_MS))

    def _close(self, base: int, held: float | None, seen: bool) -> None:
        """End yesterday at ``base``: with what a held reading adds, or with nothing, known or not."""
        if self.held is None or not self.parts:
            return
        more = max((held or 0.0) - self.held, 0.0) if seen else 0.0
        self.total += more
        wait = base - self.last_ms
        blind = not seen and (
            wait > self.channel.longest_gap_s * 1000 or (self.restless and wait > _RESTLESS_MS)
        )
        if wait > 0:
            self.parts.append(_point(base, self.total, blind))

    def _event(self, event: Event) -> None:
        self.parts.append(Chain(*_nothing(), events=[event]))

    def chain(self) -> Chain:
        """Return all days as one chain (times strictly rising)."""
        parts = self.parts
        ms = np.concatenate([part.ms for part in parts])
        keep = np.concatenate([np.diff(ms) > 0, [True]]) if len(ms) else np.zeros(0, bool)
        curve = np.concatenate([part.curve for part in parts])
        flags = np.concatenate([part.flags for part in parts])
        unknown = np.concatenate([part.unknown for part in parts])
        unknown[1:] |= unknown[:-1] & ~keep[:-1]  # a point left out hands its step on
        aside = np.concatenate([part.aside for part in parts])
        events = [event for part in parts for event in part.events]
        return Chain(ms[keep], curve[keep], flags[keep], unknown[keep], aside, events)


def _point(ms: int, total: float, unknown: bool) -> Chain:
    return Chain(
        np.array([ms], np.int64),
        np.array([total]),
        np.zeros(1, np.uint8),
        np.array([unknown]),
        np.empty(0, np.int64),
    )


def _nothing() -> tuple[Millis, Values, NDArray[np.uint8], NDArray[np.bool_], Millis]:
    none = np.empty(0)
    return none.astype(np.int64), none, none.astype(np.uint8), none.astype(bool), none.astype(np.int64)
