"""Outages and communication gaps of plants whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.outages.plant import Plant
from khcn.engines.energy.kpi.outages.run import availability_of
from tests.engines.energy.kpi.plants import DAY, START, ZONE, Fault, plant_of

pytestmark = pytest.mark.nodb


def found_of(made):
    found = availability_of(made.plant, zone=ZONE)
    have = np.array([day.availability for day in found.days], dtype=float)
    return found, float(np.abs(have - made.availability()).max())


def kinds(found):
    return [(event.kind.value, event.inverters) for event in found.events]


def test_nothing_wrong_is_nothing_found():
    found, error = found_of(plant_of())
    assert found.events == () and error == 0 and found.whole.availability == 1.0 and found.notes == ()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(2.3, 2.6, (1,)), "outage"),
        (Fault(2.3, 2.6, (1,), how="nan"), "outage"),
        (Fault(2.3, 2.6, (1,), real=False, how="nan"), "communication_gap"),
        (Fault(2.3, 3.6, (1,), real=False), "communication_gap"),
        (Fault(2.0, 5.0, (0,)), "outage"),
        (Fault(2.45, 2.48, (3,)), "outage"),
    ],
)
def test_one_inverter(fault, kind):
    found, error = found_of(plant_of([fault]))
    (event,) = found.events
    assert event.kind == kind and event.inverters == (f"inv{fault.inverters[0] + 1}",)
    assert error < 0.005
    if kind == "communication_gap":
        assert event.energy_lost_kwh == 0.0 and found.whole.availability == 1.0


def test_an_event_begins_and_ends_with_its_rows():
    found, _ = found_of(plant_of([Fault(2.375, 2.5, (1,))]))
    (event,) = found.events
    assert ((event.start_ms - START) / DAY, (event.end_ms - START) / DAY) == (2.375, 2.5)


@pytest.mark.parametrize("counter", ["on", "nan", "zero"])
@pytest.mark.parametrize("how", ["zero", "nan"])
@pytest.mark.parametrize("meter", ["zero", "nan"])
@pytest.mark.parametrize("real", [True, False])
def test_whole_site_by_the_counter(counter, how, meter, real):
    made = plant_of([Fault(2.3, 2.6, real=real, how=how, counter=counter, meter=meter)])
    found, error = found_of(made)
    (event,) = found.events
    assert event.kind == ("outage" if real else "communication_gap") and len(event.inverters) == 4
    assert error < 0.005


def test_one_is_out_while_another_is_silent():
    made = plant_of([Fault(2.3, 3.6, (1,), how="nan"), Fault(2.3, 3.6, (2,), real=False, how="nan")])
    found, error = found_of(made)
    assert sorted(kinds(found)) == [("communication_gap", ("inv3",)), ("outage", ("inv2",))] and error < 0.005


def test_an_outage_inside_a_gap_of_data():
    made = plant_of(
        [Fault(2, 5, real=False, how="nan", meter="nan"), Fault(2.4, 3.4, how="nan", meter="nan")], count=3
    )
    found, error = found_of(made)
    assert [event.kind.value for event in found.events] == [
        "communication_gap",
        "outage",
        "communication_gap",
    ]
    assert error < 0.005


def test_missing_rows_lose_nothing_when_the_counter_went_on():
    found, error = found_of(plant_of([Fault(2.3, 2.6, real=False, how="gone")]))
    assert [event.kind.value for event in found.events] == ["communication_gap"] and error == 0


def test_missing_rows_with_a_counter_that_stood_still():
    found, _ = found_of(plant_of([Fault(2, 5, how="gone")]))
    assert [event.kind.value for event in found.events] == ["outage"]
    assert [day.availability for day in found.days[2:5]] == pytest.approx([0, 0, 0], abs=1e-6)


def test_roofs_that_face_different_ways_are_no_outage():
    found, error = found_of(plant_of(turned=2.0))
    assert found.events == () and error == 0


def test_many_inverters():
    faults = [
        Fault(2.3, 2.6, (0,)),
        Fault(5, 6, (3,)),
        Fault(7.4, 8.4, tuple(range(4, 16)), real=False, how="nan"),
    ]
    found, error = found_of(plant_of(faults, count=20, minutes=5))
    assert len(found.events) == 3 and error < 0.005
    assert found.events[2].inverters == tuple(f"inv{i}" for i in range(5, 17))


def test_a_counter_that_begins_again_at_zero():
    made = plant_of(
        [Fault(2.3, 2.6, meter="zero"), Fault(5, 6, real=False, meter="nan", how="nan")], resets=(4,)
    )
    found, error = found_of(made)
    assert [event.kind.value for event in found.events] == ["outage", "communication_gap"] and error < 0.005
    assert [note.code for note in found.notes] == ["kpi-note-counter-resets"]


def test_without_inverters_the_site_is_judged_as_a_whole():
    faults = [Fault(2.3, 2.6, meter="zero"), Fault(5, 6, real=False, meter="nan"), Fault(7.5, 8, meter="nan")]
    found, error = found_of(plant_of(faults, columns=False))
    assert kinds(found) == [("outage", ()), ("communication_gap", ()), ("outage", ())] and error < 0.005


def test_without_expected_power_the_usual_of_other_days_counts():
    found, error = found_of(plant_of([Fault(2.3, 2.6, meter="zero")], expected=False, clouds=False))
    assert [event.kind.value for event in found.events] == ["outage"] and error < 0.005
    assert [note.code for note in found.notes] == ["kpi-note-expected-guessed"]


def test_without_meter_a_zero_is_an_outage_and_silence_is_a_gap():
    made = plant_of([Fault(2.3, 2.6, (1,)), Fault(5.3, 5.6, (2,), real=False, how="nan")])
    plant = made.plant
    found = availability_of(
        Plant(plant.ms, None, None, plant.inverters, plant.names, plant.expected_kw), zone=ZONE
    )
    assert kinds(found) == [("outage", ("inv2",)), ("communication_gap", ("inv3",))]
    have = np.array([day.availability for day in found.days])
    assert np.abs(have - made.availability()).max() < 0.005
    assert "kpi-note-no-counter" in [note.code for note in found.notes]


def test_a_hundred_random_faults():
    """Precision and recall of at least 0.95 and days within 0.5 % on plants drawn at random."""
    rng = np.random.default_rng(42)
    hits = misses = wrong = 0
    errors = []
    for _ in range(30):
        count, minutes = int(rng.choice([2, 3, 5, 8])), int(rng.choice([5, 15]))
        faults = []
        for day in rng.choice([1, 4, 7, 10], 3, replace=False).tolist():
            start = round((day + rng.uniform(0.3, 0.5)) * 96) / 96
            end = start + round(rng.uniform(0.06, 1.2) * 96) / 96
            real, how = bool(rng.integers(0, 2)), str(rng.choice(["zero", "nan"]))
            if rng.random() < 0.3:
                counter = str(rng.choice(["on", "nan", "zero"]))
                faults.append(Fault(start, end, (), real, how, counter, "nan"))
            else:
                faults.append(Fault(start, end, (int(rng.integers(0, count)),), real, how))
        made = plant_of(
            faults, days=14, count=count, minutes=minutes, seed=int(rng.integers(1_000_000)), noise=0.04
        )
        found, _ = found_of(made)
        errors += (np.array([d.availability for d in found.days]) - made.availability()).tolist()
        used = set()
        for fault in faults:
            want = "outage" if fault.real else "communication_gap"
            match = [
                at for at, event in enumerate(found.events)
                if event.kind == want
                and event.start_ms < START + fault.end * DAY and event.end_ms > START + fault.start * DAY
            ]  # fmt: skip
            used |= set(match)
            hits, misses = hits + bool(match), misses + (not match)
        wrong += len(found.events) - len(used)
    assert hits / (hits + misses) >= 0.95 and hits / (hits + wrong) >= 0.95
    errors = np.abs(errors)
    assert (
        np.quantile(errors, 0.99) < 0.005 and errors.max() < 0.015
    )  # the rest: noise of the expected power itself


def test_scale_of_the_site_changes_nothing():
    made = plant_of([Fault(2.3, 2.6, (1,)), Fault(5.3, 5.6)])
    plant = made.plant
    bigger = Plant(
        plant.ms,
        plant.meter_kw * 50,
        plant.meter_kwh * 50,
        plant.inverters * 50,
        plant.names,
        plant.expected_kw * 50,
    )
    one, fifty = availability_of(plant, zone=ZONE), availability_of(bigger, zone=ZONE)
    assert [day.availability for day in one.days] == pytest.approx(
        [day.availability for day in fifty.days], abs=1e-9
    )
    assert sum(day.energy_lost_kwh for day in fifty.days) == pytest.approx(fifty.whole.energy_lost_kwh)


def test_an_inverter_that_is_dead_all_along():
    made = plant_of([Fault(0, 10, (2,))])
    found, _ = found_of(made)
    assert kinds(found) == [("outage", ("inv3",))] and 0.6 < found.whole.availability < 0.9
    assert [note.code for note in found.notes] == ["kpi-note-dead-inverter"]
    silent, _ = found_of(plant_of([Fault(0, 10, (2,), real=False, how="nan")]))
    assert all(event.kind == "communication_gap" for event in silent.events)


def test_a_counter_too_coarse_for_single_rows_still_judges_the_stretch():
    for real in (True, False):
        made = plant_of([Fault(2.25, 3.75, real=real, how="nan", meter="nan")])
        plant = made.plant
        coarse = Plant(
            plant.ms,
            plant.meter_kw,
            np.floor(plant.meter_kwh / 10) * 10,
            plant.inverters,
            plant.names,
            plant.expected_kw,
        )
        found = availability_of(coarse, zone=ZONE)
        assert [event.kind.value for event in found.events] == ["outage" if real else "communication_gap"]


def test_rows_a_few_seconds_off_and_out_of_order_change_nothing():
    made = plant_of([Fault(2.3, 2.6, (1,)), Fault(5.3, 5.6, real=False, how="nan", meter="nan")])
    plant, rng = made.plant, np.random.default_rng(0)
    order = rng.permutation(len(plant.ms))
    shaken = Plant(
        (plant.ms + rng.integers(-20_000, 20_000, len(plant.ms)))[order], plant.meter_kw[order], plant.meter_kwh[order],
        plant.inverters[order], plant.names, plant.expected_kw[order],
    )  # fmt: skip
    found = availability_of(shaken, zone=ZONE)
    assert kinds(found) == kinds(availability_of(plant, zone=ZONE))
    assert np.abs(np.array([d.availability for d in found.days]) - made.availability()).max() < 0.005


def test_a_file_without_rows_at_night():
    made = plant_of([Fault(2.3, 2.6, (1,)), Fault(5.3, 5.6, real=False, how="nan", meter="nan")])
    plant = made.plant
    keep = plant.expected_kw > 0
    day = Plant(
        plant.ms[keep],
        plant.meter_kw[keep],
        plant.meter_kwh[keep],
        plant.inverters[keep],
        plant.names,
        plant.expected_kw[keep],
    )
    found = availability_of(day, zone=ZONE)
    assert kinds(found) == kinds(availability_of(plant, zone=ZONE))
    assert np.abs(np.array([d.availability for d in found.days]) - made.availability()).max() < 0.005


def test_nothing_to_judge_is_said():
    night = Plant(np.arange(10) * 900_000, np.zeros(10), None, np.zeros((10, 0)), (), np.zeros(10))
    with pytest.raises(SpecError, match="Không có khoảng nào"):
        availability_of(night, zone=ZONE)


@pytest.mark.parametrize("minutes", [5, 15, 60])
@pytest.mark.parametrize("real", [False, True])
def test_a_counter_held_by_the_logger_catches_up(minutes, real):
    """A portal repeats the last value while it hears nothing; only a real outage leaves the counter where it was."""
    made = plant_of([Fault(3 + 10 / 24, 3 + 13 / 24, real=real, meter="zero")], minutes=minutes, days=8)
    plant, step = made.plant, minutes * 60_000
    rows = (plant.ms >= START + 3 * DAY + 10 * 3_600_000) & (plant.ms < START + 3 * DAY + 13 * 3_600_000)
    first = int(np.flatnonzero(rows)[0])
    counter = plant.meter_kwh.copy()
    counter[rows] = counter[first - 1]
    found = availability_of(replace(plant, meter_kwh=counter), zone=ZONE)
    assert found.step_ms == step
    assert found.whole.energy_lost_kwh == pytest.approx(made.lost.sum() * minutes / 60, rel=0.08)
    assert {event.kind for event in found.events} == ({"outage"} if real else {"communication_gap"})
    assert not found.notes
