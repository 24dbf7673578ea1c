"""Collectors: making them, their tokens (shown once, kept as a hash), and taking over an identity."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.api.machines import machine_of_token, token_give
from khcn.core.audit import audit_record, snapshot
from khcn.energy import permissions
from khcn.energy.errors import CollectorTokenError
from khcn.energy.models import Collector
from khcn.energy.services.sites import fill, free_key, saved
from khcn.energy.setup_errors import RegisterError, require
from khcn.orgs.models import Unit

MARK: Final = "khcncol"
COLLECTOR_FIELDS: Final = ("name", "is_active")
SILENT_AFTER: Final = timedelta(minutes=10)
CLOCK_TOLERANCE_S: Final = 120.0
_DEED = "quản lý máy thu thập"


@transaction.atomic
def collector_create(*, actor: Actor, unit: Unit, name: str, now: datetime, key: str = "") -> Collector:
    """Make a collector, without a token yet. Raises PermissionDeniedError, RegisterError."""
    require(permissions.can_found(actor), _(_DEED))
    row = Collector(unit=unit)
    fill(row, {"name": name}, COLLECTOR_FIELDS)
    if not row.name:
        raise RegisterError("name", _("Hãy ghi tên máy thu thập."))
    row.key = key or free_key(Collector, row.name, "may-thu-thap")
    saved(row, field="key", taken=_("Mã “%(key)s” đã có máy khác dùng.") % {"key": row.key})
    after = snapshot(row, ["key", "unit", *COLLECTOR_FIELDS])
    audit_record(actor=actor, action="energy.collector.create", target=row, after=after, at=now)
    return row


@transaction.atomic
def collector_update(
    *, actor: Actor, collector: Collector, values: Mapping[str, Any], now: datetime, unit: Unit | None = None
) -> Collector:
    """Rename a collector, switch it off or on, or give it to another unit."""
    require(permissions.can_found(actor), _(_DEED))
    row = Collector.objects.select_for_update(no_key=True).get(pk=collector.pk)
    before = snapshot(row, ["unit", *COLLECTOR_FIELDS])
    fill(row, values, COLLECTOR_FIELDS)
    row.unit = unit or row.unit
    row.save(update_fields=["unit", *COLLECTOR_FIELDS])
    after = snapshot(row, ["unit", *COLLECTOR_FIELDS])
    if before != after:
        audit_record(
            actor=actor, action="energy.collector.update", target=row, before=before, after=after, at=now
        )
    return row


def collector_token_renew(*, actor: Actor, collector: Collector, now: datetime) -> str:
    """Give the collector a new token and return it: it is shown once, and the old one opens nothing from now on."""
    require(permissions.can_found(actor), _(_DEED))
    with transaction.atomic():
        secret = token_give(collector, mark=MARK, key=collector.key)
        audit_record(actor=actor, action="energy.collector.token", target=collector, at=now)
    return secret


def collector_takeover(*, actor: Actor, collector: Collector, now: datetime) -> None:
    """Accept another machine in place of the one that spoke last: whoever speaks next is the collector."""
    require(permissions.can_found(actor), _(_DEED))
    with transaction.atomic():
        row = Collector.objects.select_for_update(no_key=True).get(pk=collector.pk)
        row.instance = ""
        row.status = {key: value for key, value in row.status.items() if key != "other_instance"}
        row.save(update_fields=["instance", "status"])
        audit_record(actor=actor, action="energy.collector.takeover", target=row, at=now)
    collector.refresh_from_db()


def collector_of_token(token: str) -> Collector:
    """Return the collector that a token opens. Raises CollectorTokenError. A wrong one costs as much as a right one."""
    rows = Collector.objects.filter(is_active=True)
    return machine_of_token(rows, token, mark=MARK, wrong=CollectorTokenError)


@transaction.atomic
def collector_heard(
    *,
    collector: Collector,
    instance: str,
    now: datetime,
    sent_at: datetime | None = None,
    status: Mapping[str, Any] | None = None,
) -> bool:
    """Note that a collector spoke; return whether it is the one that is expected.

    False: another outbox with this identity was heard a moment ago. What the second one sends is set aside, not mixed
    in; when the first is silent for ten minutes, or a person says so, the second takes its place.
    """
    row = Collector.objects.select_for_update(no_key=True).get(pk=collector.pk)
    silent = row.heard_at is None or now - row.heard_at > SILENT_AFTER
    if row.instance not in {"", instance} and not silent:
        row.status = {**row.status, "other_instance": {"instance": instance, "at": now.isoformat()}}
        row.save(update_fields=["status"])
        return False
    fields = ["instance", "heard_at", "status"]
    row.instance, row.heard_at = instance, max(now, row.heard_at or now)
    other = row.status.get("other_instance") if isinstance(row.status, dict) else None
    row.status = dict(status) if status is not None else dict(row.status)
    if other is not None and other.get("instance") != instance and status is not None:
        row.status["other_instance"] = other
    if sent_at is not None:
        row.clock_skew_s = round((sent_at - now).total_seconds(), 1)
        fields.append("clock_skew_s")
    row.save(update_fields=fields)
    collector.instance, collector.heard_at = row.instance, row.heard_at
    return True
