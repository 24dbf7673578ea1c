"""The pages of the OPDS catalogue: the front, what is new, and every search with its filters."""

import json
from datetime import datetime
from typing import Any, Final

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.engines.records.feeds import last_change
from khcn.engines.records.opds import OpdsFeed, OpdsGroup, OpdsLink
from khcn.library.models import Audience, Collection, Subject
from khcn.library.selectors.feeds import newest_change, newest_records
from khcn.library.selectors.public import term_counts
from khcn.library.selectors.records import absolute
from khcn.library.tables.feeds import NEVER, found_by
from khcn.library.tables.search_page import MAX_PAGE, SearchPage
from khcn.orgs.selectors import site_identity

PAGE_SIZE: Final = 30
FRONT_SIZE: Final = 12
MAX_TERMS: Final = 40
Answer = tuple[bytes, datetime]


def _search_url(params: QueryDict | None = None) -> str:
    address = absolute(reverse("library-root:opds-search"))
    return f"{address}?{params.urlencode()}" if params else address


def _common(self_url: str) -> tuple[OpdsLink, ...]:
    return (
        OpdsLink(self_url, "self"),
        OpdsLink(absolute(reverse("library-root:opds")), "start", title=_("Thư viện")),
        OpdsLink(_search_url() + "{?query}", "search", templated=True),
    )


def _written(feed: OpdsFeed) -> bytes:
    return json.dumps(feed.as_json(), ensure_ascii=False).encode("utf-8", "replace")


def opds_front() -> Answer:
    """Return the front page: what is new, shelves, audiences, subjects."""
    newest = newest_records(limit=FRONT_SIZE)
    recent = OpdsLink(
        absolute(reverse("library-root:opds-recent")), "http://opds-spec.org/sort/new", title=_("Mới thêm")
    )
    shown = OpdsGroup(_("Mới thêm"), (OpdsLink(recent.href, "self"),), records=tuple(newest))
    groups = [shown] if newest else []
    for title, model, name in (
        (_("Bộ sưu tập"), Collection, "bo-suu-tap"),
        (_("Dành cho"), Audience, "doi-tuong"),
        (_("Chủ đề"), Subject, "chu-de"),
    ):
        if entries := _terms(model, name):
            groups.append(OpdsGroup(title, navigation=entries))
    site = site_identity()
    changed = newest_change() or NEVER
    feed = OpdsFeed(
        title=_("Thư viện – %(site)s") % {"site": site.site_name},
        subtitle=site.tagline,
        links=_common(absolute(reverse("library-root:opds"))),
        modified=changed,
        navigation=(recent, OpdsLink(_search_url(), "subsection", title=_("Mọi tài liệu"))),
        groups=tuple(groups),
    )
    return _written(feed), changed


def _terms(model: Any, name: str) -> tuple[OpdsLink, ...]:
    entries = []
    for term in term_counts(model, user=None)[:MAX_TERMS]:
        params = QueryDict(mutable=True)
        params[name] = term.key
        entries.append(OpdsLink(_search_url(params), "subsection", title=term.name, count=term.works))
    return tuple(entries)


def opds_recent() -> Answer:
    """Return the works published last."""
    records = newest_records(limit=PAGE_SIZE)
    changed = last_change(records, NEVER)
    feed = OpdsFeed(
        title=_("Mới thêm"),
        links=_common(absolute(reverse("library-root:opds-recent"))),
        modified=changed,
        records=tuple(records),
    )
    return _written(feed), changed


def opds_search(params: QueryDict, *, now: datetime) -> Answer:
    """Return a page of a search. Reading applications send the words as ``query``; else as on the search page."""
    asked_for = params.copy()
    words = asked_for.pop("query", [])
    if words and "q" not in asked_for:
        asked_for["q"] = str(words[-1])
    asked, result, records = found_by(asked_for, now=now, size=PAGE_SIZE)
    page = SearchPage(asked=asked, params=asked_for, result=result)
    pages = min(page.pages, MAX_PAGE)
    links = [*_common(_page_url(asked_for, asked.number)), OpdsLink(_page_url(asked_for, 1), "first")]
    if asked.number > 1:
        links.append(OpdsLink(_page_url(asked_for, min(asked.number, pages + 1) - 1), "previous"))
    if asked.number < pages:
        links.append(OpdsLink(_page_url(asked_for, asked.number + 1), "next"))
    feed = OpdsFeed(
        title=_("Tìm “%(text)s”") % {"text": asked.text} if asked.text else _("Mọi tài liệu"),
        links=tuple(links),
        total=result.total,
        per_page=PAGE_SIZE,
        number=asked.number,
        facets=tuple(_facets(page)),
        records=tuple(records),
    )
    return _written(feed), last_change(records, NEVER)


def _page_url(params: QueryDict, number: int) -> str:
    kept = params.copy()
    kept.pop("trang", None)
    if number > 1:
        kept["trang"] = str(number)
    return _search_url(kept)


def _facets(page: SearchPage) -> list[OpdsGroup]:
    base = absolute(reverse("library-root:opds-search"))
    order = OpdsGroup(
        _("Sắp xếp"),
        tuple(
            OpdsLink(base + tab.url, "self" if tab.current else "http://opds-spec.org/facet", title=tab.label)
            for tab in page.sorts
        ),
    )
    groups = [
        OpdsGroup(
            facet.label,
            tuple(
                OpdsLink(
                    base + option.url,
                    "self" if option.selected else "http://opds-spec.org/facet",
                    title=option.label,
                    count=option.count,
                )
                for option in facet.options
            ),
        )
        for facet in page.facets
    ]
    return [order, *(group for group in groups if len(group.links) > 0)]
