"""Crossings of truth, their matching, and the whole score."""

import numpy as np
import pytest

from khcn.engines.vision.evaluate.score import match_crossings, score, truth_crossings
from khcn.engines.vision.evaluate.truth import parse_mot
from khcn.engines.vision.layout import Gate, Layout
from khcn.engines.vision.types import Crossing, Tracks

GATE = Gate("A", ((400, 0), (400, 600)))


def truth_of(ways: dict[int, list[float]], y: float = 300):
    """Feet at x = the given values, one per frame; boxes 40 x 100."""
    lines = [
        f"{frame + 1},{ident},{x - 20},{y - 100},40,100,1"
        for ident, way in ways.items()
        for frame, x in enumerate(way)
    ]
    return parse_mot(lines)


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ([380, 390, 395, 405, 408, 409, 420], [(0.5, "out")]),  # beyond 8 px: 409, the sixth frame
        ([380, 407, 380, 407, 380], []),
        ([380, 409, 391, 380], [(0.1, "out"), (0.2, "in")]),
        ([405, 420, 430], []),
        ([395, 405, 380, 420], [(0.3, "out")]),
    ],
)
def test_true_crossings(way, expected):
    found = truth_crossings(truth_of({1: way}), [GATE], fps=10)
    assert [(pytest.approx(c.t), c.direction) for c in found] == expected


def test_a_swapped_gate_and_one_that_ends_before():
    truth = truth_of({1: [380, 400, 420]})
    assert truth_crossings(truth, [Gate("A", GATE.points, swap=True)], 10)[0].direction == "in"
    assert truth_crossings(truth, [Gate("A", ((400, 0), (400, 250)))], 10) == []


def crossing(t, direction="in", gate="A"):
    return Crossing(gate, t, direction, 0.0, 0.0)


@pytest.mark.parametrize(
    ("real", "counted", "matched"),
    [
        ([1.0, 2.0], [1.9, 2.9], 2),  # the greedy nearest would match one
        ([1.0], [2.0], 1),
        ([1.0], [2.01], 0),
        ([1.0, 1.1, 1.2], [1.1], 1),
        ([], [1.0], 0),
        ([1.0], [], 0),
        ([5.0, 1.0], [1.5, 5.5], 2),
    ],
)
def test_matching_is_one_to_one_and_greatest(real, counted, matched):
    result = match_crossings([crossing(t) for t in real], [crossing(t) for t in counted])
    assert result.matched == matched
    assert result.recall == (matched / len(real) if real else None)
    assert result.precision == (matched / len(counted) if counted else None)


def test_matching_needs_the_same_gate_and_direction():
    real = [crossing(1.0), crossing(1.0, gate="B")]
    assert match_crossings(real, [crossing(1.0, "out"), crossing(1.0, gate="C")]).matched == 0


def tracks(t, boxes, idents):
    count = len(idents)
    return Tracks(
        t,
        np.array(idents, np.int64),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.ones(count, np.float32),
        np.ones(count, np.bool_),
    )


def test_only_sampled_frames_are_judged_but_every_true_crossing_counts():
    truth = truth_of({1: [float(x) for x in range(380, 430, 2)]})
    moments = [(frame, tracks(frame / 10, truth.at(frame).boxes, [4])) for frame in range(0, 25, 5)]
    result = score(truth, moments, [crossing(1.5, "out")], Layout((GATE,)), fps=10)
    assert result.as_json() == {
        "hota": 1.0,
        "mota": 1.0,
        "idf1": 1.0,
        "id_switches": 0,
        "crossings": {"truth": 1, "found": 1, "precision": 1.0, "recall": 1.0},
        "occupancy_mae": 0.0,
    }


def test_a_run_that_saw_nothing():
    truth = truth_of({1: [380.0] * 4, 2: [100.0] * 4})
    moments = [(frame, tracks(frame / 10, [], [])) for frame in range(4)]
    result = score(truth, moments, [], Layout(), fps=10).as_json()
    assert (result["hota"], result["mota"], result["idf1"], result["occupancy_mae"]) == (0, 0, 0, 2)
    assert result["crossings"] == {"truth": 0, "found": 0, "precision": None, "recall": None}
