"""Old Vietnamese encodings (TCVN3, VNI, VISCII, VPS, VIQR) to Unicode NFC.

A file of the 1990s holds bytes that only its font makes Vietnamese; read today they surface as ``Céng hßa`` or
``Coäng hoøa``. Each stretch of text is tried under every table and scored by what comes out: possible Vietnamese
syllables, frequent ones counting more, against impossible ones. The font name and the document's other text in
that font are evidence too, so runs of different encodings may follow each other, and text that is Unicode,
English or any other language already is left exactly as it is.
"""

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeVar

from khcn.engines.text.legacy_tables import (
    HIGH_TOKEN,
    MIN_VIQR_SIGNS,
    STRANGE,
    UNICODE_ONLY,
    VIQR_SIGN,
    WORD,
    convert,
    convert_word,
    from_viqr,
    is_mixed,
    is_suspicious,
    looks_undecoded,
    reads,
)

__all__ = [
    "Decoded",
    "LegacyDecoder",
    "LegacyEncoding",
    "Run",
    "convert",
    "decode_text",
    "font_encoding",
    "is_capital_font",
    "is_mixed",
    "is_suspicious",
    "looks_undecoded",
]

LegacyEncoding = Literal["unicode", "tcvn3", "vni", "viscii", "viqr", "vps", "mixed"]
K = TypeVar("K")
T = TypeVar("T")
# Signs that Word puts into any text: they say nothing about the encoding.
_NO_EVIDENCE: Final = frozenset("\xa0\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026§°\x85")
_TRIED: Final[tuple[LegacyEncoding, ...]] = ("unicode", "tcvn3", "vni", "viscii", "vps", "viqr")
_BYTE_TABLES: Final = _TRIED[:-1]


class Run(NamedTuple):
    """A stretch of text set in one font; ``font`` is "" when it is not known."""

    text: str
    font: str = ""


class Decoded(NamedTuple):
    """Unicode NFC text, and what it was written in (``mixed``: several encodings)."""

    text: str
    encoding: LegacyEncoding


class Scores(NamedTuple):
    """Points for each encoding tried, and how many words carried evidence."""

    points: dict[str, float]
    words: int


def _score(text: str, viqr_signs: int = MIN_VIQR_SIGNS) -> Scores:
    """Score ``text`` under every table, by the words that are not plain ASCII."""
    rows = [_token_points(token) for token in HIGH_TOKEN.findall(text) if token not in _NO_EVIDENCE]
    sums = [sum(column) for column in zip(*rows, strict=True)] if rows else [0.0] * len(_BYTE_TABLES)
    points = dict(zip(_BYTE_TABLES, sums, strict=True))
    points["viqr"] = _viqr_points(text, len(rows), viqr_signs)
    return Scores(points, len(rows))


@lru_cache(maxsize=65_536)
def _token_points(token: str) -> tuple[float, ...]:
    """Points of one word under each of ``_BYTE_TABLES``; signs without any letter say nothing."""
    if not any(char.isalpha() for char in token):
        return (0.0,) * len(_BYTE_TABLES)
    # Words of another language say nothing; only words that read as Vietnamese are evidence for Unicode.
    points = [max(0.0, min(3.0, reads(unicodedata.normalize("NFC", token))))]
    for encoding in _BYTE_TABLES[1:]:
        decoded = convert_word(token, encoding)
        if decoded == token and UNICODE_ONLY.search(token):
            points.append(0.0)  # written in Unicode: no evidence for any old encoding
        else:
            left = len(STRANGE.findall(decoded))
            points.append(max(-2.0, min(3.0, reads(decoded))) - 1.0 * min(left, 2))
    return tuple(points)


def _viqr_points(text: str, high_words: int, fewest: int) -> float:
    signs = len(VIQR_SIGN.findall(text))
    if signs < fewest or high_words > signs:
        return -100.0
    decoded = from_viqr(text)
    good = reads(decoded)
    words = sum(1 for word in WORD.findall(decoded) if not word.isascii())
    return good if good > 0.4 * words else -100.0


