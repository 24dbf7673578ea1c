"""The figures that topics are followed by, read from the registry of indicators when they are looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from khcn.core.actors import Actor
from khcn.core.indicators import Period, indicators
from khcn.programmes.models.topics_parts import TopicMeasure


@dataclass(frozen=True, slots=True)
class MeasureNow:
    """A figure now. ``value`` None: nothing was measured, or nobody offers it any more (``known``).

    ``reached``: percent of the way from baseline to target, when all three are known.
    """

    number: int
    indicator: str
    title: str
    unit: str
    baseline: Decimal | None
    target: Decimal | None
    value: Decimal | None
    note: str
    known: bool
    starts_on: date
    ends_on: date
    reached: int | None


def measures_now(rows: Iterable[TopicMeasure], reader: Actor, today: date) -> list[MeasureNow]:
    """Return the current figures of measures as ``reader`` may see them. The indicators' own queries for each."""
    return [_now(one, reader, today) for one in rows]


def _now(row: TopicMeasure, reader: Actor, today: date) -> MeasureNow:
    end = max(row.starts_on, min(row.ends_on or today, today))
    title, unit, value, note, known = row.title or row.indicator, "", None, "", row.indicator in indicators
    if known:
        indicator = indicators.get(row.indicator)
        title, unit = row.title or str(indicator.title), str(indicator.unit)
        figure = indicator.figure(period=Period(row.starts_on, end), unit_ids=None, reader=reader)
        value, note = figure.value, figure.note
    reached = _reached(row.baseline, row.target, value)
    return MeasureNow(
        row.number,
        row.indicator,
        title,
        unit,
        row.baseline,
        row.target,
        value,
        note,
        known,
        row.starts_on,
        end,
        reached,
    )


def _reached(baseline: Decimal | None, target: Decimal | None, value: Decimal | None) -> int | None:
    if value is None or target is None:
        return None
    start = baseline or Decimal(0)
    if target == start:
        return 100
    return max(0, round((value - start) / (target - start) * 100))


def indicator_choices() -> list[tuple[str, str]]:
    """Return the indicators that a topic may be followed by: key, title with unit."""
    return [(key, f"{one.title} ({one.unit})") for key, one in indicators.items()]
