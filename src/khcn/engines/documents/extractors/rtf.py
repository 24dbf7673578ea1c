"""RTF with the font of every run.

``striprtf`` gives the text but not the fonts, and in old Vietnamese files the font is the encoding; so the control
words that matter (groups, fonts, code pages, Unicode escapes, tables, breaks) are read here. Everything unknown is
skipped as the specification demands (RTF 1.9.1, Microsoft 2008).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from striprtf.striprtf import charset_map as _STRIPRTF_CHARSETS

from khcn.engines.documents.extractors.base import Context, Paragraph, RawPage
from khcn.engines.documents.extractors.docx import split_pages
from khcn.engines.documents.types import ExtractionError
from khcn.engines.text.legacy import Run

_TOKEN: Final = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.S,
)
_TEXT: Final = {
    "par": "\n", "line": "\n", "sect": "\n", "tab": "\t", "cell": "\t", "nestcell": "\t", "row": "\n",
    "nestrow": "\n", "page": "\f", "emdash": "\u2014", "endash": "\u2013", "bullet": "\u2022",
    "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c", "rdblquote": "\u201d", "emspace": " ",
    "enspace": " ", "qmspace": " ", "softline": "\n", "softpage": "\f",
}  # fmt: skip
# Parts of a file that hold no text of the document.
_HIDDEN_TEXT: Final = """colortbl stylesheet pict object objdata filetbl listtable listoverridetable revtbl rsidtbl xmlnstbl generator
    themedata colorschememapping datastore latentstyles fldinst sp sn sv shprslt nonshppict template private bkmkstart
    bkmkend annotation atnid atnauthor panose falt fontemb fontfile mmathPr pgptbl tc tcn xe rxe"""
_HIDDEN: Final = frozenset(_HIDDEN_TEXT.split())
# Starred groups that hold text all the same.
_SHOWN: Final = frozenset({"shpinst", "shptxt", "fldrslt", "shppict_text"})
# Running titles: kept, but behind the text, so that a document opens with its own heading.
_MARGINS_TEXT: Final = "header headerl headerr headerf footer footerl footerr footerf"
_MARGINS: Final = frozenset(_MARGINS_TEXT.split())
_INFO: Final = {"title": "title", "author": "author", "subject": "subject", "keywords": "keywords"}
_CODE_PAGES: Final = {437: "cp437", 708: "cp720", 850: "cp850", 874: "cp874", 932: "cp932", 936: "gbk", 949: "cp949",
                      950: "cp950", 10000: "mac_roman", 65001: "utf-8"}  # fmt: skip
_MAX_DEPTH: Final = 2_000


@dataclass(slots=True)
class _State:
    """What a group inherits."""

    font: int = 0
    skip: bool = False
    unicode_skip: int = 1
    hidden: bool = False
    where: str = ""


@dataclass(slots=True)
class _Parser:
    """Turns tokens into runs. ``runs`` hold newlines at paragraph ends and form feeds at page breaks."""

    code_page: str = "cp1252"
    default_font: int = 0
    fonts: dict[int, str] = field(default_factory=dict)
    charsets: dict[int, int] = field(default_factory=dict)
    info: dict[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    margins: list[Run] = field(default_factory=list)
    state: _State = field(default_factory=_State)
    stack: list[_State] = field(default_factory=list)
    starred: bool = False
    pending: int = 0
    lead: bytes = b""

    def feed(self, source: str) -> None:
        """Read a whole file, given as one character a byte."""
        place, end = 0, len(source)
        while place < end:
            match = _TOKEN.match(source, place)
            if match is None:
                place += 1
                continue
            place = match.end()
            word, number, code, sign, brace, text = match.groups()
            if word == "bin":
                place += max(0, int(number or 0))
            elif word:
                self._word(word, int(number) if number else None)
            elif code:
                self._byte(int(code, 16))
            elif brace:
                self._brace(brace)
            elif sign:
                self._sign(sign)
            elif text:
                self._plain(text)

    def _brace(self, brace: str) -> None:
        self.starred = False
        self.pending = 0
        if brace == "{":
            if len(self.stack) > _MAX_DEPTH:
                raise ExtractionError("corrupt", detail="groups nested too deep")
            self.stack.append(self.state)
            self.state = replace(self.state)
        elif self.stack:
            self.state = self.stack.pop()

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self.starred = True
        elif sign in "\\{}":
            self._plain(sign)
        elif sign == "~":
            self._emit("\u00a0")
        elif sign == "_":
            self._emit("-")
        elif sign == "-":  # a soft hyphen, or the letter that an old font keeps at this byte
            self._emit("\u00ad")
        elif sign in "\r\n":
            self._emit("\n")

    def _word(self, word: str, number: int | None) -> None:
        starred, self.starred = self.starred, False
        if word in _HIDDEN or (starred and word not in _SHOWN):
            self.state.skip = True
        elif word == "fonttbl":
            self.state.where = "fonts"
        elif word in _MARGINS:
            self.state.where = "margin"
        elif word == "info":
            self.state.where = "info"
        elif self.state.where in ("info", *_INFO):
            self.state.where = word if word in _INFO else self.state.where if word in _CONTROL else "other"
        if self.state.skip:
            return
        if word in _TEXT:
            self._emit(_TEXT[word])
        elif word in _CONTROL:
            self._control(word, number)

    def _control(self, word: str, number: int | None) -> None:
        state = self.state
        if word == "f" and number is not None:
            state.font = number
        elif word == "plain":
            state.font, state.hidden = self.default_font, False
        elif word == "deff":
            self.default_font = state.font = number or 0
        elif word == "u" and number is not None:
            self._emit(chr(number % 65536))
            self.pending = state.unicode_skip
        elif word == "uc":
            state.unicode_skip = max(0, min(number if number is not None else 1, 8))
        elif word == "fcharset":
            self.charsets[state.font] = number or 0
        elif word == "ansicpg" and number:
            self.code_page = _codec(number)
        elif word in ("mac", "pc", "pca"):
            self.code_page = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word in ("v", "deleted"):
            state.hidden = number != 0

    def _byte(self, value: int) -> None:
        if self.pending:
            self.pending -= 1
            return
        raw = self.lead + bytes([value])
        codec = self._codec()
        try:
            self._emit(raw.decode(codec))
            self.lead = b""
        except UnicodeDecodeError:
            if not self.lead and codec in _MULTI_BYTE:
                self.lead = raw
            else:
                self.lead = b""
                self._emit(raw.decode("latin-1"))

    def _codec(self) -> str:
        charset = self.charsets.get(self.state.font, -1)
        if charset in (0, 1, 2, -1):
            return self.code_page
        return str(_STRIPRTF_CHARSETS.get(charset, self.code_page)) or self.code_page

    def _plain(self, text: str) -> None:
        if self.pending:
            skipped = min(self.pending, len(text))
            self.pending -= skipped
            text = text[skipped:]
        if text.isascii():
            self._emit(text)
        else:  # bytes above 0x7F written without an escape
            for char in text:
                self._byte(ord(char)) if ord(char) > 0x7F else self._emit(char)

    def _emit(self, text: str) -> None:
        state = self.state
        if state.skip or not text:
            return
        if state.where == "fonts":
            self.fonts[state.font] = self.fonts.get(state.font, "") + text
        elif state.where in _INFO:
            self.info[state.where] = self.info.get(state.where, "") + text
        elif state.where in ("", "margin") and not state.hidden:
            target = self.margins if state.where else self.runs
            target.append(Run(text, self.fonts.get(state.font, "").split(";")[0].strip()))


_CONTROL: Final = frozenset(
    {"f", "plain", "deff", "u", "uc", "fcharset", "ansicpg", "mac", "pc", "pca", "v", "deleted"}
)
_MULTI_BYTE: Final = frozenset(
    {"cp932", "gbk", "cp949", "cp950", "johab", "utf-8", "shift_jis", "gb2312", "big5"}
)


def _codec(number: int) -> str:
    return _CODE_PAGES.get(number, f"cp{number}" if 1250 <= number <= 1258 else "cp1252")


class RtfExtractor:
    """Reads RTF files; the fonts of the runs are kept."""

    kinds = frozenset({"rtf"})

    def extract(self, path: Path, context: Context) -> Iterator[RawPage]:
        data = path.read_bytes()
        parser = _Parser()
        parser.feed(data.decode("latin-1"))
        if not data.rstrip(b"\0\r\n ").endswith(b"}") or parser.stack:
            context.warn("repaired")
        context.title = parser.info.pop("title", "").strip()
        context.metadata.update({key: value.strip() for key, value in parser.info.items() if value.strip()})
        paragraphs = list(_paragraphs(parser.runs))
        paragraphs.extend(line for line in dict.fromkeys(_paragraphs(parser.margins)) if line)
        yield from split_pages(paragraphs)


def _paragraphs(runs: list[Run]) -> Iterator[Paragraph]:
    """Cut runs at newlines; neighbouring runs of one font become one."""
    line: list[Run] = []
    for run in runs:
        parts = run.text.split("\n")
        for index, part in enumerate(parts):
            if index:
                yield tuple(line)
                line = []
            if part and line and line[-1].font == run.font:
                line[-1] = Run(line[-1].text + part, run.font)
            elif part:
                line.append(Run(part, run.font))
    yield tuple(line)
