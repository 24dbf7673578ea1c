"""Effects of known size are found with their interval; nothing is found where nothing happened."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.effect import event_effect
from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.series import HourlySeries
from tests.engines.flow.worlds import START, expected, market

PLAIN = Calendar(lunar=False)
AT = 40 * 7


def with_event(series, factor, days):
    values = series.values.copy()
    values[AT * 24 : (AT + days) * 24] = np.round(values[AT * 24 : (AT + days) * 24] * factor)
    begin = START + timedelta(days=AT)
    return HourlySeries(START, values), begin, begin + timedelta(days=days)


@pytest.mark.parametrize(("factor", "days"), [(1.5, 1), (1.5, 7), (0.5, 3), (1.3, 14)])
def test_a_known_effect_lies_in_its_interval(factor, days):
    series, begin, end = with_event(market(300), factor, days)
    found = event_effect(series, start=begin, end=end, calendar=PLAIN)
    assert found.relative_low <= factor - 1 <= found.relative_high
    assert found.convincing and found.p is not None and found.p <= 0.06
    assert found.absolute == pytest.approx(found.actual - found.expected)
    assert found.absolute_low <= found.absolute <= found.absolute_high
    assert found.placebos >= 15 and found.measured == 1.0 and found.notes == ()


def test_nothing_happened_and_nothing_is_claimed():
    claims = held = 0
    for seed in range(20):
        series, begin, end = with_event(market(300, seed=seed), 1.0, 3)
        found = event_effect(series, start=begin, end=end, calendar=PLAIN)
        claims += found.convincing
        held += found.relative_low <= 0 <= found.relative_high
    assert claims <= 4 and held >= 15


def test_a_control_market_takes_the_weather_off():
    # storms hit both markets for days; the event comes in a storm
    dice = np.random.default_rng(5)
    storms = np.exp(dice.normal(0, 0.35, 300))
    storms[AT : AT + 3] = 0.5

    def weather(day):
        return float(storms[day])

    def town(seed, size):
        mean = expected(300, level=weather, size=size)
        return HourlySeries(START, np.random.default_rng(seed).poisson(mean).astype(float))

    series, begin, end = with_event(town(1, 100.0), 1.4, 3)
    alone = event_effect(series, start=begin, end=end, calendar=PLAIN)
    both = event_effect(series, start=begin, end=end, controls=[town(2, 60.0)], calendar=PLAIN)
    assert alone.relative < 0  # the storm hides the event
    assert both.relative == pytest.approx(0.4, abs=0.12) and both.convincing
    assert both.control_change is not None and both.control_change < -0.3 and both.controls == 1
    assert both.relative_high - both.relative_low < 0.5 * (alone.relative_high - alone.relative_low)


def test_a_control_without_data_is_said_to_be_ignored():
    series, begin, end = with_event(market(300), 1.5, 3)
    dead = HourlySeries(START, np.full(300 * 24, np.nan))
    found = event_effect(series, start=begin, end=end, controls=[dead], calendar=PLAIN)
    assert found.controls == 0 and found.control_change is None and "controls_ignored" in found.notes


def test_other_events_are_no_placebos():
    series, begin, end = with_event(market(300), 1.3, 3)
    values = series.values.copy()
    fairs = [
        (begin - timedelta(weeks=w), begin - timedelta(weeks=w) + timedelta(days=3)) for w in range(1, 21, 4)
    ]
    for first, last in fairs:
        values[series.index(first) : series.index(last)] *= 3
    noisy = HourlySeries(START, values)
    kept = event_effect(noisy, start=begin, end=end, calendar=PLAIN)
    left_out = event_effect(noisy, start=begin, end=end, calendar=PLAIN, exclude=fairs)
    assert left_out.placebos < kept.placebos
    assert left_out.relative_high - left_out.relative_low < kept.relative_high - kept.relative_low


def test_a_short_history_is_careful():
    series = market(40)
    begin = START + timedelta(days=35)
    found = event_effect(series, start=begin, end=begin + timedelta(days=5), calendar=PLAIN)
    assert "few_placebos" in found.notes and not found.convincing


def test_an_event_partly_measured_compares_the_measured_part():
    series, begin, end = with_event(market(300), 1.5, 4)
    values = series.values.copy()
    values[(AT + 2) * 24 : (AT + 4) * 24] = np.nan
    found = event_effect(HourlySeries(START, values), start=begin, end=end, calendar=PLAIN)
    assert found.measured == 0.5 and "partly_measured" in found.notes
    assert found.relative_low <= 0.5 <= found.relative_high


def test_what_cannot_be_answered_is_refused():
    series = market(60)
    begin = START + timedelta(days=50)
    for start, end, words in (
        (begin, begin, "kết thúc phải sau"),
        (START + timedelta(days=10), START + timedelta(days=11), "bốn tuần"),
        (datetime(2024, 1, 1), datetime(2024, 1, 2), "không có giờ nào"),
    ):
        with pytest.raises(FlowError, match=words):
            event_effect(series, start=start, end=end, calendar=PLAIN)
