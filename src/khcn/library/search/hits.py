"""What an index keeps of a work to show it, and a hit made from it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from khcn.engines.text.fold import fold, nfc
from khcn.engines.text.snippets import Snippet, make_snippet
from khcn.library.search.analysis import ParsedQuery, is_short, passages
from khcn.library.search.types import IndexDocument, SearchHit

SNIPPET_CHARS: Final = 240
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class StoredWork:
    """What the index gives back of a work. ``passages`` is 0 when ``text`` is the whole text, else the
    abstract."""

    external_id: str
    title: str
    number: str
    kind: str
    signature: str
    text: str
    page: int | None
    passages: int

    @classmethod
    def from_bytes(cls, data: bytes) -> "StoredWork":
        """Read what ``to_bytes`` wrote."""
        return cls(*json.loads(data))

    def to_bytes(self) -> bytes:
        """Return the stored form."""
        return json.dumps(
            [getattr(self, name) for name in self.__slots__], ensure_ascii=False, separators=(",", ":")
        ).encode()

    @classmethod
    def of(cls, source: IndexDocument) -> "StoredWork":
        """Return what is kept of a work."""
        filled = [(page, text) for page, text in source.pages if text.strip()]
        short = is_short(source)
        return cls(
            external_id=source.external_id,
            title=nfc(source.title),
            number=nfc(source.number),
            kind=source.kind,
            signature=source.signature,
            text=nfc(filled[0][1] if short and filled else source.abstract),
            page=filled[0][0] if filled else None,
            passages=0 if short else len(passages(filled)),
        )

    def hit(
        self,
        work_id: int,
        score: float,
        parsed: ParsedQuery,
        *,
        page: int | None = None,
        snippet: Snippet | None = None,
    ) -> SearchHit:
        """Return the hit for this work; without ``page`` it points to the first page with text."""
        return SearchHit(
            work_id=work_id,
            external_id=self.external_id,
            title=self.title,
            score=score,
            kind=self.kind,
            number=self.number,
            page=self.page if page is None else page,
            snippet=snippet,
            title_highlights=word_spans(self.title, [term.folded for term in parsed.terms]),
        )


def snippet_of(text: str, parsed: ParsedQuery) -> Snippet:
    """Return the piece of ``text`` that best answers the question."""
    return make_snippet(text, parsed.highlight_folded, SNIPPET_CHARS, terms_exact=parsed.highlight_exact)


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
