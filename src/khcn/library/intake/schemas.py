"""What the API of the library takes. Anything else in a body is refused, so that a mistyped name is noticed."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from khcn.library.enums import Priority, Rights, Visibility, WorkKind
from khcn.library.intake.types import Day, Key, Moment, Small, UnitId, Year, line, text

MAX_PEOPLE = 200


class _In(Schema):
    model_config = ConfigDict(extra="forbid")


class PersonIn(_In):
    """A person or a body. ``role``: a MARC relator code such as ``aut``; ``orcid``: 0000-0002-1825-0097."""

    name: Annotated[str, line(300, 1)]
    kind: Literal["person", "organisation"] = "person"
    role: Annotated[str, line(20)] = ""
    orcid: str = Field("", max_length=19, pattern=r"^([0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X])?$")


class IdentifierIn(_In):
    """An identifier given elsewhere. ``type``: doi, isbn, issn, handle, url or other."""

    type: Annotated[str, line(40, 1)] = "other"
    value: Annotated[str, line(300, 1)]


class LegalIn(_In):
    """Fields of an official document (Decree 30/2020/NĐ-CP, annex VI); only those given are changed."""

    type_name: Annotated[str, line(100)] = ""
    number: Annotated[str, line(60)] = ""
    code_number: Annotated[str, line(11)] = ""
    code_notation: Annotated[str, line(30)] = ""
    organ_name: Annotated[str, line(200)] = ""
    organ_id: Annotated[str, line(13)] = ""
    place: Annotated[str, line(100)] = ""
    signer_position: Annotated[str, line(100)] = ""
    signer_name: Annotated[str, line(50)] = ""
    recipients: list[Annotated[str, line(300, 1)]] = Field([], max_length=MAX_PEOPLE)
    priority: Priority = Priority.NORMAL
    issued_amount: Small | None = None
    due_date: Day | None = None
    file_catalog: Small | None = None
    file_notation: Annotated[str, line(20)] = ""
    doc_ordinal: Small | None = None
    effective_date: Day | None = None
    expired_date: Day | None = None


class WorkFields(_In):
    """The description of a work; what is left out stays as it is. Terms are named by their keys."""

    kind: WorkKind = WorkKind.DOCUMENT
    title_en: Annotated[str, line(500)] = ""
    abstract: Annotated[str, text(50_000)] = ""
    body: Annotated[str, text(500_000)] = ""
    creators: list[PersonIn] = Field([], max_length=MAX_PEOPLE)
    contributors: list[PersonIn] = Field([], max_length=MAX_PEOPLE)
    publisher: Annotated[str, line(200)] = ""
    issued_year: Year | None = None
    issued_date: Day | None = None
    language: str = Field("vi", max_length=8, pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,4})?$")
    identifiers: list[IdentifierIn] = Field([], max_length=MAX_PEOPLE)
    rights: Rights = Rights.UNKNOWN
    rights_note: Annotated[str, line(500)] = ""
    source: Annotated[str, line(500)] = ""
    coverage: Annotated[str, line(200)] = ""
    resource_type: Annotated[str, line(100)] = ""
    url: str = Field("", max_length=1000, pattern=r"^(https?://[^\s<>\"\x00-\x1f\x7f]+)?$")
    visibility: Visibility = Visibility.PUBLIC
    embargo_until: Day | None = None
    collections: list[Key] = Field([], max_length=MAX_PEOPLE)
    subjects: list[Key] = Field([], max_length=MAX_PEOPLE)
    audiences: list[Key] = Field([], max_length=MAX_PEOPLE)
    units: list[UnitId] = Field([], max_length=MAX_PEOPLE)
    legal: LegalIn = Field(default_factory=LegalIn.model_construct)


class WorkPatch(WorkFields):
    """A change of a work: only what is given. ``null`` empties a date or a year, ``""`` a text, ``[]`` a list."""

    title: Annotated[str, line(500, 1)] = ""  # the default never counts: only what was given is read


class WorkIn(WorkFields):
    """A new work. ``external_id``: your own number of it; sent again, it is the same work."""

    title: Annotated[str, line(500, 1)] = Field(examples=["Kế hoạch chuyển đổi số năm 2021"])
    external_id: Annotated[str, line(200)] = ""
    unit: UnitId | None = None


class RecordIn(WorkIn):
    """A record of a bulk deposit. ``files``: names of files sent in the same request that belong to it."""

    files: list[Annotated[str, line(300, 1)]] = Field([], max_length=MAX_PEOPLE)


class StepIn(_In):
    """A step of the review. ``reason`` is needed to return, freeze and withdraw; ``publish_at`` goes with approve."""

    step: Literal["approve", "return", "publish", "freeze", "withdraw", "restore"]
    reason: Annotated[str, text(2000)] = ""
    publish_at: Moment | None = None
