"""Metrics against tables worked out by hand (and, in the benchmark, against TrackEval's own arithmetic)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as options
from hypothesis import strategies as st

from khcn.engines.vision.evaluate.metrics import Pair, clear, hota, idf1


def pair(truth, found, overlap):
    return Pair(
        np.array(truth, np.int64),
        np.array(found, np.int64),
        np.array(overlap, float).reshape(len(truth), len(found)),
    )


def test_perfection():
    frames = [pair([1, 2], [7, 8], [[1, 0], [0, 1]])] * 5
    assert (clear(frames).mota, idf1(frames), hota(frames).hota) == (1.0, 1.0, pytest.approx(1.0))


def test_one_person_whose_track_breaks_in_the_middle():
    """Ten frames, identity 1 for six of them, then 2. IDTP 6, IDF1 .6; association (6*.6 + 4*.4)/10 = .52."""
    frames = [pair([1], [1 if i < 6 else 2], [[1.0]]) for i in range(10)]
    assert clear(frames).switches == 1
    assert clear(frames).mota == pytest.approx(0.9)
    assert idf1(frames) == pytest.approx(0.6)
    assert hota(frames).association == pytest.approx(0.52)
    assert hota(frames).detection == pytest.approx(1.0)
    assert hota(frames).hota == pytest.approx(0.52**0.5)


def test_misses_and_false_boxes():
    """Two people for four frames; one is never found, one false box in two frames: TP 4, FN 4, FP 2."""
    frames = [pair([1, 2], [5], [[1.0], [0.0]])] * 2 + [pair([1, 2], [5, 6], [[1, 0], [0, 0]])] * 2
    counts = clear(frames)
    assert (counts.matched, counts.missed, counts.false, counts.switches) == (4, 4, 2, 0)
    assert counts.mota == pytest.approx((4 - 2) / 8)
    assert idf1(frames) == pytest.approx(2 * 4 / (8 + 6))
    assert hota(frames).detection == pytest.approx(4 / 10)


def test_hota_averages_over_overlaps():
    """An overlap of .5 counts at .05 to .50: ten of nineteen."""
    frames = [pair([1], [1], [[0.5]])] * 3
    assert hota(frames).hota == pytest.approx(10 / 19)
    assert clear(frames).mota == 1.0
    assert clear([pair([1], [1], [[0.49]])]).matched == 0


def test_two_who_exchange_identities():
    """Frames 0-3 straight, 4-7 exchanged: two switches, IDF1 .5."""
    straight, exchanged = [[1, 0], [0, 1]], [[0, 1], [1, 0]]
    frames = [pair([1, 2], [1, 2], straight if i < 4 else exchanged) for i in range(8)]
    assert clear(frames).switches == 2
    assert idf1(frames) == pytest.approx(0.5)
    assert hota(frames).association == pytest.approx(1 / 3)


def test_a_match_is_kept_though_another_overlaps_more():
    """CLEAR keeps last frame's pair while it reaches one half; no switch."""
    frames = [pair([1], [1, 2], [[0.9, 0.0]]), pair([1], [1, 2], [[0.6, 0.8]])]
    counts = clear(frames)
    assert (counts.switches, counts.false) == (0, 2)


def test_after_an_absence_the_best_is_taken_and_counts_as_a_switch():
    frames = [pair([1], [1], [[0.9]]), pair([1], [], []), pair([1], [1, 2], [[0.6, 0.8]])]
    assert clear(frames).switches == 1


def test_nobody_at_all():
    assert (clear([]).mota, idf1([]), hota([]).hota) == (0.0, 0.0, 0.0)
    empty = [pair([], [], [])] * 3
    assert (clear(empty).mota, idf1(empty), hota(empty).hota) == (0.0, 0.0, 0.0)
    false = [pair([], [1], [])]
    assert clear(false).false == 1


@given(st.integers(0, 10_000))
@options(max_examples=30, deadline=None)
def test_bounds_and_independence_of_names(seed):
    rng = np.random.default_rng(seed)
    frames = []
    for _ in range(8):
        truth = rng.permutation(5)[: rng.integers(0, 5)]
        found = rng.permutation(6)[: rng.integers(0, 6)]
        frames.append(pair(truth, found, rng.random((len(truth), len(found))) ** 2))
    renamed = [Pair(frame.truth * 7 - 3, frame.found * 1000 + 5, frame.overlap) for frame in frames]
    assert clear(frames) == clear(renamed)
    assert idf1(frames) == pytest.approx(idf1(renamed))
    assert hota(frames).hota == pytest.approx(hota(renamed).hota)
    assert 0 <= hota(frames).hota <= 1
    assert 0 <= idf1(frames) <= 1
    assert clear(frames).mota <= 1
