"""``make bench-programmes``: the opening rush, certificates, the calendar, lessons and training, beside their limits and peers, on SQLite and PostgreSQL."""

import sys

from benchmarks.runner import run_area

MODULES = [
    "benchmarks.programmes.rush",
    "benchmarks.programmes.certificates",
    "benchmarks.programmes.calendar",
    "benchmarks.programmes.lessons",
    "benchmarks.programmes.training",
]

if __name__ == "__main__":
    sys.exit(run_area(MODULES, __doc__))
