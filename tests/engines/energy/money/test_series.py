"""What intervals cost at the prices of their days, what a bill of them says, CO2 and surplus."""

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.messages import sentence
from khcn.engines.energy.money.bills import bill_of, step_lines
from khcn.engines.energy.money.carbon import co2_by_year, co2_of, factor_of
from khcn.engines.energy.money.prices import Customer, band_at, bands_of_day, hours_of, steps_of
from khcn.engines.energy.money.series import cost_of, household_saving, savings_of
from khcn.engines.energy.money.surplus import surplus_income
from khcn.engines.energy.money.tables import Band, Group, seed_tables

pytestmark = pytest.mark.nodb

D = Decimal
SEED = seed_tables()
SHOP = Customer(Group.BUSINESS, "lt_6kv")
SCHOOL = Customer(Group.PUBLIC_SCHOOL, "lt_6kv")
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def at(day, clock="00:00"):
    return round(datetime.combine(day, time.fromisoformat(clock), tzinfo=ZONE).timestamp() * 1000)


@pytest.mark.parametrize(
    ("day", "clock", "band"),
    [
        (date(2025, 6, 2), "09:29", "normal"), (date(2025, 6, 2), "09:30", "peak"), (date(2025, 6, 2), "11:30", "normal"),
        (date(2025, 6, 2), "19:59", "peak"), (date(2025, 6, 2), "22:00", "off"), (date(2025, 6, 2), "03:59", "off"),
        (date(2025, 6, 2), "04:00", "normal"), (date(2025, 6, 1), "10:00", "normal"), (date(2025, 6, 1), "23:00", "off"),
        (date(2025, 6, 7), "10:00", "peak"), (date(2026, 4, 21), "10:00", "peak"), (date(2026, 4, 22), "10:00", "normal"),
        (date(2026, 4, 22), "17:30", "peak"), (date(2026, 4, 22), "22:29", "peak"), (date(2026, 4, 22), "22:30", "normal"),
        (date(2026, 4, 22), "00:00", "off"), (date(2026, 4, 26), "18:00", "normal"),
    ],
)  # fmt: skip
def test_bands(day, clock, band):
    assert band_at(SEED, SHOP, day, time.fromisoformat(clock)) == band
    assert band_at(SEED, SCHOOL, day, time.fromisoformat(clock)) == Band.FLAT


def test_minutes_of_a_day_by_the_old_and_the_new_hours():
    monday, newer = date(2025, 6, 2), date(2026, 6, 1)
    counts = [
        {
            band: bands_of_day(hours_of(SEED, day), day).count(band)
            for band in (Band.NORMAL, Band.PEAK, Band.OFF_PEAK)
        }
        for day in (monday, newer)
    ]
    assert counts[0] == {Band.NORMAL: 13 * 60, Band.PEAK: 5 * 60, Band.OFF_PEAK: 6 * 60}
    assert counts[1] == {Band.NORMAL: 13 * 60, Band.PEAK: 5 * 60, Band.OFF_PEAK: 6 * 60}


def test_a_day_of_a_shop():
    cost = cost_of(at(date(2025, 7, 7)), np.full(96, 1.0), tables=SEED, customer=SHOP)
    assert cost.by_band() == {
        "normal": (D(52), D(52 * 3152)), "peak": (D(20), D(20 * 5422)), "off": (D(24), D(24 * 1918)),
    }  # fmt: skip
    before = 52 * 3152 + 20 * 5422 + 24 * 1918
    assert cost.before_vat == before and cost.vat == D(before) * 8 / 100
    assert cost.total == round(before * 1.08)
    assert cost.documents == ("1279/QĐ-BCT", "Nghị quyết 204/2025/QH15", "Thông tư 16/2014/TT-BCT")


def test_an_interval_over_a_change_of_band_is_divided_by_minutes():
    cost = cost_of(
        at(date(2025, 7, 7), "09:00"), np.array([60.0]), tables=SEED, customer=SHOP, step_ms=3_600_000
    )
    assert {band: kwh for band, (kwh, _) in cost.by_band().items()} == {"normal": D(30), "peak": D(30)}


