"""People who do not exist: bodies of average proportions, dressed by chance, walking, standing or reaching.

x is the figure's right, y where it faces, z up; the origin lies on the floor between its feet. Proportions are shares
of the height (a head is 1/7.4 of it).
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from khcn.engines.vision.render.surfaces import Cloth, Cloud, ball, join, loft

RGB = tuple[float, float, float]
PHASES = 8  # pictures of one double step
STRIDE_M = 1.15  # ground covered by one double step at a height of 1.6 m
Pose = Literal["walk", "stand", "reach"]

SKINS: tuple[RGB, ...] = ((0.80, 0.60, 0.46), (0.74, 0.54, 0.40), (0.66, 0.47, 0.35), (0.85, 0.67, 0.54))
HAIRS: tuple[RGB, ...] = ((0.05, 0.04, 0.04), (0.09, 0.07, 0.06), (0.14, 0.10, 0.08), (0.45, 0.44, 0.43))
TOPS: tuple[RGB, ...] = (
    (0.80, 0.16, 0.17), (0.16, 0.33, 0.62), (0.90, 0.90, 0.88), (0.13, 0.46, 0.36), (0.92, 0.70, 0.22),
    (0.55, 0.24, 0.50), (0.30, 0.31, 0.34), (0.93, 0.52, 0.52), (0.40, 0.62, 0.78), (0.62, 0.42, 0.27),
)  # fmt: skip
BOTTOMS: tuple[RGB, ...] = (
    (0.11, 0.12, 0.16), (0.17, 0.23, 0.38), (0.36, 0.32, 0.27), (0.24, 0.25, 0.26), (0.08, 0.08, 0.09),
)  # fmt: skip
BAGS: tuple[RGB, ...] = (
    (0.92, 0.30, 0.25),
    (0.93, 0.93, 0.95),
    (0.25, 0.60, 0.45),
    (0.90, 0.78, 0.30),
    (0.30, 0.22, 0.18),
)


@dataclass(frozen=True, slots=True)
class Look:
    """One figure's body and clothes."""

    height: float = 1.62
    stout: float = 1.0
    skin: RGB = SKINS[0]
    hair: RGB = HAIRS[0]
    top: Cloth = field(default_factory=lambda: Cloth(TOPS[0]))
    bottom: Cloth = field(default_factory=lambda: Cloth(BOTTOMS[0]))
    long_hair: bool = False
    long_sleeves: bool = False
    skirt: bool = False
    apron: RGB | None = None
    hat: Literal["", "cone", "cap"] = ""
    mask: bool = False
    bag: RGB | None = None


def draw_look(rng: np.random.Generator, *, holder: bool = False) -> Look:
    """Return a figure dressed by chance. ``holder``: a stall-holder, with an apron and without a bag."""

    def pick(colours: tuple[RGB, ...]) -> RGB:
        base = np.array(colours[rng.integers(len(colours))]) * rng.uniform(0.85, 1.1) + rng.normal(
            0, 0.015, 3
        )
        r, g, b = np.clip(base, 0.02, 0.97)
        return float(r), float(g), float(b)

    woman = rng.random() < 0.62
    pattern = str(rng.choice(["plain", "plain", "flowers", "rows", "plaid", "columns"]))
    top = Cloth(
        pick(TOPS), pick(TOPS), pattern, float(rng.uniform(0.04, 0.09)), 1.0, int(rng.integers(1 << 30))
    )
    bottom = Cloth(pick(BOTTOMS), folds=1.0, seed=int(rng.integers(1 << 30)))
    if (
        woman and rng.random() < 0.35
    ):  # a suit of one patterned cloth, what market women wear at home and at work
        bottom = Cloth(top.colour, top.second, top.pattern, top.pitch, 1.0, bottom.seed)
    return Look(
        height=float(np.clip(rng.normal(1.56 if woman else 1.67, 0.05), 1.44, 1.8)),
        stout=float(rng.uniform(0.92, 1.16)),
        skin=pick(SKINS),
        hair=HAIRS[int(rng.choice(4, p=[0.45, 0.3, 0.15, 0.1]))],
        top=top,
        bottom=bottom,
        long_hair=bool(woman and rng.random() < 0.7),
        long_sleeves=bool(rng.random() < 0.4),
        skirt=bool(woman and rng.random() < 0.15),
        apron=pick(((0.25, 0.35, 0.55), (0.55, 0.15, 0.15), (0.30, 0.42, 0.30))) if holder else None,
        hat=str(rng.choice(["", "", "cone", "cap"], p=[0.4, 0.25, 0.2, 0.15])),  # type: ignore[arg-type]
        mask=bool(rng.random() < 0.3),
        bag=None if holder or rng.random() < 0.45 else pick(BAGS),
    )


