"""The outbox's folder: who owns it, who it is, the database file, and what is done when that file is broken.

``outbox.json`` holds the instance and the highest number that may have been used: numbers are reserved in blocks, so
that a broken database never leads to a number being given twice. ``broken-*.sqlite3`` are files set aside.
"""

import fcntl
import json
import logging
import os
import sqlite3
import uuid
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, Any, Final

from khcn.engines.energy.collect.rows import Stored
from khcn.engines.energy.errors import SpoolError

logger = logging.getLogger(__name__)

BLOCK: Final = 100_000
KEEP_BROKEN: Final = 2
NAME: Final = "outbox.sqlite3"
INSERT: Final = (
    "INSERT INTO reading (n, device, metric, ts, v, p, raw, at, run, c) VALUES (?,?,?,?,?,?,?,?,?,?)"
)
SALVAGE: Final = INSERT.replace("INSERT", "INSERT OR IGNORE", 1)
ASIDE: Final = (
    "INSERT OR IGNORE INTO aside (n, device, metric, ts, v, p, raw, at, run, why, since) "
    "VALUES (?,?,?,?,?,?,?,?,?,?,?)"
)
READ: Final = (
    "SELECT n, device, metric, ts, v, p, raw, at, run, c FROM reading WHERE n > ? ORDER BY n LIMIT ?"
)
_READ_ALL: Final = "SELECT n, device, metric, ts, v, p, raw, at, run, c FROM reading WHERE n > ? ORDER BY n"
READ_ASIDE: Final = (
    "SELECT n, device, metric, ts, v, p, raw, at, run FROM aside WHERE why <> ? ORDER BY n LIMIT ?"
)
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY CHECK (one = 1), acked INTEGER NOT NULL, c INTEGER);
CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY, boot TEXT NOT NULL, base INTEGER NOT NULL, delta INTEGER);
CREATE TABLE IF NOT EXISTS reading (
  n INTEGER PRIMARY KEY, device TEXT NOT NULL, metric TEXT NOT NULL, ts INTEGER NOT NULL, v REAL, p TEXT NOT NULL,
  raw TEXT NOT NULL, at INTEGER NOT NULL, run INTEGER NOT NULL, c INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS aside (
  n INTEGER PRIMARY KEY, device TEXT, metric TEXT, ts INTEGER, v REAL, p TEXT, raw TEXT, at INTEGER, run INTEGER,
  why TEXT NOT NULL, since INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS gap (first INTEGER PRIMARY KEY, last INTEGER NOT NULL);
INSERT OR IGNORE INTO cursor (one, acked) VALUES (1, 0);
"""
# sqlite3 raises UnicodeDecodeError (a ValueError) on damaged schemas
TROUBLE: Final = (sqlite3.Error, ValueError)
_FILES: Final = ("", "-wal", "-shm")
_BROKEN: Final = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_MISMATCH"})


def is_broken(error: Exception) -> bool:
    """Return whether the file's content is wrong (not: the disk is full or a file cannot be opened).

    A damaged schema shows as a statement that does not fit (``SQLITE_ERROR``) or as text that is no text.
    """
    name = getattr(error, "sqlite_errorname", "") or ""
    return (
        name in _BROKEN
        or name.startswith("SQLITE_CORRUPT")
        or isinstance(error, ValueError)
        or "malformed" in str(error)
    )


def _text(raw: bytes) -> str:
    """Damaged text must not stop the reading of others: its row's sum will be wrong."""
    return raw.decode("utf-8", "replace")


class Shelf:
    """The folder of one outbox. One process owns it.

    Raises:
        SpoolError: ``collect-in-use``: another process owns the folder.
    """

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        self.folder, self.most_bytes = folder, most_bytes
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / NAME
        self._lock = self._take()
        self.instance, self.reserved = self._read_identity()

    def _take(self) -> IO[bytes]:
        lock = (self.folder / "lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise SpoolError("collect-in-use", name=self.folder.name) from error
        return lock

    def _read_identity(self) -> tuple[str, int]:
        with suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads((self.folder / "outbox.json").read_text("utf-8"))
            return str(found["instance"]), int(found["reserved"])
        made = uuid.uuid4().hex
        replace_json(self.folder / "outbox.json", {"instance": made, "reserved": 0})
        return made, 0

    def reserve(self, upto: int) -> None:
        """Make sure that numbers up to ``upto`` are known to be used. Raises OSError."""
        if upto > self.reserved:
            block = -(-upto // BLOCK) * BLOCK
            replace_json(self.folder / "outbox.json", {"instance": self.instance, "reserved": block})
            self.reserved = block

    def lost(self) -> bool:
        """Return whether numbers were given but the database is not there at all."""
        empty = not self.path.exists() or self.path.stat().st_size == 0
        return self.reserved > 0 and empty and not self.torn()

    def open(self, *, check: bool) -> sqlite3.Connection:
        """Return a connection for writing; with ``check`` its pages are looked through. Raises sqlite3.Error."""
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10)
        db.text_factory = _text
        try:
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA cache_size = -2000")
            (size,) = db.execute("PRAGMA page_size").fetchone()
            db.execute(f"PRAGMA max_page_count = {max(self.most_bytes // size, 32)}")
            db.executescript(_SCHEMA)
            if check and db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("database disk image is malformed")
        except BaseException:
            db.close()
            raise
        return db

    def open_to_read(self) -> sqlite3.Connection:
        """Return a connection for reading beside the writer. Raises sqlite3.Error."""
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10)
        db.text_factory = _text
        db.execute("PRAGMA query_only = ON")
        db.execute("PRAGMA cache_size = -2000")
        return db

    def tear(self, stamp: int) -> None:
        """Move the broken database out of the way; :meth:`torn` lists it until its readings are taken over."""
        target = self.folder / f"torn-{stamp}.sqlite3"
        for ending in _FILES:
            with suppress(FileNotFoundError):
                Path(f"{self.path}{ending}").rename(f"{target}{ending}")
        logger.error("outbox: %s is broken, set aside as %s", NAME, target.name)

    def torn(self) -> list[Path]:
        """Return broken databases whose readings are still to be taken over."""
        return sorted(self.folder.glob("torn-*.sqlite3"))

    def done_with(self, torn: Path) -> None:
        """Keep a broken database for a look at it, and of older ones only the last."""
        kept = torn.with_name(torn.name.replace("torn-", "broken-"))
        for ending in _FILES:
            with suppress(FileNotFoundError):
                Path(f"{torn}{ending}").rename(f"{kept}{ending}")
        for path in sorted(self.folder.glob("broken-*.sqlite3"))[:-KEEP_BROKEN]:
            for ending in _FILES:
                Path(f"{path}{ending}").unlink(missing_ok=True)

    def broken_files(self) -> int:
        """Return how many files were set aside and are still here."""
        return len(list(self.folder.glob("broken-*.sqlite3")))

    def close(self) -> None:
        """Give the folder free."""
        self._lock.close()


def stored(row: tuple[Any, ...]) -> Stored | None:
    """Return a reading from its row and sum, ``None`` when the sum is wrong."""
    one = Stored(*row[:-1])
    return one if one.checksum() == row[-1] else None


def read_cursor(db: sqlite3.Connection) -> int | None:
    """Return up to which number the centre has the readings, ``None`` when the note of it is damaged."""
    for acked, check in db.execute("SELECT acked, c FROM cursor"):
        if (acked, check) == (0, None) or check == zlib.crc32(repr(acked).encode()):
            return int(acked)
    return None


def save_cursor(db: sqlite3.Connection, acked: int) -> int:
    """Note up to which number the centre has the readings; return it."""
    db.execute(
        "INSERT OR REPLACE INTO cursor (one, acked, c) VALUES (1, ?, ?)",
        (acked, zlib.crc32(repr(acked).encode())),
    )
    return acked


def salvage(path: Path) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield ``("cursor", (acked,))``, ``("run" | "gap" | "aside", row)``, ``("reading", row with sum)`` as far as readable.

    Readings come from the front until the damage, then from the end back to it.
    """
    try:
        db = sqlite3.connect(path)
        db.text_factory = _text
    except sqlite3.Error:
        return
    with closing(db):
        acked = 0
        with suppress(*TROUBLE):
            acked = read_cursor(db) or 0
            yield "cursor", (acked,)
        with suppress(*TROUBLE):
            for row in db.execute("SELECT id, boot, base, delta FROM run"):
                if all(isinstance(value, int) for value in (row[0], row[2])):
                    yield "run", row
        with suppress(*TROUBLE):
            for row in db.execute("SELECT first, last FROM gap"):
                yield "gap", row
        with suppress(*TROUBLE):
            for row in db.execute("SELECT n, device, metric, ts, v, p, raw, at, run, why, since FROM aside"):
                yield "aside", row
        last = acked
        with suppress(*TROUBLE):
            for row in db.execute(_READ_ALL, (acked,)):
                last = row[0]
                yield "reading", row
            return
        with suppress(*TROUBLE):
            for row in db.execute(_READ_ALL + " DESC", (last,)):
                yield "reading", row


def replace_json(path: Path, data: Any, *, mode: int = 0o600) -> None:
    """Write a small file whole or not at all. Raises OSError."""
    half = path.with_suffix(".new")
    fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
