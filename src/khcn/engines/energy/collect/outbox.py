"""The collector's memory on disk: every reading is here before its device hears that it was taken.

SQLite (WAL, synchronous=FULL), append only, numbered without gaps. Readings leave when the centre has them and some
hours have passed. A disk that is full or gone makes readings wait in bounded memory; what finds no room is counted by
device. A broken file is set aside, what can be read of it is taken over, and the numbers go on above all that may have
been used (the gap is told to the centre). Threads share an :class:`Outbox`; one process owns its folder.
"""

import logging
import random
import sqlite3
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Final

from khcn.engines.energy.collect.clock import JUMP_MS, Clock, off_clock
from khcn.engines.energy.collect.rows import Batch, Stored, Waiting, waiting
from khcn.engines.energy.collect.shelf import ASIDE, INSERT, READ, READ_ASIDE, save_cursor, stored
from khcn.engines.energy.collect.vault import CHUNK, Run, Vault
from khcn.engines.energy.types import Sample

logger = logging.getLogger(__name__)

SPARE_PAGES: Final = 2_000  # empty pages beyond which the file shrinks
OWN_STAMP_MS: Final = (
    60_000  # a reading whose time is so near its storing was stamped by this machine's clock
)
CORRECT_MS: Final = 60_000  # a clock that was set by less leaves readings as they are


