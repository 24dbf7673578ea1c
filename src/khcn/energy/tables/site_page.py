"""The page of one site in words: tabs, tiles, key figures with what they rest on, devices, faults."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.energy.enums import Driver
from khcn.energy.finding_words import finding_lines
from khcn.energy.models import Device, EmissionFactor, Site
from khcn.energy.quality_words import trouble_words
from khcn.energy.selectors.months import Sums
from khcn.energy.selectors.overview import LIVE_DRIVERS, silent_after
from khcn.energy.selectors.site_page import Kpi, SitePage, years_of
from khcn.energy.tables.overview import Tile, health_state, sum_tiles
from khcn.energy.version_words import money_note, record_facts, terms_facts
from khcn.energy.words import (
    NBSP,
    ago,
    completeness_state,
    energy,
    money,
    month_words,
    number,
    percent,
    power,
    sentence,
    signed_percent,
    span_words,
    tonnes,
)
from khcn.ui.parts import Column, State, Tab, Table

DAY, MONTH, YEAR = "ngay", "thang", "nam"
SHARES = frozenset(
    {
        "availability", "capacity_factor", "completeness", "self_consumption", "self_sufficiency", "performance_ratio",
        "performance_ratio_modelled", "performance_ratio_25c", "performance_ratio_25c_modelled",
    }
)  # fmt: skip
KPI_ORDER = (
    "energy", "specific_yield", "final_yield", "reference_yield", "reference_yield_modelled", "array_yield",
    "performance_ratio", "performance_ratio_25c", "performance_ratio_modelled", "performance_ratio_25c_modelled",
    "availability", "energy_lost", "capacity_factor", "self_consumption", "self_sufficiency", "peak_demand",
    "savings_vnd", "cost_vnd", "co2_kg", "completeness",
)  # fmt: skip


def site_tabs(place: Site, current: str) -> list[Tab]:
    """Return the pages of one site."""
    pages = [
        ("site", _("Số liệu")),
        ("quality", _("Chất lượng số liệu")),
        ("downloads", _("Tải về")),
    ]
    return [
        Tab(label=label, url=reverse(f"energy-desk:{name}", args=[place.key]), current=name == current)
        for name, label in pages
    ]


def span_tabs(place: Site, current: str) -> list[Tab]:
    """Return day, month, year."""
    base = reverse("energy-desk:site", args=[place.key])
    words = {DAY: _("Ngày"), MONTH: _("Tháng"), YEAR: _("Năm")}
    return [
        Tab(label=label, url=f"{base}?ky={key}#bieu-do", current=key == current)
        for key, label in words.items()
    ]


@dataclass(frozen=True)
class KpiLine:
    """One key figure with what it means and what it rests on."""

    label: str
    value: str
    definition: str
    completeness: State | None
    note: str
    facts: list[tuple[str, str]]


def kpi_lines(kpis: Sequence[Kpi]) -> list[KpiLine]:
    """Return key figures in the usual order, the site's before those of its systems."""

    def place(kpi: Kpi) -> tuple[str, int]:
        key = kpi.record.key
        return (kpi.system, KPI_ORDER.index(key) if key in KPI_ORDER else len(KPI_ORDER))

    return [_kpi_line(kpi) for kpi in sorted(kpis, key=place)]


def _kpi_line(kpi: Kpi) -> KpiLine:
    row = kpi.record
    label = sentence(f"kpi-label-{row.key}", None, fallback=row.key)
    facts = [
        (_("Kỳ tính"), span_words(row.starts_on, row.ends_on)),
        *((_input_label(name), number(value, 3) if value is not None else _("chưa rõ")) for name, value in row.inputs.items()
          if name not in ("at_ms", "intervals")),
        *record_facts(row.versions),
        (_("Bản tính"), f"{row.version} ({span_words(row.computed_at.date(), row.computed_at.date())})"),
    ]  # fmt: skip
    return KpiLine(
        label=f"{label} · {kpi.system}" if kpi.system else label,
        value=kpi_value(row.key, row.value, row.unit),
        definition=sentence(row.definition, None, fallback=label),
        completeness=None if row.completeness is None else completeness_state(row.completeness),
        note=sentence(row.note, None) if row.note else "",
        facts=facts,
    )


