"""Pictures that are drawn at once: the flow of this moment, a day by quarters, the map, the strip of days."""

import re
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from khcn.core.months import Month, months_between
from khcn.energy.day_picture import day_picture
from khcn.energy.flow_picture import flow_picture
from khcn.energy.map_picture import Place, map_picture
from khcn.energy.selectors.months import Sums, sums_of, total
from khcn.energy.selectors.site_page import DayView, Usual
from khcn.energy.selectors.telemetry import LiveNow, Power, SitePower
from khcn.energy.tables.quality import strip
from khcn.energy.words import completeness_percent, finding_state, sentence, short_money, tonnes
from tests.energy.factories import NOW, TODAY


def live(**values: Any) -> LiveNow:
    base: dict[str, Any] = {
        "at": NOW, "pv_kw": 12.4, "grid_kw": -3.3, "load_kw": 9.1, "battery_kw": None, "battery_soc": None, "age_s": 5.0,
        "stale": False,
    }  # fmt: skip
    return LiveNow(**{**base, **values})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Tấm pin phát 12,4\u00a0kW; đơn vị dùng 9,1\u00a0kW; đẩy lên lưới 3,3\u00a0kW."),
        (
            {"pv_kw": 0.0, "grid_kw": 9.1},
            "Tấm pin không phát điện; đơn vị dùng 9,1\u00a0kW; lấy từ lưới 9,1\u00a0kW.",
        ),
        ({"pv_kw": None, "grid_kw": None, "load_kw": None}, "Chưa biết lúc này điện chạy thế nào."),
        (
            {"grid_kw": 0.0, "battery_kw": -2.0, "battery_soc": 55.0},
            "Tấm pin phát 12,4\u00a0kW; đơn vị dùng 9,1\u00a0kW; không lấy điện từ lưới, không đẩy lên lưới; pin lưu trữ nạp "
            "2,0\u00a0kW; pin lưu trữ còn 55\u00a0%.",
        ),
    ],
)
def test_the_flow_is_said_in_one_sentence(values: dict[str, Any], words: str) -> None:
    picture = flow_picture(live(**values), NOW)
    assert picture.words == words
    assert words.replace("'", "&#x27;") in picture.svg  # the drawing has it as its text


def test_arrows_point_where_the_energy_goes() -> None:
    out, taken = flow_picture(live(), NOW).svg, flow_picture(live(grid_kw=3.3), NOW).svg
    tips = [re.findall(r'flow__head" d="M(\d+) ', svg) for svg in (out, taken)]
    assert tips == [["142", "266"], ["142", "218"]]  # to the house; then to the grid, or from it to the house
    assert (
        'flow__head" d="M180 136' in flow_picture(live(battery_kw=2.0), NOW).svg
    )  # discharging: up to the house
    assert 'flow__head" d="M180 148' in flow_picture(live(battery_kw=-2.0), NOW).svg


def test_old_figures_lose_their_colour() -> None:
    picture = flow_picture(live(stale=True), NOW + timedelta(hours=2))
    assert "flow--stale" in picture.svg
    assert picture.state.tone == "bad"


def day_of(values: list[float], **more: Any) -> DayView:
    kw = np.array(values)
    zeros = np.zeros(len(kw), np.uint8)
    power = SitePower(
        day=TODAY, start_ms=0, step_ms=900_000, production=Power(kw, zeros, np.ones(len(kw))), load=None, imported=None,
        exported=None, load_measured=False, no_export_meter=False,
    )  # fmt: skip
    return DayView(TODAY, power, more.get("usual"), Sums())


def test_gaps_break_the_line_and_are_hatched() -> None:
    values = [1.0] * 40 + [float("nan")] * 4 + [2.0] * 52
    picture = day_picture(day_of(values), until=None)
    assert picture is not None
    path = re.search(r'day__line--sun" d="([^"]+)"', picture.wide)
    assert path is not None
    assert path[1].count("M") == 2
    assert picture.wide.count("<title>Không có số đo</title>") == 1
    assert [row[1] for row in picture.table.rows][10:12] == ["không có", "2,00"]


def test_what_is_to_come_is_neither_drawn_nor_a_gap() -> None:
    picture = day_picture(day_of([1.0] * 40 + [0.0] * 56), until=600)
    assert picture is not None
    assert "Không có số đo" not in picture.wide
    assert len(picture.table.rows) == 10
    path = re.search(r'day__line--sun" d="([^"]+)"', picture.wide)
    assert path is not None
    assert path[1].count("L") == 39


def test_a_day_without_anything_has_no_picture() -> None:
    assert day_picture(day_of([float("nan")] * 96), until=None) is None


def test_the_usual_range_lies_behind_the_line() -> None:
    usual = Usual(np.full(96, 1.0), np.full(96, 3.0), 12)
    picture = day_picture(day_of([2.0] * 96, usual=usual), until=None)
    assert picture is not None
    assert "day__band" in picture.wide
    assert picture.usual_days == 12