class Outbox(Vault):
    """Append-only store of readings with a cursor of what the centre has.

    ``most_bytes``: size of the database; ``most_waiting``: readings that may wait in memory; ``keep_hours``: how long
    delivered readings stay.

    Raises:
        SpoolError: another process uses the folder.
    """

    def __init__(
        self, folder: Path, *, clock: Clock | None = None, most_bytes: int = 512 << 20, most_waiting: int = 30_000,
        keep_hours: float = 24.0,
    ) -> None:  # fmt: skip
        super().__init__(folder, clock=clock or Clock.of_machine(), most_bytes=most_bytes)
        self.most_waiting, self.keep_ms = most_waiting, int(keep_hours * 3_600_000)
        self._queue_guard = Lock()
        self._waiting: deque[tuple[Waiting, int]] = deque()
        self._queued = self._stored = 0
        self._run_now = 0
        self._bad: set[int] = set()
        self._cursor_dirty = False
        self._guarded_write(lambda _db: None)

    # -- in ----------------------------------------------------------------------------------------------------

    def append(self, samples: Sequence[Sample]) -> bool:
        """Keep samples; return whether all of them are safe on disk. Threads that append together share a commit."""
        at, base = self.clock.wall(), self.clock.base()
        if self._closed:
            return False
        with self._queue_guard:
            room = self.most_waiting - len(self._waiting)
            taken = samples if len(samples) <= room else samples[: max(0, room)]
            for sample in samples[len(taken) :]:
                self.notes.refused[sample.device] += 1
            self._waiting.extend((waiting(sample, at), base) for sample in taken)
            self._queued += len(taken)
            ticket = self._queued
        with self._guard:
            safe = self._stored >= ticket or self.flush()
        return safe and len(taken) == len(samples)

    def flush(self, *, now: bool = False) -> bool:
        """Write what waits in memory; return whether nothing waits any more. ``now``: ask a refusing disk at once."""
        with self._guard:
            if self._retry_at is not None and not now and self.clock.mono() < self._retry_at:
                return not self._waiting
            if self._cursor_dirty:
                self._save_cursor()
            while self._waiting:
                with self._queue_guard:
                    rows = [self._waiting[at] for at in range(min(len(self._waiting), CHUNK))]
                last = self._guarded_write(partial(self._write, rows=rows))
                if last is None:
                    return False
                self.last = last
                with self._queue_guard:
                    for _ in rows:
                        self._waiting.popleft()
                    self._stored += len(rows)
            return True

    def _write(self, db: sqlite3.Connection, rows: Sequence[tuple[Waiting, int]]) -> int:
        """Write rows; return the last number given (it counts when the transaction is through)."""
        first = self.last + 1
        self._shelf.reserve(self.last + len(rows))
        made = []
        for n, (one, base) in enumerate(rows, first):
            row = Stored(n, *one, self._run(db, base))
            made.append((*row, row.checksum()))
        db.executemany(INSERT, made)
        return first + len(rows) - 1

    def _run(self, db: sqlite3.Connection, base: int) -> int:
        """Return the run of readings stored under ``base``; a clock that was set begins a new one."""
        now = self._runs.get(self._run_now)
        if now is None or abs(now.base - base) > JUMP_MS:
            self._run_now = random.getrandbits(48)  # a name, no secret
            self._runs[self._run_now] = Run(self.clock.boot, base)
        one = self._runs[self._run_now]
        db.execute(
            "INSERT OR IGNORE INTO run (id, boot, base) VALUES (?,?,?)", (self._run_now, one.boot, one.base)
        )
        return self._run_now

    # -- out ---------------------------------------------------------------------------------------------------

    def batch(self, *, most: int = 5_000, true_base: int | None = None) -> Batch | None:
        """Return the oldest readings that the centre has not, or ``None``.

        ``true_base``: the base of a clock that is right now; readings of this boot stamped under a wrong one are put
        right by it (once: what a reading was first sent as, it stays).
        """
        while True:
            rows = self._read(READ, (self.acked, most))
            if not rows:
                return None
            good = [one for row in rows if (one := stored(row)) is not None]
            if len(good) < len(rows):
                self._set_rows_aside([row for row in rows if stored(row) is None])
            if good:
                ready = tuple(self._in_time(one, true_base) for one in good)
                return Batch(self.instance, rows[0][0], rows[-1][0], ready)
            self.ack(rows[-1][0])

    def _set_rows_aside(self, rows: Sequence[tuple[Any, ...]]) -> None:
        fresh = [row for row in rows if row[0] not in self._bad]
        if not fresh:
            return
        self._bad.update(row[0] for row in fresh)
        self.notes.bad_rows += len(fresh)
        logger.error("outbox: %d readings have a wrong sum, set aside", len(fresh))
        since = self.clock.wall()
        self._guarded_write(
            lambda db: db.executemany(ASIDE, [(*row[:-1], "checksum", since) for row in fresh])
        )

    def _in_time(self, one: Stored, true_base: int | None) -> Stored:
        delta = self._delta(one.run, true_base)
        if delta and abs(one.ts - one.at) <= OWN_STAMP_MS:
            one = one._replace(ts=one.ts + delta, at=one.at + delta)
        if not one.p and off_clock(one.ts, one.at):
            one = one._replace(p="clock")
        return one

    def _delta(self, number: int, true_base: int | None) -> int:
        run = self._runs.get(number)
        if run is None or run.boot != self.clock.boot:
            return (run.delta or 0) if run is not None else 0
        if run.delta is None and true_base is not None:
            off = true_base - run.base
            run.delta = delta = round(off / 1000) * 1000 if abs(off) > CORRECT_MS else 0
            self._guarded_write(
                lambda db: db.execute("UPDATE run SET delta = ? WHERE id = ?", (delta, number))
            )
            if delta:
                self.notes.corrected += 1
                logger.warning(
                    "outbox: the clock was off by %d s, readings are sent put right", -delta // 1000
                )
        return run.delta or 0

    def ack(self, last: int) -> None:
        """The centre holds all up to ``last``: move the cursor."""
        with self._guard:
            if last > self.acked:
                self.acked = min(last, self.last)
                self._save_cursor()

    def _save_cursor(self) -> None:
        acked = self.acked  # a cursor that is lost only means sending again
        done = self._guarded_write(lambda db: save_cursor(db, acked))
        self._cursor_dirty = done is None

    def set_aside(self, batch: Batch, why: str) -> bool:
        """Keep what the centre would not take beside and go on; return whether the disk took the note of it."""
        since = self.clock.wall()
        rows = [(*row, why[:300], since) for row in batch.readings]
        done = self._guarded_write(lambda db: db.executemany(ASIDE, rows))
        if done is None:
            return False
        logger.error("outbox: the centre rejected %d readings: %s", len(rows), why)
        self.ack(batch.last)
        return True

    def requeue(self) -> int:
        """Put what was set aside at the end of the line again; return how many readings."""
        rows = self._read(READ_ASIDE, ("checksum", CHUNK))
        if not rows:
            return 0
        again = [(Waiting(*row[1:8]), self._runs[row[8]].base if row[8] in self._runs else 0) for row in rows]

        def move(db: sqlite3.Connection) -> int:
            db.executemany("DELETE FROM aside WHERE n = ?", [(row[0],) for row in rows])
            return self._write(db, again)

        with self._guard:
            last = self._guarded_write(move)
            self.last = last or self.last
        return len(rows) if last else 0

    # -- keeping house -----------------------------------------------------------------------------------------

    def tidy(self) -> int:
        """Remove delivered readings older than ``keep_hours``; return how many. Cheap when there is nothing to do."""
        before = self.clock.wall() - self.keep_ms
        oldest = self._read("SELECT n, at FROM reading ORDER BY n LIMIT 1", ())
        if not oldest or oldest[0][0] > self.acked or oldest[0][1] >= before:
            return 0
        with self._guard:
            gone = self._guarded_write(lambda db: self._remove(db, before)) or 0
            self._shrink()
        return gone

    def _remove(self, db: sqlite3.Connection, before: int) -> int:
        (first,) = db.execute("SELECT min(n) FROM reading").fetchone()
        upto = min(self.acked, (first or 0) + CHUNK - 1)
        return int(db.execute("DELETE FROM reading WHERE n <= ? AND at < ?", (upto, before)).rowcount)

    def _shrink(self) -> None:
        """Give empty pages back to the disk when they are many."""
        if self._db is None:
            return
        with suppress(sqlite3.Error):
            (free,) = self._db.execute("PRAGMA freelist_count").fetchone()
            if free > SPARE_PAGES:  # a script is stepped to its end; execute would free one page
                self._db.executescript(f"PRAGMA incremental_vacuum({free - SPARE_PAGES // 2})")

    def status(self) -> dict[str, Any]:
        """Return what the health page shows."""
        with self._guard:
            counted = self._read("SELECT count(*) FROM aside", ())
            oldest = self._read("SELECT at FROM reading WHERE n > ? ORDER BY n LIMIT 1", (self.acked,))
            aside = counted[0][0] if counted else 0
            age = round((self.clock.wall() - oldest[0][0]) / 1000) if oldest else 0
            return {
                "instance": self.instance, "last": self.last, "acked": self.acked, "queued": self.queued(),
                "oldest_s": age, "in_memory": len(self._waiting), "bytes": self.size(), "full": self.notes.full,
                "disk_error": self.notes.disk_error, "lost": sum(self.notes.refused.values()),
                "lost_by_device": dict(self.notes.refused), "aside": aside, "bad_rows": self.notes.bad_rows,
                "broken_files": self._shelf.broken_files(), "gaps": [list(gap) for gap in self._gaps], "corrected": self.notes.corrected,
            }  # fmt: skip

    def queued(self) -> int:
        """Return how many readings on disk the centre has not."""
        beyond = sum(max(0, last - max(first - 1, self.acked)) for first, last in self._gaps)
        return self.last - self.acked - beyond

    def size(self) -> int:
        """Return the bytes of the database's files."""
        found = 0
        for ending in ("", "-wal"):
            with suppress(OSError):
                found += Path(f"{self._shelf.path}{ending}").stat().st_size
        return found

    def close(self) -> None:
        """Write what waits and give the folder free; later appends are refused (their devices are told so)."""
        with self._guard:
            self.flush(now=True)
            self._closed = True
            self._drop_connections()
            self._shelf.close()
