"""The register as the port of core offers it to other apps."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.document_port import DocumentWanted, RegisteredDocument
from khcn.core.errors import NotFoundError
from khcn.core.papers.parts import Paper
from khcn.core.papers.writer import paper_docx
from khcn.orgs.models import Unit
from khcn.plan.models import Document
from khcn.plan.selectors.register import registered
from khcn.plan.services.register import Draft, draft_enter, text_put
from khcn.plan.services.register_numbers import document_number


class PlanDocuments:
    """Fulfils :class:`khcn.core.document_port.DocumentDesk`."""

    def draft(self, *, actor: Actor, wanted: DocumentWanted, now: datetime) -> RegisteredDocument:
        """Enter a new draft; its DOCX is written from the paper and kept."""
        unit = Unit.objects.filter(pk=wanted.drafting_unit_id).first() if wanted.drafting_unit_id else None
        header = wanted.paper.header
        draft = Draft(
            agency=Unit.objects.get(pk=wanted.agency_id), type_code=wanted.type_code, subject=wanted.subject,
            docx=paper_docx(wanted.paper), symbol=wanted.symbol or (header.symbol if header else ""),
            drafting_unit=unit, signer_name=wanted.signer_name, signer_position=wanted.signer_position,
            signing_mode=wanted.signing_mode, source=wanted.source,
        )  # fmt: skip
        return registered(draft_enter(actor=actor, draft=draft, now=now))

    def redraft(self, *, actor: Actor, document_id: int, paper: Paper, now: datetime) -> RegisteredDocument:
        """Write the DOCX of a draft anew; refused once its format was checked."""
        document = _held(document_id)
        text_put(actor=actor, document=document, docx=paper_docx(paper), now=now)
        return registered(_held(document_id))

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
        document = _held(document_id)
        return registered(
            document_number(actor=actor, document=document, number=number, dated=dated, now=now)
        )

    def get(self, document_id: int) -> RegisteredDocument | None:
        """Return a document; ``None`` when there is none."""
        found = Document.objects.filter(pk=document_id).first()
        return registered(found) if found else None

    def of_source(self, source: str) -> Sequence[RegisteredDocument]:
        """Return the documents made from a source, newest first."""
        return [
            registered(one) for one in Document.objects.filter(source=source).order_by("-drafted_at", "-pk")
        ]


def _held(pk: int) -> Document:
    document = Document.objects.filter(pk=pk).first()
    if document is None:
        raise NotFoundError(_("Không thấy văn bản này trong sổ. Hãy tải lại trang."))
    return document
