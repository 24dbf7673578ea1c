"""Unicode forms of Vietnamese text: NFC, one tone placement, and the folded form used for search.

The folded form keeps one character for each character of the NFC lower-cased text, so an offset found in the
folded text is the same offset in the original (needed to take a snippet from a hit on the folded field).
"""

import re
import unicodedata
from functools import lru_cache

# Tone marks as combining characters: huyền, sắc, hỏi, ngã, nặng.
_TONES = "\u0300\u0301\u0309\u0303\u0323"
# An open syllable written with the tone on the second vowel: o|a, o|e, u|y (but not the y of "quý").
_SECOND_VOWEL_TONE = re.compile(
    rf"(?<![qQ])([oO](?=[aAeE])|[uU](?=[yY]))([aAeEyY])([{_TONES}])(?![a-zA-Z\u0300-\u036f])"
)


def nfc(text: str) -> str:
    """Return ``text`` in Unicode normal form C (composed letters)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    """Return the one base letter of one lower-case character."""
    if char == "đ":
        return "d"
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isalnum() else char


def fold(text: str) -> str:
    """Return ``text`` lower-cased, without tone or vowel marks and with đ as d.

    The result has exactly ``len(nfc(text))`` characters. Combining marks that NFC could not compose are kept.
    """
    composed = nfc(text)
    if composed.isascii():
        return composed.lower()
    lowered = composed.lower()
    if len(lowered) != len(composed):  # a few letters (İ) lower to two characters: lower them one by one
        lowered = "".join(char.lower()[0] for char in composed)
    return "".join([char if char.isascii() else _fold_char(char) for char in lowered])


def normalize(text: str) -> str:
    """Return NFC text with the tone of ``oa, oe, uy`` on the first vowel ("hoà" and "hòa" become "hòa").

    Only an open syllable is touched (``hoàn`` has one accepted form); ``quý`` keeps its tone on y.
    """
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    moved = _SECOND_VOWEL_TONE.sub(r"\1\3\2", decomposed)
    return unicodedata.normalize("NFC", moved)
