"""Taking in what boxes send: idempotent, in any order, with nothing lost and nothing counted twice.

A batch is known by (box, instance of its spool, number); a minute by its camera and its time. The later report of a
minute replaces the earlier one; a report that comes out of order only when it measured more; a report of a box whose
clock is wrong never replaces anything. What belongs to a camera, gate or zone that is not known here is set aside in
the batch and taken in when it is (:func:`set_aside_take_in`).
"""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from khcn.markets.enums import HealthKind
from khcn.markets.errors import BatchError, BoxConflictError
from khcn.markets.models import Batch, Box, Camera, CameraTrouble
from khcn.markets.rules.packing import HEALTH_BITS, Policy
from khcn.markets.rules.wire import BadMinuteError, WireMinute, read_minute
from khcn.markets.services.hour_rows import HourRows, Written
from khcn.markets.services.rollups import rollups_mark, rollups_refresh
from khcn.markets.services.troubles import camera_troubles_refresh

logger = logging.getLogger("khcn.markets")

MOST_MINUTES: Final = 5000
CLOCK_TOLERANCE: Final = timedelta(minutes=2)  # a minute may end this far in the future
ANCIENT: Final = timedelta(days=400)
CONFLICT_WITHIN: Final = timedelta(minutes=10)
_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class BatchResult:
    """What became of a batch. ``repeated``: it was known already; ``notes``: what was odd, by code."""

    seq: int
    repeated: bool = False
    minutes: int = 0
    changed: int = 0
    set_aside: int = 0
    notes: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the answer to the box."""
        return {
            "seq": self.seq,
            "repeated": self.repeated,
            "minutes": self.minutes,
            "changed": self.changed,
            "set_aside": self.set_aside,
            "notes": self.notes,
        }


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A batch whose outside is in order."""

    box_id: int
    instance: str
    seq: int
    minutes: Sequence[Any]
    digest: str
    sent_at: datetime | None


def batch_ingest(
    *,
    box: Box,
    instance: str,
    seq: int,
    minutes: Sequence[Any],
    sent_at: datetime | None,
    now: datetime,
    status: Mapping[str, Any] | None = None,
    refresh: bool = True,
) -> BatchResult:
    """Take in one batch of a box.

    :param instance: names the spool that the batch comes from; two machines with one key have two.
    :param seq: number of the batch in that spool, from 1, growing.
    :param minutes: wire forms of :class:`khcn.engines.vision.minutes.CameraMinute`.
    :param sent_at: the box's clock when it sent; tells how wrong that clock is.
    :param status: what the box says about itself (queue, versions); shown to people.
    :param refresh: derive the touched hours of markets at once; otherwise the periodic duty does.
    :raises BatchError: the batch has no usable form at all.
    :raises BoxConflictError: another machine with this key was heard a moment ago.
    """
    if not 0 < len(instance) <= 40 or not 0 < seq < 2**62 or len(minutes) > MOST_MINUTES:
        raise BatchError(f"instance, seq 1-2^62, minutes <= {MOST_MINUTES}")
    digest = hashlib.sha256(json.dumps(minutes, sort_keys=True, default=str).encode()).hexdigest()
    box_heard(box=box, instance=instance, now=now, status=status)
    result, markets = _ingest(_Parcel(box.pk, instance, seq, minutes, digest, sent_at), now)
    if refresh and markets:
        try:
            rollups_refresh(now, market_ids=markets)
        except Exception:  # the counts are safe; the marks stay for the periodic duty
            logger.exception("rollups after batch %s of box %s failed", seq, box.key)
    return result