def kpi_value(key: str, value: float | None, unit: str) -> str:
    """Return a key figure with its unit."""
    if value is None:
        return _("chưa tính được")
    if key in SHARES:
        return percent(value, 1)
    if unit == "VND":
        return money(value)
    shown = _("giờ") if unit == "h" else unit
    return f"{number(value, 1 if abs(value) < 1000 else 0)}{NBSP}{shown}".strip()


def _input_label(name: str) -> str:
    words = {
        "energy_kwh": _("Điện đã phát (kWh)"),
        "pdc0_kw": _("Công suất tấm pin (kWp)"),
        "rated_kw": _("Công suất biến tần (kW)"),
        "irradiation_kwh_m2": _("Bức xạ trên mặt tấm pin (kWh/m²)"),
        "energy_lost_kwh": _("Điện mất do ngừng máy (kWh)"),
        "array_energy_kwh": _("Điện một chiều (kWh)"),
        "self_consumed_kwh": _("Điện tự dùng (kWh)"),
        "production_kwh": _("Điện mặt trời (kWh)"),
        "load_kwh": _("Điện đơn vị dùng (kWh)"),
        "hours": _("Số giờ của kỳ"),
        "gamma_per_c": _("Hệ số nhiệt độ (1/°C)"),
        "days": _("Số ngày có số liệu"),
        "exported_kwh": _("Điện đẩy lên lưới (kWh)"),
        "imported_kwh": _("Điện lấy từ lưới (kWh)"),
    }
    return words.get(name, name.replace("_", " "))


def money_rows(sums: Sums, versions: Sequence[Any]) -> list[tuple[str, str]]:
    """Return what the sun saved, what was sold and what was paid, and by which tables."""
    rows = [
        (_("Tiền điện đỡ phải trả nhờ điện mặt trời"), money(sums["savings_vnd"])),
        (_("Tiền bán điện dư"), money(sums["surplus_vnd"]) if sums["surplus_vnd"] else ""),
        (_("Tiền điện mua từ lưới, ước theo số đo"), money(sums["cost_vnd"]) if sums["cost_vnd"] is not None else ""),
    ]  # fmt: skip
    return [*rows, *terms_facts(versions)]


def carbon_rows(sums: Sums, factor: EmissionFactor | None) -> list[tuple[str, str]]:
    """Return the CO2 that was avoided, and the document and year of the factor."""
    rows = [(_("Khí thải tránh được"), tonnes(sums["co2_kg"]))]
    if factor is None:
        return [*rows, (_("Hệ số"), _("chưa có hệ số phát thải cho năm này"))]
    return [
        *rows,
        (
            _("Hệ số"),
            _("%(factor)s tCO₂/MWh, số liệu năm %(year)s") % {"factor": number(factor.t_per_mwh, 4), "year": factor.data_year},
        ),
        (_("Văn bản"), factor.document),
        (_("Độ chắc chắn"), str(factor.get_certainty_display())),
    ]  # fmt: skip


@dataclass(frozen=True)
class DeviceLine:
    """One device and how it is."""

    device: Device
    state: State
    facts: str
    heard: str


def device_lines(devices: Sequence[Device], now: datetime) -> list[DeviceLine]:
    """Return devices, those in trouble first."""
    lines = [_device_line(device, now) for device in devices]
    order = {"bad": 0, "watch": 1, "neutral": 2, "good": 3, "info": 4}
    return sorted(lines, key=lambda line: order[line.state.tone])


def _device_line(device: Device, now: datetime) -> DeviceLine:
    facts = [str(device.get_kind_display()), str(device.get_driver_display())]
    if device.rated_kw:
        facts.append(f"{number(device.rated_kw, 1)}{NBSP}kW")
    if device.system:
        facts.append(device.system.name)
    return DeviceLine(
        device=device,
        state=device_state(device, now),
        facts=" · ".join(facts),
        heard=ago(device.heard_at, now) if device.heard_at else "",
    )


def device_state(device: Device, now: datetime) -> State:
    """Return how a device is."""
    if device.trouble:
        return State(label=trouble_words(device.trouble, device.trouble_params), tone="bad")
    if device.driver == Driver.MANUAL:
        return State(label=_("Nhập tay"), tone="neutral")
    if device.heard_at is None:
        return State(label=_("Chưa gửi số đo nào"), tone="neutral")
    if device.driver in LIVE_DRIVERS and now - device.heard_at > silent_after(now):
        return State(label=_("Im lặng"), tone="bad")
    return State(label=_("Đang gửi"), tone="good")


