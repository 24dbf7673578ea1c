"""The API: what a collector, a device, the public may; what a stranger may not; broken deliveries."""

import gzip
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from khcn.energy.enums import Driver
from khcn.energy.enums import TestState as State
from khcn.energy.models import Batch, Channel, Collector, ConnectionTest, Device, ReadingHour, SetAside
from khcn.energy.services.collectors import collector_takeover, collector_token_renew
from khcn.energy.services.connection_tests import test_ask as ask_test
from khcn.energy.services.devices import address_seal, device_token_renew
from tests.energy.factories import (
    NOW,
    make_collector,
    make_device,
    make_site,
    make_site_month,
    make_system,
    ms,
)

pytestmark = pytest.mark.django_db
ADDRESS = {"host": "192.168.1.20", "port": 502, "password": "bi-mat"}


class Setting:
    """A site with a collector that has a token, an inverter, and a client that speaks as the collector."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.site = make_site()
        self.collector = make_collector(self.site.unit)
        self.device = make_device(
            self.site, collector=self.collector, address_sealed=address_seal(ADDRESS), template="sungrow"
        )
        self.token = collector_token_renew(actor=None, collector=self.collector, now=NOW)

    def call(self, method: str, path: str, token: str | None = None, **more: Any) -> Any:
        """Call the API as the collector (``token``: as somebody else, "" as nobody)."""
        token = self.token if token is None else token
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        return getattr(self.client, method)(f"/api/v1/energy{path}", headers=headers, **more)

    def batch(self, seq: int = 1, **fields: Any) -> dict[str, Any]:
        """Return a batch of three readings of now."""
        at = ms(timezone.now())
        series = {
            "device": self.device.key,
            "metric": "ac_power",
            "t": [at - 2000, at - 1000, at],
            "v": [1, 2, 3.5],
        }
        return {
            "instance": "a", "seq": seq, "first": 1, "sent_at": timezone.now().isoformat(), "series": [series],
            "status": {"ok": True}, **fields,
        }  # fmt: skip

    def send(self, body: Any, **more: Any) -> Any:
        """Post a batch."""
        return self.call("post", "/batches", data=json.dumps(body), content_type="application/json", **more)


@pytest.fixture
def setting(client: Client) -> Setting:
    return Setting(client)


def test_a_batch_is_taken_in_and_again_changes_nothing(setting: Setting) -> None:
    body = setting.batch()
    answer = setting.send(body)
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "seq": 1, "repeated": False, "readings": 3, "kept": 3, "duplicates": 0, "set_aside": 0, "notes": [],
    }  # fmt: skip
    again = setting.send(body).json()
    assert (again["repeated"], again["kept"], again["duplicates"]) == (True, 0, 3)
    setting.collector.refresh_from_db()
    assert (setting.collector.instance, setting.collector.status) == ("a", {"ok": True})
    assert abs(setting.collector.clock_skew_s or 0) < 5


def test_a_zipped_batch_and_an_empty_one(setting: Setting) -> None:
    zipped = gzip.compress(json.dumps(setting.batch()).encode())
    answer = setting.call(
        "post", "/batches", data=zipped, content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    assert answer.json()["kept"] == 3
    heartbeat = setting.send(setting.batch(seq=0, series=[]))
    assert (heartbeat.status_code, heartbeat.json()["seq"]) == (200, 0)


BROKEN: list[tuple[bytes, str, int]] = [
    (b"", "", 422),
    (b"{", "", 422),
    (b"[1]", "", 422),
    (b"\xff\xfe", "", 422),
    (b'{"instance": "a", "seq": "1", "series": []}', "", 422),
    (b'{"instance": "a", "seq": true, "series": []}', "", 422),
    (b'{"instance": "a", "seq": -1, "series": []}', "", 422),
    (b'{"instance": "", "seq": 1, "series": []}', "", 422),
    (b'{"instance": "a", "seq": 1, "series": {}}', "", 422),
    (b"[" * 100_000, "", 422),
    (b"no zip", "gzip", 422),
    (gzip.compress(b"{}", mtime=0)[:-4], "gzip", 422),
    (gzip.compress(b" " * (65 << 20), mtime=0), "gzip", 413),
]


@pytest.mark.parametrize(("raw", "encoding", "status"), BROKEN, ids=lambda value: str(value)[:24])
def test_a_broken_delivery_is_refused_with_a_sentence(
    setting: Setting, raw: bytes, encoding: str, status: int
) -> None:
    headers = {"Content-Encoding": encoding} if encoding else {}
    answer = setting.call("post", "/batches", data=raw, content_type="application/json", headers=headers)
    assert answer.status_code == status
    assert "gói số liệu" in answer.json()["detail"].lower()
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("method", "path"), [("post", "/batches"), ("get", "/collector"), ("post", "/tests/1"), ("post", "/push")]
)
def test_strangers_are_refused(setting: Setting, method: str, path: str) -> None:
    device_token = device_token_renew(actor=None, device=setting.device, now=NOW)
    wrong = ["", "x", "khcncol_la_abc", setting.token[:-1], setting.token.replace("col", "dev")]
    wrong.append(setting.token if path == "/push" else device_token)
    for token in wrong:
        answer = setting.call(
            method,
            path,
            token=token,
            **({"data": b"{}", "content_type": "application/json"} if method == "post" else {}),
        )
        assert answer.status_code == 401, token
    assert not ReadingHour.objects.exists()


def test_a_renewed_token_or_a_collector_switched_off_opens_nothing(setting: Setting) -> None:
    fresh = collector_token_renew(actor=None, collector=setting.collector, now=NOW)
    assert setting.call("get", "/collector").status_code == 401
    assert setting.call("get", "/collector", token=fresh).status_code == 200
    Collector.objects.update(is_active=False)
    assert setting.call("get", "/collector", token=fresh).status_code == 401


def test_a_collector_cannot_write_to_anothers_devices(setting: Setting) -> None:
    other = make_device(make_site(), collector=make_collector())
    body = setting.batch()
    body["series"][0]["device"] = other.key
    answer = setting.send(body).json()
    assert (answer["kept"], answer["set_aside"]) == (0, 3)
    assert SetAside.objects.get().code == "device-of-another"
    assert not Channel.objects.filter(device=other).exists()


def test_the_configuration_has_addresses_and_a_tag(setting: Setting) -> None:
    make_device(setting.site, collector=setting.collector, driver=Driver.PUSH)
    make_device(setting.site, collector=setting.collector, valid_to=date(2020, 1, 1))
    make_device(setting.site)
    answer = setting.call("get", "/collector?instance=a")
    found = answer.json()
    assert [device["key"] for device in found["devices"]] == [setting.device.key]
    assert found["devices"][0]["address"] == ADDRESS
    assert found["site"] == {"latitude": 10.7769, "longitude": 106.7009}
    assert answer["Cache-Control"] == "no-store"
    same = setting.call("get", "/collector", headers={"If-None-Match": answer["ETag"]})
    assert same.status_code == 304
    Device.objects.filter(pk=setting.device.pk).update(poll_s=30)
    assert setting.call("get", "/collector", headers={"If-None-Match": answer["ETag"]}).status_code == 200


def test_the_site_collector_understands_its_configuration(setting: Setting) -> None:
    from khcn.engines.energy.collect.config import parse

    ask_test(actor=None, site=setting.site, collector=setting.collector, now=timezone.now(),
             config={"driver": "modbus", "template": "sungrow", "address": ADDRESS})  # fmt: skip
    found = parse(setting.call("get", "/collector").json())
    assert [device.key for device in found.devices] == [setting.device.key]
    assert (found.troubles, found.devices[0].options["every_s"]) == ((), 60.0)
    assert [test.device.address["host"] for test in found.tests] == ["192.168.1.20"]


def test_a_test_is_asked_for_and_answered_once(setting: Setting) -> None:
    config = {"driver": "modbus", "template": "sungrow", "address": ADDRESS}
    test = ask_test(
        actor=None, site=setting.site, config=config, collector=setting.collector, now=timezone.now()
    )
    assert "bi-mat" not in test.spec_sealed
    result = {
        "ok": True,
        "points": [{"metric": "ac_power", "value": 1.5, "t": 5, "problem": "", "raw": "\0"}],
    }
    path = f"/tests/{test.pk}"
    first = setting.call("post", path, data=json.dumps(result), content_type="application/json")
    assert first.status_code == 200, first.content
    test.refresh_from_db()
    assert (test.state, test.result["points"][0]["value"]) == (State.PASSED, 1.5)
    assert setting.call("post", path, data=b"{}", content_type="application/json").status_code == 404
    for number in ("abc", "9" * 30, "999"):
        answer = setting.call("post", f"/tests/{number}", data=b"{}", content_type="application/json")
        assert answer.status_code == 404
    assert ConnectionTest.objects.count() == 1


def test_two_machines_with_one_token(setting: Setting) -> None:
    setting.send(setting.batch())
    other = setting.batch(instance="b")
    other["series"][0]["v"] = [900, 901, 902]
    answer = setting.send(other)
    assert (answer.status_code, answer.json()["set_aside"]) == (200, 3)
    setting.collector.refresh_from_db()
    assert setting.collector.instance == "a"
    assert setting.collector.status["other_instance"]["instance"] == "b"
    collector_takeover(actor=None, collector=setting.collector, now=NOW)
    assert setting.send(setting.batch(seq=2, instance="b")).json()["kept"] == 3


def test_a_wrong_clock_of_the_collector_is_noted(setting: Setting) -> None:
    body = setting.batch(sent_at=(timezone.now() + timedelta(hours=1)).isoformat())
    assert {"code": "clock", "count": 1} in setting.send(body).json()["notes"]
    setting.collector.refresh_from_db()
    assert 3500 < (setting.collector.clock_skew_s or 0) < 3700


def test_a_device_pushes_by_itself(setting: Setting) -> None:
    device = make_device(setting.site, driver=Driver.PUSH)
    token = device_token_renew(actor=None, device=device, now=NOW)
    body = json.dumps(
        {"readings": [{"metric": "ac_power", "value": 12.3, "unit": "kW"}, {"values": {"ac_energy": "hỏng"}}]}
    )
    answer = setting.call("post", "/push", token=token, data=body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["readings"], found["kept"], found["problem_count"]) == (2, 2, 1)
    assert Channel.objects.get(device=device, metric="ac_power").last_value == 12.3
    stolen = json.dumps({"device": setting.device.key, "readings": [{"metric": "ac_power", "value": 99}]})
    answer = setting.call("post", "/push", token=token, data=stolen, content_type="application/json")
    assert answer.json()["set_aside"] == 1
    bad = setting.call("post", "/push", token=token, data=b"{", content_type="application/json")
    assert bad.status_code == 400
    assert bad.json()["detail"]


def test_published_totals_and_nothing_of_the_others(setting: Setting) -> None:
    make_system(setting.site, kwp=60)
    hidden = make_site(is_public=False)
    for site in (setting.site, hidden):
        make_site_month(site, date(2026, 1, 1))
    found = setting.call("get", "/totals", token="").json()
    assert (found["sites"], found["kwp"], found["production_kwh"]) == (1, 60.0, 6000.0)
    assert [month["month"] for month in found["months"]] == ["2026-01"]
    listed = setting.call("get", "/sites", token="").json()
    assert [site["key"] for site in listed] == [setting.site.key]
    months = setting.call("get", f"/sites/{setting.site.key}/months?first=2026-01-01", token="")
    assert months.json()[0]["savings_vnd"] == 11_810_400.0
    assert setting.call("get", f"/sites/{hidden.key}/months", token="").status_code == 404
    assert setting.call("get", f"/sites/{setting.site.key}/months?first=hom-nay", token="").status_code == 422


def test_a_month_that_still_runs_is_not_published(setting: Setting) -> None:
    """Who asks every day could otherwise tell the days on which a school stands empty."""
    running = timezone.localdate().replace(day=1)
    make_site_month(setting.site, date(2026, 1, 1))
    make_site_month(setting.site, running)
    assert setting.call("get", "/totals", token="").json()["production_kwh"] == 6000.0
    assert setting.call("get", "/sites", token="").json()[0]["last_month"] == "2026-01"
    months = setting.call("get", f"/sites/{setting.site.key}/months", token="").json()
    assert [month["month"] for month in months] == ["2026-01"]