def test_a_day_keeps_the_price_and_the_tax_of_its_day():
    cost = cost_of(at(date(2025, 5, 8)), np.full(4 * 96, 1.0), tables=SEED, customer=SCHOOL)
    assert [(one.price.decision, one.kwh) for one in cost.bands] == [
        ("2699/QĐ-BCT", D(192)),
        ("1279/QĐ-BCT", D(192)),
    ]
    assert cost.before_vat == 192 * 1977 + 192 * 2072 and cost.vat == cost.before_vat / 10
    tax = cost_of(at(date(2025, 6, 30)), np.full(2 * 96, 1.0), tables=SEED, customer=SCHOOL)
    assert tax.vat == D(96 * 2072) * 18 / 100


def test_unknown_intervals_cost_nothing_and_are_counted():
    kwh = np.full(96, 1.0)
    kwh[10:20] = np.nan
    cost = savings_of(at(date(2026, 1, 5)), kwh, tables=SEED, customer=SCHOOL)
    assert (cost.unknown, cost.kwh) == (10, D(86)) and cost.by_month.keys() == {"2026-01"}
    assert cost.versions()["prices"][0]["decision"] == "1279/QĐ-BCT"


def test_a_missing_price_is_said_and_never_borrowed():
    with pytest.raises(SpecError, match="03/05/2023") as caught:
        cost_of(at(date(2023, 5, 3)), np.ones(96), tables=SEED, customer=SCHOOL)
    assert caught.value.code == "money-no-price"
    with pytest.raises(SpecError) as caught:
        cost_of(at(date(2024, 5, 3)), np.ones(96), tables=SEED, customer=Customer(Group.PRODUCTION, "lt_6kv"))
    assert caught.value.code == "money-no-price"
    with pytest.raises(SpecError, match="sinh hoạt"):
        cost_of(0, np.ones(96), tables=SEED, customer=Customer(Group.HOUSEHOLD))


@settings(max_examples=25, deadline=None)
@given(kwh=st.lists(st.floats(0, 50), min_size=192, max_size=192), cut=st.integers(1, 191))
def test_parts_add_up_to_the_whole(kwh, cut):
    start, values = at(date(2025, 5, 9)), np.round(np.array(kwh), 3)
    whole = cost_of(start, values, tables=SEED, customer=SHOP).before_vat
    first = cost_of(start, values[:cut], tables=SEED, customer=SHOP).before_vat
    rest = cost_of(start + cut * 900_000, values[cut:], tables=SEED, customer=SHOP).before_vat
    assert abs(whole - first - rest) <= D("0.2")  # kWh of a day and band are kept to a millionth


@pytest.mark.parametrize(
    ("kwh", "amount"),
    [
        (0, 0), (50, 50 * 1984), (51, 50 * 1984 + 2050), (100, 99_200 + 102_500), (200, 201_700 + 238_000),
        (450, 201_700 + 238_000 + 299_800 + 335_000 + 50 * 3460),
    ],
)  # fmt: skip
def test_steps_of_a_household(kwh, amount):
    bill = bill_of(
        {Band.FLAT: D(kwh)},
        date(2026, 3, 1),
        date(2026, 3, 31),
        tables=SEED,
        customer=Customer(Group.HOUSEHOLD),
    )
    assert bill.before_vat == amount and bill.total == amount + bill.vat


def test_several_households_on_one_meter_have_longer_steps():
    lines = step_lines(steps_of(SEED, date(2026, 1, 1)), D(150), households=2)
    assert [kwh for _, kwh in lines] == [100, 50]


def test_what_sun_saves_a_household_comes_from_its_highest_steps():
    load, sun = np.full(30 * 96, 0.2), np.zeros(30 * 96)
    sun[:1000] = 0.1
    saved = household_saving(at(date(2026, 6, 1)), load, sun, tables=SEED)
    assert saved == round(100 * 3460 * 1.08)


@pytest.mark.parametrize(
    ("kwh", "vat", "total"),
    [(D(1), D(166), D(2238)), (D(5240), D(868_582), D(11_725_862)), (D(13), D(2155), D(29_091))],
)
def test_bill_of_a_school_rounds_half_up_to_the_dong(kwh, vat, total):
    bill = bill_of({Band.FLAT: kwh}, date(2026, 3, 1), date(2026, 3, 31), tables=SEED, customer=SCHOOL)
    assert (bill.vat, bill.total, bill.vat_percent) == (vat, total, 8)


def test_half_a_dong_goes_up():
    bill = bill_of(
        {Band.FLAT: D("0.25")},
        date(2026, 3, 1),
        date(2026, 3, 31),
        tables=SEED,
        customer=Customer(Group.PUBLIC_ADMIN, "lt_6kv"),
    )
    assert bill.lines[0].amount == 557  # 0.25 x 2226 = 556.5


