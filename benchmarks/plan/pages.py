"""Five years of a city of 168 units (``khcn plan simulate``) on SQLite and on PostgreSQL: filling, pages, consolidation.

Each database has a data folder of its own, filled by the command itself and removed afterwards. Pages are asked inside
one process (Django's test client: what the application costs) and over HTTP (the server as it runs, one reader).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.http_load import quantile
from benchmarks.library_http import KHCN, server
from benchmarks.markets.pages import ask
from benchmarks.runner import figure, print_figures

LIMITS = {"leadership page": 300.0, "report form": 300.0}  # ms; the other pages are shown beside them
LIMIT_ROLL_S, LIMIT_ROLL_MB, LIMIT_DOCX_S, LIMIT_FILL_S = 5.0, 400.0, 0.5, 300.0
DESK = "/ban-lam-viec/ke-hoach/"


def setup() -> None:
    """Start Django in this process; the data folder and database come from the environment."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khcn.config.settings")
    django.setup()


def people_and_pages() -> dict[str, dict[str, str]]:
    """Return the pages to measure with the session cookie of who reads them."""
    from django.test import Client

    from khcn.orgs.models import User
    from khcn.plan.enums import REPORT_EDITABLE
    from khcn.plan.models import Consolidation, UnitReport
    from khcn.plan.simulation import MARK, PERSON_MARK

    def cookie(login: str) -> str:
        client = Client()
        client.force_login(User.objects.get(username=f"{PERSON_MARK}{login}"))
        return "; ".join(f"{name}={value.value}" for name, value in client.cookies.items())

    reports = UnitReport.objects.filter(period__regime__key__startswith=MARK).order_by(
        "-period__cutoff", "pk"
    )
    report = reports.filter(state__in=REPORT_EDITABLE).select_related("unit").first() or reports[0]
    number = report.unit.key.rpartition("-")[2]
    roll = Consolidation.objects.filter(period__regime__key__startswith=MARK).latest("period__cutoff")
    leader, reporter = cookie("lanh-dao"), cookie(f"bao-cao-{number}")
    return {
        "leadership page": {"path": f"{DESK}viec/lanh-dao/", "cookie": leader},
        "report form": {"path": f"{DESK}bao-cao/{report.pk}/", "cookie": reporter},
        "own work of a unit": {"path": f"{DESK}viec/", "cookie": reporter},
        "money of the year": {"path": f"{DESK}kinh-phi/", "cookie": leader},
        "consolidated report": {"path": f"{DESK}tong-hop/{roll.pk}/", "cookie": cookie("chuyen-vien")},
    }


def inside(times: int) -> dict[str, list[tuple[float, float]]]:
    """Ask for every page in this process; return milliseconds of the clock and of the processor, for each request."""
    setup()
    from django.test import Client

    found = {}
    for name, page in people_and_pages().items():
        client = Client(headers={"cookie": page["cookie"], "accept-language": "vi", "host": "127.0.0.1"})
        found[name] = [_milliseconds(lambda c=client, p=page: _got(c, p["path"])) for _ in range(times + 3)][
            3:
        ]
    return found


def _got(client: Any, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: status {answer.status_code}")
    assert answer.content


def _milliseconds(act: Callable[[], object]) -> tuple[float, float]:
    began, spent = time.perf_counter(), time.process_time()
    act()
    return 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - spent)


def consolidate() -> dict[str, float]:
    """Consolidate the last period in this process; return seconds and peak memory."""
    setup()
    from django.utils import timezone

    from khcn.core.papers.writer import paper_docx
    from khcn.plan.models import ReportPeriod
    from khcn.plan.services.rolls_files import whole_of_period, whole_paper
    from khcn.plan.simulation import MARK

    period = ReportPeriod.objects.filter(regime__key__startswith=MARK).latest("cutoff")
    now = timezone.now()
    began = time.perf_counter()
    whole = whole_of_period(period, now)
    done = time.perf_counter()
    paper = whole_paper(whole, now)
    drawn = time.perf_counter()
    paper_docx(paper)
    written = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"roll_s": done - began, "docx_s": written - drawn, "peak_mb": peak}


def one_database(kind: str, options: argparse.Namespace, folder: Path) -> list[dict[str, object]]:
    """Fill, ask and consolidate on one database; return the figures."""
    env = {**os.environ, "KHCN_DATA_DIR": str(folder)}
    if kind == "PostgreSQL":
        from tests.postgres import start_cluster

        env["KHCN_DATABASE_URL"] = start_cluster()

    def run(*words: str) -> Any:
        done = subprocess.run(words, env=env, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.strip().splitlines()[-1])

    me = (sys.executable, "-m", "benchmarks.plan.pages", "--times", str(options.times))
    size = ("--units", str(options.units), "--years", str(options.years))
    made = run(*KHCN, "plan", "simulate", *size, "--json")
    what = f"{made['units']} units x {made['years']} years, {made['work_items']} items, {made['figures']} figures"
    rows = [_row(f"{kind}: simulate {what}", made["seconds"], "s", LIMIT_FILL_S)]
    for name, found in run(*me, "--inside").items():
        clock, spent = (quantile([one[place] for one in found], 0.95) for place in (0, 1))
        rows.append(_row(f"{kind}: {name}, in process: p95", clock, "ms", LIMITS.get(name)))
        rows.append(figure(f"{kind}: {name}, in process: p95 of the processor's time", round(spent, 1), "ms"))
    pages = run(*me, "--pages")
    with server([*KHCN, "web", "--port", str(options.port)], env, options.port):
        for name, page in pages.items():
            found = ask(options.port, page["path"], page["cookie"], options.times)
            rows.append(_row(f"{kind}: {name}, HTTP: p95", quantile(found, 0.95), "ms", LIMITS.get(name)))
    rolls = [run(*me, "--consolidate") for _ in range(3)]
    for title, key, unit, limit in (
        ("consolidate the last period", "roll_s", "s", LIMIT_ROLL_S), ("DOCX of it", "docx_s", "s", LIMIT_DOCX_S),
        ("peak memory of both", "peak_mb", "MB", LIMIT_ROLL_MB),
    ):  # fmt: skip
        worst = max if unit == "MB" else min  # of three runs: the least disturbed seconds, the most memory
        rows.append(_row(f"{kind}: {title}", worst(one[key] for one in rolls), unit, limit))
    return rows


def _row(name: str, value: float, unit: str, limit: float | None) -> dict[str, object]:
    return figure(name, round(value, 3), unit, aim=limit, ok=None if limit is None else value <= limit)


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark, or one of its parts in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=168)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--port", type=int, default=8137)
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"])
    parser.add_argument("--json", action="store_true")
    parts = parser.add_mutually_exclusive_group()
    for name in ("--inside", "--pages", "--consolidate"):
        parts.add_argument(name, action="store_true")
    options = parser.parse_args(argv)
    if options.inside or options.pages or options.consolidate:
        setup()
        part = (
            inside(options.times)
            if options.inside
            else people_and_pages()
            if options.pages
            else consolidate()
        )
        print(json.dumps(part))
        return 0
    figures = []
    for kind in [options.only] if options.only else ["SQLite", "PostgreSQL"]:
        with tempfile.TemporaryDirectory(prefix="khcn-bench-plan-") as name:
            figures += one_database(kind, options, Path(name))
    if options.json:
        print(json.dumps({"name": "plan pages", "figures": figures}, ensure_ascii=False))
    else:
        print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
