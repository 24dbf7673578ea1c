"""OPDS 2.0: the library as a catalogue for reading applications. Plain values, written as JSON.

Source: OPDS Catalog 2.0 and the Readium Web Publication Manifest that it builds on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from khcn.engines.records.dc import date_text
from khcn.engines.records.feeds import makers
from khcn.engines.records.types import Agent, Record
from khcn.engines.records.xml import clean, orcid, says

MIME: Final = "application/opds+json"
PUBLICATION_MIME: Final = "application/opds-publication+json"
OPEN_ACCESS: Final = "http://opds-spec.org/acquisition/open-access"
TYPES: Final = {
    "article": "Article", "legal": "Legislation", "report": "Report", "research": "Book", "learning": "Book",
    "document": "Book", "video": "VideoObject", "link": "WebPage",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpdsLink:
    """One link; ``title`` is needed in navigation and facets, ``count`` is the number of works behind it."""

    href: str
    rel: str = ""
    mime: str = MIME
    title: str = ""
    templated: bool = False
    count: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the link as JSON."""
        said: dict[str, Any] = {"href": self.href, "type": self.mime}
        if self.rel:
            said["rel"] = self.rel
        if self.title:
            said["title"] = clean(self.title)
        if self.templated:
            said["templated"] = True
        if self.count is not None:
            said["properties"] = {"numberOfItems": self.count}
        return said


@dataclass(frozen=True, slots=True)
class OpdsGroup:
    """A part of a catalogue page: publications or navigation under a title, with a link to all of it; or a facet."""

    title: str
    links: tuple[OpdsLink, ...] = ()
    navigation: tuple[OpdsLink, ...] = ()
    records: tuple[Record, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the group as JSON."""
        said: dict[str, Any] = {"metadata": {"title": clean(self.title)}}
        if self.links:
            said["links"] = [link.as_json() for link in self.links]
        if self.navigation:
            said["navigation"] = [link.as_json() for link in self.navigation]
        if self.records:
            said["publications"] = [publication(record) for record in self.records]
        return said


@dataclass(frozen=True, slots=True)
class OpdsFeed:
    """One page of the catalogue. ``total`` and ``per_page`` count publications."""

    title: str
    links: tuple[OpdsLink, ...]
    subtitle: str = ""
    modified: datetime | None = None
    total: int | None = None
    per_page: int | None = None
    number: int | None = None
    navigation: tuple[OpdsLink, ...] = ()
    groups: tuple[OpdsGroup, ...] = ()
    facets: tuple[OpdsGroup, ...] = ()
    records: tuple[Record, ...] = field(default_factory=tuple)

    def as_json(self) -> dict[str, Any]:
        """Return the page as JSON. Parts without content are left out; an empty search has empty publications."""
        about: dict[str, Any] = {"title": clean(self.title)}
        for name, value in (
            ("subtitle", clean(self.subtitle)), ("numberOfItems", self.total), ("itemsPerPage", self.per_page),
            ("currentPage", self.number),
            ("modified", self.modified.isoformat(timespec="seconds") if self.modified else None),
        ):  # fmt: skip
            if value not in ("", None):
                about[name] = value
        said: dict[str, Any] = {"metadata": about, "links": [link.as_json() for link in self.links]}
        if self.navigation:
            said["navigation"] = [link.as_json() for link in self.navigation]
        if self.groups:
            said["groups"] = [group.as_json() for group in self.groups]
        if self.facets:
            said["facets"] = [
                {"metadata": {"title": clean(one.title)}, "links": [link.as_json() for link in one.links]}
                for one in self.facets
            ]
        if self.records or not (self.navigation or self.groups):
            said["publications"] = [publication(record) for record in self.records]
        return said


def publication(record: Record) -> dict[str, Any]:
    """Return one work. Without a file, what may be had of it is its page."""
    legal = record.legal
    about: dict[str, Any] = {
        "@type": f"http://schema.org/{TYPES.get(record.kind, 'CreativeWork')}",
        "title": clean(record.title),
        "identifier": record.ark,
        "language": record.language,
        "modified": record.updated_at.isoformat(timespec="seconds"),
        "published": date_text(record),
        "author": _contributors(makers(record)),
        "contributor": _contributors([one for one in record.contributors if says(one.name)]),
        "publisher": clean(record.publisher or (legal.organ_name if legal else "")),
        "description": clean(record.abstract),
        "subject": [{"name": clean(one.name), "code": one.key} for one in record.subjects if says(one.name)],
        "belongsTo": {
            "collection": [{"name": clean(one.name)} for one in record.collections if says(one.name)]
        },
        "numberOfPages": record.page_count or None,
    }
    if not about["belongsTo"]["collection"]:
        del about["belongsTo"]
    links = [OpdsLink(record.url, "alternate", "text/html")]
    links += [OpdsLink(file.url, OPEN_ACCESS, file.mime, file.name) for file in record.files]
    if not record.files:
        links.append(OpdsLink(record.url, OPEN_ACCESS, "text/html"))
    said: dict[str, Any] = {
        "metadata": {key: value for key, value in about.items() if value not in ("", None, [])},
        "links": [link.as_json() for link in links],
    }
    if record.thumbnail:
        said["images"] = [{"href": record.thumbnail, "type": "image/webp"}]
    return said


def _contributors(agents: Sequence[Agent]) -> list[dict[str, str]]:
    found = []
    for agent in agents:
        one = {"name": clean(agent.name)}
        if number := orcid(agent.orcid):
            one["identifier"] = f"https://orcid.org/{number}"
        found.append(one)
    return found
