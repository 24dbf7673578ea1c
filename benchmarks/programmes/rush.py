"""The opening rush: 300 people register for 100 seats from two processes; the code step is over, the seat decision is timed.

``run(database)`` makes a data folder of its own on "SQLite" or "PostgreSQL". ``--seconds`` spreads the people over that
time (60: the promise; 0: as fast as two processes can, harder than the promise).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from benchmarks.http_load import quantile
from benchmarks.runner import figure, report

PEOPLE, SEATS, LIMIT_MS = 300, 100, 500.0


def _setup() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khcn.config.settings")
    django.setup()


def fill() -> int:
    """Prepare the database and one programme; return its id."""
    _setup()
    from django.utils import timezone
    from tests.programmes.factories import make_programme

    from khcn.core.prepare import ensure_ready

    ensure_ready()
    today = timezone.localdate()
    return make_programme(capacity=SEATS, starts_on=today, ends_on=today).pk


def half(programme_id: int, worker: int, people: int, seconds: float) -> dict[str, Any]:
    """Register every second person in this process; return milliseconds of each and what went wrong."""
    _setup()
    from django.utils import timezone

    from khcn.programmes.models.programmes import Programme
    from khcn.programmes.services.registrations import Person, registration_create

    programme = Programme.objects.get(pk=programme_id)
    spent, errors, began = [], [], time.perf_counter()
    for number in range(worker, people, 2):
        if (wait := began + seconds * number / people - time.perf_counter()) > 0:
            time.sleep(wait)
        start = time.perf_counter()
        try:
            registration_create(
                programme=programme, person=Person(f"Người Thử {number} x", "teachers", birth_year=1990), now=timezone.now(),
                consents=["processing"], client_key=f"{number:032d}", address=f"thu{number}@example.vn",
            )  # fmt: skip
        except Exception as error:  # counted as a figure
            errors.append(f"{type(error).__name__}: {error}")
        spent.append(1000 * (time.perf_counter() - start))
    return {"spent": spent, "errors": errors}


def check(programme_id: int) -> dict[str, Any]:
    """Return what the database says afterwards."""
    _setup()
    from khcn.programmes.models.registrations import Registration

    rows = list(
        Registration.objects.filter(programme_id=programme_id)
        .order_by("arrival")
        .values_list("arrival", "state")
    )
    states = [state for _arrival, state in rows]
    return {
        "confirmed": states.count("confirmed"), "waiting": states.count("waiting"),
        "in_order": states == ["confirmed"] * SEATS + ["waiting"] * (len(rows) - SEATS)
        and [arrival for arrival, _state in rows] == list(range(1, len(rows) + 1)),
    }  # fmt: skip


def run(database: str, *, people: int = PEOPLE, seconds: float = 60.0) -> dict[str, Any]:
    """Play the rush on "SQLite" or "PostgreSQL"; return confirmed, waiting, in_order, errors, p50_ms, p95_ms, max_ms."""
    with tempfile.TemporaryDirectory(prefix="khcn-rush-") as folder:
        env = {**os.environ, "KHCN_DATA_DIR": folder}
        if database == "PostgreSQL":
            from tests.postgres import start_cluster

            env["KHCN_DATABASE_URL"] = start_cluster()

        def begin(*words: str) -> "subprocess.Popen[str]":
            line = [sys.executable, "-m", "benchmarks.programmes.rush", *words]
            return subprocess.Popen(line, env=env, stdout=subprocess.PIPE, text=True)

        def end(process: "subprocess.Popen[str]") -> Any:
            said = process.communicate()[0]
            if process.returncode:
                raise RuntimeError(f"a part of the rush ended with {process.returncode}")
            return json.loads(said.strip().splitlines()[-1])

        programme = str(end(begin("--fill")))
        size = ("--people", str(people), "--seconds", str(seconds))
        parts = [end(one) for one in [begin("--half", programme, "--worker", str(n), *size) for n in (0, 1)]]
        spent = [one for part in parts for one in part["spent"]]
        found = end(begin("--check", programme))
    return found | {
        "database": database, "people": people, "errors": [one for part in parts for one in part["errors"]],
        "p50_ms": quantile(spent, 0.5), "p95_ms": quantile(spent, 0.95), "max_ms": max(spent),
    }  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark, or one of its parts in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--fill", action="store_true")
    parser.add_argument("--half", type=int)
    parser.add_argument("--worker", type=int, default=0)
    parser.add_argument("--check", type=int)
    options = parser.parse_args(argv)
    if options.fill or options.half or options.check:
        part: Any = (
            fill()
            if options.fill
            else half(options.half, options.worker, options.people, options.seconds)
            if options.half
            else check(options.check)
        )
        print(json.dumps(part))
        return 0
    figures = []
    for database in [options.only] if options.only else ["SQLite", "PostgreSQL"]:
        one = run(database, people=options.people, seconds=options.seconds)
        right = one["confirmed"] == SEATS and one["in_order"] and not one["errors"]
        figures += [
            figure(f"{database}: rush of {one['people']}, p95", round(one["p95_ms"], 1), "ms", aim=LIMIT_MS, ok=one["p95_ms"] <= LIMIT_MS),
            figure(f"{database}: confirmed, rest waiting in order", one["confirmed"], "people", aim=SEATS, ok=right),
            figure(f"{database}: errors", len(one["errors"]), "", aim=0, ok=not one["errors"]),
        ]  # fmt: skip
    return report("programmes rush", figures, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
