"""Pages of one gate and one zone."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _

from khcn.engines.vision.minutes import DWELL_EDGES_S
from khcn.markets.charts import event_marks, presence_source, source_words
from khcn.markets.models import Gate, GateReview, Zone
from khcn.markets.selectors.figures import COMPARABLE, EventSpan
from khcn.markets.selectors.places import PlaceHour
from khcn.markets.words import hour_span, number, percent, stay, weekday, weekdays
from khcn.ui.charts.maps import hours_of_week
from khcn.ui.charts.model import BandPoint, BarItem, Chart, bars, line_over_band
from khcn.ui.parts import Column, Table
from khcn.ui.templatetags.ui_formats import language


def week_map(name: str, market: str, hours: Sequence[PlaceHour], column: str, unit: str) -> Chart | None:
    """Return the mean of a column by hour of the week; None without a busy hour."""
    sums: dict[tuple[int, int], list[float]] = defaultdict(list)
    for hour in hours:
        if hour.measured >= COMPARABLE:
            sums[hour.day.weekday(), hour.hour].append(float(hour.values[column]))
    values: dict[tuple[int, int], float | None] = {place: _mean(found) for place, found in sums.items()}
    busy = [hour for (_day, hour), value in values.items() if value]
    if not busy:
        return None
    (day, top), most = max(values.items(), key=lambda item: (item[1] or 0, item[0]))
    return hours_of_week(
        title=_("%(name)s đông nhất %(span)s %(day)s: %(count)s lượt")
        % {"name": name, "span": hour_span(top), "day": weekday(day), "count": number(most)},
        unit=unit,
        source=source_words(market),
        values=values,
        hours=range(min(busy), max(busy) + 1),
        weekdays=weekdays(),
        hour_word=_("Giờ"),
        day_word=_("Thứ"),
        value_word=_("Lượt"),
        missing_word=_("không đo"),
        language=language(),
    )


def _mean(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return round(mean) if mean >= 10 else round(mean, 1)


def by_day(hours: Sequence[PlaceHour], columns: Sequence[str]) -> dict[date, dict[str, float]]:
    """Return sums by day with the measured hours under "measured"."""
    found: dict[date, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for hour in hours:
        for column in columns:
            found[hour.day][column] += hour.values[column]
        found[hour.day]["measured"] += hour.measured
    return found


def day_chart(
    *,
    title: str,
    unit: str,
    market: str,
    values: dict[date, float],
    span: tuple[date, date],
    events: Sequence[EventSpan],
) -> Chart | None:
    """Return a line by day with the events; None with fewer than two days."""
    if len(values) < 2:
        return None
    first, last = max(span[0], min(values)), span[1]
    days = [first + timedelta(days=number_) for number_ in range((last - first).days + 1)]
    if len(days) < 2:
        return None
    return line_over_band(
        title=title,
        unit=unit,
        source=source_words(market),
        points=[BandPoint(at=day, value=values.get(day)) for day in days],
        value_word=_("lượt vào"),
        x_word=_("Ngày"),
        marks=event_marks(events, first, last),
        language=language(),
    )


def gate_day_table(gate: Gate, hours: Sequence[PlaceHour]) -> Table:
    """Return a gate by day, the latest first."""
    rows: list[list[object]] = [
        [
            day,
            number(sums["count_in"]),
            number(sums["count_out"]),
            _("%(count)s giờ") % {"count": number(sums["measured"], 1)},
        ]
        for day, sums in sorted(by_day(hours, ("count_in", "count_out")).items(), reverse=True)[:31]
    ]
    columns = [
        Column(label=_("Ngày")),
        Column(label=_("Vào"), numeric=True),
        Column(label=_("Ra"), numeric=True),
        Column(label=_("Đo được"), numeric=True),
    ]
    return Table(
        caption=_("Từng ngày qua %(gate)s") % {"gate": gate.name},
        hide_caption=True,
        columns=columns,
        rows=rows,
    )


def review_table(reviews: Sequence[GateReview]) -> Table:
    """Return what people counted beside what the system counted."""
    rows: list[list[object]] = []
    for row in reviews:
        truth, system = row.true_in + row.true_out, row.system_in + row.system_out
        rows.append(
            [
                row.started_at,
                str(row.get_source_display()),
                f"{number(row.true_in)} / {number(row.true_out)}",
                f"{number(row.system_in)} / {number(row.system_out)}",
                percent((system - truth) / truth, 1) if truth else "",
                row.reviewer.get_full_name() if row.reviewer else "",
            ]
        )
    columns = [
        Column(label=_("Bắt đầu")),
        Column(label=_("Cách đếm")),
        Column(label=_("Người đếm: vào / ra"), numeric=True),
        Column(label=_("Máy đếm: vào / ra"), numeric=True),
        Column(label=_("Lệch"), numeric=True),
        Column(label=_("Người kiểm")),
    ]
    return Table(caption=_("Các lần kiểm đếm"), hide_caption=True, columns=columns, rows=rows)


def stay_chart(zone: Zone, hours: Sequence[PlaceHour]) -> Chart | None:
    """Return how long stays were; None when none has ended."""
    bins = [0] * (len(DWELL_EDGES_S) + 1)
    for hour in hours:
        for place, count in enumerate((hour.values["stays"] or [])[: len(bins)]):
            bins[place] += int(count)
    total = sum(bins)
    if not total:
        return None
    edges = [0, *DWELL_EDGES_S]
    labels = [
        _("%(low)s đến %(high)s") % {"low": stay(low), "high": stay(high)}
        if low
        else _("dưới %(high)s") % {"high": stay(high)}
        for low, high in zip(edges, DWELL_EDGES_S, strict=False)
    ] + [_("trên %(low)s") % {"low": stay(DWELL_EDGES_S[-1])}]
    short = sum(bins[: DWELL_EDGES_S.index(60) + 1]) / total
    return bars(
        title=_("%(share)s lượt ở lại không quá một phút") % {"share": percent(short)},
        unit=_("Số lượt ở lại theo độ dài; người bị che rồi hiện lại được tính thành hai lượt ngắn"),
        source=presence_source(zone.market.name),
        items=[BarItem(label=label, value=count) for label, count in zip(labels, bins, strict=True)],
        label_word=_("Ở lại"),
        value_word=_("Số lượt"),
        language=language(),
    )


def zone_day_table(hours: Sequence[PlaceHour]) -> Table:
    """Return a zone by day with its dwell by Little's law, the latest first."""
    rows: list[list[object]] = []
    for day, sums in sorted(by_day(hours, ("entries", "person_s")).items(), reverse=True)[:31]:
        dwell = sums["person_s"] / sums["entries"] if sums["entries"] else None
        mean = sums["person_s"] / (3600 * sums["measured"]) if sums["measured"] else None
        rows.append(
            [
                day,
                number(sums["entries"]),
                stay(dwell),
                number(mean, 1),
                _("%(count)s giờ") % {"count": number(sums["measured"], 1)},
            ]
        )
    columns = [
        Column(label=_("Ngày")),
        Column(label=_("Lượt vào khu"), numeric=True),
        Column(label=_("Ở lại trung bình"), numeric=True),
        Column(label=_("Người có mặt, trung bình"), numeric=True),
        Column(label=_("Đo được"), numeric=True),
    ]
    return Table(caption=_("Từng ngày"), hide_caption=True, columns=columns, rows=rows)
