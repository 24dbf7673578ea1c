"""Which part of a document a clause speaks of: "khoản 2 Điều 5", "Phụ lục II", "một số điều"."""

import re
from typing import Final

UNIT: Final = (
    r"(?:(?:cac |nhung )?(?:diem|tiet)\s+[a-z]{1,2}\b|(?:cac )?khoan\s+\d+[a-z]?\b|(?:cac )?dieu\s+\d+[a-z]?\b"
    r"|(?:muc|phan|chuong)\s+(?:\d+|[ivxl]+)\b|phu luc(?:\s+(?:so\s+)?(?:\d+|[ivxl]+|[a-z])\b)?"
    r"|(?:mau|bieu)(?:\s+so)?\s+\d[\w.]*)"
)
_JOIN: Final = r"(?:\s*,\s*(?:va\s+)?|\s+va\s+|\s+cua\s+|\s+vao(?:\s+sau)?\s+|\s+tai\s+|\s+)"
_PHRASE = re.compile(rf"{UNIT}(?:{_JOIN}(?:{UNIT}|\d+\b(?!\s*/)))*")
_SOME = re.compile(r"\b(?:mot so (?:dieu|quy dinh|noi dung)|mot phan)\b")
_EXCEPT = re.compile(r"\btru\b[^.;]{0,60}?(?=" + UNIT + ")")
_WORDS = re.compile(r"^\s*(?:cac |mot so )?(?:cum tu|tu\b|doan|so lieu)")


def part_in(text: str, folded: str, start: int, end: int) -> str:
    """Return the part named in ``text[start:end]`` as written there, "" for none (the whole document)."""
    match = _PHRASE.search(folded, start, end)
    some = _SOME.search(folded, start, end)
    chosen = match or some
    return " ".join(text[chosen.start() : chosen.end()].split())[:300] if chosen else ""


def exception_in(text: str, folded: str, start: int) -> str:
    """Return what stays when the rest ends: "trừ Điều 4"; "" when nothing is excepted."""
    but = _EXCEPT.search(folded, start)
    match = _PHRASE.match(folded, but.end()) if but else None
    return f"trừ {' '.join(text[match.start() : match.end()].split())}"[:300] if match else ""


def speaks_of_words(folded: str, start: int) -> bool:
    """Whether a clause goes on about words of a document ("thay thế cụm từ ..."), which only amends it."""
    return _WORDS.match(folded[start : start + 60]) is not None
