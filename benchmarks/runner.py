"""Runs the benchmarks of one area and prints every figure beside its aim and its peer.

Each benchmark is a module of its own, run in a process of its own, that prints a table and with ``--json`` one JSON
document ``{"name", "figures": [{"figure", "value", "unit", "aim", "peer", "peer_value", "ok"}]}`` as its last line.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence


def shown(value: object) -> str:
    """Return a value for the table."""
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"
    return "-" if value is None else str(value)


def print_figures(figures: list[dict[str, object]]) -> None:
    """Print one line a figure: value, aim, peer, verdict."""
    for row in figures:
        verdict = {True: "reached", False: "SHORT", None: ""}[row.get("ok")]  # type: ignore[index]
        unit = str(row.get("unit", ""))
        print(
            f"  {row['figure']!s:<58} {shown(row['value']):>9} {unit:<8} aim {shown(row.get('aim')):>9}  "
            f"{row.get('peer') or '':<34} {shown(row.get('peer_value')):>9}  {verdict}",
            flush=True,
        )


def figure(name: str, value: float, unit: str, **rest: object) -> dict[str, object]:
    """Return one row of a report; what is not named in ``rest`` (aim, peer, peer_value, ok) is not known."""
    row: dict[str, object] = {"figure": name, "value": value, "unit": unit}
    return row | {"aim": None, "peer": None, "peer_value": None, "ok": None} | rest


def report(name: str, figures: list[dict[str, object]], *, as_json: bool) -> int:
    """Print the figures of one benchmark as a table or as one JSON document; return the exit status."""
    if as_json:
        print(json.dumps({"name": name, "figures": figures}, ensure_ascii=False))
    else:
        print_figures(figures)
    return 0


def run_area(modules: Sequence[str], description: str | None, argv: list[str] | None = None) -> int:
    """Run all or the named benchmarks of an area; return the exit status."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("only", nargs="*", help="part of a module name, e.g. relevance")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    wanted = [name for name in modules if not options.only or any(part in name for part in options.only)]
    results, broken = [], 0
    for name in wanted:
        start = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", name, "--json"], stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            broken += 1
            print(f"{name}: failed with status {done.returncode}", file=sys.stderr, flush=True)
            continue
        result = json.loads(done.stdout.strip().splitlines()[-1])
        results.append(result)
        if not options.json:
            print(f"{result['name']} ({time.monotonic() - start:.0f} s)", flush=True)
            print_figures(result["figures"])
    if options.json:
        print(json.dumps(results, ensure_ascii=False))
    return 1 if broken else 0
