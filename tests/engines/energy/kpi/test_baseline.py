"""Savings against a baseline: known savings come back, and their uncertainty covers the truth as often as it says."""

import json
from datetime import date, timedelta

import numpy as np
import pytest

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.baseline import (
    BillMonth,
    Climate,
    baseline_from,
    fit_baseline,
    same_month_savings,
    savings_against,
)
from khcn.engines.energy.kpi.messages import KPIS
from khcn.engines.energy.kpi.student import t_two_sided

pytestmark = pytest.mark.nodb

WARM = [26.5, 27.3, 28.9, 30.1, 29.6, 28.6, 28.1, 28.0, 27.8, 27.5, 27.2, 26.4]
CLOSED = {6: 0.9, 7: 1.0, 8: 0.6}


def climate_of(years, shift=0.0, rng=None):
    months = [(year, month) for year in years for month in range(1, 13)]
    noise = rng.normal(0, 0.5, len(months)) if rng is not None else np.zeros(len(months))
    return Climate(
        {one: WARM[one[1] - 1] + shift + noise[at] for at, one in enumerate(months)},
        {one: CLOSED.get(one[1], 0.0) for one in months},
    )


def bills_of(
    year, climate, *, base=100.0, heat=8.0, closed=60.0, noise=0.0, saved=0.0, rng=None, odd=False, bend=26.0
):
    """Bills of a year: kWh a day = base + heat x (T - 26)+ - closed x share, less what was saved."""
    bills, day = [], date(year, 1, 1)
    for month in range(1, 13):
        following = date(year + month // 12, month % 12 + 1, 1)
        end = following - timedelta(days=1) + timedelta(days=(5 if month % 2 else 0) if odd else 0)
        warm, shut = climate.of(BillMonth(day, end, 0.0))
        a_day = (
            base + heat * max(0, warm - bend) - closed * shut + (rng.normal(0, noise) if noise else 0) - saved
        )
        bills.append(BillMonth(day, end, a_day * ((end - day).days + 1)))
        day = end + timedelta(days=1)
    return bills


def test_a_known_saving_comes_back():
    climate = climate_of([2024, 2025])
    before, after = bills_of(2024, climate), bills_of(2025, climate, saved=15.0)
    found = savings_against(fit_baseline(before, climate), after, climate)
    assert found.saved == pytest.approx(15.0 * 365, rel=0.001) and found.significant
    assert found.share == pytest.approx(found.saved / found.expected)


def test_a_hotter_year_is_no_waste_and_a_longer_period_no_saving():
    climate = climate_of([2024])
    hot = climate_of([2025, 2026], shift=0.4)
    baseline = fit_baseline(bills_of(2024, climate), climate)
    found = savings_against(baseline, bills_of(2025, hot, odd=True), hot)
    assert abs(found.share) < 0.005
    naive = same_month_savings(bills_of(2024, climate), bills_of(2025, hot, odd=True))
    assert naive.share < found.share - 0.02 and naive.uncertainty == {}


def test_the_model_is_as_simple_as_the_bills_allow():
    rng = np.random.default_rng(3)
    climate = climate_of([2024], rng=rng)
    flat = fit_baseline(bills_of(2024, climate, heat=0, closed=0, noise=3, rng=rng), climate)
    assert flat.terms in {(), ("temperature",), ("closed",)} and flat.cvrmse < 0.05
    full = fit_baseline(bills_of(2024, climate, bend=28.0), climate)
    assert full.terms == ("cooling", "closed") and full.base_c == 28.0 and full.r2 > 0.999
    none = fit_baseline(bills_of(2024, climate))
    assert none.terms == () and none.temperatures is None


def test_uncertainty_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(11)
    inside = {0.80: 0, 0.90: 0}
    rounds = 300
    for _ in range(rounds):
        climate = climate_of([2023, 2024, 2025], rng=rng)
        before = bills_of(2023, climate, noise=6, rng=rng) + bills_of(2024, climate, noise=6, rng=rng)
        found = savings_against(
            fit_baseline(before, climate), bills_of(2025, climate, noise=6, saved=10, rng=rng), climate
        )
        for level, bound in found.uncertainty.items():
            inside[level] += abs(found.saved - 10 * 365) <= bound
    assert 0.72 <= inside[0.80] / rounds <= 0.9 and 0.83 <= inside[0.90] / rounds <= 0.97


def test_no_saving_is_not_called_one():
    rng = np.random.default_rng(5)
    climate = climate_of([2024, 2025], rng=rng)
    baseline = fit_baseline(bills_of(2024, climate, noise=6, rng=rng), climate)
    found = savings_against(baseline, bills_of(2025, climate, noise=6, rng=rng), climate)
    assert found.significant is False
    assert found.uncertainty[0.90] > found.uncertainty[0.80] > 0


def test_it_survives_the_database():
    climate = climate_of([2024, 2025])
    baseline = fit_baseline(bills_of(2024, climate), climate)
    again = baseline_from(json.loads(json.dumps(baseline.document())))
    assert again == baseline


@pytest.mark.parametrize("count", [0, 1, 8])
def test_too_few_bills_are_refused_with_a_sentence(count):
    climate = climate_of([2024])
    with pytest.raises(SpecError, match="cùng tháng năm trước") as caught:
        fit_baseline(bills_of(2024, climate)[:count], climate)
    assert caught.value.code == "baseline-few"


def test_bills_that_make_no_sense():
    climate = climate_of([2024])
    bills = bills_of(2024, climate)
    with pytest.raises(SpecError, match="trùng ngày"):
        fit_baseline([*bills, bills[3]], climate)
    with pytest.raises(SpecError, match="không hợp lệ"):
        fit_baseline([*bills, BillMonth(date(2026, 1, 31), date(2026, 1, 1), 5)], climate)
    with pytest.raises(SpecError, match="0 kWh"):
        fit_baseline([BillMonth(bill.start, bill.end, 0.0) for bill in bills], climate)


def test_what_could_not_be_compared_is_said():
    climate = climate_of([2024, 2025])
    baseline = fit_baseline(bills_of(2024, climate), climate)
    blind = Climate({m: t for m, t in climate.temperature.items() if m != (2025, 3)}, climate.closed)
    found = savings_against(baseline, bills_of(2025, climate, saved=5), blind)
    assert [note.code for note in found.notes] == ["baseline-no-weather"] and found.months[2].expected is None
    hot = climate_of([2025], shift=4.0)
    found = savings_against(baseline, bills_of(2025, hot), hot)
    assert "baseline-beyond" in [note.code for note in found.notes]
    simple = same_month_savings(bills_of(2024, climate)[:6], bills_of(2025, climate))
    assert {note.code for note in simple.notes} == {"baseline-simple", "baseline-no-pair"}
    for note in (*found.notes, *simple.notes):
        assert KPIS[note.code] % note.params


@pytest.mark.parametrize(
    ("level", "degrees", "want"),
    [(0.90, 10, 1.8125), (0.80, 5, 1.4759), (0.95, 1, 12.7062), (0.90, 100, 1.6602)],
)
def test_student(level, degrees, want):
    assert t_two_sided(level, degrees) == pytest.approx(want, abs=1e-4)
