"""Text pasted from Word: HTML becomes plain text, every visible word kept, what cannot be kept is named."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from khcn.engines.text.fold import nfc

# A tag of Word's HTML: alone, or with attributes "name=": "a<b và c>d" is none, and must not lose a letter.
_LOOKS_HTML: Final = re.compile(
    r"</?(?:p|div|span|b|i|u|strong|em|h[1-6]|li|ul|ol|table|tbody|tr|td|th|font|a|html|body|head|meta|style|script|img"
    r"|br|o:p)(?:\s+[a-z:_-]+\s*=[^<>]*)?\s*/?>|<!--|<!\[(?:if|endif)",
    re.I,
)
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b-\x1f\x7f]")
_BLANKS: Final = re.compile(r"[ \t\f\v\u00a0\u2000-\u200a\u202f]+")
_MANY_LINES: Final = re.compile(r"\n{3,}")
_CONDITIONAL: Final = re.compile(r"<!\[(?:if|endif)[^>]*\]>", re.I)
_SILENT: Final = frozenset({"style", "script", "xml", "head", "title"})
_BLOCKS: Final = frozenset(
    {
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "table",
        "tr",
        "body",
        "html",
        "br",
        "section",
    }
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Plain text. ``pictures``: how many were in it; ``formatted``: it was HTML."""

    text: str
    pictures: int = 0
    formatted: bool = False


@dataclass
class _Seen:
    pieces: list[str] = field(default_factory=list)
    pictures: int = 0
    silent: int = 0


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen = _Seen()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, an item, a cell; count pictures."""
        if tag in _SILENT:
            self.seen.silent += 1
        elif tag in _BLOCKS:
            self.seen.pieces.append("\n")
        elif tag == "li":
            self.seen.pieces.append("\n- ")
        elif tag in {"td", "th"}:
            self.seen.pieces.append("\t")
        elif tag in {"img", "v:imagedata"}:
            self.seen.pictures += 1
        elif tag == "a":
            address = dict(attrs).get("href") or ""
            if address.startswith(("http://", "https://")):
                self.seen.pieces.append(f"{address} ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Treat <br/> as <br>; a closed <style/> silences nothing."""
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End a line, or the silence of a style sheet."""
        if tag in _SILENT:
            self.seen.silent = max(0, self.seen.silent - 1)
        elif tag in _BLOCKS and tag != "br":
            self.seen.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep what can be read; line ends inside a paragraph of HTML are blanks."""
        if not self.seen.silent:
            self.seen.pieces.append(" ".join(data.split("\n")))


def clean_pasted(text: str) -> Cleaned:
    """Return ``text`` as plain NFC text with plain line ends; text without HTML only loses invisible signs."""
    plain = nfc(text).replace("\r\n", "\n").replace("\r", "\n")
    if not _LOOKS_HTML.search(plain):
        return Cleaned(_tidy(plain))
    reader = _Reader()
    reader.feed(_CONDITIONAL.sub("", plain))
    reader.close()
    if reader.seen.silent:  # an unclosed style sheet or script: keep the words rather than lose them
        words = re.sub(r"<[^<>]*>", " ", plain)
        return Cleaned(_tidy(words), reader.seen.pictures, formatted=True)
    return Cleaned(_tidy("".join(reader.seen.pieces)), reader.seen.pictures, formatted=True)


def _tidy(text: str) -> str:
    lines = (_BLANKS.sub(" ", _INVISIBLE.sub("", line)).strip() for line in text.split("\n"))
    return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip()
