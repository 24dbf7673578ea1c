"""Slit-scans: silhouettes and directions, never faces."""

from itertools import pairwise

import numpy as np
import pytest

from khcn.engines.vision.layout import Gate, Layout
from khcn.engines.vision.measure.slits import MOST_ACROSS, SlitScan, slits_of
from khcn.engines.vision.types import Size

SOURCE = Size(1920, 1080)
GATE = Gate("A", ((960, 0), (960, 1080)))


def picture(x: float, size=(360, 640)):
    """Somebody dark, 60 px wide in the source, at ``x`` before a light wall."""
    image = np.full((*size, 3), 200, np.uint8)
    scale = size[1] / SOURCE.width
    image[100:200, max(0, int((x - 30) * scale)) : max(0, int((x + 30) * scale))] = 20
    return image


def test_whoever_crosses_is_a_silhouette_at_the_right_time():
    slit = SlitScan(GATE, SOURCE)
    for t in np.arange(0, 20, 0.2):
        slit.add(picture(960 + 100 * (t - 10)), float(t))
    strip = slit.take()
    assert strip.pixels.shape == (100, slit.across, 3)
    dark = np.flatnonzero((strip.pixels < 100).any(axis=(1, 2))) / strip.rows_s
    assert dark.min() == pytest.approx(9.8, abs=0.21)
    assert dark.max() == pytest.approx(10.2, abs=0.21)
    assert slit.take() is None


@pytest.mark.parametrize(
    "points", [((0, 0), (1920, 1080)), ((900, 500), (960, 540)), ((0, 10), (1920, 10), (1920, 900))]
)
def test_no_row_is_fine_enough_for_a_face(points):
    slit = SlitScan(Gate("A", points), SOURCE)
    long = sum(np.hypot(*np.subtract(b, a)) for a, b in pairwise(points))
    assert 1 <= slit.across <= MOST_ACROSS
    assert long / slit.across >= 1080 / 90  # a face of 135 px becomes at most 11 samples


def test_rows_are_rare_however_fast_the_camera():
    slit = SlitScan(GATE, SOURCE, rows_s=30)
    for t in np.arange(0, 10, 1 / 30):
        slit.add(picture(0), float(t))
    assert len(slit.take().pixels) == 50


def test_missing_pictures_are_grey_and_an_hour_is_the_end():
    slit = SlitScan(GATE, SOURCE, longest_s=10)
    for t in (100.0, 103.0, 109.0, 111.0):
        slit.add(picture(0), t)
    strip = slit.take()
    assert (strip.start, len(strip.pixels)) == (100.0, 46)
    assert (strip.pixels[1:15] == 128).all()
    assert (strip.pixels[15] == 200).all()


def test_grey_pictures_and_gates_beyond_the_edge():
    (slit,) = slits_of(Layout((Gate("A", ((1900, 500), (2500, 500))),)), SOURCE)
    slit.add(np.full((108, 192), 77, np.uint8), 0.0)
    assert (slit.take().pixels == 77).all()
