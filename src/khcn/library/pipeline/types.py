"""What passes between the steps: a source goes in, a reading or a failure comes out. All frozen."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from khcn.engines.documents.types import PageText
from khcn.engines.text.legal import LegalHeader
from khcn.engines.text.sensitive import Finding


@dataclass(frozen=True, slots=True)
class Source:
    """One file to take in. ``name`` is what people call it (a path inside a folder or ZIP, with "/")."""

    path: Path
    name: str

    @property
    def file_name(self) -> str:
        """The last part of the name."""
        return self.name.rpartition("/")[2] or self.name


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a file is before it is read: its content's hash, and its kind by content."""

    sha256: str
    size_bytes: int
    kind: str
    mime: str


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a person should know about a file that was taken in. ``pages`` from 1, empty: the whole file."""

    code: str
    message: str
    pages: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the caution as reports and tables keep it."""
        return {"code": self.code, "message": self.message, "pages": list(self.pages)}


@dataclass(frozen=True, slots=True)
class Description:
    """What a document says about itself: columns of ``Work`` and of ``LegalRecord`` (empty: not official)."""

    title: str
    kind: str
    language: str
    fields: dict[str, Any] = field(default_factory=dict)
    legal: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return what was found, under the names that JSONL uses; empty values left out."""
        issued = self.fields.get("issued_date")
        found: dict[str, Any] = {
            "title": self.title,
            "kind": self.kind,
            "language": self.language,
            "issued": issued.isoformat() if isinstance(issued, date) else None,
            "number": self.legal.get("number"),
            "issuing_body": self.legal.get("organ_name"),
            "type_name": self.legal.get("type_name"),
            "place": self.legal.get("place"),
            "signer": self.legal.get("signer_name"),
            "signer_position": self.legal.get("signer_position"),
            "recipients": self.legal.get("recipients"),
            "effective_date": _iso(self.legal.get("effective_date")),
            "expired_date": _iso(self.legal.get("expired_date")),
        }
        return {key: value for key, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read."""

    fingerprint: Fingerprint
    pages: tuple[PageText, ...]
    description: Description
    header: LegalHeader | None
    findings: tuple[Finding, ...]
    cautions: tuple[Caution, ...]
    has_thumbnail: bool

    @property
    def encoding(self) -> str:
        """The encoding the file was written in: that of its pages, or ``mixed``."""
        found = {page.encoding for page in self.pages if page.text.strip()}
        return found.pop() if len(found) == 1 else ("mixed" if found else "unicode")


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be taken in. ``message`` says what happened, why, and what to do."""

    code: str
    message: str
    fingerprint: Fingerprint | None = None


def _iso(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else None
