"""Cameras that can be trusted and cameras that cannot, told from rendered scenes."""

from collections.abc import Callable

import numpy as np
import pytest

from khcn.engines.vision.health import HealthMonitor
from tests.engines.vision.sources.clips import ground

pytestmark = pytest.mark.nodb

W, H = 272, 160
RNG = np.random.default_rng(5)
NOISE = [RNG.normal(0, 1, (H, W, 3)).astype(np.float32) for _ in range(12)]
FLOOR = ground(W, H)
Scene = Callable[[float], np.ndarray]


def noisy(image: np.ndarray, amount: float = 3) -> np.ndarray:
    return np.clip(image + amount * NOISE[int(RNG.integers(12))], 0, 255).astype(np.uint8)


def hall(t: float) -> np.ndarray:
    image = FLOOR.copy()
    x = int((t % 8) / 8 * (W - 16))
    image[H // 4 : H // 4 * 3, x : x + 16] = 245
    return noisy(image, 2)


def empty_hall(t: float) -> np.ndarray:
    return noisy(FLOOR, 1.5)


def crowd(t: float) -> np.ndarray:
    """Forty people mill about; half of the floor is hidden."""
    image = FLOOR.copy()
    for k in range(30):
        x = int((k * 97 + t * (11 + k % 7) * (1 if k % 2 else -1)) % (W - 14))
        y = int((k * 53) % (H - 50))
        image[y : y + 46, x : x + 13] = (40 + 5 * k, 200 - 4 * k, 90 + 3 * k)
    return noisy(image)


def night(t: float) -> np.ndarray:
    """Lamps on in a dark hall."""
    image = (FLOOR * 0.08).astype(np.uint8)
    for x in (40, 130, 215):
        image[20:27, x : x + 9] = 235
        image[27:60, x - 10 : x + 17] = np.maximum(image[27:60, x - 10 : x + 17], 45)
    return noisy(image, 2)


def dark(t: float) -> np.ndarray:
    return noisy(FLOOR * 0.04, 2)


def cloth(t: float) -> np.ndarray:
    """A cloth before the lens: light through it, no edges."""
    glow = np.linspace(60, 110, W)[None, :, None] * np.ones((H, 1, 3))
    return noisy(glow, 2)


def blurred(t: float) -> np.ndarray:
    image = hall(t).astype(np.float32)
    for axis in (0, 1):
        total = np.cumsum(
            np.pad(image, [(6, 6) if a == axis else (0, 0) for a in range(3)], mode="edge"), axis
        )
        image = (
            np.take(total, range(12, total.shape[axis]), axis)
            - np.take(total, range(total.shape[axis] - 12), axis)
        ) / 12
    return noisy(image[:H, :W], 1)


def turned(t: float) -> np.ndarray:
    return np.roll(hall(t), (12, 44), (0, 1))


ELSEWHERE = ground(W, H, seed=99)


def elsewhere(t: float) -> np.ndarray:
    return noisy(np.clip(ELSEWHERE.astype(int) + 10, 0, 255))


FROZEN = hall(3.3)


def frozen(t: float) -> np.ndarray:
    image = FROZEN.copy()
    image[2:6, 2:30] = int(t) % 200  # the recorder's clock runs on
    return image


def lights_out(t: float) -> np.ndarray:
    return noisy(FLOOR * 0.45, 2)


def watch(*parts: tuple[Scene, float], fps: float = 1.0) -> HealthMonitor:
    monitor, t = HealthMonitor(), 0.0
    for scene, seconds in parts:
        for _ in range(int(seconds * fps)):
            monitor.judge(t, monitor.signs(t, scene(t)))
            t += 1 / fps
    return monitor


@pytest.mark.parametrize("scene", [hall, empty_hall, crowd, night], ids=lambda s: s.__name__)
def test_what_is_fine_stays_fine(scene: Scene) -> None:
    assert watch((scene, 180)).events == []


@pytest.mark.parametrize(
    ("before", "after"), [(hall, crowd), (empty_hall, hall), (hall, lights_out), (lights_out, hall)]
)
def test_changes_that_are_no_trouble(before: Scene, after: Scene) -> None:
    assert watch((before, 60), (after, 90)).events == []


@pytest.mark.parametrize(
    ("scene", "kind"),
    [
        (cloth, "covered"),
        (blurred, "blurred"),
        (dark, "dark"),
        (frozen, "frozen"),
        (turned, "moved"),
        (elsewhere, "moved"),
    ],
    ids=lambda x: getattr(x, "__name__", x),
)
def test_trouble_is_named_with_its_time_and_ends(scene: Scene, kind: str) -> None:
    monitor = watch((hall, 60), (scene, 120), (hall, 40))
    assert [event.kind for event in monitor.events] == [kind]
    event = monitor.events[0]
    assert event.start == pytest.approx(60, abs=12)
    assert event.end == pytest.approx(180, abs=8)
    assert monitor.active == ()


@pytest.mark.parametrize(
    ("scene", "kind"), [(cloth, "covered"), (dark, "dark")], ids=lambda x: getattr(x, "__name__", x)
)
def test_trouble_from_the_very_start(scene: Scene, kind: str) -> None:
    assert kind in watch((scene, 60)).active


def test_a_moment_is_no_trouble() -> None:
    assert watch((hall, 30), (cloth, 3), (hall, 30), (dark, 10), (hall, 30)).events == []


def test_moved_while_the_box_was_off_is_seen_with_the_set_up_still() -> None:
    before = watch((hall, 30))
    monitor = HealthMonitor(reference=before.signature)
    for at in range(60):
        monitor.judge(at / 2, monitor.signs(at / 2, turned(at / 2)))
    assert monitor.active == ("moved",)


def test_the_same_numbers_give_the_same_events() -> None:
    first, second = HealthMonitor(), HealthMonitor()
    for at in range(120):
        signs = first.signs(at / 2, (hall if at < 60 else cloth)(at / 2))
        first.judge(at / 2, signs)
        second.judge(at / 2, signs)
    assert first.events == second.events != []


def test_it_is_cheap() -> None:
    import time

    monitor, image = HealthMonitor(), hall(1.0)
    for at in range(20):
        monitor.signs(at / 5, image)
    begun = time.process_time()
    for at in range(20, 220):
        monitor.judge(at / 5, monitor.signs(at / 5, image))
    assert (time.process_time() - begun) / 200 < 0.003  # about 0.4 ms; room for a loaded machine
