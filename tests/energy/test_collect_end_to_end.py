"""The collector's own outbox, delivery and client against the real centre over HTTP: both sides speak one language."""

import math
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from khcn.energy.enums import TestState as State
from khcn.energy.models import Collector, ConnectionTest, ReadingHour, SetAside
from khcn.energy.rules.packing import unpack_hour
from khcn.energy.services.collectors import collector_token_renew
from khcn.energy.services.connection_tests import test_ask as ask_test
from khcn.energy.services.devices import address_seal
from khcn.engines.energy.collect.centre import Ack, Centre, LaterError
from khcn.engines.energy.collect.clock import Clock, ClockWatch
from khcn.engines.energy.collect.config import parse
from khcn.engines.energy.collect.delivery import Delivery
from khcn.engines.energy.collect.outbox import Outbox
from khcn.engines.energy.collect.rows import Batch
from khcn.engines.energy.types import Sample
from tests.energy.factories import NOW, make_collector, make_device, make_site, ms

pytestmark = pytest.mark.django_db(transaction=True)


class LosesAnswers:
    """The real client, on a line that loses every third answer."""

    def __init__(self, centre: Centre) -> None:
        self.centre, self.rng = centre, random.Random(1)

    def send(self, batch: Batch, status: Mapping[str, Any]) -> Ack:
        ack = self.centre.send(batch, status)
        if batch.readings and self.rng.random() < 0.34:
            raise LaterError("the answer was lost")
        return ack


def test_readings_configuration_and_tests_between_collector_and_centre(
    live_server: Any, tmp_path: Path
) -> None:
    site = make_site()
    collector = make_collector(site.unit)
    address = {"host": "192.168.1.20", "port": 502, "unit": 1}
    device = make_device(site, collector=collector, address_sealed=address_seal(address), template="sma")
    (tmp_path / "token").write_text(collector_token_renew(actor=None, collector=collector, now=NOW))
    clock = Clock.of_machine()
    watch = ClockWatch(clock)
    centre = Centre(live_server.url, tmp_path / "token", watch, timeout_s=30)
    box = Outbox(tmp_path / "spool", clock=clock)

    document, etag = centre.config(box.instance, "")
    assert document is not None and etag and centre.config(box.instance, etag) == (None, etag)
    config = parse(document)
    assert [(one.key, one.driver, dict(one.address)) for one in config.devices] == [
        (device.key, device.driver, address)
    ]
    assert not config.troubles and config.key == collector.key

    now = ms(timezone.now())
    good = [
        Sample(device.key, metric, now - 7_200_000 + k * 10_000, k / 10)
        for k in range(150)
        for metric in ("ac_power", "ac_energy")
    ]
    said = Sample(device.key, "ac_power", now - 1000, None, "reading-not-implemented", "input 1: 8000")
    in_1970 = Sample(device.key, "ac_power", 1000, 5.0)
    assert box.append([*good, said, in_1970, Sample("nobody", "ac_power", now, 1.0)])
    delivery = Delivery(box, LosesAnswers(centre), watch, status=lambda: {"ok": True, "devices": []}, most=40)
    for _ in range(60):
        delivery.step()
    assert box.queued() == 0 and delivery.totals.duplicates > 0 and box.status()["aside"] == 0
    held: dict[tuple[str, int], float] = {}
    for hour in ReadingHour.objects.select_related("channel"):
        readings = unpack_hour(hour.packed)
        for t, v in zip(readings.t.tolist(), readings.v.tolist(), strict=True):
            assert (hour.channel.metric, ms(hour.hour) + t) not in held
            held[hour.channel.metric, ms(hour.hour) + t] = v
    assert math.isnan(held.pop(("ac_power", said.ts_ms)))  # no value is never 0
    assert held == {(one.metric, one.ts_ms): one.value for one in good}
    assert {"clock-past", "device-unknown"} <= set(SetAside.objects.values_list("code", flat=True))
    heard = Collector.objects.get(pk=collector.pk)
    assert heard.instance == box.instance and heard.status["ok"] is True
    assert abs(heard.clock_skew_s or 0) < 60 and watch.checked

    test = ask_test(
        actor=None, site=site, collector=collector, now=timezone.now(),
        config={"driver": "modbus", "template": "sma", "address": address},
    )  # fmt: skip
    document, _etag = centre.config(box.instance, etag)
    assert document is not None and [one.id for one in parse(document).tests] == [str(test.pk)]
    answer = {
        "ok": False,
        "identity": {},
        "points": [],
        "raw": {},
        "problems": [],
        "suggestions": [],
        "took_ms": 5,
    }
    assert centre.report_test(str(test.pk), answer) and centre.report_test("999999", answer)
    assert ConnectionTest.objects.get(pk=test.pk).state == State.FAILED
    box.close()
