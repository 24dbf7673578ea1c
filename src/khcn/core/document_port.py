"""Drafting and numbering official documents: what other apps (programmes, inspections) call, whoever owns the register.

A document is drafted from a :class:`~khcn.core.papers.parts.Paper`; then people of the register check its content and
format, it is signed outside, numbered by the clerk and issued. One *source* (``"programmes.award:17"``) may have any
number of documents. Everything runs in the caller's transaction. Who may draft is the caller's rule; numbering asks for
the clerk's right. An app that must act when its document is issued or recalled registers a follower::

    document = document_desk.get().draft(
        actor=request.user, wanted=DocumentWanted(agency_id=..., type_code="QĐ", subject=..., paper=paper,
        source=str(reference_to(award))), now=now,
    )
    document_followers.register("programmes.award", AwardFollower())
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from khcn.core.actors import Actor
from khcn.core.papers.parts import Paper
from khcn.core.ports import Port, declare_port
from khcn.core.registry import Registry


@dataclass(frozen=True, slots=True)
class DocumentWanted:
    """What to draft. ``type_code`` by annex III of the decree ("CV": official letter); ``symbol`` as after the number."""

    agency_id: int
    type_code: str
    subject: str
    paper: Paper
    source: str
    symbol: str = ""
    drafting_unit_id: int | None = None
    signer_name: str = ""
    signer_position: str = ""
    signing_mode: str = ""


@dataclass(frozen=True, slots=True)
class RegisteredDocument:
    """A document of the register. ``full_number`` is ``05/QĐ-UBND``, empty before it is numbered."""

    id: int
    state: str
    state_words: str
    full_number: str
    dated: date | None
    issued_at: datetime | None
    source: str
    url: str


class DocumentDesk(Protocol):
    """What the owner of the register provides. Every deed raises a ``KhcnError`` with a sentence when it is refused."""

    def draft(self, *, actor: Actor, wanted: DocumentWanted, now: datetime) -> RegisteredDocument:
        """Enter a new draft; its DOCX is written from the paper and kept."""
        ...

    def redraft(self, *, actor: Actor, document_id: int, paper: Paper, now: datetime) -> RegisteredDocument:
        """Write the DOCX of a draft anew; refused once its format was checked."""
        ...

    def number(
        self,
        *,
        actor: Actor,
        document_id: int,
        now: datetime,
        number: int | None = None,
        dated: date | None = None,
    ) -> RegisteredDocument:
        """Give a signed document its number: the one the clerk names, or the next."""
        ...

    def get(self, document_id: int) -> RegisteredDocument | None:
        """Return a document; ``None`` when there is none."""
        ...

    def of_source(self, source: str) -> Sequence[RegisteredDocument]:
        """Return the documents made from a source, newest first."""
        ...


class DocumentFollower(Protocol):
    """What an app does when a document of its source moves; runs in the same transaction, a refusal undoes the deed."""

    def issued(self, *, actor: Actor, document: RegisteredDocument, now: datetime) -> None:
        """The document was issued."""
        ...

    def recalled(self, *, actor: Actor, document: RegisteredDocument, reason: str, now: datetime) -> None:
        """The document was recalled, or replaced by another."""
        ...


document_desk: Port[DocumentDesk] = declare_port("plan.documents", _("soạn và cấp số văn bản"))
# by the kind of the source: what stands before ":" in it
document_followers: Registry[DocumentFollower] = Registry("followers of documents")
