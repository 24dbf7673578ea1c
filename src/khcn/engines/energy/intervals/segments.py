"""Segments of a register's readings and the decision about each: kept, and as what, or set aside, and why."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.intervals.prepare import HOUR_MS, number
from khcn.engines.energy.intervals.rules import PERSIST, Relation, limit_kwh, relation_of
from khcn.engines.energy.types import Channel, Event, Flags, Millis, Quality, Values

LOOK_AHEAD: Final = 200  # doubtful segments among which a way back is looked for
_SET_ASIDE: Final = -1
_KINDS: Final = {
    int(Quality.ROLLOVER): "rollover",
    int(Quality.RESET): "reset",
    int(Quality.OUT_OF_RANGE): "jump",
}


class Walk:
    """One pass over the segments of prepared readings. Positions are indexes of readings unless they say segment.

    ``breaks``: steps at which segments meet; ``marked``: those at which a person marked a replacement.
    """

    def __init__(
        self,
        channel: Channel,
        ms: Millis,
        values: Values,
        breaks: NDArray[np.bool_],
        marked: NDArray[np.bool_],
    ) -> None:
        self.channel, self.ms, self.values = channel, ms, values
        starts = np.flatnonzero(breaks) + 1
        self.first = np.concatenate([[0], starts])
        self.last = np.concatenate([starts - 1, [len(values) - 1]])
        grown = values[self.last] > values[self.first] + channel.resolution / 2
        self.solid = (self.last - self.first + 1 >= PERSIST) & grown
        self.marked = np.concatenate([[False], marked[starts - 1]])
        count = len(self.first)
        self.flag = [_SET_ASIDE] * count  # of a kept segment's first step
        self.why = [""] * count
        self.against = [0] * count  # reading that the segment was compared with

    def decide(self, flags: Flags) -> tuple[NDArray[np.bool_], list[Event]]:
        """Return (kept readings, what happened); set the flags of first steps."""
        self._walk()
        kept = np.zeros(len(self.ms), bool)
        events = []
        for at, flag in enumerate(self.flag):
            first, last = int(self.first[at]), int(self.last[at])
            if flag >= 0:
                kept[first : last + 1] = True
                flags[first] = flag
            if flag:
                events.append(self._event(at))
        return kept, events

    def _walk(self) -> None:
        at = self._beginning()
        for earlier in range(at):
            self.why[earlier], self.against[earlier] = "before", int(self.first[at])
        self.flag[at] = 0
        end = int(self.last[at])
        at += 1
        while at < len(self.first):
            relation = self._relation(end, at)
            back = 0 if relation is Relation.GOES_ON or self.marked[at] else self._way_back(at, end)
            if back:
                for between in range(at, back):
                    self.why[between] = "spike" if relation is Relation.UP else "dip"
                    self.against[between] = end
                at = back
                continue
            self.flag[at], self.why[at], self.against[at] = self._verdict(relation, at), relation.value, end
            if self.flag[at] >= 0:
                end = int(self.last[at])
            at += 1

    def _relation(self, end: int, at: int) -> Relation:
        return relation_of(self.channel, self.ms, self.values, end, int(self.first[at]))

    def _beginning(self) -> int:
        """Return the segment to start from: the first that leads to the first solid one (or the longest) by a rule."""
        solids = np.flatnonzero(self.solid)
        solid = int(solids[0]) if len(solids) else int(np.argmax(self.last - self.first))
        good = {Relation.GOES_ON, Relation.RESET, Relation.ROLLOVER}
        for at in range(max(0, solid - LOOK_AHEAD), solid):
            zero = self.values[self.last[at]] <= self.channel.resolution
            relation = self._relation(int(self.last[at]), solid)
            if self.marked[at + 1 : solid + 1].any() or (relation in good and not zero):
                return at
        return solid

    def _way_back(self, at: int, end: int) -> int:
        """Return a later segment that goes on from ``end`` (0: none) before anything solid or marked stands between."""
        if self.solid[at]:
            return 0
        for later in range(at + 1, min(len(self.first), at + 1 + LOOK_AHEAD)):
            if self.marked[later]:
                return 0
            if self._relation(end, later) is Relation.GOES_ON:
                return later
            if self.solid[later]:
                return 0
        return 0

    def _verdict(self, relation: Relation, at: int) -> int:
        """Return the flag with which a segment is kept, or -1 when more must be known first."""
        if self.marked[at]:
            return int(Quality.REPLACED)
        if relation is Relation.GOES_ON:
            return 0
        if relation is Relation.ROLLOVER:
            return int(Quality.ROLLOVER)
        if relation is Relation.RESET:
            silent = not self.solid[at] and self.values[self.last[at]] <= self.channel.resolution
            return _SET_ASIDE if silent else int(Quality.RESET)
        if not self.solid[at]:
            return _SET_ASIDE
        return int(Quality.OUT_OF_RANGE if relation is Relation.UP else Quality.REPLACED)

    def _event(self, at: int) -> Event:
        first, last, against = int(self.first[at]), int(self.last[at]), self.against[at]
        before, after = float(self.values[against]), float(self.values[first])
        hours = abs(int(self.ms[first]) - int(self.ms[against])) / HOUR_MS
        limit = number(float(limit_kwh(self.channel, hours)))
        rise = {"kwh": number(after - before), "minutes": round(hours * 60), "limit": limit}
        if self.flag[at] > 0:
            kind = _KINDS.get(self.flag[at], "replaced-meter" if self.marked[at] else "replaced-meter?")
            modulus = self.channel.modulus
            params = {
                "count": 1,
                "before": number(before),
                "after": number(after),
                "modulus": modulus,
                **rise,
            }
            return Event(kind, int(self.ms[against]), int(self.ms[first]), params)
        span, count = (int(self.ms[first]), int(self.ms[last])), last - first + 1
        if self.why[at] == Relation.RESET.value:
            return Event("counter-at-zero", *span, {"count": count, "value": number(before)})
        if self.why[at] == Relation.UP.value:
            return Event("held-back", *span, {"count": count, **rise})
        return Event("spike" if after > before else "dip", *span, {"count": count, "value": number(after)})
