""" "Ý bạn là": bring back the marks of a query, and mend one slip of the finger, from a vocabulary of
syllables.

Vietnamese has some 7,000 syllables, so the unigrams are a small dictionary: folded syllable -> marked forms
with their weights (counts). Bigrams are many more; ``CompactBigrams`` holds them in two arrays, 12 bytes each
(100,000 pairs: 1.2 MB), so that every web process can keep its own.
"""

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Final, TypeAlias

from khcn.engines.text.fold import fold, nfc
from khcn.engines.text.tokens import has_marks, words

Unigrams: TypeAlias = Mapping[str, Sequence[tuple[str, float]]]
Bigrams: TypeAlias = Mapping[tuple[str, str], float]

_MAX_FORMS: Final = 24
_MAX_SYLLABLES: Final = 24
# The share of the bigram model against the unigram model, and the floor for a pair never seen.
_BIGRAM_SHARE: Final = 0.9
_START: Final = ""


class CompactBigrams(Mapping[tuple[str, str], float]):
    """Pairs of lower-case marked syllables with their weights, in two sorted arrays (12 bytes a pair).

    Pairs are kept as 64-bit hashes: enough to look one up, not to list them.
    """

    __slots__ = ("_keys", "_weights")

    def __init__(self, pairs: Iterable[tuple[str, str, float]]) -> None:
        """Build from ``(first, second, weight)``; the weights of a pair given twice are added."""
        sums: dict[int, float] = {}
        for first, second, weight in pairs:
            key = _pair_hash(first, second)
            sums[key] = sums.get(key, 0.0) + weight
        self._keys = array("Q", sorted(sums))
        self._weights = array("f", (sums[key] for key in self._keys))

    def to_bytes(self) -> bytes:
        """Return the pairs for a file; ``from_bytes`` reads them back on a machine of the same byte order."""
        return len(self._keys).to_bytes(8, "little") + self._keys.tobytes() + self._weights.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "CompactBigrams":
        """Read what ``to_bytes`` wrote. Raises ``ValueError`` on a truncated file."""
        count = int.from_bytes(data[:8], "little")
        if len(data) != 8 + 12 * count:
            raise ValueError(f"expected {8 + 12 * count} bytes of pairs, got {len(data)}")
        bigrams = cls(())
        bigrams._keys.frombytes(data[8 : 8 + 8 * count])
        bigrams._weights.frombytes(data[8 + 8 * count :])
        return bigrams

    def __getitem__(self, pair: tuple[str, str]) -> float:
        key = _pair_hash(*pair)
        at = bisect_left(self._keys, key)
        if at < len(self._keys) and self._keys[at] == key:
            return self._weights[at]
        raise KeyError(pair)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        raise TypeError("CompactBigrams keeps hashes only and cannot list its pairs")

    def __len__(self) -> int:
        return len(self._keys)


def _pair_hash(first: str, second: str) -> int:
    return int.from_bytes(blake2b(f"{first} {second}".encode(), digest_size=8).digest(), "little")


def build_unigrams(
    counts: Iterable[tuple[str, float]], *, min_weight: float = 1.0
) -> dict[str, list[tuple[str, float]]]:
    """Return the unigrams of ``(marked syllable, weight)`` pairs: each folded syllable's forms, heaviest
    first."""
    sums: dict[str, float] = {}
    for form, weight in counts:
        lowered = nfc(form).lower()
        sums[lowered] = sums.get(lowered, 0.0) + weight
    unigrams: dict[str, list[tuple[str, float]]] = {}
    for form, weight in sums.items():
        if weight >= min_weight:
            unigrams.setdefault(fold(form), []).append((form, weight))
    for forms in unigrams.values():
        forms.sort(key=lambda item: (-item[1], item[0]))
        del forms[_MAX_FORMS:]
    return unigrams


def _forms(syllable: str, unigrams: Unigrams) -> Sequence[tuple[str, float]]:
    """Return the forms a typed syllable may stand for: itself alone when it has marks or is unknown."""
    if has_marks(syllable):
        weight = dict(unigrams.get(fold(syllable), ())).get(syllable, 1.0)
        return [(syllable, weight)]
    return unigrams.get(syllable) or [(syllable, 1.0)]


