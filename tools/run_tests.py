#!/usr/bin/env python3
"""Run the test-suite on SQLite and on PostgreSQL, and say at the end what was skipped and why.

``fast``: everything but slow tests on SQLite, then what touches the database on PostgreSQL with a smoke set of
browser tests. ``slow``: the slow tests on both.
"""

import os
import subprocess
import sys
import time

COMMON = [sys.executable, "-m", "pytest", "-q", "-rsfE", "--durations=8", "-p", "no:cacheprovider"]
PARALLEL = ["-n", "2", "--dist", "worksteal"]
RUNS = {
    "fast": [
        ("SQLite", "", [*PARALLEL, "-m", "not slow and not e2e", "tests"]),
        ("browser, SQLite", "", ["-m", "e2e and not slow", "tests"]),
        ("PostgreSQL", "postgres", [*PARALLEL, "-m", "not slow and not e2e and not nodb", "tests"]),
        ("browser, PostgreSQL", "postgres", ["-m", "e2e and smoke and not slow", "tests"]),
    ],
    "slow": [
        ("slow, SQLite", "", ["-m", "slow", "tests"]),
        ("slow, PostgreSQL", "postgres", ["-m", "slow and smoke", "tests"]),
    ],
}
NO_TESTS = 5  # pytest's exit status when nothing was selected


def main() -> None:
    """Run every suite of the named set; fail when one fails."""
    failed = []
    for name, database, arguments in RUNS[sys.argv[1]]:
        print(f"---- {name}", flush=True)
        start = time.monotonic()
        env = {**os.environ, "KHCN_TEST_DB": database}
        env.pop("KHCN_DATABASE_URL", None)
        code = subprocess.run([*COMMON, *arguments], env=env, check=False).returncode
        print(f"---- {name}: {time.monotonic() - start:.0f} s", flush=True)
        if code not in {0, NO_TESTS}:
            failed.append(name)
    if failed:
        sys.exit("failed: " + ", ".join(failed))


if __name__ == "__main__":
    main()
