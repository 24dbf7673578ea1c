"""Answering questions from one opened copy of the local index."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import tantivy
from tantivy import Order, Query

from khcn.engines.text.fold import fold
from khcn.engines.text.numbers import number_key
from khcn.engines.text.snippets import Snippet
from khcn.engines.text.tokens import words
from khcn.library.search.analysis import ParsedQuery, parse_query
from khcn.library.search.hits import StoredWork, snippet_of
from khcn.library.search.readings import Words, is_enough, readings
from khcn.library.search.tantivy_queries import Filters, Plan, QueryMaker, all_of
from khcn.library.search.tantivy_schema import TITLE_START, epoch, passage_key
from khcn.library.search.tantivy_writer import open_index, read_state
from khcn.library.search.types import (
    FACETS,
    PUBLIC_ACCESS,
    Completion,
    IndexState,
    SearchHit,
    SearchQuery,
    SearchResult,
    Sort,
)
from khcn.library.search.vocabulary import Vocabulary, suggest

_FACET_VALUES: Final = 200
_MOST_PASSAGES: Final = 2000

Searcher = tantivy.Searcher
Address = Any  # tantivy.DocAddress


class TantivyReader:
    """One opened copy at one commit. Safe for several threads: nothing changes after it was made."""

    def __init__(self, copy: Path) -> None:
        works, passages = open_index(copy / "works"), open_index(copy / "passages")
        self.state: IndexState
        self.state, self.changes = read_state(works)
        self._works = works.searcher()
        self._passages = passages.searcher()
        self._make = QueryMaker(works.schema, self._works)
        self._make_passage = QueryMaker(passages.schema, self._passages)
        self._schema = works.schema
        self._vocabulary = _load_vocabulary(copy / "vocabulary")

    @property
    def works(self) -> int:
        """How many works the index holds (the state's own document is none)."""
        return self._works.num_docs - 1

    @property
    def passages(self) -> int:
        """How many passages of longer works it holds."""
        return self._passages.num_docs

    # --- search ---

    def search(self, query: SearchQuery) -> SearchResult:
        """Answer a question (``took_ms`` is left at 0)."""
        parsed = parse_query(query.text)
        if query.page_in_work is not None:
            return self._search_inside(query, parsed, query.page_in_work)
        filters = self._make.filters(query)
        if parsed.empty:
            plan, sort = _browse_plan(), query.browsing_sort
            total, hits = self._top(plan, filters, query, sort)
            all_words = total
        else:
            plan, total, hits, all_words = self._find(parsed, filters, query)
        return SearchResult(
            total=total,
            took_ms=0.0,
            hits=tuple(self._hit(score, address, parsed, query) for score, address in hits),
            facets=self._facets(plan, filters, query) if query.with_facets else {},
            suggestion=self._suggest(parsed, filters, all_words),
        )

    def _find(
        self, parsed: ParsedQuery, filters: Filters, query: SearchQuery
    ) -> tuple[Plan, int, list[tuple[float, Address]], int]:
        """Return the plan that was used, the total, the hits, and how many works hold all words."""
        all_words = -1
        for reading in readings(parsed):
            plan = self._make.plan(parsed, reading)
            total, hits = self._top(plan, filters, query, query.sort)
            if reading.words is Words.ALL:
                all_words = total
            if is_enough(parsed, reading, total):
                break
        return plan, total, hits, all_words

    def _top(
        self, plan: Plan, filters: Filters, query: SearchQuery, sort: Sort
    ) -> tuple[int, list[tuple[float, Address]]]:
        total, hits = self._best(plan, filters, sort, limit=max(query.limit, 1), offset=query.offset)
        return total, hits[: query.limit]

    def _best(
        self, plan: Plan, filters: Filters, sort: Sort, *, limit: int, offset: int = 0
    ) -> tuple[int, list[tuple[float, Address]]]:
        if sort is Sort.RELEVANCE:
            result = self._works.search(filters.on(plan.scored), limit, offset=offset)
            hits = [(float(score), address) for score, address in result.hits]
        else:
            field = "title_key" if sort is Sort.TITLE else "date"
            order = Order.Desc if sort is Sort.DATE else Order.Asc
            result = self._works.search(
                filters.on(plan.match), limit, offset=offset, order_by_field=field, order=order
            )
            hits = [(0.0, address) for _, address in result.hits]
        return _matches(result), hits

    def ids(self, query: SearchQuery, cap: int) -> list[int]:
        """Return the ids of at most ``cap`` works in the order of the result."""
        parsed, filters = parse_query(query.text), self._make.filters(query)
        if parsed.empty:
            plan, sort = _browse_plan(), query.browsing_sort
        else:
            plan, sort = self._find(parsed, filters, replace(query, limit=1, offset=0))[0], query.sort
        hits = self._best(plan, filters, sort, limit=cap)[1]
        return [int(pk or 0) for pk in self._works.fast_field_values("work_id", [at for _, at in hits])]

    def _count(self, query: Query, filters: Filters) -> int:
        return _matches(self._works.search(filters.on(query), 1))

    def _facets(
        self, plan: Plan, filters: Filters, query: SearchQuery
    ) -> dict[str, tuple[tuple[str, int], ...]]:
        """Count works by facet; a facet's own filter does not narrow its own counts."""
        found: dict[str, tuple[tuple[str, int], ...]] = {}
        free = [name for name in FACETS if name not in filters.facets]
        for names, without in [(free, None), *(([name], name) for name in FACETS if name in filters.facets)]:
            wanted = {name: {"terms": {"field": f"facet_{name}", "size": _FACET_VALUES}} for name in names}
            if not wanted:
                continue
            counts = self._works.aggregate(filters.on(plan.match, without=without), wanted)
            for name in names:
                pairs = [(bucket["key"], bucket["doc_count"]) for bucket in counts[name]["buckets"]]
                found[name] = tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
        return {name: found[name] for name in FACETS}

    # --- one hit ---

    def _hit(self, score: float, address: Address, parsed: ParsedQuery, query: SearchQuery) -> SearchHit:
        document = self._works.doc(address)
        work_id, stored = document["work_id"][0], StoredWork.from_bytes(document["stored"][0])
        page, snippet = stored.page, None
        if query.with_snippets:
            page, snippet = self._snippet(work_id, stored, parsed)
        return stored.hit(work_id, score, parsed, page=page, snippet=snippet)

    def _snippet(self, work_id: int, stored: StoredWork, parsed: ParsedQuery) -> tuple[int | None, Snippet]:
        text, page = stored.text, stored.page
        if stored.passages and not parsed.empty:
            query = self._make_passage.in_passages(
                parsed, passage_key(work_id, stored.signature), all_words=False
            )
            best = self._passages.search(query, 1, count=False).hits
            if best:
                passage = self._passages.doc(best[0][1])
                text, page = passage["text"][0].decode(), passage["page"][0]
        return page, snippet_of(text, parsed)

    # --- inside one work ---

    def _search_inside(self, query: SearchQuery, parsed: ParsedQuery, work_id: int) -> SearchResult:
        """Return the pages of one work that match, one hit a page."""
        nothing = SearchResult(total=0, took_ms=0.0, hits=())
        filters = self._make.filters(query)
        found = self._works.search(filters.on(self._make.term("work_id", work_id)), 1).hits
        if not found or parsed.empty:
            return nothing
        stored = StoredWork.from_bytes(self._works.doc(found[0][1])["stored"][0])
        if not stored.passages:
            plan = self._make.plan(parsed, next(readings(parsed)))
            mine = all_of([plan.match, self._make.term("work_id", work_id)])
            if not self._count(mine, filters):
                return nothing
            hit = stored.hit(work_id, 0.0, parsed, snippet=snippet_of(stored.text, parsed))
            return SearchResult(total=1, took_ms=0.0, hits=(hit,)[query.offset : query.offset + query.limit])
        pages = self._pages_inside(parsed, passage_key(work_id, stored.signature))
        hits = []
        for page, (score, address) in list(pages.items())[query.offset : query.offset + query.limit]:
            snippet = snippet_of(self._passages.doc(address)["text"][0].decode(), parsed)
            hits.append(stored.hit(work_id, score, parsed, page=page, snippet=snippet))
        return SearchResult(total=len(pages), took_ms=0.0, hits=tuple(hits))

    def _pages_inside(self, parsed: ParsedQuery, key: str) -> dict[int, tuple[float, Address]]:
        """Return the best passage of each matching page, the best page first."""
        for all_words in (True, False) if parsed.short else (False,):
            query = self._make_passage.in_passages(parsed, key, all_words=all_words)
            hits = self._passages.search(query, _MOST_PASSAGES, count=False).hits
            if hits or parsed.phrases:
                break
        numbers = self._passages.fast_field_values("page", [address for _, address in hits])
        pages: dict[int, tuple[float, Address]] = {}
        for page, (score, address) in zip(numbers, hits, strict=True):
            pages.setdefault(int(page or 0), (float(score), address))
        return pages

    # --- suggestion ---

    def _suggest(self, parsed: ParsedQuery, filters: Filters, all_words: int) -> str | None:
        if self._vocabulary is None or parsed.empty or parsed.phrases or not parsed.short:
            return None

        def count(text: str) -> int:
            other = parse_query(text)
            if not other.terms:
                return 0
            exact = [self._make.term("x" if term.marked else "f", term.form) for term in other.terms]
            return self._count(all_of(exact), filters)

        return suggest(parsed, self._vocabulary, all_words=all_words, count=count)

    # --- completion ---

    def autocomplete(
        self, prefix: str, *, access: frozenset[str], now: datetime, limit: int
    ) -> list[Completion]:
        """Return proposals: numbers, then titles, then subjects."""
        typed = words(fold(prefix[:100]))
        if not typed:
            return []
        allowed = Filters(self._make.hidden(access, epoch(now)), {})
        found = [*self._number_completions(prefix, allowed), *self._title_completions(typed, allowed, limit)]
        subjects = self._subject_completions(typed, allowed)
        room = limit - min(len(subjects), 3)
        unique = {(item.kind, fold(item.text)): item for item in [*found[:room], *subjects, *found[room:]]}
        return list(unique.values())[:limit]

    def _number_completions(self, prefix: str, allowed: Filters) -> list[Completion]:
        key = number_key(prefix)
        if not any(char.isdigit() for char in key) and "-" not in key:
            return []
        # Nothing else stands in a number and symbol. An escaped "<" and its like mean something in regular
        # expressions of tantivy, and an error of theirs would pass for a damaged index.
        if not re.fullmatch(r"[a-z0-9/.&_-]+", key):
            return []
        query = Query.regex_query(self._schema, "number_key", f"{re.escape(key)}.*")
        hits = self._works.search(allowed.on(query), 3, count=False).hits
        stored = [self._stored(address) for _, address in hits]
        return [Completion(work.number or work.title, "number", work_id) for work_id, work in stored]

    def _title_completions(self, typed: Sequence[str], allowed: Filters, limit: int) -> list[Completion]:
        last = Query.regex_query(self._schema, "tf", f"{re.escape(typed[-1])}.*")
        needed = [*(self._make.term("tf", word) for word in typed[:-1]), last]
        start = Query.phrase_prefix_query(self._schema, "tf", [TITLE_START, *typed])
        together = [Query.boost_query(Query.const_score_query(start, 1.0), 50.0)]
        if len(typed) > 1:
            run = Query.phrase_prefix_query(self._schema, "tf", list(typed))
            together.append(Query.boost_query(Query.const_score_query(run, 1.0), 20.0))
        query = Query.boolean_query(
            [(tantivy.Occur.Must, part) for part in needed]
            + [(tantivy.Occur.Should, part) for part in together]
        )
        hits = self._works.search(allowed.on(query), limit, count=False).hits
        return [
            Completion(work.title, "title", work_id) for work_id, work in (self._stored(a) for _, a in hits)
        ]

    def _subject_completions(self, typed: Sequence[str], allowed: Filters) -> list[Completion]:
        counts = self._works.aggregate(
            allowed.on(Query.all_query()), {"names": {"terms": {"field": "facet_subject_name", "size": 2000}}}
        )
        found = []
        for bucket in counts["names"]["buckets"]:
            forms = words(fold(bucket["key"]))
            starts = [at for at in range(len(forms)) if _continues(forms[at:], typed)]
            if starts:
                found.append((starts[0], -bucket["doc_count"], bucket["key"]))
        return [Completion(name, "subject") for _, _, name in sorted(found)[:3]]

    def _stored(self, address: Address) -> tuple[int, StoredWork]:
        document = self._works.doc(address)
        return document["work_id"][0], StoredWork.from_bytes(document["stored"][0])

    # --- the vocabulary's material ---

    def public_texts(self, most: int) -> list[str]:
        """Return titles, abstracts and texts of at most ``most`` works that everybody may read."""
        public = Filters(self._make.hidden(frozenset({PUBLIC_ACCESS}), 0), {})
        hits = self._works.search(public.on(Query.all_query()), max(self.works, 1), count=False).hits
        step = max(1, -(-len(hits) // most))
        texts: list[str] = []
        for _, address in hits[::step]:
            work_id, work = self._stored(address)
            texts += [work.title, work.text]
            if work.passages:
                key = self._make_passage.term("key", passage_key(work_id, work.signature))
                best = self._passages.search(key, 20, count=False).hits
                texts += [self._passages.doc(address)["text"][0].decode() for _, address in best]
        return texts


def _matches(result: Any) -> int:
    return int(result.count)  # missing in tantivy's type stub


def _browse_plan() -> Plan:
    return Plan(Query.all_query(), Query.all_query())


def _continues(forms: Sequence[str], typed: Sequence[str]) -> bool:
    """Tell whether ``forms`` begins with the typed words, the last of which may be unfinished."""
    if len(forms) < len(typed):
        return False
    return list(forms[: len(typed) - 1]) == list(typed[:-1]) and forms[len(typed) - 1].startswith(typed[-1])


def _load_vocabulary(path: Path) -> Vocabulary | None:
    try:
        return Vocabulary.from_bytes(path.read_bytes())
    except (OSError, ValueError):
        return None  # no suggestions until the next one is built
