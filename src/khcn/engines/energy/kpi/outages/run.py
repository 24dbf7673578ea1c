"""The whole analysis: availability and energy lost by local day, and the events behind them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi import ratios
from khcn.engines.energy.kpi.clean import Note
from khcn.engines.energy.kpi.days import day_name
from khcn.engines.energy.kpi.outages.counter import read_counter
from khcn.engines.energy.kpi.outages.decide import decide, lost_by_row
from khcn.engines.energy.kpi.outages.events import Outage, events_of
from khcn.engines.energy.kpi.outages.plant import Grid, Plant, grid_of
from khcn.engines.energy.kpi.outages.produced import Produced, produced
from khcn.engines.energy.kpi.outages.siblings import compare
from khcn.engines.energy.types import Values


@dataclass(frozen=True, slots=True)
class AvailableDay:
    """One local day. ``availability`` is None when the day had nothing to produce (no light, or no data at all)."""

    date: str
    availability: float | None
    produced_kwh: float
    energy_lost_kwh: float

    def document(self) -> dict[str, Any]:
        """Return what JSON keeps."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Availability:
    """Result: the whole (its ``date`` is empty), days, events, what a person should know; ``lost_kwh`` and
    ``produced_kwh`` are the rows of the grid from ``start_ms`` by ``step_ms``."""

    whole: AvailableDay
    days: tuple[AvailableDay, ...]
    events: tuple[Outage, ...]
    notes: tuple[Note, ...]
    start_ms: int
    step_ms: int
    produced_kwh: Values
    lost_kwh: Values


def availability_of(plant: Plant, *, zone: str) -> Availability:
    """Tell outages from communication gaps and sum up what they cost.

    Raises SpecError (``kpi-no-rows``, ``kpi-step``, ``kpi-too-long``, ``kpi-nothing-to-judge``, ``kpi-zone``).
    """
    grid = grid_of(plant, zone)
    if not grid.bright.any():
        raise SpecError("kpi-nothing-to-judge")
    siblings, counter = compare(grid), read_counter(grid)
    made = produced(grid, counter, siblings)
    decision = decide(grid, siblings, made)
    events = events_of(grid, decision, plant.names)
    lost, did = lost_by_row(decision) * grid.hours, _unseen_added(grid, made, decision.states) * grid.hours
    dead = [name for name, ever in zip(plant.names, siblings.online.T, strict=True) if not ever.any()]
    notes = _notes(grid, made, counter.resets, known=counter.known)
    notes += tuple(Note("kpi-note-dead-inverter", {"name": name}) for name in dead)
    first = int(grid.days[0])
    place = grid.days - first
    sums = np.bincount(place, weights=did), np.bincount(place, weights=lost)
    days = tuple(
        _day(day_name(first + number), float(sums[0][number]), float(sums[1][number]))
        for number in range(len(sums[0]))
    )
    whole = _day("", float(did.sum()), float(lost.sum()))
    return Availability(whole, days, events, notes, grid.start_ms, grid.step_ms, did, lost)


def _day(name: str, made: float, lost: float) -> AvailableDay:
    return AvailableDay(name, ratios.availability(made, lost), made, lost)


def _unseen_added(
    grid: Grid, made: Produced, states: np.ndarray[tuple[int, ...], np.dtype[np.int8]]
) -> Values:
    """Where nothing is known of a row, say that silent inverters did as they would have (noted)."""
    out = made.made.copy()
    for row in np.flatnonzero(made.blind):
        if not (states[row] == 1).any():
            out[row] = max(out[row], made.full[row])
    return out


def _notes(grid: Grid, made: Produced, resets: int, *, known: bool) -> tuple[Note, ...]:
    notes: list[Note] = []
    if grid.guessed:
        notes.append(Note("kpi-note-expected-guessed", {}))
    if not known:
        notes.append(Note("kpi-note-no-counter", {}))
    if resets:
        notes.append(Note("kpi-note-counter-resets", {"count": resets}))
    blind = int((made.blind & grid.bright).sum())
    if blind:
        notes.append(Note("kpi-note-blind", {"count": blind}))
    return tuple(notes)