def place(latitude: float, longitude: float, **more: Any) -> Place:
    return Place(latitude, longitude, more.get("words", "Nơi"), "/x/", more.get("tone", "good"), "Nơi")


def test_north_is_up_and_slips_of_the_pen_are_named() -> None:
    found = map_picture([place(10.75, 106.66), place(10.80, 106.66, words="Bắc"), place(1.0, 10.0)])
    assert found is not None
    assert (found.count, found.far) == (2, ("Nơi",))
    heights = dict(re.findall(r"translate\([\d.]+ ([\d.]+)\)\"><title>([^<]+)", found.svg))
    by_name = {name: float(y) for y, name in heights.items()}
    assert by_name["Bắc"] < by_name["Nơi"]
    assert map_picture([place(10.75, 106.66)]) is None


def test_a_map_escapes_names() -> None:
    found = map_picture([place(10.75, 106.66, words="<b>x"), place(10.76, 106.67)])
    assert found is not None
    assert "<b>" not in found.svg


def test_the_strip_says_which_days_are_missing() -> None:
    days = [date(2026, 3, number) for number in range(1, 11)]
    shares = {day: 1.0 for day in days if day.day not in (4, 5)} | {date(2026, 3, 8): 0.3}
    drawn = strip(days, shares, date(2026, 3, 2))
    assert 'aria-label="không có: 04/03, 05/03; thiếu nhiều: 08/03"' in drawn
    assert drawn.count("<rect") == 6  # before, full, none, full, few, full


def test_sums_never_make_zero_of_nothing() -> None:
    part = sums_of([{"production_kwh": 10.0, "completeness": 1.0}, {"load_kwh": 5.0, "completeness": 0.5}])
    assert (part["production_kwh"], part["load_kwh"], part["import_kwh"]) == (10.0, 5.0, None)
    assert part.completeness == 0.75
    assert part.availability is None
    whole = total([part, Sums(), sums_of([{"production_kwh": 90.0, "lost_kwh": 10.0}])])
    assert whole["production_kwh"] == 100.0
    assert whole.availability == 0.9
    assert not Sums().known


def test_months_walk_over_the_turn_of_the_year() -> None:
    assert [str(month) for month in months_between(Month(2025, 11), Month(2026, 2))] == [
        "2025-11", "2025-12", "2026-01", "2026-02",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("vnd", "said"),
    [(None, ("chưa rõ", "")), (950, ("950", "đ")), (2_540_000, ("2,5", "triệu đ")), (3.2e9, ("3,20", "tỷ đ"))],
)  # fmt: skip
def test_money_as_people_say_it(vnd: float | None, said: tuple[str, str]) -> None:
    assert short_money(vnd) == said


def test_words_never_fail_over_an_old_row() -> None:
    assert sentence("gone-long-ago", {"x": 1}) == "Ghi nhận “gone-long-ago”."
    assert "48.211,5" in sentence("replaced-meter?", {"before": 48211.5, "after": 12.3})
    assert sentence("replaced-meter?", {}, fallback="Công tơ.") == "Công tơ."
    assert finding_state("fixed").tone == "good"
    assert completeness_percent(0.9996) == "99,9\u00a0%"  # only what is whole is a hundred per cent
    assert tonnes(412.0) == "0,41\u00a0tCO₂"


def test_long_evidence_is_told_by_whole_days() -> None:
    from khcn.energy.evidence import evidence_chart
    from khcn.energy.models import Finding, Site

    start = 1_767_200_400_000  # 01/01/2026 00:00 in Viet Nam
    times = [start + hour * 3_600_000 for hour in range(18, 24 * 9 + 3)]
    evidence = {
        "t": times, "measured": [2.0 if at < start + 5 * 86_400_000 else None for at in times],
        "expected": [3.0] * len(times), "unit": "kW",
    }  # fmt: skip
    site = Site(name="Trường", zone="Asia/Ho_Chi_Minh")
    chart = evidence_chart(Finding(site=site, evidence=evidence))
    assert chart is not None
    assert chart.x_kind == "date"
    assert [row[0][:10] for row in chart.rows if isinstance(row[0], str)][:1] == ["2026-01-02"]
    assert [row[1] for row in chart.rows] == [2.0] * 4  # the days without a measured value are not whole days
    short = {**evidence, "t": times[:8], "measured": [1.0] * 8, "expected": [2.0] * 8}
    found = evidence_chart(Finding(site=site, evidence=short))
    assert found is not None
    assert found.x_kind == "time"
    assert evidence_chart(Finding(site=site, evidence={})) is None
    assert evidence_chart(Finding(site=site, evidence={"t": "x", "measured": 3})) is None
