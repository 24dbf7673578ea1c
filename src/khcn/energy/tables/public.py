"""The public pages in words."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from khcn.energy.models import EmissionFactor
from khcn.energy.selectors.public import PublicMonth, PublicProgramme
from khcn.energy.tables.overview import Tile
from khcn.energy.words import energy, energy_figure, money, number, short_money, tonnes
from khcn.ui.parts import Column, Table


def programme_tiles(found: PublicProgramme) -> list[Tile]:
    """Return the totals of the year."""
    saved, unit = short_money(found.saved_vnd)
    carbon = found.co2_kg
    return [
        Tile(energy_figure(found.kwh), "kWh", _("điện mặt trời làm ra")),
        Tile(saved, unit, _("tiền điện đỡ phải trả")),
        Tile(number(None if carbon is None else carbon / 1000, 1), "tCO₂", _("khí thải tránh được")),
        Tile(number(found.kwp, 1), "kWp", _("công suất tấm pin trên mái")),
    ]


def months_table(months: Sequence[PublicMonth], *, several: bool) -> Table:
    """Return finished months, the latest first."""
    heads = [
        Column(label=_("Tháng")),
        Column(label=_("Điện mặt trời"), numeric=True),
        Column(label=_("Đỡ phải trả"), numeric=True),
        Column(label=_("CO₂ tránh được"), numeric=True),
        *([Column(label=_("Số công trình"), numeric=True)] if several else []),
        Column(label=_("Ghi chú")),
    ]
    rows: list[list[object]] = []
    for one in months:
        note = "" if one.complete else _("thiếu số liệu") if one.kwh is not None else _("không có số liệu")
        count: list[object] = [number(one.sites)] if several else []
        rows.append(
            [one.month.words, energy(one.kwh), money(one.saved_vnd), tonnes(one.co2_kg), *count, note]
        )
    return Table(caption=_("Từng tháng đã trọn"), hide_caption=True, columns=heads, rows=rows)


def sites_table(found: PublicProgramme) -> Table:
    """Return the published sites."""
    heads = [
        Column(label=_("Công trình")),
        Column(label=_("Loại")),
        Column(label=_("Công suất"), numeric=True),
        Column(label=_("Điện mặt trời năm %(year)s") % {"year": found.year}, numeric=True),
    ]
    rows: list[list[object]] = [
        [
            format_html('<a href="{}">{}</a>', reverse("energy:site", args=[line.site.key]), line.site.name),
            str(line.site.get_kind_display()),
            f"{number(line.kwp, 1)} kWp" if line.kwp else _("chưa có"),
            energy(line.kwh),
        ]
        for line in found.sites
    ]
    return Table(caption=_("Các công trình công bố số liệu"), hide_caption=True, columns=heads, rows=rows)


def factor_words(factor: EmissionFactor | None) -> str:
    """Return by what CO2 was reckoned."""
    if factor is None:
        return ""
    return _("Khí thải tránh được tính theo hệ số %(factor)s tCO₂/MWh, số liệu năm %(year)s (%(document)s).") % {
        "factor": number(factor.t_per_mwh, 4),
        "year": factor.data_year,
        "document": factor.document,
    }  # fmt: skip
