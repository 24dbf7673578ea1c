"""Lines, polygons, floor and heat projection against figures worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.vision.layout import Ground
from khcn.engines.vision.measure.geometry import Floor, Line, inside
from khcn.engines.vision.measure.heat import COLUMNS, ROWS, Heat, read_cells, to_floor
from khcn.engines.vision.types import Size

coordinate = st.floats(-1000, 1000)


@given(coordinate, coordinate)
def test_offset_of_one_segment_is_the_contracts_s_by_its_length(x, y):
    (px, py), (qx, qy) = (100.0, 50.0), (400.0, 450.0)
    s = (qx - px) * (y - py) - (qy - py) * (x - px)
    assert Line(((px, py), (qx, qy))).offset((x, y)) == pytest.approx(s / 500, abs=1e-6)


@pytest.mark.parametrize(
    ("point", "offset"),
    [
        ((50, 10), 10),
        ((50, -10), -10),
        ((110, 50), -10),
        ((90, 50), 10),
        ((110, -10), -(200**0.5)),
        ((-40, 5), 5),
    ],
)
def test_offset_of_a_corner(point, offset):
    """Right, then down: inside the corner is the right hand (s > 0)."""
    assert Line(((0, 0), (100, 0), (100, 100))).offset(point) == pytest.approx(offset)


def test_where_a_way_meets_a_line():
    line = Line(((0, 0), (0, 100)))
    share, point = line.meeting((-10, 50), (30, 50))
    assert (share, point) == (0.25, (0, 50))
    assert line.meeting((-10, 110), (30, 110)) is None
    assert line.passed((-10, 110), (30, 110), slack=15)
    assert not line.passed((10, 50), (30, 50))
    assert not line.passed((10, 0), (10, 100))


def test_inside_a_polygon_that_is_not_convex():
    shape = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (5.0, 4.0), (0.0, 10.0))
    points = np.array([[1, 1], [5, 3], [5, 8], [9, 8], [11, 1], [-1, 5]], float)
    assert inside(points, shape).tolist() == [True, True, False, True, False, False]
    assert inside(np.zeros((0, 2)), shape).tolist() == []


GROUND = Ground(
    ((100.0, 500.0), (700.0, 500.0), (500.0, 200.0), (300.0, 200.0)),
    ((0.0, 0.0), (6.0, 0.0), (6.0, 9.0), (0.0, 9.0)),
)


def test_the_floor_keeps_its_four_points_and_straight_lines():
    floor = Floor(GROUND)
    assert floor.place(np.array(GROUND.pixels)) == pytest.approx(np.array(GROUND.metres), abs=1e-6)
    middle = floor.place(np.array([[400, 500], [400, 300], [400, 200]]))
    assert middle[:, 0] == pytest.approx([3, 3, 3])
    assert middle[1, 1] < 9 * 2 / 3  # farther away, a pixel is more metres


def test_above_the_horizon_there_is_no_floor():
    assert np.isnan(Floor(GROUND).place(np.array([[400.0, -500.0]]))).all()


def test_heat_on_the_floor_keeps_its_seconds():
    source = Size(800, 600)
    heat = Heat(source)
    heat.add(np.array([[400.0, 400.0], [420.0, 300.0]]), 30.0)
    found, corner = to_floor(heat.seconds, GROUND, source, cell_m=0.5, around_m=2.0)
    assert found.sum() == pytest.approx(60)
    assert corner == (-2.0, -2.0)
    assert found.shape == (26, 20)
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert 2 <= column * 0.5 - 2 <= 4
    assert 1 <= row * 0.5 - 2 <= 6
    assert heat.seconds.shape == (ROWS, COLUMNS)


def test_cells_travel_as_text():
    heat = Heat(Size(320, 180))
    heat.add(np.array([[15.0, 25.0]]), 2.0)
    assert heat.cells() == {"1,2": 2.0}
    assert (read_cells(heat.cells()) == heat.seconds).all()
    assert read_cells({"99,0": 1.0, "x": 2.0, "1,2": 3.0}).sum() == 3
