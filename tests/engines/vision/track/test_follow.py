"""The delayed follower: every moment once, gaps filled, people found again by motion alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khcn.engines.vision.track.follow import Follower
from khcn.engines.vision.track.settings import TrackerSettings
from khcn.engines.vision.types import Detections, Size

from .walkers import Walker, look

PICTURE = Size(1600, 900)


def follow(walkers, times, options=None, jitter=0.02):
    follower = Follower(options, PICTURE)
    moments = [m for t in times for m in follower.update(look(walkers, t, jitter), t)]
    return moments + follower.finish()


def lives(moments) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for tracks in moments:
        for ident in tracks.ids.tolist():
            found.setdefault(ident, []).append(tracks.t)
    return found


@given(
    st.lists(st.floats(0.01, 3.0), min_size=1, max_size=30),
    st.sampled_from([0.0, 0.5, 4.0]),
)
@settings(max_examples=25, deadline=None)
def test_every_moment_comes_out_once_and_in_order(steps, lag):
    times = np.cumsum(steps).tolist()
    moments = follow([Walker((200, 500), (0.3, 0))], times, TrackerSettings(lag_s=lag))
    assert [tracks.t for tracks in moments] == times


@pytest.mark.parametrize("fps", [5, 10, 25])
def test_hidden_for_two_seconds_and_found_again_by_motion(fps):
    walker = Walker((200, 500), (0.7, 0.0), hidden=(3.0, 5.0))
    moments = follow([walker], np.arange(0, 8, 1 / fps))
    (life,) = lives(moments).values()
    assert len(life) == len(moments)  # from the first sample on, and the gap is filled
    gap = [tracks for tracks in moments if 3.0 < tracks.t < 4.9]
    assert not any(tracks.observed.any() for tracks in gap)
    assert all(abs(tracks.boxes[0, 0] - walker.box(tracks.t)[0]) < 20 for tracks in gap)


def test_somebody_else_elsewhere_is_somebody_else():
    first = Walker((200, 500), (0.7, 0.0), until=3.0)
    other = Walker((200, 520), (-0.2, 0.0), since=4.5)
    assert len(lives(follow([first, other], np.arange(0, 8, 0.2)))) == 2


def test_two_who_meet_and_pass_are_not_exchanged():
    """While they overlap only one box is seen; afterwards each goes on as he came."""
    right = Walker((300, 500), (0.8, 0), hidden=(2.2, 3.2))
    left = Walker((730, 510), (-0.8, 0))
    moments = follow([right, left], np.arange(0, 6, 0.2))
    assert len(lives(moments)) == 2
    first, last = moments[1], moments[-1]
    order = np.argsort(first.boxes[:, 0])
    started_left = first.ids[order[0]]
    ended = dict(zip(last.ids.tolist(), last.boxes[:, 0].tolist(), strict=True))
    assert ended[int(started_left)] == max(ended.values())


def test_two_who_meet_and_turn_back_are_not_exchanged():
    class Turner(Walker):
        def box(self, t):
            return super().box(t if t < 2.5 else 5.0 - t)

    pair = [Turner((300, 500), (0.7, 0)), Turner((690, 505), (-0.7, 0))]
    moments = follow(pair, np.arange(0, 5, 0.1))
    first, last = moments[0], moments[-1]
    starts = dict(zip(first.ids.tolist(), first.boxes[:, 0].tolist(), strict=True))
    ends = dict(zip(last.ids.tolist(), last.boxes[:, 0].tolist(), strict=True))
    assert starts.keys() == ends.keys()
    assert all((starts[i] < 480) == (ends[i] < 480) for i in starts)


def test_jitter_is_smoothed_away():
    walker = Walker((300, 500), (0.5, 0))
    moments = follow([walker], np.arange(0, 10, 0.1), jitter=0.04)
    errors = [np.abs(tracks.boxes[0] - walker.box(tracks.t)).mean() for tracks in moments[10:-10]]
    raw = [
        np.abs(look([walker], tracks.t, 0.04).boxes[0] - walker.box(tracks.t)).mean()
        for tracks in moments[10:-10]
    ]
    assert np.mean(errors) < 0.7 * np.mean(raw)


def test_without_lag_moments_come_at_once():
    follower = Follower(TrackerSettings(lag_s=0.0), PICTURE)
    for t in np.arange(0, 2, 0.2):
        (tracks,) = follower.update(look([Walker((300, 500))], t), t)
        assert tracks.t == t
    assert len(tracks) == 1


def test_an_empty_source():
    follower = Follower()
    assert follower.finish() == []
    assert follower.expected(0.0).shape == (0, 4)
    assert len(follower.update(Detections.empty(), 0.0)) + len(follower.finish()) == 1
