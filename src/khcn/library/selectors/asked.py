"""A search as its address states it: read, written in one order, told in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.library.enums import Validity, WorkKind
from khcn.library.models import Audience, Collection, Subject
from khcn.library.search.types import SearchQuery, Sort

# The name of a filter in the address, the facet of the index, and its heading.
FILTERS: Final = (
    ("loai", "kind", gettext_lazy("Loại")),
    ("doi-tuong", "audience", gettext_lazy("Dành cho")),
    ("hieu-luc", "validity", gettext_lazy("Hiệu lực")),
    ("nam", "year", gettext_lazy("Năm")),
    ("co-quan", "issuing_body", gettext_lazy("Cơ quan ban hành")),
    ("bo-suu-tap", "collection", gettext_lazy("Bộ sưu tập")),
    ("chu-de", "subject", gettext_lazy("Chủ đề")),
    ("ngon-ngu", "language", gettext_lazy("Ngôn ngữ")),
)
SORTS: Final = (
    ("", Sort.RELEVANCE, gettext_lazy("Sát nhất")),
    ("moi-nhat", Sort.DATE, gettext_lazy("Mới nhất")),
    ("cu-nhat", Sort.DATE_ASC, gettext_lazy("Cũ nhất")),
    ("ten", Sort.TITLE, gettext_lazy("Theo tên A-Y")),
)
MAX_CHOSEN = 10  # robots combine filters without end; people do not
MAX_PAGE = 50
LANGUAGES: Final = {"vi": gettext_lazy("Tiếng Việt"), "en": gettext_lazy("Tiếng Anh")}


@dataclass(frozen=True)
class Asked:
    """One search as the address states it."""

    query: SearchQuery
    text: str
    number: int
    sort_key: str
    page_size: int

    @property
    def is_asked(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.text or self.query.filters or self.sort_key)


def parse_search(params: QueryDict, *, now: datetime, access: frozenset[str], page_size: int) -> Asked:
    """Read a search from the address; what makes no sense is left out, never an error."""
    text = params.get("q", "").replace("\x00", "")[:400].strip()
    number = params.get("trang", "1")
    page = (
        max(1, min(MAX_PAGE, int(number))) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    )
    sorts = {key: sort for key, sort, _label in SORTS}
    sort_key = params.get("sap-xep", "") if params.get("sap-xep", "") in sorts else ""
    chosen: dict[str, tuple[str, ...]] = {}
    for name, facet, _label in FILTERS:
        values = tuple(
            value[:200] for value in params.getlist(name)[:MAX_CHOSEN] if value and "\x00" not in value
        )
        if values:
            chosen[facet] = values
    query = SearchQuery(
        text=text,
        now=now,
        access=access,
        filters=chosen,
        sort=sorts[sort_key] if text or sort_key else Sort.DATE,
        offset=(page - 1) * page_size,
        limit=page_size,
    )
    return Asked(query, text, page, sort_key, page_size)


def canonical(params: QueryDict, *, now: datetime) -> str:
    """Return a search as address parameters in a fixed order, without the page and what makes no sense.

    Two addresses of the same search give the same text; "" when nothing is asked.
    """
    asked = parse_search(params, now=now, access=frozenset(), page_size=1)
    kept = QueryDict(mutable=True)
    if asked.text:
        kept["q"] = asked.text
    for name, facet, _label in FILTERS:
        if values := asked.query.filters.get(facet):
            kept.setlist(name, sorted(set(values)))
    if asked.sort_key:
        kept["sap-xep"] = asked.sort_key
    return kept.urlencode()


def asked_of(params: str, *, now: datetime, access: frozenset[str]) -> Asked:
    """Return the search that ``canonical`` wrote."""
    return parse_search(QueryDict(params), now=now, access=access, page_size=10)


def search_words(params: str, *, now: datetime) -> list[tuple[str, str]]:
    """Return what a search asks for, in words: ``(heading, values)``, the question first."""
    asked = asked_of(params, now=now, access=frozenset())
    rows = [(_("Từ cần tìm"), asked.text)] if asked.text else []
    for _name, facet, label in FILTERS:
        values = asked.query.filters.get(facet, ())
        if values:
            names = labels_of(facet, values)
            rows.append((str(label), ", ".join(names.get(value, value) for value in values)))
    sort = asked.query.sort if asked.text else asked.query.browsing_sort
    rows.append((_("Thứ tự"), next(str(label) for _key, one, label in SORTS if one is sort)))
    return rows


def labels_of(facet: str, values: Iterable[str]) -> dict[str, str]:
    """Return what people call the values of a facet."""
    if facet == "kind":
        return {str(value): str(label) for value, label in WorkKind.choices}
    if facet == "validity":
        return {str(value): str(label) for value, label in Validity.choices}
    if facet == "language":
        return {code: str(LANGUAGES.get(code, code)) for code in values} | {"": _("Chưa rõ")}
    terms: dict[str, type[Collection | Audience | Subject]] = {
        "collection": Collection,
        "audience": Audience,
        "subject": Subject,
    }
    if facet in terms:
        return dict(terms[facet].objects.filter(key__in=list(values)).values_list("key", "name"))
    return {}
