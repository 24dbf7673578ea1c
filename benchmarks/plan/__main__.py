"""``make bench-plan``: consolidation, leadership page, report form and documents of a city, beside their limits, on SQLite and PostgreSQL."""

import sys

from benchmarks.runner import run_area

MODULES = ["benchmarks.plan.rolls", "benchmarks.plan.pages"]

if __name__ == "__main__":
    sys.exit(run_area(MODULES, __doc__))
