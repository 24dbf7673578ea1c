#!/usr/bin/env python3
"""Run the test-suite on SQLite and on PostgreSQL, and say at the end what was skipped and why.

``fast``: everything but slow tests on SQLite, then on PostgreSQL the rooms below and what writes many rows, with a smoke
set of browser tests: a quarter of an hour on two cores. ``slow``: everything else that touches the database on PostgreSQL,
and the slow tests on both. ``make ci`` runs both sets.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

COMMON = [sys.executable, "-m", "pytest", "-q", "-rsfE", "--durations=8", "-p", "no:cacheprovider"]
PARALLEL = ["-n", "2", "--dist", "worksteal"]
POSTGRES_FIRST = [
    "tests/core", "tests/orgs", "tests/markets/test_ingest.py", "tests/markets/test_rollups.py",
    "tests/energy/test_ingest.py", "tests/energy/test_derive.py", "tests/energy/test_figures.py",
]  # fmt: skip
PERMISSIONS = "tests/web/test_permission_table.py"
AFTERWARDS = [f"--ignore={path}" for path in POSTGRES_FIRST]


def marked(name: str) -> list[str]:
    """Return the files that name a mark: to read all the others for a few tests takes half a minute."""
    files = sorted(Path("tests").rglob("test_*.py"))
    return [str(path) for path in files if f"mark.{name}" in path.read_text("utf-8")]


def others(name: str) -> list[str]:
    """Return the files that name a mark, without the permission table, which is asked in two processes."""
    return [path for path in marked(name) if path != PERMISSIONS]


RUNS = {
    "fast": [
        ("SQLite", "", [*PARALLEL, "-m", "not slow and not e2e", "tests"]),
        ("browser, SQLite", "", [*PARALLEL, "-m", "e2e and not slow", *marked("e2e")]),
        ("PostgreSQL", "postgres", [*PARALLEL, "-m", "not slow and not e2e and not nodb", *POSTGRES_FIRST]),
        ("browser, PostgreSQL", "postgres", ["-m", "e2e and smoke and not slow", *marked("e2e")]),
    ],
    "slow": [
        (
            "the rest on PostgreSQL",
            "postgres",
            [*PARALLEL, "-m", "not slow and not e2e and not nodb", *AFTERWARDS, "tests"],
        ),
        ("permissions, SQLite", "", [*PARALLEL, "-m", "slow", PERMISSIONS]),
        ("permissions, PostgreSQL", "postgres", [*PARALLEL, "-m", "slow", PERMISSIONS]),
        ("slow, SQLite", "", ["-m", "slow", *others("slow")]),
        ("slow, PostgreSQL", "postgres", ["-m", "slow and smoke", *others("slow")]),
    ],
}
NO_TESTS = 5  # pytest's exit status when nothing was selected
COPIES = "tests/test_database.py"


def environment(database: str) -> dict[str, str]:
    """Return what a run sees: the database it tests on, and nothing of this machine's own settings."""
    env = {**os.environ, "KHCN_TEST_DB": database}
    env.pop("KHCN_DATABASE_URL", None)
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # every run and every process started would compile all anew
    return env


def prepare() -> None:
    """Make the databases that all runs copy, both at once: a migration keeps one core busy, not two.

    What fails here fails again, with its words, in the run that needs it.
    """
    start = time.monotonic()
    making = [
        subprocess.Popen([*COMMON, COPIES], env=environment(name), stdout=subprocess.DEVNULL)
        for name in ("", "postgres")
    ]
    for process in making:
        process.wait()
    print(f"---- databases to copy: {time.monotonic() - start:.0f} s", flush=True)


def main() -> None:
    """Run every suite of the named set; fail when one fails."""
    failed = []
    prepare()
    for name, database, arguments in RUNS[sys.argv[1]]:
        print(f"---- {name}", flush=True)
        start = time.monotonic()
        code = subprocess.run([*COMMON, *arguments], env=environment(database), check=False).returncode
        print(f"---- {name}: {time.monotonic() - start:.0f} s", flush=True)
        if code not in {0, NO_TESTS}:
            failed.append(name)
    if failed:
        sys.exit("failed: " + ", ".join(failed))


if __name__ == "__main__":
    main()
