"""Rows put together to events: one for each stretch in which the same inverters are out, or silent, together."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from khcn.engines.energy.kpi.outages.decide import OUT, SILENT, Decision
from khcn.engines.energy.kpi.outages.plant import Grid, Mask, runs
from khcn.engines.energy.types import FindingKind

_SHORTEST_LOSS = 0.0005  # of what an ordinary day brings: less is a morning's late start, not an outage


@dataclass(frozen=True, slots=True)
class Outage:
    """One event; ``end_ms`` is exclusive. A communication gap loses nothing."""

    start_ms: int
    end_ms: int
    kind: FindingKind
    energy_lost_kwh: float
    inverters: tuple[str, ...]

    def document(self, moment: Any) -> dict[str, Any]:
        """Return what JSON keeps; ``moment`` writes a time."""
        return {
            "start": moment(self.start_ms),
            "end": moment(self.end_ms),
            "kind": self.kind.value,
            "energy_lost_kwh": self.energy_lost_kwh,
            "inverters": list(self.inverters),
        }


def events_of(grid: Grid, decision: Decision, names: tuple[str, ...]) -> tuple[Outage, ...]:
    """Return the events in order of time, and take losses too small to mean anything out of ``decision``."""
    least = _SHORTEST_LOSS * _ordinary_day(grid)
    found: dict[tuple[int, int, FindingKind], list[int]] = {}
    for column in range(decision.states.shape[1]):
        for state, kind in ((OUT, FindingKind.OUTAGE), (SILENT, FindingKind.COMMUNICATION_GAP)):
            for start, end in _stretches(decision, column, state):
                rows = slice(start, end)
                mine = decision.states[rows, column] == state
                weight = decision.lost[rows, column][mine].sum() * grid.hours
                if state == OUT and weight < least:
                    decision.lost[rows, column] = 0.0
                    continue
                found.setdefault((start, end, kind), []).append(column)
    events = [_event(grid, decision, key, columns, names) for key, columns in found.items()]
    return tuple(sorted(events, key=lambda one: (one.start_ms, one.end_ms, one.kind.value, one.inverters)))


def _event(
    grid: Grid,
    decision: Decision,
    key: tuple[int, int, FindingKind],
    columns: list[int],
    names: tuple[str, ...],
) -> Outage:
    start, end, kind = key
    lost = float(decision.lost[start:end, columns].sum()) * grid.hours if kind is FindingKind.OUTAGE else 0.0
    concerned = tuple(names[column] for column in columns) if names else ()
    return Outage(grid.at(start), grid.at(end), kind, lost, concerned)


def _stretches(decision: Decision, column: int, state: int) -> list[tuple[int, int]]:
    """Return the runs of ``state`` joined where only rows that cannot be judged lie between; seen in light."""
    states, judged = decision.states[:, column], decision.judged[:, column]
    other = (states != state) & (judged | decision.running[:, column] | (states > 0))
    joined: list[tuple[int, int]] = []
    for start, end in runs(states == state):
        if joined and not _between(other, joined[-1][1], start):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    seen = judged & (states == state)
    return [(start, end) for start, end in joined if seen[start:end].any()]


def _between(other: Mask, start: int, end: int) -> bool:
    return bool(other[start:end].any())


def _ordinary_day(grid: Grid) -> float:
    days = max(1, len(np.unique(grid.days)))
    return float(grid.expected_kw.sum()) * grid.hours / days
