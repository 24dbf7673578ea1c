"""``make bench-library``: every figure of the library beside its aim and its peer, measured in one run."""

import sys

from benchmarks.runner import run_area

MODULES = [
    "benchmarks.library_relevance",
    "benchmarks.library_speed",
    "benchmarks.documents_pdf",
    "benchmarks.documents_ocr",
    "benchmarks.documents_legacy",
    "benchmarks.library_http",
    "benchmarks.library_legal",
    "benchmarks.library_bots",
    "benchmarks.library_export",
    "benchmarks.library_viewer",
    "benchmarks.library_api",
    "benchmarks.library_oai",
    "benchmarks.library_harvest",
    "benchmarks.library_cite",
    "benchmarks.library_catalogue",
]

if __name__ == "__main__":
    sys.exit(run_area(MODULES, __doc__))
