"""Zones, staff, heat and occupancy of a scene."""

import numpy as np
import pytest

from khcn.engines.vision.errors import LayoutError
from khcn.engines.vision.layout import Gate, Layout, Zone, ZoneKind
from khcn.engines.vision.measure.scene import Scene
from khcn.engines.vision.measure.settings import MeasureSettings
from khcn.engines.vision.types import Detections, Size

from .moments import PICTURE, moment, watch

SQUARE = ((200.0, 200.0), (600.0, 200.0), (600.0, 500.0), (200.0, 500.0))


def zone(kind=ZoneKind.AREA):
    return Layout(zones=(Zone("K", SQUARE, kind),))


def test_presence_is_weighted_by_time_not_by_samples():
    """Ten seconds of one person at 5 fps, then ten of three people at 1 fps: mean 2, not 1.3."""
    times = [*np.arange(0, 10.01, 0.2), *np.arange(11, 20.01, 1.0)]
    scene, _ = watch(zone(), lambda t: {i: (300 + 30 * i, 300) for i in range(1 if t <= 10 else 3)}, times)
    (result,) = scene.result().zones
    assert result.person_seconds == pytest.approx(40, abs=0.1)
    assert result.occupancy_mean == pytest.approx(2.0, abs=0.01)
    assert (result.occupancy_peak, result.entries) == (3, 3)
    assert result.dwell_littles_s == pytest.approx(40 / 3, abs=0.1)


def test_a_gap_is_not_measured_time():
    times = [*np.arange(0, 5.01, 0.2), *np.arange(100, 105.01, 0.2)]
    scene, _ = watch(zone(), lambda t: {1: (300, 300)}, times)
    result = scene.result()
    assert result.measured_s == pytest.approx(10, abs=0.01)
    assert result.zones[0].person_seconds == pytest.approx(10, abs=0.01)


def test_unmeasured_time_can_be_said():
    scene = Scene(zone(), PICTURE)
    for t in np.arange(0, 5, 0.2):
        scene.update(moment(float(t), {1: (300, 300)}), dt=0.0)
    assert scene.result().measured_s == 0
    assert scene.result().zones[0].occupancy_mean == 0


def test_a_foot_on_the_edge_is_one_visit():
    def where(t):
        return {1: (200 + 4 * np.sin(20 * t), 300)} if t < 10 else {1: (100, 300)}

    scene, _ = watch(zone(), where, np.arange(0, 15, 0.1))
    assert scene.result().zones[0].entries == 1
    assert sum(scene.result().zones[0].stays) == 1


def test_walking_through_for_a_moment_is_no_entry():
    scene, _ = watch(zone(), lambda t: {1: (190 if t % 5 else 205, 300)}, np.arange(0, 20, 0.25))
    assert scene.result().zones[0].entries == 0


def test_stays_are_sorted_into_bins():
    def where(t):
        return {i: (300, 210 + 40 * i) for i, length in enumerate([3, 8, 25, 90]) if t <= length}

    scene, _ = watch(zone(), where, np.arange(0, 100, 0.5))
    assert scene.result().zones[0].stays == (1, 1, 0, 1, 0, 1, 0, 0, 0, 0)