def test_a_bill_over_a_change_of_price_is_divided_by_days():
    bill = bill_of(
        {Band.NORMAL: D(3100), Band.PEAK: D(310)},
        date(2025, 5, 1),
        date(2025, 5, 31),
        tables=SEED,
        customer=SHOP,
    )
    assert [(line.decision, line.band.value, line.kwh) for line in bill.lines] == [
        ("2699/QĐ-BCT", "normal", 900), ("2699/QĐ-BCT", "peak", 90),
        ("1279/QĐ-BCT", "normal", 2200), ("1279/QĐ-BCT", "peak", 220),
    ]  # fmt: skip
    assert bill.before_vat == 900 * 3007 + 90 * 5174 + 2200 * 3152 + 220 * 5422
    assert [note.code for note in bill.notes] == ["money-split"]


@pytest.mark.parametrize(
    ("kwh", "days", "customer", "code"),
    [
        ({Band.PEAK: D(5)}, (1, 31), SCHOOL, "money-bands"), ({Band.FLAT: D(-5)}, (1, 31), SCHOOL, "money-negative"),
        ({Band.FLAT: D(5)}, (31, 1), SCHOOL, "money-period"), ({Band.FLAT: D(5)}, (1, 31), SHOP, "money-bands"),
    ],
)  # fmt: skip
def test_bills_that_make_no_sense(kwh, days, customer, code):
    with pytest.raises(SpecError) as caught:
        bill_of(kwh, date(2026, 3, days[0]), date(2026, 3, days[1]), tables=SEED, customer=customer)
    assert caught.value.code == code and str(caught.value)


@pytest.mark.parametrize(
    ("year", "factor", "data_year"),
    [(2021, "0.7221", 2021), (2022, "0.6766", 2022), (2023, "0.6592", 2023), (2026, "0.6592", 2023)],
)
def test_factor_of_a_year(year, factor, data_year):
    found = co2_of(D(1000), year, rows=SEED.factors)
    assert found.t == D(factor) and found.factor.data_year == data_year
    said = sentence(found.note.code, found.note.params)
    assert str(year) in said and str(data_year) in said and found.factor.document in said


def test_a_year_without_factor_has_no_figure():
    found = co2_of(D(1000), 2017, rows=SEED.factors)
    assert found.t is None and "2017" in sentence(found.note.code, found.note.params)
    with pytest.raises(SpecError):
        factor_of(SEED.factors, 2017)


def test_co2_divides_at_the_local_new_year():
    found = co2_by_year(at(date(2022, 12, 31), "23:00"), np.full(8, 250.0), rows=SEED.factors)
    assert {year: one.t for year, one in found.items()} == {2022: D("0.6766"), 2023: D("0.6592")}


@pytest.mark.parametrize(
    ("exported", "public", "contract", "vnd", "unpaid", "code"),
    [
        (400, True, True, 0, 400, "money-surplus-public"), (400, False, True, 404_800, 0, "money-surplus-sold"),
        (600, False, True, 506_000, 100, "money-surplus-capped"), (400, False, False, 0, 400, "money-surplus-no-contract"),
    ],
)  # fmt: skip
def test_surplus(exported, public, contract, vnd, unpaid, code):
    found = surplus_income(
        D(exported), D(1000), on=date(2026, 7, 1), rows=SEED.surplus, public=public, contract=contract
    )
    assert (found.vnd, found.unpaid_kwh, found.note.code) == (vnd, unpaid, code)
    assert sentence(found.note.code, found.note.params)


def test_surplus_before_2026_and_before_any_rule():
    found = surplus_income(D(600), D(1000), on=date(2026, 6, 25), rows=SEED.surplus, public=False)
    assert (found.sold_kwh, found.vnd) == (200, 202_400)
    assert (
        surplus_income(D(1), D(1), on=date(2020, 1, 1), rows=SEED.surplus, public=False).note.code
        == "money-surplus-none"
    )


def test_a_year_of_quarters_of_an_hour_takes_less_than_two_seconds():
    import time as clock

    begun = clock.process_time()  # others may be at work on the machine
    cost = cost_of(at(date(2025, 6, 1)), np.full(365 * 96, 1.0), tables=SEED, customer=SHOP)
    assert cost.kwh == 365 * 96 and clock.process_time() - begun < 2
