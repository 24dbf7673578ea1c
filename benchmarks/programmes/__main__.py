"""``make bench-programmes``: the opening rush, certificates and the calendar, beside their limits and peers, on SQLite and PostgreSQL."""

import sys

from benchmarks.runner import run_area

MODULES = [
    "benchmarks.programmes.rush",
    "benchmarks.programmes.certificates",
    "benchmarks.programmes.calendar",
]

if __name__ == "__main__":
    sys.exit(run_area(MODULES, __doc__))
