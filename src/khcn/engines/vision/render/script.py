"""Who walks where and when: trips through the hall as exact paths, drawn by chance from a seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.render.camera import Camera
from khcn.engines.vision.render.figures import STRIDE_M, Look, Pose, draw_look

STEP_S = 0.05
POSES: tuple[Pose, ...] = ("walk", "stand", "reach")
IncidentKind = Literal["covered", "moved", "frozen", "dark", "blurred"]
LightName = Literal["day", "dusk", "night"]
Spot = tuple[float, float]
WALL_SIDE, AISLE = -3.0, 2.3  # where the side passage begins; half the width people walk in
STOPS: tuple[
    tuple[float, float, float, float], ...
] = (  # in front of a stall, clear of the lines: x, first and last y, side it is on
    (-2.35, 5.5, 6.6, -1.0),
    (2.35, 5.6, 6.9, 1.0),
    (2.35, 8.8, 12.6, 1.0),
    (-2.35, 11.0, 13.2, -1.0),
)


@dataclass(frozen=True, slots=True)
class Incident:
    """The camera fails from ``start`` to ``end`` seconds."""

    kind: IncidentKind
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Moment:
    """One figure at one time: floor metres, heading (0: along +y, positive to +x), pose and its phase 0..1."""

    x: float
    y: float
    heading: float
    pose: Pose
    phase: float


@dataclass(frozen=True, eq=False)
class Actor:
    """A figure and its path: ``track`` (n, 5) of x, y, heading, pose number, phase every ``STEP_S`` from ``start``."""

    id: int
    look: int
    start: float
    track: NDArray[np.float64]
    staff: bool = False

    @property
    def end(self) -> float:
        """Return when the path ends, in seconds."""
        return self.start + (len(self.track) - 1) * STEP_S

    def at(self, t: float) -> Moment | None:
        """Return the figure at ``t`` seconds, if it is there."""
        if not self.start <= t <= self.end:
            return None
        place = (t - self.start) / STEP_S
        i = min(int(place), len(self.track) - 2)
        now, after, share = self.track[i], self.track[i + 1], place - int(place)
        x, y = now[:2] + (after[:2] - now[:2]) * share
        gone = (after[4] - now[4]) * share
        return Moment(float(x), float(y), float(now[2]), POSES[int(now[3])], float((now[4] + gone) % 1))


@dataclass(frozen=True, eq=False)
class Scenario:
    """A film to be made. ``actors`` wear ``wardrobe``; everything follows from the seed."""

    name: str
    seconds: float
    seed: int
    actors: tuple[Actor, ...] = ()
    wardrobe: tuple[Look, ...] = ()
    fps: int = 10
    camera: Camera = field(default_factory=Camera)
    light: LightName = "day"
    flicker: bool = False
    incidents: tuple[Incident, ...] = ()

    @property
    def frames(self) -> int:
        """Return how many pictures the film has."""
        return round(self.seconds * self.fps)


@dataclass(frozen=True, slots=True)
class Casting:
    """How many come, and what they do. ``pairs``, ``shoppers``: shares from 0 to 1."""

    per_minute: float = 12.0
    pairs: float = 0.2
    shoppers: float = 0.5
    holders: bool = True
    lingerer: bool = False  # somebody stops on the entrance line
    wardrobe: int = 10


def cast(seconds: float, seed: int, casting: Casting) -> tuple[tuple[Actor, ...], tuple[Look, ...]]:
    """Return the figures of a film and their clothes."""
    rng = np.random.default_rng(seed)
    guests = [draw_look(rng) for _ in range(casting.wardrobe)]
    holders = [draw_look(rng, holder=True) for _ in range(3 if casting.holders else 0)]
    wardrobe = tuple(guests + holders)
    actors: list[Actor] = []
    for number, spot in enumerate(((4.85, 5.4), (-4.85, 5.2), (4.85, 10.9))[: len(holders)]):
        track = _holder(rng, seconds, spot)
        actors.append(Actor(len(actors) + 1, casting.wardrobe + number, 0.0, track, staff=True))
    if casting.lingerer:
        path = _walk(rng, [(0.4, -1.8), (0.4, 5.3)], wardrobe[0], 1.0)
        stand = _stand(rng, path[-1], 9.0, 0.2, "stand")
        onward = _walk(rng, [(0.4, 5.3), (0.2, 17.5)], wardrobe[0], 1.1)
        actors.append(Actor(len(actors) + 1, 0, 3.0, np.concatenate([path, stand, onward])))
    count = rng.poisson(casting.per_minute * (seconds + 12) / 60) if casting.per_minute else 0
    for start in np.sort(rng.uniform(-12, seconds - 2, count)):
        look = len(actors) % casting.wardrobe
        path = _freest(rng, actors, float(start), wardrobe[look], casting)
        actors.append(Actor(len(actors) + 1, look, float(start), path))
        if rng.random() < casting.pairs:
            other = len(actors) % casting.wardrobe
            beside = _beside(path, 0.62 if path[0, 0] < 1 else -0.62)
            actors.append(Actor(len(actors) + 1, other, float(start), beside))
    return tuple(actors), wardrobe


def _freest(
    rng: np.random.Generator, actors: Sequence[Actor], start: float, look: Look, casting: Casting
) -> NDArray[np.float64]:
    """Return the one of some drawn trips that keeps furthest from everybody."""
    trips = [_trip(rng, look, rng.random() < casting.shoppers) for _ in range(6)]
    return max(trips, key=lambda trip: _gap(trip, start, actors))


def _gap(trip: NDArray[np.float64], start: float, actors: Sequence[Actor]) -> float:
    gap = 9.0
    for actor in actors:
        shift = round((start - actor.start) / STEP_S)
        first, last = max(0, -shift), min(len(trip), len(actor.track) - shift)
        if last > first:
            apart = trip[first:last:5, :2] - actor.track[first + shift : last + shift : 5, :2]
            gap = min(gap, float(np.hypot(*apart.T).min()))
    return min(gap, 1.5)  # beyond arm's length all trips are as good


def _trip(rng: np.random.Generator, look: Look, shops: bool) -> NDArray[np.float64]:
    ends = ["front", "side", "far"]
    start, goal = (str(name) for name in rng.choice(ends, 2, replace=False, p=[0.45, 0.3, 0.25]))
    here = _door(rng, start)
    speed = float(np.clip(rng.normal(1.1, 0.18), 0.6, 1.5))
    tracks: list[NDArray[np.float64]] = []
    for _ in range(int(rng.integers(1, 3)) if shops else 0):
        x, low, high, side = STOPS[int(rng.choice(4, p=[0.35, 0.3, 0.25, 0.1]))]
        stop = (x, float(rng.uniform(low, high)))
        tracks.append(_walk(rng, _route(rng, here, stop), look, speed))
        turned = rng.choice([0.85, 2.15])  # half away from the camera, or half towards it
        heading = side * float(turned + rng.normal(0, 0.1))
        pose: Pose = "reach" if rng.random() < 0.5 else "stand"
        tracks.append(_stand(rng, tracks[-1][-1], float(rng.uniform(3, 14)), heading, pose))
        here = stop
    tracks.append(_walk(rng, _route(rng, here, _door(rng, goal)), look, speed))
    return np.concatenate(tracks)


def _door(rng: np.random.Generator, name: str) -> Spot:
    if name == "front":
        return float(rng.uniform(-1.6, 1.8)), -1.8
    if name == "side":
        return -8.2, float(rng.uniform(7.9, 9.8))
    return float(rng.uniform(-1.3, 1.3)), 18.0


def _route(rng: np.random.Generator, here: Spot, there: Spot) -> list[Spot]:
    """Return corners of a way that keeps to the aisle and the side passage."""
    corner = (float(rng.uniform(-2.2, -1.6)), float(rng.uniform(8.2, 9.4)))
    outside = [spot[0] < WALL_SIDE for spot in (here, there)]
    if any(outside) and not all(outside):
        door = here if outside[0] else there
        knee = (WALL_SIDE, min(max(door[1], 7.9), 9.8))
        between = [knee, corner]
        return [here, *(between if outside[0] else between[::-1]), there]
    middle = (
        float(np.clip((here[0] + there[0]) / 2 + rng.normal(0, 0.5), -1.7, 1.7)),
        (here[1] + there[1]) / 2,
    )
    return [here, middle, there] if abs(here[1] - there[1]) > 3 else [here, there]


def _walk(rng: np.random.Generator, corners: list[Spot], look: Look, speed: float) -> NDArray[np.float64]:
    points = np.array(corners, np.float64)
    legs = np.hypot(*np.diff(points, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(legs)])
    count = max(3, round(at[-1] / speed / STEP_S) + 1)
    s = np.linspace(0, at[-1], count)
    xy = np.stack([np.interp(s, at, points[:, axis]) for axis in (0, 1)], axis=1)
    xy = _rounded(xy, 11)
    move = np.gradient(xy, axis=0)
    heading = np.arctan2(move[:, 0], move[:, 1])
    gone = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    phase = rng.random() + gone / (STRIDE_M * look.height / 1.6)
    return np.column_stack([xy, heading, np.zeros(count), phase])


def _rounded(xy: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Round the corners of a path; its ends stay."""
    if len(xy) <= 2 * reach:
        return xy
    kernel = np.ones(2 * reach + 1) / (2 * reach + 1)
    smooth = np.stack([np.convolve(xy[:, axis], kernel, "valid") for axis in (0, 1)], axis=1)
    found = xy.copy()
    found[reach:-reach] = smooth
    fade = np.linspace(0, 1, reach)[:, None]
    found[reach : 2 * reach] += (xy[reach : 2 * reach] - found[reach : 2 * reach]) * (1 - fade)
    found[-2 * reach : -reach] += (xy[-2 * reach : -reach] - found[-2 * reach : -reach]) * fade
    return found


