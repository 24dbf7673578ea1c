"""Signposting: typed links that tell a machine what stands where on the page of a work (levels 1 and 2).

Sources: signposting.org, FAIR Signposting Profile; RFC 8288 (Link header), RFC 9264 (link sets).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from khcn.engines.records.dc import identifier_text
from khcn.engines.records.schema_org import schema_type
from khcn.engines.records.types import Record
from khcn.engines.records.xml import orcid

LINKSET_MIME: Final = "application/linkset+json"
MAX_ITEMS: Final = 20  # files in the header; the link set names them all
_MIME: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*", re.I)
_UNSAFE: Final = re.compile(r"[^\x21-\x7e]|[<>\"\\^`{|}]")


@dataclass(frozen=True, slots=True)
class Description:
    """One description of the work for machines: where, of which type, in which profile (a URI) or ""."""

    url: str
    mime: str
    profile: str = ""


Link = tuple[str, dict[str, str]]  # target and attributes, "rel" among them


def cite_as(record: Record) -> str:
    """Return the persistent address to cite: that of the DOI when there is one, else that of the ARK here."""
    for one in record.identifiers:
        if one.scheme == "doi":
            return identifier_text(one)
    scheme, _colon, rest = record.url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/{record.ark}"


def links_of(record: Record, descriptions: Sequence[Description], *, linkset_url: str = "") -> Iterator[Link]:
    """Yield the links of the page of a work."""
    yield cite_as(record), {"rel": "cite-as"}
    for agent in record.creators:
        if found := orcid(agent.orcid):
            yield f"https://orcid.org/{found}", {"rel": "author"}
    for one in descriptions:
        yield (
            one.url,
            {"rel": "describedby", "type": one.mime} | ({"profile": one.profile} if one.profile else {}),
        )
    for file in record.files:
        yield file.url, {"rel": "item"} | ({"type": file.mime} if _MIME.fullmatch(file.mime) else {})
    if record.rights_url:
        yield record.rights_url, {"rel": "license"}
    yield "https://schema.org/AboutPage", {"rel": "type"}
    yield f"https://schema.org/{schema_type(record)}", {"rel": "type"}
    if linkset_url:
        yield linkset_url, {"rel": "linkset", "type": LINKSET_MIME}


def header_values(record: Record, descriptions: Sequence[Description], *, linkset_url: str) -> Iterator[str]:
    """Yield the values of the Link header (level 1)."""
    items = 0
    for target, attributes in links_of(record, descriptions, linkset_url=linkset_url):
        items += attributes["rel"] == "item"
        if attributes["rel"] == "item" and items > MAX_ITEMS:
            continue
        yield f"<{_uri(target)}>" + "".join(f'; {name}="{value}"' for name, value in attributes.items())


def linkset(record: Record, descriptions: Sequence[Description]) -> dict[str, Any]:
    """Return the link set (level 2): the page, each file and each description as seen from itself."""
    landing: dict[str, Any] = {"anchor": record.url}
    for target, attributes in links_of(record, descriptions):
        told = {"href": _uri(target)} | {key: value for key, value in attributes.items() if key != "rel"}
        landing.setdefault(attributes["rel"], []).append(told)
    page = {"href": record.url, "type": "text/html"}
    files = [{"anchor": file.url, "collection": [page]} for file in record.files]
    about = [{"anchor": one.url, "describes": [page]} for one in descriptions]
    return {"linkset": [landing, *files, *about]}


def _uri(target: str) -> str:
    """Return an address that can neither end its brackets nor the header."""
    return _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), target)
