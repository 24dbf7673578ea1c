"""The seeded tables: every price a known ratio of its average, every row with a source; and the check on new entries."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.messages import sentence
from khcn.engines.energy.money.checks import expected_price, price_ratio_check, prices_of_average
from khcn.engines.energy.money.tables import (
    STEPS,
    VOLTAGES,
    Band,
    Group,
    hours_row,
    in_force,
    seed_tables,
)

pytestmark = pytest.mark.nodb

D = Decimal
SEED = seed_tables()
DECISIONS = {row.document: row for row in SEED.decisions}


@pytest.mark.parametrize(
    "row",
    [row for row in SEED.prices if row.ratio is not None],
    ids=lambda row: f"{row.decision[:4]}-{row.group}-{row.voltage}-{row.band}",
)
def test_every_seeded_price_is_its_ratio_of_the_average(row):
    decision = DECISIONS[row.decision]
    assert row.vnd_per_kwh == expected_price(row.ratio, decision.average_vnd)
    check = price_ratio_check(
        row.vnd_per_kwh, decision=decision, group=row.group, voltage=row.voltage, band=row.band, tables=SEED
    )
    assert check.ok is True and check.expected == row.vnd_per_kwh


# figures that sources print, independent of the ratios
@pytest.mark.parametrize(
    ("decision", "group", "voltage", "prices"),
    [
        ("1279/QĐ-BCT", "public_school", "ge_6kv", [1940]), ("1279/QĐ-BCT", "public_school", "lt_6kv", [2072]),
        ("1279/QĐ-BCT", "public_admin", "ge_6kv", [2138]), ("1279/QĐ-BCT", "public_admin", "lt_6kv", [2226]),
        ("1279/QĐ-BCT", "business", "ge_22kv", [2887, 1609, 5025]), ("1279/QĐ-BCT", "business", "6_22kv", [3108, 1829, 5202]),
        ("1279/QĐ-BCT", "business", "lt_6kv", [3152, 1918, 5422]), ("1279/QĐ-BCT", "production", "ge_110kv", [1811, 1146, 3266]),
        ("1279/QĐ-BCT", "production", "22_110kv", [1833, 1190, 3398]), ("1279/QĐ-BCT", "production", "6_22kv", [1899, 1234, 3508]),
        ("1279/QĐ-BCT", "production", "lt_6kv", [1987, 1300, 3640]),
        ("1279/QĐ-BCT", "household", "", [1984, 2050, 2380, 2998, 3350, 3460]),
        ("2699/QĐ-BCT", "household", "", [1893, 1956, 2271, 2860, 3197, 3302]),
        ("2941/QĐ-BCT", "household", "", [1806, 1866, 2167, 2729, 3050, 3151]),
        ("2699/QĐ-BCT", "public_school", "lt_6kv", [1977]), ("2941/QĐ-BCT", "business", "lt_6kv", [2870, 1746, 4937]),
        ("1062/QĐ-BCT", "business", "lt_6kv", [2746, 1671, 4724]), ("1062/QĐ-BCT", "public_admin", "lt_6kv", [1940]),
    ],
)  # fmt: skip
def test_prices_as_printed(decision, group, voltage, prices):
    rows = [r for r in SEED.prices if (r.decision, r.group, r.voltage) == (decision, group, voltage)]
    by_band = {row.band: int(row.vnd_per_kwh) for row in rows}
    order = (
        [Band.FLAT]
        if len(prices) == 1
        else STEPS
        if len(prices) == 6
        else [Band.NORMAL, Band.OFF_PEAK, Band.PEAK]
    )
    assert [by_band[band] for band in order] == prices


def test_every_row_has_a_source_and_a_certainty():
    for row in (*SEED.decisions, *SEED.hours, *SEED.vat, *SEED.factors, *SEED.surplus):
        assert row.document and row.source and row.certainty in {"original", "S2", "S1", "D", "M"}
    for row in SEED.prices:
        assert row.certainty in {"S2", "D"} and row.voltage in VOLTAGES[row.group]


def test_dates_of_each_table_follow_on_each_other():
    for rows in (SEED.decisions, SEED.hours, SEED.vat, SEED.surplus):
        for before, after in pairwise(rows):
            assert (after.valid_from - before.valid_to).days == 1
        assert rows[-1].valid_to is None


@pytest.mark.parametrize(
    ("day", "document"),
    [
        (date(2023, 5, 3), None), (date(2023, 5, 4), "1062/QĐ-BCT"), (date(2024, 10, 10), "2941/QĐ-BCT"),
        (date(2024, 10, 11), "2699/QĐ-BCT"), (date(2025, 5, 9), "2699/QĐ-BCT"), (date(2030, 1, 1), "1279/QĐ-BCT"),
    ],
)  # fmt: skip
def test_the_decision_of_a_day(day, document):
    row = in_force(SEED.decisions, day)
    assert (row.document if row else None) == document


@pytest.mark.parametrize(("price", "band"), [(2870, Band.NORMAL), (4937, Band.PEAK)])
def test_prices_of_2023_entered_under_the_decision_of_2024_are_caught(price, band):
    check = price_ratio_check(
        D(price),
        decision=DECISIONS["2699/QĐ-BCT"],
        group=Group.BUSINESS,
        voltage="lt_6kv",
        band=band,
        tables=SEED,
    )
    assert check.ok is False and check.matches == ("2941/QĐ-BCT",)
    said = sentence(check.note.code, check.note.params)
    assert "2941/QĐ-BCT" in said and f"{price:,}".replace(",", ".") in said


def test_a_slip_and_the_next_structure_are_told_apart():
    def check(price):
        return price_ratio_check(
            D(price), decision=DECISIONS["1279/QĐ-BCT"], group=Group.PUBLIC_SCHOOL, voltage="lt_6kv", band=Band.FLAT,
            tables=SEED,
        )  # fmt: skip

    assert check(2027).note.code == "money-ratio-wrong" and check(2027).expected == 2072
    assert check(2116).note.code == "money-ratio-new"
    assert "2.204,0655" in sentence(check(2027).note.code, check(2027).note.params)


def test_production_has_no_known_ratio():
    check = price_ratio_check(
        D(1987),
        decision=DECISIONS["1279/QĐ-BCT"],
        group=Group.PRODUCTION,
        voltage="lt_6kv",
        band=Band.NORMAL,
        tables=SEED,
    )
    assert check.ok is None


def test_prices_of_a_new_average():
    prices = {
        (row.group, row.voltage, row.band): price
        for row, price in prices_of_average(D("2204.0655"), tables=SEED)
    }
    assert len(prices) == 19 and prices[Group.BUSINESS, "6_22kv", Band.PEAK] == 5202


@pytest.mark.parametrize(
    "span",
    [
        {"band": "peak", "weekdays": [7], "from": "17:00", "to": "20:00"}, {"band": "peak", "weekdays": [], "from": "1:00", "to": "2:00"},
        {"band": "rush", "weekdays": [1], "from": "17:00", "to": "20:00"}, {"band": "peak", "weekdays": [1], "from": "25:00", "to": "26:00"},
        {"band": "peak"},
    ],
)  # fmt: skip
def test_hours_that_make_no_sense_are_refused(span):
    with pytest.raises(SpecError, match="Khung giờ"):
        hours_row("X", [span])
