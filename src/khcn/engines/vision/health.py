"""Whether a camera can be trusted: covered, blurred, dark, frozen, moved, told from a small picture.

Two steps: :meth:`HealthMonitor.signs` turns a picture into a few numbers, :meth:`HealthMonitor.judge` turns numbers
into events, with seconds of hysteresis on both sides. So a run can be repeated from numbers alone.
"""

import zlib
from dataclasses import asdict, dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.types import HealthEvent, Image

Map = NDArray[np.float32]
KINDS: Final = ("covered", "blurred", "dark", "frozen", "moved", "offline", "resized")
GRID: Final = (64, 36)  # columns, rows of the edge map


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """Thresholds. Grey levels from 0 to 255; seconds a sign must hold before an event opens, and be gone to close."""

    dark_mean: float = 22.0
    night_mean: float = 32.0  # below, known edges may be gone because it is night
    dark_lamps: float = (
        70.0  # the brightest half percent of cells; above: lamps are on, that is a night, not darkness
    )
    flat_edges: float = 1.6  # mean step between neighbouring cells of a covered lens
    lost_share: float = 0.75  # share of the known edges that are gone under a cover
    blur_ratio: float = 0.5  # of the sharpness this camera usually has
    blur_floor: float = 0.17  # steep steps against wide ones, below which any picture is out of focus
    frozen_share: float = (
        0.985  # pixels exactly as they were some seconds before (the rest: the camera's clock)
    )
    moved_cells: float = 1.5
    open_s: dict[str, float] = field(
        default_factory=lambda: {"covered": 5, "blurred": 15, "dark": 20, "frozen": 60, "moved": 12}
    )
    close_s: float = 5.0
    settle_s: float = 8.0  # before anything is compared with a reference
    memory_s: float = 600.0  # how fast the reference follows the daylight


@dataclass(frozen=True, slots=True)
class Signs:
    """The numbers of one picture; ``shift`` in cells, ``alike`` and ``best`` correlations with the reference,
    ``steady`` with the picture some seconds before."""

    mean: float
    lamps: float
    edges: float
    sharp: float
    same: float
    lost: float = 0.0
    usual: float = 0.0
    alike: float = 1.0
    best: float = 1.0
    shift: float = 0.0
    steady: float = 0.0

    def as_list(self) -> list[float]:
        """Return the numbers in order."""
        return [round(float(value), 5) for value in asdict(self).values()]


