"""The comparison as a table and a chart, with what makes it fair."""

from collections.abc import Sequence
from typing import Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from khcn.energy.charts import source_words
from khcn.energy.enums import BuildingKind
from khcn.energy.selectors.compare import BILLS, Compared, Comparison
from khcn.energy.words import number, signed_percent
from khcn.ui.charts.model import BarItem, Chart, bars
from khcn.ui.parts import Column, Table
from khcn.ui.templatetags.ui_formats import language

MOST_BARS: Final = 20
MEASURES: Final = ("m2", "nguoi", "kwp", "nam-truoc")


def measure_label(measure: str) -> str:
    """Return the name of a measure."""
    return {
        "m2": _("Điện dùng trên mỗi m² sàn"),
        "nguoi": _("Điện dùng trên mỗi người"),
        "kwp": _("Điện mặt trời trên mỗi kWp"),
        "nam-truoc": _("So với chính mình năm trước"),
    }[measure]


def measure_unit(measure: str) -> str:
    """Return the unit of a measure."""
    return {"m2": "kWh/m²", "nguoi": _("kWh/người"), "kwp": "kWh/kWp", "nam-truoc": "%"}[measure]


def value_of(row: Compared, measure: str) -> float | None:
    """Return a measure of a row (a change as per cent)."""
    if measure == "m2":
        return row.per_m2
    if measure == "nguoi":
        return row.per_person
    if measure == "kwp":
        return row.per_kwp
    return None if row.against_last_year is None else row.against_last_year * 100


def compare_chart(found: Comparison, measure: str) -> Chart | None:
    """Return the rows by a measure: the ranked first, then those that cannot be ranked."""
    rows = [row for row in found.rows if measure != "kwp" or row.kwp]
    ranked = sorted(
        (row for row in rows if value_of(row, measure) is not None),
        key=lambda row: value_of(row, measure) or 0.0,
        reverse=measure in ("m2", "nguoi", "kwp"),
    )
    if len(ranked) < 2:
        return None
    rest = [row for row in rows if row not in ranked]
    shown = [*ranked, *rest][:MOST_BARS]
    names: dict[str, int] = {}
    items = []
    for row in shown:
        names[row.name] = names.get(row.name, 0) + 1
        label = row.name if names[row.name] == 1 else f"{row.name} ({names[row.name]})"
        value = value_of(row, measure)
        items.append(BarItem(label=label, value=None if value is None else round(value, 1)))
    most = (
        _("%(first)s làm ra nhiều nhất: %(value)s %(unit)s")
        if measure == "kwp"
        else _("%(first)s dùng nhiều nhất: %(value)s %(unit)s")
    )
    title = most % {
        "first": ranked[0].name,
        "value": number(value_of(ranked[0], measure), 1),
        "unit": measure_unit(measure),
    }
    if measure == "nam-truoc":
        title = _("%(first)s giảm dùng điện nhiều nhất so với năm trước") % {"first": ranked[0].name}
        if (ranked[0].against_last_year or 0) >= 0:
            title = _("Chưa nơi nào giảm dùng điện so với năm trước")
    return bars(
        title=title,
        unit=f"{measure_label(measure)}, {measure_unit(measure)}, {found.first.words} - {found.last.words}",
        source=source_words(),
        items=items,
        label_word=_("Nơi"),
        value_word=measure_unit(measure),
        missing_word=_("chưa đủ số liệu"),
        language=language(),
    )


def compare_columns() -> list[Column]:
    """Return the columns of the comparison."""
    return [
        Column(label=_("Nơi")),
        Column(label=_("Điện dùng, kWh"), numeric=True),
        Column(label=_("kWh/m²"), numeric=True),
        Column(label=_("kWh/người"), numeric=True),
        Column(label=_("kWh/kWp"), numeric=True),
        Column(label=_("So với năm trước"), numeric=True),
        Column(label=_("Tính từ")),
    ]


def compare_table(found: Comparison, rows: Sequence[Compared]) -> Table:
    """Return every row with what it was reckoned from."""
    return Table(
        caption=_("%(first)s đến %(last)s") % {"first": found.first.words, "last": found.last.words},
        columns=compare_columns(),
        rows=[_row(row) for row in rows],
    )


def _row(row: Compared) -> list[object]:
    name: object = row.name
    if row.key:
        name = format_html('<a href="{}">{}</a>', reverse("energy-desk:site", args=[row.key]), row.name)
    return [
        name,
        number(row.use.kwh) if row.use.kwh is not None else _missing(row),
        _ratio(row.per_m2, row.area_m2, _("chưa ghi diện tích")),
        _ratio(row.per_person, row.people, _("chưa ghi số người")),
        _ratio(row.per_kwp, row.kwp, _("không có hệ thống")),
        signed_percent(row.against_last_year) if row.against_last_year is not None else _("chưa so được"),
        source_text(row),
    ]


def _ratio(value: float | None, base: float | None, without: str) -> str:
    if not base:
        return without
    return number(value, 1) if value is not None else _("thiếu số liệu")


def _missing(row: Compared) -> str:
    return _("đủ %(known)s/%(of)s tháng") % {"known": row.use.known, "of": row.use.of}


def source_text(row: Compared) -> str:
    """Return from what the use was reckoned."""
    if not row.use.known:
        return _("chưa có số liệu")
    source = _("hóa đơn và số đo") if row.use.source == BILLS else _("công tơ")
    if row.months_against:
        return _("%(source)s; %(months)s tháng so được với năm trước") % {
            "source": source,
            "months": row.months_against,
        }
    return source


def fair_words(found: Comparison, kind: str) -> list[str]:
    """Return what a reader must know before comparing."""
    kinds = {one for row in found.rows for one in row.kinds}
    words = []
    if not kind and len(kinds) > 1:
        words.append(
            _(
                "Bảng đang gộp %(count)s loại công trình. Trường học nghỉ hè, trạm y tế chạy đêm: chỉ nên so các nơi "
                "cùng loại."
            )
            % {"count": len(kinds)}
        )
    words += [
        _("Nơi thiếu dù một tháng cũng không được xếp hạng, vì tháng thiếu trông như tiết kiệm."),
        _("Điện dùng gồm điện mua và điện mặt trời dùng tại chỗ; không trừ ảnh hưởng của thời tiết."),
        _("So với năm trước chỉ tính các tháng có số liệu đủ ở cả hai năm."),
    ]
    return words


def kind_label(kind: str) -> str:
    """Return the name of a kind of building."""
    return str(BuildingKind(kind).label)
