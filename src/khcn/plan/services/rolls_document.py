"""The document of an approved report: entered into the register by the worker, and what follows when it is issued."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.document_port import RegisteredDocument
from khcn.core.errors import KhcnError
from khcn.core.papers.writer import paper_docx
from khcn.plan.enums import DocumentState, RollState
from khcn.plan.models import Consolidation, Document
from khcn.plan.roll_frame import agency_of, roll_frame, symbol_of_roll
from khcn.plan.services.register import Draft, draft_enter, text_put
from khcn.plan.services.register_flow import document_content_check, document_replace
from khcn.plan.services.rolls_approval import roll_issue
from khcn.plan.services.rolls_files import whole_of, whole_paper

SOURCE: Final = "plan.consolidation"


def _held(roll_id: int) -> Consolidation:
    return Consolidation.objects.select_related(
        "period__regime__plan", "period__regime__receiver", "period__regime__addressed_to",
        "period__regime__superior", "document", "drafted_by", "passed_by",
    ).get(pk=roll_id)  # fmt: skip


def roll_document_make(roll_id: int, now: datetime | None = None) -> Document | None:
    """Enter the document of an approved report into the register, its content checked by the head who passed it; after a
    return, put the new text into the same document. Twice is once. (Worker: charts are drawn.)
    """
    at = now or timezone.now()
    roll = _held(roll_id)
    if roll.state != RollState.APPROVED:
        return None
    document = roll.document
    if document is not None and document.state != DocumentState.DRAFT:
        return document
    docx = paper_docx(whole_paper(whole_of(roll), at))
    with transaction.atomic():
        held = Consolidation.objects.select_for_update().get(pk=roll_id)
        if held.state != RollState.APPROVED or held.document_id != (document.pk if document else None):
            return held.document  # another worker was quicker, or it went back
        if document is None:
            document = draft_enter(actor=roll.drafted_by, draft=_draft(roll, docx), now=at)
            Consolidation.objects.filter(pk=roll_id).update(document=document)
        else:
            text_put(actor=roll.drafted_by, document=document, docx=docx, now=at)
    try:
        document_content_check(actor=roll.passed_by, document=document, now=at)
    except KhcnError:  # the head's role has ended since: whoever heads the unit now checks it in the register
        return document
    document.refresh_from_db()
    return document


def _draft(roll: Consolidation, docx: bytes) -> Draft:
    signature = roll_frame(roll.period).signature
    mode = signature.chain[-1][0].value if signature.chain else ""
    return Draft(
        agency=agency_of(roll.period),
        type_code="BC",
        subject=roll.title,
        docx=docx,
        symbol=symbol_of_roll(roll.period),
        title=roll.title,
        drafting_unit=roll.period.regime.receiver,
        signer_position=signature.position,
        signing_mode=mode,
        recipients=list(signature.recipients),
        source=f"{SOURCE}:{roll.pk}",
    )


def _roll_of(document: RegisteredDocument) -> Consolidation | None:
    ident = document.source.partition(":")[2]
    return Consolidation.objects.filter(pk=int(ident)).first() if ident.isdigit() else None


class RollFollower:
    """What happens to a report when its document moves (see ``core.document_port``)."""

    def issued(self, *, actor: Actor, document: RegisteredDocument, now: datetime) -> None:
        """Freeze the report; the document of the one that it takes the place of is marked as replaced."""
        roll = _roll_of(document)
        if roll is None or roll.document_id != document.id:
            return
        older = Consolidation.objects.filter(period_id=roll.period_id, state=RollState.ISSUED).exclude(
            pk=roll.pk
        )
        before = [one.document for one in older.select_related("document") if one.document is not None]
        roll_issue(actor=actor, roll=roll, now=now)
        fresh = Document.objects.get(pk=document.id)
        for one in before:
            if one.state == DocumentState.ISSUED and one.agency_id == fresh.agency_id:
                reason = roll.reason or _("Thay bằng báo cáo lần %(number)s") % {"number": roll.number}
                document_replace(actor=actor, document=one, by=fresh, reason=reason, now=now)

    def recalled(self, *, actor: Actor, document: RegisteredDocument, reason: str, now: datetime) -> None:
        """A recalled report leaves the public list; what was frozen stays."""
        roll = _roll_of(document)
        if roll is None:
            return
        public = Consolidation.objects.filter(pk=roll.pk, published_at__isnull=False)
        if public.update(published_at=None, published_by=None, revision=F("revision") + 1):
            audit_record(
                actor=actor, action="plan.roll.publish", target=roll, after={"public": False}, reason=reason, at=now
            )  # fmt: skip
