"""Idempotent ingest beside raw rows: the service, `executemany` upsert on SQLite, COPY + ON CONFLICT on PostgreSQL.

    python -m benchmarks.energy.ingest [--readings 400000] [--batch 18000] [--only sqlite|postgresql] [--json]

Both sides take the same readings in batches of the same size into the same kind of database in the same run. A batch is
what a collector sends after an hour without a network: an hour of readings, a minute apart, of many series. The service
reads JSON, checks rights and forms, groups by hour, keeps duplicates apart, marks what must be derived and notes latest
values; the raw side only writes rows that were ready. Then both get everything once more (replay: nothing new).
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.runner import figure, print_figures

AIM = 0.5
START_MS = 1_767_225_600_000  # 01/01/2026 UTC
MINUTE_MS = 60_000
SERIES = 60
UPSERT = (
    "INSERT INTO reading VALUES (?,?,?,?) ON CONFLICT (site, metric, ts) DO UPDATE SET value = excluded.value"
)


def batches(readings: int, size: int) -> list[list[dict[str, Any]]]:
    """Return batches of pieces: hours of one-minute readings of 60 series of a device, one device after another."""
    hours = size // 60 // SERIES or 1
    rng = np.random.default_rng(7)
    found: list[list[dict[str, Any]]] = []
    at, made = 0, 0
    while made < readings:
        pieces = []
        for hour in range(hours):
            t = (START_MS + (at + hour) * 3_600_000 + np.arange(60) * MINUTE_MS).tolist()
            for number in range(SERIES):
                v = np.round(rng.random(60) * 100, 2).tolist()
                pieces.append({"device": "dev-1", "metric": f"m{number}", "t": t, "v": v})
        at += hours
        made += sum(len(piece["t"]) for piece in pieces)
        found.append(pieces)
    return found


def timed(work: Callable[[], Any]) -> float:
    """Return how long ``work`` took, seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def service(parts: list[list[dict[str, Any]]]) -> tuple[float, float, int]:
    """Return seconds of the first delivery and of the replay, and the size of what is stored."""
    from django.utils import timezone

    from khcn.energy.enums import DeviceKind, Driver
    from khcn.energy.models import Channel, Device, ReadingHour, Site
    from khcn.energy.services.deliveries import body_json
    from khcn.energy.services.ingest import batch_ingest
    from khcn.energy.services.parcels import Sender
    from khcn.orgs.models import Unit, UnitKind

    kind, _made = UnitKind.objects.get_or_create(code="bench", defaults={"label": "bench"})
    unit = Unit.objects.create(name="bench", kind=kind, sort_key="bench")
    site = Site.objects.create(key="bench", name="bench", unit=unit, kind="other", sort_key="bench")
    device = Device.objects.create(
        key="dev-1", name="d", site=site, kind=DeviceKind.OTHER, driver=Driver.PUSH
    )
    Channel.objects.bulk_create(Channel(device=device, metric=f"m{n}") for n in range(SERIES))
    bodies = [json.dumps({"series": part}).encode() for part in parts]
    sender = Sender("device:dev-1", "bench", device=device)

    def deliver() -> None:
        for seq, body in enumerate(bodies, start=1):
            series = body_json(body, "")["series"]
            batch_ingest(sender=sender, seq=seq, series=series, now=timezone.now())

    first = timed(deliver)
    held = sum(ReadingHour.objects.values_list("readings", flat=True))
    assert held == sum(len(piece["t"]) for part in parts for piece in part)
    size = sum(len(bytes(raw)) for raw in ReadingHour.objects.values_list("packed", flat=True))
    again = timed(deliver)
    assert sum(ReadingHour.objects.values_list("readings", flat=True)) == held
    return first, again, size


def rows_of(part: list[dict[str, Any]]) -> Iterator[tuple[int, int, int, float]]:
    """Yield the rows of a batch."""
    for piece in part:
        metric = int(piece["metric"][1:])
        for t, v in zip(piece["t"], piece["v"], strict=True):
            yield 1, metric, t, v