def body(look: Look, pose: Pose, phase: float, density: float) -> Cloud:
    """Return the surface of a figure. ``phase``: 0..1 of a double step (walk) or of a slow sway (stand, reach)."""
    tall = look.height
    gait = _gait(pose, phase)
    hip_z = (0.515 - 0.013 * gait.drop) * tall
    feet: list[Cloud] = []
    lowest = 9.0
    legs: list[tuple[np.ndarray, np.ndarray, np.ndarray, float]] = []
    for side in (-1, 1):
        thigh, bend = gait.thigh[side], gait.knee[side]
        hip = np.array([side * 0.052 * tall * look.stout, 0.0, hip_z])
        knee = hip + 0.245 * tall * np.array([side * 0.02, np.sin(thigh), -np.cos(thigh)])
        shin = thigh - bend
        ankle = knee + 0.235 * tall * np.array([-side * 0.02, np.sin(shin), -np.cos(shin)])
        pitch = gait.sole[side]
        lowest = min(lowest, ankle[2] - 0.04 * tall - max(0.0, -np.sin(pitch)) * 0.10 * tall)
        legs.append((hip, knee, ankle, pitch))
    parts: list[Cloud] = []
    for hip, knee, ankle, pitch in legs:
        parts.append(_leg(look, hip, knee, ankle, density))
        feet.append(_foot(look, ankle, pitch, density))
    lift = np.array([0.0, gait.lean * 0.2 * tall, 0.0])
    parts += [*feet, _trunk(look, hip_z, lift, density), *_head(look, hip_z, lift, density)]
    for side in (-1, 1):
        parts += _arm(look, side, hip_z, lift, gait, density=density)
    if look.skirt:
        parts.append(_skirt(look, hip_z, gait, density))
    if look.apron:
        parts.append(_apron(look, hip_z, density))
    whole = join(parts)
    return whole._replace(points=whole.points - np.array([0, 0, lowest], np.float32))


@dataclass(frozen=True, slots=True)
class _Gait:
    thigh: dict[int, float]
    knee: dict[int, float]
    sole: dict[int, float]
    arm: dict[int, float]
    elbow: dict[int, float]
    drop: float = 0.0
    lean: float = 0.05


def _gait(pose: Pose, phase: float) -> _Gait:
    turn = 2 * np.pi * phase
    if pose != "walk":
        sway = 0.03 * np.sin(turn)
        out = 1.05 + 0.15 * np.sin(turn) if pose == "reach" else 0.20
        return _Gait(
            {-1: 0.16 + sway, 1: -0.12 + sway},
            {-1: 0.12, 1: 0.05},
            {-1: 0.0, 1: 0.0},
            {-1: -0.16 + sway, 1: out},
            {-1: 0.45, 1: 0.7 if pose == "reach" else 0.25},
            lean=0.12 if pose == "reach" else 0.0,
        )
    thigh: dict[int, float] = {}
    knee: dict[int, float] = {}
    sole: dict[int, float] = {}
    for side in (-1, 1):
        at = turn + (np.pi if side > 0 else 0.0)
        thigh[side] = 0.04 + 0.34 * float(np.sin(at))
        swing = max(0.0, float(np.cos(at + 0.45)))  # from toe-off to just before the heel strikes
        knee[side] = 0.07 + 0.85 * swing**1.4
        sole[side] = 0.25 * max(0.0, float(np.sin(at))) - 0.75 * max(0.0, float(np.cos(at + 0.9))) ** 2
    arm = {side: -0.75 * thigh[side] + 0.02 for side in (-1, 1)}
    elbow = {side: 0.28 + 0.35 * max(0.0, arm[side]) for side in (-1, 1)}
    return _Gait(thigh, knee, sole, arm, elbow, drop=abs(float(np.sin(turn))))


def _leg(look: Look, hip: np.ndarray, knee: np.ndarray, ankle: np.ndarray, density: float) -> Cloud:
    h, fat = look.height, look.stout
    middle = knee * 0.5 + hip * 0.5
    width = np.array([0.060, 0.056, 0.043, 0.040, 0.036]) * h * fat
    calf = knee * 0.55 + ankle * 0.45
    cloth = Cloth(look.skin) if look.skirt else look.bottom
    slim = 0.72 if look.skirt else 1.0
    low = ankle + (ankle - knee) * (0.0 if look.skirt else 0.03)
    return loft(
        [hip, middle, knee, calf, low], width * slim, width * slim * 1.05, cloth, density, smooth=0.12
    )


