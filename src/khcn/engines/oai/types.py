"""What a source says, as plain frozen values."""

from dataclasses import dataclass

from khcn.engines.records.types import Agent, Identifier, LegalFacts, RelationFact


@dataclass(frozen=True, slots=True)
class Identity:
    """Answer to Identify. ``granularity``: "day" or "second"; ``deleted``: "no", "transient" or "persistent"."""

    name: str
    base_url: str
    granularity: str = "day"
    deleted: str = "no"
    earliest: str = ""
    admin_email: str = ""
    response_date: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A set or a format to choose from."""

    key: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class HarvestedRecord:
    """One record, cleaned. ``problem``: a key of ``messages.RECORDS`` when it cannot be used, else "".

    ``issued`` is "2021", "2021-05" or "2021-05-19"; ``address`` leads home (http or https, or ""); ``rights`` is what
    the source says, ``rights_url`` the address of a licence; ``notes`` are keys of ``messages.NOTES``.
    """

    identifier: str
    datestamp: str = ""
    deleted: bool = False
    sets: tuple[str, ...] = ()
    problem: str = ""
    title: str = ""
    title_en: str = ""
    abstract: str = ""
    creators: tuple[Agent, ...] = ()
    contributors: tuple[Agent, ...] = ()
    publisher: str = ""
    issued: str = ""
    language: str = ""
    identifiers: tuple[Identifier, ...] = ()
    rights: str = ""
    rights_url: str = ""
    source: str = ""
    coverage: str = ""
    kind: str = ""
    subjects: tuple[str, ...] = ()
    address: str = ""
    legal: LegalFacts | None = None
    relations: tuple[RelationFact, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListPage:
    """One answer to ListRecords. ``token`` is "" at the end; ``size``: records in all, when the source tells."""

    records: tuple[HarvestedRecord, ...]
    token: str = ""
    size: int | None = None
    response_date: str = ""
    notes: tuple[str, ...] = ()
