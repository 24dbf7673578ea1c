"""Feeds of searches, shelves and what is new; the doors to a work's descriptions."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.engines.records.datacite import KERNEL
from khcn.engines.records.feeds import ATOM_MIME, RSS_MIME, Feed, last_change, to_atom, to_rss
from khcn.engines.records.schema_org import to_schema_org
from khcn.engines.records.signposting import LINKSET_MIME, Description, linkset
from khcn.engines.records.types import Record
from khcn.library.exports.oai import oai_formats
from khcn.library.search.facade import search
from khcn.library.search.types import PUBLIC_ACCESS, SearchResult
from khcn.library.selectors.feeds import FEED_LENGTH, newest_records
from khcn.library.selectors.records import absolute, records_by_ids
from khcn.library.tables.search_page import Asked, parse_search
from khcn.orgs.selectors import site_identity

FORMS: Final[dict[str, tuple[str, Callable[[Feed, list[Record]], bytes]]]] = {
    "atom": (ATOM_MIME, to_atom),
    "rss": (RSS_MIME, to_rss),
}
NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)  # when an empty feed last changed
MAX_ADDRESS: Final = 4000  # characters of the question in a feed's own address


def feed_mime(form: str) -> str:
    """Return the media type of a form of feeds; ``KeyError`` when there is no such form."""
    return FORMS[form][0]


def written(
    form: str, records: list[Record], *, title: str, path: str, page: str, subtitle: str = ""
) -> tuple[bytes, datetime]:
    """Return a feed and when it last changed. ``path`` and ``page`` are paths of this site."""
    site = site_identity()
    changed = last_change(records, NEVER)
    feed = Feed(
        title=f"{title} – {site.site_name}",
        self_url=absolute(path),
        page_url=absolute(page),
        updated=changed,
        author=site.owner or site.site_name,
        subtitle=subtitle,
    )
    return FORMS[form][1](feed, records), changed


def found_by(params: QueryDict, *, now: datetime, size: int) -> tuple[Asked, SearchResult, list[Record]]:
    """Return what everybody finds by an address of the search page."""
    asked = parse_search(params, now=now, access=frozenset({PUBLIC_ACCESS}), page_size=size)
    result = search(asked.query)
    return asked, result, records_by_ids([hit.work_id for hit in result.hits])


def search_feed(form: str, params: QueryDict, *, now: datetime) -> tuple[bytes, datetime]:
    """Return the feed of a search: its first works in the order of the search, the newest first unless told else."""
    asked = first_page(params)
    if "sap-xep" not in asked:
        asked["sap-xep"] = "moi-nhat"
    understood, _result, records = found_by(asked, now=now, size=FEED_LENGTH)
    address = first_page(params).urlencode()[:MAX_ADDRESS]
    title = _("Tìm “%(text)s”") % {"text": understood.text} if understood.text else _("Tìm trong thư viện")
    return written(
        form,
        records,
        title=title,
        path=f"{reverse('library:search-feed', args=[form])}?{address}",
        page=f"{reverse('library:search')}?{address}",
    )


def first_page(params: QueryDict) -> QueryDict:
    """Return the address of a search without the number of its page."""
    kept = params.copy()
    kept.pop("trang", None)
    return kept


def recent_feed(form: str) -> tuple[bytes, datetime]:
    """Return the feed of what is new in the library."""
    return written(
        form,
        newest_records(),
        title=_("Mới thêm"),
        path=reverse("library:recent-feed", args=[form]),
        page=reverse("library:recent"),
        subtitle=site_identity().tagline,
    )


def term_feed(form: str, route: str, term: Any) -> tuple[bytes, datetime]:
    """Return the feed of a collection, a subject or an audience (``route`` is one of these words)."""
    return written(
        form,
        newest_records(**{f"{route}s": term}),
        title=term.name,
        path=reverse(f"library:{route}-feed", args=[term.key, form]),
        page=reverse(f"library:{route}", args=[term.key]),
        subtitle=term.description,
    )


# Descriptions of one work -------------------------------------------------------------------------------------------


def descriptions_of(pk: int) -> list[Description]:
    """Return the descriptions of a work for machines: each format of OAI-PMH, and schema.org."""
    profiles = {"oai_datacite": KERNEL}
    found = [
        Description(_door(pk, one.prefix), "application/xml", profiles.get(one.prefix, one.namespace))
        for one in oai_formats.all()
    ]
    return [*found, Description(_door(pk, "schema-org"), "application/ld+json", "https://schema.org/")]


def linkset_url(pk: int) -> str:
    """Return where the link set of a work is."""
    return _door(pk, "linkset")


def _door(pk: int, form: str) -> str:
    return absolute(reverse("library:description", args=[pk, form]))


def described(record: Record, form: str) -> tuple[bytes, str] | None:
    """Return one description of a work and its media type; ``None`` when there is no such form."""
    if form in oai_formats:
        xml = '<?xml version="1.0" encoding="UTF-8"?>\n' + oai_formats.get(form).write(record) + "\n"
        return xml.encode(), "application/xml; charset=utf-8"
    if form == "schema-org":
        return _json(to_schema_org(record)), "application/ld+json"
    if form == "linkset":
        return _json(linkset(record, descriptions_of(record.id))), LINKSET_MIME
    return None


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace")
