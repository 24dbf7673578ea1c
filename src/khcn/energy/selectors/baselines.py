"""What a site would have used, and what it saved: bills before and after, as the engine takes them, and in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.energy.enums import BuildingKind
from khcn.energy.models import Baseline, Bill, Site
from khcn.energy.selectors.bill_months import Span, months_of, next_month, spans_of
from khcn.energy.selectors.planner import number
from khcn.energy.setup_errors import engine_sentence
from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.baseline import (
    BillMonth,
    Climate,
    baseline_from,
    same_month_savings,
    savings_against,
)
from khcn.engines.energy.pv.builtin import month_hour
from khcn.ui.charts.model import BandPoint, Chart, line_over_band
from khcn.ui.parts import Column, Table
from khcn.ui.templatetags.ui_formats import language

# share of days on which a school is closed beside weekends: summer, Tet (assumed)
SCHOOL_CLOSED: Final = {2: 0.3, 6: 0.8, 7: 1.0, 8: 0.5}
SCHOOLS: Final = frozenset({BuildingKind.KINDERGARTEN, BuildingKind.SCHOOL, BuildingKind.COLLEGE})


@dataclass(frozen=True, slots=True)
class SavingsPage:
    """``baseline``: the newest, or ``None``; figures in words; ``notes``: what to keep in mind."""

    baseline: Baseline | None
    bills_before: int
    message: str
    about: list[tuple[str, str]]
    notes: list[str]
    table: Table | None
    chart: Chart | None


def bill_months(site: Site, *, before: date | None = None, since: date | None = None) -> list[BillMonth]:
    """Return the bills of a site as the engine takes them; several contracts are added up by month."""
    bills = list(Bill.objects.filter(contract__site=site).order_by("starts_on"))
    spans = spans_of(bills)
    if len({bill.contract_id for bill in bills}) > 1:
        spans = [
            Span(month.first, next_month(month.first) - timedelta(days=1), month.whole_kwh)
            for month in months_of(spans).values()
            if month.whole_kwh is not None
        ]
    rows = [BillMonth(span.starts_on, span.ends_on, span.kwh) for span in spans]
    return [
        row for row in rows if (before is None or row.end < before) and (since is None or row.start >= since)
    ]


def climate_of(site: Site, years: range) -> Climate:
    """Return usual temperatures by month (the same every year: they adjust for the season) and closed days."""
    table = month_hour()
    warm = [float(np.mean(table[month, table[month, :, 0] > 0, 3])) for month in range(12)]
    closed = SCHOOL_CLOSED if site.kind in SCHOOLS else {}
    return Climate(
        temperature={(year, month + 1): warm[month] for year in years for month in range(12)},
        closed={(year, month): share for year in years for month, share in closed.items()},
    )


def years_of(rows: list[BillMonth]) -> range:
    """Return the years that the bills touch."""
    return range(
        min((row.start.year for row in rows), default=2020),
        max((row.end.year for row in rows), default=2020) + 1,
    )


def savings_page(site: Site, today: date) -> SavingsPage:
    """Return what a site saved against its newest baseline; without one, against the year before."""
    baseline = Baseline.objects.filter(site=site, used_from__lte=today).first()
    if baseline is None:
        return _simple(site)
    after, before = bill_months(site, since=baseline.used_from), bill_months(site, before=baseline.used_from)
    model = baseline_from(baseline.model)
    try:
        found = savings_against(model, after, climate_of(site, years_of([*before, *after])))
    except SpecError as error:
        text = engine_sentence(error.code, error.params)
        return SavingsPage(baseline, len(before), text, _about(baseline), [], None, None)
    if not after:
        text = _("Chưa có hóa đơn nào từ ngày %(day)s nên chưa so được.") % {
            "day": date_vi(baseline.used_from)
        }
        return SavingsPage(baseline, len(before), text, _about(baseline), _notes(model.notes), None, None)
    bound = found.uncertainty.get(0.9)
    words = {
        "saved": number(abs(found.saved)), "percent": number(abs(found.share or 0) * 100, 1),
        "bound": number(bound) if bound is not None else "?", "day": date_vi(baseline.used_from),
    }  # fmt: skip
    if found.saved >= 0:
        text = (
            _("Từ %(day)s mua ít hơn mức cơ sở %(saved)s kWh (%(percent)s %%), cộng trừ %(bound)s kWh.")
            % words
        )
    else:
        text = (
            _("Từ %(day)s mua nhiều hơn mức cơ sở %(saved)s kWh (%(percent)s %%), cộng trừ %(bound)s kWh.")
            % words
        )
    notes = _notes(found.notes)
    if found.significant is False:
        notes.insert(0, _("Chênh lệch còn nhỏ hơn sai số, chưa thể nói chắc là tiết kiệm."))
    return SavingsPage(
        baseline, len(before), text, _about(baseline), notes, _table(found.months), _chart(found.months)
    )


def _simple(site: Site) -> SavingsPage:
    rows = bill_months(site)
    if len(rows) < 2:
        text = _("Chưa đủ hóa đơn. Hãy nhập ít nhất 9 tháng trước khi thay đổi và vài tháng sau.")
        return SavingsPage(None, len(rows), text, [], [], None, None)
    newest = max(row.end for row in rows)
    leap = (newest.month, newest.day) == (2, 29)
    year_before = newest.replace(year=newest.year - 1, day=28 if leap else newest.day)
    after = [row for row in rows if row.start > year_before]
    try:
        found = same_month_savings([row for row in rows if row.end <= year_before], after)
    except SpecError as error:
        return SavingsPage(None, len(rows), engine_sentence(error.code, error.params), [], [], None, None)
    if not any(month.expected is not None for month in found.months):
        text = _("Chưa có mức cơ sở và chưa đủ hai năm hóa đơn để so cùng kỳ.")
        return SavingsPage(None, len(rows), text, [], [], None, None)
    words = {"saved": number(abs(found.saved)), "percent": number(abs(found.share or 0) * 100, 1)}
    if found.saved >= 0:
        text = _("12 tháng gần nhất mua ít hơn cùng kỳ năm trước %(saved)s kWh (%(percent)s %%).") % words
    else:
        text = _("12 tháng gần nhất mua nhiều hơn cùng kỳ năm trước %(saved)s kWh (%(percent)s %%).") % words
    return SavingsPage(
        None, len(rows), text, [], _notes(found.notes), _table(found.months), _chart(found.months)
    )


def _notes(notes: Any) -> list[str]:
    return [engine_sentence(note.code, note.params) for note in notes]


def _about(baseline: Baseline) -> list[tuple[str, str]]:
    model: Mapping[str, Any] = baseline.model
    terms = {
        "temperature": _("nhiệt độ"), "cooling": _("độ nóng trên %(base)s °C") % {"base": number(model.get("base_c"), 0)},
        "closed": _("ngày nghỉ hè, Tết"),
    }  # fmt: skip
    names = [str(terms.get(term, term)) for term in model.get("terms") or ()]
    first, last = (date.fromisoformat(str(model[name])) for name in ("first", "last"))
    words = {"n": model.get("bills"), "first": date_vi(first), "last": date_vi(last)}
    return [
        (_("Lập từ"), _("%(n)s hóa đơn, %(first)s – %(last)s") % words),
        (_("Điều chỉnh theo"), ", ".join([_("số ngày"), *names])),
        (
            _("Sai số mỗi tháng"),
            _("khoảng %(percent)s %%") % {"percent": number(float(model.get("cvrmse") or 0) * 100, 0)},
        ),
        (_("Dùng từ ngày"), date_vi(baseline.used_from)),
    ]


def _table(months: Any) -> Table:
    columns = [
        Column(label=_("Kỳ")), Column(label=_("Mức cơ sở (kWh)"), numeric=True), Column(label=_("Đã mua (kWh)"), numeric=True),
        Column(label=_("Tiết kiệm (kWh)"), numeric=True),
    ]  # fmt: skip
    rows: list[list[object]] = [
        [
            f"{date_vi(one.bill.start)} – {date_vi(one.bill.end)}",
            "–" if one.expected is None else number(one.expected),
            number(one.bill.kwh),
            "–" if one.expected is None else number(one.expected - one.bill.kwh),
        ]
        for one in reversed(months)
    ]
    return Table(caption=_("Từng kỳ hóa đơn"), columns=columns, rows=rows)


def _chart(months: Any) -> Chart | None:
    if len(months) < 2:
        return None
    points = [BandPoint(at=one.bill.start, value=one.bill.kwh, middle=one.expected) for one in months]
    return line_over_band(
        title=_("Điện mua so với mức cơ sở"),
        unit=_("kWh mỗi kỳ hóa đơn; nét đứt là mức cơ sở"),
        source=_("hóa đơn tiền điện"),
        points=points,
        value_word=_("đã mua"),
        middle_word=_("mức cơ sở"),
        x_word=_("Kỳ bắt đầu"),
        language=language(),
    )
