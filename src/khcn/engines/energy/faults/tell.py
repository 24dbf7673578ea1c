"""Findings put together: times and figures as people write them, and the series that shows the fault."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from khcn.engines.energy.faults.ground import Ground
from khcn.engines.energy.types import Finding, FindingKind, Values

_POINTS: Final = 200


def finding(
    ground: Ground,
    kind: FindingKind,
    span: tuple[int, int],
    rows: Sequence[int],
    *,
    code: str = "",
    loss: float | None,
    measured: Values | None = None,
    expected: Values | None = None,
    unit: str = "kW",
    lasting: bool | None = None,
    **params: Any,
) -> Finding:
    """Return a finding over the intervals ``span`` (first, past the last) of the inverters ``rows``.

    ``lasting``: whether it goes on (None: it does when it reaches the last data). ``measured``/``expected``: evidence
    in kW for each interval of the site (None: that of the first inverter).
    """
    first, end = span
    start_ms, end_ms = int(ground.site.ms[first]), ground.end_of(end - 1)
    ongoing = end >= len(ground.site.ms) - 1 if lasting is None else lasting
    if measured is None:
        measured = ground.kwh[rows[0]] / ground.hours
    if expected is None:
        expected = ground.expected[rows[0]] / ground.hours
    names = [ground.inverters[row].name or ground.inverters[row].key for row in rows]
    zone = ground.site.zone
    words = {
        "device": ", ".join(names),
        "since": stamp(start_ms, zone),
        "until": stamp(end_ms, zone),
        "loss": number(loss),
        "ongoing": ongoing,
        **params,
    }
    base = code or f"fault-{kind.value}"
    return Finding(
        kind=kind,
        start_ms=start_ms,
        end_ms=end_ms,
        code=f"{base}-ongoing" if ongoing else base,
        params=words,
        devices=tuple(sorted(ground.inverters[row].key for row in rows)),
        loss_kwh=None if loss is None else round(max(loss, 0.0), 3),
        evidence=evidence(ground, span, measured, expected, unit),
    )


def evidence(
    ground: Ground, span: tuple[int, int], measured: Values, expected: Values, unit: str
) -> dict[str, Any]:
    """Return the series around ``span``, thinned to 200 points (means, so that nothing hides between points)."""
    day = round(24 / ground.hours)
    first = max(0, span[0] - day)
    end = min(len(ground.site.ms), span[1] + day // 2)
    width = max(1, int(np.ceil((end - first) / _POINTS)))
    starts = range(first, end, width)
    return {
        "t": [int(ground.site.ms[start]) for start in starts],
        "measured": [_mean(measured[start : min(start + width, end)]) for start in starts],
        "expected": [_mean(expected[start : min(start + width, end)]) for start in starts],
        "unit": unit,
    }


def _mean(values: Values) -> float | None:
    known = values[np.isfinite(values)]
    return round(float(known.mean()), 3) if len(known) else None


def stamp(ms: int, zone: str) -> str:
    """Return a local time as 14:30 03/04/2026."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%H:%M %d/%m/%Y")


def number(value: float | None) -> str:
    """Return a figure in Vietnamese writing: 1.234 or 12,3."""
    if value is None:
        return "?"
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")
