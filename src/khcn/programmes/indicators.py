"""What programmes give to reports: counts by the unit that organises, each with the programmes it came from."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise

from khcn.core.actors import Actor
from khcn.core.indicators import Figure, Period
from khcn.core.references import Reference
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import acting
from khcn.programmes.selectors.figures import FIGURES, Row

PROGRAMME: Final = Programme._meta.label_lower
MOST_SOURCES: Final = 200


@dataclass(frozen=True, slots=True)
class ProgrammeIndicator:
    """One figure: ``read`` gives rows of (unit, programme, amount, weight) of a period in one query.

    ``mean``: the figure is the mean of ``amount`` over ``weight``; otherwise the sum of ``amount``.
    """

    title: str | Promise
    unit: str | Promise
    read: Callable[[Period], Iterable[Row]]
    mean: bool = False

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the figure over ``period``, of the given units, or of all that ``reader`` may read."""
        rows = list(self.read(period))
        if unit_ids is not None:
            wanted = frozenset(unit_ids)
            return self._figure([row for row in rows if row.unit_id in wanted])
        reach = acting(reader)
        whole = reach.everything or reach.superior
        return self._figure([row for row in rows if whole or row.unit_id in reach.units])

    def figures(
        self, *, period: Period, groups: Mapping[int, Sequence[int]], reader: Actor
    ) -> Mapping[int, Figure]:
        """Return the figure for each group of units; one query for all of them."""
        by_unit: dict[int, list[Row]] = defaultdict(list)
        for row in self.read(period):
            by_unit[row.unit_id].append(row)
        return {
            key: self._figure([row for unit in dict.fromkeys(units) for row in by_unit.get(unit, ())])
            for key, units in groups.items()
        }

    def _figure(self, rows: Sequence[Row]) -> Figure:
        behind = dict.fromkeys(row.programme_id for row in rows)
        sources = tuple(Reference(PROGRAMME, str(pk)) for pk in list(behind)[:MOST_SOURCES])
        total = sum((row.amount for row in rows), Decimal(0))
        if not self.mean:
            return Figure(total, sources=sources)
        weight = sum(row.weight for row in rows)
        if not weight:
            return Figure(None)  # nobody said anything: that is not zero
        return Figure((total / weight).quantize(Decimal("0.01")), sources=sources)


INDICATORS: Final[Mapping[str, ProgrammeIndicator]] = {
    f"programmes.{key}": ProgrammeIndicator(one.title, one.unit, one.read, one.mean)
    for key, one in FIGURES.items()
}
