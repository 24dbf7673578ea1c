"""Answering questions from one copy of the PostgreSQL index."""

# ruff: noqa: S608  # statements are built of pieces of this file; what people type is always a parameter

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import connection

from khcn.engines.text.fold import fold
from khcn.engines.text.numbers import NumberQueryKind, number_key
from khcn.engines.text.snippets import Snippet
from khcn.engines.text.tokens import words
from khcn.library.search.analysis import ParsedQuery, own_number, parse_query
from khcn.library.search.hits import StoredWork, snippet_of
from khcn.library.search.postgres_sql import EVERYTHING, NOTHING, ZERO, Sql, holds
from khcn.library.search.postgres_vectors import (
    Scale,
    all_query,
    any_query,
    phrase_query,
    rank_buckets,
    usable,
)
from khcn.library.search.readings import Reading, Words, is_enough, readings
from khcn.library.search.types import (
    FACETS,
    PUBLIC_ACCESS,
    STAFF_ACCESS,
    Completion,
    SearchHit,
    SearchQuery,
    SearchResult,
    Sort,
)
from khcn.library.search.vocabulary import Vocabulary, suggest

_NUMBER: Final = {
    NumberQueryKind.FULL: 1000.0,
    NumberQueryKind.PARTIAL: 600.0,
    NumberQueryKind.NOTATION: 400.0,
}
_ALL_WORDS: Final = 100.0
# Weights of D (text), C, B (abstract, subjects), A (title).
_POSITIONS: Final = "{0.5, 0.5, 0.55, 0.75}"
_PRUNE_FROM: Final = 1000
_MOST_PASSAGES: Final = 2000
_ORDERS: Final = {
    Sort.RELEVANCE: "score DESC, work_id",
    Sort.DATE: "date DESC NULLS LAST, work_id DESC",
    Sort.DATE_ASC: "date ASC NULLS LAST, work_id",
    Sort.TITLE: "title_key, work_id",
}


