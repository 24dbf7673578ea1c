"""The one outbox: everything that leaves for a person passes through this table."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.core.actors import Actor, actor_id
from khcn.core.enums import MESSAGE_OPEN, Channel, MessageState


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages and who may read them."""

    def visible_to(self, user: Actor) -> "MessageQuerySet":
        """Return the messages addressed to a person."""
        own = actor_id(user)
        return self.none() if own is None else self.filter(user_id=own)

    def on_desk(self, now: datetime) -> "MessageQuerySet":
        """Return desk messages whose time has come, newest first."""
        return self.filter(channel=Channel.DESK, state=MessageState.SENT, not_before__lte=now).order_by("-id")

    def due(self, now: datetime) -> "MessageQuerySet":
        """Return messages to be sent at ``now``, oldest first."""
        return self.filter(state=MessageState.WAITING, not_before__lte=now).order_by("not_before", "id")


class Message(models.Model):
    """One message by one channel to one person or address.

    ``recipient`` is a mail address or an international phone number; a desk message has only ``user``.
    ``dedupe_key`` names the occasion ("library.work.returned:17:3"): the same key is never sent twice.
    """

    channel = models.CharField(max_length=8, choices=Channel)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="messages"
    )
    recipient = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    link = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.WAITING)
    dedupe_key = models.CharField(max_length=200, null=True, blank=True, unique=True)  # null repeats
    not_before = models.DateTimeField()
    office_hours = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("tin nhắn")
        verbose_name_plural = _("tin nhắn")
        indexes = (
            models.Index(fields=["not_before", "id"], name="core_message_due", condition=Q(state="waiting")),
            models.Index(fields=["claimed_at"], name="core_message_claimed", condition=Q(state="sending")),
            models.Index(fields=["user", "channel", "-id"], name="core_message_desk"),
        )
        constraints = (
            models.CheckConstraint(
                name="core_message_addressed",
                condition=(Q(channel="desk") & Q(user__isnull=False))
                | (~Q(channel="desk") & ~Q(recipient="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.subject or self.body[:50]}"

    @property
    def is_open(self) -> bool:
        """Whether the message has still to leave."""
        return self.state in MESSAGE_OPEN
