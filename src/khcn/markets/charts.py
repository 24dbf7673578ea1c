"""Charts of markets as data. One place builds them, so that the worker can draw them before somebody asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from khcn.markets.enums import EventKind
from khcn.markets.selectors.figures import Day, EventSpan
from khcn.markets.selectors.market_page import KEPT_MARKETS, RECENT, MarketFigures
from khcn.markets.selectors.places import GateFigures
from khcn.markets.words import (
    against_usual,
    hour_span,
    number,
    span_words,
    weekday,
    weekdays,
)
from khcn.ui.charts.maps import calendar_map, hours_of_week
from khcn.ui.charts.model import BandPoint, BarItem, Chart, Mark, bars, line_over_band
from khcn.ui.formats import format_date
from khcn.ui.templatetags.ui_formats import language


def source_words(name: str) -> str:
    """Return whom the figures come from."""
    return _("máy đếm ở các cửa của %(market)s") % {"market": name}


def presence_source(name: str) -> str:
    """Return whom figures of presence come from."""
    return _("các camera của %(market)s") % {"market": name}


def today_chart(figures: MarketFigures) -> Chart | None:
    """Return today over the usual band, open hours only; None before anything can be drawn."""
    usual = figures.today.usual
    shown = [item for item in usual.hours if item.count is not None or item.band is not None]
    active = [item for item in shown if (item.count or 0) > 0 or (item.band and item.band.high > 0)]
    if len(active) < 2:
        return None
    first, last = active[0].hour, active[-1].hour
    if not any(item.count is not None for item in usual.hours):
        title = _("Hôm nay chưa có giờ nào đo xong; dải màu là mức thường lệ")
    else:
        title = _("Hôm nay %(words)s") % {"words": against_usual(usual)}
    points = [
        BandPoint(
            at=datetime.combine(usual.day, time(item.hour)),
            value=item.count,
            low=item.band.low if item.band else None,
            high=item.band.high if item.band else None,
        )
        for item in usual.hours[first : last + 1]
    ]
    return line_over_band(
        title=title,
        unit=_("Lượt khách vào mỗi giờ, %(day)s. Dải màu: 8 trong 10 ngày cùng thứ trước đây nằm trong đó")
        % {"day": f"{weekday(usual.day.weekday())} {format_date(usual.day)}"},
        source=source_words(figures.market.name),
        points=points,
        value_word=_("hôm nay"),
        band_word=_("thường lệ"),
        x_word=_("Giờ"),
        open_end=True,
        language=language(),
    )


def week_chart(figures: MarketFigures) -> Chart | None:
    """Return the hours of the week; None without a measured hour."""
    values: dict[tuple[int, int], float | None] = {
        place: round(mean) for place, mean in figures.past.pattern.items()
    }
    busy = [hour for (_day, hour), value in values.items() if value]
    if not busy:
        return None
    (day, hour), most = max(values.items(), key=lambda item: (item[1] or 0, item[0]))
    title = _("Đông nhất %(span)s %(day)s: trung bình %(count)s lượt") % {
        "span": hour_span(hour),
        "day": weekday(day),
        "count": number(most),
    }
    return hours_of_week(
        title=title,
        unit=_("Lượt khách vào mỗi giờ, trung bình 8 tuần qua"),
        source=source_words(figures.market.name),
        values=values,
        hours=range(min(busy), max(busy) + 1),
        weekdays=weekdays(),
        hour_word=_("Giờ"),
        day_word=_("Thứ"),
        value_word=_("Lượt vào"),
        missing_word=_("không đo"),
        language=language(),
    )


def year_chart(figures: MarketFigures, csv_url: str = "") -> Chart | None:
    """Return every day of the last year; None without a well measured day."""
    known = {
        day: float(row.count_in) for day, row in figures.days.items() if row.comparable and day < figures.day
    }
    if not known:
        return None
    most = max(known, key=lambda day: known[day])
    first = max(min(figures.days), figures.day - timedelta(days=366))
    return calendar_map(
        title=_("Ngày đông nhất trong năm qua là %(day)s: %(count)s lượt")
        % {"day": format_date(most), "count": number(known[most])},
        unit=_("Lượt khách vào mỗi ngày, %(span)s")
        % {"span": span_words(first, figures.day - timedelta(days=1))},
        source=source_words(figures.market.name),
        values=dict(known),
        first=first,
        last=figures.day - timedelta(days=1),
        weekdays=weekdays(),
        week_word=_("Tuần từ ngày"),
        day_word=_("Thứ"),
        value_word=_("Lượt vào"),
        missing_word=_("không đo hoặc đo chưa đủ"),
        csv_url=csv_url,
        language=language(),
    )


def recent_chart(figures: MarketFigures, csv_url: str = "") -> Chart | None:
    """Return the last sixty days with the events in them; None with fewer than two well measured days."""
    first, last = figures.day - RECENT, figures.day - timedelta(days=1)
    if figures.days:
        first = max(first, min(figures.days))
    values = _by_day(figures.days, first, last)
    known = [value for _day, value in values if value is not None]
    if len(known) < 2:
        return None
    mean = sum(known) / len(known)
    return line_over_band(
        title=_("Hai tháng qua trung bình %(count)s lượt mỗi ngày") % {"count": number(mean)},
        unit=_("Lượt khách vào mỗi ngày, %(span)s") % {"span": span_words(first, last)},
        source=source_words(figures.market.name),
        points=[BandPoint(at=day, value=value) for day, value in values],
        value_word=_("lượt vào"),
        x_word=_("Ngày"),
        marks=event_marks(figures.events, first, last),
        csv_url=csv_url,
        language=language(),
    )


def _by_day(days: dict[date, Day], first: date, last: date) -> list[tuple[date, float | None]]:
    found: list[tuple[date, float | None]] = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        row = days.get(day)
        found.append((day, float(row.count_in) if row and row.comparable else None))
    return found


def event_marks(events: Sequence[EventSpan], first: date, last: date, most: int = 4) -> list[Mark]:
    """Return the first days of the latest events in a span; no more than can be read."""
    inside = [event for event in events if first <= event.first <= last and event.kind != EventKind.LUNAR]
    return [Mark(at=event.first, label=event.title[:28]) for event in inside[-most:]]


def gate_chart(name: str, gates: Sequence[GateFigures], span: tuple[date, date]) -> Chart | None:
    """Return visitors by gate, at most fifteen; None without gates."""
    shown = list(gates)[:15]
    if not shown:
        return None
    known = [item for item in shown if item.count_in is not None]
    total = sum(item.count_in or 0 for item in gates if item.gate.is_entrance)
    title = _("Khách vào theo cửa")
    if known and total and known[0].gate.is_entrance:
        share = (known[0].count_in or 0) / total
        title = _("%(gate)s đón %(share)s %% khách vào") % {
            "gate": known[0].gate.name,
            "share": number(100 * share),
        }
    names: dict[str, int] = {}
    items = []
    for item in shown:
        label = (
            item.gate.name if item.gate.is_entrance else _("%(gate)s (bên trong)") % {"gate": item.gate.name}
        )
        names[label] = names.get(label, 0) + 1
        label = label if names[label] == 1 else f"{label} ({names[label]})"
        items.append(BarItem(label=label, value=item.count_in))
    return bars(
        title=title,
        unit=_("Lượt vào, %(span)s") % {"span": span_words(*span)},
        source=source_words(name),
        items=items,
        label_word=_("Cửa"),
        value_word=_("Lượt vào"),
        missing_word=_("không đo"),
        language=language(),
    )


@dataclass(frozen=True)
class MarketCharts:
    """The charts of the page; None where there is nothing to draw yet."""

    today: Chart | None
    week: Chart | None
    year: Chart | None
    recent: Chart | None
    gates: Chart | None

    def all(self) -> list[Chart]:
        """Return those that exist."""
        return [chart for chart in (self.today, self.week, self.year, self.recent, self.gates) if chart]


_Past = tuple[Chart | None, Chart | None, Chart | None]
_kept: dict[int, tuple[tuple[object, ...], _Past]] = {}


def market_charts(figures: MarketFigures, csv_url: str = "") -> MarketCharts:
    """Return the charts of a market's page; ``csv_url``: where the days can be had."""
    week, year, recent = _past_charts(figures, csv_url)
    return MarketCharts(
        today=today_chart(figures),
        week=week,
        year=year,
        recent=recent,
        gates=gate_chart(figures.market.name, figures.gates, figures.span),
    )


def _past_charts(figures: MarketFigures, csv_url: str) -> _Past:
    """The charts of whole past days, kept by the process as long as those days, their events and names stay."""
    pk = figures.market.pk
    stamp = (figures.past.stamp, figures.market.name, figures.events, csv_url, language())
    kept = _kept.get(pk)
    if kept is None or kept[0] != stamp:
        while len(_kept) >= KEPT_MARKETS:
            _kept.pop(next(iter(_kept)), None)
        made = (week_chart(figures), year_chart(figures, csv_url), recent_chart(figures, csv_url))
        kept = _kept[pk] = (stamp, made)
    return kept[1]
