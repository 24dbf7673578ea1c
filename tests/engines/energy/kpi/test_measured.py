"""Figures of a file of samples: definitions, days, codes, duplicates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.clean import clean_irradiance, clean_power
from khcn.engines.energy.kpi.measured import Samples, in_order, measured_figures, median_step

pytestmark = pytest.mark.nodb

ZONE = "Asia/Ho_Chi_Minh"
DAY = 86_400_000
MIDNIGHT = 20_000 * DAY - 7 * 3_600_000


def days_of(count=3, minutes=15, peak=50.0, sun=900.0):
    step = minutes * 60_000
    ms = MIDNIGHT + np.arange(count * DAY // step) * step
    light = np.maximum(0, np.sin(((ms - MIDNIGHT) % DAY / 3_600_000 - 6) / 12 * np.pi))
    return ms, peak * light, sun * light


def test_a_system_that_does_what_it_says_has_a_ratio_of_one():
    ms, kw, poa = days_of(peak=90.0, sun=900.0)
    figures = measured_figures(Samples(ms, kw, poa), zone=ZONE, pdc0_kw=100.0)
    assert figures.whole.performance_ratio == pytest.approx(1.0)
    assert figures.whole.energy_kwh == pytest.approx(kw.sum() / 4)
    assert figures.whole.insolation_kwh_m2 == pytest.approx(poa.sum() / 4000)
    assert [day.completeness for day in figures.days] == [1.0, 1.0, 1.0]
    assert [day.date for day in figures.days] == ["2024-10-04", "2024-10-05", "2024-10-06"]


def test_days_add_up_to_the_whole():
    ms, kw, poa = days_of(5)
    figures = measured_figures(Samples(ms, kw, poa), zone=ZONE, pdc0_kw=60.0)
    assert sum(day.energy_kwh for day in figures.days) == pytest.approx(figures.whole.energy_kwh)
    assert sum(day.insolation_kwh_m2 for day in figures.days) == pytest.approx(
        figures.whole.insolation_kwh_m2
    )


@settings(max_examples=30, deadline=None)
@given(scale=st.floats(0.01, 1e4), holes=st.sets(st.integers(0, 287), max_size=80))
def test_ratio_does_not_depend_on_the_size_of_the_system(scale, holes):
    ms, kw, poa = days_of()
    kw[sorted(holes)] = np.nan
    one = measured_figures(Samples(ms, kw, poa), zone=ZONE, pdc0_kw=50.0).whole
    other = measured_figures(Samples(ms, kw * scale, poa), zone=ZONE, pdc0_kw=50.0 * scale).whole
    assert other.performance_ratio == pytest.approx(one.performance_ratio)
    assert other.energy_kwh == pytest.approx(one.energy_kwh * scale)


def test_only_rows_with_both_count_for_the_ratio():
    ms, kw, poa = days_of(2)
    kw[40:50] = np.nan
    poa[140:150] = np.nan
    both = np.isfinite(kw) & np.isfinite(poa)
    figures = measured_figures(Samples(ms, kw, poa), zone=ZONE, pdc0_kw=50.0)
    assert figures.whole.performance_ratio == pytest.approx(kw[both].sum() / 50 / (poa[both].sum() / 1000))
    assert figures.whole.energy_kwh == pytest.approx(np.nansum(kw) / 4)
    assert [day.completeness for day in figures.days] == pytest.approx([86 / 96, 86 / 96])


def test_night_draw_is_import_not_negative_production():
    ms, kw, poa = days_of(1)
    kw[kw == 0] = -0.4
    figures = measured_figures(Samples(ms, kw, poa), zone=ZONE, pdc0_kw=50.0)
    assert figures.whole.energy_kwh == pytest.approx(kw[kw > 0].sum() / 4)
    assert figures.whole.import_kwh == pytest.approx(-kw[kw < 0].sum() / 4)


def test_a_long_gap_is_days_without_value_and_a_note():
    ms, kw, poa = days_of(6)
    keep = (ms < MIDNIGHT + DAY) | (ms >= MIDNIGHT + 4 * DAY)
    figures = measured_figures(Samples(ms[keep], kw[keep], poa[keep]), zone=ZONE, pdc0_kw=50.0)
    assert [day.completeness for day in figures.days] == [1, 0, 0, 0, 1, 1]
    assert figures.days[1].energy_kwh is None and figures.days[1].performance_ratio is None
    assert figures.whole.completeness == 0.5
    assert [(note.code, note.params["days"]) for note in figures.notes] == [("kpi-note-gap", 3)]


def test_a_day_with_a_change_of_clocks_has_its_own_length():
    step = 900_000
    start = 1_710_000_000_000 // DAY * DAY + 7 * 3_600_000  # 2024-03-09 00:00 in Denver
    ms = start + np.arange(3 * 96 - 4) * step
    figures = measured_figures(Samples(ms, np.ones(len(ms))), zone="America/Denver", pdc0_kw=None)
    assert [day.date for day in figures.days] == ["2024-03-09", "2024-03-10", "2024-03-11"]
    assert [day.completeness for day in figures.days] == [1.0, 1.0, 1.0]
    assert [day.energy_kwh for day in figures.days] == pytest.approx([24.0, 23.0, 24.0])


def test_corrected_ratio_needs_temperature_and_coefficient():
    ms, kw, poa = days_of(1, peak=90.0)
    warm = np.full(len(ms), 45.0)
    plain = measured_figures(Samples(ms, kw, poa, warm), zone=ZONE, pdc0_kw=100.0)
    assert plain.whole.performance_ratio_25c is None
    corrected = measured_figures(Samples(ms, kw, poa, warm), zone=ZONE, pdc0_kw=100.0, gamma_per_c=-0.004)
    assert corrected.whole.performance_ratio_25c == pytest.approx(1 / 0.92)


def test_rows_are_sorted_and_doubles_counted_once():
    ms, kw, poa = days_of(1)
    order = np.random.default_rng(0).permutation(len(ms))
    twice = np.concatenate((order, order[:10]))
    samples, notes = in_order(Samples(ms[twice], kw[twice], poa[twice]))
    assert (samples.ms == ms).all() and (samples.ac_kw == kw).all()
    assert {note.code for note in notes} == {"kpi-note-unordered", "kpi-note-duplicates"}


def test_a_file_of_several_devices_is_refused():
    ms, kw, _ = days_of(1)
    with pytest.raises(SpecError, match="nhiều thiết bị"):
        in_order(Samples(np.tile(ms, 2), np.concatenate((kw, kw * 2 + 1)), None))


@pytest.mark.parametrize("code", [-1_000_000.0, 65_535.0, 4_294_967.295, -99_999.0])
def test_codes_are_no_values(code):
    _, kw, _ = days_of()
    kw[[30, 140]] = code
    cleaned, notes = clean_power(kw, rating_kw=None, column="P")
    assert np.isnan(cleaned[[30, 140]]).all() and np.isfinite(np.delete(cleaned, [30, 140])).all()
    assert [(note.code, note.params["count"]) for note in notes] == [("kpi-note-codes", 2)]


def test_a_wrong_unit_is_said_and_nothing_dropped():
    _, kw, poa = days_of()
    cleaned, notes = clean_power(kw * 1000, rating_kw=50.0, column="P")
    assert np.isfinite(cleaned).all() and [note.code for note in notes] == ["kpi-note-unit"]
    _, notes = clean_irradiance(poa / 1000, column="G")
    assert [note.code for note in notes] == ["kpi-note-unit-sun"]
    _, notes = clean_power(-kw, rating_kw=None, column="P")
    assert [note.code for note in notes] == ["kpi-note-sign"]


@pytest.mark.parametrize("ms", [[0], [5, 5, 5], [0, 10 * DAY]])
def test_too_little_to_know_the_step(ms):
    with pytest.raises(SpecError):
        measured_figures(Samples(np.array(ms), np.ones(len(ms))), zone=ZONE, pdc0_kw=None)


def test_step_is_the_median():
    assert median_step(np.array([0, 5, 10, 15, 90, 95]) * 60_000) == 300_000
