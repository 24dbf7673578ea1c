"""Says a lasting "not there" once an hour, not at every question: an inverter at night, a register it never had."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from khcn.engines.energy.types import Sample

_AGAIN_MS: Final = 3_600_000
_LASTING: Final = {"reading-not-implemented", "reading-refused"}


@dataclass(slots=True)
class Quiet:
    """Remembers what was said of each metric of one device."""

    _said: dict[str, tuple[str, int]] = field(default_factory=dict)

    def heard(self, samples: Iterable[Sample]) -> list[Sample]:
        """Return ``samples`` without what was said already within the hour."""
        return [sample for sample in samples if self._news(sample)]

    def _news(self, sample: Sample) -> bool:
        if sample.problem not in _LASTING:
            self._said.pop(sample.metric, None)
            return True
        problem, when = self._said.get(sample.metric, ("", 0))
        if problem == sample.problem and 0 <= sample.ts_ms - when < _AGAIN_MS:
            return False
        self._said[sample.metric] = (sample.problem, sample.ts_ms)
        return True
