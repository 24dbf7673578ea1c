"""What was set aside and can be placed by now: its device is there, or its outbox is the one that is expected."""

import json
from datetime import datetime
from typing import Any

from django.db import transaction

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.energy.models import Batch, Device, SetAside
from khcn.energy.services.ingest import OLDEST_MS, place_pieces
from khcn.energy.services.parcels import BatchResult, Parcel, Sender
from khcn.energy.services.reading_rows import write_pieces


def set_aside_take_in(now: datetime) -> int:
    """Take in what was set aside as far as its place is known by now; return how many readings. A periodic duty.

    Readings of a twin are taken in once its outbox is the one that is expected; those of unknown devices once the
    device is there. Idempotent: readings that are held already change nothing.
    """
    done = 0
    waiting = SetAside.objects.filter(
        done_at=None, code__in=("device-unknown", "device-of-another", "two-senders")
    )
    for row in waiting.select_related("collector", "device").order_by("pk")[:200]:
        try:
            series = json.loads(row.raw)
        except ValueError:
            continue
        sender = _sender_of(row)
        if sender is None or not _ready(row, series, sender):
            continue
        with transaction.atomic():
            result = BatchResult(0)
            parcel = Parcel(sender, now, result)
            parcel.read(series)
            placed = place_pieces(parcel, OLDEST_MS)
            batch, _made = Batch.objects.get_or_create(
                source=row.source, instance="set-aside", seq=row.pk, defaults={"received_at": row.received_at}
            )
            write_pieces(parcel, placed, batch)
            parcel.write_aside()
            SetAside.objects.filter(pk=row.pk).update(done_at=now)
        done += result.kept
    return done


def _sender_of(row: SetAside) -> Sender | None:
    kind, _sep, key = row.source.partition(":")
    instance = str(row.params.get("instance", ""))
    if kind == "collector" and row.collector is not None:
        return Sender(row.source, instance, collector=row.collector)
    if kind == "device":
        device = Device.objects.filter(key=key).first()
        return Sender(row.source, instance, device=device) if device else None
    return None


def _ready(row: SetAside, series: Any, sender: Sender) -> bool:
    if not isinstance(series, list):
        return False
    if row.code == "two-senders":
        return sender.collector is not None and sender.collector.instance == sender.instance
    keys = {item.get("device") for item in series if isinstance(item, dict)}
    devices = Device.objects.filter(key__in=[key for key in keys if isinstance(key, str)])
    found = {device.key for device in devices if sender.may_write(device)}
    return bool(keys) and keys <= found


def set_aside_dismiss(*, actor: Actor, row: SetAside, now: datetime) -> bool:
    """Note that nothing will be done with what was set aside; return whether it was still open. It stays as it came."""
    with transaction.atomic():
        if not SetAside.objects.filter(pk=row.pk, done_at=None).update(done_at=now):
            return False
        audit_record(
            actor=actor, action="energy.set_aside.dismiss", target=row, after={"code": row.code}, at=now
        )
    return True
