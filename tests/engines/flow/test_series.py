"""Points become hours; holes stay holes."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.messages import TEMPLATES, sentence
from khcn.engines.flow.series import HourlySeries

T = datetime(2025, 3, 1, 7)


def test_points_in_any_order_with_a_hole_and_a_double():
    series = HourlySeries.from_points(
        [(T + timedelta(hours=3), 4), (T, 1), (T + timedelta(hours=1), None), (T, 3)]
    )
    assert series.start == T and len(series) == 4 and series.end == T + timedelta(hours=4)
    assert series.values[[0, 3]].tolist() == [2.0, 4.0]
    assert np.isnan(series.values[1:3]).all() and series.missing == 2


def test_aware_times_are_read_on_their_own_wall_clock():
    vietnam = timezone(timedelta(hours=7))
    series = HourlySeries.from_points([(datetime(2025, 3, 1, 7, 59, tzinfo=vietnam), 5.0)])
    assert series.start == T
    utc = HourlySeries.from_points([(datetime(2025, 3, 1, 7, tzinfo=UTC), 5.0)])
    assert utc.start == T and utc.start.tzinfo is None


def test_a_window_reaches_beyond_the_series_with_nan_never_zero():
    series = HourlySeries(T, np.array([1.0, 2.0]))
    window = series.window(T - timedelta(hours=2), T + timedelta(hours=3))
    assert np.isnan(window.values[[0, 1, 4]]).all() and window.values[2:4].tolist() == [1.0, 2.0]
    assert len(series.window(T + timedelta(days=9), T + timedelta(days=9, hours=2))) == 2
    assert np.nansum(series.day(date(2025, 3, 1))) == 3 and np.isnan(series.day(date(2025, 3, 2))).all()


def test_no_points_and_impossible_spans_are_refused():
    with pytest.raises(FlowError, match="Không có giờ nào"):
        HourlySeries.from_points([])
    with pytest.raises(FlowError, match="ngày ghi sai"):
        HourlySeries.from_points([(datetime(1925, 1, 1), 1), (T, 1)])


def test_every_sentence_can_be_filled():
    for code, text in TEMPLATES.items():
        names = {part.split(")")[0] for part in text.split("%(")[1:]}
        assert "%(" not in sentence(code, dict.fromkeys(names, "x"))


def test_kinds_of_days():
    calendar = Calendar(holidays={date(2025, 4, 30): "30/4"}, events={date(2025, 6, 2): "lụt"})
    table = {
        date(2025, 4, 30): ("holiday:30/4", True),
        date(2025, 6, 2): ("event:lụt", True),
        date(2025, 1, 25): ("tet:4", True),  # four days before
        date(2025, 1, 10): ("tet:19", False),  # shopping has hardly begun: still a usual day
        date(2025, 5, 12): ("lunar", False),
        date(2025, 5, 13): (None, False),
    }
    assert {day: (calendar.kind(day), calendar.special(day)) for day in table} == table
    plain = Calendar(lunar=False)
    assert plain.kind(date(2025, 1, 25)) is None and not plain.special(date(2025, 1, 29))
