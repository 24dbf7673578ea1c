"""Search inside one process at 50,000 works of about 1,250 characters, beside raw tantivy and raw SQLite FTS5.

The works are real sentences of statutes, recombined (``benchmarks/corpus.py``). Three kinds of question are asked in
turn: two to four following words (as most people type), the same without marks, and whole sentences of 14 words.
A search of ours counts facets, marks snippets, filters by permission and looks for a better spelling; the raw peers
return ten numbers (``top 10``) or ten numbers with a snippet of their own (``+ snippet``).
"""

import argparse
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src")]

from benchmarks.corpus import documents, sample_queries, sentences  # noqa: E402
from khcn.engines.text.fold import fold  # noqa: E402
from khcn.engines.text.tokens import words  # noqa: E402

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIMIT_MS = 15.0
LIMIT_COMPLETE_MS = 50.0
LIMIT_MB = 250.0
LIMIT_SCALE = 3.0


def questions(count: int) -> list[str]:
    """Return a mix of short questions with marks, the same without, and long ones."""
    short = sample_queries(count)
    dice = random.Random(11)
    pool = sentences()
    long = [" ".join(words(dice.choice(pool))[:14]) for _ in range(count // 2)]
    mixed = [*short, *(fold(query) for query in short), *long]
    dice.shuffle(mixed)
    return mixed


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Return (p50, p95)."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]


def timed(act: Callable[[str], Any], asked: Sequence[str]) -> list[float]:
    """Return how long each took, in ms; the first ten are for warming up."""
    for query in asked[:10]:
        act(query)
    took = []
    for query in asked:
        start = time.perf_counter()
        act(query)
        took.append((time.perf_counter() - start) * 1000)
    return took


def build_ours(folder: Path, count: int) -> float:
    """Build our index; return works a second, everything from text to published."""
    from khcn.engines.text.collate import sort_key
    from khcn.library.search.tantivy_index import TantivyIndex
    from khcn.library.search.types import IndexDocument

    def works() -> Any:
        for number, row in enumerate(documents(count), start=1):
            issued = date.fromisoformat(row["issued"])
            yield IndexDocument(
                work_id=number, external_id=row["id"], title=row["title"], pages=((1, row["text"]),),
                title_key=sort_key(row["title"]), signature="1", kind=row["kind"], date=issued,
                facets={
                    "kind": (row["kind"],), "year": (str(issued.year),), "language": ("vi",),
                    "collection": (f"c{number % 12}",), "audience": (("pupils", "public")[number % 2],),
                    "subject": (f"s{number % 40}", f"s{number % 7}"), "issuing_body": (f"b{number % 25}",),
                    "validity": (("in_force", "expired")[number % 3 == 0],),
                },
                access=("public", "staff") if number % 20 else ("unit:5", "staff"),
            )  # fmt: skip

    sentences()
    index = TantivyIndex(folder)
    start = time.perf_counter()
    with index.rebuild_lock(), index.builder() as builder:
        builder.put(works())
        builder.commit(seq=1, history="bench")
        with index.writer_lock():
            builder.publish()
    took = time.perf_counter() - start
    index.refresh_vocabulary()
    return count / took


def read_ours(folder: Path, readers: int) -> dict[str, Any]:
    """Search in this process with ``readers`` threads; return figures (runs in a process of its own)."""
    from khcn.library.search.tantivy_index import TantivyIndex
    from khcn.library.search.types import SearchQuery

    index = TantivyIndex(folder)
    asked = questions(120)
    took: list[float] = []

    def read(part: Sequence[str]) -> None:
        took.extend(timed(lambda query: index.search(SearchQuery(query, NOW)), part))

    threads = [threading.Thread(target=read, args=(asked[number::readers],)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    public = frozenset({"public"})
    typed = [query[: random.Random(query).randint(2, len(query))] for query in sample_queries(150, seed=9)]
    completed = timed(lambda prefix: index.autocomplete(prefix, access=public, now=NOW), typed)
    smaps = Path("/proc/self/smaps_rollup").read_text()
    private = sum(int(kb) for kb in re.findall(r"^Private_\w+:\s+(\d+)", smaps, re.MULTILINE)) / 1024
    dirty = sum(int(kb) for kb in re.findall(r"^Private_Dirty:\s+(\d+)", smaps, re.MULTILINE)) / 1024
    return {
        "search": spread(took),
        "complete": spread(completed),
        "private": private,
        "dirty": dirty,
        "bytes": index.stats().bytes,
    }


def apart(*arguments: object) -> dict[str, Any]:
    """Run ``read_ours`` in a process of its own, so that its memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.library_speed", *map(str, arguments)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


# --- peers ---


def raw_tantivy(folder: Path, count: int) -> dict[str, tuple[float, float] | float]:
    """Measure tantivy as it comes: one stored text field, its default tokenizer."""
    import tantivy

    folder.mkdir()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=True)
    index = tantivy.Index(builder.build(), str(folder))
    start = time.perf_counter()
    writer = index.writer(96_000_000, 1)
    for row in documents(count):
        writer.add_document(tantivy.Document(body=row["text"]))
    writer.commit()
    writer.wait_merging_threads()
    build = count / (time.perf_counter() - start)
    index.reload()
    searcher, schema = index.searcher(), index.schema

    def top(query: str) -> None:
        parsed = index.parse_query(
            " ".join(words(query)), ["body"], conjunction_by_default=len(words(query)) < 6
        )
        _ = searcher.search(parsed, 10).hits

    def shown(query: str) -> None:
        parsed = index.parse_query(
            " ".join(words(query)), ["body"], conjunction_by_default=len(words(query)) < 6
        )
        snippets = tantivy.SnippetGenerator.create(searcher, parsed, schema, "body")
        for _, address in searcher.search(parsed, 10).hits:
            snippets.snippet_from_doc(searcher.doc(address)).to_html()

    asked = questions(120)
    return {"build": build, "top": spread(timed(top, asked)), "shown": spread(timed(shown, asked))}


def raw_fts5(path: Path, count: int) -> dict[str, tuple[float, float] | float]:
    """Measure SQLite FTS5 in a file, default tokenizer, ranked by bm25."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE VIRTUAL TABLE works USING fts5(body)")
    start = time.perf_counter()
    database.executemany("INSERT INTO works(body) VALUES (?)", ((row["text"],) for row in documents(count)))
    database.commit()
    build = count / (time.perf_counter() - start)

    def match(query: str) -> str:
        terms = [f'"{word}"' for word in words(query)]
        return (" " if len(terms) < 6 else " OR ").join(terms)

    def top(query: str) -> None:
        database.execute(
            "SELECT rowid FROM works WHERE works MATCH ? ORDER BY rank LIMIT 10", [match(query)]
        ).fetchall()

    def shown(query: str) -> None:
        database.execute(
            "SELECT rowid, snippet(works, 0, '<b>', '</b>', '…', 40) FROM works WHERE works MATCH ? "
            "ORDER BY rank LIMIT 10",
            [match(query)],
        ).fetchall()

    asked = questions(40)
    return {"build": build, "top": spread(timed(top, asked)), "shown": spread(timed(shown, asked))}


def row(figure: str, value: float, unit: str, aim: float | None = None, peer: str | None = None,
        peer_value: Any = None, *, least: bool = False) -> dict[str, Any]:  # fmt: skip
    """Return one line of the report; an aim is a limit, or with ``least`` a floor."""
    ok = None if aim is None else (value >= aim if least else value <= aim)
    return {
        "figure": figure, "value": round(value, 2), "unit": unit, "aim": aim,
        "peer": peer, "peer_value": None if peer_value is None else round(peer_value, 2), "ok": ok,
    }  # fmt: skip


def measure(count: int, large: int | None) -> list[dict[str, Any]]:
    """Build, search and compare."""
    home = Path(tempfile.mkdtemp(prefix="khcn-bench-"))
    try:
        ours = build_ours(home / "ours", count)
        one, two = (
            apart("--read", home / "ours", "--readers", 1),
            apart("--read", home / "ours", "--readers", 2),
        )
        tantivy = raw_tantivy(home / "tantivy", count)
        fts5 = raw_fts5(home / "fts5.sqlite3", count)
        label = f"{count} works"
        rows = [
            row(f"{label}: index build", ours, "docs/s", None, "raw tantivy", tantivy["build"]),
            row(f"{label}: index build", ours, "docs/s", None, "raw SQLite FTS5", fts5["build"]),
            row(f"{label}: index on disk", one["bytes"] / 1e6, "MB"),
        ]
        for at, quantile in enumerate(("p50", "p95")):
            aim = LIMIT_MS if quantile == "p95" else None
            for peer, figures in (("raw tantivy", tantivy), ("raw SQLite FTS5", fts5)):
                name = f"{label}: search, facets, snippets, 1 reader {quantile}"
                rows.append(row(name, one["search"][at], "ms", aim, f"{peer}, top 10", figures["top"][at]))
                rows.append(
                    row(name, one["search"][at], "ms", aim, f"{peer} + snippet", figures["shown"][at])
                )
            rows.append(row(f"{label}: the same, 2 readers {quantile}", two["search"][at], "ms"))
        rows += [
            row(f"{label}: autocomplete p95", one["complete"][1], "ms", LIMIT_COMPLETE_MS),
            row(f"{label}: private memory of a reading process", one["private"], "MB", LIMIT_MB),
            row(f"{label}: of which written to", one["dirty"], "MB"),
        ]
        if large:
            shutil.rmtree(home / "tantivy")
            build_ours(home / "large", large)
            big = apart("--read", home / "large", "--readers", 1)
            rows.append(
                row(f"{large} works: search p95", big["search"][1], "ms", None, label, one["search"][1])
            )
            scale = big["search"][1] / one["search"][1]
            rows.append(row(f"{large} works: search p95, times {label}", scale, "x", LIMIT_SCALE))
        return rows
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main(argv: list[str] | None = None) -> int:
    """Print a table, or with ``--json`` one JSON document."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--docs", type=int, default=50_000)
    parser.add_argument(
        "--large", type=int, help="also measure at this many works, e.g. 300000 (some minutes)"
    )
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--readers", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    os.environ.setdefault("KHCN_DATA_DIR", tempfile.mkdtemp(prefix="khcn-bench-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "khcn.config.settings"
    import django

    django.setup()
    if options.read:
        print(json.dumps(read_ours(options.read, options.readers)))
        return 0
    figures = measure(options.docs, options.large)
    from benchmarks.runner import report

    return report("library_speed", figures, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
