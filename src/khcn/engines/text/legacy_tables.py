"""Letter tables of the old Vietnamese encodings, and the conversion of one stretch of text with one of them.

The tables come from ``viparse`` (MIT), completed by the rows its corpus does not hold (VNI ẳ, marks typed in the
other case). They are keyed by byte values; a reader shows those bytes as cp1252, cp1258, Latin-1, private letters of
symbol fonts or, in a PDF, as look-alikes, so the first step is back to bytes.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from viparse.normalize.encodings import CHARMAPS

from khcn.engines.text.syllables import COMMON, is_syllable, plausible_share

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


SINGLE_BYTE: Final[dict[str, dict[int, str]]] = {
    name: {ord(source): target for source, target in _byte_pairs(name).items()}
    for name in ("tcvn3", "viscii", "vps")
}
VNI_LETTERS: Final = _vni_pairs()
_VNI_PATTERN: Final = re.compile("|".join(sorted(map(re.escape, VNI_LETTERS), key=len, reverse=True)))

_VIQR_VOWEL: Final = {"^": "\u0302", "(": "\u0306", "+": "\u031b"}
_VIQR_TONE: Final = {"'": "\u0301", "`": "\u0300", "?": "\u0309", "~": "\u0303", ".": "\u0323"}
_VIQR_LETTER: Final = re.compile(
    r"([aA][\^(]|[eEoO]\^|[oOuU]\+|[aeiouyAEIOUY])([\'`?~.]?)(?![\'`?~^(])|([dD])[dD]"
)
VIQR_SIGN: Final = re.compile(
    r"[aA][\^(][\'`?~.]?|[eEoO]\^[\'`?~.]?|[oOuU]\+[\'`?~.]?|\b[dD][dD][aeiouyAEIOUY]|[aeiouy][`~](?=\w|\b)"
)


_SENTENCE_END: Final = re.compile(r"[\"')\]]*(?:\s*\Z|\s+[\"'(]*[A-ZĐ\d])")


def from_viqr(text: str) -> str:
    return unicodedata.normalize("NFC", _VIQR_LETTER.sub(_viqr_letter, text))


def _viqr_letter(match: re.Match[str]) -> str:
    if match[3]:
        return "Đ" if match[3] == "D" else "đ"
    vowel, tone = match[1], match[2]
    if tone in (".", "?") and len(vowel) == 1 and _SENTENCE_END.match(match.string, match.end()):
        return vowel + tone  # a full stop or a question mark, not a tone
    return vowel[0] + _VIQR_VOWEL.get(vowel[1:], "") + _VIQR_TONE.get(tone, "")


def _from_vni(text: str) -> str:
    return _VNI_PATTERN.sub(lambda match: VNI_LETTERS[match[0]], text)


def _single(name: str) -> Callable[[str], str]:
    table = SINGLE_BYTE[name]
    return lambda text: text.translate(table)


_CONVERT: Final[dict[str, Callable[[str], str]]] = {
    "unicode": lambda text: text,
    "tcvn3": _single("tcvn3"),
    "viscii": _single("viscii"),
    "vps": _single("vps"),
    "vni": _from_vni,
    "viqr": from_viqr,
}

WORD: Final = re.compile(r"[^\W\d_]+")
_BEYOND: Final = re.compile(r"[\u0100-\uefff\uf900-\U0010ffff]")
# Of the Latin-1 letters, those that Vietnamese in Unicode does not use.
STRANGE: Final = re.compile(
    r"[\x80-\x9f¡-§¨-¿ÄÅÆÇËÎÏÐÑÖ×ØÛÜÞßäåæçëîïðñö÷øûüþÿŒœŠšŸƒˆ˜™‡†‰‹›\uf020-\uf0ff]|[\x02\x05\x06\x14\x19\x1e]"
)
UNICODE_ONLY: Final = re.compile(r"[ĂăĐđĨĩŨũƠơƯưẠ-ỹ\u0300-\u0323]")
_LATIN: Final = re.compile(r"[À-ÿ]")
MIN_VIQR_SIGNS: Final = 4


def is_suspicious(text: str) -> bool:
    """True when ``text`` may hold an old encoding: worth the cost of looking closer. Never says it does."""
    if not text.isascii():
        if STRANGE.search(text):
            strange = len(STRANGE.findall(text))
            if strange >= 3 and strange * 400 > len(text):
                return True
        if UNICODE_ONLY.search(text):
            return False
        if _LATIN.search(text):
            return True
    return len(VIQR_SIGN.findall(text)) >= MIN_VIQR_SIGNS


def is_mixed(text: str) -> bool:
    """True when suspicious text also holds letters that only Unicode has: then fonts are needed to tell runs apart."""
    return bool(UNICODE_ONLY.search(text))


def looks_undecoded(text: str) -> bool:
    """True when text still seems to be Vietnamese in an encoding not known here.

    Its plain words read as Vietnamese, its words with other letters do not, and of those there are many. (In German
    or Swedish text the plain words do not read as Vietnamese either.)
    """
    strange = len(STRANGE.findall(text))
    if strange < 20 or strange * 25 < sum(map(str.isalpha, text)):
        return False
    words = WORD.findall(text[:20_000])
    plain = " ".join(word for word in words if word.isascii())
    other = " ".join(word for word in words if not word.isascii())
    return plausible_share(plain) > 0.6 and plausible_share(other) < 0.4


def convert(text: str, encoding: str) -> str:
    """Return ``text`` (characters as cp1252, cp1258 or Latin-1 shows the bytes) decoded with one table, as NFC.

    Words that hold a character no single byte can show are Unicode already and stay as they are.
    """
    if encoding == "unicode" or (encoding != "viqr" and text.isascii()):
        return unicodedata.normalize("NFC", text)
    if encoding == "viqr":
        return from_viqr(text)
    pieces = HIGH_TOKEN.sub(lambda match: convert_word(match[0], encoding), text)
    return unicodedata.normalize("NFC", pieces)


HIGH_TOKEN: Final = re.compile(r"[^\s]*[^\x00-\x7f\s][^\s]*|[\x1c-\x1f\x85\xa0]|[\x00-\x08\x0e-\x1b]")


@lru_cache(maxsize=65_536)
def convert_word(token: str, encoding: str) -> str:
    table = _CONVERT[encoding]
    plain = token.translate(_SURFACE)
    if not _BEYOND.search(plain):
        return table(_keep_punctuation(token, plain, encoding))
    # Letters of Unicode among bytes: cp1258 shows some bytes so, or a word was mended by hand ("®ịnh"). Either reading
    # counts only when it is better than the word as it stands.
    readings = [table(_keep_punctuation(token, plain, encoding))]
    other = token.translate(_SURFACE_1258)
    if not _BEYOND.search(other):
        readings.append(table(_keep_punctuation(token, other, encoding)))
    best = max(readings, key=reads)
    return best if reads(best) > reads(token) else token


# Quotes, dashes and dots that Word puts into any text: bytes of letters in VISCII and VPS only.
_PUNCTUATION: Final = re.compile(r"[\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026]")


def _keep_punctuation(token: str, plain: str, encoding: str) -> str:
    if encoding in ("viscii", "vps") or not _PUNCTUATION.search(token):
        return plain
    return "".join(
        shown if _PUNCTUATION.match(shown) else byte for shown, byte in zip(token, plain, strict=True)
    )


# --- how well a decoded text reads ------------------------------------------------------------------------------


@lru_cache(maxsize=65_536)
def _word_score(word: str) -> float:
    """How well one decoded word with marks reads as Vietnamese: +1.5 frequent, +1 possible, -1.5 impossible."""
    lowered = word.lower()
    if lowered in COMMON:
        return 1.5
    if is_syllable(lowered):
        return 0.7
    return -1.5


def reads(text: str) -> float:
    return sum(_word_score(word) for word in WORD.findall(text) if not word.isascii())
