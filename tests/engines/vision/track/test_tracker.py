"""The tracker as stories: who keeps an identity, who must not get somebody else's."""

import numpy as np
import pytest

from khcn.engines.vision.track.settings import TrackerSettings
from khcn.engines.vision.track.tracker import Tracker
from khcn.engines.vision.types import Detections, Size, Tracks

from .walkers import Walker, look

PICTURE = Size(1000, 600)


def run(walkers, times, settings=None, source=PICTURE) -> list[Tracks]:
    tracker = Tracker(settings, source)
    return [tracker.update(look(walkers, t), t) for t in times]


def idents(moments) -> set[int]:
    return {int(ident) for tracks in moments for ident in tracks.ids}


@pytest.mark.parametrize("fps", [2.5, 5, 10, 25, 30])
@pytest.mark.parametrize("height", [55, 150, 380])
def test_a_walker_keeps_one_identity_at_any_rate_and_size(fps: float, height: float):
    walker = Walker((200, 500), (0.8, 0.0), height, until=1.0 + 600 / height)
    times = np.arange(0, 4, 1 / fps)
    moments = run([walker], times, source=Size(4000, 600))
    assert len(idents(moments)) == 1
    there = sum(walker.seen(t) for t in times)
    assert sum(len(tracks) for tracks in moments) >= there - 1 - 0.3 * fps  # all but the time to believe it


def test_an_uneven_rate_is_no_matter():
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.choice([0.04, 0.1, 0.2, 0.45], 60))
    pair = [Walker((100, 400), (0.5, 0)), Walker((900, 440), (-0.4, 0))]
    moments = run(pair, times, source=Size(4000, 900))
    assert len(idents(moments)) == 2


def test_two_who_pass_each_other_keep_their_identities():
    pair = [Walker((200, 400), (0.8, 0)), Walker((800, 430), (-0.8, 0))]
    moments = run(pair, np.arange(0, 6, 0.2), TrackerSettings(lost_s=2))
    first, last = moments[3], moments[-1]
    starts = {int(i): box[0] for i, box in zip(first.ids, first.boxes, strict=True)}
    ends = {int(i): box[0] for i, box in zip(last.ids, last.boxes, strict=True)}
    assert starts.keys() == ends.keys()
    assert all((starts[i] < 500) == (ends[i] > 500) for i in starts)


def test_a_lost_track_never_jumps_to_a_much_bigger_box():
    """The worst failure seen: an empty floor's big false box collected everybody who had left."""
    person = Walker((500, 400), height=80, until=1.0)
    giant = Walker((500, 430), height=300, since=1.2)
    moments = run([person, giant], np.arange(0, 3, 0.2), TrackerSettings(hidden_s=0))
    assert len(idents(moments)) == 2
    low = TrackerSettings(low=0.05, buffer=0.5, hidden_s=0)
    weak = Walker((500, 430), height=300, since=1.2, score=0.1)
    assert len(idents(run([person, weak], np.arange(0, 3, 0.2), low))) == 1
    assert not len(run([person, weak], np.arange(0, 3, 0.2), low)[-1])


def test_weak_detections_carry_on_but_never_begin():
    ghost = Walker((300, 400), score=0.3)
    assert not idents(run([ghost], np.arange(0, 2, 0.2)))
    fading = [Walker((300, 400), until=1.0), Walker((300, 400), since=1.1, score=0.3)]
    moments = run(fading, np.arange(0, 2, 0.1))
    assert len(idents(moments)) == 1
    assert len(moments[-1]) == 1


def test_a_flicker_is_never_believed():
    flicker = Walker((300, 400), until=0.1)
    assert not idents(run([flicker], np.arange(0, 2, 0.1)))


def test_whoever_left_over_the_edge_is_not_taken_for_the_next_who_enters():
    leaving = Walker((900, 400), (0.9, 0), until=1.0)
    entering = Walker((985, 405), (-0.9, 0), since=1.8)
    moments = run([leaving, entering], np.arange(0, 4, 0.1))
    assert len(idents(moments)) == 2


def test_a_box_seen_twice_is_one_person():
    twice = [Walker((300, 400)), Walker((303, 402))]
    assert len(idents(run(twice, np.arange(0, 2, 0.2)))) == 1


def test_a_jump_of_time_begins_anew_and_going_back_is_refused():
    tracker = Tracker(source=PICTURE)
    for t in np.arange(0, 1, 0.1):
        before = tracker.update(look([Walker((300, 400))], t), t)
    for t in np.arange(500, 501, 0.1):
        after = tracker.update(look([Walker((300, 400))], t), t)
    assert set(before.ids.tolist()).isdisjoint(after.ids.tolist())
    with pytest.raises(ValueError, match="back"):
        tracker.update(Detections.empty(), 10.0)


def test_who_stands_still_is_known_again_after_a_pause_and_who_walks_is_not():
    """A still scene is looked at every few seconds only."""
    times = [*np.arange(0, 2, 0.2), 4.0, 6.0, 12.0]
    moments = run([Walker((300, 400))], times)
    assert len(idents(moments)) == 1
    assert [len(tracks) for tracks in moments[-3:]] == [1, 1, 1]
    walker = Walker((100, 400), (0.8, 0))
    assert not idents(run([walker], times)[-2:-1]) & idents(run([walker], times)[:-3])


def test_dummies_are_told_unless_asked_otherwise():
    dummy = Walker((300, 400))
    times = np.arange(0, 30, 0.5)
    assert len(run([dummy], times)[-1]) == 1
    assert not len(run([dummy], times, TrackerSettings(still_s=20))[-1])


def test_nothing_broken_or_empty_harms():
    tracker = Tracker()
    assert not len(tracker.update(Detections.empty(), 0.0))
    assert tracker.expected(1.0).shape == (0, 4)
    bad = Detections(
        np.array([[np.nan, 0, 10, 10], [10, 10, 5, 5], [0, 0, np.inf, 9]], np.float32),
        np.array([0.9, 0.9, 0.9], np.float32),
    )
    for t in (0.1, 0.6, 1.1):
        assert not len(tracker.update(bad, t))


def test_expected_boxes_run_ahead_of_the_walker():
    tracker = Tracker(source=PICTURE)
    walker = Walker((100, 400), (1.0, 0))
    for t in np.arange(0, 2, 0.2):
        tracker.update(look([walker], t, 0), t)
    expected = tracker.expected(2.3)[0]
    assert abs(expected[0] - walker.box(2.3)[0]) < 15