def _best_path(lattice: Sequence[Sequence[tuple[str, float]]], bigrams: Bigrams) -> list[str]:
    """Return the likeliest forms by Viterbi: P(form | previous) interpolated with P(form | folded
    syllable)."""
    scores: dict[str, tuple[float, float]] = {_START: (0.0, 0.0)}
    steps: list[dict[str, str]] = []
    for forms in lattice:
        total = sum(weight for _, weight in forms) or 1.0
        reached: dict[str, tuple[float, float]] = {}
        back: dict[str, str] = {}
        for form, weight in forms:
            share = max(weight, 1e-6) / total
            for previous, (score, mass) in scores.items():
                pair = bigrams.get((previous, form), 0.0) if previous else 0.0
                chance = (
                    _BIGRAM_SHARE * (pair / (mass + pair)) + (1 - _BIGRAM_SHARE) * share if mass else share
                )
                candidate = score + math.log(max(chance, 1e-12))
                if form not in reached or candidate > reached[form][0]:
                    reached[form] = (candidate, max(weight, 1.0))
                    back[form] = previous
        scores = reached
        steps.append(back)
    form = max(scores, key=lambda item: scores[item][0])
    path = []
    for back in reversed(steps):
        path.append(form)
        form = back[form]
    return path[::-1]


def restore_marks(query: str, unigrams: Unigrams, bigrams: Bigrams) -> str | None:
    """Return ``query`` with its likeliest marks, lower-cased and spaced singly, or None when nothing changes.

    ``bigrams`` maps pairs of lower-case marked syllables to counts. Syllables typed with marks stay as they
    are and help to place their neighbours; unknown ones stay too. Digits and the punctuation between
    syllables are kept out of it: a query with a document number is not touched (None).
    """
    lowered = nfc(query).lower()
    syllables = words(lowered)
    if not syllables or len(syllables) > _MAX_SYLLABLES or "/" in lowered:
        return None
    path = _best_path([_forms(syllable, unigrams) for syllable in syllables], bigrams)
    return " ".join(path) if path != syllables else None


# --- one slip of the finger ---

_LETTERS: Final = "abcdeghiklmnopqrstuvxyfjwz"
_TELEX_DOUBLES: Final = ("dd", "aa", "ee", "oo")


def _telex(syllable: str) -> str:
    """Return a syllable typed by Telex keys without an input method, unmarked: "hocj" -> "hoc", "ddinhj" ->
    "dinh"."""
    plain = syllable
    for double in _TELEX_DOUBLES:
        plain = plain.replace(double, double[0])
    plain = plain.replace("uw", "u").replace("ow", "o").replace("aw", "a")
    if len(plain) > 1 and plain[-1] in "sfrxj":
        return plain[:-1]
    # The tone key may stand before the last consonants: "quyeets" but also "quyeest".
    for index in range(len(plain) - 2, 0, -1):
        if plain[index] in "sfrxj" and plain[index - 1] in "aeiouy":
            return plain[:index] + plain[index + 1 :]
    return plain


def _edits(syllable: str) -> Iterator[str]:
    """Yield what one slip can make of a syllable: two letters swapped, one left out, put in, or wrong."""
    for at in range(len(syllable) + 1):
        head, tail = syllable[:at], syllable[at:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        if tail:
            yield head + tail[1:]
        for letter in _LETTERS:
            if tail and letter != tail[0]:
                yield head + letter + tail[1:]
            yield head + letter + tail


def _weight(folded: str, vocabulary: Unigrams) -> float:
    return sum(weight for _, weight in vocabulary.get(folded, ()))


def _mend(syllable: str, vocabulary: Unigrams) -> str | None:
    """Return the likeliest known folded syllable for an unknown one, or None."""
    telex = _telex(syllable)
    if telex != syllable and telex in vocabulary:
        return telex
    known = {edit for edit in _edits(syllable) if len(edit) > 1 and edit in vocabulary}
    if not known:
        return None
    # A wrong first letter is rare: such a candidate must weigh ten times as much.
    return max(
        sorted(known), key=lambda edit: _weight(edit, vocabulary) * (1.0 if edit[0] == syllable[0] else 0.1)
    )


def correct(query: str, vocabulary: Unigrams) -> str | None:
    """Return ``query`` with unknown syllables replaced by the likeliest one an edit away, or None without
    change.

    Mended syllables come back folded (run ``restore_marks`` on the answer); known ones as typed. Numbers,
    single letters and long foreign words are left alone, Telex keys typed without an input method ("khoa
    hocj") are read.
    """
    lowered = nfc(query).lower()
    if "/" in lowered:
        return None
    changed = False
    result: list[str] = []
    for syllable in words(lowered):
        folded = fold(syllable)
        mended = None
        if folded not in vocabulary and folded.isalpha() and folded.isascii() and 2 <= len(folded) <= 9:
            mended = _mend(folded, vocabulary)
        changed = changed or mended is not None
        result.append(mended or syllable)
    return " ".join(result) if changed else None
