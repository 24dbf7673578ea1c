"""The rows of readings: pieces by channel become hours, marks of what must be derived, latest values.

The caller holds the transaction; the channels are locked, so nobody else changes these rows between reading and writing
(on SQLite the transaction is IMMEDIATE anyway).
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import connection

from khcn.energy.models import Batch, Channel, Device, ReadingHour, Touched
from khcn.energy.rules.days import HOUR_MS, moment_of, ms_of
from khcn.energy.rules.packing import EMPTY, hours_of, merge_hour, unpack_hour
from khcn.energy.rules.wire import Piece
from khcn.energy.services.parcels import Parcel

MOST_AN_HOUR: Final = 3_600
_SLICE: Final = 400


@dataclass(slots=True)
class Placed:
    """Pieces by channel, sorted by time."""

    devices: dict[str, Device] = field(default_factory=dict)
    pieces: dict[int, list[Piece]] = field(default_factory=lambda: defaultdict(list))
    channels: dict[int, Channel] = field(default_factory=dict)
    usable: Counter[int] = field(default_factory=Counter)
    unusable: dict[int, str] = field(default_factory=dict)
    clocks: set[int] = field(default_factory=set)
    floods: set[int] = field(default_factory=set)


def write_pieces(parcel: Parcel, placed: Placed, batch: Batch) -> None:
    """Add the pieces to their hours; mark what must be derived; bring the latest values up to date."""
    result = parcel.result
    by_pk = {device.pk: device for device in placed.devices.values()}
    runs = [
        (channel_id, start, piece, place)
        for channel_id, pieces in placed.pieces.items()
        for piece in pieces
        for start, place in hours_of(piece.t)
    ]
    held = _held({(channel_id, start) for channel_id, start, _piece, _place in runs})
    changed: dict[tuple[int, int], Any] = {}
    windows: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for channel_id, start, piece, place in runs:
        device = by_pk[placed.channels[channel_id].device_id]
        hour = changed.get((channel_id, start))
        if hour is None:
            packed = held.get((channel_id, start))
            hour = unpack_hour(packed) if packed is not None else EMPTY
        part = (
            piece if place.stop - place.start == len(piece) else piece.at(np.arange(place.start, place.stop))
        )
        room = MOST_AN_HOUR - len(hour)
        if len(part) > room:
            parcel.aside("flood", part.at(np.arange(max(0, room), len(part))), device)
            placed.floods.add(device.pk)
            part = part.at(np.arange(0, max(0, room)))
        merged = merge_hour(
            hour, part.t - start, part.v, batch=batch.pk, problems=part.problems, raws=part.raws
        )
        result.kept += merged.kept
        result.duplicates += len(part) - merged.kept
        if merged.conflicts:
            result.notes["value-conflict"] += merged.conflicts
        if merged.kept:
            changed[channel_id, start] = merged.hour
            windows[channel_id].append((start + merged.first_ms, start + merged.last_ms))
        if part.problems:
            result.notes.update(part.problems.values())
            placed.unusable[device.pk] = next(iter(part.problems.values()))
        placed.usable[device.pk] += len(part) - len(part.problems)
    _upsert_hours(changed)
    _mark(windows, parcel.now)
    _latest(placed)


def _held(places: set[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    """Return the packed hours at these places."""
    channels = sorted({channel_id for channel_id, _start in places})
    hours = [moment_of(start) for start in sorted({start for _channel, start in places})]
    found: dict[tuple[int, int], Any] = {}
    for first in range(0, len(hours), _SLICE):
        rows = ReadingHour.objects.filter(channel_id__in=channels, hour__in=hours[first : first + _SLICE])
        for channel_id, hour, packed in rows.values_list("channel_id", "hour", "packed"):
            found[channel_id, ms_of(hour)] = packed
    return found


def _upsert_hours(changed: dict[tuple[int, int], Any]) -> None:
    """Write hours, in the order of their place (two batches then never wait for each other in a ring)."""
    rows = [
        (channel_id, moment_of(start), len(hour), hour.pack())
        for (channel_id, start), hour in sorted(changed.items(), key=lambda item: item[0])
    ]
    if not rows:
        return
    table = ReadingHour._meta.db_table
    statement = (
        f"INSERT INTO {table} (channel_id, hour, readings, packed) VALUES (%s, %s, %s, %s) "  # noqa: S608  # own table
        "ON CONFLICT (channel_id, hour) DO UPDATE SET readings = excluded.readings, packed = excluded.packed"
    )
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(pk, adapt(hour), count, packed) for pk, hour, count, packed in rows])


def _mark(windows: dict[int, list[tuple[int, int]]], now: datetime) -> None:
    """Note which spans of which channels have new readings; neighbouring hours make one span."""
    rows = []
    for channel_id, spans in windows.items():
        joined: list[list[int]] = []
        for first, last in sorted(spans):
            if joined and first - joined[-1][1] <= HOUR_MS:
                joined[-1][1] = max(joined[-1][1], last)
            else:
                joined.append([first, last])
        rows += [
            Touched(channel_id=channel_id, starts_at=moment_of(first), ends_at=moment_of(last), noted_at=now)
            for first, last in joined
        ]
    Touched.objects.bulk_create(rows, batch_size=500)


def _latest(placed: Placed) -> None:
    """Bring the latest usable value of each channel up to date (a conditional update: late data never go back)."""
    rows = []
    adapt = connection.ops.adapt_datetimefield_value
    for channel_id, pieces in placed.pieces.items():
        best: tuple[int, float] | None = None
        for piece in pieces:
            good = np.flatnonzero(np.isfinite(piece.v))
            if len(good):
                at = int(good[-1])
                if best is None or int(piece.t[at]) > best[0]:
                    best = (int(piece.t[at]), float(piece.v[at]))
        before = placed.channels[channel_id].last_at
        if best is not None and (before is None or moment_of(best[0]) > before):
            rows.append((adapt(moment_of(best[0])), best[1], channel_id))
    if not rows:
        return
    table = Channel._meta.db_table
    statement = f"UPDATE {table} SET last_at = %s, last_value = %s WHERE id = %s"  # noqa: S608  # own table, rows are locked
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def note_devices(placed: Placed, parcel: Parcel) -> None:
    """Say of each device that it was heard and what is wrong with it now; good readings end a trouble."""
    now = parcel.now
    seen = set(placed.usable) | placed.clocks | placed.floods
    for device in sorted(placed.devices.values(), key=lambda one: one.pk):
        if device.pk not in seen:
            continue
        trouble, params = "", dict[str, Any]()
        if device.pk in placed.floods:
            trouble, params = "flood", {"limit": MOST_AN_HOUR}
        elif device.pk in placed.clocks:
            trouble = "clock"
        elif not placed.usable[device.pk] and device.pk in placed.unusable:
            trouble, params = "no-usable-value", {"problem": placed.unusable[device.pk]}
        changes: dict[str, Any] = {"heard_at": now}
        if trouble != device.trouble:
            changes |= {
                "trouble": trouble, "trouble_params": params, "trouble_since": now if trouble else None,
            }  # fmt: skip
        Device.objects.filter(pk=device.pk).update(**changes)
