"""What a box must know to count: its cameras with their addresses in the clear, and the layouts in force.

Only for the process that connects, or for the box itself over its own token; never for a page.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from django.db import DatabaseError, close_old_connections

from khcn.core.secrets import SealBrokenError
from khcn.markets.camera_sources import addresses_of
from khcn.markets.models import Box, Camera, Layout

DEFAULT_KEY = "may-nay"  # the box that stands for the very machine on which the site runs


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """One camera as a box counts with it. ``drawing``: the layout in force, empty: nothing is drawn yet.

    ``problem``: why it cannot be counted with (its address was sealed with another key), empty when it can.
    """

    key: str
    name: str
    sources: tuple[str, ...] = field(repr=False)
    model: str
    fps: float
    layout: int
    drawing: dict[str, Any]
    frame: tuple[int, int] | None
    slit_scan_days: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class BoxConfig:
    """A box with its cameras. ``etag`` changes when anything of it changes."""

    key: str
    name: str
    cameras: tuple[CameraConfig, ...]
    etag: str

    def as_json(self) -> dict[str, Any]:
        """Return the wire form, addresses included."""
        return {"box": self.key, "name": self.name, "cameras": [asdict(camera) for camera in self.cameras]}


def box_config(box: Box, now: datetime) -> BoxConfig:
    """Return the configuration of a box at ``now`` (three queries)."""
    cameras = list(Camera.objects.filter(box=box, active=True).order_by("key"))
    layouts: dict[int, Layout] = {}
    for layout in Layout.objects.filter(camera__in=cameras, valid_from__lte=now).order_by("version"):
        if layout.valid_to is None or layout.valid_to > now:
            layouts[layout.camera_id] = layout
    found = tuple(_camera(camera, layouts.get(camera.pk)) for camera in cameras)
    spelled = json.dumps([box.key, box.name, *(asdict(one) for one in found)], sort_keys=True)
    return BoxConfig(box.key, box.name, found, hashlib.sha256(spelled.encode()).hexdigest()[:32])


def _camera(camera: Camera, layout: Layout | None) -> CameraConfig:
    problem = ""
    sources: tuple[str, ...] = ()
    try:
        sources = addresses_of(camera)
    except SealBrokenError as error:
        problem = error.message
    return CameraConfig(
        key=camera.key,
        name=camera.name,
        sources=sources,
        model=camera.model,
        fps=float(camera.fps),
        layout=layout.version if layout else 0,
        drawing=dict(layout.drawing) if layout else {},
        frame=(layout.frame_width, layout.frame_height) if layout else None,
        slit_scan_days=camera.slit_scan_days,
        problem=problem,
    )


def box_has_work(key: str) -> bool:
    """Whether a box has an active camera with an address (one query)."""
    return Camera.objects.filter(box__key=key, active=True).exclude(sealed_sources="").exists()


def counting_wanted() -> bool:
    """Whether this machine is to count: its own box has work, and the extra ``khcn[markets]`` is installed.

    Asked by ``khcn up`` now and then; whatever goes wrong here means "no", never an error.
    """
    try:
        return all(find_spec(name) for name in ("av", "openvino")) and box_has_work(DEFAULT_KEY)
    except (DatabaseError, ImportError, ValueError):
        return False
    finally:
        close_old_connections()
