"""The letters of MARC records as other programs wrote them: UTF-8, MARC-8, Windows code pages, TCVN3, VNI.

The leader of a record says what its letters are in, and is often wrong. So the bytes are read under each encoding that
is possible, and the reading that is the best Vietnamese wins; plain ASCII and valid UTF-8 need no such doubt.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from pymarc.marc8 import marc8_to_unicode

from khcn.engines.text.legacy import decode_text
from khcn.engines.text.legacy_tables import reads

_SHIFTS: Final = b"\x1b"
_LATIN: Final = ("cp1258", "cp1252")
# MARC-8 has no fixed order for two marks of one letter; Unicode composes only vowel mark before tone.
_TONE_FIRST: Final = re.compile("([\u0300\u0301\u0303\u0309\u0323]+)([\u0302\u0306\u031b])")


def record_text(parts: list[bytes], *, says_utf8: bool) -> tuple[list[str], str]:
    """Return the texts of one record and the name of the encoding they were in.

    :param parts: the values of all fields and subfields.
    :param says_utf8: what the leader says; believed only where the bytes leave a choice.
    """
    if all(part.isascii() for part in parts) and not any(_SHIFTS in part for part in parts):
        return [_legacy(part.decode("ascii")) for part in parts], "ascii"
    try:
        texts = [part.decode("utf-8") for part in parts]
    except UnicodeDecodeError:
        pass
    else:
        if not any(_SHIFTS in part for part in parts):
            return _mended(texts), "utf-8"
    return _best(parts, says_utf8=says_utf8)


def _mended(texts: list[str]) -> list[str]:
    """Return texts in NFC; where old font encodings were saved as UTF-8 they are decoded."""
    return [_legacy(unicodedata.normalize("NFC", text)) for text in texts]


@lru_cache(maxsize=20_000)
def _legacy(text: str) -> str:
    return decode_text(text).text if not text.isascii() else text


def _best(parts: list[bytes], *, says_utf8: bool) -> tuple[list[str], str]:
    readings = {"marc-8": [_marc8(part) for part in parts]}
    for name in _LATIN:
        plain = [unicodedata.normalize("NFC", part.decode(name, "replace")) for part in parts]
        readings[name] = plain
    surface = "\n".join(part.decode("cp1252", "replace").replace("\n", " ") for part in parts)
    decoded = decode_text(surface)
    lines = decoded.text.split("\n")
    if decoded.encoding != "unicode" and len(lines) == len(parts):
        readings[decoded.encoding] = lines
    if says_utf8:
        readings["utf-8"] = [part.decode("utf-8", "replace") for part in parts]
    scores = {name: _score(texts) for name, texts in readings.items()}
    best = max(scores, key=lambda name: scores[name])
    return readings[best], best


def _score(texts: list[str]) -> float:
    joined = " ".join(texts)
    return (
        reads(joined) - 3.0 * joined.count("\ufffd") - 2.0 * sum("\x80" <= sign <= "\x9f" for sign in joined)
    )


def _marc8(part: bytes) -> str:
    """Return a value written in MARC-8; bytes that it does not know become the replacement character."""
    if part.isascii() and _SHIFTS not in part:
        return part.decode("ascii")
    try:
        text: str = marc8_to_unicode(part, True)
    except (IndexError, KeyError, ValueError, TypeError):
        return part.decode("ascii", "replace")
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _TONE_FIRST.sub(r"\2\1", apart))