def _foot(look: Look, ankle: np.ndarray, pitch: float, density: float) -> Cloud:
    h = look.height
    ahead = np.array([0.0, np.cos(pitch), np.sin(pitch)])
    down = np.array([0.0, np.sin(pitch) * 0.5, -np.cos(pitch)])
    heel = ankle - 0.035 * h * ahead + 0.022 * h * down
    toe = ankle + 0.105 * h * ahead + 0.030 * h * down
    cloth = Cloth((0.10, 0.09, 0.09), folds=0.3)
    return loft([heel, ankle + 0.018 * h * down, toe], [0.022 * h, 0.027 * h, 0.024 * h],
                [0.020 * h, 0.024 * h, 0.012 * h], cloth, density)  # fmt: skip


def _trunk(look: Look, hip_z: float, lean: np.ndarray, density: float) -> Cloud:
    h, fat = look.height, look.stout
    levels = np.array([-0.055, -0.02, 0.05, 0.12, 0.20, 0.265, 0.305, 0.335])
    width = np.array([0.100, 0.104, 0.096, 0.088, 0.098, 0.113, 0.095, 0.040]) * h
    depth = np.array([0.078, 0.080, 0.068, 0.062, 0.070, 0.068, 0.050, 0.034]) * h
    belly = np.array([1.0, 1.0, 1.05, 1.08, 1.0, 1.0, 0.97, 0.9]) * (0.4 + 0.6 * fat) * 1.02
    spine = np.stack([0 * levels, 0 * levels, hip_z + levels * h], 1) + lean * (levels[:, None] / 0.335).clip(
        0
    )
    return loft(spine, width * belly, depth * belly * fat, look.top, density, smooth=0.07, cap=False)


def _head(look: Look, hip_z: float, lean: np.ndarray, density: float) -> list[Cloud]:
    h = look.height
    centre = np.array([0.0, 0.012 * h, hip_z + 0.412 * h]) + lean * 1.3
    neck = loft([centre - [0, 0.02 * h, 0.10 * h], centre - [0, 0.006 * h, 0.03 * h]], [0.030 * h] * 2,
                [0.031 * h] * 2, Cloth(look.skin), density, cap=False)  # fmt: skip
    head = ball(centre, (0.046 * h, 0.056 * h, 0.070 * h), Cloth(look.skin), density)
    head = _face(look, head, centre)
    crown = ball(
        centre + np.array([0, -0.010, 0.008]) * h,
        (0.051 * h, 0.058 * h, 0.071 * h),
        Cloth(look.hair, folds=0.8),
        density,
    )
    local = (crown.points - centre) / h
    fringe = (local[:, 1] < 0.012 + 0.9 * np.maximum(local[:, 2] - 0.018, 0)) | (local[:, 2] > 0.046)
    keep = fringe & ((local[:, 2] > -0.035) | look.long_hair)
    parts = [neck, head, Cloud(*(part[keep] for part in crown))]
    if look.long_hair:
        back = [centre + np.array([0, -0.045, 0.01]) * h, centre + np.array([0, -0.062, -0.07]) * h,
                centre + np.array([0, -0.070, -0.17]) * h]  # fmt: skip
        parts.append(
            loft(
                back, [0.046 * h, 0.045 * h, 0.026 * h], [0.018 * h] * 3, Cloth(look.hair, folds=0.8), density
            )
        )
    if look.hat == "cone":
        parts.append(_cone(centre, h, density))
    elif look.hat == "cap":
        dome = ball(
            centre + np.array([0, -0.004, 0.022]) * h,
            (0.053 * h, 0.062 * h, 0.055 * h),
            Cloth(look.bottom.colour),
            density,
        )
        parts.append(Cloud(*(part[dome.points[:, 2] > centre[2] + 0.03 * h] for part in dome)))
        brim = [centre + np.array([0, 0.04, 0.035]) * h, centre + np.array([0, 0.10, 0.028]) * h]
        parts.append(loft(brim, [0.045 * h, 0.03 * h], [0.005 * h] * 2, Cloth(look.bottom.colour), density))
    return parts


def _face(look: Look, head: Cloud, centre: np.ndarray) -> Cloud:
    """Shade brows, eyes and mouth, or a mask: a hint of a face, of nobody."""
    x, y, z = ((head.points - centre) / look.height).T
    front = y > 0.02
    colours = head.colours.copy()
    eyes = front & (np.abs(np.abs(x) - 0.019) < 0.010) & (np.abs(z - 0.006) < 0.006)
    brows = front & (np.abs(np.abs(x) - 0.019) < 0.013) & (np.abs(z - 0.018) < 0.003)
    mouth = front & (np.abs(x) < 0.014) & (np.abs(z + 0.036) < 0.004)
    colours[eyes | brows] *= 0.55
    colours[mouth] *= (0.85, 0.6, 0.6)
    if look.mask:
        colours[front & (z < -0.008) & (z > -0.058)] = (0.72, 0.84, 0.90)
    return head._replace(colours=colours)


