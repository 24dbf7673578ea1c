"""Text-layer PDF: pages a second and core of the whole pipeline, beside pypdfium2 alone in the same run.

The files are a generated law text of ``--pages`` pages and, when present, the real PDFs of the shared folder.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import pypdfium2 as pdfium

from benchmarks.documents_legacy import shared_folder
from benchmarks.documents_pages import page_lines, text_pdf
from khcn.engines.documents.pool import WorkerPool
from khcn.engines.documents.sandbox import extract_file

AIM = 200.0


def bare(path: Path) -> int:
    """Read every page's text with pypdfium2 and nothing else; returns the number of pages."""
    document = pdfium.PdfDocument(path)
    for page in document:
        textpage = page.get_textpage()
        textpage.get_text_range()
        textpage.close()
        page.close()
    count = len(document)
    document.close()
    return count


def measure(path: Path, pool: WorkerPool, rounds: int) -> tuple[int, float, float]:
    """Return pages and the best seconds of pipeline and of pypdfium2 alone, taken in turns."""
    pages = 0
    ours, alone = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        pages = len(extract_file(path, pool=pool).pages)
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        bare(path)
        alone.append(time.perf_counter() - start)
    return pages, min(ours), min(alone)


def main(argv: list[str] | None = None) -> int:
    """Print pages a second for each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shared")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    figures = []
    with tempfile.TemporaryDirectory() as folder, WorkerPool(size=1) as pool:
        generated = Path(folder) / "law.pdf"
        text_pdf(page_lines(options.pages), generated)
        pool.run("warm", generated, limits=_limits())
        legacy = shared_folder(options.shared) / "library" / "legacy" / "files"
        named: list[tuple[str, Path, float | None]] = [("generated law text, Unicode", generated, AIM)]
        if legacy.is_dir():
            named += [(f"{path.stem[:24]}..., TCVN3", path, None) for path in sorted(legacy.glob("*.pdf"))]
        for label, path, aim in named:
            pages, ours, alone = measure(path, pool, options.rounds)
            figures.append(
                {
                    "figure": f"PDF text, {label} ({pages} p.)",
                    "value": round(pages / ours, 1),
                    "unit": "pages/s",
                    "aim": aim,
                    "peer": "pypdfium2 alone",
                    "peer_value": round(pages / alone, 1),
                    "ok": None if aim is None else pages / ours >= aim,
                }
            )
    if options.json:
        print(json.dumps({"name": "documents_pdf", "figures": figures}, ensure_ascii=False))
    else:
        for row in figures:
            ratio = row["value"] / row["peer_value"]
            print(
                f"{row['figure']:64} {row['value']:8} pages/s  pypdfium2 {row['peer_value']:8}  ratio {ratio:.2f}"
            )
    return 0


def _limits():  # type: ignore[no-untyped-def]  # a benchmark's helper
    from khcn.engines.documents.types import Limits

    return Limits()


if __name__ == "__main__":
    sys.exit(main())
