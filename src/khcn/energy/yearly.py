"""The yearly energy-use report of a unit (law on energy efficiency, articles 30 and 31): rows, sentences, paper."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from khcn.core.papers.blocks import Align, Heading, Paragraph, Table
from khcn.core.papers.parts import Block, Metadata, Paper
from khcn.energy.monthly import header, signature
from khcn.energy.selectors.reports import UnitYear, YearMonth
from khcn.energy.words import (
    energy,
    energy_figure,
    money,
    number,
    percent,
    signed_percent,
    tonnes,
)
from khcn.ui.parts import Column
from khcn.ui.parts import Table as PageTable

MONTHS = 12


def year_facts(found: UnitYear) -> list[tuple[str, str]]:
    """Return the figures of the year; what is missing is said."""
    plan = found.plan
    rows = [
        (_("Điện dùng trong năm"), whole(energy(found.used_kwh), found.used_kwh, found)),
        (_("Điện mua"), whole(energy(found.bought_kwh), found.bought_kwh, found)),
        (_("Tiền điện đã trả"), whole(money(found.cost_vnd), found.cost_vnd, found)),
        (_("Diện tích sàn"), f"{number(found.area_m2)} m²" if found.area_m2 else _("chưa ghi")),
        (_("Số người sử dụng"), number(found.people) if found.people else _("chưa ghi")),
        (_("Suất tiêu thụ"), f"{number(found.per_m2, 1)} kWh/m²" if found.per_m2 else _("chưa tính được")),
        (_("Trên mỗi người"), f"{number(found.per_person, 1)} kWh" if found.per_person else ""),
        (_("So với năm trước"), signed_percent(found.change) if found.change is not None else _("chưa so được")),
        (_("Công suất điện mặt trời"), f"{number(found.kwp, 1)} kWp" if found.kwp else _("không có")),
        (_("Tỷ lệ năng lượng tái tạo"), percent(found.renewable_share, 1) if found.renewable_share is not None else _("chưa tính được")),
        (_("Khí thải tránh được"), tonnes(found.co2_kg) if found.co2_kg is not None else ""),
    ]  # fmt: skip
    return [*rows, *plan_facts(found)] if plan else [*rows, (_("Kế hoạch năm"), _("chưa đăng ký"))]


def plan_facts(found: UnitYear) -> list[tuple[str, str]]:
    """Return the year beside its plan."""
    plan = found.plan
    if plan is None:
        return []
    rows = []
    if plan.target_kwh is not None:
        rows.append((_("Kế hoạch: dùng không quá"), energy(float(plan.target_kwh))))
        over = found.against_target
        if over is not None:
            text = _("vượt %(kwh)s") if over > 0 else _("dưới mức %(kwh)s")
            rows.append((_("So với kế hoạch"), text % {"kwh": energy(abs(over))}))
    if plan.target_percent is not None:
        rows.append((_("Kế hoạch: tiết kiệm so với năm trước"), percent(float(plan.target_percent) / 100, 1)))
    if plan.renewable_kwh is not None:
        rows.append((_("Kế hoạch: điện tái tạo tự phát"), energy(float(plan.renewable_kwh))))
    if plan.registered_on:
        rows.append((_("Đăng ký với địa phương ngày"), f"{plan.registered_on:%d/%m/%Y}"))
    if plan.published_on:
        rows.append((_("Phổ biến trong đơn vị ngày"), f"{plan.published_on:%d/%m/%Y}"))
    return rows


def whole(text: str, value: float | None, found: UnitYear) -> str:
    """Return a sum, or how many months are known when it cannot be told."""
    if value is not None and len(found.months) == MONTHS:
        return text
    if value is not None:
        return _("%(sum)s (%(months)s tháng đã qua)") % {"sum": text, "months": len(found.months)}
    return _("chưa đủ: mới có %(known)s trên %(months)s tháng") % {
        "known": found.known_months,
        "months": len(found.months),
    }


def month_heads() -> list[str]:
    """Return the heads of the months' table."""
    return [
        _("Tháng"), _("Điện mua, kWh"), _("Tiền điện, đ"), _("Điện mặt trời, kWh"), _("Tự dùng, kWh"),
        _("Tổng điện dùng, kWh"), _("Nguồn"),
    ]  # fmt: skip


def month_cells(row: YearMonth) -> list[str]:
    """Return a month as readers see it."""
    return [
        row.month.words,
        energy_figure(row.bought_kwh),
        number(row.cost_vnd),
        energy_figure(row.solar_kwh),
        energy_figure(row.own_kwh),
        energy_figure(row.used_kwh),
        source_of(row),
    ]


def source_of(row: YearMonth) -> str:
    """Return where a month's figures come from."""
    if row.bought_kwh is None:
        return _("thiếu")
    return _("hóa đơn") if row.from_bills else _("công tơ")


def year_table(found: UnitYear) -> PageTable:
    """Return the months as a table of the page."""
    heads = month_heads()
    return PageTable(
        caption=_("Điện theo tháng, năm %(year)s") % {"year": found.year},
        columns=[Column(label=head, numeric=0 < place < len(heads) - 1) for place, head in enumerate(heads)],
        rows=[month_cells(row) for row in found.months],
    )


def year_paper(found: UnitYear, now: datetime) -> Paper:
    """Return the report as a paper."""
    blocks: list[Block] = [
        Heading(_("I. THÔNG TIN CHUNG"), 2),
        Table(
            [_("Nội dung"), _("Số liệu")],
            [[term, value] for term, value in year_facts(found) if value],
            widths_mm=(80, 85),
            aligns=(Align.LEFT, Align.RIGHT),
        ),
        Heading(_("II. ĐIỆN THEO THÁNG"), 2),
        Table(
            month_heads(),
            [month_cells(row) for row in found.months],
            widths_mm=(20, 24, 30, 24, 22, 25, 20),
            aligns=(Align.LEFT, *([Align.RIGHT] * 5), Align.LEFT),
        ),
        Heading(_("III. GIẢI PHÁP TIẾT KIỆM ĐIỆN"), 2),
        Paragraph(
            found.plan.measures if found.plan and found.plan.measures else _("Chưa ghi trong kế hoạch năm.")
        ),
        Heading(_("IV. GHI CHÚ"), 2),
        *(Paragraph(text) for text in notes(found)),
        signature(),
    ]
    return Paper(
        title=_("BÁO CÁO"),
        subtitle=_("Tình hình sử dụng năng lượng năm %(year)s") % {"year": found.year},
        blocks=blocks,
        header=header(found.unit.name, now),
        metadata=Metadata(author=found.unit.name, subject=_("Sử dụng năng lượng"), created=now),
    )


def notes(found: UnitYear) -> Sequence[str]:
    """Return what a reader must know about the figures."""
    words = [
        _(
            "Lập theo Luật Sử dụng năng lượng tiết kiệm và hiệu quả (Điều 30, 31). Tổng điện dùng gồm điện mua và điện mặt "
            "trời dùng tại chỗ. Hóa đơn không trùng tháng dương lịch được chia đều theo ngày."
        )
    ]
    if found.known_months < len(found.months):
        words.append(_("Tháng thiếu số liệu không được tính là 0, nên tổng của năm chưa nêu được."))
    if found.factor:
        words.append(
            _("Hệ số phát thải %(factor)s tCO₂/MWh, số liệu năm %(year)s, %(document)s.")
            % {
                "factor": number(found.factor.t_per_mwh, 4),
                "year": found.factor.data_year,
                "document": found.factor.document,
            }
        )
    return words
