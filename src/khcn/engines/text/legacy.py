"""Old Vietnamese encodings (TCVN3, VNI, VISCII, VPS, VIQR) to Unicode NFC.

A file of the 1990s holds bytes that only its font makes Vietnamese; read today they surface as ``Céng hßa`` or
``Coäng hoøa``. Each stretch of text is tried under every table and scored by what comes out: possible Vietnamese
syllables, frequent ones counting more, against impossible ones. The font name and the document's other text in
that font are evidence too, so runs of different encodings may follow each other, and text that is Unicode,
English or any other language already is left exactly as it is.

The letter tables come from ``viparse`` (MIT), completed by the rows its corpus does not hold (VNI ẳ, marks typed in
the other case).
"""

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeVar

from viparse.normalize.encodings import CHARMAPS

from khcn.engines.text.syllables import COMMON, is_syllable

LegacyEncoding = Literal["unicode", "tcvn3", "vni", "viscii", "viqr", "vps", "mixed"]
K = TypeVar("K")
T = TypeVar("T")
_TRIED: Final[tuple[LegacyEncoding, ...]] = ("unicode", "tcvn3", "vni", "viscii", "vps", "viqr")


class Run(NamedTuple):
    """A stretch of text set in one font; ``font`` is "" when it is not known."""

    text: str
    font: str = ""


class Decoded(NamedTuple):
    """Unicode NFC text, and what it was written in (``mixed``: several encodings)."""

    text: str
    encoding: LegacyEncoding


# --- surface: from the characters a reader shows back to the bytes of the file ---------------------------------


def _surface_table() -> dict[int, str]:
    """Characters that cp1252 shows for 0x80-0x9F, and symbol-font private letters, back to one char a byte."""
    table: dict[int, str] = {}
    for byte in range(0x80, 0xA0):
        shown = bytes([byte]).decode("cp1252", "ignore")
        if shown:
            table[ord(shown)] = chr(byte)
    table.update({0xF000 + byte: chr(byte) for byte in range(0x20, 0x100)})
    # PDF names glyphs: the soft hyphen becomes a minus, the middle dot a bullet operator, micro the letter mu.
    table.update({0x2212: "\xad", 0x2011: "\xad", 0x2219: "\xb7", 0x03BC: "\xb5", 0x02C9: "\xaf"})
    return table


_SURFACE: Final = _surface_table()
# cp1258 shows these bytes differently from cp1252; LibreOffice and Word use it for fonts of "Vietnamese" charset.
_SURFACE_1258: Final = {
    **_SURFACE,
    **{
        ord(bytes([byte]).decode("cp1258")): chr(byte)
        for byte in (0xC3, 0xCC, 0xD0, 0xD2, 0xD5, 0xDD, 0xDE, 0xE3, 0xEC, 0xF0, 0xF2, 0xF5, 0xFD, 0xFE)
    },
}

# --- tables, keyed by byte values -----------------------------------------------------------------------------


def _byte_pairs(name: str) -> dict[str, str]:
    return {source.translate(_SURFACE): target for source, target in CHARMAPS[name].pairs}


def _vni_pairs() -> dict[str, str]:
    """VNI letters: a base letter and one mark; the case of the base letter decides, whatever the mark's case."""
    pairs = _byte_pairs("vni")
    pairs.update({"aú": "ẳ", "AÚ": "Ẳ", "î": "ỵ", "Î": "Ỵ"})
    for source, target in list(pairs.items()):
        if len(source) == 2:
            pairs.setdefault(source[0] + source[1].swapcase(), target)
    return pairs


_SINGLE: Final[dict[str, dict[int, str]]] = {
    name: {ord(source): target for source, target in _byte_pairs(name).items()}
    for name in ("tcvn3", "viscii", "vps")
}
_VNI: Final = _vni_pairs()
_VNI_PATTERN: Final = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))

_VIQR_VOWEL: Final = {"^": "\u0302", "(": "\u0306", "+": "\u031b"}
_VIQR_TONE: Final = {"'": "\u0301", "`": "\u0300", "?": "\u0309", "~": "\u0303", ".": "\u0323"}
_VIQR_LETTER: Final = re.compile(
    r"([aA][\^(]|[eEoO]\^|[oOuU]\+|[aeiouyAEIOUY])([\'`?~.]?)(?![\'`?~^(])|([dD])[dD]"
)
_VIQR_SIGN: Final = re.compile(
    r"[aA][\^(][\'`?~.]?|[eEoO]\^[\'`?~.]?|[oOuU]\+[\'`?~.]?|\b[dD][dD][aeiouyAEIOUY]|[aeiouy][`~](?=\w|\b)"
)


