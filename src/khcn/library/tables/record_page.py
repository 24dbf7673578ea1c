"""What machines read on the page of a work: schema.org data, cards for messengers, typed links."""

import json
from collections.abc import Iterator

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from khcn.engines.records.schema_org import to_schema_org
from khcn.engines.records.signposting import cite_as, header_values
from khcn.engines.records.types import Record
from khcn.engines.records.xml import clean
from khcn.library.models import Work
from khcn.library.selectors.feeds import record_kept
from khcn.library.tables.feeds import descriptions_of, linkset_url
from khcn.orgs.selectors import site_identity

_CARD_TEXT = 200


def head_of(request: HttpRequest, work: Work) -> SafeString:  # the shape of a part
    """Return the data block, the card and the links in the head of a work's page."""
    record = record_kept(work)
    return format_html("{}\n{}\n{}", json_ld(record), cards(record), alternates(record))


def json_ld(record: Record) -> SafeString:
    """Return schema.org data as a block that cannot end early."""
    text = json.dumps(to_schema_org(record), ensure_ascii=False).replace("<", "\\u003c")
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308  # JSON, "<" escaped


def cards(record: Record) -> SafeString:
    """Return what messengers and social networks show of an address sent: Open Graph and Twitter cards."""
    kinds = {"article": "article", "video": "video.other"}
    text = " ".join(clean(record.abstract).split())
    pairs = [
        ("og:type", kinds.get(record.kind, "article")),
        ("og:title", clean(record.title)),
        ("og:description", text[:_CARD_TEXT]),
        ("og:url", record.url),
        ("og:site_name", site_identity().site_name),
        ("og:locale", "en_US" if record.language == "en" else "vi_VN"),
        ("og:image", record.thumbnail),
        ("article:published_time", record.published_at.isoformat(timespec="seconds")),
        ("article:modified_time", record.updated_at.isoformat(timespec="seconds")),
    ]
    shown = format_html_join("\n", '<meta property="{}" content="{}">', [pair for pair in pairs if pair[1]])
    named = [
        ("twitter:card", "summary"),
        ("twitter:title", clean(record.title)),
        ("twitter:description", text[:_CARD_TEXT]),
        ("citation_title", clean(record.title)),
        *(("citation_author", clean(agent.name)) for agent in record.creators),
        ("citation_publication_date", str(record.issued or record.year or "")),
        *(("citation_pdf_url", file.url) for file in record.files if file.mime == "application/pdf"),
    ]
    return format_html(
        "{}\n{}",
        shown,
        format_html_join("\n", '<meta name="{}" content="{}">', [pair for pair in named if pair[1]]),
    )


def alternates(record: Record) -> SafeString:
    """Return links to the descriptions, for tools that read the page and not its headers."""
    rows = [(one.mime, one.url) for one in descriptions_of(record.id)]
    links = format_html_join("\n", '<link rel="describedby" type="{}" href="{}">', rows)
    return format_html('<link rel="cite-as" href="{}">\n{}', cite_as(record), links)


def links_of(request: HttpRequest, work: Work) -> Iterator[str]:  # the shape of a part
    """Yield the Link header of a work's page."""
    record = record_kept(work)
    yield from header_values(record, descriptions_of(record.id), linkset_url=linkset_url(record.id))
