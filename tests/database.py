"""The test database from a copy: hundreds of migrations take a minute of CPU, a copy of their result takes none.

The copy lies in ``.cache/`` under a key of everything that makes it: the migrations and what they import, the locked
packages, the settings. Whoever comes first makes it under a lock; the others wait and copy. ``KHCN_TEST_FRESH=1`` leaves it
aside. On PostgreSQL every run has a cluster of its own, and migrates.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".cache" / "test-databases"
_KEPT = 3
_PARTS = (
    "src/khcn/*/migrations/*.py", "src/khcn/engines/text/*.py", "src/khcn/core/fields.py", "src/khcn/orgs/models/*.py",
    "src/khcn/config/*.py", "requirements-dev.lock", "tests/settings.py",
)  # fmt: skip


def template() -> Path:
    """Return where the copy lies for the present state of everything that makes it."""
    digest = hashlib.sha256()
    for part in _PARTS:
        for path in sorted(ROOT.glob(part)):
            digest.update(f"{path.relative_to(ROOT)}\0".encode())
            digest.update(path.read_bytes())
    return FOLDER / f"{digest.hexdigest()[:24]}.sqlite3"


@contextmanager
def locked() -> Iterator[None]:
    """Let one process at a time look for the copy or make it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def take(copy: Path, target: Path) -> bool:
    """Lay the copy at ``target``; return whether there was one."""
    if os.environ.get("KHCN_TEST_FRESH") or not copy.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (target, target.with_name(f"{target.name}-wal"), target.with_name(f"{target.name}-shm")):
        leftover.unlink(missing_ok=True)
    shutil.copyfile(copy, target)
    copy.touch()
    return True


def keep(copy: Path, source: Path) -> None:
    """Keep a picture of a migrated database, whole or not at all, and forget the oldest others."""
    part = copy.with_suffix(f".{os.getpid()}.part")
    with closing(sqlite3.connect(source)) as have, closing(sqlite3.connect(part)) as made:
        have.backup(made)
    part.replace(copy)
    for old in sorted(FOLDER.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
        old.unlink(missing_ok=True)
