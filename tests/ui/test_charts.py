"""Charts: what they say about missing figures, and the way from a page to a picture and back."""

import csv
import io
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.template import Context, Template
from lxml import etree

from khcn.ui.charts import store
from khcn.ui.charts.model import (
    BandPoint,
    BarItem,
    BulletItem,
    Chart,
    ChartDataError,
    bars,
    bullet,
    line_over_band,
)
from khcn.ui.tasks import chart_render

WORDS = {"title": "Sở hữu trí tuệ được đọc nhiều nhất", "unit": "Lượt đọc", "source": "Thư viện"}
SVG = {"s": "http://www.w3.org/2000/svg"}


def day(*values: float | None, open_end: bool = False) -> Chart:
    points = [
        BandPoint(at=datetime(2026, 6, 6, 6 + hour), value=value, low=100, high=200)
        for hour, value in enumerate(values)
    ]
    return line_over_band(**WORDS, points=points, open_end=open_end)


def some_bars(*values: float | None) -> Chart:
    return bars(
        **WORDS, items=[BarItem(label=f"Mục {index}", value=value) for index, value in enumerate(values)]
    )


def drawn(chart: Chart, **options: Any) -> Any:
    from khcn.ui.charts.render import render_chart_svg

    return etree.fromstring(render_chart_svg(chart, **options).encode())


def texts(svg: Any) -> str:
    return " ".join(svg.xpath("//s:text//text()", namespaces=SVG))


def hatched(svg: Any) -> list[Any]:
    return list(svg.xpath("//*[starts-with(@fill,'url(') or starts-with(@stroke,'url(')]"))


# --- as data --------------------------------------------------------------------------------------------------


@pytest.mark.nodb
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: day(1), "at least 2 points, got 1"),
        (lambda: day(1, float("nan")), "finite numbers"),
        (some_bars, "at least 1 bar"),
        (lambda: some_bars(float("inf")), "finite numbers"),
        (
            lambda: bullet(**WORDS, items=[BulletItem(label="a", value=1, target=0)]),
            "target above 0 for 'a', got 0",
        ),
        (lambda: bullet(**WORDS, items=[BulletItem(label="a", value=-1, target=2)]), "value from 0"),
        (
            lambda: line_over_band(
                **WORDS, points=[BandPoint(at="a", value=1), BandPoint(at=date(2026, 1, 1), value=1)]
            ),
            "all points of one kind of time",
        ),
        (
            lambda: line_over_band(**WORDS, points=[BandPoint(at="a", value=1, low=3, high=2)] * 2),
            "low <= high at a",
        ),
    ],
)
def test_figures_that_make_no_chart_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ChartDataError, match=message):
        make()


@pytest.mark.nodb
def test_missing_is_not_the_same_as_not_yet() -> None:
    assert day(1, None, 3).has_gaps
    assert day(1, 2, None).has_gaps
    assert not day(1, 2, None, open_end=True).has_gaps
    assert day(1, None, 3, None, open_end=True).has_gaps
    assert not some_bars(0, 1).has_gaps


@pytest.mark.nodb
def test_the_table_shows_the_same_figures() -> None:
    table = day(1234.5, None).table
    assert list(table.rows) == [
        ["06:00 06/06/2026", "1.234,5", "100", "200"],
        ["07:00 06/06/2026", "–", "100", "200"],
    ]
    days = line_over_band(**WORDS, points=[BandPoint(at=date(2026, 6, n), value=n) for n in (1, 2)]).table
    assert days.rows[0][0] == "01/06/2026"


@pytest.mark.nodb
def test_the_csv_opens_in_a_spreadsheet_and_holds_no_formula() -> None:
    chart = bars(
        **WORDS, items=[BarItem(label="=HYPERLINK(1)", value=-2.5), BarItem(label="Chợ, sạp", value=None)]
    )
    text = chart.csv_text()
    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text[1:]))) == [
        ["Mục", "Giá trị"],
        ["'=HYPERLINK(1)", "-2.5"],
        ["Chợ, sạp", ""],
    ]
    assert unquote(chart.csv_address) == "data:text/csv;charset=utf-8," + text
    assert replace(chart, csv_url="/a.csv").csv_address == "/a.csv"


