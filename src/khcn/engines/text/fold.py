"""Unicode forms of Vietnamese text: NFC, one tone placement, and the folded form used for search.

The folded form keeps one character for each character of the NFC text, so an offset found in the folded text
is the same offset in the original (needed to take a snippet from a hit on the folded field).
"""

import codecs
import re
import unicodedata
from typing import Final

# An open syllable written with the tone on the second vowel: o|a, o|e, u|y (but not the y of "quý").
_TONES: Final = "\u0300\u0301\u0309\u0303\u0323"
_TONE_PAIRS: Final = {
    unicodedata.normalize("NFC", first + second + tone): unicodedata.normalize("NFC", first + tone + second)
    for first, seconds in (("o", "aAeE"), ("O", "aAeE"), ("u", "yY"), ("U", "yY"))
    for second in seconds
    for tone in _TONES
}
_SECOND_VOWEL_TONE: Final = re.compile(
    rf"(?<![qQ])[oOuU][{''.join({pair[1] for pair in _TONE_PAIRS})}](?![a-zA-Z\u0300-\u036f\u00c0-\u024f\u1e00-\u1eff])"
)
# Icelandic eth and African D look like Đ; OCR engines and old fonts write them for it.
_LOOKALIKE_D: Final = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ"})
_LOOKS_LIKE_D: Final = re.compile("[ÐðƉɖ]").search


def _base_letters() -> dict[str, str]:
    """Map each marked lower-case Latin letter to its base letter."""
    bases = {"đ": "d", "ð": "d", "ɖ": "d"}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        char = chr(code)
        base = unicodedata.normalize("NFD", char)[0]
        if char.lower() == char and base != char and base.isalnum():
            bases[char] = base
    return bases


_BASES: Final = _base_letters()

# Nearly all Vietnamese text fits in 256 characters: ASCII, the lower-case letters with marks, and printers' signs.
# Such text is folded by two table look-ups in C, five times as fast as by replacing letter by letter. It holds no
# combining mark, so it is NFC already.
_FAST_FORMS: Final = "".join(map(chr, range(128))) + (
    "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    "äåçëïîñöøûüß“”‘’„–—…•·«»°§©®™½¼¾²³¹×÷±≤≥→№€£ºª¡¿\u00a0\u00ad\u200b\ufeff\uf0b7\uf02d"
)
_FAST_FOLDED: Final = "".join(_BASES.get(char, char) for char in _FAST_FORMS.lower()).replace("\0", " ")
_FAST_CODES: Final = codecs.charmap_build(_FAST_FORMS.ljust(256, "\ufffe"))


def nfc(text: str) -> str:
    """Return ``text`` in Unicode normal form C (composed letters)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return ``text`` lower-cased, its Latin letters without tone or vowel marks and with đ as d.

    The result has exactly ``len(nfc(text))`` characters. Combining marks that NFC could not compose and other
    scripts are kept. A NUL becomes a space: no database column takes one, and PostgreSQL refuses to search one.
    """
    lowered = text.lower()
    if lowered.isascii():
        return lowered.replace("\0", " ")
    try:
        return codecs.charmap_decode(
            codecs.charmap_encode(lowered, "strict", _FAST_CODES)[0], "strict", _FAST_FOLDED
        )[0]
    except UnicodeEncodeError:
        return _fold_any(text)


def _fold_any(text: str) -> str:
    """Fold text with letters beyond the fast table."""
    composed = nfc(text).replace("\0", " ")
    lowered = composed.lower()
    if lowered.isascii():
        return lowered
    if len(lowered) != len(composed):  # "İ" lowers to two characters: lower one by one
        lowered = "".join([char.lower()[0] for char in composed])
    # One pass per distinct marked letter: twice as fast as one lookup per character.
    for char in set(lowered):
        base = _BASES.get(char)
        if base is not None:
            lowered = lowered.replace(char, base)
    return lowered


def normalize(text: str) -> str:
    """Return NFC text with the tone of ``oa, oe, uy`` on the first vowel ("hoà" and "hòa" become "hòa").

    Only an open syllable is touched (``hoàn`` has one accepted form); ``quý`` keeps its tone on y. Letters
    that only look like Đ become Đ. The result has exactly ``len(nfc(text))`` characters.
    """
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text.translate(_LOOKALIKE_D) if _LOOKS_LIKE_D(text) else text)
    return _SECOND_VOWEL_TONE.sub(lambda match: _TONE_PAIRS.get(match[0], match[0]), composed)
