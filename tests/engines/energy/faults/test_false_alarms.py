"""What looks like a fault and is another one, or none: shadows and clocks, clouds, seasons, counters that catch up."""

from dataclasses import replace

import numpy as np
import pytest

from khcn.engines.energy.faults.site import DeviceKind, DeviceSeries, SiteSeries
from khcn.engines.energy.faults.survey import survey
from khcn.engines.energy.types import Finding, FindingKind, Quality
from tests.engines.energy.faults.sites import STEP, Made, made, site_of

K = FindingKind


def kinds(found: list[Finding]) -> set[FindingKind]:
    """Return which kinds were found."""
    return {one.kind for one in found}


def change(site: SiteSeries, row: int, **fields: object) -> SiteSeries:
    """Return the site with one device changed."""
    devices = list(site.devices)
    devices[row] = replace(devices[row], **fields)
    return replace(site, devices=devices)


def noon_of(one: Made, day: int) -> int:
    """Return the interval of local noon on a day."""
    return int(np.flatnonzero((one.day == day) & (one.minute >= 720))[0])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lost_mornings_are_a_shadow_and_no_late_clock(seed: int) -> None:
    one = made(seed)
    one.kwh[1, (one.day >= 45) & (one.minute < 570)] *= 0.5
    found = survey(site_of(one))
    assert not kinds(found) & {K.TIME_SHIFT, K.PHASE_SHIFT}
    assert [(f.kind, f.devices) for f in found] == [(K.SHADING, ("inv2",))]


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_clouds_that_a_usual_year_does_not_know_are_no_shadows(seed: int) -> None:
    one = made(seed, days=90, inverters=1)
    usual = one.kwh[0].reshape(-1, 96).mean(axis=0)
    site = replace(site_of(one), expected_kwh=np.tile(usual, 90))
    assert K.SHADING not in kinds(survey(site))


def test_a_real_shadow_on_a_single_inverter_is_still_found() -> None:
    one = made(3, days=90, inverters=1)
    usual = one.kwh[0].reshape(-1, 96).mean(axis=0)
    shadow = (one.day >= 30) & (one.minute >= 840) & (one.minute < 930)
    one.kwh[0, shadow] *= 0.4
    found = survey(replace(site_of(one), expected_kwh=np.tile(usual, 90)))
    assert K.SHADING in kinds(found)


def filled(one: Made, *, share: float) -> SiteSeries:
    """Return a site whose first inverter was silent for hours, and whose counter afterwards tells ``share`` of it."""
    span = slice(noon_of(one, 40) - 10, noon_of(one, 40) + 14)
    one.kwh[0, span] *= share
    one.meter[:] = np.nan
    site = site_of(one)
    flags = site.devices[0].flags.copy()
    flags[span] = np.uint8(Quality.INTERPOLATED)
    return change(site, 0, flags=flags)


def test_a_silence_that_the_counter_fills_is_a_gap_that_lost_nothing() -> None:
    found = survey(filled(made(4), share=1.0))
    assert [(f.kind, f.code, f.devices, f.loss_kwh) for f in found] == [
        (K.COMMUNICATION_GAP, "fault-communication_gap", ("inv1",), 0.0)
    ]


def test_a_silence_in_which_the_counter_stood_is_an_outage() -> None:
    (found,) = survey(filled(made(4), share=0.05))
    assert (found.kind, found.code) == (K.OUTAGE, "fault-outage-silent")
    assert found.loss_kwh is not None and found.loss_kwh > 0


def test_a_device_that_is_read_every_hour_has_no_gaps() -> None:
    one = made(4)
    site = site_of(one)
    flags = np.where(np.arange(len(one.ms)) % 4, Quality.INTERPOLATED, Quality.MEASURED).astype(np.uint8)
    assert survey(change(site, 0, flags=flags)) == []


@pytest.mark.parametrize("refused", [True, False], ids=["set-aside", "counted"])
def test_a_counter_that_stands_and_catches_up_is_stale_and_lost_nothing(refused: bool) -> None:
    one = made(5)
    start, end = noon_of(one, 40) - 10, noon_of(one, 40) + 10
    whole = float(one.kwh[0, start : end + 1].sum())
    one.kwh[0, start:end] = 0.0
    one.kwh[0, end] = np.nan if refused else whole
    site = site_of(one)
    flags = site.devices[0].flags.copy()
    flags[end] = np.uint8(Quality.OUT_OF_RANGE) if refused else flags[end]
    found = survey(change(site, 0, flags=flags))
    assert K.OUTAGE not in kinds(found)
    assert [f.devices for f in found if f.kind == K.STALE] == [("inv1",)]


def turned(*, told: bool) -> SiteSeries:
    """Return two inverters, the second of which loses a fifth to the season: its roof faces away from the winter sun."""
    one = made(6, days=90, inverters=2)
    season = 1 - 0.25 * np.clip((one.day - 20) / 60, 0, 1)
    usual = one.kwh.reshape(2, 90, 96).mean(axis=1)
    one.kwh[1] *= season
    site = site_of(one)
    if not told:
        return site
    south, north = np.tile(usual[0], 90), np.tile(usual[1], 90) * season
    return change(change(site, 0, usual_kwh=south), 1, usual_kwh=north)


def test_a_season_is_no_weakness_where_the_roofs_directions_are_known() -> None:
    assert K.UNDERPERFORMANCE in kinds(survey(turned(told=False)))
    assert survey(turned(told=True)) == []


def test_a_weak_inverter_is_found_beside_a_roof_that_faces_elsewhere() -> None:
    site = turned(told=True)
    days = (site.ms - site.ms[0]) // (96 * STEP)
    weak = np.where(days >= 60, site.devices[1].kwh * 0.8, site.devices[1].kwh)
    found = survey(change(site, 1, kwh=weak))
    assert [(f.kind, f.devices) for f in found] == [(K.UNDERPERFORMANCE, ("inv2",))]


def test_a_usual_year_of_another_length_is_left_alone() -> None:
    site = turned(told=False)
    short = DeviceSeries("x", DeviceKind.INVERTER, np.zeros(3), np.zeros(3, np.uint8))
    assert K.UNDERPERFORMANCE in kinds(survey(change(site, 0, usual_kwh=short.kwh)))
