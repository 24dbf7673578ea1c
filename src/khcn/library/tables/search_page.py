"""What the search page shows: the question as asked, the filters as links, the order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.http import QueryDict

from khcn.library.search.types import SearchResult
from khcn.library.selectors.asked import (
    FILTERS,
    LANGUAGES,
    MAX_CHOSEN,
    MAX_PAGE,
    SORTS,
    Asked,
    labels_of,
    parse_search,
)
from khcn.ui.parts import Facet, FacetOption, Hit, Tab

__all__ = [
    "FILTERS",
    "LANGUAGES",
    "MAX_CHOSEN",
    "MAX_PAGE",
    "MAX_VALUES",
    "SORTS",
    "Asked",
    "SearchPage",
    "labels_of",
    "parse_search",
]
OPEN_FACETS = {"kind", "audience", "validity"}
MAX_VALUES = 12


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
