"""From moments to minutes: what a camera box sends to the centre.

::

    builder = MinuteBuilder(scene, camera="cho-a-1", start=utc_of_t_zero, version=3)
    for tracks in follower.update(found, frame.t):
        crossings = scene.update(tracks)
        for minute in builder.update(tracks, crossings, health=codes):
            spool(minute)
"""

from collections.abc import Iterable
from datetime import datetime

from khcn.engines.vision.measure.scene import Scene
from khcn.engines.vision.minutes import CameraMinute
from khcn.engines.vision.types import Crossing, Tracks


class MinuteBuilder:
    """Cuts one connection of a camera into whole minutes of UTC. No signal, no minute."""

    def __init__(self, scene: Scene, *, camera: str, start: datetime, version: int = 0) -> None:
        """``start``: UTC moment of ``t`` = 0; ``version``: number of the layout in force."""
        self.scene = scene

    def update(
        self, tracks: Tracks, crossings: Iterable[Crossing], health: Iterable[str] = ()
    ) -> list[CameraMinute]:
        """Add what ``scene.update`` just measured; return the minutes that are complete now."""
        raise NotImplementedError

    def finish(self) -> list[CameraMinute]:
        """Return the unfinished minutes too (end of a connection or a new layout)."""
        raise NotImplementedError
