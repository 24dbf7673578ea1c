"""Surfaces as clouds of points dense enough to leave no hole, and how they become a small picture with depth.

A body part, a fruit or a hat is a *loft*: a spine with elliptic rings around it, sampled so finely that at ``density``
points a metre every pixel is hit. Points are then painted from far to near. That needs nothing but numpy, gives exact
outlines and true surface normals, and costs some ten milliseconds a figure.
"""

from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

F32 = NDArray[np.float32]
FILL = 1.15  # samples a pixel and direction: with fewer a tilted surface shows holes


class Cloud(NamedTuple):
    """Points (n, 3) in metres, unit normals (n, 3) and colours (n, 3) from 0 to 1, RGB."""

    points: F32
    normals: NDArray[np.floating]
    colours: NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Cloth:
    """What a surface looks like. ``pattern``: plain, rows, columns, plaid or flowers; ``folds``: 0 smooth, 1 creased."""

    colour: tuple[float, float, float]
    second: tuple[float, float, float] = (0.0, 0.0, 0.0)
    pattern: str = "plain"
    pitch: float = 0.05  # metres between repeats
    folds: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """How a sprite is seen: parallel light along ``azimuth`` (0: from the front of +y) and ``elevation`` below level."""

    azimuth: float
    elevation: float
    density: float  # pixels a metre

    def axes(self) -> F32:
        """Return right, up and towards the camera as rows of a (3, 3) matrix."""
        ca, sa = np.cos(self.azimuth), np.sin(self.azimuth)
        ce, se = np.cos(self.elevation), np.sin(self.elevation)
        right, ahead = np.array([ca, sa, 0.0]), np.array([-sa, ca, 0.0])
        towards = -ce * ahead + se * np.array([0.0, 0.0, 1.0])
        up = se * ahead + ce * np.array([0.0, 0.0, 1.0])
        return np.stack([right, up, towards]).astype(np.float32)


class Sprite(NamedTuple):
    """A cut-out: ``rgb`` (h, w, 3) 0..1 premultiplied, ``alpha`` (h, w), ``foot`` pixel (x, y) of the origin."""

    rgb: F32
    alpha: F32
    foot: tuple[float, float]


class Light(NamedTuple):
    """Light on figures and goods: direction towards the lamp, strengths, colour."""

    towards: tuple[float, float, float] = (-0.35, -0.45, 0.82)
    ambient: float = 0.52
    key: float = 0.62
    tint: tuple[float, float, float] = (1.0, 0.98, 0.94)


def join(clouds: list[Cloud]) -> Cloud:
    """Return one cloud of many."""
    return Cloud(*(np.concatenate(parts) for parts in zip(*clouds, strict=True)))


def loft(
    spine: ArrayLike,
    width: ArrayLike,
    depth: ArrayLike,
    cloth: Cloth,
    density: float,
    *,
    side: tuple[float, float, float] = (1.0, 0.0, 0.0),
    smooth: float = 0.16,
    cap: bool = True,
) -> Cloud:
    """Return the surface around ``spine`` (k, 3) with half axes ``width`` along ``side`` and ``depth`` across it.

    ``smooth``: share of the length over which corners are rounded; ``cap``: round off both ends.
    """
    knots = np.asarray(spine, np.float32)
    steps = np.linalg.norm(np.diff(knots, axis=0), axis=1)
    length = max(float(steps.sum()), 1e-3)
    at = np.concatenate([[0.0], np.cumsum(steps)]) / length
    widest = float(max(np.max(width), np.max(depth)))
    rings = int(np.clip(length * density * FILL, 8, 900))
    around = int(np.clip(2 * np.pi * widest * density * FILL, 10, 900))
    t = np.linspace(0.0, 1.0, rings, dtype=np.float32)
    halves = [np.broadcast_to(np.asarray(half, np.float32), at.shape) for half in (width, depth)]
    columns = [*knots.T, *halves]
    line = _soften(
        np.stack([np.interp(t, at, column) for column in columns], axis=1), max(1, int(smooth * rings))
    )
    centre, w, d = line[:, :3], line[:, 3:4], line[:, 4:5]
    if cap:
        end = np.minimum(t, 1 - t) * length / max(0.6 * widest, 1e-4)
        rounding = np.sqrt(1 - (1 - np.clip(end, 0.02, 1)) ** 2)[:, None]
        w, d = w * rounding, d * rounding
    along = _unit(np.asarray(np.gradient(centre, axis=0), np.float32))
    ahead = _unit(np.cross(along, np.asarray(side, np.float32)))
    across = np.cross(ahead, along)
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False, dtype=np.float32)
    ca, sa = np.cos(angle)[None, :, None], np.sin(angle)[None, :, None]
    points = centre[:, None] + w[:, None] * ca * across[:, None] + d[:, None] * sa * ahead[:, None]
    slope = np.clip(np.gradient(np.maximum(w, d)[:, 0]) / (length / rings), -2.5, 2.5)[:, None, None]
    outward = ca / np.maximum(w, 1e-4)[:, None] * across[:, None]
    turned = _unit(outward + sa / np.maximum(d, 1e-4)[:, None] * ahead[:, None]) - slope * along[:, None]
    arc = np.broadcast_to(angle[None, :] * widest, (rings, around))
    run = np.broadcast_to((t * length)[:, None], (rings, around))
    tilt, colours = _dress(run, arc, cloth)
    if cloth.folds:
        sideways = ca * ahead[:, None] - sa * across[:, None]
        turned = turned + tilt[..., :1] * along[:, None] + tilt[..., 1:] * sideways
    turned = _unit(turned)
    flat = (points.reshape(-1, 3), turned.reshape(-1, 3), colours.reshape(-1, 3))
    return Cloud(*(part.astype(np.float32) for part in flat))


