"""Where people are on the floor of a market: presence of cameras put together on one grid of square metres."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Q
from django.utils import timezone
from numpy.typing import NDArray

from khcn.engines.vision.errors import LayoutError
from khcn.engines.vision.layout import Layout as Drawing
from khcn.engines.vision.layout import parse_layout
from khcn.engines.vision.measure.geometry import Floor
from khcn.engines.vision.measure.heat import COLUMNS, ROWS, read_cells
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
        values = _on_floor(
            heat / (3600 * hours), Floor(drawing.ground), size, _Grid(low, (rows, columns), cell)
        )
        # two cameras may see one place: the fuller view counts, people are not added twice
        people = np.fmax(people, values)
    cells = [[None if np.isnan(value) else round(float(value), 4) for value in line] for line in people]
    return {
        "basis": "floor",
        "camera": "",
        "cells": cells,
        "width": round(columns * cell, 2),
        "height": round(rows * cell, 2),
        "cameras": len(grounded),
    }


@dataclass(frozen=True)
class _Grid:
    """The map: its first corner in metres, its cells (rows, columns) and their side in metres."""

    low: Array
    shape: tuple[int, int]
    cell: float


def _on_floor(people: Array, floor: Floor, size: Size, grid: _Grid) -> Array:
    """Return people per square metre for each floor cell (rows, columns), NaN where the camera does not see.

    The floor looks into the picture (not the picture onto the floor), so that far cells leave no holes: each floor
    cell is the mean of nine points, each with the density of the picture cell it lies in.
    """
    pixel = np.array([size.width / COLUMNS, size.height / ROWS])
    corners = np.stack(np.meshgrid(np.arange(COLUMNS + 1), np.arange(ROWS + 1)), axis=-1) * pixel
    spots = floor.place(corners.reshape(-1, 2)).reshape(ROWS + 1, COLUMNS + 1, 2)
    one, two = spots[1:, 1:] - spots[:-1, :-1], spots[1:, :-1] - spots[:-1, 1:]
    area = np.abs(one[..., 0] * two[..., 1] - one[..., 1] * two[..., 0]) / 2
    density = np.where((area > 0) & np.isfinite(area), people / np.where(area > 0, area, 1.0), np.nan)
    back = np.linalg.inv(floor.matrix)
    total, seen = np.zeros(grid.shape), np.zeros(grid.shape)
    for shift in ((x, y) for y in (1 / 6, 0.5, 5 / 6) for x in (1 / 6, 0.5, 5 / 6)):
        places = np.stack(np.meshgrid(np.arange(grid.shape[1]), np.arange(grid.shape[0])), axis=-1) + shift
        metres = np.concatenate([grid.low + places * grid.cell, np.ones((*grid.shape, 1))], axis=-1)
        seen_at = metres @ back.T
        at = np.floor(seen_at[..., :2] / seen_at[..., 2:] / pixel)
        inside = np.isfinite(at).all(axis=-1) & (at >= 0).all(axis=-1) & (at < [COLUMNS, ROWS]).all(axis=-1)
        columns, rows = (np.where(inside, at[..., axis], 0).astype(int) for axis in (0, 1))
        values = np.where(inside, density[rows, columns], np.nan)
        known = ~np.isnan(values)
        total += np.where(known, values, 0.0)
        seen += known
    return np.asarray(np.where(seen > 0, total / np.maximum(seen, 1), np.nan), dtype=np.float64)
