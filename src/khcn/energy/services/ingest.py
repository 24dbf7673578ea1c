"""Taking in what collectors, devices and files bring: idempotent, in any order, with nothing lost.

A reading is known by its channel and its time. What was here already is counted as a duplicate; another value for a
time that is taken is stored beside the first and marked. What cannot be placed (unknown device, another's device,
impossible time, no usable form, a flood) is set aside as it came and can be taken in later. One transaction a batch:
a process that is killed leaves either all of it or nothing, and the sender sends again.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from khcn.energy.errors import BatchError
from khcn.energy.models import Batch, Channel, Device
from khcn.energy.rules.days import ms_of
from khcn.energy.rules.wire import METRIC, Piece
from khcn.energy.services.parcels import BatchResult, Parcel, Sender
from khcn.energy.services.reading_rows import Placed, note_devices, write_pieces
from khcn.engines.energy.metrics import METRICS

MOST_READINGS: Final = 200_000
MOST_CHANNELS: Final = 150
AHEAD: Final = timedelta(minutes=10)
OLDEST_MS: Final = 1_262_304_000_000  # 01/01/2010: a clock that says less is not set
PAYLOAD: Final = "payload"  # a driver's word for a whole message that could not be read


def batch_ingest(
    *, sender: Sender, seq: int, series: Sequence[Any], now: datetime, oldest_ms: int = OLDEST_MS
) -> BatchResult:
    """Take in one batch.

    :param seq: number of the batch in the sender's instance, growing; what it held before changes nothing.
    :param series: pieces ``{"device", "metric", "t": [ms], "v": [value or null], "p": {place: problem}, "raw": {}}``.
    :raises BatchError: the batch has no usable form at all.
    """
    if not 0 < len(sender.instance) <= 64 or not 0 <= seq < 2**62 or len(series) > MOST_READINGS:
        raise BatchError(f"instance, seq 0-2^62, series <= {MOST_READINGS}")
    result = BatchResult(seq)
    parcel = Parcel(sender, now, result)
    parcel.read(series)
    if result.readings > MOST_READINGS:
        raise BatchError(f"readings <= {MOST_READINGS}")
    with transaction.atomic():
        _take_in(parcel, oldest_ms)
    return result


def _take_in(parcel: Parcel, oldest_ms: int) -> None:
    """Place every piece and write: the batch, hours, marks, latest values, what was set aside."""
    sender, now, result = parcel.sender, parcel.now, parcel.result
    batch = _batch_row(parcel)
    if sender.twin:
        for piece in parcel.pieces:
            parcel.aside("two-senders", piece)
    else:
        placed = place_pieces(parcel, oldest_ms)
        write_pieces(parcel, placed, batch)
        note_devices(placed, parcel)
    parcel.write_aside()
    if not result.repeated:
        Batch.objects.filter(pk=batch.pk).update(
            readings=result.readings,
            kept=result.kept,
            duplicates=result.duplicates,
            set_aside=result.set_aside,
        )
    elif now and result.kept:  # the same number with other readings: two machines with one identity
        result.notes["seq-again"] += result.kept


def _batch_row(parcel: Parcel) -> Batch:
    sender, result = parcel.sender, parcel.result
    batch, made = Batch.objects.get_or_create(
        source=sender.source, instance=sender.instance, seq=result.seq, defaults={"received_at": parcel.now}
    )
    result.repeated = not made and batch.readings > 0
    return batch


def place_pieces(parcel: Parcel, oldest_ms: int) -> Placed:
    placed = Placed()
    keys = {piece.device for piece in parcel.pieces}
    found = Device.objects.filter(key__in=keys).select_related("site") if keys else ()
    placed.devices = {device.key: device for device in found}
    mine: list[tuple[Device, Piece]] = []
    latest_ms = ms_of(parcel.now + AHEAD)
    for piece in parcel.pieces:
        device = placed.devices.get(piece.device)
        if device is None:
            parcel.aside("device-unknown", piece)
        elif not parcel.sender.may_write(device):
            parcel.aside("device-of-another", piece, device)
        elif not METRIC.fullmatch(piece.metric):
            parcel.aside("metric-unknown", piece, device)
        elif piece.metric == PAYLOAD:
            parcel.aside(next(iter(piece.problems.values()), "payload-unreadable"), piece, device)
        else:
            mine.append((device, _in_time(parcel, placed, device, piece, (oldest_ms, latest_ms))))
    channels = _channels(parcel, mine)
    for device, piece in mine:
        channel = channels.get((device.pk, piece.metric))
        if channel is None:
            parcel.aside("too-many-series", piece, device)
        elif len(piece):
            placed.channels[channel.pk] = channel
            placed.pieces[channel.pk].append(piece.by_time())
    return placed


def _in_time(parcel: Parcel, placed: Placed, device: Device, piece: Piece, window: tuple[int, int]) -> Piece:
    """Set aside what lies where no reading can be; the clock of the device or of its sender was wrong."""
    low, high = window
    first, last = int(piece.t.min(initial=high)), int(piece.t.max(initial=low))
    if low <= first and last <= high:
        return piece
    parcel.aside("clock-past", piece.only(piece.t < low), device)
    parcel.aside("clock-future", piece.only(piece.t > high), device)
    placed.clocks.add(device.pk)
    return piece.only((piece.t >= low) & (piece.t <= high))


def _channels(parcel: Parcel, mine: list[tuple[Device, Piece]]) -> dict[tuple[int, str], Channel]:
    """Return the channels of the pieces, locked; those of new series are made."""
    if not mine:
        return {}
    ids = sorted({device.pk for device, _piece in mine})
    metrics = {piece.metric for _device, piece in mine}
    held = _locked(ids, metrics)
    missing = {(device.pk, piece.metric) for device, piece in mine if len(piece)} - set(held)
    if missing:
        counts = Counter(Channel.objects.filter(device_id__in=ids).values_list("device_id", flat=True))
        rows = []
        for device_id, metric in sorted(missing):
            if counts[device_id] < MOST_CHANNELS:
                counts[device_id] += 1
                rows.append(Channel(device_id=device_id, metric=metric, counts=metric in METRICS))
            if metric not in METRICS:
                parcel.result.notes["metric-new"] += 1
        Channel.objects.bulk_create(rows, ignore_conflicts=True)
        held = _locked(ids, metrics)
    return held


def _locked(device_ids: list[int], metrics: set[str]) -> dict[tuple[int, str], Channel]:
    rows = Channel.objects.select_for_update(no_key=True).filter(device_id__in=device_ids, metric__in=metrics)
    return {(channel.device_id, channel.metric): channel for channel in rows.order_by("pk")}
