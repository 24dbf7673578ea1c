"""Consolidating a city: 168 units x 40 tasks x 30 indicators, each figure with its source rows, each unit with four texts.

A data folder of its own is filled with bulk inserts; a fresh process then consolidates, writes DOCX and XLSX, and tells
seconds and peak memory. PDF is LibreOffice's time and stands apart.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.runner import print_figures

UNITS, TASKS, INDICATORS, SOURCES, HEADINGS = 168, 40, 30, 20, 4
LIMIT_S, LIMIT_MB, LIMIT_DOCX_S = 5.0, 400.0, 0.5
NOW = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)


def fill() -> None:
    """Fill the data folder of this process: two periods, so that there is one to compare with."""
    import django  # the data folder is set first

    django.setup()
    from django.db import transaction
    from tests.orgs.factories import make_unit
    from tests.plan.factories import make_indicator, make_item, make_period, make_plan, make_regime, make_task

    from khcn.core.prepare import ensure_ready
    from khcn.plan.models import RegimeIndicator, ReportFigure, ReportText, UnitReport, WorkItem

    ensure_ready()
    rng = Random(7)
    with transaction.atomic():
        units = [make_unit(f"Phường {number:03d}", order=number) for number in range(UNITS)]
        indicators = [make_indicator(f"chi_tieu_{number:02d}", order=number) for number in range(INDICATORS)]
        plan = make_plan()
        headings = tuple(f"Đề mục {number}" for number in range(1, HEADINGS + 1))
        regime = make_regime(units, indicators=tuple(indicators), headings=headings, plan=plan)
        RegimeIndicator.objects.filter(regime=regime).update(target=Decimal(5000))
        items = [
            make_item(make_task(plan, lead=units[0], deadline=date(2026, 5, 1 + number % 28)), unit=units[0])
            for number in range(TASKS)
        ]
        WorkItem.objects.bulk_create(
            WorkItem(plan=plan, task=item.task, code=item.code, unit=unit, due=item.due, updated_at=NOW,
                     state=rng.choice(["todo", "doing", "done"]), percent=rng.randrange(0, 101))
            for item in items
            for unit in units[1:]
        )  # fmt: skip
        older = make_period(
            regime, "2025-H2", starts_on=date(2025, 6, 1), cutoff=date(2025, 11, 25), due=date(2025, 12, 1)
        )
        for period in (older, make_period(regime, "2026-H1", starts_on=date(2025, 11, 26))):
            period.opened_at = NOW
            period.save()
            reports = UnitReport.objects.bulk_create(
                UnitReport(period=period, unit=unit, unit_name=unit.name, state="accepted", submitted_at=NOW, updated_at=NOW)
                for unit in units
            )  # fmt: skip
            ReportFigure.objects.bulk_create(
                (
                    ReportFigure(report=report, indicator=indicator, value=Decimal(value), computed=Decimal(value),
                                 sources=[f"library.work:{value}-{number}" for number in range(SOURCES)])
                    for report in reports
                    for indicator in indicators
                    for value in [rng.randrange(0, 100)]
                ),
                batch_size=2000,
            )  # fmt: skip
            ReportText.objects.bulk_create(
                ReportText(
                    report=report,
                    heading=heading,
                    text=f"Đơn vị đã mở {rng.randrange(1, 9)} lớp tập huấn. " * 6,
                )
                for report in reports
                for heading in regime.outline.all()
            )


def measure(out: Path) -> dict[str, float]:
    """Consolidate and write the files in this process; return seconds of each part and the peak memory."""
    import django  # the data folder is set first

    django.setup()
    from khcn.core.papers.writer import paper_docx
    from khcn.plan.selectors.roll_periods import find_period
    from khcn.plan.services.rolls_files import whole_book, whole_of_period, whole_paper

    started, cpu = time.perf_counter(), time.process_time()
    whole = whole_of_period(find_period("2026-H1"), NOW)
    counted = time.perf_counter()
    paper = whole_paper(whole, NOW)
    drawn = time.perf_counter()
    docx = paper_docx(paper)
    written = time.perf_counter()
    book = whole_book(whole)
    ended = time.perf_counter()
    (out / "a.docx").write_bytes(docx)
    (out / "a.xlsx").write_bytes(book)
    expected = UNITS * INDICATORS * SOURCES
    found = sum(row["source_rows"] for row in whole.content["indicators"])
    if found != expected:
        raise SystemExit(f"expected {expected} source rows behind the totals, found {found}")
    return {
        "consolidate_s": counted - started,
        "charts_s": drawn - counted,
        "docx_s": written - drawn,
        "xlsx_s": ended - written,
        "whole_s": ended - started,
        "cpu_s": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def figures() -> list[dict[str, object]]:
    """Return every figure beside its limit. Everything runs in processes of their own."""
    with tempfile.TemporaryDirectory(prefix="khcn-bench-rolls-") as name:
        environment = {**os.environ, "KHCN_DATA_DIR": name, "DJANGO_SETTINGS_MODULE": "khcn.config.settings"}

        def run(what: str) -> str:
            command = [sys.executable, "-m", "benchmarks.plan.rolls", what, "--out", name]
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            return done.stdout

        run("--fill")
        runs = []
        for _number in range(3):
            shutil.rmtree(Path(name) / "charts", ignore_errors=True)  # pictures are drawn anew each time
            runs.append(json.loads(run("--measure").strip().splitlines()[-1]))
    best: dict[str, float] = {key: min(one[key] for one in runs) for key in runs[0]}
    best["peak_mb"] = max(one["peak_mb"] for one in runs)
    what = f"{UNITS} units x {TASKS} tasks x {INDICATORS} indicators"
    rows: list[tuple[str, str, str, float | None]] = [
        (f"consolidate {what}, DOCX and XLSX", "whole_s", "s", LIMIT_S),
        ("peak memory of all that", "peak_mb", "MB", LIMIT_MB),
        ("DOCX", "docx_s", "s", LIMIT_DOCX_S),
        ("processor time of all that", "cpu_s", "s", None),
        ("of which totals, texts, tasks", "consolidate_s", "s", None),
        ("of which charts drawn", "charts_s", "s", None),
        ("of which XLSX with formulas", "xlsx_s", "s", None),
    ]
    return [
        {"figure": title, "value": round(best[key], 3), "unit": unit, "aim": aim,
         "ok": None if aim is None else best[key] <= aim}
        for title, key, unit, aim in rows
    ]  # fmt: skip


def main() -> None:
    """Fill, measure, or run the whole benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fill", action="store_true")
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.fill:
        fill()
    elif options.measure:
        result: dict[str, Any] = measure(options.out)
        print(json.dumps(result))
    else:
        found = figures()
        if options.json:
            print(json.dumps({"name": "plan.rolls", "figures": found}, ensure_ascii=False))
        else:
            print_figures(found)


if __name__ == "__main__":
    main()