def ball(centre: ArrayLike, radii: tuple[float, float, float], cloth: Cloth, density: float) -> Cloud:
    """Return an ellipsoid with half axes along x, y and z."""
    rings = int(np.clip(np.pi * max(radii) * density * FILL, 8, 700))
    turn = np.linspace(0, np.pi, rings, dtype=np.float32)[:, None]
    angle = np.linspace(0, 2 * np.pi, 2 * rings, endpoint=False, dtype=np.float32)[None, :]
    unit = np.stack(
        [np.sin(turn) * np.cos(angle), np.sin(turn) * np.sin(angle), np.cos(turn) + 0 * angle], -1
    )
    half = np.asarray(radii, np.float32)
    _, colours = _dress(np.broadcast_to(turn * half[2], unit.shape[:2]), angle * half[0] + 0 * turn, cloth)
    points = (np.asarray(centre, np.float32) + unit * half).reshape(-1, 3)
    return Cloud(
        points.astype(np.float32),
        _unit(unit / half).reshape(-1, 3).astype(np.float32),
        colours.reshape(-1, 3),
    )


def paint(cloud: Cloud, view: View, light: Light) -> Sprite:
    """Return the picture of a cloud around its origin. Colours are lit; hidden points are painted over."""
    axes = view.axes()
    cloud = Cloud(*(part.astype(np.float32, copy=False) for part in cloud))
    facing = cloud.normals @ axes[2]
    seen = facing > -0.05
    points, normals, colours = cloud.points[seen], cloud.normals[seen], cloud.colours[seen]
    flat = points @ axes.T
    x, y = flat[:, 0] * view.density, -flat[:, 1] * view.density
    left, top = int(np.floor(x.min())) - 2, int(np.floor(y.min())) - 2
    width, height = int(np.ceil(x.max())) - left + 3, int(np.ceil(y.max())) - top + 3
    cell = np.rint(y - top).astype(np.intp) * width + np.rint(x - left).astype(np.intp)
    depth = flat[:, 2]
    steps = (depth - depth.min()) * (65535 / max(float(np.ptp(depth)), 1e-6))
    order = np.argsort(steps.astype(np.uint16), kind="stable")  # of 16 bits: a radix sort
    lit = colours * _lighting(normals, points, light)
    picture = np.zeros((height * width, 3), np.float32)
    mask = np.zeros(height * width, np.float32)
    away = np.full(height * width, -9.0, np.float32)
    picture[cell[order]] = lit[order]
    away[cell[order]] = flat[order, 2]
    mask[cell] = 1.0
    alpha = mask.reshape(height, width)
    shade = _crevices(away.reshape(height, width), alpha, view.density)
    rgb = np.clip(picture.reshape(height, width, 3) * shade[..., None], 0, 1)
    return Sprite(rgb, alpha, (-left + 0.0, -top + 0.0))


def _lighting(normals: F32, points: F32, light: Light) -> F32:
    towards = np.asarray(light.towards, np.float32)
    key = np.maximum(normals @ (towards / np.linalg.norm(towards)), 0)
    sky = 0.72 + 0.28 * normals[:, 2]
    ground = 0.80 + 0.20 * np.clip(points[:, 2] / 1.1, 0, 1)  # the floor is darker than the roof
    amount = (light.ambient * sky + light.key * key) * ground
    return np.asarray(amount[:, None] * np.asarray(light.tint, np.float32), np.float32)