def _cone(centre: np.ndarray, h: float, density: float) -> Cloud:
    """A hat of palm leaves: 41 cm wide, 17 cm high."""
    rim = centre + np.array([0, 0, 0.022 * h])
    apex = rim + np.array([0, -0.005 * h, 0.17])
    cloth = Cloth((0.86, 0.78, 0.58), (0.74, 0.64, 0.44), "rows", 0.022, 0.2)
    return loft([rim, apex], [0.205, 0.006], [0.205, 0.006], cloth, density, smooth=0.02, cap=False)


def _arm(
    look: Look, side: int, hip_z: float, lean: np.ndarray, gait: _Gait, *, density: float
) -> list[Cloud]:
    h, fat = look.height, 0.5 + 0.5 * look.stout
    swing, bend = gait.arm[side], gait.elbow[side]
    shoulder = np.array([side * 0.108 * h * fat, 0.0, hip_z + 0.282 * h]) + lean * 0.85
    elbow = shoulder + 0.172 * h * np.array([side * 0.16, np.sin(swing), -np.cos(swing)])
    fore = swing + bend
    wrist = elbow + 0.150 * h * np.array([-side * 0.02, np.sin(fore), -np.cos(fore)])
    hand = wrist + 0.045 * h * np.array([0.0, np.sin(fore), -np.cos(fore)])
    skin = Cloth(look.skin)
    inner = shoulder - np.array([side * 0.030 * h, 0, -0.004 * h])
    cuff = shoulder * 0.35 + elbow * 0.65
    parts = [
        loft(
            [shoulder, elbow, wrist],
            [0.028 * h, 0.025 * h, 0.018 * h],
            [0.028 * h, 0.025 * h, 0.018 * h],
            skin,
            density,
        )
    ]
    if look.long_sleeves:
        ring = np.array([0.024, 0.035, 0.030, 0.025]) * h * fat
        parts.append(
            loft(
                [inner, shoulder * 0.6 + elbow * 0.4, elbow, wrist], ring, ring, look.top, density, smooth=0.1
            )
        )
    else:
        ring = np.array([0.024, 0.034, 0.036]) * h * fat
        parts.append(loft([inner, shoulder, cuff], ring, ring, look.top, density))
    parts.append(
        loft(
            [wrist, wrist * 0.4 + hand * 0.6, hand],
            [0.016 * h, 0.022 * h, 0.012 * h],
            [0.012 * h] * 3,
            skin,
            density,
        )
    )
    if look.bag and side > 0:
        cloth = Cloth(look.bag, folds=1.2, seed=look.top.seed)
        low = hand - np.array([0, 0, 0.30])
        parts.append(loft([hand, hand - [0, 0, 0.09], low + np.array([0, 0, 0.08]), low], [0.015, 0.07, 0.125, 0.11],
                          [0.012, 0.05, 0.085, 0.08], cloth, density, side=(0.0, 1.0, 0.0)))  # fmt: skip
    return parts


def _skirt(look: Look, hip_z: float, gait: _Gait, density: float) -> Cloud:
    h = look.height
    reach = 0.11 + 0.08 * abs(gait.thigh[1])
    spine = [[0, 0, hip_z + 0.06 * h], [0, 0, hip_z - 0.06 * h], [0, 0, hip_z - 0.25 * h]]
    return loft(
        spine,
        [0.09 * h, 0.105 * h, 0.12 * h],
        [0.07 * h, 0.09 * h, reach * h],
        look.bottom,
        density,
        cap=False,
    )


def _apron(look: Look, hip_z: float, density: float) -> Cloud:
    h = look.height
    cloth = Cloth(look.apron or (0.3, 0.3, 0.3), folds=0.8, seed=look.top.seed + 1)
    spine = [[0, 0.012, hip_z + 0.18 * h], [0, 0.014, hip_z + 0.02 * h], [0, 0.016, hip_z - 0.20 * h]]
    whole = loft(spine, [0.085 * h, 0.112 * h, 0.115 * h], [0.075 * h * look.stout, 0.086 * h * look.stout, 0.10 * h],
                 cloth, density, cap=False)  # fmt: skip
    front = whole.normals[:, 1] > 0.25
    return Cloud(*(part[front] for part in whole))
