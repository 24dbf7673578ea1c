"""Everything that the pages show, as rows: read in pieces, so that years fit into little memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Column, Row
from khcn.energy.models import Bill, Finding, IntervalDay, KpiRecord, QualityEvent, Site, SiteDay, SiteMonth
from khcn.energy.quality_words import event_label, flag_counts, flag_words
from khcn.energy.rules.days import zone_of
from khcn.energy.selectors.flows import Series, site_flows
from khcn.energy.selectors.months import month_values
from khcn.energy.words import finding_state, kind_label, sentence
from khcn.engines.energy.metrics import metric_of
from khcn.engines.energy.types import STEP_MS

CHUNK: Final = 2000
_NAMES: Final = (
    "production_kwh", "expected_kwh", "load_kwh", "import_kwh", "export_kwh", "self_consumed_kwh", "lost_kwh",
    "savings_vnd", "surplus_vnd", "cost_vnd", "co2_kg", "availability", "peak_kw", "completeness",
)  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """A table to be handed out."""

    name: str
    columns: Sequence[Column]
    rows: Iterator[Row]


def _figure_heads() -> list[str]:
    return [
        _("Điện mặt trời, kWh"), _("Dự kiến theo mô hình, kWh"), _("Đơn vị dùng, kWh"), _("Lấy từ lưới, kWh"),
        _("Đẩy lên lưới, kWh"), _("Tự dùng, kWh"), _("Mất do ngừng máy, kWh"), _("Đỡ phải trả, đ"), _("Bán điện dư, đ"),
        _("Tiền điện mua, đ"), _("CO₂ tránh được, kg"), _("Mức sẵn sàng"), _("Cao nhất 15 phút, kW"), _("Phần số liệu có"),
    ]  # fmt: skip


def _columns(heads: Sequence[str]) -> list[Column]:
    return [Column(head) for head in heads]


def days_listing(place: Site, first: date, last: date) -> Listing:
    """Return the days of a site; a day without figures has no row."""
    rows = SiteDay.objects.filter(site=place, day__gte=first, day__lte=last).order_by("day")
    values = rows.values_list("day", *_NAMES).iterator(chunk_size=CHUNK)
    return Listing(f"{place.key}-ngay", _columns([_("Ngày"), *_figure_heads()]), values)


def months_listing(sites: Sequence[Site], first: date, last: date, name: str) -> Listing:
    """Return the months of sites."""
    names = {site.pk: site for site in sites}
    rows = SiteMonth.objects.filter(
        site_id__in=names, month__gte=first.replace(day=1), month__lte=last
    ).order_by("month", "site__sort_key", "site_id")

    def listed() -> Iterator[Row]:
        for row in rows.iterator(chunk_size=CHUNK):
            values = month_values(row)
            site = names[row.site_id]
            yield [f"{row.month:%Y-%m}", site.name, site.unit.name, *(values.get(one) for one in _NAMES)]

    heads = [_("Tháng"), _("Công trình"), _("Đơn vị"), *_figure_heads()]
    return Listing(name, _columns(heads), listed())


def intervals_listing(place: Site, first: date, last: date) -> Listing:
    """Return quarters of an hour of a site, kWh; what is not known is empty. Read a week at a time."""
    heads = [
        _("Bắt đầu (giờ địa phương)"), _("Điện mặt trời, kWh"), _("Đơn vị dùng, kWh"), _("Lấy từ lưới, kWh"),
        _("Đẩy lên lưới, kWh"), _("Cờ chất lượng"),
    ]  # fmt: skip
    return Listing(f"{place.key}-15-phut", _columns(heads), _quarters(place, first, last))


def _quarters(place: Site, first: date, last: date) -> Iterator[Row]:
    zone = zone_of(place.zone)
    while first <= last:
        end = min(first + timedelta(days=6), last)
        flows = site_flows(place, first, end)
        given = None if flows.no_export_meter else flows.exported
        parts: list[Series | None] = [flows.production, flows.load, flows.imported, given]
        if any(part is not None for part in parts):
            for step in range(flows.grid.size):
                at = datetime.fromtimestamp((flows.grid.start_ms + step * STEP_MS) / 1000, UTC)
                yield [
                    at.astimezone(zone).replace(tzinfo=None),
                    *(_value(part, step) for part in parts),
                    int(np.bitwise_or.reduce([part.flags[step] for part in parts if part is not None])),
                ]
        first = end + timedelta(days=1)


def _value(part: Series | None, step: int) -> float | None:
    if part is None or not np.isfinite(part.values[step]):
        return None
    return round(float(part.values[step]), 5)


def channels_listing(place: Site, first: date, last: date) -> Listing:
    """Return the days of every channel of a site, with their completeness."""
    rows = (
        IntervalDay.objects.filter(channel__device__site=place, day__gte=first, day__lte=last)
        .order_by("day", "channel_id")
        .values_list(
            "day", "channel__device__name", "channel__metric", "total", "peak_kw", "measured", "expected", "flags"
        )
    )  # fmt: skip

    def listed() -> Iterator[Row]:
        for day, device, metric, *rest, flags in rows.iterator(chunk_size=CHUNK):
            marks = flag_words(flag_counts(flags or {}))
            known = metric_of(metric)
            yield [day, device, _(known.label), known.unit, *rest, marks]

    heads = [
        _("Ngày"), _("Thiết bị"), _("Đại lượng"), _("Đơn vị đo"), _("Tổng (hoặc trung bình)"), _("Cao nhất 15 phút, kW"),
        _("Khoảng đo được"), _("Khoảng của ngày"), _("Cờ chất lượng"),
    ]  # fmt: skip
    return Listing(f"{place.key}-kenh-do", _columns(heads), listed())


def kpis_listing(place: Site, first: date, last: date) -> Listing:
    """Return every version of the key figures of a site."""
    rows = KpiRecord.objects.filter(site=place, starts_on__gte=first, ends_on__lte=last).select_related(
        "system"
    )

    def listed() -> Iterator[Row]:
        for row in rows.iterator(chunk_size=CHUNK):
            label = sentence(f"kpi-label-{row.key}", None, fallback=row.key)
            inputs = "; ".join(f"{name} = {value}" for name, value in row.inputs.items())
            system = row.system.name if row.system else ""
            note = sentence(row.note, None) if row.note else ""
            yield [
                row.starts_on, row.ends_on, label, system, row.value, row.unit, row.completeness, row.version,
                row.computed_at, inputs, note,
            ]  # fmt: skip

    heads = [
        _("Từ ngày"), _("Đến hết ngày"), _("Chỉ số"), _("Hệ thống"), _("Giá trị"), _("Đơn vị đo"), _("Phần số liệu có"),
        _("Bản tính"), _("Tính lúc"), _("Tính từ"), _("Ghi chú"),
    ]  # fmt: skip
    return Listing(f"{place.key}-chi-so", _columns(heads), listed())


def findings_listing(rows: Any, name: str) -> Listing:
    """Return faults (a queryset of findings that the reader may see)."""

    def listed() -> Iterator[Row]:
        found: Finding
        for found in rows:
            yield [
                found.site.name, kind_label(found.kind), found.starts_at, None if found.ongoing else found.ends_at,
                found.loss_kwh, found.loss_vnd, str(finding_state(found.state).label), found.note,
                found.system.name if found.system else "", found.device.name if found.device else "",
                sentence(found.code, found.params, fallback=kind_label(found.kind)),
            ]  # fmt: skip

    heads = [
        _("Công trình"), _("Loại"), _("Bắt đầu"), _("Kết thúc"), _("Mất, kWh"), _("Mất, đ"), _("Trạng thái"),
        _("Ghi chú"), _("Hệ thống"), _("Thiết bị"), _("Diễn giải"),
    ]  # fmt: skip
    return Listing(name, _columns(heads), listed())


def bills_listing(place: Site, first: date, last: date) -> Listing:
    """Return the bills of a site."""
    rows = (
        Bill.objects.filter(contract__site=place, ends_on__gte=first, starts_on__lte=last)
        .order_by("starts_on")
        .values_list(
            "contract__customer_code", "starts_on", "ends_on", "kwh_normal", "kwh_peak", "kwh_off", "before_vat", "vat",
            "total",
        )
    )  # fmt: skip
    heads = [
        _("Mã khách hàng"), _("Từ ngày"), _("Đến hết ngày"), _("kWh giờ bình thường, một giá"), _("kWh giờ cao điểm"),
        _("kWh giờ thấp điểm"), _("Tiền trước thuế, đ"), _("Tiền thuế, đ"), _("Tổng cộng, đ"),
    ]  # fmt: skip
    return Listing(f"{place.key}-hoa-don", _columns(heads), rows.iterator(chunk_size=CHUNK))


def events_listing(place: Site, first: date, last: date) -> Listing:
    """Return what the engine noticed in the readings of a site."""
    rows = QualityEvent.objects.filter(
        channel__device__site=place, ends_at__date__gte=first, starts_at__date__lte=last
    ).select_related("channel__device")

    def listed() -> Iterator[Row]:
        for row in rows.iterator(chunk_size=CHUNK):
            yield [
                row.starts_at, row.ends_at, row.channel.device.name, _(metric_of(row.channel.metric).label),
                event_label(row.code), sentence(row.code, row.params, fallback=event_label(row.code)), row.done_at,
            ]  # fmt: skip

    heads = [
        _("Bắt đầu"), _("Kết thúc"), _("Thiết bị"), _("Đại lượng"), _("Ghi nhận"), _("Diễn giải"), _("Đã xem lúc"),
    ]  # fmt: skip
    return Listing(f"{place.key}-ghi-nhan", _columns(heads), listed())
