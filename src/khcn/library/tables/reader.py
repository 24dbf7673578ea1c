"""The text of one page as a reader sees it: whole, with the words of the search marked."""

import re
from typing import Final

from khcn.engines.text.fold import fold, nfc
from khcn.engines.text.tokens import words
from khcn.library.tables.results import marked

READER_WIDTH: Final = 900
A4_RATIO: Final = 297 / 210  # keeps the place of a picture until it has come; most pages are A4
_WORD: Final = re.compile(r"[^\W_]+")


def marked_text(text: str, query: str) -> str:
    """Return the whole text of a page with the words of the query marked, typed with marks or without."""
    terms = {fold(word) for word in words(query)}
    if not terms or not text:
        return text
    text = nfc(text)
    # fold gives one character for each character of composed text, so places in the one are places in the other.
    spans = [match.span() for match in _WORD.finditer(fold(text)) if match.group() in terms]
    return marked(text, spans)
