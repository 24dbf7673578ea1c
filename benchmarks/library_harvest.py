"""Harvest of 10,000 records from a second installation of our own, beside sickle that merely iterates the same list.

Three processes: the source (its own data folder, ``/oai`` on a free port), the harvester (another data folder; every
record is cleaned, matched against what is held, written with audit and search queue), and sickle, which writes nothing.
A second harvest of the same list shows what an unchanged source costs. Politeness is off here (0.2 s a page else).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
LIMIT_MB = 400.0


def ready(folder: Path) -> None:
    """Make this process an installation with its own data folder."""
    os.environ |= {"KHCN_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "khcn.config.settings"}
    import django

    django.setup()
    from khcn.core.prepare import ensure_ready

    ensure_ready(lambda _text: None)


def source(folder: Path, count: int) -> None:
    """Be the second installation until standard input closes; the first line said is the address."""
    ready(folder)
    from benchmarks.library_oai import fill, served
    from khcn.library.services.oai import oai_sweep

    fill(count)
    oai_sweep()
    for address in served():
        print(f"{address}/oai", flush=True)
        sys.stdin.read()


def iterate(address: str) -> dict[str, Any]:
    """Let sickle iterate the list."""
    from sickle import Sickle

    start = time.perf_counter()
    found = sum(1 for _record in Sickle(address).ListRecords(metadataPrefix="oai_dc"))
    return {"records": found, "seconds": time.perf_counter() - start}


def harvest(folder: Path, address: str) -> dict[str, Any]:
    """Harvest twice into an empty library; return figures and the peak memory of this process."""
    os.environ["KHCN_LOCAL_SOURCES"] = "true"
    ready(folder)
    from django.utils import timezone

    from khcn.library.models import Work
    from khcn.library.services import harvest_runs
    from khcn.library.services.harvest_now import harvest_now
    from khcn.library.services.harvest_sources import source_add, source_probe

    harvest_runs.RUN_LIMITS = replace(harvest_runs.RUN_LIMITS, pause_s=0.0)
    probe = source_probe(actor=None, base_url=address)
    values = {"prefix": "oai_dc", "publish": True, "rights": "cc-by-4.0"}
    source_add(actor=None, base_url=address, probe=probe, values=values, now=timezone.now())
    first = _memory()
    found: dict[str, Any] = {"before_mb": first}
    for name in ("new", "again"):
        start = time.perf_counter()
        report = harvest_now(full=True, now=timezone.now())[0]
        found[name] = {**report.as_json(), "seconds": time.perf_counter() - start}
    found["works"] = Work.objects.filter(external_source__startswith="oai:").count()
    found["peak_mb"] = _memory()
    return found


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(count: int, base: Path) -> dict[str, Any]:
    """Start the three processes one after the other and gather their figures."""
    for name in ("source", "harvester"):
        (base / name).mkdir()
    serving = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.library_harvest", "--be", "source", str(base / "source"), str(count)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        assert serving.stdout is not None
        address = next(line.strip() for line in serving.stdout if line.startswith("http"))
        peer = _child("sickle", address)
        ours = _child("harvester", str(base / "harvester"), address)
    finally:
        serving.communicate("", timeout=60)
    new, again = ours["new"], ours["again"]
    taken = new["new"] + new["skipped"]
    figures = [
        {
            "figure": f"harvest {new['new']} new, {new['skipped']} doubles of {count}",
            "value": taken / new["seconds"], "unit": "rec/s", "ok": new["records"] == count and ours["works"] == new["new"],
            "peer": f"sickle iterating {peer['records']}", "peer_value": peer["records"] / peer["seconds"],
        },
        {
            "figure": f"the same again, {again['unchanged']} unchanged", "value": again["records"] / again["seconds"],
            "unit": "rec/s", "ok": again["new"] == again["changed"] == 0,
        },
        {
            "figure": "peak memory of the harvester", "value": ours["peak_mb"], "unit": "MB", "aim": LIMIT_MB,
            "peer": "before the first record", "peer_value": ours["before_mb"], "ok": ours["peak_mb"] <= LIMIT_MB,
        },
    ]  # fmt: skip
    return {"name": "Harvesting", "figures": figures}


def _child(role: str, *arguments: str) -> Any:
    command = [sys.executable, "-m", "benchmarks.library_harvest", "--be", role, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    return json.loads(done.stdout.strip().splitlines()[-1])


def be(role: str, arguments: list[str]) -> None:
    """Play one of the parts."""
    if role == "source":
        source(Path(arguments[0]), int(arguments[1]))
    elif role == "sickle":
        print(json.dumps(iterate(arguments[0])))
    else:
        print(json.dumps(harvest(Path(arguments[0]), arguments[1]), ensure_ascii=False))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=None, help="where the trial installations are made")
    parser.add_argument("--be", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.be:
        be(options.be[0], options.be[1:])
        return 0
    with tempfile.TemporaryDirectory(prefix="khcn-harvest-", dir=options.folder) as folder:
        result = run(options.count, Path(folder))
    from benchmarks.runner import report

    return report(result["name"], result["figures"], as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
