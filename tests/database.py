"""The test database from a copy: hundreds of migrations take a minute of CPU, a copy of their result takes none.

The copy lies in ``.cache/`` under a key of everything that makes it: the migrations and what they import, the locked
packages, the settings. Whoever comes first makes it under a lock; the others wait and copy. ``KHCN_TEST_FRESH=1`` leaves it
aside. On PostgreSQL every run has a cluster of its own; the copy is what ``pg_dump`` wrote of the first.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
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


def template(suffix: str = ".sqlite3") -> Path:
    """Return where the copy lies for the present state of everything that makes it."""
    digest = hashlib.sha256()
    for part in _PARTS:
        for path in sorted(ROOT.glob(part)):
            digest.update(f"{path.relative_to(ROOT)}\0".encode())
            digest.update(path.read_bytes())
    return FOLDER / f"{digest.hexdigest()[:24]}{suffix}"


@contextmanager
def locked(vendor: str) -> Iterator[None]:
    """Let one process at a time look for the copy of a kind of database, or make it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"lock-{vendor}").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def held(copy: Path) -> bool:
    """Return whether there is a copy to start from."""
    return not os.environ.get("KHCN_TEST_FRESH") and copy.exists()


def take(copy: Path, target: Path) -> None:
    """Lay the copy at ``target``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (target, target.with_name(f"{target.name}-wal"), target.with_name(f"{target.name}-shm")):
        leftover.unlink(missing_ok=True)
    shutil.copyfile(copy, target)
    copy.touch()


def keep(copy: Path, source: Path) -> None:
    """Keep a picture of a migrated database, whole or not at all, and forget the oldest others."""
    part = copy.with_suffix(f".{os.getpid()}.part")
    with closing(sqlite3.connect(source)) as have, closing(sqlite3.connect(part)) as made:
        have.backup(made)
    part.replace(copy)
    _forget(copy.suffix)


def _client(socket: str, command: str, *arguments: str | Path) -> None:
    """Run a client of PostgreSQL from the cluster's own binaries, beside its socket."""
    tool = Path(socket).parent / "site/pgserver/pginstall/bin" / command
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    subprocess.run([tool, "-h", socket, "-U", "khcn", *arguments], check=True, capture_output=True, env=env)


def take_postgres(copy: Path, socket: str, name: str) -> None:
    """Make the database ``name`` in the cluster behind ``socket`` from the copy."""
    _client(socket, "createdb", name)
    _client(socket, "pg_restore", "--no-owner", "--exit-on-error", "-d", name, copy)
    copy.touch()


def keep_postgres(copy: Path, socket: str, name: str) -> None:
    """Keep what ``pg_dump`` writes of a migrated database, whole or not at all, and forget the oldest others."""
    part = copy.with_suffix(f".{os.getpid()}.part")
    _client(socket, "pg_dump", "--no-owner", "-Fc", "-f", part, name)
    part.replace(copy)
    _forget(copy.suffix)


def _forget(suffix: str) -> None:
    for old in sorted(FOLDER.glob(f"*{suffix}"), key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
        old.unlink(missing_ok=True)
