"""The planner: sums, ranges, money and the requests that it refuses."""

from typing import Any

import numpy as np
import pytest

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.messages import TEMPLATES
from khcn.engines.energy.pv.finance import Terms, worth
from khcn.engines.energy.pv.load import SHAPES, hourly_load
from khcn.engines.energy.pv.plan import plan
from khcn.engines.energy.pv.tariff import band_shares, hourly_price

pytest.importorskip("pvlib")

SPEC: dict[str, Any] = {
    "latitude": 10.755,
    "longitude": 106.667,
    "weather": "builtin",
    "roofs": [{"kwp": 60, "tilt_deg": 10, "azimuth_deg": 180, "mounting": "roof"}],
    "losses_percent": 14.08,
    "inverter_efficiency": 0.96,
    "dc_ac_ratio": 1.1,
    "tariff": {"vnd_per_kwh": 2072},
    "price_vnd": 1_200_000_000,
    "self_consumption": 0.65,
}

# What PySAM 7.1.1 (PVWatts 8) gave for the same months x hours, standard module, losses 14.08 %, DC/AC 1.1, 96 %:
# tilt, azimuth, mounting -> kWh/kWp, kWh/m2
PVWATTS = [
    (10, 180, "roof", 1522.9, 2045.8),
    (10, 180, "open", 1531.4, 2040.1),
    (0, 180, "roof", 1486.0, 1998.3),
    (10, 0, "roof", 1438.7, 1931.2),
    (10, 90, "roof", 1483.4, 1992.7),
    (20, 180, "roof", 1521.6, 2044.1),
]


@pytest.mark.parametrize(("tilt", "azimuth", "mounting", "specific", "poa"), PVWATTS)
def test_a_year_agrees_with_pvwatts(
    tilt: float, azimuth: float, mounting: str, specific: float, poa: float
) -> None:
    roofs = [{"kwp": 1, "tilt_deg": tilt, "azimuth_deg": azimuth, "mounting": mounting}]
    found = plan(SPEC | {"roofs": roofs})
    assert found["poa_kwh_m2"] == pytest.approx(poa, rel=0.005)
    assert found["yield_kwh_kwp"] == pytest.approx(specific, rel=0.02)


def test_months_add_up_and_the_middle_lies_between_low_and_high() -> None:
    found = plan(SPEC)
    assert sum(found["monthly_kwh"]) == pytest.approx(found["annual_kwh"], abs=1)
    for name in ("annual_kwh", "savings_vnd_year", "npv_vnd", "co2_t_year", "self_consumption"):
        assert found["low"][name] < found[name] < found["high"][name], name
    assert found["low"]["payback_years"] > found["payback_years"] > found["high"]["payback_years"]
    assert found["savings_vnd_year"] == pytest.approx(found["annual_kwh"] * 0.65 * 2072, rel=1e-4)
    assert found["co2_t_year"] == pytest.approx(found["annual_kwh"] / 1000 * 0.6592, rel=1e-3)
    assert {source["what"] for source in found["sources"]} >= {
        "weather",
        "range",
        "model",
        "load",
        "tariff",
        "co2",
    }
    assert all(source["text"] for source in found["sources"])


def test_roofs_add_up_and_shading_takes_its_share() -> None:
    one = {"kwp": 30, "tilt_deg": 10, "azimuth_deg": 90}
    both = plan(SPEC | {"roofs": [one, one | {"azimuth_deg": 270}]})
    assert both["kwp"] == 60
    assert sum(roof["annual_kwh"] for roof in both["roofs"]) == pytest.approx(both["annual_kwh"], abs=1)
    dark = plan(SPEC | {"roofs": [one | {"shading_percent": 20}]})
    bright = plan(SPEC | {"roofs": [one]})
    assert 0.78 < dark["annual_kwh"] / bright["annual_kwh"] < 0.84
    assert dark["poa_kwh_m2"] == bright["poa_kwh_m2"]  # light on the plane, before what stands in its way


def test_a_school_uses_less_of_its_roof_in_the_holidays_than_an_office() -> None:
    load = {"annual_kwh": 100_000}
    school = plan(SPEC | {"self_consumption": "profile", "load": load | {"profile": "school"}})
    office = plan(SPEC | {"self_consumption": "profile", "load": load | {"profile": "office"}})
    assert school["self_consumption"] < 1
    assert sum(school["monthly_load_kwh"]) == pytest.approx(100_000, rel=1e-3)
    assert school["monthly_load_kwh"][6] < office["monthly_load_kwh"][6]
    assert school["self_consumed_kwh"] <= min(school["annual_kwh"], 100_000)


def test_no_tariff_means_no_money_not_zero() -> None:
    found = plan({key: value for key, value in SPEC.items() if key != "tariff"})
    assert found["savings_vnd_year"] is None
    assert found["payback_years"] is None
    assert "no-tariff" in {source["code"] for source in found["sources"]}


def test_far_from_the_table_a_note_says_so() -> None:
    codes = {source["code"] for source in plan(SPEC | {"latitude": 21.03, "longitude": 105.85})["sources"]}
    assert {"weather-far", "range-weather"} <= codes


