"""The register as one sheet: a row a site, further rows with the same name for more roofs and systems."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.exports.filled import filled_template, workbook_response
from khcn.core.exports.forms import FormColumn
from khcn.energy.enums import BuildingKind, GridKind, PriceGroup
from khcn.energy.models import Site
from khcn.orgs.models import Unit


def site_columns() -> list[FormColumn]:
    """Return the columns of the sheet."""
    units = {unit.name: str(unit.pk) for unit in Unit.objects.in_force(timezone.localdate()).alphabetical()}
    kinds = {str(label): value for value, label in BuildingKind.choices}
    groups = {str(label): value for value, label in PriceGroup.choices}
    grids = {str(label): value for value, label in GridKind.choices}
    return [
        FormColumn("unit", _("Đơn vị"), "choice", required=True, choices=units, width=36),
        FormColumn("name", _("Tên công trình"), "text", required=True, max_length=150, width=30),
        FormColumn("kind", _("Loại công trình"), "choice", required=True, choices=kinds),
        FormColumn(
            "address", _("Địa chỉ"), "text", max_length=300, help=_("Để trống thì lấy địa chỉ của đơn vị.")
        ),
        FormColumn(
            "place",
            _("Tọa độ"),
            "text",
            max_length=60,
            help=_("Chép từ bản đồ, vĩ độ trước."),
            example="10.7551, 106.6672",
        ),
        FormColumn("floor_area_m2", _("Diện tích sàn (m²)"), "number"),
        FormColumn("people", _("Số người sử dụng"), "integer"),
        FormColumn(
            "customer_code", _("Mã khách hàng điện"), "text", max_length=20, example="PE0100001234567"
        ),
        FormColumn(
            "group",
            _("Nhóm giá điện"),
            "choice",
            choices=groups,
            help=_("Dưới 6 kV; cấp khác sửa trên trang hợp đồng."),
        ),
        FormColumn("tariff_from", _("Nhóm giá áp dụng từ ngày"), "date"),
        FormColumn("roof_name", _("Tên mái"), "text", max_length=100),
        FormColumn("roof_area_m2", _("Diện tích mái (m²)"), "number"),
        FormColumn("roof_tilt", _("Độ dốc mái (độ)"), "number", example=10),
        FormColumn(
            "roof_azimuth",
            _("Hướng mái (độ)"),
            "number",
            help=_("Bắc 0, đông 90, nam 180, tây 270."),
            example=180,
        ),
        FormColumn("system_name", _("Tên hệ thống"), "text", max_length=150),
        FormColumn("kwp", _("Công suất tấm pin (kWp)"), "number"),
        FormColumn("ac_kw", _("Công suất biến tần (kW)"), "number"),
        FormColumn("valid_from", _("Vận hành từ ngày"), "date"),
        FormColumn("grid", _("Đấu nối"), "choice", choices=grids),
        FormColumn("price_vnd", _("Giá trị đầu tư (đồng)"), "integer"),
    ]


def sites_template(*, filled: bool) -> HttpResponse:
    """Return the sheet, empty or with every site of the programme."""
    rows = [row for site in _sites() for row in _rows(site)] if filled else []
    content = filled_template(site_columns(), rows, title=_("Công trình của chương trình năng lượng"))
    return workbook_response(content, _("Công trình năng lượng"))


def _sites() -> Iterator[Site]:
    related = ("roofs", "systems", "contracts__tariffs")
    return Site.objects.select_related("unit").prefetch_related(*related).iterator(chunk_size=200)


def _rows(site: Any) -> Iterator[dict[str, Any]]:
    """Yield a row for the site and as many more as its roofs, systems and contracts need."""
    place = f"{site.latitude:f}, {site.longitude:f}" if site.latitude is not None else ""
    own = {
        "unit": str(site.unit_id), "name": site.name, "kind": site.kind, "address": site.address, "place": place,
        "floor_area_m2": site.floor_area_m2, "people": site.people,
    }  # fmt: skip
    parts = list(zip_longest(site.roofs.all(), site.systems.all(), site.contracts.all())) or [
        (None, None, None)
    ]
    for roof, system, contract in parts:
        row: dict[str, Any] = dict(own)
        if roof is not None:
            row |= {
                "roof_name": roof.name,
                "roof_area_m2": roof.area_m2,
                "roof_tilt": roof.tilt_deg,
                "roof_azimuth": roof.azimuth_deg,
            }
        if system is not None:
            row |= {
                "system_name": system.name, "kwp": system.kwp, "ac_kw": system.ac_kw, "valid_from": system.valid_from,
                "grid": system.grid, "price_vnd": system.price_vnd,
            }  # fmt: skip
        if contract is not None:
            tariff = max(contract.tariffs.all(), key=lambda one: str(one.valid_from or ""), default=None)
            row |= {"customer_code": contract.customer_code}
            row |= {"group": tariff.group, "tariff_from": tariff.valid_from} if tariff else {}
        yield row
