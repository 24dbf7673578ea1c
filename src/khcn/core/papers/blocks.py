"""What a paper is made of: plain data, the same for DOCX and PDF, validated when built."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
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
class Paragraph:
    """A paragraph of the body; ``indent`` sets its first line in by 1 cm."""

    text: Text
    align: Align = Align.JUSTIFY
    indent: bool = True


@dataclass(frozen=True)
class Table:
    """A table with a header row that repeats on every page.

    ``widths_mm`` sum up to at most the text width (165 mm on a portrait page); equal when left out.
    ``aligns`` has one entry a column. Cells are text already formatted for readers.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths_mm: Sequence[float] = ()
    aligns: Sequence[Align] = ()
    caption: str = ""

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
class Signature:
    """The end of an official document: who receives it on the left, who signs on the right, room between the lines.

    ``position``: as it stands above the signature, e.g. "HIỆU TRƯỞNG"; ``name`` empty: written by hand.
    """

    position: str
    recipients: Sequence[str] = ()
    name: str = ""

    def __post_init__(self) -> None:
        if not self.position.strip():
            raise ValueError("a signature needs the position of who signs")


@dataclass(frozen=True)
class PageBreak:
    """Go on on a new page."""


Block: TypeAlias = Heading | Paragraph | Table | Items | Image | KeyValues | Signature | PageBreak


@dataclass(frozen=True)
class NationalHeader:
    """The head of an official document: who issues it, number and symbol, place and day.

    ``number`` below 10 gets its leading zero here; ``None`` leaves room for the clerk to write it.
    """

    agency: str
    place: str
    day: date
    parent_agency: str = ""
    number: int | None = None
    symbol: str = ""


@dataclass(frozen=True)
class Metadata:
    """What the file says about itself."""

    author: str = ""
    subject: str = ""
    keywords: Sequence[str] = ()
    created: datetime | None = None
    language: str = "vi-VN"


@dataclass(frozen=True)
class Paper:
    """A whole document. ``subtitle`` is the abstract under the title (trích yếu)."""

    title: str
    blocks: Sequence[Block]
    subtitle: str = ""
    header: NationalHeader | None = None
    metadata: Metadata = field(default_factory=Metadata)
