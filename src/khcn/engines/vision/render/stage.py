"""Frames of a scenario: the empty hall, figures from far to near behind whatever hides them, light, noise, incidents."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from khcn.engines.vision.render.camera import Camera
from khcn.engines.vision.render.figures import PHASES, Look, Pose, body
from khcn.engines.vision.render.hall import DAY, DUSK, NIGHT, OVERSAMPLING, Backdrop, draw_hall
from khcn.engines.vision.render.script import Incident, LightName, Moment, Scenario
from khcn.engines.vision.render.surfaces import F32, Cloud, Light, View, paint
from khcn.engines.vision.types import Image as Picture

LIGHTS: dict[LightName, Light] = {"day": DAY, "dusk": DUSK, "night": NIGHT}
AZIMUTHS, ELEVATION_STEP = 12, np.radians(11)
NEAREST_M = 7.4  # figures are drawn once, as large as at this distance
CLOUDS_KEPT, SPRITES_KEPT = 150, 3000


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure in one frame: ``box`` x1 y1 x2 y2 of the whole body, foot in the middle of its lower edge; ``visible``:
    share of its pixels in sight."""

    id: int
    box: tuple[float, float, float, float]
    metres: tuple[float, float]
    visible: float
    staff: bool


@dataclass(frozen=True, slots=True)
class _Cutout:
    picture: Image.Image
    foot: tuple[float, float]
    bounds: tuple[int, int, int, int]  # of the opaque part


