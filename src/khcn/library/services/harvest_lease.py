"""One reader at a time for a source: a lease by conditional UPDATE, which ends by itself when its holder dies."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from khcn.core.errors import KhcnError
from khcn.library.harvest_errors import SourceBusyError
from khcn.library.models import HarvestSource

LEASE: Final = timedelta(minutes=10)  # longer than the longest wait for one answer
QUEUED: Final = timedelta(minutes=30)  # until a worker takes the task up


class LeaseLostError(KhcnError):
    """Another worker reads the source now; this one stops where it is."""

    code = "lease-lost"


def lease_take(source_id: int, *, now: datetime, length: timedelta = QUEUED) -> str:
    """Take the lease and return its token. :raises SourceBusyError: when somebody holds it."""
    token = secrets.token_hex(16)
    free = Q(busy_until__isnull=True) | Q(busy_until__lte=now)
    if not HarvestSource.objects.filter(free, pk=source_id).update(busy_by=token, busy_until=now + length):
        raise SourceBusyError
    return token


def lease_break(source_id: int, *, held_by: str, now: datetime) -> str | None:
    """Take the lease from a worker known to be dead; ``None`` when it has moved on meanwhile."""
    token = secrets.token_hex(16)
    taken = HarvestSource.objects.filter(pk=source_id, busy_by=held_by).update(
        busy_by=token, busy_until=now + QUEUED
    )
    return token if taken else None


def lease_renew(
    source_id: int, holder: str, *, now: datetime, length: timedelta = LEASE, **values: Any
) -> None:
    """Keep the lease, writing ``values`` of the source with it. :raises LeaseLostError: when it is another's now."""
    held = HarvestSource.objects.filter(pk=source_id, busy_by=holder)
    if not held.update(busy_until=now + length, **values):
        raise LeaseLostError("")


def lease_give_back(source_id: int, holder: str, **values: Any) -> bool:
    """End the lease, writing ``values`` of the source with it."""
    held = HarvestSource.objects.filter(pk=source_id, busy_by=holder)
    return bool(held.update(busy_by="", busy_until=None, **values))
