"""Read the outbox."""

from datetime import datetime

from khcn.core.actors import Actor
from khcn.core.models.outbox import Message, MessageQuerySet


def desk_messages_for(user: Actor, now: datetime) -> MessageQuerySet:
    """Return the desk messages of a person, newest first."""
    return Message.objects.visible_to(user).on_desk(now)


def desk_unread_count(user: Actor, now: datetime) -> int:
    """Return how many desk messages a person has not read."""
    return desk_messages_for(user, now).filter(read_at__isnull=True).count()
