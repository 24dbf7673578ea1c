"""Moments made by hand: who stands where, with which height."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from khcn.engines.vision.layout import Layout
from khcn.engines.vision.measure.scene import Scene
from khcn.engines.vision.measure.settings import MeasureSettings
from khcn.engines.vision.types import Crossing, Size, Tracks

PICTURE = Size(800, 600)
Who = Mapping[int, tuple[float, float] | tuple[float, float, float]]


def moment(t: float, who: Who) -> Tracks:
    feet = [(x, y, *(rest or [100.0])) for x, y, *rest in who.values()]
    boxes = np.array([(x - h / 5, y - h, x + h / 5, y) for x, y, h in feet], np.float32).reshape(-1, 4)
    count = len(feet)
    return Tracks(
        t, np.array(list(who), np.int64), boxes, np.full(count, 0.9, np.float32), np.ones(count, np.bool_)
    )


def watch(
    layout: Layout,
    where: Callable[[float], Who],
    times: Iterable[float],
    settings: MeasureSettings | None = None,
) -> tuple[Scene, list[Crossing]]:
    scene = Scene(layout, PICTURE, settings)
    crossings = [c for t in times for c in scene.update(moment(float(t), where(float(t))))]
    return scene, crossings + scene.finish()
