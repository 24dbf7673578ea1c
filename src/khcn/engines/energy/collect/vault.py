"""The outbox's database under hard conditions: every write is a transaction that a full, broken or missing disk may refuse.

Nothing here raises for a bad disk: what could not be written is said in the notes and tried again later.
"""

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any, Final, TypeVar

from khcn.engines.energy.collect.clock import Clock
from khcn.engines.energy.collect.shelf import (
    ASIDE,
    SALVAGE,
    TROUBLE,
    Shelf,
    is_broken,
    read_cursor,
    salvage,
    save_cursor,
    stored,
)

logger = logging.getLogger(__name__)
T = TypeVar("T")

CHUNK: Final = 10_000  # readings a transaction, and rows removed at once
RETRY_MS: Final = 1_000  # a disk that refused is asked again after this


@dataclass(slots=True)
class OutboxNotes:
    """What people must know, since the start. ``refused``: readings lost for want of room, by device."""

    refused: Counter[str] = field(default_factory=Counter)
    bad_rows: int = 0
    corrected: int = 0
    salvaged: int = 0
    full: bool = False
    disk_error: str = ""


@dataclass(slots=True)
class Run:
    """One setting of the own clock: its boot, its base, and what its readings are put right by (None: open)."""

    boot: str
    base: int
    delta: int | None = None


class Vault:
    """The database, how far it is (``acked``, ``last``), and what went wrong with it (``notes``)."""

    def __init__(self, folder: Path, *, clock: Clock, most_bytes: int) -> None:
        """Take the folder. Raises SpoolError when another process uses it."""
        self.clock = clock
        self.notes = OutboxNotes()
        self._shelf = Shelf(folder, most_bytes=most_bytes)
        self._guard = RLock()
        self._retry_at: int | None = None
        self._db: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._runs: dict[int, Run] = {}
        self._gaps: list[tuple[int, int]] = []
        self._checked = self._closed = False
        self.acked = self.last = 0

    @property
    def instance(self) -> str:
        """Who this outbox is, for ever."""
        return self._shelf.instance

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._shelf.folder

    # -- opening -----------------------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        if self._closed:
            raise OSError("outbox closed")
        if self._db is None:
            lost = self._shelf.lost()
            db = self._shelf.open(check=not self._checked)
            try:
                for torn in self._shelf.torn():
                    self._take_over(db, torn)
                if lost:
                    db.execute(
                        "INSERT OR REPLACE INTO gap (first, last) VALUES (1, ?)", (self._shelf.reserved,)
                    )
                self._know(db)
            except BaseException:
                db.close()
                raise
            self._db, self._checked = db, True
        return self._db

    def _know(self, db: sqlite3.Connection) -> None:
        """Learn from the database how far things are."""
        acked = read_cursor(db)
        (last,) = db.execute("SELECT max(n) FROM reading").fetchone()
        if acked is None:  # rather send again than skip, and give no number twice
            save_cursor(db, 0)
            gap = ((last or 0) + 1, max(self._shelf.reserved, (last or 0) + 1))
            db.execute("INSERT OR REPLACE INTO gap (first, last) VALUES (?,?)", gap)
        self._gaps = db.execute("SELECT first, last FROM gap ORDER BY first").fetchall()
        for one, boot, base, delta in db.execute("SELECT id, boot, base, delta FROM run"):
            self._runs.setdefault(one, Run(boot, base, delta))
        self.acked = max(self.acked, acked or 0)
        self.last = max(self.last, last or 0, self.acked, *(gap[1] for gap in self._gaps), 0)

    def _guarded_write(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Do ``work`` in one transaction; ``None`` when the disk refused (``notes`` says why)."""
        with self._guard:
            for attempt in (1, 2, 3):
                try:
                    return self._transaction(work)
                except sqlite3.IntegrityError:  # numbers that are in use: learn anew which are free
                    self._drop_connections()
                except TROUBLE as error:
                    if is_broken(error) and attempt < 3:
                        self._tear()
                    elif not (_is_full(error) and attempt < 3 and self._make_room()):
                        self._refused(error)
                        break
                except OSError as error:
                    self._refused(error)
                    break
        return None

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        db = self._open()
        db.execute("BEGIN IMMEDIATE")
        try:
            found = work(db)
            db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise
        self.notes.full, self.notes.disk_error, self._retry_at = False, "", None
        return found

    def _refused(self, error: Exception) -> None:
        text = str(getattr(error, "strerror", None) or error) or type(error).__name__
        if not self.notes.disk_error:
            logger.error("outbox: cannot write (%s), readings wait in memory", text)
        self.notes.disk_error, self.notes.full = text, _is_full(error)
        self._retry_at = self.clock.mono() + RETRY_MS
        if not self.notes.full:
            self._drop_connections()

    def _drop_connections(self) -> None:
        for db in (self._db, self._reader):
            if db is not None:
                with suppress(sqlite3.Error):
                    db.close()
        self._db = self._reader = None

    def _tear(self) -> None:
        """The file is broken: out of the way with it; the next opening takes over what it still tells."""
        self._drop_connections()
        with suppress(OSError):
            self._shelf.tear(self.clock.wall())

    def _take_over(self, db: sqlite3.Connection, torn: Path) -> None:
        """Copy what can be read of a broken file, with its numbers; new numbers begin above all that may be used."""
        db.execute("BEGIN IMMEDIATE")
        kept, highest, acked = 0, 0, self.acked
        for kind, row in salvage(torn):
            if kind == "reading" and stored(row) is not None:
                db.execute(SALVAGE, row)
                kept, highest = kept + 1, max(highest, row[0])
            elif kind == "run":
                db.execute("INSERT OR IGNORE INTO run (id, boot, base, delta) VALUES (?,?,?,?)", row)
            elif kind == "gap":
                db.execute("INSERT OR IGNORE INTO gap (first, last) VALUES (?,?)", row)
            elif kind == "aside":
                db.execute(ASIDE, row)
            elif kind == "cursor":
                acked = max(acked, row[0])
        highest, beyond = max(highest, acked), max(self._shelf.reserved, self.last)
        if beyond > highest:
            db.execute("INSERT OR REPLACE INTO gap (first, last) VALUES (?,?)", (highest + 1, beyond))
        save_cursor(db, acked)
        db.execute("COMMIT")
        self._shelf.done_with(torn)
        self.notes.salvaged += kept
        logger.error("outbox: %d readings taken over from the broken file", kept)

    def _read(self, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._guard:
            try:
                if self._closed:
                    return []
                if self._reader is None:
                    self._reader = self._shelf.open_to_read()
                return self._reader.execute(query, values).fetchall()
            except TROUBLE as error:
                if is_broken(error):
                    self._tear()
                    self._guarded_write(lambda _db: None)
                else:
                    self._refused(error)
                return []

    def _make_room(self) -> bool:
        """Full: delivered readings go before their time; return whether any went."""
        try:
            db = self._open()
            (first,) = db.execute("SELECT min(n) FROM reading").fetchone()
            upto = min(self.acked, (first or 0) + CHUNK)  # a full disk has little room for the note of it
            gone = db.execute("DELETE FROM reading WHERE n <= ?", (upto,)).rowcount
        except sqlite3.Error:
            return False
        return bool(gone)


def _is_full(error: Exception) -> bool:
    return (getattr(error, "sqlite_errorname", "") or "") == "SQLITE_FULL" or "is full" in str(error)
