"""Minutes: numbers only, and none where nothing was measured."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from khcn.engines.vision.layout import Gate, Layout, Zone
from khcn.engines.vision.measure.minutes import MinuteBuilder
from khcn.engines.vision.measure.scene import Scene

from .moments import PICTURE, moment

LAYOUT = Layout((Gate("A", ((400, 0), (400, 600))),), (Zone("K", ((0, 0), (400, 0), (400, 600), (0, 600))),))
START = datetime(2026, 3, 1, 7, 59, 30, tzinfo=UTC)


def build(where, times, health=lambda t: (), start=START):
    scene = Scene(LAYOUT, PICTURE)
    builder = MinuteBuilder(scene, camera="c1", start=start, version=4)
    found = []
    for t in map(float, times):
        tracks = moment(t, where(t))
        found += builder.update(tracks, scene.update(tracks), health(t))
    return found + builder.finish()


def test_minutes_are_whole_utc_minutes_and_add_up():
    minutes = build(lambda t: {1: (300 + 2 * t, 300), 2: (100, 100)}, np.arange(0, 150.01, 0.25))
    assert [m.start for m in minutes] == [
        datetime(2026, 3, 1, 7, 59, tzinfo=UTC) + timedelta(minutes=i) for i in range(3)
    ]
    assert [m.measured_s for m in minutes] == pytest.approx([30, 60, 60])
    assert [m.person_s for m in minutes] == pytest.approx([60, 120, 120])
    assert [(m.gates[0].count_in, m.gates[0].count_out) for m in minutes] == [(0, 0), (0, 1), (0, 0)]
    assert [m.zones[0].person_s for m in minutes] == pytest.approx([60, 80, 60], abs=1)
    assert sum(m.zones[0].entries for m in minutes) == 2
    assert [m.peak for m in minutes] == [2, 2, 2]
    assert all(sum(m.heat.values()) == pytest.approx(m.person_s) for m in minutes)
    assert minutes[0].as_json()["gates"] == [{"id": "A", "in": 0, "out": 0}]
    assert {m.layout for m in minutes} == {4}


def test_no_signal_no_minute():
    times = [*np.arange(0, 20, 0.2), *np.arange(200, 260, 0.2)]
    minutes = build(lambda t: {}, times)
    assert [m.start.minute for m in minutes] == [59, 2, 3]
    assert sum(m.measured_s for m in minutes) == pytest.approx(19.8 + 59.8, abs=0.01)
    assert [m.person_s for m in minutes] == [0, 0, 0]


def test_a_crossing_belongs_to_the_minute_in_which_it_happened():
    """The foot leaves the band in the last tenth of a minute; it is believed in the next one."""
    minutes = build(lambda t: {1: (408.5 + 20 * (t - 30), 300)}, np.arange(20, 60, 0.1))
    assert [m.gates[0].count_out for m in minutes] == [1, 0]


def test_health_codes_travel():
    minutes = build(lambda t: {}, np.arange(0, 100, 0.5), lambda t: ("dark",) if 40 < t < 45 else ())
    assert [m.health for m in minutes] == [(), ("dark",), ()]


def test_another_time_zone_is_the_same_minute():
    start = START.astimezone(timezone(timedelta(hours=7)))
    (minute, *_) = build(lambda t: {}, np.arange(0, 10, 0.5), start=start)
    assert minute.start == datetime(2026, 3, 1, 7, 59, tzinfo=UTC)
    with pytest.raises(ValueError, match="time zone"):
        build(lambda t: {}, [0.0], start=datetime(2026, 3, 1))


def test_the_scene_comes_first():
    scene = Scene(LAYOUT, PICTURE)
    builder = MinuteBuilder(scene, camera="c1", start=START)
    with pytest.raises(ValueError, match=r"Scene\.update"):
        builder.update(moment(0.0, {}), [])
    assert builder.finish() == []
