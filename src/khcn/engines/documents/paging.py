"""Clean text, and pages for formats that have none."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

PAGE_CHARS: Final = 3_000
# Everything that is not text: NUL and control characters (tab and newline stay), zero-width and direction marks
# that hide or reorder text, unpaired surrogates, non-characters.
_JUNK: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufffe\uffff\ufff9-\ufffb\ud800-\udfff]"
)
# Runs of blanks, and single blanks that are not the plain one (a plain single space is left alone: speed).
_SPACES: Final = re.compile(r"[^\S\n\t ][^\S\n\t]*| [^\S\n\t]+")
_TRAILING: Final = re.compile(r"[ \t]+(?=\n)|[ \t]+\Z")
_BLANK_LINES: Final = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """Return NFC text without control characters, with single spaces and at most one empty line in a row."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x85", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    text = _JUNK.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = _SPACES.sub(" ", text)
    if " \n" in text or "\t\n" in text or text[-1:] in (" ", "\t"):
        text = _TRAILING.sub("", text)
    return _BLANK_LINES.sub("\n\n", text).strip("\n")


def cut(lines: Sequence[str], size: int = PAGE_CHARS) -> Iterator[list[int]]:
    """Yield groups of indexes of ``lines``: pages of about ``size`` characters, cut at paragraph ends.

    Lines that together are not longer than twice the size stay one page.
    """
    if sum(len(line) + 1 for line in lines) <= 2 * size:
        yield list(range(len(lines)))
        return
    group: list[int] = []
    length = 0
    for index, line in enumerate(lines):
        if group and length + len(line) > size * 1.15:
            yield group
            group, length = [], 0
        group.append(index)
        length += len(line) + 1
    if group:
        yield group
