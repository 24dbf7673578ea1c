"""Days and months of a site: flows by role, money of the day's own tariff, CO2 of the year, expectation, availability."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.energy.enums import DeviceKind, MeterRole, PriceGroup
from khcn.energy.models import (
    EmissionFactor,
    Price,
    PriceDecision,
    SiteDay,
    SiteMonth,
    SystemDay,
    TariffAssignment,
    VatRate,
)
from khcn.energy.selectors.flows import site_flows
from khcn.energy.selectors.series import daily, day_intervals, month_totals
from khcn.energy.selectors.telemetry import live_now, site_day_power
from khcn.energy.services.figures import figures_derive, site_rerate
from khcn.energy.services.seed import tables_seed
from khcn.orgs.enums import Role
from tests.energy.factories import (
    NOW,
    TODAY,
    derive_site,
    fill_days,
    make_channel,
    make_contract,
    make_device,
    make_grid_meter,
    make_site,
    make_system,
    solar_day,
)
from tests.orgs.factories import make_member

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LAST = TODAY - DAY
FIRST = LAST - 4 * DAY
SUN = sum(solar_day())
NIGHT = [1.0 if 24 <= n < 72 else 0.5 for n in range(96)]  # import of a quarter of an hour
OUT = [0.5 if 44 <= n < 52 else 0.0 for n in range(96)]


class School:
    """Two inverters, a meter at the grid, a contract of a school below 6 kV, five days of figures."""

    def __init__(self) -> None:
        tables_seed(NOW)
        self.site = make_site()
        self.system = make_system(self.site, kwp=60)
        self.inverters = [make_device(self.site, system=self.system) for _ in range(2)]
        self.channels = [make_channel(device) for device in self.inverters]
        self.meter = make_grid_meter(self.site)
        self.contract = make_contract(self.site)
        for channel in self.channels:
            fill_days(channel, FIRST, LAST, solar_day())
        fill_days(self.meter.channels.get(metric="import_energy"), FIRST, LAST, NIGHT)
        fill_days(self.meter.channels.get(metric="export_energy"), FIRST, LAST, OUT)

    def derive(self, **more: Any) -> None:
        """Derive the five days."""
        figures_derive(self.site, [FIRST + n * DAY for n in range(5)], NOW, **{"whole": False, **more})

    def day(self, day: date = LAST) -> SiteDay:
        """Return one day."""
        return SiteDay.objects.get(site=self.site, day=day)


@pytest.fixture
def school() -> School:
    return School()


def test_the_five_tables_are_seeded_once_and_officials_rows_stay() -> None:
    assert tables_seed(NOW) > 10
    assert PriceDecision.objects.count() >= 4
    assert Price.objects.filter(group=PriceGroup.PUBLIC_SCHOOL, vnd_per_kwh=2072).exists()
    VatRate.objects.update(percent=5)
    assert tables_seed(NOW) == 0
    assert set(VatRate.objects.values_list("percent", flat=True)) == {Decimal(5)}


def test_a_day_adds_up(school: School) -> None:
    school.derive()
    day = school.day()
    assert day.production_kwh == pytest.approx(2 * SUN, abs=0.01)
    assert (day.import_kwh, day.export_kwh) == (72.0, 4.0)
    assert day.load_kwh == pytest.approx(2 * SUN + 72 - 4, abs=0.01)
    assert day.self_consumed_kwh == pytest.approx(2 * SUN - 4, abs=0.01)
    assert day.completeness == 1.0
    assert day.peak_kw == pytest.approx(2 * 5 * 4, rel=0.01)
    month = SiteMonth.objects.get()
    assert month.production_kwh == pytest.approx(10 * SUN, abs=0.1)
    assert (month.figures["days"], month.figures["days_measured"]) == (5, 5)
    assert SystemDay.objects.filter(system=school.system).count() == 5


def test_money_is_that_of_the_days_tariff_with_vat(school: School) -> None:
    school.derive()
    day = school.day()
    used = Decimal(str(round(2 * SUN - 4, 6)))
    wanted = used * 2072 * Decimal("1.08")
    assert day.savings_vnd is not None
    assert abs(day.savings_vnd - wanted) < 5
    assert day.cost_vnd == Decimal(72 * 2072 * 108) / 100
    assert day.surplus_vnd == 0  # public assets do not sell by default
    terms = day.versions["terms"]
    assert terms["decision"]["document"] == "1279/QĐ-BCT"
    assert terms["prices"]["flat"]["vnd"] == "2072.00"
    assert terms["vat"]["percent"] == "8.00"


def test_co2_is_by_the_factor_of_the_year_and_missing_without_one(school: School) -> None:
    school.derive()
    day = school.day()
    factor = Decimal(day.versions["terms"]["factor"]["t_per_mwh"])
    assert day.co2_kg == pytest.approx(2 * SUN * float(factor), rel=1e-6)
    EmissionFactor.objects.all().delete()
    SiteDay.objects.all().delete()
    school.derive()
    assert school.day().co2_kg is None


def test_a_later_tariff_never_changes_a_day_that_was_priced(school: School) -> None:
    school.derive()
    before = school.day()
    decision = PriceDecision.objects.create(document="9999/QĐ", average_vnd=3000, valid_from=FIRST)
    Price.objects.create(
        decision=decision, group="public_school", voltage="lt_6kv", band="flat", vnd_per_kwh=9000
    )
    Price.objects.filter(decision__document="1279/QĐ-BCT").update(vnd_per_kwh=1)
    VatRate.objects.update(percent=50)
    fill_days_again = school.channels[0]
    fill_days_again.days.filter(day=LAST).delete()
    fill_days(fill_days_again, LAST, LAST, [2 * v for v in solar_day()])  # late data
    school.derive()
    after = school.day()
    assert after.production_kwh == pytest.approx(3 * SUN, abs=0.01)
    assert after.versions["terms"] == before.versions["terms"]
    assert after.versions["rating"] == 1
    assert after.savings_vnd is not None
    assert before.savings_vnd is not None
    share = after.savings_vnd / before.savings_vnd
    assert float(share) == pytest.approx((3 * SUN - 4) / (2 * SUN - 4), rel=1e-4)


def test_rerating_makes_a_version_and_says_so(school: School) -> None:
    school.derive()
    before = school.day()
    Price.objects.filter(decision__document="1279/QĐ-BCT", group="public_school", voltage="lt_6kv").update(
        vnd_per_kwh=2100
    )
    officer = make_member(Role.FINANCE)
    changed = site_rerate(
        actor=officer, site=school.site, first=LAST, last=LAST, reason="Nhập nhầm giá", now=NOW
    )
    assert changed == 1
    after = school.day()
    assert after.versions["rating"] == 2
    assert after.savings_vnd is not None
    assert after.savings_vnd > (before.savings_vnd or 0)
    assert school.day(FIRST).versions["rating"] == 1
    assert after.derived_at == NOW
    event = AuditEvent.objects.filter(action="energy.site.rerate").get()
    assert event.reason == "Nhập nhầm giá"
    with pytest.raises(PermissionDeniedError):
        site_rerate(
            actor=make_member(Role.TECHNICIAN), site=school.site, first=LAST, last=LAST, reason="x", now=NOW
        )


def test_a_day_without_a_contract_is_priced_when_one_comes(school: School) -> None:
    TariffAssignment.objects.all().delete()
    school.derive()
    assert school.day().savings_vnd is None
    assert school.day().versions["money"] == "money-no-price"
    TariffAssignment.objects.create(
        contract=school.contract, group="public_school", voltage="lt_6kv", valid_from=date(2020, 1, 1)
    )
    school.derive()
    assert school.day().savings_vnd is not None
    assert "money" not in school.day().versions


def test_business_hours_have_their_own_prices() -> None:
    tables_seed(NOW)
    site = make_site()
    device = make_device(site, metrics=("ac_energy",))
    make_contract(site, group=PriceGroup.BUSINESS, time_of_use=True)
    fill_days(device.channels.get(), LAST, LAST, [1.0] * 96)
    make_grid_meter(site)
    for metric, values in (("import_energy", [0.0] * 96), ("export_energy", [0.0] * 96)):
        fill_days(site.devices.get(role=MeterRole.GRID).channels.get(metric=metric), LAST, LAST, values)
    derive_site(site, LAST, LAST)
    day = SiteDay.objects.get()
    assert set(day.versions["terms"]["prices"]) == {"normal", "peak", "off"}
    prices = {band: Decimal(one["vnd"]) for band, one in day.versions["terms"]["prices"].items()}
    low, high = 96 * prices["off"], 96 * prices["peak"]
    assert day.savings_vnd is not None
    assert low < day.savings_vnd < high
    plain = 96 * prices["normal"]
    assert day.savings_vnd != plain


def test_meters_at_the_output_go_before_inverters(school: School) -> None:
    meter = make_device(
        school.site,
        kind=DeviceKind.METER,
        role=MeterRole.PRODUCTION,
        system=school.system,
        metrics=("ac_energy",),
    )
    fill_days(meter.channels.get(), LAST, LAST, [0.9 * 2 * v for v in solar_day()])
    school.derive()
    assert school.day().production_kwh == pytest.approx(0.9 * 2 * SUN, abs=0.01)


def test_the_power_stands_in_on_days_without_a_counter(school: School) -> None:
    power = make_channel(school.inverters[0], "ac_power")
    fill_days(power, FIRST, LAST, solar_day())
    school.channels[0].days.filter(day=LAST).delete()
    school.derive()
    assert school.day().production_kwh == pytest.approx(2 * SUN, abs=0.01)


def test_a_signed_power_at_the_grid_is_import_and_export(school: School) -> None:
    school.meter.channels.all().update(counts=False)
    signed = make_channel(school.meter, "grid_power")
    fill_days(signed, LAST, LAST, [2.0 if n % 2 else -1.0 for n in range(96)])
    school.derive()
    day = school.day()
    assert (day.import_kwh, day.export_kwh) == (96.0, 48.0)


def test_an_inverter_that_sleeps_is_complete_and_one_that_is_silent_is_not(school: School) -> None:
    asleep = [v if v > 0 else float("nan") for v in solar_day()]
    silent = [v if n < 48 else float("nan") for n, v in enumerate(solar_day())]
    school.channels[0].days.filter(day=LAST).delete()
    fill_days(school.channels[0], LAST, LAST, asleep)
    school.derive()
    assert school.day().completeness == 1.0
    school.channels[0].days.filter(day=LAST).delete()
    fill_days(school.channels[0], LAST, LAST, silent)
    school.derive()
    assert 0.8 < school.day().completeness < 0.95


def test_nothing_known_is_no_day(school: School) -> None:
    school.derive()
    for channel in [*school.channels, *school.meter.channels.all()]:
        channel.days.filter(day=LAST).delete()
    school.derive()
    assert not SiteDay.objects.filter(day=LAST).exists()
    assert SiteMonth.objects.get().figures["days"] == 4


def test_days_that_are_over_get_expectation_and_availability(school: School) -> None:
    school.derive(whole=True)
    day = school.day()
    assert day.expected_kwh is not None
    assert 120 < day.expected_kwh < 350  # 60 kWp in Sai Gon in March
    assert day.poa_kwh_m2 is not None
    assert 3 < day.poa_kwh_m2 < 8
    assert not day.poa_measured
    assert day.availability is not None
    assert day.availability > 0.97
    assert day.versions["finished"]
    assert SystemDay.objects.get(day=LAST).expected_kwh == day.expected_kwh
    school.derive(whole=False)
    assert school.day().expected_kwh == day.expected_kwh


def test_an_outage_costs_availability_and_a_communication_gap_does_not(school: School) -> None:
    first = LAST - 9 * DAY
    for channel in school.channels:
        fill_days(channel, first, FIRST - DAY, solar_day())
    off = [0.0 if 40 <= n < 60 else v for n, v in enumerate(solar_day())]
    school.channels[0].days.filter(day=LAST).delete()
    fill_days(school.channels[0], LAST, LAST, off)
    figures_derive(school.site, [first + n * DAY for n in range(10)], NOW)
    day = school.day()
    lost = sum(solar_day()[40:60])
    assert day.lost_kwh == pytest.approx(lost, rel=0.25)
    assert day.availability is not None
    assert day.availability < 0.85


def test_selectors_tell_what_is_stored(school: School) -> None:
    school.derive()
    found = day_intervals(school.channels, LAST)[school.channels[0].pk]
    assert (len(found.values), found.measured, found.step_ms) == (96, 96, 900_000)
    assert found.total == pytest.approx(SUN)
    power = site_day_power(school.site, LAST)
    assert power.production is not None
    assert power.load is not None
    assert power.production.kw.max() == pytest.approx(40, rel=0.01)
    assert power.minutes[:3] == [0, 15, 30]
    assert set(power.by_device) == {device.pk for device in school.inverters}
    assert [row["day"] for row in daily(school.site, FIRST, LAST)] == [FIRST + n * DAY for n in range(5)]
    assert daily(school.system, LAST, LAST)[0]["production_kwh"] == pytest.approx(2 * SUN, abs=0.01)
    assert daily(school.channels[0], LAST, LAST)[0]["completeness"] == 1.0
    month = LAST.replace(day=1)
    assert month_totals([school.site], LAST, LAST)[school.site.pk][month]["days"] == 5


def test_the_number_of_queries_does_not_grow_with_the_days(
    school: School, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(5):
        site_flows(school.site, FIRST, LAST)
    with django_assert_max_num_queries(34):
        school.derive()


def test_the_flow_of_this_moment(school: School) -> None:
    for device, kw in zip(school.inverters, (10.0, 12.0), strict=True):
        make_channel(device, "ac_power", last_at=NOW - timedelta(seconds=30), last_value=kw)
    make_channel(school.meter, "grid_power", last_at=NOW - timedelta(seconds=50), last_value=-5.0)
    now = live_now(school.site, NOW)
    assert (now.pv_kw, now.grid_kw, now.load_kw, now.stale) == (22.0, -5.0, 17.0, False)
    assert now.age_s == 50
    later = live_now(school.site, NOW + timedelta(hours=3))
    assert later.stale
    assert len(later.silent) == 3
    assert live_now(make_site(), NOW).pv_kw is None
