"""From a parsed question to tantivy queries: what matches, and what it scores.

Weights were chosen on three sets (XQuAD-vi, headings of statutes, broken sentences of old reports), for the
middle of the range where none of them changes much; see ``benchmarks/library_relevance.py``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import tantivy
from tantivy import Occur, Query

from khcn.engines.text.numbers import NumberQueryKind
from khcn.library.search.analysis import ParsedQuery, Term, own_number
from khcn.library.search.readings import Reading, Words
from khcn.library.search.tantivy_schema import CLOSED, epoch
from khcn.library.search.types import PUBLIC_ACCESS, STAFF_ACCESS, SearchQuery

# A word typed with marks counts mostly by its exact form; one typed without by its folded form alone.
_FOLDED: Final = 1.0
_FOLDED_BESIDE_EXACT: Final = 0.3
_EXACT: Final = 0.7
_PAIR: Final = 0.4
_TITLE: Final = 0.5
_LEAD: Final = 0.15
_ALL_WORDS: Final = 100.0
_LOOSE_PHRASE: Final = 5.0
_NUMBER: Final = {
    NumberQueryKind.FULL: 1000.0,
    NumberQueryKind.PARTIAL: 600.0,
    NumberQueryKind.NOTATION: 400.0,
}
# From this size on, words that most works hold no longer make a work match a long question by themselves.
_PRUNE_FROM: Final = 5000
_COMMON: Final = 0.12
_LEAST_RARE: Final = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """One reading of a question: the set that matches, for counting, and the same set with scores."""

    match: Query
    scored: Query


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search: works hidden from the reader, and the chosen facets by name."""

    hidden: Sequence[Query]
    facets: Mapping[str, Query]

    def on(self, query: Query, *, without: str | None = None) -> Query:
        """Return ``query`` under all filters but the facet ``without``."""
        return Query.boolean_query(
            [(Occur.Must, query)]
            + [(Occur.Must, part) for name, part in self.facets.items() if name != without]
            + [(Occur.MustNot, part) for part in self.hidden]
        )


def all_of(queries: Iterable[Query]) -> Query:
    """Return the query that all of ``queries`` must match."""
    parts = [(Occur.Must, query) for query in queries]
    return parts[0][1] if len(parts) == 1 else Query.boolean_query(parts)


def any_of(queries: Iterable[Query]) -> Query:
    """Return the query that at least one of ``queries`` must match."""
    parts = [(Occur.Should, query) for query in queries]
    return parts[0][1] if len(parts) == 1 else Query.boolean_query(parts)


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