def font_encoding(font: str) -> LegacyEncoding | None:
    """Return what a font name says about the encoding: ``.VnTime`` TCVN3, ``VNI-Times`` VNI, ``VPS Times`` VPS."""
    name = re.sub(r"^[A-Z]{6}\+", "", font).strip("'\" ").lower()
    if name.startswith((".vn", "abc ", "tcvn")) or re.match(r"vn(?:time|arial|avant|helve|courier)", name):
        return "tcvn3"
    if name.startswith("vni"):
        return "vni"
    if name.startswith("vps"):
        return "vps"
    return "viscii" if "viscii" in name else None


def is_capital_font(font: str) -> bool:
    """True for the fonts that draw every letter as a capital: ``.VnTimeH``, ``.VnArialH``, ``.VnArial NarrowH``."""
    name = re.sub(r"^[A-Z]{6}\+", "", font).split(",")[0].strip("'\" ")
    name = re.sub(r"[-,](?:bold|italic|bolditalic|regular)$", "", name, flags=re.I)
    return bool(re.match(r"\.vn", name, re.I)) and name.endswith("H")


@dataclass(slots=True)
class LegacyDecoder:
    """Decodes the runs of one document; what it saw in one place helps where there is little text.

    Call :meth:`learn` with all text first where the whole document is at hand, then :meth:`decode` paragraph by
    paragraph. ``capitals``: write text of capital fonts (``.VnTimeH``, whose every letter is drawn as a capital) in
    capitals; by default letters stay as they were typed.
    """

    capitals: bool = False
    _fonts: dict[str, dict[str, float]] = field(default_factory=dict)
    _words: dict[str, int] = field(default_factory=dict)
    _priors: dict[str, dict[str, float]] = field(default_factory=dict)
    _carried: str = "unicode"

    def learn(self, runs: Iterable[Run]) -> None:
        """Add the evidence of ``runs`` to what is known about their fonts and about the document."""
        self._priors.clear()
        for font, text in _by_font(runs):
            scores = _score(text)
            for key in {font, "*"}:
                known = self._fonts.setdefault(key, dict.fromkeys(_TRIED, 0.0))
                for encoding, points in scores.points.items():
                    known[encoding] += points
                self._words[key] = self._words.get(key, 0) + scores.words

    def decode(self, runs: Sequence[Run]) -> Decoded:
        """Return one paragraph as Unicode."""
        text = "".join(run.text for run in runs)
        if text.isascii() and not VIQR_SIGN.search(text) and not HIGH_TOKEN.search(text):
            return Decoded(_capitals(runs) if self.capitals else text, "unicode")
        parts: list[str] = []
        used: set[str] = set()
        for encoding, group in self._groups(runs):
            decoded = self._decode_group(group, encoding)
            parts.append(decoded)
            if decoded != "".join(run.text for run in group) and encoding != "unicode":
                used.add(encoding)
        joined = unicodedata.normalize("NFC", "".join(parts))
        if not used:
            return Decoded(joined, "unicode")
        return Decoded(joined, used.pop() if len(used) == 1 else "mixed")  # type: ignore[arg-type]  # names of tables

    def _decode_group(self, group: Sequence[Run], encoding: str) -> str:
        """Convert runs of one encoding together (a VNI letter may be split between runs), then set capitals."""
        text = "".join(run.text for run in group)
        if not self.capitals or not any(is_capital_font(run.font) for run in group):
            return convert(text, encoding)
        parts: list[str] = []
        for capital, same in _consecutive(group, lambda run: is_capital_font(run.font)):
            decoded = convert("".join(run.text for run in same), encoding)
            parts.append(decoded.upper() if capital else decoded)
        return "".join(parts)

    def _groups(self, runs: Sequence[Run]) -> list[tuple[str, list[Run]]]:
        """Consecutive runs of one encoding. All runs of one font family in a paragraph are judged together."""
        by_font: dict[str, str] = {}
        for font, text in _by_font(runs):
            by_font[font] = self._choose(font, text)
        chosen = [(by_font.get(_family(run.font), "unicode"), run) for run in runs if run.text]
        for index in range(1, len(chosen)):
            _mend_word(chosen, index)
        groups = _consecutive(chosen, lambda pair: pair[0])
        return [(encoding, [run for _, run in group]) for encoding, group in groups]

    def _choose(self, font: str, text: str) -> str:
        # In a document known to be VIQR one sign is enough for a line.
        is_viqr = self._fonts.get("*", {}).get("viqr", 0.0) > 8.0
        local = _score(text, 1 if is_viqr else MIN_VIQR_SIGNS)
        if local.words == 0 and local.points["viqr"] < 0:
            named = font_encoding(font)
            return named or self._carried
        prior = self._priors.get(font)
        if prior is None:
            prior = self._priors[font] = {encoding: self._prior(font, encoding) for encoding in _TRIED}
        total = {encoding: points + prior[encoding] for encoding, points in local.points.items()}
        best = max(_TRIED, key=lambda encoding: total[encoding])
        if local.words >= 3:
            self._carried = best
        return best

    def _prior(self, font: str, encoding: str) -> float:
        """What the font's name, the font's other text and the document's other text say; at most a few words' worth."""
        # One word that happens to read well under a table is not enough to touch a text.
        value = 1.6 if encoding == "unicode" else 0.0
        named = font_encoding(font)
        if named == encoding:
            value += 1.5
        elif named is not None and encoding == "unicode":
            value -= 1.6
        if encoding == "vps":  # shares its bytes with VISCII and is rarest by far
            value -= 1.0
        for key, weight in ((font, 3.0), ("*", 1.0)):
            words = self._words.get(key, 0)
            if words:
                known = self._fonts[key]
                mean = known[encoding] / (words + 3) if encoding != "viqr" else 0.0
                value += weight * mean
        return value


