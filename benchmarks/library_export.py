"""A list of 10,000 works as XLSX: seconds and peak memory, beside bare openpyxl (write-only) writing the same rows.

Ours reads the works from SQLite in pieces, makes their records and writes every public column; the peer gets the finished
rows from a file, line by line, and only writes them. Each runs in a process of its own, so that its peak memory is its own; what the
process takes before it begins is left out. Needs no network and no data of others: the works are made here.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src")]
LIMIT_S = 60.0
LIMIT_MB = 80.0
CPU_TIMES = 3.0  # as long as openpyxl alone, at most


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _spent(memory: float, start: float, used: float) -> dict[str, float]:
    """Return seconds, CPU seconds (what a busy machine does not change) and megabytes since these were taken."""
    return {
        "s": time.perf_counter() - start,
        "cpu": time.process_time() - used,
        "mb": _memory_mb() - memory,
    }


def _setup(folder: Path) -> None:
    os.environ["KHCN_DATA_DIR"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khcn.config.settings")
    import django

    django.setup()


def fill(folder: Path, count: int) -> None:
    """Make the works, in a new database."""
    _setup(folder)
    from datetime import UTC, date, datetime, timedelta

    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command

    from khcn.engines.text.collate import sort_key
    from khcn.library import rules
    from khcn.library.models import Collection, LegalRecord, Subject, Work

    # tables as the models say, as the tests make them: the migrations' own minute is no part of this
    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    collections = [
        Collection.objects.create(key=f"bo-{n}", name=f"Bộ sưu tập {n}", sort_key=sort_key(f"Bộ sưu tập {n}"))
        for n in range(5)
    ]
    subjects = [
        Subject.objects.create(key=f"cd-{n}", name=f"Chủ đề {n}", sort_key=sort_key(f"Chủ đề {n}"))
        for n in range(40)
    ]
    works = []
    for n in range(count):
        title = f"Kế hoạch số {n} về ứng dụng khoa học và công nghệ phục vụ người dân và doanh nghiệp trên địa bàn"
        works.append(
            Work(
                title=title,
                slug=f"ke-hoach-{n}",
                sort_key=sort_key(title),
                kind="legal",
                state="published",
                abstract="Tóm tắt nội dung, mục tiêu, nhiệm vụ và giải pháp. " * 4,
                issued_year=2026,
                issued_date=date(2020, 1, 1) + timedelta(days=n % 2000),
                rights="official",
                creators=[{"name": f"Nguyễn Văn {n}"}],
                page_count=n % 60,
                created_at=now,
                updated_at=now,
                published_at=now,
            )
        )
    made = Work.objects.bulk_create(works, batch_size=500)
    LegalRecord.objects.bulk_create(
        [
            LegalRecord(
                work=work,
                **rules.legal_keys(
                    {"number": f"{n}/KH-UBND", "type_name": "Kế hoạch", "organ_name": "Ủy ban nhân dân"}
                ),
            )
            for n, work in enumerate(made)
        ],
        batch_size=500,
    )
    for model, terms in ((Work.collections.through, collections), (Work.subjects.through, subjects)):
        field = "collection" if terms is collections else "subject"
        rows = [
            model(work_id=work.pk, **{f"{field}_id": terms[n % len(terms)].pk}) for n, work in enumerate(made)
        ]
        model.objects.bulk_create(rows, batch_size=500)


def _list(folder: Path) -> Any:
    from django.utils import timezone

    from khcn.library.list_columns import columns_for
    from khcn.library.models import Work
    from khcn.library.selectors.lists import WantedList, list_lines

    now = timezone.now()
    ids = list(Work.objects.order_by("pk").values_list("pk", flat=True))
    columns = columns_for(staff=False)
    return columns, ids, list_lines(WantedList("search", "q=x"), ids, user=None, now=now), now


def ours(folder: Path) -> None:
    """Write the list as the worker does."""
    _setup(folder)
    from khcn.library.list_files import ListHead, write_list_xlsx

    before, start, used = _memory_mb(), time.perf_counter(), time.process_time()
    columns, ids, lines, now = _list(folder)
    head = ListHead([("Từ cần tìm", "kế hoạch")], len(ids), len(ids), now, official=False)
    with (folder / "ours.xlsx").open("wb") as file:
        count = write_list_xlsx(file, columns, lines, head)
    print(json.dumps({**_spent(before, start, used), "rows": count}))


def keep(folder: Path) -> None:
    """Write the finished rows to a file for the peer."""
    _setup(folder)
    columns, _ids, lines, _now = _list(folder)
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps([column.value(line) for column in columns], default=str) + "\n")


def bare(folder: Path) -> None:
    """Write the same rows with openpyxl alone."""
    from openpyxl import Workbook

    before, start, used = _memory_mb(), time.perf_counter(), time.process_time()
    book = Workbook(write_only=True)
    sheet = book.create_sheet("x")
    with (folder / "rows.jsonl").open(encoding="utf-8") as file:
        for line in file:
            sheet.append(json.loads(line))
    book.save(folder / "bare.xlsx")
    print(json.dumps(_spent(before, start, used)))


def _part(name: str, folder: Path, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.library_export", "--part", name, "--folder", str(folder)]
    done = subprocess.run(
        [*command, "--count", str(count)], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    lines = done.stdout.strip().splitlines()
    return dict(json.loads(lines[-1])) if lines and lines[-1].startswith("{") else {}


def run(count: int = 10_000) -> dict[str, Any]:
    """Return the figures."""
    with tempfile.TemporaryDirectory(prefix="khcn-bench-export-") as name:
        folder = Path(name)
        for part in ("fill", "keep"):
            _part(part, folder, count)
        mine, peer = _part("ours", folder, count), _part("bare", folder, count)
    if mine["rows"] != count:
        raise RuntimeError(f"the list holds {mine['rows']:.0f} works, expected {count}")
    peer_name = "openpyxl write-only, same rows"
    figures = [
        {"figure": f"export of {count} works to XLSX, all public columns", "value": mine["s"], "unit": "s",
         "aim": LIMIT_S, "peer": peer_name, "peer_value": peer["s"], "ok": mine["s"] <= LIMIT_S},
        {"figure": "the same in CPU seconds", "value": mine["cpu"], "unit": "CPU s", "aim": CPU_TIMES * peer["cpu"],
         "peer": peer_name, "peer_value": peer["cpu"], "ok": mine["cpu"] <= CPU_TIMES * peer["cpu"]},
        {"figure": "peak memory above the idle process", "value": mine["mb"], "unit": "MB", "aim": LIMIT_MB,
         "peer": peer_name, "peer_value": peer["mb"], "ok": mine["mb"] <= LIMIT_MB},
    ]  # fmt: skip
    return {"name": "library_export", "figures": figures}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--part", choices=["fill", "keep", "ours", "bare"])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.part:
        if options.part == "fill":
            fill(options.folder, options.count)
        else:
            {"keep": keep, "ours": ours, "bare": bare}[options.part](options.folder)
        return
    result = run(options.count)
    from benchmarks.runner import report

    report(result["name"], result["figures"], as_json=options.json)


if __name__ == "__main__":
    main()
