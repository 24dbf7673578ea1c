"""What a key figure is once computed: its value with everything needed to believe it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Period:
    """What a figure is about: ``grain`` is ``day``, ``month`` or ``total``; ``name`` is ``2026-11-23``, ``2026-11``
    or ``""``; the moments are milliseconds, ``end_ms`` exclusive."""

    grain: str
    name: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class KpiResult:
    """One key figure of one period.

    ``value`` None: it cannot be said (``note_code`` says why). ``inputs``: the sums it was made of, by name with the
    unit in the name; ``versions``: what else it rests on (tariff row, factor row, rating, engine); ``completeness``:
    share of the period's intervals that had every value needed; ``definition_code`` and ``note_code`` are codes of
    :mod:`.messages` (``note_code`` may be empty). ``key`` names what was computed: a performance ratio against
    modelled irradiation and one corrected for temperature have keys of their own.
    """

    key: str
    value: float | None
    unit: str
    period: Period
    completeness: float
    definition_code: str
    note_code: str = ""
    inputs: Mapping[str, float | None] = field(default_factory=dict)
    versions: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return what JSON and the database keep."""
        return {
            "key": self.key,
            "value": self.value,
            "unit": self.unit,
            "grain": self.period.grain,
            "period": self.period.name,
            "start_ms": self.period.start_ms,
            "end_ms": self.period.end_ms,
            "completeness": self.completeness,
            "definition": self.definition_code,
            "note": self.note_code,
            "inputs": dict(self.inputs),
            "versions": dict(self.versions),
        }
