"""What the pages of the five tables show."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.energy.enums import Band
from khcn.energy.models import EmissionFactor, Price, PriceDecision, SurplusRule, TariffHours, VatRate
from khcn.energy.rules.spans import spans_in_words
from khcn.energy.selectors.planner import certainty_state, number
from khcn.ui.parts import Column, State, Table

TABLES: Final[dict[str, Any]] = {
    "gia": PriceDecision,
    "khung-gio": TariffHours,
    "thue": VatRate,
    "phat-thai": EmissionFactor,
    "dien-du": SurplusRule,
}


def is_dated(table: str) -> bool:
    """Whether the rows of a table hold from day to day (factors hold for reporting years)."""
    return table != "phat-thai"


def removable(table: str, row: Any, on: date) -> bool:
    """Whether a row does not apply yet."""
    if is_dated(table):
        return bool(row.valid_from and row.valid_from > on)
    return bool(row.used_from_year > on.year)


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row of a table as people read it."""

    row: Any
    name: str
    what: list[str]
    when: str
    applies: bool
    certainty: State


@dataclass(frozen=True, slots=True)
class TableCard:
    """One of the five tables."""

    key: str
    title: str
    about: str
    now: RowLine | None
    count: int


def titles() -> dict[str, tuple[str, str]]:
    """Return name and purpose of each table."""
    return {
        "gia": (_("Giá điện"), _("Giá bán lẻ theo nhóm khách hàng, cấp điện áp và giờ.")),
        "khung-gio": (
            _("Khung giờ"),
            _("Giờ cao điểm, thấp điểm của khách hàng tính theo thời điểm sử dụng."),
        ),
        "thue": (_("Thuế GTGT"), _("Thuế suất trên tiền điện.")),
        "phat-thai": (_("Hệ số phát thải lưới điện"), _("Để tính CO₂ giảm được, theo năm báo cáo.")),
        "dien-du": (_("Bán điện dư"), _("Phần sản lượng được bán và giá mua.")),
    }


def what_of(row: Any) -> list[str]:
    """Return what a row says, in lines."""
    if isinstance(row, PriceDecision):
        return [_("Giá bình quân %(vnd)s đồng/kWh") % {"vnd": number(float(row.average_vnd), 4)}]
    if isinstance(row, TariffHours):
        return spans_in_words(row.spans)
    if isinstance(row, VatRate):
        return [f"{number(float(row.percent), 1)} %"]
    if isinstance(row, EmissionFactor):
        words = {"t": number(float(row.t_per_mwh), 4), "year": row.data_year}
        return [_("%(t)s tCO₂/MWh, số liệu năm %(year)s") % words]
    if isinstance(row, SurplusRule):
        lines = [_("Bán tối đa %(percent)s %% sản lượng") % {"percent": number(float(row.most_percent), 0)}]
        if row.vnd_per_kwh is not None:
            lines.append(_("Giá %(vnd)s đồng/kWh") % {"vnd": number(float(row.vnd_per_kwh), 0)})
        lines.append(_("Tài sản công được bán") if row.public_allowed else _("Tài sản công không được bán"))
        return lines
    raise TypeError(type(row))


def line_of(row: Any, on: date) -> RowLine:
    """Return a row as people read it on a day."""
    if isinstance(row, EmissionFactor):
        first, last = str(row.used_from_year), str(row.used_to_year or "")
        applies = row.used_from_year <= on.year and (row.used_to_year is None or row.used_to_year >= on.year)
        words = {"first": first, "last": last}
        when = (
            _("báo cáo năm %(first)s đến %(last)s") % words if last else _("báo cáo từ năm %(first)s") % words
        )
    else:
        words = {"first": date_vi(row.valid_from), "last": date_vi(row.valid_to)}
        applies = row.in_force(on)
        when = _("từ %(first)s đến hết %(last)s") % words if row.valid_to else _("từ %(first)s") % words
    return RowLine(row, row.document, what_of(row), when, applies, certainty_state(row.certainty))


def table_lines(key: str, on: date) -> list[RowLine]:
    """Return the rows of a table, newest first."""
    return [line_of(row, on) for row in TABLES[key].objects.all()]


def table_cards(on: date) -> list[TableCard]:
    """Return the five tables with what applies on a day."""
    cards = []
    for key, (title, about) in titles().items():
        lines = table_lines(key, on)
        cards.append(
            TableCard(key, title, about, next((line for line in lines if line.applies), None), len(lines))
        )
    return cards


def price_table(decision: PriceDecision) -> Table:
    """Return the prices of a decision."""
    columns = [
        Column(label=_("Nhóm khách hàng")), Column(label=_("Cấp điện áp")), Column(label=_("Giờ, bậc")),
        Column(label=_("Tỷ lệ"), numeric=True), Column(label=_("Đồng/kWh"), numeric=True),
        Column(label=_("Độ chắc chắn")),
    ]  # fmt: skip
    bands = {band: index for index, band in enumerate(Band.values)}
    rows = sorted(decision.prices.all(), key=lambda row: (row.group, row.voltage, bands.get(row.band, 99)))
    return Table(
        caption=_("Giá theo nhóm, chưa có thuế"),
        columns=columns,
        rows=[
            [row.get_group_display(), row.get_voltage_display() if row.voltage else "–", _band(row),
             "–" if row.ratio is None else number(float(row.ratio), 4), number(float(row.vnd_per_kwh), 0),
             certainty_state(row.certainty)]
            for row in rows
        ],
    )  # fmt: skip


def _band(row: Price) -> str:
    text = str(row.get_band_display())
    return f"{text} ({_('đến')} {number(row.up_to_kwh)} kWh)" if row.up_to_kwh else text


def copied_prices() -> list[dict[str, Any]]:
    """Return the places and ratios of the newest decision, to start the next one from."""
    last = PriceDecision.objects.order_by("-valid_from").first()
    if last is None:
        return []
    bands = {band: index for index, band in enumerate(Band.values)}
    rows = sorted(last.prices.all(), key=lambda row: (row.group, row.voltage, bands.get(row.band, 99)))
    return [
        {"group": row.group, "voltage": row.voltage, "band": row.band, "ratio": row.ratio, "up_to_kwh": row.up_to_kwh,
         "vnd_per_kwh": None if row.ratio is not None else row.vnd_per_kwh}
        for row in rows
    ]  # fmt: skip


def copied_spans() -> list[dict[str, Any]]:
    """Return the spans of the newest rule on hours, to start the next one from."""
    last = TariffHours.objects.order_by("-valid_from").first()
    spans = last.spans if last else []
    return [
        {"band": span["band"], "starts": span["from"], "ends": span["to"], "weekdays": span["weekdays"]}
        for span in spans
    ]
