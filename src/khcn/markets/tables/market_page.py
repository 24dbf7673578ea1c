"""The tables and lists of a market's page."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from khcn.markets.charts import market_charts
from khcn.markets.models import Market
from khcn.markets.selectors.market_page import TODAY, WEEK, MarketFigures
from khcn.markets.selectors.places import GateFigures, ZoneFigures
from khcn.markets.tables.alerts import alert_lines
from khcn.markets.words import (
    against_usual,
    as_of,
    completeness_state,
    error_state,
    inside_usual,
    known_line,
    number,
    percent,
    span_words,
    stay,
)
from khcn.ui.parts import Column, Tab, Table


def export_url(market: Market, what: str, kind: str) -> str:
    """Return the address of a download of the market."""
    return reverse("markets-desk:export", args=[market.key, what, kind])


def market_tabs(market: Market, current: str) -> list[Tab]:
    """Return the pages of one market."""
    pages = [
        ("market", _("Tổng hợp")),
        ("forecast", _("Dự báo")),
        ("events", _("Sự kiện")),
        ("quality", _("Chất lượng số liệu")),
        ("reports", _("Báo cáo, tải về")),
    ]
    return [
        Tab(label=label, url=reverse(f"markets-desk:{name}", args=[market.key]), current=name == current)
        for name, label in pages
    ]


def span_tabs(current: str) -> list[Tab]:
    """Return the choice of days for gates and zones."""
    return [
        Tab(label=_("7 ngày qua"), url="?ky=7-ngay#cua", current=current != TODAY),
        Tab(label=_("Hôm nay"), url="?ky=hom-nay#cua", current=current == TODAY),
    ]


def span_key(value: str | None) -> str:
    """Return a valid choice."""
    return TODAY if value == TODAY else WEEK


def gate_table(market: Market, gates: Sequence[GateFigures], caption: str) -> Table:
    """Return gates with in, out and error. The total runs over entrances only."""
    rows: list[list[object]] = []
    for item in gates:
        url = reverse("markets-desk:gate", args=[market.key, item.gate.pk])
        note = "" if item.gate.is_entrance else _(" (bên trong, không cộng vào chợ)")
        rows.append(
            [
                format_html('<a href="{}">{}</a>{}', url, item.gate.name, note),
                number(item.count_in),
                number(item.count_out),
                error_state(item.accuracy),
                _error_range(item),
            ]
        )
    entrances = [item for item in gates if item.gate.is_entrance and item.count_in is not None]
    foot: list[object] = []
    if entrances:
        foot = [
            _("Cả chợ"),
            number(sum(item.count_in or 0 for item in entrances)),
            number(sum(item.count_out or 0 for item in entrances)),
            "",
            "",
        ]
    columns = [
        Column(label=_("Cửa")),
        Column(label=_("Vào"), numeric=True),
        Column(label=_("Ra"), numeric=True),
        Column(label=_("Sai số đo được")),
        Column(label=_("Khoảng tin cậy 95 %")),
    ]
    return Table(caption=caption, columns=columns, rows=rows, foot=foot)


def _error_range(item: GateFigures) -> str:
    net = item.accuracy.net
    if net is None:
        return ""
    values = {
        "low": percent(net.low, 1),
        "high": percent(net.high, 1),
        "truth": number(item.accuracy.truth),
    }
    return _("%(low)s đến %(high)s (đếm tay %(truth)s lượt)") % values


def zone_table(market: Market, zones: Sequence[ZoneFigures], caption: str) -> Table:
    """Return zones ranked by visitors, with dwell by Little's law."""
    rows: list[list[object]] = []
    for item in zones:
        url = reverse("markets-desk:zone", args=[market.key, item.zone.pk])
        rows.append(
            [
                format_html('<a href="{}">{}</a>', url, item.zone.name),
                str(item.zone.get_kind_display()),
                number(item.entries),
                stay(item.dwell_s),
                number(item.mean, 1),
                number(item.peak),
            ]
        )
    columns = [
        Column(label=_("Khu")),
        Column(label=_("Loại")),
        Column(label=_("Lượt vào khu"), numeric=True),
        Column(label=_("Ở lại trung bình"), numeric=True),
        Column(label=_("Người có mặt, trung bình"), numeric=True),
        Column(label=_("Đông nhất"), numeric=True),
    ]
    return Table(caption=caption, columns=columns, rows=rows)


def market_context(figures: MarketFigures, span: str) -> dict[str, object]:
    """Return what the template of the market page shows beside the figures themselves."""
    market, today = figures.market, figures.today
    week = figures.completeness(7)
    shown = span_words(*figures.span)
    done, of = figures.checked
    return {
        "charts": market_charts(figures, export_url(market, "ngay", "csv")),
        "tabs": market_tabs(market, "market"),
        "span_tabs": span_tabs(span),
        "span": shown,
        "known_today": known_line(today.completeness, figures.accuracy),
        "known_week": known_line(week, figures.accuracy),
        "known_pattern": known_line(figures.completeness(56), figures.accuracy),
        "known_recent": known_line(figures.completeness(60), figures.accuracy),
        "known_year": known_line(figures.completeness(366), figures.accuracy),
        "known_span": known_line(today.completeness if figures.span[0] == figures.day else week),
        "checked": _("%(done)s trên %(of)s cửa ra vào đã được kiểm đếm trong một năm qua.")
        % {"done": done, "of": of},
        "gate_table": gate_table(
            market, figures.gates, _("Khách vào, ra theo cửa, %(span)s") % {"span": shown}
        )
        if figures.gates
        else None,
        "zone_table": zone_table(market, figures.zones, _("Các khu, %(span)s") % {"span": shown})
        if figures.zones
        else None,
        "completeness": completeness_state(week),
        "alerts": alert_lines(figures.alerts),
        "has_data": bool(figures.days or figures.today.hours),
        "words": {
            "against": against_usual(today.usual),
            "inside_usual": inside_usual(today.usual),
            "as_of": as_of(today),
        },
    }
