"""Which page links a list shows. Depth is capped: nobody reads page 800, and deep pages cost the database
most.
"""

from dataclasses import dataclass
from typing import Final

from django.http import QueryDict

MAX_PAGE: Final = 50


@dataclass(frozen=True)
class PageLink:
    """A link of the pagination; ``number`` 0 is a gap."""

    number: int
    url: str = ""
    current: bool = False


@dataclass(frozen=True)
class PageLinks:
    """Everything the pagination shows."""

    number: int
    total: int
    links: list[PageLink]
    previous_url: str
    next_url: str
    capped: bool  # there are more pages than may be opened

    @property
    def last(self) -> int:
        """The last page that may be opened."""
        return self.links[-1].number if self.links else self.number


def page_links(
    *, number: int, total: int, query: QueryDict | None = None, param: str = "trang", max_page: int = MAX_PAGE
) -> PageLinks:
    """Return the links around page ``number`` of ``total``; other parts of the address are kept."""
    last = max(1, min(total, max_page))
    number = max(1, min(number, last))

    def url(target: int) -> str:
        kept = query.copy() if query is not None else QueryDict(mutable=True)
        kept.pop(param, None)
        if target > 1:
            kept[param] = str(target)
        return "?" + kept.urlencode()

    wanted = sorted({1, last, *range(max(1, number - 2), min(last, number + 2) + 1)})
    links: list[PageLink] = []
    before = 0
    for target in wanted:
        if target - before > 1:
            links.append(PageLink(0))
        links.append(PageLink(target, url(target), target == number))
        before = target
    return PageLinks(
        number=number,
        total=total,
        links=links,
        previous_url=url(number - 1) if number > 1 else "",
        next_url=url(number + 1) if number < last else "",
        capped=total > last,
    )
