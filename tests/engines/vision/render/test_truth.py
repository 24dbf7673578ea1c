"""The truth of a film agrees with its script, its layout and its camera."""

import json
from collections import Counter
from itertools import pairwise

import numpy as np

from khcn.engines.vision.evaluate.truth import parse_mot
from khcn.engines.vision.layout import parse_layout
from khcn.engines.vision.render.camera import Camera
from khcn.engines.vision.render.scenarios import GATES, hall_layout
from khcn.engines.vision.render.truth import DEAD_BAND_PX, foot, side_of
from khcn.engines.vision.types import Size
from tests.engines.vision.render.conftest import Film


def test_floor_metres_and_pixels_are_one_homography() -> None:
    camera = Camera()
    metres = np.array([[-2.0, 3.0], [2.0, 3.0], [0.3, 9.0], [-2.6, 13.0]])
    pixels, away = camera.project(np.column_stack([metres, np.zeros(4)]))
    assert np.allclose(camera.floor(pixels), metres, atol=1e-9)
    assert (away > 0).all()
    assert (pixels >= 0).all() and (pixels <= (camera.width, camera.height)).all()


def test_layout_is_of_the_contract_and_inside_the_picture() -> None:
    layout = hall_layout(Camera(960, 540))
    read = parse_layout(json.loads(json.dumps(layout.as_json())))
    assert read == layout
    assert read.checked_for(Size(960, 540)) == layout
    assert {gate.id for gate in layout.gates} == {name for name, _ in GATES}


def test_ground_points_map_to_their_metres() -> None:
    camera = Camera()
    ground = hall_layout(camera).ground
    assert ground is not None
    assert np.allclose(camera.floor(ground.pixels), ground.metres, atol=0.01)


def test_in_is_into_the_hall() -> None:
    camera = Camera()
    main, side = hall_layout(camera).gates
    (deep, shallow, right), _ = camera.project([(0.0, 6.0, 0.0), (0.0, 3.5, 0.0), (-2.0, 9.0, 0.0)])
    assert side_of((main.points[0], main.points[1]), tuple(deep)) > 0
    assert side_of((main.points[0], main.points[1]), tuple(shallow)) < 0
    assert side_of((side.points[0], side.points[1]), tuple(right)) > 0


def test_foot_points_are_where_the_script_put_the_feet(film: Film) -> None:
    camera = film.scenario.camera
    actors = {actor.id: actor for actor in film.scenario.actors}
    seen = 0
    for number, row in enumerate(film.truth.rows):
        for one in row:
            moment = actors[one.id].at(number / film.scenario.fps)
            assert moment is not None
            assert np.allclose(one.metres, (moment.x, moment.y))
            pixel, _ = camera.project([(moment.x, moment.y, 0.0)])
            assert np.allclose(foot(one), pixel[0], atol=1e-6)
            assert one.box[3] - one.box[1] > 10
            seen += 1
    assert seen > 300


def test_crossings_are_the_changes_of_side(film: Film) -> None:
    """Counted again from the foot points alone, without dead band logic: sides beyond the band, run by run."""
    for gate in film.truth.layout.gates:
        line = (gate.points[0], gate.points[1])
        sides: dict[int, list[int]] = {}
        for row in film.truth.rows:
            for one in row:
                off = side_of(line, foot(one))
                if abs(off) > DEAD_BAND_PX:
                    sides.setdefault(one.id, []).append(1 if off > 0 else -1)
        changes: Counter[str] = Counter()
        for way in sides.values():
            turns = [b for a, b in pairwise(way) if a != b]
            changes.update("in" if turn > 0 else "out" for turn in turns)
        found = Counter(c.direction for c in film.truth.crossings if c.gate == gate.id)
        # Ways around the ends of the line change side too, but do not go through the gate.
        assert all(found[way] <= changes[way] for way in ("in", "out"))
        if gate.id == "cong-chinh":
            assert found == changes
            assert found["in"] >= 4


def test_who_lingers_on_the_line_crosses_once(film: Film) -> None:
    lingerer = next(a for a in film.scenario.actors if not a.staff)
    standing = [m for m in (lingerer.at(t / 10) for t in range(300)) if m and m.pose == "stand"]
    assert len(standing) > 50
    assert sum(c.direction == "in" and c.t > 8 for c in film.truth.crossings if c.gate == "cong-chinh") >= 1
    ids = [one.id for row in film.truth.rows for one in row]
    assert lingerer.id in ids


def test_stall_holders_are_drawn_but_are_no_visitors(film: Film) -> None:
    staff = {actor.id for actor in film.scenario.actors if actor.staff}
    assert staff
    assert any(one.id in staff for row in film.shown for one in row)
    assert not any(one.id in staff for row in film.truth.rows for one in row)


def test_zone_seconds_are_the_sum_of_presence(film: Film) -> None:
    for zone in film.truth.zones:
        assert np.isclose(zone.person_seconds, zone.occupancy_mean * len(film.truth.rows) / film.truth.fps)
        assert zone.occupancy_peak <= max(film.truth.occupancy)
    assert sum(zone.person_seconds for zone in film.truth.zones) > 10


def test_mot15_reads_back(film: Film) -> None:
    read = parse_mot(film.truth.mot15().splitlines())
    for number, row in enumerate(film.truth.rows):
        at = read.at(number)
        assert at.ids.tolist() == [one.id for one in row]
        assert np.allclose(at.boxes, np.array([one.box for one in row]).reshape(-1, 4), atol=0.02)