def _crevices(away: F32, alpha: F32, density: float) -> F32:
    """Darken what lies behind something near it (between legs, under arms): depth against its blurred self."""
    reach = max(2, int(0.05 * density))
    near = np.where(alpha > 0, away, np.nanmin(np.where(alpha > 0, away, np.nan)))
    around = _box(_box(near, reach, 0), reach, 1)
    return np.asarray(1 - np.clip((around - near) * 3.0, 0, 0.45), np.float32)


def _box(values: F32, reach: int, axis: int) -> F32:
    pad = [(0, 0), (0, 0)]
    pad[axis] = (reach + 1, reach)
    total = np.cumsum(np.pad(values, pad, mode="edge"), axis=axis, dtype=np.float64)
    span = 2 * reach + 1
    ahead, back = (
        np.take(total, range(span, total.shape[axis]), axis),
        np.take(total, range(total.shape[axis] - span), axis),
    )
    return ((ahead - back) / span).astype(np.float32)


def _soften(line: NDArray[np.float64], reach: int) -> F32:
    """Round corners with two moving averages that keep the ends."""
    for _ in range(2):
        padded = np.concatenate([np.repeat(line[:1], reach, 0), line, np.repeat(line[-1:], reach, 0)])
        sums = np.cumsum(np.concatenate([np.zeros((1, line.shape[1])), padded]), axis=0)
        span = 2 * reach + 1
        mean = (sums[span:] - sums[:-span]) / span
        # Near the ends the padding would pull the line short: fade to the original there.
        keep = np.clip(np.minimum(np.arange(len(line)), np.arange(len(line))[::-1]) / max(reach, 1), 0, 1)[
            :, None
        ]
        line = line * (1 - keep) + mean * keep
    return np.asarray(line, np.float32)


def _dress(run: NDArray[np.float32], arc: NDArray[np.float32], cloth: Cloth) -> tuple[F32, F32]:
    """Return tilt of the normal (.., 2) and colours (.., 3) of a cloth at metres along and around a part."""
    if not cloth.folds and cloth.pattern == "plain":
        plain = np.broadcast_to(np.asarray(cloth.colour, np.float32), (*run.shape, 3))
        return np.zeros((*run.shape, 2), np.float32), plain
    rng = np.random.default_rng(cloth.seed)
    waves = [(rng.uniform(8, 22), rng.uniform(12, 45), rng.uniform(0, 6.3)) for _ in range(3)]
    swell = [np.sin(a * run + b * arc + c) for a, b, c in waves]
    tilt = (
        np.stack([np.cos(waves[0][0] * run + waves[0][1] * arc + waves[0][2]), swell[1]], -1)
        * 0.22
        * cloth.folds
    )
    shade = 1 + cloth.folds * 0.07 * reduce(np.add, swell)
    share = _pattern(run, arc, cloth, rng)[..., None]
    first, second = np.asarray(cloth.colour, np.float32), np.asarray(cloth.second, np.float32)
    colours = (first * (1 - share) + second * share) * shade[..., None]
    return tilt.astype(np.float32), colours.astype(np.float32)


def _pattern(run: F32, arc: F32, cloth: Cloth, rng: np.random.Generator) -> F32:
    turn = 2 * np.pi / cloth.pitch
    if cloth.pattern == "rows":
        found = np.sin(run * turn) > 0.2
    elif cloth.pattern == "columns":
        found = np.sin(arc * turn) > 0.55
    elif cloth.pattern == "plaid":
        both = 0.35 * (np.sin(run * turn) > 0.3) + 0.35 * (np.sin(arc * turn) > 0.3)
        return np.asarray(both, np.float32)
    elif cloth.pattern == "flowers":
        phase = rng.uniform(0, 6.3, 4)
        field = np.sin(run * turn + phase[0] + 1.7 * np.sin(arc * turn * 0.6 + phase[1]))
        found = field * np.sin(arc * turn + phase[2] + 1.7 * np.sin(run * turn * 0.7 + phase[3])) > 0.38
    else:
        return np.zeros(run.shape, np.float32)
    return np.asarray(found, np.float32)


def _unit(vectors: NDArray[np.floating]) -> F32:
    size = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(size, 1e-9), np.float32)