@pytest.mark.nodb
def test_a_chart_travels_as_json_and_keeps_its_name() -> None:
    for chart in (
        day(1, None, 3),
        some_bars(1, None),
        bullet(**WORDS, items=[BulletItem(label="a", value=1, target=2)]),
    ):
        again = Chart.from_json(chart.to_json())
        assert again == chart
        assert again.digest == chart.digest
    assert some_bars(1).digest != some_bars(2).digest
    assert some_bars(1).digest == replace(some_bars(1), csv_url="/x").digest


# --- as pictures ----------------------------------------------------------------------------------------------


@pytest.mark.nodb
def test_a_bar_without_a_figure_is_hatched_and_says_so() -> None:
    svg = drawn(some_bars(412, 96.5, None))
    assert len(hatched(svg)) == 1
    words = texts(svg)
    assert "412" in words
    assert "96,5" in words
    assert "không có số liệu" in words
    assert hatched(drawn(some_bars(412, 0))) == []


@pytest.mark.nodb
def test_a_stretch_without_figures_is_hatched_and_the_line_is_broken() -> None:
    svg = drawn(day(120, 150, None, None, 180, 190))
    assert len(hatched(svg)) == 1
    line = [path for path in svg.xpath("//s:path[@stroke-width='2.5']", namespaces=SVG) if path.get("d")]
    assert line[0].get("d").count("M") == 2
    assert hatched(drawn(day(120, 150, None, None, open_end=True))) == []
    assert len(hatched(drawn(day(120, 150, None, None)))) == 1


@pytest.mark.nodb
def test_the_line_and_the_band_are_named_where_they_end() -> None:
    words = texts(drawn(day(120, 150, 180)))
    assert "hôm nay" in words
    assert "thường lệ" in words
    assert "6 giờ" in words


@pytest.mark.nodb
def test_bars_start_at_zero_even_below_it() -> None:
    svg = drawn(some_bars(-50, 100))
    assert "−50" in texts(svg) or "-50" in texts(svg)
    widths = sorted(
        float(path.get("d").split("h")[1].split("v")[0])
        for path in svg.xpath("//s:path", namespaces=SVG)
        if path.get("fill", "").startswith("var(--chart-1") and "h" in path.get("d", "")
    )
    assert widths[1] == pytest.approx(2 * widths[0], rel=0.02)


@pytest.mark.nodb
def test_a_bullet_says_what_was_reached_and_promised() -> None:
    words = texts(drawn(bullet(**WORDS, items=[BulletItem(label="Tập huấn", value=412, target=600)])))
    assert "412 / 600" in words


@pytest.mark.nodb
def test_a_page_picture_follows_the_theme_and_a_paper_picture_does_not() -> None:
    page, paper = drawn(some_bars(1)), drawn(some_bars(1), themed=False)
    assert page.xpath("//*[starts-with(@fill,'var(--chart-1,#')]")
    assert not page.xpath("//*[@font-family]")
    assert not any("var(" in value for value in paper.xpath("//@fill|//@stroke"))
    assert paper.xpath("//*[@font-family]")


@pytest.mark.nodb
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_hostile_words_stay_words_and_nothing_active_is_left(size: str) -> None:
    evil = '</text><script>alert(1)</script><image href="x" onload="alert(1)"/>'
    chart = bars(title=evil, unit="", source="", items=[BarItem(label=evil, value=1)])
    svg = drawn(chart, size=size)
    names = {etree.QName(element).localname for element in svg.iter() if isinstance(element.tag, str)}
    assert names <= {
        "svg",
        "g",
        "path",
        "text",
        "tspan",
        "rect",
        "line",
        "circle",
        "defs",
        "pattern",
        "clipPath",
    }
    attributes = {name for element in svg.iter() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or name in ("style", "href", "class")]
    assert svg.get("aria-label") == evil


