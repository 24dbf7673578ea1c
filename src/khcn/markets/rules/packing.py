"""Sixty minutes in a few bytes: what a gate, a zone or a camera measured in one hour.

Format, version 1: byte 0 the version, byte 1 the kind, bytes 2-9 a bitmap of the minutes that were reported
(little-endian, bit 0 = minute 0), then each column: a mode byte and the values of the reported minutes. Modes: 0 all
zero; 16 one 32-bit value for all; 1, 2, 4 unsigned integers of that many bytes. The same content gives the same bytes.
An hour without any report is the empty string. Seconds are kept in hundredths, as the wire form has them.

A minute that was not reported is absent, which is never a zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.minutes import DWELL_EDGES_S
from khcn.markets.enums import HealthKind

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

VERSION: Final = 1
STAY_BINS: Final = len(DWELL_EDGES_S) + 1
HEALTH_BITS: Final[dict[str, int]] = {kind.value: 1 << number for number, kind in enumerate(HealthKind)}
_STAYS = tuple(f"stay_{number}" for number in range(STAY_BINS))
_HEAD = 10
_ZERO, _SAME = 0, 16
_MOST = 2**32 - 1


class Kind(IntEnum):
    """What an hour belongs to."""

    GATE = 1
    ZONE = 2
    CAMERA = 3


COLUMNS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.GATE: ("count_in", "count_out", "measured_cs"),
    Kind.ZONE: ("person_cs", "entries", "peak", "measured_cs", *_STAYS),
    Kind.CAMERA: ("person_cs", "peak", "measured_cs", "health"),
}


class PackingError(ValueError):
    """Bytes that were not written by :meth:`HourMinutes.pack` of this or an earlier version."""


def _nothing() -> Flags:
    return np.zeros(60, bool)


class Policy(Enum):
    """What becomes of a minute that is held already."""

    REPLACE = "replace"  # the later report counts
    FULLER = "fuller"  # a report that came out of order: the one that measured more counts
    FILL = "fill"  # only minutes that are absent are taken


@dataclass(frozen=True, slots=True)
class Merged:
    """What :meth:`HourMinutes.merge` did: by minute, whether it changed, and its values before (0 when absent)."""

    changed: dict[int, bool]
    before: dict[int, Ints]

    @property
    def count(self) -> int:
        """How many minutes changed."""
        return sum(self.changed.values())


@dataclass(slots=True, eq=False)
class HourMinutes:
    """The sixty minutes of one hour, unpacked. ``present`` (60,): reported; ``values`` (columns, 60), 0 where absent."""

    kind: Kind
    present: Flags = field(default_factory=_nothing)
    values: Ints = field(default_factory=lambda: np.zeros((0, 60), np.int64))

    def __post_init__(self) -> None:
        if self.values.shape[0] == 0:
            self.values = np.zeros((len(COLUMNS[self.kind]), 60), np.int64)

    def column(self, name: str) -> Ints:
        """Return one column (60,), 0 where the minute is absent."""
        found: Ints = self.values[COLUMNS[self.kind].index(name)]
        return found

    def get(self, minute: int) -> dict[str, int] | None:
        """Return the values of one minute, ``None`` when it was not reported."""
        if not self.present[minute]:
            return None
        return {
            name: int(value) for name, value in zip(COLUMNS[self.kind], self.values[:, minute], strict=True)
        }

    def put(self, minute: int, values: Mapping[str, int]) -> bool:
        """Set one minute (columns left out are 0); return whether anything changed."""
        new = np.array([values.get(name, 0) for name in COLUMNS[self.kind]], np.int64)
        if bool(self.present[minute]) and np.array_equal(self.values[:, minute], new):
            return False
        if new.min(initial=0) < 0 or new.max(initial=0) > _MOST:
            raise ValueError(f"a value of minute {minute} is not from 0 to {_MOST}")
        self.present[minute] = True
        self.values[:, minute] = new
        return True

    def merge(self, minutes: Mapping[int, Sequence[int]], policy: "Policy") -> "Merged":
        """Put many minutes at once, each with the values of all columns in order; say which of them changed."""
        places = np.fromiter(minutes, np.intp, len(minutes))
        new = np.array(list(minutes.values()), np.int64).reshape(len(minutes), len(self.values)).T
        if new.min(initial=0) < 0 or new.max(initial=0) > _MOST:
            raise ValueError(f"values from 0 to {_MOST} were expected")
        held, old = self.present[places], self.values[:, places]
        changed: Flags = ~held | (new != old).any(axis=0)
        if policy == Policy.FILL:
            changed &= ~held
        elif policy == Policy.FULLER:
            row = COLUMNS[self.kind].index("measured_cs")
            changed &= ~held | (new[row] > old[row])
        if changed.any():
            self.present[places[changed]] = True
            self.values[:, places[changed]] = new[:, changed]
        return Merged(
            dict(zip(minutes, changed.tolist(), strict=True)), dict(zip(minutes, old.T, strict=True))
        )

    def pack(self) -> bytes:
        """Return the bytes; none when no minute was reported."""
        if not self.present.any():
            return b""
        bitmap = np.packbits(np.append(self.present, np.zeros(4, bool)), bitorder="little").tobytes()
        parts = [bytes((VERSION, self.kind)), bitmap]
        kept = self.values[:, self.present]
        bounds = zip(kept, kept.min(axis=1).tolist(), kept.max(axis=1).tolist(), strict=True)
        parts += [_pack_column(row, low, high) for row, low, high in bounds]
        return b"".join(parts)

    def sums(self) -> dict[str, Any]:
        """Return the columns that stand beside the bytes in the row of this hour."""
        total = self.values.sum(axis=1).tolist()
        found: dict[str, Any] = {}
        stays: list[int] = []
        for number, name in enumerate(COLUMNS[self.kind]):
            if name == "peak":
                found["peak"] = int(self.values[number].max(initial=0))
            elif name.endswith("_cs"):
                found[f"{name[:-3]}_s"] = total[number] / 100
            elif name.startswith("stay_"):
                stays.append(total[number])
            elif name != "health":
                found[name] = total[number]
        if self.kind == Kind.ZONE:
            found["stays"] = stays
        if self.kind == Kind.CAMERA:
            found["lost"] = self.lost()
        return found

    def lost(self) -> dict[str, float]:
        """Return the seconds not measured by reason (hours of cameras only); several reasons: the first counts."""
        health, measured = self.column("health"), self.column("measured_cs")
        found: dict[str, float] = {}
        for minute in np.flatnonzero(health):
            missing = max(0, 6000 - int(measured[minute])) / 100
            reason = next((name for name, bit in HEALTH_BITS.items() if int(health[minute]) & bit), "")
            if missing and reason:
                found[reason] = round(found.get(reason, 0.0) + missing, 2)
        return found


def unpack(kind: Kind, data: bytes | memoryview) -> HourMinutes:
    """Read what :meth:`HourMinutes.pack` wrote (a database may hand it over as a memoryview).

    Raises:
        PackingError: the bytes are of another kind or version, or were cut off.
    """
    raw = bytes(data)
    if not raw:
        return HourMinutes(kind)
    if len(raw) < _HEAD or raw[0] != VERSION or raw[1] != kind:
        raise PackingError(f"not an hour of {kind.name}: {raw[:2].hex()}")
    present = np.unpackbits(np.frombuffer(raw[2:_HEAD], np.uint8), bitorder="little")[:60].astype(bool)
    count, place = int(present.sum()), _HEAD
    columns = COLUMNS[kind]
    values = np.zeros((len(columns), 60), np.int64)
    try:
        for number in range(len(columns)):
            mode = raw[place]
            size = {_ZERO: 0, _SAME: 4}.get(mode, mode * count)
            body, place = raw[place + 1 : place + 1 + size], place + 1 + size
            values[number, present] = _unpack_column(mode, body, count)
    except (IndexError, ValueError) as error:
        raise PackingError(f"the hour was cut off: {error}") from error
    if place != len(raw):
        raise PackingError(f"{len(raw) - place} bytes too many")
    return HourMinutes(kind, present, values)


def _pack_column(values: Ints, low: int, high: int) -> bytes:
    if high == 0:
        return bytes((_ZERO,))
    if low == high and len(values) > 1:
        return bytes((_SAME,)) + high.to_bytes(4, "little")
    width = 1 if high < 1 << 8 else 2 if high < 1 << 16 else 4
    return bytes((width,)) + values.astype(f"<u{width}").tobytes()


def _unpack_column(mode: int, body: bytes, count: int) -> Any:
    if mode == _ZERO:
        return 0
    if mode == _SAME:
        if len(body) != 4:
            raise ValueError("column")
        return int.from_bytes(body, "little")
    if mode not in {1, 2, 4} or len(body) != mode * count:
        raise ValueError("column")
    return np.frombuffer(body, f"<u{mode}")


def centi(seconds: float) -> int:
    """Return seconds in whole hundredths."""
    return round(seconds * 100)


def health_mask(kinds: Any) -> int:
    """Return the bits of kinds of trouble; unknown ones are left out."""
    mask = 0
    for kind in kinds:
        mask |= HEALTH_BITS.get(str(kind), 0)
    return mask
