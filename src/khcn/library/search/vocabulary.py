"""The index's own vocabulary, for "ý bạn là": syllables and pairs of syllables with marks, counted in public
works.

Only works that everybody may read are counted, so a suggestion never tells a word of a closed work. A sample
of the texts is enough for pairs; it is built after a commit when enough has changed, and read by every web
process (about 3 MB).
"""

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from khcn.engines.text.fold import fold, normalize
from khcn.engines.text.suggest import CompactBigrams, build_unigrams, correct, restore_marks
from khcn.engines.text.tokens import words
from khcn.library.search.analysis import ParsedQuery

SAMPLE_WORKS: Final = 4000
_MAX_SYLLABLES: Final = 2_000_000
_MAX_FORMS: Final = 30_000
_MAX_PAIRS: Final = 150_000
_MAX_SUGGESTED_TERMS: Final = 12
# Below this many hits a slip of the finger is likely.
_FEW_HITS: Final = 3
# Above this many, counting the other spelling would cost more than it tells: the vocabulary decides.
_MANY_HITS: Final = 2000


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Syllables (folded -> marked forms with counts) and pairs of marked syllables."""

    unigrams: dict[str, list[tuple[str, float]]]
    bigrams: CompactBigrams

    @property
    def total(self) -> float:
        """How many syllables were counted."""
        return sum(count for forms in self.unigrams.values() for _, count in forms)

    def to_bytes(self) -> bytes:
        """Return the file form, with a checksum."""
        forms = {form: count for entries in self.unigrams.values() for form, count in entries}
        head = json.dumps(forms, ensure_ascii=False).encode()
        body = len(head).to_bytes(8, "little") + head + self.bigrams.to_bytes()
        packed = zlib.compress(body, 1)
        return zlib.crc32(packed).to_bytes(4, "little") + packed

    @classmethod
    def from_bytes(cls, data: bytes) -> "Vocabulary":
        """Read the file form. Raises ``ValueError`` when it is damaged."""
        if zlib.crc32(data[4:]) != int.from_bytes(data[:4], "little"):
            raise ValueError("the vocabulary's checksum is wrong")
        body = zlib.decompress(data[4:])
        size = 8 + int.from_bytes(body[:8], "little")
        return cls(build_unigrams(json.loads(body[8:size]).items()), CompactBigrams.from_bytes(body[size:]))


def is_stale(*, works: int, changes_since: int) -> bool:
    """Tell whether a vocabulary is worth building anew: at once in a small library, by fiftieths in a large
    one."""
    return changes_since >= max(1, works // 50)


def build_vocabulary(texts: Iterable[str]) -> Vocabulary:
    """Count the syllables of ``texts`` (the first two million) and keep the frequent ones."""
    forms: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    total = 0
    for text in texts:
        syllables = words(normalize(text).lower())
        total += len(syllables)
        forms.update(syllables)
        pairs.update(pairwise(syllables))
        if total > _MAX_SYLLABLES:
            break
    kept = [(form, float(count)) for form, count in forms.most_common(_MAX_FORMS) if not form.isdigit()]
    least = 2 if len(pairs) > _MAX_PAIRS else 1
    frequent = [(*pair, float(count)) for pair, count in pairs.most_common(_MAX_PAIRS) if count >= least]
    return Vocabulary(build_unigrams(kept), CompactBigrams(frequent))


def _is_usual(restored: str, vocabulary: Vocabulary) -> bool:
    """Tell from the vocabulary alone whether these marks are the usual ones of these words."""
    forms = restored.split()
    if len(forms) > 1:
        return all(pair in vocabulary.bigrams for pair in pairwise(forms))
    weights = dict(vocabulary.unigrams.get(fold(restored), ()))
    return 2 * weights.get(restored, 0.0) >= sum(weights.values()) > 0


def suggest(
    parsed: ParsedQuery, vocabulary: Vocabulary, *, all_words: int, count: Callable[[str], int]
) -> str | None:
    """Return a better spelling of the question, or None when there is none or it would not help.

    ``all_words``: how many works the reader may see hold all words of the question. ``count(text)``: the same
    for another spelling, its marks compared. A slip is mended when the question finds next to nothing as
    typed; marks are restored when most of the works found have them so.
    """
    if parsed.numbers or not 1 <= len(parsed.terms) <= _MAX_SUGGESTED_TERMS:
        return None
    typed = " ".join(words(parsed.text.lower()))
    mended = correct(typed, vocabulary.unigrams) if all_words < _FEW_HITS else None
    restored = restore_marks(mended or typed, vocabulary.unigrams, vocabulary.bigrams)
    if mended:
        best = restored or mended
        return best if best != typed and count(best) > all_words else None
    if restored is None or parsed.any_marks or fold(restored) != fold(typed):
        return None
    if all_words > _MANY_HITS:
        return restored if _is_usual(restored, vocabulary) else None
    found = count(restored)
    return restored if found > 0 and 2 * found >= all_words else None
