"""Personal tokens of the API."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khcn.core.actors import Actor, actor_id


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens and who may see them."""

    def visible_to(self, user: Actor) -> "ApiTokenQuerySet":
        """Return a person's own tokens; nobody sees another's."""
        own = actor_id(user)
        return self.none() if own is None else self.filter(user_id=own)

    def usable(self, now: datetime) -> "ApiTokenQuerySet":
        """Return tokens that open the door at ``now``."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=now, user__is_active=True)


class ApiToken(models.Model):
    """A key with which a program acts for a person. Only the SHA-256 of its secret is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    unit_id = models.BigIntegerField(null=True, blank=True)  # limits the token to one unit; orgs checks it
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # The writes of one day, counted exactly over all web processes; see ``core.api.writes``.
    writes_on = models.DateField(null=True, blank=True)
    writes = models.PositiveIntegerField(default=0, db_default=0)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("khóa truy cập")
        verbose_name_plural = _("khóa truy cập")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def allows(self, scope: str) -> bool:
        """Return whether the token may do what ``scope`` names."""
        return scope in self.scopes


class ApiAnswer(models.Model):
    """The answer to a request that named itself by an ``Idempotency-Key``: sent again, it is answered the same."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)  # of the whole request: another one may not use the key
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(default=dict)
    location = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("câu trả lời đã gửi qua API")
        verbose_name_plural = _("câu trả lời đã gửi qua API")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="core_api_answer_once")]

    def __str__(self) -> str:
        return self.key
