"""The connection wizard's deeds: look for an unknown device, and make a device out of a test that passed."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.hosts import is_forbidden_host, resolves_to_forbidden
from khcn.core.secrets import seal
from khcn.core.tasks import enqueue_on_commit
from khcn.energy import permissions
from khcn.energy.enums import Driver, MeterRole, TestState
from khcn.energy.models import Collector, ConnectionTest, Device, Site
from khcn.energy.selectors.collector_config import COLLECTED, TEST_PURPOSE
from khcn.energy.selectors.setup import collectors_for
from khcn.energy.selectors.wizard import SCAN, spec_of
from khcn.energy.services.connection_tests import probe_document, test_ask
from khcn.energy.services.devices import device_create
from khcn.energy.services.ingest import batch_ingest
from khcn.energy.services.parcels import Sender
from khcn.energy.setup_errors import RegisterError, require
from khcn.energy.setup_tasks import scan_task

PROBE_S: Final = 5.0
SCAN_S: Final = 90.0
# nothing behind such an address: other templates would not be answered either
HOPELESS: Final = frozenset(
    {"device-unreachable", "device-refused", "device-name", "device-address", "device-library"}
)
WRONG: Final = frozenset(
    {"device-wrong-template", "device-nothing-usable", "device-not-sunspec", "device-exception"}
)
MOST_OPEN: Final = 5


def wizard_test(
    *,
    actor: Actor,
    site: Site,
    driver: str,
    template: str,
    address: Mapping[str, Any],
    options: Mapping[str, Any],
    now: datetime,
    collector: Collector | None = None,
) -> ConnectionTest:
    """Ask for a live test, or for a scan (``driver`` "scan"; from this machine only).

    :raises PermissionDeniedError, RegisterError:
    """
    require(permissions.can_connect(actor, site), _("thử kết nối thiết bị của công trình này"))
    _check_collector(actor, collector)
    waiting = ConnectionTest.objects.filter(
        asked_by_id=actor_id(actor), state__in=(TestState.ASKED, TestState.RUNNING)
    )
    if actor is not None and waiting.count() >= MOST_OPEN:
        raise RegisterError("", _("Bạn đang có nhiều lần thử chưa xong. Hãy đợi một phút rồi thử lại."))
    if driver != SCAN:
        config = {"driver": driver, "template": template, "address": dict(address), "options": dict(options)}
        return test_ask(actor=actor, site=site, config=config, now=now, collector=collector)
    if collector is not None:  # a collector tries one thing at a time: the standard that most inverters speak
        config = {
            "driver": Driver.SUNSPEC,
            "template": "",
            "address": dict(address),
            "options": dict(options),
        }
        return test_ask(actor=actor, site=site, config=config, now=now, collector=collector)
    host = str(address.get("host") or "")
    if not settings.KHCN.local_cameras and is_forbidden_host(host):
        raise RegisterError(
            "host", _("Địa chỉ này trỏ vào chính máy chủ. Hãy ghi địa chỉ của thiết bị, ví dụ 192.168.1.20.")
        )
    spec = {
        "key": "thu",
        "driver": SCAN,
        "template": "",
        "address": dict(address),
        "options": dict(options),
        "zone": site.zone,
    }
    with transaction.atomic():
        test = ConnectionTest.objects.create(
            site=site,
            spec_sealed=seal(json.dumps(spec), purpose=TEST_PURPOSE),
            asked_by_id=actor_id(actor),
            asked_at=now,
        )
        audit_record(actor=actor, action="energy.test.ask", target=site, after={"driver": SCAN}, at=now)
        enqueue_on_commit(scan_task, test.pk)
    return test


def _check_collector(actor: Actor, collector: Collector | None) -> None:
    if collector is None or actor is None:
        return
    if not collectors_for(actor).filter(pk=collector.pk).exists():
        raise RegisterError("collector", _("Bạn không dùng được máy thu thập này."))


def scan_run(test_id: int, *, clock: Callable[[], float] = time.monotonic) -> bool:
    """Try SunSpec, then every register template, at one address (worker). Twice is once."""
    from khcn.engines.energy.devices.modbus.template import find_template, template_names  # noqa: PLC0415  # worker
    from khcn.engines.energy.devices.protocol import DeviceConfig, probe  # noqa: PLC0415

    if not ConnectionTest.objects.filter(pk=test_id, state=TestState.ASKED).update(state=TestState.RUNNING):
        return False
    test = ConnectionTest.objects.get(pk=test_id)
    spec = spec_of(test)
    host = str(spec["address"].get("host") or "")
    if not settings.KHCN.local_cameras and (is_forbidden_host(host) or resolves_to_forbidden(host)):
        _settle(test, {"ok": False, "problems": [{"code": "energy-host", "params": {}}]})
        return True
    started = clock()
    found: list[tuple[int, dict[str, Any]]] = []
    first_problem: dict[str, Any] | None = None
    tries = [("sunspec", Driver.SUNSPEC, "", "SunSpec")]
    tries += [(name, Driver.MODBUS, name, find_template(name).name) for name in template_names()]
    for key, driver, template, name in tries:
        config = DeviceConfig(
            "thu", str(driver), template, spec["address"], spec["options"], None, spec["zone"]
        )
        now_ms = round(timezone.now().timestamp() * 1000)  # a task is an interface: it may look at the clock
        document = probe_document(probe(config, timeout_s=PROBE_S, now_ms=now_ms))
        codes = {row["code"] for row in document["problems"]}
        if document["ok"] and not codes & WRONG:
            usable = sum(1 for point in document["points"] if point["value"] is not None)
            found.append(
                (usable, {**document, "key": key, "name": name, "driver": str(driver), "template": template})
            )
            if key == "sunspec":  # it says itself what it is: nothing can fit better
                break
        elif first_problem is None:
            first_problem = document
        if codes & HOPELESS or clock() - started > SCAN_S:
            break
    _settle(test, _best(found, first_problem))
    return True


def _best(found: list[tuple[int, dict[str, Any]]], problem: dict[str, Any] | None) -> dict[str, Any]:
    if found:
        ranked = [document for _usable, document in sorted(found, key=lambda row: -row[0])]
        return {**ranked[0], "candidates": [{"key": row["key"], "name": row["name"]} for row in ranked[:5]]}
    if problem is not None and {row["code"] for row in problem["problems"]} & HOPELESS:
        return problem
    return {"ok": False, "problems": [{"code": "scan-nothing", "params": {}}]}


def _settle(test: ConnectionTest, result: dict[str, Any]) -> None:
    state = TestState.PASSED if result.get("ok") is True else TestState.FAILED
    ConnectionTest.objects.filter(pk=test.pk, state=TestState.RUNNING).update(
        state=state,
        result=json.loads(json.dumps(result, default=str).replace("\\u0000", "")),
        done_at=timezone.now(),
    )


@transaction.atomic
def device_from_test(
    *, actor: Actor, test: ConnectionTest, values: Mapping[str, Any], now: datetime
) -> Device:
    """Make a device with the address and the channels of a test. ``values``: as for ``device_create`` without driver.

    A test that failed will do too: an inverter sleeps at night. Raises PermissionDeniedError, RegisterError.
    """
    test = ConnectionTest.objects.select_for_update(of=("self",)).select_related("site").get(pk=test.pk)
    require(permissions.can_connect(actor, test.site), _("thêm thiết bị vào công trình này"))
    if test.device_id is not None:
        raise RegisterError("", _("Lần thử này đã thành thiết bị rồi."))
    spec, result = spec_of(test), test.result if isinstance(test.result, dict) else {}
    driver, template = spec["driver"], spec["template"]
    if driver == SCAN:
        if not result.get("ok"):
            raise RegisterError("", _("Chưa dò ra loại thiết bị. Hãy chọn hãng rồi thử lại."))
        driver, template = str(result.get("driver")), str(result.get("template") or "")
    points = [point for point in result.get("points") or () if isinstance(point, dict)]
    device = device_made(
        actor=actor,
        site=test.site,
        driver=driver,
        template=template,
        address=spec["address"],
        options=spec["options"],
        values={"serial": str((result.get("identity") or {}).get("serial") or "")[:80], **values},
        metrics=[str(point["metric"])[:60] for point in points if point.get("value") is not None],
        now=now,
    )
    test.device = device
    test.save(update_fields=["device"])
    return device


def device_made(
    *,
    actor: Actor,
    site: Site,
    driver: str,
    template: str,
    address: Mapping[str, Any],
    options: Mapping[str, Any],
    values: Mapping[str, Any],
    now: datetime,
    metrics: list[str] | None = None,
) -> Device:
    """Make a device of the wizard: what it measures goes to the driver's options, its name is unique at the site.

    :raises PermissionDeniedError, RegisterError:
    """
    given = dict(values)
    _check_collector(actor, given.get("collector"))
    if driver not in COLLECTED:
        given["collector"] = None
    name = " ".join(str(given.get("name") or "").split())
    if Device.objects.filter(site=site, name=name).in_force(timezone.localdate(now)).exists():
        raise RegisterError("name", _("Công trình này đã có thiết bị tên “%(name)s”.") % {"name": name})
    role = str(given.get("role") or MeterRole.NONE)
    told = {"role": role} if role in {MeterRole.GRID, MeterRole.PRODUCTION, MeterRole.LOAD} else {}
    return device_create(
        actor=actor,
        site=site,
        values={
            **given, "driver": driver, "template": template, "options": {**options, **told},
            "valid_from": given.get("valid_from") or timezone.localdate(now),
        },
        address=address,
        metrics=metrics or [],
        now=now,
    )  # fmt: skip


def manual_reading_add(
    *, actor: Actor, device: Device, metric: str, at: datetime, value: float, now: datetime
) -> bool:
    """Note what a person read off a meter; return whether it is new. Raises PermissionDeniedError, RegisterError."""
    require(permissions.can_connect(actor, device.site), _("ghi chỉ số của thiết bị này"))
    if device.driver != Driver.MANUAL:
        raise RegisterError("", _("Chỉ số của thiết bị này do máy đọc, không ghi tay được."))
    if at > now:
        raise RegisterError("at", _("Lúc đọc không thể ở tương lai."))
    moment = round(at.timestamp() * 1000)
    series = [{"device": device.key, "metric": metric, "t": [moment], "v": [value], "p": {}, "raw": {}}]
    sender = Sender(f"device:{device.key}", "manual", device=device)
    result = batch_ingest(sender=sender, seq=moment, series=series, now=now)
    if result.set_aside:
        raise RegisterError(
            "value", _("Chỉ số này được để riêng vì không hợp lệ. Hãy xem trang chất lượng số liệu.")
        )
    if result.kept:
        audit_record(
            actor=actor, action="energy.reading.type", target=device,
            after={"metric": metric, "at": at.isoformat(), "value": value}, at=now,
        )  # fmt: skip
    return bool(result.kept)
