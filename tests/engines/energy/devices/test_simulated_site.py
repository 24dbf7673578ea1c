"""A simulated site tells one truth, however it is asked."""

import numpy as np
import pytest

from khcn.engines.energy.devices.simulated_site import Fault, FaultKind, InverterSpec, SimulatedSite, SiteSpec
from khcn.engines.energy.devices.sun import is_night, sun_path
from khcn.engines.energy.types import DAY_MS

START = SiteSpec().since_ms
NOON = 5 * 3_600_000 + 7 * 3_600_000  # from local midnight


def test_the_sun_stands_where_it_should():
    # 21/06/2026 05:00 UTC at Ho Chi Minh City: just before the upper transit, north of the zenith.
    path = sun_path(np.array([1_782_018_000_000], dtype=np.int64), 10.7769, 106.7009)
    assert path.elevation[0] == pytest.approx(77.3, abs=0.2)
    assert min(path.azimuth[0], 360 - path.azimuth[0]) < 6
    assert is_night(START, 10.8, 106.7) and not is_night(START + NOON, 10.8, 106.7)


def test_counters_are_the_integral_of_power_and_agree_with_each_other():
    site = SimulatedSite(SiteSpec())
    got = site.readings(START + 100 * DAY_MS, START + 101 * DAY_MS, 60).series
    made = 0.0
    for key in ("inv-1", "inv-2"):
        power, counter = np.nan_to_num(got[key, "ac_power"]), got[key, "ac_energy"]
        grown = np.nanmax(counter) - np.nanmin(counter)
        assert power.sum() / 60 == pytest.approx(grown, rel=2e-3)
        assert np.nanmax(got[key, "ac_energy_today"]) == pytest.approx(grown, abs=0.03)
        assert np.nanmin(np.diff(counter[np.isfinite(counter)])) >= 0
        made += grown
    grid = got["meter-1", "grid_power"]
    bought = np.ptp(got["meter-1", "import_energy"])
    sold = np.ptp(got["meter-1", "export_energy"])
    assert grid.sum() / 60 == pytest.approx(bought - sold, abs=0.3)
    assert 50 < made < 400 and bought > 0


def test_any_span_and_step_gives_the_same_truth():
    wide = SimulatedSite(SiteSpec()).readings(START, START + 40 * DAY_MS, 900)
    narrow = SimulatedSite(SiteSpec()).readings(START + 30 * DAY_MS, START + 31 * DAY_MS, 300)
    for name, values in narrow.series.items():
        cut = wide.series[name][30 * 96 : 31 * 96]
        assert np.array_equal(values[::3], cut, equal_nan=True), name
    other = SimulatedSite(SiteSpec(seed=2)).readings(START + 30 * DAY_MS, START + 31 * DAY_MS, 300)
    assert not np.array_equal(
        other.series["inv-1", "ac_power"], narrow.series["inv-1", "ac_power"], equal_nan=True
    )


def test_a_year_is_believable():
    site = SimulatedSite(SiteSpec())
    yearly = site.true_energy_kwh("inv-1", "ac_energy", START, START + 365 * DAY_MS) / 30.0
    assert 1250 < yearly < 1650
    got = site.readings(START, START + 60 * DAY_MS, 900).series
    assert np.nanmax(got["inv-1", "ac_power"]) <= 27.0
    assert np.isnan(got["inv-1", "ac_power"][:20]).all(), "an inverter is silent at night"
    assert np.isfinite(got["meter-1", "grid_power"]).all()
    load = got["meter-1", "grid_power"] + sum(np.nan_to_num(got[k, "ac_power"]) for k in ("inv-1", "inv-2"))
    assert load.min() > 0


def fault(kind, first_day, days, size=0.0, at=0):
    return Fault("inv-1", kind, START + first_day * DAY_MS + at, START + (first_day + days) * DAY_MS, size)


@pytest.mark.parametrize(
    ("kind", "size", "low", "high"),
    [
        (FaultKind.OUTAGE, 0, 0.0, 0.0), (FaultKind.UNDERPERFORMANCE, 0.7, 0.69, 0.72),
        (FaultKind.SHADING, 0.2, 0.8, 0.98), (FaultKind.SOILING, 0.01, 0.98, 0.999),
        (FaultKind.COMMUNICATION_GAP, 0, 1.0, 1.0), (FaultKind.STALE, 0, 1.0, 1.0),
    ],
)  # fmt: skip
def test_a_fault_takes_what_it_should_and_nothing_else(kind, size, low, high):
    whole = SimulatedSite(SiteSpec())
    broken = SimulatedSite(SiteSpec(faults=(fault(kind, 2, 1, size),)))
    span = (START + 2 * DAY_MS, START + 3 * DAY_MS)
    share = broken.true_energy_kwh("inv-1", "ac_energy", *span) / whole.true_energy_kwh(
        "inv-1", "ac_energy", *span
    )
    assert low <= round(share, 6) <= high
    assert broken.true_energy_kwh("inv-2", "ac_energy", *span) == whole.true_energy_kwh(
        "inv-2", "ac_energy", *span
    )


def test_what_a_device_says_can_differ_from_what_is_true():
    spec = SiteSpec(
        inverters=(InverterSpec("inv-1", 10, 8, start_kwh=5000.0),),
        faults=(fault(FaultKind.COMMUNICATION_GAP, 1, 1), fault(FaultKind.COUNTER_RESET, 3, 1, at=NOON)),
    )
    got = SimulatedSite(spec).readings(START, START + 5 * DAY_MS, 900).series
    counter = got["inv-1", "ac_energy"]
    assert np.isnan(counter[96:192]).all()
    before, after = counter[3 * 96 + 47], counter[3 * 96 + 48]
    assert before > 5000 and after == 0.0


def test_times_before_the_site_are_refused():
    with pytest.raises(ValueError, match="from"):
        SimulatedSite(SiteSpec()).readings(START - 1, START, 60)