def box_heard(*, box: Box, instance: str, now: datetime, status: Mapping[str, Any] | None = None) -> None:
    """Note that a box spoke. Raises BoxConflictError when another one with this key was heard a moment ago."""
    with transaction.atomic():
        row = Box.objects.select_for_update(no_key=True).get(pk=box.pk)
        other = row.instance not in {"", instance}
        silent_for = now - row.last_seen_at if row.last_seen_at else CONFLICT_WITHIN
        if other and silent_for < CONFLICT_WITHIN:
            row.conflict_at = now
            row.save(update_fields=["conflict_at"])
        else:
            fields = ["instance", "last_seen_at"]
            if other:
                row.last_seq = 0
                fields.append("last_seq")
            row.instance, row.last_seen_at = instance, max(now, row.last_seen_at or now)
            if status is not None:
                row.status = dict(status)
                fields.append("status")
            row.save(update_fields=fields)
            other = False
    if other:
        raise BoxConflictError(row.name, max(0, int(silent_for.total_seconds() // 60)))


@transaction.atomic
def _ingest(parcel: _Parcel, now: datetime) -> tuple[BatchResult, set[int]]:
    box = Box.objects.select_for_update(no_key=True).get(pk=parcel.box_id)
    instance, seq, digest = parcel.instance, parcel.seq, parcel.digest
    result = BatchResult(seq)
    known = Batch.objects.filter(box=box, instance=instance, seq=seq).first()
    if known is not None and known.digest == digest:
        return replace(result, repeated=True, minutes=known.minutes), set()
    offset = (parcel.sent_at - now).total_seconds() if parcel.sent_at is not None else 0.0
    clock_wrong = abs(offset) > CLOCK_TOLERANCE.total_seconds()
    taking = _Taking(now, timedelta(seconds=offset) if clock_wrong else None)
    taking.read(parcel.minutes)
    if known is not None:
        taking.note("seq-again")
    if clock_wrong:
        taking.note("clock", seconds=round(offset))
    policy = Policy.FILL if clock_wrong else Policy.REPLACE if seq > box.last_seq else Policy.FULLER
    written, aside = _take_in(box, taking, policy, now)
    starts = [minute.start for minute in taking.minutes]
    result.minutes, result.changed, result.set_aside = len(starts), written.minutes, len(aside)
    result.notes = taking.notes()
    Batch.objects.update_or_create(
        box=box,
        instance=instance,
        seq=seq,
        defaults={
            "digest": digest,
            "minutes": len(starts),
            "first_minute": min(starts, default=None),
            "last_minute": max(starts, default=None),
            "received_at": now,
            "notes": result.notes,
            "set_aside": [*(known.set_aside if known else ()), *aside],
            "has_set_aside": bool(aside) or bool(known and known.has_set_aside),
        },
    )
    box.last_seq, box.clock_offset_s = max(box.last_seq, seq), round(offset, 1)
    box.save(update_fields=["last_seq", "clock_offset_s"])
    return result, {market_id for market_id, _hour in written.market_hours}


class _Taking:
    """The readable minutes of a batch, and what was odd about it."""

    def __init__(self, now: datetime, clock_off: timedelta | None) -> None:
        self.minutes: list[WireMinute] = []
        self.raw: list[Any] = []
        self._now, self._clock_off = now, clock_off
        self._notes: Counter[tuple[tuple[str, Any], ...]] = Counter()

    def note(self, code: str, **values: Any) -> None:
        """Remember something odd; the same again only counts."""
        self._notes[("code", code), *sorted(values.items())] += 1

    def notes(self) -> list[dict[str, Any]]:
        """Return the notes, each with how often."""
        return [{**dict(key), "count": count} for key, count in self._notes.items()]

    def read(self, raw: Sequence[Any]) -> None:
        """Read minutes; those that cannot be true are noted and left out."""
        for item in raw:
            try:
                minute = self._in_time(read_minute(item))
            except BadMinuteError as error:
                self.note(f"bad-{error.code}")
                continue
            self.minutes.append(minute)
            self.raw.append(item)

    def _in_time(self, minute: WireMinute) -> WireMinute:
        """Refuse what lies too far away; set back by the box's clock what would lie in the future."""
        if minute.start < self._now - ANCIENT:
            raise BadMinuteError("ancient")
        if self._clock_off is None:
            if minute.start - self._now > CLOCK_TOLERANCE:
                raise BadMinuteError("future")
            return minute
        health = minute.health | HEALTH_BITS[HealthKind.CLOCK]
        start = minute.start
        if start > self._now:
            start -= _MINUTE * round(self._clock_off / _MINUTE)
            if not -ANCIENT < start - self._now <= CLOCK_TOLERANCE:
                raise BadMinuteError("future")
            self.note("clock-corrected", camera=minute.camera)
        return replace(minute, start=start, health=health)


def _take_in(
    box: Box, taking: _Taking, policy: Policy, now: datetime
) -> tuple[Written, list[dict[str, Any]]]:
    """Write the minutes of known cameras, gates and zones; return the parts that were set aside."""
    keys = {minute.camera for minute in taking.minutes}
    locked = Camera.objects.select_for_update(no_key=True).filter(key__in=keys, box=box).order_by("pk")
    cameras = {camera.key: camera for camera in locked}
    rows = HourRows(cameras.values())
    aside: list[dict[str, Any]] = []
    heard: dict[str, WireMinute] = {}
    for minute, raw in zip(taking.minutes, taking.raw, strict=True):
        camera = cameras.get(minute.camera)
        if camera is None:
            taking.note("unknown-camera", camera=minute.camera)
            aside.append(dict(raw))
            continue
        if not raw.get("part"):  # a part that was set aside holds no more than unknown gates and zones
            rows.add_camera(camera, minute)
            if minute.camera not in heard or heard[minute.camera].start <= minute.start:
                heard[minute.camera] = minute
        unknown = _add_parts(rows, camera, minute, taking)
        if unknown:
            aside.append({**raw, **unknown, "heat": {}, "part": True})
    written = rows.write(policy)
    rollups_mark(written.market_hours)
    _note_cameras(cameras, heard, written)
    return written, aside


def _add_parts(rows: HourRows, camera: Camera, minute: WireMinute, taking: _Taking) -> dict[str, Any]:
    """Take gates and zones; return the wire forms of those that are not known (empty when all are)."""
    gates, zones = [], []
    for count in minute.gates:
        gate = rows.gates.get((camera.pk, count.key))
        if gate is None:
            taking.note("unknown-gate", camera=camera.key, gate=count.key)
            gates.append({"id": count.key, "in": count.count_in, "out": count.count_out})
        else:
            rows.add_gate(gate, minute, count.count_in, count.count_out)
    for seen in minute.zones:
        zone = rows.zones.get((camera.pk, seen.key))
        if zone is None:
            taking.note("unknown-zone", camera=camera.key, zone=seen.key)
            zones.append(
                {
                    "id": seen.key,
                    "person_s": seen.person_cs / 100,
                    "entries": seen.entries,
                    "peak": seen.peak,
                    "stays": list(seen.stays),
                }
            )
        else:
            rows.add_zone(zone, minute, (seen.person_cs, seen.entries, seen.peak), seen.stays)
    return {"gates": gates, "zones": zones} if gates or zones else {}


def _note_cameras(cameras: Mapping[str, Camera], heard: Mapping[str, WireMinute], written: Written) -> None:
    """Bring state, last minute and troubles of the cameras up to what was just written."""
    open_troubles = CameraTrouble.objects.filter(camera_id__in=written.camera_hours, ended_at=None)
    troubled = written.unhealthy | set(open_troubles.values_list("camera_id", flat=True))
    for key, minute in heard.items():
        camera = cameras[key]
        before = camera.last_minute_at
        if before is None or minute.start >= before:
            camera.last_minute_at = minute.start
            camera.state = next((kind for kind, bit in HEALTH_BITS.items() if minute.health & bit), "")
            camera.save(update_fields=["last_minute_at", "state"])
        hours = written.camera_hours.get(camera.pk)
        if hours and camera.pk in troubled:
            camera_troubles_refresh(camera, hours, heard_before=before)


@transaction.atomic
def _take_in_again(batch_id: int, now: datetime) -> set[int]:
    box_id = Batch.objects.values_list("box_id", flat=True).get(pk=batch_id)
    box = Box.objects.select_for_update(no_key=True).get(pk=box_id)
    batch = Batch.objects.select_for_update(no_key=True).get(pk=batch_id)
    taking = _Taking(now, None)
    taking.read(batch.set_aside)
    written, aside = _take_in(box, taking, Policy.FILL, now)
    batch.set_aside, batch.has_set_aside = aside, bool(aside)
    batch.save(update_fields=["set_aside", "has_set_aside"])
    return {market_id for market_id, _hour in written.market_hours}


def set_aside_take_in(now: datetime) -> int:
    """Take in what batches had set aside, as far as its camera, gate or zone is known by now; return how many batches.

    A periodic duty; idempotent, since minutes that are held are never replaced by it.
    """
    done = 0
    for batch in Batch.objects.filter(has_set_aside=True).order_by("pk").select_related("box")[:200]:
        if _something_known(batch):
            markets = _take_in_again(batch.pk, now)
            rollups_refresh(now, market_ids=markets)
            done += 1
    return done


def _something_known(batch: Batch) -> bool:
    for camera in Camera.objects.filter(
        key__in={raw.get("camera") for raw in batch.set_aside}, box=batch.box
    ):
        mine = [raw for raw in batch.set_aside if raw.get("camera") == camera.key]
        if any(not raw.get("part") for raw in mine):
            return True
        gates = {gate["id"] for raw in mine for gate in raw.get("gates", ())}
        zones = {zone["id"] for raw in mine for zone in raw.get("zones", ())}
        if camera.gates.filter(key__in=gates).exists() or camera.zones.filter(key__in=zones).exists():
            return True
    return False
