"""The monthly report of a unit as a paper in the form of Decree 30. Drawing its charts is worker's work."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.months import Month
from khcn.core.papers.blocks import Align, Heading, Image, Items, Paragraph, Table
from khcn.core.papers.doctypes import abbreviation_of, symbol_of
from khcn.core.papers.parts import Block, Metadata, NationalHeader, Paper, Signature
from khcn.energy.charts import capital, day_columns
from khcn.energy.finding_words import finding_line
from khcn.energy.selectors.months import Sums
from khcn.energy.selectors.reports import UnitMonth
from khcn.energy.selectors.site_page import days_of
from khcn.energy.version_words import terms_facts
from khcn.energy.words import (
    NBSP,
    completeness_state,
    energy,
    money,
    money_words,
    month_words,
    number,
    percent,
    signed_percent,
    tonnes,
)
from khcn.orgs.selectors import site_identity
from khcn.ui.charts.model import Chart
from khcn.ui.charts.store import chart_png

MOST_ROWS = 40


def change(now: Sums, then: Sums) -> float | None:
    """Return the change of the production, when both months are well known."""
    made, before = now["production_kwh"], then["production_kwh"]
    if not now.enough or not then.enough or made is None or not before:
        return None
    return made / before - 1


def summary_sentences(found: UnitMonth) -> list[str]:
    """Return what the month was, in sentences that stand alone (also for Zalo)."""
    month = month_words(found.month)
    if not found.total.known:
        return [
            _("%(unit)s, %(month)s: chưa có số liệu năng lượng nào.")
            % {"unit": found.unit.name, "month": month}
        ]
    sums = found.total
    sentences = []
    if sums["production_kwh"] is not None:
        sentences.append(
            _("%(unit)s, %(month)s: mái nhà làm ra %(kwh)s điện mặt trời, đỡ phải trả %(vnd)s, tránh được %(co2)s.")
            % {
                "unit": found.unit.name, "month": month, "kwh": energy(sums["production_kwh"]),
                "vnd": money_words(sums["savings_vnd"]), "co2": tonnes(sums["co2_kg"]),
            }
        )  # fmt: skip
    if sums["load_kwh"] is not None:
        text = _("Đơn vị dùng %(kwh)s") % {"kwh": energy(sums["load_kwh"])}
        if sums.self_sufficiency is not None:
            text += ", " + _("trong đó %(share)s từ mái nhà") % {"share": percent(sums.self_sufficiency)}
        sentences.append(text + ".")
    for label, then in (
        (_("So với tháng trước"), found.before),
        (_("So với cùng tháng năm trước"), found.year_ago),
    ):
        value = change(sums, then)
        if value is not None:
            sentences.append(
                _("%(label)s, điện mặt trời %(change)s.") % {"label": label, "change": signed_percent(value)}
            )
    sentences.append(fault_sentence(found))
    sentences.append(known_sentence(found))
    return sentences


def fault_sentence(found: UnitMonth) -> str:
    """Return how many faults there were and what they cost."""
    if not found.findings:
        return _("Trong tháng không có sự cố nào.")
    text = _("Trong tháng có %(count)s sự cố") % {"count": len(found.findings)}
    if found.lost_kwh:
        text += ", " + _("ước mất %(kwh)s") % {"kwh": energy(found.lost_kwh)}
        if found.lost_vnd:
            text += f" ({money_words(found.lost_vnd)})"
    return text + "."


def known_sentence(found: UnitMonth) -> str:
    """Return how well the month is known, and who is missing."""
    text = _("Số liệu có %(share)s của tháng") % {"share": completeness_state(found.total.completeness).label}
    if found.missing:
        names = ", ".join(site.name for site in found.missing)
        text += "; " + _("không có số liệu: %(names)s (không tính là 0)") % {"names": names}
    return text + "."


def report_paper(found: UnitMonth, now: datetime) -> Paper:
    """Return the report, charts drawn (worker only)."""
    blocks: list[Block] = [Heading(_("I. KẾT QUẢ CHUNG"), 2)]
    blocks += [Paragraph(sentence) for sentence in summary_sentences(found)]
    blocks += _images(found)
    blocks.append(Heading(_("II. THEO CÔNG TRÌNH"), 2))
    blocks += _sites(found)
    blocks.append(Heading(_("III. SỰ CỐ VÀ ĐIỆN MẤT"), 2))
    blocks += _faults(found)
    blocks.append(Heading(_("IV. TIỀN ĐIỆN"), 2))
    blocks += _money(found)
    blocks.append(Heading(_("V. KHÍ THẢI"), 2))
    blocks.append(Paragraph(carbon_sentence(found)))
    blocks.append(Heading(_("VI. CÁCH TÍNH VÀ ĐỘ TIN CẬY"), 2))
    blocks += [Paragraph(sentence) for sentence in _method(found)]
    blocks.append(signature())
    return Paper(
        title=_("BÁO CÁO"),
        subtitle=_("Tình hình sử dụng điện và điện mặt trời %(month)s") % {"month": month_words(found.month)},
        blocks=blocks,
        header=header(found.unit.name, now),
        metadata=Metadata(author=found.unit.name, subject=_("Điện mặt trời, tiết kiệm điện"), created=now),
    )


def header(unit: str, now: datetime) -> NationalHeader:
    """Return the head of a report of a unit."""
    site = site_identity()
    return NationalHeader(
        agency=unit.upper(),
        place=site.terms.get("place", "") or site.site_name,
        day=timezone.localtime(now).date(),
        symbol=symbol_of("BC", abbreviation_of(unit)),
    )


def signature() -> Signature:
    """Return the end of a report of a unit."""
    owner = site_identity().owner
    recipients = [*([owner] if owner else []), _("Lưu: VT")]
    return Signature(position=_("THỦ TRƯỞNG ĐƠN VỊ"), recipients=recipients)


def _images(found: UnitMonth) -> list[Block]:
    chart = days_chart(found)
    if chart is None:
        return []
    return [Image(chart_png(chart), alt=chart.title, caption=f"{chart.title} ({chart.unit}).")]


def days_chart(found: UnitMonth) -> Chart | None:
    """Return the days of the month over all sites of the unit; a day of which a site is missing has no column."""
    first, last = found.month.first, found.month.last
    roofs = {system.site_id for system in found.systems}
    of_sites = [days_of(site, first, last) for site, _sums in found.sites if site.pk in roofs]
    if not of_sites:
        return None
    days = {}
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        made = [mine[day]["production_kwh"] if day in mine else None for mine in of_sites]
        days[day] = (None if None in made else sum(one for one in made if one is not None), None)
    return day_columns(
        _("Điện mặt trời mỗi ngày"),
        days,
        (first, last),
        unit=_("kWh; phần gạch chéo là ngày thiếu số liệu"),
        name=found.unit.name,
        today=last + timedelta(days=1),
    )


def _sites(found: UnitMonth) -> list[Block]:
    if not found.sites:
        return [Paragraph(_("Đơn vị chưa có công trình nào trong chương trình."))]
    rows = [
        [
            site.name,
            energy(sums["production_kwh"]),
            energy(sums["load_kwh"]),
            percent(sums.self_consumption),
            money(sums["savings_vnd"]),
            completeness_state(sums.completeness).label,
        ]
        for site, sums in found.sites[:MOST_ROWS]
    ]
    table = Table(
        [_("Công trình"), _("Điện mặt trời"), _("Điện dùng"), _("Tự dùng"), _("Đỡ phải trả"), _("Số liệu có")],
        rows,
        widths_mm=(45, 26, 26, 18, 30, 20),
        aligns=(Align.LEFT, *([Align.RIGHT] * 5)),
    )  # fmt: skip
    return [table, *([_systems(found)] if found.systems else [])]


def _systems(found: UnitMonth) -> Block:
    return Items(
        [
            f"{system.site.name}: {system.name}, {number(system.kwp, 1)}{NBSP}kWp, {system.get_grid_display()}"
            for system in found.systems[:MOST_ROWS]
        ]
    )


def _faults(found: UnitMonth) -> list[Block]:
    if not found.findings:
        return [Paragraph(_("Không có sự cố nào."))]
    now = datetime.combine(
        found.month.after.first, datetime.min.time(), tzinfo=timezone.get_current_timezone()
    )
    lines: Sequence[str] = [
        f"{row.site.name}: {line.title}, {line.since}; {line.loss} ({line.state.label.lower()}). {line.words}"
        for row in found.findings[:MOST_ROWS]
        for line in [finding_line(row, now)]
    ]
    return [Items(lines)]


def _money(found: UnitMonth) -> list[Block]:
    sums = found.total
    blocks: list[Block] = [
        Paragraph(_("Điện mặt trời giúp đỡ phải trả %(vnd)s.") % {"vnd": money(sums["savings_vnd"])})
    ]
    if found.bills:
        rows = [
            [
                bill.contract.site.name,
                f"{bill.starts_on:%d/%m/%Y} - {bill.ends_on:%d/%m/%Y}",
                energy(float(bill.kwh_normal + bill.kwh_peak + bill.kwh_off)),
                money(bill.total),
            ]
            for bill in found.bills[:MOST_ROWS]
        ]
        blocks.append(
            Table(
                [_("Công trình"), _("Kỳ hóa đơn"), _("Điện mua"), _("Tổng cộng")],
                rows,
                widths_mm=(55, 50, 28, 32),
                aligns=(Align.LEFT, Align.LEFT, Align.RIGHT, Align.RIGHT),
                caption=_("Hóa đơn tiền điện kết thúc trong tháng"),
            )
        )
    names = [f"{label}: {text}" for label, text in terms_facts(found.versions)]
    if names:
        blocks.append(Paragraph(_("Căn cứ: %(names)s.") % {"names": "; ".join(names)}))
    return blocks


def carbon_sentence(found: UnitMonth) -> str:
    """Return the CO2 with the document and the year of its factor."""
    text = _("Tránh được %(co2)s") % {"co2": tonnes(found.total["co2_kg"])}
    if found.factor is None:
        return text + "; " + _("chưa có hệ số phát thải cho năm này") + "."
    return _("%(text)s, theo hệ số %(factor)s tCO₂/MWh (số liệu năm %(year)s, %(document)s).") % {
        "text": text,
        "factor": number(found.factor.t_per_mwh, 4),
        "year": found.factor.data_year,
        "document": found.factor.document,
    }


def _method(found: UnitMonth) -> list[str]:
    return [
        capital(known_sentence(found)),
        _(
            "Số liệu lấy từ công tơ và biến tần theo từng 15 phút. Khoảng không đo được không tính là 0. Tiền tính theo giá "
            "có hiệu lực của từng ngày. Phần điện mất do sự cố là ước tính."
        ),
    ]


def month_title(month: Month) -> str:
    """Return the title of a month in lists."""
    return capital(month_words(month))