_WORD_END: Final = re.compile(r"\S+\Z")
_WORD_START: Final = re.compile(r"\S+")


def _mend_word(chosen: list[tuple[str, Run]], index: int) -> None:
    """Give both halves of a word that two runs share the encoding under which the whole word reads best.

    A single letter set in another font by mistake (``Quyết`` + ``®`` + ``ịnh``) says nothing for itself.
    """
    (left_encoding, left), (right_encoding, right) = chosen[index - 1], chosen[index]
    end, start = _WORD_END.search(left.text), _WORD_START.match(right.text)
    if left_encoding == right_encoding or not end or not start:
        return
    apart = reads(convert(end[0], left_encoding) + convert(start[0], right_encoding))
    whole = {name: reads(convert(end[0] + start[0], name)) for name in (left_encoding, right_encoding)}
    best = max(whole, key=lambda name: whole[name])
    if whole[best] <= apart:
        return
    if best == left_encoding and len(start[0]) == len(right.text):
        chosen[index] = (best, right)
    elif best == right_encoding and len(end[0]) == len(left.text):
        chosen[index - 1] = (best, left)


def _family(font: str) -> str:
    """Fonts that share an encoding whatever their weight and size: the name without subset tag and style."""
    name = re.sub(r"^[A-Z]{6}\+", "", font)
    return re.sub(r"[-,](?:bold|italic|bolditalic|regular)$", "", name, flags=re.I)


def _by_font(runs: Iterable[Run]) -> list[tuple[str, str]]:
    texts: dict[str, list[str]] = {}
    for run in runs:
        texts.setdefault(_family(run.font), []).append(run.text)
    return [(font, "".join(parts)) for font, parts in texts.items()]


def _consecutive(items: Iterable[T], key: Callable[[T], K]) -> list[tuple[K, list[T]]]:
    return [(name, list(group)) for name, group in itertools.groupby(items, key)]


def _capitals(runs: Sequence[Run]) -> str:
    return "".join(run.text.upper() if is_capital_font(run.font) else run.text for run in runs)


def decode_text(text: str, font: str = "") -> Decoded:
    """Return ``text`` as Unicode NFC, line by line (lines may be in different encodings)."""
    if not is_suspicious(text):
        return Decoded(unicodedata.normalize("NFC", text), "unicode")
    decoder = LegacyDecoder()
    decoder.learn([Run(text, font)])
    lines = [decoder.decode((Run(line, font),)) for line in text.split("\n")]
    used = {line.encoding for line in lines} - {"unicode"}
    encoding: LegacyEncoding = "unicode" if not used else used.pop() if len(used) == 1 else "mixed"
    return Decoded("\n".join(line.text for line in lines), encoding)