_SENTENCE_END: Final = re.compile(r"[\"')\]]*(?:\s*\Z|\s+[\"'(]*[A-ZĐ\d])")


def _from_viqr(text: str) -> str:
    return unicodedata.normalize("NFC", _VIQR_LETTER.sub(_viqr_letter, text))


def _viqr_letter(match: re.Match[str]) -> str:
    if match[3]:
        return "Đ" if match[3] == "D" else "đ"
    vowel, tone = match[1], match[2]
    if tone in (".", "?") and len(vowel) == 1 and _SENTENCE_END.match(match.string, match.end()):
        return vowel + tone  # a full stop or a question mark, not a tone
    return vowel[0] + _VIQR_VOWEL.get(vowel[1:], "") + _VIQR_TONE.get(tone, "")


def _from_vni(text: str) -> str:
    return _VNI_PATTERN.sub(lambda match: _VNI[match[0]], text)


def _single(name: str) -> Callable[[str], str]:
    table = _SINGLE[name]
    return lambda text: text.translate(table)


_CONVERT: Final[dict[str, Callable[[str], str]]] = {
    "unicode": lambda text: text,
    "tcvn3": _single("tcvn3"),
    "viscii": _single("viscii"),
    "vps": _single("vps"),
    "vni": _from_vni,
    "viqr": _from_viqr,
}

# A stretch without spaces. Decoding works on these, so one Unicode word in an old document stays as it is.
_TOKEN: Final = re.compile(r"[^\s\u00a0]+|\u00a0+")
_WORD: Final = re.compile(r"[^\W\d_]+")
_HIGH: Final = re.compile(r"[^\x00-\x7f]")
_BEYOND: Final = re.compile(r"[\u0100-\uefff\uf900-\U0010ffff]")
# Of the Latin-1 letters, those that Vietnamese in Unicode does not use.
_STRANGE: Final = re.compile(
    r"[\x80-\x9f¡-§¨-¿ÄÅÆÇËÎÏÐÑÖ×ØÛÜÞßäåæçëîïðñö÷øûüþÿŒœŠšŸƒˆ˜™‡†‰‹›\uf020-\uf0ff]|[\x02\x05\x06\x14\x19\x1e]"
)
_UNICODE_ONLY: Final = re.compile(r"[ĂăĐđĨĩŨũƠơƯưẠ-ỹ\u0300-\u0323]")
_LATIN: Final = re.compile(r"[À-ÿ]")
_MIN_VIQR_SIGNS: Final = 4


def is_suspicious(text: str) -> bool:
    """True when ``text`` may hold an old encoding: worth the cost of looking closer. Never says it does."""
    if not text.isascii():
        strange = len(_STRANGE.findall(text))
        if strange >= 3 and strange * 400 > len(text):
            return True
        if _LATIN.search(text) and not _UNICODE_ONLY.search(text):
            return True
    return len(_VIQR_SIGN.findall(text)) >= _MIN_VIQR_SIGNS


def convert(text: str, encoding: str) -> str:
    """Return ``text`` (characters as cp1252, cp1258 or Latin-1 shows the bytes) decoded with one table, as NFC.

    Words that hold a character no single byte can show are Unicode already and stay as they are.
    """
    if encoding == "unicode" or (encoding != "viqr" and text.isascii()):
        return unicodedata.normalize("NFC", text)
    if encoding == "viqr":
        return _from_viqr(text)
    pieces = _HIGH_TOKEN.sub(lambda match: _token(match[0], encoding), text)
    return unicodedata.normalize("NFC", pieces)


_HIGH_TOKEN: Final = re.compile(r"[^\s]*[^\x00-\x7f\s][^\s]*|[\x1c-\x1f\x85\xa0]|[\x00-\x08\x0e-\x1b]")


