"""Send messages, deliver what is due, and mark desk messages as read.

Delivery is "at least once": a process that dies between handing a message over and noting that leaves it to
be sent again after ``CLAIM_LIMIT``. It must run outside any transaction, so that each claim is seen by other
workers at once.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.calendar.selectors import working_calendar_around
from khcn.core.enums import Channel, MessageState
from khcn.core.models.outbox import Message, MessageQuerySet
from khcn.core.outbox.rules import RecipientError, clean_mail, clean_phone, deliver_at, one_line, retry_at
from khcn.core.outbox.senders import NotWantedError, SendError, outbox_senders

logger = logging.getLogger("khcn.outbox")

CLAIM_LIMIT = timedelta(minutes=15)
BATCH = 200
_CLEAN: dict[str, Callable[[str], str]] = {
    Channel.MAIL: clean_mail,
    Channel.SMS: clean_phone,
    Channel.ZALO: clean_phone,
}


@dataclass(frozen=True)
class DeliveryReport:
    """What one round of delivery did, in numbers of messages."""

    sent: int = 0
    retried: int = 0
    failed: int = 0
    postponed: int = 0


def quiet_channels() -> frozenset[str]:
    """Return the channels that keep the night quiet (``KHCN_QUIET_CHANNELS``)."""
    return frozenset(settings.KHCN.quiet_channels)


def _address(channel: str, user: AbstractBaseUser | None, recipient: str) -> str:
    """Return the checked address for a channel; a person's own mail address when none is given."""
    if channel == Channel.DESK:
        if user is None:
            raise ValueError("a desk message needs a user")
        return ""
    if channel == Channel.MAIL and not recipient and user is not None:
        recipient = str(getattr(user, "email", ""))
        if not recipient:
            text = _("%(name)s chưa có địa chỉ thư điện tử trong hồ sơ. Hãy bổ sung địa chỉ rồi gửi lại.")
            raise RecipientError(text % {"name": user.get_username()})
    return _CLEAN[channel](recipient)


def message_send(
    *,
    channel: str,
    subject: str,
    body: str,
    now: datetime,
    user: AbstractBaseUser | None = None,
    recipient: str = "",
    link: str = "",
    dedupe_key: str | None = None,
    not_before: datetime | None = None,
    office_hours: bool = False,
) -> Message:
    """Put one message into the outbox, in the caller's transaction: it leaves only if the deed is kept.

    :param user: the person addressed; needed for the desk, and gives the mail address when ``recipient`` is
        empty.
    :param recipient: a mail address, or a phone number for SMS and Zalo.
    :param link: a path on this site (or a full address) where the reader can go on.
    :param dedupe_key: names the occasion; a second call with the same key returns the first message.
    :param office_hours: deliver only when offices work.
    :raises RecipientError: when the address is none.
    """
    message = Message(
        channel=channel,
        user_id=user.pk if user is not None else None,
        recipient=_address(channel, user, recipient),
        subject=one_line(subject)[:200],
        body=body.replace("\x00", "").replace("\r\n", "\n"),
        link=one_line(link)[:300],
        dedupe_key=dedupe_key,
        not_before=not_before or now,
        office_hours=office_hours,
        created_at=now,
    )
    if channel == Channel.DESK:  # has arrived when its row is there; the list hides it until its time
        message.state, message.sent_at = MessageState.SENT, message.not_before
    if dedupe_key is None:
        message.save(force_insert=True)
        return message
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        first = Message.objects.filter(dedupe_key=dedupe_key).first()
        if first is None:
            raise
        return first
    return message


def outbox_deliver(now: datetime, *, limit: int = BATCH) -> DeliveryReport:
    """Send what is due at ``now``. Any number of workers may call this; each message is claimed by one.

    Call it outside any transaction. Registered as a periodic duty of ``khcn worker``.
    """
    _release_lost_claims(now)
    counts = {"sent": 0, "retried": 0, "failed": 0, "postponed": 0}
    for message in Message.objects.due(now)[:limit]:
        result = _deliver(message, now)
        if result:
            counts[result] += 1
    return DeliveryReport(**counts)


