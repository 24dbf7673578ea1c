"""Words people use for the same thing: tariffs, models of cell temperature, shares; and open racks of any slope."""

from typing import Any

import numpy as np
import pytest

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.pv.plan import plan
from khcn.engines.energy.pv.tariff import hourly_price
from tests.engines.energy.pv.test_plan import SPEC

# Monday 18:00 (peak by the hours of 2026), Monday 02:00 (off-peak), Sunday 18:00
WEEKDAYS, HOURS = np.array([0, 0, 6]), np.array([18, 2, 18])


@pytest.mark.parametrize(
    "tariff",
    [
        {"type": "flat", "price_vnd_kwh": 2000},
        {"flat_vnd_kwh": 2000},
        {"energy_vnd_kwh": 2000},
        {"price_vnd_per_kwh": 2000, "currency": "VND"},
        {"vnd_per_kwh": 2000},
        {"rate": 2000, "name": "trường học"},
        {"import": {"price_vnd_kwh": 2000}},
    ],
)
def test_one_price_has_many_names(tariff: dict[str, Any]) -> None:
    price = hourly_price(tariff, WEEKDAYS, HOURS)
    assert price.vnd.tolist() == [2000] * 3
    assert "2.000 đồng/kWh" in price.sources[-1]["params"]["told"]


@pytest.mark.parametrize(
    "tariff",
    [
        {"normal_vnd_kwh": 3000, "peak_vnd_kwh": 5000, "off_peak_vnd_kwh": 2000},
        {"type": "tou", "normal": 3000, "peak": 5000, "offpeak": 2000},
        {"bands": {"normal": 3000, "peak": 5000, "off": 2000}},
        {"time_of_use": None, "tou": {"standard": 3000, "peak": 5000, "off_peak": 2000}},
        {"normal": {"vnd_per_kwh": 3000}, "peak": {"vnd_per_kwh": 5000, "hours": ["17:00-20:00"]},
         "off": {"vnd_per_kwh": 2000, "hours": [[0, 4]]}},
        {"normal": 3000, "peak": 5000, "off": 2000, "peak_hours": ["09:30-11:30", "17:00-20:00"],
         "off_peak_hours": [{"from": "22:00", "to": "04:00"}]},
    ],
)  # fmt: skip
def test_prices_by_band_have_many_names(tariff: dict[str, Any]) -> None:
    assert hourly_price(tariff, WEEKDAYS, HOURS).vnd.tolist() == [5000, 2000, 3000]


@pytest.mark.parametrize(
    "tariff",
    [
        {"vnd_per_kwh": 2000, "vat": 0.08, "surplus": {"vnd_per_kwh": 1012, "most_percent": 50}},
        {"price": 2000, "vat_percent": 8, "surplus_vnd_kwh": 1012, "surplus_max_share": 0.5},
        {"price": 2000, "vat": 8, "surplus": {"price_vnd_kwh": 1012, "limit_percent": 50}},
    ],
)
def test_tax_and_surplus(tariff: dict[str, Any]) -> None:
    price = hourly_price(tariff, WEEKDAYS, HOURS)
    assert price.vnd.tolist() == pytest.approx([2160] * 3)
    assert (price.surplus_vnd, price.surplus_most) == (1012, 0.5)
    assert "1.012" in price.sources[-1]["params"]["told"]


@pytest.mark.parametrize(
    ("tariff", "code"),
    [
        ({"colour": 2000}, "tariff-form"),
        ({"peak": 5000}, "tariff-form"),
        ({"vnd_per_kwh": 2000, "surplus": {"colour": 5}}, "tariff-form"),
        ({"vnd_per_kwh": True}, "tariff-number"),
        ({"normal": 1, "peak": 2, "spans": 5}, "tariff-spans"),
        ({"normal": 1, "peak": 2, "peak_hours": "noon"}, "tariff-spans"),
    ],
)
def test_what_is_not_understood_is_no_price_of_zero(tariff: dict[str, Any], code: str) -> None:
    with pytest.raises(SpecError) as caught:
        hourly_price(tariff, WEEKDAYS, HOURS)
    assert caught.value.code == code


def test_a_number_alone_is_a_price_and_other_surprises_are_refused() -> None:
    assert plan(SPEC | {"tariff": 2072})["savings_vnd_year"] == plan(SPEC)["savings_vnd_year"]
    assert plan(SPEC | {"self_consumption": "65 %"})["self_consumption"] == 0.65
    for change, code in (
        ({"self_consumption": [1]}, "plan-share"),
        ({"self_consumption": True}, "plan-share"),
        ({"self_consumption": "hearsay"}, "load-kind"),
        ({"load": 5}, "plan-object"),
    ):
        with pytest.raises(SpecError) as caught:
            plan(SPEC | change)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "same"),
    [
        (None, "faiman"), ("Faiman", "faiman"), ("PVWatts", "fuentes"), ("sapm", "sapm_close_mount_glass_glass"),
        ("pvsyst_cell", "pvsyst_semi_integrated"),
    ],
)  # fmt: skip
def test_models_have_several_names(name: str | None, same: str) -> None:
    one, other = (plan(SPEC | {"temperature_model": model})["annual_kwh"] for model in (name, same))
    assert one == other


def test_named_parameters_are_used() -> None:
    names = (
        "sapm_close_mount_glass_glass",
        "sapm_open_rack_glass_polymer",
        "pvsyst_freestanding",
        "noct_sam",
        "ross",
    )
    yields = [plan(SPEC | {"temperature_model": name})["yield_kwh_kwp"] for name in names]
    assert len(set(yields)) == len(names) and max(yields) < 1.1 * min(yields)


# What PySAM 7.1.1 (PVWatts 8, open rack, ground cover 0.4, 100 kW) gave for the same weather as test_plan: kWh/m2
@pytest.mark.parametrize(("tilt", "azimuth", "poa"), [(30, 180, 1948.0), (45, 90, 1596.4), (60, 180, 1455.9)])
def test_steep_rows_see_the_ground_between_them(tilt: float, azimuth: float, poa: float) -> None:
    roofs = [{"kwp": 100, "tilt_deg": tilt, "azimuth_deg": azimuth, "mounting": "open"}]
    assert plan(SPEC | {"roofs": roofs})["poa_kwh_m2"] == pytest.approx(poa, rel=0.005)
