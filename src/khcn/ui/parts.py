"""What pages hand to components: small frozen records, so that a template never guesses at a dictionary's
keys.

Texts in them are plain strings and are escaped by the templates; only a ``SafeString`` is taken as markup.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Tone = Literal["good", "watch", "bad", "info", "neutral"]


@dataclass(frozen=True, kw_only=True)
class State:
    """A state in words and the shape that goes with it."""

    label: str
    tone: Tone = "neutral"


@dataclass(frozen=True, kw_only=True)
class NavItem:
    """A link of a navigation. ``count`` shows how many things wait behind it."""

    label: str
    url: str
    count: int | None = None
    exact: bool = False  # current only on this very address, not on those below it


@dataclass(frozen=True, kw_only=True)
class NavGroup:
    """A titled group of links in the side navigation of the desk."""

    label: str
    items: Sequence[NavItem]


@dataclass(frozen=True, kw_only=True)
class SiteProfile:
    """Who runs the site: context variable ``site`` of every page, set by a context processor.

    Circular 22/2023 asks every page for the owner, the responsible person, address, e-mail and telephone.
    """

    name: str
    unit: str = ""
    home_url: str = "/"
    search_url: str = ""
    owner: str = ""
    responsible: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    note: str = ""
    nav: Sequence[NavItem] = ()
    account: Sequence[NavItem] = ()
    footer: Sequence[NavItem] = ()
    desk: Sequence[NavGroup] = ()


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One tab: a link to its own address."""

    label: str
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table. ``sort_url`` makes its head a link; ``sorted`` tells the present order."""

    label: str
    numeric: bool = False
    sort_url: str = ""
    sorted: Literal["", "ascending", "descending"] = ""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell with its column; made by :class:`Table`."""

    value: object
    column: Column
    is_head: bool


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table. Every row has one value per column; the first names the row unless ``row_heads`` is off."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    foot: Sequence[object] = ()
    row_heads: bool = True
    sticky: bool = False
    hide_caption: bool = False

    def __post_init__(self) -> None:
        wanted = len(self.columns)
        for number, row in enumerate([*self.rows, *([self.foot] if self.foot else [])], start=1):
            if len(row) != wanted:
                raise ValueError(
                    f"table {self.caption!r}: row {number} has {len(row)} values, expected {wanted}"
                )

    def body(self) -> Iterator[list[Cell]]:
        """Iterate over the rows as cells."""
        return (self._cells(row) for row in self.rows)

    def foot_cells(self) -> list[Cell]:
        """Return the cells of the closing row."""
        return self._cells(self.foot) if self.foot else []

    def _cells(self, row: Sequence[object]) -> list[Cell]:
        return [
            Cell(value=value, column=column, is_head=self.row_heads and index == 0)
            for index, (value, column) in enumerate(zip(row, self.columns, strict=True))
        ]


@dataclass(frozen=True, kw_only=True)
class FacetOption:
    """One value of a facet; ``url`` is the present address with this value switched."""

    label: str
    url: str
    count: int | None = None
    selected: bool = False


@dataclass(frozen=True, kw_only=True)
class Facet:
    """A group of filters; stands open when something in it is chosen or ``open`` says so."""

    label: str
    options: Sequence[FacetOption]
    open: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the group is shown open."""
        return self.open or any(option.selected for option in self.options)


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One entry of a list of works. ``snippet`` may hold ``<mark>`` pairs around what was found, nothing
    else.
    """

    title: str
    url: str
    symbol: str = ""
    kind: str = ""
    year: str = ""
    state: State | None = None
    snippet: str = ""
    page: int | None = None
    page_url: str = ""
    meta: Sequence[str] = ()
    thumb_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A point of a timeline."""

    when: date | datetime | str
    what: str
    detail: str = ""
    who: str = ""
    tone: Tone = "neutral"


@dataclass(frozen=True, kw_only=True)
class ReaderPage:
    """A page of a document: its picture and its text. ``image_width`` and ``image_height`` are in pixels."""

    number: int
    total: int
    text: str
    image_url: str = ""
    image_width: int = 0
    image_height: int = 0
    full_url: str = ""
    previous_url: str = ""
    next_url: str = ""
    source_note: str = ""
    terms: Sequence[str] = field(default_factory=tuple)
