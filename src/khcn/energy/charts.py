"""Charts of energy as data. One place builds them, so that the worker can draw them before somebody asks."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _

from khcn.core.months import Month
from khcn.energy.selectors.months import Sums
from khcn.energy.selectors.public import PublicMonth
from khcn.energy.words import energy, month_words
from khcn.orgs.selectors import site_identity
from khcn.ui.charts.columns import Bar, columns
from khcn.ui.charts.model import BandPoint, Chart, line_over_band
from khcn.ui.templatetags.ui_formats import language


def source_words(name: str = "") -> str:
    """Return whom the figures come from."""
    return (
        _("số đo tại %(name)s") % {"name": name}
        if name
        else _("số đo tại các công trình, %(owner)s")
        % {"owner": site_identity().owner or site_identity().site_name}
    )


def programme_months(
    by_month: Sequence[tuple[Month, Sums, int]], today: date, csv_url: str = ""
) -> Chart | None:
    """Return the programme's production by month; None while no month has figures."""
    known = [(month, sums) for month, sums, _sites in by_month if sums["production_kwh"] is not None]
    if not known:
        return None
    whole = [(month, sums) for month, sums in known if month != Month.of(today)]
    best = max(whole or known, key=lambda item: item[1]["production_kwh"] or 0)
    return columns(
        title=_("%(month)s làm ra nhiều điện mặt trời nhất: %(kwh)s")
        % {"month": capital(month_words(best[0])), "kwh": energy(best[1]["production_kwh"])},
        unit=_("Điện mặt trời mỗi tháng, kWh, cộng các công trình có số liệu; tháng cuối chưa hết"),
        source=source_words(),
        bars=[
            Bar(
                label=month.words,
                value=rounded(sums["production_kwh"]),
                light=month == Month.of(today),
            )
            for month, sums, _sites in by_month
        ],
        label_word=_("Tháng"),
        value_word=_("kWh"),
        missing_word=_("không có số liệu"),
        csv_url=csv_url,
        language=language(),
    )


def month_columns(
    title: str, name: str, months: Sequence[tuple[Month, float | None, float | None]], today: date,
    csv_url: str = "",
) -> Chart | None:  # fmt: skip
    """Return months as columns: (month, kWh, expected kWh)."""
    if not any(value is not None for _month, value, _expected in months):
        return None
    return columns(
        title=title,
        unit=_("kWh mỗi tháng; vạch ngang là mức dự kiến theo mô hình")
        if any(expected is not None for _month, _value, expected in months)
        else _("kWh mỗi tháng"),
        source=source_words(name),
        bars=[
            Bar(
                label=month.words,
                value=rounded(value),
                target=rounded(expected),
                light=month == Month.of(today),
            )
            for month, value, expected in months
        ],
        label_word=_("Tháng"),
        value_word=_("kWh"),
        target_word=_("Dự kiến, kWh"),
        missing_word=_("không có số liệu"),
        csv_url=csv_url,
        language=language(),
    )


def day_columns(
    title: str,
    days: Mapping[date, tuple[float | None, float | None]],
    span: tuple[date, date],
    *,
    unit: str,
    name: str,
    today: date,
    csv_url: str = "",
) -> Chart | None:
    """Return the days of a month as columns: (kWh, expected kWh) by day; a day without figures is hatched."""
    first, last = span
    every = [first + timedelta(days=number) for number in range((min(last, today) - first).days + 1)]
    if not any(days.get(day, (None, None))[0] is not None for day in every):
        return None
    return columns(
        title=title,
        unit=unit,
        source=source_words(name),
        bars=[
            Bar(
                label=f"{day.day:02d}/{day.month:02d}",
                value=rounded(days.get(day, (None, None))[0], 1),
                target=rounded(days.get(day, (None, None))[1], 1),
                light=day == today,
            )
            for day in every
        ],
        label_word=_("Ngày"),
        value_word=_("kWh"),
        target_word=_("Dự kiến, kWh"),
        missing_word=_("không có số liệu"),
        csv_url=csv_url,
        language=language(),
    )


def year_chart(
    name: str, year: int, months: Sequence[tuple[Month, Sums]], today: date, csv_url: str = ""
) -> Chart | None:
    """Return the months of a year of one site, with what the model expected."""
    made = [sums["production_kwh"] for _month, sums in months if sums["production_kwh"] is not None]
    return month_columns(
        _("Năm %(year)s làm ra %(kwh)s điện mặt trời")
        % {"year": year, "kwh": energy(sum(made) if made else None)},
        name,
        [(month, sums["production_kwh"], sums["expected_kwh"]) for month, sums in months],
        today,
        csv_url,
    )


def month_chart(
    name: str, month: Month, days: Mapping[date, Sums], today: date, csv_url: str = ""
) -> Chart | None:
    """Return the days of a month of one site, with what the model expected."""
    made = [sums["production_kwh"] for sums in days.values() if sums["production_kwh"] is not None]
    known = any(sums["expected_kwh"] is not None for sums in days.values())
    return day_columns(
        _("%(month)s làm ra %(kwh)s điện mặt trời")
        % {"month": capital(month_words(month)), "kwh": energy(sum(made) if made else None)},
        {day: (sums["production_kwh"], sums["expected_kwh"]) for day, sums in days.items()},
        (month.first, month.last),
        unit=_("kWh mỗi ngày; vạch ngang là mức dự kiến theo mô hình") if known else _("kWh mỗi ngày"),
        name=name,
        today=today,
        csv_url=csv_url,
    )


def public_months(name: str, months: Sequence[PublicMonth], csv_url: str = "") -> Chart | None:
    """Return the months as columns, the oldest first."""
    known = [one for one in months if one.kwh is not None]
    if not known:
        return None
    best = max(known, key=lambda one: one.kwh or 0)
    return columns(
        title=_("%(month)s làm ra nhiều điện nhất: %(kwh)s")
        % {"month": capital(month_words(best.month)), "kwh": energy(best.kwh)},
        unit=_("Điện mặt trời mỗi tháng, kWh"),
        source=source_words(name),
        bars=[Bar(label=one.month.words, value=rounded(one.kwh)) for one in months],
        label_word=_("Tháng"),
        value_word=_("kWh"),
        missing_word=_("không có số liệu"),
        csv_url=csv_url,
        language=language(),
    )


def gauge_days(
    title: str, unit: str, name: str, days: Mapping[date, float | None], span: tuple[date, date]
) -> Chart | None:
    """Return the daily means of a gauge as a line."""
    first, last = span
    points = [
        BandPoint(at=day, value=rounded(days.get(day), 3))
        for number in range((last - first).days + 1)
        if (day := first + timedelta(days=number))
    ]
    if len(points) < 2 or not any(point.value is not None for point in points):
        return None
    return line_over_band(
        title=title,
        unit=unit,
        source=source_words(name),
        points=points,
        value_word=_("trung bình ngày"),
        x_word=_("Ngày"),
        language=language(),
    )


def rounded(value: float | None, places: int = 0) -> float | None:
    """Return a figure as charts keep it: the picture of the same figures is drawn once."""
    return None if value is None else round(float(value), places)


def capital(text: str) -> str:
    """Return a sentence with its first letter large."""
    return text[:1].upper() + text[1:]
