"""The empty market hall: floor tiles, stalls with goods, columns, lamps, a street behind the far door.

Drawn once for a camera by following a ray through every quarter of a pixel into a few dozen boxes; the distances stay
beside the picture, so that figures can stand behind a counter.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.render.camera import Camera
from khcn.engines.vision.render.surfaces import F32, Cloth, Cloud, Light, ball, join

RGB = tuple[float, float, float]
Paint = Callable[[F32], F32]  # points (n, 3) -> colours (n, 3)
OVERSAMPLING = 2
SUN = np.array([-0.35, -0.45, 0.82], np.float32)


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The empty scene: ``rgb`` (h, w, 3) 0..1 and ``away`` (2h, 2w), metres along the camera's axis."""

    rgb: F32
    away: F32


@dataclass(frozen=True, slots=True)
class Block:
    """A box along the axes, from ``low`` to ``high``, painted by place."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    paint: Paint
    glow: float = 0.0  # shines by itself: a lamp, the street


@dataclass(frozen=True, slots=True)
class Stall:
    """A counter along the aisle. ``x``: its aisle side and its far side; ``goods``: colours of the heaps."""

    x: tuple[float, float]
    y: tuple[float, float]
    cloth: RGB
    goods: tuple[RGB, ...]


FRUIT: tuple[RGB, ...] = ((0.93, 0.52, 0.10), (0.80, 0.14, 0.12), (0.95, 0.80, 0.18), (0.45, 0.62, 0.16))
GREENS: tuple[RGB, ...] = ((0.20, 0.45, 0.14), (0.42, 0.60, 0.20), (0.86, 0.88, 0.78), (0.55, 0.20, 0.34))
DRY: tuple[RGB, ...] = ((0.85, 0.75, 0.52), (0.55, 0.33, 0.18), (0.90, 0.88, 0.82), (0.72, 0.30, 0.16))
STALLS = (
    Stall((-2.9, -4.2), (0.8, 6.9), (0.25, 0.42, 0.60), FRUIT),
    Stall((2.9, 4.2), (1.2, 7.2), (0.62, 0.24, 0.22), GREENS),
    Stall((2.9, 4.2), (8.4, 13.2), (0.30, 0.48, 0.36), DRY),
    Stall((-2.9, -4.2), (10.7, 13.6), (0.66, 0.55, 0.28), GREENS),
)
NIGHT = Light((0.1, -0.3, 0.9), 0.20, 0.26, (0.86, 0.92, 1.0))
DAY = Light()
DUSK = Light((0.0, 0.3, 0.9), 0.40, 0.42, (1.0, 0.90, 0.76))


def draw_hall(camera: Camera, seed: int, light: Light = DAY) -> Backdrop:
    """Return the empty hall as the camera sees it."""
    rng = np.random.default_rng(seed)
    rays = camera.rays(OVERSAMPLING).astype(np.float32)
    rgb = np.zeros(rays.shape, np.float32)
    away = np.full(rays.shape[:2], 1e3, np.float32)
    place = np.array(camera.place, np.float32)
    for block in _blocks(rng):
        _strike(block, rays, camera, rgb=rgb, away=away, light=light)
    _heap(_goods(rng, camera), camera, rgb, away, light)
    rgb *= _corners(rays, away, place)[..., None]
    h, w = camera.height, camera.width
    small = rgb.reshape(h, OVERSAMPLING, w, OVERSAMPLING, 3).mean(axis=(1, 3))
    return Backdrop(np.clip(small, 0, 1).astype(np.float32), away)


def _blocks(rng: np.random.Generator) -> list[Block]:
    wall, grey = _plaster((0.74, 0.72, 0.64), rng), _plaster((0.60, 0.60, 0.58), rng)
    blocks = [
        Block((-9, -6, -0.3), (9, 16, 0.0), _tiles(rng)),
        Block((-30, 16, -0.3), (30, 40, -0.02), _plaster((0.72, 0.70, 0.66), rng), 0.75),
        Block((-30, 30, -0.3), (30, 31, 9.0), _street(rng), 0.85),
        Block((-9, 15.6, 0), (-2.0, 16, 6), wall), Block((2.0, 15.6, 0), (9, 16, 6), wall),
        Block((-2.0, 15.6, 2.9), (2.0, 16, 6), wall),
        Block((-6.8, -6, 0), (-6.5, 7.2, 6), wall), Block((-6.8, 10.4, 0), (-6.5, 16, 6), wall),
        Block((-6.8, 7.2, 2.7), (-6.5, 10.4, 6), wall), Block((6.5, -6, 0), (6.8, 16, 6), wall),
        Block((-12, 6, -0.3), (-11.8, 12, 4), _street(rng), 0.7),
        Block((-9, -6, 5.2), (9, 16, 5.4), grey),
    ]  # fmt: skip
    for x, y in ((-3.1, 7.0), (3.1, 7.75), (-3.1, 10.4), (3.1, 13.6)):
        blocks.append(Block((x - 0.16, y - 0.16, 0), (x + 0.16, y + 0.16, 5.2), _column(rng)))
    for y in (5.5, 9.5, 13.5):
        blocks.append(Block((-5.6, y, 3.55), (5.6, y + 0.12, 3.70), grey))
        for x in (-3.3, 0.0, 3.3):
            blocks.append(
                Block((x - 0.6, y - 0.06, 3.42), (x + 0.6, y + 0.06, 3.50), _plain((1.0, 0.99, 0.94)), 1.0)
            )
    for stall in STALLS:
        blocks += _stall(stall, rng)
    return blocks


def _stall(stall: Stall, rng: np.random.Generator) -> list[Block]:
    (near, far), (y0, y1) = stall.x, stall.y
    side = 1.0 if far > near else -1.0
    low, high = min(near, far), max(near, far)
    wood = _plaster((0.50, 0.36, 0.24), rng)
    blocks = [
        Block((low, y0, 0.72), (high, y1, 0.80), wood),
        Block((low + 0.05, y0 + 0.05, 0), (high - 0.05, y1 - 0.05, 0.72), _drape(stall.cloth)),
    ]
    back0, back1 = sorted((side * 5.65, side * 6.45))
    for level in (0.0, 0.55, 1.10, 1.65):
        blocks.append(Block((back0, y0, level + 0.02), (back1, y1, level + 0.08), wood))
        blocks.append(
            Block((back0 + 0.08, y0 + 0.05, level + 0.08), (back1, y1 - 0.05, level + 0.42), _parcels(rng))
        )
    awning0, awning1 = sorted((side * 4.95, side * 6.5))
    blocks.append(Block((awning0, y0 - 0.1, 2.38), (awning1, y1 + 0.1, 2.44), _awning(stall.cloth)))
    blocks.append(Block((awning0, y0 - 0.1, 2.16), (awning0 + 0.03, y1 + 0.1, 2.40), _awning(stall.cloth)))
    for at in np.arange(y0 + 0.35, y1 - 0.3, 0.85):
        colour = stall.goods[int(rng.integers(len(stall.goods)))]
        tray = tuple(0.4 * c + 0.25 for c in colour[::-1])
        blocks.append(Block((low + 0.12, at - 0.3, 0.80), (high - 0.12, at + 0.38, 0.88), _plain(tray)))  # type: ignore[arg-type]
    return blocks


def _goods(rng: np.random.Generator, camera: Camera) -> Cloud:
    """Heaps of round things on the counters, and baskets on the floor before them."""
    clouds: list[Cloud] = []
    for stall in STALLS:
        side = 1.0 if stall.x[1] > stall.x[0] else -1.0
        for at in np.arange(stall.y[0] + 0.35, stall.y[1] - 0.3, 0.85):
            colour = np.array(stall.goods[int(rng.integers(len(stall.goods)))])
            density = camera.focal * OVERSAMPLING / max(2.5, at - camera.place[1])
            size = rng.uniform(0.045, 0.085)
            for _ in range(int(4.0 / size)):
                u, v = rng.uniform(-0.42, 0.42), rng.uniform(-0.28, 0.34)
                high = 0.90 + 0.22 * max(0.0, 1 - (u / 0.45) ** 2 - (v / 0.36) ** 2)
                tone = np.clip(colour * rng.uniform(0.75, 1.15) + rng.normal(0, 0.02, 3), 0.02, 0.98)
                cloth = Cloth((float(tone[0]), float(tone[1]), float(tone[2])))
                centre = (stall.x[0] + side * (0.65 + u), at + v, high)
                clouds.append(ball(centre, (size, size * rng.uniform(0.8, 1.3), size * 0.85), cloth, density))
    return join(clouds)


def _strike(block: Block, rays: F32, camera: Camera, *, rgb: F32, away: F32, light: Light) -> None:
    """Paint what the rays meet of one box, where nothing nearer has been painted."""
    rows, columns = _window(block, camera, rays.shape[:2])
    place = np.array(camera.place, np.float32)
    ray = rays[rows, columns]
    if not ray.size:
        return
    low, high = np.array(block.low, np.float32), np.array(block.high, np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (low - place) / ray, (high - place) / ray
    enter, leave = np.minimum(first, second), np.maximum(first, second)
    axis = enter.argmax(axis=2)
    reach = enter.max(axis=2)
    hit = (reach < leave.min(axis=2)) & (reach > 0.05) & (reach < away[rows, columns])
    if not hit.any():
        return
    found = place + ray[hit] * reach[hit][:, None]
    normal = np.zeros_like(found)
    index = axis[hit]
    normal[np.arange(len(index)), index] = -np.sign(ray[hit][np.arange(len(index)), index])
    amount = _lamps(found, normal, light) * (1 - block.glow) + block.glow * _own(light)
    rgb[rows, columns][hit] = block.paint(found) * amount[:, None] * np.asarray(light.tint, np.float32)
    away[rows, columns][hit] = reach[hit]


def _window(block: Block, camera: Camera, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the rows and columns that a box may cover; all of them when it reaches behind the camera."""
    corners = [(x, y, z) for x in (block.low[0], block.high[0]) for y in (block.low[1], block.high[1])
               for z in (block.low[2], block.high[2])]  # fmt: skip
    pixels, away = camera.project(corners)
    if (away < 0.2).any():
        return slice(0, shape[0]), slice(0, shape[1])
    low, high = np.floor(pixels.min(0)) * OVERSAMPLING - 2, np.ceil(pixels.max(0)) * OVERSAMPLING + 2
    x0, y0 = (int(v) for v in np.clip(low, 0, (shape[1], shape[0])))
    x1, y1 = (int(v) for v in np.clip(high, 0, (shape[1], shape[0])))
    return slice(y0, y1), slice(x0, x1)


