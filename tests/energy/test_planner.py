"""Planning a roof: from two minutes of a form to a result with its range; the web process never computes."""

import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from khcn.core.errors import PermissionDeniedError
from khcn.energy import setup_store
from khcn.energy.enums import BuildingKind, RunState
from khcn.energy.models import Bill, Contract, Project, RoofPlan, Site
from khcn.energy.selectors.bill_months import Span, months_of, use_by_month
from khcn.energy.selectors.plan_spec import mean_price, plan_spec
from khcn.energy.selectors.planner import paybacks, plan_page
from khcn.energy.services.contracts import tariff_assign
from khcn.energy.services.plans import plan_remove, plan_request, plan_run, plans_revive
from khcn.energy.services.price_tables import row_add
from khcn.energy.setup_errors import BusyError, RegisterError
from khcn.engines.energy.pv.presets import PRICE, kwp_of_area
from khcn.orgs.enums import Role
from tests.energy.factories import NOW, make_roof, make_site
from tests.energy.test_setup_pages import at
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
ASKED: dict[str, Any] = {
    "size_by": "area",
    "size": 420,
    "direction": "s",
    "tilt": "10",
    "use_by": "kwh",
    "use": 5000,
}
FORM = {**ASKED, "size": "420", "use": "5.000", "shade": "none", "kind": "school"}


def school() -> Site:
    """Return a school with today's prices."""
    row_add(
        actor=None, table="gia", now=NOW,
        values={"document": "1279/QĐ-BCT", "valid_from": date(2025, 5, 10), "average_vnd": Decimal("2204.0655"), "certainty": "S2"},
        prices=[{"group": "public_school", "voltage": "lt_6kv", "band": "flat", "ratio": Decimal("0.94"), "vnd_per_kwh": 2072},
                {"group": "business", "voltage": "lt_6kv", "band": "normal", "vnd_per_kwh": 3152},
                {"group": "business", "voltage": "lt_6kv", "band": "peak", "vnd_per_kwh": 5422},
                {"group": "business", "voltage": "lt_6kv", "band": "off", "vnd_per_kwh": 1918}],
    )  # fmt: skip
    row_add(
        actor=None,
        table="thue",
        now=NOW,
        values={"document": "NQ 204", "valid_from": date(2025, 7, 1), "percent": 8},
    )
    row_add(
        actor=None, table="phat-thai", now=NOW,
        values={"document": "1726", "data_year": 2023, "t_per_mwh": Decimal("0.6592"), "used_from_year": 2024},
    )  # fmt: skip
    return make_site(
        "Trường Mẫu", kind=BuildingKind.SCHOOL, latitude=Decimal("10.755"), longitude=Decimal("106.667")
    )


def test_a_form_becomes_the_request_of_the_engine() -> None:
    site = school()
    spec = plan_spec(site, {**ASKED, "shade": "some"}, date(2026, 3, 16))
    roof = spec["roofs"][0]
    assert roof["kwp"] == kwp_of_area(420, 70, "roof") and (
        roof["tilt_deg"],
        roof["azimuth_deg"],
        roof["shading_percent"],
    ) == (10.0, 180.0, 10.0)
    assert spec["load"] == {"profile": "school", "annual_kwh": 60_000.0}
    assert (
        spec["tariff"]["vnd_per_kwh"] == 2072.0
        and spec["tariff"]["vat_percent"] == 8.0
        and spec["tariff"]["assumed_group"]
    )
    assert mean_price(spec["tariff"]) == pytest.approx(2237.76)
    assert spec["emission_factor_t_mwh"] == 0.6592 and spec["price_vnd"] == round(roof["kwp"] * PRICE.usual)
    bill = plan_spec(site, {**ASKED, "use_by": "bill", "use": 11_188_800}, date(2026, 3, 16))
    assert bill["load"]["annual_kwh"] == pytest.approx(60_000)
    flat = plan_spec(site, {**ASKED, "direction": "flat"}, date(2026, 3, 16))["roofs"][0]
    assert flat["mounting"] == "open" and flat["kwp"] < roof["kwp"]


