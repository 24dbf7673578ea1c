"""Devices and their channels: added, changed, replaced, taken out of use; tokens of those that send by themselves."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.api.machines import machine_of_token, token_give
from khcn.core.audit import audit_record, snapshot
from khcn.core.secrets import seal
from khcn.energy import permissions
from khcn.energy.errors import DeviceTokenError
from khcn.energy.models import Channel, Device, IntervalDay, MeterReplacement, Site, Touched
from khcn.energy.rules.days import day_end_ms, day_start_ms, moment_of
from khcn.energy.selectors.collector_config import DEVICE_PURPOSE
from khcn.energy.services.sites import fill, free_key, saved
from khcn.energy.setup_errors import RegisterError, require
from khcn.engines.energy.metrics import METRICS

MARK: Final = "khcndev"
DEVICE_FIELDS: Final = (
    "name", "system", "kind", "role", "driver", "template", "options", "rated_kw", "kwp", "serial", "poll_s",
    "collector", "valid_from", "valid_to",
)  # fmt: skip
CHANNEL_FIELDS: Final = ("resolution", "modulus", "lowest", "highest", "counts")
_SHOWN: Final = ("key", "site", *DEVICE_FIELDS)
_DEED = "sửa thiết bị của công trình này"


def address_seal(address: Mapping[str, Any]) -> str:
    """Return the sealed form of an address; empty for none."""
    return seal(json.dumps(dict(address), default=str), purpose=DEVICE_PURPOSE) if address else ""


@transaction.atomic
def device_create(
    *,
    actor: Actor,
    site: Site,
    values: Mapping[str, Any],
    now: datetime,
    address: Mapping[str, Any] | None = None,
    key: str = "",
    metrics: Iterable[str] = (),
) -> Device:
    """Add a device to a site. ``values``: by :data:`DEVICE_FIELDS`; ``metrics``: series that it is known to give.

    :raises PermissionDeniedError, RegisterError:
    """
    require(permissions.can_connect(actor, site), _(_DEED))
    device = Device(site=site)
    _fill(device, values)
    device.key = key or free_key(Device, f"{site.key}-{device.name}", "thiet-bi", most=80)
    device.address_sealed = address_seal(address or {})
    saved(device, field="key", taken=_("Mã “%(key)s” đã có thiết bị khác dùng.") % {"key": device.key})
    channels_ensure(device, metrics)
    audit_record(
        actor=actor, action="energy.device.create", target=device, after=snapshot(device, _SHOWN), at=now
    )
    return device


@transaction.atomic
def device_update(
    *,
    actor: Actor,
    device: Device,
    values: Mapping[str, Any],
    now: datetime,
    address: Mapping[str, Any] | None = None,
) -> Device:
    """Change a device. ``address`` None: stays as it is. What its change means for figures is derived anew.

    :raises PermissionDeniedError, RegisterError:
    """
    row = Device.objects.select_for_update(no_key=True, of=("self",)).select_related("site").get(pk=device.pk)
    require(permissions.can_connect(actor, row.site), _(_DEED))
    before = snapshot(row, _SHOWN)
    _fill(row, values)
    if address is not None:
        row.address_sealed = address_seal(address)
    row.save()
    after = snapshot(row, _SHOWN)
    if address is not None or before != after:
        if address is not None:
            after = {**after, "address": _("đã đổi")}
        audit_record(
            actor=actor, action="energy.device.update", target=row, before=before, after=after, at=now
        )
    matters = ("role", "kind", "system", "rated_kw", "valid_from", "valid_to")
    if any(before.get(name) != after.get(name) for name in matters):
        device_mark(row, now)
    return row


def device_retire(*, actor: Actor, device: Device, on: date, now: datetime) -> Device:
    """Take a device out of use after the day ``on``; its readings stay."""
    return device_update(actor=actor, device=device, values={"valid_to": on}, now=now)


def _fill(device: Device, values: Mapping[str, Any]) -> None:
    fill(device, values, DEVICE_FIELDS)
    if not device.name:
        raise RegisterError("name", _("Hãy ghi tên thiết bị."))
    if device.system is not None and device.system.site_id != device.site_id:
        raise RegisterError("system", _("Hệ thống được chọn thuộc công trình khác."))
    if not 1 <= device.poll_s <= 86_400:
        raise RegisterError("poll_s", _("Chu kỳ đọc từ 1 giây đến 1 ngày."))
    for name in ("rated_kw", "kwp"):
        value = getattr(device, name)
        if value is not None and value <= 0:
            raise RegisterError(name, _("Công suất phải lớn hơn 0."))


def device_mark(device: Device, now: datetime) -> None:
    """Have everything that is derived of a device derived anew, in the caller's transaction."""
    days = IntervalDay.objects.filter(channel__device=device).order_by()
    for channel_id in days.values_list("channel_id", flat=True).distinct():
        held = IntervalDay.objects.filter(channel_id=channel_id).order_by("day").values_list("day", flat=True)
        first, last = held.first(), held.last()
        if first and last:
            zone = device.site.zone
            Touched.objects.create(
                channel_id=channel_id,
                starts_at=moment_of(day_start_ms(first, zone)),
                ends_at=moment_of(day_end_ms(last, zone)),
                noted_at=now,
            )


