"""What the PostgreSQL index stores of a work, and the ``tsquery`` texts for a question.

A ``tsvector`` holds both forms of every word: the folded one plain, the exact one with "=" before it, and a pair of
neighbours joined by "_". Title words have weight A, those of abstract, subjects and creators B, the text D.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from khcn.engines.text.fold import fold, normalize
from khcn.engines.text.tokens import words
from khcn.library.search.analysis import ParsedQuery, Term, word_pairs
from khcn.library.search.types import IndexDocument
from khcn.library.search.vocabulary import Vocabulary

# PostgreSQL's own limits: positions end at 16,383, a vector at 1 MB.
_LAST_POSITION: Final = 16_383
_MOST_POSITIONS: Final = 24
# Beyond this many words a work's pairs would not fit in its vector.
_PAIRS_UP_TO: Final = 20_000
_LONGEST_WORD: Final = 80
_BUCKETS: Final = 4

_FOLDED_BESIDE_EXACT: Final = 0.3
_EXACT: Final = 0.7
_PAIR: Final = 0.4


class VectorBuilder:
    """Collects words with positions and writes the text form of a ``tsvector``."""

    def __init__(self) -> None:
        self._positions: dict[str, list[str]] = {}
        self._at = 0
        self.words = 0

    def add(self, text: str, weight: str, *, pairs: bool = True) -> None:
        """Add a stretch of text; a phrase does not run from one stretch into the next."""
        exact = words(normalize(text).lower())
        folded = [fold(form) for form in exact]
        for form, plain in zip(exact, folded, strict=True):
            self._at += 1
            self._put(plain, weight)
            self._put(f"={form}", weight)
        if pairs:
            for pair in word_pairs(folded):
                self._positions.setdefault(pair, [])
        self.words += len(exact)
        self._at += 2

    def _put(self, lexeme: str, weight: str) -> None:
        places = self._positions.setdefault(lexeme, [])
        if self._at <= _LAST_POSITION and len(places) < _MOST_POSITIONS:
            places.append(f"{self._at}{weight}")

    def text(self) -> str:
        """Return the text form."""
        return " ".join(
            f"'{lexeme}':{','.join(places)}" if places else f"'{lexeme}'"
            for lexeme, places in self._positions.items()
            if len(lexeme) <= _LONGEST_WORD
        )


def work_vector(source: IndexDocument) -> VectorBuilder:
    """Return the vector of a whole work."""
    builder = VectorBuilder()
    builder.add(source.title, "A")
    for text in (source.number, source.abstract, *source.subjects, *source.creators, source.issuing_body):
        builder.add(text, "B")
    body = "\n".join(text for _, text in source.pages)
    builder.add(body, "", pairs=body.count(" ") <= _PAIRS_UP_TO)
    return builder


def passage_vector(text: str) -> str:
    """Return the vector of one passage."""
    builder = VectorBuilder()
    builder.add(text, "")
    return builder.text()


# --- questions ---


@dataclass(frozen=True, slots=True)
class Scale:
    """How much rare words count: from the vocabulary, because ``ts_rank`` knows no document frequencies."""

    vocabulary: Vocabulary | None

    def folded(self, folded: str) -> float:
        """Return the weight of a folded word."""
        forms = self.vocabulary.unigrams.get(folded, ()) if self.vocabulary else ()
        return self._of(sum(count for _, count in forms))

    def exact(self, term: Term) -> float:
        """Return the weight of a word with its marks."""
        forms = self.vocabulary.unigrams.get(term.folded, ()) if self.vocabulary else ()
        return self._of(dict(forms).get(term.form, 0.0))

    def _of(self, count: float) -> float:
        total = self.vocabulary.total if self.vocabulary else 0.0
        return math.log(1.0 + (total / 100.0 + 1.0) / (count + 0.5))


def quoted(lexeme: str) -> str:
    """Return a lexeme as ``tsquery`` text. Words hold letters and digits only, so nothing needs escaping."""
    return f"'{lexeme}'"


def usable(terms: Iterable[Term]) -> list[Term]:
    """Return the terms that a vector can hold."""
    return [term for term in terms if len(term.form) < _LONGEST_WORD]


def any_query(lexemes: Iterable[str]) -> str:
    """Return the ``tsquery`` "any of these"."""
    return " | ".join(quoted(lexeme) for lexeme in lexemes)


def all_query(lexemes: Iterable[str]) -> str:
    """Return the ``tsquery`` "all of these"."""
    return " & ".join(quoted(lexeme) for lexeme in lexemes)


def phrase_query(phrase: Sequence[Term]) -> str:
    """Return the ``tsquery`` for a quoted run: with marks when typed with marks throughout."""
    phrase = usable(phrase)
    if all(term.exact for term in phrase):
        return " <-> ".join(quoted(f"={term.form}") for term in phrase)
    run = " <-> ".join(quoted(term.folded) for term in phrase)
    return " & ".join([f"({run})", *(quoted(f"={term.form}") for term in phrase if term.marked)])


def rank_buckets(parsed: ParsedQuery, scale: Scale) -> list[tuple[float, str]]:
    """Return up to four ``(weight, tsquery)``, so that a score needs four calls of ``ts_rank`` and not forty.

    ``ts_rank`` divides by the number of words in the query; the weights undo that.
    """
    weighted: list[tuple[float, str]] = []
    for term in usable(parsed.terms):
        share = _FOLDED_BESIDE_EXACT if term.exact else 1.0
        weighted.append((share * scale.folded(term.folded), term.folded))
        if term.exact:
            weighted.append((_EXACT * scale.exact(term), f"={term.form}"))
    rarest = {term.folded: scale.folded(term.folded) for term in parsed.terms}
    for pair in parsed.pairs:
        first, _, second = pair.partition("_")
        # A pair is at least as rare as its rarer half.
        weighted.append((_PAIR * (1.5 + max(rarest.get(first, 1.0), rarest.get(second, 1.0))), pair))
    weighted.sort(reverse=True)
    return list(_even_buckets(weighted))


def _even_buckets(weighted: Sequence[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    size = max(1, -(-len(weighted) // _BUCKETS))
    for at in range(0, len(weighted), size):
        part = weighted[at : at + size]
        yield sum(weight for weight, _ in part), any_query(lexeme for _, lexeme in part)