class Stage:
    """Draws a scenario. Backdrops and cut-outs are kept, so that a minute takes seconds."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.light = LIGHTS[scenario.light]
        self._backdrops: dict[Camera, Backdrop] = {}
        self._clouds: OrderedDict[tuple[int, Pose, int], Cloud] = OrderedDict()
        self._cutouts: OrderedDict[tuple[int, Pose, int, int, int], _Cutout] = OrderedDict()
        rng = np.random.default_rng(scenario.seed + 7)
        shape = (scenario.camera.height, scenario.camera.width)
        strength = 2.2 if scenario.light == "day" else 3.6
        self._noise = [
            (rng.normal(0, strength, (*shape, 1)) + rng.normal(0, 0.5 * strength, (*shape, 3))).astype(
                np.float32
            )
            for _ in range(6)
        ]
        self._flicker = rng.random(max(scenario.frames, 1))

    def frames(self) -> Iterator[tuple[Picture, list[Shown]]]:
        """Yield each picture (h, w, 3) RGB with who is in it."""
        last: Picture | None = None
        for index in range(self.scenario.frames):
            incident = self._incident(index)
            if incident and incident.kind == "frozen" and last is not None:
                yield last, []
                continue
            last, shown = self.draw(index)
            yield last, shown

    def _incident(self, index: int) -> Incident | None:
        t = index / self.scenario.fps
        return next((i for i in self.scenario.incidents if i.start <= t < i.end), None)

    def draw(self, index: int) -> tuple[Picture, list[Shown]]:
        """Return one picture (h, w, 3) RGB by its number from 0, and who is in it."""
        t, incident = index / self.scenario.fps, self._incident(index)
        camera = self.scenario.camera
        if incident and incident.kind == "moved":
            camera = replace(camera, yaw=camera.yaw + 13, pitch=camera.pitch - 4)
        backdrop = self._backdrop(camera)
        canvas = backdrop.rgb.copy()
        owner = np.zeros(canvas.shape[:2], np.uint16)
        present: list[tuple[float, int, Moment]] = []
        for number, actor in enumerate(self.scenario.actors):
            moment = actor.at(t)
            if moment:
                away = float(camera.project([(moment.x, moment.y, 0.9)])[1][0])
                present.append((away, number, moment))
        placed: list[tuple[int, float, Shown]] = []
        for away, number, moment in sorted(present, key=lambda item: -item[0]):
            found = self._place(camera, number, moment, canvas=canvas, owner=owner, away=away)
            if found:
                placed.append((number + 1, *found))
        left = np.bincount(owner.ravel(), minlength=len(self.scenario.actors) + 1)
        shown = [replace(one, visible=float(left[mark] / full)) for mark, full, one in placed if full > 0]
        return self._finish(canvas, index, incident), sorted(shown, key=lambda one: one.id)

    def _backdrop(self, camera: Camera) -> Backdrop:
        if camera not in self._backdrops:
            self._backdrops[camera] = draw_hall(camera, self.scenario.seed, self.light)
        return self._backdrops[camera]

    def _place(
        self,
        camera: Camera,
        number: int,
        moment: Moment,
        *,
        canvas: F32,
        owner: NDArray[np.uint16],
        away: float,
    ) -> tuple[float, Shown] | None:
        """Paint one figure; return the number of its pixels, hidden or outside ones too, and its truth."""
        if away < 1.6:
            return None
        foot = camera.project([(moment.x, moment.y, 0.0)])[0][0]
        if (
            abs(foot[0] - camera.width / 2) > camera.width / 2 + camera.focal / away
        ):  # a metre beside the picture
            return None
        actor, backdrop = self.scenario.actors[number], self._backdrop(camera)
        cutout = self._cutout(camera, actor.look, moment)
        shrink = (camera.focal / away) / (camera.focal / NEAREST_M)
        x0, y0 = foot[0] - cutout.foot[0] * shrink, foot[1] - cutout.foot[1] * shrink
        left, top, right, _ = cutout.bounds
        tall = foot[1] - (y0 + top * shrink)
        half = min((right - left) * shrink / 2, 0.26 * tall)  # an arm held out is not the body
        box = (foot[0] - half, y0 + top * shrink, foot[0] + half, foot[1])
        shown = Shown(actor.id, tuple(float(v) for v in box), (moment.x, moment.y), 0.0, actor.staff)  # type: ignore[arg-type]
        patch, column, row = _resized(cutout.picture, shrink, float(x0), float(y0))
        self._shadow(camera, canvas, moment, foot=foot, away=away)
        full = float((patch[..., 3] > 0.5).sum())
        h, w = canvas.shape[:2]
        r0, r1 = max(row, 0), min(row + patch.shape[0], h)
        c0, c1 = max(column, 0), min(column + patch.shape[1], w)
        if r0 >= r1 or c0 >= c1:
            return None
        patch = patch[r0 - row : r1 - row, c0 - column : c1 - column]
        k = OVERSAMPLING
        behind = backdrop.away[r0 * k : r1 * k, c0 * k : c1 * k] > away - 0.12
        open_share = behind.reshape(r1 - r0, k, c1 - c0, k).mean(axis=(1, 3), dtype=np.float32)
        alpha = patch[..., 3:] * open_share[..., None]
        region = canvas[r0:r1, c0:c1]
        region *= 1 - alpha
        region += patch[..., :3] * open_share[..., None] * _dim(moment)
        owner[r0:r1, c0:c1][alpha[..., 0] > 0.5] = number + 1
        return full, shown

    def _cutout(self, camera: Camera, look: int, moment: Moment) -> _Cutout:
        azimuth, elevation = camera.seen_from(moment.x, moment.y, moment.heading)
        side = round(azimuth / (2 * np.pi) * AZIMUTHS) % AZIMUTHS
        tier = round(elevation / ELEVATION_STEP)
        phase = int(moment.phase * PHASES) % PHASES
        key = (look, moment.pose, phase, side, tier)
        if key not in self._cutouts:
            view = View(side * 2 * np.pi / AZIMUTHS, tier * ELEVATION_STEP, camera.focal / NEAREST_M)
            self._cutouts[key] = _cut(self._cloud(look, moment.pose, phase, view.density), view, self.light)
            if len(self._cutouts) > SPRITES_KEPT:
                self._cutouts.popitem(last=False)
        self._cutouts.move_to_end(key)
        return self._cutouts[key]

    def _cloud(self, look: int, pose: Pose, phase: int, density: float) -> Cloud:
        key = (look, pose, phase)
        if key not in self._clouds:
            wearer: Look = self.scenario.wardrobe[look]
            cloud = body(wearer, pose, phase / PHASES, density)
            self._clouds[key] = cloud._replace(  # half as large; to a millimetre
                normals=cloud.normals.astype(np.float16), colours=cloud.colours.astype(np.float16)
            )
            if len(self._clouds) > CLOUDS_KEPT:
                self._clouds.popitem(last=False)
        self._clouds.move_to_end(key)
        return self._clouds[key]

    def _shadow(
        self, camera: Camera, canvas: F32, moment: Moment, *, foot: NDArray[np.float64], away: float
    ) -> None:
        """Darken the floor under a figure: a small deep shadow at its feet, a wide soft one away from the light."""
        scale, backdrop = camera.focal / away, self._backdrop(camera)
        flat = float(np.sin(camera.seen_from(moment.x, moment.y, 0.0)[1]))
        for shift, reach, depth in ((0.0, 0.24, 0.45), (0.22, 0.52, 0.20)):
            rx, ry = reach * scale, reach * scale * max(flat, 0.15)
            cx, cy = foot[0] + shift * scale, foot[1] - shift * scale * flat * 0.6
            x0, x1 = max(int(cx - 2 * rx), 0), min(int(cx + 2 * rx) + 1, canvas.shape[1])
            y0, y1 = max(int(cy - 2 * ry), 0), min(int(cy + 2 * ry) + 1, canvas.shape[0])
            if x0 >= x1 or y0 >= y1:
                continue
            x, y = np.arange(x0, x1)[None, :], np.arange(y0, y1)[:, None]
            dark = depth * np.exp(-(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2) * 1.3)
            k = OVERSAMPLING
            floor = backdrop.away[y0 * k : y1 * k : k, x0 * k : x1 * k : k]
            dark *= floor > away - 0.1  # not on what stands before the figure
            canvas[y0:y1, x0:x1] *= (1 - dark[..., None]).astype(np.float32)

    def _finish(self, canvas: F32, index: int, incident: Incident | None) -> Picture:
        if self.scenario.flicker:
            canvas *= np.float32(1 - 0.10 * (self._flicker[index] > 0.8) - 0.03 * self._flicker[index])
        if incident and incident.kind == "blurred":
            canvas = _blurred(canvas, 9)
        elif incident and incident.kind == "covered":
            h, w = canvas.shape[:2]
            cloth = (
                0.13 + 0.05 * np.linspace(0, 1, w)[None, :, None] + 0.03 * np.linspace(0, 1, h)[:, None, None]
            )
            canvas = (cloth * np.array([1.0, 0.8, 0.7])).astype(np.float32)
        elif incident and incident.kind == "dark":
            canvas = canvas * np.float32(0.03)
        noise = self._noise[index % len(self._noise)]
        return np.asarray(np.clip(canvas * 255 + noise, 0, 255), np.uint8)


def _dim(moment: Moment) -> np.float32:
    """Lamps hang in rows and the walls are darker: figures too."""
    lamp = 0.94 + 0.06 * np.cos(moment.y * np.pi / 2.0 + 1.5)
    return np.float32(lamp * (1.0 - 0.15 * min(abs(moment.x) / 6.5, 1.0)))


def _cut(cloud: Cloud, view: View, light: Light) -> _Cutout:
    sprite = paint(cloud, view, light)
    rgba = np.concatenate([sprite.rgb, sprite.alpha[..., None]], axis=2)
    rows, columns = np.flatnonzero(sprite.alpha.any(1)), np.flatnonzero(sprite.alpha.any(0))
    picture = Image.fromarray(np.rint(rgba * 255).astype(np.uint8), "RGBA")
    bounds = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return _Cutout(picture, sprite.foot, bounds)


def _resized(picture: Image.Image, shrink: float, x0: float, y0: float) -> tuple[F32, int, int]:
    """Return the cut-out (h, w, 4), premultiplied 0..1, with its left upper corner at (x0, y0), and whole pixels."""
    column, row = int(np.floor(x0)), int(np.floor(y0))
    width = int(np.ceil(x0 + picture.width * shrink)) - column + 1
    height = int(np.ceil(y0 + picture.height * shrink)) - row + 1
    shift = (1 / shrink, 0.0, (column - x0) / shrink, 0.0, 1 / shrink, (row - y0) / shrink)
    if shrink > 0.75:
        small = picture.transform((width, height), Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR)
    else:  # an affine map takes single pixels: shrink first
        size = (max(1, round(picture.width * shrink)), max(1, round(picture.height * shrink)))
        reduced = picture.resize(size, Image.Resampling.BOX)
        fx, fy = size[0] / picture.width / shrink, size[1] / picture.height / shrink
        shift = (fx, 0.0, (column - x0) * fx, 0.0, fy, (row - y0) * fy)
        small = reduced.transform((width, height), Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR)
    patch = np.asarray(small, np.float32) / np.float32(255)
    patch[..., :3] *= patch[..., 3:]
    return patch, column, row


def _blurred(canvas: F32, radius: int) -> F32:
    height, width = canvas.shape[:2]
    picture = Image.fromarray((np.clip(canvas, 0, 1) * 255).astype(np.uint8))
    small = picture.resize((max(1, width // radius), max(1, height // radius)), Image.Resampling.BOX)
    large = small.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(np.asarray(large, np.float32) / np.float32(255))
