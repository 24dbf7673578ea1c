"""OCR: seconds a page and core, and marks right, on pages rendered and degraded here.

Clean: 200 dpi. Degraded: 150 dpi, 0.6 degrees of skew, blur, noise, JPEG 45. The peer is ``tesseract -l vie`` called
on the same images by hand, one thread, in the same run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from benchmarks.documents_marks import Marks, score_marks
from benchmarks.documents_pages import degraded, draw_page, page_lines, scan_pdf
from benchmarks.runner import figure
from khcn.engines.documents.pool import WorkerPool, available_cores
from khcn.engines.documents.sandbox import extract_file
from khcn.engines.documents.tools import ocr_ready
from khcn.engines.documents.types import OcrOptions

SECONDS_AIM = 1.2


def main(argv: list[str] | None = None) -> int:
    """Print marks right and seconds a page for clean and degraded pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=6, help="pages of each kind")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args(argv)
    if not ocr_ready():
        print("documents_ocr: tesseract with Vietnamese is missing; skipped", file=sys.stderr)
        if options.json:
            print(json.dumps({"name": "documents_ocr", "figures": []}))
        return 0
    figures: list[dict[str, object]] = []
    pages = page_lines(options.pages)
    with tempfile.TemporaryDirectory() as folder, WorkerPool() as pool:
        for font, label, dpi, aim, spoil in (
            ("serif", "Noto Serif, clean 200 dpi", 200, 0.998, None),
            ("serif", "Noto Serif, degraded 150 dpi", 150, 0.98, degraded),
            # Its a without a bow is read as o by every tesseract model: printed, not aimed at.
            ("sans", "Be Vietnam Pro, clean 200 dpi", 200, None, None),
        ):
            texts, images = _draw(pages, font, dpi, spoil)
            target = Path(folder) / "scan.pdf"
            scan_pdf(images, target, dpi)
            figures += _measure(label, aim, target, texts, images, pool, options.show)
    if options.json:
        print(json.dumps({"name": "documents_ocr", "figures": figures}, ensure_ascii=False))
    else:
        for row in figures:
            print(
                f"{row['figure']!s:44} {row['value']:>9} {row['unit']!s:8} aim {row['aim']}  {row['peer']} {row['peer_value']}"
            )
    return 0


def _draw(
    pages: list[list[str]], font: str, dpi: int, spoil: Callable[[Image.Image, int], Image.Image] | None
) -> tuple[list[str], list[Image.Image]]:
    texts: list[str] = []
    images: list[Image.Image] = []
    for lines in pages:
        image = draw_page(lines, dpi, font)
        images.append(spoil(image, len(images)) if spoil else image)
        texts.append("\n".join(lines))
    return texts, images


def _measure(
    label: str,
    aim: float,
    target: Path,
    texts: list[str],
    images: list[Image.Image],
    pool: WorkerPool,
    show: int,
) -> list[dict[str, object]]:
    start = time.perf_counter()
    extraction = extract_file(target, pool=pool, ocr=OcrOptions(jobs=1))
    alone = (time.perf_counter() - start) / len(texts)
    start = time.perf_counter()
    extract_file(target, pool=pool)
    together = (time.perf_counter() - start) / len(texts)
    marks = _marks(texts, [page.text for page in extraction.pages], show)
    peer_texts, peer_seconds = _by_hand(images)
    peer = _marks(texts, peer_texts, 0)
    return [
        _figure(
            f"OCR {label}, marks right",
            marks.share,
            "share",
            aim,
            peer.share,
            None if aim is None else marks.share >= aim,
        ),
        _figure(
            f"OCR {label}, one page at a time",
            alone,
            "s/page",
            aim and SECONDS_AIM,
            peer_seconds,
            None if aim is None else alone <= SECONDS_AIM,
        ),
        _figure(f"OCR {label}, {available_cores()} cores", together, "s/page", None, peer_seconds, None),
    ]


def _figure(
    name: str, value: float, unit: str, aim: float | None, peer: float, ok: bool | None
) -> dict[str, object]:
    known = {"aim": aim, "peer": "tesseract -l vie by hand", "peer_value": round(peer, 5), "ok": ok}
    return figure(name, round(value, 5), unit, **known)


def _marks(references: list[str], texts: list[str], show: int) -> Marks:
    total = Marks()
    for reference, text in zip(references, texts, strict=True):
        marks = score_marks(reference, text)
        total.add(marks)
        for wanted, found in marks.examples[:show]:
            print(f"  - {wanted}\n  + {found}", file=sys.stderr)
    return total


def _by_hand(images: list[Image.Image]) -> tuple[list[str], float]:
    texts = []
    seconds = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for index, image in enumerate(images):
            path = Path(folder) / f"{index}.png"
            image.save(path)
            start = time.perf_counter()
            done = subprocess.run(
                ["tesseract", str(path), "stdout", "-l", "vie"],
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )
            seconds += time.perf_counter() - start
            texts.append(done.stdout)
    return texts, seconds / len(images)


if __name__ == "__main__":
    sys.exit(main())
