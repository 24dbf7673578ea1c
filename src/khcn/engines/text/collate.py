"""Sort keys in the order of the Vietnamese alphabet, right under a bytewise ("C", BINARY) collation.

The order is that of CLDR ``vi``: letters a ă â b c d đ e ê g h i k l m n o ô ơ p q r s t u ư v x y (with f j
w z in their Latin places), then tones level, huyền, hỏi, ngã, sắc, nặng, then lower before upper case. Two
choices differ from CLDR on purpose, because titles are sorted and not dictionary words: punctuation counts as
one gap between words and is ignored at the ends, and a run of digits sorts by its value (Phường 2 before
Phường 10).

A key has three levels joined by "!": letters of the whole text, one tone digit a word, one case digit a word.
Keys hold only letters, digits and "!", " ", "-", all of which sort below digits and letters.
"""

import re
import unicodedata
from typing import Final

from khcn.engines.text.fold import normalize

MAX_KEY: Final = 250
_MAX_LETTERS: Final = 180
_MAX_READ: Final = 1000  # characters of the text that can still count

_ALPHABET: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_CODES: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg"
_LETTER: Final = dict(zip(_ALPHABET, _CODES, strict=True))
_EXPAND: Final = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "ð": "đ"})
_VOWEL_MARKS: Final = {
    "a\u0306": "ă",
    "a\u0302": "â",
    "e\u0302": "ê",
    "o\u0302": "ô",
    "o\u031b": "ơ",
    "u\u031b": "ư",
}
_TONE: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_FOREIGN_MARK: Final = 6

_WORD = re.compile(r"[^\W\d_]+|\d+")
_TITLE_MARK = re.compile(r"^(?:\s*[^\W\d_]{1,6}\.)+\s*(?=\S)")


def _digits_code(digits: str) -> str:
    """Return the key of a run of digits: its length, then the digits, so that 2 sorts before 10."""
    value = "".join(str(unicodedata.decimal(char)) for char in digits).lstrip("0") or "0"
    return f"{min(len(value), 9)}{value}"


def _letters_code(word: str) -> tuple[str, int]:
    """Return the letter codes of one lower-case word and the level of its tone (0 to 6)."""
    codes: list[str] = []
    tone = 0
    for char in word:
        if char in _LETTER:
            codes.append(_LETTER[char])
            continue
        base, *marks = list(unicodedata.normalize("NFD", char))
        for mark in sorted(marks, key=lambda m: m in _TONE):
            vowel = _VOWEL_MARKS.get(base + mark)
            if vowel:
                base = vowel
            else:
                tone = max(tone, _TONE.get(mark, _FOREIGN_MARK))
        codes.append(_LETTER.get(base) or f"z{ord(base):05x}")
    return "".join(codes), tone


def _case_level(word: str) -> int:
    """Return 0 for a lower-case word, 1 for a capitalised one, 2 for any other."""
    if word == word.lower():
        return 0
    return 1 if word[1:] == word[1:].lower() else 2


def _levels(text: str) -> tuple[str, str, str]:
    """Return the three levels of the key: letters, tones, case."""
    letters: list[str] = []
    tones: list[str] = []
    cases: list[str] = []
    end = -1
    for match in _WORD.finditer(normalize(text[:_MAX_READ])):
        if letters and match.start() != end:
            letters.append("-")
        end = match.end()
        word = match.group()
        if word[0].isdecimal():
            letters.append(_digits_code(word) if word.isdecimal() else word)
            continue
        code, tone = _letters_code(word.lower().translate(_EXPAND))
        letters.append(code)
        tones.append(str(tone))
        cases.append(str(_case_level(word)))
    return "".join(letters)[:_MAX_LETTERS], "".join(tones).rstrip("0"), "".join(cases).rstrip("0")


def sort_key(text: str) -> str:
    """Return the ASCII key (at most 250 characters) whose bytewise order is the Vietnamese order of
    ``text``."""
    return "!".join(_levels(text)).rstrip("!")[:MAX_KEY]


def person_key(full_name: str) -> str:
    """Return the key that sorts people by given name, then family name, then middle name.

    The given name is the last word, the family name the first; titles with a full stop ("TS.", "PGS.TS.") are
    left out and case does not count. "Dung" comes before "Dũng" whatever the family names are.
    """
    names = _TITLE_MARK.sub("", normalize(full_name)).split()
    if not names:
        return ""
    given, family, middle = names[-1], names[0] if len(names) > 1 else "", " ".join(names[1:-1])
    parts = ["!".join(_levels(part)[:2]).rstrip("!") for part in (given, family, middle)]
    return " ".join(parts).rstrip()[:MAX_KEY]
