"""The piece of a page that best shows why it was found, with the found words marked.

Offsets are taken in the folded text and hold in the NFC text, because folding keeps one character per
character.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from khcn.engines.text.fold import fold, nfc

# More hits than this add nothing to the choice of a window and would make a 5 MB page slow.
_MAX_HITS_PER_TERM: Final = 2000
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of NFC text with the spans ``(start, end)`` to highlight, in order and apart from each
    other."""

    text: str
    highlights: tuple[tuple[int, int], ...]


# Start, end, number of the term, whether written with the very marks of the query. Plain: there may be
# thousands.
_Hit: TypeAlias = tuple[int, int, int, bool]


def _find_term(folded: str, term: str) -> list[int]:
    """Return the starts of ``term`` as whole words in ``folded`` (at most ``_MAX_HITS_PER_TERM``)."""
    starts: list[int] = []
    size, end = len(term), len(folded)
    at = folded.find(term)
    while at != -1 and len(starts) < _MAX_HITS_PER_TERM:
        after = at + size
        if (at == 0 or not folded[at - 1].isalnum()) and (after == end or not folded[after].isalnum()):
            starts.append(at)
        at = folded.find(term, at + 1)
    return starts


def _find_hits(text: str, folded: str, terms: Sequence[str], exact: frozenset[str]) -> list[_Hit]:
    """Return all hits by position; ``text`` is NFC, ``terms`` are folded, ``exact`` lower-cased NFC forms."""
    hits = [
        (start, start + len(term), number, bool(exact) and text[start : start + len(term)].lower() in exact)
        for number, term in enumerate(terms)
        for start in _find_term(folded, term)
    ]
    return sorted(hits)


def _best_window(hits: Sequence[_Hit], width: int, terms: int) -> tuple[int, int]:
    """Return ``(start, end)`` of the hits that, within ``width`` characters, show the most of the query.

    Most distinct terms first, then most distinct terms with the very marks of the query, then most hits, then
    the earliest place. ``terms``: how many terms there are.
    """
    present, present_exact = [0] * terms, [0] * terms
    distinct = distinct_exact = left = 0
    best = (-1, -1, -1)
    span = (hits[0][0], hits[0][1])
    for right, (_, end, term, exact) in enumerate(hits):
        distinct += not present[term]
        present[term] += 1
        if exact:
            distinct_exact += not present_exact[term]
            present_exact[term] += 1
        while end - hits[left][0] > width and left < right:
            _, _, gone, gone_exact = hits[left]
            present[gone] -= 1
            distinct -= not present[gone]
            if gone_exact:
                present_exact[gone] -= 1
                distinct_exact -= not present_exact[gone]
            left += 1
        if distinct >= best[0]:
            score = (distinct, distinct_exact, min(right - left, 2 * distinct))
            if score > best:
                best, span = score, (hits[left][0], end)
    return span


def _word_bounds(text: str, start: int, end: int, core: tuple[int, int]) -> tuple[int, int]:
    """Move ``start`` and ``end`` inwards to spaces, but never into ``core``."""
    if start > 0 and not text[start - 1].isspace():
        moved = _SPACES.search(text, start, core[0])
        start = moved.end() if moved else core[0] if core[0] > start else start
    if end < len(text) and not text[end].isspace():
        at = end
        while at > core[1] and not text[at - 1].isspace():
            at -= 1
        end = at if at > core[1] else max(core[1], start)
    return start, end


def _merge(hits: Sequence[_Hit]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for hit in hits:
        if merged and hit[0] < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], hit[1]))
        else:
            merged.append(hit[:2])
    return tuple(merged)


def make_snippet(
    text: str,
    terms_folded: Sequence[str],
    max_chars: int = 240,
    *,
    terms_exact: Sequence[str] = (),
) -> Snippet:
    """Return the best window of ``text`` for a query, spaces collapsed, at most ``max_chars`` long with "…".

    ``terms_folded``: the query's words (or phrases, spaces inside) as ``fold`` gives them. ``terms_exact``:
    the same words as typed, for those that carry marks; a window with these very forms wins over one with the
    same words under other marks. Without any hit the snippet is the beginning of the text.
    """
    text = nfc(text)
    terms = [term for term in dict.fromkeys(terms_folded) if term]
    exact = frozenset(nfc(term).lower() for term in terms_exact)
    hits = _find_hits(text, fold(text), terms, exact) if terms else []
    room = max(max_chars - 2, 1)  # two ellipses
    core = _best_window(hits, room, len(terms)) if hits else (0, 0)
    core = (core[0], min(core[1], core[0] + room))
    margin = (room - (core[1] - core[0])) // 3 if hits else 0
    start = max(0, min(core[0] - margin, len(text) - room))
    end = min(len(text), start + room)
    start, end = _word_bounds(text, start, end, core if hits else (start, start))
    piece = _SPACES.sub(" ", text[start:end]).strip()
    if not piece:
        piece = _SPACES.sub(" ", text[:room]).strip()
        start, end = 0, min(len(text), room)
    before = "…" if text[:start].strip() else ""
    after = "…" if text[end:].strip() else ""
    shown = f"{before}{piece}{after}"
    return Snippet(shown, _merge(_find_hits(shown, fold(shown), terms, frozenset())) if hits else ())