@pytest.mark.nodb
def test_two_pictures_share_a_page_without_sharing_names() -> None:
    first = set(drawn(some_bars(1, None)).xpath("//@id"))
    second = set(drawn(some_bars(2, None)).xpath("//@id"))
    narrow = set(drawn(some_bars(1, None), size="narrow").xpath("//@id"))
    assert first
    assert not first & second
    assert not first & narrow


# --- from page to worker and back -----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(store, "charts_dir", lambda: tmp_path / "charts")
    return tmp_path / "charts"


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what would be sent to the worker."""
    asked: list[str] = []
    monkeypatch.setattr(type(chart_render), "enqueue", lambda self, digest: asked.append(digest))
    return asked


def shown(chart: Chart, **options: str) -> str:
    extra = " ".join(f"{name}={value}" for name, value in options.items())
    return Template("{% load ui %}{% ui_chart chart " + extra + " %}").render(Context({"chart": chart}))


@pytest.mark.django_db
def test_a_page_shows_the_table_until_the_worker_has_drawn(
    folder: Path, queue: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    chart = some_bars(412, None)
    with django_capture_on_commit_callbacks(execute=True):
        first, second = shown(chart), shown(chart)
    assert "<table" in first
    assert '<svg class="icon"' in first
    assert "Hình đang được vẽ" in first == second
    assert queue == [chart.digest]  # asked for once

    assert chart_render.call(chart.digest) is True
    after = shown(chart, live="True", suffix="'-a'")
    assert 'role="img"' in after
    assert "Hình đang được vẽ" not in after
    assert "<table" in after  # still there, under a disclosure
    assert "Phần gạch chéo: không có số liệu." in after
    assert f'id="hinh-{chart.digest[:10]}-a-data" type="application/json"' in after
    assert chart_render.call(chart.digest) is False  # a task delivered twice does nothing
    assert queue == [chart.digest]


@pytest.mark.django_db
def test_a_request_that_nobody_answered_is_made_again(
    folder: Path, queue: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    chart = some_bars(1)
    with django_capture_on_commit_callbacks(execute=True):
        store.chart_request(chart)
        note = next(folder.glob("*.request.json"))
        old = time.time() - store.RETRY_SECONDS - 1
        os.utime(note, (old, old))
        store.chart_request(chart)
        store.chart_request(chart)
    assert queue == [chart.digest] * 2


@pytest.mark.nodb
def test_a_digest_is_never_a_path(folder: Path) -> None:
    for digest in ("../../etc/passwd", "", "A" * 64):
        with pytest.raises(ValueError, match="64 hexadecimal"):
            store.chart_draw(digest)


@pytest.mark.nodb
def test_a_document_gets_a_png_drawn_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = some_bars(1, None)
    first = store.chart_png(chart)
    assert first.startswith(b"\x89PNG")
    monkeypatch.setattr("khcn.ui.charts.render.render_chart_png", lambda chart: b"drawn again")
    assert store.chart_png(chart) == first
    assert store.charts_prune(older_than=time.time() + 5) == 1
    assert store.chart_png(chart) == b"drawn again"


@pytest.mark.nodb
def test_no_web_process_loads_the_drawing_libraries() -> None:
    code = (
        "import sys, django; django.setup()\n"
        "from django.template import engines\n"
        "import khcn.config.urls, khcn.ui.views, khcn.ui.tasks, khcn.ui.templatetags.ui, khcn.ui.build\n"
        "engines['django'].from_string('{% load ui %}')\n"
        "print(sorted({'altair', 'vl_convert'} & set(sys.modules)))"
    )
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "khcn.config.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


@pytest.mark.nodb
def test_the_builder_and_the_chart_data_load_no_library_of_fonts_or_drawing() -> None:
    code = (
        "import sys, khcn.ui.build, khcn.ui.fonts, khcn.ui.charts.model\n"
        "print(sorted({'altair', 'vl_convert', 'fontTools', 'fontpkg_be_vietnam_pro'} & set(sys.modules)))"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert done.stdout.strip() == "[]"
