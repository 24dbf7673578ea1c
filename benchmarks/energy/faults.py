"""Faults in rows: labelled development files, real sound inverters and made-up files, beside pvanalytics' own functions.

Files come from the development data (``KHCN_SHARED``, default ``../shared``); without it only made-up files count.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.runner import print_figures
from khcn.engines.energy.faults.rows import RowFaults, find_faults
from khcn.engines.energy.faults.survey import survey
from khcn.engines.energy.table.reader import read_table
from khcn.engines.energy.table.times import read_times

KINDS = ("stale", "interpolated", "clipping", "outlier")
LABELLED = (
    ("stale", "ac_power_inv_2173_stale_data.csv", "stale_data_mask"),
    ("interpolated", "ac_power_inv_2173_interpolated_data.csv", "interpolated_data_mask"),
    ("clipping", "ac_power_inv_7539.csv", "label"),
)


def rates(found: Iterable[int], truth: Iterable[int]) -> tuple[float, float]:
    """Precision and recall of row numbers."""
    rows, real = set(found), set(truth)
    right = len(rows & real)
    return right / len(rows) if rows else 1.0, right / len(real) if real else 1.0


def peer(kind: str, ms: np.ndarray, values: np.ndarray) -> list[int]:
    """What pvanalytics says with its defaults."""
    import pandas as pd
    from pvanalytics.features import clipping
    from pvanalytics.quality import gaps

    series = pd.Series(values, pd.to_datetime(ms, unit="ms", utc=True))
    if kind == "stale":
        mask = gaps.stale_values_diff(series)
    elif kind == "interpolated":
        mask = gaps.interpolation_diff(series)
    else:
        mask = clipping.geometric(series, freq="15min")
    return [int(row) for row in np.flatnonzero(mask.to_numpy())]


def labelled(folder: Path) -> list[dict[str, object]]:
    """Figures of the labelled files: the fault itself, and rows of other kinds called by mistake."""
    figures: list[dict[str, object]] = []
    for kind, name, label in LABELLED:
        table = read_table(folder / "pvanalytics" / name)
        times, values = read_times(table, "timestamp", zone="UTC"), table.numbers("value_normalized")
        truth = [row for row, text in enumerate(table.text(label)) if text.lower() == "true"]
        found = find_faults(times.ms, values, times.valid)
        precision, recall = rates(getattr(found, kind), truth)
        other, seen = rates(peer(kind, times.ms, values), truth)
        stray = sum(len(getattr(found, one)) for one in KINDS if one != kind) + len(found.shifts)
        figures += [
            row(f"{kind}: precision", precision, 0.95, other), row(f"{kind}: recall", recall, 0.95, seen),
            {"figure": f"{kind}: other faults called", "value": stray, "unit": "", "aim": 0, "ok": stray == 0},
        ]  # fmt: skip
    return figures


def row(name: str, value: float, aim: float, beside: float | None = None) -> dict[str, object]:
    """One figure that must reach its aim."""
    said = {"peer": "pvanalytics defaults", "peer_value": beside} if beside is not None else {}
    return {"figure": name, "value": value, "unit": "", "aim": aim, "ok": value >= aim, **said}


def sound(folder: Path) -> list[dict[str, object]]:
    """Rows called faulty in a real inverter without limit, sentinels aside."""
    table = read_table(folder / "sdt" / "TAEFC1044741.csv")
    times, values = read_times(table, "ts", zone="UTC"), table.numbers("meas_val_f")
    started = time.perf_counter()
    found = find_faults(times.ms, values, times.valid)
    took = time.perf_counter() - started
    called = (
        sum(len(getattr(found, kind)) for kind in KINDS) - int((values < -1000).sum()) + len(found.shifts)
    )
    return [
        {
            "figure": "real sound inverter: rows called",
            "value": called,
            "unit": "",
            "aim": 0,
            "ok": called == 0,
        },
        {"figure": "34,582 rows", "value": took, "unit": "s", "aim": 5.0, "ok": took < 5.0},
    ]


def made_up() -> list[dict[str, object]]:
    """Figures of made-up files and sites (``tests/engines/energy/faults``)."""
    from tests.engines.energy.faults.sites import matched, population, site_of
    from tests.engines.energy.faults.sun import System, make, with_lines, with_outliers, with_stale

    systems = [System(seed=seed, step=step, days=30) for seed, step in enumerate((5, 15, 15, 30, 60), 200)]
    makers = {
        "stale": lambda one: with_stale(make(one), one.seed),
        "interpolated": lambda one: with_lines(make(one), one.seed, lengths=(max(12, 240 // one.step), 90)),
        "clipping": lambda one: make(replace(one, limit=0.55 * one.kwp)),
        "outlier": lambda one: with_outliers(make(one), one.seed),
    }
    figures = []
    for kind, maker in makers.items():
        cases = [maker(one) for one in systems]
        found: list[RowFaults] = [find_faults(case.ms, case.values) for case in cases]
        pairs = [rates(getattr(one, kind), case.truth[kind]) for one, case in zip(found, cases, strict=True)]
        figures.append(
            row(f"made up, {kind}: least of precision and recall", min(min(pair) for pair in pairs), 0.9)
        )
    right = wrong = missed = 0
    for _, one in population(54, seed=9000):
        left = survey(site_of(one))
        for truth in one.truth:
            hits = [finding for finding in left if matched(truth, finding)]
            right, missed = right + bool(hits), missed + (not hits)
            left = [finding for finding in left if finding not in hits[:1]]
        wrong += len(left)
    figures.append(row("54 made-up sites: precision of findings", right / max(right + wrong, 1), 0.95))
    figures.append(row("54 made-up sites: recall of findings", right / max(right + missed, 1), 0.95))
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = Path(os.environ.get("KHCN_SHARED", "../shared")).resolve() / "data" / "energy"
    figures: list[dict[str, object]] = []
    if folder.is_dir():
        figures += labelled(folder) + sound(folder)
    else:
        print(f"no development cases at {folder}: set KHCN_SHARED", file=sys.stderr)
    figures += made_up()
    if options.json:
        print(json.dumps({"name": "faults in readings", "figures": figures}))
    else:
        print_figures(figures)


if __name__ == "__main__":
    main()
