"""How an hour of readings and a day of intervals are kept: columns of numbers, shuffled by byte, deflated.

A reading is its time, its value, a problem code (for what cannot be used: the value is nan, what the device said is in
``raws``), the batch that brought it and a mark. Hours are only ever added to: a reading that is there already is not
stored again, another value for a time that is taken is stored beside it and marked.
"""

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.types import Flags, Values

HOUR_MS: Final = 3_600_000
MOST_CODES: Final = 200
PLAIN, CONFLICT = 0, 1
"""Marks: the reading that counts; another value for a time that another reading has already."""
_HEAD: Final = struct.Struct("<BIII")
_READINGS, _DAY = 0x45, 0x46
_LEVEL: Final = 1


class PackingError(ValueError):
    """Stored bytes are not what they should be."""


@dataclass(frozen=True, slots=True)
class HourReadings:
    """Readings of one channel in one hour, in the order in which they came.

    ``t``: ms since the hour began; ``v``: value or nan; ``p``: index into ``codes`` (0: no problem); ``b``: batch;
    ``m``: mark; ``raws``: what the device said, by place.
    """

    t: NDArray[np.uint32]
    v: Values
    p: NDArray[np.uint8]
    b: NDArray[np.int64]
    m: NDArray[np.uint8]
    codes: tuple[str, ...] = ("",)
    raws: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.t)

    def pack(self) -> bytes:
        """Return the stored form."""
        count = len(self.t)
        meta = b""
        if len(self.codes) > 1 or self.raws:
            said = {str(at): raw for at, raw in self.raws.items()}
            meta = json.dumps([self.codes, said], ensure_ascii=False, separators=(",", ":")).encode()
        steps = self.t.astype(np.int64)
        steps[1:] -= steps[:-1].copy()
        body = b"".join(
            (
                meta,
                steps.astype("<i4").tobytes(),
                _shuffled(self.v.astype("<f8"), 8),
                _shuffled(self.b.astype("<i8"), 8),
                self.p.tobytes(),
                self.m.tobytes(),
            )
        )
        return _HEAD.pack(_READINGS, count, len(meta), len(body)) + zlib.compress(body, _LEVEL)

    def ordered(self) -> "HourReadings":
        """Return one reading for each time, in order of time: the first usable one that came for it."""
        worth = np.where(np.isfinite(self.v), 0, 1)
        order = np.lexsort((np.arange(len(self.t)), worth, self.t))
        first = np.ones(len(order), np.bool_)
        first[1:] = self.t[order][1:] != self.t[order][:-1]
        kept = order[first]
        raws = {
            at: self.raws[int(place)] for at, place in enumerate(kept.tolist()) if int(place) in self.raws
        }
        return HourReadings(
            self.t[kept], self.v[kept], self.p[kept], self.b[kept], self.m[kept], self.codes, raws
        )


EMPTY: Final = HourReadings(
    np.zeros(0, np.uint32),
    np.zeros(0, np.float64),
    np.zeros(0, np.uint8),
    np.zeros(0, np.int64),
    np.zeros(0, np.uint8),
)


def unpack_hour(raw: bytes | memoryview) -> HourReadings:
    """Return the readings of a stored hour. Raises PackingError."""
    raw = bytes(raw)
    if not raw:
        return EMPTY
    try:
        kind, count, meta_size, size = _HEAD.unpack_from(raw)
        body = zlib.decompress(raw[_HEAD.size :])
    except (struct.error, zlib.error) as error:
        raise PackingError(f"not an hour of readings: {error}") from error
    if kind != _READINGS or len(body) != size or size != meta_size + count * 22:
        raise PackingError("an hour of readings was cut off")
    codes: tuple[str, ...] = ("",)
    raws: dict[int, str] = {}
    if meta_size:
        found = json.loads(body[:meta_size])
        codes = tuple(found[0])
        raws = {int(at): said for at, said in found[1].items()}
    place = meta_size
    t = np.cumsum(np.frombuffer(body, "<i4", count, place), dtype=np.int64).astype(np.uint32)
    place += 4 * count
    v = _unshuffled(body, place, count, "<f8")
    b = _unshuffled(body, place + 8 * count, count, "<i8")
    place += 16 * count
    p = np.frombuffer(body, np.uint8, count, place)
    m = np.frombuffer(body, np.uint8, count, place + count)
    return HourReadings(t, v, p, b, m, codes, raws)


@dataclass(frozen=True, slots=True)
class Merged:
    """An hour after something was added: ``kept`` readings are new, ``conflicts`` of them against an earlier value."""

    hour: HourReadings
    kept: int
    conflicts: int
    first_ms: int
    last_ms: int


