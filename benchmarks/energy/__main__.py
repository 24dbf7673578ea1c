"""``make bench-energy``: every figure of the energy programme beside its aim and its peer, measured in one run."""

import sys

from benchmarks.runner import run_area

MODULES = [
    "benchmarks.energy.planner",
    "benchmarks.energy.kpis",
    "benchmarks.energy.faults",
    "benchmarks.energy.ingest",
    "benchmarks.energy.pages",
    "benchmarks.energy.collector",
]

if __name__ == "__main__":
    sys.exit(run_area(MODULES, __doc__))
