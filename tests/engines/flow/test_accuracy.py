"""The measured error of a gate: figures that can be checked by hand, intervals that hold what they promise."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from khcn.engines.flow.accuracy import AccuracyState, Review, clicker_accuracy, gate_accuracy, wilson

T = datetime(2025, 3, 1, 8)


def test_none_yet():
    nothing = gate_accuracy([])
    assert nothing.state is AccuracyState.NONE and nothing.net is None and nothing.reviews == 0
    empty_hour = gate_accuracy([Review(T, system=0, truth=0)])
    assert empty_hour.state is AccuracyState.NONE and empty_hour.reviews == 1


def test_one_marked_hour_by_hand():
    found = gate_accuracy([Review(T, system=97, truth=100, missed=5, false=2)])
    assert found.state is AccuracyState.MEASURED and found.method == "marks"
    assert found.net is not None and found.net.value == pytest.approx(-0.03)
    half = 1.959964 * (7 + 1) ** 0.5 / 100
    assert (found.net.low, found.net.high) == pytest.approx((-0.03 - half, -0.03 + half))
    assert found.found is not None and found.found.value == 0.95
    assert found.right is not None and found.right.value == pytest.approx(95 / 97)
    assert found.hourly is not None and found.hourly.value == pytest.approx(0.03)


def test_errors_that_cancel_out_show_in_the_hourly_error():
    found = gate_accuracy([Review(T, 110, 100), Review(T + timedelta(hours=1), 90, 100)])
    assert found.net is not None and found.net.value == 0 and found.method == "counts"
    assert found.hourly is not None and found.hourly.value == pytest.approx(0.1)
    assert found.found is None and found.right is None
    assert found.net.low < -0.03 and found.net.high > 0.03  # twenty known errors: zero is not certain
    assert found.last == T + timedelta(hours=1)


def test_few_crossings_are_rough_and_perfect_counts_are_not_certain():
    found = gate_accuracy([Review(T, 12, 12, missed=0, false=0)])
    assert found.state is AccuracyState.ROUGH
    assert found.found is not None and found.found.value == 1 and found.found.low < 0.8
    assert found.net is not None and found.net.low < -0.1 < 0.1 < found.net.high


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # 0/10, 10/10 and 95/100: Wilson (1927), as printed in Newcombe (1998) to four digits
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (0, 0, 0.0, 1.0)],
)
def test_wilson(hits, of, low, high):
    share = wilson(hits, of)
    assert (share.low, share.high) == pytest.approx((low, high), abs=5e-5)


def reviews(dice, hours, recall, false_rate, *, uneven=0.0):
    rows = []
    for n in range(hours):
        truth = int(dice.poisson(60))
        missed = int(dice.binomial(truth, np.clip(1 - recall + uneven * dice.normal(), 0, 1)))
        false = int(dice.poisson(false_rate * truth))
        rows.append(Review(T + timedelta(hours=n), truth - missed + false, truth, missed, false))
    return rows


@pytest.mark.parametrize(("hours", "uneven"), [(2, 0.0), (6, 0.0), (12, 0.0), (12, 0.08), (30, 0.08)])
def test_the_interval_holds_the_true_error_nineteen_times_of_twenty(hours, uneven):
    recall, false_rate = 0.9, 0.03
    dice = np.random.default_rng(8)
    held = 0
    for _ in range(200):
        net = gate_accuracy(reviews(dice, hours, recall, false_rate, uneven=uneven)).net
        assert net is not None
        held += net.low <= recall + false_rate - 1 <= net.high
    assert 0.89 <= held / 200 <= 1.0


def test_more_hours_narrow_the_interval_and_the_same_hours_give_the_same():
    rows = reviews(np.random.default_rng(1), 40, 0.95, 0.02)
    few, many, again = gate_accuracy(rows[:5]), gate_accuracy(rows), gate_accuracy(reversed(rows))
    assert few.net and many.net and again.net
    assert many.net.high - many.net.low < 0.5 * (few.net.high - few.net.low)
    assert many == again


def test_a_clicker_is_reviewed_minute_by_minute():
    found = clicker_accuracy(start=T, system=[5, 4, 6, 0, 7], clicked=[5, 5, 6, 0, 7])
    assert (found.system, found.truth, found.reviews) == (22, 23, 5)
    assert found.net is not None and found.net.value == pytest.approx(-1 / 23)
    with pytest.raises(ValueError, match="zip"):
        clicker_accuracy(start=T, system=[1], clicked=[])
