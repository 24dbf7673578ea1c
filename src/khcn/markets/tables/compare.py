"""Comparisons as charts, tables and sentences."""

from datetime import date, timedelta

import numpy as np
from django.utils.translation import gettext as _

from khcn.engines.flow.compare import Comparison
from khcn.markets.charts import source_words
from khcn.markets.models import Market
from khcn.markets.selectors.compare import MarketPair
from khcn.markets.words import number, percent, signed, span_words, weekday
from khcn.ui.charts.model import BandPoint, Chart, line_over_band
from khcn.ui.formats import format_date
from khcn.ui.parts import Column, Table
from khcn.ui.templatetags.ui_formats import language


def period_words(market: Market, found: Comparison, first: tuple[date, date]) -> list[str]:
    """Return the difference of two periods in words."""
    second = (first[0] - timedelta(days=found.shift_days), first[1] - timedelta(days=found.shift_days))
    values = {
        "market": market.name,
        "first": span_words(*first),
        "second": span_words(*second),
        "hours": number(found.common_hours),
        "common": percent(found.common),
        "one": number(found.first_total),
        "two": number(found.second_total),
    }
    if found.difference is None:
        return [_("Hai kỳ không có giờ nào cùng đo được nên không so sánh được.")]
    values["difference"] = signed(found.difference)
    return [
        _("%(market)s: %(first)s có %(one)s lượt, %(second)s có %(two)s lượt, chênh %(difference)s.")
        % values,
        _(
            "Chỉ tính %(hours)s giờ cả hai kỳ đều đo được (%(common)s số giờ), thứ nào so với thứ ấy; vì thế tổng này có "
            "thể thấp hơn tổng cả kỳ."
        )
        % values,
    ]


def day_pairs_table(found: Comparison) -> Table:
    """Return the paired days, special ones marked."""
    rows: list[list[object]] = []
    for pair in found.days:
        one, two = pair.first_count, pair.second_count
        rows.append(
            [
                f"{weekday(pair.first.weekday())} {format_date(pair.first)}",
                number(one),
                format_date(pair.second),
                number(two),
                signed(one / two - 1) if one is not None and two else "",
                _("%(count)s giờ") % {"count": pair.hours},
                _("một bên là ngày đặc biệt") if pair.special else "",
            ]
        )
    columns = [
        Column(label=_("Ngày")),
        Column(label=_("Lượt khách"), numeric=True),
        Column(label=_("So với ngày")),
        Column(label=_("Lượt khách"), numeric=True),
        Column(label=_("Chênh"), numeric=True),
        Column(label=_("Giờ chung"), numeric=True),
        Column(label=_("Lưu ý")),
    ]
    return Table(caption=_("Từng cặp ngày"), hide_caption=True, columns=columns, rows=rows)


def profile_chart(title: str, found: Comparison, names: tuple[str, str], market: str) -> Chart | None:
    """Return the mean hour of the day of both sides; None without a common hour."""
    known = [hour for hour in range(24) if not np.isnan(found.first_hours[hour])]
    busy = [hour for hour in known if found.first_hours[hour] > 0 or found.second_hours[hour] > 0]
    if len(busy) < 2:
        return None
    points = [
        BandPoint(
            at=str(hour),
            value=_plain(found.first_hours[hour]),
            middle=_plain(found.second_hours[hour]),
        )
        for hour in range(min(busy), max(busy) + 1)
    ]
    return line_over_band(
        title=title,
        unit=_("Lượt khách vào mỗi giờ, trung bình trên các giờ chung. Nét liền: %(one)s; nét đứt: %(two)s")
        % {"one": names[0], "two": names[1]},
        source=source_words(market),
        points=points,
        value_word=names[0],
        middle_word=names[1],
        x_word=_("Giờ"),
        language=language(),
    )


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 1)


def markets_table(first: Market, pairs: list[MarketPair]) -> Table:
    """Return the other markets against the first."""
    rows: list[list[object]] = [
        [
            pair.market.name,
            number(pair.comparison.first_total),
            number(pair.comparison.second_total),
            signed(pair.comparison.difference)
            if pair.comparison.difference is not None
            else _("không so được"),
            _("%(count)s giờ (%(share)s)")
            % {"count": number(pair.comparison.common_hours), "share": percent(pair.comparison.common)},
        ]
        for pair in pairs
    ]
    columns = [
        Column(label=_("Chợ")),
        Column(label=_("Lượt khách"), numeric=True),
        Column(label=_("%(market)s cùng giờ") % {"market": first.name}, numeric=True),
        Column(label=_("Chênh"), numeric=True),
        Column(label=_("Giờ chung"), numeric=True),
    ]
    return Table(
        caption=_("So với %(market)s") % {"market": first.name}, hide_caption=True, columns=columns, rows=rows
    )
