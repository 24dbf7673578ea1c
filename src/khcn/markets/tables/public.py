"""Public pages of markets as charts and tables."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from khcn.markets.charts import source_words
from khcn.markets.models import Camera, OpeningHours
from khcn.markets.selectors.public import PublicMarket
from khcn.markets.words import hour_span, number, weekday
from khcn.ui.charts.model import BandPoint, Chart, line_over_band
from khcn.ui.formats import format_date
from khcn.ui.parts import Column, Table
from khcn.ui.templatetags.ui_formats import language


def hour_table(found: PublicMarket) -> Table | None:
    """Return today's finished hours; None when there is none."""
    hours = found.of_day(found.today)
    if not hours:
        return None
    small = _("dưới %(minimum)s") % {"minimum": found.market.public_minimum}
    rows: list[list[object]] = [
        [
            hour_span(hour.hour),
            number(hour.count) if hour.count is not None else small if hour.hidden else _("không đo đủ"),
        ]
        for hour in hours
    ]
    columns = [Column(label=_("Giờ")), Column(label=_("Lượt khách vào"), numeric=True)]
    return Table(caption=_("Hôm nay, theo giờ"), hide_caption=True, columns=columns, rows=rows)


def day_chart(found: PublicMarket) -> Chart | None:
    """Return the last four weeks; None with fewer than two days that may be told."""
    known = [(day, count) for day, count in found.days if count is not None]
    if len(known) < 2:
        return None
    day, most = max(known, key=lambda pair: pair[1])
    return line_over_band(
        title=_("Bốn tuần qua đông nhất %(weekday)s %(day)s: %(count)s lượt")
        % {"weekday": weekday(day.weekday()), "day": format_date(day), "count": number(most)},
        unit=_("Lượt khách vào mỗi ngày, không gồm các giờ có ít hơn %(minimum)s lượt")
        % {"minimum": found.market.public_minimum},
        source=source_words(found.market.name),
        points=[
            BandPoint(at=day, value=None if count is None else float(count))
            for day, count in found.days
            if day >= known[0][0]
        ],
        value_word=_("lượt vào"),
        x_word=_("Ngày"),
        language=language(),
    )


def camera_facts(cameras: list[Camera]) -> list[tuple[Camera, list[tuple[str, str]]]]:
    """Return what the law wants people to know of each camera."""
    return [
        (
            camera,
            [
                (_("Mục đích"), camera.purpose),
                (_("Đơn vị chịu trách nhiệm"), camera.controller),
                (_("Liên hệ"), camera.contact),
                (_("Nội dung bảng thông báo"), camera.sign_text),
            ],
        )
        for camera in cameras
    ]


def opening_lines(rows: Iterable[OpeningHours]) -> list[str]:
    """Return the opening hours, weekdays with the same hours together."""
    by_day: dict[int, list[str]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.weekday, row.opens)):
        by_day[row.weekday].append(f"{row.opens:%H:%M}-{row.closes:%H:%M}")
    if len(by_day) == 7 and len({tuple(spans) for spans in by_day.values()}) == 1:
        return [_("Mọi ngày: %(hours)s") % {"hours": ", ".join(by_day[0])}]
    return [f"{weekday(day).capitalize()}: {', '.join(spans)}" for day, spans in sorted(by_day.items())]