def _heap(cloud: Cloud, camera: Camera, rgb: F32, away: F32, light: Light) -> None:
    """Paint a cloud of points into the picture, from far to near."""
    toward = np.array(camera.place, np.float32) - cloud.points
    seen = (cloud.normals * toward).sum(1) > 0
    points, normals, colours = (part[seen] for part in cloud)
    pixels, depth = camera.project(points)
    cell = np.floor(pixels * OVERSAMPLING).astype(np.intp)
    inside = (cell >= 0).all(1) & (cell[:, 0] < rgb.shape[1]) & (cell[:, 1] < rgb.shape[0]) & (depth > 0.2)
    order = np.flatnonzero(inside)[np.argsort(-depth[inside])]
    x, y = cell[order].T
    near = depth[order] < away[y, x] + 0.02
    order, x, y = order[near], x[near], y[near]
    lit = colours[order] * _lamps(points[order], normals[order], light)[:, None]
    rgb[y, x] = lit * np.asarray(light.tint, np.float32)
    away[y, x] = depth[order]


def _own(light: Light) -> float:
    return 1.0 if light.ambient > 0.3 else 0.55


def _lamps(points: F32, normals: F32, light: Light) -> F32:
    """Return the light that reaches points: the sky above, soft lamps along the aisle, daylight from the far door."""
    towards = SUN / np.linalg.norm(SUN)
    key = np.maximum(normals @ towards, 0)
    lamp = 0.75 + 0.25 * np.cos(points[:, 1] * np.pi / 2.0 + 1.5) * np.exp(-np.abs(points[:, 0]) / 4)
    door = 0.30 * np.exp(-np.maximum(15.6 - points[:, 1], 0) / 3.0) * np.exp(-(points[:, 0] ** 2) / 8)
    aside = 1.0 - 0.22 * np.clip(np.abs(points[:, 0]) / 6.5, 0, 1)
    sky = 0.74 + 0.26 * normals[:, 2]
    return np.asarray((light.ambient * sky + light.key * key * lamp + door) * aside, np.float32)


