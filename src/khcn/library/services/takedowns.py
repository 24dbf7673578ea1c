"""Requests of the public to mend or take down a work, and their decision by a librarian."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record
from khcn.library.enums import TakedownState
from khcn.library.errors import LibraryPermissionError, ReasonMissingError, StateChangedError
from khcn.library.models import TakedownRequest, Work
from khcn.library.permissions import can_keep


def takedown_request(
    *, work: Work, reason: str, text: str, name: str, contact: str, now: datetime
) -> TakedownRequest:
    """Take in a request from anybody. The audit row names no person: name and contact stay in the request."""
    with transaction.atomic():
        request = TakedownRequest.objects.create(
            work=work, reason=reason, text=text, name=name, contact=contact, received_at=now
        )
        audit_record(
            actor=None, action="library.takedown.request", target=work, after={"reason": reason}, at=now
        )
    return request


def takedown_decide(
    *, actor: Any, request: TakedownRequest, upheld: bool, decision: str, now: datetime
) -> TakedownRequest:
    """Answer a request. Taking the work down is a step of its own (withdraw or freeze).

    :raises ReasonMissingError: without an answer in words.
    :raises StateChangedError: when somebody else decided first.
    """
    if not can_keep(actor):
        raise LibraryPermissionError(_("trả lời yêu cầu gỡ bỏ"))
    if not decision.strip():
        raise ReasonMissingError
    state = TakedownState.UPHELD if upheld else TakedownState.REJECTED
    with transaction.atomic():
        changed = TakedownRequest.objects.filter(pk=request.pk, state=TakedownState.OPEN).update(
            state=state, decided_by=actor, decided_at=now, decision=decision.strip()
        )
        if not changed:
            request.refresh_from_db()
            raise StateChangedError(request.get_state_display())
        audit_record(
            actor=actor, action="library.takedown.decide", target=request.work, after={"state": state}, at=now
        )
    request.refresh_from_db()
    return request
