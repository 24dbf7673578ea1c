"""What a collector must know to collect: its devices with their addresses in the clear, and tests that wait.

Only for the collector itself over its own token, or for the process that connects; never for a page.
"""

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from khcn.core.secrets import SealBrokenError, unseal
from khcn.energy.enums import Driver, TestState
from khcn.energy.models import Collector, ConnectionTest, Device

logger = logging.getLogger("khcn.energy")
DEVICE_PURPOSE: Final = "energy.device"
TEST_PURPOSE: Final = "energy.test"
TEST_LIVES: Final = timedelta(minutes=10)
COLLECTED: Final = (Driver.MQTT, Driver.MODBUS, Driver.SUNSPEC, Driver.FILES)


@dataclass(frozen=True, slots=True)
class CollectorConfig:
    """The wire form of a collector's configuration; ``etag`` changes when anything of it changes."""

    document: dict[str, Any]
    etag: str


def address_of(device: Device) -> dict[str, Any]:
    """Return where a device is, secrets included: for the process that connects. Raises SealBrokenError."""
    if not device.address_sealed:
        return {}
    found = json.loads(unseal(device.address_sealed, purpose=DEVICE_PURPOSE))
    return dict(found)


def device_document(device: Device) -> dict[str, Any]:
    """Return one device as drivers take it; without its address when that cannot be opened."""
    found: dict[str, Any] = {
        "key": device.key,
        "name": device.name,
        "driver": device.driver,
        "template": device.template,
        "address": {},
        "options": dict(device.options),
        "rated_kw": float(device.rated_kw) if device.rated_kw is not None else None,
        "zone": device.site.zone,
        "poll_s": device.poll_s,
    }
    try:
        found["address"] = address_of(device)
    except SealBrokenError:  # the collector then says that the address is missing
        logger.warning("the address of device %s was sealed with another key", device.key)
    return found


def collector_config(collector: Collector, now: datetime) -> CollectorConfig:
    """Return the configuration of a collector at ``now`` (two queries)."""
    rows = Device.objects.filter(collector=collector, driver__in=COLLECTED).in_force(now.date())
    rows = rows.select_related("site").order_by("key")
    devices = [device_document(device) for device in rows]
    tests = []
    waiting = ConnectionTest.objects.filter(
        collector=collector, state__in=(TestState.ASKED, TestState.RUNNING), asked_at__gte=now - TEST_LIVES
    )
    for test in waiting.order_by("pk"):
        try:
            spec = json.loads(unseal(test.spec_sealed, purpose=TEST_PURPOSE))
        except SealBrokenError:
            continue
        tests.append({"id": str(test.pk), "device": spec})
    document: dict[str, Any] = {
        "collector": collector.key,
        "name": collector.name,
        "devices": devices,
        "tests": tests,
    }
    place = next((device.site for device in rows if device.site.latitude is not None), None)
    if place is not None and place.latitude is not None and place.longitude is not None:
        document["site"] = {"latitude": float(place.latitude), "longitude": float(place.longitude)}
    spelled = json.dumps(document, sort_keys=True, default=str)
    return CollectorConfig(document, hashlib.sha256(spelled.encode()).hexdigest()[:32])
