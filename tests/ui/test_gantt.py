"""The plan over time and bars of parts: sound drawings from any dates, nothing that the page's policy forbids."""

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string

from khcn.ui.charts.gantt import LEFT, WIDTH, GanttLine, gantt
from khcn.ui.charts.stacked import Part, StackedLine, stacked
from khcn.ui.parts import State

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
PARTS = [Part(label="Xong", tone="good"), Part(label="Trễ", tone="bad", hatched=True)]


def line(start: date | None, end: date | None, **more: object) -> GanttLine:
    values = {"label": "Việc", "percent": 50, "state": State(label="Đang thực hiện", tone="info")} | more
    return GanttLine(start=start, end=end, **values)  # type: ignore[arg-type]  # words for a test


def bars(svg: str) -> list[tuple[float, float]]:
    root = ET.fromstring(svg)  # well-formed, or this fails
    return [
        (float(rect.attrib["x"]), float(rect.attrib["width"]))
        for rect in root.iter("rect")
        if "gantt__track" in rect.attrib["class"]
    ]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (FIRST, LAST),
        (date(2026, 3, 1), date(2026, 3, 1)),
        (None, date(2026, 6, 30)),
        (date(2026, 6, 30), None),
        (None, None),
        (date(2020, 1, 1), date(2031, 1, 1)),  # beyond the picture on both sides
        (date(2027, 5, 1), date(2027, 6, 1)),
        (date(2026, 8, 1), date(2026, 2, 1)),  # wrong way round: still a bar one can see
    ],
)
def test_every_bar_stays_inside_and_can_be_seen(start: date | None, end: date | None) -> None:
    picture = gantt("Kế hoạch", [line(start, end)], start=FIRST, end=LAST, today=date(2026, 5, 20))
    ((x, width),) = bars(str(picture.svg))
    assert x >= LEFT
    assert x + width <= WIDTH
    assert width >= 6


def test_half_a_year_is_half_the_width() -> None:
    whole = gantt("K", [line(FIRST, LAST)], start=FIRST, end=LAST, today=None)
    half = gantt("K", [line(FIRST, date(2026, 7, 2))], start=FIRST, end=LAST, today=None)
    ((_x, all_of_it),), ((_y, part),) = bars(str(whole.svg)), bars(str(half.svg))
    assert part / all_of_it == pytest.approx(183 / 365, abs=0.01)


@pytest.mark.parametrize("years", [0, 1, 4, 30])
def test_months_never_crowd(years: int) -> None:
    picture = gantt(
        "K", [line(FIRST, None)], start=FIRST, end=FIRST + timedelta(days=365 * years), today=None
    )
    assert 1 <= str(picture.svg).count("gantt__month") <= 31


def test_a_drawing_that_begins_late_in_a_month_names_the_next_one_first() -> None:
    picture = gantt("K", [line(FIRST, None)], start=date(2026, 5, 27), end=LAST, today=None)
    assert ">5/2026<" not in str(picture.svg) and ">6/2026<" in str(picture.svg)
    whole = gantt("K", [line(FIRST, None)], start=date(2026, 5, 1), end=LAST, today=None)
    assert ">5/2026<" in str(whole.svg)


def test_names_are_escaped_and_nothing_needs_inline_style() -> None:
    hostile = line(FIRST, LAST, label='<script>x</script>" onload="x', group="<b>Mục</b>", url='/a"b/')
    picture = gantt("<i>Tên</i>", [hostile], start=FIRST, end=LAST, today=FIRST)
    text = render_to_string("ui/components/gantt.html", {"gantt": picture})
    assert "<script>" not in text
    assert "<b>Mục" not in text
    assert not re.search(r'\sstyle="|\son\w+="', text)
    assert "Đang thực hiện" in text  # the word, not only a colour
    assert picture.table.rows[0][-1] == 50


def test_parts_fill_the_bar() -> None:
    chart = stacked(
        title="Mục", unit="việc", source="nguồn", label_word="Mục", parts=PARTS,
        lines=[StackedLine(label="A", counts=(3, 1)), StackedLine(label="B", counts=(0, 0)), StackedLine(label="C", counts=(0, 7))],
    )  # fmt: skip
    root = ET.fromstring(str(chart.lines[0].svg))
    assert [float(rect.attrib["width"]) for rect in root.iter("rect")] == [450, 150]
    assert root.attrib["aria-label"] == "A: Xong: 3, Trễ: 1"
    assert not list(ET.fromstring(str(chart.lines[1].svg)).iter("rect"))  # nothing is nothing
    assert [list(row) for row in chart.table.rows] == [["A", 3, 1], ["B", 0, 0], ["C", 0, 7]]


@pytest.mark.parametrize("counts", [(1,), (1, 2, 3), (1, -1)])
def test_wrong_counts_are_a_mistake_of_the_program(counts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="counts from 0 expected"):
        stacked(
            title="x",
            unit="",
            source="",
            label_word="",
            parts=PARTS,
            lines=[StackedLine(label="A", counts=counts)],
        )