def test_the_contract_chooses_the_prices_and_hours() -> None:
    site = school()
    contract = Contract.objects.create(site=site, customer_code="PE1")
    tariff_assign(
        actor=None,
        contract=contract,
        group="business",
        voltage="lt_6kv",
        time_of_use=True,
        valid_from=date(2026, 1, 1),
        now=NOW,
    )
    tariff = plan_spec(site, ASKED, date(2026, 3, 16))["tariff"]
    assert (tariff["normal"], tariff["peak"], tariff["off"]) == (3152.0, 5422.0, 1918.0) and not tariff[
        "assumed_group"
    ]
    assert plan_spec(site, {**ASKED, "vnd_per_kwh": Decimal(2500)}, date(2026, 3, 16))["tariff"] == {
        "vnd_per_kwh": 2500.0
    }
    assert (
        plan_spec(site, ASKED, date(2020, 1, 1))["tariff"] == {}
    )  # no table of that day is ever replaced by another


@pytest.mark.parametrize(
    ("change", "field"),
    [({"size": None}, "size"), ({"size": 0.2, "size_by": "kwp", "roofs": []}, None), ({"size": 1e9}, "size"), ({"use_by": "bills"}, "use_by")],
)  # fmt: skip
def test_what_cannot_be_planned_says_where(change: dict[str, Any], field: str | None) -> None:
    site = school()
    if field is None:
        assert plan_spec(site, {**ASKED, **change}, date(2026, 3, 16))["roofs"][0]["kwp"] == 0.2
        return
    with pytest.raises(RegisterError) as refused:
        plan_spec(site, {**ASKED, **change}, date(2026, 3, 16))
    assert refused.value.field == field


def test_registered_roofs_stand_in_for_the_size_but_not_those_of_others() -> None:
    site = school()
    mine, foreign = make_roof(site, name="A", area_m2=Decimal(100), azimuth_deg=90.0), make_roof(make_site())
    spec = plan_spec(site, {"roofs": [str(mine.pk)], "use_by": "none"}, date(2026, 3, 16))
    assert [(roof["name"], roof["azimuth_deg"]) for roof in spec["roofs"]] == [("A", 90.0)]
    with pytest.raises(RegisterError):
        plan_spec(site, {"roofs": [str(foreign.pk)], "use_by": "none"}, date(2026, 3, 16))


def test_a_plan_runs_once_in_the_worker_and_shows_ranges(client: Client) -> None:
    site = school()
    head = make_member(Role.UNIT_HEAD, site.unit)
    client.force_login(head)
    answer = client.post(at("planner", site.key), FORM)
    plan = RoofPlan.objects.get()
    assert answer.status_code == 302 and plan.state == RunState.WAITING and plan.made_by == head
    waiting = client.get(at("plan", plan.pk)).content.decode()
    assert "hx-get" in waiting and 'http-equiv="refresh"' in waiting

    plan_run(plan.pk)
    plan.refresh_from_db()
    first = plan.done_at
    plan_run(plan.pk)
    plan.refresh_from_db()
    assert plan.state == RunState.DONE and plan.done_at == first
    result = plan.result
    assert result["annual_kwh"] == pytest.approx(58.8 * 1523, rel=0.03)  # energy-facts 2.5, tilt 10 south
    assert result["low"]["annual_kwh"] < result["annual_kwh"] < result["high"]["annual_kwh"]
    assert [case["kwp"] for case in result["sizes"]] == pytest.approx([29.4, 44.1, 73.5, 88.2])
    shares = [
        case["self_consumption"] for case in sorted([*result["sizes"], result], key=lambda case: case["kwp"])
    ]
    assert shares == sorted(shares, reverse=True)  # a bigger roof has more surplus
    shortest, longest = paybacks(plan)
    assert shortest and longest and shortest < result["payback_years"] < longest

    page = plan_page(plan)
    assert [figure.unit for figure in page.figures][:1] == ["kWh"] and "1279/QĐ-BCT" in " ".join(
        basis.text for basis in page.bases
    )
    shown = client.get(at("plan", plan.pk)).content.decode()
    assert page.message in shown and "hx-get" not in shown and "Nếu lắp nhiều hơn hoặc ít hơn" in shown
    sheet = client.get(at("plan-sheet", plan.pk))
    import io

    book = load_workbook(io.BytesIO(sheet.content))
    assert book.worksheets[1]["B2"].value == result["monthly_kwh"][0]
    client.post(at("plan", plan.pk), {"viec": "ten", "title": "=HYPERLINK(1)"})
    again = load_workbook(io.BytesIO(client.get(at("plan-sheet", plan.pk)).content))
    assert again.worksheets[0]["A1"].data_type == "s"


