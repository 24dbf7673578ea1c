"""Ingest of batches beside a raw upsert of the same minutes into the same database: minutes a second.

The raw upsert writes one row a gate and minute with ``INSERT ... ON CONFLICT DO UPDATE``, in chunks, without checks,
notes, troubles or sums: the limit of the usual design. Both commit after every batch.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CAMERAS, GATES, MINUTES, BATCH = 10, 2, 1440, 500
START = datetime(2026, 3, 1, 17, tzinfo=UTC)


def batches() -> list[list[dict[str, Any]]]:
    """Return a day of minutes of ten cameras with two gates and a zone each, in batches of 500 in order of time."""
    from khcn.engines.vision.minutes import CameraMinute, GateMinute, ZoneMinute

    minutes = [
        CameraMinute(
            f"cam-{camera}",
            START + timedelta(minutes=number),
            60.0,
            40.0 + number % 50,
            number % 9,
            1,
            tuple(
                GateMinute(f"g{gate}", (number * 7 + gate) % 13, (number * 5 + gate) % 11)
                for gate in range(GATES)
            ),
            (ZoneMinute("z", 20.0 + number % 30, number % 5, number % 4, (0, 1, 1)),),
            {f"{cell},{number % 18}": 2.0 for cell in range(6)},
        ).as_json()
        for number in range(MINUTES)
        for camera in range(CAMERAS)
    ]
    return [minutes[first : first + BATCH] for first in range(0, len(minutes), BATCH)]


def prepare() -> Any:
    """Make a market with its cameras; return the box."""
    from khcn.engines.text.collate import sort_key
    from khcn.markets.models import Box, Camera, Gate, Market, Zone
    from khcn.orgs.models import Unit, UnitKind

    kind = UnitKind.objects.create(code="bench", label="Bench")
    unit = Unit.objects.create(name="Bench", kind=kind, sort_key=sort_key("Bench"))
    market = Market.objects.create(key="bench", name="Bench", unit=unit)
    box = Box.objects.create(key="bench", name="Bench", unit=unit)
    for number in range(CAMERAS):
        camera = Camera.objects.create(market=market, box=box, key=f"cam-{number}", name=f"C{number}")
        for gate in range(GATES):
            Gate.objects.create(market=market, camera=camera, key=f"g{gate}", name=f"G{gate}")
        Zone.objects.create(market=market, camera=camera, key="z", name="Z")
    return box


def ingest(box: Any, parts: list[list[dict[str, Any]]], first: int) -> float:
    """Send every batch; return the seconds."""
    from khcn.markets.services.ingest import batch_ingest

    now = START + timedelta(minutes=MINUTES + 1)
    begun = time.perf_counter()
    for seq, minutes in enumerate(parts, start=first):
        batch_ingest(box=box, instance="bench", seq=seq, minutes=minutes, sent_at=now, now=now)
    return time.perf_counter() - begun


def raw_upsert(parts: list[list[dict[str, Any]]]) -> float:
    """Write one row a gate, zone and camera and minute; return the seconds."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute(
            "create table bench_raw (thing varchar(40), minute varchar(32), a integer, b integer, c double precision, "
            "primary key (thing, minute))"
        )
    begun = time.perf_counter()
    for minutes in parts:
        rows = [
            (f"{minute['camera']}/{part['id']}", minute["start"], part.get("in", part.get("entries")),
             part.get("out", part.get("peak")), minute["measured_s"])
            for minute in minutes
            for part in (*minute["gates"], *minute["zones"], {"id": "", "in": minute["peak"], "out": 0})
        ]  # fmt: skip
        with transaction.atomic(), connection.cursor() as cursor:
            for at in range(0, len(rows), 150):
                chunk = rows[at : at + 150]
                places = ",".join(["(%s,%s,%s,%s,%s)"] * len(chunk))
                cursor.execute(
                    f"insert into bench_raw values {places} on conflict (thing, minute) do update "
                    "set a=excluded.a, b=excluded.b, c=excluded.c",
                    [value for row in chunk for value in row],
                )
    return time.perf_counter() - begun


def measure() -> list[dict[str, Any]]:
    """Return the figures."""
    from django.db import connection
    from django.db.models import Sum

    from khcn.markets.models import GateHour, MarketDay

    box, parts = prepare(), batches()
    minutes = sum(len(part) for part in parts)
    raw = raw_upsert(parts)
    mine = ingest(box, parts, 1)
    again = ingest(box, parts, 1)
    other = ingest(box, parts, 1_000_000)
    expected = sum(gate["in"] for part in parts for minute in part for gate in minute["gates"])
    counted = MarketDay.objects.aggregate(total=Sum("count_in"))["total"]
    if counted != expected:
        raise AssertionError(f"{counted} visitors where {expected} were sent")
    size = sum(len(bytes(row)) for row in GateHour.objects.values_list("minutes", flat=True))
    points = minutes * (GATES + 2)
    where = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    peer = f"raw upsert, {where}"
    return [
        {"figure": f"ingest, camera-minutes/s ({where})", "value": minutes / mine, "unit": "/s", "aim": None,
         "peer": peer, "peer_value": minutes / raw, "ok": None},
        {"figure": "ingest, rows of the raw design/s", "value": points / mine, "unit": "/s", "aim": None,
         "peer": peer, "peer_value": points / raw, "ok": None},
        {"figure": "the same batches again (known by number)", "value": minutes / again, "unit": "/s", "aim": None,
         "peer": "", "peer_value": None, "ok": None},
        {"figure": "the same minutes in other batches", "value": minutes / other, "unit": "/s", "aim": None,
         "peer": "", "peer_value": None, "ok": None},
        {"figure": "bytes of a gate's packed minute", "value": size / (minutes * GATES), "unit": "B", "aim": None,
         "peer": "", "peer_value": None, "ok": None},
        {"figure": "cameras that one ingest process carries", "value": minutes / mine * 60, "unit": "", "aim": 40,
         "peer": "", "peer_value": None, "ok": minutes / mine * 60 >= 40},
    ]  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Measure in a data folder of its own."""
    from benchmarks.runner import print_figures

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    home = Path(tempfile.mkdtemp(prefix="khcn-bench-"))
    os.environ["KHCN_DATA_DIR"] = str(home / "data")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khcn.config.settings")
    try:
        import django

        django.setup()
        from khcn.core.prepare import ensure_ready

        ensure_ready(lambda text: print(text, file=sys.stderr))
        figures = measure()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print_figures(figures) if not options.json else None
    if options.json:
        print(json.dumps({"name": "Ingest of batches", "figures": figures}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
