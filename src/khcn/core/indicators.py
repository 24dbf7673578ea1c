"""Indicators: figures that an app offers to reports, asked for by period and unit.

An app registers its indicators in ``AppConfig.ready``; the plan asks the registry and so never imports the app that
has the figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol, runtime_checkable

from django.utils.functional import Promise

from khcn.core.actors import Actor
from khcn.core.references import Reference
from khcn.core.registry import Registry


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from ``start`` to ``end``, both included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period ends before it starts: {self.start} - {self.end}")


@dataclass(frozen=True, slots=True)
class Figure:
    """The value of an indicator. ``value`` is None when nothing was measured: that is not zero.

    ``completeness``: share of the period that was measured, 0 to 1, if known; ``note``: a sentence with the stated
    error or what is missing; ``sources``: the records it came from, for tracing.
    """

    value: Decimal | None
    completeness: float | None = None
    note: str = ""
    sources: Sequence[Reference] = field(default_factory=tuple)


class Indicator(Protocol):
    """One figure that reports may ask for."""

    @property
    def title(self) -> str | Promise: ...

    @property
    def unit(self) -> str | Promise: ...

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the value over ``period``, of the given organisational units (None: all that ``reader`` may read)."""
        ...


@runtime_checkable
class BulkIndicator(Indicator, Protocol):
    """An indicator that answers for many groups of units in a few queries: a report form asks for 168 units at once."""

    def figures(
        self, *, period: Period, groups: Mapping[int, Sequence[int]], reader: Actor
    ) -> Mapping[int, Figure]:
        """Return the value over ``period`` for each group of organisational units, by the caller's key of the group."""
        ...


indicators: Registry[Indicator] = Registry("indicators")
