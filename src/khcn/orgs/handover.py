"""What an app tells and does when units follow one another: the port between ``orgs`` and the apps above it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.utils.functional import Promise

from khcn.orgs.decisions import NOBODY
from khcn.orgs.models import SuccessionDecision, Unit, Viewer


@dataclass(frozen=True, slots=True)
class OpenThing:
    """Something open that a unit hands over. ``ref`` names it alone ("plan.workitem:12"), ``group`` it and its like in
    other units ("task:IV.7"); ``all_take``: every successor gets one of its own (a report owed), so nobody chooses.
    """

    ref: str
    group: str
    kind: str
    label: str
    unit_id: int
    all_take: bool = False


@dataclass(frozen=True, slots=True)
class Takers:
    """Who follows one unit: ``default`` takes what nobody else was named for; ``None`` when the unit lives on."""

    unit: Unit
    targets: tuple[Unit, ...]
    default: Unit | None
    ends: bool = True


@dataclass(frozen=True, slots=True)
class HandOver:
    """A decision on its effective day: ``takers`` by the id of the unit that hands over."""

    decision: SuccessionDecision
    takers: Mapping[int, Takers]
    now: datetime
    actor: Viewer

    @property
    def on(self) -> date:
        """The effective day."""
        return self.decision.effective_on

    def taker(self, unit_id: int, ref: str, group: str) -> Unit | None:
        """Return who takes a thing: an exception for it alone, one for its group, or the default successor."""
        takers = self.takers[unit_id]
        by_key = {unit.key: unit for unit in takers.targets}
        default = takers.default.key if takers.default else ""
        return by_key.get(chosen_key(by_key, default, self.decision.exceptions, ref, group))


def chosen_key(
    targets: Iterable[str], default: str, exceptions: Mapping[str, str], ref: str, group: str
) -> str:
    """Return the key of the unit that takes a thing; empty: it stays, or ends, with its unit."""
    known = set(targets)
    for name in (ref, group):
        key = exceptions.get(name, "")
        if key == NOBODY:
            return ""
        if key in known:
            return key
    return default


class SuccessionFollower(Protocol):
    """An app with open things of units. Both calls come inside the transaction of ``orgs``."""

    @property
    def words(self) -> Mapping[str, str | Promise]:
        """What the counts of :meth:`hand_over` are called."""
        ...

    def open_things(self, units: Sequence[Unit], on: date) -> Sequence[OpenThing]:
        """Return what ``units`` would hand over on the day ``on``."""
        ...

    def hand_over(self, hand: HandOver) -> Mapping[str, int]:
        """Hand over what is open; a second call finds nothing. Return how many of what."""
        ...
