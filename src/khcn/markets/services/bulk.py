"""Whole months of minutes at once, from arrays: for demo markets and for counts brought from elsewhere.

Hours that exist stay as they are. Nothing is derived here: call :func:`.rollups.rollups_derive` at the end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from khcn.markets.models import Camera, CameraHour, Gate, GateHour, Zone, ZoneHour
from khcn.markets.rules.packing import COLUMNS, HEALTH_BITS, HourMinutes, Kind

HOUR = timedelta(hours=1)
ROWS = 2000
Minutes = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """Minutes from ``start`` (a whole hour): ``measured`` (minutes,) says which were; ``hours``: which hours to keep."""

    start: datetime
    measured: NDArray[np.bool_]
    hours: NDArray[np.intp]  # numbers of the hours from start
    layout: int = 1


def gate_minutes_load(gate: Gate, span: Span, count_in: Minutes, count_out: Minutes) -> int:
    """Write the hours of a gate; return how many."""
    columns = {"count_in": count_in, "count_out": count_out, "measured_cs": 6000 * span.measured}
    rows = [
        GateHour(gate=gate, hour=hour, layout=span.layout, minutes=packed.pack(), **packed.sums())
        for hour, packed in _hours(Kind.GATE, span, columns)
    ]
    GateHour.objects.bulk_create(rows, batch_size=ROWS, ignore_conflicts=True)
    return len(rows)


def zone_minutes_load(zone: Zone, span: Span, person_s: Minutes, entries: Minutes, stays: Minutes) -> int:
    """Write the hours of a zone. ``stays`` (bins, minutes): finished stays by length; return how many hours."""
    columns = {
        "person_cs": np.rint(person_s * 100),
        "entries": entries,
        "peak": np.ceil(person_s / 60 * 1.3),
        "measured_cs": 6000 * span.measured,
        **{f"stay_{number}": row for number, row in enumerate(stays)},
    }
    rows = [
        ZoneHour(zone=zone, hour=hour, layout=span.layout, minutes=packed.pack(), **packed.sums())
        for hour, packed in _hours(Kind.ZONE, span, columns)
    ]
    ZoneHour.objects.bulk_create(rows, batch_size=ROWS, ignore_conflicts=True)
    return len(rows)


def camera_minutes_load(camera: Camera, span: Span, person_s: Minutes, heat: Mapping[str, float]) -> int:
    """Write the hours of a camera; minutes not measured count as "offline". ``heat``: share of presence by cell."""
    columns = {
        "person_cs": np.rint(person_s * 100) * span.measured,
        "peak": np.ceil(person_s / 60 * 1.3) * span.measured,
        "measured_cs": 6000 * span.measured,
        "health": HEALTH_BITS["offline"] * ~span.measured,
    }
    every = Span(span.start, np.ones_like(span.measured), span.hours, span.layout)
    rows = []
    for hour, packed in _hours(Kind.CAMERA, every, columns):
        sums = packed.sums()
        warm = (
            {cell: round(share * sums["person_s"], 1) for cell, share in heat.items()}
            if sums["person_s"]
            else {}
        )
        rows.append(CameraHour(camera=camera, hour=hour, heat=warm, minutes=packed.pack(), **sums))
    CameraHour.objects.bulk_create(rows, batch_size=ROWS, ignore_conflicts=True)
    return len(rows)


def _hours(kind: Kind, span: Span, columns: Mapping[str, Minutes]) -> Iterator[tuple[datetime, HourMinutes]]:
    names = COLUMNS[kind]
    values = np.stack(
        [np.asarray(columns.get(name, np.zeros(span.measured.size)), np.int64) for name in names]
    )
    for number in span.hours.tolist():
        piece = slice(number * 60, number * 60 + 60)
        present = span.measured[piece]
        if present.size == 60 and present.any():
            yield span.start + number * HOUR, HourMinutes(kind, present.copy(), values[:, piece] * present)
