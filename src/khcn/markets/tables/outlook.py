"""Forecast and effects of events as charts, tables and plain words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.markets.charts import event_marks, source_words
from khcn.markets.models import Market
from khcn.markets.selectors.figures import Day, EventSpan
from khcn.markets.words import number, percent, signed, weekday
from khcn.ui.charts.model import BandPoint, Chart, line_over_band
from khcn.ui.formats import format_date
from khcn.ui.parts import Column, Table
from khcn.ui.templatetags.ui_formats import language

PAST_DAYS: Final = 14
AROUND: Final = timedelta(days=28)


def forecast_days(found: Mapping[str, Any]) -> list[tuple[date, float, float, float]]:
    """Return (day, visitors, low, high). Sums of hourly bounds: at least 8 of 10 days lie between them."""
    start = datetime.fromisoformat(found["start"])
    days: dict[date, list[float]] = {}
    for place, value in enumerate(found["value"]):
        day = (start + timedelta(hours=place)).date()
        sums = days.setdefault(day, [0.0, 0.0, 0.0])
        sums[0] += value
        sums[1] += found["low"][place]
        sums[2] += found["high"][place]
    return [(day, *(round(value) for value in sums)) for day, sums in days.items()]  # type: ignore[misc]


def forecast_chart(
    market: Market, found: Mapping[str, Any], past: Mapping[date, Day], events: Sequence[EventSpan]
) -> Chart:
    """Return the last measured days and the days ahead with their range."""
    days = forecast_days(found)
    first = days[0][0] - timedelta(days=PAST_DAYS)
    points = []
    for offset in range(PAST_DAYS):
        day = first + timedelta(days=offset)
        row = past.get(day)
        points.append(BandPoint(at=day, value=float(row.count_in) if row and row.comparable else None))
    points += [
        BandPoint(at=day, value=None, low=low, high=high, middle=value) for day, value, low, high in days
    ]
    busiest = max(days, key=lambda row: row[1])
    title = _("Dự kiến đông nhất %(weekday)s %(day)s: khoảng %(count)s lượt") % {
        "weekday": weekday(busiest[0].weekday()),
        "day": format_date(busiest[0]),
        "count": number(busiest[1]),
    }
    return line_over_band(
        title=title,
        unit=_("Lượt khách vào mỗi ngày; dải màu: ít nhất 8 trong 10 ngày sẽ nằm trong đó"),
        source=source_words(market.name),
        points=points,
        value_word=_("đã đếm"),
        band_word=_("khoảng dự báo"),
        middle_word=_("dự báo"),
        x_word=_("Ngày"),
        marks=event_marks(events, first, days[-1][0]),
        open_end=True,
        language=language(),
    )


def forecast_table(found: Mapping[str, Any], events: Sequence[EventSpan]) -> Table:
    """Return the days ahead with the events that are known."""
    rows: list[list[object]] = []
    for day, value, low, high in forecast_days(found):
        named = [event.title for event in events if event.first <= day <= event.last]
        rows.append(
            [
                f"{weekday(day.weekday())} {format_date(day)}",
                number(value),
                _("%(low)s đến %(high)s") % {"low": number(low), "high": number(high)},
                ", ".join(named),
            ]
        )
    columns = [
        Column(label=_("Ngày")),
        Column(label=_("Lượt khách dự kiến"), numeric=True),
        Column(label=_("Khoảng dự báo"), numeric=True),
        Column(label=_("Sự kiện")),
    ]
    return Table(caption=_("Dự báo 14 ngày tới"), hide_caption=True, columns=columns, rows=rows)


def forecast_words(found: Mapping[str, Any]) -> list[str]:
    """Return in plain words how the forecast was made and how well it did on the past."""
    values = {
        "model": number(found["mae_model"], 1) if found["mae_model"] is not None else "",
        "naive": number(found["mae_naive"], 1) if found["mae_naive"] is not None else "",
        "origins": found["origins"],
    }
    if found["ratio"] is None:
        sentences = [
            _(
                "Dữ liệu còn ngắn nên chưa kiểm tra ngược được. Dự báo dưới đây lặp lại đúng giờ này tuần trước."
            )
        ]
    elif found["used"] == "model":
        gain = {"share": percent(1 - found["ratio"]), **values}
        sentences = [
            _(
                "Dùng mô hình vì nó sát hơn cách lấy đúng giờ này tuần trước %(share)s: thử lại trên %(origins)s mốc "
                "trong quá khứ, mô hình lệch trung bình %(model)s lượt mỗi giờ, cách kia lệch %(naive)s."
            )
            % gain
        ]
    else:
        sentences = [
            _(
                "Không dùng mô hình: thử lại trên %(origins)s mốc trong quá khứ, mô hình lệch trung bình %(model)s "
                "lượt mỗi giờ, không sát hơn cách lấy đúng giờ này tuần trước (lệch %(naive)s). Dự báo dưới đây là "
                "cách lấy đúng giờ này tuần trước."
            )
            % values
        ]
    if found["coverage"] is not None:
        sentences.append(
            _("Trong các lần thử đó, %(share)s số giờ nằm trong khoảng được báo là 80 %%.")
            % {"share": percent(found["coverage"])}
        )
    return sentences


def effect_chart(market: Market, event: EventSpan, days: Mapping[date, Day]) -> Chart | None:
    """Return the days before, during and after an event; None with fewer than two measured days."""
    first, last = event.first - AROUND, event.last + AROUND
    points = []
    day = first
    newest = max(days, default=first)
    while day <= min(last, newest):
        row = days.get(day)
        points.append(BandPoint(at=day, value=float(row.count_in) if row and row.comparable else None))
        day += timedelta(days=1)
    if sum(point.value is not None for point in points) < 2:
        return None
    return line_over_band(
        title=_("Lượt khách mỗi ngày quanh sự kiện %(title)s") % {"title": event.title},
        unit=_("Lượt khách vào mỗi ngày"),
        source=source_words(market.name),
        points=points,
        value_word=_("lượt vào"),
        x_word=_("Ngày"),
        marks=event_marks([event], first, last),
        language=language(),
    )


def effect_words(found: Mapping[str, Any]) -> list[str]:
    """Return the effect, its uncertainty and its placebo test in plain words."""
    values = {
        "actual": number(found["actual"]),
        "expected": number(found["expected"]),
        "relative": signed(found["relative"]),
        "low": signed(found["relative_low"]),
        "high": signed(found["relative_high"]),
        "confidence": percent(found["confidence"]),
        "count": number(abs(found["absolute"])),
    }
    more = found["absolute"] >= 0
    sentences = [
        (
            _(
                "Trong các giờ đo được của sự kiện có %(actual)s lượt khách; không có sự kiện thì dự kiến %(expected)s."
            )
            % values
        ),
        (
            _(
                "Chênh lệch %(relative)s (nhiều hơn %(count)s lượt); khoảng tin cậy %(confidence)s: %(low)s đến %(high)s."
            )
            if more
            else _(
                "Chênh lệch %(relative)s (ít hơn %(count)s lượt); khoảng tin cậy %(confidence)s: %(low)s đến %(high)s."
            )
        )
        % values,
    ]
    if found["p"] is not None and found["placebos"]:
        sentences.append(
            _(
                "Thử trên %(placebos)s quãng bình thường không có sự kiện: %(share)s cũng chênh nhiều như vậy do ngẫu "
                "nhiên."
            )
            % {"placebos": found["placebos"], "share": percent(found["p"])}
        )
    else:
        sentences.append(_("Chưa đủ quãng bình thường để thử xem chênh lệch này có phải ngẫu nhiên không."))
    if found["controls"] and found["control_change"] is not None:
        sentences.append(
            _(
                "Cùng lúc đó, %(controls)s chợ không có sự kiện này thay đổi %(change)s; đã trừ phần chung này ra."
            )
            % {"controls": found["controls"], "change": signed(found["control_change"])}
        )
    sentences.append(
        _("Kết luận: sự kiện có làm thay đổi lượng khách.")
        if found["convincing"]
        else _("Kết luận: chưa đủ căn cứ để nói sự kiện làm thay đổi lượng khách.")
    )
    return sentences
