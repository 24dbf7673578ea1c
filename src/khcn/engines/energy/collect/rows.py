"""What the outbox holds and what goes over the wire: stored readings, their check sums, batches."""

import math
import sys
import zlib
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from khcn.engines.energy.types import Sample

TEXT_LIMIT: Final = 120  # characters of a key or a problem: a device that sends novels fills no disk
RAW_LIMIT: Final = 500
INT_LIMIT: Final = 1 << 62


class Stored(NamedTuple):
    """One reading in the outbox. ``at``: when it was stored (own clock); ``run``: under which setting of that clock."""

    n: int
    device: str
    metric: str
    ts: int
    v: float | None
    p: str
    raw: str
    at: int
    run: int

    def checksum(self) -> int:
        """Return the sum that the row carries: a flipped bit anywhere in it is noticed."""
        return zlib.crc32(repr(tuple(self)).encode("utf-8", "surrogatepass"))


class Waiting(NamedTuple):
    """One reading that has no number yet."""

    device: str
    metric: str
    ts: int
    v: float | None
    p: str
    raw: str
    at: int


def waiting(sample: Sample, at: int) -> Waiting:
    """Return what is stored of a sample: nothing endless, nothing that is no number."""
    value, problem, raw = sample.value, sample.problem, sample.raw
    if value is not None:
        value = float(value) + 0.0  # SQLite keeps no negative zero
        if not math.isfinite(value):
            value, problem, raw = None, problem or "not-a-number", raw or str(sample.value)
    ts = int(sample.ts_ms)
    if abs(ts) > INT_LIMIT:
        ts, problem, raw = 0, "clock", raw or str(sample.ts_ms)
    device, metric = sys.intern(clean(sample.device)), sys.intern(clean(sample.metric))
    return Waiting(device, metric, ts, value, clean(problem), clean(raw, RAW_LIMIT), at)


def clean(text: object, most: int = TEXT_LIMIT) -> str:
    """Return a text that SQLite, JSON and PostgreSQL all take."""
    return str(text)[:most].replace("\0", "").encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings under way: numbers ``first`` to ``last`` of outbox ``instance``; ``last`` is the batch's own number."""

    instance: str
    first: int
    last: int
    readings: tuple[Stored, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the wire form (the sender adds ``sent_at`` and ``status``).

        ``p`` and ``raw`` are by position in ``t`` and ``v``, as text because JSON has no other keys.
        """
        series: dict[tuple[str, str], dict[str, Any]] = {}
        for row in self.readings:
            one = series.get((row.device, row.metric))
            if one is None:
                one = {"device": row.device, "metric": row.metric, "t": [], "v": [], "p": {}, "raw": {}}
                series[row.device, row.metric] = one
            if row.p:
                one["p"][str(len(one["t"]))] = row.p
            if row.raw:
                one["raw"][str(len(one["t"]))] = row.raw
            one["t"].append(row.ts)
            one["v"].append(row.v)
        for one in series.values():
            if not one["raw"]:
                del one["raw"]
        return {
            "instance": self.instance,
            "seq": self.last,
            "first": self.first,
            "series": list(series.values()),
        }

    def head(self, most: int) -> "Batch":
        """Return the first ``most`` readings as a batch of their own."""
        kept = self.readings[:most]
        return Batch(self.instance, self.first, kept[-1].n, kept)
