"""The register as a sheet, the rights of every deed, documents of the library on projects."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from khcn.core.errors import PermissionDeniedError
from khcn.energy.models import Contract, Project, Site, SystemArray
from khcn.energy.rules.places import PlaceError, read_place
from khcn.energy.selectors.projects import documents
from khcn.energy.services.contracts import contract_save, tariff_assign, tariff_remove
from khcn.energy.services.projects import (
    document_add,
    document_remove,
    project_build,
    project_create,
    project_move,
    project_update,
)
from khcn.energy.services.site_sheets import sites_take_in
from khcn.energy.services.sites import roof_remove, roof_save, site_create, site_update, system_save
from khcn.energy.setup_errors import RegisterError
from khcn.library.enums import WorkState
from khcn.orgs.enums import Role
from tests.energy.factories import NOW, make_roof, make_site, make_system
from tests.energy.test_bills import upload
from tests.energy.test_setup_pages import at
from tests.library.makers import make_work
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db


def deeds(actor: Any, site: Site) -> dict[str, Any]:
    """Return every deed of the registers as something to call."""
    roof, system = make_roof(site), make_system(site)
    contract = Contract.objects.create(site=site, customer_code=f"PE{site.pk}{actor.pk}")
    project = Project.objects.create(site=site, title="Dự án")
    hung = project.documents.create(reference="library.work:1", added_at=NOW)
    arrays = [{"kwp": Decimal(60)}]
    return {
        "site_update": lambda: site_update(actor=actor, site=site, values={"note": "x"}, now=NOW),
        "roof_save": lambda: roof_save(actor=actor, site=site, values={"name": "Mới", "area_m2": Decimal(10)}, now=NOW),
        "roof_remove": lambda: roof_remove(actor=actor, roof=roof, now=NOW),
        "system_save": lambda: system_save(actor=actor, site=site, values={"note": "x"}, arrays=arrays, system=system, now=NOW),
        "contract_save": lambda: contract_save(actor=actor, site=site, values={"note": "x"}, contract=contract, now=NOW),
        "tariff_assign": lambda: tariff_assign(
            actor=actor, contract=contract, group="business", voltage="lt_6kv", time_of_use=True, valid_from=date(2026, 1, 1), now=NOW
        ),
        "project_create": lambda: project_create(actor=actor, site=site, values={"title": "Mới"}, now=NOW),
        "project_update": lambda: project_update(actor=actor, project=project, values={"title": "Đổi"}, plan=None, now=NOW),
        "project_move": lambda: project_move(actor=actor, project=project, stage="planning", reached_on=date(2026, 3, 16), now=NOW),
        "project_build": lambda: project_build(
            actor=actor, project=project, name="PV", kwp=Decimal(5), ac_kw=Decimal(5), valid_from=date(2026, 3, 1), now=NOW
        ),
        "document_remove": lambda: document_remove(actor=actor, document=hung, now=NOW),
    }  # fmt: skip


@pytest.mark.parametrize(
    "role",
    [
        Role.UNIT_HEAD,
        Role.TECHNICIAN,
        Role.FINANCE,
        Role.LEADER,
        Role.AUDITOR,
        Role.SYSADMIN,
        Role.UNIT_REPORTER,
    ],
)
def test_who_does_not_manage_a_site_changes_nothing_of_it(role: Role) -> None:
    site = make_site()
    actor = make_member(role, site.unit)
    for name, deed in deeds(actor, site).items():
        with pytest.raises(PermissionDeniedError):
            deed()
            pytest.fail(name)


def test_managers_do_it_on_their_own_sites_only() -> None:
    site, foreign = make_site(), make_site()
    manager = make_member(Role.UNIT_ENERGY_MANAGER, site.unit)
    for deed in deeds(manager, site).values():
        deed()
    for deed in deeds(manager, foreign).values():
        with pytest.raises(PermissionDeniedError):
            deed()
    with pytest.raises(PermissionDeniedError):
        site_create(actor=manager, unit=site.unit, values={"name": "Mới", "kind": "school"}, now=NOW)
    with pytest.raises(PermissionDeniedError):
        site_update(actor=manager, site=site, values={}, unit=foreign.unit, now=NOW)
    with pytest.raises(PermissionDeniedError):
        sites_take_in(actor=manager, rows=[], now=NOW)


def test_the_register_goes_down_and_comes_back_as_a_sheet(client: Client) -> None:
    unit = make_unit("Trường Mẫu")
    unit.address = "12 đường Ví Dụ"
    unit.save()
    client.force_login(make_member(Role.ENERGY_OFFICER))
    book = load_workbook(io.BytesIO(client.get(at("sheet") + "?tep=mau").content))
    sheet = book.worksheets[0]
    heads = {str(cell.value).removesuffix(" *"): cell.column for cell in sheet[1]}
    wanted = {
        "Đơn vị": "Trường Mẫu", "Tên công trình": "Cơ sở chính", "Loại công trình": "Trường phổ thông", "Tọa độ": "10.755, 106.667",
        "Mã khách hàng điện": "PE01", "Nhóm giá điện": "Bệnh viện, nhà trẻ, mẫu giáo, trường phổ thông", "Tên mái": "Mái A",
        "Diện tích mái (m²)": 300, "Hướng mái (độ)": 90, "Công suất tấm pin (kWp)": 40, "Công suất biến tần (kW)": 36,
    }  # fmt: skip
    for title, value in wanted.items():
        sheet.cell(2, heads[title], value)
    sheet.cell(3, heads["Đơn vị"], "Trường Mẫu")
    sheet.cell(3, heads["Tên công trình"], "Cơ sở chính")
    sheet.cell(3, heads["Loại công trình"], "Trường phổ thông")
    sheet.cell(3, heads["Tên mái"], "=1+1")
    sheet.cell(3, heads["Tên mái"]).data_type = "s"
    sheet.cell(3, heads["Diện tích mái (m²)"], 100)
    for _again in range(2):  # twice is once
        kept = client.post(at("sheet"), {"file": upload(book)}).context["kept"]
        assert client.post(at("sheet"), {"tep": kept}).status_code == 302
    site = Site.objects.get()
    assert (site.address, site.latitude, site.roofs.count(), site.systems.count()) == (
        "12 đường Ví Dụ",
        Decimal("10.755"),
        2,
        1,
    )
    assert (
        SystemArray.objects.get().azimuth_deg == 90
        and Contract.objects.get().tariffs.get().group == "public_school"
    )
    full = load_workbook(io.BytesIO(client.get(at("sheet") + "?tep=co").content)).worksheets[0]
    cells = [cell for row in full.iter_rows() for cell in row]
    assert {"Cơ sở chính", "PE01", "Mái A"} <= {cell.value for cell in cells} and all(
        cell.data_type != "f" for cell in cells
    )

    sheet.cell(3, heads["Tọa độ"], "ở đâu đó")
    sheet.cell(2, heads["Tên công trình"], "Cơ sở mới")
    sheet.cell(2, heads["Mã khách hàng điện"]).value = None
    kept = client.post(at("sheet"), {"file": upload(book)}).context["kept"]
    answer = client.post(at("sheet"), {"tep": kept}, follow=True)
    assert "Dòng 3" in answer.content.decode() and Site.objects.count() == 1
    sheet.cell(2, heads["Loại công trình"], "Cung điện")
    page = client.post(at("sheet"), {"file": upload(book)}).content.decode()
    assert "Cung điện" in page and "chưa lưu gì" in page


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.7551, 106.6672", ("10.75510", "106.66720")), ("10,7551; 106,6672", ("10.75510", "106.66720")),
        ("(10.7551,106.6672)", ("10.75510", "106.66720")), ("-33.9 18.4", ("-33.90000", "18.40000")), ("106.6, 10.7", None), ("", None),
        ("10.75", None), ("a, b", None), ("1e5, 2", None), ("10.7551, 106.6672, 5", None),
    ],
)  # fmt: skip
def test_places_from_a_map(text: str, found: tuple[str, str] | None) -> None:
    if found is None:
        with pytest.raises(PlaceError):
            read_place(text)
        return
    assert (
        tuple(
            str(part) if "." in str(part) and len(str(part).split(".")[1]) == 5 else f"{part:.5f}"
            for part in read_place(text)
        )
        == found
    )


def test_documents_come_from_the_library_and_stay_hidden_from_who_may_not_read_them() -> None:
    site = make_site()
    manager, officer = make_member(Role.UNIT_ENERGY_MANAGER, site.unit), make_member(Role.ENERGY_OFFICER)
    project = Project.objects.create(site=site, title="Dự án")
    public = make_work(title="Quyết định công khai", state=WorkState.PUBLISHED)
    draft = make_work(title="Bản nháp kín", state=WorkState.DRAFT, owner_unit=make_unit())
    document_add(actor=manager, project=project, reference=f"library.work:{public.pk}", now=NOW)
    document_add(actor=manager, project=project, reference=f"library.work:{public.pk}", now=NOW)
    with pytest.raises(RegisterError):
        document_add(actor=manager, project=project, reference=f"library.work:{draft.pk}", now=NOW)
    project.documents.create(reference=f"library.work:{draft.pk}", title="Bản nháp kín", added_at=NOW)
    shown = documents(project, officer)
    assert [row.title for row in shown] == ["Quyết định công khai", "Tài liệu bạn chưa được xem"] and shown[
        0
    ].address


def test_a_group_typed_by_mistake_is_taken_back_until_a_bill_rests_on_it() -> None:
    site = make_site()
    contract = Contract.objects.create(site=site, customer_code="PE7")
    common: dict[str, Any] = {
        "actor": None,
        "contract": contract,
        "voltage": "lt_6kv",
        "time_of_use": False,
        "now": NOW,
    }
    first = tariff_assign(group="public_school", valid_from=date(2025, 1, 1), **common)
    second = tariff_assign(group="public_admin", valid_from=date(2026, 1, 1), **common)
    with pytest.raises(RegisterError):
        tariff_remove(actor=None, tariff=first, now=NOW)
    tariff_remove(actor=None, tariff=second, now=NOW)
    first.refresh_from_db()
    assert first.valid_to is None
    contract.bills.create(starts_on=date(2025, 5, 1), ends_on=date(2025, 5, 31), kwh_normal=1, total=1)
    with pytest.raises(RegisterError):
        tariff_remove(actor=None, tariff=first, now=NOW)
    with pytest.raises(RegisterError):
        tariff_assign(group="public_school", valid_from=date(2026, 5, 1), **{**common, "time_of_use": True})


@pytest.mark.parametrize("path", ["sites", "projects"])
def test_nothing_typed_into_a_search_breaks_a_page(client: Client, path: str) -> None:
    site = make_site()
    project = Project.objects.create(site=site, title="Dự án")
    client.force_login(make_member(Role.ENERGY_OFFICER))
    address = at("sites") if path == "sites" else at("project", project.pk)
    for query in (
        "\x00",
        "%",
        "'; DROP TABLE",
        "a" * 5000,
        "\ud800".encode("utf-8", "replace").decode(),
        '" OR *',
    ):
        assert client.get(address, {"q": query, "trang": "-1", "loai": "x", "nam": "x"}).status_code == 200
    assert SimpleUploadedFile("x", b"").size == 0
