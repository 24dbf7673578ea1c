"""The market page over HTTP with three years of minutes of forty gates, beside an application that does nothing.

Rows are made as ingest makes them (sixty packed minutes an hour and gate, hours and days of the market beside them)
and put in with bulk inserts into a data folder of its own, which is removed afterwards.
"""

import argparse
import json
import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.http_load import quantile
from benchmarks.library_http import KHCN, floor, private_mb, server
from benchmarks.runner import figure, print_figures

LIMIT_MS = 150.0
BATCH = 5000


def fill(days: int, gates: int) -> dict[str, Any]:
    """Make the market in the data folder of this process; return its key, a session and what was put in."""
    import django  # the data folder is set first

    django.setup()
    from django.contrib.auth import SESSION_KEY
    from django.db import connection, transaction
    from django.test import Client
    from django.utils import timezone
    from tests.markets.factories import gate_hour, make_camera, make_gate, make_market, make_zone
    from tests.orgs.factories import make_member

    from khcn.core.prepare import ensure_ready
    from khcn.markets.models import GateHour, MarketDay, MarketHour
    from khcn.markets.services.prepared import charts_prepare, prepared_refresh
    from khcn.orgs.enums import Role
    from khcn.ui.charts.store import chart_draw, charts_dir

    ensure_ready()
    market = make_market("Chợ Đo Tốc Độ", key="cho-do-toc-do")
    cameras = [make_camera(market) for _ in range(max(1, gates // 4))]
    entrances = [make_gate(cameras[number % len(cameras)]) for number in range(gates)]
    for camera in cameras[:10]:
        make_zone(camera, kind="stalls")
    rng = random.Random(11)
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    start = timezone.localtime(now).replace(hour=0) - timedelta(days=days)
    hours = [start + timedelta(hours=n) for n in range(int((now - start) / timedelta(hours=1)))]
    # packing is the same for the same counts: a pool of measured hours stands for the million
    pool = [
        [gate_hour(entrances[0], now, level + n, level + n) for n in range(4)] for level in range(0, 200, 2)
    ]

    def rows() -> Iterator[tuple[Any, ...]]:
        for hour in hours:
            level = min(int(busy(hour) * 90), len(pool) - 1)
            stored = connection.ops.adapt_datetimefield_value(hour)
            for gate in entrances:
                seen = pool[level][rng.randrange(4)]
                yield gate.pk, stored, seen.count_in, seen.count_out, 3600.0, 1, seen.minutes

    columns = ("gate_id", "hour", "count_in", "count_out", "measured_s", "layout", "minutes")
    sql = f"INSERT INTO {GateHour._meta.db_table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
    began = time.perf_counter()
    source, count = rows(), 0
    while batch := list(islice(source, BATCH)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, batch)
        count += len(batch)
    took = time.perf_counter() - began
    derived = [_market_hour(market, hour, gates, rng) for hour in hours]
    MarketHour.objects.bulk_create(derived, batch_size=BATCH)
    by_day: dict[date, list[Any]] = {}
    for row in derived:
        by_day.setdefault(row.day, []).append(row)
    MarketDay.objects.bulk_create(
        MarketDay(market=market, day=day, count_in=sum(row.count_in for row in found),
                  count_out=sum(row.count_out for row in found), completeness=1)
        for day, found in by_day.items()
    )  # fmt: skip
    now = timezone.now()
    prepared_refresh(now)
    charts_prepare(now)
    for path in charts_dir().glob("*.request.json"):
        chart_draw(path.name.split(".")[0])
    client = Client()
    client.force_login(make_member(Role.LEADER))
    assert client.session[SESSION_KEY]
    return {
        "path": f"/ban-lam-viec/cho/{market.key}/",
        "cookie": client.cookies["sessionid"].value if "sessionid" in client.cookies else _cookie(client),
        "gate_hours": count,
        "seconds": took,
        "megabytes": sum(
            path.stat().st_size for path in Path(os.environ["KHCN_DATA_DIR"]).rglob("*") if path.is_file()
        )
        / 1e6,
    }


def _cookie(client: Any) -> str:
    return "; ".join(f"{name}={value.value}" for name, value in client.cookies.items())


def busy(hour: datetime) -> float:
    """Return how busy a market is in a local hour, 0 to about 1.4."""
    day = 1.35 if hour.weekday() >= 5 else 1.0
    return day * (math.exp(-((hour.hour - 8) ** 2) / 8) + 0.5 * math.exp(-((hour.hour - 17) ** 2) / 6))


def _market_hour(market: Any, hour: datetime, gates: int, rng: random.Random) -> Any:
    from khcn.markets.models import MarketHour

    count = int(busy(hour) * 180 * gates * rng.uniform(0.9, 1.1))
    return MarketHour(market=market, hour=hour, day=hour.date(), local_hour=hour.hour, count_in=count,
                      count_out=count, completeness=1)  # fmt: skip


def ask(port: int, path: str, cookie: str, times: int) -> list[float]:
    """Ask for a page one after another; return the milliseconds of each."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    name = cookie if "=" in cookie else f"sessionid={cookie}"
    found = []
    for number in range(times + 5):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": name, "Accept-Language": "vi"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: status {answer.status}")
        if number >= 5:
            found.append(1000 * (time.perf_counter() - began))
        assert body
    connection.close()
    return found


def measure(days: int, gates: int, times: int, port: int) -> list[dict[str, object]]:
    """Fill, serve and ask; return the figures."""
    with tempfile.TemporaryDirectory(prefix="khcn-bench-pages-") as name:
        os.environ["KHCN_DATA_DIR"] = str(Path(name) / "data")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khcn.config.settings")
        made = fill(days, gates)
        rows = [
            figure(
                f"gate hours put in ({gates} gates, {days} days), packed",
                made["gate_hours"] / made["seconds"],
                "rows/s",
            ),
            figure("minutes they hold", made["gate_hours"] * 60 / 1e6, "million"),
            figure("data folder", made["megabytes"], "MB"),
        ]
        empty = floor(port, Path(name), 2)
        peer = {"peer": "empty application, same server", "peer_value": empty.p95_ms}
        with server([*KHCN, "web", "--port", str(port)], dict(os.environ), port) as pid:
            for label, path in (
                ("market page", made["path"]),
                ("market page, gates and zones of today", made["path"] + "?ky=hom-nay"),
                ("overview of the markets", "/ban-lam-viec/cho/"),
                ("forecast page", made["path"] + "du-bao/"),
                ("public page", "/cho/cho-do-toc-do/"),
            ):
                found = ask(port, path, made["cookie"], times)
                p95 = quantile(found, 0.95)
                rows.append(figure(f"{label}: p50", quantile(found, 0.5), "ms"))
                rows.append(figure(f"{label}: p95", p95, "ms", aim=LIMIT_MS, ok=p95 <= LIMIT_MS, **peer))
            rows.append(figure("private memory of the largest web process", private_mb(pid), "MB"))
    return rows


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=3 * 365)
    parser.add_argument("--gates", type=int, default=40)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--port", type=int, default=8121)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    figures = measure(options.days, options.gates, options.requests, options.port)
    if options.json:
        print(json.dumps({"name": "market pages", "figures": figures}, ensure_ascii=False))
    else:
        print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
