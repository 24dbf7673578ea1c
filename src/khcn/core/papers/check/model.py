"""What a read document is made of: paragraphs in reading order with their final look and the place where they stand."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from khcn.core.papers.check.styles import Props

_SPLIT: Final = re.compile(r"(\n|\t+| {8,})")
# lines with room for the clerk ("Số:        /BC-UBND") are one piece, whatever their blanks
_WITH_BLANKS: Final = re.compile(r"^\s*(?:s[ốo]\b(?!.*ngày)|(?!\s*s[ốo]\b).*ngày.*tháng.*năm)", re.IGNORECASE)
_BLANKS: Final = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_SIDES: Final = ("top", "bottom", "left", "right")
_INCH_MM: Final = 25.4
_ALIGNS: Final = {
    "start": "left", "end": "right", "distribute": "both", "thaiDistribute": "both", "lowKashida": "both",
    "mediumKashida": "both", "highKashida": "both",
}  # fmt: skip
_DRAWN_LINE: Final = re.compile(r"^[_\-–—─━=*.~]{3,}$")


@dataclass(slots=True)
class Span:
    """A run of text and its look: ``font font_other size bold italic underline colour theme_colour caps``."""

    text: str
    look: Props


@dataclass(slots=True)
class Line:
    """A drawn line; its length in mm when it is known, and whether it is solid."""

    length_mm: float | None
    solid: bool = True


@dataclass(slots=True)
class Cell:
    """A cell: which table (counted from 1), row and column (from 0), how many columns, and the room in it."""

    table: int
    row: int
    column: int
    columns: int
    room_mm: float | None
    width_mm: float | None = None
    border_bottom: bool = False

    @property
    def key(self) -> tuple[int, int, int]:
        """What tells a cell from all others."""
        return (self.table, self.row, self.column)


@dataclass(slots=True)
class Box:
    """A text box: its number, its room, and on which side of the page it stands ("" when that is not known)."""

    number: int
    room_mm: float | None
    side: str = ""


@dataclass(eq=False)
class Para:
    """A paragraph. ``label`` is what automatic numbering puts before it; ``story`` is body, header or footer."""

    number: int
    spans: list[Span]
    props: Props
    story: str = "body"
    label: str = ""
    cell: Cell | None = None
    box: Box | None = None
    section: int = 0
    lines: list[Line] = field(default_factory=list)
    pictures: int = 0
    breaks: int = 0
    page_field: bool = False
    page_look: Props = field(default_factory=dict)
    page_prefix: str = ""

    @cached_property
    def text(self) -> str:
        """The whole text, capitals where the look says so, in composed letters; label left out."""
        return unicodedata.normalize("NFC", "".join(shown(span) for span in self.spans))

    @cached_property
    def words(self) -> str:
        """The text on one line with single blanks, the automatic label before it."""
        text = _BLANKS.sub(" ", self.text).strip()
        return f"{self.label} {text}" if self.label and text else text

    @property
    def empty(self) -> bool:
        """Whether nothing is to be read in it."""
        return not _BLANKS.sub("", self.text)

    @property
    def drawn(self) -> bool:
        """Whether its text is only a line made of signs."""
        return bool(_DRAWN_LINE.match(_BLANKS.sub("", self.text)))

    @property
    def align(self) -> str:
        """``left``, ``center``, ``right`` or ``both``."""
        found = str(self.props.get("align", "left"))
        return _ALIGNS.get(found, found)

    def prop(self, name: str) -> float:
        """Return a measure, 0 when nothing sets it."""
        return float(self.props.get(name) or 0.0)

    @cached_property
    def pieces(self) -> list["Piece"]:
        """The lines and tabbed columns of the paragraph, each with its own spans; blank ones are left out."""
        rows: list[list[list[Span]]] = [[[]]]
        whole = bool(_WITH_BLANKS.match(self.text))
        for span in self.spans:
            for part in _SPLIT.split(span.text):
                if part == "\n":
                    rows.append([[]])
                elif part and (part[0] == "\t" or (len(part) >= 8 and not part.strip(" ") and not whole)):
                    rows[-1].append([])
                elif part:
                    rows[-1][-1].append(Span(part, span.look))
        found: list[Piece] = []
        for row_, columns in enumerate(rows):
            for column, spans in enumerate(columns):
                if "".join(span.text for span in spans).strip():
                    found.append(Piece(self, spans, row_, column, len(columns), first=not found))
        return found


@dataclass(eq=False)
class Piece:
    """One line of a paragraph, or one tabbed column of it."""

    para: Para
    spans: list[Span]
    row: int
    column: int
    columns: int
    first: bool = True

    @cached_property
    def text(self) -> str:
        """Its text as shown, blanks single, with the automatic label before the first piece."""
        text = unicodedata.normalize("NFC", "".join(shown(span) for span in self.spans))
        text = _BLANKS.sub(" ", text).strip()
        return f"{self.para.label} {text}" if self.para.label and self.first else text

    @cached_property
    def folded(self) -> str:
        """Its text without tones, in small letters."""
        return plain(self.text)

    def looks(self) -> Iterator[Props]:
        """Yield the look of every span with something to see in it."""
        for span in self.spans:
            if span.text.strip():
                yield span.look

    def every(self, name: str, expected: bool = True) -> bool:
        """Return whether all that is to be seen has (or has not) a look."""
        return all(bool(look.get(name)) is expected for look in self.looks())

    @property
    def sizes(self) -> list[float]:
        """The sizes that occur, in points."""
        return sorted({float(look["size"]) for look in self.looks()})

    @property
    def tabbed(self) -> bool:
        """Whether it stands beside others on its line."""
        return self.columns > 1

    @property
    def centred(self) -> bool | None:
        """Whether it is centred; ``None`` where tabs or blanks put it somewhere."""
        if self.tabbed:
            return None
        return self.para.align == "center"


def shown(span: Span) -> str:
    """Return the text of a span as it is to be seen; a hyphen that does not break looks like any other."""
    text = span.text.replace("\u2011", "-").replace("\u00ad", "")
    return text.upper() if span.look.get("caps") else text


def plain(text: str) -> str:
    """Return text without tones and marks, in small letters, đ as d."""
    parts = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def is_upper(text: str) -> bool:
    """Return whether a text has letters and all of them are capitals."""
    letters = [sign for sign in text if sign.isalpha()]
    return bool(letters) and all(sign == sign.upper() for sign in letters)


@dataclass
class Section:
    """Pages of one geometry; lengths in mm. ``parts`` names the parts of headers and footers by kind."""

    width_mm: float = 215.9
    height_mm: float = 279.4
    landscape: bool = False
    margins: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_SIDES, _INCH_MM))
    title_page: bool = False
    start: int | None = None
    number_format: str = "decimal"
    continuous: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    tables: int = 0
    own_parts: frozenset[str] = frozenset()

    @property
    def text_mm(self) -> float:
        """The width of the text."""
        return max(20.0, self.width_mm - self.margins.get("left", 25.4) - self.margins.get("right", 25.4))

    @property
    def high_mm(self) -> float:
        """The height of the text."""
        return max(40.0, self.height_mm - self.margins.get("top", 25.4) - self.margins.get("bottom", 25.4))


@dataclass
class Doc:
    """A read document."""

    paras: list[Para] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    margins: dict[str, list[Para]] = field(default_factory=dict)  # by part name: headers and footers
    default_tab_mm: float = 12.7
    even_odd: bool = False
    told_pages: int | None = None
    rendered_breaks: int = 0

    def room_mm(self, para: Para) -> float | None:
        """Return the room in which a paragraph breaks into lines, its indents taken off."""
        if para.cell is not None:
            room = para.cell.room_mm
        elif para.box is not None:
            room = para.box.room_mm
        else:
            room = self.sections[para.section].text_mm
        return None if room is None else room - max(0.0, para.prop("left")) - max(0.0, para.prop("right"))
