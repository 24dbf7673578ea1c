"""Upright columns as data and as a specification."""

import pytest

from khcn.ui.charts.columns import Bar, columns
from khcn.ui.charts.model import Chart, ChartDataError
from khcn.ui.charts.spec import vega_lite


def chart(*bars: Bar) -> Chart:
    return columns(title="Điện mỗi tháng", unit="kWh", source="công tơ", bars=bars, label_word="Tháng")


def test_a_missing_column_is_no_zero() -> None:
    found = chart(
        Bar(label="01", value=10.0), Bar(label="02", value=None), Bar(label="03", value=0.0, light=True)
    )
    assert found.has_gaps
    assert [row[1] for row in found.table.rows] == ["10", "–", "0"]
    assert Chart.from_json(found.to_json()) == found
    text = str(vega_lite(found, "wide"))
    assert "'stub'" in text  # the hatched place of what is missing


def test_targets_make_a_column_of_the_table() -> None:
    found = chart(Bar(label="01", value=10.0, target=12.0), Bar(label="02", value=9.0))
    assert found.heads == ("Tháng", "Giá trị", "Dự kiến")
    assert found.table.rows[1][2] == "–"
    assert "tick" in str(vega_lite(found, "narrow"))


@pytest.mark.parametrize(
    "bars",
    [(), (Bar(label="x", value=1.0), Bar(label="x", value=2.0)), (Bar(label="x", value=float("nan")),)],
)
def test_figures_that_make_no_chart_are_refused(bars: tuple[Bar, ...]) -> None:
    with pytest.raises(ChartDataError):
        chart(*bars)
