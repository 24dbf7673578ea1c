"""Reads of letters: those of a programme with what became of them, the recipients of one."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from khcn.core.enums import MessageState
from khcn.programmes.models.letters import Letter, LetterRecipient
from khcn.programmes.models.programmes import Programme


def letters_of(programme: Programme) -> Any:
    """Return the letters of a programme with how many wait, went and failed."""
    one = "recipients__message__state"
    return Letter.objects.filter(programme=programme).select_related("session", "released_by").annotate(
        queued=Count("recipients", filter=Q(**{f"{one}__in": [MessageState.WAITING, MessageState.SENDING]})),
        gone=Count("recipients", filter=Q(**{one: MessageState.SENT})),
        failed=Count("recipients", filter=Q(**{one: MessageState.FAILED})),
    ).order_by("-created_at", "-pk")  # fmt: skip


def recipients_of(letter: Letter, *, failed: bool = False) -> QuerySet[LetterRecipient]:
    """Return who a letter went to, with their messages; only where it failed if asked."""
    rows = letter.recipients.select_related("registration", "group", "message").order_by("pk")
    return rows.filter(message__state=MessageState.FAILED) if failed else rows
