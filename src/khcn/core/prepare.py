"""Make the data folder usable before a command touches the database: one process migrates, the others wait."""

import fcntl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on ``path`` (advisory, released when the process ends however it ends)."""
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def migrations_pending() -> bool:
    """Tell whether the database lacks a migration of this release."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def others_migrate() -> None:
    """Bring the applications that are not ours up to date before our own.

    Django draws all known models anew at every step of a migration, and Wagtail takes two hundred steps: with our
    tables already there each of them costs several times as much.
    """
    executor = MigrationExecutor(connection)
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("khcn.")}
    executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] not in ours])


def ensure_ready(say: Callable[[str], Any] | None = None) -> None:
    """Create the data folder and bring the database up to this release.

    Safe to call from several processes at once, and quick when there is nothing to do. ``say`` gets one line
    for people before a step that lasts (standard error when not given).
    """
    tell = say or (lambda text: sys.stderr.write(text + "\n"))
    settings.KHCN.prepare()
    with file_lock(settings.KHCN.data_dir / "prepare.lock"):
        if not migrations_pending():
            return
        start = time.monotonic()
        tell("Chuẩn bị cơ sở dữ liệu (lần đầu mất khoảng nửa phút)…")
        others_migrate()
        call_command("migrate", interactive=False, verbosity=0)
        tell(f"Cơ sở dữ liệu đã sẵn sàng sau {time.monotonic() - start:.0f} giây.")


def database_optimize(now: object = None) -> None:
    """Let SQLite note how its tables have grown, so that it chooses indexes well. PostgreSQL does that by itself.

    Called after large imports and once a day by the periodic tick (``now`` is the time of the tick, not used).
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA analysis_limit=1000")
        cursor.execute("PRAGMA optimize=0x10002")