def month_table(page: SitePage, year: int) -> Table:
    """Return the months of a year."""
    rows: list[list[object]] = []
    for month, sums in dict(years_of(page)).get(year, []):
        rows.append(
            [
                month.words,
                energy(sums["production_kwh"]),
                energy(sums["load_kwh"]),
                percent(sums.self_consumption),
                money(sums["savings_vnd"]),
                tonnes(sums["co2_kg"]),
                completeness_state(sums.completeness),
            ]
        )
    columns = [
        Column(label=_("Tháng")),
        Column(label=_("Điện mặt trời"), numeric=True),
        Column(label=_("Đơn vị dùng"), numeric=True),
        Column(label=_("Tự dùng"), numeric=True),
        Column(label=_("Đỡ phải trả"), numeric=True),
        Column(label=_("CO₂ tránh được"), numeric=True),
        Column(label=_("Số liệu có")),
    ]
    return Table(caption=_("Các tháng của năm %(year)s") % {"year": year}, columns=columns, rows=rows)


def site_tiles(page: SitePage) -> list[Tile]:
    """Return the figures of this month."""
    sums = page.month(page.this)
    change = page.against_year_before(page.this.before)
    tiles = [
        *sum_tiles(sums),
        Tile(percent(sums.self_consumption), "", _("điện mặt trời dùng tại chỗ")),
    ]
    if change is not None:
        tiles.append(Tile(signed_percent(change), "", _("tháng trước so với cùng tháng năm ngoái")))
    return tiles


def known_words(sums: Sums) -> str:
    """Return how complete the figures of a time are."""
    if sums.completeness is None:
        return _("Chưa có số liệu của kỳ này; đây không phải là 0 kWh.")
    text = _("Số liệu có %(share)s kỳ này.") % {"share": completeness_state(sums.completeness).label}
    if not sums.enough:
        text += " " + _("Phần thiếu không được tính là 0, nên tổng thấp hơn thực tế.")
    return text


def day_facts(sums: Sums) -> list[tuple[str, str]]:
    """Return the figures of one day."""
    return [
        (_("Điện mặt trời"), energy(sums["production_kwh"])),
        (_("Dự kiến theo mô hình"), energy(sums["expected_kwh"]) if sums["expected_kwh"] is not None else ""),
        (_("Đơn vị dùng"), energy(sums["load_kwh"]) if sums["load_kwh"] is not None else ""),
        (_("Lấy từ lưới"), energy(sums["import_kwh"]) if sums["import_kwh"] is not None else ""),
        (_("Đẩy lên lưới"), energy(sums["export_kwh"]) if sums["export_kwh"] is not None else ""),
        (_("Cao nhất trong 15 phút"), power(sums.peak_kw) if sums.peak_kw is not None else ""),
        (_("Đỡ phải trả"), money(sums["savings_vnd"]) if sums["savings_vnd"] is not None else ""),
    ]  # fmt: skip


def step_urls(place: Site, ky: str, name: str, before: Any, after: Any) -> dict[str, str]:
    """Return the addresses of the time before and after (empty when there is none)."""
    base = reverse("energy-desk:site", args=[place.key])
    return {
        "before": f"{base}?ky={ky}&{name}={before}#bieu-do" if before else "",
        "after": f"{base}?ky={ky}&{name}={after}#bieu-do" if after else "",
    }


def site_head(page: SitePage, now: datetime) -> dict[str, object]:
    """Return what the head of the page says."""
    return {
        "place": page.site,
        "page": page,
        "tabs": site_tabs(page.site, "site"),
        "health": health_state(page.health.health),
        "tiles": site_tiles(page),
        "known": known_words(page.month(page.this)),
        "findings": finding_lines(page.findings, now),
        "kpis": kpi_lines(page.kpis),
        "kpi_month": month_words(page.kpi_month),
        "money": money_rows(page.month(page.this), page.versions),
        "money_note": money_note(page.versions),
        "carbon": carbon_rows(page.year(page.today.year), page.factor),
        "devices": device_lines(page.devices, now),
        "systems": [
            (system, f"{number(system.kwp, 1)}{NBSP}kWp", str(system.get_grid_display()))
            for system in page.systems
        ],
        "yesterday": page.today - timedelta(days=1),
    }
