"""Rows of made-up files: every fault found to the row, and nothing where there is none."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from khcn.engines.energy.faults.rows import RowFaults, find_faults
from khcn.engines.energy.faults.series import quantum_of, runs_of, scale_of, series_of
from tests.engines.energy.faults.sun import (
    Case,
    System,
    make,
    with_lines,
    with_outliers,
    with_shifts,
    with_stale,
)

KINDS = ("stale", "interpolated", "clipping", "outlier")

# loggers that differ in all that loggers differ in
SYSTEMS = [
    System(seed=1),
    System(seed=2, night="negative", unit=1000),
    System(seed=3, night="absent", unit=0.1, clear=0.8),
    System(seed=4, night="noise", step=5, days=20, noon=19.3),
    System(seed=5, step=30, days=60, latitude=45, tilt=30, round_to=0.01),
    System(seed=6, step=60, days=90, latitude=-33, azimuth=0),
    System(seed=7, step=1, days=8, jitter=0.003, missing=0.01),
    System(seed=8, round_to=0.1, kwp=50, clear=0.1, overcast=0.3),
    System(seed=9, round_to=0.01, kwp=250, night="absent", missing=0.01),
    System(seed=10, latitude=35, azimuth=270, tilt=30, noon=0.2, clear=0.8),
]


def score(cases: list[Case], kind: str) -> tuple[float, float, int]:
    """Precision and recall of ``kind`` over the rows of all cases, and rows of other kinds found by mistake."""
    right = wrong = missed = stray = 0
    for case in cases:
        found = find_faults(case.ms, case.values)
        rows, truth = set(getattr(found, kind)), case.truth[kind]
        right, wrong, missed = (
            right + len(rows & truth),
            wrong + len(rows - truth),
            missed + len(truth - rows),
        )
        stray += sum(len(set(getattr(found, other)) - case.truth[other]) for other in KINDS if other != kind)
    return right / max(right + wrong, 1), right / max(right + missed, 1), stray


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: f"seed{system.seed}-{system.step}min")
def test_a_sound_file_has_no_faults(system: System) -> None:
    case = make(system)
    assert find_faults(case.ms, case.values) == replace_noon(find_faults(case.ms, case.values))


def replace_noon(found: RowFaults) -> RowFaults:
    """The empty answer with the noon that was found."""
    return RowFaults((), (), (), (), (), found.noon_minute)


@pytest.mark.parametrize(
    ("kind", "put"),
    [
        ("stale", lambda system: with_stale(make(system), system.seed)),
        (
            "interpolated",
            lambda system: with_lines(
                make(system), system.seed, lengths=(max(12, 240 // system.step), max(90, 1200 // system.step))
            ),
        ),
        ("outlier", lambda system: with_outliers(make(system), system.seed)),
        ("clipping", lambda system: make(replace(system, limit=0.55 * system.kwp))),
    ],
)
def test_each_fault_is_found_and_no_other(kind: str, put: Callable[[System], Case]) -> None:
    precision, recall, stray = score([put(system) for system in SYSTEMS], kind)
    assert precision >= 0.95
    assert recall >= 0.95
    assert stray <= 5


def test_the_first_row_of_a_stale_run_is_stale_and_the_night_is_not() -> None:
    case = with_stale(make(System(seed=21)), 21, count=1, lengths=(60, 61))
    found = find_faults(case.ms, case.values)
    assert found.stale == tuple(sorted(case.truth["stale"]))
    assert len(found.stale) == 60


def test_the_known_ends_of_a_line_are_not_interpolated() -> None:
    case = with_lines(make(System(seed=22)), 22, count=1)
    assert find_faults(case.ms, case.values).interpolated == tuple(sorted(case.truth["interpolated"]))


def test_a_lone_gap_filled_with_the_mean_shows_by_its_decimals_once_lines_show_filling() -> None:
    case = with_lines(make(System(seed=23, round_to=0.001, jitter=0.003)), 23, count=2)
    row = next(
        i for i in range(2300, 2500) if abs(case.values[i + 1] - case.values[i - 1]) > 0.3 and not i % 2
        and round((case.values[i + 1] + case.values[i - 1]) * 1000) % 2
    )  # fmt: skip
    case.values[row] = (case.values[row - 1] + case.values[row + 1]) / 2
    assert row in find_faults(case.ms, case.values).interpolated


def test_row_numbers_are_those_of_the_file_whatever_its_order() -> None:
    case = with_stale(make(System(seed=24)), 24)
    order = np.random.default_rng(0).permutation(len(case.ms))
    straight, mixed = find_faults(case.ms, case.values), find_faults(case.ms[order], case.values[order])
    assert {int(order[row]) for row in mixed.stale} == set(straight.stale) == case.truth["stale"]


def test_rows_without_value_or_time_are_left_out() -> None:
    case = with_stale(make(System(seed=25)), 25)
    valid = np.ones(len(case.ms), bool)
    valid[:40] = False
    case.values[60:70] = np.nan
    assert set(find_faults(case.ms, case.values, valid).stale) == case.truth["stale"] - set(range(70))


@pytest.mark.parametrize("count", [0, 1, 4])
def test_too_few_rows_say_nothing(count: int) -> None:
    ms = np.arange(count, dtype=np.int64) * 900_000
    assert find_faults(ms, np.ones(count)) == RowFaults((), (), (), (), ())


def test_a_file_of_nothing_says_nothing() -> None:
    ms = np.arange(500, dtype=np.int64) * 900_000
    assert find_faults(ms, np.zeros(500)).document() == RowFaults((), (), (), (), ()).document()
    assert find_faults(ms, np.full(500, np.nan)).document() == RowFaults((), (), (), (), ()).document()


@pytest.mark.parametrize("minutes", [60, -60, 120, 30, -45])
def test_a_moved_clock_is_found_to_the_day(minutes: int) -> None:
    case = with_shifts(make(System(seed=31, days=120, first_day=30, latitude=35)), [(60, minutes)])
    found = find_faults(case.ms, case.values)
    assert [one.minutes for one in found.shifts] == [minutes]
    assert abs((found.shifts[0].date - np.datetime64(case.shifts[0][0]).item()).days) <= 1


def test_summer_time_there_and_back() -> None:
    system = System(seed=32, days=365, first_day=0, latitude=40, tilt=30, noon=19.0, night="absent")
    case = with_shifts(make(system), [(70, 60), (307, -60)])
    assert [(str(one.date)[:7], one.minutes) for one in find_faults(case.ms, case.values).shifts] == [
        ("2017-03", 60),
        ("2017-11", -60),
    ]


@pytest.mark.parametrize("seed", [41, 42, 43])
def test_a_month_of_foggy_mornings_is_no_shift(seed: int) -> None:
    case = make(System(seed=seed, days=200, first_day=40, latitude=34, tilt=20, clear=0.6, fog=(80, 112)))
    assert find_faults(case.ms, case.values).shifts == ()


def test_scale_is_blind_to_sentinels() -> None:
    values = np.concatenate([np.linspace(0, 5, 1000), [1e6, 1e6, -1e6]])
    assert scale_of(values) == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize(("step", "unit"), [(0.1, 1.0), (0.01, 1.0), (0.1, 1 / 7.3), (None, 1.0)])
def test_the_step_in_which_values_are_written(step: float | None, unit: float) -> None:
    values = np.random.default_rng(1).uniform(0, 10, 3000)
    written = values if step is None else np.round(values / step) * step
    assert quantum_of(written * unit, 10 * unit) == pytest.approx((step or 0.0) * unit, rel=1e-6)


def test_runs_end_at_gaps() -> None:
    mask = np.array([0, 1, 1, 1, 0, 1], bool)
    joined = np.array([1, 1, 1, 0, 1, 1], bool)
    assert runs_of(mask) == [(1, 4), (5, 6)]
    assert runs_of(mask, joined) == [(1, 3), (3, 4), (5, 6)]


def test_days_are_cut_in_the_night_of_the_series_also_in_utc() -> None:
    case = make(System(seed=51, noon=23.8))
    series = series_of(case.ms, case.values)
    lit = series.values > 0.05 * series.scale
    assert 240 < series.minute[lit].min() < series.minute[lit].max() < 1200
