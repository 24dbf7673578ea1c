"""What a paper is made of: plain data, the same for DOCX and PDF, validated when built.

The parts (thể thức) of Decree 30/2020/NĐ-CP that frame a document are in :mod:`khcn.core.papers.parts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Run:
    """A piece of text with its emphasis."""

    text: str
    bold: bool = False
    italic: bool = False


Text: TypeAlias = str | Sequence[Run]


class Align(Enum):
    """How a paragraph or a column stands."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"
    JUSTIFY = "justify"


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a part, centred in capitals as given, 2 an article, 3 a clause."""

    text: str
    level: Literal[1, 2, 3] = 2

    def __post_init__(self) -> None:
        if self.level not in (1, 2, 3):
            raise ValueError(f"a heading has level 1, 2 or 3, got {self.level}")


@dataclass(frozen=True)
class Division:
    """A part, chapter, section or subsection: its label alone on a line, its title in capitals below, both centred.

    Parts and chapters are counted in Roman numerals, sections and subsections in Arabic ones.
    """

    kind: Literal["part", "chapter", "section", "subsection"]
    number: int
    title: str

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"divisions are counted from 1, got {self.number}")


@dataclass(frozen=True)
class Article:
    """``Điều n.`` in bold; ``titled``: the text is a title (bold too) and clauses follow."""

    number: int
    text: Text
    titled: bool = False

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"articles are counted from 1, got {self.number}")


@dataclass(frozen=True)
class Clause:
    """``n.`` (khoản) and its text; ``titled``: the text is a title on its own line, in bold."""

    number: int
    text: Text
    titled: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the body; ``indent`` sets its first line in by 1 cm."""

    text: Text
    align: Align = Align.JUSTIFY
    indent: bool = True


@dataclass(frozen=True)
class Table:
    """A table with a header row that repeats on every page.

    ``widths_mm`` sum up to at most the text width (165 mm on a portrait page, 252 mm in a landscape section); equal
    when left out. ``aligns`` has one entry a column. Cells are text already formatted for readers.
    ``strong_rows`` are the places (from 0) of rows of totals, set in bold.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths_mm: Sequence[float] = ()
    aligns: Sequence[Align] = ()
    caption: str = ""
    strong_rows: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        columns = len(self.header)
        if not columns:
            raise ValueError("a table needs at least one column")
        for number, row in enumerate(self.rows, start=1):
            if len(row) != columns:
                raise ValueError(f"row {number} of the table has {len(row)} cells, its header has {columns}")
        for name, values in (("widths_mm", self.widths_mm), ("aligns", self.aligns)):
            if values and len(values) != columns:
                raise ValueError(f"{name} has {len(values)} entries for {columns} columns")


@dataclass(frozen=True)
class Items:
    """A list: ``dash`` ("- "), ``number`` ("1. ") or ``letter`` ("a) ", in Vietnamese alphabet order)."""

    items: Sequence[Text]
    style: Literal["dash", "number", "letter"] = "dash"


@dataclass(frozen=True)
class Image:
    """A picture (PNG or JPEG bytes), centred. ``alt`` says what it shows to those who cannot see it."""

    data: bytes
    alt: str
    width_mm: float = 150.0
    caption: str = ""

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("an image needs an alternative text")


@dataclass(frozen=True)
class KeyValues:
    """Names and values, two columns without lines."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class PageBreak:
    """Go on on a new page."""


PlainBlock: TypeAlias = (
    Heading | Division | Article | Clause | Paragraph | Table | Items | Image | KeyValues | PageBreak
)


@dataclass(frozen=True)
class Landscape:
    """Blocks on landscape pages of their own: tables too wide for a portrait page."""

    blocks: Sequence[PlainBlock]
