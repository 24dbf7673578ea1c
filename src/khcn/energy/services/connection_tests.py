"""Live tests of a device: asked for by a person, made by the site's collector or by the worker of this machine."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.hosts import is_forbidden_host, resolves_to_forbidden
from khcn.core.secrets import seal, unseal
from khcn.core.tasks import enqueue_on_commit
from khcn.energy import permissions
from khcn.energy.enums import TestState
from khcn.energy.errors import TestGoneError
from khcn.energy.models import Collector, ConnectionTest, Device, Site
from khcn.energy.rules.days import ms_of
from khcn.energy.selectors.collector_config import TEST_LIVES, TEST_PURPOSE
from khcn.energy.setup_errors import RegisterError, require

OPEN: Final = (TestState.ASKED, TestState.RUNNING)
TIMEOUT_S: Final = 15.0
MOST_POINTS: Final = 500


def test_ask(
    *,
    actor: Actor,
    site: Site,
    config: Mapping[str, Any],
    now: datetime,
    collector: Collector | None = None,
    device: Device | None = None,
) -> ConnectionTest:
    """Ask for a live test. ``config``: ``driver``, ``template``, ``address``, ``options`` as drivers take them.

    Without a collector the worker of this machine tries, and only addresses that are not this machine itself.

    :raises PermissionDeniedError, RegisterError:
    """
    from khcn.energy.tasks import connection_test_task  # noqa: PLC0415  # tasks call this module

    require(permissions.can_connect(actor, site), _("thử kết nối thiết bị của công trình này"))
    address = dict(config.get("address") or {})
    host = str(address.get("host") or "")
    if collector is None and not settings.KHCN.local_cameras and host and is_forbidden_host(host):
        raise RegisterError(
            "host",
            _(
                "Địa chỉ này trỏ vào chính máy chủ, không phải thiết bị. "
                "Hãy điền địa chỉ của thiết bị trong mạng công trình, ví dụ 192.168.1.20."
            ),
            code="energy-host",
        )
    spec = {
        "key": str(config.get("key") or (device.key if device else "thu")),
        "driver": str(config.get("driver") or ""),
        "template": str(config.get("template") or ""),
        "address": address,
        "options": dict(config.get("options") or {}),
        "rated_kw": config.get("rated_kw"),
        "zone": site.zone,
    }
    with transaction.atomic():
        test = ConnectionTest.objects.create(
            device=device,
            site=site,
            collector=collector,
            spec_sealed=seal(json.dumps(spec, default=str), purpose=TEST_PURPOSE),
            asked_by_id=actor_id(actor),
            asked_at=now,
        )
        audit_record(
            actor=actor, action="energy.test.ask", target=site, after={"driver": spec["driver"]}, at=now
        )
        if collector is None:
            enqueue_on_commit(connection_test_task, test.pk)
    return test


test_ask.__test__ = False  # type: ignore[attr-defined]  # pytest must not take it for one of its own


def connection_test_run(test_id: int) -> bool:
    """Make a test from this machine (the worker's task). Twice is once. Return whether it was made now."""
    from khcn.engines.energy.devices.protocol import DeviceConfig, probe  # noqa: PLC0415  # wires, worker only

    taken = ConnectionTest.objects.filter(pk=test_id, state=TestState.ASKED, collector=None)
    if not taken.update(state=TestState.RUNNING):
        return False
    test = ConnectionTest.objects.get(pk=test_id)
    spec = json.loads(unseal(test.spec_sealed, purpose=TEST_PURPOSE))
    host = str(spec["address"].get("host") or "")
    if not settings.KHCN.local_cameras and host and (is_forbidden_host(host) or resolves_to_forbidden(host)):
        result: dict[str, Any] = {"ok": False, "problems": [{"code": "energy-host", "params": {}}]}
    else:
        config = DeviceConfig(
            spec["key"], spec["driver"], spec["template"], spec["address"], spec["options"], spec["rated_kw"],
            spec["zone"],
        )  # fmt: skip
        now_ms = ms_of(timezone.now())  # a task is an interface: it may look at the clock
        found = probe(config, timeout_s=TIMEOUT_S, now_ms=now_ms, local_files=False)
        result = probe_document(found)
    _settle(test, result, timezone.now())
    return True


def probe_document(result: Any) -> dict[str, Any]:
    """Return a probe's result as JSON: what collectors send and tests keep."""
    return {
        "ok": result.ok,
        "identity": dict(result.identity),
        "points": [
            {"metric": p.metric, "value": p.value, "problem": p.problem, "raw": p.raw, "t": p.ts_ms}
            for p in result.points[:MOST_POINTS]
        ],
        "raw": {str(key): str(value)[:500] for key, value in list(result.raw.items())[:MOST_POINTS]},
        "problems": [{"code": n.code, "params": dict(n.params)} for n in result.problems],
        "suggestions": [{"code": n.code, "params": dict(n.params)} for n in result.suggestions],
        "took_ms": result.took_ms,
    }


def test_answer(
    *, collector: Collector, test_id: int, result: Mapping[str, Any], now: datetime
) -> ConnectionTest:
    """Take in what a collector found. Raises TestGoneError when the test is not this collector's, or is over."""
    test = ConnectionTest.objects.filter(pk=test_id, collector=collector).first()
    if test is None:
        raise TestGoneError
    if not ConnectionTest.objects.filter(pk=test_id, state__in=OPEN).exists():
        raise TestGoneError
    _settle(test, dict(result), now)
    return test


test_answer.__test__ = False  # type: ignore[attr-defined]


def _settle(test: ConnectionTest, result: dict[str, Any], now: datetime) -> None:
    state = TestState.PASSED if result.get("ok") is True else TestState.FAILED
    cleaned = json.loads(json.dumps(result, default=str).replace("\\u0000", ""))
    ConnectionTest.objects.filter(pk=test.pk, state__in=OPEN).update(
        state=state, result=_finite(cleaned), done_at=now
    )
    test.refresh_from_db()


def _finite(value: Any) -> Any:
    """Return JSON that both databases take: no nan, nothing endless."""
    if isinstance(value, dict):
        return {str(key)[:120]: _finite(one) for key, one in list(value.items())[:1000]}
    if isinstance(value, list):
        return [_finite(one) for one in value[:1000]]
    if isinstance(value, float) and not (-1e308 < value < 1e308):
        return None
    return value[:2000] if isinstance(value, str) else value


def tests_expire(now: datetime) -> int:
    """Fail tests that nobody answered within ten minutes. A periodic duty."""
    late = ConnectionTest.objects.filter(state__in=OPEN, asked_at__lt=now - TEST_LIVES)
    result = {"ok": False, "problems": [{"code": "test-unanswered", "params": {}}]}
    return late.update(state=TestState.FAILED, result=result, done_at=now)


tests_expire.__test__ = False  # type: ignore[attr-defined]
