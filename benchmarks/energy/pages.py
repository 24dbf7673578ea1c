"""Month chart of one series and the programme overview over HTTP, with a year of intervals of many sites.

Days of intervals are packed as the product packs them and put in with bulk inserts into a data folder of its own, which
is removed afterwards. 157 sites x 60 series x a year are 3.4 million rows (330 million intervals); ``--metrics`` and
``--days`` make it smaller.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.http_load import quantile
from benchmarks.library_http import KHCN, floor, private_mb, server
from benchmarks.markets.pages import ask
from benchmarks.runner import figure, print_figures

LIMIT_MS = 100.0
BATCH = 5000


def fill(sites: int, metrics: int, days: int) -> dict[str, Any]:
    """Make the sites in the data folder of this process; return addresses, a session and what was put in."""
    import django  # the data folder is set first

    django.setup()
    from django.db import connection, transaction
    from django.test import Client
    from django.utils import timezone
    from tests.energy.factories import (
        make_device,
        make_site,
        make_site_day,
        make_site_month,
        make_system,
        solar_day,
    )
    from tests.orgs.factories import make_member

    from khcn.core.prepare import ensure_ready
    from khcn.energy.models import Channel, IntervalDay
    from khcn.energy.rules.days import month_start
    from khcn.energy.rules.packing import pack_day
    from khcn.energy.services.prepared import charts_prepare
    from khcn.orgs.enums import Role
    from khcn.ui.charts.store import chart_draw, charts_dir

    ensure_ready()
    rng = np.random.default_rng(5)
    flags = np.ones(96, np.uint8)
    shapes = [np.array(solar_day()) * share for share in rng.uniform(0.4, 1.1, 200)]
    pool = [(float(shape.sum()), float(shape.max() * 4), pack_day(shape, flags)) for shape in shapes]
    today = timezone.localdate()
    dates = [today - timedelta(days=number) for number in range(days)]
    places, channels = [], []
    with transaction.atomic():
        for _ in range(sites):
            site = make_site()
            places.append(site)
            system = make_system(site)
            device = make_device(site, system=system)
            names = ["ac_energy", "ac_power", *(f"m{number}" for number in range(metrics - 2))]
            channels += Channel.objects.bulk_create(
                Channel(
                    device=device, metric=name, last_at=timezone.now(), last_value=5.0, counts=name[0] == "a"
                )
                for name in names
            )
            for day in dates:
                make_site_day(site, day)
            for month in sorted({month_start(day) for day in dates}):
                make_site_month(site, month)

    def rows() -> Iterator[tuple[Any, ...]]:
        stamp = connection.ops.adapt_datetimefield_value(timezone.now())
        for day in reversed(dates):
            stored = connection.ops.adapt_datefield_value(day)
            for channel in channels:
                total, peak, packed = pool[int(rng.integers(len(pool)))]
                yield channel.pk, stored, total, peak, 96, 96, "{}", packed, stamp

    columns = (
        "channel_id",
        "day",
        "total",
        "peak_kw",
        "measured",
        "expected",
        "flags",
        "packed",
        "derived_at",
    )
    table = IntervalDay._meta.db_table
    sql = (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"  # own table
    )
    began, source, count = time.perf_counter(), rows(), 0
    while batch := list(islice(source, BATCH)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, batch)
        count += len(batch)
    took = time.perf_counter() - began
    charts_prepare(timezone.now())
    for path in charts_dir().glob("*.request.json"):
        chart_draw(path.name.split(".")[0])
    client = Client()
    client.force_login(make_member(Role.LEADER))
    folder = Path(os.environ["KHCN_DATA_DIR"])
    return {
        "site": places[0].key,
        "channel": channels[0].pk,
        "cookie": "; ".join(f"{name}={value.value}" for name, value in client.cookies.items()),
        "rows": count,
        "seconds": took,
        "bytes": sum(path.stat().st_size for path in folder.glob("db.sqlite3*")),
    }


def measure(options: argparse.Namespace) -> list[dict[str, object]]:
    """Fill, serve and ask; return the figures."""
    with tempfile.TemporaryDirectory(prefix="khcn-bench-pages-") as name:
        os.environ["KHCN_DATA_DIR"] = str(Path(name) / "data")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khcn.config.settings")
        made = fill(options.sites, options.metrics, options.days)
        size = f"{options.sites} sites x {options.metrics} series x {options.days} days"
        year = made["bytes"] / 1e9 * 365 / options.days
        rows = [
            figure(f"days of intervals put in ({size})", made["rows"] / made["seconds"], "rows/s"),
            figure("intervals they hold", made["rows"] * 96 / 1e6, "million"),
            figure("database a year at this size", year, "GB"),
            figure("bytes an interval, index and sums included", made["bytes"] / made["rows"] / 96, "B"),
        ]
        empty = floor(options.port, Path(name), 2)
        peer = {"peer": "empty application, same server", "peer_value": empty.p95_ms}
        desk = "/ban-lam-viec/nang-luong/"
        with server([*KHCN, "web", "--port", str(options.port)], dict(os.environ), options.port) as pid:
            for label, path in (
                ("programme overview", desk),
                ("site page", f"{desk}{made['site']}/"),
                ("month chart of one series", f"{desk}{made['site']}/kenh/{made['channel']}/"),
            ):
                found = ask(options.port, path, made["cookie"], options.requests)
                p95 = quantile(found, 0.95)
                rows.append(figure(f"{label}: p50", quantile(found, 0.5), "ms"))
                rows.append(figure(f"{label}: p95", p95, "ms", aim=LIMIT_MS, ok=p95 <= LIMIT_MS, **peer))
            rows.append(figure("private memory of the largest web process", private_mb(pid), "MB"))
    return rows


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=157)
    parser.add_argument("--metrics", type=int, default=60)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--port", type=int, default=8131)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    figures = measure(options)
    if options.json:
        print(json.dumps({"name": "energy pages", "figures": figures}, ensure_ascii=False))
    else:
        print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
