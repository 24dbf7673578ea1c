"""What leaves on time: raw readings after some months, rows of batches, settled odds and ends. Intervals stay for ever."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from khcn.core.audit import audit_batch
from khcn.energy.models import Batch, Channel, ConnectionTest, ReadingHour, SetAside, Touched
from khcn.energy.services.horizon import raw_horizon

BATCHES_KEPT: Final = timedelta(days=60)
TESTS_KEPT: Final = timedelta(days=60)
SETTLED_KEPT: Final = timedelta(days=90)
UNSETTLED_KEPT: Final = timedelta(days=730)
AT_ONCE: Final = 20_000


@dataclass(slots=True)
class RetentionReport:
    """How many rows were removed."""

    hours: int = 0
    batches: int = 0
    tests: int = 0
    set_aside: int = 0


def readings_expire(now: datetime) -> RetentionReport:
    """Remove what is old enough; at most a bounded number of rows a run. Idempotent; a periodic duty.

    Hours of channels that still have something to derive stay until it is done.
    """
    report = RetentionReport()
    waiting = Touched.objects.filter(channel_id=OuterRef("channel_id"))
    old = ReadingHour.objects.filter(hour__lt=raw_horizon(now)).exclude(Exists(waiting)).order_by("hour")
    report.hours = _forget_hours(old, raw_horizon(now))
    # a batch that is forgotten and comes again changes nothing: readings are known by channel and time
    report.batches = _remove(Batch, Batch.objects.filter(received_at__lt=now - BATCHES_KEPT).order_by("pk"))
    tests = ConnectionTest.objects.filter(asked_at__lt=now - TESTS_KEPT).order_by("pk")
    report.tests = _remove(ConnectionTest, tests)
    settled = Q(done_at__lt=now - SETTLED_KEPT) | Q(received_at__lt=now - UNSETTLED_KEPT)
    report.set_aside = _remove(SetAside, SetAside.objects.filter(settled).order_by("pk"))
    counts = {name: count for name, count in asdict(report).items() if count}
    if counts:
        with transaction.atomic():
            audit_batch(
                actor=None, action="energy.retention", count=sum(counts.values()), summary=counts, at=now
            )
    return report


def _forget_hours(old: Any, horizon: datetime) -> int:
    """Delete hours of raw readings, and note on their channels from when on there are any."""
    done = 0
    ids = list(old.values_list("pk", "channel_id")[:AT_ONCE])
    for first in range(0, len(ids), 1000):
        piece = ids[first : first + 1000]
        with transaction.atomic():
            channels = Channel.objects.filter(pk__in={channel_id for _pk, channel_id in piece})
            channels.filter(Q(raw_from=None) | Q(raw_from__lt=horizon)).update(raw_from=horizon)
            count, _rows = ReadingHour.objects.filter(pk__in=[pk for pk, _channel in piece]).delete()
        done += count
    return done


def _remove(model: Any, rows: Any) -> int:
    """Delete a bounded number of rows, in pieces that hold no lock for long."""
    done = 0
    ids = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    for first in range(0, len(ids), 1000):
        count, _rows = model.objects.filter(pk__in=ids[first : first + 1000]).delete()
        done += count
    return done
