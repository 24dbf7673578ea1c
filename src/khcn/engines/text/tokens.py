"""Syllables of Vietnamese text: the tokens that queries and vocabularies are made of."""

import re

from khcn.engines.text.fold import fold, nfc

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Return the runs of letters and digits of ``text`` in NFC, case kept, in order.

    Punctuation, spaces and underscores part words: "82/KH-UBND" gives three.
    """
    return _WORD.findall(nfc(text))


def has_marks(text: str) -> bool:
    """Tell whether any Latin letter of ``text`` carries a Vietnamese mark (tone, vowel mark or đ)."""
    if text.isascii():
        return False
    composed = nfc(text)
    return fold(composed) != composed.lower()
