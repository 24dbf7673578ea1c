"""Archival Resource Keys: ``ark:/NAAN/k<number><check>``, opaque, short, with a check letter.

The alphabet is the one of the ARK community: digits and consonants without ``l``, so that no word arises and no letter
is taken for another. The check letter is that of NOID: it finds every single wrong and most swapped letters.
Source: draft-kunze-ark (2.3 character repertoires), Noid check digit algorithm.
"""

import re
from typing import Final

ALPHABET: Final = "0123456789bcdfghjkmnpqrstvwxz"
SHOULDER: Final = "k"
_BASE: Final = len(ALPHABET)
_ARK: Final = re.compile(
    r"ark:/?(\d{5,9}|[0-9bcdfghjkmnpqrstvwxz]{5,9})/([0-9a-z][0-9a-z-]*)((?:[/.].*)?)", re.I
)


def check_letter(text: str) -> str:
    """Return NOID's check letter over ``text`` (NAAN, slash, name without its check letter)."""
    total = sum(place * max(ALPHABET.find(letter), 0) for place, letter in enumerate(text, start=1))
    return ALPHABET[total % _BASE]


def ark_name(number: int, naan: str) -> str:
    """Return the name part (``k`` + number in base 29 + check letter) for a positive ``number``."""
    if number < 1:
        raise ValueError(f"a work's number is positive, not {number}")
    digits = ""
    while number:
        number, rest = divmod(number, _BASE)
        digits = ALPHABET[rest] + digits
    name = SHOULDER + digits
    return name + check_letter(f"{naan}/{name}")


def ark_of(number: int, naan: str) -> str:
    """Return the whole identifier, e.g. ``ark:/99999/k7q``."""
    return f"ark:/{naan}/{ark_name(number, naan)}"


def ark_number(text: str, naan: str) -> tuple[int, str] | None:
    """Return (number, what follows the name such as ``/ban-2``), or ``None`` when it is not one of ours or is mistyped.

    Hyphens mean nothing and case does not matter, as the ARK rules ask; ``ark:NAAN/`` and ``ark:/NAAN/`` are the same.
    """
    match = _ARK.fullmatch(text.strip())
    if match is None or match[1].lower() != naan:
        return None
    name = match[2].lower().replace("-", "")
    if len(name) < 3 or len(name) > 20 or not name.startswith(SHOULDER):
        return None
    body = name[1:-1]
    if any(letter not in ALPHABET for letter in name[1:]) or check_letter(f"{naan}/{name[:-1]}") != name[-1]:
        return None
    number = 0
    for letter in body:
        number = number * _BASE + ALPHABET.index(letter)
    if number < 1 or body[0] == ALPHABET[0]:
        return None
    return number, match[3]
