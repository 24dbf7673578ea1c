"""A public work as everything outside the library sees it: plain frozen values, the same for every format.

Made by ``khcn.library.selectors.records``; written by the modules beside this one (Dublin Core, DataCite, MARC,
citations, feeds ...). A record holds only what its reader may see: whoever writes a format decides nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Agent:
    """A person or a body. ``kind``: "person" or "organisation"; ``role``: a MARC relator code or ""; ``orcid`` bare."""

    name: str
    kind: str = "person"
    role: str = ""
    orcid: str = ""


@dataclass(frozen=True, slots=True)
class Identifier:
    """``scheme``: ark, doi, isbn, issn, handle, url, other ... in lower case; ``value`` in its normal form."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A subject, a shelf or an audience: its stable key, its name, its class in Dewey's order ("" when unknown)."""

    key: str
    name: str
    ddc: str = ""


@dataclass(frozen=True, slots=True)
class FileFact:
    """One file to download: absolute address, media type, size in bytes, SHA-256 in hexadecimal."""

    name: str
    url: str
    mime: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class RelationFact:
    """How the work stands to another. ``url`` and ``ark`` are empty when the reader may not open the other one."""

    kind: str
    number: str = ""
    title: str = ""
    url: str = ""
    ark: str = ""


@dataclass(frozen=True, slots=True)
class LegalFacts:
    """Fields of an official document, named as in Decree 30/2020/NĐ-CP, annex VI."""

    number: str = ""
    code_number: str = ""
    code_notation: str = ""
    type_name: str = ""
    organ_name: str = ""
    organ_id: str = ""
    place: str = ""
    signer_name: str = ""
    signer_position: str = ""
    recipients: tuple[str, ...] = ()
    priority: str = ""
    issued_amount: int | None = None
    effective_date: date | None = None
    expired_date: date | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One work. ``url`` is its absolute address, ``ark`` its persistent identifier ("ark:/99999/..."), never empty.

    ``year`` is the year of issue or ``None``; ``issued`` the whole date when it is known. ``rights`` is the code,
    ``rights_label`` the words, ``rights_url`` the address of the licence or "". ``version`` counts from 1.
    ``published_at`` and ``updated_at`` are aware moments. ``access``: who may read it, "public", "signed_in" or "units".
    """

    id: int
    url: str
    ark: str
    kind: str
    kind_label: str
    title: str
    published_at: datetime
    updated_at: datetime
    title_en: str = ""
    abstract: str = ""
    creators: tuple[Agent, ...] = ()
    contributors: tuple[Agent, ...] = ()
    publisher: str = ""
    year: int | None = None
    issued: date | None = None
    language: str = "vi"
    identifiers: tuple[Identifier, ...] = ()
    rights: str = ""
    rights_label: str = ""
    rights_url: str = ""
    rights_note: str = ""
    source: str = ""
    coverage: str = ""
    resource_type: str = ""
    address: str = ""
    ddc: str = ""
    subjects: tuple[Heading, ...] = ()
    collections: tuple[Heading, ...] = ()
    audiences: tuple[Heading, ...] = ()
    page_count: int = 0
    files: tuple[FileFact, ...] = ()
    thumbnail: str = ""
    legal: LegalFacts | None = None
    relations: tuple[RelationFact, ...] = ()
    version: int = 1
    harvested_from: str = ""
    access: str = "public"