def _corners(rays: F32, away: F32, place: F32) -> F32:
    """Darken where things meet the floor: distance against its blurred self, twice as wide as high."""
    near = np.minimum(away, 30)
    total = near.copy()
    for shift in (3, 6, 10):
        for axis in (0, 1):
            total += np.minimum(np.roll(near, shift, axis), 30) + np.minimum(np.roll(near, -shift, axis), 30)
    gap = np.clip((near - total / 13) / np.maximum(near, 1) * 2.0, 0, 0.35)
    return (1 - gap).astype(np.float32)


def _plain(colour: RGB) -> Paint:
    return lambda p: np.broadcast_to(np.asarray(colour, np.float32), p.shape)


def _noise(points: F32, scale: float, phase: NDArray[np.float64]) -> F32:
    """Smooth noise from -1 to 1 in space."""
    x, y, z = (points * scale).T
    a = np.sin(x * 1.7 + phase[0] + 1.3 * np.sin(y * 0.9 + phase[1]))
    b = np.sin(y * 2.1 + phase[2] + 1.1 * np.sin(z * 1.4 + x * 0.6 + phase[3]))
    c = np.sin(z * 2.6 + x * 1.2 + phase[4] + 1.2 * np.sin(x * 1.9 - y + phase[5]))
    return np.asarray((a + b + c) / 3, np.float32)


