"""The places in a text that answer a question: words with marks or without, phrases, numbers and symbols.

One rule for the text of a page and for its picture. Offsets are in NFC text, as folding keeps one character a
character.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from khcn.engines.text.fold import fold, nfc
from khcn.engines.text.tokens import words

_WORD: Final = re.compile(r"[^\W_]+")
_QUOTED: Final = re.compile(r"[\"“”«»„]([^\"“”«»„]*)[\"“”«»„]")
# A word that the end of a line breaks with a hyphen.
_BREAK: Final = re.compile(r"[-\u2010\u00ad]\n\s*")
MAX_HITS: Final = 10_000


class Hit(NamedTuple):
    """One place: ``spans`` are its words ``(start, end)`` in order. ``whole``: it holds the whole question."""

    spans: tuple[tuple[int, int], ...]
    whole: bool

    @property
    def start(self) -> int:
        """The first character."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """One after the last character."""
        return self.spans[-1][1]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question: ``phrases`` must stand together, ``loose`` words anywhere; all folded."""

    phrases: tuple[tuple[str, ...], ...] = ()
    loose: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.phrases and not self.loose


def wanted(question: str) -> Wanted:
    """Read a question. What stands in quotes, or is written in one piece like "82/KH-UBND", is a phrase."""
    question = nfc(question)
    quoted = [match[1] for match in _QUOTED.finditer(question)]
    loose: list[str] = []
    phrases = [tuple(words(fold(phrase))) for phrase in quoted]
    for piece in _QUOTED.sub(" ", question).split():
        parts = tuple(words(fold(piece)))
        if len(parts) > 1:
            phrases.append(parts)
        loose += parts if len(parts) == 1 else ()
    kept = tuple(dict.fromkeys(phrase for phrase in phrases if phrase))
    return Wanted(kept, tuple(dict.fromkeys(loose)))


def find_hits(text: str, question: Wanted) -> list[Hit]:
    """Return the places in NFC ``text`` that answer, in order and apart, at most ``MAX_HITS``.

    Neighbouring loose words are one hit. A phrase that does not occur is looked for word by word.
    """
    if question.empty or not text:
        return []
    sought = {word for phrase in question.phrases for word in phrase} | set(question.loose)
    found, places = _tokens(text, sought)
    hits: list[Hit] = []
    taken: set[int] = set()
    loose = set(question.loose)
    for phrase in question.phrases:
        starts = _phrase_starts(found, phrase, taken)
        for start in starts:
            taken.update(range(start, start + len(phrase)))
            hits.append(Hit(_spans(text, places[start : start + len(phrase)]), whole=True))
        if not starts:
            loose |= set(phrase)
    hits += _runs(text, found, places, loose, taken)
    return sorted(hits)[:MAX_HITS]


_Places = list[tuple[tuple[int, int], ...]]


def _tokens(text: str, sought: set[str]) -> tuple[list[str], _Places]:
    """Return the folded words and their spans. A sought word broken by a hyphen at a line end has two spans."""
    folded = fold(text)
    found: list[str] = []
    places: _Places = []
    for match in _WORD.finditer(folded):
        if places and found[-1] + match.group() in sought:
            broken = _BREAK.match(folded, places[-1][-1][1])
            if broken and broken.end() == match.start():
                found[-1] += match.group()
                places[-1] = (*places[-1], match.span())
                continue
        found.append(match.group())
        places.append((match.span(),))
    return found, places


def _phrase_starts(found: Sequence[str], phrase: Sequence[str], taken: set[int]) -> list[int]:
    starts: list[int] = []
    size, free = len(phrase), 0
    wanted_words = tuple(phrase)
    for at, word in enumerate(found):
        if word != phrase[0] or at < free or tuple(found[at : at + size]) != wanted_words:
            continue
        if taken.isdisjoint(range(at, at + size)):
            starts.append(at)
            free = at + size
    return starts


def _runs(text: str, found: Sequence[str], places: _Places, loose: set[str], taken: set[int]) -> list[Hit]:
    """Return the runs of neighbouring loose words."""
    runs: list[list[int]] = []
    for at, word in enumerate(found):
        if word not in loose or at in taken:
            continue
        near = bool(runs) and runs[-1][-1] == at - 1 and _near(text, places, at)
        # "khoa học, khoa học" is two places: after the whole question the next one begins.
        if near and not {found[before] for before in runs[-1]} >= loose:
            runs[-1].append(at)
        else:
            runs.append([at])
    return [
        Hit(_spans(text, [places[at] for at in run]), whole={found[at] for at in run} >= loose)
        for run in runs
    ]


def _spans(text: str, words_places: Iterable[tuple[tuple[int, int], ...]]) -> tuple[tuple[int, int], ...]:
    """Return the spans of words; those with no blank between them ("82/KH-UBND") are one."""
    spans: list[tuple[int, int]] = []
    for start, end in (span for place in words_places for span in place):
        if spans and not any(char.isspace() for char in text[spans[-1][1] : start]):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple(spans)


def _near(text: str, places: _Places, at: int) -> bool:
    """Whether nothing but a blank or a sign stands between two words; a sentence's end parts them."""
    between = text[places[at - 1][-1][1] : places[at][0][0]]
    return len(between) <= 3 and not any(sign in between for sign in ".;:!?")
