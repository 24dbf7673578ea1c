"""The ways to read a question, from strict to loose; the first that finds enough is taken. Same for every backend."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from khcn.library.search.analysis import ParsedQuery

# A short question with fewer hits than this is also answered with works that hold most of its words.
_ENOUGH: Final = 10
# How many words of a question of 1, 2, ... words a work must hold at least, when works with all of them are few.
_LEAST: Final = {1: 1, 2: 2, 3: 2, 4: 3, 5: 3}


class Words(StrEnum):
    """Which words of a question a work must hold."""

    ALL = "all"
    MOST = "most"  # at least ``least``; works with all of them come first
    ANY = "any"  # ranked by how many match and how rare they are


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a question. Not ``strict``: quoted phrases only add to the score."""

    words: Words
    least: int = 1
    strict: bool = True


def readings(parsed: ParsedQuery) -> Iterator[Reading]:
    """Yield the readings of a question, the strictest first."""
    if parsed.only_phrases and parsed.phrases:
        yield Reading(Words.ALL)
        return
    if parsed.short:
        yield Reading(Words.ALL)
        for least in dict.fromkeys((_LEAST[len(parsed.terms)], 1)):
            yield Reading(Words.MOST, least)
        if parsed.phrases:
            yield Reading(Words.MOST, 1, strict=False)
        return
    yield Reading(Words.ANY)
    if parsed.phrases:
        yield Reading(Words.ANY, strict=False)


def is_enough(parsed: ParsedQuery, reading: Reading, total: int) -> bool:
    """Tell whether ``total`` works under this reading are an answer, or the next reading should be tried."""
    if reading.words is not Words.ALL:
        return total > 0
    all_needed = bool(parsed.phrases) or _LEAST.get(len(parsed.terms)) == len(parsed.terms)
    return total >= _ENOUGH or (total > 0 and all_needed)