def raw_sqlite(parts: list[list[dict[str, Any]]], folder: Path) -> tuple[float, float]:
    """Return seconds of ``executemany`` upserts, first and replay, one transaction a batch, fsync as the product has it."""
    ready = [list(rows_of(part)) for part in parts]
    db = sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute(
        "CREATE TABLE reading (site INTEGER, metric INTEGER, ts INTEGER, value REAL, "
        "PRIMARY KEY (site, metric, ts)) WITHOUT ROWID"
    )

    def write() -> None:
        for rows in ready:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(UPSERT, rows)
            db.execute("COMMIT")

    return timed(write), timed(write)


def raw_postgres(parts: list[list[dict[str, Any]]]) -> tuple[float, float]:
    """Return seconds of COPY into a temporary table and INSERT ON CONFLICT, first and replay."""
    from django.db import connection

    ready = [list(rows_of(part)) for part in parts]
    connection.ensure_connection()
    raw = connection.connection
    with raw.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_reading (site int, metric int, ts bigint, value float8, PRIMARY KEY (site, metric, ts))"
        )

    def write() -> None:
        for rows in ready:
            with raw.transaction(), raw.cursor() as cursor:
                cursor.execute("CREATE TEMP TABLE piece (LIKE bench_reading) ON COMMIT DROP")
                with cursor.copy("COPY piece FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
                cursor.execute(
                    "INSERT INTO bench_reading SELECT * FROM piece "
                    "ON CONFLICT (site, metric, ts) DO UPDATE SET value = excluded.value"
                )

    try:
        return timed(write), timed(write)
    finally:
        with raw.cursor() as cursor:
            cursor.execute("DROP TABLE bench_reading")


def measure(database: str, readings: int, batch: int) -> list[dict[str, object]]:
    """Measure in this process, with a data folder (and a PostgreSQL) of its own; return the figures."""
    folder = Path(tempfile.mkdtemp(prefix="khcn-bench-"))
    os.environ["KHCN_DATA_DIR"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khcn.config.settings")
    if database == "postgresql":
        from tests.postgres import start_cluster

        os.environ["KHCN_DATABASE_URL"] = start_cluster()
    import django

    django.setup()
    from khcn.core.prepare import ensure_ready

    ensure_ready()
    try:
        parts = batches(readings, batch)
        count = sum(len(piece["t"]) for part in parts for piece in part)
        first, again, size = service(parts)
        raw = raw_postgres(parts) if database == "postgresql" else raw_sqlite(parts, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    peer = "COPY + ON CONFLICT" if database == "postgresql" else "executemany upsert"
    ratio = raw[0] / first
    return [
        figure(f"{database}: ingest through the service", count / first, "rows/s", peer=f"raw {peer}",
               peer_value=count / raw[0]),
        figure(f"{database}: share of raw", ratio, "", aim=AIM, ok=ratio >= AIM),
        figure(f"{database}: the same again", count / again, "rows/s", peer=f"raw {peer}, again",
               peer_value=count / raw[1]),
        figure(f"{database}: bytes a raw reading", size / count, "B"),
    ]  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark: each database in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=400_000)
    parser.add_argument("--batch", type=int, default=18_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    if options.only:
        figures = measure(options.only, options.readings, options.batch)
    else:
        figures = []
        for database in ("sqlite", "postgresql"):
            command = [sys.executable, "-m", "benchmarks.energy.ingest", "--only", database, "--json"]
            command += ["--readings", str(options.readings), "--batch", str(options.batch)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
            if done.returncode:
                print(f"{database}: could not be measured here", file=sys.stderr)
                continue
            figures += json.loads(done.stdout.strip().splitlines()[-1])["figures"]
    if options.json:
        print(json.dumps({"name": "energy ingest", "figures": figures}, ensure_ascii=False))
    else:
        print_figures(figures)
    return 0 if figures else 1


if __name__ == "__main__":
    sys.exit(main())