class QueryMaker:
    """Makes queries for one schema, with the frequencies of one searcher."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher) -> None:
        self._schema = schema
        self._searcher = searcher

    def term(self, field: str, value: str | int) -> Query:
        """Return the query for one term."""
        return Query.term_query(self._schema, field, value)

    def _boosted(self, field: str, value: str, weight: float) -> Query:
        return Query.boost_query(self.term(field, value), weight)

    # --- filters ---

    def hidden(self, access: frozenset[str], now_epoch: int) -> list[Query]:
        """Return what this reader may not see now: closed works, and those before their time."""
        tokens = [self.term("access", token) for token in sorted(access - {PUBLIC_ACCESS})]
        closed = self.term("closed", CLOSED)
        if tokens:
            closed = Query.boolean_query(
                [(Occur.Must, closed), *((Occur.MustNot, token) for token in tokens)]
            )
        hidden = [closed]
        if PUBLIC_ACCESS not in access:
            # A work that is only public is hidden from a reader who has not even that.
            hidden.append(
                Query.boolean_query(
                    [(Occur.Must, Query.all_query()), *((Occur.MustNot, token) for token in tokens)]
                )
            )
        if STAFF_ACCESS not in access:
            hidden.append(
                Query.range_query(
                    self._schema, "available_from", tantivy.FieldType.Integer, lower_bound=now_epoch + 1
                )
            )
        return hidden

    def filters(self, query: SearchQuery) -> "Filters":
        """Return all filters of a search."""
        facets = {
            name: _unscored(any_of([self.term(f"facet_{name}", value) for value in values]))
            for name, values in query.filters.items()
            if values
        }
        return Filters(self.hidden(query.access, epoch(query.now)), facets)

    # --- words ---

    def phrase(self, phrase: Sequence[Term]) -> Query:
        """Return the query for a quoted run of words.

        Typed with marks throughout it must occur with them. Typed with some, it must occur under any marks, and the
        marked words with theirs.
        """
        if all(term.exact for term in phrase):
            return self._run("x", [term.form for term in phrase])
        marked = [self.term("x", term.form) for term in phrase if term.marked]
        return all_of([self._run("f", [term.folded for term in phrase]), *marked])

    def _run(self, field: str, forms: Sequence[str]) -> Query:
        if len(forms) == 1:
            return self.term(field, forms[0])
        return Query.phrase_query(self._schema, field, list(forms))

    def extras(
        self, parsed: ParsedQuery, *, titles: bool = True, terms: Sequence[Term] | None = None
    ) -> list[Query]:
        """Return what adds to the score without being needed for a match (of these terms only)."""
        found: list[Query] = []
        for term in parsed.terms if terms is None else terms:
            if term.exact:
                found.append(self._boosted("x", term.form, _EXACT))
            if titles:
                weight = _FOLDED_BESIDE_EXACT if term.exact else _FOLDED
                found.append(self._boosted("tf", term.folded, _TITLE * weight))
                found.append(self._boosted("l", term.folded, _LEAD))
                if term.exact:
                    found.append(self._boosted("tx", term.form, _TITLE * _EXACT))
        found += [self._boosted("b", pair, _PAIR) for pair in parsed.pairs]
        return found

    def _word(self, term: Term) -> Query:
        return self._boosted("f", term.folded, _FOLDED_BESIDE_EXACT if term.exact else _FOLDED)

    def numbers(self, parsed: ParsedQuery) -> list[Query]:
        """Return the queries for the document numbers in a question, scored far above words."""
        return [
            Query.const_score_query(self.term("number_key", key), _NUMBER[number.kind])
            for number in parsed.numbers
            for key in (number.key, own_number(number.key))
        ]

    # --- plans ---

    def plan(self, parsed: ParsedQuery, reading: Reading) -> Plan:
        """Return the plan for one reading of a question."""
        if reading.words is Words.ALL:
            return self._all_words(parsed)
        if reading.words is Words.MOST:
            return self._most_words(parsed, reading.least, strict=reading.strict)
        return self._any_words(parsed, strict=reading.strict)

    def _all_words(self, parsed: ParsedQuery) -> Plan:
        """Return the reading "all of these words" (or the number that they name)."""
        words = [self._word(term) for term in parsed.terms]
        phrases = [self.phrase(phrase) for phrase in parsed.phrases]
        bare = all_of([*(self.term("f", term.folded) for term in parsed.terms), *phrases])
        numbers = self.numbers(parsed)
        scored = Query.boolean_query(
            [(Occur.Must, query) for query in [*words, *phrases]]
            + [(Occur.Should, query) for query in self.extras(parsed)]
        )
        if not numbers:
            return Plan(bare, scored)
        return Plan(any_of([bare, *numbers]), any_of([scored, *numbers]))

    def _most_words(self, parsed: ParsedQuery, least: int, *, strict: bool = True) -> Plan:
        """Return the reading "at least ``least`` of these words, those with all of them first"."""
        bare = [self.term("f", term.folded) for term in parsed.terms]
        needed = (
            any_of(bare)
            if least <= 1
            else Query.boolean_query(
                [(Occur.Should, query) for query in bare], minimum_number_should_match=least
            )
        )
        phrases = [self.phrase(phrase) for phrase in parsed.phrases]
        match = all_of([needed, *phrases]) if strict else needed
        numbers = self.numbers(parsed)
        if numbers:
            match = any_of([match, *numbers])
        everything = [Query.const_score_query(all_of(bare), _ALL_WORDS), *self._loose(phrases, strict)]
        words = [self._word(term) for term in parsed.terms]
        scored = Query.boolean_query(
            [(Occur.Must, _unscored(match))]
            + [(Occur.Should, query) for query in [*everything, *words, *self.extras(parsed), *numbers]]
        )
        return Plan(match, scored)

    def _any_words(self, parsed: ParsedQuery, *, strict: bool = True) -> Plan:
        """Return the reading for long questions: ranked by how many words match, and how rare they are.

        In a large index a work must hold one of the rarer words; the common ones then add to its score only.
        """
        rare, common = self._by_frequency(parsed.terms)
        phrases = [self.phrase(phrase) for phrase in parsed.phrases]
        numbers = self.numbers(parsed)
        match = any_of([self.term("f", term.folded) for term in rare])
        words = any_of([self._word(term) for term in rare])
        if phrases and strict:
            match, words = all_of([match, *phrases]), all_of([words, *phrases])
        extras = [self._word(term) for term in common] + self.extras(parsed, terms=rare)
        extras += self._loose(phrases, strict)
        if numbers:
            match, words = any_of([match, *numbers]), any_of([words, *numbers])
        scored = Query.boolean_query([(Occur.Must, words), *((Occur.Should, query) for query in extras)])
        return Plan(match, scored)

    @staticmethod
    def _loose(phrases: Iterable[Query], strict: bool) -> list[Query]:
        """Return phrases that need not occur as what adds to the score."""
        return [] if strict else [Query.boost_query(phrase, _LOOSE_PHRASE) for phrase in phrases]

    def _by_frequency(self, terms: Sequence[Term]) -> tuple[list[Term], list[Term]]:
        total = self._searcher.num_docs
        if total < _PRUNE_FROM or len(terms) < 3:
            return list(terms), []
        counted = sorted(
            ((self._searcher.doc_freq("f", term.folded), term) for term in terms), key=lambda item: item[0]
        )
        known = [item for item in counted if item[0]] or counted
        rare = [term for count, term in known if count <= _COMMON * total]
        rare = [term for _, term in known[: max(len(rare), _LEAST_RARE)]]
        kept = {id(term) for term in rare}
        return rare, [term for term in terms if id(term) not in kept]

    # --- passages and completion ---

    def in_passages(self, parsed: ParsedQuery, key: str, *, all_words: bool) -> Query:
        """Return the query for the passages of one version of a work."""
        words = [self._word(term) for term in parsed.terms]
        needed = all_of(words) if all_words else any_of(words)
        parts = [(Occur.Must, _unscored(self.term("key", key))), (Occur.Must, needed)]
        parts += [(Occur.Must, self.phrase(phrase)) for phrase in parsed.phrases if all_words]
        parts += [(Occur.Should, self.phrase(phrase)) for phrase in parsed.phrases if not all_words]
        parts += [(Occur.Should, query) for query in self.extras(parsed, titles=False)]
        return Query.boolean_query(parts)
