"""How what people type is kept: composed letters, nothing invisible, cut to its place."""

import unicodedata

from khcn.engines.text.fold import nfc

_HIDDEN = {"Cf", "Cs", "Co"}  # direction and zero-width signs, halves of signs, private signs
_BREAKS = {"Cc", "Zl", "Zp"}


def plain_line(text: str) -> str:
    """Return one line: NFC, no control, direction or zero-width signs, single blanks."""
    return " ".join(_plain(text, "").split())


def kept_line(text: str, most: int) -> str:
    """Return :func:`plain_line`, cut."""
    return plain_line(text)[:most].strip()


def kept_text(text: str, most: int) -> str:
    """Return text of several lines: as :func:`plain_line`, but with its line breaks, tabs and blanks, cut."""
    return _plain(text.replace("\r\n", "\n"), "\n\t").strip()[:most]


def _plain(text: str, kept: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    signs = ((sign, unicodedata.category(sign)) for sign in text)
    return nfc(
        "".join(
            " " if kind in _BREAKS and sign not in kept else sign
            for sign, kind in signs
            if kind not in _HIDDEN
        )
    )