def channels_ensure(device: Device, metrics: Iterable[str]) -> dict[str, Channel]:
    """Make the channels of ``metrics`` that are missing; return all channels of the device by metric."""
    held = {channel.metric: channel for channel in Channel.objects.filter(device=device)}
    missing = [name for name in dict.fromkeys(metrics) if name not in held]
    if missing:
        rows = [Channel(device=device, metric=name, counts=name in METRICS) for name in missing]
        Channel.objects.bulk_create(rows, ignore_conflicts=True)
        held = {channel.metric: channel for channel in Channel.objects.filter(device=device)}
    return held


@transaction.atomic
def channel_update(*, actor: Actor, channel: Channel, values: Mapping[str, Any], now: datetime) -> Channel:
    """Change limits, resolution or modulus of a channel, or whether it counts; everything of it is derived anew."""
    row = Channel.objects.select_related("device__site").get(pk=channel.pk)
    require(permissions.can_connect(actor, row.device.site), _(_DEED))
    before = snapshot(row, CHANNEL_FIELDS)
    fill(row, values, CHANNEL_FIELDS)
    if row.resolution <= 0 or (row.modulus is not None and row.modulus <= row.resolution):
        raise RegisterError("resolution", _("Bước nhỏ nhất phải lớn hơn 0 và nhỏ hơn số quay vòng."))
    if row.lowest is not None and row.highest is not None and row.highest <= row.lowest:
        raise RegisterError("highest", _("Ngưỡng cao nhất phải lớn hơn ngưỡng thấp nhất."))
    row.save(update_fields=list(CHANNEL_FIELDS))
    after = snapshot(row, CHANNEL_FIELDS)
    if before != after:
        audit_record(
            actor=actor, action="energy.channel.update", target=row, before=before, after=after, at=now
        )
        channel_mark(row, now)
    return row


def channel_mark(channel: Channel, now: datetime, *, around: datetime | None = None) -> None:
    """Have a channel derived anew: all of it, or what a change at ``around`` may touch."""
    if around is not None:
        start, end = around - timedelta(seconds=1), around + timedelta(seconds=1)
    else:
        held = channel.hours.order_by("hour").values_list("hour", flat=True)
        first, last = held.first(), held.last()
        if first is None or last is None:
            return
        start, end = first, last + timedelta(hours=1)
    Touched.objects.create(channel=channel, starts_at=start, ends_at=end, noted_at=now)


@transaction.atomic
def meter_replace(
    *,
    actor: Actor,
    channel: Channel,
    at: datetime,
    now: datetime,
    old_value: float | None = None,
    new_value: float | None = None,
    note: str = "",
) -> MeterReplacement:
    """Note that a meter was changed at ``at``: from then the channel counts anew. Raises RegisterError."""
    row = Channel.objects.select_related("device__site").get(pk=channel.pk)
    require(permissions.can_connect(actor, row.device.site), _(_DEED))
    if at > now + timedelta(days=1):
        raise RegisterError("at", _("Lúc thay công tơ không thể ở tương lai."))
    for name, value in (("old_value", old_value), ("new_value", new_value)):
        if value is not None and not 0 <= value < 1e12:
            raise RegisterError(name, _("Chỉ số công tơ là số không âm."))
    made, fresh = MeterReplacement.objects.get_or_create(
        channel=row, at=at, defaults={"old_value": old_value, "new_value": new_value, "note": note[:300]}
    )
    if not fresh:
        raise RegisterError("at", _("Đã ghi một lần thay công tơ đúng lúc này."))
    audit_record(
        actor=actor,
        action="energy.meter.replace",
        target=row.device,
        after={"at": at.isoformat(), "old_value": old_value, "new_value": new_value, "metric": row.metric},
        at=now,
    )
    channel_mark(row, now, around=at)
    return made


def device_token_renew(*, actor: Actor, device: Device, now: datetime) -> str:
    """Give a device that sends by itself a new token and return it: it is shown once."""
    require(permissions.can_connect(actor, device.site), _(_DEED))
    with transaction.atomic():
        secret = token_give(device, mark=MARK, key=device.key)
        audit_record(actor=actor, action="energy.device.token", target=device, at=now)
    return secret


def device_of_token(token: str) -> Device:
    """Return the device that a token opens. Raises DeviceTokenError. A wrong token costs as much as a right one."""
    rows = Device.objects.select_related("site")
    return machine_of_token(rows, token, mark=MARK, wrong=DeviceTokenError)
