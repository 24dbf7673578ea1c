"""Marking the words of a question in a title."""

import re
from collections.abc import Sequence

from khcn.engines.text.fold import fold

_WORD = re.compile(r"[^\W_]+")


def word_spans(text: str, folded_words: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return the spans of these words in NFC ``text``, in order; neighbours joined by one space make one
    span."""
    wanted = frozenset(folded_words)
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(fold(text)):
        if match.group() not in wanted:
            continue
        if spans and text[spans[-1][1] : match.start()] == " ":
            spans[-1] = (spans[-1][0], match.end())
        else:
            spans.append(match.span())
    return tuple(spans)
