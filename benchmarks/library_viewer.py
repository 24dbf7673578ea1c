"""The viewer: a page of a document of 1,000 pages, first and again, with boxes and without; the share of hits with a box.

The peer of a page with a question is the same page without one, in the same run. Hits are pairs of neighbouring words
taken from the text of pages; one counts when every one of its words has a box. Scans are recognised in this run.
"""

import argparse
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.documents_pages import degraded, draw_page, page_lines, scan_pdf, text_pdf
from benchmarks.runner import figure, report

PAGES = 1_000
AIM_MS = 250.0
AIM_SHARE = 0.98
_PAIR = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}")


def prepare(folder: Path) -> None:
    """Start the project on an empty database in ``folder``."""
    os.environ["KHCN_DATA_DIR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "khcn.config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    call_command("migrate", verbosity=0)
    setup_test_environment()


def take_in(path: Path, title: str) -> Any:
    """Bring a PDF into the library as the pipeline does, published and indexed."""
    from django.utils import timezone

    from khcn.engines.text.collate import sort_key
    from khcn.library.models import Work, WorkFile
    from khcn.library.pipeline.steps import fingerprint, read_options, read_source
    from khcn.library.pipeline.types import Failure, Source
    from khcn.library.search.changes import index_drain, index_enqueue
    from khcn.library.services.pages import pages_write

    options, now = read_options(), timezone.now()
    source = Source(path, path.name)
    reading = read_source(source, fingerprint(source, options.limits), options)
    if isinstance(reading, Failure):
        raise SystemExit(f"{path.name}: {reading.message}")
    work = Work.objects.create(
        title=title, slug="tai-lieu", sort_key=sort_key(title), state="published", published_at=now,
        created_at=now, updated_at=now,
    )  # fmt: skip
    mark = reading.fingerprint
    file = WorkFile.objects.create(
        work=work, sha256=mark.sha256, original_name=path.name, kind=mark.kind, mime=mark.mime,
        size_bytes=mark.size_bytes, has_thumbnail=reading.has_thumbnail, added_at=now,
    )  # fmt: skip
    pages_write(work, file=file, pages=reading.pages, now=now)
    Work.objects.filter(pk=work.pk).update(state="published", sensitive=False)
    work.refresh_from_db()
    index_enqueue([work.pk])
    index_drain()
    return work


def timed(client: Any, addresses: Sequence[str]) -> list[float]:
    """Return the milliseconds of each request."""
    found = []
    for address in addresses:
        start = time.perf_counter()
        response = client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        found.append((time.perf_counter() - start) * 1000)
        if response.status_code != 200 or not body:
            raise SystemExit(f"{address}: {response.status_code}")
    return found


def p95(values: Sequence[float]) -> float:
    """Return the 95th of a hundred."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def questions(work: Any, numbers: Sequence[int], dice: random.Random) -> dict[int, str]:
    """Return two neighbouring words from the text of each page."""
    found = {}
    for number, text in work.pages.filter(number__in=list(numbers)).values_list("number", "text"):
        pairs = _PAIR.findall(text)
        if pairs:
            found[number] = dice.choice(pairs)
    return found


def speed(work: Any, rounds: int) -> list[dict[str, object]]:
    """Time pages of a long document."""
    from django.test import Client
    from django.urls import reverse

    from khcn.library.tables.results import page_url

    client, dice = Client(), random.Random(7)
    first = timed(client, [page_url(work, 1)])[0]
    picture = timed(client, [reverse("library:page-image", args=[work.pk, 1, 900])])[0]
    numbers = dice.sample(range(2, work.page_count), rounds)
    asked = questions(work, numbers, dice)
    plain = timed(client, [page_url(work, number) for number in asked])
    fresh = timed(client, [page_url(work, number, query=text) for number, text in asked.items()])
    again = timed(client, [page_url(work, number, query=text) for number, text in asked.items()])
    manifest = timed(client, [reverse("library:iiif-manifest", args=[work.pk])] * 3)
    answers = timed(
        client, [reverse("library:iiif-search", args=[work.pk]) + f"?q={text}" for text in asked.values()]
    )
    base = p95(plain)
    return [
        figure("first page view of all, sizes of 1,000 pages read", first, "ms", aim=1000.0, ok=first <= 1000),
        figure("its picture, 900 px, made", picture, "ms"),
        figure("a page, p95", base, "ms", aim=AIM_MS, ok=base <= AIM_MS),
        figure("with hits and boxes, boxes made, p95", p95(fresh), "ms", peer="the page without a question", peer_value=base),
        figure("with hits and boxes, kept, p95", p95(again), "ms", aim=AIM_MS, peer="the page without a question",
               peer_value=base, ok=p95(again) <= AIM_MS),
        figure("IIIF manifest of 1,000 canvases", min(manifest), "ms"),
        figure("IIIF search, p95", p95(answers), "ms"),
    ]  # fmt: skip


def share(work: Any, numbers: Sequence[int]) -> tuple[float, int]:
    """Return the share of hits on these pages all of whose words have a box, and the number of hits."""
    from khcn.library.models import Page
    from khcn.library.sheets import words_of
    from khcn.library.tables.reader import Marks

    dice = random.Random(11)
    boxed = total = 0
    for page in Page.objects.filter(work=work, number__in=list(numbers)).select_related("file"):
        words = words_of(page, patient=True)
        for pair in dice.sample(pairs, min(40, len(pairs))) if (pairs := _PAIR.findall(page.text)) else ():
            for hit in Marks.of(page.text, f'"{pair}"').hits:
                total += 1
                boxed += words is not None and all(words.boxes(*span) for span in hit.spans)
    return boxed / max(1, total), total


def run(pages: int = PAGES, rounds: int = 60, scans: int = 4) -> list[dict[str, object]]:
    """Return the figures."""
    from khcn.engines.documents.tools import ocr_ready

    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="khcn-bench-") as name:
        folder = Path(name)
        prepare(folder / "data")
        lines = page_lines(max(pages, scans))
        text_pdf(lines[:pages], folder / "long.pdf")
        work = take_in(folder / "long.pdf", "Tài liệu dài")
        rows += speed(work, min(rounds, pages - 2))
        found, hits = share(work, range(1, min(pages, 60) + 1))
        rows.append(
            figure(
                f"hits with a box, generated PDF ({hits} hits)",
                found,
                "",
                aim=AIM_SHARE,
                ok=found >= AIM_SHARE,
            )
        )
        for label, dpi, spoil in (("clean", 200, None), ("degraded", 150, degraded)):
            if not ocr_ready("vie"):
                print("library_viewer: tesseract with Vietnamese is missing, scans left out", file=sys.stderr)
                break
            images = [draw_page(page, dpi) for page in lines[:scans]]
            images = [spoil(image, at) for at, image in enumerate(images)] if spoil else images
            scan_pdf(images, folder / f"{label}.pdf", dpi)
            found, hits = share(take_in(folder / f"{label}.pdf", label), range(1, scans + 1))
            rows.append(figure(f"hits with a box, {label} scan ({hits} hits)", found, ""))
    return rows


def main(argv: list[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    return report("library_viewer", run(options.pages), as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