@lru_cache(maxsize=65_536)
def _token(token: str, encoding: str) -> str:
    table = _CONVERT[encoding]
    plain = token.translate(_SURFACE)
    if not _BEYOND.search(plain):
        return table(_keep_punctuation(token, plain, encoding))
    other = token.translate(_SURFACE_1258)
    if _BEYOND.search(other):
        return token
    decoded = table(_keep_punctuation(token, other, encoding))
    return decoded if _reads(decoded) > _reads(token) else token


# Quotes, dashes and dots that Word puts into any text: bytes of letters in VISCII and VPS only.
_PUNCTUATION: Final = re.compile(r"[\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026]")


def _keep_punctuation(token: str, plain: str, encoding: str) -> str:
    if encoding in ("viscii", "vps") or not _PUNCTUATION.search(token):
        return plain
    return "".join(
        shown if _PUNCTUATION.match(shown) else byte for shown, byte in zip(token, plain, strict=True)
    )


# --- evidence -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=65_536)
def _word_score(word: str) -> float:
    """How well one decoded word with marks reads as Vietnamese: +1.5 frequent, +1 possible, -1.5 impossible."""
    lowered = word.lower()
    if lowered in COMMON:
        return 1.5
    if is_syllable(lowered):
        return 0.7
    return -1.5


def _reads(text: str) -> float:
    return sum(_word_score(word) for word in _WORD.findall(text) if not word.isascii())


class Scores(NamedTuple):
    """Points for each encoding tried, and how many words carried evidence."""

    points: dict[str, float]
    words: int


def _score(text: str, viqr_signs: int = _MIN_VIQR_SIGNS) -> Scores:
    """Score ``text`` under every table, by the words that are not plain ASCII."""
    points = dict.fromkeys(_TRIED, 0.0)
    words = 0
    for match in _HIGH_TOKEN.finditer(text):
        token = match[0]
        if not token.strip("\xa0\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026§°"):
            continue
        words += 1
        for encoding, value in _token_points(token):
            points[encoding] += value
    points["viqr"] = _viqr_points(text, words, viqr_signs)
    return Scores(points, words)


@lru_cache(maxsize=65_536)
def _token_points(token: str) -> tuple[tuple[str, float], ...]:
    result = []
    for encoding in _TRIED[:-1]:
        if encoding == "unicode":
            # Words of another language say nothing; only words that read as Vietnamese are evidence for Unicode.
            result.append((encoding, max(0.0, min(3.0, _reads(unicodedata.normalize("NFC", token))))))
            continue
        decoded = _token(token, encoding)
        if decoded == token and _UNICODE_ONLY.search(token):
            result.append((encoding, 0.0))  # written in Unicode: no evidence for any old encoding
            continue
        left = len(_STRANGE.findall(decoded))
        result.append((encoding, max(-2.0, min(3.0, _reads(decoded))) - 1.0 * min(left, 2)))
    return tuple(result)


def _viqr_points(text: str, high_words: int, fewest: int) -> float:
    signs = len(_VIQR_SIGN.findall(text))
    if signs < fewest or high_words > signs:
        return -100.0
    decoded = _from_viqr(text)
    good = _reads(decoded)
    words = sum(1 for word in _WORD.findall(decoded) if not word.isascii())
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
    _carried: str = "unicode"

    def learn(self, runs: Iterable[Run]) -> None:
        """Add the evidence of ``runs`` to what is known about their fonts and about the document."""
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
        if text.isascii() and not _VIQR_SIGN.search(text) and not _HIGH_TOKEN.search(text):
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
        local = _score(text, 1 if is_viqr else _MIN_VIQR_SIGNS)
        if local.words == 0 and local.points["viqr"] < 0:
            named = font_encoding(font)
            return named or self._carried
        total = {encoding: points + self._prior(font, encoding) for encoding, points in local.points.items()}
        best = max(_TRIED, key=lambda encoding: total[encoding])
        if local.words >= 3:
            self._carried = best
        return best

    def _prior(self, font: str, encoding: str) -> float:
        """What the font's name, the font's other text and the document's other text say; at most a few words' worth."""
        value = 0.6 if encoding == "unicode" else 0.0
        named = font_encoding(font)
        if named == encoding:
            value += 1.5
        elif named is not None and encoding == "unicode":
            value -= 0.6
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
    apart = _reads(convert(end[0], left_encoding) + convert(start[0], right_encoding))
    whole = {name: _reads(convert(end[0] + start[0], name)) for name in (left_encoding, right_encoding)}
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
