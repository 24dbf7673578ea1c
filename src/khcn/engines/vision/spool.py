"""The box's memory between camera and centre: minutes on disk until the centre has them, and the way there.

Only numbers stand here. Layout of the folder: ``box.json`` (instance), ``lock``, ``acked.json`` (cursor) and segments
``<first number>.jsonl`` with lines ``{"n": number, "c": CRC-32 of the minute's JSON, "m": minute}``. A line counts when
it is whole and its sum is right, so a power cut costs at most the line being written. The centre writes by natural
key (camera, minute): sending twice has the effect of once.
"""

import fcntl
import json
import logging
import os
import random
import time
import uuid
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import RLock
from typing import IO, Any

from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.sources.address import scrub

logger = logging.getLogger(__name__)

SEGMENT_BYTES = 1 << 20
KEEP_ACKED = 2  # segments kept after the centre has them: the last hours, for minutes that are continued
Minute = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Minutes under way: numbers ``first`` to ``last`` of spool ``instance``; ``last`` is the batch's own number."""

    instance: str
    first: int
    last: int
    minutes: tuple[Minute, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the wire form (the sender adds box and time)."""
        return {
            "instance": self.instance,
            "seq": self.last,
            "first": self.first,
            "minutes": list(self.minutes),
        }


@dataclass(frozen=True, slots=True)
class Ack:
    """The centre holds everything up to number ``last``."""

    last: int


class RejectedError(Exception):
    """The centre will never take this batch as it is (not: it is unreachable). ``str`` says why."""


@dataclass(slots=True)
class SpoolNotes:
    """What people must know: counters since the start, and what is wrong now."""

    repaired_bytes: int = 0
    bad_lines: int = 0
    refused: int = 0  # minutes that found no room, neither on disk nor in memory: lost
    rejected: int = 0  # minutes that the centre would not take
    full: bool = False
    disk_error: str = ""


class Spool:
    """Append-only store of minutes. One process owns a folder; threads may share the object.

    ``most_bytes``: when the segments reach it, the oldest stay and new minutes wait in memory (``most_waiting``).

    Raises:
        SourceError: another process uses the folder.
    """

    def __init__(self, folder: Path, *, most_bytes: int = 256 << 20, most_waiting: int = 20_000) -> None:
        self.folder, self.most_bytes, self.most_waiting = folder, most_bytes, most_waiting
        self.notes = SpoolNotes()
        self._guard = RLock()
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = self._take_lock()
        self.instance = self._read_instance()
        self._waiting: deque[Minute] = deque()
        self._file: IO[bytes] | None = None
        self._segment_bytes = 0
        self.acked = self._read_acked()
        self.last = self._scan()

    def _take_lock(self) -> IO[bytes]:
        lock = (self.folder / "lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise SourceError("spool-in-use", name=self.folder.name) from error
        return lock

    def _read_instance(self) -> str:
        path = self.folder / "box.json"
        with suppress(OSError, ValueError, KeyError, TypeError):
            return str(json.loads(path.read_text("utf-8"))["instance"])
        made = uuid.uuid4().hex
        _replace(path, {"instance": made})
        return made

    def _read_acked(self) -> int:
        with suppress(OSError, ValueError, KeyError, TypeError):
            return int(json.loads((self.folder / "acked.json").read_text("utf-8"))["acked"])
        return 0

    def _segments(self) -> list[Path]:
        return sorted(self.folder.glob("[0-9]*.jsonl"))

    def _scan(self) -> int:
        """Repair the tail of the last segment and return the last number in use."""
        segments = self._segments()
        last = self.acked
        for at, path in enumerate(segments):
            last = max(last, int(path.stem) - 1)
            good = 0
            for number, _, end in _lines(path, self.notes):
                last, good = max(last, number), end
            if at == len(segments) - 1:
                self._cut_tail(path, good)
        return last

    def _cut_tail(self, path: Path, good: int) -> None:
        size = path.stat().st_size
        if size > good:
            self.notes.repaired_bytes += size - good
            logger.warning("spool: %d bytes of an unfinished line removed from %s", size - good, path.name)
            with path.open("r+b") as file:
                file.truncate(good)
                os.fsync(file.fileno())

    # -- in ----------------------------------------------------------------------------------------------------

    def append(self, minute: Minute) -> bool:
        """Keep a minute; return whether it is safe on disk (else it waits in memory, and ``notes`` says why)."""
        with self._guard:
            if len(self._waiting) >= self.most_waiting:
                self.notes.refused += 1
                logger.error("spool: no room, a minute of camera %s is lost", minute.get("camera"))
                return False
            self._waiting.append(minute)
            return self.flush()

    def flush(self) -> bool:
        """Write what waits in memory; return whether nothing waits any more."""
        with self._guard:
            while self._waiting:
                if self.size() >= self.most_bytes:
                    if not self.notes.full:
                        logger.error("spool: %s is full, new minutes wait in memory", self.folder.name)
                    self.notes.full = True
                    return False
                try:
                    self._write(self._waiting[0])
                except OSError as error:
                    self._broken_write(error)
                    return False
                self._waiting.popleft()
            self.notes.full, self.notes.disk_error = False, ""
            return True

    def _write(self, minute: Minute) -> None:
        text = json.dumps(minute, ensure_ascii=False, separators=(",", ":"))
        number = self.last + 1
        line = f'{{"n":{number},"c":{zlib.crc32(text.encode())},"m":{text}}}\n'.encode()
        if self._file is None or self._segment_bytes >= SEGMENT_BYTES:
            self._new_segment(number)
        assert self._file is not None  # noqa: S101  # just made
        self._file.write(line)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._segment_bytes += len(line)
        self.last = number

    def _new_segment(self, number: int) -> None:
        if self._file is not None:
            self._file.close()
        path = self.folder / f"{number:012d}.jsonl"
        self._file = path.open("ab", buffering=0)
        self._segment_bytes = path.stat().st_size
        _sync_folder(self.folder)

    def _broken_write(self, error: OSError) -> None:
        """The disk is full or gone: cut off half a line, try a new segment next time."""
        if not self.notes.disk_error:
            logger.error("spool: cannot write (%s), minutes wait in memory", error.strerror)
        self.notes.disk_error = error.strerror or type(error).__name__
        if self._file is not None:
            with suppress(OSError):
                os.ftruncate(self._file.fileno(), self._segment_bytes)
            with suppress(OSError):
                self._file.close()
            self._file = None

    # -- out ---------------------------------------------------------------------------------------------------

    def batch(self, *, most: int = 500, most_bytes: int = 512 << 10) -> Batch | None:
        """Return the oldest minutes that the centre has not, or ``None``."""
        with self._guard:
            found: list[Minute] = []
            first = last = size = 0
            for number, minute, length in self._after(self.acked):
                if found and (len(found) >= most or size + length > most_bytes):
                    break
                first = first or number
                last, size = number, size + length
                found.append(minute)
            return Batch(self.instance, first, last, tuple(found)) if found else None

    def _after(self, number: int) -> Iterator[tuple[int, Minute, int]]:
        segments = self._segments()
        for path, following in zip(segments, [*segments[1:], None], strict=False):  # none: an empty folder
            if following is not None and int(following.stem) <= number + 1:
                continue
            before = 0
            for at, minute, end in _lines(path, SpoolNotes()):
                if at > number:
                    yield at, minute, end - before
                before = end

    def ack(self, last: int) -> None:
        """The centre holds all up to ``last``: move the cursor, remove segments that are behind it."""
        with self._guard:
            if last <= self.acked:
                return
            self.acked = min(last, self.last)
            with suppress(OSError):  # a lost cursor only means sending again
                _replace(self.folder / "acked.json", {"acked": self.acked})
            segments = self._segments()
            done = [path for path, after in pairwise(segments) if int(after.stem) <= self.acked + 1]
            keep = 0 if self.size() >= self.most_bytes // 2 else KEEP_ACKED
            for path in done[: len(done) - keep] if keep else done:
                path.unlink(missing_ok=True)
            if self._waiting:
                self.flush()

    def recent(self, count: int = 2000) -> list[Minute]:
        """Return the newest minutes on disk, for minutes that go on after a restart."""
        with self._guard:
            found: deque[Minute] = deque(maxlen=count)
            for path in self._segments()[-3:]:
                found.extend(minute for _, minute, _ in _lines(path, SpoolNotes()))
            return list(found)

    def set_aside(self, batch: Batch, why: str) -> None:
        """Keep what the centre would not take in ``rejected.jsonl`` and go on."""
        self.notes.rejected += len(batch.minutes)
        logger.error("spool: the centre rejected %d minutes: %s", len(batch.minutes), why)
        with suppress(OSError), (self.folder / "rejected.jsonl").open("a", encoding="utf-8") as file:
            for minute in batch.minutes:
                file.write(json.dumps({"why": why, "m": minute}, ensure_ascii=False) + "\n")
        self.ack(batch.last)

    def size(self) -> int:
        """Return the bytes of all segments."""
        return sum(path.stat().st_size for path in self._segments())

    def status(self) -> dict[str, Any]:
        """Return what the health page shows."""
        with self._guard:
            return {
                "instance": self.instance, "last": self.last, "acked": self.acked, "queued": self.last - self.acked,
                "in_memory": len(self._waiting), "bytes": self.size(), "full": self.notes.full,
                "disk_error": self.notes.disk_error, "lost": self.notes.refused, "rejected": self.notes.rejected,
                "repaired_bytes": self.notes.repaired_bytes, "bad_lines": self.notes.bad_lines,
            }  # fmt: skip

    def close(self) -> None:
        """Write what waits and give the folder free."""
        with self._guard:
            self.flush()
            if self._file is not None:
                self._file.close()
                self._file = None
            self._lock.close()


def _lines(path: Path, notes: SpoolNotes) -> Iterator[tuple[int, Minute, int]]:
    """Yield (number, minute, end of the line in bytes) of good lines; bad ones in the middle are counted."""
    end = 0
    with path.open("rb") as file:
        for line in file:
            end += len(line)
            try:
                data = json.loads(line)
                minute = data["m"]
                text = json.dumps(minute, ensure_ascii=False, separators=(",", ":"))
                if not line.endswith(b"\n") or zlib.crc32(text.encode()) != data["c"]:
                    raise ValueError("sum")
                number = int(data["n"])
            except (ValueError, KeyError, TypeError):
                notes.bad_lines += 1
                continue
            yield number, minute, end


def _replace(path: Path, data: dict[str, Any]) -> None:
    half = path.with_suffix(".new")
    with half.open("w", encoding="utf-8") as file:
        json.dump(data, file)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@dataclass(slots=True)
class Forwarder:
    """Brings the spool to the centre: oldest first, one batch at a time, the same batch until it is acknowledged.

    ``send``: hands a batch over and returns the acknowledgement; raises :class:`RejectedError` when the centre says
    that it will never take it, anything else means "later".
    """

    spool: Spool
    send: Callable[[Batch], Ack]
    monotonic: Callable[[], float] = time.monotonic
    rng: random.Random = field(default_factory=random.Random)
    first_wait_s: float = 2.0
    longest_wait_s: float = 120.0
    rest_s: float = 5.0
    most: int = 500
    fails: int = 0
    error: str = ""
    delivered_at: float | None = None
    _under_way: Batch | None = None
    _most_now: int = 0

    def step(self) -> float:
        """Try once; return the seconds to wait before the next try."""
        self.spool.flush()
        batch = self._under_way or self.spool.batch(most=self._most_now or self.most)
        if batch is None:
            self.fails, self.error = 0, ""
            return self.rest_s
        self._under_way = batch
        try:
            ack = self.send(batch)
        except RejectedError as rejected:
            return self._rejected(batch, rejected)
        except Exception as error:  # whatever is wrong on the way, the minutes stay and wait
            return self._failed(error)
        self._under_way, self.fails, self.error = None, 0, ""
        self._most_now = 0 if self._most_now == 0 else min(self.most, self._most_now * 2)
        self.delivered_at = self.monotonic()
        self.spool.ack(min(ack.last, batch.last))
        return 0.0

    def _rejected(self, batch: Batch, why: RejectedError) -> float:
        """Halve the batch until the minute that is refused stands alone; set that one aside."""
        self._under_way = None
        if len(batch.minutes) > 1:
            self._most_now = max(1, len(batch.minutes) // 2)
            return 0.0
        self.spool.set_aside(batch, scrub(str(why))[:200])
        return 0.0

    def _failed(self, error: Exception) -> float:
        self.fails += 1
        self.error = scrub(f"{type(error).__name__}: {error}")[:200]
        wait = min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(12, self.fails - 1))
        logger.warning("spool: not delivered (%s), next try in about %.0f s", self.error, wait)
        return wait * (0.5 + 0.5 * self.rng.random())

    def status(self) -> dict[str, Any]:
        """Return what the health page shows."""
        age = None if self.delivered_at is None else round(self.monotonic() - self.delivered_at, 1)
        return {"fails": self.fails, "error": self.error, "delivered_s_ago": age, **self.spool.status()}
