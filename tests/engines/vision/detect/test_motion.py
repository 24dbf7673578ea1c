"""What moves is found; noise, light and what stands still are not movement."""

import numpy as np
import pytest

from khcn.engines.vision.detect.motion import Motion, MotionGate
from khcn.engines.vision.types import Frame, Size

SOURCE = Size(1280, 720)
RNG = np.random.default_rng(11)
FLOOR = RNG.integers(60, 180, (36, 64), np.uint8).repeat(10, 0).repeat(10, 1)


def frame(t: float, *, person: tuple[int, int] | None = None, light: int = 0, noise: float = 2.0) -> Frame:
    """A patterned floor of 640 x 360 for a source of 1280 x 720; a person is 20 x 60 image pixels."""
    image = FLOOR.astype(np.float32) + light + RNG.normal(0, noise, FLOOR.shape)
    if person:
        x, y = person
        image[y : y + 60, x : x + 20] = 20
    return Frame(t, np.clip(image, 0, 255).astype(np.uint8)[:, :, None].repeat(3, 2), SOURCE)


def settled(gate: MotionGate, seconds: float = 4.0, **options: float) -> float:
    t = 0.0
    while t < seconds:
        gate.look(frame(t, **options))  # type: ignore[arg-type]
        t += 0.2
    return t


@pytest.mark.parametrize("noise", [0.0, 2.0, 8.0])
def test_an_empty_hall_is_quiet(noise: float) -> None:
    gate = MotionGate()
    t = settled(gate, noise=noise)
    assert all(gate.look(frame(t + n / 5, noise=noise)).quiet for n in range(50))


def test_a_walker_is_found_in_source_pixels() -> None:
    gate = MotionGate()
    t = settled(gate)
    for n in range(20):
        motion = gate.look(frame(t + n / 5, person=(100 + 8 * n, 150)))
        assert len(motion.boxes) == 1, n
        x1, y1, x2, y2 = motion.boxes[0].tolist()
        left = 2 * (100 + 8 * n)
        assert x1 <= left + 12 and x2 >= left + 28 and y1 <= 312 and y2 >= 405
        assert x2 - x1 < 120 and y2 - y1 < 200, "no trail behind the walker"


def test_who_stops_becomes_still_and_is_found_again() -> None:
    gate = MotionGate()
    t = settled(gate)
    states = [gate.look(frame(t + n / 5, person=(300, 150))).quiet for n in range(60)]
    assert not states[0] and states[-1]
    assert not gate.look(frame(t + 12.2, person=(312, 150))).quiet


@pytest.mark.parametrize("step", [30, -40])
def test_a_lamp_is_no_walker(step: int) -> None:
    gate = MotionGate()
    t = settled(gate)
    after = [gate.look(frame(t + n / 5, light=step)) for n in range(10)]
    assert not any(len(motion.boxes) for motion in after[1:])


def test_clouds_pass_unseen_but_not_a_walker_under_them() -> None:
    gate = MotionGate()
    t = settled(gate)
    for n in range(30):
        motion = gate.look(frame(t + n / 5, light=n))
        assert motion.quiet, n
    assert len(gate.look(frame(t + 6.2, light=30, person=(200, 200))).boxes) == 1


def test_the_first_picture_and_another_size_start_anew() -> None:
    gate = MotionGate()
    assert gate.look(frame(0.0)).light
    settled(gate)
    small = Frame(9.0, np.zeros((90, 160, 3), np.uint8), SOURCE)
    assert gate.look(small).light
    assert gate.look(Frame(9.2, small.image, SOURCE)).quiet
    assert gate.look(Frame(3.0, small.image, SOURCE)).light, "time ran back"


def test_tiny_and_grey_pictures() -> None:
    gate = MotionGate()
    for shape in ((2, 2, 3), (1, 1), (360, 640)):
        for n in range(3):
            assert isinstance(gate.look(Frame(n / 5, np.zeros(shape, np.uint8), SOURCE)), Motion)