def _stand(
    rng: np.random.Generator, last: NDArray[np.float64], seconds: float, heading: float, pose: Pose
) -> NDArray[np.float64]:
    count = max(2, round(seconds / STEP_S))
    t = np.arange(count) * STEP_S
    sway = 0.035 * np.sin(t * rng.uniform(0.7, 1.3) + rng.uniform(0, 6)) * np.minimum(t, 1)
    turn = (heading - last[2] + np.pi) % (2 * np.pi) - np.pi
    turned = last[2] + turn * np.clip(t / 0.8, 0, 1)
    kind = np.full(count, POSES.index("stand"))
    if pose == "reach":
        kind[(t % 3.4) > 1.6] = POSES.index("reach")
    return np.column_stack([last[0] + sway, np.full(count, last[1]), turned, kind, t * 0.3])


def _holder(rng: np.random.Generator, seconds: float, spot: Spot) -> NDArray[np.float64]:
    """Somebody who stays behind the counter and takes a step now and then."""
    heading = -np.pi / 2 if spot[0] > 0 else np.pi / 2
    track = np.array([[spot[0], spot[1], heading, 1.0, 0.0]])
    while len(track) * STEP_S < seconds + 1:
        here = (float(track[-1, 0]), float(track[-1, 1]))
        there = (spot[0], spot[1] + float(rng.uniform(-1.0, 1.0)))
        stand = _stand(rng, track[-1], float(rng.uniform(6, 20)), heading, "reach")
        track = np.concatenate([track, stand, _walk(rng, [here, there], Look(), 0.6)])
    return track


def _beside(path: NDArray[np.float64], aside: float) -> NDArray[np.float64]:
    """Return the path of somebody who walks along, ``aside`` metres to the left in the direction of the way."""
    move = path[-1, :2] - path[0, :2]
    normal = np.array([-move[1], move[0]]) / max(float(np.hypot(*move)), 1e-6)
    beside = path.copy()
    beside[:, :2] += normal * aside
    beside[:, 0] = np.clip(beside[:, 0], -9, 2.55)
    beside[:, 4] += 0.37
    return beside
