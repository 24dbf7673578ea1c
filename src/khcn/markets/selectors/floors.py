"""Where people are on the floor of a market: presence of cameras put together on one grid of square metres."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Q
from django.utils import timezone
from numpy.typing import NDArray

from khcn.engines.vision.errors import LayoutError
from khcn.engines.vision.layout import Layout as Drawing
from khcn.engines.vision.layout import parse_layout
from khcn.engines.vision.measure.heat import COLUMNS, ROWS, read_cells, to_floor
from khcn.engines.vision.types import Size
from khcn.markets.models import Camera, CameraHour, Layout, Market
from khcn.markets.selectors.places import window_of
from khcn.markets.selectors.prepared import prepared

Array = NDArray[np.float64]
DAYS: Final = 7
MOST_CELLS: Final = 48  # along the longer side
MARGIN_M: Final = 2.0


def floor_of(market: Market) -> Mapping[str, Any] | None:
    """Return the floor that a worker made last; None when there is none (yet)."""
    return prepared(f"floor-{market.pk}")


def floor_work_out(market: Market, now: datetime) -> dict[str, Any] | None:
    """Put together the presence of the last seven whole days: people at a time per square metre.

    With ground points: the floor. Without: the picture grid of the camera that saw most. None without a measured hour.
    Seconds of work: for a worker.
    """
    last = timezone.localtime(now).date() - timedelta(days=1)
    first = last - timedelta(days=DAYS - 1)
    seen = _presence(market, first, last)
    if not seen:
        return None
    span = {"first": first.isoformat(), "last": last.isoformat()}
    layouts = _drawings(market, now)
    grounded = {pk: layouts[pk] for pk in seen if pk in layouts and layouts[pk][0].ground is not None}
    if grounded:
        return span | _floor(market, seen, grounded)
    pk = max(seen, key=lambda key: float(seen[key][0].sum()))
    heat, hours = seen[pk]
    name = Camera.objects.filter(pk=pk).values_list("name", flat=True).get()
    return span | {
        "basis": "camera",
        "camera": name,
        "cells": [[round(float(value) / (3600 * hours), 4) for value in line] for line in heat],
        "width": COLUMNS,
        "height": ROWS,
        "cameras": 1,
    }


def _presence(market: Market, first: date, last: date) -> dict[int, tuple[Array, float]]:
    """Return seconds by picture cell and measured hours of each camera."""
    heat: dict[int, Array] = defaultdict(lambda: np.zeros((ROWS, COLUMNS)))
    hours: dict[int, float] = defaultdict(float)
    begin, end = window_of(first, last)
    rows = CameraHour.objects.filter(
        camera__market=market, hour__gte=begin, hour__lt=end, measured_s__gt=0
    ).values_list("camera_id", "heat", "measured_s")
    for camera, cells, seconds in rows.iterator(chunk_size=500):
        if cells:
            heat[camera] += read_cells(cells)
        hours[camera] += seconds / 3600
    return {pk: (heat[pk], count) for pk, count in hours.items() if count > 0}


def _drawings(market: Market, now: datetime) -> dict[int, tuple[Drawing, Size]]:
    found = {}
    rows = Layout.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=now), camera__market=market, valid_from__lte=now
    )
    for row in rows:
        try:
            drawing = parse_layout(row.drawing)
        except LayoutError:  # an old drawing that is no longer allowed gives no floor
            continue
        found[row.camera_id] = (drawing, Size(row.frame_width, row.frame_height))
    return found


def _extent(market: Market, grounded: dict[int, tuple[Drawing, Size]]) -> tuple[Array, Array]:
    """Return the two corners of the map in metres: the stated floor, or what the cameras' points span."""
    if market.floor_width_m and market.floor_depth_m:
        return np.zeros(2), np.array([float(market.floor_width_m), float(market.floor_depth_m)])
    corners = np.concatenate(
        [np.asarray(drawing.ground.metres) for drawing, _size in grounded.values() if drawing.ground]
    )
    return corners.min(axis=0) - MARGIN_M, corners.max(axis=0) + MARGIN_M


def _floor(
    market: Market, seen: dict[int, tuple[Array, float]], grounded: dict[int, tuple[Drawing, Size]]
) -> dict[str, Any]:
    low, high = _extent(market, grounded)
    cell = max(float((high - low).max()) / MOST_CELLS, 0.25)
    columns, rows = (int(number) for number in np.maximum(np.ceil((high - low) / cell - 1e-9), 1))
    people = np.full((rows, columns), np.nan)
    for pk, (drawing, size) in grounded.items():
        if drawing.ground is None:
            continue
        heat, hours = seen[pk]
        view, corner = to_floor(
            np.ones((ROWS, COLUMNS)), drawing.ground, size, cell_m=cell, around_m=MARGIN_M
        )
        seconds, _corner = to_floor(heat, drawing.ground, size, cell_m=cell, around_m=MARGIN_M)
        values = np.where(view > 0, seconds / (3600 * hours * cell * cell), np.nan)
        shift = np.round((np.asarray(corner) - low) / cell).astype(int)
        for (row, column), value in np.ndenumerate(values):
            y, x = row + shift[1], column + shift[0]
            if 0 <= y < rows and 0 <= x < columns and not np.isnan(value):
                # two cameras may see one place: the fuller view counts, people are not added twice
                people[y, x] = value if np.isnan(people[y, x]) else max(people[y, x], value)
    cells = [[None if np.isnan(value) else round(float(value), 4) for value in line] for line in people]
    return {
        "basis": "floor",
        "camera": "",
        "cells": cells,
        "width": round(columns * cell, 2),
        "height": round(rows * cell, 2),
        "cameras": len(grounded),
    }
