"""Every page of the set-up: who opens it, and that it shows what was put in."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from khcn.core.models.audit import AuditEvent
from khcn.energy.enums import BuildingKind, Certainty, Driver, RunState, Stage
from khcn.energy.models import (
    Bill,
    Collector,
    Contract,
    Device,
    EmissionFactor,
    Price,
    PriceDecision,
    Project,
    Roof,
    RoofPlan,
    SavingPlan,
    Site,
    System,
    VatRate,
)
from khcn.orgs.enums import Role
from tests.energy.factories import make_device, make_roof, make_site, make_system
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db


def at(name: str, *args: Any) -> str:
    """Return the address of a page of the set-up."""
    return reverse(f"energy-desk:setup-{name}", args=args)


class World:
    """A school with one of everything, and one person for each role that the set-up knows."""

    def __init__(self) -> None:
        self.unit, self.other = make_unit("Trường Mẫu"), make_unit("Trường Khác")
        self.site = make_site("Cơ sở chính", unit=self.unit, kind=BuildingKind.SCHOOL)
        self.foreign = make_site("Cơ sở khác", unit=self.other)
        self.roof, self.system = make_roof(self.site), make_system(self.site)
        self.contract = Contract.objects.create(site=self.site, customer_code="PE01000000001")
        self.bill = Bill.objects.create(
            contract=self.contract,
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 1, 31),
            kwh_normal=1000,
            total=2_200_000,
        )
        self.device: Device = make_device(self.site, metrics=["ac_power"])
        self.plan = RoofPlan.objects.create(
            site=self.site,
            title="Phương án 1",
            made_at="2026-03-01T00:00:00Z",
            state=RunState.FAILED,
            problem="Thiếu",
        )
        self.project = Project.objects.create(site=self.site, title="Dự án mái A")
        self.saving = SavingPlan.objects.create(unit=self.unit, year=2026, target_kwh=10_000)
        self.collector = Collector.objects.create(key="may-a", name="Máy A", unit=self.unit)
        self.decision = PriceDecision.objects.create(
            document="1279/QĐ-BCT", valid_from=date(2025, 5, 10), average_vnd=Decimal("2204.0655"),
            certainty=Certainty.TWO_SOURCES,
        )  # fmt: skip
        Price.objects.create(
            decision=self.decision, group="public_school", voltage="lt_6kv", band="flat", vnd_per_kwh=2072,
            ratio=Decimal("0.94"),
        )  # fmt: skip
        VatRate.objects.create(document="NQ 204", valid_from=date(2025, 7, 1), percent=8)
        EmissionFactor.objects.create(
            document="1726", data_year=2023, t_per_mwh=Decimal("0.6592"), used_from_year=2024
        )
        self.officer = make_member(Role.ENERGY_OFFICER)
        self.manager = make_member(Role.UNIT_ENERGY_MANAGER, self.unit)
        self.head = make_member(Role.UNIT_HEAD, self.unit)
        self.technician = make_member(Role.TECHNICIAN, self.unit)
        self.finance = make_member(Role.FINANCE)
        self.leader = make_member(Role.LEADER)
        self.stranger = make_member(Role.UNIT_ENERGY_MANAGER, self.other)
        self.outsider = make_member(Role.CONTRIBUTOR)

    def pages(self) -> dict[str, str]:
        """Return the pages by who opens them: everybody who reads, managers, connectors, planners, officers, keepers."""
        key = self.site.key
        return {
            at("sites"): "reads", at("site", key): "reads", at("bills", key): "reads", at("baseline", key): "reads",
            at("bill", self.bill.pk): "reads", at("plan", self.plan.pk): "reads", at("project", self.project.pk): "reads",
            at("saving", self.saving.pk): "reads", at("projects"): "reads", at("savings"): "reads", at("tables"): "reads",
            at("table", "gia"): "reads", at("table-row", "gia", self.decision.pk): "reads",
            at("site-edit", key): "manages", at("roof-new", key): "manages", at("roof", self.roof.pk): "manages",
            at("system-new", key): "manages", at("system", self.system.pk): "manages", at("contract-new", key): "manages",
            at("contract", self.contract.pk): "manages", at("bill-new", self.contract.pk): "manages",
            at("bill-sheet", key): "manages", at("bill-pdf", key): "manages", at("project-new"): "manages",
            at("saving-new"): "manages",
            at("connect", key): "connects", at("connect-where", key, "huawei-sun2000"): "connects",
            at("connect-where", key, "scan"): "connects", at("connect-where", key, "json"): "connects",
            at("connect-where", key, "push"): "connects", at("device", self.device.pk): "connects",
            at("planner", key): "plans",
            at("site-new"): "founds", at("sheet"): "founds", at("collectors"): "founds", at("collector-new"): "founds",
            at("collector", self.collector.pk): "founds",
            at("table-add", "gia"): "keeps", at("table-add", "khung-gio"): "keeps", at("table-add", "thue"): "keeps",
            at("table-add", "phat-thai"): "keeps", at("table-add", "dien-du"): "keeps",
        }  # fmt: skip


MAY = {
    "officer": {"reads", "manages", "connects", "plans", "founds", "keeps"},
    "manager": {"reads", "manages", "connects", "plans"},
    "head": {"reads", "plans"},
    "technician": {"reads", "connects"},
    "finance": {"reads", "keeps"},
    "leader": {"reads"},
}


@pytest.mark.parametrize("who", sorted(MAY))
def test_each_role_opens_its_pages_and_no_other(client: Client, who: str) -> None:
    world = World()
    client.force_login(getattr(world, who))
    wrong = {}
    for address, kind in world.pages().items():
        status = client.get(address).status_code
        expected = 200 if kind in MAY[who] else 403
        if status != expected:
            wrong[address] = (status, expected)
    assert wrong == {}


def test_strangers_do_not_learn_that_a_site_exists(client: Client) -> None:
    world = World()
    common = {
        at(name)
        for name in (
            "sites",
            "projects",
            "savings",
            "tables",
            "project-new",
            "saving-new",
            "sheet",
            "site-new",
        )
    }
    common |= {at("collectors"), at("collector-new"), at("collector", world.collector.pk)}
    own = [address for address in world.pages() if address not in common and "/bang/" not in address]
    client.force_login(world.stranger)
    assert {address: client.get(address).status_code for address in own} == dict.fromkeys(own, 404)
    client.force_login(world.outsider)
    assert client.get(at("sites")).status_code == 403
    client.logout()
    assert client.get(at("site", world.site.key)).status_code == 302


def test_a_site_with_its_roof_system_contract_and_group(client: Client) -> None:
    world = World()
    client.force_login(world.officer)
    sent = {
        "name": "Nhà văn hóa",
        "unit": world.unit.pk,
        "kind": "culture",
        "place": "10.7551, 106.6672",
        "floor_area_m2": "1.250,5",
    }
    answer = client.post(at("site-new"), sent)
    site = Site.objects.get(name="Nhà văn hóa")
    assert answer.status_code == 302 and site.key == "nha-van-hoa"
    assert (site.latitude, site.longitude, site.floor_area_m2) == (
        Decimal("10.75510"),
        Decimal("106.66720"),
        Decimal("1250.5"),
    )

    roof = {
        "name": "Mái A",
        "area_m2": "320",
        "usable_percent": "70",
        "tilt_deg": "10",
        "azimuth_deg": "180",
        "shading_percent": "0",
        "mounting": "roof",
    }
    assert client.post(at("roof-new", site.key), roof).status_code == 302
    rows = {"dan-TOTAL_FORMS": "1", "dan-INITIAL_FORMS": "0", "dan-0-kwp": "20", "dan-0-tilt_deg": "10", "dan-0-azimuth_deg": "90", "dan-0-mounting": "roof",
            "dan-0-roof": str(Roof.objects.get(site=site).pk)}  # fmt: skip
    system = {
        "name": "PV",
        "kwp": "20",
        "ac_kw": "18",
        "grid": "without_sale",
        "temperature_coefficient": "-0,35",
        "losses_percent": "14",
    }
    assert client.post(at("system-new", site.key), {**system, **rows}).status_code == 302
    array = System.objects.get(site=site).arrays.get()
    assert (array.kwp, array.azimuth_deg, array.roof_id) == (
        Decimal(20),
        90.0,
        Roof.objects.get(site=site).pk,
    )
    refused = client.post(at("system-new", site.key), {**system, "name": "PV 2", **rows, "dan-0-kwp": "12"})
    assert "Các dàn pin cộng lại 12" in refused.content.decode()

    client.post(at("contract-new", site.key), {"customer_code": "pe01 0000 0002"})
    contract = Contract.objects.get(site=site)
    assert contract.customer_code == "PE0100000002"
    group = {"viec": "nhom-gia", "group": "public_admin", "voltage": "lt_6kv", "valid_from": "2026-01-01"}
    client.post(at("contract", contract.pk), group)
    client.post(at("contract", contract.pk), {**group, "group": "public_school", "valid_from": "2026-06-01"})
    spans = [(row.group, row.valid_from, row.valid_to) for row in contract.tariffs.all()]
    assert spans == [
        ("public_admin", date(2026, 1, 1), date(2026, 5, 31)),
        ("public_school", date(2026, 6, 1), None),
    ]
    earlier = client.post(at("contract", contract.pk), {**group, "valid_from": "2026-03-01"})
    assert "Ngày áp dụng mới phải sau ngày đó" in earlier.content.decode()
    deeds = set(AuditEvent.objects.values_list("action", flat=True))
    assert {
        "energy.site.create",
        "energy.roof.create",
        "energy.system.create",
        "energy.contract.create",
        "energy.tariff.assign",
    } <= deeds


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("place", "đâu đó", "tọa độ"), ("place", "95, 106", "Vĩ độ"), ("floor_area_m2", "NaN", "không phải là số"),
        ("floor_area_m2", "-5", "từ 1 trở lên"), ("people", "1,5", "số nguyên"), ("people", "1e400", "không phải là số"),
        ("name", "", ""), ("kind", "cung-dien", ""), ("valid_from", "0001-01-01", "không hợp lý"), ("name", "x" * 151, ""),
    ],
)  # fmt: skip
def test_what_a_site_refuses(client: Client, field: str, value: str, says: str) -> None:
    world = World()
    client.force_login(world.manager)
    sent = {"name": "Cơ sở chính", "kind": "school", field: value}
    answer = client.post(at("site-edit", world.site.key), sent)
    assert answer.status_code == 200 and says in answer.content.decode()
    assert Site.objects.get(pk=world.site.pk).floor_area_m2 == 2000


def test_the_device_page_hides_secrets_and_renews_a_token(client: Client) -> None:
    world = World()
    device = make_device(world.site, driver=Driver.PUSH, kind="meter")
    client.force_login(world.technician)
    page = client.post(at("device", device.pk), {"viec": "khoa"})
    device.refresh_from_db()
    assert f"khcndev_{device.key}_" in page.content.decode() and device.token_hash
    assert "khcndev_" not in client.get(at("device", device.pk)).content.decode()
    assert page["Cache-Control"].startswith("max-age=0") or "no-cache" in page["Cache-Control"]


def test_a_project_goes_its_way_and_becomes_a_system(client: Client) -> None:
    world = World()
    client.force_login(world.manager)
    project = world.project
    page = at("project", project.pk)
    step = {"viec": "buoc", "reached_on": "2026-01-05", "note": ""}
    assert client.post(page, {**step, "stage": Stage.OPERATION}).status_code == 200  # nothing was built
    for day, stage in (
        (5, Stage.PLANNING),
        (6, Stage.PROCUREMENT),
        (7, Stage.INSTALLATION),
        (8, Stage.COMMISSIONING),
    ):
        assert (
            client.post(page, {**step, "stage": stage, "reached_on": f"2026-01-{day:02d}"}).status_code == 302
        )
    built = {"viec": "he-thong", "name": "PV mái A", "kwp": "30", "ac_kw": "27", "valid_from": "2026-02-01"}
    assert client.post(page, built).status_code == 302
    assert (
        client.post(page, {**step, "stage": Stage.OPERATION, "reached_on": "2026-02-01"}).status_code == 302
    )
    project.refresh_from_db()
    assert project.stage == Stage.OPERATION and project.system is not None and project.system.kwp == 30
    back = client.post(page, {**step, "stage": Stage.PLANNING, "reached_on": "2026-02-02"})
    assert "ghi lý do" in back.content.decode()
    assert [row.stage for row in project.steps.order_by("pk")][-1] == Stage.OPERATION


def test_an_unknown_or_hidden_document_is_not_hung_on_a_project(client: Client) -> None:
    world = World()
    client.force_login(world.manager)
    page = at("project", world.project.pk)
    for reference in ("library.work:999999", "library.work:", "", "x" * 300, "orgs.user:1"):
        answer = client.post(page, {"viec": "tai-lieu", "tham-chieu": reference})
        assert answer.status_code == 200
    assert world.project.documents.count() == 0
