"""The connection wizard: from what stands on the wall to a device with channels; secrets stay sealed."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.core.models.jobs import Job
from khcn.energy import setup_store
from khcn.energy.enums import Driver
from khcn.energy.enums import TestState as Way
from khcn.energy.models import Channel, ConnectionTest, Device
from khcn.energy.selectors.collector_config import address_of
from khcn.energy.selectors.wizard import choice_groups, shown_spec, spec_of
from khcn.energy.services.reading_files import readings_ask, readings_run
from khcn.energy.services.wizard import device_from_test, manual_reading_add, scan_run, wizard_test
from khcn.energy.setup_errors import RegisterError
from khcn.engines.energy.devices import protocol
from khcn.engines.energy.devices.protocol import Notice, ProbeResult
from khcn.engines.energy.types import Sample
from khcn.orgs.enums import Role
from tests.energy.factories import NOW, make_collector, make_device, make_site
from tests.energy.test_setup_pages import at
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
HOST = "192.168.1.20"
SECRET = "mat-khau-9f3"
POINTS = [
    {"metric": "ac_power", "value": 12.4},
    {"metric": "ac_energy", "value": 45231.2},
    {"metric": "dc_power", "value": None},
]


class Place:
    """A school, its technician, a collector of its unit and one of another."""

    def __init__(self) -> None:
        self.site = make_site("Trường Mẫu", unit=make_unit())
        self.technician = make_member(Role.TECHNICIAN, self.site.unit)
        self.collector, self.foreign = make_collector(self.site.unit), make_collector()

    def test(self, **changes: Any) -> ConnectionTest:
        """Ask for a test as the technician."""
        given: dict[str, Any] = {
            "driver": Driver.MODBUS, "template": "huawei-sun2000", "address": {"host": HOST, "unit": 1}, "options": {},
        }  # fmt: skip
        return wizard_test(actor=self.technician, site=self.site, now=NOW, **{**given, **changes})


def settle(test: ConnectionTest, **result: Any) -> None:
    """Answer a test as a collector would."""
    state = Way.PASSED if result.get("ok", True) else Way.FAILED
    ConnectionTest.objects.filter(pk=test.pk).update(
        state=state, result={"ok": True, "points": POINTS, **result}
    )
    test.refresh_from_db()


def test_every_choice_has_a_page(client: Client) -> None:
    place = Place()
    client.force_login(place.technician)
    keys = [choice.key for group in choice_groups() for choice in group.choices]
    assert {"huawei-sun2000", "sungrow-sg", "sunspec", "scan", "tasmota", "push", "tep", "nhap-tay"} <= set(
        keys
    )
    assert {
        key: client.get(at("connect-where", place.site.key, key)).status_code for key in keys
    } == dict.fromkeys(keys, 200)
    assert client.get(at("connect-where", place.site.key, "khong-co")).status_code == 404


def test_from_the_address_to_a_device_with_channels(client: Client) -> None:
    place = Place()
    client.force_login(place.technician)
    sent = {"host": f"tcp://{HOST}:1502/", "port": "", "unit": "1", "collector": str(place.collector.pk)}
    answer = client.post(at("connect-where", place.site.key, "huawei-sun2000"), sent)
    test = ConnectionTest.objects.get()
    assert answer["Location"] == at("test", test.pk)
    assert (
        spec_of(test)["address"] == {"host": HOST, "port": 1502, "unit": 1}
        and test.collector == place.collector
    )
    assert "hx-get" in client.get(at("test", test.pk)).content.decode()
    settle(test, identity={"model": "SUN2000", "serial": "HV1"})
    shown = client.get(at("test", test.pk)).content.decode()
    assert "Công suất phát" in shown and "12,40 kW" in shown and "SUN2000" in shown
    named = {
        "name": "Biến tần 1",
        "kind": "inverter",
        "role": "none",
        "rated_kw": "36",
        "poll_s": "30",
        "collector": str(place.collector.pk),
    }
    done = client.post(at("test-name", test.pk), named)
    device = Device.objects.get(site=place.site)
    assert done["Location"] == at("device", device.pk)
    assert (device.driver, device.template, device.poll_s, device.collector) == (
        "modbus",
        "huawei-sun2000",
        30,
        place.collector,
    )
    assert set(Channel.objects.filter(device=device).values_list("metric", flat=True)) == {
        "ac_power",
        "ac_energy",
    }
    with pytest.raises(RegisterError):
        device_from_test(
            actor=place.technician, test=test, values={"name": "Lần nữa", "kind": "inverter"}, now=NOW
        )


def test_a_broker_s_password_is_sealed_and_never_shown(client: Client) -> None:
    place = Place()
    client.force_login(place.technician)
    page = at("connect-where", place.site.key, "tasmota")
    sent = {"host": HOST, "port": "1883", "username": "pv", "password": SECRET, "topic": ""}
    broken = client.post(page, sent).content.decode()
    kept = broken.split('name="kept" value="')[1].split('"')[0]
    assert SECRET not in broken and kept
    client.post(page, {**sent, "password": "", "kept": kept, "topic": "tele/pv-1/SENSOR"})
    test = ConnectionTest.objects.get()
    assert spec_of(test)["address"]["password"] == SECRET and "password" not in shown_spec(test)["address"]
    settle(test)
    client.post(f"{page}?tu={test.pk}", {**sent, "password": "", "topic": "tele/pv-2/SENSOR"})
    again = ConnectionTest.objects.order_by("-pk").first()
    assert again is not None and spec_of(again)["address"]["password"] == SECRET
    client.post(
        f"{page}?tu={test.pk}", {**sent, "host": "10.0.0.9", "password": "", "topic": "x"}
    )  # another broker gets no password
    assert "password" not in spec_of(ConnectionTest.objects.order_by("-pk")[0])["address"]
    settle(again)
    device = device_from_test(
        actor=place.technician, test=again, values={"name": "Ổ cắm", "kind": "plug", "role": "load"}, now=NOW
    )
    assert address_of(device)["password"] == SECRET and device.options["role"] == "load"
    pages = [at("test", test.pk), at("device", device.pk), f"{page}?tu={test.pk}", at("site", place.site.key)]
    trail = json.dumps([[event.before, event.after] for event in AuditEvent.objects.all()], default=str)
    everything = (
        " ".join(client.get(path).content.decode() for path in pages)
        + trail
        + device.address_sealed
        + test.spec_sealed
    )
    assert SECRET not in everything


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "169.254.169.254", "[::1]", "0.0.0.0", "2130706433", "http://127.1/"]
)
def test_this_machine_is_never_tried(client: Client, host: str) -> None:
    place = Place()
    client.force_login(place.technician)
    for what in ("huawei-sun2000", "scan", "sunspec"):
        assert client.post(at("connect-where", place.site.key, what), {"host": host}).status_code == 200
    assert not ConnectionTest.objects.exists()


def test_another_unit_s_collector_is_refused_and_tests_do_not_pile_up() -> None:
    place = Place()
    with pytest.raises(RegisterError):
        place.test(collector=place.foreign)
    for _n in range(5):
        place.test()
    with pytest.raises(RegisterError):
        place.test()
    for role in (Role.UNIT_HEAD, Role.LEADER, Role.FINANCE):
        with pytest.raises(PermissionDeniedError):
            wizard_test(
                actor=make_member(role, place.site.unit),
                site=place.site,
                driver="sunspec",
                template="",
                address={},
                options={},
                now=NOW,
            )


def answer(metrics: int, *codes: str) -> ProbeResult:
    """Return what a probe of a device with so many values would say."""
    points = tuple(Sample("thu", "ac_power" if n == 0 else f"x{n}", 0, 1.0) for n in range(metrics))
    return ProbeResult(ok=metrics > 0, points=points, problems=tuple(Notice(code, {}) for code in codes))


def test_an_unknown_device_is_found_by_trying(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place()
    tried: list[str] = []
    replies = {
        "": answer(0, "device-not-sunspec"),
        "growatt": answer(3),
        "solis": answer(9),
        "sma": answer(20, "device-wrong-template"),
    }

    def probe(config: Any, *, timeout_s: float, now_ms: int) -> ProbeResult:
        tried.append(config.template or config.driver)
        return replies.get(config.template, answer(0, "device-timeout"))

    monkeypatch.setattr(protocol, "probe", probe)
    test = place.test(driver="scan", template="")
    assert scan_run(test.pk) and not scan_run(test.pk)
    test.refresh_from_db()
    assert test.state == Way.PASSED and tried[0] == "sunspec"
    assert [row["key"] for row in test.result["candidates"]] == ["solis", "growatt"]
    device = device_from_test(
        actor=place.technician, test=test, values={"name": "Máy lạ", "kind": "inverter"}, now=NOW
    )
    assert (device.driver, device.template) == ("modbus", "solis")


def test_a_scan_stops_where_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place()
    tried: list[str] = []

    def probe(config: Any, **_options: Any) -> ProbeResult:
        tried.append(config.driver)
        return answer(0, "device-unreachable")

    monkeypatch.setattr(protocol, "probe", probe)
    test = place.test(driver="scan", template="")
    scan_run(test.pk)
    test.refresh_from_db()
    assert len(tried) == 1 and test.state == Way.FAILED
    with pytest.raises(RegisterError):
        device_from_test(actor=place.technician, test=test, values={"name": "x", "kind": "inverter"}, now=NOW)


@pytest.mark.parametrize("text", ["", "ac_power", "ac_power =", "khong_co = a.b", "ac_power = a b c", "= x"])
def test_paths_of_json_that_cannot_be(client: Client, text: str) -> None:
    place = Place()
    client.force_login(place.technician)
    sent = {"host": HOST, "topic": "pv", "fields_text": text}
    assert client.post(at("connect-where", place.site.key, "json"), sent).status_code == 200
    assert not ConnectionTest.objects.exists()


def test_a_meter_read_by_hand(client: Client) -> None:
    place = Place()
    client.force_login(place.technician)
    client.post(
        at("connect-where", place.site.key, "nhap-tay"),
        {"name": "Công tơ tổng", "kind": "meter", "role": "grid"},
    )
    device = Device.objects.get(site=place.site)
    moment = NOW - timedelta(days=1)
    assert manual_reading_add(
        actor=place.technician, device=device, metric="import_energy", at=moment, value=1234.5, now=NOW
    )
    assert not manual_reading_add(
        actor=place.technician, device=device, metric="import_energy", at=moment, value=1234.5, now=NOW
    )
    assert Channel.objects.get(device=device).last_value == 1234.5
    with pytest.raises(RegisterError):
        manual_reading_add(
            actor=place.technician,
            device=device,
            metric="import_energy",
            at=NOW + timedelta(days=1),
            value=1,
            now=NOW,
        )
    machine = make_device(place.site, driver=Driver.MODBUS)
    with pytest.raises(RegisterError):
        manual_reading_add(
            actor=place.technician, device=machine, metric="import_energy", at=NOW, value=1, now=NOW
        )


CSV = "Thời gian;Công suất phát (kW);Sản lượng (kWh)\n" + "".join(
    f"2026-03-01 {hour:02d}:{minute:02d};{hour},5;{1000 + hour},25\n"
    for hour in range(6, 18)
    for minute in (0, 15, 30, 45)
)


def test_a_file_of_a_portal_is_shown_first_then_taken_in(client: Client) -> None:
    place = Place()
    device = make_device(place.site, driver=Driver.FILES)
    client.force_login(place.technician)
    page = client.post(at("readings", device.pk), {"file": SimpleUploadedFile("xuat.csv", CSV.encode())})
    preview, kept = page.context["preview"], page.context["kept"]
    assert (
        preview.rows == 48
        and preview.time == "Thời gian"
        and Channel.objects.filter(device=device).count() == 0
    )
    chosen = {"tep": kept, "time": preview.time, "cot-TOTAL_FORMS": "2", "cot-INITIAL_FORMS": "2",
              "cot-0-column": preview.columns[1], "cot-0-metric": "ac_power", "cot-0-unit": "kW",
              "cot-1-column": preview.columns[2], "cot-1-metric": "ac_power", "cot-1-unit": "kWh"}  # fmt: skip
    twice = client.post(at("readings", device.pk), chosen)
    assert "cùng một đại lượng" in twice.content.decode()
    asked = client.post(at("readings", device.pk), {**chosen, "cot-1-metric": "ac_energy"})
    job = Job.objects.get(kind="energy.readings")
    assert asked["Location"].endswith(f"?viec={job.pk}")
    readings_run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    assert dict(Channel.objects.filter(device=device).values_list("metric", "last_value")) == {
        "ac_power": 17.5,
        "ac_energy": 1017.25,
    }
    assert "48 dòng" in client.get(asked["Location"]).content.decode()
    assert not setup_store.path_of(setup_store.READINGS, kept).exists()


def test_whose_file_it_is_and_what_is_no_file(client: Client) -> None:
    place = Place()
    device = make_device(place.site, driver=Driver.FILES)
    other = make_member(Role.TECHNICIAN, place.site.unit)
    name = setup_store.keep(setup_store.READINGS, other.pk, SimpleUploadedFile("a.csv", CSV.encode()))
    for stolen in (name, "../../secret-key", "x"):
        with pytest.raises(RegisterError):
            readings_ask(
                actor=place.technician,
                device=device,
                name=stolen,
                time="t",
                columns=[{"column": "a", "metric": "ac_power"}],
                now=NOW,
            )
    client.force_login(place.technician)
    for content in (b"\x00\x01\x02" * 100, b"PK\x03\x04hong", b"a\n"):
        answer = client.post(at("readings", device.pk), {"file": SimpleUploadedFile("x.csv", content)})
        assert answer.status_code == 200 and "preview" not in answer.context
    big = SimpleNamespace(name="x.csv", size=41 * 2**20, chunks=lambda: [b""])
    with pytest.raises(RegisterError):
        setup_store.keep(setup_store.READINGS, 1, big)