class PostgresReader:
    """Answers from one copy, through Django's connection of this thread."""

    def __init__(self, copy: int, vocabulary: Vocabulary | None) -> None:
        self._copy = copy
        self._vocabulary = vocabulary
        self._scale = Scale(vocabulary)

    def _fetch(self, template: str, *pieces: Sql) -> list[tuple[Any, ...]]:
        """Run a statement whose ``{}`` stand for the pieces, in order."""
        sql = template.format(*(piece.text for piece in pieces))
        with connection.cursor() as cursor:
            cursor.execute(sql, [param for piece in pieces for param in piece.params])
            return list(cursor.fetchall())

    # --- filters ---

    def _visible(self, access: frozenset[str], now: datetime) -> Sql:
        allowed = Sql("copy = %s AND access && %s", (self._copy, sorted(access)))
        if STAFF_ACCESS in access:
            return allowed
        return allowed & Sql("available_from IS NULL OR available_from <= %s", (now,))

    def _filters(self, query: SearchQuery, *, without: str | None = None) -> Sql:
        found = self._visible(query.access, query.now)
        for name, values in query.filters.items():
            if values and name != without:
                found &= Sql("facets && %s", ([f"{name}:{value}" for value in values],))
        return found

    # --- what matches, and what it scores ---

    def _phrase(self, parsed: ParsedQuery) -> Sql:
        """Return "all quoted phrases occur"; in long works a phrase is looked for in the passages."""
        found = EVERYTHING
        for phrase in parsed.phrases:
            text = phrase_query(phrase)
            inside = Sql(
                "EXISTS (SELECT 1 FROM library_search_passage p WHERE p.copy = w.copy AND p.work_id = w.work_id "
                "AND p.vector @@ %s::tsquery)",
                (text,),
            )
            found &= holds(text) | inside
        return found

    def _match(self, parsed: ParsedQuery, reading: Reading) -> Sql:
        folded = [term.folded for term in usable(parsed.terms)]
        if reading.words is Words.ALL:
            whole = len(folded) == len(parsed.terms)
            found = holds(all_query(folded)) if whole else NOTHING
        else:
            found = holds(any_query(self._rarer(folded) if reading.words is Words.ANY else folded))
            if reading.least > 1:
                held = [Sql("(vector @@ %s::tsquery)::int", (f"'{form}'",)) for form in folded]
                total = held[0]
                for one in held[1:]:
                    total += one
                found &= Sql(f"{total.text} >= %s", (*total.params, reading.least))
        if parsed.phrases and reading.strict:
            found &= self._phrase(parsed)
        if parsed.numbers:
            found |= Sql("numbers && %s", ([number.key for number in parsed.numbers],))
        return found

    def _rarer(self, folded: Sequence[str]) -> list[str]:
        """Return the rarer half of the words: in a large index, ranking every work that holds a common word
        would take too long.
        """
        size = self._fetch("SELECT reltuples FROM pg_class WHERE relname = 'library_search_work'")[0][0]
        if size < _PRUNE_FROM:
            return list(folded)
        ordered = sorted(folded, key=self._scale.folded, reverse=True)
        return ordered[: max(4, (len(ordered) + 1) // 2)]

    def _score(self, parsed: ParsedQuery, reading: Reading) -> Sql:
        score = ZERO
        for weight, text in rank_buckets(parsed, self._scale):
            score += Sql(f"%s * ts_rank('{_POSITIONS}', vector, %s::tsquery)", (weight, text))
        score = Sql(f"({score.text}) / (1.0 + 0.12 * ln(1.0 + length))", score.params)
        folded = [term.folded for term in usable(parsed.terms)]
        if reading.words is Words.MOST and folded:
            held = holds(all_query(folded))
            score += Sql(f"CASE WHEN {held.text} THEN {_ALL_WORDS} ELSE 0 END", held.params)
        for number in parsed.numbers:
            for key in (number.key, own_number(number.key)):
                score += Sql(f"CASE WHEN %s = ANY(numbers) THEN {_NUMBER[number.kind]} ELSE 0 END", (key,))
        return score

    # --- search ---

    def search(self, query: SearchQuery) -> SearchResult:
        """Answer a question (``took_ms`` is left at 0)."""
        parsed = parse_query(query.text)
        if query.page_in_work is not None:
            return self._search_inside(query, parsed, query.page_in_work)
        match, _score, total, rows, all_words = self._find(parsed, query)
        return SearchResult(
            total=total,
            took_ms=0.0,
            hits=tuple(self._hit(row, parsed, query) for row in rows),
            facets=self._facets(match, query) if query.with_facets else {},
            suggestion=self._suggest(parsed, query, all_words),
        )

    def _find(
        self, parsed: ParsedQuery, query: SearchQuery
    ) -> tuple[Sql, Sql, int, list[tuple[Any, ...]], int]:
        """Return what matches, what it scores, the total, the rows, and how many works hold all words."""
        if parsed.empty:
            total, rows = self._top(EVERYTHING, ZERO, query, query.browsing_sort)
            return EVERYTHING, ZERO, total, rows, -1
        all_words = -1
        for reading in readings(parsed):
            match, score = self._match(parsed, reading), self._score(parsed, reading)
            total, rows = self._top(match, score, query, query.sort)
            if reading.words is Words.ALL:
                all_words = total
            if is_enough(parsed, reading, total):
                break
        return match, score, total, rows, all_words

    def ids(self, query: SearchQuery, cap: int) -> list[int]:
        """Return the ids of at most ``cap`` works in the order of the result."""
        parsed = parse_query(query.text)
        match, score, total, _rows, _all_words = self._find(parsed, replace(query, limit=0, offset=0))
        if not total:
            return []
        sort = query.browsing_sort if parsed.empty else query.sort
        rows = self._fetch(
            "SELECT work_id, {} AS score FROM library_search_work w WHERE {} "
            f"ORDER BY {_ORDERS[sort]} LIMIT {cap:d}",
            score if sort is Sort.RELEVANCE else ZERO,
            self._filters(query) & match,
        )
        return [row[0] for row in rows]

    def _top(
        self, match: Sql, score: Sql, query: SearchQuery, sort: Sort
    ) -> tuple[int, list[tuple[Any, ...]]]:
        if sort is not Sort.RELEVANCE:
            score = ZERO
        where = self._filters(query) & match
        total = int(self._fetch("SELECT count(*) FROM library_search_work w WHERE {}", where)[0][0])
        if not total or not query.limit:
            return total, []
        rows = self._fetch(
            "SELECT work_id, stored, {} AS score FROM library_search_work w WHERE {} "
            f"ORDER BY {_ORDERS[sort]} LIMIT {query.limit:d} OFFSET {query.offset:d}",
            score,
            where,
        )
        return total, rows

    def _facets(self, match: Sql, query: SearchQuery) -> dict[str, tuple[tuple[str, int], ...]]:
        """Count works by facet; a facet's own filter does not narrow its own counts."""
        found: dict[str, list[tuple[str, int]]] = {name: [] for name in FACETS}
        active = [name for name in FACETS if query.filters.get(name)]
        for without in [None, *active]:
            rows = self._fetch(
                "SELECT facet, count(*) FROM library_search_work w, unnest(facets) facet WHERE {} GROUP BY facet",
                self._filters(query, without=without) & match,
            )
            for facet, count in rows:
                name, _, value = facet.partition(":")
                if name == without or (without is None and name not in active):
                    found[name].append((value, count))
        return {
            name: tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0]))) for name, pairs in found.items()
        }

    # --- one hit ---

    def _hit(self, row: Sequence[Any], parsed: ParsedQuery, query: SearchQuery) -> SearchHit:
        work_id, stored = row[0], StoredWork.from_bytes(bytes(row[1]))
        page, snippet = None, None
        if query.with_snippets:
            page, snippet = self._snippet(work_id, stored, parsed)
        return stored.hit(work_id, float(row[2]), parsed, page=page, snippet=snippet)

    def _snippet(self, work_id: int, stored: StoredWork, parsed: ParsedQuery) -> tuple[int | None, Snippet]:
        if stored.passages and not parsed.empty:
            best = self._passages(work_id, parsed, all_words=False, limit=1)
            if best:
                return best[0][0], snippet_of(best[0][1], parsed)
        return stored.page, snippet_of(stored.text, parsed)

    def _passages(
        self, work_id: int, parsed: ParsedQuery, *, all_words: bool, limit: int
    ) -> list[tuple[int, str, float]]:
        """Return ``(page, text, score)`` of the passages that match, the best first."""
        folded = [term.folded for term in usable(parsed.terms)]
        where = Sql("copy = %s AND work_id = %s", (self._copy, work_id))
        where &= holds(all_query(folded) if all_words else any_query(folded))
        score = ZERO
        for phrase in parsed.phrases:
            text = phrase_query(phrase)
            if all_words:
                where &= holds(text)
            score += Sql("CASE WHEN vector @@ %s::tsquery THEN 100 ELSE 0 END", (text,))
        for weight, text in rank_buckets(parsed, self._scale):
            score += Sql("%s * ts_rank(vector, %s::tsquery)", (weight, text))
        rows = self._fetch(
            "SELECT page, text, {} AS score FROM library_search_passage WHERE {} "
            f"ORDER BY score DESC, ordinal LIMIT {limit:d}",
            score,
            where,
        )
        return [(page, text, float(points)) for page, text, points in rows]

    def _search_inside(self, query: SearchQuery, parsed: ParsedQuery, work_id: int) -> SearchResult:
        """Return the pages of one work that match, one hit a page."""
        nothing = SearchResult(total=0, took_ms=0.0, hits=())
        mine = self._filters(query) & Sql("work_id = %s", (work_id,))
        rows = self._fetch("SELECT stored FROM library_search_work w WHERE {}", mine)
        if not rows or parsed.empty:
            return nothing
        stored = StoredWork.from_bytes(bytes(rows[0][0]))
        if not stored.passages:
            match = self._match(parsed, next(readings(parsed)))
            if not self._fetch("SELECT 1 FROM library_search_work w WHERE {}", mine & match):
                return nothing
            hit = stored.hit(work_id, 0.0, parsed, snippet=snippet_of(stored.text, parsed))
            return SearchResult(total=1, took_ms=0.0, hits=(hit,)[query.offset : query.offset + query.limit])
        pages: dict[int, tuple[str, float]] = {}
        for all_words in (True, False) if parsed.short else (False,):
            for page, text, score in self._passages(
                work_id, parsed, all_words=all_words, limit=_MOST_PASSAGES
            ):
                pages.setdefault(page, (text, score))
            if pages or parsed.phrases:
                break
        hits = tuple(
            stored.hit(work_id, score, parsed, page=page, snippet=snippet_of(text, parsed))
            for page, (text, score) in list(pages.items())[query.offset : query.offset + query.limit]
        )
        return SearchResult(total=len(pages), took_ms=0.0, hits=hits)

    # --- suggestion and completion ---

    def _suggest(self, parsed: ParsedQuery, query: SearchQuery, all_words: int) -> str | None:
        if self._vocabulary is None or parsed.empty or parsed.phrases or not parsed.short:
            return None

        def count(text: str) -> int:
            terms = usable(parse_query(text).terms)
            lexemes = [f"={term.form}" if term.marked else term.folded for term in terms]
            where = self._filters(query) & holds(all_query(lexemes))
            return int(self._fetch("SELECT count(*) FROM library_search_work w WHERE {}", where)[0][0])

        return suggest(parsed, self._vocabulary, all_words=all_words, count=count)

    def autocomplete(
        self, prefix: str, *, access: frozenset[str], now: datetime, limit: int
    ) -> list[Completion]:
        """Return proposals: numbers, then titles, then subjects."""
        typed = words(fold(prefix[:100]))
        if not typed:
            return []
        visible = self._visible(access, now)
        found = [*self._numbers(prefix, visible), *self._titles(typed, visible, limit)]
        subjects = self._subjects(typed, visible)
        room = limit - min(len(subjects), 3)
        unique = {(item.kind, fold(item.text)): item for item in [*found[:room], *subjects, *found[room:]]}
        return list(unique.values())[:limit]

    def _numbers(self, prefix: str, visible: Sql) -> list[Completion]:
        key = number_key(prefix)
        if not key.isascii() or (not any(char.isdigit() for char in key) and "-" not in key):
            return []
        begins = Sql("EXISTS (SELECT 1 FROM unnest(numbers) n WHERE starts_with(n, %s))", (key,))
        rows = self._fetch(
            "SELECT work_id, stored FROM library_search_work w WHERE {} ORDER BY work_id DESC LIMIT 3",
            visible & begins,
        )
        stored = [(row[0], StoredWork.from_bytes(bytes(row[1]))) for row in rows]
        return [Completion(work.number or work.title, "number", work_id) for work_id, work in stored]

    def _titles(self, typed: Sequence[str], visible: Sql, limit: int) -> list[Completion]:
        run = f" {' '.join(typed)}"
        where = visible
        for word in typed[:-1]:
            where &= Sql("position(%s in title_words) > 0", (f" {word} ",))
        where &= Sql("position(%s in title_words) > 0", (f" {typed[-1]}",))
        order = Sql("starts_with(title_words, %s) DESC, position(%s in title_words) > 0 DESC", (run, run))
        rows = self._fetch(
            "SELECT work_id, stored FROM library_search_work w WHERE {} "
            f"ORDER BY {{}}, length(title_words), work_id LIMIT {limit:d}",
            where,
            order,
        )
        return [Completion(StoredWork.from_bytes(bytes(row[1])).title, "title", row[0]) for row in rows]

    def _subjects(self, typed: Sequence[str], visible: Sql) -> list[Completion]:
        rows = self._fetch(
            "SELECT subject, count(*) FROM library_search_work w, unnest(subjects) subject WHERE {} GROUP BY subject",
            visible,
        )
        found = []
        for subject, count in rows:
            at = f" {' '.join(words(fold(subject)))}".find(f" {' '.join(typed)}")
            if at != -1:
                found.append((at, -count, subject))
        return [Completion(name, "subject") for _, _, name in sorted(found)[:3]]

    # --- the vocabulary's material ---

    def public_texts(self, most: int) -> list[str]:
        """Return titles and texts of at most ``most`` works that everybody may read."""
        public = Sql("copy = %s AND access && %s AND available_from IS NULL", (self._copy, [PUBLIC_ACCESS]))
        count = int(self._fetch("SELECT count(*) FROM library_search_work w WHERE {}", public)[0][0])
        step = max(1, -(-count // most))
        rows = self._fetch(
            "SELECT work_id, stored FROM (SELECT work_id, stored, row_number() OVER (ORDER BY work_id) AS n "
            f"FROM library_search_work w WHERE {{}}) t WHERE n %% {step:d} = 0",
            public,
        )
        texts: list[str] = []
        long: list[int] = []
        for work_id, data in rows:
            work = StoredWork.from_bytes(bytes(data))
            texts += [work.title, work.text]
            if work.passages:
                long.append(work_id)
        parts = self._fetch(
            "SELECT text FROM library_search_passage WHERE {} AND ordinal < 20",
            Sql("copy = %s AND work_id = ANY(%s)", (self._copy, long)),
        )
        return texts + [row[0] for row in parts]
