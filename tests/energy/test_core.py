"""Devices, collectors, live tests and their rights; key figures with versions; retention; indicators; references."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from khcn.core.errors import PermissionDeniedError
from khcn.core.indicators import Period, indicators
from khcn.core.models.audit import AuditEvent
from khcn.core.references import reference_to, resolve_many
from khcn.energy.enums import DeviceKind, Driver
from khcn.energy.enums import TestState as State
from khcn.energy.errors import CollectorTokenError, DeviceTokenError
from khcn.energy.models import (
    Batch,
    ConnectionTest,
    Device,
    KpiRecord,
    ReadingHour,
    SetAside,
    SiteDay,
    Touched,
)
from khcn.energy.services.collectors import collector_create, collector_of_token, collector_token_renew
from khcn.energy.services.connection_tests import connection_test_run, tests_expire
from khcn.energy.services.connection_tests import test_ask as ask_test
from khcn.energy.services.devices import (
    channels_ensure,
    device_create,
    device_of_token,
    device_retire,
    device_token_renew,
    device_update,
    meter_replace,
)
from khcn.energy.services.figures import figures_derive
from khcn.energy.services.kpis import kpis_refresh, site_month_kpis
from khcn.energy.services.retention import readings_expire
from khcn.energy.services.rezone import site_figures
from khcn.energy.services.seed import tables_seed
from khcn.energy.services.sites import site_update
from khcn.energy.setup_errors import RegisterError
from khcn.engines.energy.devices.protocol import ProbeResult
from khcn.engines.energy.types import Sample
from khcn.orgs.enums import Role
from tests.energy.factories import (
    NOW,
    derive_site,
    fill_days,
    make_channel,
    make_collector,
    make_contract,
    make_device,
    make_grid_meter,
    make_site,
    make_system,
    ms,
    solar_day,
)
from tests.orgs.factories import make_member

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MONTH = date(2026, 2, 1)
VALUES = {"name": "Biến tần 1", "kind": DeviceKind.INVERTER, "driver": Driver.MODBUS, "rated_kw": Decimal(30)}


def test_a_device_gets_a_key_channels_and_a_sealed_address() -> None:
    site = make_site()
    device = device_create(
        actor=None, site=site, values=VALUES, now=NOW, address={"host": "192.168.1.9", "password": "bi-mat"},
        metrics=("ac_power", "ac_energy", "la.lam"),
    )  # fmt: skip
    assert device.key == f"{site.key}-bien-tan-1"
    assert "bi-mat" not in device.address_sealed
    assert dict(device.channels.values_list("metric", "counts")) == {
        "ac_power": True, "ac_energy": True, "la.lam": False,
    }  # fmt: skip
    assert len(channels_ensure(device, ["ac_power"])) == 3
    event = AuditEvent.objects.get(action="energy.device.create")
    assert "bi-mat" not in str(event.after)
    second = device_create(actor=None, site=site, values=VALUES, now=NOW)
    assert second.key == f"{site.key}-bien-tan-1-2"


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": " "}, "name"), ({"poll_s": 0}, "poll_s"), ({"rated_kw": Decimal(-1)}, "rated_kw"),
     ({"valid_from": date(2026, 1, 2), "valid_to": date(2026, 1, 1)}, "valid_to"), ({"kind": "robot"}, "kind")],
)  # fmt: skip
def test_a_device_that_cannot_be_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(RegisterError) as error:
        device_create(actor=None, site=make_site(), values={**VALUES, **change}, now=NOW)
    assert error.value.field == field
    assert not Device.objects.exists()


def test_a_system_of_another_site_is_refused() -> None:
    with pytest.raises(RegisterError, match="công trình khác"):
        device_create(actor=None, site=make_site(), values={**VALUES, "system": make_system()}, now=NOW)


def test_who_may_do_what_with_devices() -> None:
    site = make_site()
    device = make_device(site, metrics=("ac_energy",))
    channel = device.channels.get()
    deeds: list[Callable[[Any], Any]] = [
        lambda actor: device_create(actor=actor, site=site, values=VALUES, now=NOW),
        lambda actor: device_update(actor=actor, device=device, values={"name": "Mới"}, now=NOW),
        lambda actor: device_retire(actor=actor, device=device, on=date(2030, 1, 1), now=NOW),
        lambda actor: device_token_renew(actor=actor, device=device, now=NOW),
        lambda actor: meter_replace(actor=actor, channel=channel, at=NOW - timedelta(seconds=next(seconds)), now=NOW),
        lambda actor: ask_test(actor=actor, site=site, config={"driver": "modbus", "address": {}}, now=NOW,
                               collector=make_collector()),
    ]  # fmt: skip
    seconds = iter(range(1, 100))
    mine: list[Any] = [make_member(Role.TECHNICIAN, site.unit), make_member(Role.UNIT_ENERGY_MANAGER, site.unit),
            make_member(Role.ENERGY_OFFICER)]  # fmt: skip
    others: list[Any] = [make_member(Role.TECHNICIAN), make_member(Role.LEADER), make_member(Role.FINANCE),
              make_member(Role.UNIT_HEAD, site.unit), AnonymousUser()]  # fmt: skip
    for deed in deeds:
        for actor in mine:
            deed(actor)
        for actor in others:
            with pytest.raises(PermissionDeniedError):
                deed(actor)
    with pytest.raises(PermissionDeniedError):
        collector_create(actor=mine[0], unit=site.unit, name="Máy", now=NOW)
    assert collector_create(actor=mine[2], unit=site.unit, name="Máy", now=NOW).key == "may"


def test_tokens_open_only_their_own_door() -> None:
    collector, device = make_collector(), make_device()
    opener = collector_token_renew(actor=None, collector=collector, now=NOW)
    pusher = device_token_renew(actor=None, device=device, now=NOW)
    assert collector_of_token(opener) == collector
    assert device_of_token(pusher) == device
    for wrong in ("", opener + "x", pusher, opener.replace(collector.key, "la"), "x" * 300):
        with pytest.raises(CollectorTokenError):
            collector_of_token(wrong)
    for wrong in ("", pusher[:-1], opener):
        with pytest.raises(DeviceTokenError):
            device_of_token(wrong)


def test_what_changes_a_devices_meaning_derives_it_anew() -> None:
    device = make_device(metrics=("ac_energy",))
    fill_days(device.channels.get(), MONTH, MONTH + DAY, 1.0)
    device_update(actor=None, device=device, values={"name": "Tên khác"}, now=NOW)
    assert not Touched.objects.exists()
    device_update(actor=None, device=device, values={"rated_kw": Decimal(80)}, now=NOW)
    assert Touched.objects.count() == 1


def test_a_zone_that_was_wrong_cuts_the_same_intervals_into_other_days() -> None:
    site = make_site(zone="UTC")
    channel = make_channel(make_device(site))
    fill_days(channel, MONTH, MONTH + 2 * DAY, [float(n) for n in range(96)])
    derive_site(site, MONTH, MONTH + 2 * DAY)
    site_update(actor=None, site=site, values={"zone": "Asia/Ho_Chi_Minh"}, now=NOW)
    site.refresh_from_db()
    rows = list(channel.days.order_by("day"))
    assert [row.day for row in rows] == [MONTH + n * DAY for n in range(4)]
    assert sum(row.total or 0 for row in rows) == 3 * sum(range(96))
    assert rows[0].total == sum(range(96 - 28))  # what began at seven in the morning there
    site_figures(site.pk, NOW)
    days = {day.day: day.production_kwh for day in SiteDay.objects.all()}
    assert days[MONTH] == sum(range(96 - 28))
    assert len(days) == 4


# -- live tests ------------------------------------------------------------------------------------------------


def test_a_test_from_this_machine_is_made_once_by_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    probed = []

    def probe(config: Any, **_more: Any) -> ProbeResult:
        probed.append(config)
        return ProbeResult(ok=True, identity={"model": "SG30"}, points=(Sample("thu", "ac_power", 5, 1.5),))

    monkeypatch.setattr("khcn.engines.energy.devices.protocol.probe", probe)
    config = {"driver": "modbus", "template": "sungrow", "address": {"host": "192.168.1.9", "password": "x"}}
    test = ask_test(actor=None, site=make_site(), config=config, now=NOW)
    ConnectionTest.objects.filter(pk=test.pk).update(
        state=State.ASKED, result={}, done_at=None
    )  # a task may have run
    probed.clear()
    assert connection_test_run(test.pk)
    assert not connection_test_run(test.pk)
    test.refresh_from_db()
    assert (test.state, test.result["identity"], len(probed)) == (State.PASSED, {"model": "SG30"}, 1)
    assert probed[0].address["password"] == "x"


def test_the_centre_never_connects_to_itself() -> None:
    config = {"driver": "modbus", "address": {"host": "127.0.0.1"}}
    with pytest.raises(RegisterError, match="chính máy chủ"):
        ask_test(actor=None, site=make_site(), config=config, now=NOW)
    ask_test(
        actor=None, site=make_site(), config=config, now=NOW, collector=make_collector()
    )  # its own is fine there


def test_a_test_that_nobody_answers_fails() -> None:
    test = ask_test(
        actor=None, site=make_site(), config={"driver": "modbus"}, now=NOW, collector=make_collector()
    )
    assert tests_expire(NOW + timedelta(minutes=5)) == 0
    assert tests_expire(NOW + timedelta(minutes=11)) == 1
    test.refresh_from_db()
    assert (test.state, test.result["problems"][0]["code"]) == (State.FAILED, "test-unanswered")


# -- key figures -----------------------------------------------------------------------------------------------


@pytest.fixture
def month() -> Any:
    """A school with a whole month."""
    tables_seed(NOW)
    site = make_site()
    system = make_system(site, kwp=60, valid_from=date(2025, 1, 1))
    for _ in range(2):
        fill_days(make_channel(make_device(site, system=system)), MONTH, date(2026, 2, 28), solar_day())
    meter = make_grid_meter(site)
    fill_days(meter.channels.get(metric="import_energy"), MONTH, date(2026, 2, 28), 0.8)
    fill_days(meter.channels.get(metric="export_energy"), MONTH, date(2026, 2, 28), 0.0)
    make_contract(site)
    derive_site(site, MONTH, date(2026, 2, 28))
    return site


def newest(site: Any) -> dict[str, KpiRecord]:
    """Return the newest version of each figure of a site."""
    rows = KpiRecord.objects.filter(site=site, system=None).order_by("version")
    return {row.key: row for row in rows}


def test_key_figures_keep_their_inputs_and_say_what_they_rest_on(month: Any) -> None:
    assert kpis_refresh(NOW) > 10
    found = newest(month)
    made = 28 * 2 * sum(solar_day())
    assert found["energy"].value == pytest.approx(made, rel=1e-3)
    assert found["specific_yield"].value == pytest.approx(made / 60, rel=1e-3)
    ratio = found["performance_ratio_modelled"]
    assert "performance_ratio" not in found  # there is no pyranometer: never a plain PR
    assert ratio.value is not None
    assert 0.5 < ratio.value < 1.5
    assert ratio.inputs["pdc0_kw"] == 60
    assert found["savings_vnd"].versions["documents"]
    assert found["savings_vnd"].value == pytest.approx(
        float(sum(day.savings_vnd or 0 for day in SiteDay.objects.all()))
    )
    assert KpiRecord.objects.filter(system__isnull=False, key="energy").count() == 1


def test_the_same_again_is_no_new_version_and_late_data_make_one(month: Any) -> None:
    kpis_refresh(NOW)
    count = KpiRecord.objects.count()
    assert site_month_kpis(month, MONTH, NOW + DAY) == 0
    assert KpiRecord.objects.count() == count
    assert kpis_refresh(NOW + DAY) == 0
    channel = month.devices.filter(kind=DeviceKind.INVERTER).first().channels.get()
    channel.days.filter(day=MONTH).delete()
    figures_derive(month, [MONTH], NOW + 2 * DAY)
    assert kpis_refresh(NOW + 2 * DAY) > 0
    rows = KpiRecord.objects.filter(site=month, system=None, key="energy").order_by("version")
    assert [row.version for row in rows] == [1, 2]
    assert (rows[1].value or 0) < (rows[0].value or 0)


def test_a_month_that_goes_on_has_no_record(month: Any) -> None:
    assert kpis_refresh(NOW - 20 * DAY) == 0


# -- retention -------------------------------------------------------------------------------------------------


def test_what_is_old_leaves_and_intervals_stay() -> None:
    channel = make_channel()
    fill_days(channel, MONTH - 300 * DAY, MONTH - 299 * DAY, 1.0)
    for age in (200, 100, 89, 1):
        ReadingHour.objects.create(channel=channel, hour=NOW - age * DAY, packed=b"")
        Batch.objects.create(source="a", instance="b", seq=age, received_at=NOW - age * DAY)
        SetAside.objects.create(source="a", received_at=NOW - age * DAY, code="x", done_at=NOW - age * DAY)
    report = readings_expire(NOW)
    assert (report.hours, report.batches, report.set_aside) == (2, 3, 2)
    assert channel.days.count() == 2
    channel.refresh_from_db()
    assert channel.raw_from == NOW - 90 * DAY
    assert readings_expire(NOW).hours == 0


# -- indicators, references ------------------------------------------------------------------------------------


def test_indicators_have_completeness_and_sources(month: Any) -> None:
    period = Period(MONTH, date(2026, 2, 28))

    def figure(key: str, **more: Any) -> Any:
        given = {"period": period, "unit_ids": None, "reader": None, **more}
        return indicators.get(key).figure(**given)

    made = figure("energy.kwh")
    assert float(made.value) == pytest.approx(28 * 2 * sum(solar_day()), rel=1e-3)
    assert made.completeness == pytest.approx(1.0)
    assert made.sources == (reference_to(month),)
    assert float(figure("energy.savings_vnd").value) > 0
    assert "tCO₂" in str(indicators.get("energy.co2_t").unit)
    co2 = figure("energy.co2_t")
    assert float(co2.value) == pytest.approx(float(made.value) * 0.6592 / 1000, rel=0.01)
    assert "Hệ số phát thải" in co2.note
    assert figure("energy.systems").value == 1
    assert "60" in figure("energy.systems").note
    assert 95 < figure("energy.availability").value <= 100
    half = figure("energy.kwh", period=Period(MONTH, date(2026, 3, 31)))
    assert half.completeness == pytest.approx(28 / 59, abs=0.01)
    assert "đầy đủ" in half.note
    assert figure("energy.kwh", unit_ids=[]).value is None
    assert figure("energy.kwh", reader=make_member(Role.TECHNICIAN)).value is None
    assert figure("energy.kwh", reader=make_member(Role.LEADER)).value == made.value


def test_links_to_sites_follow_the_reader(month: Any) -> None:
    hidden = make_site(is_public=False)
    wanted = [reference_to(month), reference_to(hidden)]
    found = resolve_many(wanted, make_member(Role.TECHNICIAN, month.unit))
    assert [str(one.title) for one in found.values() if one is not None] == [month.name]
    assert ms(NOW) > 0