def _release_lost_claims(now: datetime) -> None:
    """Give messages back whose worker died while sending."""
    lost = Message.objects.filter(state=MessageState.SENDING, claimed_at__lt=now - CLAIM_LIMIT)
    lost.update(state=MessageState.WAITING)


def _deliver(message: Message, now: datetime) -> str:
    """Send one message; return what became of it (empty when another worker had it)."""
    calendar = working_calendar_around(now.date()) if message.office_hours else None
    quiet = message.channel in quiet_channels()
    arrives = deliver_at(now, quiet=quiet, office_hours=message.office_hours, calendar=calendar)
    waiting = Message.objects.filter(pk=message.pk, state=MessageState.WAITING)
    if arrives > now:
        return "postponed" if waiting.update(not_before=arrives) else ""
    if not waiting.update(state=MessageState.SENDING, claimed_at=now, attempts=message.attempts + 1):
        return ""
    message.attempts += 1
    try:
        outbox_senders[message.channel].send(message)
    except NotWantedError:
        _claimed(message).update(state=MessageState.CANCELLED)
        return ""
    except SendError as error:
        return _note_failure(message, now, error)
    except Exception as error:
        logger.exception("sender of %s failed on message %s", message.channel, message.pk)
        return _note_failure(message, now, SendError(f"{type(error).__name__}: {error}"))
    _claimed(message).update(state=MessageState.SENT, sent_at=now, error="")
    return "sent"


def _claimed(message: Message) -> MessageQuerySet:
    return Message.objects.filter(pk=message.pk, state=MessageState.SENDING)


def _note_failure(message: Message, now: datetime, error: SendError) -> str:
    """Plan the next attempt, or give up."""
    again = None if error.permanent else retry_at(now, message.attempts)
    if again is None:
        _claimed(message).update(state=MessageState.FAILED, error=error.reason)
        return "failed"
    _claimed(message).update(state=MessageState.WAITING, not_before=again, error=error.reason)
    return "retried"


def message_retry(*, actor: Actor, message: Message, now: datetime) -> bool:
    """Try a message again that was given up; return whether it was. The caller checks rights."""
    with transaction.atomic():
        given_up = Message.objects.filter(pk=message.pk, state=MessageState.FAILED)
        if not given_up.update(state=MessageState.WAITING, attempts=0, not_before=now, error=""):
            return False
        audit_record(actor=actor, action="core.message.retry", target=message, at=now)
    return True


def message_cancel(*, actor: Actor, message: Message, now: datetime) -> bool:
    """Withdraw a message that has not left; return whether it was still there. The caller checks rights."""
    with transaction.atomic():
        waiting = Message.objects.filter(pk=message.pk, state__in=[MessageState.WAITING, MessageState.FAILED])
        if not waiting.update(state=MessageState.CANCELLED):
            return False
        audit_record(actor=actor, action="core.message.cancel", target=message, at=now)
    return True


def messages_forget(*, occasion: str) -> int:
    """Delete every message whose ``dedupe_key`` begins with ``occasion``, sent or not, with its address.

    For those who ask to be forgotten; return how many. The caller checks rights.
    """
    if ":" not in occasion:
        raise ValueError(f"an occasion names its subject too ('library.saved:17:'), got {occasion!r}")
    return Message.objects.filter(dedupe_key__startswith=occasion).delete()[0]


def desk_message_read(*, actor: Actor, message_id: int, now: datetime) -> bool:
    """Mark one of the actor's own desk messages as read; return whether it was unread until now."""
    own = Message.objects.visible_to(actor).on_desk(now).filter(pk=message_id, read_at__isnull=True)
    return bool(own.order_by().update(read_at=now))


def desk_messages_read_all(*, actor: Actor, now: datetime) -> int:
    """Mark all of the actor's desk messages as read; return how many were unread."""
    if actor_id(actor) is None:
        return 0
    return (
        Message.objects.visible_to(actor)
        .on_desk(now)
        .filter(read_at__isnull=True)
        .order_by()
        .update(read_at=now)
    )
