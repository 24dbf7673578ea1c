"""Drift goes where crossings were; nobody is ever below zero; the hall is empty at night."""

import numpy as np
import pytest

from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.rebalance import rebalance_day

NAN = float("nan")


def day(dice, *, miss_in=0.0, miss_out=0.0, stay=40, visitors=1500, minutes=840):
    """A true day of a hall and what a counter that misses some makes of it."""
    came = np.sort(dice.beta(2, 3, visitors) * (minutes - 200)).astype(int)
    left = np.minimum(came + dice.exponential(stay, visitors).astype(int) + 1, minutes - 1)
    true_in, true_out = np.bincount(came, minlength=minutes), np.bincount(left, minlength=minutes)
    seen_in, seen_out = dice.binomial(true_in, 1 - miss_in), dice.binomial(true_out, 1 - miss_out)
    return np.cumsum(true_in - true_out), seen_in.astype(float), seen_out.astype(float)


@pytest.mark.parametrize(("miss_in", "miss_out"), [(0.0, 0.1), (0.1, 0.0), (0.08, 0.03), (0.02, 0.02)])
def test_the_corrected_curve_is_nearer_to_the_truth(miss_in, miss_out):
    truth, ins, outs = day(np.random.default_rng(3), miss_in=miss_in, miss_out=miss_out)
    fixed = rebalance_day(ins, outs)
    before, after = np.abs(fixed.raw - truth).mean(), np.abs(fixed.occupancy - truth).mean()
    assert after <= before
    if abs(miss_in - miss_out) > 0.04:
        assert after < 0.4 * before
    assert fixed.occupancy[-1] == pytest.approx(0, abs=1e-9)
    assert fixed.occupancy.min() >= -1e-9
    assert fixed.drift == pytest.approx(ins.sum() - outs.sum())
    assert fixed.drift_share == pytest.approx((miss_out - miss_in), abs=0.03)


def test_a_perfect_day_stays_as_it_is():
    truth, ins, outs = day(np.random.default_rng(3))
    fixed = rebalance_day(ins, outs)
    assert fixed.drift == 0 and np.abs(fixed.occupancy - truth).max() < 1e-9
    assert fixed.ins == pytest.approx(ins) and fixed.outs == pytest.approx(outs)


def test_the_corrected_crossings_make_the_corrected_curve():
    _, ins, outs = day(np.random.default_rng(5), miss_out=0.1)
    fixed = rebalance_day(ins, outs)
    assert np.cumsum(fixed.ins - fixed.outs) == pytest.approx(fixed.occupancy, abs=1e-6)
    assert fixed.ins.min() >= 0 and fixed.outs.min() >= 0


def test_drift_is_spread_by_crossings_not_by_time():
    ins = np.array([10.0, 0, 0, 0, 10, 0])
    outs = np.array([0.0, 0, 8, 0, 0, 8])
    fixed = rebalance_day(ins, outs)
    assert fixed.drift == 4
    assert fixed.occupancy[1] == fixed.occupancy[0]  # nobody crossed
    assert fixed.occupancy == pytest.approx([10 - 40 / 36, 10 - 40 / 36, 2 - 72 / 36, 0, 10 - 40 / 36, 0])


def test_people_who_were_inside_before_the_first_count_push_the_curve_up_not_below_zero():
    fixed = rebalance_day([0, 0, 5, 5, 0], [4, 0, 0, 0, 10])
    assert fixed.lowest == -4 and fixed.occupancy.min() == 0
    assert fixed.occupancy[-1] == 0
    assert (fixed.occupancy[2:4] > 0).all()


def test_a_gap_takes_most_of_the_drift_and_stays_unmeasured():
    # the hall fills up while nothing is measured
    truth, ins, outs = day(np.random.default_rng(9), miss_in=0.03, miss_out=0.03)
    ins[60:130], outs[60:130] = NAN, NAN
    fixed = rebalance_day(ins, outs)
    assert np.isnan(fixed.occupancy[60:130]).all() and np.isnan(fixed.ins[60:130]).all()
    known = ~np.isnan(fixed.occupancy)
    assert np.abs(fixed.occupancy - truth)[known].mean() < 0.5 * np.abs(fixed.raw - truth)[known].mean()


def test_a_known_head_count_at_closing_and_opening():
    fixed = rebalance_day([3, 3], [0, 1], opening=2, closing=6)
    assert fixed.drift == 1 and fixed.occupancy[-1] == pytest.approx(6)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_days_without_crossings(size):
    fixed = rebalance_day(np.zeros(size), np.zeros(size))
    assert fixed.occupancy.tolist() == [0.0] * size and fixed.drift_share is None
    blind = rebalance_day(np.full(size, NAN), np.full(size, NAN))
    assert np.isnan(blind.occupancy).all() and blind.drift == 0


def test_lengths_must_agree():
    with pytest.raises(FlowError, match="dài khác nhau"):
        rebalance_day([1], [1, 2])
