"""Pictures in another size, padded, cut out beyond their edges."""

import numpy as np
import pytest

from khcn.engines.vision.detect.pictures import cut_out, inside, letterboxed, resize
from khcn.engines.vision.types import Size

IMAGE = np.arange(40 * 60 * 3, dtype=np.uint32).reshape(40, 60, 3).astype(np.uint8)


def test_resizing_keeps_flat_colours_and_averages_when_it_shrinks() -> None:
    assert resize(IMAGE, Size(60, 40)) is IMAGE
    checks = np.indices((40, 60)).sum(axis=0) % 2 * 255
    small = resize(checks.astype(np.uint8)[:, :, None].repeat(3, 2), Size(15, 10))
    assert small.shape == (10, 15, 3) and abs(float(small.mean()) - 127.5) < 3 and small.std() < 20


@pytest.mark.parametrize(
    ("part", "grey"),
    [
        ((10, 5, 40, 35), (0, 0, 0, 0)),
        ((-30, 10, 30, 40), (0.5, 0, 0, 0)),
        ((30, -30, 90, 30), (0, 0.5, 0.5, 0)),
        ((-30, -40, 90, 80), (0.25, 1 / 3, 0.25, 1 / 3)),
    ],
)
def test_what_lies_outside_is_grey(part: tuple[int, int, int, int], grey: tuple[float, ...]) -> None:
    bright = np.full((40, 60, 3), 250, np.uint8)
    found = cut_out(bright, part, Size(120, 120))
    left, top, right, bottom = (round(share * 120) for share in grey)
    wanted = np.full((120, 120, 3), 128, np.uint8)
    wanted[top : 120 - bottom, left : 120 - right] = 250
    np.testing.assert_array_equal(found, wanted)


def test_a_part_in_its_own_size_is_not_touched() -> None:
    np.testing.assert_array_equal(cut_out(IMAGE, (10, 5, 40, 35), Size(30, 30)), IMAGE[5:35, 10:40])


@pytest.mark.parametrize(
    ("source", "wanted"),
    [(Size(768, 576), Size(416, 312)), (Size(1080, 1920), Size(234, 416)), (Size(9000, 2), Size(416, 1))],
)
def test_the_largest_size_of_a_shape(source: Size, wanted: Size) -> None:
    assert inside(source, Size(416, 416)) == wanted
    assert letterboxed(np.zeros((wanted.height, wanted.width, 3), np.uint8), Size(416, 416)).shape == (
        416,
        416,
        3,
    )
