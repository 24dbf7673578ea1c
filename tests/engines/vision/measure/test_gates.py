"""Gates as stories. The gate stands at x = 400, drawn downwards: walking to the left is "in"."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as options
from hypothesis import strategies as st

from khcn.engines.vision.layout import Gate, Layout, parse_layout
from khcn.engines.vision.measure.scene import Scene
from khcn.engines.vision.measure.settings import MeasureSettings
from khcn.engines.vision.track.follow import Follower
from khcn.engines.vision.types import Crossing, Detections, Tracks

from .moments import PICTURE, moment, watch

GATE = Layout((Gate("A", ((400, 0), (400, 600))),))


def sides(crossings):
    return [(c.gate, c.direction) for c in crossings]


@pytest.mark.parametrize(
    ("points", "direction", "walk", "expected"),
    [
        ([[400, 0], [400, 600]], "in", (-80, 0), "in"),  # s = (qx-px)(fy-py) - (qy-py)(fx-px) > 0 on the left
        ([[400, 0], [400, 600]], "in", (80, 0), "out"),
        ([[400, 600], [400, 0]], "in", (80, 0), "in"),
        ([[400, 0], [400, 600]], "out", (-80, 0), "out"),
        ([[0, 300], [800, 300]], "in", (0, 80), "in"),
        ([[0, 300], [800, 300]], "in", (0, -80), "out"),
        ([[0, 350], [400, 300], [800, 350]], "in", (0, 80), "in"),
        ([[0, 0], [800, 600]], "in", (-60, 60), "in"),
    ],
)
@pytest.mark.parametrize("fps", [2.5, 5, 10, 30])
def test_the_sign_rule_of_the_contract(points, direction, walk, expected, fps):
    layout = parse_layout({"gates": [{"id": "A", "points": points, "direction": direction}]})
    start = np.array([400, 300]) - np.array(walk) * 2.05
    _, crossings = watch(layout, lambda t: {1: tuple(start + np.array(walk) * t)}, np.arange(0, 4, 1 / fps))
    assert sides(crossings) == [("A", expected)]
    assert crossings[0].t == pytest.approx(2.05, abs=0.35)


def test_the_moment_is_when_the_foot_leaves_the_dead_band():
    _, (crossing,) = watch(GATE, lambda t: {1: (300 + 50 * t, 300)}, np.arange(0, 4, 0.2))
    assert crossing.t == pytest.approx(2.16, abs=0.01)  # 408 = 300 + 50 t
    assert crossing.x == pytest.approx(408, abs=0.5)
    assert (crossing.y, crossing.direction) == (300, "out")


@given(st.lists(st.floats(-7.9, 7.9), min_size=1, max_size=80), st.sampled_from([5, 10, 25]))
@options(max_examples=60, deadline=None)
def test_wobbling_on_the_line_counts_nothing(offsets, fps):
    way = [360.0, 370.0, 380.0, 390.0, *(400 + d for d in offsets), 390.0, 380.0, 370.0]
    _, crossings = watch(GATE, lambda t: {1: (way[round(t * fps)], 300)}, np.arange(len(way)) / fps)
    assert crossings == []


@given(st.lists(st.floats(200, 600), min_size=2, max_size=60))
@options(max_examples=60, deadline=None)
def test_ins_and_outs_alternate_whatever_the_way(way):
    """One who starts on the left and ends there has gone out as often as in."""
    way = [350.0, 350.0, *way, 350.0, 350.0, 350.0]
    _, crossings = watch(GATE, lambda t: {1: (way[round(t * 5)], 300)}, np.arange(len(way)) / 5)
    directions = [c.direction for c in crossings]
    assert directions == ["out", "in"] * (len(directions) // 2)
    assert all(a.t <= b.t for a, b in pairwise(crossings))


def test_waiting_on_the_line_and_going_on_counts_once_when_decided():
    def where(t):
        x = 300 + 50 * t if t < 2 else (400 + 3 * np.sin(9 * t) if t < 20 else 400 + 50 * (t - 20))
        return {1: (x, 300)}

    _, crossings = watch(GATE, where, np.arange(0, 23, 0.2))
    assert sides(crossings) == [("A", "out")]
    assert crossings[0].t == pytest.approx(20.16, abs=0.05)


def test_a_flicker_to_the_other_side_is_no_crossing():
    def where(t):
        return {1: (415 if 2.0 < t < 2.05 else 385, 300)}

    assert watch(GATE, where, np.arange(0, 4, 0.04))[1] == []


def test_a_group_that_stands_on_the_line_counts_nothing():
    def where(t):
        return {i: (400 + 5 * np.sin(3 * t + i), 250 + 20 * i) for i in range(6)}

    assert watch(GATE, where, np.arange(0, 60, 0.2))[1] == []


@pytest.mark.parametrize("gap", [0.2, 0.6, 1.0])
def test_a_track_that_breaks_at_the_gate_counts_once(gap):
    """The tracker loses them on the line and finds somebody new a step further: motion says it is the same."""

    def where(t):
        x = 250 + 75 * t
        if t <= 1.9:
            return {1: (x, 300)}
        return {2: (x, 303)} if t > 1.9 + gap else {}

    _, crossings = watch(GATE, where, np.arange(0, 4, 0.2))
    assert sides(crossings) == [("A", "out")]


def test_a_new_person_elsewhere_takes_over_nothing():
    def where(t):
        return {1: (330 + 30 * t, 300)} if t < 1.5 else {2: (430 + 30 * (t - 1.5), 480)}

    assert watch(GATE, where, np.arange(0, 4, 0.2))[1] == []


def test_two_numbers_never_become_one_person():
    """Track 1 breaks, 2 takes over, then 1 comes back: they are two from then on."""

    def where(t):
        found = {}
        if t < 1 or t > 2:
            found[1] = (300 + 40 * t, 300) if t < 1 else (350, 500)
        if t > 1.1:
            found[2] = (300 + 40 * t, 300)
        return found

    assert sides(watch(GATE, where, np.arange(0, 5, 0.2))[1]) == [("A", "out")]


def test_around_the_end_of_a_short_gate_is_no_crossing():
    short = Layout((Gate("A", ((400, 0), (400, 300))),))
    assert sides(watch(short, lambda t: {1: (300 + 50 * t, 200)}, np.arange(0, 4, 0.2))[1]) == [("A", "out")]
    assert sides(watch(short, lambda t: {1: (300 + 50 * t, 310)}, np.arange(0, 4, 0.2))[1]) == [("A", "out")]
    assert watch(short, lambda t: {1: (300 + 50 * t, 360)}, np.arange(0, 4, 0.2))[1] == []

    def around(t):
        angle = np.pi * (1 + t / 4)
        return {1: (400 + 90 * np.cos(angle), 300 - 90 * np.sin(angle))}

    assert watch(short, around, np.arange(0, 4, 0.1))[1] == []


def test_uneven_times_change_nothing():
    rng = np.random.default_rng(5)
    times = np.cumsum(rng.choice([0.04, 0.1, 0.3, 0.5], 60))
    _, crossings = watch(GATE, lambda t: {1: (100 + 60 * t, 300), 2: (700 - 60 * t, 400)}, times)
    assert sorted(sides(crossings)) == [("A", "in"), ("A", "out")]


def test_who_begins_on_the_line_has_not_crossed_it():
    assert watch(GATE, lambda t: {1: (402 + 40 * t, 300)}, np.arange(0, 3, 0.2))[1] == []


def test_people_who_come_together_are_one_group():
    def where(t):
        walkers = {1: 0.0, 2: 0.3, 3: 0.5, 4: 9.0}
        return {i: (300 + 50 * (t - late), 300 + 20 * i) for i, late in walkers.items()}

    scene, crossings = watch(GATE, where, np.arange(0, 14, 0.2))
    (gate,) = scene.result().gates
    assert (len(crossings), gate.count_out, gate.groups_out, gate.groups_in) == (4, 4, 2, 0)


def test_a_wider_band_for_a_near_camera():
    """Somebody of 500 px sways by 15 px without walking."""

    def where(t):
        return {1: (400 + 15 * np.sin(2 * t), 590, 500)}

    assert watch(GATE, where, np.arange(0, 20, 0.2))[1] == []
    thin = MeasureSettings(dead_band=0.0)
    assert watch(GATE, where, np.arange(0, 20, 0.2), thin)[1]


def test_a_line_near_the_edge_counts_those_who_are_cut_by_it():
    """A near person of 200 px in width leaves on the right; of the last of them only half is seen."""

    layout = Layout((Gate("A", ((760, 0), (760, 600))),))
    scene = Scene(layout, PICTURE)
    crossings = []
    for t in np.arange(0, 4, 0.2):
        x = 500 + 100 * t
        box = np.array([[x - 100, 100, min(x + 100, 800), 590]], np.float32)
        one = np.ones(1)
        tracks = Tracks(float(t), one.astype(np.int64), box, one.astype(np.float32), one.astype(np.bool_))
        crossings += scene.update(tracks if x < 770 else moment(float(t), {}))
    assert sides(crossings) == [("A", "out")]


def test_who_vanishes_before_a_line_in_the_middle_has_not_crossed_it():
    _, crossings = watch(GATE, lambda t: {1: (200 + 80 * t, 300)} if t < 2.3 else {}, np.arange(0, 8, 0.2))
    assert crossings == []


def near_leaver(line: float, fps: float, end: float, turn: float = np.inf) -> list[Crossing]:
    """Somebody of 400 px walks out on the right, through a detector's boxes, follower and gate.

    Beyond ``end`` (x of the right side of their box) the detector is not sure of them; at ``turn`` they walk back.
    """
    layout = Layout((Gate("A", ((line, 0), (line, 600))),))
    follower, scene = Follower(source=PICTURE), Scene(layout, PICTURE)
    moments = []
    for t in np.arange(0, 10, 1 / fps):
        right = 360 + 250 * t
        right = min(right, 2 * turn - right)
        box = np.array([[right - 160, 150, min(right, PICTURE.width), 550]], np.float32)
        score = np.array([0.9 if right <= end else 0.2], np.float32)
        there = 160 < right < 950
        moments += follower.update(Detections(box, score) if there else Detections.empty(), float(t))
    return [c for tracks in [*moments, *follower.finish()] for c in scene.update(tracks)]


@pytest.mark.parametrize("line", [640, 690, 720])
@pytest.mark.parametrize("fps", [4, 5, 10])
@pytest.mark.parametrize("end", [740, 760, 775])
def test_who_walks_out_counts_wherever_the_detector_last_saw_them(line, fps, end):
    """Whoever is cut by the edge is hard to detect: the last sure box may end half a stride before it."""
    (crossing,) = near_leaver(line, fps, end)
    assert crossing.direction == "out"
    assert crossing.t == pytest.approx((line + 16 - 280) / 250, abs=0.35)  # the middle leaves the dead band


def test_who_vanishes_far_from_the_edge_has_not_walked_out():
    assert near_leaver(640, 5, 640) == []


def test_who_stands_near_the_edge_or_walks_away_from_it_has_not_walked_out():
    near = Layout((Gate("A", ((765, 0), (765, 600))),))
    rng = np.random.default_rng(7)
    sway = rng.normal(0, 1.0, 100)
    assert (
        watch(near, lambda t: {1: (752 + sway[round(5 * t)], 300)} if t < 6 else {}, np.arange(0, 12, 0.2))[1]
        == []
    )
    assert watch(near, lambda t: {1: (775 - 8 * t, 300)} if t < 1 else {}, np.arange(0, 8, 0.2))[1] == []


@pytest.mark.parametrize(("end", "turn"), [(740, 740), (740, 780), (770, 770), (770, 800)])
def test_who_turns_back_at_the_edge_comes_in_again(end, turn):
    assert [c.direction for c in near_leaver(560, 5, end, turn)] == ["out", "in"]
