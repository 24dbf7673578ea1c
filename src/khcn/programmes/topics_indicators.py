"""What topics give to reports: counts and sums by unit, each with the topics it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from khcn.core.indicators import Figure
from khcn.core.references import Reference
from khcn.programmes.indicators import ProgrammeIndicator
from khcn.programmes.models.topics import Topic
from khcn.programmes.selectors.figures import Row
from khcn.programmes.selectors.topics_figures import FIGURES

TOPIC: Final = Topic._meta.label_lower


@dataclass(frozen=True, slots=True)
class TopicIndicator(ProgrammeIndicator):
    """One figure whose rows come from topics."""

    def _figure(self, rows: Sequence[Row]) -> Figure:
        found = ProgrammeIndicator._figure(self, rows)
        return replace(found, sources=tuple(Reference(TOPIC, one.id) for one in found.sources))


INDICATORS: Final[Mapping[str, TopicIndicator]] = {
    f"programmes.{key}": TopicIndicator(one.title, one.unit, one.read, one.mean)
    for key, one in FIGURES.items()
}