def test_an_identity_that_breaks_is_no_second_entry():
    scene, _ = watch(zone(), lambda t: {1 + int(t // 4): (300, 300)}, np.arange(0, 20, 0.2))
    (result,) = scene.result().zones
    assert result.entries == 1
    assert result.dwell_littles_s == pytest.approx(19.8, abs=0.1)


def test_a_queue_counts_those_who_wait():
    def where(t):
        found = {1: (300, 300)} if t <= 40 else {}
        found |= {2: (350, 300)} if 10 <= t <= 30 else {}
        return found | ({3: (400, 300)} if 15 <= t <= 17 else {})  # only walks through

    scene, _ = watch(zone(ZoneKind.QUEUE), where, np.arange(0, 60.01, 0.5))
    queue = scene.result().zones[0].queue
    assert (queue.served, queue.length_peak) == (2, 2)
    assert queue.wait_s == pytest.approx(30, abs=0.6)
    assert scene.result().as_json()["zones"][0]["queue"]["served"] == 2


def test_staff_who_stood_in_the_staff_zone_are_not_visitors():
    layout = Layout(
        zones=(
            Zone("K", SQUARE),
            Zone("S", ((0.0, 200.0), (150.0, 200.0), (150.0, 500.0), (0.0, 500.0)), ZoneKind.STAFF),
        )
    )

    def where(t):
        return {1: (100, 300) if t < 100 else (300, 300), 2: (400, 400)}

    scene, _ = watch(layout, where, np.arange(0, 200.01, 1.0))
    visitors, staff = scene.result().zones
    assert visitors.person_seconds == pytest.approx(200, abs=1.5)
    assert visitors.staff_seconds == pytest.approx(101, abs=1.5)
    assert staff.person_seconds == pytest.approx(99, abs=1.5)
    assert scene.moment.present == 1


def test_a_stall_holder_is_known_by_the_place_though_the_track_breaks():
    settings = MeasureSettings(resident_s=300)

    def where(t):
        return {1 + int(t // 20) * 2: (400 + (int(t // 20) % 2) * 3, 300 + 5 * (int(t // 20) % 2))}

    scene, _ = watch(zone(ZoneKind.STALLS), where, np.arange(0, 900.01, 1.0), settings)
    (result,) = scene.result().zones
    assert 250 < result.person_seconds < 420  # a visitor until the rule could know
    assert result.staff_seconds == pytest.approx(900 - result.person_seconds, abs=1)


def test_customers_who_take_turns_in_front_of_a_stall_are_visitors():
    settings = MeasureSettings(resident_s=300)

    def where(t):
        turn, phase = divmod(t, 60)
        return {int(turn): (250 + 80 * (int(turn) % 4), 300)} if phase < 25 else {}

    scene, _ = watch(zone(ZoneKind.STALLS), where, np.arange(0, 1200.01, 1.0), settings)
    assert scene.result().zones[0].staff_seconds == 0


def test_exclusions_drop_detections_by_their_feet():
    scene = Scene(Layout(exclusions=(SQUARE,)), PICTURE)
    found = Detections(
        np.array([[280, 100, 320, 300], [280, 350, 320, 550]], np.float32), np.array([0.9, 0.8], np.float32)
    )
    assert scene.keep(found).scores.tolist() == [pytest.approx(0.8)]
    assert len(scene.keep(Detections.empty())) == 0


def test_occupancy_series_and_heat():
    scene, _ = watch(
        zone(), lambda t: {1: (12, 20), 2: (799, 650)} if t > 5 else {1: (12, 20)}, np.arange(0, 10.01, 0.2)
    )
    result = scene.result()
    assert [t for t, _ in result.occupancy] == pytest.approx(list(range(11)))
    assert [count for _, count in result.occupancy] == [1] * 6 + [2] * 5
    assert result.heat["0,0"] == pytest.approx(10, abs=0.01)
    assert result.heat["31,17"] == pytest.approx(5, abs=0.21)  # a foot below the picture belongs to its edge
    assert result.as_json()["occupancy"][0] == {"t": 0.0, "count": 1}


def test_a_layout_drawn_on_another_size_is_scaled():
    layout = Layout((Gate("A", ((200, 0), (200, 300))),), frame=Size(400, 300))
    _, crossings = watch(layout, lambda t: {1: (300 + 50 * t, 300)}, np.arange(0, 4, 0.2))
    assert len(crossings) == 1
    with pytest.raises(LayoutError):
        Scene(Layout((Gate("A", ((900, 0), (900, 300))),)), PICTURE)


def test_an_empty_scene():
    scene, crossings = watch(zone(), lambda t: {}, np.arange(0, 10, 0.2))
    (result,) = scene.result().zones
    assert crossings == []
    assert (result.person_seconds, result.entries, result.dwell_littles_s) == (0, 0, None)
    assert Scene(Layout(), PICTURE).result().as_json()["zones"] == []