def merge_hour(
    held: HourReadings,
    t: NDArray[np.int64],
    v: Values,
    *,
    batch: int,
    problems: Mapping[int, str] | None = None,
    raws: Mapping[int, str] | None = None,
) -> Merged:
    """Add readings (``t``: ms since the hour began) to an hour; what it holds already is not added again."""
    if not len(t):
        return Merged(held, 0, 0, 0, 0)
    codes, p = _coded(held.codes, len(t), problems)
    marks = np.zeros(len(t), np.uint8)
    said = dict(raws or {})
    growing = len(t) < 2 or bool((t[1:] > t[:-1]).all())
    if not growing or (len(held) and int(t[0]) <= int(held.t.max())):
        keep, marks = _fresh(held, t, v, p, codes)
        if not keep.all():
            places = np.flatnonzero(keep)
            said = {new: said[int(old)] for new, old in enumerate(places.tolist()) if int(old) in said}
            t, v, p, marks = t[keep], v[keep], p[keep], marks[keep]
    if not len(t):
        return Merged(held, 0, 0, 0, 0)
    base = len(held)
    hour = HourReadings(
        np.concatenate((held.t, t.astype(np.uint32))),
        np.concatenate((held.v, v)),
        np.concatenate((held.p, p)),
        np.concatenate((held.b, np.full(len(t), batch, np.int64))),
        np.concatenate((held.m, marks)),
        codes,
        {**held.raws, **{base + at: raw for at, raw in said.items()}} if said else held.raws,
    )
    return Merged(hour, len(t), int((marks == CONFLICT).sum()), int(t.min()), int(t.max()))


def _coded(
    codes: tuple[str, ...], count: int, problems: Mapping[int, str] | None
) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    p = np.zeros(count, np.uint8)
    if not problems:
        return codes, p
    known = {code: place for place, code in enumerate(codes)}
    for at, problem in problems.items():
        code = problem if problem in known or len(known) < MOST_CODES else "many-problems"
        p[at] = known.setdefault(code, len(known))
    return tuple(known), p


def _fresh(
    held: HourReadings,
    t: NDArray[np.int64],
    v: Values,
    p: NDArray[np.uint8],
    codes: tuple[str, ...],
) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """Return which readings are not there yet, and their marks."""
    seen: dict[int, set[tuple[Any, str]]] = {}
    for at, value, problem in zip(held.t.tolist(), held.v.tolist(), held.p.tolist(), strict=True):
        seen.setdefault(at, set()).add((_same(value), codes[problem]))
    keep = np.zeros(len(t), np.bool_)
    marks = np.zeros(len(t), np.uint8)
    for number, (at, value, problem) in enumerate(zip(t.tolist(), v.tolist(), p.tolist(), strict=True)):
        what, there = (_same(value), codes[problem]), seen.setdefault(at, set())
        if what in there:
            continue
        keep[number] = True
        marks[number] = CONFLICT if there else PLAIN
        there.add(what)
    return keep, marks


def _same(value: float) -> Any:
    return value if value == value else None  # noqa: PLR0124  # nan is the only value unlike itself


def pack_day(values: Values, flags: Flags) -> bytes:
    """Return the stored form of a day's intervals (values in single precision: a part in ten million)."""
    body = _shuffled(values.astype("<f4"), 4) + flags.astype(np.uint8).tobytes()
    return bytes((_DAY,)) + zlib.compress(body, _LEVEL)


def unpack_day(raw: bytes | memoryview) -> tuple[Values, Flags]:
    """Return values and flags of a stored day; both empty for no bytes. Raises PackingError."""
    raw = bytes(raw)
    if not raw:
        return np.zeros(0), np.zeros(0, np.uint8)
    try:
        body = zlib.decompress(raw[1:])
    except zlib.error as error:
        raise PackingError(f"not a day of intervals: {error}") from error
    if raw[0] != _DAY or len(body) % 5:
        raise PackingError("a day of intervals was cut off")
    count = len(body) // 5
    values = _unshuffled(body, 0, count, "<f4").astype(np.float64)
    return values, np.frombuffer(body, np.uint8, count, 4 * count).copy()


def _shuffled(values: NDArray[Any], size: int) -> bytes:
    return values.view(np.uint8).reshape(-1, size).T.tobytes()


def _unshuffled(body: bytes, place: int, count: int, kind: str) -> NDArray[Any]:
    size = int(kind[-1])
    columns = np.frombuffer(body, np.uint8, size * count, place).reshape(size, count)
    found: NDArray[Any] = np.ascontiguousarray(columns.T).view(kind).reshape(count)
    return found


def hours_of(t: NDArray[np.int64]) -> Sequence[tuple[int, slice]]:
    """Return (start of hour in ms, slice) of each run of ``t`` that lies in one hour (``t`` sorted by hour)."""
    if not len(t):
        return ()
    hours = t // HOUR_MS
    cuts = np.flatnonzero(hours[1:] != hours[:-1]) + 1
    starts = [0, *cuts.tolist()]
    ends = [*cuts.tolist(), len(t)]
    return [
        (int(hours[first]) * HOUR_MS, slice(first, last)) for first, last in zip(starts, ends, strict=True)
    ]
