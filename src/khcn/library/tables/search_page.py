"""What the search page shows: the question as asked, the filters as links, the order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.library.enums import Validity, WorkKind
from khcn.library.models import Audience, Collection, Subject
from khcn.library.search.types import SearchQuery, SearchResult, Sort
from khcn.ui.parts import Facet, FacetOption, Hit, Tab

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
OPEN_FACETS = {"kind", "audience", "validity"}
MAX_VALUES = 12
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


@dataclass(frozen=True)
class SearchPage:
    """Everything the template of the search page needs."""

    asked: Asked
    params: QueryDict
    result: SearchResult | None = None
    hits: Sequence[Hit] = field(default_factory=tuple)

    def with_result(self, result: SearchResult, *, hits: Sequence[Hit]) -> "SearchPage":
        """Return the page with an answer on it."""
        return replace(self, result=result, hits=hits)

    @property
    def start(self) -> int:
        """The number of the first hit shown."""
        return self.asked.query.offset + 1

    @property
    def pages(self) -> int:
        """How many pages the result has."""
        total = self.result.total if self.result else 0
        return max(1, -(-total // self.asked.page_size))

    @property
    def clear_url(self) -> str:
        """The address without filters."""
        names = {name for name, _facet, _label in FILTERS}
        return self._url({key: values for key, values in self.params.lists() if key not in names})

    @property
    def suggestion_url(self) -> str:
        """The address of the better spelling."""
        suggestion = self.result.suggestion if self.result else None
        return self._url({"q": [suggestion]}) if suggestion else ""

    @property
    def sorts(self) -> list[Tab]:
        """The orders to choose from."""
        return [
            Tab(
                label=str(label),
                url=self._with("sap-xep", [key] if key else []),
                current=key == self.asked.sort_key,
            )
            for key, _sort, label in SORTS
        ]

    @cached_property
    def facets(self) -> list[Facet]:
        """The filters with the number of works behind each value."""
        if self.result is None:
            return []
        shown = []
        for name, facet, label in FILTERS:
            counted = dict(self.result.facets.get(facet, ()))
            chosen = self.asked.query.filters.get(facet, ())
            for value in chosen:
                counted.setdefault(value, 0)
            if not counted or (len(counted) == 1 and not chosen and facet == "language"):
                continue
            values = self._shown_values(facet, counted, chosen)
            labels = labels_of(facet, values)
            options = [self._option(name, value, labels, counted, chosen) for value in values]
            shown.append(Facet(label=str(label), options=options, open=facet in OPEN_FACETS))
        return shown

    def _shown_values(self, facet: str, counted: Mapping[str, int], chosen: Sequence[str]) -> list[str]:
        """Return the values to show: years newest first, others as counted; chosen ones always."""
        values = sorted(counted, reverse=True) if facet == "year" else list(counted)
        kept = values[:MAX_VALUES]
        return kept + [value for value in chosen if value not in kept]

    def _option(
        self,
        name: str,
        value: str,
        labels: Mapping[str, str],
        counted: Mapping[str, int],
        chosen: Sequence[str],
    ) -> FacetOption:
        selected = value in chosen
        values = [one for one in chosen if one != value] if selected else [*chosen, value]
        return FacetOption(
            label=labels.get(value, value),
            url=self._with(name, values),
            count=counted[value],
            selected=selected,
        )

    def _with(self, name: str, values: Sequence[str]) -> str:
        kept: dict[str, Sequence[str]] = {key: list(old) for key, old in self.params.lists() if key != name}
        kept[name] = values
        return self._url(kept)

    def _url(self, lists: Mapping[str, Sequence[str]]) -> str:
        query = QueryDict(mutable=True)
        for key, values in lists.items():
            if key != "trang" and values:
                query.setlist(key, list(values))
        return "?" + query.urlencode()


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