def _plaster(colour: RGB, rng: np.random.Generator) -> Paint:
    phase = rng.uniform(0, 6.3, 6)

    def paint(p: F32) -> F32:
        tone = (
            1
            + 0.06 * _noise(p, 1.1, phase)
            + 0.04 * _noise(p, 5.3, phase[::-1])
            + 0.03 * _noise(p, 23, phase)
        )
        damp = 1 - 0.22 * np.exp(-np.maximum(p[:, 2], 0) / 0.35)
        return np.asarray(np.asarray(colour, np.float32) * (tone * damp)[:, None], np.float32)

    return paint


def _column(rng: np.random.Generator) -> Paint:
    plaster = _plaster((0.78, 0.76, 0.70), rng)

    def paint(p: F32) -> F32:
        foot = (p[:, 2] < 1.1)[:, None]
        return np.where(foot, plaster(p) * np.array([0.45, 0.62, 0.60], np.float32), plaster(p))

    return paint


def _tiles(rng: np.random.Generator) -> Paint:
    phase = rng.uniform(0, 6.3, 6)
    tones = rng.normal(1, 0.045, (97, 89)).astype(np.float32)

    def paint(p: F32) -> F32:
        x, y = p[:, 0] / 0.6, p[:, 1] / 0.6
        i, j = np.floor(x).astype(int), np.floor(y).astype(int)
        tone = tones[i % 97, j % 89] * (1 - 0.10 * ((i + j) % 2))
        u, v = x - i, y - j
        joint = np.minimum(np.minimum(u, 1 - u), np.minimum(v, 1 - v))
        tone = tone * (0.72 + 0.28 * np.clip(joint / 0.035, 0, 1))
        tone = tone * (1 + 0.06 * _noise(p, 0.9, phase) + 0.05 * _noise(p, 4.7, phase[::-1]))
        wet = 1 - 0.12 * np.clip(_noise(p, 1.4, phase[[2, 0, 1, 4, 5, 3]]) * 4 - 1.6, 0, 1)
        return np.asarray(np.array([0.66, 0.63, 0.58], np.float32) * (tone * wet)[:, None], np.float32)

    return paint


def _street(rng: np.random.Generator) -> Paint:
    tones = rng.uniform(0.55, 0.95, (40, 3)).astype(np.float32)

    def paint(p: F32) -> F32:
        along = p[:, 0] + p[:, 1]
        colour = 0.62 + 0.3 * tones[np.floor(along / 7.3).astype(int) % 40]
        shutter = 1 - 0.10 * (np.sin(p[:, 2] * 38) > 0)  # rolled down: low, wide, never upright like a figure
        haze = np.clip((p[:, 2] - 0.5) / 4, 0, 1)[:, None] * 0.35
        return np.asarray(colour * shutter[:, None] * (1 - haze) + 0.95 * haze, np.float32)

    return paint


def _drape(colour: RGB) -> Paint:
    def paint(p: F32) -> F32:
        folds = 0.86 + 0.14 * np.sin((p[:, 0] + p[:, 1]) * 23 + np.sin(p[:, 1] * 7))
        hem = 1 - 0.25 * (np.abs(p[:, 2] - 0.62) < 0.02)
        return np.asarray(np.asarray(colour, np.float32) * (folds * hem)[:, None], np.float32)

    return paint


def _awning(colour: RGB) -> Paint:
    def paint(p: F32) -> F32:
        stripe = (np.sin(p[:, 1] * np.pi / 0.35) > 0)[:, None]
        return np.asarray(np.where(stripe, np.asarray(colour, np.float32), np.float32(0.86)), np.float32)

    return paint


def _parcels(rng: np.random.Generator) -> Paint:
    tones = rng.uniform(0.12, 0.85, (61, 3)).astype(np.float32)

    def paint(p: F32) -> F32:
        place = p[:, 1] / 0.27
        box = np.floor(place).astype(int)
        edge = np.minimum(place - box, box + 1 - place) < 0.06
        label = (np.abs(p[:, 2] % 0.55 - 0.26) < 0.05)[:, None]
        colour = np.where(label, 0.5 * tones[box % 61] + 0.45, tones[box % 61])
        return np.asarray(np.where(edge[:, None], 0.12, colour), np.float32)

    return paint