def test_monthly_irradiation_of_a_person_scales_the_table() -> None:
    found = plan(SPEC | {"monthly_ghi_kwh_m2_day": [4.33] * 12})
    flat = plan(SPEC)
    assert found["annual_kwh"] == pytest.approx(flat["annual_kwh"] * 4.33 * 365 / 1998.3, rel=0.02)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"roofs": []}, "plan-roofs"),
        ({"roofs": "x"}, "plan-roofs"),
        ({"roofs": [{"kwp": -1}]}, "plan-number"),
        ({"roofs": [{"kwp": "nan"}]}, "plan-number"),
        ({"roofs": [{"kwp": 5, "tilt_deg": 120}]}, "plan-number"),
        ({"roofs": [{"kwp": 5, "mounting": "carport"}]}, "plan-mounting"),
        ({"latitude": 95}, "plan-number"),
        ({"losses_percent": True}, "plan-number"),
        ({"temperature_model": "guess"}, "temperature-model"),
        ({"tariff": {"normal": "cheap"}}, "tariff-number"),
        ({"tariff": {"colour": 1}}, "tariff-form"),
        ({"tariff": [1]}, "plan-object"),
        ({"self_consumption": "profile", "load": {"annual_kwh": 10, "profile": "casino"}}, "load-kind"),
        ({"monthly_ghi_kwh_m2_day": [1, 2]}, "plan-twelve"),
        ({"finance": {"years": 0}}, "plan-number"),
        ({"finance": {"luck": 1}}, "plan-finance"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_with_a_sentence(change: dict[str, Any], code: str) -> None:
    with pytest.raises(SpecError) as caught:
        plan(SPEC | change)
    assert caught.value.code == code
    assert len(str(caught.value)) > 20 and "%(" not in str(caught.value)
    assert code in TEMPLATES


def test_half_hours_of_the_peak_are_shared() -> None:
    weekdays, hours = np.array([0, 0, 6, 0]), np.array([17, 18, 18, 2])
    spans = [
        {"band": "peak", "weekdays": [0, 1, 2, 3, 4, 5], "from": "17:30", "to": "22:30"},
        {"band": "off", "weekdays": list(range(7)), "from": "22:00", "to": "04:00"},
    ]
    shares = band_shares(spans, weekdays, hours)
    assert shares["peak"].tolist() == [0.5, 1.0, 0.0, 0.0]
    assert shares["off"].tolist() == [0.0, 0.0, 0.0, 1.0]
    price = hourly_price({"normal": 3152, "peak": 5422, "off": 1918, "spans": spans}, weekdays, hours)
    assert price.vnd.tolist() == [(3152 + 5422) / 2, 5422, 3152, 1918]
    taxed = hourly_price({"vnd_per_kwh": 2000, "vat_percent": 8}, weekdays, hours)
    assert taxed.vnd.tolist() == pytest.approx([2160.0] * 4)


def test_prices_of_a_group_come_from_the_tables_with_their_tax() -> None:
    weekdays, hours = np.array([0, 0, 6]), np.array([18, 2, 18])
    school = hourly_price(
        {"group": "public_school", "voltage": "lt_6kv", "on": "2026-06-01"}, weekdays, hours
    )
    assert school.vnd.tolist() == pytest.approx([2072 * 1.08] * 3)
    assert school.sources[0]["params"]["document"] == "1279/QĐ-BCT"
    shop = hourly_price({"group": "business", "voltage": "lt_6kv", "on": "2025-08-01"}, weekdays, hours)
    assert shop.vnd.tolist() == pytest.approx([5422 * 1.08, 1918 * 1.08, 3152 * 1.08])
    with pytest.raises(SpecError, match="2026"):
        hourly_price({"group": "palace", "voltage": "lt_6kv", "on": "2026-06-01"}, weekdays, hours)
    with pytest.raises(SpecError, match="hôm nay"):
        hourly_price({"group": "business", "on": "hôm nay"}, weekdays, hours)


@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_a_shape_of_use_keeps_the_sums(kind: str) -> None:
    hours = np.tile(np.arange(24), 365)
    days = np.repeat(np.arange(365), 24)
    months = np.minimum(days // 31, 11) + 1
    load = hourly_load(kind, months, days % 7, hours, annual_kwh=12_345)
    assert load.sum() == pytest.approx(12_345)
    assert load.min() >= 0
    monthly = [float(month) for month in range(100, 112)]
    load = hourly_load(kind, months, days % 7, hours, monthly_kwh=monthly)
    assert np.bincount(months, weights=load)[1:] == pytest.approx(monthly)


def test_money_comes_back_when_it_does() -> None:
    plain = Terms(years=10, discount=0.0, degradation=0.0, upkeep=0.0, replacement=0.0)
    found = worth(100.0, 20.0, plain)
    assert (found.payback_years, found.payback_cash_years, found.npv_vnd) == (5.0, 5.0, 100.0)
    never = worth(100.0, 5.0, plain)
    assert (never.payback_years, never.payback_cash_years) == (20.0, None)
    again = worth(
        100.0,
        25.0,
        Terms(years=10, discount=0.0, degradation=0.0, upkeep=0.0, replacement=0.5, replaced_in=5),
    )
    assert again.payback_cash_years == pytest.approx(6.0)  # 4 years, then new inverters, then 6
    assert worth(100.0, 0.0, plain).payback_years is None
