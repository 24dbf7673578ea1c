"""The paragraphs of a plan's running text, from Word or Markdown alike: what the outline reader takes in."""

import html
import re
from dataclasses import dataclass
from typing import Final

from khcn.engines.text.fold import nfc

_SPACES: Final = re.compile(r"[ \t\r\f\v\u00a0\u2000-\u200a\u202f]+")
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph. ``text`` NFC without blanks at its ends.

    ``bold``: how many of its first characters are bold; ``heading``: level of a heading style, 0 for none;
    ``line``: line or paragraph number in the file from 1; ``depth``: how deep a list item stands (Word's list level
    or the indentation of Markdown), -1 outside lists.
    """

    text: str
    bold: int = 0
    heading: int = 0
    line: int = 0
    depth: int = -1

    @property
    def all_bold(self) -> bool:
        """Whether the whole paragraph is bold."""
        return self.bold >= len(self.text.rstrip(" .:;")) > 0


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table with its rows of cell texts, as it stands in the text. ``line``: of its first row."""

    rows: tuple[tuple[str, ...], ...]
    line: int = 0


Block = Paragraph | TableRows


@dataclass(frozen=True, slots=True)
class Text:
    """What a file holds. ``lines``: its plain lines in order, for the reading of the document's head and foot."""

    blocks: tuple[Block, ...]
    lines: tuple[str, ...]


def clean(text: str) -> str:
    """Return NFC text without invisible characters, runs of blanks made one."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", nfc(text))).strip()


# --- HTML inside a text (pasted from Word) ---

_LOOKS_HTML: Final = re.compile(
    r"<(?:p|div|span|br|b|strong|h[1-6]|li|ul|ol|table|td|font|o:p|html|body)\b[^>]{0,2000}>", re.I
)
_DROPPED: Final = re.compile(
    r"<!--.*?-->|<!\[.*?\]>|<(?:style|script|xml|head|title)\b.*?</(?:style|script|xml|head|title)\s*>",
    re.I | re.S,
)
_HTML_BREAK: Final = re.compile(
    r"<br\s*/?>|</?(?:p|div|tr|ul|ol|h[1-6]|table|body|html)\b[^>]{0,2000}>", re.I
)
_HTML_ITEM: Final = re.compile(r"<li\b[^>]{0,2000}>", re.I)
_HTML_HEADING: Final = re.compile(r"<h([1-6])\b[^>]{0,2000}>", re.I)
_HTML_BOLD: Final = re.compile(r"</?(?:b|strong)\b[^>]{0,2000}>", re.I)
_HTML_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,4000}>")


def html_to_marks(text: str) -> str:
    """Return text whose HTML is made into Markdown marks (bold, headings, items); text without HTML is untouched."""
    if not _LOOKS_HTML.search(text):
        return text
    text = _DROPPED.sub(" ", text)
    # Line ends inside an HTML paragraph are blanks.
    text = re.sub(r"(?<![>\n])[ \t]*\r?\n[ \t]*(?=[^<\s])", " ", text)
    text = _HTML_HEADING.sub(lambda match: "\n\n" + "#" * int(match[1]) + " ", text)
    text = _HTML_ITEM.sub("\n\n- ", text)
    text = _HTML_BREAK.sub("\n\n", text)
    text = _HTML_BOLD.sub("**", text).replace("****", "")
    return html.unescape(_HTML_TAG.sub("", text))
