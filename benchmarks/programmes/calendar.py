"""The public calendar with five years of a district (3,000 programmes, 6,000 sessions): p95 in one process and over HTTP.

The peer in the same run is the same server answering ``/so-do-trang/``-sized work without data: its help page.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.http_load import quantile
from benchmarks.library_http import KHCN, server
from benchmarks.markets.pages import ask
from benchmarks.plan.pages import setup
from benchmarks.runner import figure, print_figures

LIMIT_MS = 150.0
PEER = "/tro-giup/"


def fill(years: int, per_year: int) -> None:
    """Fill an empty database with programmes of ``years`` years, two sessions each, as rows."""
    setup()
    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    from khcn.engines.text.collate import sort_key
    from khcn.engines.text.fold import fold
    from khcn.orgs.models import Unit, UnitKind
    from khcn.programmes.enums import WITH_SESSIONS, Audience, ProgrammeState
    from khcn.programmes.models.programmes import Programme, Session, barred

    dice, now = random.Random(7), timezone.now()
    kind, _made = UnitKind.objects.get_or_create(code="phong", defaults={"label": "Phòng"})
    units = [Unit.objects.create(name=f"Đơn vị {one}", kind=kind, sort_key=f"{one:03}") for one in range(20)]
    words = [
        "tập",
        "huấn",
        "chuyển",
        "đổi",
        "số",
        "cho",
        "giáo",
        "viên",
        "học",
        "sinh",
        "tham",
        "quan",
        "vườn",
        "ươm",
        "sáng",
        "tạo",
        "sở",
        "hữu",
        "trí",
        "tuệ",
        "năng",
        "lượng",
    ]
    kinds, audiences = sorted(WITH_SESSIONS), [one.value for one in Audience]
    programmes, sessions = [], []
    for number in range(years * per_year):
        title = f"{' '.join(dice.choices(words, k=7)).capitalize()} {number}"
        start = now - timedelta(days=dice.randrange(-60, years * 365 - 60), hours=dice.randrange(8))
        day = timezone.localdate(start)
        programmes.append(
            Programme(
                key=f"ct-{number}",
                kind=dice.choice(kinds),
                state=ProgrammeState.PUBLISHED,
                unit=dice.choice(units),
                year=day.year,
                title=title,
                folded_title=fold(title),
                sort_key=sort_key(title),
                summary=title,
                audiences=barred(dice.sample(audiences, 2)),
                venue="Hội trường",
                starts_on=day,
                ends_on=day + timedelta(days=7),
                created_at=now,
                updated_at=now,
                published_at=start,
                capacity=50,
            )
        )
        sessions.append((start, start + timedelta(days=7)))
    rows = Programme.objects.bulk_create(programmes, batch_size=500)
    Session.objects.bulk_create(
        (
            Session(
                programme=row, number=place, starts_at=at, ends_at=at + timedelta(hours=3), updated_at=now
            )
            for row, starts in zip(rows, sessions, strict=True)
            for place, at in enumerate(starts, 1)
        ),
        batch_size=1000,
    )


def pages() -> dict[str, str]:
    """Return the addresses that are asked for."""
    from django.urls import reverse
    from django.utils import timezone

    base = reverse("programmes:calendar")
    year = timezone.localdate().year
    return {
        "calendar, upcoming": base,
        "calendar, one audience": f"{base}?danh-cho=pupils",
        "calendar, words without marks": f"{base}?tim=chuyen%20doi%20so",
        "calendar, two years ago": f"{base}?xem=da-qua&nam={year - 2}",
    }


def inside(times: int) -> dict[str, list[float]]:
    """Ask for every page in this process; return milliseconds."""
    setup()
    from django.test import Client

    client = Client(headers={"accept-language": "vi", "host": "127.0.0.1"})
    found: dict[str, list[float]] = {}
    for name, path in pages().items():
        found[name] = []
        for number in range(times + 5):
            began = time.perf_counter()
            answer = client.get(path)
            spent = 1000 * (time.perf_counter() - began)
            if answer.status_code != 200 or not answer.content:
                raise SystemExit(f"{path}: status {answer.status_code}")
            if number >= 5:
                found[name].append(spent)
    return found


def one_database(kind: str, options: argparse.Namespace, folder: Path) -> list[dict[str, object]]:
    """Fill and ask on one database; return the figures."""
    env = {**os.environ, "KHCN_DATA_DIR": str(folder), "KHCN_GATE_PERCENT": "0"}
    if kind == "PostgreSQL":
        from tests.postgres import start_cluster

        env["KHCN_DATABASE_URL"] = start_cluster()

    def run(part: str) -> Any:
        words = [sys.executable, "-m", "benchmarks.programmes.calendar", "--times", str(options.times), part]
        done = subprocess.run(words, env=env, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.strip().splitlines()[-1])

    run("--fill")
    rows = []
    for name, found in run("--inside").items():
        p95 = quantile(found, 0.95)
        rows.append(
            figure(f"{kind}: {name}, in process: p95", round(p95, 1), "ms", aim=LIMIT_MS, ok=p95 <= LIMIT_MS)
        )
    addresses = run("--addresses")
    with server([*KHCN, "web", "--port", str(options.port)], env, options.port):
        bare = quantile(ask(options.port, PEER, "a=b", options.times), 0.95)
        for name, path in addresses.items():
            p95 = quantile(ask(options.port, path, "a=b", options.times), 0.95)
            rows.append(
                figure(
                    f"{kind}: {name}, HTTP: p95",
                    round(p95, 1),
                    "ms",
                    aim=LIMIT_MS,
                    ok=p95 <= LIMIT_MS,
                    peer="help page, same server",
                    peer_value=round(bare, 1),
                )
            )
    return rows


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark, or one of its parts in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--per-year", type=int, default=600)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--port", type=int, default=8139)
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"])
    parser.add_argument("--json", action="store_true")
    for part in ("--fill", "--inside", "--addresses"):
        parser.add_argument(part, action="store_true")
    options = parser.parse_args(argv)
    if options.fill:
        fill(options.years, options.per_year)
        print("null")
        return 0
    if options.inside or options.addresses:
        setup()
        print(json.dumps(inside(options.times) if options.inside else pages()))
        return 0
    figures: list[dict[str, object]] = []
    for kind in [options.only] if options.only else ["SQLite", "PostgreSQL"]:
        with tempfile.TemporaryDirectory(prefix="khcn-bench-programmes-") as name:
            figures += one_database(kind, options, Path(name))
    if options.json:
        print(json.dumps({"name": "programmes calendar", "figures": figures}, ensure_ascii=False))
    else:
        print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
