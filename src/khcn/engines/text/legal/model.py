"""What the header parser says of an official document ("văn bản"), by the fields of Decree 30/2020, annex
VI."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class RelationKind(StrEnum):
    """What one document does to another that it cites."""

    BASED_ON = "based_on"  # căn cứ, thực hiện
    AMENDS = "amends"  # sửa đổi, bổ sung
    REPLACES = "replaces"  # thay thế
    REPEALS = "repeals"  # bãi bỏ, hủy bỏ, hết hiệu lực
    GUIDES = "guides"  # hướng dẫn, quy định chi tiết


@dataclass(frozen=True, slots=True)
class Citation:
    """A document cited with a role. ``number`` is "" for a law cited by its ``title`` only."""

    kind: RelationKind
    number: str
    evidence: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class LegalHeader:
    """The fields read from a document's first page, its signature and its closing articles.

    Text fields are "" and dates None where nothing was found. ``confidence`` holds 0 to 1 for each field
    found, and for "overall". ``code_number`` keeps the year of a normative document ("91/2015"), so that
    number and notation joined give ``full_number``.
    """

    issuing_body: str = ""
    parent_body: str = ""
    code_number: str = ""
    code_notation: str = ""
    full_number: str = ""
    place: str = ""
    issued_on: date | None = None
    type_name: str = ""
    type_code: str = ""
    subject: str = ""
    signer_name: str = ""
    signer_position: str = ""
    signing_mode: str = ""
    recipients: tuple[str, ...] = ()
    legal_basis: tuple[Citation, ...] = ()
    relations: tuple[Citation, ...] = ()
    effective_on: date | None = None
    expires_on: date | None = None
    confidence: Mapping[str, float] = field(default_factory=dict)
