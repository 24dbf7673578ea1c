"""``make bench-markets``: every figure of the market halls beside its aim and its peer, measured in one run."""

import sys

from benchmarks.runner import run_area

MODULES = [
    "benchmarks.markets.accuracy",
    "benchmarks.markets.detectors",
    "benchmarks.markets.cost",
    "benchmarks.markets.ingest",
    "benchmarks.markets.pages",
    "benchmarks.markets.forecast",
]

if __name__ == "__main__":
    sys.exit(run_area(MODULES, __doc__))