def test_a_weather_file_that_is_none_leaves_a_sentence(client: Client) -> None:
    site = school()
    client.force_login(make_member(Role.UNIT_ENERGY_MANAGER, site.unit))
    client.post(
        at("planner", site.key),
        {**FORM, "weather": SimpleUploadedFile("../../nắng.epw", b"khong phai thoi tiet")},
    )
    plan = RoofPlan.objects.get()
    assert plan.spec["weather"].startswith("upload:") and ".." not in plan.spec["weather"]
    plan_run(plan.pk)
    plan.refresh_from_db()
    assert plan.state == RunState.FAILED and "thời tiết" in plan.problem
    assert plan.problem in client.get(at("plan", plan.pk)).content.decode()
    name = plan.spec["weather"].removeprefix("upload:")
    assert setup_store.path_of(setup_store.WEATHER, name).is_file()


def test_who_may_plan_and_how_many_wait_at_once() -> None:
    site = school()
    manager = make_member(Role.UNIT_ENERGY_MANAGER, site.unit)
    for role, unit in (
        (Role.UNIT_HEAD, make_unit()),
        (Role.TECHNICIAN, site.unit),
        (Role.LEADER, site.unit),
        (Role.FINANCE, site.unit),
    ):
        with pytest.raises(PermissionDeniedError):
            plan_request(actor=make_member(role, unit), site=site, title="", asked=ASKED, now=NOW)
    for _n in range(5):
        plan = plan_request(actor=manager, site=site, title="", asked=ASKED, now=NOW)
    with pytest.raises(BusyError):
        plan_request(actor=manager, site=site, title="", asked=ASKED, now=NOW)
    assert plans_revive(NOW) == 0 and plans_revive(NOW.replace(hour=4)) == 5
    Project.objects.create(site=site, title="Dự án", plan=plan)
    with pytest.raises(RegisterError):
        plan_remove(actor=manager, plan=plan, now=NOW)


def test_bills_become_months() -> None:
    months = months_of(
        [Span(date(2026, 1, 16), date(2026, 2, 15), 310.0), Span(date(2026, 2, 16), date(2026, 3, 15), 280.0)]
    )
    january, february, march = months.values()
    assert (january.days, february.days, march.days) == (16, 28, 15)
    assert january.kwh == pytest.approx(160) and february.kwh == pytest.approx(150 + 130)
    assert not january.known and february.whole_kwh == pytest.approx(280)
    site = school()
    contract = Contract.objects.create(site=site, customer_code="PE2")
    for month in range(1, 13):
        last = date(2025, month, 28)
        Bill.objects.create(
            contract=contract, starts_on=date(2025, month, 1), ends_on=last, kwh_normal=100 * month, total=1
        )
    use = use_by_month(site, date(2026, 1, 10))
    assert (
        use is not None
        and use.count == 12
        and use.months is not None
        and use.months[0] == pytest.approx(100 / 28 * 31, abs=0.1)
    )


def test_the_web_process_does_not_load_what_computes() -> None:
    code = (
        "import django, os, sys; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'tests.settings'); django.setup()\n"
        "import khcn.energy.setup_urls\n"
        "print([m for m in ('pvlib', 'pandas', 'scipy', 'pymodbus', 'sunspec2', 'paho') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr[-2000:]
