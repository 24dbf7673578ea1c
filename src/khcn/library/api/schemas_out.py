"""What the API of the library answers."""

from datetime import date, datetime

from ninja import Schema
from pydantic import Field


class AgentOut(Schema):
    """A person or a body. ``kind``: person or organisation; ``role``: a MARC relator code; ``orcid`` bare."""

    name: str
    kind: str
    role: str
    orcid: str


class IdentifierOut(Schema):
    """``scheme``: doi, isbn, issn, handle, url, other ..."""

    scheme: str
    value: str


class TermOut(Schema):
    """A shelf, a subject or an audience."""

    key: str
    name: str


class TermCountOut(TermOut):
    """A term with the number of works under it that the caller may read."""

    description: str
    works: int


class FileOut(Schema):
    """An original. ``content``: where its bytes are (with the same token); ``sha256`` in hexadecimal."""

    id: int
    position: int
    name: str
    mime: str
    size_bytes: int
    sha256: str
    pages: int
    state: str
    content: str


class LegalOut(Schema):
    """Fields of an official document, named as in Decree 30/2020/NĐ-CP, annex VI."""

    number: str
    code_number: str
    code_notation: str
    type_name: str
    organ_name: str
    organ_id: str
    place: str
    signer_name: str
    signer_position: str
    recipients: list[str]
    priority: str
    issued_amount: int | None
    effective_date: date | None
    expired_date: date | None


class RelationOut(Schema):
    """How the work stands to another. ``url`` and ``ark`` are empty when the caller may not read the other one."""

    kind: str
    number: str
    title: str
    url: str
    ark: str


class RelationsOut(Schema):
    """``outgoing``: what this work says of others; ``incoming``: what others that the caller may read say of it."""

    outgoing: list[RelationOut]
    incoming: list[RelationOut]


class MissingOut(Schema):
    """What stands between a draft and its submission."""

    field: str
    message: str


class HandlingOut(Schema):
    """What only those see who handle the work. ``body`` is clean HTML; ``units`` may read a restricted work."""

    state: str
    unit: int | None
    external_id: str
    body: str
    units: list[int]
    embargo_until: date | None
    sensitive: bool
    publish_at: datetime | None
    submitted_at: datetime | None
    missing: list[MissingOut]
    warnings: list[str]


class WorkOut(Schema):
    """One work. ``year``: of issue; ``issued``: the whole date when known; ``address``: of a link or video."""

    id: int = Field(examples=[1024])
    url: str
    ark: str = Field(examples=["ark:/99999/k17b7"])
    kind: str
    title: str
    title_en: str
    abstract: str
    creators: list[AgentOut]
    contributors: list[AgentOut]
    publisher: str
    year: int | None
    issued: date | None
    language: str
    identifiers: list[IdentifierOut]
    rights: str
    rights_url: str
    rights_note: str
    source: str
    coverage: str
    resource_type: str
    address: str
    visibility: str
    collections: list[TermOut]
    subjects: list[TermOut]
    audiences: list[TermOut]
    page_count: int
    thumbnail: str
    version: int
    harvested_from: str
    legal: LegalOut | None
    relations: list[RelationOut]
    published_at: datetime | None
    updated_at: datetime
    handling: HandlingOut | None = None


class PageOut(Schema):
    """The text of one page. ``number`` counts through the work from 1; ``confidence``: 0-1 for recognised text."""

    number: int
    text: str
    source: str
    encoding: str
    confidence: float | None


class SnippetOut(Schema):
    """A piece of text; ``highlights``: [start, end) of the words found, in characters."""

    text: str
    highlights: list[list[int]]


class HitOut(Schema):
    """A work that was found. ``page``: the page of the snippet, ``null`` without text."""

    id: int
    url: str
    ark: str
    title: str
    kind: str
    number: str
    year: int | None
    score: float
    page: int | None
    page_url: str
    title_highlights: list[list[int]]
    snippet: SnippetOut | None


class FacetValueOut(Schema):
    """One value of a facet and the number of works with it."""

    value: str
    label: str
    works: int


class SearchOut(Schema):
    """An answer: ``total`` works; ``suggestion``: a better spelling of the question."""

    total: int
    took_ms: float
    suggestion: str | None
    items: list[HitOut]
    facets: dict[str, list[FacetValueOut]]


class SuggestionOut(Schema):
    """A proposal while somebody types. ``kind``: title, number or subject."""

    text: str
    kind: str
    work_id: int | None


class DepositItemOut(Schema):
    """What became of one record or file. ``state``: pending, processing, ready, ready_with_warnings, failed."""

    position: int
    name: str
    state: str
    state_label: str
    code: str
    message: str
    remedy: str
    warnings: list[str]
    pages: int
    work: int | None
    duplicate_of: int | None


class DepositOut(Schema):
    """A deposit: the same as on the desk. ``state``: running, done or failed; ``counts`` by state of the items."""

    id: int
    url: str
    desk_url: str
    state: str
    unit: int | None
    imported: int
    updated: int
    unchanged: int
    failed: int
    counts: dict[str, int]
    started_at: datetime
    finished_at: datetime | None
