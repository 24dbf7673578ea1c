"""A list of works as a workbook, a Word document or a PDF, with what was asked for above it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Cell, Column, clean_text
from khcn.core.exports.tables import write_xlsx
from khcn.core.papers.blocks import Align, KeyValues, Landscape, Table
from khcn.core.papers.parts import Metadata, NationalHeader, Paper
from khcn.library.list_columns import Line, ListColumn
from khcn.orgs.selectors import site_identity
from khcn.orgs.site import SiteIdentity

LANDSCAPE_MM: Final = 252.0  # the text's width on a landscape page
_PADDING_MM: Final = 4.0
_MOST_WORD_MM: Final = 45.0
# Lines end after a hyphen, and after a slash that is not one of a day ("09/2019/" + "NĐ-" + "CP", but "24/01/2019").
_PARTS: Final = re.compile(r"\d{1,2}/\d{1,2}/\d{4}|[^-/]+[-/]?|[-/]")
MOST_CELL: Final = 600  # signs of one cell on paper; a workbook holds all


@dataclass(frozen=True, slots=True)
class ListHead:
    """What stands above a list: what was looked for in words, how many works were found and how many are listed."""

    asked: Sequence[tuple[str, str]]
    total: int
    listed: int
    made_at: datetime
    official: bool

    def pairs(self) -> list[tuple[str, str]]:
        """Return names and values for people."""
        made = timezone.localtime(self.made_at)
        count = str(self.listed)
        if self.listed < self.total:
            count = _("%(listed)s trong %(total)s tài liệu tìm thấy") % {
                "listed": self.listed,
                "total": self.total,
            }
        return [
            *((label, clean_text(text)) for label, text in self.asked),
            (_("Số tài liệu"), count),
            (_("Lập lúc"), f"{made:%H:%M %d/%m/%Y}"),
        ]


def write_list_xlsx(
    file: IO[bytes], columns: Sequence[ListColumn], lines: Iterable[Line], head: ListHead
) -> int:
    """Write the list row by row (constant memory); return how many works it holds."""
    rows = ([column.value(line) for column in columns] for line in lines)
    titled = [Column(column.title, width=_characters(column)) for column in columns]
    above = [[_("DANH SÁCH TÀI LIỆU")], *([label, text] for label, text in head.pairs())]
    return write_xlsx(file, titled, rows, title=_("Danh sách tài liệu"), above=above)


def _characters(column: ListColumn) -> int:
    return max(8, min(60, round(column.mm / 1.4)))


def list_paper(columns: Sequence[ListColumn], lines: Iterable[Line], head: ListHead) -> Paper:
    """Return the list as a paper: for staff with the head of an official document, for visitors without."""
    titles = [str(column.title) for column in columns]
    rows = [[cell_text(column.value(line)) for column in columns] for line in lines]
    table = Table(
        header=titles,
        rows=rows,
        widths_mm=widths_mm([column.mm for column in columns], [titles, *rows]),
        aligns=[Align.RIGHT if column.right else Align.LEFT for column in columns],
    )
    site = site_identity()
    made = timezone.localtime(head.made_at)
    header = NationalHeader(agency=site.owner, place=_place(site), day=made.date()) if head.official else None
    return Paper(
        title=_("DANH SÁCH TÀI LIỆU"),
        subtitle=_("Kết quả tìm trong thư viện"),
        header=header,
        blocks=[KeyValues(head.pairs()), Landscape([table])],
        metadata=Metadata(author=site.site_name, subject=_("Danh sách tài liệu"), created=head.made_at),
    )


def widths_mm(wanted: Sequence[float], cells: Iterable[Sequence[str]]) -> list[float]:
    """Return the widths of the columns of a landscape page: as wanted, but none breaks a day or a word.

    A column that would be too narrow for its longest word gets that width, the others share what is left.
    """
    least = [0.0] * len(wanted)
    for row in cells:
        least = [max(known, _word_mm(cell)) for known, cell in zip(least, row, strict=True)]
    if sum(least) > LANDSCAPE_MM:  # nothing can be done about it; words break where they must
        return [LANDSCAPE_MM * one / sum(least) for one in least]
    fixed: set[int] = set()
    while True:
        left = LANDSCAPE_MM - sum(least[at] for at in fixed)
        share = left / (sum(mm for at, mm in enumerate(wanted) if at not in fixed) or 1.0)
        short = {at for at, mm in enumerate(wanted) if at not in fixed and mm * share < least[at]}
        if not short:
            return [least[at] if at in fixed else mm * share for at, mm in enumerate(wanted)]
        fixed |= short


def _word_mm(text: str) -> float:
    """Return how wide a cell must be for the longest of its words, in the type of official tables (13 points)."""
    words = (part for word in text.split() for part in _PARTS.findall(word))
    longest = max((sum(_sign_mm(sign) for sign in word) for word in words), default=0.0)
    return _PADDING_MM + min(longest, _MOST_WORD_MM)


def _sign_mm(sign: str) -> float:
    return 1.4 if sign in "/.,:;-()il" else 3.4 if sign.isupper() else 2.4


def _place(site: SiteIdentity) -> str:
    return site.terms.get("place", "") or site.site_name


def cell_text(value: Cell) -> str:
    """Return a cell as readers see it on paper."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%d/%m/%Y}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float | Decimal):
        return f"{value:f}".replace(".", ",")
    text = clean_text(str(value))
    return text if len(text) <= MOST_CELL else text[: MOST_CELL - 1].rsplit(" ", 1)[0] + "…"