class HealthMonitor:
    """Watches one camera. ``reference``: edge map of the set-up still, as :attr:`signature` gave it."""

    def __init__(
        self, settings: HealthSettings | None = None, reference: NDArray[np.float32] | None = None
    ) -> None:
        self.settings = settings or HealthSettings()
        self.events: list[HealthEvent] = []
        self._since: dict[str, float] = {}
        self._until: dict[str, float] = {}
        self._open: dict[str, int] = {}
        self._reference: Map | None = reference
        self._given = reference is not None
        self._usual = 0.0
        self._begun: float | None = None
        self._last: float | None = None
        self._older: tuple[float, NDArray[np.uint8]] | None = None
        self._newer: tuple[float, NDArray[np.uint8]] | None = None
        self._compared = -1e9
        self._past: tuple[float, Map] | None = None
        self._steady = 0.0
        self._shift = (0.0, 1.0, 1.0, 0.0)  # lost, alike, best, shift

    @property
    def active(self) -> tuple[str, ...]:
        """Return what is wrong now."""
        return tuple(kind for kind in KINDS if kind in self._open)

    @property
    def signature(self) -> NDArray[np.float32] | None:
        """Return the reference edge map (36 x 64 numbers): shows no person, names no place."""
        return None if self._reference is None else self._reference.copy()

    # -- from a picture to numbers -----------------------------------------------------------------------------

    def signs(self, t: float, image: Image) -> Signs:
        """Return the numbers of the picture at ``t`` seconds. About a third of a millisecond for 544 x 320."""
        green = image[:, :, 1] if image.ndim == 3 else image
        small = _grid(green)
        edge = _edges(small)
        rows = green[:: max(1, green.shape[0] // 40)]
        fine, coarse = _steps(rows)
        same = self._unchanged(t, np.ascontiguousarray(rows))
        mean, edges = float(small.mean()), float(edge.mean())
        self._compare(t, edge, mean)
        lost, alike, best, shift = self._shift
        self._learn(t, edge, fine / coarse, good=alike > 0.5 and edges > self.settings.flat_edges)
        lamps = float(np.partition(small.ravel(), -12)[-12])
        usual = self._sharpness(fine / coarse)
        return Signs(mean, lamps, edges, fine / coarse, same, lost, usual, alike, best, shift, self._steady)

    def _sharpness(self, fine: float) -> float:
        return fine / self._usual if self._usual > 0 else 1.0

    def _unchanged(self, t: float, rows: NDArray[np.uint8]) -> float:
        """Return the share of pixels exactly as they were five to ten seconds before."""
        if self._newer is None or self._newer[1].shape != rows.shape:
            self._newer, self._older = (t, rows), None
            return 0.0
        if t - self._newer[0] >= 5:
            self._older, self._newer = self._newer, (t, rows)
        if self._older is None:
            return 0.0
        old = self._older[1]
        if zlib.adler32(old[::4].tobytes()) == zlib.adler32(rows[::4].tobytes()):
            return 1.0
        return float((old == rows).mean())

    def _compare(self, t: float, edge: Map, mean: float) -> None:
        """Compare with the reference once a second: what is gone, and where the picture lies now."""
        if self._begun is None:
            self._begun = t
        known = self._reference
        if (
            known is None
            or (not self._given and t - self._begun < self.settings.settle_s)
            or t - self._compared < 1
        ):
            return
        self._compared = t
        strong = known > max(2.0, float(np.percentile(known, 70)))
        lost = float((edge[strong] < 0.25 * known[strong]).mean()) if strong.any() else 0.0
        zero, best, shift = _shifted(known, edge)
        if self._past is None or t - self._past[0] >= 6:
            self._steady = 0.0 if self._past is None else _shifted(self._past[1], edge)[0]
            self._past = (t, edge)
        self._shift = (lost, zero, best, shift)

    def _learn(self, t: float, edge: Map, fine: float, *, good: bool) -> None:
        """Let the reference follow slowly while the picture is good."""
        dt = 0.0 if self._last is None else min(5.0, max(0.0, t - self._last))
        self._last = t
        if self._reference is None:
            self._reference, self._usual = edge, fine
            return
        young = self._begun is not None and t - self._begun < self.settings.settle_s and not self._given
        if self._usual == 0:
            self._usual = fine
        if not young and (not good or self._since):
            return
        weight = np.float32(1 - np.exp(-dt / (3.0 if young else self.settings.memory_s)))
        self._reference = self._reference + weight * (edge - self._reference)
        self._usual += float(weight) * (fine - self._usual)

    # -- from numbers to events --------------------------------------------------------------------------------

    def judge(self, t: float, signs: Signs) -> list[HealthEvent]:
        """Take the numbers of ``t`` in; return the events that opened or closed now."""
        s = self.settings
        dark = signs.mean < s.dark_mean and signs.lamps < s.dark_lamps
        covered = not dark and (
            signs.edges < s.flat_edges
            or (signs.mean > s.night_mean and signs.lost > s.lost_share and signs.best < 0.3)
        )
        blurred = (
            not dark and not covered
            and (signs.sharp < s.blur_floor or (signs.usual < s.blur_ratio and signs.best > 0.1))
        )  # fmt: skip
        moved = (
            not (dark or covered or blurred)
            and signs.shift >= s.moved_cells and signs.best > 0.45 and signs.best > 1.6 * signs.alike and signs.steady > 0.5
        )  # fmt: skip
        elsewhere = (
            not (dark or covered or blurred)
            and signs.mean > s.night_mean
            and signs.best < 0.2
            and signs.alike < 0.12
            and signs.steady > 0.75
        )
        frozen = signs.same >= s.frozen_share
        found = {
            "dark": dark,
            "covered": covered,
            "blurred": blurred,
            "frozen": frozen,
            "moved": moved or elsewhere,
        }
        changes = []
        for kind, wrong in found.items():
            changes += self._turn(kind, wrong, t)
        return changes

    def _turn(self, kind: str, wrong: bool, t: float) -> list[HealthEvent]:
        if wrong:
            self._until.pop(kind, None)
            since = self._since.setdefault(kind, t)
            if kind not in self._open and t - since >= self.settings.open_s[kind]:
                return [self.open(kind, since)]
            return []
        self._since.pop(kind, None)
        if kind in self._open:
            until = self._until.setdefault(kind, t)
            if t - until >= self.settings.close_s:
                return [self.close(kind, until)]
        return []

    def open(self, kind: str, t: float, detail: str = "") -> HealthEvent:
        """Open an event (offline and resized come from the source). Opening twice changes nothing."""
        if kind not in self._open:
            self._open[kind] = len(self.events)
            self.events.append(HealthEvent(kind, t, None, detail))
        return self.events[self._open[kind]]

    def close(self, kind: str, t: float) -> HealthEvent:
        """Close an open event at ``t``."""
        at = self._open.pop(kind)
        self._until.pop(kind, None)
        before = self.events[at]
        self.events[at] = HealthEvent(kind, before.start, max(t, before.start), before.detail)
        return self.events[at]

    def interrupt(self, t: float) -> None:
        """The pictures stopped: what was pending counts for nothing, and pictures before are no comparison."""
        self._since.clear()
        self._older = self._newer = None


def _grid(green: NDArray[np.uint8]) -> Map:
    """Return means of a 64 x 36 grid of blocks, thinned to at most 4 x 4 pixels a block."""
    columns, rows = GRID
    height, width = green.shape
    if height < rows or width < columns:
        ys = np.arange(rows) * height // rows
        xs = np.arange(columns) * width // columns
        thin: Map = green[ys][:, xs].astype(np.float32)
        return thin
    bh, bw = height // rows, width // columns
    sh, sw = max(1, bh // 4), max(1, bw // 4)
    blocks = green[: rows * bh, : columns * bw].reshape(rows, bh, columns, bw)[:, ::sh, :, ::sw]
    found: Map = blocks.mean(axis=(1, 3), dtype=np.float32)
    return found


def _steps(rows: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the height of the steepest steps over 2 and over 16 pixels: alike in focus, far apart out of focus.

    Neighbours are added first, which halves the noise; a few steepest steps say more about focus than the mean.
    """
    if rows.shape[1] < 40:
        return 1.0, 1.0
    pairs = rows[:, 1:].astype(np.int16) + rows[:, :-1]
    fine = np.abs(pairs[:, 2:] - pairs[:, :-2])[:, 6:-8].ravel()
    coarse = np.abs(pairs[:, 16:] - pairs[:, :-16]).ravel()
    k, j = max(1, fine.size // 50), max(1, coarse.size // 50)
    return float(np.partition(fine, -k)[-k:].mean()) / 2, float(
        np.partition(coarse, -j)[-j:].mean()
    ) / 2 + 1.0


def _edges(small: Map) -> Map:
    """Return the steps to the right and below, added."""
    found = np.zeros_like(small)
    found[:, :-1] += np.abs(np.diff(small, axis=1))
    found[:-1] += np.abs(np.diff(small, axis=0))
    return found


def _shifted(known: Map, now: Map) -> tuple[float, float, float]:
    """Return the correlation in place, the best correlation at any shift, and that shift in cells."""
    a, b = np.sqrt(known), np.sqrt(now)
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    if scale < 1e-6:
        return 0.0, 0.0, 0.0
    rows, columns = a.shape
    both = np.fft.irfft2(np.conj(np.fft.rfft2(a)) * np.fft.rfft2(b), s=a.shape) / scale
    at = int(both.argmax())
    dy, dx = divmod(at, columns)
    dy, dx = min(dy, rows - dy), min(dx, columns - dx)
    zero = float(max(both[0, 0], both[0, 1], both[0, -1], both[1, 0], both[-1, 0]))
    return zero, float(both.flat[at]), float(np.hypot(dx, dy))
