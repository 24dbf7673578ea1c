"""Maps: hours of the week, days of a year, floors; and forecasts and marks in lines."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.template import Context, Template

from khcn.ui.charts.maps import calendar_map, floor_map, hours_of_week
from khcn.ui.charts.model import BandPoint, Chart, ChartDataError, Mark, line_over_band
from khcn.ui.charts.spec_maps import shade_limits, shade_of
from tests.ui.test_charts import drawn, hatched, texts

pytestmark = pytest.mark.nodb
WORDS = {"title": "Đông nhất 8-9 giờ thứ Bảy", "unit": "Lượt vào mỗi giờ", "source": "máy đếm"}


def week(values: dict[tuple[int, int], float | None]) -> Chart:
    return hours_of_week(**WORDS, values=values, hours=range(6, 10))


def year(first: date, days: int) -> Chart:
    values: dict[date, float | None] = {first + timedelta(days=n): float(n) for n in range(days)}
    return calendar_map(**WORDS, values=values, first=first, last=first + timedelta(days=days - 1))


def test_a_week_is_a_table_of_hours_by_days_and_missing_is_a_dash() -> None:
    table = week({(0, 6): 1234, (6, 9): 0}).table
    assert [column.label for column in table.columns][:3] == ["Giờ", "Thứ Hai", "Thứ Ba"]
    assert table.rows[0][:3] == ["6", "1.234", "–"]
    assert table.rows[3][7] == "0"


def test_missing_hours_are_hatched_and_a_zero_is_a_shade() -> None:
    full: dict[tuple[int, int], float | None] = {
        (day, hour): float(day * hour) for day in range(7) for hour in range(6, 10)
    }
    assert not week(full).has_gaps
    assert not hatched(drawn(week(full)))
    hole = week({**full, (2, 7): None})
    assert hole.has_gaps
    assert hatched(drawn(hole))
    assert "không có số liệu" in texts(drawn(hole))


@pytest.mark.parametrize("first", [date(2025, 12, 27), date(2026, 1, 5)])  # a Saturday, a Monday
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_year_is_drawn_whole_in_the_order_of_weekdays(first: date, size: Any) -> None:
    chart = year(first, 365)
    svg = drawn(chart, size=size)
    words = texts(svg)
    assert words.index("Thứ Hai") < words.index("Chủ nhật")
    assert len(chart.rows) == 365
    columns = [column.label for column in chart.table.columns]
    assert columns[1:] == ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật"]


def test_a_map_of_a_year_is_a_small_picture() -> None:
    from khcn.ui.charts.render import render_chart_svg

    assert len(render_chart_svg(year(date(2026, 1, 1), 365))) < 40_000


def test_the_floor_keeps_its_shape_and_what_no_camera_sees() -> None:
    chart = floor_map(**WORDS, cells=[[1.0, None], [0.0, 3.0], [2.0, 2.0]], width=10, height=20)
    assert chart.ratio == 2
    svg = drawn(chart)
    assert hatched(svg)
    assert "ngoài tầm camera" in texts(svg)
    assert Chart.from_json(chart.to_json()) == chart


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: week({(0, 6): float("nan")}), "finite numbers"),
        (lambda: hours_of_week(**WORDS, values={}, hours=[]), "at least 1 hour"),
        (
            lambda: calendar_map(**WORDS, values={}, first=date(2026, 1, 2), last=date(2026, 1, 1)),
            "1 to 740 days",
        ),
        (lambda: floor_map(**WORDS, cells=[[1.0], [1.0, 2.0]], width=1, height=1), "rows of one length"),
        (lambda: floor_map(**WORDS, cells=[[1.0]], width=0, height=1), "a floor with an area"),
        (lambda: floor_map(**WORDS, cells=[], width=1, height=1), "at least 1 cell"),
    ],
)
def test_figures_that_make_no_map_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ChartDataError, match=message):
        make()


@pytest.mark.parametrize("most", [0.0, 0.004, 0.7, 1.0, 7.0, 59.0, 480.0, 12_345.0])
def test_shades_cover_every_figure_in_round_steps(most: float) -> None:
    limits = shade_limits([most])
    assert 1 <= len(limits) <= 6
    assert shade_of(most, limits) == len(limits) - 1
    assert shade_of(0, limits) == 0
    assert shade_of(None, limits) == -1


def test_a_forecast_is_a_broken_line_in_its_range_and_events_are_named() -> None:
    points = [BandPoint(at=date(2026, 3, n), value=100.0 if n < 4 else None) for n in range(1, 4)]
    points += [
        BandPoint(at=date(2026, 3, n), value=None, low=80, high=130, middle=105.0) for n in range(4, 8)
    ]
    chart = line_over_band(
        **WORDS,
        points=points,
        open_end=True,
        marks=[Mark(at=date(2026, 3, 5), label="Hội chợ")],
        band_word="khoảng 80 %",
    )
    assert not chart.has_gaps  # what has not come yet is not missing
    assert chart.table.rows[5][-1] == "105"
    svg = drawn(chart)
    assert "Hội chợ" in texts(svg)
    assert svg.xpath("//*[@stroke-dasharray]")


def test_the_markup_of_a_chart_is_kept_by_what_it_shows() -> None:
    template = Template("{% load ui %}{% ui_trend values label=label %}")
    shown = template.render(Context({"values": [1.0, 2.0, None, 3.0, 4.0], "label": "Từ 1 đến <4>"}))
    assert shown.count("<polyline") == 2  # the line breaks where nothing was measured
    assert "&lt;4&gt;" in shown
    assert template.render(Context({"values": [None, 2.0], "label": "x"})) == ""


def test_shades_follow_the_theme_on_a_page_and_not_on_paper() -> None:
    from khcn.ui.charts.render import render_chart_svg

    chart = week({(day, hour): float(hour) for day in range(7) for hour in range(6, 10)})
    assert "var(--heat-" in render_chart_svg(chart)
    assert "var(" not in render_chart_svg(chart, themed=False)
