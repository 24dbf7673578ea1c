"""How marks are scored: the share of marked letters of a reference that came back exactly.

NFC on both sides, white space collapsed, aligned on base letters; only characters that carry a mark (or are đ)
count. A letter of the reference that has no partner in the text counts as lost.
"""

import difflib
import unicodedata
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

_SHINGLE = 4


@dataclass
class Marks:
    """Marked letters of the reference, how many came back, and what happened to the others."""

    total: int = 0
    right: int = 0
    right_any_case: int = 0
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[tuple[str, str]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Share that came back exactly, case included (1.0 for no marks at all)."""
        return self.right / self.total if self.total else 1.0

    @property
    def share_any_case(self) -> float:
        """Share that came back when capitals and small letters count as the same."""
        return self.right_any_case / self.total if self.total else 1.0

    def add(self, other: "Marks") -> None:
        """Add the counts of another text."""
        self.total += other.total
        self.right += other.right
        self.right_any_case += other.right_any_case
        self.lost.update(other.lost)


def base(char: str) -> str:
    """The letter without marks, in lower case."""
    lowered = char.lower()
    if lowered == "đ":
        return "d"
    return unicodedata.normalize("NFD", lowered)[0]


def is_marked(char: str) -> bool:
    """True for a letter with a mark, and for đ."""
    return char in "đĐ" or (char.isalpha() and len(unicodedata.normalize("NFD", char)) > 1)


def score_marks(reference: str, text: str) -> Marks:
    """Score ``text`` against ``reference``."""
    wanted, found = _words(reference), _words(text)
    marks = Marks()
    for first, last, other_first, other_last in _segments(wanted, found):
        _score_chars(" ".join(wanted[first:last]), " ".join(found[other_first:other_last]), marks)
    return marks


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).split()


def _segments(wanted: list[str], found: list[str]) -> list[tuple[int, int, int, int]]:
    """Cut both texts at word groups that occur once in each, in the same order."""
    keys = [[("".join(map(base, word))) for word in words] for words in (wanted, found)]
    places = [_unique(words) for words in keys]
    common = [(places[0][key], places[1][key]) for key in places[0].keys() & places[1].keys()]
    common.sort()
    segments: list[tuple[int, int, int, int]] = []
    first = other_first = 0
    for place, other in _increasing(common):
        if place >= first and other >= other_first:
            segments.append((first, place, other_first, other))
            first, other_first = place, other
    segments.append((first, len(wanted), other_first, len(found)))
    return segments


def _unique(words: list[str]) -> dict[tuple[str, ...], int]:
    groups = [tuple(words[index : index + _SHINGLE]) for index in range(len(words) - _SHINGLE + 1)]
    counts = Counter(groups)
    return {group: index for index, group in enumerate(groups) if counts[group] == 1}


def _increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second members rise too."""
    tails: list[int] = []
    tail_index: list[int] = []
    previous = [-1] * len(pairs)
    for index, (_, second) in enumerate(pairs):
        place = bisect_left(tails, second)
        if place == len(tails):
            tails.append(second)
            tail_index.append(index)
        else:
            tails[place] = second
            tail_index[place] = index
        previous[index] = tail_index[place - 1] if place else -1
    chain: list[tuple[int, int]] = []
    index = tail_index[-1] if tail_index else -1
    while index >= 0:
        chain.append(pairs[index])
        index = previous[index]
    return chain[::-1]


def _score_chars(wanted: str, found: str, marks: Marks) -> None:
    matcher = difflib.SequenceMatcher(
        None, [base(char) for char in wanted], [base(char) for char in found], autojunk=False
    )
    partner: dict[int, int] = {}
    for block in matcher.get_matching_blocks():
        partner.update(
            zip(range(block.a, block.a + block.size), range(block.b, block.b + block.size), strict=True)
        )
    bad = False
    for index, char in enumerate(wanted):
        if not is_marked(char):
            continue
        marks.total += 1
        other = found[partner[index]] if index in partner else ""
        marks.right += other == char
        same = other.lower() == char.lower()
        marks.right_any_case += same
        if not same:
            bad = True
            marks.lost[(char, other)] += 1
    if bad:
        marks.examples.append((wanted[:300], found[:300]))
