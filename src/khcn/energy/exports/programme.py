"""Lists over all sites of a reader as rows."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from khcn.core.exports.columns import Column, Row
from khcn.energy.exports.series import Listing
from khcn.energy.selectors.compare import BILLS, Comparison
from khcn.energy.selectors.overview import Programme


def sites_listing(found: Programme) -> Listing:
    """Return the sites of the overview with their state and sums."""
    heads = [
        _("Công trình"), _("Đơn vị"), _("Loại"), _("Tình trạng"), _("Sự cố chưa xong"), _("Số hệ thống"), _("kWp"),
        _("Điện mặt trời tháng này, kWh"), _("Đỡ phải trả tháng này, đ"), _("CO₂ tránh được tháng này, kg"),
        _("Phần số liệu có tháng này"), _("Điện mặt trời năm nay, kWh"), _("Đỡ phải trả năm nay, đ"),
        _("CO₂ tránh được năm nay, kg"), _("Vĩ độ"), _("Kinh độ"),
    ]  # fmt: skip

    def listed() -> Iterator[Row]:
        for line in found.lines:
            site = line.site
            yield [
                site.name, site.unit.name, str(site.get_kind_display()), line.health.value, line.faults, line.systems,
                line.kwp, line.month["production_kwh"], line.month["savings_vnd"], line.month["co2_kg"],
                line.month.completeness, line.year["production_kwh"], line.year["savings_vnd"], line.year["co2_kg"],
                site.latitude, site.longitude,
            ]  # fmt: skip

    return Listing("nang-luong-cong-trinh", [Column(head) for head in heads], listed())


def compare_listing(found: Comparison) -> Listing:
    """Return the comparison, every part of every ratio."""
    heads = [
        _("Nơi"), _("Đơn vị"), _("Từ tháng"), _("Đến tháng"), _("Điện dùng, kWh"), _("Số tháng có số liệu"), _("Tính từ"),
        _("Diện tích, m²"), _("Số người"), _("kWh/m²"), _("kWh/người"), _("Điện mặt trời, kWh"), _("kWp"), _("kWh/kWp"),
        _("So với năm trước"), _("Số tháng so được"),
    ]  # fmt: skip

    def listed() -> Iterator[Row]:
        for row in found.rows:
            source = _("hóa đơn và số đo") if row.use.source == BILLS else _("công tơ")
            yield [
                row.name, row.unit, str(found.first), str(found.last), row.use.kwh, row.use.known,
                source if row.use.known else "", row.area_m2, row.people, row.per_m2, row.per_person, row.production_kwh,
                row.kwp, row.per_kwp, row.against_last_year, row.months_against,
            ]  # fmt: skip

    return Listing("nang-luong-so-sanh", [Column(head) for head in heads], listed())
