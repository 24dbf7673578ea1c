"""How a text becomes the forms that are indexed, and a question the parts that are looked up. Same for every
backend.

Every text is indexed in two forms, exact (NFC, lower case, one tone placement) and folded (no marks, đ as d),
and as pairs of neighbouring folded syllables: most Vietnamese words have two syllables, and without marks a
pair tells "khoa học" from "khóa" and "hóc". On XQuAD-vi without marks the pairs lift MRR from 0.919 to 0.95
(``benchmarks/library_relevance.py``).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from khcn.engines.text.fold import fold, normalize
from khcn.engines.text.numbers import (
    DocumentNumber,
    NumberQuery,
    find_document_numbers,
    number_index_keys,
    number_key,
    parse_document_number,
    query_numbers,
)
from khcn.engines.text.tokens import words
from khcn.library.search.types import IndexDocument

MAX_QUERY_CHARS: Final = 600
MAX_QUERY_TERMS: Final = 40
# Up to this many words a question is read as "all of these", beyond it as "as many of these as possible".
SHORT_QUERY_TERMS: Final = 5
# A work whose text is longer than this keeps it in passages of their own, each with its page number.
PASSAGE_CHARS: Final = 4000

_QUOTED = re.compile(r"[\"“”«»„]([^\"“”«»„]*)[\"“”«»„]")
# What parts words, for ``str.translate``: three times as fast as finding the words by a pattern.
_GAPS: Final = {code: " " for code in range(0x3000) if not chr(code).isalnum()}
_BREAK = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class TextForms:
    """The indexed forms of one text: ``exact`` and ``folded`` are texts, ``pairs`` are ready tokens."""

    exact: str
    folded: str
    pairs: str


def text_forms(text: str) -> TextForms:
    """Return the forms of ``text``."""
    exact = normalize(text).lower()
    folded = fold(exact)
    return TextForms(exact, folded, " ".join(word_pairs(folded.translate(_GAPS).split())))


def word_pairs(folded: Sequence[str]) -> Iterator[str]:
    """Return the pairs of neighbours as tokens: "khoa hoc moi" -> khoa_hoc, hoc_moi."""
    return map("_".join, pairwise(folded))


def number_keys(document: IndexDocument) -> tuple[str, ...]:
    """Return the keys under which a work is found by number: its own, or those that stand in its title.

    A number of its own also stands there with a sign of its own, so that the document that bears a number comes
    before an article that speaks of it.
    """
    if document.number:
        number = parse_document_number(document.number)
        keys = number_index_keys(number) if number else (number_key(document.number),)
        return (*keys, *(own_number(key) for key in keys))
    found: list[DocumentNumber] = [match.number for match in find_document_numbers(document.title)]
    return tuple(dict.fromkeys(key for number in found[:1] for key in number_index_keys(number)))


def own_number(key: str) -> str:
    """Return the form of a key that only the document bearing the number has."""
    return f"={key}"


def passages(pages: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Cut pages into passages of at most ``PASSAGE_CHARS`` characters at spaces; each keeps its page
    number."""
    result: list[tuple[int, str]] = []
    for number, text in pages:
        at = 0
        while len(text) - at > PASSAGE_CHARS:
            end = at + PASSAGE_CHARS
            spaces = [match.start() for match in _BREAK.finditer(text, end - 400, end)]
            cut = spaces[-1] if spaces else end
            result.append((number, text[at:cut]))
            at = cut
        if text[at:].strip():
            result.append((number, text[at:]))
    return result


def is_short(document: IndexDocument) -> bool:
    """Tell whether the whole text is one passage."""
    filled = [text for _, text in document.pages if text.strip()]
    return len(filled) <= 1 and sum(map(len, filled)) <= PASSAGE_CHARS


# --- questions ---


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a question. ``marked``: it was typed with marks. ``exact``: compare marks too."""

    folded: str
    form: str
    marked: bool
    exact: bool


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A question, read. ``phrases`` are the quoted runs of words, which must occur as they stand."""

    text: str
    terms: tuple[Term, ...]
    pairs: tuple[str, ...]
    phrases: tuple[tuple[Term, ...], ...]
    numbers: tuple[NumberQuery, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.terms

    @property
    def short(self) -> bool:
        """Whether all words are expected in a hit."""
        return len(self.terms) <= SHORT_QUERY_TERMS

    @property
    def only_phrases(self) -> bool:
        """Whether the question is nothing but quoted phrases."""
        quoted = {term.folded for phrase in self.phrases for term in phrase}
        return all(term.folded in quoted for term in self.terms)

    @property
    def any_marks(self) -> bool:
        """Whether the reader typed any mark."""
        return any(term.marked for term in self.terms)

    @property
    def highlight_folded(self) -> list[str]:
        """What to look for in a snippet: phrases first, then words."""
        return [" ".join(term.folded for term in phrase) for phrase in self.phrases] + [
            term.folded for term in self.terms
        ]

    @property
    def highlight_exact(self) -> list[str]:
        """The forms with marks, where marks were typed."""
        return [term.form for term in self.terms if term.exact]


def _terms(text: str, *, careful: bool) -> list[Term]:
    """Return the words of a text. ``careful``: who types marks means unmarked words as unmarked."""
    forms = [form.lower() for form in words(text)]
    folded = [fold(form) for form in forms]
    return [
        Term(fold_, form, form != fold_, form != fold_ or careful)
        for form, fold_ in zip(forms, folded, strict=True)
    ]


def _types_marks(text: str) -> bool:
    """Tell whether the reader types marks throughout: more than four in nine words of Vietnamese carry
    none."""
    forms = [form.lower() for form in words(text) if not form.isdigit()]
    return bool(forms) and sum(form != fold(form) for form in forms) >= 0.6 * len(forms)


def parse_query(text: str) -> ParsedQuery:
    """Read a question: words, quoted phrases, document numbers. Marks, case and tone placement are as
    typed."""
    clean = normalize(text[:MAX_QUERY_CHARS])
    careful = _types_marks(clean)
    quoted = [match[1] for match in _QUOTED.finditer(clean)]
    phrases = [_terms(phrase, careful=_types_marks(phrase)) for phrase in quoted]
    everything = _terms(clean, careful=careful)[:MAX_QUERY_TERMS]
    unique = {(term.folded, term.form): term for term in everything}
    folded = [term.folded for term in everything]
    return ParsedQuery(
        text=clean,
        terms=tuple(unique.values()),
        pairs=tuple(dict.fromkeys(word_pairs(folded))),
        phrases=tuple(tuple(phrase) for phrase in phrases if phrase),
        numbers=tuple(query_numbers(clean)),
    )
