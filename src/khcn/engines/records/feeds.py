"""Atom 1.0 (RFC 4287) and RSS 2.0 of works, for feed readers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape as html_escape
from typing import Final

from khcn.engines.records.types import Agent, Heading, Record
from khcn.engines.records.xml import element, optional, orcid, says, wrapped

ATOM: Final = "http://www.w3.org/2005/Atom"
ATOM_MIME: Final = "application/atom+xml"
RSS_MIME: Final = "application/rss+xml"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_DC: Final = "http://purl.org/dc/elements/1.1/"


@dataclass(frozen=True, slots=True)
class Feed:
    """A list of works to follow. Addresses are absolute; ``updated`` is aware; ``self_url`` names the feed itself."""

    title: str
    self_url: str
    page_url: str
    updated: datetime
    author: str
    subtitle: str = ""
    search_url: str = ""


def last_change(records: Sequence[Record], otherwise: datetime) -> datetime:
    """Return when the newest change of these works was."""
    return max((max(record.updated_at, record.published_at) for record in records), default=otherwise)


def to_atom(feed: Feed, records: Sequence[Record]) -> bytes:
    """Return the feed as Atom. Identifiers are the works' persistent ones, so that no reader shows a work twice."""
    head = (
        element("title", _line(feed.title)),
        optional("subtitle", _line(feed.subtitle)),
        element("id", feed.self_url),
        element("updated", _stamp(feed.updated)),
        wrapped("author", [element("name", _line(feed.author) or "KHCN")]),
        _link("self", feed.self_url, ATOM_MIME),
        _link("alternate", feed.page_url, "text/html"),
        _link("search", feed.search_url, "application/opensearchdescription+xml") if feed.search_url else "",
    )
    entries = (wrapped("entry", _atom_entry(record)) for record in records)
    body = wrapped("feed", (*head, *entries), [("xmlns", ATOM), ("xml:lang", "vi")])
    return (_DECLARATION + body).encode()


def _atom_entry(record: Record) -> Iterator[str]:
    yield element("title", _line(record.title))
    yield element("id", record.ark)
    yield _link("alternate", record.url, "text/html")
    for file in record.files:
        extra = [("length", str(file.size_bytes)), ("title", file.name)]
        yield _link("enclosure", file.url, file.mime, extra)
    yield element("published", _stamp(record.published_at))
    yield element("updated", _stamp(max(record.updated_at, record.published_at)))
    for agent in makers(record):
        uri = orcid(agent.orcid)
        name = element("name", _line(agent.name))
        yield wrapped("author", [name, optional("uri", f"https://orcid.org/{uri}" if uri else "")])
    for heading in _headings(record):
        yield wrapped("category", (), [("term", heading.key), ("label", _line(heading.name))])
    yield optional("summary", record.abstract, [("type", "text")])
    yield optional("rights", ". ".join(part for part in (record.rights_label, record.rights_url) if part))


def _link(rel: str, href: str, mime: str, extra: Sequence[tuple[str, str]] = ()) -> str:
    return wrapped("link", (), [("rel", rel), ("type", mime), ("href", href), *extra])


def to_rss(feed: Feed, records: Sequence[Record]) -> bytes:
    """Return the feed as RSS 2.0."""
    channel = (
        element("title", _line(feed.title)),
        element("link", feed.page_url),
        element("description", _line(feed.subtitle) or _line(feed.title)),
        element("language", "vi"),
        element("lastBuildDate", format_datetime(feed.updated)),
        wrapped("atom:link", (), [("rel", "self"), ("type", RSS_MIME), ("href", feed.self_url)]),
    )
    items = (wrapped("item", _rss_item(record)) for record in records)
    body = wrapped(
        "rss",
        [wrapped("channel", (*channel, *items))],
        [("version", "2.0"), ("xmlns:atom", ATOM), ("xmlns:dc", _DC)],
    )
    return (_DECLARATION + body).encode()


def _rss_item(record: Record) -> Iterator[str]:
    yield element("title", _line(record.title))
    yield element("link", record.url)
    yield element("guid", record.ark, [("isPermaLink", "false")])
    yield element("pubDate", format_datetime(record.published_at))
    # Readers take a description for HTML: text must be escaped once more.
    yield optional("description", html_escape(record.abstract, quote=False))
    for agent in makers(record):
        yield element("dc:creator", _line(agent.name))
    for heading in _headings(record):
        yield element("category", _line(heading.name))
    for file in record.files[:1]:  # RSS knows one enclosure
        values = [("url", file.url), ("length", str(file.size_bytes)), ("type", file.mime)]
        yield wrapped("enclosure", (), values)


def makers(record: Record) -> list[Agent]:
    """Return who made a work; of an official document without authors, who issued it."""
    named = [agent for agent in record.creators if says(agent.name)]
    if not named and record.legal and says(record.legal.organ_name):
        return [Agent(record.legal.organ_name, "organisation")]
    return named


def _headings(record: Record) -> list[Heading]:
    return [one for one in (*record.subjects, *record.collections) if says(one.name)]


def _line(text: str) -> str:
    return " ".join(text.split())


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
